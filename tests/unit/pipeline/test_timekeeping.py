"""A clock that somebody sets is told from one that goes on, and from a machine that slept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from ingestd.pipeline.timekeeping import ClockWatch

TEN = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)


@dataclass
class Hands:
    """A clock and its steady companion, both moved by hand."""

    at: datetime = TEN
    seconds: float = 1000.0

    def now(self) -> datetime:
        return self.at

    def steady(self) -> float:
        return self.seconds

    def go_on(self, seconds: float, set_by: float = 0) -> None:
        """Time passes, and somebody sets the clock."""
        self.seconds += seconds
        self.at += timedelta(seconds=seconds + set_by)


@pytest.mark.fault("F76")
@pytest.mark.parametrize("set_by", [3600, -3600, 86400, -30, 2])
def test_a_clock_that_is_set_is_noticed_once(set_by: int) -> None:
    clock = Hands()
    watch = ClockWatch(clock)
    clock.go_on(1, set_by)
    assert watch.step() == timedelta(seconds=set_by)
    clock.go_on(1)
    assert watch.step() == timedelta(0)


@pytest.mark.fault("F77")
def test_a_machine_that_slept_and_a_clock_that_is_slewed_are_no_set_clocks() -> None:
    clock = Hands()
    watch = ClockWatch(clock)
    clock.go_on(600)
    assert watch.step() == timedelta(0)
    for _ in range(20):
        clock.go_on(1, set_by=0.5)
        assert watch.step() == timedelta(0)
