"""The blind copy of what we send, to a mailbox of ours that can be asked what arrived."""

from __future__ import annotations

import threading
import time
from datetime import datetime, timedelta
from typing import Protocol

from ingestd.channels.relay.verdict import Reply, Stage, described
from ingestd.domain.message import Health
from ingestd.domain.sending import Claim

PART = "audit copy"  # under which it reports to `Health`
PAUSE_S = 20.0  # without copies once the relay has refused one
MOST_BARE = 10_000  # keys that are remembered


class Copies(Protocol):
    """The mailbox that gets the copies."""

    @property
    def grace(self) -> timedelta:
        """How long a copy may be on its way."""
        ...

    def holds(self, key: str, since: datetime) -> bool | None:
        """Whether the copy of a mail that was written at `since` is there; None where that can't be told now."""
        ...


class BlindCopy:
    """Which mails have a copy, and what that tells of them; shared by all senders of the channel.

    What is wrong with a copy is an alarm and never stops the mail. Which mails went without is known until the next
    start; of one sent before it, a copy that was refused looks like one that never left, and costs it one repeat.
    """

    def __init__(self, address: str, copies: Copies, health: Health) -> None:
        self._address = address
        self._copies = copies
        self._health = health
        self._turn = threading.Lock()
        self._bare: dict[str, bool] = {}  # keys of mails without one, oldest first, and whether it is to stay so
        self._not_before = 0.0  # monotonic
        self._losses = 0  # in a row

    @property
    def grace(self) -> timedelta:
        """How long after an attempt its copy may still be on its way."""
        return self._copies.grace

    def recipient_for(self, claim: Claim) -> str:
        """Who gets the copy of a mail; empty where there is to be none."""
        wanted = claim.recipient.lower() != self._address.lower() and not self._bare.get(claim.key)
        return self._address if wanted and time.monotonic() >= self._not_before else ""

    def answered(self, claim: Claim, reply: Reply | None) -> None:
        """What the relay said to the copy's recipient, before the mail leaves; None where it was not asked."""
        if reply is not None and reply.accepts:
            self._losses = 0
            self._health.well(PART)
            self.settled(claim)
            return
        if reply is not None:
            self.refused(described(Stage.COPY, reply))
        self._remember(claim, self._bare.get(claim.key, False))

    def refused(self, why: str) -> None:
        """The relay does not take copies: mails go without for a while."""
        self._not_before = time.monotonic() + PAUSE_S
        self._health.trouble(PART, "audit", why)

    def lost(self, claim: Claim, why: str) -> None:
        """The connection broke when the copy's recipient was named; once may be chance, twice in a row is a refusal."""
        self.leave_off(claim)
        self._losses += 1
        if self._losses > 1:
            self.refused(why)

    def leave_off(self, claim: Claim) -> None:
        """This mail was refused in company, and is tried alone."""
        self._remember(claim, True)

    def settled(self, claim: Claim) -> None:
        """This mail has its copy, or needs none any more."""
        with self._turn:
            self._bare.pop(claim.key, None)

    def arrived(self, claim: Claim) -> bool | None:
        """Whether the copy of a mail is there; None where it had none, or that can't be told now."""
        return None if claim.key in self._bare else self._copies.holds(claim.key, claim.created_at)

    def _remember(self, claim: Claim, for_good: bool) -> None:
        with self._turn:
            self._bare[claim.key] = for_good
            if len(self._bare) > MOST_BARE:
                del self._bare[next(iter(self._bare))]
