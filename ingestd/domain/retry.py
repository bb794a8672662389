"""What follows an attempt: pure policy (design.md §4 of the way)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ingestd.domain.reading import Channel
from ingestd.domain.sending import Outcome, SendingState

UNKNOWN = "outcome unknown, not repeated"


@dataclass(frozen=True, slots=True)
class Doubt:
    """An uncertain sending."""

    sending_id: int
    since: datetime  # its attempt, or when it was found left behind
    settle_at: datetime  # also where nothing can be told of it
    repeated: bool
    came_back: bool = False  # before; a person has it tried again

    def is_ripe(self, arrived: bool | None, grace: timedelta, now: datetime) -> bool:
        """Whether what a lookup says is the last word: a yes at once, a no where nothing can be on its way any more."""
        if arrived is None:
            return now >= self.settle_at
        return arrived or now >= self.since + grace


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """When a sending is tried again, and when not."""

    steps: Sequence[timedelta]  # after the first, second ... attempt; the last repeats
    give_up_after: timedelta  # since the sending was made, by the clock and by the waits between its attempts
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
        if min(now - created_at, self.waited(attempts)) >= self.give_up_after:
            return SendingState.FAILED, now
        return SendingState.DUE, now + self.steps[min(attempts, len(self.steps)) - 1]

    def waited(self, attempts: int) -> timedelta:
        """The waits before the last of so many attempts: a clock that was set on a day does not add to them."""
        waits = attempts - 1
        return sum(self.steps[:waits], timedelta(0)) + max(waits - len(self.steps), 0) * self.steps[-1]


def settled_doubt(arrived: bool | None, channel: Channel, repeated: bool) -> tuple[SendingState, str]:
    """What becomes of an uncertain sending: what is found is accepted. Else mail is repeated once, under the same
    Message-ID: a copy may be lost where the mail is not. A text message that is not found goes again, since its name
    keeps it from being there twice; one of which nothing can be told never does."""
    if arrived is True:
        return SendingState.ACCEPTED, "found by lookup"
    if channel is Channel.EMAIL and repeated:
        return SendingState.FAILED, "not found by lookup a second time" if arrived is False else UNKNOWN
    if arrived is False:
        return SendingState.DUE, "not found by lookup, sent again"
    if channel is Channel.EMAIL:
        return SendingState.DUE, "outcome unknown, repeated once"
    return SendingState.FAILED, UNKNOWN
