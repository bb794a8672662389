"""What an inquiry is answered: offers to places, or the state of an order."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from ingestd.domain.assessment import Due, Quote


@dataclass(frozen=True, slots=True)
class Offer:
    """What carrying to one place costs and takes; `quote` None where we do not go there."""

    to: str  # the place that was asked about
    quote: Quote | None = None
    per_kg: Decimal = Decimal(0)  # yuan
    per_m3: Decimal = Decimal(0)
    minimum: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a question about price, time or coverage."""

    kind: str  # of the inquiry
    start: str  # where the goods would be fetched; empty where that was not said
    offers: tuple[Offer, ...]
    kg: Decimal | None = None
    m3: Decimal | None = None
    dues: tuple[Due, ...] = ()  # charges at the pickup
