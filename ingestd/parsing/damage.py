"""Characters that were lost on the way: what stands in or beside them is not believed, and is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ingestd.parsing.draft import Draft, Found
from ingestd.parsing.items import Kind

LOST = "\ufffd"
Zone = tuple[int, int]
# The field that a find is asked for under, where that is not its own path (messages.md, "problems").
ASKED_AS = {
    "shipper.company": "shipper.name",
    "consignee.company": "consignee.name",
    "consignee.address": "destination",
    "declared": "declared_value",
    "payer": "payment",
    "fee_payment": "payment",
}
GOODS = {Kind.WORDS: "cargo.name", Kind.COUNT: "cargo.quantity"}


def zones(shown: str) -> list[Zone]:
    """The stretches that a lost character spoils: in Chinese codes its neighbours up to the next plain sign."""
    found: list[Zone] = []
    at = shown.find(LOST)
    while at >= 0:
        start, end = at, at + 1
        while start > 0 and not shown[start - 1].isascii():
            start -= 1
        while end < len(shown) and not shown[end].isascii():
            end += 1
        found.append((start, end))
        at = shown.find(LOST, end)
    return found


def without_lost(draft: Draft) -> tuple[Draft, frozenset[str]]:
    """A draft without the finds that a lost character is in or beside, and the fields to ask for instead."""
    spoilt = zones(draft.text.shown)
    kept, fields = {}, set()
    for path, finds in draft.finds.items():
        sound = [found for found in finds if is_sound(found, spoilt)]
        if sound:
            kept[path] = sound
        if len(sound) < len(finds):
            fields.add(ASKED_AS.get(path, path))
    goods = [(event, found) for event, found in draft.goods if is_sound(found, spoilt)]
    fields |= {GOODS.get(event.kind, "cargo.weight_kg") for event, found in draft.goods if not is_sound(found, spoilt)}
    return replace(draft, finds=kept, goods=goods), frozenset(fields)


def is_sound(found: Found, spoilt: Sequence[Zone]) -> bool:
    """Whether neither the words of a find nor what touches them was lost."""
    if found.elsewhere:
        return LOST not in found.elsewhere
    return not any(found.start <= end and start <= found.end for start, end in spoilt)
