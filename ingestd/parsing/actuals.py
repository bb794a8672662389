"""What was really there, among the figures of a report: not what the papers say, what is missing and what remains."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from ingestd.domain.reading import Actual
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.figures import Figure
from ingestd.parsing.items import Item, Kind
from ingestd.parsing.text import Text
from ingestd.parsing.wording import alternation, phrases

FIGURES = (Kind.COUNT, Kind.WEIGHT, Kind.VOLUME)
HEADS = (("count", "count_heads"), ("weight", "weight_heads"), ("volume", "volume_told"))
LOOK_BACK = 6  # characters before a figure that say what it is


@dataclass(frozen=True, slots=True)
class Grammar:
    """The compiled words about figures."""

    real: re.Pattern[str]  # before what was counted or weighed
    unreal: re.Pattern[str]  # before what the papers say, what is missing or remains
    harmless: re.Pattern[str]  # words that only hold such a word: the slip of a scale
    behind: re.Pattern[str]  # behind what is missing, remains or only names an order
    part: re.Pattern[str]  # so many of
    headed: re.Pattern[str]  # a bare number behind what it measures
    weighed: re.Pattern[str]


@lru_cache(maxsize=4)
def grammar(definitions: Definitions) -> Grammar:
    """The patterns made of the definitions' words."""
    of = definitions.of
    return Grammar(
        real=re.compile(rf"(?:{alternation(of('actual_words'))})[^\d,;]{{0,3}}$"),
        unreal=re.compile(alternation(of("not_actual"))),
        harmless=re.compile(alternation(of("harmless_words"))),
        behind=re.compile(rf"\s?(?:{phrases(of('not_actual_behind'))})(?!\d|{alternation(of('digit'))})"),
        part=re.compile(rf"(?<!\d)(?P<figure>\d{{1,5}}) (?:{alternation(of('part_of'))}) $"),
        headed=re.compile(
            rf"(?:{'|'.join(f'(?P<{kind}>{alternation(of(name))})' for kind, name in HEADS)})"
            rf"(?:{alternation(of('about'))}|[\s:])*(?P<figure>\d{{1,6}}(?:\.\d{{1,3}})?)(?![\d.:\-a-z\u4e00-\u9fff])"
        ),
        weighed=re.compile(
            rf"(?:{phrases(of('weighed'))})[\s:]?(?P<figure>\d{{2,5}}(?:\.\d)?)(?![\d.:])\s?(?![\u4e00-\u9fffa-z])"
        ),
    )


def told(text: Text, items: Sequence[Item], definitions: Definitions) -> Actual | None:
    """The figures that were really there, None where none are told."""
    sure: dict[Kind, Figure] = {}
    found: dict[Kind, Figure] = {}
    for kind, figure, real in [*spoken(text, items, definitions), *headed(text, definitions)]:
        found.setdefault(kind, figure)
        if real:
            sure.setdefault(kind, figure)
    counted = {**found, **sure}
    amounts = {kind: total(figure, counted.get(Kind.COUNT)) for kind, figure in counted.items()}
    if amounts.get(Kind.WEIGHT) is None:
        amounts[Kind.WEIGHT] = taken_over(text.folded, items, definitions)
    if not any(amount is not None for amount in amounts.values()):
        return None
    return Actual(amounts.get(Kind.COUNT), amounts.get(Kind.WEIGHT), amounts.get(Kind.VOLUME))


def spoken(text: Text, items: Sequence[Item], definitions: Definitions) -> Iterator[tuple[Kind, Figure, bool]]:
    """The figures that nothing beside them denies, and whether words say that they are of what was there.

    A figure right behind another is of the same: fourteen pieces, 280 kilograms.
    """
    g, end = grammar(definitions), 0
    denied = real = False
    for item in items:
        if item.kind not in FIGURES:
            continue
        before = g.harmless.sub("", text.folded[max(end, item.start - LOOK_BACK) : item.start])
        if before.strip(" /\u3001") or not end:
            denied = g.unreal.search(before) is not None
            real = g.real.search(text.folded, max(end, item.start - LOOK_BACK), item.start) is not None
        end = item.end
        if item.value.amount is not None and not denied and not g.behind.match(text.folded, end):
            part = g.part.search(text.folded, max(0, item.start - LOOK_BACK), item.start)
            figure = item.value._replace(amount=Decimal(part["figure"])) if part else item.value
            yield item.kind, figure, real


def headed(text: Text, definitions: Definitions) -> Iterator[tuple[Kind, Figure, bool]]:
    """Bare numbers behind what they measure: kilograms and cubic metres."""
    g = grammar(definitions)
    for match in g.headed.finditer(text.folded):
        before = text.folded[max(0, match.start() - LOOK_BACK) : match.start()]
        if not g.unreal.search(g.harmless.sub("", before)):
            kind = next(Kind(name) for name, _ in HEADS if match[name])
            real = g.real.search(text.folded, max(0, match.start() - LOOK_BACK), match.start("figure"))
            yield kind, Figure(Decimal(match["figure"])), real is not None


def total(figure: Figure, count: Figure | None) -> Decimal | None:
    """A figure, of all pieces where it is told for each; None where their number is not known."""
    if figure.per is None or figure is count:
        return figure.amount
    if count is None or count.amount is None or figure.amount is None or figure.per not in ("", count.unit):
        return None
    return figure.amount * count.amount


def taken_over(folded: str, items: Sequence[Item], definitions: Definitions) -> Decimal | None:
    """What a scale showed where its unit is that of the weight on paper, which was said before."""
    match = grammar(definitions).weighed.search(folded)
    paper = next((i for i in items if i.kind is Kind.WEIGHT), None)
    if match is None or paper is None or paper.end > match.start():
        return None
    factors = {word: unit.factor for unit in definitions.units if unit.kind == "weight" for word in unit.words}
    factor = factors.get(paper.value.unit)
    return None if factor is None else Decimal(match["figure"]) * factor
