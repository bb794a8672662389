"""Times as they are said, and what one of them takes over from another."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time
from enum import StrEnum
from typing import NamedTuple

from ingestd.parsing.items import Item
from ingestd.parsing.purposes import Purpose

MAX_CORRECTED = 30  # characters between a half-day and the day it is of
MAX_SHARED = 16  # characters between two times of one day


class Edge(StrEnum):
    """How a time bounds the wish."""

    AT = "at"
    BEFORE = "before"
    AFTER = "after"


class Spoken(NamedTuple):
    """A time as said, not yet resolved."""

    day: tuple[int | None, int | None, int | None] | None = None  # year, month, day of the month
    offset: int | None = None  # days from the day sent
    weekday: tuple[int, int] | None = None  # (weeks ahead, 0 Monday to 6 Sunday); weeks -1: the next such day
    half: str | None = None
    clock: time | None = None
    until: time | None = None  # the end of a range of hours
    until_day: Spoken | None = None  # the last day of a range of days
    edge: Edge = Edge.AT
    purpose: Purpose = Purpose.NONE


def corrected(found: list[Item]) -> list[Item]:
    """The times, a wish for a half-day on the day that is told behind it: "in the evening, on the 8th"."""
    out = list(found)
    for index in range(1, len(out)):
        last, item = out[index - 1], out[index]
        wish: Spoken = last.value
        loose = wish.purpose is not Purpose.NONE and not dated(wish) and wish.clock is None
        same = item.value.half == wish.half and dated(item.value) and item.value.purpose is Purpose.NONE
        if loose and same and item.start - last.end <= MAX_CORRECTED:
            out[index - 1] = last._replace(value=wish._replace(purpose=Purpose.NONE))
            out[index] = item._replace(value=item.value._replace(purpose=wish.purpose))
    return out


def with_days(found: list[Item], folded: str) -> Iterator[Item]:
    """The times, an hour without a day on the day of the wish that was told in the same line right before it."""
    before: Item | None = None
    for found_item in found:
        item, spoken = found_item, found_item.value
        if before is not None and not dated(spoken) and "\n" not in folded[before.end : item.start]:
            day: Spoken = before.value
            near = item.start - before.end <= MAX_SHARED and spoken.purpose in (day.purpose, Purpose.NONE)
            if spoken.clock and near and day.until_day is None:
                spoken = spoken._replace(day=day.day, offset=day.offset, weekday=day.weekday)
                item = item._replace(value=spoken)
        if dated(spoken) and spoken.purpose is not Purpose.NONE:
            before = item
        yield item


def dated(spoken: Spoken) -> bool:
    """Whether a time names its day."""
    return (spoken.day, spoken.offset, spoken.weekday) != (None, None, None)
