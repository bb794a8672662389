"""Acts of agents: written like decisions, but for the message that none of them has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, func, insert, select, update

from ingestd.domain.decision import Decision
from ingestd.domain.message import MessageState
from ingestd.domain.order import OrderState
from ingestd.domain.reading import Channel
from ingestd.domain.sending import SendingDraft
from ingestd.store.decisions import Writing
from ingestd.store.desk import reviews_of
from ingestd.store.follow_ups import FollowUpState, end_follow_ups, write_follow_ups
from ingestd.store.orders import ids_by_serial, write_change, write_events, write_orders
from ingestd.store.reviews import ReviewState, write_reviews
from ingestd.store.schema import call_task, message, message_raw, review, revision
from ingestd.store.sendings import write_sendings


@dataclass(frozen=True, slots=True)
class CallDraft:
    """Somebody to be phoned."""

    name: str
    phone: str
    reason: str
    due_at: datetime


def write_act(
    connection: Connection,
    who: str,
    decision: Decision,
    drafts: Sequence[tuple[str | None, SendingDraft]],
    writing: Writing,
) -> None:
    """Write an act whole, or nothing: raises OrderMovedOnError where an order is no longer as it was."""
    now = writing.now
    for change in decision.changes:
        write_change(connection, None, change)
    new = write_orders(connection, [(None, order) for order in decision.new_orders])
    named = {e.serial for e in decision.events} | {s for s, _ in drafts} | {s for s, _ in decision.reviews}
    ids = new | ids_by_serial(connection, [s for s in named if s and s not in new])
    write_events(connection, [(ids.get(e.serial or ""), None, None, e) for e in decision.events], now)
    write_sendings(connection, [(ids.get(serial or ""), None, draft) for serial, draft in drafts], now)
    state = FollowUpState.SHADOW if writing.shadow else FollowUpState.DUE
    rows = [(ids[f.serial], f.kind, f.occurrence, f.due_at) for f in decision.follow_ups]
    write_follow_ups(connection, rows, state)
    end_follow_ups(connection, [(ids[serial], kind) for serial, kind in decision.ends], now)
    settles = decision.state is MessageState.APPLIED
    settled = [c.order.order_id for c in decision.changes if settles or c.state == OrderState.CANCELLED]
    close_reviews_of(connection, settled, who, now)
    due_at = writing.checking.due(now) if writing.checking else None
    write_reviews(connection, [(None, ids.get(s or ""), why) for s, why in decision.reviews], now, due_at)


# --- reviews ----------------------------------------------------------------------------------------------------------


def close_reviews_of(connection: Connection, order_ids: Sequence[int], who: str, now: datetime) -> None:
    """What was asked of a person about these orders is settled by somebody."""
    if order_ids:
        theirs = update(review).where(review.c.order_id.in_(list(order_ids)), review.c.state == ReviewState.OPEN)
        connection.execute(theirs.values(state=ReviewState.CLOSED, closed_at=now, closed_by=who))


def close_reviews(connection: Connection, review_ids: Sequence[int], who: str, now: datetime) -> list[int]:
    """Close these; the ids of those that were open."""
    theirs = update(review).where(review.c.id.in_(list(review_ids)), review.c.state == ReviewState.OPEN)
    closed = theirs.values(state=ReviewState.CLOSED, closed_at=now, closed_by=who).returning(review.c.id)
    return list(connection.execute(closed).scalars())


def assign_reviews(connection: Connection, review_ids: Sequence[int], number: str) -> list[int]:
    """Put open reviews into one person's hands; the ids of those that were open."""
    theirs = update(review).where(review.c.id.in_(list(review_ids)), review.c.state == ReviewState.OPEN)
    return list(connection.execute(theirs.values(assigned_to=number).returning(review.c.id)).scalars())


def assigned(connection: Connection, handle: str, serial: str | None, number: str) -> bool:
    """Put what waits behind a handle into one person's hands; False where nothing of it does."""
    if handle.startswith("c"):
        return assign_call(connection, int(handle[1:]), number)
    return bool(assign_reviews(connection, reviews_of(connection, handle, serial), number))


# --- calls ------------------------------------------------------------------------------------------------------------


def write_call(connection: Connection, order_id: int | None, call: CallDraft, who: str, now: datetime) -> int:
    """Write that somebody is to be phoned; its id."""
    values = {
        "order_id": order_id, "name": call.name[:200], "phone": call.phone[:40], "reason": call.reason[:400],
        "opened_at": now, "opened_by": who, "due_at": call.due_at,
    }  # fmt: skip
    connection.execute(insert(call_task).values(values))
    newest = connection.execute(select(func.max(call_task.c.id)).where(call_task.c.opened_by == who)).scalar_one()
    return int(newest)


def call_of(connection: Connection, call_id: int) -> RowMapping | None:
    """One call task."""
    return connection.execute(select(call_task).where(call_task.c.id == call_id)).mappings().one_or_none()


def call_done(connection: Connection, call_id: int, who: str, outcome: str, now: datetime) -> bool:
    """Write who called and what came of it; False where somebody had done it already."""
    open_one = update(call_task).where(call_task.c.id == call_id, call_task.c.done_at.is_(None))
    done = open_one.values(done_at=now, done_by=who, outcome=outcome[:400])
    return connection.execute(done).rowcount == 1


def assign_call(connection: Connection, call_id: int, number: str) -> bool:
    """Put an open call into one person's hands; False where it is done already."""
    open_one = update(call_task).where(call_task.c.id == call_id, call_task.c.done_at.is_(None))
    return connection.execute(open_one.values(assigned_to=number)).rowcount == 1


# --- what an act needs to know ----------------------------------------------------------------------------------------


def mails_of(connection: Connection, order_ids: Sequence[int]) -> dict[int, list[bytes]]:
    """The bytes of the mails that orders came from, by order, each order's first mail first."""
    made = (
        select(revision.c.order_id, message_raw.c.bytes)
        .join_from(revision, message, message.c.id == revision.c.message_id)
        .join(message_raw, message_raw.c.message_id == message.c.id)
        .where(revision.c.order_id.in_(list(order_ids)), message.c.channel == Channel.EMAIL)
        .order_by(revision.c.order_id, revision.c.number)
    )
    out: dict[int, list[bytes]] = {}
    for order_id, raw in connection.execute(made) if order_ids else ():
        out.setdefault(order_id, []).append(raw)
    return out


def newest_message_of(connection: Connection, order_id: int) -> int | None:
    """The message that the newest revision by a message came from."""
    made = select(revision.c.message_id).where(revision.c.order_id == order_id, revision.c.message_id.is_not(None))
    return connection.execute(made.order_by(revision.c.number.desc()).limit(1)).scalar_one_or_none()
