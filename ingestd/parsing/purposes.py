"""What a time is for: the verb that it belongs to, or none where the words about it tell of something else."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

from ingestd.parsing import gazetteer
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.wording import alternation

NEAR_BEHIND, NEAR_BEFORE = 8, 6  # characters about a time that says little by itself
FAR_WAY, MIN_PLACE = 70, 3  # characters behind a time to where it is done; and of a place
FAR_BEHIND, FAR_BEFORE = 40, 80  # and about one that is definite
CLAUSE, PHRASE, SENTENCE = (
    re.compile(r"[,;。!?\n]|\.(?=\s)|(?<=[\u3400-\u9fff]) +(?=[\u3400-\u9fff\d])"),
    re.compile(r"[,;。!?\n]|\.(?=\s)"),
    re.compile(r"[;。!?\n]|\.(?=\s)"),
)
LABEL = re.compile(r"[\s,;。][\u4e00-\u9fff]{2,8}:")


class Purpose(StrEnum):
    """What a time is for."""

    PICKUP = "pickup"
    DELIVERY = "delivery"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a time stands: from, to, where the time before it ended, and how much it says by itself."""

    start: int
    end: int
    previous: int = 0
    definite: bool = True  # says enough that its verb may stand farther off
    bounded: bool = False  # "before" or "after": may share the verb of the time before it
    today: bool = False  # no more than the day of writing, which many only greet with


@dataclass(frozen=True, slots=True)
class Grammar:
    """The compiled verbs."""

    pickup: re.Pattern[str]
    delivery: re.Pattern[str]
    other: re.Pattern[str]
    suiting: re.Pattern[str]  # what says of a time that it suits, for what was last spoken of
    way: re.Pattern[str]  # what leads to a place
    there: re.Pattern[str]  # what is done there to fetch, also in words that elsewhere say that somebody receives
    fetching: re.Pattern[str]  # without the verbs that only say that there are goods to send
    received: re.Pattern[str]  # what is done where the goods go, and words of going there


@lru_cache(maxsize=4)
def grammar(definitions: Definitions) -> Grammar:
    """The patterns made of the definitions' words."""
    of = definitions.of
    behind = alternation(of("not_behind_verb"))
    coming = alternation(of("coming"))
    not_before = "".join(rf"(?<!{re.escape(word)})" for word in of("not_before_coming"))
    comes = rf"(?:{not_before}(?={coming})|(?!{coming}))"
    verbs = alternation(of("fetch_verbs"))
    fetches = rf"(?:{''.join(rf'(?<!{re.escape(word)})' for word in of('before_fetch_verbs'))}|(?!{verbs}))"
    fetching = [verb for verb in of("pickup_verbs") if verb not in of("sending_verbs")]
    other_word, takes_place = alternation([*of("before"), *of("other_words")]), alternation(of("takes_place"))
    return Grammar(
        pickup=re.compile(rf"{comes}{fetches}(?>{alternation(of('pickup_verbs'))})(?!{behind})"),
        fetching=re.compile(rf"{comes}{fetches}(?>{alternation(fetching)})(?!{behind})"),
        delivery=re.compile(rf"(?>{alternation(of('deliver_verbs'))})(?!{behind})"),
        way=re.compile(alternation(of("ways_there"))),
        there=re.compile(rf"{fetches}(?:{alternation([*of('pickup_verbs'), *of('taken_there')])})(?!{behind})"),
        suiting=re.compile(rf"[^\d]{{0,2}}(?:{alternation(of('suiting_words'))})"),
        received=re.compile(alternation([*of("deliver_verbs"), *of("receive"), *of("weak_destination")])),
        other=re.compile(rf"(?:{alternation(of('no_wishes'))})(?!{other_word})|^\s?(?:{takes_place})$"),
    )


def purpose(folded: str, place: Place, definitions: Definitions) -> Purpose:
    """What a time is for: the nearest verb behind it in its clause, else before it, else in the phrase or sentence."""
    g = grammar(definitions)
    if place.today:
        g = replace(g, pickup=g.fetching)
    tells = not place.definite and folded.startswith(definitions.of("possessive"), place.end)  # today's, of which day
    reach = (FAR_BEHIND, FAR_BEFORE) if place.definite else (NEAR_BEHIND, NEAR_BEFORE)
    clause = behind(folded, place, reach[0], CLAUSE)
    left = before(folded, place, reach[1], CLAUSE)
    if tells or wishes_nothing(clause, left, g):
        return Purpose.NONE
    if (told := told_at_once(folded, place, clause, left, definitions)) is not Purpose.NONE:
        return told
    reaches = (CLAUSE, PHRASE, SENTENCE) if place.definite else (CLAUSE, PHRASE)
    for stops in reaches[:1] if place.today else reaches:  # what else is told of today is most likely done
        found = nearest(behind(folded, place, reach[0], stops), g, first=True)
        if found is not Purpose.NONE:
            return found
        found = nearest(before(folded, place, reach[1], stops), g, first=False)
        if found is not Purpose.NONE:
            return found
    if place.definite and g.suiting.match(clause):
        return nearest(folded[max(0, place.start - FAR_BEFORE) : place.start], g, first=False)
    return Purpose.NONE


def told_at_once(folded: str, place: Place, clause: str, left: str, definitions: Definitions) -> Purpose:
    """The purpose that the whole phrase behind a time tells, rather than its nearest verb."""
    if fetches_there(folded, place, grammar(definitions), definitions):
        return Purpose.PICKUP
    inline = not folded[place.end :].lstrip(" \t").startswith("\n")
    arrives, town = clause.rstrip() in definitions.of("arriving"), inline and arrives_in_town(clause, definitions)
    if not (arrives or town) or any(word in left for word in definitions.of("comers")):
        return Purpose.NONE
    if town:
        return Purpose.DELIVERY
    return Purpose.PICKUP if comes_to_load(folded, place, definitions) else Purpose.DELIVERY


def arrives_in_town(clause: str, definitions: Definitions) -> bool:
    """Whether a phrase says no more than that one arrives in a town."""
    plain = clause.rstrip()
    verb = next((word for word in definitions.of("arriving_in") if plain.startswith(word)), "")
    return bool(verb) and gazetteer.end_of_places(plain, len(verb), definitions) == len(plain)


def comes_to_load(folded: str, place: Place, definitions: Definitions) -> bool:
    """Whether a sentence told of the loading, and of nothing behind it, before it says at what hour one arrives."""
    said = SENTENCE.split(folded[max(place.previous, place.start - FAR_BEFORE) : place.start])[-1]
    g = grammar(definitions)
    loaded = max((found.end() for found in g.fetching.finditer(said)), default=0)
    return place.definite and bool(loaded) and g.received.search(said, loaded) is None


def fetches_there(folded: str, place: Place, g: Grammar, definitions: Definitions) -> bool:
    """Whether a way to a place follows a time, at whose end something is fetched: "at 3 to the east gate to load"."""
    way = behind(folded, place, FAR_WAY, PHRASE).partition(":")[0]
    head = g.way.match(way)
    if head is None or gazetteer.end_of_places(way, head.end(), definitions) is None:
        return False
    fetched = [m.end() for m in g.there.finditer(way)]
    if not fetched or fetched[-1] < head.end() + MIN_PLACE:
        return False
    return not any(m.end() > fetched[-1] for m in g.delivery.finditer(way))


def wishes_nothing(clause: str, left: str, g: Grammar) -> bool:
    """Whether words nearer than any verb say that a time is no wish."""
    told = g.other.search(clause)
    if told and nearest(clause[: told.start() + 1], g, first=True) is Purpose.NONE:
        return True
    told = g.other.search(left)
    return told is not None and nearest(left[told.end() :], g, first=False) is Purpose.NONE


def behind(folded: str, place: Place, reach: int, stops: re.Pattern[str]) -> str:
    """The words behind a time up to a stop or to the next label."""
    right = LABEL.split(folded[place.end : place.end + reach], maxsplit=1)[0]
    return stops.split(right.lstrip(), maxsplit=1)[0]


def before(folded: str, place: Place, reach: int, stops: re.Pattern[str]) -> str:
    """The words before a time up to a stop; beyond the time before it only what both share."""
    left = stops.split(folded[max(0, place.start - reach) : place.start])[-1]
    left = left[max((label.start() for label in LABEL.finditer(left)), default=0) :]
    since = folded[place.previous : place.start]
    shared = place.bounded or not PHRASE.search(since)
    return left if shared or len(left) <= len(since) else since


def nearest(part: str, g: Grammar, *, first: bool) -> Purpose:
    """The purpose of the verb nearest to the time."""
    finds = [
        (m.start(), -len(m.group()), kind)
        for kind, p in ((Purpose.DELIVERY, g.delivery), (Purpose.PICKUP, g.pickup))
        for m in p.finditer(part)
    ]
    if not finds:
        return Purpose.NONE
    return (min if first else max)(finds, key=lambda f: (f[0], f[1] if first else -f[1]))[2]
