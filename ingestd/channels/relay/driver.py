"""The mail relay as a way out of the house."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from ingestd.channels.relay.copy import BlindCopy
from ingestd.channels.relay.sender import Identity, RelaySender
from ingestd.config.settings import Relay
from ingestd.domain.clock import Clock
from ingestd.domain.reading import Channel
from ingestd.domain.sending import Claim


class RelayChannel:
    """Mail through the configured relay.

    `helo` is the name we give where the settings name none (the site's domain). `password` is asked at each login,
    so that a password put right in its file is used without a restart; without it the settings' own is used. With a
    `copy` the channel can tell what arrived.
    """

    def __init__(
        self,
        settings: Relay,
        helo: str,
        clock: Clock,
        password: Callable[[], str] | None = None,
        copy: BlindCopy | None = None,
    ) -> None:
        self._settings = settings
        self._identity = Identity(settings.name or helo, password or settings.password.get_secret_value)
        self._clock = clock
        self._copy = copy

    @property
    def name(self) -> Channel:
        """Mail."""
        return Channel.EMAIL

    def sender(self) -> RelaySender:
        """A new sender for one thread, not connected yet."""
        return RelaySender(self._settings, self._identity, self._clock, self._copy)

    @property
    def grace(self) -> timedelta:
        """How long a blind copy may be on its way."""
        return self._copy.grace if self._copy else timedelta(0)

    def lookup(self, claim: Claim) -> bool | None:
        """Whether the blind copy arrived, and so the mail; None without one: a relay can't be asked what it took."""
        return self._copy.arrived(claim) if self._copy else None

    def undelivered(self) -> list[str]:
        """None ever: a mail that comes back comes back as a bounce."""
        return []

    def oldest_waiting(self) -> timedelta | None:
        """None: a relay's queue is its own."""
        return None
