"""The latest pickup, by the hour of confirmation and the area: the table of domain.md §5."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from ingestd.calendar.desk import closed_days, desk_day_after
from ingestd.calendar.pickup import PickupRules, pickup_deadline
from ingestd.config.settings import Pickup

SHANGHAI = ZoneInfo("Asia/Shanghai")
RULES = PickupRules(Pickup().deadlines, frozenset(), SHANGHAI)
HOLIDAY = PickupRules(Pickup().deadlines, closed_days(("2026-10-01/2026-10-03",)), SHANGHAI)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("area", "confirmed", "by"),
    [
        ("urban", "2026-03-10 00:00:00", "2026-03-10 15:00"),
        ("urban", "2026-03-10 11:59:59", "2026-03-10 15:00"),
        ("urban", "2026-03-10 12:00:00", "2026-03-10 18:00"),
        ("urban", "2026-03-10 14:59:59", "2026-03-10 18:00"),
        ("urban", "2026-03-10 15:00:00", "2026-03-11 12:00"),
        ("urban", "2026-03-10 23:59:59", "2026-03-11 12:00"),
        ("suburban", "2026-03-10 11:59:59", "2026-03-10 18:00"),
        ("suburban", "2026-03-10 12:00:00", "2026-03-11 18:00"),
        ("suburban", "2026-12-31 16:00:00", "2027-01-01 18:00"),
    ],
)
def test_the_hour_and_the_area_decide(area: str, confirmed: str, by: str) -> None:
    assert pickup_deadline(at(confirmed), area, None, RULES) == at(by)


@pytest.mark.parametrize(
    ("area", "confirmed", "by"),
    [
        ("urban", "2026-09-30 16:00:00", "2026-10-04 12:00"),  # the next day is the next desk day
        ("suburban", "2026-09-30 13:00:00", "2026-10-04 18:00"),
        ("urban", "2026-10-02 16:00:00", "2026-10-04 15:00"),  # a closed day counts from the next desk day's start
        ("urban", "2026-09-30 09:00:00", "2026-09-30 15:00"),
    ],
)
def test_closed_days_do_not_count(area: str, confirmed: str, by: str) -> None:
    assert pickup_deadline(at(confirmed), area, None, HOLIDAY) == at(by)


def test_the_shippers_own_later_window_replaces_the_table() -> None:
    later = at("2026-03-11 15:00")
    assert pickup_deadline(at("2026-03-10 09:00"), "urban", later, RULES) == later


def test_an_earlier_wish_does_not() -> None:
    wish = at("2026-03-10 10:00")
    assert pickup_deadline(at("2026-03-10 09:00"), "urban", wish, RULES) == at("2026-03-10 15:00")


def test_a_table_without_a_row_for_the_hour_says_so() -> None:
    short = PickupRules(Pickup().deadlines[:1], frozenset(), SHANGHAI)
    with pytest.raises(ValueError, match="no row for urban at 13:00"):
        pickup_deadline(at("2026-03-10 13:00"), "urban", None, short)


def test_a_desk_that_never_opens_is_an_error() -> None:
    closed = closed_days(("2026-01-01/2027-12-31",))
    with pytest.raises(ValueError, match=r"check desk\.closures"):
        desk_day_after(at("2026-03-10 13:00").date(), 0, closed)
