"""What the checks made of one revision of an order: hits, places, extra charges and the quote."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Finding(StrEnum):
    """What a check makes of an order (domain.md §3)."""

    BLOCK = "block"
    ASK = "ask"
    REVIEW = "review"
    CHARGE = "charge"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that found something: its name, the finding, and what it saw."""

    rule: str
    finding: Finding
    saw: str

    @property
    def reason(self) -> str:
        """A code of the templates' `[review]` table with what was seen; the reader's doubts are such codes already."""
        return self.saw if self.rule == "doubtful_reading" else f"{self.rule}:{self.saw}"


@dataclass(frozen=True, slots=True)
class Due:
    """An extra charge in whole yuan, and the place or manner that it is for."""

    name: str
    amount: Decimal
    because: str


class Basis(StrEnum):
    """What a freight was counted by."""

    WEIGHT = "weight"
    VOLUME = "volume"
    MINIMUM = "minimum"


@dataclass(frozen=True, slots=True)
class Quote:
    """The freight by the tariff in whole yuan, and the days on the way."""

    to: str  # the place of the tariff
    freight: Decimal | None  # None where the load says nothing to charge by
    basis: Basis | None
    days: int
    days_most: int


@dataclass(frozen=True, slots=True)
class Assessment:
    """The checks' word on one revision."""

    hits: tuple[Hit, ...] = ()
    pickup_place: str = ""  # province, city, district and town as they are written; empty where that is not clear
    delivery_place: str = ""
    area_because: str = ""  # the place or the words that put the pickup into its area
    dues: tuple[Due, ...] = ()
    quote: Quote | None = None
    hints: tuple[str, ...] = ()  # for the driver

    def saw(self, *findings: Finding) -> tuple[str, ...]:
        """What the rules with these findings say, as review codes."""
        return tuple(hit.reason for hit in self.hits if hit.finding in findings)


NOTHING_FOUND = Assessment()
