"""The roster: who is there at a moment, who gets an area's work orders then, and who is next. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

from ingestd.checks.house import House
from ingestd.config.tables import Absence, Area, Staff


def first_recipient(area: Area, house: House, at: datetime) -> Staff:
    """Who gets the area's work orders at this moment: its dispatcher, or who stands in for him.

    That is his substitute, else the area's fallback, a fleet manager on duty, the operations manager; where nobody of
    them is there, the dispatcher all the same.
    """
    others = (who for who in in_turn(area, house, at) if who.role != "fleet_manager" or on_duty_now(who, house, at))
    return next(others, house.numbers[area.dispatcher])


def next_on_duty(area: Area, house: House, at: datetime, beside: Collection[str]) -> Staff | None:
    """Who takes over from those staff numbers that are out of the question: the first in the same turn who is on duty.

    Where none is, the first who is there at all; None where nobody is left.
    """
    left = [who for who in in_turn(area, house, at) if who.number not in beside]
    return next((who for who in left if on_duty_now(who, house, at)), left[0] if left else None)


def in_turn(area: Area, house: House, at: datetime) -> Iterator[Staff]:
    """Those who may get an area's orders, in turn, each once, without whoever is absent."""
    managers = [house.tables.operations_manager] if house.tables.operations_manager else []
    fleet = [s.number for s in house.tables.staff if s.role == "fleet_manager"]
    named = (n for n in (area.dispatcher, area.fallback, *fleet, *managers) if n)
    there = (stand_in(house.numbers[number], house, at) for number in named)
    yield from {who.number: who for who in there if who is not None}.values()


def stand_in(who: Staff, house: House, at: datetime) -> Staff | None:
    """He himself where he is there, else his substitute, else that one's; None where nobody stands in."""
    asked: set[str] = set()
    found: Staff | None = who
    while found and (absence := absence_of(found, house, at)):
        asked.add(found.number)
        found = house.numbers[absence.substitute] if absence.substitute else None
        if found and found.number in asked:
            return None  # several absences overlap
    return found


def absence_of(who: Staff, house: House, at: datetime) -> Absence | None:
    """The absence of somebody at this moment, first one with a substitute."""
    local = at.astimezone(house.settings.site.zone)
    held = [a for a in house.tables.absence if a.staff == who.number and a.covers(local)]
    return next((a for a in held if a.substitute), held[0] if held else None)


def stands_in_for(who: Staff, house: House, at: datetime) -> frozenset[str]:
    """The staff numbers of those who are away and whose orders somebody looks after meanwhile."""
    away = {absence.staff for absence in house.tables.absence} - {who.number}
    return frozenset(number for number in away if stand_in(house.numbers[number], house, at) == who)


def reports_for(who: Staff, house: House, at: datetime) -> frozenset[str]:
    """The staff numbers on whose orders somebody reports: his own or his dispatcher's, and theirs he stands in for."""
    return stands_in_for(who, house, at) | {who.reports_to or who.number}


def depots_of(numbers: Collection[str], house: House) -> frozenset[str]:
    """The depots whose contact is one of these."""
    return frozenset(depot.name for depot in house.tables.depot if depot.contact in numbers)


def on_duty_now(who: Staff, house: House, at: datetime) -> bool:
    """Whether somebody is on duty at this moment."""
    return house.on_duty(who, at) <= at


def fleet_manager(house: House, at: datetime, beside: Collection[str] = ()) -> Staff | None:
    """A fleet manager who is there, first one on duty."""
    fleet = (stand_in(s, house, at) for s in house.tables.staff if s.role == "fleet_manager")
    there = [who for who in fleet if who and who.number not in beside]
    return next((who for who in there if on_duty_now(who, house, at)), there[0] if there else None)


def operations_manager(house: House, at: datetime) -> Staff | None:
    """The operations manager, or who stands in; he himself where nobody does; None where the site names none."""
    manager = house.numbers.get(house.tables.operations_manager or "")
    return (stand_in(manager, house, at) or manager) if manager else None
