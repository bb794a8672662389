"""Amounts in yuan and what they are for: charges, the freight, cash on delivery, a declared value."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from ingestd.parsing.definitions import Definitions
from ingestd.parsing.items import Item, Kind
from ingestd.parsing.numerals import DIGITS, number, spelt
from ingestd.parsing.wording import alternation, expanded, needed, phrases

FREIGHT_EACH = "money.freight.each"  # of a sum for every piece
MAX_GOING = 3  # characters before a charge's name that may be a word of going


@dataclass(frozen=True, slots=True)
class Fee:
    """A named charge; `each` where the amount is meant for every piece."""

    name: str
    amount: Decimal
    each: bool
    at: tuple[int, int] | None = None  # where its name stands, None where it is made up


@dataclass(frozen=True, slots=True)
class Grammar:
    """The compiled patterns of amounts."""

    fee_gate: re.Pattern[str]
    fee: re.Pattern[str]
    fee_behind: re.Pattern[str]
    known: re.Pattern[str]
    purposes: tuple[tuple[Kind, re.Pattern[str], re.Pattern[str], re.Pattern[str]], ...]
    amount: re.Pattern[str]
    per_piece: re.Pattern[str]
    per_measure: re.Pattern[str]
    settled: re.Pattern[str]
    carriage: tuple[str, ...]
    known_end: re.Pattern[str]
    lead: re.Pattern[str]
    bound: re.Pattern[str]
    measured: re.Pattern[str]
    added: re.Pattern[str]
    collected: re.Pattern[str]
    not_fees: frozenset[str]
    paid: re.Pattern[str]
    deeds: frozenset[str]  # what a fee is for, which may stand before another's name


@lru_cache(maxsize=4)
def grammar(definitions: Definitions) -> Grammar:
    """The patterns made of the definitions' words."""
    of = definitions.of
    sum_of = amount_pattern(definitions)
    each, each_behind = per_piece(definitions)
    gap = r"[^\S\n]{0,40}"
    between = rf"{gap}(?:(?:[:=,(]|\.{{2,40}}|{alternation(of('between'))}|{each}){gap}){{0,6}}"
    tail, known = alternation(of("fee_tail")), alternation(of("fees"))
    name = rf"(?P<name>{known}|[\u4e00-\u9fff]{{1,6}}?{tail})"
    verbs = rf"{alternation(of('fee_lead'))}|{each}"
    return Grammar(
        fee_gate=re.compile(rf"(?:{alternation([*of('fees'), *of('fee_tail')])}){between}{sum_of}"),
        fee=re.compile(rf"{name}(?P<each>{between})(?P<sum>{sum_of})\s?(?P<behind>{each_behind})?"),
        fee_behind=re.compile(rf"(?P<sum>{sum_of})(?:{alternation(of('possessive'))})?(?P<name>{known})"),
        known=re.compile(known),
        purposes=tuple(purpose(definitions, *p, between, sum_of) for p in PURPOSES),
        amount=re.compile(sum_of),
        per_piece=re.compile(each),
        per_measure=re.compile(each_measure(definitions)),
        settled=re.compile(
            rf"(?:{alternation(of('settled_price'))})\s?(?P<sum>(?=\d{{2}}|{spelt(definitions)}){sum_of})\s?(?:{alternation(of('behind_price'))})"
        ),
        carriage=tuple(w for w in of("freight") if w.endswith(of("fee_tail"))),
        known_end=re.compile(rf"(?:{known})$"),
        lead=re.compile(rf"(?:{verbs})"),
        bound=re.compile(bound_pattern(definitions)),
        measured=re.compile(alternation(w for u in definitions.units for w in u.words)),
        added=re.compile(rf"\+\s?(?P<name>{alternation(short_names(definitions))})(?P<sum>{sum_of})"),
        collected=re.compile(
            rf"(?:{alternation(of('collected'))}){not_collected(definitions)}\s?"
            rf"(?P<sum>\d{{2,6}}(?:{alternation(of('yuan'))})?)(?=\s?(?:[+,;。!)\[\n]|$|{alternation(payments(definitions))}))"
        ),
        not_fees=frozenset(of("not_fees")),
        deeds=frozenset(short_names(definitions)),
        paid=re.compile(
            rf"(?:{alternation(of('paid'))})[ :]?(?P<sum>{sum_of})"
            r"(?:(?<=[^\d\s])|(?<=[^\d]\d{3})|(?<=[^\d]\d{4}))(?=[\s,;。!)]|$)"
        ),
    )


def per_piece(definitions: Definitions) -> tuple[str, str]:
    """Patterns of "for each box" before an amount, and of "a box" behind it."""
    pieces = alternation(w for u in definitions.units if u.kind in ("package", "pallet", "piece") for w in u.words)
    per, behind = alternation(definitions.of("per")), alternation(definitions.of("per_behind"))
    return rf"(?:{per})(?:{pieces})", rf"(?:{behind})\s?(?:{pieces})"


def each_measure(definitions: Definitions) -> str:
    """A pattern of "a ton" or "a cubic metre" behind an amount: a rate, and no sum."""
    units = alternation(w for u in definitions.units if u.kind != "length" for w in u.words)
    return rf"\s?(?:{alternation(definitions.of('per_behind'))})\s?(?:{units})(?![a-z])"


def not_collected(definitions: Definitions) -> str:
    """A look behind, past a word of collecting, for words before it that make it another word."""
    pairs = [b + w for w in definitions.of("collected") for b in definitions.of("not_before_collected")]
    return "".join(rf"(?<!{re.escape(pair)})" for pair in pairs)


def payments(definitions: Definitions) -> list[str]:
    """The plain words that say who pays."""
    return [p for c in definitions.choices if c.field == "payment" for p in c.phrases if needed(p) == p]


def short_names(definitions: Definitions) -> list[str]:
    """The known charges without the word for a charge, as work orders write them behind a plus."""
    tails = definitions.of("fee_tail")
    return [word.removesuffix(tail) for tail in tails for word in definitions.of("fees") if word.endswith(tail)]


def bound_pattern(definitions: Definitions) -> str:
    """What a charge's name may not run over: a word of payment, or a word of going and a place."""
    cues = (w for label in definitions.labels if label.slot == "place" for w in (*label.glue, *label.bare))
    going = alternation([*definitions.of("weak_destination"), *cues])
    towns = alternation(t for line in definitions.of("cities") for t in line.split())
    known, tails = alternation(definitions.of("fees")), alternation(definitions.of("fee_tail"))
    to_town = rf"(?:{going})(?:{towns})(?:.{{0,4}}(?=(?:{known})$))?"
    return rf"(?:{alternation(payments(definitions))}|{to_town})(?=.{{0,5}}(?:{tails})$)"


PURPOSES = ((Kind.COD, "cod"), (Kind.DECLARED, "declared"), (Kind.FREIGHT, "freight"))


def purpose(
    definitions: Definitions, kind: Kind, name: str, between: str, sum_of: str
) -> tuple[Kind, re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """The patterns of a purpose, and of an amount with its purpose before or behind it."""
    of = definitions.of
    words = phrases(of(name))
    changed = alternation(e for written in of("change_words") for e in expanded(written, of))
    return (
        kind,
        re.compile(words),
        re.compile(rf"(?:{words}){between}(?P<sum>{sum_of})(?:\s?(?:{changed})\s?(?P<new>{sum_of}))?"),
        re.compile(rf"(?P<sum>{sum_of})\s?(?:{alternation(definitions.of('possessive'))})?(?:{words})"),
    )


def amount_pattern(definitions: Definitions) -> str:
    """A sum of money; a number that goes on as a measure or a phone is none."""
    yuan, wan, thousand = (alternation(definitions.of(n)) for n in ("yuan", "ten_thousand", "thousand"))
    figure = rf"(?:{DIGITS}|{spelt(definitions)})"
    units = alternation(w for u in definitions.units for w in u.words if w.isascii())
    other = alternation(definitions.of("not_money_behind"))
    return (
        rf"(?<![a-z\d.$])(?:{yuan}|[\u00a5\uffe5])? ?(?>{figure})\s?(?:(?:{wan}|{thousand})\d?(?!\d))?\s?"
        rf"(?:{yuan}|(?!\d|[.:/\-~]\s?\d|[a-z%]|(?:{units})\b|{other}))"
    )


def find(folded: str, definitions: Definitions) -> Iterator[Item]:
    """All sums of money with a purpose: charges first, then the freight and the rest."""
    g = grammar(definitions)
    for kind, words, before, behind in g.purposes[:2]:
        if words.search(folded):
            yield from purpose_items(kind, before, folded, definitions)
            yield from purpose_items(kind, behind, folded, definitions)
    if g.fee_gate.search(folded):
        for match in g.fee.finditer(folded):
            yield from fee_item(match, g, definitions)
    if g.known.search(folded):
        for match in g.fee_behind.finditer(folded):
            yield from fee_item(match, g, definitions)
    yield from purpose_items(Kind.FREIGHT, g.purposes[2][2], folded, definitions)
    yield from purpose_items(Kind.FREIGHT, g.settled, folded, definitions)
    yield from purpose_items(Kind.FREIGHT, g.paid, folded, definitions)
    yield from purpose_items(Kind.FREIGHT, g.collected, folded, definitions)
    if "+" in folded:
        yield from added_items(folded, g, definitions)


def purpose_items(kind: Kind, pattern: re.Pattern[str], folded: str, definitions: Definitions) -> Iterator[Item]:
    """Sums with one purpose."""
    for match in pattern.finditer(folded):
        value = yuan(match.groupdict().get("new") or match["sum"], definitions)
        rate = kind is Kind.FREIGHT and grammar(definitions).per_measure.match(folded, match.end())
        if value is not None and not rate:
            yield Item(kind, match.start(), match.end(), value, f"money.{kind}")


def added_items(folded: str, g: Grammar, definitions: Definitions) -> Iterator[Item]:
    """Charges behind a plus, named without the word for a charge."""
    for match in g.added.finditer(folded):
        value = yuan(match["sum"], definitions)
        if value is not None:
            name = match["name"] + definitions.of("fee_tail")[0]
            yield Item(Kind.CHARGE, match.start(), match.end(), Fee(name, value, False), "money.charge")


def bare_name(match: re.Match[str], g: Grammar) -> tuple[str, int]:
    """A charge's name without what stands before it, and where it begins."""
    name, start = match["name"], match.start("name")
    if start and match.string[start - 1].isdigit() and (unit := g.measured.match(name)) and unit.end() < len(name) - 1:
        name, start = name[unit.end() :], start + unit.end()
    before = match.string[max(0, start - MAX_GOING) : start]
    ends = [found.end() - len(before) for found in g.bound.finditer(before + name)]
    shift = max((end for end in ends if 0 < end < len(name) - 1), default=0)
    name, start = name[shift:], start + shift
    known = g.known_end.search(name)
    if known and name[: known.start()] not in g.deeds:
        return known.group(), start + known.start()
    if known:
        return name, start
    while (lead := g.lead.match(name)) and lead.end() < len(name) - 1:
        name, start = name[lead.end() :], start + lead.end()
    return name, start


def fee_item(match: re.Match[str], g: Grammar, definitions: Definitions) -> Iterator[Item]:
    """A named charge, unless the name is that of the freight or a word that only ends like a fee."""
    name, start = bare_name(match, g)
    value = yuan(match["sum"], definitions)
    if value is None:
        return
    carriage = next((w for w in g.carriage if name.endswith(w)), "") if not g.known_end.search(name) else ""
    groups = match.groupdict()
    each = bool(groups.get("behind")) or bool(g.per_piece.search(groups.get("each") or ""))
    if carriage and not g.per_measure.match(match.string, match.end()):
        rule = FREIGHT_EACH if each else "money.freight"
        yield Item(Kind.FREIGHT, match.end("name") - len(carriage), match.end(), value, rule)
    if name in g.not_fees or carriage:
        return
    yield Item(Kind.CHARGE, start, match.end(), Fee(name, value, each, (start, start + len(name))), "money.charge")


def yuan(written: str, definitions: Definitions) -> Decimal | None:
    """The value of a written sum."""
    plain = written.strip().lstrip("\u00a5\uffe5 ")
    for word in sorted(definitions.of("yuan"), key=len, reverse=True):
        plain = plain.removeprefix(word).removesuffix(word).strip()
    if len(written.strip()) == 1 and not plain.isdigit():
        return None  # a lone numeral is part of a word
    for name, factor in (("ten_thousand", 10_000), ("thousand", 1000)):
        for word in definitions.of(name):
            base, found, rest = plain.partition(word)
            if found and plain[:1].isdigit() and len(rest) <= 1:
                value, tenths = number(base, definitions), Decimal(rest or 0) * factor / 10
                return None if value is None else value * factor + tenths
    return number(plain, definitions)
