"""The rounds of a desk day, working time, and deadlines of deliveries (domain.md §5, §6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestd.calendar.delivery import DeliveryRules, delivery_deadline
from ingestd.calendar.desk import closed_days
from ingestd.calendar.hours import Hours, after_open, closes_at, opens_at
from ingestd.calendar.rounds import Rounds
from ingestd.domain.reading import OrderReading

SHANGHAI = ZoneInfo("Asia/Shanghai")
CLOSED = closed_days(("2026-03-12/2026-03-13",))
ROUNDS = Rounds((time(9, 30), time(14, 30)), CLOSED, SHANGHAI)
RULES = DeliveryRules(time(18), SHANGHAI)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("moment", "following"),
    [
        ("2026-03-10 00:00", "2026-03-10 09:30"),
        ("2026-03-10 09:29:59", "2026-03-10 09:30"),
        ("2026-03-10 09:30", "2026-03-10 14:30"),
        ("2026-03-10 14:30", "2026-03-11 09:30"),
        ("2026-03-11 15:00", "2026-03-14 09:30"),  # closed on the 12th and 13th
        ("2026-03-12 10:00", "2026-03-14 09:30"),
    ],
)
def test_the_next_round_is_later_and_on_a_desk_day(moment: str, following: str) -> None:
    assert ROUNDS.next_after(at(moment)) == at(following)


@pytest.mark.parametrize(
    ("hours", "start", "minutes", "then"),
    [
        ((8, 17), "2026-03-10 10:00", 30, "2026-03-10 10:30"),
        ((8, 17), "2026-03-10 16:30", 30, "2026-03-10 17:00"),
        ((8, 17), "2026-03-10 16:50", 30, "2026-03-11 08:20"),
        ((8, 17), "2026-03-11 16:50", 30, "2026-03-14 08:20"),
        ((8, 17), "2026-03-10 16:00", 11 * 60, "2026-03-14 09:00"),
        ((20, 8), "2026-03-10 10:00", 30, "2026-03-10 20:30"),
        ((20, 8), "2026-03-10 23:50", 30, "2026-03-11 00:20"),
        ((20, 8), "2026-03-10 07:50", 30, "2026-03-10 20:20"),  # of the shift that began yesterday
        ((20, 8), "2026-03-11 07:50", 30, "2026-03-11 20:20"),
        ((20, 8), "2026-03-12 07:50", 30, "2026-03-14 20:20"),
        ((0, 24), "2026-03-10 23:50", 30, "2026-03-11 00:20"),
        ((8, 17), "2026-03-10 18:00", 0, "2026-03-11 08:00"),
    ],
)
def test_time_counts_while_somebody_works(hours: tuple[int, int], start: str, minutes: int, then: str) -> None:
    opens, closes = (timedelta(hours=h) for h in hours)
    assert after_open(at(start), timedelta(minutes=minutes), Hours(opens, closes, SHANGHAI), CLOSED) == at(then)


@given(st.integers(0, 60 * 24 * 30), st.integers(0, 60 * 40), st.sampled_from([(8, 17), (20, 8), (0, 24), (22, 2)]))
def test_what_is_counted_ends_within_the_hours_and_never_sooner(start: int, wait: int, hours: tuple[int, int]) -> None:
    duty = Hours(timedelta(hours=hours[0]), timedelta(hours=hours[1]), SHANGHAI)
    begins, length = at("2026-03-01 00:00") + timedelta(minutes=start), timedelta(minutes=wait)
    ends = after_open(begins, length, duty, CLOSED)
    assert ends >= opens_at(begins, duty, CLOSED) + length
    just_before = max(ends - timedelta(seconds=1), opens_at(begins, duty, CLOSED))
    assert closes_at(just_before, duty, CLOSED) >= ends or wait == 0


@pytest.mark.parametrize(
    ("picked_up", "own", "days_most", "by"),
    [
        ("2026-03-10 14:00", None, 2, "2026-03-12 18:00"),
        ("2026-03-10 23:59", None, 2, "2026-03-12 18:00"),
        ("2026-03-10 14:00", None, 0, "2026-03-10 18:00"),
        ("2026-03-10 14:00", "2026-03-11 12:00", 2, "2026-03-11 12:00"),  # the customer's own
        ("2026-03-10 14:00", "2026-03-15 12:00", 2, "2026-03-15 12:00"),  # also where it is later
        ("2026-03-10 14:00", "2026-03-11 00:00", 2, "2026-03-11 18:00"),  # only a day
        ("2026-03-10 14:00", "2026-03-11 00:00", None, "2026-03-11 18:00"),
        ("2026-03-10 14:00", None, None, None),  # nobody says anything
    ],
)
def test_goods_are_due_by_the_customers_word_else_by_the_days_on_the_way(
    picked_up: str, own: str | None, days_most: int | None, by: str | None
) -> None:
    content = replace(OrderReading(), deliver_by=at(own) if own else None)
    found = delivery_deadline(at(picked_up), content, days_most, RULES)
    assert found == (at(by) if by else None)
