"""The site's rounds: the times of a desk day at which what is overdue is asked about once (domain.md §6). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ingestd.calendar.desk import desk_day_after


@dataclass(frozen=True, slots=True)
class Rounds:
    """Their times of day in order, the days on which there are none, and the site's zone."""

    times: tuple[time, ...]
    closed: frozenset[date]
    zone: ZoneInfo

    def next_after(self, at: datetime) -> datetime:
        """The first round later than this moment, in UTC. Raises ValueError where the site never opens again."""
        day = desk_day_after(at.astimezone(self.zone).date(), 0, self.closed)
        while True:
            for one in self.times:
                begins = datetime.combine(day, one, self.zone)
                if begins > at:
                    return begins.astimezone(UTC)
            day = desk_day_after(day + timedelta(days=1), 0, self.closed)
