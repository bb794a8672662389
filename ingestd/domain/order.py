"""An order: its states, its times, and the view of one revision that everything composed shows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from ingestd.domain.assessment import NOTHING_FOUND, Assessment
from ingestd.domain.reading import Attachment, Charge, OrderReading, Problem


class OrderState(StrEnum):
    """Where an order is in its life."""

    ASKED = "asked"  # the shipper is asked for what is missing
    REVIEW = "review"  # an agent decides
    OFFERED = "offered"  # the shipper is asked to confirm what was understood
    REFUSED = "refused"  # not carried; the shipper is told
    CONFIRMED = "confirmed"  # dispatchable; its work order is on the way
    DISPATCHED = "dispatched"  # accepted by relay and gateway
    TAKEN = "taken"  # the dispatcher said 收到
    PICKED_UP = "picked_up"  # a report says so
    CANCELLED = "cancelled"


UNSETTLED = (OrderState.ASKED, OrderState.REVIEW, OrderState.OFFERED)  # a later message still completes it
BEFORE = frozenset({*UNSETTLED, OrderState.CONFIRMED, OrderState.REFUSED, OrderState.CANCELLED})
ORDER_MOVES: dict[OrderState, frozenset[OrderState]] = {
    OrderState.ASKED: BEFORE,
    OrderState.REVIEW: BEFORE,
    OrderState.OFFERED: BEFORE,
    OrderState.REFUSED: frozenset({OrderState.REVIEW}),  # an agent thinks better of it
    OrderState.CONFIRMED: frozenset({OrderState.DISPATCHED, OrderState.TAKEN, OrderState.PICKED_UP, OrderState.REVIEW}),
    OrderState.DISPATCHED: frozenset({OrderState.TAKEN, OrderState.PICKED_UP, OrderState.CONFIRMED}),  # a bounce
    OrderState.TAKEN: frozenset({OrderState.PICKED_UP}),
    OrderState.PICKED_UP: frozenset(),
    OrderState.CANCELLED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class OrderTime:
    """When an order was placed, and which clock says so (domain.md §2)."""

    at: datetime
    source: str  # "claimed" (its Date) or "arrival" (the server's receipt)
    reason: str
    claimed_at: datetime | None
    arrived_at: datetime


@dataclass(frozen=True, slots=True)
class OrderView:
    """One revision of an order with all that a letter or work order shows."""

    serial: str
    revision: int
    content: OrderReading
    order_time: OrderTime
    customer: str  # the customer's name in the site's table
    area: str  # the pickup area's name
    pickup_by: datetime  # latest pickup
    confirmed_at: datetime | None
    agent: str  # staff number that closes the work order
    problems: tuple[Problem, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    cargo_note: str = ""
    assessment: Assessment = NOTHING_FOUND
    closure: tuple[date, date] | None = None  # first and last day on which nobody works soon

    @property
    def charges(self) -> tuple[Charge, ...]:
        """What was agreed on, and what the tariff adds."""
        return (*self.content.charges, *(Charge(due.name, due.amount) for due in self.assessment.dues))

    @property
    def freight(self) -> Decimal | None:
        """The freight agreed on, else the tariff's."""
        quote = self.assessment.quote
        return self.content.freight if self.content.freight is not None or quote is None else quote.freight

    @property
    def priced(self) -> OrderReading:
        """The content with all that is to be paid."""
        return replace(self.content, charges=self.charges, freight=self.freight)
