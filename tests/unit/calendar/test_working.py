"""Working days: the state's calendar of 2026 with its make-up days, and what a site says otherwise."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from ingestd.calendar.working import (
    STATE_ONLY,
    Overrides,
    is_working_day,
    overrides_of,
    unknown_years,
    working_day_after,
)
from ingestd.config.settings import Calendar

SITE = overrides_of(Calendar(working=("2027-02-20", "2026-10-05"), free=("2027-02-05/2027-02-12", "2026-03-10")))


@pytest.mark.parametrize(
    ("day", "working"),
    [
        ("2026-01-01", False),
        ("2026-01-04", True),  # a Sunday made up for
        ("2026-02-14", True),  # a Saturday made up for, before the Spring Festival
        ("2026-02-15", False),
        ("2026-02-23", False),
        ("2026-02-24", True),
        ("2026-02-28", True),
        ("2026-09-20", True),
        ("2026-09-30", True),
        ("2026-10-01", False),
        ("2026-10-07", False),
        ("2026-10-08", True),
        ("2026-10-10", True),
        ("2026-10-11", False),
        ("2026-03-14", False),
        ("2026-12-31", True),
    ],
)
def test_the_states_calendar_of_2026(day: str, working: bool) -> None:
    assert is_working_day(date.fromisoformat(day)) is working


@pytest.mark.parametrize(
    ("day", "working"),
    [("2026-03-10", False), ("2026-10-05", True), ("2050-02-08", True), ("2050-02-12", False)],
)
def test_the_site_knows_better_and_a_year_that_nobody_knows_has_weekdays(day: str, working: bool) -> None:
    assert is_working_day(date.fromisoformat(day), SITE) is working


@pytest.mark.parametrize(
    ("day", "count", "after"),
    [
        ("2026-03-10", 0, "2026-03-10"),
        ("2026-03-13", 1, "2026-03-16"),
        ("2026-09-30", 1, "2026-10-08"),
        ("2026-09-30", 3, "2026-10-10"),  # a Saturday made up for
        ("2026-10-01", 0, "2026-10-08"),
        ("2026-02-13", 1, "2026-02-14"),
        ("2026-02-14", 1, "2026-02-24"),
        ("2026-12-30", 2, "2027-01-01"),  # as long as nobody knows that year
    ],
)
def test_working_days_are_counted_over_holidays(day: str, count: int, after: str) -> None:
    assert working_day_after(date.fromisoformat(day), count).isoformat() == after


def test_the_new_years_day_that_a_site_names_is_free() -> None:
    site = overrides_of(Calendar(free=("2027-01-01",)))
    assert working_day_after(date(2026, 12, 30), 2, site) == date(2027, 1, 4)


@given(st.dates(date(2025, 1, 1), date(2028, 12, 31)), st.integers(0, 30), st.integers(0, 30))
def test_counting_on_is_counting_once(day: date, first: int, second: int) -> None:
    halfway = working_day_after(day, first, SITE)
    assert working_day_after(halfway, second, SITE) == working_day_after(day, first + second, SITE)
    between = (day + timedelta(days=n) for n in range((halfway - day).days))
    assert sum(is_working_day(d, SITE) for d in between) == first


def test_the_next_year_is_missed_from_november_on_until_somebody_knows_it() -> None:
    assert unknown_years(date(2050, 10, 31), Overrides(free=frozenset({date(2050, 1, 1)}))) == ()
    assert unknown_years(date(2050, 11, 1), Overrides(free=frozenset({date(2050, 1, 1)}))) == (2051,)
    both = Overrides(free=frozenset({date(2050, 1, 1), date(2051, 1, 1)}))
    assert unknown_years(date(2050, 11, 1), both) == ()
    assert unknown_years(date(2050, 3, 1), STATE_ONLY) == (2050,)
    assert unknown_years(date(2026, 3, 10), STATE_ONLY) == ()


def test_a_calendar_without_working_days_is_an_error() -> None:
    never = overrides_of(Calendar(free=("2026-01-01/2027-12-31",)))
    with pytest.raises(ValueError, match=r"check calendar\.free"):
        working_day_after(date(2026, 3, 10), 1, never)


@pytest.mark.parametrize("given", [{"free": ("next week",)}, {"working": ("2026-03-10", "2026-05-02/2026-05-01")}])
def test_days_are_dates(given: dict[str, tuple[str, ...]]) -> None:
    with pytest.raises(ValidationError, match=r"date like|before the last"):
        Calendar.model_validate(given)


def test_a_day_is_either_working_or_free() -> None:
    with pytest.raises(ValidationError, match="2027-02-06"):
        Calendar(working=("2027-02-06",), free=("2027-02-05/2027-02-12",))
