"""What the recognisers find in a text, each with its place and the rule that found it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple


class Kind(StrEnum):
    """The sort of thing an item is."""

    LABEL = "label"  # value: Meaning
    PHONE = "phone"  # value: E.164
    BAD_PHONE = "bad_phone"  # a run of digits that cannot be one
    COUNT = "count"  # value: Figure
    WEIGHT = "weight"  # value: Figure, kilograms
    VOLUME = "volume"  # value: Figure, cubic metres
    CHOICE = "choice"  # value: (field, value)
    CHARGE = "charge"  # value: Charge, or None where unclear
    FREIGHT = "freight"  # value: Decimal
    COD = "cod"  # value: Decimal
    DECLARED = "declared"  # value: Decimal
    TIME = "time"  # value: Window
    SERIAL = "serial"  # value: the number
    STAFF = "staff"  # the agent's number at the end
    VEHICLE = "vehicle"  # value: as written
    PLATE = "plate"  # value: as written
    REFERENCE = "reference"  # value: Reference
    BREAK = "break"  # value: how strong: 1 space, 2 comma, 3 sentence or line
    WORDS = "words"  # what nobody recognised
    NOISE = "noise"  # politeness and the like, recognised to be ignored


class Item(NamedTuple):
    """One find: `start` and `end` are positions in the text."""

    kind: Kind
    start: int
    end: int
    value: Any = None
    rule: str = ""


@dataclass(slots=True)
class Finds:
    """Items that do not overlap: who claims first keeps the place."""

    length: int
    items: list[Item] = field(default_factory=list)
    taken: bytearray = field(default_factory=bytearray)

    def __post_init__(self) -> None:
        self.taken = bytearray(self.length)

    def free(self, start: int, end: int) -> bool:
        """Whether nothing is claimed between two positions."""
        return self.taken.find(1, start, end) < 0

    def claim(self, found: Iterable[Item]) -> None:
        """Keep those of `found` whose place is free."""
        for item in found:
            if item.end > item.start and self.free(item.start, item.end):
                self.items.append(item)
                self.taken[item.start : item.end] = b"\x01" * (item.end - item.start)

    def gaps(self) -> Iterator[tuple[int, int]]:
        """The stretches that nothing claimed."""
        position = 0
        for item in sorted(self.items, key=lambda i: i.start):
            if item.start > position:
                yield position, item.start
            position = max(position, item.end)
        if position < self.length:
            yield position, self.length
