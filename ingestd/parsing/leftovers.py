"""Words that went into no field: which of them are data that nobody read, and which say nothing about the order."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from ingestd.parsing import parties, places, prose
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.draft import Draft, Found
from ingestd.parsing.items import Kind
from ingestd.parsing.purposes import CLAUSE
from ingestd.parsing.unread import DIGITS, Coverage, plain_of
from ingestd.parsing.wording import alternation, phrases

WORD = re.compile(r"[a-z\u3400-\u9fff]")
FIGURE = re.compile(r"(?<![\d.-])\d[\d.-]*")
ENUMERATOR = re.compile(r"\(\d{1,2}\)$")
STAFF = re.compile(r"[\[(]?\d{4}[\])]?$")  # the number of the agent's clerk, which closes a text message
FAR = 60  # characters before words in which their clause begins
LEAST_ECHO = 2  # characters of a name that is said again
LEAST_INNER = 4  # characters of a value that is said again with more words


@dataclass(frozen=True, slots=True)
class Grammar:
    """The compiled word lists."""

    hindered: re.Pattern[str]
    talk: re.Pattern[str]
    degrees: re.Pattern[str]
    praise: re.Pattern[str]
    road: re.Pattern[str]


@lru_cache(maxsize=4)
def grammar(definitions: Definitions) -> Grammar:
    """The patterns made of the definitions' lists."""
    of = definitions.of
    return Grammar(
        hindered=re.compile(
            rf"{phrases(of('hindered_words'))}|{alternation(of('no_wishes'))}|(?:{alternation(of('absence_tails'))})$"
        ),
        talk=re.compile(alternation((*of("talk_of_sites"), *of("talk_in_places")))),
        degrees=re.compile(rf"\d{{1,3}}\s?(?:{alternation(of('degrees'))})"),
        praise=re.compile(phrases(of("tag_lines"))),
        road=re.compile(rf"[\u4e00-\u9fff](?:{alternation(of('road_tokens'))})|\d\s?号"),
    )


def is_data(found: Found, draft: Draft, coverage: Coverage, definitions: Definitions) -> bool:
    """Whether words hold figures, or name a person, company or place of which nothing else in the text tells."""
    folded = draft.text.folded[found.start : found.end].strip()
    if says_no_data(found, folded, draft, definitions) or repeats(folded, coverage, definitions):
        return False
    if in_bracket_of_choice(found, draft, coverage):
        return False
    if DIGITS.search(grammar(definitions).degrees.sub("", folded)):
        return not (
            ENUMERATOR.match(folded) or is_staff(found, folded, draft) or is_numbered(found, draft, definitions)
        )
    if parties.names_somebody(folded, definitions):
        return not outside(found, coverage)
    return is_place(folded, definitions)


def says_no_data(found: Found, folded: str, draft: Draft, definitions: Definitions) -> bool:
    """Whether words are a hint or go on one, praise their writer, or say when nobody need come."""
    g = grammar(definitions)
    clause = CLAUSE.split(draft.text.folded[max(0, found.start - FAR) : found.start])[-1]
    return (
        prose.is_hint(folded, definitions)
        or prose.is_noise(folded, definitions)
        or prose.is_hint(clause, definitions)
        or bool(g.hindered.search(folded) or g.praise.search(folded))
    )


def in_bracket_of_choice(found: Found, draft: Draft, coverage: Coverage) -> bool:
    """Whether words stand in brackets right behind a choice, such as the account behind "monthly"."""
    text = draft.text.folded
    if not text.startswith("(", found.start) or not text.startswith(")", found.end - 1):
        return False
    return any(item.kind is Kind.CHOICE and item.end == found.start for item in coverage.items)


def repeats(folded: str, coverage: Coverage, definitions: Definitions) -> bool:
    """Whether a name says again, in part or with more words, what a field of one of the orders holds."""
    plain = plain_of(folded)
    if len(plain) < LEAST_ECHO or not WORD.search(plain) or DIGITS.search(plain):
        return False
    company = parties.is_company(folded, definitions)
    return any(plain in value or (company and len(value) >= LEAST_INNER and value in plain) for value in coverage.named)


def is_numbered(found: Found, draft: Draft, definitions: Definitions) -> bool:
    """Whether the figures in words are all numbers of goods or papers."""
    figures = FIGURE.finditer(draft.text.folded, found.start, found.end)
    return all(prose.is_own_number(draft.text.folded, figure.start(), definitions) for figure in figures)


def is_staff(found: Found, folded: str, draft: Draft) -> bool:
    """Whether a number of four digits ends the text behind everything that was read."""
    return bool(STAFF.match(folded)) and not draft.text.folded[found.end :].strip(" ])。.\n")


def outside(found: Found, coverage: Coverage) -> bool:
    """Whether words stand before all that was read or behind it: somebody is addressed or signs there."""
    taken = coverage.taken
    return taken.find(1, 0, found.start) < 0 or taken.find(1, found.end) < 0


def is_place(folded: str, definitions: Definitions) -> bool:
    """Whether words are an address, and not only talk of a building or a yard."""
    if not places.looks_like_address(folded, definitions):
        return False
    g = grammar(definitions)
    located = places.begins_with_place(folded, definitions) or g.road.search(folded)
    return bool(located) or not g.talk.search(folded)
