"""How goods come to the consignee: by ourselves within one city, or by the depot where they arrive. Pure."""

from __future__ import annotations

from ingestd.charging.scope import Spot
from ingestd.checks.house import House
from ingestd.domain.decision import KnownOrder
from ingestd.places.atlas import Level


def depot_for(order: KnownOrder, house: House) -> str:
    """The depot that delivers an order; "" within one city, and where no depot with a contact serves the place."""
    _, end = ends(order, house)
    if in_one_city(order, house):
        return ""
    depot = house.depot_at(end)
    return depot.name if depot and depot.contact else ""


def in_one_city(order: KnownOrder, house: House) -> bool:
    """Whether goods are fetched and delivered in the same city of prefecture level; not where either is unclear."""
    cities = {spot.where.code[: Level.CITY] if spot.where else "" for spot in ends(order, house)}
    return len(cities) == 1 and len(cities.pop()) == Level.CITY


def ends(order: KnownOrder, house: House) -> tuple[Spot, Spot]:
    """Where an order's goods are fetched, and where they go."""
    customer = next((c for c in house.tables.customer if c.name == order.customer), None)
    start, _ = house.located(order.content.pickup.address, customer)
    to, found = house.located(order.content.consignee.address or order.content.destination)
    if not found.clear:
        to, _ = house.located(order.content.destination)
    return start, to
