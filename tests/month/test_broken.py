"""The months can fail: a daemon with one rule taken out is caught, and the honest one passes the same months."""

from __future__ import annotations

import pytest

from tests.month.broken import BUILDS
from tests.month.play import Month, play

ONE, ANOTHER = Month(2, orders=10), Month(6, orders=10)
SHOWN_BY = {
    "chases_twice": (ONE, "pickup_asked though nothing of it is to be asked"),
    "chases_what_is_over": (ONE, "pickup_overdue though nothing of it is to be asked (delivered)"),
    "writes_at_night": (ONE, "at an hour that is not"),
    "works_on_closed_days": (ONE, "too early"),
    "knows_no_substitutes": (ONE, "pickup_overdue went to 陈龙岗, not to 赵替班"),
    "never_escalates": (ONE, "not_accepted went to 陈龙岗, not to 周车管"),
    "loses_what_fell_due_meanwhile": (ONE, "never came"),
    "promises_from_the_first_mail": (ONE, "promise since"),
    "fetches_by_the_last_change": (ONE, "pickup by"),
    "forgets_the_half_hour": (ONE, "is chased again after"),
    "lists_no_other_orders": (ANOTHER, "not named in the chase to"),
    "withdraws_nothing": (ANOTHER, "outdated work order"),
    "calls_off_in_silence": (ONE, "has its work order, and is not told of the change"),
    "keeps_releases_to_itself": (ANOTHER, "is not told of the release or urge"),
    "goes_back": (ANOTHER, "moved"),
}


FOR_LONG = (  # each by the same judge as another that is played each time
    "chases_what_is_over",
    "works_on_closed_days",
    "knows_no_substitutes",
    "fetches_by_the_last_change",
    "forgets_the_half_hour",
    "calls_off_in_silence",
    "keeps_releases_to_itself",
    "lists_no_other_orders",
)


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    "build", [pytest.param(build, marks=[pytest.mark.long] if build in FOR_LONG else []) for build in BUILDS]
)
def test_a_broken_daemon_is_caught(build: str, monkeypatch: pytest.MonkeyPatch) -> None:
    month, words = SHOWN_BY[build]
    BUILDS[build](monkeypatch)
    complaints = [str(one) for one in play(month).verdict.complaints]
    assert any(words in one for one in complaints), complaints[:10]


@pytest.mark.timeout(120)
@pytest.mark.parametrize("month", [ONE, ANOTHER], ids=str)
def test_the_honest_daemon_passes_the_same_month(month: Month) -> None:
    assert play(month).verdict.complaints == ()
