"""Orders and their revisions as decisions write them; `known_orders.py` has what a decision needs to know."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Executable, and_, bindparam, delete, insert, null, select, update

from ingestd.domain.decision import Change, Decision, EventDraft, NewOrder
from ingestd.domain.message import MessageState
from ingestd.domain.order import CARRIED, UNSETTLED, OrderState, may_move
from ingestd.domain.reading import OrderReading, Reading
from ingestd.domain.sending import Purpose
from ingestd.store.known_orders import ASSESSMENT, CONTENT, DRIVER, PROBLEMS
from ingestd.store.many import Many
from ingestd.store.schema import event, message, order_reference, orders, revision, sending


class OrderMovedOnError(Exception):
    """An order is no longer as it was when the decision was made; decide again."""

    permanent = False


INSERT_ORDERS, INSERT_REVISIONS, INSERT_EVENTS = Many(insert(orders)), Many(insert(revision)), Many(insert(event))
INSERT_NAMES = Many(insert(order_reference))
IDS_BY_SERIAL = select(orders.c.serial, orders.c.id).where(orders.c.serial.in_(bindparam("serials", expanding=True)))


def ids_by_serial(connection: Connection, serials: Iterable[str]) -> dict[str, int]:
    """The ids of orders."""
    return {row[0]: row[1] for row in connection.execute(IDS_BY_SERIAL, {"serials": list(serials)})}


def write_orders(connection: Connection, new: Sequence[tuple[int | None, NewOrder]]) -> dict[str, int]:
    """Write new orders with their first revisions, each with the message that made it, if any; ids by serial."""
    if not new:
        return {}
    INSERT_ORDERS.run(connection, [order_row(o) for _, o in new])
    ids = ids_by_serial(connection, [o.serial for _, o in new])
    first = [revision_row(ids[o.serial], 1, m, o) for m, o in new]
    INSERT_REVISIONS.run(connection, first)
    write_names(connection, [(ids[o.serial], o.content) for _, o in new])
    return ids


def write_names(connection: Connection, contents: Sequence[tuple[int, OrderReading]]) -> None:
    """Keep what customers call their orders, by id."""
    rows = [{"order_id": order_id, "value": name} for order_id, content in contents for name in sorted(content.called)]
    INSERT_NAMES.run(connection, rows)


def order_row(order: NewOrder) -> dict[str, Any]:
    """A new order as a row."""
    return {
        "serial": order.serial,
        "state": order.state,
        "customer": order.customer,
        "contact_channel": order.contact_channel,
        "contact": order.contact,
        "language": order.language,
        "area": order.area,
        "dispatcher": order.dispatcher,
        "token": order.token,
        "order_time": order.order_time.at,
        "order_time_source": order.order_time.source,
        "claimed_at": order.order_time.claimed_at,
        "arrived_at": order.order_time.arrived_at,
        "clock_start": order.clock_start,
        "confirmed_at": order.confirmed_at,
        "pickup_by": order.pickup_by,
        "revision": 1,
        "questions": order.questions,
        "fingerprint": order.fingerprint,
        "kin_id": order.kin,
    }


def revision_row(order_id: int, number: int, message_id: int | None, made: NewOrder | Change) -> dict[str, Any]:
    """A revision as a row."""
    assert made.content is not None
    return {
        "order_id": order_id,
        "number": number,
        "message_id": message_id,
        "json": CONTENT.dump_json(made.content).decode(),
        "problems": PROBLEMS.dump_json(made.problems).decode(),
        "assessment": ASSESSMENT.dump_json(made.assessment).decode(),
    }


def write_change(connection: Connection, message_id: int | None, change: Change) -> None:
    """Move an order, with a new revision where there is one; raises OrderMovedOnError where it is not as it was.

    Raises ValueError for a move that the table of moves does not have.
    """
    order = change.order
    if not may_move(order.state, change.state):
        raise ValueError(f"order {order.serial} does not go from {order.state} to {change.state}")
    as_it_was = and_(
        orders.c.id == order.order_id,
        orders.c.revision == order.revision,
        orders.c.state == order.state,
        orders.c.given == order.given,
    )
    given = {"given": order.given + is_given(change)}
    if connection.execute(update(orders).where(as_it_was).values(changed_values(change) | given)).rowcount != 1:
        raise OrderMovedOnError(f"order {order.serial} is no longer {order.state} at revision {order.revision}")
    if change.content is not None:
        INSERT_REVISIONS.run(connection, [revision_row(order.order_id, order.revision + 1, message_id, change)])
        if change.content.called != order.content.called:
            connection.execute(delete(order_reference).where(order_reference.c.order_id == order.order_id))
            write_names(connection, [(order.order_id, change.content)])


def is_given(change: Change) -> bool:
    """Whether somebody gets the order by this, for the first time or anew: what was sent of it before is outdated.

    It is counted, for no clock tells what is newer.
    """
    return change.given or (change.state is OrderState.CONFIRMED and change.order.state in UNSETTLED)


LIFE = ("deliver_by", "released_at")  # columns that a change sets where it knows them


def changed_values(change: Change) -> dict[str, Any]:
    """The columns of an order that a change sets."""
    values: dict[str, Any] = {"state": change.state}
    if change.content is not None:
        values |= revised_values(change)
    elif change.confirmed_at is not None:
        names = ("area", "dispatcher", "clock_start", "confirmed_at", "pickup_by")
        values |= {name: getattr(change, name) for name in names}
    elif change.questions:
        values["questions"] = change.questions
    elif change.kin is not None:
        values["kin_id"] = change.kin
    elif change.dispatcher is not None:
        values |= {"dispatcher": change.dispatcher, "clock_start": change.clock_start}
    values |= {name: getattr(change, name) for name in LIFE if getattr(change, name) is not None}
    if change.depot:
        values["depot"] = change.depot
    if change.driver is not None:
        values["driver"] = DRIVER.dump_json(change.driver).decode()
    elif change.dispatcher not in (None, change.order.dispatcher):
        values["driver"] = None  # he was to come for somebody else
    if change.state is OrderState.CONFIRMED:  # its work order, or the change of it, is on the way (again)
        values["dispatched_at"] = None
    return values


def revised_values(change: Change) -> dict[str, Any]:
    """The columns of an order that a new revision sets."""
    values: dict[str, Any] = {
        "revision": change.order.revision + 1,
        "fingerprint": change.fingerprint,
        "area": change.area,
        "dispatcher": change.dispatcher,
        "confirmed_at": change.confirmed_at,
        "pickup_by": change.pickup_by,
        "questions": change.questions,
    }
    if change.state not in CARRIED:  # what was dispatched in time stays so
        values["clock_start"] = change.clock_start
    if change.order_time:
        when = change.order_time
        values |= {
            "order_time": when.at,
            "order_time_source": when.source,
            "claimed_at": when.claimed_at,
            "arrived_at": when.arrived_at,
        }
    return values


MOVED = "moved"  # the event of an order that is in another state now


def moves(changes: Iterable[Change], events: Sequence[EventDraft]) -> list[tuple[int, EventDraft]]:
    """The lines of the tracking record for the moves among changes, by order id, each by whom what is said names."""
    said = {event.serial: event.who for event in reversed(events)}
    return [
        (c.order.order_id, moved(c.order.state, c.state, said.get(c.order.serial, "ingestd"), c.order.serial))
        for c in changes
        if c.state is not c.order.state
    ]


def moved(before: OrderState, after: OrderState, who: str = "ingestd", serial: str | None = None) -> EventDraft:
    """The line of the tracking record for one move."""
    return EventDraft(MOVED, who, serial, {"from": str(before), "to": str(after)})


def write_events(
    connection: Connection, rows: Sequence[tuple[int | None, int | None, str | None, EventDraft]], now: datetime
) -> None:
    """Append to the tracking record: (order id, message id, channel, what happened)."""
    if rows:
        values = [
            {
                "order_id": order_id,
                "message_id": message_id,
                "at": now,
                "who": draft.who,
                "channel": channel,
                "kind": draft.kind,
                "json": json.dumps(draft.data or {}, ensure_ascii=False),
            }
            for order_id, message_id, channel, draft in rows
        ]
        INSERT_EVENTS.run(connection, values)


SETTLE = Many(
    update(message)
    .where(message.c.id == bindparam("b_id"), message.c.state == MessageState.STORED)
    .values(
        {
            "state": bindparam("b_state"),
            "reason": bindparam("b_reason"),
            "claimed_at": bindparam("b_claimed_at"),
            "duplicate_of": bindparam("b_duplicate_of"),
            "sender": bindparam("b_sender"),
            "mail_id": bindparam("b_mail_id"),
            "owner": null(),
            "lease_until": null(),
        }
    )
)


def settle_messages(connection: Connection, decided: Sequence[tuple[int, Decision, Reading]]) -> bool:
    """Give stored messages their final states; False where one of them is settled already."""
    rows = [
        {
            "b_id": message_id,
            "b_state": decision.state,
            "b_reason": decision.reason[:400],
            "b_claimed_at": decision.claimed_at,
            "b_duplicate_of": decision.duplicate_of,
            "b_sender": (reading.sender or "")[:320] or None,
            "b_mail_id": (reading.envelope.message_id or "")[:998] or None,
        }
        for message_id, decision, reading in decided
    ]
    return SETTLE.run(connection, rows) == len(rows)


@dataclass(frozen=True, slots=True)
class Dispatched:
    """An order that is dispatched just now, with the start of its clock."""

    serial: str
    clock_start: datetime | None


def current() -> ColumnElement[bool]:
    """Whether a sending is of what its order's present dispatcher was given, not of a former content or recipient."""
    return sending.c.given == orders.c.given


def dispatched_statement() -> Executable:
    """Confirmed orders among `ids` whose work order each of its channels has accepted, for whomever, are dispatched.

    A text message that waits for the dispatcher's duty keeps no order from it.
    """
    other = sending.alias()
    theirs = (sending.c.order_id == orders.c.id) & (sending.c.purpose == Purpose.WORK_ORDER) & current()
    accepted = (
        (other.c.order_id == orders.c.id)
        & (other.c.purpose == Purpose.WORK_ORDER)
        & (other.c.state == "accepted")
        & (other.c.given == orders.c.given)
    )
    waits = (sending.c.state == "due") & (sending.c.attempts == 0) & (sending.c.next_at > bindparam("b_now"))
    missing = theirs & sending.c.state.not_in(("accepted", "withdrawn")) & ~waits
    reached = select(other.c.id).where(accepted).exists()
    same_channel = select(other.c.id).where(accepted, other.c.channel == sending.c.channel).exists()
    unreached = select(sending.c.id).where(missing, ~same_channel).exists()
    ready = update(orders).where(
        orders.c.state == OrderState.CONFIRMED, orders.c.id.in_(bindparam("ids", expanding=True)), ~unreached, reached
    )
    moved_on = ready.values(state=OrderState.DISPATCHED, dispatched_at=bindparam("b_now"))
    return moved_on.returning(orders.c.id, orders.c.serial, orders.c.clock_start)


DISPATCHED = dispatched_statement()


def mark_dispatched(connection: Connection, order_ids: Sequence[int], now: datetime) -> list[Dispatched]:
    """Orders whose work order has reached its channels move on; which these are."""
    if not order_ids:
        return []
    rows = connection.execute(DISPATCHED, {"ids": list(order_ids), "b_now": now}).all()
    line = moved(OrderState.CONFIRMED, OrderState.DISPATCHED)
    write_events(connection, [(row.id, None, None, line) for row in rows], now)
    return [Dispatched(row.serial, row.clock_start) for row in rows]


def reopen_dispatched(connection: Connection, order_ids: Sequence[int], now: datetime) -> None:
    """Orders whose work order came back wait for dispatch again, unless the dispatcher has answered."""
    again = update(orders).where(orders.c.id.in_(list(order_ids)), orders.c.state == OrderState.DISPATCHED)
    opened = again.values(state=OrderState.CONFIRMED, dispatched_at=null()).returning(orders.c.id)
    line = moved(OrderState.DISPATCHED, OrderState.CONFIRMED)
    write_events(connection, [(i, None, None, line) for i in connection.execute(opened).scalars().all()], now)
