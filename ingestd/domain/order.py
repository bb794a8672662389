"""An order: its states, its times, and the view of one revision that everything composed shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ingestd.domain.reading import Attachment, OrderReading, Problem


class OrderState(StrEnum):
    """Where an order is in its life."""

    ASKED = "asked"  # the shipper is asked for what is missing
    REVIEW = "review"  # an agent decides
    CONFIRMED = "confirmed"  # dispatchable; its work order is on the way
    DISPATCHED = "dispatched"  # accepted by relay and gateway
    TAKEN = "taken"  # the dispatcher said 收到
    PICKED_UP = "picked_up"  # a report says so
    CANCELLED = "cancelled"


ORDER_MOVES: dict[OrderState, frozenset[OrderState]] = {
    OrderState.ASKED: frozenset({OrderState.ASKED, OrderState.REVIEW, OrderState.CONFIRMED, OrderState.CANCELLED}),
    OrderState.REVIEW: frozenset({OrderState.ASKED, OrderState.REVIEW, OrderState.CONFIRMED, OrderState.CANCELLED}),
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
