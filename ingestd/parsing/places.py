"""Towns and addresses: what looks like one, and where it ends."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from ingestd.parsing.definitions import Definitions
from ingestd.parsing.wording import alternation

WORDS = re.compile(r"[\u4e00-\u9fffa-z]{2}")
MAX_PLACE = 16  # characters of a town or quarter


@dataclass(frozen=True, slots=True)
class Grammar:
    """The compiled patterns of places."""

    town: re.Pattern[str]
    street: re.Pattern[str]
    site: re.Pattern[str]
    admin: re.Pattern[str]
    english: re.Pattern[str]
    english_town: re.Pattern[str]
    closer: re.Pattern[str]
    opener: re.Pattern[str]
    site_end: re.Pattern[str]
    numbered_goods: re.Pattern[str]
    long_site: re.Pattern[str]


@lru_cache(maxsize=4)
def grammar(definitions: Definitions) -> Grammar:
    """The patterns made of the definitions' towns and tokens."""
    of = definitions.of
    towns = [t for line in of("cities") for t in line.split()]
    heads = alternation([*towns, *of("provinces")])
    long_sites = [w for w in of("site_tokens") if len(w) > 1]
    short_sites = [w for w in of("site_tokens") if len(w) == 1]
    signs = "".join(sign for sign, value in definitions.numerals if value <= 10)
    numbered, inside = rf"[\d{signs}a-z\-]{{1,6}}", alternation(of("inside"))
    roads, number_sign = alternation(of("road_tokens")), alternation(of("number_signs"))
    street = alternation(of("street_tokens"))
    site = alternation(of("site_tokens"))
    return Grammar(
        town=re.compile(rf"(?:{heads})"),
        street=re.compile(
            rf"{numbered}\s?(?:{street})|(?<=[\u4e00-\u9fff])(?:{street})(?=[\u4e00-\u9fff]{{0,6}}\d|$|[\s,(])"
            rf"|[\u4e00-\u9fff](?:{roads})"
        ),
        site=re.compile(
            rf"(?:{alternation(long_sites)}"
            rf"|(?<=[\u4e00-\u9fff\da-z])(?:{alternation(short_sites)})(?=$|[\s,()\d]|{inside}))"
        ),
        long_site=re.compile(alternation(long_sites)),
        numbered_goods=re.compile(rf"\d{{1,3}}\s?(?:{number_sign})(?=[\u4e00-\u9fff]{{2}})"),
        admin=re.compile(rf"[\u4e00-\u9fff](?:{alternation(of('admin_tokens'))})"),
        english=re.compile(rf"\b(?:{alternation(of('english_address'))})(?![a-z])"),
        english_town=re.compile(rf"\b(?:{alternation(of('english_cities'))})\b"),
        closer=re.compile(rf"\s?(?P<closer>{alternation(of('pickup_closers'))})$"),
        opener=re.compile(rf"(?:{alternation(of('weak_prefix'))})*(?:{alternation(of('pickup_openers'))})+"),
        site_end=re.compile(rf"(?:{site})(?:{inside}){{0,2}}$"),
    )


def looks_like_address(folded: str, definitions: Definitions) -> bool:
    """Whether a phrase is an address: a street or site token, or a town with an administrative token."""
    g = grammar(definitions)
    goods = g.numbered_goods.match(folded)
    if g.street.search(folded, goods.end() if goods else 0) or g.site.search(folded):
        return len(folded.strip()) >= 3
    town = g.town.match(folded.strip())
    if len(g.admin.findall(folded)) >= 2 or (town and g.admin.search(folded.strip(), town.end())):
        return True
    return folded.isascii() and len(g.english.findall(folded)) >= 1 and bool(re.search(r"\d|,", folded))


def stands_with_party(folded: str, definitions: Definitions) -> bool:
    """Whether a phrase beside a name is where he is: a street, a market, a park; a store or shed may be a company."""
    g = grammar(definitions)
    if not looks_like_address(folded, definitions):
        return False
    return bool(
        g.street.search(folded) or g.long_site.search(folded) or len(g.admin.findall(folded)) >= 2 or folded.isascii()
    )


def has_street(folded: str, definitions: Definitions) -> bool:
    """Whether a phrase names a street or house, so that it is no mere town or quarter."""
    g = grammar(definitions)
    if folded.isascii():
        return bool(re.search(r"\d", folded) and g.english.search(folded))
    return bool(g.street.search(folded)) or len(g.admin.findall(folded)) >= 3


def is_site(folded: str, definitions: Definitions) -> bool:
    """Whether a phrase ends in a market, park, warehouse or the like."""
    return bool(grammar(definitions).site_end.search(folded.strip()))


def begins_with_place(folded: str, definitions: Definitions, *, weak: bool = True) -> bool:
    """Whether a text begins with a town of the table, or, where not weak, with anything that may name a place."""
    g = grammar(definitions)
    if g.town.match(folded) or g.english_town.match(folded):
        return True
    return not weak and bool(WORDS.match(folded))


def opened_for_pickup(opening: str, definitions: Definitions) -> bool:
    """Whether words before an address say that the goods are there."""
    return any(opening.rstrip().endswith(word) for word in definitions.of("pickup_strong_openers"))


def town_of(folded: str, definitions: Definitions) -> re.Match[str] | None:
    """The town that a text begins with."""
    g = grammar(definitions)
    return g.town.match(folded) or g.english_town.match(folded)


def pickup_closed(folded: str, definitions: Definitions) -> int | None:
    """Where an address ends whose phrase closes with a word of fetching; None where it does not."""
    found = grammar(definitions).closer.search(folded)
    return found.start() if found and found.start() >= 3 else None
