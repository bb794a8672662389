"""Orders changed after their confirmation: at once before the pickup, by a letter after it (domain.md §4). Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from ingestd.calendar.pickup import pickup_deadline
from ingestd.checks.content import another_order, fingerprint, goods_lost, joined, problems_of, remaining
from ingestd.checks.deciding import Deciding, holding_reply, in_review, overtaken
from ingestd.checks.dispatch import view_of, work_order_cause, work_orders
from ingestd.checks.following import duties
from ingestd.checks.house import House
from ingestd.checks.judging import Judged, Matter, answer, carried, judge
from ingestd.checks.senders import Who
from ingestd.checks.telling import looks_after, notice
from ingestd.config.tables import Staff
from ingestd.domain.asked import namesake_of, twin_of
from ingestd.domain.assessment import Finding
from ingestd.domain.decision import (
    Case,
    Change,
    Decision,
    EventDraft,
    Handed,
    KnownOrder,
    Wanted,
    call_to_shipper,
)
from ingestd.domain.message import MessageState
from ingestd.domain.order import Happening, OrderState, OrderView
from ingestd.domain.reading import Attachment, Channel, Code, OrderReading
from ingestd.domain.sending import Purpose

HOLDING_UP = (Finding.BLOCK, Finding.ASK, Finding.REVIEW)  # findings that a change must not bring


def changed(matter: Matter, order: KnownOrder) -> Decision:
    """A change before the pickup: everybody who has the work order gets it at once, with old and new values.

    Where it brings a doubt that the order did not have, a person decides and the order stays as it was.
    """
    case, deciding, new = matter.case, matter.deciding, matter.case.reading.orders[0]
    if (held := held_back(case, order, deciding)) is not None:
        return held
    content = joined(order.content, new)
    told = tuple(replace(p, order=0) for p in case.reading.problems if p.code is not Code.MISSING)
    if content == order.content and not told:
        return unchanged(case, order)
    problems = problems_of(content, remaining(order.problems, content, told))
    judged = judge(matter, content, problems, twin_of(order), namesake_of(order))
    doubts = new_doubts(judged, order)
    if doubts or judged.recipient is None:
        return in_doubt(matter, order, doubts or ("unknown_area",))
    by = Amendment(order, judged, f"customer {order.customer}", case.facts.arrived_at)
    made = amended_order(by, carried(matter), deciding)
    view = amended_view(by, carried(matter), deciding)
    return replace(
        made, claimed_at=case.reading.sent_at, wanted=(*made.wanted, *answer(Purpose.ACKNOWLEDGEMENT, matter, view))
    )


def held_back(case: Case, order: KnownOrder, deciding: Deciding) -> Decision | None:
    """A person's decision where what a message says is older than the order, another one, or of goods unknown to it."""
    new = case.reading.orders[0]
    reasons = {
        "overtaken": overtaken(case, order),
        "another_order": another_order(order.content, new),
        "unclear_goods": goods_lost(order.content, new),
    }
    reason = next((name for name, holds in reasons.items() if holds), None)
    return in_review(f"{reason}:{order.serial}", case, deciding, order) if reason else None


def unchanged(case: Case, order: KnownOrder) -> Decision:
    """The order says so already."""
    said = EventDraft("agreed", f"customer {order.customer}", order.serial)
    return Decision(MessageState.APPLIED, f"order {order.serial} says so already", case.reading.sent_at, events=(said,))


def new_doubts(judged: Judged, order: KnownOrder) -> tuple[str, ...]:
    """What the checks have against the new content that they did not have against the old, as review codes."""
    before = {(hit.rule, hit.saw) for hit in order.assessment.hits}
    hits = (h for h in judged.assessment.hits if h.finding in HOLDING_UP and (h.rule, h.saw) not in before)
    return tuple(hit.reason for hit in hits)


def in_doubt(matter: Matter, order: KnownOrder, doubts: tuple[str, ...]) -> Decision:
    """A person decides on the change, and the shipper is told that he will be called."""
    held = in_review("; ".join((f"change_in_doubt:{order.serial}", *doubts)), matter.case, matter.deciding, order)
    promised = holding_reply(matter.case, matter.customer, matter.deciding)
    return replace(held, wanted=(*held.wanted, *promised))


@dataclass(frozen=True, slots=True)
class Amendment:
    """A new content of a confirmed order: by whom, and since when its promise runs.

    Its order time stays: the final mail is the last one before the confirmation (domain.md §2).
    """

    order: KnownOrder
    judged: Judged
    who: str
    since: datetime


def amended_order(by: Amendment, attachments: tuple[Attachment, ...], deciding: Deciding) -> Decision:
    """The new revision, on its way to whoever has the old one and to who has it to do now."""
    order, judged = by.order, by.judged
    view = amended_view(by, attachments, deciding)
    first = recipient_of(judged, order, deciding)
    change = Change(
        order, OrderState.CONFIRMED, judged.content, judged.problems, fingerprint(judged.content), view.area,
        first.number, None, by.since, order.confirmed_at, view.pickup_by, order.questions, judged.assessment,
        given=True,
    )  # fmt: skip
    handover = first.number != order.dispatcher
    view = replace(view, driver=None) if handover else view  # whoever was to fetch it does not
    happening = Happening.CONFIRMED if handover else Happening.AMENDED
    due = duties(happening, view, first.number, deciding.now, deciding.house)
    return Decision(
        MessageState.APPLIED,
        f"order {order.serial} changed",
        changes=(change,),
        events=(EventDraft("amended", by.who, order.serial, {"revision": view.revision}),),
        wanted=tuple(told_of_change(view, order, first, by.since + deciding.house.promise, deciding)),
        follow_ups=due.begin,
        ends=due.end,
        retimed=due.retimed,
        withdrawn=tuple(one.sending_id for one in order.handed if one.unsent),
    )


def amended_view(by: Amendment, attachments: tuple[Attachment, ...], deciding: Deciding) -> OrderView:
    """The order as it is from now on, with what its shipper knows it as."""
    order, judged = by.order, by.judged
    return replace(
        view_of(order, deciding.house),
        revision=order.revision + 1,
        content=judged.content,
        before=order.content,
        area=judged.area.name if judged.area else order.area,
        pickup_by=changed_deadline(judged, order, deciding),
        problems=judged.problems,
        attachments=attachments,
        cargo_note="; ".join(judged.assessment.hints),
        assessment=judged.assessment,
        closure=deciding.house.closure_ahead(deciding.now),
    )


def changed_deadline(judged: Judged, order: KnownOrder, deciding: Deciding) -> datetime:
    """The latest pickup: as it was, but where another area or another window of the shipper's makes it another."""
    assert judged.area is not None
    assert order.confirmed_at is not None
    assert order.pickup_by is not None
    window = judged.content.pickup.by
    if judged.area.name != order.area:
        return pickup_deadline(deciding.now, judged.area.kind, window, deciding.house.pickup)
    if window != order.content.pickup.by:
        return pickup_deadline(order.confirmed_at, judged.area.kind, window, deciding.house.pickup)
    return order.pickup_by


def recipient_of(judged: Judged, order: KnownOrder, deciding: Deciding) -> Staff:
    """Who has the order to do now: who had it, unless it lies in another area by now."""
    same = judged.area is not None and judged.area.name == order.area
    known = deciding.house.numbers.get(order.dispatcher or "") if same else None
    assert judged.recipient is not None
    return known or judged.recipient


def told_of_change(
    view: OrderView, order: KnownOrder, first: Staff, deadline: datetime, deciding: Deciding
) -> Iterator[Wanted]:
    """The change to who has the old work order, the whole new one to who has none, and to whom it is none of his any
    more that it is called off."""
    house, had = deciding.house, newest_by_way(order)
    stays = first.number == order.dispatcher
    for wanted in work_orders(view, order.token, first, deadline, house):
        known = had.pop((wanted.channel, wanted.recipient), None)
        yield replace(wanted, order=as_known(view, known))
    for way, one in had.items():  # a fallback, a former dispatcher or area
        yield changed_for(view, order, one, deadline, house) if stays else called_off(view, order, way, deadline, house)


def newest_by_way(order: KnownOrder) -> dict[tuple[Channel, str], Handed]:
    """What may have left of the order's work orders last, by channel and recipient."""
    left = (h for h in order.handed if h.may_be_had and h.purpose is not Purpose.WORK_ORDER_REST)
    return {(h.channel, h.recipient): h for h in sorted(left, key=lambda h: h.revision)}


def as_known(view: OrderView, known: Handed | None) -> OrderView:
    """The order to somebody who knows that of it: what changed for him, or the whole where he knows nothing else."""
    before = known.tells if known else None
    return replace(view, before=before if before != view.content else None)


def changed_for(view: OrderView, order: KnownOrder, one: Handed, deadline: datetime, house: House) -> Wanted:
    """The change to somebody beside the first recipient who has the old work order."""
    return Wanted(
        one.purpose, one.channel, one.recipient, house.language_of(one.recipient), work_order_cause(view), deadline,
        order=as_known(view, one), token=order.token,
    )  # fmt: skip


def called_off(view: OrderView, order: KnownOrder, at: tuple[Channel, str], deadline: datetime, house: House) -> Wanted:
    """The withdrawal of a work order that somebody has."""
    channel, recipient = at
    return Wanted(
        Purpose.CANCELLATION, channel, recipient, house.language_of(recipient), work_order_cause(view), deadline,
        order=replace(view, before=None), token=order.token,
    )  # fmt: skip


def changed_on_the_way(by: Amendment, deciding: Deciding) -> Decision:
    """The new revision of an order whose goods are with us: to who has them, as a notice."""
    order, house = by.order, deciding.house
    view = replace(view_of(order, house), revision=order.revision + 1, content=by.judged.content, before=order.content)
    change = Change(
        order, order.state, by.judged.content, by.judged.problems, fingerprint(by.judged.content), order.area,
        order.dispatcher, None, None, order.confirmed_at, order.pickup_by, order.questions, by.judged.assessment,
    )  # fmt: skip
    keeper = looks_after(order, house, deciding.now)
    told = notice("changed", order, keeper, work_order_cause(view), (house, deciding.now)) if keeper else None
    due = duties(Happening.AMENDED, view, order.dispatcher, deciding.now, house)
    return Decision(
        MessageState.APPLIED,
        f"order {order.serial} changed",
        changes=(change,),
        events=(EventDraft("amended", by.who, order.serial, {"revision": view.revision}),),
        wanted=(replace(told, order=view),) if told else (),
        ends=due.end,
        retimed=due.retimed,
        reviews=() if keeper else ((order.serial, f"change_letter:{order.serial}"),),
    )


# --- from the pickup on -----------------------------------------------------------------------------------------------


def changed_by_letter(case: Case, who: Who, deciding: Deciding, order: KnownOrder) -> Decision:
    """A change letter: a person's decision, who is told where its sender is not entitled to it; where consignee,
    address or money would change, the shipper is called back first (domain.md §4)."""
    assert who.customer is not None
    entitled = who.customer.entitled
    if entitled and case.reading.sender not in entitled:
        return in_review(f"not_entitled:{order.serial}", case, deciding, order)
    held = in_review(f"change_letter:{order.serial}", case, deciding, order)
    if not any(touches_money_or_place(order.content, new) for new in case.reading.orders):
        return held
    said = EventDraft("call", "ingestd", order.serial, {"reason": CALL_BACK})
    return replace(held, calls=(call_to_shipper(order, CALL_BACK),), events=(*held.events, said))


CALL_BACK = "change_letter_call_back"


def touches_money_or_place(old: OrderReading, new: OrderReading) -> bool:
    """Whether what is said of an order is another consignee, place, sum or payer."""
    return any(
        said not in (None, (), before)
        for before, said in (
            (old.consignee.name, new.consignee.name),
            (old.consignee.company, new.consignee.company),
            (old.consignee.phones, new.consignee.phones),
            (old.consignee.address, new.consignee.address),
            (old.destination, new.destination),
            (old.cod, new.cod),
            (old.freight, new.freight),
            (old.payment, new.payment),
        )
    )
