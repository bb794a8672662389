"""What follows an attempt: pure policy (design.md §4 of the way)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ingestd.domain.reading import Channel
from ingestd.domain.sending import Outcome, SendingState


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """When a sending is tried again, and when not."""

    steps: Sequence[timedelta]  # after the first, second ... attempt; the last repeats
    give_up_after: timedelta  # since the sending was made
    repeat_uncertain_after: timedelta

    def after(
        self, outcome: Outcome, attempts: int, created_at: datetime, now: datetime
    ) -> tuple[SendingState, datetime]:
        """The state after an attempt, and when the sending is looked at next."""
        if outcome is Outcome.ACCEPTED:
            return SendingState.ACCEPTED, now
        if outcome is Outcome.REFUSED:
            return SendingState.REFUSED, now
        if outcome is Outcome.UNCERTAIN:
            return SendingState.UNCERTAIN, now + self.repeat_uncertain_after
        if now - created_at >= self.give_up_after:
            return SendingState.FAILED, now
        return SendingState.DUE, now + self.steps[min(attempts, len(self.steps)) - 1]


def settled_doubt(arrived: bool | None, channel: Channel, repeated: bool) -> tuple[SendingState, str]:
    """What becomes of an uncertain sending: found is accepted, not found goes again; what can't be told is repeated
    once by mail, under the same Message-ID, and never by SMS."""
    if arrived is True:
        return SendingState.ACCEPTED, "found by lookup"
    if arrived is False:
        return SendingState.DUE, "not found by lookup, sent again"
    if channel is Channel.EMAIL and not repeated:
        return SendingState.DUE, "outcome unknown, repeated once"
    return SendingState.FAILED, "outcome unknown, not repeated"
