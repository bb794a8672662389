"""The checks' word on one revision of an order: located, priced, and held against every rule. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ingestd.charging.fees import fees_due
from ingestd.charging.load import Load, load_of
from ingestd.charging.quoting import quote
from ingestd.checks.checked import Checked, Place
from ingestd.checks.goods import sensitive
from ingestd.checks.house import House
from ingestd.checks.rules import check
from ingestd.config.tables import Area, Customer
from ingestd.domain.assessment import Assessment, Due, Finding
from ingestd.domain.reading import OrderReading, Problem


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What beside its content bears on an order."""

    customer: Customer
    doubts: tuple[str, ...]  # the reader's own reasons for review
    text: str
    arrived_at: datetime
    now: datetime
    twin: str | None = None  # serial of a recent order of the same content
    namesake: str | None = None  # serial of one under the same reference of the customer's, for the same consignee


def assess(
    content: OrderReading, problems: tuple[Problem, ...], about: Circumstances, house: House
) -> tuple[Assessment, Area | None]:
    """All hits of all rules with the site's findings, the places, what it costs; and the area it is picked up in."""
    pickup = place_of(content.pickup.address, about.customer, house)
    destination = place_of(content.destination, about.customer, house)
    door = place_of(content.consignee.address, about.customer, house, near=destination)
    delivery = door if door.found.clear else destination
    load, (area, because) = load_of(content.cargo), house.area_at(pickup.spot)
    order = Checked(
        content, problems, about.doubts, about.customer, area,
        about.twin, about.namesake, about.text, about.arrived_at, about.now,
        pickup, destination, door, load, house.depot_at(delivery.spot) if delivery.found.clear else None,
        dues_of(content, pickup, delivery, load, house),
    )  # fmt: skip
    hits = check(order, house)
    charged = any(hit.finding is Finding.CHARGE for hit in hits)
    made = Assessment(
        hits, pickup.name, delivery.name, because, order.dues if charged else (),
        quote(delivery.spot, load, house.tables.lane) if delivery.found.clear else None,
        tuple(dict.fromkeys(goods.hint for _, goods in sensitive(order, house) if goods.hint)),
    )  # fmt: skip
    return made, area


def place_of(text: str | None, customer: Customer, house: House, near: Place | None = None) -> Place:
    """A place of an order with where it lies, near another if that is clear."""
    return Place(*house.located(text, customer, near.found.where if near and near.found.clear else None))


def dues_of(content: OrderReading, pickup: Place, delivery: Place, load: Load, house: House) -> tuple[Due, ...]:
    """What the tariff charges at both ends, but for what was agreed on by its name."""
    agreed = {charge.name for charge in content.charges}
    at_pickup = fees_due(house.tables.pickup, pickup.spot, load, content.delivery) if content.pickup.address else ()
    at_delivery = fees_due(house.tables.delivery, delivery.spot, load, content.delivery)
    return tuple(due for due in (*at_pickup, *at_delivery) if due.name not in agreed and due.amount)
