"""The due table: every follow-up as a row in UTC, which is the truth; tickers only wake the sweep."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, RowMapping, bindparam, func, insert, select, text, update

from ingestd.checks.chasing import ANEW, ChasePlan, Duty, Round, people
from ingestd.checks.house import House
from ingestd.checks.roster import stands_in_for
from ingestd.config.follow_up import CALLED_FOR
from ingestd.domain.decision import KnownOrder, Tried
from ingestd.domain.order import AWAITING_PICKUP, OrderState
from ingestd.domain.sending import Purpose, SendingDraft
from ingestd.store.calls import NEEDLESS, settle_calls, write_calls_of_chases
from ingestd.store.known_orders import known_orders
from ingestd.store.many import Many
from ingestd.store.orders import moves, write_change, write_events
from ingestd.store.schema import call_task, event, follow_up, orders, sending
from ingestd.store.sendings import write_sendings

DUE_FOLLOW_UP = text("follow_up.state = 'due'")  # literal: SQLite must see it to use the partial index
Drafts = Sequence[tuple[int | None, int | None, SendingDraft]]
MOST_TRIED = 8  # things told of an order that somebody is to look after


INSERT = Many(insert(follow_up))


class FollowUpState(StrEnum):
    """Where a duty is."""

    DUE = "due"  # waits for its time
    DONE = "done"  # fulfilled
    ENDED = "ended"  # what it waits for has happened
    SHADOW = "shadow"  # recorded in shadow mode; never falls due


WAITS = (FollowUpState.DUE, FollowUpState.SHADOW)


# --- what happens to orders -------------------------------------------------------------------------------------------


def write_follow_ups(
    connection: Connection, rows: Sequence[tuple[int, str, int, datetime]], state: FollowUpState = FollowUpState.DUE
) -> None:
    """Write duties as (order id, kind, occurrence, due at); a repetition that exists stays as it is.

    The first time of a duty that there was before begins it anew: what waits of it is over.
    """
    if not rows:
        return
    there = written(connection, {row[0] for row in rows})
    firsts = [(order_id, kind) for order_id, kind, occurrence, _ in rows if occurrence == 1]
    end(connection, [row["id"] for duty in firsts for row in there.get(duty, ()) if row["state"] in WAITS])
    numbered = {}
    for order_id, kind, occurrence, due_at in rows:
        before = [row["occurrence"] for row in there.get((order_id, kind), ())]
        number = next_beginning(before) if occurrence == 1 else occurrence
        if number not in before:
            numbered[order_id, kind, number] = due_at
    insert_duties(connection, numbered, state)


def next_beginning(before: Sequence[int]) -> int:
    """The occurrence with which a duty begins, given those that there were."""
    return (max(before) // ANEW + 1) * ANEW + 1 if before else 1


def insert_duties(connection: Connection, duties: dict[tuple[int, str, int], datetime], state: FollowUpState) -> None:
    """Write duties as (order id, kind, occurrence): due at."""
    values = [
        {"order_id": order_id, "kind": kind, "occurrence": occurrence, "due_at": due_at, "state": state}
        for (order_id, kind, occurrence), due_at in duties.items()
    ]
    INSERT.run(connection, values)


WRITTEN = select(
    follow_up.c.id,
    follow_up.c.order_id,
    follow_up.c.kind,
    follow_up.c.occurrence,
    follow_up.c.due_at,
    follow_up.c.state,
).where(follow_up.c.order_id.in_(bindparam("ids", expanding=True)))


def written(connection: Connection, order_ids: Iterable[int]) -> dict[tuple[int, str], list[RowMapping]]:
    """All duties of these orders, by order and kind."""
    out: dict[tuple[int, str], list[RowMapping]] = {}
    for row in connection.execute(WRITTEN, {"ids": sorted(set(order_ids))}).mappings():
        out.setdefault((row["order_id"], row["kind"]), []).append(row)
    return out


def end_follow_ups(connection: Connection, ends: Sequence[tuple[int, str]], now: datetime) -> None:
    """What they wait for has happened: (order id, kind) are over, and the calls for them needless."""
    kinds: dict[int, list[str]] = {}
    for order_id, kind in ends:
        kinds.setdefault(order_id, []).append(kind)
    for order_id, theirs in kinds.items():
        over = update(follow_up).where(DUE_FOLLOW_UP, follow_up.c.order_id == order_id, follow_up.c.kind.in_(theirs))
        connection.execute(over.values(state=FollowUpState.ENDED, done_at=now))
    settle_calls(connection, [(order_id, f"{CALLED_FOR}{kind}") for order_id, kind in ends], now)


def retime_follow_ups(
    connection: Connection,
    rows: Sequence[tuple[int, str, datetime]],
    now: datetime,
    state: FollowUpState = FollowUpState.DUE,
) -> None:
    """A deadline or window was moved: (order id, kind) are due at another time.

    What waits for its first time waits for that one. What was asked already is asked anew where the time lies ahead: a
    deadline that has passed, and stays, counts on as it did.
    """
    there = written(connection, {row[0] for row in rows}) if rows else {}
    anew = []
    for order_id, kind, due_at in rows:
        before = there.get((order_id, kind), [])
        waiting = next((row for row in before if row["state"] in WAITS), None)
        if waiting and waiting["occurrence"] % ANEW == 1:
            connection.execute(update(follow_up).where(follow_up.c.id == waiting["id"]).values(due_at=due_at))
        elif due_at > now:
            anew.append((order_id, kind, 1, due_at))
    write_follow_ups(connection, anew, state)


# --- the sweep --------------------------------------------------------------------------------------------------------


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


def round_of(connection: Connection, due: Sequence[Duty], house: House, now: datetime) -> Round:
    """All that a round of chasing looks at beside what is due, in a few queries however much that is."""
    asked_now = people(due, house, now)
    numbers = {n for who in asked_now for n in (who.number, *stands_in_for(who, house, now))}
    entrusted = to_be_picked_up(connection, numbers)
    concerned = {d.order.order_id for d in due} | {order.order_id for order in entrusted}
    since = now - house.settings.chasing.one_message_within
    last = last_chased(connection, sorted({house.reach(who)[1] for who in asked_now}), since, now)
    asked = asked_before(connection, concerned)
    return Round(entrusted, last, house, now, asked, tried_for(connection, {d.order.order_id for d in due}))


def to_be_picked_up(connection: Connection, dispatchers: Iterable[str]) -> list[KnownOrder]:
    """The orders of these dispatchers whose goods are not all picked up."""
    wanted = orders.c.dispatcher.in_(sorted(dispatchers)) & orders.c.state.in_(tuple(AWAITING_PICKUP))
    return known_orders(connection, wanted)


def last_chased(
    connection: Connection, recipients: Sequence[str], since: datetime, now: datetime
) -> dict[str, datetime]:
    """When each recipient was last chased, of what was written for him since then; a restart forgets nothing of it."""
    newest = select(sending.c.recipient, func.max(sending.c.created_at)).where(
        sending.c.purpose.in_((Purpose.CHASE, Purpose.ESCALATION)),
        sending.c.cause.like("follow_up:%"),
        sending.c.recipient.in_(list(recipients)),
        sending.c.created_at.between(since, now),
    )
    return {row[0]: row[1] for row in connection.execute(newest.group_by(sending.c.recipient))}


def asked_before(connection: Connection, order_ids: Iterable[int]) -> dict[int, list[str]]:
    """The kinds of duties that were done for each of these orders, those done first before the others."""
    done_ones = (
        select(follow_up.c.order_id, follow_up.c.kind, func.min(follow_up.c.id))
        .where(follow_up.c.order_id.in_(sorted(order_ids)), follow_up.c.state == FollowUpState.DONE)
        .group_by(follow_up.c.order_id, follow_up.c.kind)
        .order_by(func.min(follow_up.c.id))
    )
    out: dict[int, list[str]] = {}
    for order_id, kind, _ in connection.execute(done_ones):
        out.setdefault(order_id, []).append(kind)
    return out


def tried_for(connection: Connection, order_ids: Iterable[int]) -> dict[int, tuple[Tried, ...]]:
    """What was done about each of these orders, oldest first: chases by the record, and calls that were made."""
    ids = sorted(order_ids)
    found: dict[int, list[Tried]] = {}
    chases = select(event.c.order_id, event.c.at, event.c.kind, event.c.json).where(
        event.c.order_id.in_(ids), event.c.kind.like("chased.%")
    )
    for order_id, at, kind, data in connection.execute(chases.order_by(event.c.id)):
        who = str(json.loads(data).get("who", ""))
        found.setdefault(order_id, []).append(Tried(at, kind.removeprefix("chased."), who))
    made = select(call_task).where(
        call_task.c.order_id.in_(ids), call_task.c.done_at.is_not(None), call_task.c.done_by != NEEDLESS
    )
    for row in connection.execute(made).mappings():
        call = Tried(row["done_at"], "call", row["name"], row["outcome"] or "")
        found.setdefault(row["order_id"], []).append(call)
    return {order_id: tuple(sorted(done, key=lambda t: t.at)[-MOST_TRIED:]) for order_id, done in found.items()}


def write_plan(
    connection: Connection, due: Sequence[Duty], plan: ChasePlan, drafts: Drafts, at: tuple[datetime, datetime]
) -> bool:
    """Write what a round of chasing comes to, now and with the time by which calls are made; False, and nothing is
    written, where one of the duties is no longer as it was when the round began."""
    now = at[0]
    if not still_due(connection, due):
        return False
    write_sendings(connection, drafts, now)
    done(connection, plan.done, now)
    end(connection, plan.over, now)
    for ids, until in plan.postponed:
        postpone(connection, ids, until)
    write_follow_ups(connection, [(order_id, f.kind, f.occurrence, f.due_at) for order_id, f in plan.following])
    for change in plan.closed:
        write_change(connection, None, change)
    told = [*plan.events, *moves(plan.closed, ())]
    write_events(connection, [(order_id, None, None, draft) for order_id, draft in told], now)
    write_calls_of_chases(connection, plan.calls, at)
    end_all(connection, [change.order.order_id for change in plan.closed if change.state is OrderState.CLOSED], now)
    return True


def still_due(connection: Connection, due: Sequence[Duty]) -> bool:
    """Whether all of these wait as they did; who asks holds them until his transaction ends."""
    same = select(follow_up.c.id, follow_up.c.due_at).where(
        follow_up.c.id.in_([d.follow_up_id for d in due]), DUE_FOLLOW_UP
    )
    rows = connection.execute(same.with_for_update()).all()
    return {(row.id, row.due_at) for row in rows} == {(d.follow_up_id, d.due_at) for d in due}


def done(connection: Connection, ids: Sequence[int], now: datetime) -> None:
    """These duties are fulfilled."""
    connection.execute(
        update(follow_up)
        .where(follow_up.c.id.in_(list(ids)), DUE_FOLLOW_UP)
        .values(state=FollowUpState.DONE, done_at=now)
    )


def end(connection: Connection, ids: Sequence[int], now: datetime | None = None) -> None:
    """Of these duties nothing is to be asked any more."""
    if ids:
        over = update(follow_up).where(follow_up.c.id.in_(list(ids)), follow_up.c.state.in_(WAITS))
        connection.execute(over.values(state=FollowUpState.ENDED, done_at=now))


def end_all(connection: Connection, order_ids: Sequence[int], now: datetime) -> None:
    """Nothing more is to be asked about these orders."""
    if order_ids:
        over = update(follow_up).where(follow_up.c.order_id.in_(list(order_ids)), DUE_FOLLOW_UP)
        connection.execute(over.values(state=FollowUpState.ENDED, done_at=now))


def postpone(connection: Connection, ids: Sequence[int], due_at: datetime) -> None:
    """These duties wait until then."""
    connection.execute(update(follow_up).where(follow_up.c.id.in_(list(ids)), DUE_FOLLOW_UP).values(due_at=due_at))


def next_due(connection: Connection) -> datetime | None:
    """When the next duty is due."""
    return connection.execute(
        select(follow_up.c.due_at).where(DUE_FOLLOW_UP).order_by(follow_up.c.due_at).limit(1)
    ).scalar_one_or_none()
