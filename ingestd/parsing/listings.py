"""Orders that only their look sets apart: lines, or clauses, that each hold a count of goods and somebody's phone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from ingestd.parsing import gazetteer
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.items import Item, Kind
from ingestd.parsing.wording import alternation

FEWEST = 2  # lines that make a list
CLAUSE_END = re.compile(r"[;。!\n]")
COMMA = re.compile(r"[,;。!\n]")
LINE_END = re.compile(r"\n")
FIGURES = (Kind.COUNT, Kind.WEIGHT)


class Stretch(NamedTuple):
    """A line or clause and the items that begin in it."""

    start: int
    end: int
    items: tuple[Item, ...]

    @property
    def phones(self) -> set[str]:
        """The phones in it."""
        return {i.value for i in self.items if i.kind is Kind.PHONE}

    @property
    def whole(self) -> bool:
        """Whether it holds a count or weight of goods, and somebody's phone."""
        return bool(self.phones) and any(i.kind in FIGURES and i.value.per is None for i in self.items)

    @property
    def sides(self) -> frozenset[str]:
        """Whose labels stand in it."""
        return frozenset(i.value.role for i in self.items if i.kind is Kind.LABEL)


def lines(folded: str, items: Sequence[Item], definitions: Definitions) -> list[int]:
    """Where the lines of a list of orders begin, each perhaps with the heading above it."""
    found = list(stretches(folded, items, LINE_END))
    whole = [s for s in found if s.whole]
    if not listed(whole, folded, definitions):
        return []
    starts = [s.start for s in whole]
    heads = [heading(s, found, folded) for s in whole]
    return [head for head in heads if head is not None] if None not in heads else starts


def clauses(folded: str, items: Sequence[Item], definitions: Definitions) -> list[int]:
    """Where the clauses of a list of orders begin, where it is said how many there are or that one more follows."""
    g = grammar(definitions)
    counted = {number(m, definitions) for m in g.counted.finditer(folded)}
    if not counted and not any(word in folded for word in definitions.of("further_words")):
        return []  # which is quicker seen than clauses
    whole = [s for s in stretches(folded, items, CLAUSE_END) if s.whole]
    if not listed(whole, folded, definitions) or not all(receives(s, folded, definitions) for s in whole):
        return []
    further = all(g.further.match(folded, s.start, s.end) for s in whole[1:])
    if len(whole) not in counted and not further:
        return []
    return [behind_count(s, folded, definitions) for s in whole]


def paid_apart(folded: str, items: Sequence[Item], definitions: Definitions) -> list[int]:
    """Where orders begin that only commas part, each with who pays it."""
    if sum(item.kind is Kind.CHOICE and item.value[0] == "payment" for item in items) < FEWEST:
        return []
    whole = [s for s in stretches(folded, items, COMMA) if s.whole]
    paid = all(any(i.kind is Kind.CHOICE and i.value[0] == "payment" for i in s.items) for s in whole)
    return [s.start for s in whole] if paid and listed(whole, folded, definitions) else []


def ways(folded: str, items: Sequence[Item], definitions: Definitions) -> Iterator[list[int]]:
    """Where the orders of a list begin, by each way to write one; none where a text holds too little for a list."""
    if enough(items):
        for way in (lines, clauses, paid_apart):
            yield way(folded, items, definitions)


def enough(items: Sequence[Item]) -> bool:
    """Whether a text holds numbers and figures for a list."""
    phones = {i.value for i in items if i.kind is Kind.PHONE}
    return len(phones) >= FEWEST and sum(i.kind in FIGURES and i.value.per is None for i in items) >= FEWEST


def listed(whole: Sequence[Stretch], folded: str, definitions: Definitions) -> bool:
    """Whether stretches are orders of their own: each names other phones, and they speak of the same sides."""
    if len(whole) < FEWEST:
        return False
    for stretch in whole:
        others: set[str] = set().union(*(s.phones for s in whole if s is not stretch))
        if not stretch.phones - others:
            return False
    received = [receives(s, folded, definitions) for s in whole]
    return all(received) or (not any(received) and len({s.sides for s in whole}) == 1)


def receives(stretch: Stretch, folded: str, definitions: Definitions) -> bool:
    """Whether a stretch says to whom the goods go, or where."""
    if any(i.kind is Kind.LABEL and (i.value.role == "consignee" or i.value.slot == "place") for i in stretch.items):
        return True
    return any(
        gazetteer.end_of_town(folded, going.end(), definitions) is not None
        for going in grammar(definitions).going.finditer(folded, stretch.start, stretch.end)
    )


def heading(stretch: Stretch, found: Sequence[Stretch], folded: str) -> int | None:
    """Where the line right above one of a list begins if it ends in a colon and holds no goods; else None."""
    above: Stretch | None = next(
        (s for s in reversed(found) if s.end <= stretch.start and folded[s.start : s.end].strip()), None
    )
    if above is None or above.whole or not folded[above.start : above.end].rstrip().endswith(":"):
        return None
    return above.start


def behind_count(stretch: Stretch, folded: str, definitions: Definitions) -> int:
    """Where a clause begins behind words that count the orders and a colon."""
    found = grammar(definitions).opening.match(folded, stretch.start, stretch.end)
    return found.end() if found else stretch.start


def stretches(folded: str, items: Sequence[Item], sign: re.Pattern[str]) -> Iterator[Stretch]:
    """A text in stretches between signs that no item holds."""
    cuts = [m.end() for m in sign.finditer(folded)]
    if sign is not LINE_END:
        covered = bytearray(len(folded))
        for item in items:
            if item.kind is not Kind.BREAK and item.kind is not Kind.WORDS:
                covered[item.start : item.end] = b"\x01" * (item.end - item.start)
        cuts = [end for end in cuts if not covered[end - 1] or folded[end - 1] == "\n"]
    index = 0
    for start, end in zip([0, *cuts], [*cuts, len(folded)], strict=True):
        inside = []
        while index < len(items) and items[index].start < end:
            inside.append(items[index])
            index += 1
        if inside:
            first = next((i.start for i in inside if i.kind is not Kind.BREAK), start)
            yield Stretch(max(start, min(first, end)), end, tuple(inside))


@dataclass(frozen=True, slots=True)
class Grammar:
    """The compiled patterns of how many orders there are."""

    counted: re.Pattern[str]
    further: re.Pattern[str]
    going: re.Pattern[str]
    opening: re.Pattern[str]


@lru_cache(maxsize=4)
def grammar(definitions: Definitions) -> Grammar:
    """The patterns made of the definitions' words."""
    of = definitions.of
    signs = "".join(sign for sign, value in definitions.numerals if 1 < value <= 10)
    counted = rf"(?P<number>[{signs}]|\d{{1,2}})(?:{alternation(of('order_counts'))})"
    return Grammar(
        counted=re.compile(counted),
        further=re.compile(rf"[\s,]{{0,3}}(?:{alternation(of('further_words'))})"),
        going=re.compile(alternation(of("weak_destination"))),
        opening=re.compile(rf"[^:;。\n\d]{{0,12}}{counted}[^:;。\n\d]{{0,4}}:"),
    )


def number(match: re.Match[str], definitions: Definitions) -> int:
    """How many orders are said to be."""
    written = match["number"]
    return int(written) if written.isdigit() else int(dict(definitions.numerals).get(written, 0))
