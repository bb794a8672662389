"""The driver whom a report tells: by a word for one, by who is sent, or by who stands beside a phone or a plate."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ingestd.domain.reading import Driver
from ingestd.parsing import parties
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.items import Item, Kind
from ingestd.parsing.text import Text
from ingestd.parsing.wording import alternation

HAN_NAME = r"[\u4e00-\u9fff]{2,4}"
LATIN_NAME = r"[a-z][a-z'-]*\.?(?: [a-z][a-z'-]+){0,2}"
CAPITALISED = re.compile(r"[A-Z][A-Za-z'-]*\.?(?: [A-Z][A-Za-z'-]+){0,2}")
SHORTEST = 2  # characters of a name
HIS = 8  # characters before a phone that say whose it is
NEAR = re.compile(r"[\s,;:()]{0,4}")


@dataclass(frozen=True, slots=True)
class Grammar:
    """The compiled words about drivers."""

    called: re.Pattern[str]  # driver NAME
    sent: re.Pattern[str]  # a word of sending and who may be sent
    going: re.Pattern[str]  # what is said of who is sent
    head: re.Pattern[str]
    tail: re.Pattern[str]
    titled: re.Pattern[str]
    his: re.Pattern[str]  # right before the phone of whoever was spoken of
    ends: tuple[str, ...]  # what no name ends with


@lru_cache(maxsize=4)
def grammar(definitions: Definitions) -> Grammar:
    """The patterns made of the definitions' words."""
    of = definitions.of
    link = rf"(?:[\s:]|{alternation(of('link_words'))}){{0,3}}"
    return Grammar(
        called=re.compile(
            rf"(?:{alternation(of('driver_words'))}){link}(?!{alternation(of('not_drivers'))})"
            rf"(?P<name>{HAN_NAME}|(?<=[\s:.]){LATIN_NAME})"
        ),
        sent=re.compile(rf"(?:{alternation(of('driver_verbs'))})[\s:]{{0,2}}(?P<name>{HAN_NAME})"),
        going=re.compile(rf"\s?(?:{alternation(of('sent_on'))})"),
        head=re.compile(rf"(?:{alternation(of('driver_titles'))})[\s:]*(?={HAN_NAME}$)"),
        tail=re.compile(rf"[\s,]*(?:{alternation(of('number_words'))})[\s:.]*$"),
        his=re.compile(rf"(?:{alternation(of('his_number'))})[\s:]*$"),
        ends=of("going_ends"),
        titled=re.compile(
            rf"[\u4e00-\u9fff]{{1,2}}(?P<title>{alternation(of('driver_titles'))})|(?:{alternation(of('nickname_heads'))})[\u4e00-\u9fff]"
        ),
    )


def told(text: Text, items: Sequence[Item], definitions: Definitions) -> Driver | None:
    """The driver, phone and plate told; nobody where neither a plate nor a name is."""
    plate = next((i for i in items if i.kind is Kind.PLATE), None)
    phone = next((i for i in items if i.kind is Kind.PHONE), None)
    marks = [i for i in (plate, phone) if i is not None]
    found = [*called(text, definitions), *sent(text, marks, definitions)]
    if phone:
        found += titled_before(text, phone, definitions)
    if plate or (phone and grammar(definitions).his.search(text.folded, max(0, phone.start - HIS), phone.start)):
        found += [*beside(text, items, marks, definitions), *titled(text, items, definitions)]
        found += [*behind(text, items, marks, definitions)]
    name = next(iter(found), None)
    if not (plate or name):
        return None
    number = re.sub(r"\W", "", text.shown[plate.start : plate.end].upper()) if plate else None
    return Driver(name, phone.value if phone else None, number)


def called(text: Text, definitions: Definitions) -> Iterator[str]:
    """Whom a word for a driver names."""
    for match in grammar(definitions).called.finditer(text.folded):
        part = text.part(*match.span("name"))
        spelt = CAPITALISED.match(part.shown)
        name = spelt.group() if spelt else person_in(part, definitions)
        if name:
            yield name


def sent(text: Text, marks: Sequence[Item], definitions: Definitions) -> Iterator[str]:
    """Who is sent: he goes, or his phone or plate stands right behind him."""
    for match in grammar(definitions).sent.finditer(text.folded):
        names = list(persons_in(text.part(*match.span("name")), definitions))
        start = match.start("name")
        found = [n for n in names if goes(text.folded, start + len(n), definitions)]
        found += [n for n in names if is_marked(text.folded, start + len(n), marks)]
        yield from found[:1]


def goes(folded: str, position: int, definitions: Definitions) -> bool:
    """Whether it is said of whoever is named before a place that he goes."""
    return grammar(definitions).going.match(folded, position) is not None


def is_marked(folded: str, position: int, marks: Sequence[Item]) -> bool:
    """Whether a phone or a plate stands right behind a place."""
    return any(mark.start >= position and NEAR.fullmatch(folded, position, mark.start) for mark in marks)


def beside(text: Text, items: Sequence[Item], marks: Sequence[Item], definitions: Definitions) -> Iterator[str]:
    """The person named right before a phone or a plate, with no more than a word for either between."""
    g = grammar(definitions)
    for mark in marks:
        words = [i for i in items if i.kind is Kind.WORDS and i.end <= mark.start]
        for item in reversed(words[-2:]):
            part = text.part(item.start, item.end)
            tail = g.tail.search(part.folded)
            part = part.part(0, tail.start() if tail else len(part.folded))
            head = g.head.match(part.folded)
            if head:  # behind the word for a driver any short word is the name
                yield part.shown[head.end() :]
            elif part.folded.strip():
                yield from whole(part.part(0, going(part.folded, definitions)), definitions)
            if part.folded.strip():
                break


def whole(part: Text, definitions: Definitions) -> Iterator[str]:
    """A text as a person, if it is one."""
    if parties.is_person(part.folded, definitions):
        yield part.shown.strip()


def going(folded: str, definitions: Definitions) -> int:
    """Where a name ends behind which it is said that he goes; the end of the text where nothing is."""
    plain = folded.rstrip()
    while len(plain) > SHORTEST and plain.endswith(grammar(definitions).ends):
        plain = plain[:-1]
    return len(plain)


def behind(text: Text, items: Sequence[Item], marks: Sequence[Item], definitions: Definitions) -> Iterator[str]:
    """The person named right behind a plate or a phone, alone or as one who goes."""
    for mark in marks:
        item = next((i for i in items if i.kind is Kind.WORDS and i.start >= mark.end), None)
        if item is None or not NEAR.fullmatch(text.folded, mark.end, item.start):
            continue
        part = text.part(item.start, item.end)
        yield from whole(part.part(0, going(part.folded, definitions)), definitions)
        names = list(persons_in(part, definitions))
        yield from (n for n in names if goes(text.folded, item.start + len(n), definitions))


def titled(text: Text, items: Sequence[Item], definitions: Definitions) -> Iterator[str]:
    """Who is spoken of first in a phrase, by his title or as people call him."""
    g = grammar(definitions)
    for item in items:
        if item.kind is Kind.WORDS and g.titled.match(text.folded, item.start, item.end):
            name = person_in(text.part(item.start, item.end), definitions)
            if name:
                yield name


def titled_before(text: Text, phone: Item, definitions: Definitions) -> Iterator[str]:
    """Who is told by a driver's title, his phone right behind it."""
    g = grammar(definitions)
    for match in g.titled.finditer(text.folded):
        if match["title"] and is_marked(text.folded, match.end(), [phone]):
            yield from persons_in(text.part(*match.span()), definitions)


def person_in(text: Text, definitions: Definitions) -> str | None:
    """The person that a short text begins with."""
    return next(persons_in(text, definitions), None)


def persons_in(text: Text, definitions: Definitions) -> Iterator[str]:
    """The persons that a short text may begin with, the longest name first."""
    ends = grammar(definitions).ends
    for length in (4, 3, 2):
        part = text.part(0, length)
        if len(part.folded) < length or (length > SHORTEST and part.folded.endswith(ends)):
            continue
        if parties.is_person(part.folded, definitions):
            yield part.shown
