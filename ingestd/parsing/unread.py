"""What stands in a text and went into no value: words, weights, times and sums."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from ingestd.domain.reading import OrderReading
from ingestd.parsing import parties, prose
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.draft import Draft, Found
from ingestd.parsing.items import Item, Kind
from ingestd.parsing.purposes import Purpose
from ingestd.parsing.text import folded

SIGNS = re.compile(r"[\s,.;:。、!?()（），\[\]/\\'\"*_~|#-]+")
DIGITS = re.compile(r"\d{2,}|\d+\.\d")
NAMING = ("party", "party_phone", "person", "company")  # slots of labels that somebody's name follows
NUMBERS = (Kind.PHONE, Kind.BAD_PHONE)
SUMS = {Kind.FREIGHT: "freight", Kind.COD: "cod", Kind.DECLARED: "declared_value", Kind.CHARGE: "charges"}


@dataclass(frozen=True)
class Coverage:
    """The items of a content beside the places that its drafts took."""

    items: Sequence[Item]
    drafts: Sequence[Draft]

    @cached_property
    def taken(self) -> bytearray:
        """A mark for each sign of the text that a value came from."""
        marks = bytearray(len(self.drafts[0].text.folded) + 1)
        for draft in self.drafts:
            for start, end in spans(draft):
                marks[start:end] = b"\x01" * (end - start)
        return marks

    @cached_property
    def named(self) -> frozenset[str]:
        """The names that the drafts hold, without signs: as found, and the words that they were found in."""
        finds = [(draft, found) for draft in self.drafts for found in texts(draft)]
        said = {plain_of(draft.words(found).lower()) for draft, found in finds}
        return frozenset(said | {plain_of(found.value.lower()) for _, found in finds}) - {""}

    @cached_property
    def open(self) -> tuple[Item, ...]:
        """The items that no value came from, without those that a label says to be no data of the order."""
        return tuple(i for i in heeded(self.items) if not self.taken.find(1, i.start, i.end) >= 0)


@dataclass(frozen=True)
class Suspect:
    """An order with what it was made of."""

    order: OrderReading
    draft: Draft
    coverage: Coverage
    definitions: Definitions

    @cached_property
    def values(self) -> tuple[tuple[str, str, str], ...]:
        """The names and places of the order: path, value and its folded form."""
        order = self.order
        texts = (
            ("shipper.name", order.shipper.name), ("consignee.name", order.consignee.name),
            ("destination", order.destination), ("pickup.address", order.pickup.address),
            ("consignee.address", order.consignee.address), ("shipper.company", order.shipper.company),
            ("consignee.company", order.consignee.company),
        )  # fmt: skip
        return tuple((path, value, folded(value, self.definitions)) for path, value in texts if value)

    def folded(self, item: Item) -> str:
        """An item's words in folded form."""
        return self.draft.text.folded[item.start : item.end]


def spans(draft: Draft) -> Iterator[tuple[int, int]]:
    """The places that a draft took its finds from."""
    for finds in draft.finds.values():
        yield from ((f.start, f.end) for f in finds)
    yield from ((f.start, f.end) for _, f in draft.goods)
    yield from ((f.start, f.end) for _, f in draft.bad_phones)


def texts(draft: Draft) -> Iterator[Found]:
    """The finds of a draft that are words."""
    finds = (*(f for found in draft.finds.values() for f in found), *(f for _, f in draft.goods))
    return (found for found in finds if isinstance(found.value, str))


def plain_of(words: str) -> str:
    """Words without signs and spaces."""
    return SIGNS.sub("", words)


def heeded(items: Iterable[Item]) -> Iterator[Item]:
    """The items without those behind a label of something else, up to the end of their line."""
    idle = False
    for item in items:
        if item.kind is Kind.LABEL:
            idle = item.value.slot == "nothing" or item.value.role == "carrier"
        elif item.kind is Kind.BREAK and item.rule == "\n":
            idle = False
        if not idle:
            yield item


def somebody(suspect: Suspect) -> Iterator[str]:
    """A person or company under a label, or before a phone under one, who is in no field."""
    unread = {i.start for i in suspect.coverage.open}
    slot = role = ""
    for item, following in zip(suspect.coverage.items, (*suspect.coverage.items[1:], None), strict=True):
        if item.kind is Kind.LABEL:
            slot, role = (item.value.slot, item.value.role) if item.value.sure else ("", "")
        elif item.kind is Kind.BREAK and item.rule == "\n":
            slot = ""
        elif item.kind is Kind.WORDS and item.start in unread and slot in NAMING:
            numbered = following is not None and following.kind in NUMBERS
            if role == "shipper" and not numbered and suspect.order.shipper.name and suspect.order.shipper.phones:
                continue  # one more of the sender's people, and no phone by which to take him for another
            if numbered or names_somebody(suspect.folded(item), suspect.definitions):
                yield f"{role}.name" if role in ("shipper", "consignee") else ""


def names_somebody(folded: str, definitions: Definitions) -> bool:
    """Whether words that are neither talk nor a hint are plainly a person or a company."""
    if prose.is_noise(folded, definitions) or prose.is_hint(folded, definitions):
        return False
    return parties.names_somebody(folded, definitions)


def weights(suspect: Suspect) -> Iterator[str]:
    """A weight or volume of the whole that counts nowhere, such as another total in a remark."""
    for item in suspect.coverage.open:
        if item.kind in (Kind.WEIGHT, Kind.VOLUME) and item.value.per is None:
            yield "cargo.weight_kg"


def wishes(suspect: Suspect) -> Iterator[str]:
    """A time to come beside a word of fetching or bringing that opened no window and set no deadline."""
    for item in suspect.coverage.open:
        if item.kind is Kind.TIME and item.value.purpose is not Purpose.NONE and (item.value.offset or 0) >= 0:
            yield "pickup.by" if item.value.purpose is Purpose.PICKUP else "deliver_by"
    if any(word in suspect.draft.text.folded for word in suspect.definitions.of("moon_days")):
        yield ""  # a day of the other calendar, which is not reckoned


def sums(suspect: Suspect) -> Iterator[str]:
    """A sum whose words say what it is for and that is in no field."""
    yield from (SUMS[item.kind] for item in suspect.coverage.open if item.kind in SUMS)
