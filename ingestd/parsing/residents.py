"""Who is named right behind an address, without a gap: the house's number, then whoever is to be called there."""

from __future__ import annotations

import re
from functools import lru_cache

from ingestd.parsing import frames, gazetteer, parties, places
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.kept import kept
from ingestd.parsing.wording import alternation

NUMBER = re.compile(r"[ \t:,]{0,3}[\d+(][\d+\-/ ()]{5}")
LENGTHS = (4, 3, 2)  # characters of a name without a title
MIN_ADDRESS = 5  # characters of an address before a name


def dialled(folded: str, end: int, definitions: Definitions) -> bool:
    """Whether a number follows at once, perhaps behind its label."""
    label = frames.phone_label(definitions).match(folded, end)
    return NUMBER.match(folded, label.end() if label else end) is not None


@kept
def firm_start(folded: str, definitions: Definitions) -> int | None:
    """Where a company begins with its town right behind a house; None where words do not end so."""
    if folded.isascii() or not parties.is_company(folded, definitions):
        return None
    for position in range(MIN_ADDRESS, len(folded) - MIN_ADDRESS + 1):
        town = gazetteer.end_of_town(folded, position, definitions)
        if (
            town is not None
            and closed(definitions).search(folded[:position])
            and places.has_street(folded[:position], definitions)
        ):
            return position if not places.looks_like_address(folded[position:], definitions) else None
    return None


@kept
def start_of(folded: str, definitions: Definitions) -> int | None:
    """Where the person begins whom an address ends with; None where words are no address with a person behind it.

    A title or nickname may stand behind any part of an address; a plain name only behind a number or a site, since a
    village is called as people are.
    """
    titled = parties.person_start(folded, definitions)
    if titled:
        return titled if is_house(folded[:titled], definitions) else None
    for length in LENGTHS:
        head, tail = folded[:-length], folded[-length:]
        if not head or not parties.is_plainly_person(tail, definitions) or ends_house(head, tail, definitions):
            continue
        if is_house(head, definitions) and (parties.is_nickname(tail, definitions) or closed(definitions).search(head)):
            return len(head)
    return None


def ends_house(head: str, tail: str, definitions: Definitions) -> bool:
    """Whether the surname of what looks like a name is the word for a house or floor whose number stands before it."""
    part = head[-1].isdigit() and tail[0] in definitions.of("house_units")
    return part and parties.is_plainly_person(tail[1:], definitions)


def is_house(head: str, definitions: Definitions) -> bool:
    """Whether words are an address that a name may follow at once."""
    ended = places.ends_place(head, definitions) or closed(definitions).search(head)
    return len(head) >= MIN_ADDRESS and bool(ended) and places.looks_like_address(head, definitions)


@lru_cache(maxsize=4)
def closed(definitions: Definitions) -> re.Pattern[str]:
    """A house, floor or stall with its number, or a market or yard, at the end of an address."""
    of = definitions.of
    houses = alternation({*of("house_units"), *of("house_signs"), *of("number_signs"), *of("market_parts")})
    return re.compile(rf"[\da-z](?:{houses})?$|{alternation(w for w in of('site_tokens') if len(w) > 1)}$")
