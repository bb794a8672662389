"""The roster: who gets an area's work orders at a moment, and who is next. Pure."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from ingestd.checks.house import House
from ingestd.config.tables import Area, Staff


def first_recipient(area: Area, house: House, at: datetime) -> Staff:
    """Who gets the area's work orders at this moment: its dispatcher, or who stands in for him."""
    return house.numbers[area.dispatcher]


def next_on_duty(area: Area, house: House, at: datetime, beside: Collection[str]) -> Staff | None:
    """Who takes over from those staff numbers that are out of the question; None where nobody is left."""
    return next((house.numbers[n] for n in (area.dispatcher, area.fallback) if n and n not in beside), None)
