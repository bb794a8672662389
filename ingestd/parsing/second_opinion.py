"""A second opinion on an order: what learned weights say of who, where and what, beside what the rules read.

A label counts before the weights, the weights before a rule that goes by place or frame, and a rule before nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from ingestd.parsing import tagging
from ingestd.parsing.cargo import Event
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.draft import Draft, Found
from ingestd.parsing.items import Item, Kind
from ingestd.parsing.tagging import Span

RULE = "learned.words"
LABELLED = "label."
ADDED, TAKEN, MOVED = 0.4, 0.6, 0.6  # least probability to fill a gap, to take a rule's place, to move its words
NUMBERED = 0.5  # of every number, to sort them anew
PLACES = ("pickup.address", "consignee.address")
PARTS = (
    "shipper.name", "shipper.company", "pickup.contact", "consignee.name", "consignee.company", "destination", *PLACES,
)  # fmt: skip
PHONES = ("shipper.phones", "pickup.phones", "consignee.phones")
GOODS = "cargo.name"


def seconded(draft: Draft, items: Sequence[Item], definitions: Definitions) -> Draft:
    """The one draft of a text after the second opinion."""
    spans = tagging.spans(draft.text, items, definitions)
    out = replace(draft, finds=dict(draft.finds), goods=list(draft.goods))
    for path in PARTS:
        consider(path, spans, out)
    number(spans, items, out)
    name_goods([span for span in spans if span.path == GOODS and span.sure >= ADDED], out)
    return out


def consider(path: str, spans: Sequence[Span], draft: Draft) -> None:
    """Fill a field, or take another value for it."""
    own = [span for span in spans if span.path == path and span.sure >= ADDED]
    values = {words(span, draft) for span in own}
    ruled = draft.all(path)
    if len(values) != 1:
        return
    value, span = values.pop(), max(own, key=lambda s: s.sure)
    if not ruled:
        if not held_by_label(span, draft):
            leave(span, draft)
            draft.finds[path] = [found_in(span, draft)]
        return
    if any(f.rule.startswith(LABELLED) or f.elsewhere for f in ruled) or span.sure < TAKEN:
        return
    same = [f for f in ruled if f.value == value]
    if len(ruled) > 1 and same:
        draft.finds[path] = same
        draft.ambiguous.discard(path)
    elif not same and path not in PLACES and not held_by_label(span, draft):
        leave(span, draft)
        draft.finds[path] = [found_in(span, draft)]


def words(span: Span, draft: Draft) -> str:
    """The words of a span as they are put out."""
    return " ".join(draft.text.shown[span.start : span.end].split())


def found_in(span: Span, draft: Draft) -> Found:
    """A find for the words of a span."""
    return Found(words(span, draft), span.start, span.end, RULE)


def held_by_label(span: Span, draft: Draft) -> bool:
    """Whether a label gave these words to a field."""
    return any(f.rule.startswith(LABELLED) for _, f in overlapping(span, draft))


def overlapping(span: Span, draft: Draft) -> Iterator[tuple[str, Found]]:
    """The finds in the words of a span, with their fields."""
    for path, finds in draft.finds.items():
        for found in finds:
            if not found.elsewhere and found.start < span.end and span.start < found.end:
                yield path, found


def leave(span: Span, draft: Draft) -> None:
    """Take the words of a span away from the fields of parties and places that a rule gave them to."""
    for path, found in list(overlapping(span, draft)):
        if path in PARTS:
            kept = [f for f in draft.finds[path] if f is not found]
            if kept:
                draft.finds[path] = kept
            else:
                del draft.finds[path]


# --- numbers ----------------------------------------------------------------------------------------------------------


def number(spans: Iterable[Span], items: Iterable[Item], draft: Draft) -> None:
    """Sort the numbers anew, where the weights know of every one whose it is."""
    dialled = {item.start: item for item in items if item.kind is Kind.PHONE}
    sorted_anew: dict[str, list[Found]] = {}
    for span in spans:
        item = dialled.get(span.start)
        if span.path in PHONES and item is not None and span.sure >= NUMBERED:
            sorted_anew.setdefault(span.path, []).append(Found(item.value, item.start, item.end, RULE))
    known = {f.start for finds in sorted_anew.values() for f in finds}
    ruled = [f for path in PHONES for f in draft.all(path)]
    if any(f.elsewhere or f.start not in known for f in ruled) or not {PHONES[0], PHONES[2]} <= sorted_anew.keys():
        return
    before = {path: {f.value for f in draft.all(path)} for path in PHONES}
    for path in PHONES:
        after = sorted_anew.get(path, [])
        if {f.value for f in after} != before[path]:
            draft.finds.pop(path, None)
            if after:
                draft.finds[path] = after


# --- goods ------------------------------------------------------------------------------------------------------------


def name_goods(spans: Sequence[Span], draft: Draft) -> None:
    """Goods by the names that the weights know, at the places where rules saw names, or where they saw none."""
    if not spans or any(found.rule.startswith(LABELLED) or found.elsewhere for event, found in draft.goods if event.kind is Kind.WORDS):
        return
    kept = [(event, found) for event, found in draft.goods if event.kind is not Kind.WORDS]
    seen: set[str] = set()
    for span in spans:
        name = words(span, draft)
        if name not in seen:
            seen.add(name)
            kept.append((Event(Kind.WORDS, name), found_in(span, draft)))
    draft.goods = sorted(kept, key=lambda pair: pair[1].start)
