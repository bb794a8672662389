"""What the daemon's database says of one message: how it was read, what was decided, what went out for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection, RowMapping, func, select

from ingestd.domain.reading import OrderReading, Problem, Reading
from ingestd.domain.sending import SendingState
from ingestd.store.database import Database
from ingestd.store.decisions import reading_of
from ingestd.store.known_orders import CONTENT, PROBLEMS
from ingestd.store.schema import event, message, orders, revision, sending, sending_body

Value = TypeVar("Value")
UNSETTLED = (SendingState.DUE, SendingState.SENDING, SendingState.UNCERTAIN)


@dataclass(frozen=True, slots=True)
class SentOut:
    """A sending with its bytes."""

    key: str
    purpose: str
    cause: str
    channel: str
    recipient: str
    state: str
    accepted_at: datetime | None
    body: bytes


@dataclass(frozen=True, slots=True)
class OrderSeen:
    """An order as it stands after the message."""

    serial: str
    state: str
    area: str
    clock_start: datetime | None
    dispatched_at: datetime | None
    pickup_by: datetime | None
    content: OrderReading
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class MessageSeen:
    """A message and all that came of it."""

    message_id: int
    channel: str
    sender: str
    size: int  # bytes
    arrived_at: datetime
    state: str
    reason: str
    reading: Reading | None
    events: tuple[str, ...]  # kinds, in their order
    decided_at: datetime | None
    orders: tuple[OrderSeen, ...]
    sendings: tuple[SentOut, ...]

    @property
    def at_rest(self) -> bool:
        """Whether it is decided on and everything for it has left."""
        return self.state != "stored" and not any(s.state in UNSETTLED for s in self.sendings)


class Records:
    """The demo's way to the daemon's database."""

    def __init__(self, url: str) -> None:
        self.database = Database(url)

    def last_message_id(self) -> int:
        """The newest message's id, 0 where there is none."""
        return self.look(lambda c: c.execute(select(func.max(message.c.id))).scalar_one()) or 0

    def message_after(self, message_id: int) -> MessageSeen | None:
        """The first message stored after that one, as it stands now."""
        return self.look(lambda c: seen(c, message_id))

    def sendings(self) -> list[SentOut]:
        """Everything that there is in the outbox."""
        return self.look(sent_out)

    def look(self, at: Callable[[Connection], Value]) -> Value:
        """One moment of the database."""
        with self.database.read() as connection:
            return at(connection)


def seen(connection: Connection, after: int) -> MessageSeen | None:
    """The first message after that id."""
    message_id = connection.execute(select(func.min(message.c.id)).where(message.c.id > after)).scalar_one()
    if message_id is None:
        return None
    row = connection.execute(select(message).where(message.c.id == message_id)).mappings().one()
    events = connection.execute(select(event).where(event.c.message_id == message_id).order_by(event.c.id)).mappings()
    told = [e for e in events if not e["kind"].startswith("sending.")]
    return MessageSeen(
        message_id=message_id,
        channel=row["channel"],
        sender=row["sender"] or "",
        size=row["size"],
        arrived_at=row["arrived_at"],
        state=row["state"],
        reason=row["reason"] or "",
        reading=reading_of(connection, message_id),
        events=tuple(e["kind"] for e in told),
        decided_at=told[0]["at"] if told else None,
        orders=tuple(orders_seen(connection, {e["order_id"] for e in told if e["order_id"]})),
        sendings=tuple(sent_out(connection, message_id)),
    )


def orders_seen(connection: Connection, ids: set[int]) -> list[OrderSeen]:
    """These orders with their newest content."""
    newest = orders.join(revision, (revision.c.order_id == orders.c.id) & (revision.c.number == orders.c.revision))
    columns = (orders, revision.c.json, revision.c.problems)
    rows = connection.execute(select(*columns).select_from(newest).where(orders.c.id.in_(ids)).order_by(orders.c.id))
    return [order_seen(row) for row in rows.mappings()]


def order_seen(row: RowMapping) -> OrderSeen:
    """An order's row as a value."""
    return OrderSeen(
        serial=row["serial"],
        state=row["state"],
        area=row["area"],
        clock_start=row["clock_start"],
        dispatched_at=row["dispatched_at"],
        pickup_by=row["pickup_by"],
        content=CONTENT.validate_json(row["json"]),
        problems=PROBLEMS.validate_json(row["problems"]),
    )


def sent_out(connection: Connection, message_id: int | None = None) -> list[SentOut]:
    """The sendings that a message caused, or all of them, in the order in which they left."""
    rows = select(sending, sending_body.c.bytes).join(sending_body).order_by(sending.c.accepted_at, sending.c.id)
    wanted = rows if message_id is None else rows.where(sending.c.message_id == message_id)
    return [
        SentOut(
            key=row["key"],
            purpose=row["purpose"],
            cause=row["cause"],
            channel=row["channel"],
            recipient=row["recipient"],
            state=row["state"],
            accepted_at=row["accepted_at"],
            body=row["bytes"],
        )
        for row in connection.execute(wanted).mappings()
    ]
