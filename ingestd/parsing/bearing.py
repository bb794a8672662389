"""Who of an order's parties is meant where somebody is named as paying: by name, title, firm or a word for a side."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from ingestd.domain.reading import Payment
from ingestd.parsing import payers
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.draft import Draft, Found
from ingestd.parsing.scanning import labelled_choice
from ingestd.parsing.text import fold
from ingestd.parsing.wording import alternation, phrases

PARTIES = {Payment.PREPAID: "shipper", Payment.COLLECT: "consignee"}
SHORTEST, SHORTEST_SPELT = 2, 4  # characters of a part of a firm that names it
RULE = "payer.named"
EDGES = " .,:;!?()[]\"'\u201c\u201d<>*\u2606-\u2014"
QUOTES = str.maketrans("", "", "\"'\u201c\u201d()")
HEAD, END = r"(?:^|(?<=[^a-z\d\u3400-\u9fff]))", r"(?=[\s,;\u3002.!)]|$)"
CLOSE = r"(?=[ \t]{0,3}(?:[\n,;\u3002!()]|$))"
SIGN = r"[ \t:?>\]),=*\u2606/|\u2014-]"
WHO = r"(?P<who>[^\s,;:\u3002!?()\[\]][^\n,;:\u3002!?()\[\]]{0,24}?)"
CALLED = r"(?P<who>(?:(?![\d,;:\u3002!?()\[\]])\S){2,16}?)"  # with no word before him that asks for him
SPELT = r"(?P<who>[a-z][a-z'&.\u2019-]*(?: [a-z&][a-z'&.\u2019-]*){0,6}?)"


@dataclass(frozen=True, slots=True)
class Grammar:
    """The compiled patterns of clauses that name who pays."""

    asked: re.Pattern[str]  # behind a word that asks who does, or for the freight
    told: re.Pattern[str]  # before a word of paying, with no such word
    spelt: tuple[re.Pattern[str], ...]  # in English
    modes: re.Pattern[str]
    sides: dict[Payment, re.Pattern[str]]
    roles: dict[Payment, frozenset[str]]  # words that only mean a party of the order
    letters: tuple[str, ...]  # that a contract calls its parties by
    titles: tuple[str, ...]
    surnames: frozenset[str]
    led: re.Pattern[str]  # what leads to a name in English


@lru_cache(maxsize=4)
def grammar(definitions: Definitions) -> Grammar:
    """The patterns made of the definitions' words."""
    of = definitions.of
    freight, lead, filler = (alternation(of(name)) for name in ("paid_for", "paying_leads", "paying_fillers"))
    verb, plain = (alternation(of(name)) for name in ("paying", "paying_by_name"))
    mode = alternation((*of("paying_modes"), *of("payer_modes")))
    labels = (*of("payer_labels"), *of("paid_for"))
    label, brief = (alternation(w for w in labels if (len(w) > 1) == long) for long in (True, False))
    counted = rf"(?:[\u4e00-\u9fff\d]{{1,2}}(?:{alternation(of('fee_kinds'))})|{alternation(of('all_of_them'))})\u7684?"
    timed = rf"(?:{mode}|{phrases((*of('paid_there'), *of('paid_loaded')))})"
    tail = rf"(?:{alternation((*of('given_to'), *of('paying_tails'), *of('paid_for')))}){{0,3}}{END}"
    asked = (
        rf"{HEAD}(?:{counted})?(?>{label}|(?:{brief}){SIGN})(?:{SIGN}|{filler}|\d+){{0,6}}(?:{lead}){{0,2}} ?{WHO}"
        rf"(?:{timed}{{0,3}}(?:{verb}|{alternation(of('reckoned'))}){tail}|(?:{mode}){{0,2}}{CLOSE})"
    )
    told = rf"{HEAD}(?!{label})(?:{lead})?{CALLED}{timed}{{0,3}}(?:(?:{plain})|(?:{verb})(?={freight})){tail}"
    before, ends, behind = (
        alternation(of(name)) for name in ("english_payer_before", "english_payer_ends", "english_payer_behind")
    )
    spelt = (
        rf"\b(?:{before})[ :-]{{1,3}}{SPELT}(?= ?[.,;:()\n]|$| (?:{ends})\b)",
        rf"(?:^|(?<=[.,;:!()\n-])) *(?:and |that )?{SPELT} (?:{behind})\b",
    )
    words, roles = (
        dict(zip(PARTIES, names, strict=True))
        for names in (("payers_self", "payers_them"), ("payer_roles_self", "payer_roles_them"))
    )
    return Grammar(
        asked=re.compile(asked, re.MULTILINE),
        told=re.compile(told, re.MULTILINE),
        spelt=tuple(re.compile(one, re.MULTILINE) for one in spelt),
        modes=re.compile(rf"(?:{timed}|{verb}|{alternation(of('paying_tails'))}| )+$"),
        sides={side: re.compile(payers.bearers(of(name), definitions)) for side, name in words.items()},
        roles={side: frozenset(of(name)) for side, name in roles.items()},
        letters=of("party_letters"),
        titles=(*of("titles"), *of("payer_titles")),
        surnames=frozenset((*"".join(of("surnames")), *of("compound_surnames"))),
        led=re.compile(rf"(?:(?:{before}|the|by|to|for|at) )+"),
    )


def named(draft: Draft, definitions: Definitions) -> Found | None:
    """The side of whoever of the order is named as paying in its own words; None where both sides are, or none."""
    found: dict[Payment, Found] = {}
    for start, end, who, asked in said(draft.text.folded, definitions):
        if draft.holds(start, end):
            side = side_of(who, draft, definitions, asked=asked)
            if side is not None:
                found.setdefault(side, Found(side, start, end, RULE))
    return next(iter(found.values())) if len(found) == 1 else None


@lru_cache(maxsize=8)
def said(folded: str, definitions: Definitions) -> tuple[tuple[int, int, str, bool], ...]:
    """Where somebody is named as paying, how, and whether it was asked for by a word for the freight or its payer."""
    g = grammar(definitions)
    ways = ((g.asked, True), (g.told, False), *((one, True) for one in g.spelt))
    return tuple((*m.span(), m["who"], asked) for pattern, asked in ways for m in pattern.finditer(folded))


def side_of(who: str, draft: Draft, definitions: Definitions, *, asked: bool) -> Payment | None:
    """The one side that somebody is called on."""
    g = grammar(definitions)
    plain = stripped(who, g)
    short = g.modes.sub("", plain)
    if plain in g.letters:
        return lettered(plain, draft)
    for written in dict.fromkeys((plain, short)):
        if (role := next((side for side, words in g.roles.items() if written in words), None)) is not None:
            return role
        if asked and (side := of_word(written, g, definitions)) is not None:
            return side
        sides = [side for side in PARTIES if is_called(written, side, draft, definitions)]
        if len(sides) == 1:
            return sides[0]
    return None


def of_word(who: str, g: Grammar, definitions: Definitions) -> Payment | None:
    """The side of a word for it."""
    value = labelled_choice("payment", who, definitions)
    if value in tuple(PARTIES):
        return Payment(value)
    return next((side for side, words in g.sides.items() if words.fullmatch(who)), None)


def lettered(who: str, draft: Draft) -> Payment | None:
    """The side whose party stands in a line that opens with its letter: party B."""
    folded, sides = draft.text.folded, set()
    for side, role in PARTIES.items():
        for found in (*draft.all(f"{role}.name"), *draft.all(f"{role}.company")):
            head = folded[folded.rfind("\n", 0, found.start) + 1 :].lstrip(EDGES)
            if not found.elsewhere and head.startswith(who[0]):
                sides.add(side)
    return sides.pop() if len(sides) == 1 else None


def stripped(who: str, g: Grammar) -> str:
    """Words without outer signs, quotes and what leads to a name."""
    plain = who.strip(EDGES).translate(QUOTES)
    led = g.led.match(plain)
    return plain[led.end() :] if led else plain


def is_called(who: str, side: Payment, draft: Draft, definitions: Definitions) -> bool:
    """Whether the party of a side is called so, or its phone stands right beside one who is."""
    role, g = PARTIES[side], grammar(definitions)
    for field in ("name", "company"):
        for found in draft.all(f"{role}.{field}"):
            value = fold(str(found.value), definitions).folded.translate(QUOTES)
            if names(who, value) or (field == "name" and titled(who, value, g)):
                return True
    if side is Payment.COLLECT and any(len(who) >= SHORTEST and who in str(f.value) for f in draft.all("destination")):
        return True
    return dialled(who, f"{role}.phones", draft)


def names(who: str, value: str) -> bool:
    """Whether one is called by the whole or by a part of the other."""
    if value.isascii():
        spelt, called = (f" {' '.join(re.findall(r'[^ .,]+', text))} " for text in (value, who))
        return spelt in called or (len(who) >= SHORTEST_SPELT and called in spelt)
    return who == value or (len(who) >= SHORTEST and who in value) or (len(value) >= SHORTEST and who.endswith(value))


def titled(who: str, value: str, g: Grammar) -> bool:
    """Whether two names are of one surname, and one of them a title's: 申师傅 for 申长贵."""
    shared = next((n for n in (2, 1) if who[:n] == value[:n] and who[:n] in g.surnames), 0)
    return bool(shared) and (who[shared:] in g.titles or value[shared:] in g.titles)


def dialled(who: str, path: str, draft: Draft) -> bool:
    """Whether a phone of a party stands right behind one who is called so."""
    before = (draft.text.folded[: found.start].rstrip(EDGES) for found in draft.all(path) if not found.elsewhere)
    return len(who) >= SHORTEST and any(words.endswith(who) for words in before)
