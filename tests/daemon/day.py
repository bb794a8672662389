"""Clocks in a file that the daemon lives by: one that stands still until it is moved on, and one that goes on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.daemon.process import RunningDaemon
from tests.daemon.records import moment
from tests.daemon.site import Site


class Day:
    """The clock of one site; time stands still until it is moved on."""

    def __init__(self, site: Site, start: datetime) -> None:
        self.site = site
        self.file = site.folder / "clock"
        self.set(start)

    @property
    def environment(self) -> Mapping[str, str]:
        """What the daemon must be started with."""
        return {"INGESTD_CLOCK": str(self.file)}

    def set(self, now: datetime) -> None:
        """Let it be this time."""
        self.now = now
        fresh = self.file.with_suffix(".new")
        fresh.write_text(now.isoformat())
        fresh.replace(self.file)

    def come(self, now: datetime, daemon: RunningDaemon, messages: int) -> None:
        """Let it be this time, and return when all that is due by then is done and so many messages are."""
        self.set(now)
        self.settle(daemon, messages)

    def settle(self, daemon: RunningDaemon, messages: int) -> None:
        """Return when so many messages are done with, and nothing is left to be sent, asked or looked at by now."""
        daemon.wait_quiet(messages, self.now)
        daemon.wait_until(lambda: not self.is_behind(), f"what is due by {self.now}")
        daemon.wait_quiet(messages, self.now)

    def is_behind(self) -> bool:
        """Whether a follow-up or review is due that was not seen to."""
        due = self.site.records.rows(
            "SELECT due_at FROM follow_up WHERE state = 'due' UNION ALL SELECT due_at FROM review "
            "WHERE state = 'open' AND reminded_at IS NULL AND due_at IS NOT NULL"
        )
        return any(moment(row["due_at"]) <= self.now for row in due)


class SetClock:
    """A clock that goes on as the machine's does, and that somebody sets; or the machine sleeps."""

    def __init__(self, file: Path, begins: datetime) -> None:
        self.file = file
        self.steps: list[tuple[datetime, float]] = []  # from when it was ahead by so many seconds
        self.slept = timedelta(0)
        self.ahead = begins - datetime.now(UTC)
        self._write()

    @property
    def environment(self) -> Mapping[str, str]:
        """What the daemon must be started with."""
        return {"INGESTD_CLOCK": str(self.file)}

    def now(self) -> datetime:
        """What it shows."""
        return datetime.now(UTC) + self.ahead

    def set_by(self, by: timedelta) -> None:
        """Somebody puts it on, or back where that is negative."""
        self.ahead += by
        self._write()

    def sleep(self, length: timedelta) -> None:
        """The machine has slept for so long."""
        self.slept += length
        self.set_by(length)

    def _write(self) -> None:
        fresh = self.file.with_suffix(".new")
        fresh.write_text(f"{self.ahead.total_seconds():+.3f} {self.slept.total_seconds():.3f}")
        fresh.replace(self.file)
        self.steps.append((datetime.now(UTC), self.ahead.total_seconds()))
