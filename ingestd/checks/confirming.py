"""An order that somebody says yes to: the shipper who was asked, or an agent. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from ingestd.calendar.pickup import pickup_deadline
from ingestd.checks.deciding import Deciding, in_review, only, overtaken, own
from ingestd.checks.dispatch import view_of, work_order_cause, work_orders
from ingestd.checks.following import duties
from ingestd.checks.roster import first_recipient
from ingestd.checks.senders import Who
from ingestd.config.tables import Area
from ingestd.domain.decision import Case, Change, Decision, EventDraft, KnownOrder, Wanted
from ingestd.domain.message import MessageState
from ingestd.domain.order import UNSETTLED, Happening, OrderState
from ingestd.domain.sending import Purpose


def confirmed_by_shipper(case: Case, who: Who, deciding: Deciding) -> Decision:
    """A yes: to the order that was offered; one that is confirmed already needs none, any other is for a person."""
    order = only(own(case.thread, who)) or only(own(case.named, who)) or awaited(own(case.open, who))
    if order is None or (order.state in UNSETTLED and order.state is not OrderState.OFFERED):
        return in_review("confirmation", case, deciding, order)
    if order.state is not OrderState.OFFERED:
        said = EventDraft("agreed", f"customer {order.customer}", order.serial)
        return Decision(
            MessageState.IGNORED, f"order {order.serial} needs no yes", case.reading.sent_at, events=(said,)
        )
    if overtaken(case, order):
        return in_review(f"overtaken:{order.serial}", case, deciding, order)
    area = deciding.house.areas.get(order.area)
    if area is None:
        return in_review(f"unknown_area:{order.serial}", case, deciding, order)
    made = confirm(order, area, f"customer {order.customer}", case.facts.arrived_at, deciding)
    return replace(made, claimed_at=case.reading.sent_at)


def awaited(orders: tuple[KnownOrder, ...]) -> KnownOrder | None:
    """The only order whose shipper we asked for his yes; the only one of all where we asked for none."""
    return only(tuple(order for order in orders if order.state is OrderState.OFFERED)) or only(orders)


def confirm(order: KnownOrder, area: Area, who: str, since: datetime, deciding: Deciding) -> Decision:
    """The order goes out: work order, acknowledgement, follow-ups; the promise runs from `since`, the yes."""
    house = deciding.house
    first = first_recipient(area, house, deciding.now)
    pickup_by = pickup_deadline(deciding.now, area.kind, order.content.pickup.by, house.pickup)
    view = replace(
        view_of(order, house), area=area.name, confirmed_at=deciding.now, pickup_by=pickup_by,
        closure=house.closure_ahead(deciding.now), state=OrderState.CONFIRMED,
    )  # fmt: skip
    change = Change(
        order, OrderState.CONFIRMED, area=area.name, dispatcher=first.number, clock_start=since,
        confirmed_at=deciding.now, pickup_by=pickup_by,
    )  # fmt: skip
    acknowledgement = Wanted(
        Purpose.ACKNOWLEDGEMENT, order.contact_channel, order.contact, order.language, work_order_cause(view),
        since + 2 * house.promise, order=view, token=order.token,
    )  # fmt: skip
    told = (acknowledgement,) if house.answers(order.contact_channel, order.contact) else ()
    return Decision(
        MessageState.APPLIED,
        f"order {order.serial} confirmed",
        changes=(change,),
        events=(EventDraft("confirmed", who, order.serial),),
        wanted=(*work_orders(view, order.token, first, since + house.promise, house), *told),
        follow_ups=duties(Happening.CONFIRMED, view, first.number, deciding.now, house).begin,
    )
