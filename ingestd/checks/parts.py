"""The parts that follow-ups name: which person plays each for an order at a moment. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from ingestd.checks.house import House
from ingestd.checks.roster import first_recipient, fleet_manager, next_on_duty, operations_manager, stand_in
from ingestd.config.follow_up import FollowUp, Part
from ingestd.config.tables import Staff


@dataclass(frozen=True, slots=True)
class Hands:
    """In whose hands an order is: its dispatcher by staff number, its area, the depot that delivers it."""

    dispatcher: str | None
    area: str
    depot: str


def person(part: Part, hands: Hands, house: House, at: datetime, beside: Collection[str] = ()) -> Staff | None:
    """Who of us plays a part for an order now, on duty or not, if anybody; never one of `beside`."""
    area = house.areas.get(hands.area)
    found: Staff | None = None
    if part == "dispatcher":
        found = dispatcher_of(hands, house, at)
    elif part == "depot":
        found = contact_of(hands.depot, house, at)
    elif part == "deliverer":
        found = contact_of(hands.depot, house, at) or dispatcher_of(hands, house, at)
    elif part == "next_on_duty" and area:
        found = next_on_duty(area, house, at, {*beside, hands.dispatcher or ""})
    elif part == "fleet_manager":
        found = fleet_manager(house, at, beside)
    elif part == "operations_manager":
        found = operations_manager(house, at)
    return found if found and found.number not in beside else None


def dispatcher_of(hands: Hands, house: House, at: datetime) -> Staff | None:
    """Who looks after an order, or stands in for him; else who gets the work orders of its area."""
    given = house.numbers.get(hands.dispatcher or "")
    there = stand_in(given, house, at) if given else None
    area = house.areas.get(hands.area)
    return there or (first_recipient(area, house, at) if area else given)


def contact_of(depot: str, house: House, at: datetime) -> Staff | None:
    """Who is asked at a depot, or stands in; None where the site names nobody."""
    named = next((d.contact for d in house.tables.depot if d.name == depot), None)
    given = house.numbers.get(named or "")
    return (stand_in(given, house, at) or given) if given else None


def asked_at(row: FollowUp, occurrence: int, hands: Hands, house: House, at: datetime) -> tuple[Staff | None, bool]:
    """Whom the nth time of a follow-up goes to, and whether he is told instead of him who was asked first.

    Nobody is told twice before all are; a part that nobody plays is passed over; the last one stays.
    """
    chain: list[tuple[Staff, bool]] = []
    for number, part in enumerate(row.parts):
        who = person(part, hands, house, at, {one.number for one, _ in chain})
        if who:
            chain.append((who, number > 0))
    return chain[min(occurrence, len(chain)) - 1] if chain else (None, False)
