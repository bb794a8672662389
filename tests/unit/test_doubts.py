"""What becomes of a sending that left whole and got no answer, and when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ingestd.domain.reading import Channel
from ingestd.domain.retry import Doubt, settled_doubt
from ingestd.domain.sending import SendingState
from ingestd.pipeline.settling import LOOKED_UP_EVERY_S, pause

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
GRACE = timedelta(seconds=30)


def after(seconds: float) -> datetime:
    """So long after the attempt."""
    return AT + timedelta(seconds=seconds)


DOUBT = Doubt(1, AT, after(60), repeated=False)


@pytest.mark.parametrize(
    ("arrived", "ripe_at"),
    [
        pytest.param(True, 0, id="found"),
        pytest.param(False, 30, id="not there: once nothing can be on its way"),
        pytest.param(None, 60, id="cannot be told"),
    ],
)
def test_an_answer_is_the_last_word_from_its_moment_on(arrived: bool | None, ripe_at: int) -> None:
    ripe = [second for second in range(91) if DOUBT.is_ripe(arrived, GRACE, after(second))]
    assert ripe == list(range(ripe_at, 91))


@pytest.mark.parametrize(
    ("arrived", "channel", "repeated", "state"),
    [
        (True, Channel.EMAIL, False, SendingState.ACCEPTED),
        (True, Channel.EMAIL, True, SendingState.ACCEPTED),
        (True, Channel.SMS, False, SendingState.ACCEPTED),
        (False, Channel.EMAIL, False, SendingState.DUE),
        (None, Channel.EMAIL, False, SendingState.DUE),
        (False, Channel.EMAIL, True, SendingState.FAILED),
        (None, Channel.EMAIL, True, SendingState.FAILED),
        (False, Channel.SMS, False, SendingState.DUE),
        (False, Channel.SMS, True, SendingState.DUE),
        (None, Channel.SMS, False, SendingState.FAILED),
    ],
)
def test_mail_is_repeated_once_and_a_text_only_where_it_is_surely_not_there(
    arrived: bool | None, channel: Channel, repeated: bool, state: SendingState
) -> None:
    assert settled_doubt(arrived, channel, repeated)[0] is state


def test_the_next_look_comes_soon_and_never_misses_a_moment() -> None:
    looks = [pause(DOUBT, GRACE, after(second)) for second in (0, 28, 30, 59, 61)]
    assert looks == [LOOKED_UP_EVERY_S, 2.0, LOOKED_UP_EVERY_S, 1.0, LOOKED_UP_EVERY_S]
