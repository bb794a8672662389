"""Towns that the words around them say the goods go to: "give it to Mr Hou in Xi'an", "who receives in Yushe is"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from ingestd.parsing import frames, gazetteer, parties
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.items import Item, Kind
from ingestd.parsing.labels import Meaning
from ingestd.parsing.text import Text
from ingestd.parsing.wording import alternation

MAX_LEAD = 12  # characters before a town that say what is there
MAX_BEHIND = 60  # characters behind a town that are looked into
MAX_BETWEEN = 4  # characters between a town and the label that it belongs to
MANY_ARROWS = 3  # in a line
RECEIVING = ("party", "person", "company", "party_phone", "phone", "address")
GAPS = " :,"
SIGN = re.compile(r"[,;。!?\n\t /|]")
NUMBER = re.compile(r"[\d+(]")
OPENS = "\n。;!"


@dataclass(frozen=True, slots=True)
class Grammar:
    """The patterns of what stands before and behind a town."""

    given: re.Pattern[str]
    theirs: re.Pattern[str]
    arrow: re.Pattern[str]
    arrows: re.Pattern[str]
    going: re.Pattern[str]
    there: re.Pattern[str]
    whom: re.Pattern[str]
    some: re.Pattern[str]
    between: re.Pattern[str]
    origin: tuple[str, ...]


@lru_cache(maxsize=4)
def grammar(definitions: Definitions) -> Grammar:
    """The patterns made of the definitions' words of giving, going and being there."""
    of = definitions.of
    there, possessive = alternation(of("over_there")), alternation(of("possessive"))
    near = alternation((*of("over_there"), *of("hereabouts")))
    whose = alternation((*of("receivers"), *(k for k in of("kin") if len(k) > 1)))
    return Grammar(
        given=re.compile(
            rf"(?:{alternation(of('given_to'))})(?:(?:{alternation(of('self'))})(?:{possessive})?)?"
            rf"(?:{alternation(of('home_words'))})?$"
        ),
        whom=re.compile(rf"(?:{alternation((*of('receivers'), *of('kin'), *of('occupations'), *of('lives_there')))})+"),
        some=re.compile(rf"\d|{alternation(of('some_of_it'))}"),
        theirs=re.compile(rf"(?:{whose})(?:{alternation(of('whose_place'))})$"),
        arrow=re.compile(rf"(?:{alternation(of('arrows'))})+[ ]{{0,2}}$"),
        arrows=re.compile(rf"[ ]{{0,2}}(?:{alternation(of('arrows'))})+"),
        going=re.compile(rf"(?:{alternation(of('weak_destination'))})$"),
        there=re.compile(rf"(?:{there})(?:{possessive})?|(?:{possessive})"),
        between=re.compile(rf"(?:{near})?(?:{possessive})?(?P<gap>[ ,])?$"),
        origin=of("from_there"),
    )


def rows(folded: str, definitions: Definitions) -> Iterator[tuple[int, int]]:
    """Where the towns of a text stand, each with the smaller ones behind it."""
    found = gazetteer.first_town(folded, definitions)
    while found is not None:
        yield found
        found = gazetteer.first_town(folded, definitions, found[1])


def find(text: Text, towns: Sequence[tuple[int, int]], definitions: Definitions) -> Iterator[Item]:
    """What announces a receiver together with his town, or points to a town."""
    folded = text.folded
    g = grammar(definitions)
    for start, end in towns:
        lead = folded[max(0, start - MAX_LEAD) : start]
        if (arrow := g.arrow.search(lead)) is not None:
            if not chained(folded, start, end, g):
                yield from pointed(start - len(lead) + arrow.start(), start, text)
            continue
        there = g.there.match(folded, end)
        behind = there.end() if there else end
        whom = g.whom.match(folded, behind)
        behind = whom.end() if whom else behind
        given, theirs = g.given.search(lead), g.theirs.search(lead)
        told = given or theirs
        far = there is not None and not there.group().startswith(definitions.of("possessive"))
        if told is None and not far:
            continue
        some = given is not None and g.some.match(folded, behind) is not None
        if whom is None and not some and is_part_of_firm(folded[start : start + MAX_BEHIND], end - start, definitions):
            continue
        rest = folded[behind : behind + MAX_BEHIND].lstrip(GAPS)
        party = frames.fits("party", rest, definitions, said=False) and named_at_once(rest, definitions)
        headed = far and whom is None and folded[behind : behind + 1] == ":"
        if not party and not headed and (told is None or not (some or parted(folded[behind : behind + 1]))):
            continue
        opens = start - len(lead) + told.start() if told else start
        if told is None and lead.endswith(g.origin):
            continue
        role = "consignee" if party or given or headed else "order"
        meaning = Meaning(role, "party" if party else "free", False, framed=True, town=(start, end))
        yield Item(Kind.LABEL, opens, behind, meaning, "frame.town")


def chained(folded: str, start: int, end: int, g: Grammar) -> bool:
    """Whether arrows stand between all the facts of a line, so that the one before a place only parts it from them."""
    line = folded[folded.rfind("\n", 0, start) + 1 :].partition("\n")[0]
    return len(g.arrows.findall(line)) >= MANY_ARROWS and g.arrows.match(folded, end) is None


def pointed(start: int, end: int, text: Text) -> Iterator[Item]:
    """An arrow before a town; one from town to town, as in a title, says nothing of who is spoken of behind it."""
    if not text.folded[text.folded.rfind("\n", 0, start) + 1 : start].strip() and text.shown[start] == ">":
        return  # the mark of a quoted line
    yield Item(Kind.LABEL, start, end, Meaning("order", "place", False, framed=True), "frame.arrow")


def parted(sign: str) -> bool:
    """Whether a phrase ends before a sign."""
    return not sign or SIGN.match(sign) is not None or not sign.isalnum()


def named_at_once(text: str, definitions: Definitions) -> bool:
    """Whether the first phrase of a text names a person or company, or a number stands right behind it."""
    phrase = SIGN.split(text, maxsplit=1)[0]
    named = NUMBER.split(phrase, maxsplit=1)[0]
    if not named or named[0].isascii():
        return False
    if parties.names_somebody(named, definitions) or parties.person_end(named, definitions):
        return True
    return len(named) < len(phrase) or frames.phone_follows(text[len(named) :], definitions)


def is_part_of_firm(text: str, town: int, definitions: Definitions) -> bool:
    """Whether a town is the first part of a company's name: what is behind it is no person and goes on the name."""
    phrase = NUMBER.split(SIGN.split(text, maxsplit=1)[0], maxsplit=1)[0]
    name = phrase[town:]
    if not name or name.startswith(definitions.of("possessive")) or grammar(definitions).there.match(name):
        return False
    return not parties.is_plainly_person(name, definitions) and parties.person_end(name, definitions) != len(name)


def joined(
    found: Sequence[Item], folded: str, towns: Sequence[tuple[int, int]], definitions: Definitions
) -> list[Item]:
    """Labels and frames of the receiver with the town that stands right before them, which is where he is."""
    starts, ends = {end: start for start, end in towns}, {item.end for item in found}
    return [with_town(item, folded, starts, ends, definitions) for item in found]


def with_town(item: Item, folded: str, starts: dict[int, int], ends: set[int], definitions: Definitions) -> Item:
    """A label of the receiver from the town right before it on, or the label as it is."""
    meaning, g = item.value, grammar(definitions)
    if meaning.role != "consignee" or meaning.slot not in RECEIVING or not starts:
        return item
    before = folded[max(0, item.start - MAX_BETWEEN) : item.start]
    for skipped in range(len(before) + 1):
        end = item.start - len(before) + skipped
        between = g.between.fullmatch(before, skipped) if end in starts else None
        if between is None:
            continue
        start = starts[end]
        if start in ends or folded[:start].rstrip(" ").endswith((*g.origin, ":")):
            return item
        if between["gap"] and not opens_line(folded, start):
            return item
        cue = g.going.search(folded, max(0, start - MAX_LEAD), start)
        begin = cue.start() if cue else start
        return item._replace(start=begin, value=replace(meaning, town=(start, end)))
    return item


def opens_line(folded: str, start: int) -> bool:
    """Whether a place begins a line or sentence."""
    before = folded[:start].rstrip(" \t")
    return not before or before[-1] in OPENS
