"""When a sending is tried again, and when it is given up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ingestd.domain.retry import RetryPolicy
from ingestd.domain.sending import Outcome, SendingState

MADE = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
POLICY = RetryPolicy((MINUTE, 5 * MINUTE), DAY, MINUTE)
WAITS_OF_A_DAY = 1 + 24 * 12  # one of a minute, and then of five: a little over a day


@pytest.mark.parametrize(("attempts", "minutes"), [(1, 1), (2, 5), (3, 5), (200, 5)])
def test_the_last_step_repeats(attempts: int, minutes: int) -> None:
    now = MADE + attempts * MINUTE
    assert POLICY.after(Outcome.RETRY, attempts, MADE, now) == (SendingState.DUE, now + minutes * MINUTE)


@pytest.mark.parametrize(("attempts", "minutes"), [(1, 0), (2, 1), (3, 6), (4, 11)])
def test_what_was_waited_is_the_steps_before(attempts: int, minutes: int) -> None:
    assert POLICY.waited(attempts) == minutes * MINUTE


def test_what_was_tried_for_a_day_has_failed() -> None:
    attempts, now = WAITS_OF_A_DAY + 1, MADE + DAY
    assert POLICY.waited(attempts) >= DAY > POLICY.waited(attempts - 1)
    assert POLICY.after(Outcome.RETRY, attempts, MADE, now) == (SendingState.FAILED, now)
    assert POLICY.after(Outcome.RETRY, attempts - 1, MADE, now)[0] is SendingState.DUE


@pytest.mark.fault("F76")
def test_a_clock_put_on_by_a_day_gives_nothing_up() -> None:
    assert POLICY.after(Outcome.RETRY, 2, MADE, MADE + 2 * DAY)[0] is SendingState.DUE


def test_attempts_in_a_hurry_give_nothing_up() -> None:
    assert POLICY.after(Outcome.RETRY, 10 * WAITS_OF_A_DAY, MADE, MADE + 10 * MINUTE)[0] is SendingState.DUE


@pytest.mark.parametrize(
    ("outcome", "state", "wait"),
    [
        (Outcome.ACCEPTED, SendingState.ACCEPTED, 0),
        (Outcome.REFUSED, SendingState.REFUSED, 0),
        (Outcome.UNCERTAIN, SendingState.UNCERTAIN, 1),
    ],
)
def test_any_other_outcome_decides_by_itself(outcome: Outcome, state: SendingState, wait: int) -> None:
    now = MADE + 3 * DAY
    assert POLICY.after(outcome, 1, MADE, now) == (state, now + wait * MINUTE)
