"""The due table: every follow-up as a row in UTC, which is the truth; tickers only wake the sweep."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, bindparam, insert, select, text, update

from ingestd.checks.chasing import ChasePlan, Duty
from ingestd.domain.sending import SendingDraft
from ingestd.store.known_orders import known_orders
from ingestd.store.many import Many
from ingestd.store.orders import write_events
from ingestd.store.schema import follow_up, orders
from ingestd.store.sendings import write_sendings

DUE_FOLLOW_UP = text("follow_up.state = 'due'")  # literal: SQLite must see it to use the partial index


INSERT = Many(insert(follow_up))


class FollowUpState(StrEnum):
    """Where a duty is."""

    DUE = "due"  # waits for its time
    DONE = "done"  # fulfilled
    ENDED = "ended"  # what it waits for has happened
    SHADOW = "shadow"  # recorded in shadow mode; never falls due


def write_follow_ups(
    connection: Connection, rows: Sequence[tuple[int, str, int, datetime]], state: FollowUpState = FollowUpState.DUE
) -> None:
    """Write duties as (order id, kind, occurrence, due at); one that exists stays as it is."""
    repeats = [row for row in rows if row[2] > 1 and exists(connection, row[:3])]
    values = [
        {"order_id": order_id, "kind": kind, "occurrence": occurrence, "due_at": due_at, "state": state}
        for order_id, kind, occurrence, due_at in rows
        if (order_id, kind, occurrence, due_at) not in repeats
    ]
    if values:
        INSERT.run(connection, values)


def exists(connection: Connection, duty: tuple[int, str, int]) -> bool:
    """Whether this duty is written already; a first occurrence never is, its order being new."""
    order_id, kind, occurrence = duty
    same = (follow_up.c.order_id == order_id) & (follow_up.c.kind == kind) & (follow_up.c.occurrence == occurrence)
    return connection.execute(select(follow_up.c.id).where(same)).first() is not None


def end_follow_ups(connection: Connection, ends: Sequence[tuple[int, str]], now: datetime) -> None:
    """What they wait for has happened: (order id, kind) are over."""
    for order_id, kind in ends:
        over = update(follow_up).where(DUE_FOLLOW_UP, follow_up.c.order_id == order_id, follow_up.c.kind == kind)
        connection.execute(over.values(state=FollowUpState.ENDED, done_at=now))


def retime(connection: Connection, duties: Sequence[tuple[int, str, datetime]]) -> None:
    """What still waits of these is due at another time: (order id, kind, due at)."""
    for order_id, kind, due_at in duties:
        waits = update(follow_up).where(DUE_FOLLOW_UP, follow_up.c.order_id == order_id, follow_up.c.kind == kind)
        connection.execute(waits.values(due_at=due_at))


DUE_DUTIES = (
    select(follow_up)
    .where(DUE_FOLLOW_UP, follow_up.c.due_at <= bindparam("now"))
    .order_by(follow_up.c.due_at, follow_up.c.id)
    .limit(bindparam("most"))
)


def due_duties(connection: Connection, now: datetime, limit: int = 500) -> list[Duty]:
    """Duties that are due, with their orders, the oldest first."""
    rows = connection.execute(DUE_DUTIES, {"now": now, "most": limit}).mappings().all()
    if not rows:
        return []
    known = {o.order_id: o for o in known_orders(connection, orders.c.id.in_({r["order_id"] for r in rows}))}
    return [Duty(r["id"], r["kind"], r["occurrence"], r["due_at"], known[r["order_id"]]) for r in rows]


def write_plan(
    connection: Connection,
    plan: ChasePlan,
    drafts: Sequence[tuple[int | None, int | None, SendingDraft]],
    now: datetime,
) -> None:
    """Write what a round of chasing comes to: sendings, duties done, postponed and new, and the tracking records."""
    write_sendings(connection, drafts, now)
    done(connection, plan.done, now)
    for ids, until in plan.postponed:
        postpone(connection, ids, until)
    write_follow_ups(connection, [(order_id, f.kind, f.occurrence, f.due_at) for order_id, f in plan.following])
    write_events(connection, [(order_id, None, None, draft) for order_id, draft in plan.events], now)


def done(connection: Connection, ids: Sequence[int], now: datetime) -> None:
    """These duties are fulfilled."""
    connection.execute(
        update(follow_up)
        .where(follow_up.c.id.in_(list(ids)), DUE_FOLLOW_UP)
        .values(state=FollowUpState.DONE, done_at=now)
    )


def postpone(connection: Connection, ids: Sequence[int], due_at: datetime) -> None:
    """These duties wait a little: their person was written to just now."""
    connection.execute(update(follow_up).where(follow_up.c.id.in_(list(ids)), DUE_FOLLOW_UP).values(due_at=due_at))


def next_due(connection: Connection) -> datetime | None:
    """When the next duty is due."""
    return connection.execute(
        select(follow_up.c.due_at).where(DUE_FOLLOW_UP).order_by(follow_up.c.due_at).limit(1)
    ).scalar_one_or_none()
