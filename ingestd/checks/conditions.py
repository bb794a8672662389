"""When a follow-up is for an order, when it waits, and when what it waits for has come. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ingestd.checks.delivering import in_one_city
from ingestd.checks.house import House
from ingestd.config.follow_up import Condition, FollowUp
from ingestd.domain.decision import KnownOrder
from ingestd.domain.order import AWAITING_PICKUP, ENDED, UNSETTLED, Happening, OrderState

CONDITIONS: Mapping[Condition, Callable[[KnownOrder, House], bool]] = {
    "city": in_one_city,
    "out_of_town": lambda order, house: not in_one_city(order, house),
    "receipt": lambda order, _: order.content.receipt is not None,
    "no_receipt": lambda order, _: order.content.receipt is None,
    "hold": lambda order, _: order.content.hold and order.released_at is None,
    "no_hold": lambda order, _: not order.content.hold or order.released_at is not None,
    "with_us": lambda order, _: order.state not in AWAITING_PICKUP,
}
WAY = (  # an order's, each state further on than the one before
    OrderState.TAKEN, OrderState.PICKED_UP_PARTLY, OrderState.PICKED_UP, OrderState.IN_TRANSIT, OrderState.ARRIVED,
    OrderState.HELD, OrderState.OUT_FOR_DELIVERY, OrderState.DELIVERED, OrderState.RECEIPT_RETURNED,
)  # fmt: skip
SHOWN_BY = {  # what has happened once an order is in a state, or further on
    Happening.TAKEN: OrderState.TAKEN,
    Happening.ASSIGNED: OrderState.PICKED_UP_PARTLY,  # goods that are fetched had a vehicle
    Happening.PICKED_UP_PARTLY: OrderState.PICKED_UP_PARTLY,
    Happening.PICKED_UP: OrderState.PICKED_UP,
    Happening.DEPARTED: OrderState.IN_TRANSIT,
    Happening.ARRIVED: OrderState.ARRIVED,
    Happening.OUT_FOR_DELIVERY: OrderState.OUT_FOR_DELIVERY,
    Happening.DELIVERED: OrderState.DELIVERED,
    Happening.RECEIPT_RETURNED: OrderState.RECEIPT_RETURNED,
}


def is_over(row: FollowUp, order: KnownOrder, house: House) -> bool:
    """Whether nothing is to be asked any more: the order has ended, has come so far, or is none of those meant."""
    if order.state in ENDED or order.state in UNSETTLED:
        return True
    return any(has_happened(one, order) for one in row.until) or not all(
        CONDITIONS[name](order, house) for name in row.only
    )


def has_happened(happening: Happening, order: KnownOrder) -> bool:
    """Whether an order shows that something has happened; what leaves no trace in it has not."""
    if happening is Happening.ASSIGNED and order.driver is not None:
        return True
    if happening is Happening.RELEASED:
        return order.released_at is not None
    return is_shown(happening, order.state)


def is_shown(happening: Happening, state: OrderState) -> bool:
    """Whether an order in a state shows by that alone that something has happened."""
    return happening in SHOWN_BY and is_as_far(state, SHOWN_BY[happening])


def is_as_far(state: OrderState, wanted: OrderState) -> bool:
    """Whether an order in a state has come as far as another; a problem is one of goods that were picked up."""
    reached = OrderState.PICKED_UP if state is OrderState.PROBLEM else state
    return reached in WAY and WAY.index(reached) >= WAY.index(wanted)
