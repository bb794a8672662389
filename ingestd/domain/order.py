"""An order: its states, its times, and the view of one revision that everything composed shows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from ingestd.domain.assessment import NOTHING_FOUND, Assessment
from ingestd.domain.reading import Attachment, Charge, Driver, OrderReading, Problem


class OrderState(StrEnum):
    """Where an order is in its life; `docs/life.md` draws it. Until it is decided on there is only its message."""

    ASKED = "asked"  # the shipper is asked for what is missing
    REVIEW = "review"  # an agent decides
    OFFERED = "offered"  # the shipper is asked to confirm what was understood
    REFUSED = "refused"  # not carried; the shipper is told
    CONFIRMED = "confirmed"  # dispatchable; its work order, or the change of it, is on the way
    DISPATCHED = "dispatched"  # accepted by relay and gateway
    TAKEN = "taken"  # the dispatcher said 收到
    PICKED_UP_PARTLY = "picked_up_partly"  # some of the goods are with us; the rest is still chased
    PICKED_UP = "picked_up"  # a report says so
    IN_TRANSIT = "in_transit"  # on the way to where they arrive
    ARRIVED = "arrived"  # at the place that delivers them
    HELD = "held"  # there, and not handed out before the shipper's release
    OUT_FOR_DELIVERY = "out_for_delivery"
    PROBLEM = "problem"  # something went wrong on the way; an agent looks after it
    DELIVERED = "delivered"  # signed for
    RECEIPT_RETURNED = "receipt_returned"  # the signed receipt is back with the shipper
    CLOSED = "closed"  # nothing more is to come
    CANCELLED = "cancelled"  # called off before its pickup


UNSETTLED = (OrderState.ASKED, OrderState.REVIEW, OrderState.OFFERED)  # a later message still completes it
UNTAKEN = (OrderState.CONFIRMED, OrderState.DISPATCHED)  # nobody has said yet that he takes it
TO_BE_PICKED_UP = (*UNTAKEN, OrderState.TAKEN)  # changed and called off by the shipper's word alone
CARRIED = (  # in the order of the way; a report moves an order on, and never back
    OrderState.PICKED_UP_PARTLY, OrderState.PICKED_UP, OrderState.IN_TRANSIT, OrderState.ARRIVED, OrderState.HELD,
    OrderState.OUT_FOR_DELIVERY,
)  # fmt: skip
AWAITING_PICKUP = (*TO_BE_PICKED_UP, OrderState.PICKED_UP_PARTLY)  # all or some of the goods are still to be fetched
UNDER_WAY = (*TO_BE_PICKED_UP, *CARRIED, OrderState.PROBLEM)
ENDED = (OrderState.REFUSED, OrderState.CANCELLED, OrderState.CLOSED)
BEFORE = frozenset({*UNSETTLED, OrderState.CONFIRMED, OrderState.REFUSED, OrderState.CANCELLED})
PICKED = frozenset({*CARRIED, OrderState.PROBLEM, OrderState.DELIVERED})
ORDER_MOVES: dict[OrderState, frozenset[OrderState]] = {
    OrderState.ASKED: BEFORE,
    OrderState.REVIEW: BEFORE,
    OrderState.OFFERED: BEFORE,
    OrderState.REFUSED: frozenset({OrderState.REVIEW}),  # an agent thinks better of it
    OrderState.CONFIRMED: frozenset({*TO_BE_PICKED_UP, OrderState.REVIEW, OrderState.CANCELLED}) | PICKED,
    OrderState.DISPATCHED: frozenset({*TO_BE_PICKED_UP, OrderState.CANCELLED}) | PICKED,  # a bounce, a change
    OrderState.TAKEN: frozenset({*TO_BE_PICKED_UP, OrderState.CANCELLED}) | PICKED,  # a change, a driver who gives up
    **{
        state: frozenset(CARRIED[number:]) | {OrderState.PROBLEM, OrderState.DELIVERED}
        for number, state in enumerate(CARRIED)
    },
    OrderState.HELD: PICKED - {OrderState.PICKED_UP_PARTLY, OrderState.PICKED_UP, OrderState.IN_TRANSIT},  # released
    OrderState.OUT_FOR_DELIVERY: PICKED - {OrderState.PICKED_UP_PARTLY, OrderState.PICKED_UP, OrderState.IN_TRANSIT},
    OrderState.PROBLEM: PICKED | {OrderState.CLOSED},  # carried on, or given up by an agent
    OrderState.DELIVERED: frozenset({OrderState.RECEIPT_RETURNED, OrderState.CLOSED, OrderState.PROBLEM}),
    OrderState.RECEIPT_RETURNED: frozenset({OrderState.CLOSED}),
    OrderState.CANCELLED: frozenset(),
    OrderState.CLOSED: frozenset(),
}


class Happening(StrEnum):
    """What happens in an order's life: follow-ups begin and end by it, and shippers are told of it."""

    CONFIRMED = "confirmed"
    AMENDED = "amended"  # changed after its confirmation
    TAKEN = "taken"
    ASSIGNED = "assigned"  # vehicle and driver are known
    PICKED_UP_PARTLY = "picked_up_partly"
    PICKUP_FAILED = "pickup_failed"
    PICKED_UP = "picked_up"
    DEPARTED = "departed"
    ARRIVED = "arrived"
    RELEASED = "released"  # the shipper lets held goods go
    OUT_FOR_DELIVERY = "out_for_delivery"
    DELIVERY_FAILED = "delivery_failed"
    DELIVERED = "delivered"
    RECEIPT_RETURNED = "receipt_returned"
    CLOSED = "closed"
    CANCELLED = "cancelled"


def may_move(before: OrderState, after: OrderState) -> bool:
    """Whether an order goes from one state to another; staying where it is is no move."""
    return before is after or after in ORDER_MOVES[before]


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
    before: OrderReading | None = None  # what its reader knows it as, where that was changed
    driver: Driver | None = None  # who fetches it, once that is known
    deliver_by: datetime | None = None  # latest delivery, once the goods are picked up
    depot: str = ""  # that delivers it; empty where we do so ourselves
    state: OrderState | None = None

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
