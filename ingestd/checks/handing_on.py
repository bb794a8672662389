"""An order that its recipient does not take: to who is next on duty (domain.md §4). Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from ingestd.checks.deciding import Deciding
from ingestd.checks.dispatch import to_person, view_of
from ingestd.checks.following import duties
from ingestd.checks.roster import next_on_duty
from ingestd.config.tables import Staff
from ingestd.domain.decision import CallDraft, Change, Decision, EventDraft, KnownOrder
from ingestd.domain.message import MessageState
from ingestd.domain.order import TO_BE_PICKED_UP, Happening, OrderState
from ingestd.domain.sending import Purpose

UNWANTED = "declined"
Said = tuple[str, str | None, datetime]  # who declines, why, and when that came


def handed_on(order: KnownOrder, numbers: frozenset[str], said: Said, deciding: Deciding) -> Decision:
    """The work order to who is next on duty beside those who decline it (staff numbers); a person decides where nobody
    is left."""
    who, why, since = said
    line = EventDraft("report.declined", who, order.serial, {"note": why} if why else None)
    if order.state not in TO_BE_PICKED_UP or order.dispatcher not in numbers:
        reviews = ((order.serial, f"report:{UNWANTED}"),)
        return Decision(MessageState.REVIEW, f"report {UNWANTED}", events=(line,), reviews=reviews)
    area = deciding.house.areas.get(order.area)
    following = next_on_duty(area, deciding.house, deciding.now, had(order, numbers, deciding)) if area else None
    if following is None:
        return nobody_left(order, line, deciding)
    return given_to(order, following, line, since, deciding)


def had(order: KnownOrder, numbers: frozenset[str], deciding: Deciding) -> set[str]:
    """The staff numbers of all who had it, or decline it now."""
    recipients = {one.recipient for one in order.handed if one.purpose is not Purpose.WORK_ORDER_COPY}
    return {s.number for s in deciding.house.tables.staff if {s.email, s.phone} & recipients} | numbers


def given_to(order: KnownOrder, to: Staff, line: EventDraft, since: datetime, deciding: Deciding) -> Decision:
    """The order in somebody else's hands, whose promise begins now."""
    house, now = deciding.house, deciding.now
    view = replace(view_of(order, house), driver=None)  # whoever was to fetch it does not
    due = duties(Happening.CONFIRMED, view, to.number, now, house)
    change = Change(order, OrderState.CONFIRMED, dispatcher=to.number, clock_start=since, given=True)
    return Decision(
        MessageState.APPLIED,
        f"order {order.serial} handed on",
        changes=(change,),
        events=(line, EventDraft("reassigned", "ingestd", order.serial, {"to": to.number})),
        wanted=tuple(to_person(view, order.token, to, since + house.promise, house)),
        follow_ups=due.begin,
        ends=due.end,
        retimed=due.retimed,
    )


def nobody_left(order: KnownOrder, line: EventDraft, deciding: Deciding) -> Decision:
    """Nobody else may take it: the desk decides, and the operations manager is phoned."""
    house, reason = deciding.house, f"nobody_takes:{order.serial}"
    manager = house.numbers.get(house.tables.operations_manager or "")
    called = (CallDraft(order.serial, manager.name, manager.phone or "", reason),) if manager else ()
    reviews = ((order.serial, reason),)
    return Decision(MessageState.REVIEW, f"report {UNWANTED}", events=(line,), reviews=reviews, calls=called)
