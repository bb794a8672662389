"""What somebody is said to be before his name: where from, whose kin, of which trade, with which company."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from ingestd.parsing import gazetteer
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.kept import kept
from ingestd.parsing.names import grammar as names_grammar
from ingestd.parsing.wording import alternation

MAX_DESCRIBED = 40  # characters that are looked into
MAX_QUARTER = 8  # characters of a quarter and the possessive behind it
MIN_OWNER = 4  # characters of a company that no word of a company ends
SIGNS = " ,、:"
HAN = re.compile(r"[\u3400-\u9fff]+$")


@dataclass(frozen=True, slots=True)
class Description:
    """The words before a name, all of them understood; where the company stands in them, if one is named."""

    company: tuple[int, int] | None
    telling: bool  # more than a place says that somebody is spoken of: a possessive, kin or a trade


@dataclass(frozen=True, slots=True)
class Grammar:
    """The compiled words of descriptions."""

    trade: re.Pattern[str]
    kin: re.Pattern[str]
    possessed: re.Pattern[str]
    craft: re.Pattern[str]
    lead: re.Pattern[str]
    link: re.Pattern[str]
    doing: re.Pattern[str]
    plies: re.Pattern[str]
    clause: re.Pattern[str]
    called: re.Pattern[str]
    own: re.Pattern[str]
    quarter: re.Pattern[str]
    generic: re.Pattern[str]
    talk: re.Pattern[str]


@lru_cache(maxsize=4)
def grammar(definitions: Definitions) -> Grammar:
    """The patterns made of the definitions' trades, relations and links."""
    of = definitions.of
    offices = [*of("occupations"), *of("office_heads"), *(title for title in of("titles") if len(title) > 1)]
    possessive, surnames = alternation(of("possessive")), "".join(of("surnames"))
    admin = alternation(of("admin_tokens"))
    kin = [word for word in of("kin") if len(word) > 1]
    tails, firms = alternation((*of("company_tails"), *of("wares"), *of("trades"))), alternation(of("plain_firms"))
    return Grammar(
        trade=re.compile(rf"(?:{alternation(of('occupation_heads'))})?(?:{alternation(offices)})$"),
        kin=re.compile(
            rf"(?:(?:{alternation(of('kin_heads'))})?(?:{alternation(kin)})"
            rf"|(?:{alternation(of('self'))})(?:{alternation(of('kin'))}))$"
        ),
        possessed=re.compile(rf"(?:{possessive})$"),
        craft=re.compile(
            rf"(?:(?<=[{''.join(of('possessive'))}])|^)[\u4e00-\u9fff]{{2,5}}(?:{alternation(of('occupation_tails'))})$"
        ),
        lead=re.compile(rf"(?:{alternation((*of('description_leads'), *of('self'), *of('be')))})+"),
        link=re.compile(rf"(?:{alternation(of('description_links'))})$"),
        doing=re.compile(rf"(?:{alternation(of('trading_words'))})[\u4e00-\u9fff]{{1,6}}(?:{possessive})$"),
        plies=re.compile(rf"(?:{alternation(of('trading_words'))})[\u4e00-\u9fff]{{1,6}}"),
        clause=re.compile(rf"(?:{alternation(of('clause_heads'))})[\u4e00-\u9fff]{{2,14}}?(?:{possessive})"),
        called=re.compile(rf"姓[{surnames}]$"),
        own=re.compile(rf"(?:{alternation((*of('self'), *of('be')))})$"),
        quarter=re.compile(rf"[\u4e00-\u9fff]{{0,5}}?(?:{admin})"),
        generic=re.compile(rf"(?:{tails}){{0,3}}(?:{firms})$"),
        talk=re.compile(rf"(?:{alternation((*of('not_in_companies'), *of('self')))})"),
    )


@lru_cache(maxsize=8192)
def described(folded: str, definitions: Definitions) -> Description | None:
    """What words before a name say of him; None where some of them are not understood."""
    end, telling = len(folded), False
    if end > MAX_DESCRIBED:
        return None
    start = past_clause(folded, definitions)
    telling, trade = start > 0 and folded[:start].endswith(definitions.of("possessive")), False
    while start < end:
        cut, told = peeled(folded[start:end], definitions)
        if cut is None:
            break
        trade = trade or is_trade(folded[start + cut : end], definitions)
        end, telling = start + cut, telling or told
    if start >= end:
        return Description(None, telling)
    if trade and is_stall(folded[start:end], definitions):
        return Description(None, telling)
    return of_rest(folded, start, end, telling, definitions)


def is_trade(folded: str, definitions: Definitions) -> bool:
    """Whether words are a trade."""
    return any(
        pattern.search(folded) is not None for pattern in (grammar(definitions).trade, grammar(definitions).craft)
    )


def is_stall(folded: str, definitions: Definitions) -> bool:
    """Whether words are a market with its town, where somebody plies his trade."""
    return end_of_quarters(folded, 0, definitions) > 0 and folded.endswith(definitions.of("market_tails"))


def past_clause(folded: str, definitions: Definitions) -> int:
    """Where words begin behind a clause that tells of earlier dealings (who sent goods with you last week)."""
    g, start = grammar(definitions), len(folded) - len(folded.lstrip(SIGNS))
    lead = g.lead.match(folded, start)
    clause = g.clause.match(folded, lead.end() if lead else start)
    if clause is None:
        return lead.end() if lead else 0
    return clause.end()


def peeled(folded: str, definitions: Definitions) -> tuple[int | None, bool]:
    """Where words end without the last part of a description, and whether that part tells of a person."""
    g = grammar(definitions)
    plain = folded.rstrip(SIGNS)
    if len(plain) < len(folded):
        return len(plain), False
    if g.generic.fullmatch(plain):
        return 0, False
    found = [
        m
        for m in (pattern.search(plain) for pattern in (g.trade, g.craft, g.kin, g.possessed, g.called))
        if m is not None
    ]
    if (doing := g.doing.search(plain)) is not None:
        if opens(plain[: doing.start()], definitions):
            found.append(doing)
        elif doing.group().startswith(definitions.of("plain_verbs")) and not ends_company(plain[:-1], definitions):
            return 0, True
    starts = [m.start() for m in found if not whole_company(plain, m.start(), definitions)]
    if starts:
        return min(starts), True
    weak = next((m for m in (pattern.search(plain) for pattern in (g.link, g.own)) if m is not None), None)
    return (weak.start() if weak else None), False


def ends_company(folded: str, definitions: Definitions) -> bool:
    """Whether words end as a company's name does, or are no plain words."""
    return names_grammar(definitions).company.search(folded) is not None or HAN.match(folded) is None


def opens(head: str, definitions: Definitions) -> bool:
    """Whether what stands before a verb lets it begin: nothing, a place, a possessive, a link."""
    if not head or end_of_quarters(head, 0, definitions) == len(head):
        return True
    g = grammar(definitions)
    return any(pattern.search(head) is not None for pattern in (g.possessed, g.link, g.own))


def whole_company(folded: str, start: int, definitions: Definitions) -> bool:
    """Whether the words from `start` on only end the name of a company."""
    company = names_grammar(definitions).company.search(folded)
    return company is not None and company.start() < start


def of_rest(folded: str, start: int, end: int, telling: bool, definitions: Definitions) -> Description | None:
    """The company or the places that are left of a description; None where it is neither."""
    g, rest = grammar(definitions), folded[start:end]
    if is_somewhere(rest, definitions) or names_grammar(definitions).department.match(rest):
        return Description(None, telling)
    place = end_of_quarters(rest, 0, definitions)
    head = rest[place:]
    leads = (*definitions.of("possessive"), *definitions.of("description_links"))
    if lead := next((word for word in leads if head.startswith(word)), ""):
        place += len(lead)
        if g.generic.fullmatch(rest, place):
            return Description(None, telling=True)
        start, rest = start + place, rest[place:]
    if place and (owner_end := inner_possessive(rest, place, definitions)):
        start, rest, place = start + owner_end, rest[owner_end:], 0
    if not HAN.match(rest) or g.talk.search(rest):
        return None
    owner = telling and len(rest) >= MIN_OWNER and not any(word in rest for word in definitions.of("possessive"))
    if names_grammar(definitions).company.search(rest) and len(rest) > 2 and place < len(folded):
        return Description((start, end), telling) if possessive_free(rest, definitions) else None
    return Description((start, end), telling) if owner and names_well(rest, definitions) else None


def inner_possessive(rest: str, place: int, definitions: Definitions) -> int:
    """Where words go on behind a quarter that no table holds and a possessive; 0 where there are not both."""
    found = re.search(alternation(definitions.of("possessive")), rest[place : place + MAX_QUARTER])
    return place + found.end() if found else 0


def is_somewhere(folded: str, definitions: Definitions) -> bool:
    """Whether words are where somebody is from or has his stall, and no company's name."""
    end = end_of_quarters(folded, 0, definitions)
    if end == len(folded):
        return True
    numbered = any(char.isdigit() for char in folded)
    return end > 0 and (numbered or folded.endswith(definitions.of("plain_trades")))


def possessive_free(folded: str, definitions: Definitions) -> bool:
    """Whether no word of possession stands in words."""
    return not any(word in folded for word in definitions.of("possessive"))


def names_well(folded: str, definitions: Definitions) -> bool:
    """Whether words may be the name of a company that no word of one ends: nothing of a sentence is in them."""
    return not any(word in folded for word in definitions.of("not_in_names"))


def end_of_quarters(folded: str, start: int, definitions: Definitions) -> int:
    """Where a row of places ends, down to towns, villages and quarters that no table holds; `start` if none begins."""
    end = gazetteer.end_of_places(folded, start, definitions)
    if end is None:
        return start
    while True:
        further = gazetteer.end_of_places(folded, end, definitions)
        quarter = grammar(definitions).quarter.match(folded, end)
        if further is None and quarter is None:
            return end
        end = further or quarter.end()  # type: ignore[union-attr]


def is_generic(folded: str, definitions: Definitions) -> bool:
    """Whether words are a firm by its trade alone, which is no name (水泵厂)."""
    return grammar(definitions).generic.fullmatch(folded) is not None


def is_part(folded: str, definitions: Definitions) -> bool:
    """Whether a word by itself says what somebody is: kin, a trade."""
    g = grammar(definitions)
    return any(pattern.fullmatch(folded) is not None for pattern in (g.kin, g.trade, g.called))


@kept
def is_apposition(folded: str, definitions: Definitions) -> bool:
    """Whether words by themselves tell what somebody is who was just named: of a place, and of a trade."""
    plain = folded.strip(SIGNS)
    lead = next((w for w in definitions.of("be") if plain.startswith(w)), "")
    g, rest = grammar(definitions), plain[len(lead) :]
    if lead and g.kin.fullmatch(rest):
        return True
    if plies_trade(rest, definitions):
        return True
    ends = g.trade.search(plain) is not None and not plain.endswith(definitions.of("office_heads"))
    placed = bool(lead) or end_of_quarters(rest, 0, definitions) > 0
    found = described(rest, definitions) if ends and placed and len(plain) > 2 else None
    return found is not None and found.telling


@kept
def plies_trade(folded: str, definitions: Definitions) -> bool:
    """Whether words say which trade somebody plies in which town (在柳州开汽配店)."""
    start = next((len(word) for word in definitions.of("in_town") if folded.startswith(word)), 0)
    place = end_of_quarters(folded, start, definitions)
    plain = possessive_free(folded, definitions)
    return place > start > 0 and plain and grammar(definitions).plies.fullmatch(folded, place) is not None


def only_describes(folded: str, definitions: Definitions) -> bool:
    """Whether words would be taken for somebody but only describe him: a surname or a possessive is in them."""
    said = not possessive_free(folded, definitions) or grammar(definitions).called.search(folded) is not None
    return said and is_description(folded, definitions)


def is_description(folded: str, definitions: Definitions) -> bool:
    """Whether words only say what somebody is, and name neither him nor his company."""
    plain = folded.strip(SIGNS)
    found = described(plain, definitions) if len(plain) > 1 else None
    return found is not None and found.telling and found.company is None


def is_talk(folded: str, definitions: Definitions) -> bool:
    """Whether words hold some that no name does, such as those for oneself or the other side."""
    return grammar(definitions).talk.search(folded) is not None
