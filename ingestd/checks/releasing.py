"""Goods that are held until their shipper lets them go (domain.md §6). Pure."""

from __future__ import annotations

from dataclasses import replace

from ingestd.checks.cancelling import told_shipper
from ingestd.checks.deciding import Deciding, in_review, meant, only, overtaken, own, unclear_order
from ingestd.checks.dispatch import view_of
from ingestd.checks.following import duties
from ingestd.checks.judging import Matter
from ingestd.checks.senders import Who
from ingestd.checks.telling import looks_after, notice
from ingestd.domain.decision import Case, Change, Decision, EventDraft, KnownOrder
from ingestd.domain.message import MessageState
from ingestd.domain.order import UNDER_WAY, Happening, OrderState


def released(case: Case, who: Who, deciding: Deciding) -> Decision:
    """The shipper's word that held goods may be handed out: to who has them at once, by whom it may be given."""
    assert who.customer is not None
    order = meant(case, who) or only(tuple(o for o in own(case.open, who) if o.content.hold and not o.released_at))
    if order is None:
        return unclear_order("release", case, who, deciding)
    if who.customer.entitled and case.reading.sender not in who.customer.entitled:
        return in_review(f"not_entitled:{order.serial}", case, deciding, order)
    if order.state not in UNDER_WAY or not order.content.hold or overtaken(case, order):
        return in_review(f"release:{order.serial}", case, deciding, order)
    return let_go(Matter(case, who.customer, deciding), order)


def let_go(matter: Matter, order: KnownOrder) -> Decision:
    """The release by the shipper's own letter."""
    case = matter.case
    made = release(
        order, f"customer {order.customer}", f"message:{case.facts.message_id}/{order.serial}", matter.deciding
    )
    told = told_shipper("released", matter, order)
    return replace(made, claimed_at=case.reading.sent_at, wanted=(*made.wanted, *told))


def release(order: KnownOrder, who: str, cause: str, deciding: Deciding) -> Decision:
    """The release on its way to who has the goods; they are held no longer."""
    house, now = deciding.house, deciding.now
    state = OrderState.ARRIVED if order.state is OrderState.HELD else order.state
    keeper = looks_after(order, house, now)
    due = duties(Happening.RELEASED, view_of(order, house), order.dispatcher, now, house)
    return Decision(
        MessageState.APPLIED,
        f"order {order.serial} released",
        changes=(Change(order, state, released_at=now),),
        events=(EventDraft("released", who, order.serial),),
        wanted=(notice("released", order, keeper, cause, (house, now)),) if keeper else (),
        follow_ups=due.begin,
        ends=due.end,
        retimed=due.retimed,
        reviews=() if keeper else ((order.serial, f"release:{order.serial}"),),
    )
