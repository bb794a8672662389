"""The clock of the checking: until when an order that needs a person is looked at (domain.md §3). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ingestd.calendar.desk import closed_days
from ingestd.calendar.hours import Hours, after_open
from ingestd.config.settings import Settings


@dataclass(frozen=True, slots=True)
class CheckingClock:
    """The site's desk hours and closed days, how much of its open time a review may take, and when a message is old."""

    hours: Hours
    closed: frozenset[date]
    within: timedelta
    stale_after: timedelta

    def due(self, arrived_at: datetime) -> datetime:
        """Until when a review of what arrived then is due, in UTC."""
        return review_due(arrived_at, self.hours, self.closed, self.within)

    def due_of(self, arrived_at: datetime, now: datetime) -> datetime:
        """The same where it is decided on now: of an old message, which nobody here had to look at, from now on."""
        return self.due(now if now - arrived_at > self.stale_after else arrived_at)


def checking_clock(settings: Settings) -> CheckingClock:
    """The clock that a configuration describes."""
    desk, zone = settings.desk, settings.site.zone
    hours = Hours(*desk.opening, zone)
    return CheckingClock(hours, closed_days(desk.closures), desk.review_within, settings.orders.stale_after)


def review_due(arrived_at: datetime, hours: Hours, closed: frozenset[date], within: timedelta) -> datetime:
    """The moment, in UTC, when the desk has been open for `within` since the arrival.

    What comes while the desk is closed counts from its next opening; what the closing cuts short goes on there.
    """
    return after_open(arrived_at, within, hours, closed)
