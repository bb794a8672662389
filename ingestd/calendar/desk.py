"""Desk days: every day but the site's dated closures (domain.md §3)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from ingestd.config.settings import days_of

LONGEST_CLOSURE_DAYS = 60


def closed_days(closures: Sequence[str]) -> frozenset[date]:
    """The days of closures written as "2027-02-05" or "2027-02-05/2027-02-12"."""
    return days_of(closures)


def closure_ahead(today: date, closed: frozenset[date], within: timedelta) -> tuple[date, date] | None:
    """First and last day of the closure that holds this day, or begins so soon; None where there is none."""
    soon = (today + timedelta(days=n) for n in range(within.days + 1))
    first = next((day for day in soon if day in closed), None)
    if first is None:
        return None
    last = first
    while last + timedelta(days=1) in closed:
        last += timedelta(days=1)
    return first, last


def desk_day_after(day: date, count: int, closed: frozenset[date]) -> date:
    """The desk day `count` desk days later; with 0 the day itself, or the next desk day where it is closed."""
    for _ in range(LONGEST_CLOSURE_DAYS + count * LONGEST_CLOSURE_DAYS):
        if day not in closed:
            if count == 0:
                return day
            count -= 1
        day += timedelta(days=1)
    raise ValueError(f"no desk day within {LONGEST_CLOSURE_DAYS} days of {day}: check desk.closures")
