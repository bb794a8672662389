"""Doubt: why a reading that looks complete should be seen by a person all the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from ingestd.domain.reading import Code, OrderReading, Reading
from ingestd.parsing import leftovers, misfits, names, places, prose, remnants, times, unread
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.draft import Draft, Found
from ingestd.parsing.echoes import RULE
from ingestd.parsing.items import Item, Kind
from ingestd.parsing.text import folded
from ingestd.parsing.unread import Coverage, Suspect
from ingestd.parsing.whereabouts import BLOCK

MAX_PHONES = 2
LEAST_ADDRESS = 6  # characters; a floor alone is shorter
NEAR = 8  # characters about a day
LIGHTEST_KG, HEAVIEST_KG = 0.02, 30_000  # of one piece
LIGHTEST_M3, HEAVIEST_M3 = 5, 8000  # kilograms in a cubic metre
HEAD = re.compile(r"(?:^|\n)[ \t*>\-.\d\u3001)(\[#]{0,8}([\u4e00-\u9fff]{2,7})[ \]]{0,3}:[ ]{0,3}(?=\S)")
CLERK = re.compile(r"[ \[]{2}\d{4}[ \]]*$")
ABOUT_SOMEBODY = ("name", "company", "phones", "address", "contact", "destination")


def reasons(
    reading: Reading, drafts: Sequence[Draft], items: Sequence[Item], definitions: Definitions
) -> Iterator[str]:
    """The review reasons of a reading of orders, each once: the name of a rule, behind a colon the field in doubt.

    `items` are those of the text that the drafts were made of.
    """
    found: dict[str, None] = {}
    coverage = Coverage(items, drafts)
    asked = {p.field for p in reading.problems if p.code is Code.UNREADABLE}  # whatever else may be said of them
    for order, draft in zip(reading.orders, drafts, strict=True):
        suspect = Suspect(order, draft, coverage, definitions)
        for name, rule in RULES.items():
            for field in (field for field in rule(suspect) if field not in asked):
                found[f"{name}:{field}" if field else name] = None
    yield from found


def leftover(suspect: Suspect) -> Iterator[str]:
    """Words that look like data and belong to no field."""
    draft, rest = suspect.draft, (suspect.coverage, suspect.definitions)
    if any(leftovers.is_data(found, draft, *rest) for found in draft.leftovers):
        yield ""


def borrowed(suspect: Suspect) -> Iterator[str]:
    """The phone of the pickup's contact taken as the shipper's, where he is announced as such or another ships."""
    adopted, draft = suspect.draft.adopted, suspect.draft
    if "shipper.phones" not in adopted:
        return
    named_apart = draft.has("shipper.company") and "shipper.company" not in adopted
    several = len({f.value for f in draft.all("shipper.phones")}) > 1
    if named_apart or several or asked_for(suspect):
        yield "shipper.phones"


def asked_for(suspect: Suspect) -> bool:
    """Whether the shipper's name stands where a contact does: behind his label, or behind "ask for" in a form."""
    named, text, of = suspect.draft.first("shipper.name"), suspect.draft.text.folded, suspect.definitions.of
    if named is None:
        return False
    labels = [i for i in suspect.coverage.items if i.kind is Kind.LABEL and i.value.sure]
    contact = any(
        i.value.role == "pickup" and i.value.slot in ("person", "phone") and i.end <= named.start <= i.end + 2
        for i in labels
    )
    before = text[max(0, named.start - NEAR) : named.start]
    asked = before.rstrip(" :").endswith(of("find")) or text.startswith(of("find"), named.start)
    owner = any(word in before + text[named.start : named.end] for word in of("owners"))
    form = any(i.value.role == "consignee" for i in labels)
    return contact or named.rule.startswith("frame.") or (asked and form and not owner)


def signed(suspect: Suspect) -> Iterator[str]:
    """A name that closes the text on a line of its own: who signs, and not who is at the end of the way."""
    text, taken = suspect.draft.text.folded, suspect.coverage.taken
    for path in ("shipper.name", "consignee.name", "consignee.company"):
        found = suspect.draft.first(path)
        if found is None or found.elsewhere or found.rule.startswith("label.") or taken.find(1, found.end) >= 0:
            continue
        above = text.rfind("\n", 0, found.start)
        if above >= 0 and taken.find(1, above, found.start) < 0 and not text[: found.start].rstrip().endswith(":"):
            yield path


def shared(suspect: Suspect) -> Iterator[str]:
    """A pickup address that stands with another shipper's order."""
    own = suspect.draft
    site, phones = own.first("pickup.address"), {f.value for f in own.all("shipper.phones")}
    for other in suspect.coverage.drafts:
        theirs = other.first("pickup.address")
        if other is own or site is None or theirs is None or site.start != theirs.start:
            continue
        if phones and not phones & {f.value for f in other.all("shipper.phones")}:
            yield "pickup.address"


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
    known = [span for span in headed if prose.is_request(text[slice(*span)], suspect.definitions)]
    heads = [(s, e) for s, e in headed if (s, e) not in known and not any(i.start < e and s < i.end for i in labels)]
    for path, finds in suspect.draft.finds.items():
        if path.rpartition(".")[2] in ABOUT_SOMEBODY and any(begins(f, end, text) for f in finds for _, end in heads):
            yield path


def begins(found: Found, end: int, text: str) -> bool:
    """Whether a find of this text is the first thing behind a heading that ends at a place."""
    return not found.rule.startswith(RULE) and end < found.start <= end + 3 and not text[end : found.start].strip(": ]")


def competing(suspect: Suspect) -> Iterator[str]:
    """More said than an order holds."""
    order, draft = suspect.order, suspect.draft
    yield from crowded(suspect)
    if set(order.shipper.phones) & set(order.consignee.phones):
        yield "phones"
    if same_person(order.shipper.name, order.consignee.name, suspect.definitions):
        yield "consignee.name"
    if any(rivals(order.destination, str(f.value), suspect.definitions) for f in draft.all("destination")):
        yield "destination"
    if at_both_ends(order):
        yield "pickup.address"
    for path in ("freight", "cod", "declared", "deliver_by", "pickup.by"):
        if len({f.value for f in draft.all(path)}) > 1:
            yield path
    weights = sum(e.kind is Kind.WEIGHT for e, _ in draft.goods)
    if weights > 2 * max(1, len(order.cargo)):
        yield "cargo.weight_kg"


def at_both_ends(order: OrderReading) -> bool:
    """Whether the pickup is where the goods go, or runs on into the destination that was said behind it."""
    site, town, door = order.pickup.address, order.destination, order.consignee.address
    if not site:
        return False
    return site == town or bool(door and door.startswith(site)) or bool(town and site.endswith(town))


def crowded(suspect: Suspect) -> Iterator[str]:
    """More phones, names or companies of one role than it has."""
    for role in ("shipper", "consignee"):
        if len({f.value for f in suspect.draft.all(f"{role}.phones")}) > MAX_PHONES:
            yield f"{role}.phones"
        for part in ("name", "company"):
            if len({f.value for f in suspect.draft.all(f"{role}.{part}")}) > 1:
                yield f"{role}.{part}"


def rivals(chosen: str | None, other: str, definitions: Definitions) -> bool:
    """Whether another destination contradicts the one chosen: it is a place, and not the same in other words."""
    if not chosen or chosen.startswith(other) or other.startswith(chosen):
        return False
    known = places.begins_with_place(folded(chosen, definitions), definitions)
    return not known or places.begins_with_place(folded(other, definitions), definitions)


def outvoted(suspect: Suspect) -> Iterator[str]:
    """Another address, of a street or with a figure, that gave way to a better supported one."""
    draft, order = suspect.draft, suspect.order
    kept = {"pickup.address": order.pickup.address, "consignee.address": order.consignee.address}
    for path, chosen in kept.items():
        for found in draft.all(path):
            if chosen and not alike(chosen, str(found.value)) and is_address(found, suspect):
                yield path


def alike(one: str, other: str) -> bool:
    """Whether two texts are one, perhaps with more words."""
    return one in other or other in one


def is_address(found: Found, suspect: Suspect) -> bool:
    """Whether a find is plainly an address, and says nothing else."""
    plain = str(found.value).lower()
    if leftovers.says_no_data(found, plain, suspect.draft, suspect.definitions):
        return False
    housed = len(plain) >= LEAST_ADDRESS and places.has_street(plain, suspect.definitions)
    return housed or bool(unread.DIGITS.search(plain))


def clerk(suspect: Suspect) -> Iterator[str]:
    """A freight of four digits that end the text apart from all else: the number of the agent's clerk."""
    text, found = suspect.draft.text.folded, suspect.draft.first("freight")
    if found is not None and CLERK.search(text, found.start) and not text[found.end :].strip(" ]"):
        yield "freight"


def unannounced(suspect: Suspect) -> Iterator[str]:
    """A receiver's address that only its place below the shipper's tells to be his."""
    if any(found.rule == BLOCK for found in suspect.draft.all("consignee.address")):
        yield "consignee.address"


def same_person(one: str | None, other: str | None, definitions: Definitions) -> bool:
    """Whether two names are one; there are many with the same surname and title."""
    if not one or not other or (one == other and names.grammar(definitions).titled.search(one)):
        return False
    return one.startswith(other) or other.startswith(one)


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


def second_opinion(suspect: Suspect) -> Iterator[str]:
    """What the weights learned from orders say otherwise, or fill without being sure."""
    yield from sorted(suspect.draft.otherwise)


RULES: dict[str, Callable[[Suspect], Iterator[str]]] = {
    "low_support": low_support, "label_in_field": misfits.labels_inside, "figure_in_field": misfits.figures_inside,
    "talk_in_field": misfits.talk_inside, "begins_twice": misfits.begins_twice,
    "odd_end": misfits.odd_ends, "cut_short": misfits.cut_short,
    "weak_place": misfits.weak_places, "numbered": misfits.numbered, "net_only": misfits.net_only,
    "borrowed": borrowed, "signed": signed, "shared": shared, "scattered": scattered, "bare_day": bare_day,
    "unknown_label": unknown_label, "unread_party": unread.somebody, "unread_weight": unread.weights,
    "unread_time": unread.wishes, "unread_sum": unread.sums, "leftover_data": leftover, "competing": competing,
    "outvoted": outvoted, "clerk": clerk, "unannounced": unannounced, "implausible": implausible,
    "second_opinion": second_opinion,
    "unread_rest": remnants.rests, "between_phones": remnants.between_phones,
    "other_hands": remnants.other_hands, "no_town": remnants.no_town, "inverted": remnants.inverted,
}  # fmt: skip
