"""When a desk is open or somebody on duty, and when next."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ingestd.calendar.desk import closed_days, closure_ahead
from ingestd.calendar.hours import Hours, opens_at

SHANGHAI = ZoneInfo("Asia/Shanghai")
HOURS = Hours(timedelta(hours=8, minutes=30), timedelta(hours=17, minutes=30), SHANGHAI)
NIGHT = Hours(timedelta(hours=20), timedelta(hours=8), SHANGHAI)
ALWAYS = Hours(timedelta(0), timedelta(hours=24), SHANGHAI)
CLOSED = closed_days(["2026-02-16/2026-02-22"])


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-03-10 08:29:59", "2026-03-10 08:30:00"),
        ("2026-03-10 08:30:00", "2026-03-10 08:30:00"),
        ("2026-03-10 17:29:59", "2026-03-10 17:29:59"),
        ("2026-03-10 17:30:00", "2026-03-11 08:30:00"),
        ("2026-02-15 17:30:00", "2026-02-23 08:30:00"),
        ("2026-02-22 23:00:00", "2026-02-23 08:30:00"),
    ],
)
def test_the_desk_opens_now_or_at_the_next_opening(now: str, opens: str) -> None:
    assert opens_at(at(now), HOURS, CLOSED) == at(opens)


@pytest.mark.parametrize(
    ("now", "begins"),
    [
        ("2026-03-10 19:59", "2026-03-10 20:00"),
        ("2026-03-10 23:59", "2026-03-10 23:59"),
        ("2026-03-11 00:00", "2026-03-11 00:00"),
        ("2026-03-11 07:59", "2026-03-11 07:59"),
        ("2026-03-11 08:00", "2026-03-11 20:00"),
        ("2026-02-16 07:00", "2026-02-16 07:00"),  # the night that began before the closure
        ("2026-02-16 08:00", "2026-02-23 20:00"),
        ("2026-02-23 07:00", "2026-02-23 20:00"),
    ],
)
def test_a_duty_over_midnight_ends_on_the_next_morning(now: str, begins: str) -> None:
    assert opens_at(at(now), NIGHT, CLOSED) == at(begins)


@pytest.mark.parametrize("now", ["2026-03-10 00:00", "2026-03-10 23:59:59"])
def test_who_is_always_on_duty_is_so_now(now: str) -> None:
    assert opens_at(at(now), ALWAYS, CLOSED) == at(now)


@pytest.mark.parametrize(
    ("today", "ahead"),
    [
        (date(2026, 2, 1), None),
        (date(2026, 2, 2), (date(2026, 2, 16), date(2026, 2, 22))),
        (date(2026, 2, 20), (date(2026, 2, 20), date(2026, 2, 22))),
        (date(2026, 2, 23), None),
    ],
)
def test_a_closure_is_told_from_two_weeks_before_it_on(today: date, ahead: tuple[date, date] | None) -> None:
    assert closure_ahead(today, CLOSED, timedelta(days=14)) == ahead
