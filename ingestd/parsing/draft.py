"""What has been found for one order so far, every find with its words and rule."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any, NamedTuple

from ingestd.parsing.cargo import Event
from ingestd.parsing.items import Kind
from ingestd.parsing.text import Text

ANNOUNCED = "goods.announced"  # the rule of goods that are named without a figure, such as what a lot is of
VESSEL = "goods.vessel"  # the rule of words that say what goods are put in


class Found(NamedTuple):
    """A value for a field, where in the text it stands, and the rule that read it.

    `elsewhere` are its words where they don't stand in the text, as in a signature.
    """

    value: Any
    start: int
    end: int
    rule: str
    elsewhere: str = ""


@dataclass(slots=True)
class Draft:
    """The finds of one order by the contract's dotted paths."""

    text: Text
    finds: dict[str, list[Found]] = field(default_factory=dict)
    goods: list[tuple[Event, Found]] = field(default_factory=list)
    bad_phones: list[tuple[str, Found]] = field(default_factory=list)  # role, digits
    leftovers: list[Found] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    unreadable: set[str] = field(default_factory=set)
    ambiguous: set[str] = field(default_factory=set)
    adopted: set[str] = field(default_factory=set)  # the shipper's fields that came from the pickup's contact
    spots: tuple[tuple[int, int], ...] = ()  # the stretches of the text that are the order's
    otherwise: set[str] = field(default_factory=set)  # the fields of which the second opinion is another, or not sure

    def holds(self, start: int, end: int) -> bool:
        """Whether a stretch of the text meets the order's own."""
        return any(first < end and start < last for first, last in self.spots)

    def add(self, path: str, value: Any, start: int, end: int, rule: str) -> None:
        """Note a value for a field."""
        if value not in (None, ""):
            self.finds.setdefault(path, []).append(Found(value, start, end, rule))

    def add_elsewhere(self, path: str, value: Any, words: str, rule: str) -> None:
        """Note a value whose words stand outside of the text."""
        if value not in (None, ""):
            self.finds.setdefault(path, []).append(Found(value, 0, 0, rule, words))

    def drop_announced(self) -> None:
        """Leave out goods named in general, such as some parts, where others are named right behind with figures."""
        events = self.goods
        kept = [
            (event, found)
            for (event, found), behind in zip_longest(events, events[1:])
            if found.rule != ANNOUNCED or behind is None or behind[0].kind is not Kind.WORDS
        ]
        if any(event.kind is Kind.WORDS for event, _ in kept):
            self.goods = kept

    def has(self, path: str) -> bool:
        """Whether anything was found for a field."""
        return path in self.finds

    def all(self, path: str) -> list[Found]:
        """Everything found for a field."""
        return self.finds.get(path, [])

    def first(self, path: str) -> Found | None:
        """The first find for a field."""
        found = self.finds.get(path)
        return found[0] if found else None

    def words(self, found: Found) -> str:
        """The words a find came from."""
        return found.elsewhere or self.text.shown[found.start : found.end].strip()
