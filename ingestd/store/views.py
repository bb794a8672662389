"""What people look at: queries of the command line, and the few moves that a person asks for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, Select, func, select

from ingestd.domain.message import MessageState
from ingestd.domain.sending import Purpose, SendingState
from ingestd.store.schema import event, follow_up, message, orders, review, revision, sending
from ingestd.store.sendings import ON_THE_WAY, WAITS, move


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits, and since when."""

    unread: int
    oldest_unread_at: datetime | None
    due: int
    oldest_due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Passage:
    """How long an order took from the start of its clock until its work order was accepted."""

    serial: str
    clock_start: datetime
    dispatched_at: datetime | None


def backlog(connection: Connection, now: datetime) -> Backlog:
    """Messages that nobody decided on, and sendings on their way."""
    unread = select(func.count(), func.min(message.c.arrived_at)).where(message.c.state == MessageState.STORED)
    due = select(func.count(), func.min(sending.c.created_at)).where(sending.c.state.in_(ON_THE_WAY), ~WAITS)
    messages, arrived_at = connection.execute(unread).one()
    sendings, created_at = connection.execute(due, {"now": now}).one()
    return Backlog(messages, arrived_at, sendings, created_at)


def passages_since(connection: Connection, since: datetime) -> list[Passage]:
    """Orders whose clock started since then, the oldest first; those of shadow mode never leave and don't count."""
    shadowed = (
        select(sending.c.id)
        .where(
            sending.c.order_id == orders.c.id,
            sending.c.purpose == Purpose.WORK_ORDER,
            sending.c.state == SendingState.SHADOW,
        )
        .exists()
    )
    started = select(orders.c.serial, orders.c.clock_start, orders.c.dispatched_at)
    rows = connection.execute(started.where(orders.c.clock_start >= since, ~shadowed).order_by(orders.c.clock_start))
    return [Passage(*row) for row in rows]


def orders_ending(connection: Connection, digits: str, limit: int = 20) -> list[RowMapping]:
    """The order with this serial, else those whose serials end so, the newest first."""
    whole = connection.execute(select(orders).where(orders.c.serial == digits)).mappings().all()
    if whole:
        return list(whole)
    ending = select(orders).where(orders.c.serial.endswith(digits, autoescape=True))
    return list(connection.execute(ending.order_by(orders.c.id.desc()).limit(limit)).mappings())


def orders_between(connection: Connection, begins: datetime, ends: datetime) -> list[RowMapping]:
    """The orders that came in within a span, the first one first."""
    within = select(orders).where(orders.c.arrived_at >= begins, orders.c.arrived_at < ends)
    return list(connection.execute(within.order_by(orders.c.id)).mappings())


def messages_by_id(connection: Connection, ids: Iterable[int]) -> dict[int, RowMapping]:
    """Messages without their bytes."""
    wanted = list(ids)
    rows = connection.execute(select(message).where(message.c.id.in_(wanted))).mappings() if wanted else ()
    return {row["id"]: row for row in rows}


def sendings_with_serials() -> Select[tuple[object, ...]]:
    """Sendings with the serials of their orders."""
    return select(sending, orders.c.serial).outerjoin(orders, orders.c.id == sending.c.order_id)


def sendings_listed(connection: Connection, states: Sequence[str], limit: int) -> list[RowMapping]:
    """Sendings in these states (all where none is named), the newest first."""
    rows = sendings_with_serials().order_by(sending.c.id.desc()).limit(limit)
    return list(connection.execute(rows.where(sending.c.state.in_(list(states))) if states else rows).mappings())


def sendings_by_id(connection: Connection, ids: Sequence[int]) -> dict[int, RowMapping]:
    """Sendings with the serials of their orders, without their bytes."""
    rows = connection.execute(sendings_with_serials().where(sending.c.id.in_(list(ids)))).mappings()
    return {row["id"]: row for row in rows}


def hold_these(connection: Connection, ids: Sequence[int], now: datetime) -> list[int]:
    """Keep due sendings back; the ids of those that were due."""
    return move(connection, ids, (SendingState.DUE, SendingState.HELD), "held by a person", now)


def release_these(connection: Connection, ids: Sequence[int], now: datetime) -> list[int]:
    """Let held sendings go; the ids of those that were held."""
    return move(connection, ids, (SendingState.HELD, SendingState.DUE), "released by a person", now)


def reviews_listed(connection: Connection, limit: int) -> list[RowMapping]:
    """What waits for a person, the oldest first, with the order and the message it is about."""
    waiting = (
        select(review, orders.c.serial, message.c.sender, message.c.channel, message.c.arrived_at)
        .outerjoin(orders, orders.c.id == review.c.order_id)
        .outerjoin(message, message.c.id == review.c.message_id)
        .where(review.c.state == "open")
    )
    return list(connection.execute(waiting.order_by(review.c.id).limit(limit)).mappings())


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
