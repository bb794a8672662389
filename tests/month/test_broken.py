"""The months can fail: a daemon with one rule taken out is caught, and the honest one passes the same months."""

from __future__ import annotations

import pytest

from tests.month.broken import BUILDS
from tests.month.play import Month, play

CALM, STOPPED, CHANGED, RELEASED = Month(0, 12), Month(2, 12), Month(3, 12), Month(6, 12)
CAUGHT_BY = {
    "chases_twice": (CALM, "though nothing of it is to be asked"),
}


@pytest.mark.timeout(120)
@pytest.mark.parametrize("build", BUILDS)
def test_a_broken_daemon_is_caught(build: str, monkeypatch: pytest.MonkeyPatch) -> None:
    month, words = CAUGHT_BY[build]
    BUILDS[build](monkeypatch)
    assert any(words in str(one) for one in play(month).verdict.complaints)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("month", {month for month, _ in CAUGHT_BY.values()}, ids=str)
def test_the_honest_daemon_passes_the_same_month(month: Month) -> None:
    assert play(month).verdict.complaints == ()
