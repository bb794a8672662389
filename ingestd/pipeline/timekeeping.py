"""Whether somebody has set the clock, and by how much (faults F76)."""

from __future__ import annotations

from datetime import timedelta

from ingestd.domain.clock import Clock
from ingestd.store.clock_set import SET_BY

AT_ONCE_SECONDS = 0.1  # between two looks at two clocks that are one look


class ClockWatch:
    """Compares the clock with one that nobody can set; a machine that slept has not been set."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.ahead = self.look()

    def step(self) -> timedelta:
        """How far the clock was put on since the last look, negative where it was put back."""
        before, self.ahead = self.ahead, self.look()
        moved = timedelta(seconds=self.ahead - before)
        return moved if abs(moved) >= SET_BY else timedelta(0)

    def look(self) -> float:
        """Seconds that the clock is ahead of the one that nobody can set."""
        while True:
            began = self.clock.steady()
            now = self.clock.now().timestamp()
            if self.clock.steady() - began < AT_ONCE_SECONDS:  # else we were stopped in between
                return now - began
