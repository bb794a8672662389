"""Who receives each of several orders, where what stands before them all has named who sends."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingestd.parsing import gazetteer, parties
from ingestd.parsing.cursor import weak_cue
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.items import Item, Kind
from ingestd.parsing.labels import Meaning

RECEIVER = Meaning("consignee", "party", True, framed=True)
NAMED = Meaning("consignee", "party", True)
ANY_NAME = re.compile(r"[\u3400-\u9fff]{2,3}")
PARTIES = ("shipper", "consignee", "pickup")
PARTY_SLOTS = ("party", "person", "company", "party_phone", "phone", "either")
FIGURES = (Kind.COUNT, Kind.WEIGHT, Kind.VOLUME)
DASHES = "-\u2014\u2013"


def told(head: Sequence[Item], part: Sequence[Item], folded: str, definitions: Definitions) -> list[Item]:
    """An order with a label before whoever stands behind its figures, where no label says whose the phone is."""
    phones = [i for i in part if i.kind in (Kind.PHONE, Kind.BAD_PHONE)]
    sent = any(i.kind is Kind.PHONE for i in head) and not any(is_party(i, ("consignee",)) for i in head)
    if not sent or len(phones) != 1 or any(is_party(i, PARTIES) for i in part):
        return list(part)
    figures = [i.end for i in part if i.kind in FIGURES and i.end <= phones[0].start]
    before = [i for i in part if i.kind is Kind.WORDS and figures and figures[-1] <= i.start < phones[0].start]
    places = [i.end for i in part if i.kind is Kind.LABEL and i.value.slot == "place" and i.end <= phones[0].start]
    if places and before and before[0].start >= places[-1]:
        before = before[1:]  # which the word of going leads to
    if not before or weak_cue(definitions).match(folded, before[0].start):
        return list(part)
    last = before[-1]
    name = folded[last.start : last.end]
    if phones[0].start - last.end <= 1 and ANY_NAME.fullmatch(name) and not is_known(name, definitions):
        at = next(index for index, item in enumerate(part) if item is last)
        return [*part[:at], Item(Kind.LABEL, last.start, last.start, NAMED, "label.consignee.party"), *part[at:]]
    label = Item(Kind.LABEL, before[0].start, before[0].start, RECEIVER, "frame.consignee.party")
    out: list[Item] = []
    for item in part:
        if item is before[0]:
            out += [label, *parted(item, folded, definitions)]
        else:
            out.append(item)
    return out


def is_known(name: str, definitions: Definitions) -> bool:
    """Whether a short word is a person, a firm or a place by itself."""
    return parties.names_somebody(name, definitions) or gazetteer.is_place(name, definitions)


def is_party(item: Item, roles: Sequence[str]) -> bool:
    """Whether an item is a label of somebody of some roles."""
    return item.kind is Kind.LABEL and item.value.role in roles and item.value.slot in PARTY_SLOTS


def parted(item: Item, folded: str, definitions: Definitions) -> list[Item]:
    """Words in two where a dash stands behind the town that they begin with."""
    town = gazetteer.end_of_places(folded, item.start, definitions)
    if town is None or town >= item.end - 1 or folded[town] not in DASHES:
        return [item]
    return [item._replace(end=town), Item(item.kind, town + 1, item.end, item.value, item.rule)]
