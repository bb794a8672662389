"""Towns and addresses: what looks like one, and where it ends."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from ingestd.parsing import edges, gazetteer
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.kept import kept
from ingestd.parsing.wording import alternation

WORDS = re.compile(r"[\u4e00-\u9fffa-z]{2}")
HAN = re.compile(r"[\u3400-\u9fff]+")
MIN_NAME = 4  # characters of a company's name behind its town
MAX_ADDRESS = 200  # characters of an address that are looked into
MAX_TOKEN = 8  # characters of a token of an address
MAX_QUARTER = 3  # characters of a quarter that no word for one ends
MAX_ENGLISH_FIRM = 5  # words
MAX_LEAD = 10  # characters before an address that lead to it


@dataclass(frozen=True, slots=True)
class Grammar:
    """The compiled patterns of places."""

    street: re.Pattern[str]
    site: re.Pattern[str]
    admin: re.Pattern[str]
    english: re.Pattern[str]
    english_town: re.Pattern[str]
    english_house: re.Pattern[str]
    english_numbered: re.Pattern[str]
    english_site: re.Pattern[str]
    closer: re.Pattern[str]
    opener: re.Pattern[str]
    site_end: re.Pattern[str]
    numbered_goods: re.Pattern[str]
    long_site: re.Pattern[str]
    stop: re.Pattern[str]
    english_stop: re.Pattern[str]
    before_number: re.Pattern[str]
    talk: re.Pattern[str]
    told: re.Pattern[str]
    received: re.Pattern[str]
    fetched: re.Pattern[str]
    place_stop: re.Pattern[str]
    ended: re.Pattern[str]
    locality: re.Pattern[str]
    village: re.Pattern[str]
    yard: re.Pattern[str]
    stall: re.Pattern[str]
    road_name: re.Pattern[str]
    inner_opener: re.Pattern[str]


@lru_cache(maxsize=4)
def grammar(definitions: Definitions) -> Grammar:
    """The patterns made of the definitions' towns and tokens."""
    of = definitions.of
    long_sites = [w for w in of("site_tokens") if len(w) > 1]
    short_sites = [w for w in of("site_tokens") if len(w) == 1]
    signs = "".join(sign for sign, value in definitions.numerals if value <= 10)
    numbered, inside = rf"[\d{signs}a-z\-]{{1,6}}", alternation(of("inside"))
    roads, number_sign = alternation(of("road_tokens")), alternation(of("number_signs"))
    street = alternation(of("street_tokens"))
    named = alternation(set(of("street_tokens")) - set(of("house_tokens")))
    site = alternation(of("site_tokens"))
    return Grammar(
        street=re.compile(
            rf"{numbered}\s?(?:{street})|(?<=[\u4e00-\u9fff])(?:{named})(?=[\u4e00-\u9fff]{{0,6}}\d|$|[\s,(])"
            rf"|[\u4e00-\u9fff](?:{roads})(?!{alternation(of('not_roads'))})"
        ),
        site=re.compile(
            rf"(?:(?:{alternation(long_sites)})(?!{alternation(of('not_sites'))})"
            rf"|(?<=[\u4e00-\u9fff\da-z])(?:{alternation(short_sites)})(?=$|[\s,()\d]|{inside}))"
        ),
        long_site=re.compile(rf"(?:{alternation(long_sites)})(?!{alternation(of('not_sites'))})"),
        numbered_goods=re.compile(rf"\d{{1,3}}\s?(?:{number_sign})(?=[\u4e00-\u9fff]{{2}})"),
        admin=re.compile(rf"[\u4e00-\u9fff](?:{alternation(of('admin_tokens'))})"),
        english=re.compile(rf"\b(?:{alternation(of('english_address'))})(?![a-z])"),
        english_house=re.compile(
            rf"^\d{{1,5}}[a-z]?/?f? [a-z]|\b(?:{alternation(of('english_numbered'))}) ?[\da-z]{{1,5}}\b"
        ),
        english_numbered=re.compile(
            rf"(?:,| at) (?=(?:no\.? ?)?\d{{1,5}}[a-z]? (?:[a-z']{{1,14}} ){{1,3}}"
            rf"(?:{alternation(of('english_roads'))})\b)"
        ),
        english_site=re.compile(
            rf"\b(?:{alternation((*of('english_address'), *of('english_areas'), *of('english_sites')))})(?![a-z])"
        ),
        english_town=re.compile(rf"\b(?:{alternation(of('english_cities'))})\b"),
        closer=re.compile(rf"\s?(?P<closer>{alternation(of('pickup_closers'))})$"),
        opener=re.compile(rf"(?:{alternation(of('weak_prefix'))})*(?:{alternation(of('pickup_openers'))})+"),
        site_end=re.compile(rf"(?:{site})(?:{inside}){{0,2}}$"),
        stop=re.compile(rf"(?!{alternation(of('not_address_stops'))})(?:{alternation(of('address_stops'))})"),
        received=re.compile(rf"[ ,]{{1,2}}(?:{alternation(of('receive'))})"),
        told=re.compile(alternation(of("town_told"))),
        talk=re.compile(alternation(of("address_talk"))),
        before_number=re.compile(
            rf"(?:(?:{alternation(long_sites)})(?:{alternation(of('directions'))})?|\d(?:{street})"
            rf"|[\u4e00-\u9fff](?:{roads}|{alternation(of('before_numbers'))})"
            rf"|(?:{alternation(of('locality_tokens'))})[\u4e00-\u9fff]{{1,3}}(?:{alternation(of('landmark_ends'))}))$"
        ),
        fetched=re.compile(rf"\s?(?:{alternation(of('pickup_closers'))})"),
        place_stop=re.compile(rf"\s*(?:{alternation((*of('address_stops'), *of('place_stops')))})"),
        english_stop=re.compile(rf"\s(?:{alternation(of('english_stops'))})\b"),
        ended=re.compile(rf"(?:[a-z\d)]|{street}|{site}|{alternation(of('admin_tokens'))}|{inside})$"),
        locality=re.compile(rf"(?<=[\u4e00-\u9fff])(?:{alternation(of('locality_tokens'))})"),
        village=re.compile(
            rf"(?:{alternation(of('village_heads'))})[\u4e00-\u9fff]{{1,2}}(?:{alternation(of('villages'))})"
        ),
        yard=re.compile(
            rf"(?:[\u4e00-\u9fff\da-z]{{0,2}}(?:{alternation(of('locality_tails'))}))?"
            rf"(?:[\da-z\-]{{1,5}}(?:{alternation(of('house_units'))})?)?"
        ),
        road_name=re.compile(
            rf"(?!{alternation(of('weak_destination'))})[\u4e00-\u9fff]"
            rf"(?:(?!{alternation((*of('address_stops'), *of('inner_openers')))})[\u4e00-\u9fff]){{1,3}}?(?:{roads})"
        ),
        stall=re.compile(rf"[\da-z](?:{alternation(of('house_units'))}|区|\d)$"),
        inner_opener=re.compile(rf"(?:{alternation(of('inner_openers'))})"),
    )


@kept
def looks_like_address(folded: str, definitions: Definitions) -> bool:
    """Whether a phrase is an address: a street or site token, or a town with an administrative token."""
    g = grammar(definitions)
    goods = g.numbered_goods.match(folded)
    if g.street.search(folded, goods.end() if goods else 0) or g.site.search(folded):
        return len(folded.strip()) >= 3
    if is_locality(folded.strip(), definitions):
        return True
    town = gazetteer.end_of_town(folded.strip(), 0, definitions)
    if len(g.admin.findall(folded)) >= 2 or (town and g.admin.search(folded.strip(), town)):
        return True
    return folded.isascii() and len(g.english.findall(folded)) >= 1 and bool(re.search(r"\d|,", folded))


def stands_with_party(folded: str, definitions: Definitions) -> bool:
    """Whether a phrase beside a name is where he is: a street, a market, a park; a store or shed may be a company."""
    g = grammar(definitions)
    if not looks_like_address(folded, definitions):
        return False
    if folded.endswith((*definitions.of("departments"), *definitions.of("institutions"))) and not has_street(
        folded, definitions
    ):
        return False
    if folded.endswith(definitions.of("house_companies")) and not has_street(folded, definitions):
        return begins_with_place(folded, definitions) and len(g.admin.findall(folded)) > 1
    return bool(
        g.street.search(folded) or g.long_site.search(folded) or len(g.admin.findall(folded)) >= 2 or folded.isascii()
    )


def bears_province(folded: str, definitions: Definitions) -> bool:
    """Whether a firm's name begins with its province: no place in that follows, nor a road or number."""
    head = next((word for word in definitions.of("provinces") if folded.startswith(word)), "")
    if not head or has_street(folded, definitions) or any(char.isdigit() for char in folded):
        return False
    suffixed = folded.startswith(definitions.of("admin_suffixes"), len(head)) or folded.startswith("省", len(head))
    return not suffixed and gazetteer.longest(folded, len(head), gazetteer.gazetteer(definitions), linked=True) is None


def has_street(folded: str, definitions: Definitions) -> bool:
    """Whether a phrase names a street or house, so that it is no mere town or quarter."""
    g = grammar(definitions)
    if folded.isascii():
        return bool(re.search(r"\d", folded) and g.english.search(folded))
    return bool(g.street.search(folded)) or len(g.admin.findall(folded)) >= 3


def is_housed(folded: str, definitions: Definitions) -> bool:
    """Whether a phrase begins with a town and names a street or house in it."""
    return begins_with_place(folded, definitions) and has_street(folded, definitions)


def is_market(folded: str, definitions: Definitions) -> bool:
    """Whether a phrase is a market with its town, which is where somebody is and not who (messages.md, ruling 6)."""
    return begins_with_place(folded, definitions) and folded.endswith(definitions.of("market_tails"))


def is_more_than_town(folded: str, definitions: Definitions) -> bool:
    """Whether a phrase begins with a town, says more, and is no address: before a person most likely his company."""
    end = gazetteer.end_of_places(folded, 0, definitions)
    return end is not None and len(folded) - end > 1 and not looks_like_address(folded, definitions)


def is_in_town(folded: str, definitions: Definitions) -> bool:
    """Whether a phrase is towns and quarters, and then a name as long as a company's with nothing of an address."""
    ends = [m.end() for m in grammar(definitions).admin.finditer(folded)]
    rest = folded[max(ends, default=0) :]
    return (
        bool(ends)
        and len(rest) >= MIN_NAME
        and HAN.fullmatch(rest) is not None
        and not is_place_like(rest, definitions)
    )


def is_place_like(rest: str, definitions: Definitions) -> bool:
    """Whether words hold a token of an address or end in a site."""
    g = grammar(definitions)
    return bool(g.street.search(rest) or g.site.search(rest) or rest.endswith(definitions.of("before_numbers")))


def is_site(folded: str, definitions: Definitions) -> bool:
    """Whether a phrase ends in a market, park, warehouse or the like."""
    return bool(grammar(definitions).site_end.search(folded.strip()))


def is_part_of_site(folded: str, definitions: Definitions) -> bool:
    """Whether a phrase ends in a site or a part of one, such as a platform or the second yard."""
    return is_site(folded, definitions) or folded.endswith((*definitions.of("site_parts"), *definitions.of("stations")))


def is_quarter(folded: str, definitions: Definitions) -> bool:
    """Whether words go on an address that a town begins: a part of the town, or a street."""
    g = grammar(definitions)
    quarter = g.admin.search(folded, 0, MAX_TOKEN)
    named = quarter is not None and not folded[: quarter.end()].endswith(definitions.of("not_quarters"))
    return has_street(folded, definitions) or named


def only_mentions_site(folded: str, definitions: Definitions) -> bool:
    """Whether a phrase has a word such as "store" in it and goes on, without a town, a street or a figure."""
    if folded.isascii() or any(char.isdigit() for char in folded) or begins_with_place(folded, definitions):
        return False
    g = grammar(definitions)
    return not (is_site(folded, definitions) or g.admin.search(folded) or g.street.search(folded))


@kept
def is_locality(folded: str, definitions: Definitions) -> bool:
    """Whether a phrase is a village or quarter and the kind of a yard or house in it, or a numbered stall of a town."""
    g = grammar(definitions)
    if g.stall.search(folded) and begins_with_place(folded, definitions):
        return True
    last = max((m.end() for m in g.locality.finditer(folded)), default=0)
    return bool(last) and g.yard.fullmatch(folded, last) is not None


def begins_with_place(folded: str, definitions: Definitions, *, weak: bool = True) -> bool:
    """Whether a text begins with a town of the table, or, where not weak, with anything that may name a place."""
    if town_end(folded, definitions) is not None:
        return True
    return not weak and bool(WORDS.match(folded))


def opened_for_pickup(opening: str, definitions: Definitions) -> bool:
    """Whether words before an address say that the goods are there."""
    return any(opening.rstrip().endswith(word) for word in definitions.of("pickup_strong_openers"))


@kept
def town_end(folded: str, definitions: Definitions) -> int | None:
    """Where the town ends that a text begins with."""
    end = gazetteer.end_of_town(folded, 0, definitions)
    if end is not None:
        return end
    found = grammar(definitions).english_town.match(folded)
    return found.end() if found else None


@kept
def span(folded: str, definitions: Definitions) -> tuple[int, int] | None:
    """Where an address stands in a phrase, without what leads to it and what is done there; None where none does."""
    start = opening(folded, definitions)
    end = closing(folded, start, definitions)
    return (start, end) if looks_like_address(folded[start:end], definitions) else None


@kept
def opening(folded: str, definitions: Definitions) -> int:
    """Where an address begins: at a town behind a word that leads to it, or behind the last such word."""
    g = grammar(definitions)
    bracket = folded.rfind("(") + 1
    inner = bracket > 1 and ")" not in folded[bracket:] and looks_like_address(folded[bracket:], definitions)
    if inner and not has_street(folded[: bracket - 1], definitions):
        return bracket
    town = gazetteer.first_town(folded, definitions)
    if town and folded[: town[0]].removeprefix("的") in (*definitions.of("housing"), *definitions.of("fetch_verbs")):
        return town[0]
    if town and (town[0] == 0 or g.inner_opener.search(folded, 0, town[0]) or g.opener.match(folded, 0, town[0])):
        behind = folded[: town[0]]
        if not has_street(behind, definitions) and leads(behind, g):
            return town[0]
    opener = g.opener.match(folded)
    start = opener.end() if opener and opener.end() < len(folded) else 0
    for found in g.inner_opener.finditer(folded, start, start + MAX_LEAD):
        ahead = folded[: found.end()]
        if found.start() and not looks_like_address(ahead, definitions) and found.end() < len(folded):
            start = found.end()
    return start


def leads(behind: str, g: Grammar) -> bool:
    """Whether words before a town end in one that leads to it."""
    openers = (*g.inner_opener.finditer(behind), *g.opener.finditer(behind))
    return not behind or any(found.end() == len(behind) for found in openers)


def closing(folded: str, start: int, definitions: Definitions) -> int:
    """Where an address ends that goes on from `start`: before a word of doing right behind one of its tokens."""
    g = grammar(definitions)
    quoted = folded.find('"', start + 2)
    if quoted > 0 and g.ended.search(folded, max(start, quoted - MAX_TOKEN), quoted):
        return quoted
    for found in g.stop.finditer(folded, start + 2, start + MAX_ADDRESS):
        if names_part(folded, start, found, definitions):
            continue  # whose name begins like a word
        if any(folded.startswith(definitions.of("site_parts"), found.end() + n) for n in (0, 1)):
            continue  # a gate or bay, named for what is done there
        if g.ended.search(folded, max(start, found.start() - MAX_TOKEN), found.start()):
            return min(found.start(), spoken_from(folded, start, definitions))
    return spoken_from(folded, start, definitions)


def names_part(folded: str, start: int, found: re.Match[str], definitions: Definitions) -> bool:
    """Whether a word of doing only begins the name of a village, a quarter, or a road behind one."""
    g, at = grammar(definitions), found.start()
    if g.village.match(folded, at) or gazetteer.begins_part(folded, at, definitions):
        return True
    single = found.end() - at == 1 and folded.startswith(definitions.of("admin_tokens"), at - 1)
    return single and at > start + 1 and g.road_name.match(folded, at) is not None


def spoken_from(folded: str, start: int, definitions: Definitions) -> int:
    """Where the words of speech begin that end an address that goes on from `start`; the end where none do."""
    found = edges.speech_start(folded[start : start + MAX_ADDRESS], grammar(definitions).ended, definitions)
    return len(folded) if found is None else start + found


def ends_address(folded: str, definitions: Definitions) -> bool:
    """Whether a text ends in a road, a house or a site, so that a number behind it goes on the address."""
    return grammar(definitions).before_number.search(folded) is not None


def ends_place(folded: str, definitions: Definitions) -> bool:
    """Whether a text ends in any token of an address: a number, a house, a quarter, a gate."""
    return grammar(definitions).ended.search(folded) is not None


def last_token(folded: str, definitions: Definitions) -> int:
    """Where the last road, house or site of an address ends; what is behind it may be goods, but is no single sign."""
    g = grammar(definitions)
    ends = [m.end() for pattern in (g.street, g.site) for m in pattern.finditer(folded)]
    end = max((e for e in ends if e <= len(folded)), default=len(folded))
    return end if len(folded) - end > 1 else len(folded)


def is_talk(folded: str, definitions: Definitions) -> bool:
    """Whether a phrase says something about a place and is no address itself."""
    return grammar(definitions).talk.search(folded, folded.rfind(":") + 1) is not None


def begins_doing(folded: str, definitions: Definitions) -> bool:
    """Whether a phrase begins with a word of doing, so that it goes on no address."""
    return grammar(definitions).stop.match(folded) is not None


def place_end(folded: str, definitions: Definitions, *, sure: bool = True, counted: bool = False) -> int:
    """Where a destination ends: behind its towns, where what follows goes on the sentence.

    Where no label says that a place follows, only a quarter or a market belongs to the towns.
    """
    end = gazetteer.end_of_places(folded, 0, definitions)
    spelt = grammar(definitions).english_town.match(folded)
    if spelt and grammar(definitions).english_stop.match(folded, spelt.end()):
        return spelt.end()
    if end is None:
        return len(folded)
    if grammar(definitions).place_stop.match(folded, end):
        return end
    rest = folded[end:]
    if sure or looks_like_address(rest, definitions) or rest.endswith(definitions.of("landmark_ends")):
        return len(folded)
    if not counted and len(rest.strip()) <= MAX_QUARTER and not rest[:1].isdigit():
        return len(folded)
    stop = next((at for word in definitions.of("possessive") if (at := rest.find(word, 0, MAX_QUARTER + 1)) > 1), 0)
    return end + stop


def begins_in_english(folded: str, definitions: Definitions) -> bool:
    """Whether an English phrase names a house by its number, and so begins an address."""
    return folded.isascii() and grammar(definitions).english_house.search(folded) is not None


def firm_before_house(folded: str, definitions: Definitions) -> tuple[int, int] | None:
    """Where whoever an English phrase names before "at" or a comma ends, and where his numbered street begins."""
    g = grammar(definitions)
    for found in g.english_numbered.finditer(folded):
        head = folded[: found.start()]
        named = 1 < len(head.split()) <= MAX_ENGLISH_FIRM and not any(char.isdigit() for char in head)
        return (found.start(), found.end()) if named and not g.english_site.search(head) else None
    return None


def town_behind(folded: str, definitions: Definitions) -> int:
    """Where the town begins that an English phrase says something is in (the yard in Wuhan); 0 where it says none."""
    if not folded.isascii() or town_end(folded, definitions) is not None:
        return 0
    found = re.search(rf"\b(?:in|at|near|of) (?={grammar(definitions).english_town.pattern})", folded)
    return found.end() if found else 0


def pickup_closed(folded: str, definitions: Definitions) -> int | None:
    """Where an address ends whose phrase closes with a word of fetching; None where it does not."""
    found = grammar(definitions).closer.search(folded)
    return found.start() if found and found.start() >= 3 else None
