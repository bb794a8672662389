"""Doubt: why a reading that looks complete should be seen by a person all the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from ingestd.domain.reading import Reading
from ingestd.parsing import misfits, times, unread
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.draft import Draft, Found
from ingestd.parsing.echoes import RULE
from ingestd.parsing.items import Item, Kind
from ingestd.parsing.unread import Coverage, Suspect

MAX_PHONES = 2
NEAR = 8  # characters about a day
LIGHTEST_KG, HEAVIEST_KG = 0.02, 30_000  # of one piece
LIGHTEST_M3, HEAVIEST_M3 = 5, 8000  # kilograms in a cubic metre
HEAD = re.compile(r"(?:^|\n)[ \t*>\-.\d\u3001)(\[#]{0,8}([\u4e00-\u9fff]{2,7})[ \]]{0,3}:[ ]{0,3}(?=\S)")
ABOUT_SOMEBODY = ("name", "company", "phones", "address", "contact", "destination")


def reasons(
    reading: Reading, drafts: Sequence[Draft], items: Sequence[Item], definitions: Definitions
) -> Iterator[str]:
    """The review reasons of a reading of orders, each once: the name of a rule, behind a colon the field in doubt.

    `items` are those of the text that the drafts were made of.
    """
    found: dict[str, None] = {}
    coverage = Coverage(items, drafts)
    for order, draft in zip(reading.orders, drafts, strict=True):
        suspect = Suspect(order, draft, coverage, definitions)
        for name, rule in RULES.items():
            found |= dict.fromkeys(f"{name}:{field}" if field else name for field in rule(suspect))
    yield from found


def leftover(suspect: Suspect) -> Iterator[str]:
    """Words that look like data and belong to no field."""
    if any(unread.looks_like_data(str(f.value).lower().strip(), suspect.definitions) for f in suspect.draft.leftovers):
        yield ""


def borrowed(suspect: Suspect) -> Iterator[str]:
    """The phone of the pickup's contact taken as the shipper's, who is named apart from him."""
    adopted, draft = suspect.draft.adopted, suspect.draft
    if "shipper.phones" in adopted and draft.has("shipper.company") and "shipper.company" not in adopted:
        yield "shipper.phones"


def scattered(suspect: Suspect) -> Iterator[str]:
    """Two phones of one role with another field between them: they may be two people's."""
    finds = [(path, f) for path, found in suspect.draft.finds.items() for f in found if not path.endswith("phones")]
    for role in ("shipper", "pickup", "consignee"):
        phones = sorted(suspect.draft.all(f"{role}.phones"), key=lambda f: f.start)
        for one, other in pairwise(phones):
            if any(one.end <= f.start < other.start for _, f in finds):
                yield f"{role}.phones"


def bare_day(suspect: Suspect) -> Iterator[str]:
    """A window opened by "today" alone with no word of fetching near: 今天有货发 (messages.md, ruling 14)."""
    text, fetching = suspect.draft.text.folded, suspect.definitions.of("fetching")
    days = {i.start: i for i in suspect.coverage.items if i.kind is Kind.TIME and not times.wide(i.value)}
    for path in ("pickup.from", "pickup.by"):
        found = suspect.draft.first(path)
        item = days.get(found.start) if found else None
        if item and not any(word in text[max(0, item.start - NEAR) : item.end + NEAR] for word in fetching):
            yield path


def unknown_label(suspect: Suspect) -> Iterator[str]:
    """A value that stands right behind a heading which is no label that is known, and was read as something else's."""
    text = suspect.draft.text.folded
    headed = [m.span(1) for m in HEAD.finditer(text)]
    labels = [i for i in suspect.coverage.items if i.kind is Kind.LABEL]
    heads = [(s, e) for s, e in headed if not any(i.start < e and s < i.end for i in labels)]
    for path, finds in suspect.draft.finds.items():
        if path.rpartition(".")[2] in ABOUT_SOMEBODY and any(begins(f, end, text) for f in finds for _, end in heads):
            yield path


def begins(found: Found, end: int, text: str) -> bool:
    """Whether a find of this text is the first thing behind a heading that ends at a place."""
    return not found.rule.startswith(RULE) and end < found.start <= end + 3 and not text[end : found.start].strip(": ]")


def competing(suspect: Suspect) -> Iterator[str]:
    """More said than an order holds."""
    order, draft = suspect.order, suspect.draft
    for role in ("shipper", "consignee"):
        if len({f.value for f in draft.all(f"{role}.phones")}) > MAX_PHONES:
            yield f"{role}.phones"
        for part in ("name", "company"):
            if len({f.value for f in draft.all(f"{role}.{part}")}) > 1:
                yield f"{role}.{part}"
    if set(order.shipper.phones) & set(order.consignee.phones):
        yield "phones"
    for path in ("destination", "freight", "cod", "declared", "deliver_by", "pickup.by"):
        if len({f.value for f in draft.all(path)}) > 1:
            yield path
    weights = sum(e.kind is Kind.WEIGHT for e, _ in draft.goods)
    if weights > 2 * max(1, len(order.cargo)):
        yield "cargo.weight_kg"


def implausible(suspect: Suspect) -> Iterator[str]:
    """Weights per piece or per cubic metre that goods do not have."""
    for line in suspect.order.cargo:
        if line.weight_kg and line.quantity and not LIGHTEST_KG <= line.weight_kg / line.quantity <= HEAVIEST_KG:
            yield "cargo.weight_kg"
        if line.weight_kg and line.volume_m3 and not LIGHTEST_M3 <= line.weight_kg / line.volume_m3 <= HEAVIEST_M3:
            yield "density"


def unmeasured(suspect: Suspect) -> Iterator[str]:
    """Kinds of goods without a figure among others with one."""
    measured = [line.weight_kg is not None or line.volume_m3 is not None for line in suspect.order.cargo]
    if any(measured) and not all(measured):
        yield "cargo.weight_kg"


def low_support(suspect: Suspect) -> Iterator[str]:
    """Fields with words that stand in none, and goods without figures among others."""
    yield from misfits.misplaced_words(suspect)
    yield from unmeasured(suspect)


RULES: dict[str, Callable[[Suspect], Iterator[str]]] = {
    "low_support": low_support, "label_in_field": misfits.labels_inside, "figure_in_field": misfits.figures_inside,
    "talk_in_field": misfits.talk_inside, "cut_short": misfits.cut_short, "weak_place": misfits.weak_places,
    "net_only": misfits.net_only, "borrowed": borrowed, "scattered": scattered, "bare_day": bare_day,
    "unknown_label": unknown_label, "unread_party": unread.somebody, "unread_weight": unread.weights,
    "unread_time": unread.wishes, "unread_sum": unread.sums, "leftover_data": leftover,
    "competing": competing, "implausible": implausible,
}  # fmt: skip
