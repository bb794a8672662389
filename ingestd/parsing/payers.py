"""Who is said to pay the freight: the writer or the others by a word for them, or somebody by name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from ingestd.domain.reading import Payment
from ingestd.parsing import gazetteer, money
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.items import Item, Kind
from ingestd.parsing.wording import alternation, expanded, guard, matches_at, phrases

PAYER = "payer"
NAMED = "payer_named"  # value: the words that name whoever pays
OTHER_SIDE = {Payment.PREPAID: Payment.COLLECT, Payment.COLLECT: Payment.PREPAID}
SIDES = {"self": Payment.PREPAID, "loaded": Payment.PREPAID, "them": Payment.COLLECT, "there": Payment.COLLECT}
MAX_QUOTE = 200  # characters of a quoted speech
HAN = re.compile("[\u3400-\u9fff]")
MAX_OPENING = 16  # characters in which it is said whose speech it is


@dataclass(frozen=True, slots=True)
class Grammar:
    """The compiled patterns of who pays."""

    gate: re.Pattern[str]
    of_freight: tuple[re.Pattern[str], ...]  # ways to say it that open with the freight
    to_freight: tuple[re.Pattern[str], ...]  # that name it further on
    plainly: tuple[re.Pattern[str], ...]  # that need not name it
    freight: re.Pattern[str]  # where a word for it begins
    behind: re.Pattern[str]
    own_words: tuple[str, ...]
    returned: re.Pattern[str]
    quoted: re.Pattern[str]
    other_fee: re.Pattern[str]
    all_of_it: tuple[str, ...]
    together: tuple[str, ...]
    there: re.Pattern[str]
    before_money: tuple[str, ...]
    nicknames: tuple[str, ...]
    surnames: str


@lru_cache(maxsize=4)
def grammar(definitions: Definitions) -> Grammar:
    """The patterns made of the definitions' words."""
    of = definitions.of
    freight, verb, take, lead, mode = (
        alternation(of(name)) for name in ("paid_for", "paying", "taking", "paying_leads", "paying_modes")
    )
    plain, tail, filler = (alternation(of(name)) for name in ("paying_plainly", "paying_tails", "paying_fillers"))
    there, loaded = phrases(of("paid_there")), phrases(of("paid_loaded"))
    them = f"{bearers(of('payers_them'), definitions)}|{alternation(of('kin'))}"
    trade = alternation(money.payments(definitions))
    ours = rf"(?:{bearers(of('payers_self'), definitions)})(?:(?!{them}|{trade})[\u4e00-\u9fff]){{1,5}}?"
    theirs = rf"(?:{bearers(of('payers_them'), definitions)})(?:(?!{trade})[\u4e00-\u9fff]){{1,4}}?"
    named = rf"(?P<named>(?:(?!{trade})[\u4e00-\u9fff]){{2,6}}?)"
    sides = (("self", of("payers_self")), ("them", of("payers_them")), ("supplier", of("payers_supplier")))
    who = "|".join(f"(?P<{name}>{bearers(words, definitions)})" for name, words in sides)
    amount = money.grammar(definitions).amount.pattern
    modes = rf"(?:{mode}){{0,3}}"
    named_by = [one for _, words in sides for word in words for one in expanded(word, definitions.of)]
    said_by = guard([*of("paying_leads"), *of("paid_there"), *of("paid_loaded"), *named_by])  # passes quickly elsewhere
    timed = rf"(?:(?:{there}|{loaded})\s?)?"
    end = rf"(?:{tail}){{0,2}}(?![\u4e00-\u9fffa-z\d])"
    gap = rf"(?:[\s:,\u2014?-]|{filler}|{amount}){{0,6}}"
    done = rf"(?:{verb})(?!(?:{alternation(of('not_behind_paying'))}))"
    hold = alternation(of("taking_hold"))
    barred = alternation([*of("not_behind_paying"), *of("settled_with")])
    of_freight = (
        # the freight we pay; the freight, 300, they pay; the freight is taken from them
        rf"(?P<of>{freight}){gap}(?P<told>(?:{lead}){{0,2}}{timed}(?:{lead})?(?:{who}){modes}{timed}{modes}(?:{done}|{take}))",
        rf"(?P<of>{freight}){gap}(?P<told>(?:{lead}){{0,2}}(?:(?P<self>{ours})|(?P<them>{theirs})){modes}{timed}{modes}{done})",
        rf"(?P<of>{freight}){gap}(?P<told>(?:{lead}){{0,2}}{named}{modes}{timed}{modes}(?:{done}|(?<=[\u4e00-\u9fff])(?:{take})){end})",
        rf"(?P<of>{freight}){gap}(?P<told>(?:{lead}){{0,2}}(?:{who}){modes}(?=[\s,;。!)\u201d]|\d|$))",
        rf"(?P<of>{freight}){gap}(?P<told>(?:{lead}){{0,2}}(?:(?P<there>{there})|(?P<loaded>{loaded})){modes}(?:{done}|{take}))",
    )
    to_freight = (
        # we pay the freight; he pays you the freight; they have the freight ready
        rf"{said_by}(?P<told>(?:{lead}){{0,2}}{timed}(?:{lead})?(?:{who}){modes}{timed}{modes}(?:{hold})?(?:{done}))(?:{tail})?(?P<of>{freight})",
        rf"{said_by}(?P<told>(?:(?P<there>{there})|(?P<loaded>{loaded})){modes}(?:{done}))(?:{tail})?(?P<of>{freight})",
        rf"{said_by}(?P<told>(?:{who}){modes}(?:{hold}))(?P<of>{freight})(?:{filler}){{0,2}}(?:{verb})",
        rf"(?<![\u4e00-\u9fff])(?P<told>(?:{lead}){{0,2}}{named}{modes}{timed}{modes}(?:{done}))(?:{tail})?(?P<of>{freight})",
        # who pays the freight is he
        rf"(?P<told>(?:{verb})(?P<of>{freight})(?:{alternation(of('it_is'))})(?:{who}))",
    )
    plainly = (
        # we pay, of nothing else
        rf"{said_by}(?P<told>(?:{lead}){{0,2}}{timed}(?:{lead})?(?:{who}){modes}{timed}(?>{plain}))(?!(?:{barred}))",
        # all of it we pay
        rf"(?P<told>(?:{alternation(of('all_of_it'))})(?:{lead})?(?:{who}){modes}(?:{done}))",
        rf"(?P<told>(?:{alternation(of('all_of_it'))})(?:{lead})?(?P<self>{ours}){modes}(?:{done}))",
    )
    openings = alternation(of("quoting_others"))
    return Grammar(
        gate=re.compile(alternation([*of("paid_for"), *of("paying_plainly"), *of("all_of_it")])),
        of_freight=tuple(map(re.compile, of_freight)),
        to_freight=tuple(map(re.compile, to_freight)),
        plainly=tuple(map(re.compile, plainly)),
        freight=re.compile(rf"(?={freight})"),
        behind=re.compile(rf"[\s,:]{{0,3}}(?:{filler}){{0,2}}(?P<sum>{amount})"),
        own_words=of("paid_for_alone"),
        returned=re.compile(alternation(of("returning"))),
        quoted=re.compile(rf"(?:{openings})[^\n\u201c\"]{{0,{MAX_OPENING}}}[\u201c\"]([^\u201d\"]{{1,{MAX_QUOTE}}})"),
        other_fee=re.compile(rf"(?:{alternation(of('fees'))}){gap}(?:{alternation(of('borne_by'))})?$"),
        all_of_it=of("all_of_it"),
        together=of("together"),
        there=re.compile(there),
        before_money=of("before_money"),
        nicknames=of("nickname_heads"),
        surnames="".join(of("surnames")),
    )


def bearers(words: tuple[str, ...], definitions: Definitions) -> str:
    """A pattern for whoever is on one side, by words for them."""
    return alternation(one for word in words for one in expanded(word, definitions.of))


def find(folded: str, definitions: Definitions) -> Iterator[Item]:
    """Who is said to pay, and the freight where its sum stands right behind."""
    g = grammar(definitions)
    if not g.gate.search(folded):
        return
    speech = [m.span(1) for m in g.quoted.finditer(folded)]
    for match in told(folded, g):
        if not counts(match, g):
            continue
        side = side_of(match, definitions)
        if side is None:
            continue
        field, value = side
        if field == PAYER and any(word in match["told"] for word in definitions.of("settled_monthly")):
            value = Payment.MONTHLY
        elif field == PAYER and any(start <= match.start("told") < end for start, end in speech):
            value = OTHER_SIDE[Payment(value)]
        rule = f"choice.{PAYER}.{value if field == PAYER else 'named'}"
        start, end = extent(match)
        yield Item(Kind.CHOICE, start, end, (field, value), rule)
        if start < match.start("told"):
            yield Item(Kind.CHOICE, *match.span("told"), (field, value), rule)
        if "of" in match.groupdict():
            yield from sum_behind(folded, match.end(), g, definitions)


def told(folded: str, g: Grammar) -> Iterator[re.Match[str]]:
    """Each way in which a text says who pays; where the freight is not named only those that need not name it."""
    named = [found.start() for found in g.freight.finditer(folded)]
    if named:
        for way in g.of_freight:
            yield from matches_at(named, way, folded)
        for way in g.to_freight:
            yield from way.finditer(folded)
    for way in g.plainly:
        yield from way.finditer(folded)


def counts(match: re.Match[str], g: Grammar) -> bool:
    """Whether it is the freight that is paid, and no other fee or the goods."""
    groups = match.groupdict()
    start = match.start("of") if groups.get("of") else match.start()
    before = match.string[max(0, start - MAX_OPENING) : start]
    told = match.start("told")
    if match.string[max(0, told - 1) : told] in g.nicknames and match.string[told] in g.surnames:
        return False  # somebody is called so (小阮), where it means "we" elsewhere
    if groups.get("of"):
        fee = before[-1:] and HAN.match(before[-1]) and not before.endswith(g.before_money)
        return not (match["of"] in g.own_words and fee)
    return (
        any(word in match["told"] for word in g.together)
        or match["told"].startswith(g.all_of_it)
        or g.other_fee.search(before) is None
    )


def side_of(match: re.Match[str], definitions: Definitions) -> tuple[str, str] | None:
    """The field and value of a match."""
    groups = match.groupdict()
    if groups.get("supplier"):
        returned = grammar(definitions).returned.search(match.string)
        return PAYER, Payment.COLLECT if returned else Payment.PREPAID
    for name, side in SIDES.items():
        if groups.get(name):
            own = name == "self" or (name == "there" and any(w in match.group() for w in definitions.of("self")))
            later = own and grammar(definitions).there.search(match["told"])
            return None if later else (PAYER, side)  # who pays where they arrive may be who receives them
    named = groups.get("named")
    if named is None:
        return None
    elsewhere = match.string.count(named) > 1 or gazetteer.is_place(named, definitions)
    return (NAMED, named) if elsewhere else None


def extent(match: re.Match[str]) -> tuple[int, int]:
    """The stretch that says who pays, with the word for the freight unless a sum stands there."""
    groups = match.groupdict()
    if not groups.get("of"):
        return match.span("told")
    start, end = min(match.start("of"), match.start("told")), max(match.end("of"), match.end("told"))
    behind = match.string[end : end + 2].lstrip(" :")[:1]
    if match.end("of") > match.end("told") and (behind.isdigit() or behind == "\u00a5"):
        return match.span("told")  # the sum behind it is the freight's
    if any(c.isdigit() for c in match.string[start:end]):
        return match.span("told")
    return start, end


def sum_behind(folded: str, position: int, g: Grammar, definitions: Definitions) -> Iterator[Item]:
    """The freight, where its sum in yuan stands right behind who pays it."""
    found = g.behind.match(folded, position)
    if found is None or not found["sum"].rstrip().endswith(definitions.of("yuan")):
        return
    value = money.yuan(found["sum"], definitions)
    if value is not None:
        yield Item(Kind.FREIGHT, found.start("sum"), found.end(), value, "money.freight")
