"""Fields in their order: each stretch of text is read under what the last label or cue announced."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from itertools import pairwise, zip_longest

from ingestd.domain.reading import Delivery
from ingestd.parsing import callings, casting, contacts, firms, naming, parties, paying, places, sides
from ingestd.parsing.cursor import UNLABELLED, Cursor, Field, add_town
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.draft import Draft
from ingestd.parsing.items import Item, Kind
from ingestd.parsing.labels import Meaning
from ingestd.parsing.slots import SLOTS
from ingestd.parsing.text import Text
from ingestd.parsing.unlabelled import free
from ingestd.parsing.unnamed import name_goods

APART = (("shipper", "consignee"), ("consignee", "shipper"))
SHORTEST_FIRM = 4  # characters
MAX_LABEL = 12  # characters before the text under a label
CLIENTS = ("shipper", "consignee")
MAX_ARRIVAL = 6  # characters of the words that tell of an arrival
NO_TEXT = Text("", "")
BEFORE_GOODS = ("party", "person", "company", "either", "place")  # slots whose text may run into the goods
MAX_TRADE = 4  # characters of goods that companies of their trade end with, too
PARTY_SLOTS = ("party", "person", "company", "party_phone")


@dataclass(frozen=True, slots=True)
class Setting:
    """What is known of a message when its text is read."""

    sent_at: datetime | None
    dated: bool = True  # written on the day it was sent
    changes_only: bool = False  # only what is said of somebody is read, nothing is guessed
    numbered: bool = True  # the sender's own numbers travel with the order, and do not only say which order it is
    subject: Text = NO_TEXT  # of the message
    about: str = ""  # of changes: the role of labels that do not say whose they are
    bare_address: bool = False  # of changes: an address that does not say whose it is is the receiver's


def read_fields(items: Sequence[Item], draft: Draft, definitions: Definitions, setting: Setting) -> Draft:
    """Fill a draft from the items of its text."""
    cursor = Cursor(draft, definitions, setting.sent_at, strict=setting.changes_only, dated=setting.dated)
    cursor.numbered, cursor.about, cursor.bare_address = setting.numbered, setting.about, setting.bare_address
    cursor.client = client_of(items)
    labels = (item for item in items if item.kind is Kind.LABEL and item.value.slot in PARTY_SLOTS)
    cursor.named = tuple((label.value.role, label.start) for label in labels)
    told = items if setting.changes_only else casting.cast(items, draft.text.folded, definitions)
    fields = fields_of(told)
    for part, behind in zip_longest(fields, fields[1:]):
        cursor.ahead = behind.meaning.role if behind is not None and behind.meaning.framed else ""
        read_field(part, cursor)
    draft.drop_announced()
    if not setting.changes_only:
        sides.settle(draft, definitions)
        callings.settle(draft, definitions)
        contacts.settle(draft, definitions)
        firms.settle(draft, items, definitions)
        paying.settle(draft, items, definitions)
        name_goods(items, setting.subject, cursor)
    return draft


def fields_of(items: Sequence[Item]) -> list[Field]:
    """The items grouped under their labels; a label's field ends with its line once it has text."""
    fields = [Field(UNLABELLED, 0)]
    for item in items:
        current = fields[-1]
        if item.kind is Kind.LABEL:
            fields.append(Field(item.value, item.end))
        elif item.kind is Kind.BREAK and item.rule == "\n" and (current.filled or current.meaning.role == "carrier"):
            current.put(item)
            if current.meaning.slot != "free":
                fields.append(Field(UNLABELLED, item.end))
        else:
            current.put(item)
    return [f for f in fields if f.items or f.meaning.slot != "free"]


def settled(meaning: Meaning, start: int, cursor: Cursor) -> Meaning:
    """A label's meaning with the role that a customer or a warehouse has where it is named."""
    if meaning.role == "client":
        named = any(cursor.draft.has(path) for path in ("shipper.name", "shipper.company", "shipper.phones"))
        headed = cursor.role == "shipper" and not named  # under a heading that says whose this is
        fetched = meaning.slot in PARTY_SLOTS and not cursor.client and cursor.draft.has("pickup.address")
        told = cursor.client or ("consignee" if named or fetched else "shipper")
        return replace(meaning, role="shipper" if headed else told)
    if meaning.role == "warehouse":
        if cursor.role == "consignee":
            return replace(meaning, role="current")
        theirs = meaning.slot == "address" and is_delivered_to(cursor)
        return replace(meaning, role="consignee" if theirs else "pickup")
    if (
        (meaning.role, meaning.slot) == ("pickup", "address")
        and cursor.role == "consignee"
        and fetched_elsewhere(cursor)
    ):
        store = cursor.text.folded[:start].rstrip(" :\t").endswith(cursor.definitions.of("warehouse_heads"))
        return replace(meaning, role="consignee") if store else meaning
    return meaning


def fetched_elsewhere(cursor: Cursor) -> bool:
    """Whether a label has told where the goods are fetched, and nothing where they go in the town."""
    known = any(found.rule.startswith("label.") for found in cursor.draft.all("pickup.address"))
    return known and not cursor.draft.has("consignee.address")


def is_delivered_to(cursor: Cursor) -> bool:
    """Whether a warehouse is where the goods go: they are to be delivered to one, and fetched elsewhere."""
    stored = any(found.value == Delivery.WAREHOUSE for found in cursor.draft.all("delivery"))
    return stored and fetched_elsewhere(cursor)


def awaits_receiver(part: Field, cursor: Cursor) -> bool:
    """Whether it has just been said where the goods go and not to whom, so that there somebody is to be asked for.

    Who is to be asked for at the loading is nobody there.
    """
    before = cursor.text.folded[max(0, part.start - MAX_ARRIVAL) : part.start]
    loading = any(word in before for word in cursor.definitions.of("fetching"))
    known = any(cursor.draft.has(f"consignee.{field}") for field in ("name", "company", "phones"))
    return cursor.role == "consignee" and not known and not loading


def is_theirs(part: Field, cursor: Cursor) -> bool:
    """Whether an address behind a mere "in" is the receiver's: he was just named, the goods' place is known already.

    It has to be in the town that the goods go to, where one was named, and nothing is fetched there.
    """
    draft, definitions = cursor.draft, cursor.definitions
    words = next((i for i in part.items if i.kind is Kind.WORDS), None)
    bare = (
        cursor.text.folded[max(0, part.start - MAX_ARRIVAL) : part.start]
        .rstrip()
        .endswith(definitions.of("mere_places"))
    )
    if words is not None and cursor.goal and cursor.role == "consignee" and not draft.has("consignee.address"):
        return cursor.goal in cursor.text.folded[max(0, part.start - MAX_ARRIVAL) : part.start]
    named = draft.has("consignee.name") and draft.has("consignee.phones") and draft.has("pickup.address")
    if words is None or not bare or not named or cursor.role != "consignee" or draft.has("consignee.address"):
        return False
    folded = cursor.folded(words)
    going = draft.first("destination")
    there = going is None or str(going.value)[:2] in folded
    return there and places.pickup_closed(folded, definitions) is None


def client_of(items: Sequence[Item]) -> str:
    """Who the customer is where labels name the one or the other party apart from him; empty where none do."""
    named = {
        (item.value.role, item.value.slot == "person")
        for item, behind in zip_longest(items, items[1:])
        if item.kind is Kind.LABEL
        and item.value.slot in PARTY_SLOTS
        and (behind is None or behind.kind is not Kind.LABEL)  # a heading names nobody
    }
    if ("shipper", False) in named:
        return "consignee"
    if ("consignee", False) in named:
        return "shipper"  # whose clerk may be named apart
    return next((other for role, other in APART if (role, True) in named), "")


def read_field(part: Field, cursor: Cursor) -> None:
    """Read one field under its meaning; what its slot has no use for is read freely."""
    part.meaning = meaning = settled(part.meaning, part.start, cursor)
    if meaning.framed and (meaning.role, meaning.slot) == ("pickup", "person") and awaits_receiver(part, cursor):
        part.meaning = meaning = replace(meaning, role="consignee")
    role = cursor.role
    firm = meaning.slot == "unit" or (meaning.slot == "goods" and heads_party(part, cursor))
    if firm and role in ("shipper", "consignee") and names_firm(part, cursor):
        part.meaning = meaning = replace(meaning, role="current", slot="company")
    if meaning.framed and (meaning.role, meaning.slot) == ("pickup", "address") and is_theirs(part, cursor):
        part.meaning = meaning = replace(meaning, role="consignee")
    if tells_of_carrier(part, cursor):
        return  # what is said of the carrier is known to him
    if meaning.slot in PARTY_SLOTS and meaning.role in CLIENTS and calls_client(part, cursor):
        cursor.client = meaning.role  # 发货客户: his phone and address may stand under "customer"
    if meaning.role in ("shipper", "pickup", "consignee"):
        cursor.role, cursor.contact = meaning.role, meaning.role == "pickup" and meaning.slot in ("person", "phone")
    elif meaning.role == "current" and role == "none":
        told = cursor.about or ("consignee" if cursor.bare_address and meaning.slot == "address" else "")
        if cursor.strict and not told:
            return  # a change that does not say whose it is
        cursor.role = told or "shipper"
    part, goods = told_from_goods(part, cursor)
    rest = [*read_slot(part, cursor), *goods]
    if rest:
        free(Field(UNLABELLED, rest[0].start, rest), cursor)


def read_slot(part: Field, cursor: Cursor) -> list[Item]:
    """What a field's slot leaves over.

    A place that only an arrow points to says nothing of who is spoken of before it is known who sends.
    """
    if part.meaning.town is not None:
        add_town(*part.meaning.town, cursor)
    spoken_of = cursor.role
    rest = SLOTS.get(part.meaning.slot, free)(part, cursor)
    if part.meaning.role == "order" and part.meaning.slot == "place" and not cursor.draft.has("shipper.phones"):
        cursor.role = spoken_of
    return rest


def told_from_goods(part: Field, cursor: Cursor) -> tuple[Field, list[Item]]:
    """A field of somebody or of a place without the goods and their count that end it, and those."""
    if part.meaning.slot not in BEFORE_GOODS:
        return part, []
    for index, (item, behind) in enumerate(pairwise(i for i in part.items if i.kind is not Kind.BREAK)):
        if item.kind is Kind.WORDS and behind.kind is Kind.COUNT and is_goods(item, behind, cursor):
            place = next(k for k, other in enumerate(part.items) if other is item)
            return replace(part, items=part.items[:place] if index else []), part.items[place:]
    return part, []


def is_goods(item: Item, count: Item, cursor: Cursor) -> bool:
    """Whether words right before a count are goods by how they end, and nobody and no place."""
    words, definitions = cursor.folded(item), cursor.definitions
    beside = not cursor.text.folded[item.end : count.start].strip(" /|")
    if not beside or not naming.ends_as_goods(words, definitions):
        return False
    firm = len(words) > MAX_TRADE and parties.is_company(words, definitions)
    return not places.begins_with_place(words, definitions) and not firm


def calls_client(part: Field, cursor: Cursor) -> bool:
    """Whether a label calls its party a customer."""
    label = cursor.text.folded[max(0, part.start - MAX_LABEL) : part.start].rstrip(" :\t]")
    return label.endswith(cursor.definitions.of("client_heads")) and bool(part.items)


def heads_party(part: Field, cursor: Cursor) -> bool:
    """Whether a label that only says "name" stands first under the heading of a party."""
    if any(cursor.draft.has(f"{cursor.role}.{field}") for field in ("name", "company", "phones")):
        return False
    label = cursor.text.folded[: part.start].rstrip(" :\t").rpartition("\n")[2]
    plain = label.strip(" *-.)\u30010123456789")
    counted = any(item.kind is Kind.COUNT for item in part.items)
    return plain in cursor.definitions.of("generic_names") and not counted


def tells_of_carrier(part: Field, cursor: Cursor) -> bool:
    """Whether a field is of whoever carries the goods; the cursor then stands on him but where a letter greets him."""
    meaning = part.meaning
    if meaning.role == "carrier" or (cursor.role == "carrier" and meaning.role == "current"):
        cursor.role = "carrier"
        return True
    return meaning.slot == "place" and addresses_carrier(part, cursor)


def addresses_carrier(part: Field, cursor: Cursor) -> bool:
    """Whether a label such as "To" names the forwarder whom a letter is written to, as that of a fax does."""
    words = next((i for i in part.items if i.kind is not Kind.BREAK), None)
    label = cursor.text.folded[max(0, part.start - MAX_LABEL) : part.start].rstrip(" :\t]").rpartition("\n")[2]
    if words is None or words.kind is not Kind.WORDS or label.strip() not in cursor.definitions.of("addressed"):
        return False
    folded = cursor.folded(words)
    plain = not any(char.isdigit() for char in folded) and not places.has_street(folded, cursor.definitions)
    return plain and folded.endswith(cursor.definitions.of("forwarders"))


def names_firm(part: Field, cursor: Cursor) -> bool:
    """Whether the word for a unit means an office here: a firm stands behind it, and no box or piece."""
    words = next((i for i in part.items if i.kind is Kind.WORDS), None)
    return (
        words is not None
        and words.end - words.start >= SHORTEST_FIRM
        and cursor.folded(words) not in units(cursor.definitions)
    )


@lru_cache(maxsize=4)
def units(definitions: Definitions) -> frozenset[str]:
    """All words for units."""
    return frozenset(word for unit in definitions.units for word in unit.words)
