"""Goods whose figures stand without a name: what else in the text, or the subject, names them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingestd.parsing import naming, parties, places, prose
from ingestd.parsing.cargo import Event
from ingestd.parsing.cursor import FIGURES, Cursor, tidy
from ingestd.parsing.draft import VESSEL, Found
from ingestd.parsing.items import Item, Kind
from ingestd.parsing.text import Text

MAX_PHRASE = 40  # characters of a phrase that may name goods
MAX_NAME = 16  # characters of a name that no figure stands beside
MAX_PHRASES = 60  # of one order that are looked into
MAX_HEAD = 6  # characters of goods that stand at the head of all
LEAST = 2  # of what must speak for a name
LEAST_SHARED = 2  # characters that a name shares with the subject


@dataclass(frozen=True, slots=True)
class Candidate:
    """Words that may name the goods, and how much speaks for them."""

    start: int
    end: int
    support: int


def name_goods(items: Sequence[Item], subject: Text, cursor: Cursor) -> None:
    """Give goods that have figures and no name the one that the text or its subject tells, where one does."""
    events = cursor.draft.goods
    names = [found for event, found in events if event.kind is Kind.WORDS]
    if not any(event.kind in FIGURES for event, _ in events) or any(found.rule != VESSEL for found in names):
        return
    best = max(candidates(items, subject, cursor), key=lambda c: (c.support, -c.start), default=None)
    if best is not None and best.support >= LEAST:
        name = tidy(cursor.text.shown[best.start : best.end])
        found = Found(name, best.start, best.end, "goods.told")
    elif not names and (named := of_subject(subject, cursor)) is not None:
        name = tidy(named.shown)
        found = Found(name, 0, 0, "goods.subject", named.shown)
    else:
        return
    cursor.draft.goods = [(Event(Kind.WORDS, name), found), *(x for x in events if x[0].kind is not Kind.WORDS)]


def candidates(items: Sequence[Item], subject: Text, cursor: Cursor) -> Iterator[Candidate]:
    """The phrases of no field that may name goods."""
    taken = covered(cursor)
    first = min(found.start for event, found in cursor.draft.goods if event.kind in FIGURES)
    rests = [Item(Kind.WORDS, found.start, found.end) for found in cursor.draft.leftovers]
    free = [i for i in [*items, *rests] if i.kind is Kind.WORDS and i.end - i.start <= MAX_PHRASE]
    for item in free[:MAX_PHRASES]:
        if any(start < item.end and item.start < end for start, end in taken):
            continue
        near = leads_to(items, item, first, cursor) or int(heads(items, item, cursor))
        found = candidate(item, subject, cursor, near=near)
        if found is not None:
            yield found


def covered(cursor: Cursor) -> list[tuple[int, int]]:
    """Where what fields hold stands in the text; vessels are free to be named otherwise."""
    draft = cursor.draft
    spots = [(f.start, f.end) for finds in draft.finds.values() for f in finds if not f.elsewhere]
    spots += [(f.start, f.end) for _, f in draft.goods if f.rule != VESSEL]
    return spots + [(f.start, f.end) for _, f in draft.bad_phones]


def leads_to(items: Sequence[Item], item: Item, first: int, cursor: Cursor) -> int:
    """How near a phrase stands before the first figure: two beside it, one with a word of no goods between, else 0."""
    between = [i for i in items if item.end <= i.start < first and i.kind is not Kind.BREAK]
    if item.start > first:
        return int(follows(items, item, first))
    if len(between) > 1:
        return 0
    if not between:
        return 2
    only = between[0]
    named = naming.named(cursor.folded(only), cursor.definitions) if only.kind is Kind.WORDS else None
    return 1 if only.kind is Kind.LABEL or (only.kind is Kind.WORDS and (named is None or named.vessel)) else 0


def follows(items: Sequence[Item], item: Item, first: int) -> bool:
    """Whether a phrase stands right behind the first figure, over no more than a break."""
    return not any(first < i.start < item.start and i.kind is not Kind.BREAK for i in items)


def heads(items: Sequence[Item], item: Item, cursor: Cursor) -> bool:
    """Whether a phrase says what all is about: the first that is more than a greeting, short and nothing but a name."""
    words = (i for i in items if i.kind is not Kind.BREAK)
    first = next((i for i in words if not prose.is_noise(cursor.folded(i), cursor.definitions)), None)
    short = item.end - item.start <= MAX_HEAD
    return item is first and short and naming.ends_as_goods(cursor.folded(item), cursor.definitions)


def candidate(item: Item, subject: Text, cursor: Cursor, *, near: int) -> Candidate | None:
    """What speaks for the goods that a phrase names; None where it names none."""
    definitions, folded = cursor.definitions, cursor.folded(item)
    if prose.is_noise(folded, definitions) or prose.counts_orders(folded, definitions):
        return None
    found = naming.named(folded, definitions)
    if found is None or found.end - found.start > MAX_NAME:
        return None
    name = folded[found.start : found.end]
    shared, goods = shares(name, subject.folded), naming.ends_as_goods(name, definitions)
    lots = naming.counts_lots(folded, definitions)
    plain = (near > 0 or found.told or found.announced or lots) and (goods or shared)
    if prose.is_noise(name, definitions) or is_elsewhere(name, cursor, plain=plain):
        return None
    support = near + 2 * found.announced + 2 * found.told + 2 * shared + 2 * lots + goods
    weak = found.vessel or not (goods or shared or near or found.told or lots)
    return Candidate(item.start + found.start, item.start + found.end, support - 3 * weak)


def is_elsewhere(name: str, cursor: Cursor, *, plain: bool) -> bool:
    """Whether words are a place, a company or a person; `plain` goods may be called as a person is."""
    definitions = cursor.definitions
    if places.looks_like_address(name, definitions) or parties.is_place(name, definitions):
        return True
    if places.begins_with_place(name, definitions) and not naming.ends_as_goods(name, definitions):
        return True
    if parties.is_company(name, definitions):
        return True
    return not plain and parties.is_plainly_person(name, definitions)


def shares(name: str, subject: str) -> bool:
    """Whether the subject holds a name, or its end: a subject calls goods more shortly."""
    return len(name) >= LEAST_SHARED and (name in subject or name[-LEAST_SHARED:] in subject)


def of_subject(subject: Text, cursor: Cursor) -> Text | None:
    """The goods that a subject names by itself."""
    definitions = cursor.definitions
    for start, end in phrases_of(subject.folded):
        folded = subject.folded[start:end]
        found = None if prose.is_noise(folded, definitions) else naming.named(folded, definitions)
        if found is None or found.vessel or found.end - found.start > MAX_NAME:
            continue
        name = folded[found.start : found.end]
        figures = any(char.isdigit() for char in name)
        if not figures and naming.ends_as_goods(name, definitions) and not is_elsewhere(name, cursor, plain=False):
            return subject.part(start + found.start, start + found.end)
    return None


def phrases_of(folded: str) -> Iterator[tuple[int, int]]:
    """Where the phrases of a subject stand."""
    start = 0
    for end, char in enumerate(folded + " "):
        if not (char.isalnum() or char == "\u3001"):
            if end > start:
                yield start, end
            start = end + 1
