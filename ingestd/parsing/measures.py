"""Counts, weights and volumes: figures with a unit, and what the words beside them say of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from ingestd.parsing import dimensions, gazetteer
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.figures import Figure, linked, with_figure
from ingestd.parsing.items import Item, Kind
from ingestd.parsing.numerals import DIGITS, TEN, is_vague, mixed, number, spelt, values
from ingestd.parsing.wording import alternation

TON = Decimal(1000)
LOOK_BACK = 24  # characters before a figure that may say what sort of figure it is
LOOK_AHEAD = 20  # and behind it
MAX_PART = 30  # characters behind "of which" that are about a part of the goods
VOLUME_PLACES = Decimal("0.001")
UNIT_END = r"(?:(?<=[\u3400-\u9fff])|(?![a-wyz]|x(?!\s?\d)))"  # a unit is no head of a word; "boxes x 15 kg" multiplies
ANNOUNCES = re.compile(r" ?[:=] ?\d")
MOBILE = re.compile(r"\s?1[3-9]\d{9}(?!\d)")
MINUS = re.compile(r"[:=]\s?-$")
SLASH = re.compile(r"\s?/\s?")
SPACED_STROKE = re.compile(r"[ \t]+/[ \t]")
TRUCK_ENDS = re.compile(r"[ ,;。!?\n]|$")
HAN = re.compile("[\u3400-\u9fff]")
ADDED = re.compile(r"\+(\d{1,6})([\u3400-\u9fff])(?=(?P<more>\+\d)|(?P<gap> )|)")


@dataclass(frozen=True, slots=True)
class Grammar:
    """The compiled patterns over units."""

    figure: re.Pattern[str]
    units: dict[str, tuple[str, Decimal]]
    sorts: dict[str, str]
    per_before: re.Pattern[str]
    per_each: re.Pattern[str]
    per_behind: re.Pattern[str]
    total: re.Pattern[str]
    settled_before: re.Pattern[str]
    settled_behind: re.Pattern[str]
    gross: re.Pattern[str]
    net: re.Pattern[str]
    net_behind: re.Pattern[str]
    not_before: re.Pattern[str]
    not_behind: re.Pattern[str]
    no_figure: re.Pattern[str]
    no_unit: re.Pattern[str]
    withdrawn: re.Pattern[str]
    corrects: re.Pattern[str]
    unit_heads: re.Pattern[str]
    weight_heads: re.Pattern[str]  # labels such as "tons" that name the unit of the weight under them
    part: re.Pattern[str]
    one: tuple[str, ...]


@lru_cache(maxsize=4)
def grammar(definitions: Definitions) -> Grammar:
    """The patterns made of the definitions' units."""
    of = definitions.of
    kinds = {w: (u.kind, u.factor) for u in definitions.units for w in u.words}
    sorts = {w: u.kind for u in definitions.units for w in u.words if u.kind in ("package", "piece")}
    sorts |= {w: "pallet" for u in definitions.units if u.kind == "pallet" for w in u.words}
    measured = {w: k for w, k in kinds.items() if k[0] in ("weight", "volume")}
    telling = [w for w in sorts if w not in of("generic_units")]
    return Grammar(
        figure=re.compile(figure_pattern(definitions, alternation([*measured, *sorts]))),
        units=measured,
        sorts=sorts,
        per_before=re.compile(per_pattern(definitions, sorts, of("per"))),
        per_each=re.compile(per_pattern(definitions, sorts, [w for w in of("per") if w not in of("one")])),
        per_behind=re.compile(per_behind_pattern(definitions, sorts)),
        total=re.compile(rf"(?:{alternation(of('total'))})[^,;。\d\n]{{0,5}}$"),
        settled_before=re.compile(rf"(?:{alternation(of('settled'))})\s?$"),
        settled_behind=re.compile(
            rf"\s?(?:{alternation(of('settled'))})|[\s,(]{{1,2}}(?:{alternation(of('settling'))})"
        ),
        gross=re.compile(rf"(?:{alternation(of('gross'))})[^,;。\d\n]{{0,10}}$|(?:{alternation(of('gross_sign'))})$"),
        net=re.compile(rf"(?:{alternation(of('net'))})[^,;。\d\n]{{0,10}}$|(?:{alternation(of('net_sign'))})$"),
        net_behind=re.compile(rf"\s?\(?(?:{alternation(of('net'))})(?![^,;。\n]{{0,4}}\d)"),
        not_before=re.compile(rf"(?:{alternation(of('not_before_count'))})$"),
        not_behind=re.compile(rf"(?:{alternation(of('not_behind_count'))})"),
        no_figure=re.compile(alternation(of("no_figures"))),
        no_unit=re.compile(alternation(of("no_units"))),
        withdrawn=re.compile(
            rf"(?:{alternation(of('withdrawing'))})\s?$|(?:{alternation(of('said_before'))})(?:的是|是|了|过)?\s?$"
            rf"|(?:{alternation(of('former_times'))})(?![^,;。\n]{{0,6}}(?:{alternation(of('same_as_then'))}))[^,;。\n\d]{{0,8}}$"
        ),
        corrects=re.compile(
            rf"(?:{alternation(of('correcting'))})[,.:!。\s]{{0,3}}"
            rf"(?:[^,;。\n\d]{{0,8}}(?:{alternation(of('corrected_to'))}))?(?:{alternation(of('about'))})?\s?$"
            rf"|(?:{alternation(of('taking_back'))})[,.!\s][^;。\n\d]{{0,16}}$"
        ),
        part=re.compile(rf"(?:{alternation(of('part_words'))})[^。;\n]*$"),
        one=of("one"),
        weight_heads=re.compile(
            rf"(?P<unit>{alternation(w for w, (kind, _) in measured.items() if kind == 'weight' and not w.isascii())})"
            rf"(?:{alternation(of('number_words'))})?$"
        ),
        unit_heads=re.compile(rf"(?P<unit>{alternation(telling)})(?:{alternation(of('number_words'))})?$"),
    )


def figure_pattern(definitions: Definitions, counted: str) -> str:
    """A number, perhaps vague, its unit, and a spoken rest such as one-ton-eight or two-cubic-and-a-half."""
    of = definitions.of
    signs, half = "".join(map(re.escape, values(definitions))), "".join(of("halves"))
    weights = [u for u in definitions.units if u.kind == "weight"]
    heavy = alternation(w for u in weights if u.factor == TON for w in u.words)
    light = alternation(w for u in weights if u.factor < TON for w in u.words)
    vague, until, some = alternation(of("behind_about")), alternation(of("until")), alternation(of("some"))
    prefix = rf"(?:{alternation(of('unit_prefixes'))})(?={alternation(of('after_prefix'))})"
    adjectives, follow = alternation(of("unit_adjectives")), alternation(of("behind_rest"))
    first = "".join(sorted({re.escape(w[0]) for u in weights for w in u.words}))
    figure, joint = rf"(?:{mixed(definitions)}|{DIGITS}|{spelt(definitions)})", rf"(?:[-~]|{until})"
    ones = "".join(re.escape(sign) for sign, worth in values(definitions).items() if 0 < worth < TEN)
    pairs = "".join(re.escape(sign) for sign in of("pair_signs"))
    onward = (  # what cannot go on the numeral of a spoken rest counts anew: one-ton-eight 12 cubic metres
        rf"(?<=[{ones}])(?=\d{{1,6}}+(?:\.\d+)?+\s?(?:{counted}))|(?<=[{ones}])(?=[{pairs}]\s?(?:{counted}))"
        rf"|(?<=\d)(?=[{ones}]\s?(?:{counted}))"
    )
    rest_end = rf"(?:{onward}|(?![\d.{signs}]|\s?(?:{counted})|[^\S\n]?[x*])(?=[^\u4e00-\u9fff]|$|{follow}))"
    coded = rf"(?!(?<=\d[a-z])\d{{2,5}}+(?!\d)(?:\.\d+)?+(?!\s?(?:{counted})))"  # 6t118 is a booth, 6t118箱 is not
    return (
        rf"(?=[\d{signs}{half}{first}{of('some')[0] if of('some') else ''}])(?:"  # passes quickly over other places
        rf"(?<![\d.a-z])(?P<low>{figure})\s?(?P<low_unit>{counted})?\s?{joint}\s?(?P<high>{figure})\s?"
        rf"(?P<range_unit>(?(low_unit)(?P=low_unit)|(?:{counted}))){UNIT_END}"
        rf"|(?<![\d.a-z])(?P<tons>{figure})\s?(?P<ton_unit>{heavy})(?:{alternation(of('compound_joints'))})?"
        rf"(?P<more>{figure})\s?(?P<more_unit>{light}){UNIT_END}"
        rf"|(?<![\d.])(?:(?P<times>\d{{1,4}})\s?[x*]\s?)?(?P<digits>{DIGITS})[^\S\n]{{0,2}}(?:{vague})?[^\S\n]?"
        rf"(?:{prefix})?(?P<unit>(?:(?:{adjectives})\s){{0,2}}(?:{counted})){UNIT_END}{coded}"
        rf"(?:(?P<half>{half})|(?P<rest>[{signs}\d]){rest_end})?"
        rf"|(?<![\d.])(?P<mixed>{mixed(definitions)})(?:{vague})?\s?(?P<mixed_unit>{counted}){UNIT_END}"
        rf"|(?P<some>[\d{signs}]{{0,3}}(?:{some})[{signs}]?)(?P<some_unit>{counted}){UNIT_END}"
        rf"|(?P<spelt>{spelt(definitions)})(?:{vague})?(?:{prefix})?(?P<spelt_unit>{counted}){UNIT_END}"
        rf"(?:(?P<spelt_half>{half})|(?P<spelt_rest>[{signs}]){rest_end})?"
        rf"|(?<![\d.{signs}])(?P<one_unit>{heavy})(?P<one_half>{half}))"
    )


def per_pattern(definitions: Definitions, sorts: dict[str, str], per: list[str] | tuple[str, ...]) -> str:
    """Words right before a figure that make it one of each piece."""
    unit, suffix = alternation(sorts), alternation(definitions.of("unit_suffixes"))
    alone = alternation([*definitions.of("per_english"), *definitions.of("per_alone")])
    be = alternation(definitions.of("vessel_is"))
    return (
        rf"(?:{alternation(per)})\s?({unit})(?:{suffix})?[^\d,;。\n]{{0,8}}$|(?<![a-z])(?:{alone})()[^\d,;。\n]{{0,4}}$"
        rf"|({unit})(?:{suffix})(?:{be})$"  # the bags are of 40 kg
    )


def per_behind_pattern(definitions: Definitions, sorts: dict[str, str]) -> str:
    """Words right behind a figure that make it one of each piece, unless another figure for each follows."""
    of = definitions.of
    packed = alternation(of("packed"))
    weighed = alternation(w for u in definitions.units if u.kind in ("weight", "volume") for w in u.words)
    figure = rf"(?:{mixed(definitions)}|{DIGITS}|{spelt(definitions)})"
    heads = alternation(of("number_words"))
    bags = [word for word, sort in sorts.items() if sort == "package" and not word.isascii()]
    return (
        rf"/({alternation(sorts)})(?!{heads}|[a-z\d])"  # 25 kg/box is one of each whatever follows
        rf"|[ \t]?(?:{packed})?[ \t]?(?:{alternation(of('per_behind'))})\s?({alternation(sorts)})"
        rf"(?![^,;。\n\d/]{{0,4}}{figure}\s?(?:{weighed}))|(?:{alternation(of('per_behind'))})({alternation(sorts)})(?=\s)"
        rf"|(?:{alternation(of('possessive'))})(?:{alternation(of('unit_prefixes'))})?({alternation(bags)})"
        rf"|\s?(?:{alternation(of('per_english'))})()|(?:{packed})()(?!{alternation(of('not_packed'))})"
    )


def find(folded: str, definitions: Definitions) -> Iterator[Item]:
    """All measures in a text; dimensions first, since their figures are no counts."""
    g = grammar(definitions)
    blocks = list(dimensions.find(folded, definitions))
    for block in blocks:
        figure = Figure(block.volume, per="") if block.pieces is None else Figure(block.volume * block.pieces)
        yield Item(Kind.VOLUME, block.start, block.end, figure, "measure.dimensions")
    barred = [m.span() for m in g.no_figure.finditer(folded)] + [(b.start, b.end) for b in blocks]
    figures = [figure_item(match, folded, g, definitions) for match in g.figure.finditer(folded)]
    every = sorted((i for i in (*figures, *added(figures, folded)) if i), key=lambda i: i.start)
    free = [i for i in every if not any(s < i.value.at[1] and i.value.at[0] < e for s, e in barred)]
    told = [with_figure(i, i.value._replace(part=True)) if partial(i, folded, g) else i for i in free]
    told = apart([one_counted(item, told, folded, g) for item in told])
    yield from linked(told, folded, definitions)


def added(figures: Sequence[Item | None], folded: str) -> list[Item]:
    """The counts of a sum whose unit no list holds: behind a count, and before another one or the weight of all."""
    starts, ends = {i.start for i in figures if i}, {i.end for i in figures if i and i.kind is Kind.COUNT}
    out: list[Item] = []
    for match in ADDED.finditer(folded):
        weighed = match.end() in starts or (match["gap"] and match.end() + 1 in starts)
        if match.start() in ends and match.start(1) not in starts and (match["more"] or weighed):
            figure = Figure(Decimal(match[1]), match[2], "package", at=match.span(2))
            out.append(Item(Kind.COUNT, match.start(1), match.end(), figure, "measure.count"))
            ends.add(match.end())
    return out


def apart(figures: list[Item]) -> list[Item]:
    """Figures without the words before them that the figure before already took as said of it."""
    out: list[Item] = []
    for item in figures:
        before = next((other for other in reversed(out) if other.value.per is not None), None)
        if before is not None and before.value.per == item.value.per and item.start < before.end <= item.value.at[0]:
            out.append(Item(item.kind, before.end, item.end, item.value._replace(per=None), item.rule))
        else:
            out.append(item)
    return out


def one_counted(item: Item, figures: list[Item], folded: str, g: Grammar) -> Item:
    """A weight behind "one crate", where nothing else is counted: there is one, and that is what it weighs."""
    one = next((word for word in g.one if folded.startswith(word, item.start)), "")
    counts = [other.start for other in figures if other.kind is Kind.COUNT]
    if item.kind is Kind.COUNT or not one or not item.value.per or set(counts) != {item.start}:
        return item
    start = item.start + len(one) + len(item.value.per)
    return Item(item.kind, start, item.end, item.value._replace(per=None), item.rule)


def partial(item: Item, folded: str, g: Grammar) -> bool:
    """Whether a figure is said of a part of the goods, behind "of which"."""
    return not item.value.total and bool(g.part.search(folded, max(0, item.start - MAX_PART), item.start))


def figure_item(match: re.Match[str], folded: str, g: Grammar, definitions: Definitions) -> Item | None:
    """The item for one figure, None where the words around show that it is none."""
    before = folded[max(0, match.start() - LOOK_BACK) : match.start()]
    behind = folded[match.end() : match.end() + LOOK_AHEAD]
    if (slash := SLASH.match(behind)) and gazetteer.end_of_town(behind, slash.end(), definitions):
        behind = ""  # the first sign of a town's name may be a unit, too
    unit = unit_of(match)
    if g.no_unit.match(folded, match.end() - len(unit)) or g.not_before.search(before):
        return None
    heads = match.group()[: -len(unit)].endswith(" ") and ANNOUNCES.match(behind)  # "pieces: 6  tons: 13.8"
    lot = match["spelt"] in g.one and behind.startswith(":") and unit in g.sorts  # what is in it is told behind
    uncounted = g.not_behind.match(behind) or is_truck(match.group(), before, behind, definitions)
    if heads or lot or (unit in g.sorts and uncounted):
        return None
    if match["spelt"] is not None and (
        is_given_name(before, behind, definitions) or not stands_alone(match, before, behind, unit, definitions)
    ):
        return None
    amount = amount_of(match, definitions)
    if not counts(match, unit, amount, definitions):
        return None
    if MINUS.search(before):
        amount = None  # neither less than nothing nor surely a dash
    tenths = before_town(match, unit, definitions)
    if amount is not None and tenths:
        return lengthened(measured(match, unit, amount + tenths, (before, behind), g))
    return measured(match, unit, amount, (before, behind), g)


def lengthened(item: Item) -> Item:
    """An item with one more sign."""
    return Item(item.kind, item.start, item.end + 1, item.value, item.rule)


def before_town(match: re.Match[str], unit: str, definitions: Definitions) -> Decimal:
    """The tenths spoken behind a unit right before a known town, which ends the figure as well as a sign does."""
    kind, factor = grammar(definitions).units.get(unit, ("", Decimal(0)))
    if (kind == "weight" and factor < TON) or not kind or any(match[name] for name in RESTS):
        return Decimal(0)
    sign = match.string[match.end() : match.end() + 1]
    worth = int(sign) if sign.isdecimal() else values(definitions).get(sign, 0)
    if not 0 < worth < TEN or gazetteer.end_of_town(match.string, match.end() + 1, definitions) is None:
        return Decimal(0)
    return Decimal(worth) / TEN


def counts(match: re.Match[str], unit: str, amount: Decimal | None, definitions: Definitions) -> bool:
    """Whether a figure counts or weighs: no size of contents such as 1*24 bottles, no "some boxes", no mere word."""
    if match["times"] and grammar(definitions).units.get(unit, ("", 0))[0] != "weight":
        return False
    if match["some"]:
        return len(match["some"]) > 1
    return amount is not None or match["low"] is not None or vague(match, definitions)


RESTS = ("half", "rest", "spelt_half", "spelt_rest", "one_half", "more", "low")
UNITS = ("unit", "spelt_unit", "range_unit", "one_unit", "mixed_unit", "some_unit", "ton_unit")


def unit_of(match: re.Match[str]) -> str:
    """The unit of a figure, without an adjective before it."""
    return next(match[name] for name in UNITS if match[name]).rsplit(" ", 1)[-1]


def vague(match: re.Match[str], definitions: Definitions) -> bool:
    """Whether a spelt figure names two at once, such as seven-eight boxes."""
    return match["spelt"] is not None and is_vague(match["spelt"], definitions)


def is_truck(counted: str, before: str, behind: str, definitions: Definitions) -> bool:
    """Whether what is counted is the truck that is to come, behind a word of calling it or before the mere word."""
    if counted not in definitions.of("truck_counts"):
        return False
    called = before.rstrip(" ").endswith(definitions.of("truck_calls"))
    named = next((word for word in definitions.of("truck_words") if behind.startswith(word)), None)
    return called or (named is not None and TRUCK_ENDS.match(behind, len(named)) is not None)


def is_given_name(before: str, behind: str, definitions: Definitions) -> bool:
    """Whether a spelt figure is what somebody is called: behind a lone surname, his phone behind it."""
    housed = before[-2:-1] in definitions.of("house_units") and before[-3:-2].isdigit()
    if MOBILE.match(behind) is None or (HAN.match(before[-2:-1] or " ") and not housed):
        return False
    return bool(before) and any(before[-1] in signs for signs in definitions.of("surnames"))


def stands_alone(match: re.Match[str], before: str, behind: str, unit: str, definitions: Definitions) -> bool:
    """Whether a spelt figure is one, and not part of a word such as a jack, a set of four or a third party."""
    if match["spelt_half"] or match["spelt_rest"] or len(match["spelt"]) > 1:
        return True
    if before.endswith(definitions.of("not_before_spelt")):
        return False
    if before[-1:] in values(definitions):
        return True  # behind the tenths of the figure before it
    if before.endswith(measured_before(definitions)) or behind.startswith(definitions.of("behind_about")):
        return True
    if behind[:1] in grammar(definitions).sorts and behind[:1] not in grammar(definitions).units:
        return False
    return not (HAN.match(before[-1:] or " ") and HAN.match(behind[:1] or " ") and unit in short_volume(definitions))


@lru_cache(maxsize=4)
def measured_before(definitions: Definitions) -> tuple[str, ...]:
    """Words before a figure that show it to be one: of a total, of a guess, of a measure, or a weight before it."""
    weights = (word for unit in definitions.units if unit.kind == "weight" for word in unit.words)
    lists = ("total", "about", "weight_heads", "volume_heads", "quantity_heads")
    return (*(word for name in lists for word in definitions.of(name)), *(w for w in weights if len(w) > 1 or w > "z"))


def short_volume(definitions: Definitions) -> set[str]:
    """Volume words of one character, which also mean other things."""
    return {w for w, (kind, _) in grammar(definitions).units.items() if kind == "volume" and len(w) == 1}


def amount_of(match: re.Match[str], definitions: Definitions) -> Decimal | None:
    """The number of a figure with its spoken rest, in the figure's own unit."""
    if match["low"] or match["some"] or vague(match, definitions):
        return None
    if match["one_half"]:
        return Decimal("1.5")  # a unit and a half
    amount = number(match["digits"] or match["mixed"] or match["spelt"] or match["tons"], definitions)
    if amount is None:
        return None
    if match["half"] or match["spelt_half"]:
        amount += Decimal("0.5")
    amount += rest_of(match, definitions) + more_of(match, definitions)
    return amount * int(match["times"]) if match["times"] else amount


def rest_of(match: re.Match[str], definitions: Definitions) -> Decimal:
    """The tenths that are spoken behind a unit."""
    rest = match["rest"] or match["spelt_rest"]
    if not rest or unit_of(match) not in grammar(definitions).units:
        return Decimal(0)
    worth = int(rest) if rest.isdigit() else values(definitions).get(rest, 0)
    return Decimal(worth) / 10 if 0 < worth < 10 else Decimal(0)


def more_of(match: re.Match[str], definitions: Definitions) -> Decimal:
    """In tons, the second part of a compound weight such as one ton 350 kilograms."""
    if not match["more"]:
        return Decimal(0)
    _, factor = grammar(definitions).units[match["more_unit"]]
    return (number(match["more"], definitions) or Decimal(0)) * factor / TON


def measured(match: re.Match[str], unit: str, amount: Decimal | None, around: tuple[str, str], g: Grammar) -> Item:
    """A figure with what is said around it; a spoken rest behind a unit of count is no part of the number."""
    before, behind = around
    per_before, in_all = (g.per_before if unit in g.units else g.per_each).search(before), g.total.search(before)
    if per_before and in_all and in_all.start() > per_before.start():
        per_before = None  # 13 kg each / in all 3.75 cubic metres
    total = bool(in_all)
    per_behind = None if total else g.per_behind.match(behind)  # what is said of each piece then is another figure
    if per_behind and parted(before, behind, next(filter(None, per_behind.groups()), "")):
        per_behind = None
    marker = per_before or per_behind
    per = next(filter(None, marker.groups()), "") if marker and not match["times"] else None
    if per == unit and unit in g.sorts:
        per = None  # four pallets, each pallet ...
    kind, factor = g.units.get(unit, ("count", Decimal(1)))
    net, gross = bool(g.net.search(before) or g.net_behind.match(behind)), bool(g.gross.search(before))
    withdrawn = g.withdrawn.search(before)
    end = match.start("rest") if match["rest"] and unit in g.sorts else match.end()
    figure = Figure(
        amount * factor if amount is not None and kind != "count" else amount,
        unit,
        g.sorts.get(unit, ""),
        per,
        total,
        bool(g.settled_before.search(before) or g.settled_behind.match(behind)),
        True if gross else (False if net else None),
        withdrawn is not None,
        bool(g.corrects.search(before)),
        next(match.span(name) for name in UNITS if match[name]),
        lone=match["spelt"] in g.one,
    )
    if per is not None and per_behind and not per_before:
        end += per_behind.end()
    heads = (per_before if per is not None else None, withdrawn)
    start = match.start() - max((len(before) - head.start() for head in heads if head), default=0)
    return Item(KINDS[kind], start, end, figure, "measure." + kind)


def parted(before: str, behind: str, unit: str) -> bool:
    """Whether spaced strokes part the fields of a line: then what stands behind one is no unit but the next field."""
    return bool(unit) and SPACED_STROKE.match(behind) is not None and " / " in before and unit not in before


KINDS = {"count": Kind.COUNT, "weight": Kind.WEIGHT, "volume": Kind.VOLUME}
