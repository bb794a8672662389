"""Until when a review is due: thirty minutes of desk hours after the arrival (domain.md §3)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from ingestd.calendar.checking import checking_clock, review_due
from ingestd.calendar.desk import closed_days
from ingestd.calendar.hours import Hours
from ingestd.config.settings import Desk, Settings, Site

SHANGHAI = ZoneInfo("Asia/Shanghai")
HOURS = Hours(timedelta(hours=8, minutes=30), timedelta(hours=17, minutes=30), SHANGHAI)
HALF = timedelta(minutes=30)
CLOSED = closed_days(("2026-02-16/2026-02-22", "2026-10-01/2026-10-03", "2026-12-31/2027-01-01"))


MOMENTS = st.integers(0, 730 * 24 * 3600).map(
    lambda seconds: datetime(2026, 1, 1, tzinfo=SHANGHAI) + timedelta(seconds=seconds)
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("arrived", "due"),
    [
        ("2026-03-10 08:30:00", "2026-03-10 09:00:00"),
        ("2026-03-10 10:00:00", "2026-03-10 10:30:00"),
        ("2026-03-10 17:00:00", "2026-03-10 17:30:00"),  # done by closing
        ("2026-03-10 17:20:00", "2026-03-11 08:50:00"),  # ten minutes today, twenty tomorrow
        ("2026-03-10 17:29:59", "2026-03-11 08:59:59"),
        ("2026-03-10 17:30:00", "2026-03-11 09:00:00"),
        ("2026-03-10 23:59:59", "2026-03-11 09:00:00"),
        ("2026-03-11 00:00:00", "2026-03-11 09:00:00"),
        ("2026-03-11 08:29:59", "2026-03-11 09:00:00"),
        ("2026-03-13 17:25:00", "2026-03-14 08:55:00"),  # Saturdays are desk days
        ("2026-02-15 17:10:00", "2026-02-23 08:40:00"),  # over the Spring Festival's closure
        ("2026-02-18 12:00:00", "2026-02-23 09:00:00"),
        ("2026-09-30 20:00:00", "2026-10-04 09:00:00"),
        ("2026-10-01 08:30:00", "2026-10-04 09:00:00"),
        ("2026-12-30 17:20:00", "2027-01-02 08:50:00"),
        ("2027-12-31 18:00:00", "2028-01-01 09:00:00"),
    ],
)
def test_a_review_is_due_after_half_an_hour_of_desk_hours(arrived: str, due: str) -> None:
    assert review_due(at(arrived), HOURS, CLOSED, HALF) == at(due)


def test_a_longer_time_than_a_day_of_the_desk_goes_over_several() -> None:
    assert review_due(at("2026-03-10 16:30"), HOURS, CLOSED, timedelta(hours=11)) == at("2026-03-12 09:30")


def test_a_desk_that_never_closes_counts_straight_on_over_midnight() -> None:
    always = checking_clock(Settings(desk=Desk(hours="00:00-24:00")))
    assert always.due(at("2026-03-10 23:50")) == at("2026-03-11 00:20")


def test_the_clock_is_the_configurations() -> None:
    settings = Settings(desk=Desk(hours="09:00-18:00", closures=("2026-03-11",), review_within=timedelta(minutes=45)))
    assert checking_clock(settings).due(at("2026-03-10 17:30")) == at("2026-03-12 09:15")


def test_the_desk_goes_by_the_clock_of_its_zone_when_that_is_changed() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    clock = checking_clock(Settings(site=Site(timezone="Europe/Berlin")))
    evening = datetime(2026, 3, 28, 17, 20, tzinfo=berlin)  # summer time begins in the night
    assert clock.due(evening) == datetime(2026, 3, 29, 8, 50, tzinfo=berlin)


@given(MOMENTS, st.integers(1, 3 * 9 * 60), st.integers(0, 60 * 24 * 10))
def test_what_is_due_lies_in_desk_hours_and_who_comes_later_is_due_no_sooner(
    arrived: datetime, minutes: int, later: int
) -> None:
    within = timedelta(minutes=minutes)
    due = review_due(arrived, HOURS, CLOSED, within)
    local = due.astimezone(SHANGHAI)
    assert local.date() not in CLOSED
    opening, closing = HOURS.on(local.date())
    assert opening < due <= closing
    assert due - arrived.astimezone(UTC) >= within
    assert review_due(arrived + timedelta(minutes=later), HOURS, CLOSED, within) >= due


@given(MOMENTS, st.integers(0, 600), st.integers(0, 600))
def test_a_time_may_be_counted_in_two_steps(arrived: datetime, first: int, second: int) -> None:
    halfway = review_due(arrived, HOURS, CLOSED, timedelta(minutes=first))
    whole = review_due(arrived, HOURS, CLOSED, timedelta(minutes=first + second))
    assert review_due(halfway, HOURS, CLOSED, timedelta(minutes=second)) == whole or second == 0


@pytest.mark.parametrize("hours", ["", "8:30-17:30", "17:30-08:30", "08:30-08:30", "08:30-24:30", "08:30–17:30"])
def test_hours_that_are_none_are_refused(hours: str) -> None:
    with pytest.raises(ValidationError, match="like"):
        Desk(hours=hours)
