"""An order that its recipient does not take: to who is next on duty (domain.md §4). Pure."""

from __future__ import annotations

from dataclasses import replace

from ingestd.checks.deciding import Deciding, in_review
from ingestd.checks.dispatch import to_person, view_of
from ingestd.checks.following import duties
from ingestd.checks.roster import next_on_duty
from ingestd.checks.senders import Who
from ingestd.config.tables import Staff
from ingestd.domain.decision import CallDraft, Case, Change, Decision, EventDraft, KnownOrder
from ingestd.domain.message import MessageState
from ingestd.domain.order import TO_BE_PICKED_UP, Happening, OrderState
from ingestd.domain.reading import Details

UNWANTED = "declined"


def handed_on(order: KnownOrder, details: Details, by: tuple[Case, Who], deciding: Deciding) -> Decision:
    """The work order to who is next on duty; where nobody is left, a person's decision, and a call."""
    case, who = by
    assert who.staff is not None
    said = EventDraft("report.declined", who.name, order.serial, {"note": details.reason} if details.reason else None)
    if order.state not in TO_BE_PICKED_UP or order.dispatcher != deciding.house.entrusted_to(who.staff):
        held = in_review(f"report:{UNWANTED}", case, deciding, order)
        return replace(held, events=(*held.events, said))
    area = deciding.house.areas.get(order.area)
    following = next_on_duty(area, deciding.house, deciding.now, had(order, who.staff, deciding)) if area else None
    if following is None:
        return nobody_left(order, said, case, deciding)
    return given_to(order, following, said, case, deciding)


def had(order: KnownOrder, who: Staff, deciding: Deciding) -> set[str]:
    """The staff numbers of all who had it, or declined it now."""
    recipients = {one.recipient for one in order.handed}
    had_it = {s.number for s in deciding.house.tables.staff if {s.email, s.phone} & recipients}
    return had_it | {who.number, order.dispatcher or who.number}


def given_to(order: KnownOrder, to: Staff, said: EventDraft, case: Case, deciding: Deciding) -> Decision:
    """The order in somebody else's hands, whose promise begins now."""
    house, now = deciding.house, deciding.now
    view = view_of(order, house)
    due = duties(Happening.CONFIRMED, view, to.number, now, house)
    change = Change(
        order, OrderState.CONFIRMED, dispatcher=to.number, clock_start=case.facts.arrived_at, entrusted_at=now
    )
    return Decision(
        MessageState.APPLIED,
        f"order {order.serial} handed on",
        case.reading.sent_at,
        changes=(change,),
        events=(said, EventDraft("reassigned", "ingestd", order.serial, {"to": to.number})),
        wanted=tuple(to_person(view, order.token, to, case.facts.arrived_at + house.promise, house)),
        follow_ups=due.begin,
        ends=due.end,
        retimed=due.retimed,
    )


def nobody_left(order: KnownOrder, said: EventDraft, case: Case, deciding: Deciding) -> Decision:
    """Nobody else may take it: the desk decides, and the operations manager is phoned."""
    house = deciding.house
    held = in_review(f"nobody_takes:{order.serial}", case, deciding, order)
    manager = house.numbers.get(house.tables.operations_manager or "")
    called = (
        (CallDraft(order.serial, manager.name, manager.phone or "", f"nobody_takes:{order.serial}"),) if manager else ()
    )
    return replace(held, events=(*held.events, said), calls=called)
