"""Doubt: why a reading that looks complete should be seen by a person all the same."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from ingestd.domain.reading import OrderReading, Reading
from ingestd.parsing import parties, places, prose
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.draft import Draft, Found
from ingestd.parsing.items import Kind
from ingestd.parsing.text import folded
from ingestd.parsing.wording import alternation

MAX_DESTINATION = 16
MAX_NAME = 14
MAX_PHONES = 2
LIGHTEST_KG, HEAVIEST_KG = 0.02, 30_000  # of one piece
LIGHTEST_M3, HEAVIEST_M3 = 5, 8000  # kilograms in a cubic metre
DIGITS = re.compile(r"\d{2,}|\d+\.\d")


def reasons(reading: Reading, drafts: Sequence[Draft], definitions: Definitions) -> Iterator[str]:
    """The review reasons of a reading of orders, each once."""
    found: dict[str, None] = {}
    for order, draft in zip(reading.orders, drafts, strict=True):
        found |= dict.fromkeys(form(order, definitions))
        found |= dict.fromkeys(leftover(draft, definitions))
        found |= dict.fromkeys(competing(order, draft))
    yield from found


def form(order: OrderReading, definitions: Definitions) -> Iterator[str]:
    """Fields that do not look like what they should be."""
    verbs = misplaced(definitions)
    texts = {
        "shipper.name": order.shipper.name, "consignee.name": order.consignee.name, "destination": order.destination,
        "pickup.address": order.pickup.address, "consignee.address": order.consignee.address,
        "shipper.company": order.shipper.company, "consignee.company": order.consignee.company,
    }  # fmt: skip
    for path, value in texts.items():
        plain = folded(value, definitions) if value else ""
        if plain and verbs.search(plain):
            yield f"low_support:{path}"
    for path in ("shipper.name", "consignee.name"):
        value = texts[path]
        if value and (DIGITS.search(value) or (len(value) > MAX_NAME and not value.isascii())):
            yield f"low_support:{path}"
    if order.destination and len(order.destination) > MAX_DESTINATION and not order.destination.isascii():
        yield "low_support:destination"
    for line in order.cargo:
        if line.name and ((places.has_street(line.name, definitions) and len(line.name) > 6) or len(line.name) > 30):
            yield "low_support:cargo.name"


@lru_cache(maxsize=4)
def misplaced(definitions: Definitions) -> re.Pattern[str]:
    """Words that stand in no field."""
    return re.compile(alternation(definitions.of("not_in_fields")))


def leftover(draft: Draft, definitions: Definitions) -> Iterator[str]:
    """Words that look like data and belong to no field."""
    if any(looks_like_data(found, definitions) for found in draft.leftovers):
        yield "leftover_data"


def looks_like_data(found: Found, definitions: Definitions) -> bool:
    """Whether words hold figures, or name a person, company or place."""
    folded = str(found.value).lower().strip()
    if prose.is_hint(folded, definitions):
        return False
    if DIGITS.search(folded):
        return True
    if parties.is_plainly_person(folded, definitions) and not prose.is_noise(folded, definitions):
        return True
    return parties.is_company(folded, definitions) or places.looks_like_address(folded, definitions)


def competing(order: OrderReading, draft: Draft) -> Iterator[str]:
    """More said than an order holds, or figures that cannot be."""
    for role in ("shipper", "consignee"):
        if len({f.value for f in draft.all(f"{role}.phones")}) > MAX_PHONES:
            yield f"competing:{role}.phones"
        for part in ("name", "company"):
            if len({f.value for f in draft.all(f"{role}.{part}")}) > 1:
                yield f"competing:{role}.{part}"
    if set(order.shipper.phones) & set(order.consignee.phones):
        yield "competing:phones"
    if len({f.value for f in draft.all("destination")}) > 1:
        yield "competing:destination"
    for path in ("freight", "cod", "declared", "deliver_by", "pickup.by"):
        if len({f.value for f in draft.all(path)}) > 1:
            yield f"competing:{path}"
    weights = sum(e.kind is Kind.WEIGHT for e, _ in draft.goods)
    if weights > 2 * max(1, len(order.cargo)):
        yield "competing:cargo.weight_kg"
    yield from implausible(order)


def implausible(order: OrderReading) -> Iterator[str]:
    """Weights per piece or per cubic metre that goods do not have, and kinds without a figure among others with one."""
    measured = [line.weight_kg is not None or line.volume_m3 is not None for line in order.cargo]
    if any(measured) and not all(measured):
        yield "low_support:cargo.weight_kg"
    for line in order.cargo:
        if line.weight_kg and line.quantity and not LIGHTEST_KG <= line.weight_kg / line.quantity <= HEAVIEST_KG:
            yield "implausible:cargo.weight_kg"
        if line.weight_kg and line.volume_m3 and not LIGHTEST_M3 <= line.weight_kg / line.volume_m3 <= HEAVIEST_M3:
            yield "implausible:density"
