"""Orders that say "as last time": what they leave out is taken from the nearest order quoted below."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

from ingestd.domain.reading import Intent, OrderReading
from ingestd.parsing.cargo import Event
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.draft import Draft, Found
from ingestd.parsing.items import Kind
from ingestd.parsing.text import Text
from ingestd.parsing.wording import alternation

MANY = 4  # values that two orders share by no chance
SPACES = re.compile(r"\s+")
NO_DIGITS = re.compile(r"\D+")
MAIN_DIGITS = 7  # of a phone, which stand in every way of writing it
RULE = "quote."  # before the rule of a value that the quote gave
OPEN = (Intent.ORDER, Intent.AMENDMENT, Intent.OTHER, Intent.INQUIRY)  # others are not for a new order
GROUPS = (
    ("shipper.name", "shipper.company", "shipper.phones"),
    ("pickup.address",),
    ("payment",),
    ("delivery",),
    ("receipt",),
    ("vehicle",),
    ("hold",),
)
PLACE = ("destination", "consignee.address")
CONSIGNEE = ("consignee.name", "consignee.company", "consignee.phones")
AT_PICKUP = ("pickup.contact", "pickup.company", "pickup.phones")
FIGURES = (Kind.COUNT, Kind.WEIGHT, Kind.VOLUME)


@lru_cache(maxsize=4)
def clauses(definitions: Definitions) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """A clause that says "as last time" and nothing else; words that begin a new shipment."""
    of = definitions.of
    sign = r"[\s,.;!?~:。、()\n]"
    whole = re.compile(
        rf"(?:^|(?<={sign}))\s*+(?:(?:{alternation(of('ditto_heads'))})\s*+){{0,4}}"
        rf"(?:{alternation(of('ditto'))})\s*+(?:(?:{alternation(of('ditto_tails'))})\s*+){{0,3}}(?={sign}|\d|$)"
    )
    return whole, re.compile(alternation(of("new_shipment")))


def wanted(text: Text, intent: Intent, definitions: Definitions) -> bool:
    """Whether a new text orders something as last time; "the rest as before" alone only leaves a change as it is."""
    if intent not in OPEN:
        return False
    found = clauses(definitions)[0].search(text.folded)
    if found is None:
        return False
    rest = any(word in found.group() for word in definitions.of("the_rest"))
    return not rest or speaks_of_another(text, definitions)


def speaks_of_another(text: Text, definitions: Definitions) -> bool:
    """Whether a text says that goods are to go once more."""
    return bool(clauses(definitions)[1].search(text.folded))


def names_phones(quoted: Text, order: OrderReading) -> bool:
    """Whether a quoted text holds all phones of an order, however their digits are spaced."""
    digits = NO_DIGITS.sub("", quoted.folded)
    return all(
        phone.partition(";")[0][-MAIN_DIGITS:] in digits for phone in order.shipper.phones + order.consignee.phones
    )


def repeats(own: Draft, quoted: Draft) -> bool:
    """Whether a draft says nothing but what a quoted one says, by value or word by word, and that several times."""
    values = {(path, repr(found.value)) for path, finds in quoted.finds.items() for found in finds}
    values |= {("cargo", repr(event.value)) for event, _ in quoted.goods}
    said = [(path, found.value, own.words(found)) for path, finds in own.finds.items() for found in finds]
    said += [("cargo", event.value, own.words(found)) for event, found in own.goods]
    return len(said) >= MANY and all(
        (path, repr(value)) in values or stands(words, quoted.text.folded) for path, value, words in said
    )


def stands(words: str, text: str) -> bool:
    """Whether words stand in a text, however they are spaced, figures whole."""
    spaced = r"\s{0,4}".join(map(re.escape, SPACES.sub("", words).lower()))
    return bool(spaced) and re.search(rf"(?<![\d.]){spaced}(?!\d)", text) is not None


def without_words(text: Text, definitions: Definitions) -> Text:
    """A text without the clauses that say "as last time", which name no goods; its length stays."""
    folded = clauses(definitions)[0].sub(lambda found: " " * len(found.group()), text.folded)
    shown = "".join(" " if f == " " else s for s, f in zip(text.shown, folded, strict=True))
    return Text(shown, folded)


def completed(own: Draft, quoted: Draft) -> Draft:
    """A draft with what it leaves out taken from a quoted one, evidence marked; sums, dates and numbers never are."""
    text = Text(f"{own.text.shown}\n{quoted.text.shown}", f"{own.text.folded}\n{quoted.text.folded}")
    offset = len(own.text.folded) + 1
    draft = replace(own, text=text, finds=dict(own.finds), goods=list(own.goods), ambiguous=set(own.ambiguous))
    for paths in groups(own):
        for path in paths:
            if quoted.has(path):
                draft.finds[path] = [moved(found, offset) for found in quoted.all(path)]
    draft.goods = [*draft.goods, *goods_of(own, quoted, offset)]
    return draft


def groups(own: Draft) -> list[tuple[str, ...]]:
    """The fields to take: those of which the order says nothing; who moves the goods elsewhere names who is there."""
    taken: list[tuple[str, ...]] = [paths for paths in GROUPS if not any(map(own.has, paths))]
    if not any(map(own.has, ("pickup.address", *AT_PICKUP))):
        taken.append(AT_PICKUP)
    if not any(map(own.has, PLACE)):
        taken.append(PLACE)
        if not any(map(own.has, CONSIGNEE)):
            taken.append(CONSIGNEE)
    return taken


def goods_of(own: Draft, quoted: Draft, offset: int) -> list[tuple[Event, Found]]:
    """The goods to take: all where none are said; under new figures the one name, and no figure that they outdate."""
    theirs = [(event, moved(found, offset)) for event, found in quoted.goods]
    said = {event.kind for event, _ in own.goods}
    if not said:
        return theirs
    names = [(event, found) for event, found in theirs if event.kind not in FIGURES]
    if len({event.value for event, _ in names}) != 1 or said - set(FIGURES):
        return []
    kept = each_piece if Kind.COUNT in said else is_count
    return names[:1] + [pair for pair in theirs if kept(pair[0]) and pair[0].kind not in said]


def each_piece(event: Event) -> bool:
    """Whether a figure is said of one piece, and so holds for any number of them."""
    return not isinstance(event.value, str) and event.value.per is not None


def is_count(event: Event) -> bool:
    """Whether a figure counts packages."""
    return event.kind is Kind.COUNT


def moved(found: Found, offset: int) -> Found:
    """A find of the quote at its place in the joined text."""
    return found._replace(start=found.start + offset, end=found.end + offset, rule=RULE + found.rule)
