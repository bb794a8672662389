"""Reviews: what waits for a person, and which of it has waited too long."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, and_, bindparam, insert, select, tuple_, update

from ingestd.domain.decision import EventDraft, OverdueReview
from ingestd.domain.sending import SendingDraft
from ingestd.store.orders import write_events
from ingestd.store.schema import call_task, message, orders, review
from ingestd.store.sendings import write_sendings


class ReviewState(StrEnum):
    """Whether a review still waits."""

    OPEN = "open"
    CLOSED = "closed"


UNREMINDED = and_(review.c.state == ReviewState.OPEN, review.c.reminded_at.is_(None))
REMINDED = "chased.review_due"  # the event of its order

OVERDUE = (
    select(review, orders.c.serial, message.c.sender)
    .outerjoin(orders, orders.c.id == review.c.order_id)
    .outerjoin(message, message.c.id == review.c.message_id)
    .where(UNREMINDED, review.c.due_at <= bindparam("now"))
    .order_by(review.c.due_at, review.c.id)
    .limit(bindparam("most"))
)


def write_reviews(
    connection: Connection, rows: Sequence[tuple[int | None, int | None, str]], now: datetime, due_at: datetime | None
) -> None:
    """Open a review for each: (message id, order id, reason); a person is to decide until `due_at`."""
    if rows:
        values = [
            {
                "message_id": m,
                "order_id": o,
                "reason": why[:400],
                "opened_at": now,
                "state": ReviewState.OPEN,
                "due_at": due_at,
            }
            for m, o, why in rows
        ]
        connection.execute(insert(review), values)


def supersede_reviews(connection: Connection, order_ids: Sequence[int], now: datetime) -> None:
    """A new revision was judged anew as a whole: what was asked of a person about the old ones is settled by it."""
    if order_ids:
        before = update(review).where(review.c.order_id.in_(list(order_ids)), review.c.state == ReviewState.OPEN)
        connection.execute(before.values(state=ReviewState.CLOSED, closed_at=now, closed_by="ingestd"))


def settle_reviews(connection: Connection, matters: Sequence[tuple[int, str]], now: datetime) -> None:
    """Nobody need look at these any more: (order id, reason)."""
    if matters:
        about = tuple_(review.c.order_id, review.c.reason).in_(list(matters))
        over = update(review).where(about, review.c.state == ReviewState.OPEN)
        connection.execute(over.values(state=ReviewState.CLOSED, closed_at=now, closed_by="ingestd"))


def overdue_reviews(connection: Connection, now: datetime, limit: int = 500) -> list[OverdueReview]:
    """Open reviews and calls that are past their time and nobody was reminded of yet, the oldest first."""
    rows = connection.execute(OVERDUE, {"now": now, "most": limit}).mappings()
    found = [
        OverdueReview(
            r["id"],
            r["order_id"],
            r["serial"],
            r["message_id"],
            r["sender"] or "",
            r["reason"],
            r["opened_at"],
            r["due_at"],
        )
        for r in rows
    ]
    return sorted([*found, *overdue_calls(connection, now)], key=lambda one: one.due_at)


def overdue_calls(connection: Connection, now: datetime) -> Iterator[OverdueReview]:
    """Calls that are past their time and nobody was reminded of yet."""
    waiting = call_task.c.done_at.is_(None) & call_task.c.reminded_at.is_(None) & (call_task.c.due_at <= now)
    rows = select(call_task, orders.c.serial).outerjoin(orders, orders.c.id == call_task.c.order_id).where(waiting)
    for r in connection.execute(rows).mappings():
        whom = f"{r['name']} {r['phone']}".strip()
        yield OverdueReview(
            None, r["order_id"], r["serial"], None, whom, r["reason"], r["opened_at"], r["due_at"], r["id"]
        )


def write_reminders(
    connection: Connection, overdue: Sequence[OverdueReview], drafts: Sequence[SendingDraft], now: datetime
) -> None:
    """Write the letters that remind of these, and that it was done: nobody is reminded of one twice."""
    write_sendings(connection, [(None, None, draft) for draft in drafts], now)
    told = update(review).where(review.c.id.in_([r.review_id for r in overdue if r.review_id]), UNREMINDED)
    connection.execute(told.values(reminded_at=now))
    calls = update(call_task).where(call_task.c.id.in_([r.call_id for r in overdue if r.call_id]))
    connection.execute(calls.values(reminded_at=now))
    said = [(r.order_id, r.message_id, None, EventDraft(REMINDED, "ingestd", r.serial)) for r in overdue]
    write_events(connection, said, now)
