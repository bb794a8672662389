"""Checks of where an order goes from and to: our areas and lanes, names that are not clear or contradict each other."""

from __future__ import annotations

from collections.abc import Iterator

from ingestd.charging.quoting import lane_to
from ingestd.checks.checked import Checked, Place
from ingestd.checks.house import House
from ingestd.places.atlas import Level


def unknown_area(order: Checked, house: House) -> Iterator[str]:
    """The pickup lies in no area of ours."""
    if order.area is None and order.content.pickup.address:
        yield "pickup.address"


def outside_delivery(order: Checked, house: House) -> Iterator[str]:
    """The goods go to a place that the tariff does not reach (超区), or that is none of the country."""
    place = order.delivery
    if not house.tables.lane or place.found.candidates or place.found.against:
        return
    if lane_to(place.spot, house.tables.lane) is None and (place.name or order.content.destination):
        yield place.name or order.content.destination or ""


def ambiguous_place(order: Checked, house: House) -> Iterator[str]:
    """A destination of which there are several, and nothing says which."""
    found = order.destination.found
    if len(found.candidates) > 1 and not order.door.found.clear:
        yield "|".join(house.atlas.spoken(division) for division in found.candidates)


def place_contradiction(order: Checked, house: House) -> Iterator[str]:
    """Province and city, or city and district, that do not belong together."""
    for place in (order.pickup, order.destination, order.door):
        if place.found.against:
            yield "|".join(mention.words for mention in place.found.against)


def destination_differs(order: Checked, house: House) -> Iterator[str]:
    """A destination and a consignee's address that lie apart."""
    there, door = order.destination, order.door
    if there.name and told(door, house) and not (meet(there, door) or same_city(there, door)):
        yield f"{there.name}|{door.name}"


def told(door: Place, house: House) -> bool:
    """Whether an address says where it lies: its city or province, or a full name; 龙江灯饰城 may be a shop's name."""
    where = door.found.where
    if where is None or not door.found.clear or door.found.by_home:
        return False
    wide = [d for d in house.atlas.upward(where) if d.level <= Level.CITY]
    words = [where.name, *(name for d in wide for name in d.names)]
    return door.spot.text.isascii() or any(word in door.spot.text for word in words)


def meet(one: Place, other: Place) -> bool:
    """Whether one of two places lies in the other."""
    return bool(one.found.where and other.found.where and one.found.where.meets(other.found.where))


def same_city(one: Place, other: Place) -> bool:
    """Whether two places lie in one city: who writes 杭州 萧山 and an address in 滨江 means the city."""
    return bool(one.found.where and other.found.where and one.found.where.code[:4] == other.found.where.code[:4])
