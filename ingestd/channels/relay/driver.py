"""The mail relay as a way out of the house."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from ingestd.channels.relay.sender import RelaySender
from ingestd.config.settings import Relay
from ingestd.domain.clock import Clock
from ingestd.domain.reading import Channel
from ingestd.domain.sending import Claim


class RelayChannel:
    """Mail through the configured relay.

    `helo` is the name we give where the settings name none (the site's domain). `password` is asked at each login,
    so that a password put right in its file is used without a restart; without it the settings' own is used.
    """

    def __init__(self, settings: Relay, helo: str, clock: Clock, password: Callable[[], str] | None = None) -> None:
        self._settings = settings
        self._helo = settings.name or helo
        self._clock = clock
        self._password = password or settings.password.get_secret_value

    @property
    def name(self) -> Channel:
        """Mail."""
        return Channel.EMAIL

    def sender(self) -> RelaySender:
        """A new sender for one thread, not connected yet."""
        return RelaySender(self._settings, self._helo, self._password, self._clock)

    def lookup(self, claim: Claim) -> bool | None:
        """None: a relay can't be asked what it took. An audit copy in a mailbox of ours will answer this later."""
        return None

    def undelivered(self) -> list[str]:
        """None ever: a mail that comes back comes back as a bounce."""
        return []

    def oldest_waiting(self) -> timedelta | None:
        """None: a relay's queue is its own."""
        return None
