"""What waits at the desk: open reviews, refusals nobody looked at, questions nobody answered, calls to make."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, Select, and_, func, or_, select

from ingestd.domain.order import OrderState
from ingestd.domain.sending import Purpose
from ingestd.store.reviews import ReviewState
from ingestd.store.schema import call_task, event, message, orders, review, sending

QUESTIONS = (Purpose.QUESTION, Purpose.CONFIRMATION_REQUEST)
AGENTS = "agent %"  # who, in the tracking record


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing that needs a person; `handle` is what acts on it name."""

    kind: str  # review, refused, unanswered, call
    handle: str  # a serial, m12 for a message, c3 for a call
    serial: str | None
    message_id: int | None
    whose: str  # customer, sender, or who is to be called
    reason: str  # codes; a person's words for a call
    since: datetime
    due_at: datetime | None
    assigned_to: str | None
    state: str | None = None  # of the order


Answerable = Callable[[datetime], datetime]  # until when a question of that moment may stay unanswered


def waiting(connection: Connection, answerable: Answerable, now: datetime) -> list[Waiting]:
    """All that needs a person, most urgent first."""
    rows = [
        *reviewed(connection),
        *refused(connection),
        *(w for w in unanswered(connection, answerable) if w.assigned_to or (w.due_at and w.due_at <= now)),
        *calls(connection),
    ]
    return sorted(rows, key=lambda w: (w.due_at or w.since, w.since, w.handle))


def reviewed(connection: Connection) -> Iterator[Waiting]:
    """Open reviews, those of one order or message as one."""
    rows = (
        select(
            review,
            orders.c.serial,
            orders.c.customer,
            orders.c.state.label("order_state"),
            orders.c.assigned_to.label("order_with"),
            message.c.sender,
        )
        .outerjoin(orders, orders.c.id == review.c.order_id)
        .outerjoin(message, message.c.id == review.c.message_id)
        .where(review.c.state == ReviewState.OPEN)
        .order_by(review.c.id)
    )
    together: dict[str, list[RowMapping]] = {}
    for row in connection.execute(rows).mappings():
        handle = row["serial"] or (f"m{row['message_id']}" if row["message_id"] else f"r{row['id']}")
        together.setdefault(handle, []).append(row)
    for handle, found in together.items():
        first = found[0]
        dues = [row["due_at"] for row in found if row["due_at"]]
        yield Waiting(
            "review", handle, first["serial"], first["message_id"], first["customer"] or first["sender"] or "",
            "; ".join(dict.fromkeys(row["reason"] for row in found)), first["opened_at"],
            min(dues) if dues else None,
            next((row["assigned_to"] for row in found if row["assigned_to"]), first["order_with"]),
            first["order_state"],
        )  # fmt: skip


def refused(connection: Connection) -> Iterator[Waiting]:
    """Orders that the checks refused and no agent has looked at since; giving one to somebody is no look at it."""
    act = event.alias()
    by_agent = act.c.who.like(AGENTS) & (act.c.kind != "assigned")
    looked_at = select(act.c.id).where(act.c.order_id == orders.c.id, by_agent).exists()
    since = func.max(event.c.at)
    rows = (
        select(orders.c.serial, orders.c.customer, orders.c.assigned_to, since.label("since"))
        .join(event, and_(event.c.order_id == orders.c.id, event.c.kind == "refused"))
        .where(orders.c.state == OrderState.REFUSED, ~looked_at)
        .group_by(orders.c.serial, orders.c.customer, orders.c.assigned_to)
    )
    for row in connection.execute(rows).mappings():
        yield Waiting(
            "refused", row["serial"], row["serial"], None, row["customer"], "refused", moment_of(row["since"]),
            None, row["assigned_to"], OrderState.REFUSED,
        )  # fmt: skip


def unanswered(connection: Connection, answerable: Answerable) -> Iterator[Waiting]:
    """Orders whose shipper was asked, or asked to confirm, and has not answered."""
    asked_at = func.max(sending.c.created_at)
    rows: Select[tuple[object, ...]] = (
        select(orders.c.serial, orders.c.customer, orders.c.state, orders.c.assigned_to, asked_at.label("since"))
        .join(sending, and_(sending.c.order_id == orders.c.id, sending.c.purpose.in_(QUESTIONS)))
        .where(or_(orders.c.state == OrderState.ASKED, orders.c.state == OrderState.OFFERED))
        .group_by(orders.c.serial, orders.c.customer, orders.c.state, orders.c.assigned_to)
    )
    for row in connection.execute(rows).mappings():
        since = moment_of(row["since"])
        yield Waiting(
            "unanswered", row["serial"], row["serial"], None, row["customer"], "unanswered", since,
            answerable(since), row["assigned_to"], row["state"],
        )  # fmt: skip


def calls(connection: Connection) -> Iterator[Waiting]:
    """Calls that nobody has made."""
    rows = select(call_task, orders.c.serial).outerjoin(orders, orders.c.id == call_task.c.order_id)
    for row in connection.execute(rows.where(call_task.c.done_at.is_(None))).mappings():
        yield Waiting(
            "call", f"c{row['id']}", row["serial"], None, f"{row['name']} {row['phone']}".strip(), row["reason"],
            row["opened_at"], row["due_at"], row["assigned_to"],
        )  # fmt: skip


def moment_of(value: datetime | str) -> datetime:
    """A moment that a function of the database gave: SQLite gives back its text."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def reviews_of(connection: Connection, handle: str, serial: str | None) -> list[int]:
    """The ids of the open reviews behind a handle."""
    rows = select(review.c.id).where(review.c.state == ReviewState.OPEN)
    if serial:
        rows = rows.join(orders, orders.c.id == review.c.order_id).where(orders.c.serial == serial)
    elif handle.startswith("m"):
        rows = rows.where(review.c.message_id == int(handle[1:]), review.c.order_id.is_(None))
    else:
        rows = rows.where(review.c.id == int(handle[1:]))
    return list(connection.execute(rows).scalars())
