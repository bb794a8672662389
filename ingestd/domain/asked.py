"""What a question to a shipper asks for: the fields in doubt, and those that a check asks about."""

from __future__ import annotations

from ingestd.domain.assessment import Finding, Hit
from ingestd.domain.decision import KnownOrder
from ingestd.domain.order import OrderView
from ingestd.domain.reading import OrderReading

TWIN = "second_shipment"  # the check whose question is answered with "another one" or "the same one"
NAMESAKE = "same_reference"
OPENED: dict[str, tuple[str, ...]] = {  # by a field in doubt: the lines of the form that are left open for it
    "cargo": ("cargo.name", "cargo.quantity", "cargo.weight_kg", "cargo.volume_m3"),
    "cargo.weight_kg": ("cargo.weight_kg", "cargo.volume_m3"),
    "pickup.from": ("pickup.time",),
    "pickup.by": ("pickup.time",),
    "deliver_from": ("deliver.time",),
    "deliver_by": ("deliver.time",),
}
ASKED_BY: dict[str, tuple[str, ...]] = {  # by a check that asks
    "ambiguous_place": ("destination",),
    "destination_differs": ("destination", "consignee.address"),
    "manner_not_offered": ("delivery",),
    "consignee_full_name": ("consignee.name",),
    "payment_not_allowed": ("payment",),
}
PLACES = ("pickup.address", "destination", "consignee.address")  # where a contradiction may stand


def open_fields(order: OrderView | KnownOrder) -> set[str]:
    """The fields that are asked for, as the form names its lines."""
    doubted = {field for problem in order.problems for field in OPENED.get(problem.field, (problem.field,))}
    return doubted | {field for hit in order.assessment.hits for field in asked_by(hit, order.content)}


def asked_by(hit: Hit, content: OrderReading) -> tuple[str, ...]:
    """The fields that a check asks about; of places those that hold all the words which it saw."""
    if hit.finding is not Finding.ASK:
        return ()
    if hit.rule != "place_contradiction":
        return ASKED_BY.get(hit.rule, ())
    seen = hit.saw.split("|")
    said = (content.pickup.address, content.destination, content.consignee.address)
    return tuple(field for field, text in zip(PLACES, said, strict=True) if all(word in (text or "") for word in seen))


def twin_of(order: KnownOrder) -> str | None:
    """The serial of the order that this one repeats, where a check saw one."""
    return seen_by(TWIN, order)


def namesake_of(order: KnownOrder) -> str | None:
    """The serial of the order that bears the same reference of the customer's, where a check saw one."""
    return seen_by(NAMESAKE, order)


def seen_by(rule: str, order: KnownOrder) -> str | None:
    """What a check saw in an order."""
    return next((hit.saw for hit in order.assessment.hits if hit.rule == rule), None)
