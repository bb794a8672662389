"""Orders called off by their shipper: at once before the pickup, by a person after it (domain.md §4). Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from ingestd.checks.changing import called_off
from ingestd.checks.deciding import Deciding, in_review, meant, overtaken, own, total, unclear_order
from ingestd.checks.dispatch import view_of
from ingestd.checks.following import duties
from ingestd.checks.judging import Matter
from ingestd.checks.senders import Who
from ingestd.checks.telling import URGED, told_next
from ingestd.domain.decision import Case, Change, Decision, EventDraft, KnownOrder, Wanted, call_to_shipper
from ingestd.domain.message import MessageState
from ingestd.domain.order import TO_BE_PICKED_UP, UNSETTLED, Happening, OrderState
from ingestd.domain.sending import Purpose

TOO_LATE = "too_late"  # word of the letters about progress: the goods are with us
CALL_BACK = "cancelled_after_pickup"


def cancelled(case: Case, who: Who, deciding: Deciding) -> Decision:
    """What a cancellation comes to for each order that it names, or for the one that is meant."""
    assert who.customer is not None
    named = own(case.named, who)
    found = named if len(named) > 1 else tuple(o for o in (meant(case, who),) if o)
    if not found:
        return unclear_order("cancellation", case, who, deciding)
    matter = Matter(case, who.customer, deciding)
    return total([one_cancelled(matter, order) for order in found], case)


def one_cancelled(matter: Matter, order: KnownOrder) -> Decision:
    """The order called off where nobody has fetched it yet; else a person's decision."""
    case, deciding = matter.case, matter.deciding
    if overtaken(case, order):
        return in_review(f"overtaken:{order.serial}", case, deciding, order)
    by, told = f"customer {order.customer}", told_shipper("cancelled", matter, order)
    if order.state is OrderState.CANCELLED:
        again = EventDraft("agreed", by, order.serial)
        reason = f"order {order.serial} is called off already"
        return Decision(MessageState.APPLIED, reason, case.reading.sent_at, events=(again,), wanted=told)
    if order.state in (*UNSETTLED, *TO_BE_PICKED_UP):
        made = call_off(order, by, case.facts.arrived_at + deciding.house.promise, deciding)
        return replace(made, claimed_at=case.reading.sent_at, wanted=(*made.wanted, *told))
    if order.state is OrderState.REFUSED:
        return Decision(MessageState.IGNORED, f"order {order.serial} was not taken", case.reading.sent_at)
    held = in_review(f"cancels_picked_up:{order.serial}", case, deciding, order)
    said = EventDraft("call", "ingestd", order.serial, {"reason": CALL_BACK})
    return replace(
        held,
        calls=(call_to_shipper(order, CALL_BACK),),
        events=(*held.events, said),
        wanted=(*held.wanted, *told_shipper(TOO_LATE, matter, order)),
    )


def call_off(order: KnownOrder, who: str, deadline: datetime, deciding: Deciding) -> Decision:
    """The order is called off: what has not left stays, who has its work order is told, nothing is chased any more."""
    view = view_of(order, deciding.house)
    due = duties(Happening.CANCELLED, view, order.dispatcher, deciding.now, deciding.house)
    return Decision(
        MessageState.APPLIED,
        f"order {order.serial} called off",
        changes=(Change(order, OrderState.CANCELLED, given=order.confirmed_at is not None),),
        events=(EventDraft("cancelled", who, order.serial),),
        wanted=tuple(told_of_cancellation(order, deadline, deciding)),
        ends=due.end,
        settles=((order.serial, URGED),),
        withdrawn=tuple(one.sending_id for one in order.handed if one.unsent),
    )


def told_of_cancellation(order: KnownOrder, deadline: datetime, deciding: Deciding) -> Iterator[Wanted]:
    """To everybody who has its work order, by the way he has it."""
    view = view_of(order, deciding.house)
    ways = dict.fromkeys((one.channel, one.recipient) for one in order.handed if one.may_be_had)
    for way in ways:
        yield called_off(view, order, way, deadline, deciding.house)


def told_shipper(happening: str, matter: Matter, order: KnownOrder) -> tuple[Wanted, ...]:
    """The letter to who wrote, by the way he did."""
    reading, house = matter.case.reading, matter.deciding.house
    if not matter.answerable or reading.sender is None:
        return ()
    ahead = told_next(Happening.RELEASED, order, matter.customer) if happening == Happening.RELEASED else ""
    letter = Wanted(
        Purpose.PROGRESS, reading.channel, reading.sender, matter.customer.language,
        f"message:{matter.case.facts.message_id}/{order.serial}", matter.case.facts.arrived_at + 2 * house.promise,
        order=view_of(order, house), token=order.token, answers=True, happening=happening, told_next=ahead,
    )  # fmt: skip
    return (letter,)
