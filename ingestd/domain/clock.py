"""The one clock: real, or driven by a file under the test flag."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol


class Clock(Protocol):
    """What time it is, as an aware datetime in UTC; and seconds that go on evenly when somebody sets the clock."""

    def now(self) -> datetime: ...

    def steady(self) -> float: ...


def since_boot() -> float:
    """Seconds since the machine started, those included that it slept."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


@dataclass(frozen=True, slots=True)
class SystemClock:
    """The machine's time."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def steady(self) -> float:
        return since_boot()


@dataclass(frozen=True, slots=True)
class FileClock:
    """The time that a file holds in ISO 8601, so that scenarios through real servers can span days.

    A signed number instead says how many seconds this clock is ahead of the machine's: one that goes on and can be set.
    A second number says how many of them the machine slept.
    """

    path: Path

    def now(self) -> datetime:
        written = self.path.read_text("ascii").strip()
        if written.startswith(("+", "-")):
            return datetime.now(UTC) + timedelta(seconds=float(written.split()[0]))
        return datetime.fromisoformat(written).astimezone(UTC)

    def steady(self) -> float:
        written = self.path.read_text("ascii").strip()
        if written.startswith(("+", "-")):
            return since_boot() + sum(float(slept) for slept in written.split()[1:])
        return self.now().timestamp()


@dataclass(slots=True)
class HandClock:
    """A time set by hand."""

    at: datetime

    def now(self) -> datetime:
        return self.at

    def steady(self) -> float:
        return self.at.timestamp()
