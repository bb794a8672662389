"""The one clock: real, or driven by a file under the test flag."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol


class Clock(Protocol):
    """What time it is, as an aware datetime in UTC."""

    def now(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class SystemClock:
    """The machine's time."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class FileClock:
    """The time that a file holds in ISO 8601, so that scenarios through real servers can span days."""

    path: Path

    def now(self) -> datetime:
        return datetime.fromisoformat(self.path.read_text("ascii").strip()).astimezone(UTC)


@dataclass(slots=True)
class HandClock:
    """A time set by hand."""

    at: datetime

    def now(self) -> datetime:
        return self.at
