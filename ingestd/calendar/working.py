"""Working days: the state's calendar with its make-up days, and what a site knows better (domain.md §3). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import chinese_calendar

from ingestd.config.settings import Calendar, days_of

NOTICE_MONTH = 11  # the State Council publishes the next year's holidays in November
LONGEST_FREE_DAYS = 60


@dataclass(frozen=True, slots=True)
class Overrides:
    """Days of which the site says itself what they are."""

    working: frozenset[date] = frozenset()
    free: frozenset[date] = frozenset()


STATE_ONLY = Overrides()


def overrides_of(calendar: Calendar) -> Overrides:
    """The days of the configuration."""
    return Overrides(days_of(calendar.working), days_of(calendar.free))


def is_working_day(day: date, overrides: Overrides = STATE_ONLY) -> bool:
    """Whether the state's calendar or the site calls it a working day; in a year nobody knows, Monday to Friday are."""
    if day in overrides.working or day in overrides.free:
        return day in overrides.working
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:  # the library does not guess, and neither stays silent: `unknown_years`
        return day.weekday() < 5


def working_day_after(day: date, count: int, overrides: Overrides = STATE_ONLY) -> date:
    """The working day `count` working days later; with 0 the day itself, or the next one where it is free."""
    for _ in range(LONGEST_FREE_DAYS * (count + 1)):
        if is_working_day(day, overrides):
            if count == 0:
                return day
            count -= 1
        day += timedelta(days=1)
    raise ValueError(f"no working day within {LONGEST_FREE_DAYS} days of {day}: check calendar.free")


def unknown_years(today: date, overrides: Overrides = STATE_ONLY) -> tuple[int, ...]:
    """Years whose holidays should be known by now and are not: this one, and from November on the next."""
    wanted = (today.year, today.year + 1) if today.month >= NOTICE_MONTH else (today.year,)
    return tuple(year for year in wanted if not is_known(year, overrides))


def is_known(year: int, overrides: Overrides) -> bool:
    """Whether the library has the holidays of a year, or the site names free days in it."""
    try:
        chinese_calendar.is_workday(date(year, 1, 1))
    except NotImplementedError:
        return any(day.year == year for day in overrides.free)
    return True
