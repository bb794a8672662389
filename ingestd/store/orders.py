"""Orders and their revisions: what a decision needs to know of them, and what it writes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import (
    ColumnElement,
    Connection,
    Executable,
    RowMapping,
    bindparam,
    delete,
    func,
    insert,
    null,
    select,
    update,
)

from ingestd.domain.assessment import Assessment
from ingestd.domain.decision import Change, Decision, EarlierMail, EventDraft, KnownOrder, NewOrder
from ingestd.domain.message import MessageState
from ingestd.domain.order import UNSETTLED, OrderState, OrderTime
from ingestd.domain.reading import Channel, OrderReading, Problem, Reading
from ingestd.domain.sending import Purpose
from ingestd.store.many import Many
from ingestd.store.schema import event, follow_up, message, order_reference, orders, review, revision, sending

CONTENT: TypeAdapter[OrderReading] = TypeAdapter(OrderReading)
ASSESSMENT: TypeAdapter[Assessment] = TypeAdapter(Assessment)
PROBLEMS: TypeAdapter[tuple[Problem, ...]] = TypeAdapter(tuple[Problem, ...])
ENTRUSTED = (OrderState.CONFIRMED, OrderState.DISPATCHED, OrderState.TAKEN)


class OrderMovedOnError(Exception):
    """An order is no longer as it was when the decision was made; decide again."""

    permanent = False


# --- what is known ----------------------------------------------------------------------------------------------------


def known_orders(connection: Connection, which: ColumnElement[bool]) -> list[KnownOrder]:
    """Orders with their newest revision, oldest first."""
    newest = (revision.c.order_id == orders.c.id) & (revision.c.number == orders.c.revision)
    found = (
        select(
            orders,
            revision.c.json,
            revision.c.problems,
            revision.c.assessment,
            message.c.arrived_at.label("last_arrived_at"),
            message.c.position,
        )
        .join(revision, newest)
        .outerjoin(message, message.c.id == revision.c.message_id)
        .where(which)
        .order_by(orders.c.id)
    )
    return [known_order(row) for row in connection.execute(found).mappings()]


def known_order(row: RowMapping) -> KnownOrder:
    """A joined row as a value."""
    return KnownOrder(
        order_id=row["id"],
        serial=row["serial"],
        state=OrderState(row["state"]),
        customer=row["customer"],
        contact_channel=Channel(row["contact_channel"]),
        contact=row["contact"],
        language="en" if row["language"] == "en" else "zh",
        area=row["area"],
        dispatcher=row["dispatcher"],
        token=row["token"],
        order_time=OrderTime(row["order_time"], row["order_time_source"], "", row["claimed_at"], row["arrived_at"]),
        confirmed_at=row["confirmed_at"],
        pickup_by=row["pickup_by"],
        revision=row["revision"],
        questions=row["questions"],
        content=CONTENT.validate_json(row["json"]),
        problems=PROBLEMS.validate_json(row["problems"]),
        last_message_arrived_at=row["last_arrived_at"] or row["arrived_at"],
        last_message_position=row["position"] or 0,
        assessment=ASSESSMENT.validate_json(row["assessment"]),
    )


def orders_by_serial(connection: Connection, serials: Iterable[str]) -> list[KnownOrder]:
    """The orders with these serials."""
    wanted = list(serials)
    return known_orders(connection, orders.c.serial.in_(wanted)) if wanted else []


def orders_by_token(connection: Connection, tokens: Iterable[str]) -> list[KnownOrder]:
    """The orders with these subject tokens."""
    wanted = list(tokens)
    return known_orders(connection, orders.c.token.in_(wanted)) if wanted else []


def unsettled_of(connection: Connection, customers: Iterable[str]) -> list[KnownOrder]:
    """These customers' orders that are not confirmed yet."""
    wanted = list(customers)
    return known_orders(connection, orders.c.customer.in_(wanted) & orders.c.state.in_(UNSETTLED)) if wanted else []


def entrusted_to(connection: Connection, dispatchers: Iterable[str]) -> list[KnownOrder]:
    """The orders under way that these dispatchers got, by staff number."""
    wanted = list(dispatchers)
    return known_orders(connection, orders.c.dispatcher.in_(wanted) & orders.c.state.in_(ENTRUSTED)) if wanted else []


def lately_of(connection: Connection, customers: Iterable[str], since: datetime) -> list[KnownOrder]:
    """These customers' orders that came in since then and were neither refused nor called off."""
    wanted = list(customers)
    ended = (OrderState.CANCELLED, OrderState.REFUSED)
    lately = orders.c.customer.in_(wanted) & (orders.c.arrived_at >= since) & orders.c.state.not_in(ended)
    return known_orders(connection, lately) if wanted else []


def confirmed_counts(connection: Connection, customers: Iterable[str]) -> dict[str, int]:
    """How many orders of these customers were confirmed so far."""
    wanted = list(customers)
    if not wanted:
        return {}
    counted = select(orders.c.customer, func.count()).where(
        orders.c.customer.in_(wanted), orders.c.confirmed_at.is_not(None)
    )
    return {row[0]: row[1] for row in connection.execute(counted.group_by(orders.c.customer))}


TWINS = select(orders.c.id).where(
    orders.c.customer.in_(bindparam("customers", expanding=True)),
    orders.c.fingerprint.in_(bindparam("prints", expanding=True)),
    orders.c.arrived_at >= bindparam("since"),
    orders.c.state != OrderState.CANCELLED,
)


def twins_of(connection: Connection, fingerprints: Iterable[tuple[str, str]], since: datetime) -> list[KnownOrder]:
    """Orders of the same (customer, fingerprint) that came in since then."""
    wanted = list(fingerprints)
    if not wanted:
        return []
    like = {"customers": [c for c, _ in wanted], "prints": [f for _, f in wanted], "since": since}
    ids = list(connection.execute(TWINS, like).scalars())
    return known_orders(connection, orders.c.id.in_(ids)) if ids else []


NAMESAKES = (
    select(orders.c.id)
    .join(order_reference)
    .where(
        orders.c.customer.in_(bindparam("customers", expanding=True)),
        order_reference.c.value.in_(bindparam("names", expanding=True)),
        orders.c.arrived_at >= bindparam("since"),
        orders.c.state.not_in((OrderState.CANCELLED, OrderState.REFUSED)),
    )
)


def namesakes_of(connection: Connection, names: Iterable[tuple[str, str]], since: datetime) -> list[KnownOrder]:
    """Orders of the same (customer, what he calls it) that came in since then and were neither refused nor called off;
    perhaps of another of these customers, too."""
    wanted = list(names)
    if not wanted:
        return []
    like = {"customers": [c for c, _ in wanted], "names": [n for _, n in wanted], "since": since}
    ids = set(connection.execute(NAMESAKES, like).scalars())
    return known_orders(connection, orders.c.id.in_(ids)) if ids else []


def serials_of_mails(connection: Connection, keys: Iterable[str], mail_ids: Iterable[str]) -> dict[str, set[str]]:
    """Serials by the left part of a Message-ID of ours, or by the Message-ID of a mail that made or changed them."""
    out: dict[str, set[str]] = {}
    if ours := list(keys):
        sent = (
            select(sending.c.key, orders.c.serial)
            .join(orders, orders.c.id == sending.c.order_id)
            .where(sending.c.key.in_(ours))
        )
        for key, serial in connection.execute(sent):
            out.setdefault(key, set()).add(serial)
    if theirs := list(mail_ids):
        made = (
            select(message.c.mail_id, orders.c.serial)
            .select_from(message.join(revision, revision.c.message_id == message.c.id))
            .join(orders)
        )
        for mail_id, serial in connection.execute(made.where(message.c.mail_id.in_(theirs))):
            out.setdefault(mail_id, set()).add(serial)
    return out


def bounced_keys(connection: Connection, keys: Iterable[str]) -> set[str]:
    """Those keys that are sendings of ours."""
    wanted = list(keys)
    return (
        set(connection.execute(select(sending.c.key).where(sending.c.key.in_(wanted))).scalars()) if wanted else set()
    )


EARLIER = (
    select(message)
    .where(
        message.c.core_hash.in_(bindparam("cores", expanding=True))
        | message.c.mail_id.in_(bindparam("mail_ids", expanding=True)),
        message.c.state.in_((MessageState.APPLIED, MessageState.REVIEW)),
        message.c.channel == Channel.EMAIL,
    )
    .order_by(message.c.id)
)


def earlier_mails(connection: Connection, mail_ids: Iterable[str], core_hashes: Iterable[str]) -> list[EarlierMail]:
    """Decided messages with one of these Message-IDs or cores, oldest first, with the serials of what they made."""
    same = {"cores": list(core_hashes), "mail_ids": list(mail_ids)}
    rows = connection.execute(EARLIER, same).mappings().all()
    if not rows:
        return []
    made = (
        select(revision.c.message_id, orders.c.serial)
        .join(orders)
        .where(revision.c.message_id.in_([r["id"] for r in rows]))
    )
    serials: dict[int, list[str]] = {}
    for message_id, serial in connection.execute(made):
        serials.setdefault(message_id, []).append(serial)
    return [
        EarlierMail(
            r["id"],
            r["mail_id"],
            r["core_hash"],
            r["sender"],
            r["arrived_at"],
            MessageState(r["state"]),
            tuple(serials.get(r["id"], ())),
            r["reason"] or "",
        )
        for r in rows
    ]


# --- what is written --------------------------------------------------------------------------------------------------


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
    """Move an order, with a new revision where there is one; raises OrderMovedOnError where it is not as it was."""
    order = change.order
    as_it_was = (
        (orders.c.id == order.order_id) & (orders.c.revision == order.revision) & (orders.c.state == order.state)
    )
    values: dict[str, Any] = {"state": change.state}
    if change.content is not None:
        values |= revised_values(change)
    elif change.confirmed_at is not None:
        values |= {n: getattr(change, n) for n in ("area", "dispatcher", "clock_start", "confirmed_at", "pickup_by")}
    elif change.questions:
        values["questions"] = change.questions
    elif change.kin is not None:
        values["kin_id"] = change.kin
    if connection.execute(update(orders).where(as_it_was).values(values)).rowcount != 1:
        raise OrderMovedOnError(f"order {order.serial} is no longer {order.state} at revision {order.revision}")
    if change.content is not None:
        INSERT_REVISIONS.run(connection, [revision_row(order.order_id, order.revision + 1, message_id, change)])
        if change.content.called != order.content.called:
            connection.execute(delete(order_reference).where(order_reference.c.order_id == order.order_id))
            write_names(connection, [(order.order_id, change.content)])


def revised_values(change: Change) -> dict[str, Any]:
    """The columns of an order that a new revision sets."""
    values: dict[str, Any] = {
        "revision": change.order.revision + 1,
        "fingerprint": change.fingerprint,
        "area": change.area,
        "dispatcher": change.dispatcher,
        "clock_start": change.clock_start,
        "confirmed_at": change.confirmed_at,
        "pickup_by": change.pickup_by,
        "questions": change.questions,
    }
    if change.order_time:
        when = change.order_time
        values |= {
            "order_time": when.at,
            "order_time_source": when.source,
            "claimed_at": when.claimed_at,
            "arrived_at": when.arrived_at,
        }
    return values


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


def dispatched_statement() -> Executable:
    """Confirmed orders among `ids` whose work order each of its channels has accepted, for whomever, are dispatched.

    A text message that waits for the dispatcher's duty keeps no order from it.
    """
    other = sending.alias()
    theirs = (sending.c.order_id == orders.c.id) & (sending.c.purpose == Purpose.WORK_ORDER)
    accepted = (
        (other.c.order_id == orders.c.id) & (other.c.purpose == Purpose.WORK_ORDER) & (other.c.state == "accepted")
    )
    waits = (sending.c.state == "due") & (sending.c.attempts == 0) & (sending.c.next_at > bindparam("b_now"))
    missing = theirs & sending.c.state.not_in(("accepted", "withdrawn")) & ~waits
    reached = select(other.c.id).where(accepted).exists()
    same_channel = select(other.c.id).where(accepted, other.c.channel == sending.c.channel).exists()
    unreached = select(sending.c.id).where(missing, ~same_channel).exists()
    ready = update(orders).where(
        orders.c.state == OrderState.CONFIRMED, orders.c.id.in_(bindparam("ids", expanding=True)), ~unreached, reached
    )
    moved = ready.values(state=OrderState.DISPATCHED, dispatched_at=bindparam("b_now"))
    return moved.returning(orders.c.serial, orders.c.clock_start)


DISPATCHED = dispatched_statement()


def mark_dispatched(connection: Connection, order_ids: Sequence[int], now: datetime) -> list[Dispatched]:
    """Orders whose work order has reached its channels move on; which these are."""
    if not order_ids:
        return []
    return [Dispatched(*row) for row in connection.execute(DISPATCHED, {"ids": list(order_ids), "b_now": now})]


def reopen_dispatched(connection: Connection, order_ids: Sequence[int]) -> None:
    """Orders whose work order came back wait for dispatch again, unless the dispatcher has answered."""
    again = update(orders).where(orders.c.id.in_(list(order_ids)), orders.c.state == OrderState.DISPATCHED)
    connection.execute(again.values(state=OrderState.CONFIRMED, dispatched_at=null()))


def order_counts(connection: Connection) -> dict[str, int]:
    """How many orders are in each state."""
    return {row[0]: row[1] for row in connection.execute(select(orders.c.state, func.count()).group_by(orders.c.state))}


def listed_orders(connection: Connection, limit: int, state: str | None = None) -> list[RowMapping]:
    """The newest orders."""
    listed = select(orders).order_by(orders.c.id.desc()).limit(limit)
    return list(connection.execute(listed.where(orders.c.state == state) if state else listed).mappings())


def story(connection: Connection, order_id: int) -> dict[str, list[RowMapping]]:
    """Everything recorded on an order: events, sendings, follow-ups, reviews, revisions."""
    tables = {"events": event, "sendings": sending, "follow_ups": follow_up, "reviews": review}
    out = {
        name: list(
            connection.execute(select(table).where(table.c.order_id == order_id).order_by(table.c.id)).mappings()
        )
        for name, table in tables.items()
    }
    numbered = select(revision).where(revision.c.order_id == order_id).order_by(revision.c.number)
    return out | {"revisions": list(connection.execute(numbered).mappings())}
