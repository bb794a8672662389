"""An order as the checks look at it: its content, who sends it, where it goes from and to, and to which depot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ingestd.charging.load import Load
from ingestd.charging.scope import Spot
from ingestd.config.tables import Area, Customer
from ingestd.config.trade import Depot
from ingestd.domain.assessment import Due
from ingestd.domain.reading import OrderReading, Problem
from ingestd.places.locating import Located


@dataclass(frozen=True, slots=True)
class Place:
    """A text of an order that says where something is, and where that lies."""

    spot: Spot
    found: Located

    @property
    def name(self) -> str:
        """Province, city, district and town as they are written; empty where that is not clear."""
        return self.spot.atlas.spoken(self.found.where) if self.found.where and self.found.clear else ""


@dataclass(frozen=True, slots=True)
class Checked:
    """What a rule looks at."""

    content: OrderReading
    problems: tuple[Problem, ...]
    doubts: tuple[str, ...]  # the reader's own reasons for review
    customer: Customer
    area: Area | None
    twin: str | None  # serial of a recent order of the same content
    namesake: str | None  # serial of one under the same reference of the customer's, for the same consignee
    text: str
    arrived_at: datetime
    now: datetime
    pickup: Place
    destination: Place
    door: Place  # the consignee's address
    load: Load
    depot: Depot | None  # that it goes to
    dues: tuple[Due, ...] = ()  # what the tariff charges beside the freight

    @property
    def delivery(self) -> Place:
        """Where it is delivered: the consignee's address where that is clear, else the destination."""
        return self.door if self.door.found.clear else self.destination
