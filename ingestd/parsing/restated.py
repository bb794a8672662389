"""Old and new value of one field side by side: "the phone was wrong, NUMBER", "not this but that", "(was THIS)"."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from ingestd.parsing import drivers, naming, parties, places
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.text import Text
from ingestd.parsing.wording import alternation, expanded

PHRASE = re.compile(r"[^,;。\n]*")
NUMBER = re.compile(r"[+(]?\d")
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Grammar:
    """The compiled words between a field, its old and its new value."""

    faulty: re.Pattern[str]  # a label, and that what it names was wrong
    english: re.Pattern[str]  # a label and "is now"
    contrast: re.Pattern[str]  # not OLD but
    bracket: re.Pattern[str]
    instead: re.Pattern[str]
    pair: re.Pattern[str]  # formerly OLD, now
    led: re.Pattern[str]
    owner: re.Pattern[str]  # whose number or address it is, behind a label of his
    slots: Mapping[str, str]


@lru_cache(maxsize=4)
def grammar(definitions: Definitions) -> Grammar:
    """The patterns made of the definitions' words."""
    of = definitions.of

    def words(name: str) -> str:
        """The words of a list with all choices in them."""
        return alternation(e for written in of(name) for e in expanded(written, of))

    slots = {word: label.slot for label in definitions.labels for word in (*label.words, *label.bare, *label.glue)}
    han = alternation(w for w, slot in slots.items() if slot in CHECKS and not w.isascii() and len(w) > 1)
    plain = alternation(w for w in slots if w.isascii() and len(w) > 2)
    clients, fields = (
        alternation(w for w, slot in slots.items() if slot in wanted and not w.isascii() and len(w) > 1)
        for wanted in (("party", "person"), ("phone", "address"))
    )
    gap = r"[ ,;:]{0,2} {0,40}"
    return Grammar(
        faulty=re.compile(
            rf"(?P<label>{han}|{words('bare_phones')})(?P<gap>(?:{words('name_words')})?(?:{words('wrong_leads')}){gap}(?:(?:{words('new_leads')}){gap}){{0,2}})"
        ),
        english=re.compile(rf"\b(?<!'s )(?P<label>{plain})(?P<gap> (?:{words('is_now')}) )"),
        contrast=re.compile(
            rf"(?<!{words('no_contrast')})(?:{words('not_this')})(?P<old>[^,;。\n]{{1,24}}?){gap}(?:{words('but_that')})(?=\S)"
        ),
        bracket=re.compile(rf"\(\s?(?:{words('old_brackets')})\b[^()\n]{{1,80}}\)"),
        instead=re.compile(rf"\b(?:{words('instead_words')})\s[^,;.\n]{{1,40}}"),
        pair=re.compile(
            rf"(?:{words('formerly')})[^;。\n]{{1,60}}?[,; /]\s?(?:{words('now_leads')})\s?(?=\S)"
        ),
        led=re.compile(rf"(?:{words('change_ways')})"),
        owner=re.compile(rf"(?:{clients})\s?(?P<who>[\u4e00-\u9fff]{{2,5}})(?P<of>{words('possessive')})(?={fields})"),
        slots=slots,
    )  # fmt: skip


def settled(text: Text, definitions: Definitions) -> Text:
    """A text in which a new value stands right behind its label, and values put against it are blanked out."""
    g = grammar(definitions)
    shown, plain = list(text.shown), list(text.folded)

    def blank(start: int, end: int, first: str = " ") -> None:
        """Leave nothing between two positions but a first sign."""
        shown[start:end] = plain[start:end] = first + " " * (end - start - 1)

    for pattern in (g.contrast, g.bracket, g.instead, g.pair):
        for match in pattern.finditer(text.folded):
            blank(*match.span())
    for match in g.owner.finditer(text.folded):
        if parties.is_person(match["who"], definitions):
            blank(match.start("who"), match.end("of"))
    for start, end in (*faulty("".join(plain), definitions), *(m.span("gap") for m in g.english.finditer(text.folded))):
        blank(start, end, ":")
    return Text("".join(shown), "".join(plain))


def faulty(folded: str, definitions: Definitions) -> Iterator[Span]:
    """What stands between a label whose value was wrong and the new one, where that is right behind it."""
    g = grammar(definitions)
    for match in g.faulty.finditer(folded):
        way = g.led.match(folded, match.end())
        start = way.end() if way else match.end()
        value = PHRASE.match(folded, start)
        slot = g.slots.get(match["label"], "phone")
        if value is not None and CHECKS[slot](value.group(), definitions):
            yield match.start("gap"), start


def is_number(folded: str, definitions: Definitions) -> bool:
    """Whether a phrase begins with a number."""
    del definitions
    return NUMBER.match(folded.lstrip()) is not None


def is_somebody(folded: str, definitions: Definitions) -> bool:
    """Whether a phrase begins with a person."""
    return drivers.person_in(Text(folded.lstrip(), folded.lstrip()), definitions) is not None


def is_somewhere(folded: str, definitions: Definitions) -> bool:
    """Whether a phrase is an address."""
    return places.looks_like_address(folded.strip(), definitions)


def is_goods(folded: str, definitions: Definitions) -> bool:
    """Whether a phrase names goods."""
    return naming.ends_as_goods(folded.strip(), definitions)


CHECKS: Mapping[str, Callable[[str, Definitions], bool]] = {
    "phone": is_number,
    "person": is_somebody,
    "party": is_somebody,
    "address": is_somewhere,
    "goods": is_goods,
}
