"""Counts, weights and volumes: figures with a unit, per piece or in all, and dimensions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from ingestd.parsing.definitions import Definitions
from ingestd.parsing.items import Item, Kind
from ingestd.parsing.numerals import DIGITS, number, spelt, values
from ingestd.parsing.wording import alternation

TON = Decimal(1000)
LOOK_BACK = 18  # characters before a figure that may say what sort of figure it is
LOOK_AHEAD = 6
VOLUME_PLACES = Decimal("0.001")
HAN = re.compile("[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class Figure:
    """An amount with what its surroundings say about it."""

    amount: Decimal | None  # None for a range
    unit: str = ""
    sort: str = ""  # of a count: package, pallet or piece
    per: str | None = None  # the unit word it is meant for each of, "" for each without a word
    total: bool = False
    settled: bool = False  # words say that this is the figure that counts
    gross: bool | None = None


@dataclass(frozen=True, slots=True)
class Grammar:
    """The compiled patterns over units."""

    figure: re.Pattern[str]
    dimensions: re.Pattern[str]
    spoken_dimensions: re.Pattern[str]
    units: dict[str, tuple[str, Decimal]]
    sorts: dict[str, str]
    per_before: re.Pattern[str]
    per_behind: re.Pattern[str]
    total: re.Pattern[str]
    settled_before: re.Pattern[str]
    settled_behind: re.Pattern[str]
    gross: re.Pattern[str]
    net: re.Pattern[str]
    not_before: re.Pattern[str]
    not_behind: re.Pattern[str]
    lengths: dict[str, Decimal]


@lru_cache(maxsize=4)
def grammar(definitions: Definitions) -> Grammar:
    """The patterns made of the definitions' units."""
    kinds = {w: (u.kind, u.factor) for u in definitions.units for w in u.words}
    sorts = {w: u.kind for u in definitions.units for w in u.words if u.kind in ("package", "piece")}
    sorts |= {w: "pallet" for u in definitions.units if u.kind == "pallet" for w in u.words}
    measured = {w: k for w, k in kinds.items() if k[0] in ("weight", "volume")}
    lengths = {w: k[1] for w, k in kinds.items() if k[0] == "length"}
    counted = alternation([*measured, *sorts])
    return Grammar(
        figure=re.compile(figure_pattern(definitions, counted)),
        dimensions=re.compile(dimension_pattern(lengths)),
        spoken_dimensions=re.compile(spoken_pattern(definitions, lengths)),
        units=measured,
        sorts=sorts,
        per_before=re.compile(per_pattern(definitions, sorts)),
        per_behind=re.compile(per_behind_pattern(definitions, sorts)),
        total=re.compile(rf"(?:{alternation(definitions.of('total'))})[^,;。\d\n]{{0,5}}$"),
        settled_before=re.compile(rf"(?:{alternation(definitions.of('settled'))})\s?$"),
        settled_behind=re.compile(rf"\s?(?:{alternation(definitions.of('settled'))})"),
        gross=re.compile(rf"(?:{alternation(definitions.of('gross'))})[^,;。\d\n]{{0,10}}$"),
        net=re.compile(rf"(?:{alternation(definitions.of('net'))})[^,;。\d\n]{{0,10}}$"),
        not_before=re.compile(rf"(?:{alternation(definitions.of('not_before_count'))})$"),
        not_behind=re.compile(rf"(?:{alternation(definitions.of('not_behind_count'))})"),
        lengths=lengths,
    )


def figure_pattern(definitions: Definitions, counted: str) -> str:
    """A number, perhaps vague, its unit, and a spoken rest such as one-ton-eight or two-cubic-and-a-half."""
    signs, half = "".join(map(re.escape, values(definitions))), "".join(definitions.of("halves"))
    heavy = alternation(w for u in definitions.units if u.kind == "weight" and u.factor == TON for w in u.words)
    vague, until = alternation(definitions.of("behind_about")), alternation(definitions.of("until"))
    first = "".join(sorted({re.escape(w[0]) for u in definitions.units if u.kind == "weight" for w in u.words}))
    return (
        rf"(?=[\d{signs}{half}{first}])(?:"  # a scan passes quickly over places where no figure begins
        rf"(?<![\d.a-z])(?P<low>(?:{DIGITS}))\s?(?:[-~]|{until})\s?(?P<high>{DIGITS})\s?(?P<range_unit>{counted})(?![a-z])"
        rf"|(?<![\d.])(?P<digits>{DIGITS})\s{{0,2}}(?:{vague})?\s?(?P<unit>{counted})(?![a-z])"
        rf"(?:(?P<half>{half})|(?P<rest>[{signs}\d](?![\u4e00-\u9fff]|[\d.]|\s?{counted})))?"
        rf"|(?P<spelt>{spelt(definitions)})(?:{vague})?(?P<spelt_unit>{counted})(?![a-z])"
        rf"(?:(?P<spelt_half>{half})|(?P<spelt_rest>[{signs}](?![\u4e00-\u9fff]|\d|\s?{counted})))?"
        rf"|(?<![\d.{signs}])(?P<one_unit>{heavy})(?P<one_half>{half}))"
    )


def dimension_pattern(lengths: dict[str, Decimal]) -> str:
    """Length by width by height, the unit behind the last or behind each."""
    unit, by = alternation(lengths), r"\s{0,2}[x*]\s{0,2}"
    one = r"\d{1,5}(?:\.\d{1,3})?"
    return (
        rf"(?<![\d.])(?P<a>{one})\s?(?P<ua>{unit})?{by}(?P<b>{one})\s?(?P<ub>{unit})?{by}(?P<c>{one})\s?(?P<uc>{unit})?"
        rf"(?![\d.])"
    )


def spoken_pattern(definitions: Definitions, lengths: dict[str, Decimal]) -> str:
    """Dimensions with the words for length, width and height before each."""
    unit = alternation(lengths)
    words = list(definitions.of("length_words"))
    if len(words) != 3:
        return r"(?!)"
    about = alternation(definitions.of("about"))
    one = rf"\s?:?(?:{about})?\s?(\d{{1,5}}(?:\.\d{{1,3}})?)\s?({unit})?[ ,\u3001]{{0,3}}"
    return "".join(re.escape(word) + one for word in words)


def per_pattern(definitions: Definitions, sorts: dict[str, str]) -> str:
    """Words right before a figure that make it one of each piece."""
    per, unit = alternation(definitions.of("per")), alternation(sorts)
    return (
        rf"(?:{per})({unit})[^\d,;。\n]{{0,6}}$|(?:{alternation(definitions.of('per_english'))})()[^\d,;。\n]{{0,4}}$"
    )


def per_behind_pattern(definitions: Definitions, sorts: dict[str, str]) -> str:
    """Words right behind a figure that make it one of each piece."""
    per, unit = alternation(definitions.of("per_behind")), alternation(sorts)
    return rf"\s?(?:{per})\s?({unit})|\s?(?:{alternation(definitions.of('per_english'))})()"


def find(folded: str, definitions: Definitions) -> Iterator[Item]:
    """All measures in a text; dimensions first, since their figures are no counts."""
    g = grammar(definitions)
    yield from dimension_items(folded, g)
    for match in g.figure.finditer(folded):
        item = figure_item(match, folded, g, definitions)
        if item is not None:
            yield item


def figure_item(match: re.Match[str], folded: str, g: Grammar, definitions: Definitions) -> Item | None:
    """The item for one figure, None where the words around show that it is none."""
    before = folded[max(0, match.start() - LOOK_BACK) : match.start()]
    behind = folded[match.end() : match.end() + LOOK_AHEAD]
    unit = match["unit"] or match["spelt_unit"] or match["range_unit"] or match["one_unit"]
    if g.not_before.search(before) or (unit in g.sorts and g.not_behind.match(behind)):
        return None
    spoken = match["spelt"] is not None
    if spoken and not stands_alone(match, before, behind, unit, definitions):
        return None
    amount = amount_of(match, definitions)
    if amount is None and match["low"] is None:
        return None
    return measured(match, unit, amount, (before, behind), g)


def stands_alone(match: re.Match[str], before: str, behind: str, unit: str, definitions: Definitions) -> bool:
    """Whether a spelt figure is one, and not part of a word such as a jack, a set of four or a third party."""
    if match["spelt_half"] or match["spelt_rest"] or len(match["spelt"]) > 1:
        return True
    if behind[:1] in grammar(definitions).sorts and behind[:1] not in grammar(definitions).units:
        return False
    return not (HAN.match(before[-1:] or " ") and HAN.match(behind[:1] or " ") and unit in short_volume(definitions))


def short_volume(definitions: Definitions) -> set[str]:
    """Volume words of one character, which also mean other things."""
    return {w for w, (kind, _) in grammar(definitions).units.items() if kind == "volume" and len(w) == 1}


def amount_of(match: re.Match[str], definitions: Definitions) -> Decimal | None:
    """The number of a figure with its spoken rest."""
    if match["low"]:
        return None
    if match["one_half"]:
        return Decimal("1.5")  # a unit and a half
    amount = number(match["digits"] or match["spelt"], definitions)
    if amount is None:
        return None
    if match["half"] or match["spelt_half"]:
        return amount + Decimal("0.5")
    rest = match["rest"] or match["spelt_rest"]
    measured = (match["unit"] or match["spelt_unit"]) in grammar(definitions).units
    worth = (int(rest) if rest.isdigit() else values(definitions).get(rest, 0)) if rest and measured else 0
    return amount + Decimal(worth) / 10 if 0 < worth < 10 else amount


def measured(match: re.Match[str], unit: str, amount: Decimal | None, around: tuple[str, str], g: Grammar) -> Item:
    """A figure with what is said around it; a spoken rest behind a unit of count is no part of the number."""
    before, behind = around
    per_before, per_behind = g.per_before.search(before), g.per_behind.match(behind)
    marker = (per_before or per_behind) if unit in g.units else None
    per = (marker[1] or "") if marker else None
    net, gross = bool(g.net.search(before)), bool(g.gross.search(before))
    figure = Figure(
        amount,
        match.string[match.start("unit") : match.end("unit")] if match["unit"] else unit,
        g.sorts.get(unit, ""),
        per,
        bool(g.total.search(before)),
        bool(g.settled_before.search(before) or g.settled_behind.match(behind)),
        True if gross else (False if net else None),
    )
    kind, factor = g.units.get(unit, ("count", Decimal(1)))
    if figure.amount is not None and kind != "count":
        figure = Figure(figure.amount * factor, figure.unit, "", per, figure.total, figure.settled, figure.gross)
    end = match.end() + (per_behind.end() if per is not None and not per_before and per_behind else 0)
    start = match.start() - (len(before) - per_before.start() if per is not None and per_before else 0)
    return Item(KINDS[kind], start, end, figure, "measure." + kind)


KINDS = {"count": Kind.COUNT, "weight": Kind.WEIGHT, "volume": Kind.VOLUME}


def dimension_items(folded: str, g: Grammar) -> Iterator[Item]:
    """Volumes of one piece from its dimensions."""
    for match in g.dimensions.finditer(folded) if "x" in folded or "*" in folded else ():
        sides = [match[s] for s in "abc"]
        units = [match["u" + s] for s in "abc"]
        yield from dimension(match, sides, units, g)
    for match in g.spoken_dimensions.finditer(folded):
        groups = match.groups()
        yield from dimension(match, list(groups[0::2]), list(groups[1::2]), g)


def dimension(match: re.Match[str], sides: list[str], units: list[str | None], g: Grammar) -> Iterator[Item]:
    """One piece's volume; without any unit centimetres where the sides are larger than a truck in metres."""
    common = next((u for u in reversed(units) if u), None)
    if common is None and max(map(Decimal, sides)) < 20:
        factor = Decimal(1)
    else:
        factor = g.lengths.get(common or "", Decimal("0.01"))
    volume = Decimal(1)
    for side, unit in zip(sides, units, strict=True):
        volume *= Decimal(side) * (g.lengths[unit] if unit else factor)
    yield Item(Kind.VOLUME, match.start(), match.end(), Figure(volume, "", "", ""), "measure.dimensions")
