"""What a figure says, and what two figures side by side say of each other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from ingestd.parsing.definitions import Definitions
from ingestd.parsing.items import Item, Kind
from ingestd.parsing.wording import alternation

MAX_BETWEEN = 16  # characters between two figures of which one says something of the other


class Figure(NamedTuple):
    """An amount with what its surroundings say about it."""

    amount: Decimal | None  # None for a range
    unit: str = ""
    sort: str = ""  # of a count: package, pallet or piece
    per: str | None = None  # the unit word it is meant for each of, "" for each without a word
    total: bool = False
    settled: bool = False  # words say that this is the figure that counts
    gross: bool | None = None
    withdrawn: bool = False  # words say that it is not so
    corrects: bool = False  # words say that it takes the place of the figure before it
    at: tuple[int, int] = (0, 0)  # where its unit stands in the text
    part: bool = False  # of some of the goods that were counted before
    lone: bool = False  # a spoken "one", which means "each" beside another count


@dataclass(frozen=True, slots=True)
class Links:
    """The compiled patterns between two figures."""

    joint: re.Pattern[str]
    strong: re.Pattern[str]
    times: re.Pattern[str]


@lru_cache(maxsize=4)
def link_grammar(definitions: Definitions) -> Links:
    """What may stand between two figures of which one says something of the other."""
    of = definitions.of
    strong = rf"[/\u3001]|{alternation(of('and_words'))}"
    lists = ("weight_heads", "volume_heads", "gross", "net", "gross_sign", "net_sign", "about")
    heads = alternation(word for name in lists for word in of(name))
    return Links(
        joint=re.compile(
            rf"[\s:()]*(?:{strong}|[,x*]|{alternation(of('multiplied'))})?[\s:]*(?:(?:{heads})[\s:]*){{0,2}}"
        ),
        strong=re.compile(strong),
        times=re.compile(rf"\s*(?:{alternation(of('multiplied'))})\s*"),
    )


def linked(found: list[Item], folded: str, definitions: Definitions) -> Iterator[Item]:
    """Figures with what a neighbour's words say of them as well: for each piece, times, in all."""
    links = link_grammar(definitions)
    figures = list(found)
    for index in range(1, len(figures)):
        left, right = figures[index - 1], figures[index]
        between = folded[left.end : right.start]
        if len(between) > MAX_BETWEEN or not links.joint.fullmatch(between):
            continue
        figures[index - 1], figures[index] = pair(left, right, between, links)
    yield from figures


def pair(left: Item, right: Item, between: str, links: Links) -> tuple[Item, Item]:
    """Two figures side by side, each with what is said of the other where it holds for both."""
    a, b = left.value, right.value
    if left.kind is Kind.COUNT and right.kind is Kind.COUNT:
        a, b = one_in_another(a, b, between)
    elif links.times.fullmatch(between) and Kind.COUNT in (left.kind, right.kind):
        a, b = times(left, right)
    elif left.kind is Kind.COUNT or (a.total and left.kind is not right.kind):
        if a.total and b.per is None and not b.total:
            b = b._replace(total=True)
    elif right.kind is not Kind.COUNT:
        alike = left.kind is not right.kind and bool(links.strong.search(between))
        if alike or (left.kind is right.kind and {a.gross, b.gross} == {True, False}):
            a, b = both_each(a, b, announced=right.end == right.value.at[1])
    return with_figure(left, a), with_figure(right, b)


def one_in_another(a: Figure, b: Figure, between: str) -> tuple[Figure, Figure]:
    """Counts such as one machine one crate: how the goods are packed."""
    if a.amount != 1 or b.amount is None or len(between) > 1 or a.unit == b.unit:
        return a, b
    return a._replace(per=""), b._replace(per=a.unit)


def times(left: Item, right: Item) -> tuple[Figure, Figure]:
    """A count times a weight or volume: the latter is of each piece."""
    a, b = left.value, right.value
    if left.kind is Kind.COUNT:
        return a, b._replace(per=a.unit if b.per is None else b.per)
    return a._replace(per=b.unit if a.per is None else a.per), b


def both_each(a: Figure, b: Figure, *, announced: bool) -> tuple[Figure, Figure]:
    """Two figures of which one is of each piece, the other as well unless it is a total.

    Words that announce the second one as of each piece don't reach back to the first.
    """
    if a.per is not None and b.per is None and not b.total:
        return a, b._replace(per=a.per)
    if b.per is not None and a.per is None and not a.total and not announced:
        return a._replace(per=b.per), b
    return a, b


def with_figure(item: Item, figure: Figure) -> Item:
    """An item with another figure."""
    return item if figure is item.value else Item(item.kind, item.start, item.end, figure, item.rule)
