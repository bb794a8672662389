"""Calls: whom the desk is to phone and why, made by agents and by the rules."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, RowMapping, insert, select, tuple_, update

from ingestd.config.follow_up import CALLED_FOR
from ingestd.domain.decision import CallDraft
from ingestd.store.schema import call_task, orders

NOT_MADE = call_task.c.done_at.is_(None)
NEEDLESS = "ingestd"  # by whom a call is done that nobody made, as what it was for has happened


def write_calls(
    connection: Connection, calls: Sequence[tuple[int, CallDraft]], who: str, at: tuple[datetime, datetime]
) -> list[int]:
    """Write whom to phone about which order (by its id), now and until when; ids of the calls.

    A call that waits already, to the same number about the same of the same order, is not written twice.
    """
    return [write_call(connection, order_id, call, who, at) for order_id, call in calls]


def write_call(connection: Connection, order_id: int, call: CallDraft, who: str, at: tuple[datetime, datetime]) -> int:
    """One of them; its id."""
    same = (call_task.c.order_id == order_id) & (call_task.c.phone == call.phone) & (call_task.c.reason == call.reason)
    waiting = connection.execute(select(call_task.c.id).where(same, NOT_MADE)).scalars().first()
    if waiting is not None:
        return int(waiting)
    values = {
        "order_id": order_id, "name": call.name[:200], "phone": call.phone[:40], "reason": call.reason[:400],
        "opened_at": at[0], "opened_by": who, "due_at": at[1],
    }  # fmt: skip
    written = connection.execute(insert(call_task).values(values).returning(call_task.c.id))
    return int(written.scalar_one())


def write_calls_of_chases(
    connection: Connection, calls: Sequence[tuple[int, CallDraft]], at: tuple[datetime, datetime]
) -> None:
    """Write whom to phone for follow-ups, now and until when: one call a person, also where another one waits.

    Of a person who is to be phoned for a follow-up already no second call is written, whichever order it is about.
    """
    if not calls:
        return
    same = call_task.c.reason.like(f"{CALLED_FOR}%") & call_task.c.phone.in_([call.phone for _, call in calls])
    waiting = set(connection.execute(select(call_task.c.phone).where(same, NOT_MADE)).scalars())
    write_calls(connection, [(o, call) for o, call in calls if call.phone not in waiting], "ingestd", at)


def settle_calls(connection: Connection, matters: Sequence[tuple[int, str]], now: datetime) -> None:
    """Nobody need be phoned about these any more: (order id, reason); what it was for has happened."""
    if matters:
        about = tuple_(call_task.c.order_id, call_task.c.reason).in_(list(matters))
        connection.execute(update(call_task).where(about, NOT_MADE).values(done_at=now, done_by=NEEDLESS))


def call_of(connection: Connection, call_id: int) -> RowMapping | None:
    """One call, with the serial of its order."""
    found = select(call_task, orders.c.serial).outerjoin(orders, orders.c.id == call_task.c.order_id)
    return connection.execute(found.where(call_task.c.id == call_id)).mappings().one_or_none()


def calls_of(connection: Connection, order_id: int) -> list[RowMapping]:
    """All calls about an order, made or not."""
    rows = select(call_task).where(call_task.c.order_id == order_id).order_by(call_task.c.id)
    return list(connection.execute(rows).mappings())


def calls_to_make(connection: Connection) -> list[RowMapping]:
    """All calls that nobody has made, the oldest first, each with the serial of its order."""
    rows = select(call_task, orders.c.serial).outerjoin(orders, orders.c.id == call_task.c.order_id)
    return list(connection.execute(rows.where(NOT_MADE).order_by(call_task.c.id)).mappings())


def call_done(connection: Connection, call_id: int, who: str, outcome: str, now: datetime) -> bool:
    """Write who called and what came of it; False where somebody had done it already."""
    made = update(call_task).where(call_task.c.id == call_id, NOT_MADE)
    return connection.execute(made.values(done_at=now, done_by=who, outcome=outcome[:400])).rowcount == 1


def assign_call(connection: Connection, call_id: int, number: str) -> bool:
    """Put a call into one person's hands; False where it is made already."""
    waiting = update(call_task).where(call_task.c.id == call_id, NOT_MADE)
    return connection.execute(waiting.values(assigned_to=number)).rowcount == 1
