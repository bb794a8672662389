"""The books of the store: everything that came in came to an end or has a next step; what has neither is a discrepancy.

Each entry of CHECKS is one statement over a whole table, so that the books of a year take one look.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Executable,
    FromClause,
    Select,
    TextClause,
    and_,
    bindparam,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
)

from ingestd.domain.message import MessageState
from ingestd.domain.order import TO_BE_PICKED_UP, OrderState
from ingestd.domain.sending import TO_SHIPPERS, Purpose, SendingState
from ingestd.store.messages import message_counts
from ingestd.store.schema import (
    DOUBTFUL,
    DUE,
    LEASED,
    OPEN,
    STORED,
    Instant,
    alarm,
    call_task,
    event,
    follow_up,
    message,
    message_raw,
    orders,
    review,
    revision,
    sending,
    sending_body,
)
from ingestd.store.sendings import GIVEN_UP, held, sending_counts
from ingestd.store.views import order_counts

OVERDUE_AFTER = timedelta(minutes=10)  # what should long have been done by the clock and was not
QUESTIONS = (Purpose.QUESTION, Purpose.CONFIRMATION_REQUEST)
SETTLED_BY_NOBODY = and_(review.c.state == "closed", review.c.closed_by.not_like("agent %"))


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """Something that does not add up: what kind, of which row or mail, since when."""

    kind: str  # a code of the command line's words
    what: str  # as in "message 12", "order 221001", "sending 17"
    since: datetime | None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Books:
    """How much there is, and what of it does not add up."""

    messages: Mapping[str, int]
    orders: Mapping[str, int]
    sendings: Mapping[str, int]
    discrepancies: tuple[Discrepancy, ...]


SINCE, LATE = (bindparam(name, type_=Instant()) for name in ("since", "late"))


# --- messages ---------------------------------------------------------------------------------------------------------

STATE = message.c.state


def of_message(since: ColumnElement[datetime], *wrong: ColumnElement[bool] | TextClause) -> Executable:
    """Messages that are wrong in some way, of those that were stored since then."""
    return select(named("message", message.c.id), since).where(message.c.stored_at >= SINCE, *wrong)


def named(noun: str, what: ColumnElement[object] | Column[object]) -> ColumnElement[str]:
    """A row's name for people: its noun and its number or serial."""
    return (literal(f"{noun} ") + cast(what, orders.c.serial.type)).label("what")


def has(table: FromClause, *fits: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a row of that table fits."""
    return exists(select(literal(1)).select_from(table).where(*fits))


def alarmed(noun: str) -> Select[Any]:
    """The numbers of those about which there is, or was, an alarm; asked once, not for each."""
    number = cast(func.substr(alarm.c.part, len(noun) + 2), BigInteger)
    return select(number).where(alarm.c.part.like(f"{noun} %"))


# --- all checks -------------------------------------------------------------------------------------------------------

MADE = or_(has(event, event.c.message_id == message.c.id), has(revision, revision.c.message_id == message.c.id))
FIRST = message.alias()
SENT_FOR_IT = and_(
    sending.c.order_id == orders.c.id,
    sending.c.purpose == Purpose.WORK_ORDER,
    sending.c.cause == literal("order:") + orders.c.serial + "/" + cast(orders.c.revision, orders.c.serial.type),
)
ASKED = and_(sending.c.order_id == orders.c.id, sending.c.purpose.in_(QUESTIONS))
AT_DESK = and_(review.c.order_id == orders.c.id, ~SETTLED_BY_NOBODY)
CALLED = call_task.c.order_id == orders.c.id
OTHER = sending.alias()
INSTEAD = and_(  # the fallback, or another channel
    OTHER.c.order_id == sending.c.order_id,
    OTHER.c.purpose == Purpose.WORK_ORDER,
    OTHER.c.id != sending.c.id,
    OTHER.c.state.not_in((*GIVEN_UP, SendingState.WITHDRAWN)),
)
TOLD_LATE = and_(alarm.c.kind == "late", or_(alarm.c.cleared_at.is_(None), alarm.c.cleared_at >= sending.c.created_at))
TOLD = or_(
    sending.c.id.in_(alarmed("sending")),
    and_(
        sending.c.purpose.in_(TO_SHIPPERS),
        or_(
            has(call_task, call_task.c.order_id == sending.c.order_id),
            has(review, review.c.message_id == sending.c.message_id),
        ),
    ),
    and_(sending.c.purpose == Purpose.WORK_ORDER, or_(has(OTHER, INSTEAD), has(alarm, TOLD_LATE))),
)

OF_MESSAGES = {
    "message_waits": of_message(message.c.stored_at, STORED, message.c.stored_at < LATE),
    "message_without_bytes": of_message(
        message.c.stored_at, STATE != MessageState.BASELINE, ~has(message_raw, message_raw.c.message_id == message.c.id)
    ),
    "message_applied_to_nothing": of_message(
        message.c.stored_at, STATE == MessageState.APPLIED, message.c.reason != "a bounce", ~MADE
    ),
    "message_nobody_decides": of_message(
        message.c.stored_at, STATE == MessageState.REVIEW, ~has(review, review.c.message_id == message.c.id)
    ),
    "message_copy_of_nothing": of_message(
        message.c.stored_at, STATE == MessageState.DUPLICATE, ~has(FIRST, FIRST.c.id == message.c.duplicate_of)
    ),
    "message_nobody_told": of_message(
        message.c.stored_at, STATE == MessageState.QUARANTINED, message.c.id.not_in(alarmed("message"))
    ),
    "message_unexplained": of_message(
        message.c.stored_at,
        STATE.in_((MessageState.IGNORED, MessageState.QUARANTINED)),
        func.coalesce(message.c.reason, "") == "",
    ),
}


def of_order(*wrong: ColumnElement[bool] | TextClause) -> Executable:
    """Orders that are wrong in some way, of those that came in since then."""
    return select(named("order", orders.c.serial), orders.c.arrived_at).where(orders.c.arrived_at >= SINCE, *wrong)


OF_ORDERS = {
    "order_without_work_order": of_order(
        orders.c.state.in_(TO_BE_PICKED_UP), ~has(sending, SENT_FOR_IT), ~has(call_task, CALLED)
    ),
    "order_dispatched_to_nobody": of_order(
        orders.c.state == OrderState.DISPATCHED,
        has(sending, SENT_FOR_IT),
        ~has(sending, SENT_FOR_IT, sending.c.state == SendingState.ACCEPTED),
    ),
    "order_nobody_asked": of_order(
        orders.c.state.in_((OrderState.ASKED, OrderState.OFFERED)),
        ~has(sending, ASKED),
        ~has(review, AT_DESK),
        ~has(call_task, CALLED),
    ),
    "order_nobody_decides": of_order(
        orders.c.state == OrderState.REVIEW, ~has(review, AT_DESK), ~has(call_task, CALLED)
    ),
    "order_not_followed": of_order(
        orders.c.state.in_(TO_BE_PICKED_UP),
        orders.c.dispatcher.is_not(None),
        ~has(follow_up, follow_up.c.order_id == orders.c.id),
    ),
}


def of_sending(since: ColumnElement[datetime], *wrong: ColumnElement[bool] | TextClause) -> Executable:
    """Sendings that are wrong in some way, of those that were made since then."""
    return select(named("sending", sending.c.id), since).where(sending.c.created_at >= SINCE, *wrong)


BODY = sending_body.c.sending_id == sending.c.id
OF_SENDINGS = {
    "sending_waits": of_sending(sending.c.next_at, or_(DUE, DOUBTFUL), sending.c.next_at < LATE),
    "sending_left_lying": of_sending(sending.c.lease_until, LEASED, sending.c.lease_until < LATE),
    "sending_without_bytes": of_sending(sending.c.created_at, ~has(sending_body, BODY)),
    "sending_accepted_never": of_sending(
        sending.c.created_at, sending.c.state == SendingState.ACCEPTED, sending.c.accepted_at.is_(None)
    ),
    "sending_nobody_told": of_sending(
        sending.c.changed_at, sending.c.state.in_(GIVEN_UP), sending.c.changed_at < LATE, ~TOLD
    ),
}
OF_TIMES = {
    "follow_up_waits": select(named("follow_up", follow_up.c.id), follow_up.c.due_at).where(
        DUE, follow_up.c.due_at < LATE
    ),
    "review_nobody_reminded": select(named("review", review.c.id), review.c.due_at).where(
        review.c.state == "open", review.c.reminded_at.is_(None), review.c.due_at < LATE
    ),
    "alarm_nobody_told": select(named("alarm", alarm.c.id), alarm.c.opened_at).where(
        OPEN, alarm.c.told_at.is_(None), alarm.c.opened_at < LATE
    ),
}
CHECKS = {**OF_MESSAGES, **OF_ORDERS, **OF_SENDINGS, **OF_TIMES}
WHILE_HELD = ("sending_waits",)  # a person wants it so


def discrepancies(connection: Connection, now: datetime, since: datetime) -> Iterator[Discrepancy]:
    """What does not add up among messages, orders and sendings since then, and among what is due by now."""
    waits = WHILE_HELD if held(connection) else ()
    moments = {"late": now - OVERDUE_AFTER, "since": since}
    for kind, statement in CHECKS.items():
        if kind not in waits:
            for what, began in connection.execute(statement, moments):
                yield Discrepancy(kind, what, began)


def books(connection: Connection, now: datetime, since: datetime) -> Books:
    """The books as they stand."""
    found = tuple(discrepancies(connection, now, since))
    return Books(message_counts(connection), order_counts(connection), sending_counts(connection), found)
