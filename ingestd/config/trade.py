"""What a site carries, to where, for how much and how fast: tariff, fees, depots and goods as tables."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator

from ingestd.config.section import Section
from ingestd.domain.reading import Delivery

Yuan = Annotated[Decimal, Field(ge=0, le=1_000_000)]
Kilograms = Annotated[Decimal, Field(ge=0, le=1_000_000)]


class Lane(Section):
    """Freight and transit time to some places; of the lanes that hold a destination the one of the narrowest counts."""

    to: Annotated[tuple[str, ...], Field(min_length=1)]  # divisions: 浙江省, 杭州市, 义乌市
    per_kg: Yuan
    per_m3: Yuan
    minimum: Yuan = Decimal(0)
    days: Annotated[int, Field(ge=0, le=60)]  # from the day of the pickup
    days_most: Annotated[int, Field(ge=0, le=60)] | None = None

    @model_validator(mode="after")
    def in_order(self) -> Self:
        if self.days_most is not None and self.days_most < self.days:
            raise ValueError(f"days_most {self.days_most} is less than days {self.days}")
        return self


class Fee(Section):
    """An extra charge: `amount`, and so much a kilogram and cubic metre, at least `minimum`, above `above_kg` only."""

    name: str  # 提货费, 送货费, 装卸费, 上楼费: as the shipper reads it
    places: tuple[str, ...] = ()  # divisions, or words of an address (华南城); none: everywhere
    manners: tuple[Delivery, ...] = ()  # for these manners of delivery only; none: whatever the manner
    amount: Yuan = Decimal(0)
    per_kg: Yuan = Decimal(0)
    per_m3: Yuan = Decimal(0)
    minimum: Yuan = Decimal(0)
    above_kg: Kilograms = Decimal(0)

    @model_validator(mode="after")
    def charges_something(self) -> Self:
        if not (self.amount or self.per_kg or self.per_m3 or self.minimum):
            raise ValueError(f"fee {self.name} charges nothing; give amount, per_kg, per_m3 or minimum")
        return self


class Depot(Section):
    """Where goods arrive: the places that it delivers to, how, and what it can handle."""

    name: str
    places: Annotated[tuple[str, ...], Field(min_length=1)]  # divisions that it delivers to
    manners: tuple[Delivery, ...] = tuple(Delivery)
    contact: str | None = None  # staff number of who delivers there, is asked and reports
    piece_kg: Kilograms | None = None  # the heaviest single package
    shipment_kg: Kilograms | None = None
    shipment_m3: Annotated[Decimal, Field(gt=0)] | None = None


class Goods(Section):
    """Names of goods that must not be carried, or that a person looks at first."""

    kind: str  # the official class, or the site's own
    names: Annotated[tuple[str, ...], Field(min_length=1)]  # that leave no doubt
    doubtful: tuple[str, ...] = ()  # that may be it or lawful, even as the whole name: a person looks
    marks: tuple[str, ...] = ()  # patterns of what such goods bear instead of a name, as compared: a UN number
    hint: str = ""  # for the driver

    @field_validator("marks")
    @classmethod
    def are_patterns(cls, marks: tuple[str, ...]) -> tuple[str, ...]:
        for mark in marks:
            try:
                re.compile(mark)
            except re.error as error:
                raise ValueError(f"{mark!r} is no pattern: {error}") from error
        return marks
