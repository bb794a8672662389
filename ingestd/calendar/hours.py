"""Hours of a day in which a desk is open or somebody is on duty, and when they begin next. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ingestd.calendar.desk import desk_day_after

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Hours:
    """Hours of each desk day as spans since midnight, by the clock of a zone; some end on the next morning."""

    opens: timedelta
    closes: timedelta
    zone: ZoneInfo

    def on(self, day: date) -> tuple[datetime, datetime]:
        """Opening and closing of a day, in UTC."""
        midnight = datetime.combine(day, time.min, self.zone)
        closes = self.closes if self.closes > self.opens else self.closes + DAY
        return (midnight + self.opens).astimezone(UTC), (midnight + closes).astimezone(UTC)


def opens_at(now: datetime, hours: Hours, closed: frozenset[date]) -> datetime:
    """This moment where it lies in the hours, else when they begin next, in UTC.

    Raises ValueError where they never do.
    """
    now, today = now.astimezone(UTC), now.astimezone(hours.zone).date()
    last_night = today - DAY
    if last_night not in closed and now < hours.on(last_night)[1]:
        return now
    day = desk_day_after(today, 0, closed)
    opening, closing = hours.on(day)
    if now >= closing:
        opening, _ = hours.on(desk_day_after(day, 1, closed))
    return max(opening, now)


def closes_at(at: datetime, hours: Hours, closed: frozenset[date]) -> datetime:
    """When the hours end, in UTC, in which this moment lies; the moment itself where it lies in none."""
    today = at.astimezone(hours.zone).date()
    spans = (hours.on(day) for day in (today - DAY, today) if day not in closed)
    return next((ends for begins, ends in spans if begins <= at < ends), at.astimezone(UTC))


def after_open(start: datetime, wait: timedelta, hours: Hours, closed: frozenset[date]) -> datetime:
    """The moment, in UTC, when the hours have lasted for `wait` since the start; what their end cuts goes on next time.

    Raises ValueError where they never begin again.
    """
    at, left = opens_at(start, hours, closed), wait
    while (ends := closes_at(at, hours, closed)) < at + left:
        left -= ends - at
        at = opens_at(ends, hours, closed)
    return at + left
