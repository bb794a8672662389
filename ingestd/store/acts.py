"""Acts of agents: written like decisions, but for the message that none of them has."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select, update

from ingestd.domain.decision import Decision
from ingestd.domain.message import MessageState
from ingestd.domain.order import UNSETTLED, OrderState
from ingestd.domain.reading import Channel
from ingestd.domain.sending import SendingDraft
from ingestd.store.calls import assign_call, settle_calls, write_calls
from ingestd.store.decisions import Writing, is_over
from ingestd.store.desk import AGENTS, reviews_of
from ingestd.store.follow_ups import FollowUpState, end_follow_ups, retime_follow_ups, write_follow_ups
from ingestd.store.orders import ids_by_serial, moves, write_change, write_events, write_orders
from ingestd.store.reviews import ReviewState, settle_reviews, write_reviews
from ingestd.store.schema import event, message, message_raw, orders, review, revision
from ingestd.store.sendings import write_sendings
from ingestd.store.superseded import withdraw


def write_act(
    connection: Connection,
    who: str,
    decision: Decision,
    drafts: Sequence[tuple[str | None, SendingDraft]],
    writing: Writing,
) -> None:
    """Write an act whole, or nothing: raises OrderMovedOnError where an order is no longer as it was."""
    now = writing.now
    withdraw(connection, decision.withdrawn, now)
    for change in decision.changes:
        write_change(connection, None, change)
    new = write_orders(connection, [(None, order) for order in decision.new_orders])
    named = {e.serial for e in decision.events} | {s for s, _ in drafts} | {s for s, _ in decision.reviews}
    named |= {call.serial for call in decision.calls}
    ids = new | ids_by_serial(connection, [s for s in named if s and s not in new])
    said = [(ids.get(e.serial or ""), None, None, e) for e in decision.events]
    said += [(i, None, None, line) for i, line in moves(decision.changes, decision.events)]
    write_events(connection, said, now)
    write_sendings(connection, [(ids.get(serial or ""), None, draft) for serial, draft in drafts], now)
    state = FollowUpState.SHADOW if writing.shadow else FollowUpState.DUE
    rows = [(ids[f.serial], f.kind, f.occurrence, f.due_at) for f in decision.follow_ups]
    write_follow_ups(connection, rows, state)
    end_follow_ups(connection, [(ids[serial], kind) for serial, kind in decision.ends], now)
    matters = [(ids[serial], reason) for serial, reason in decision.settles]
    settle_reviews(connection, matters, now)
    settle_calls(connection, matters, now)
    retime_follow_ups(connection, [(ids[f.serial], f.kind, f.due_at) for f in decision.retimed], now, state)
    settles = decision.state is MessageState.APPLIED
    settled = [c.order.order_id for c in decision.changes if settles or is_over(c)]
    close_reviews_of(connection, settled, who, now)
    due_at = writing.checking.due(now) if writing.checking else None
    write_reviews(connection, [(None, ids.get(s or ""), why) for s, why in decision.reviews], now, due_at)
    write_calls(connection, [(ids[call.serial], call) for call in decision.calls], who, (now, due_at or now))


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
    """Put what waits behind a handle into one person's hands; False where nothing of it does.

    An order that is not decided on, or was refused, is work whether or not a review of it is open.
    """
    if handle.startswith("c"):
        return assign_call(connection, int(handle[1:]), number)
    reviewed = assign_reviews(connection, reviews_of(connection, handle, serial), number)
    undecided = update(orders).where(orders.c.serial == serial, orders.c.state.in_((*UNSETTLED, OrderState.REFUSED)))
    moved = connection.execute(undecided.values(assigned_to=number)).rowcount if serial else 0
    return bool(reviewed or moved)


DECIDING = (  # acts on an order itself
    "confirmed", "asked", "refused", "corrected", "joined", "joined_to", "parted", "amended", "cancelled", "released",
)  # fmt: skip


def decided_lately(connection: Connection, order_ids: Sequence[int], who: str, since: datetime) -> str | None:
    """Which other agent decided something on one of these orders since then, as the tracking record has him."""
    lately = event.c.order_id.in_(list(order_ids)) & (event.c.at >= since) & event.c.kind.in_(DECIDING)
    others = event.c.who.like(AGENTS) & (event.c.who != who)
    found = select(event.c.who).where(lately, others).order_by(event.c.id.desc()).limit(1)
    return connection.execute(found).scalar_one_or_none()


# --- what an act needs to know ----------------------------------------------------------------------------------------


def mails_of(connection: Connection, order_ids: Sequence[int]) -> dict[int, list[bytes]]:
    """The bytes of the mails that orders came from, by order, each order's first mail first.

    To an order belong the mails of the one that it was parted from, and of those that were put into it.
    """
    out: dict[int, list[bytes]] = {}
    for order_id in order_ids:
        made = (
            select(message_raw.c.bytes)
            .join_from(revision, message, message.c.id == revision.c.message_id)
            .join(message_raw, message_raw.c.message_id == message.c.id)
            .where(revision.c.order_id.in_(kin_of(connection, order_id)), message.c.channel == Channel.EMAIL)
            .order_by(revision.c.order_id, revision.c.number)
        )
        out[order_id] = list(connection.execute(made).scalars())
    return out


def kin_of(connection: Connection, order_id: int) -> list[int]:
    """The order, those that it was parted from, and those that were put into any of them."""
    family = ancestry(connection, order_id)
    joined = select(orders.c.id).where(orders.c.kin_id.in_(family), orders.c.state == OrderState.CANCELLED)
    return [*family, *connection.execute(joined).scalars()]


def ancestry(connection: Connection, order_id: int) -> list[int]:
    """The order, the one that it was parted from, and so on."""
    family: list[int] = []
    kin: int | None = order_id
    while kin is not None:
        family.append(kin)
        kin = connection.execute(select(orders.c.kin_id).where(orders.c.id == kin)).scalar_one_or_none()
    return family


def newest_message_of(connection: Connection, order_id: int) -> int | None:
    """The message that an order's newest revision by a message came from; of a part without any, the whole's."""
    for kin in ancestry(connection, order_id):
        made = select(revision.c.message_id).where(revision.c.order_id == kin, revision.c.message_id.is_not(None))
        newest = connection.execute(made.order_by(revision.c.number.desc()).limit(1)).scalar_one_or_none()
        if newest is not None:
            return int(newest)
    return None
