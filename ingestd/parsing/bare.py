"""Messages of bare values, a phone, a weight, a word of payment: only the question before them tells what of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ingestd.domain.reading import Bare, CargoLine, Delivery, Payment
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.figures import Figure
from ingestd.parsing.items import Item, Kind
from ingestd.parsing.text import Text
from ingestd.parsing.wording import alternation

LONGEST = 80  # characters; a longer message explains something
UNOWNED = ("current", "order", "either")  # the roles of labels that name no party
SLOTS = ("phone", "weight", "volume", "quantity", "payment", "delivery")
SILENT = (Kind.BREAK, Kind.NOISE, Kind.SERIAL, Kind.WORDS)
FIGURES = (Kind.COUNT, Kind.WEIGHT, Kind.VOLUME)


@dataclass(frozen=True, slots=True)
class Grammar:
    """The compiled words that stand around bare values, and those of "another one" and "the same one"."""

    around: re.Pattern[str]
    another: re.Pattern[str]
    same: re.Pattern[str]


@lru_cache(maxsize=4)
def grammar(definitions: Definitions) -> Grammar:
    """The patterns made of the definitions' words."""
    of = definitions.of
    around = alternation([*of("form_courtesies"), *of("bare_words")])
    return Grammar(
        re.compile(rf"(?:{around}|[\s,.!~。:;])*+"),  # possessive: nobody's text makes it try all ways
        re.compile(alternation(of("another_shipment"))),
        re.compile(alternation(of("same_shipment"))),
    )


def values(text: Text, items: Sequence[Item], definitions: Definitions) -> Bare | None:
    """What a short message says that is nothing but values; None of any other."""
    if len(text.folded) > LONGEST or not all(plain(item) for item in items):
        return None
    figures = {kind: [item.value for item in items if item.kind is kind] for kind in FIGURES}
    if any(len(found) > 1 for found in figures.values()):
        return None
    words, again = spoken(text, items, definitions)
    chosen = dict(choices(items))
    found = Bare(
        tuple(dict.fromkeys(item.value for item in items if item.kind is Kind.PHONE)),
        cargo_of(*(figures[kind][0] if figures[kind] else None for kind in FIGURES)),
        Payment(chosen["payment"]) if "payment" in chosen else None,
        Delivery(chosen["delivery"]) if "delivery" in chosen else None,
        again,
        words,
    )
    return found if found != Bare(words=words) else None


def plain(item: Item) -> bool:
    """Whether a find is a value as it stands, or says nothing of its own."""
    if item.kind is Kind.LABEL:
        return item.value.role in UNOWNED and item.value.slot in SLOTS
    if item.kind in FIGURES:
        return not (item.value.per or item.value.withdrawn or item.value.corrects or item.value.part)
    if item.kind is Kind.CHOICE:
        return item.value[0] in ("payment", "payer", "delivery")
    return item.kind is Kind.PHONE or item.kind in SILENT


def choices(items: Sequence[Item]) -> Iterator[tuple[str, str]]:
    """The fields that are chosen from a list, with what was chosen; who pays says how."""
    for item in items:
        if item.kind is Kind.CHOICE:
            field, value = item.value
            yield "payment" if field == "payer" else field, value


def cargo_of(count: Figure | None, weight: Figure | None, volume: Figure | None) -> CargoLine | None:
    """The figures of the goods."""
    if not (count or weight or volume):
        return None
    return CargoLine(
        None,
        count.amount if count else None,
        count.unit or None if count else None,
        weight.amount if weight else None,
        volume.amount if volume else None,
    )


def spoken(text: Text, items: Sequence[Item], definitions: Definitions) -> tuple[str, bool | None]:
    """The words beside the values, without courtesies, and whether they say that it is another shipment or the same."""
    g = grammar(definitions)
    said = [text.folded[i.start : i.end] for i in items if i.kind is Kind.WORDS]
    rest = [g.another.sub(" ", words) for words in said]
    left = [g.same.sub(" ", words) for words in rest]
    again = None if (rest != said) == (left != rest) else rest != said
    return " ".join(words.strip() for words in left if not g.around.fullmatch(words)), again
