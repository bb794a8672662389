"""The clock of the checking: until when an order that needs a person is looked at (domain.md §3). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ingestd.calendar.desk import closed_days, desk_day_after
from ingestd.config.settings import Settings


@dataclass(frozen=True, slots=True)
class DeskHours:
    """When the desk is open on a desk day, as spans since midnight, and the zone whose clock it goes by."""

    opens: timedelta
    closes: timedelta
    zone: ZoneInfo

    def on(self, day: date) -> tuple[datetime, datetime]:
        """Opening and closing of a day, in UTC."""
        midnight = datetime.combine(day, time.min, self.zone)
        return (midnight + self.opens).astimezone(UTC), (midnight + self.closes).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class CheckingClock:
    """The site's desk hours, its closed days, and how long of its open time a review may take."""

    hours: DeskHours
    closed: frozenset[date]
    within: timedelta

    def due(self, arrived_at: datetime) -> datetime:
        """Until when a review of what arrived then is due, in UTC."""
        return review_due(arrived_at, self.hours, self.closed, self.within)


def checking_clock(settings: Settings) -> CheckingClock:
    """The clock that a configuration describes."""
    desk, zone = settings.desk, settings.site.zone
    hours = DeskHours(*desk.opening, zone)
    return CheckingClock(hours, closed_days(desk.closures), desk.review_within)


def review_due(arrived_at: datetime, hours: DeskHours, closed: frozenset[date], within: timedelta) -> datetime:
    """The moment, in UTC, when the desk has been open for `within` since the arrival.

    What comes while the desk is closed counts from its next opening; what the closing cuts short goes on there.
    """
    start, left = opens_at(arrived_at, hours, closed), within
    while True:
        _, closes = hours.on(start.astimezone(hours.zone).date())
        if start + left <= closes:
            return start + left
        left -= closes - start
        start = opens_at(closes, hours, closed)


def opens_at(now: datetime, hours: DeskHours, closed: frozenset[date]) -> datetime:
    """This moment where the desk is open, else its next opening, in UTC. Raises ValueError where it never opens."""
    today = now.astimezone(hours.zone).date()
    day = desk_day_after(today, 0, closed)
    opening, closing = hours.on(day)
    if day == today and now >= closing:
        opening, _ = hours.on(desk_day_after(day, 1, closed))
    return max(opening, now.astimezone(UTC))
