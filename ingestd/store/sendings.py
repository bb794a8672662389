"""The outbox: sendings with their frozen bytes, claimed under a lease, recorded under a fencing token."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BindParameter,
    Connection,
    RowMapping,
    String,
    and_,
    bindparam,
    case,
    cast,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    update,
)

from ingestd.domain.alarm import Alarm
from ingestd.domain.order import UNTAKEN
from ingestd.domain.reading import Channel
from ingestd.domain.retry import Doubt
from ingestd.domain.sending import SENDING_MOVES, Claim, Phase, Purpose, SendingDraft, SendingState
from ingestd.store.alarms import mark_told, open_alarm
from ingestd.store.many import Many
from ingestd.store.orders import Dispatched, current, mark_dispatched, reopen_dispatched
from ingestd.store.restored import HELD_SINCE, with_holds
from ingestd.store.schema import DOUBTFUL, DUE, LEASED, alarm, orders, sending, sending_body, switch
from ingestd.store.superseded import behind, withdraw_outdated

HOLD = "hold"
ON_THE_WAY = (SendingState.DUE, SendingState.SENDING, SendingState.UNCERTAIN)
WAITS = and_(  # for its hour, not for us
    sending.c.state == SendingState.DUE, sending.c.attempts == 0, sending.c.next_at > bindparam("now")
)
GIVEN_UP = (SendingState.REFUSED, SendingState.FAILED, SendingState.BOUNCED)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A result to be written: the state that follows, and when it is looked at next."""

    sending_id: int
    token: int
    state: SendingState
    next_at: datetime
    detail: str
    at: datetime


INSERT, INSERT_BODIES = Many(insert(sending)), Many(insert(sending_body))


def write_sendings(
    connection: Connection, drafts: Sequence[tuple[int | None, int | None, SendingDraft]], now: datetime
) -> int:
    """Write sendings as (order id, message id, draft); one that exists by its unique purpose, cause, channel and
    recipient stays as it is. How many are new."""
    unique = {identity(draft): (order_id, message_id, draft) for order_id, message_id, draft in drafts}
    if not unique:
        return 0
    there = identities(connection, [draft.cause for _, _, draft in drafts])
    new = [item for name, item in unique.items() if name not in there]
    if new:
        new = with_holds(connection, new)
        given = given_now(connection, {order_id for order_id, _, _ in new if order_id})
        INSERT.run(connection, [sending_row(item, given.get(item[0] or 0, 0), now) for item in new])
        ids = key_ids(connection, [draft.key for _, _, draft in new])
        INSERT_BODIES.run(connection, [{"sending_id": ids[d.key], "bytes": d.body} for _, _, d in new])
    return len(new)


def identity(draft: SendingDraft) -> tuple[str, ...]:
    """What a sending is unique by; after a restore its key may be another."""
    return draft.cause, draft.purpose, draft.channel, draft.recipient


IDENTITIES = select(sending.c.cause, sending.c.purpose, sending.c.channel, sending.c.recipient).where(
    sending.c.cause.in_(bindparam("causes", expanding=True))
)


def identities(connection: Connection, causes: Sequence[str]) -> set[tuple[str, ...]]:
    """What the sendings of these causes are unique by."""
    return {tuple(row) for row in connection.execute(IDENTITIES, {"causes": list(dict.fromkeys(causes))})}


def given_now(connection: Connection, order_ids: Collection[int]) -> dict[int, int]:
    """How often each of these orders was given to somebody."""
    found = connection.execute(GIVEN, {"ids": list(order_ids)}).all() if order_ids else ()
    return {row.id: row.given for row in found}


GIVEN = select(orders.c.id, orders.c.given).where(orders.c.id.in_(bindparam("ids", expanding=True)))


def sending_row(item: tuple[int | None, int | None, SendingDraft], given: int, now: datetime) -> dict[str, Any]:
    """A draft of an order that was given to somebody so often as a row."""
    order_id, message_id, draft = item
    return {
        "given": given if draft.given is None else draft.given,
        "key": draft.key,
        "order_id": order_id,
        "message_id": message_id,
        "purpose": draft.purpose,
        "cause": draft.cause,
        "channel": draft.channel,
        "recipient": draft.recipient,
        "state": draft.state,
        "created_at": now,
        "next_at": max(draft.not_before or now, now),
        "deadline": draft.deadline,
        "attempts": 0,
        "repeated": False,
        "token": 0,
        "detail": draft.detail,
    }


def held(connection: Connection) -> bool:
    """Whether a person holds everything back."""
    return connection.execute(select(switch.c.value).where(switch.c.name == HOLD)).first() is not None


def claim_due(
    connection: Connection, channel: Channel, owner: str, now: datetime, terms: tuple[timedelta, int]
) -> list[Claim]:
    """Take due sendings of a channel, the earliest deadline first; `terms` are the lease and the most to take.

    The attempt is counted before it is made.
    """
    lease, limit = terms
    waiting = list(connection.execute(TAKE, {"channel": channel, "now": now, "most": limit}).scalars())
    kept_back = withdraw_outdated(connection, waiting, now) | behind(connection, waiting)
    ids = [sending_id for sending_id in waiting if sending_id not in kept_back]
    if not ids:
        return []
    connection.execute(TAKEN, {"ids": ids, "b_owner": owner, "b_until": now + lease})
    return claims(connection, ids)


TAKE = (
    select(sending.c.id)
    .where(DUE, sending.c.channel == bindparam("channel"), sending.c.next_at <= bindparam("now"))
    .where(~select(switch.c.name).where(switch.c.name == HOLD).exists())
    .order_by(sending.c.deadline, sending.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
TAKEN = (
    update(sending)
    .where(sending.c.id.in_(bindparam("ids", expanding=True)))
    .values(
        state=SendingState.SENDING,
        attempts=sending.c.attempts + 1,
        token=sending.c.token + 1,
        owner=bindparam("b_owner"),
        lease_until=bindparam("b_until"),
    )
)
WHOLE = (
    select(
        sending.c.id,
        sending.c.token,
        sending.c.channel,
        sending.c.recipient,
        sending.c.key,
        sending_body.c.bytes,
        sending.c.deadline,
        sending.c.lease_until,
        sending.c.attempts,
        sending.c.purpose,
        sending.c.created_at,
        sending.c.order_id,
        sending.c.message_id,
    )
    .join_from(sending, sending_body)
    .where(sending.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(sending.c.deadline, sending.c.id)
)


def claims(connection: Connection, ids: Sequence[int]) -> list[Claim]:
    """Sendings with their bytes as channels take them, the earliest deadline first."""
    return [
        Claim(
            sending_id=row.id,
            token=row.token,
            channel=Channel(row.channel),
            recipient=row.recipient,
            key=row.key,
            body=row.bytes,
            deadline=row.deadline,
            lease_until=row.lease_until or row.deadline,
            attempts=row.attempts,
            purpose=Purpose(row.purpose),
            created_at=row.created_at,
            order_id=row.order_id,
            message_id=row.message_id,
        )
        for row in connection.execute(WHOLE, {"ids": list(ids)})
    ]


RECORD = Many(
    update(sending)
    .where(
        sending.c.id == bindparam("b_id"),
        sending.c.token == bindparam("b_token"),
        or_(LEASED, DOUBTFUL),  # literals: an IN list can't be sent for many rows at once
    )
    .values(
        state=bindparam("b_state"),
        next_at=bindparam("b_next_at"),
        detail=bindparam("b_detail"),
        changed_at=bindparam("b_at"),
        accepted_at=bindparam("b_accepted_at"),
        owner=null(),
        lease_until=null(),
    )
)


def record(connection: Connection, results: Sequence[Recorded]) -> int:
    """Write what attempts came to, and how many were written: one whose token is no longer the newest is not."""
    rows = [
        {
            "b_id": r.sending_id,
            "b_token": r.token,
            "b_state": r.state,
            "b_next_at": r.next_at,
            "b_detail": r.detail[:400],
            "b_at": r.at,
            "b_accepted_at": r.at if r.state is SendingState.ACCEPTED else None,
        }
        for r in results
    ]
    return RECORD.run(connection, rows)


def claimed_since(connection: Connection, claims: Sequence[Claim]) -> set[int]:
    """The ids of those that somebody has claimed again."""
    tokens = {row["id"]: row["token"] for row in rows_of(connection, [claim.sending_id for claim in claims])}
    return {claim.sending_id for claim in claims if tokens[claim.sending_id] != claim.token}


ROWS = select(sending).where(sending.c.id.in_(bindparam("ids", expanding=True))).order_by(sending.c.id)


def rows_of(connection: Connection, ids: Sequence[int]) -> list[RowMapping]:
    """Sendings without their bytes."""
    return list(connection.execute(ROWS, {"ids": list(ids)}).mappings())


def give_back_unbegun(connection: Connection, unbegun: Sequence[Claim]) -> None:
    """Sendings that were claimed and never begun are due again, their attempt not counted."""
    for claim in unbegun:
        mine = update(sending).where(LEASED, sending.c.id == claim.sending_id, sending.c.token == claim.token)
        connection.execute(
            mine.values(state=SendingState.DUE, attempts=sending.c.attempts - 1, owner=null(), lease_until=null())
        )


def take_over_sendings(
    connection: Connection,
    owner: str,
    phases: dict[tuple[int, int], Phase] | None,
    now: datetime,
    repeat_at: datetime,
) -> tuple[int, int]:
    """After a restart: what this owner had under way is due again, or uncertain where it may have left whole.

    `phases` by (sending id, token) as the owner noted them; None: the notes are lost, everything is uncertain. What
    nothing can be told of is settled at `repeat_at`, as after any uncertain attempt. Returns (due again, uncertain).
    """
    mine = connection.execute(select(sending.c.id, sending.c.token).where(LEASED, sending.c.owner == owner)).all()
    whole = [row.id for row in mine if phases is None or phases.get((row.id, row.token)) is Phase.WHOLE]
    again = [row.id for row in mine if row.id not in set(whole)]
    free = {"owner": null(), "lease_until": null(), "changed_at": now}
    connection.execute(
        update(sending).where(sending.c.id.in_(again)).values(state=SendingState.DUE, next_at=now, **free)
    )
    doubt = (
        update(sending)
        .where(sending.c.id.in_(whole))
        .values(state=SendingState.UNCERTAIN, detail="interrupted when whole", next_at=repeat_at, **free)
    )
    connection.execute(doubt)
    return len(again), len(whole)


def instant(at: datetime) -> BindParameter[datetime]:
    """A moment within an expression, where no column beside it says how it is written."""
    return literal(at, sending.c.next_at.type)


def expire_leases(connection: Connection, now: datetime, give_up_at: datetime | None = None) -> list[int]:
    """Sendings whose holder is gone are uncertain: nobody knows how far they got. Their ids.

    A mail has waited long enough; a text message of which nothing can be told is given up at `give_up_at` (now).
    """
    gone = update(sending).where(LEASED, sending.c.lease_until < now)
    moved = gone.values(
        state=SendingState.UNCERTAIN,
        next_at=case((sending.c.channel == Channel.EMAIL, instant(now)), else_=instant(give_up_at or now)),
        changed_at=now,
        detail="the lease ran out",
        owner=null(),
        lease_until=null(),
    )
    return list(connection.execute(moved.returning(sending.c.id)).scalars())


CAME_BACK = (
    select(alarm.c.id)
    .where(alarm.c.kind == "bounced", alarm.c.part == literal("sending ") + cast(sending.c.id, String))
    .exists()
)
OPEN_DOUBTS = (
    select(sending.c.id, sending.c.changed_at, sending.c.next_at, sending.c.repeated, CAME_BACK)
    .where(DOUBTFUL)
    .order_by(sending.c.next_at, sending.c.id)
)


def doubts(connection: Connection) -> list[Doubt]:
    """All uncertain sendings, first what is to be settled first."""
    return [Doubt(*row) for row in connection.execute(OPEN_DOUBTS)]


def move(
    connection: Connection, ids: Sequence[int], step: tuple[SendingState, SendingState], detail: str, now: datetime
) -> list[int]:
    """Move sendings from one state to another, by the table of moves; the ids of those that were in the first."""
    before, after = step
    if after not in SENDING_MOVES.get(before, frozenset()):
        raise ValueError(f"a sending does not go from {before} to {after}")
    values: dict[str, Any] = {"state": after, "next_at": now, "changed_at": now, "detail": detail[:400]}
    if after is SendingState.ACCEPTED:
        values["accepted_at"] = now
    if before is SendingState.UNCERTAIN and after is SendingState.DUE:
        values["repeated"] = True
    moved = update(sending).where(sending.c.id.in_(list(ids)), sending.c.state == before).values(values)
    return list(connection.execute(moved.returning(sending.c.id)).scalars())


def bounce(connection: Connection, keys: Sequence[str], detail: str, now: datetime) -> None:
    """Sendings that were accepted and came back: a person is told, and their orders wait for dispatch again."""
    ids = list(key_ids(connection, keys).values())
    returned = move(connection, ids, (SendingState.ACCEPTED, SendingState.BOUNCED), detail, now)
    for sending_id in returned:
        open_alarm(connection, f"sending {sending_id}", "bounced", detail, now)
    concerned = [r["order_id"] for r in rows_of(connection, returned) if r["purpose"] == Purpose.WORK_ORDER]
    reopen_dispatched(connection, concerned, now)


def settle_doubt(
    connection: Connection, sending_id: int, state: SendingState, detail: str, now: datetime
) -> list[Dispatched]:
    """Write what became of an uncertain sending, and alarm a person where it is given up; orders dispatched by it."""
    moved = move(connection, [sending_id], (SendingState.UNCERTAIN, state), detail, now)
    if moved and state is SendingState.FAILED:
        open_alarm(connection, f"sending {sending_id}", "uncertain", detail, now)
    if state is not SendingState.ACCEPTED:
        return []
    theirs = [row["order_id"] for row in rows_of(connection, moved) if row["purpose"] == Purpose.WORK_ORDER]
    return mark_dispatched(connection, [order_id for order_id in theirs if order_id], now)


def tell(
    connection: Connection, alarms: Sequence[Alarm], drafts: Sequence[tuple[None, None, SendingDraft]], now: datetime
) -> bool:
    """Write the messages that tell a person of alarms, and that he is told; not where another daemon told of some."""
    if not mark_told(connection, [alarm.alarm_id for alarm in alarms], now):
        return False
    write_sendings(connection, drafts, now)
    return True


OTHER = sending.alias()
TAKEN_BY_CHANNEL = (
    select(OTHER.c.id)
    .where(
        OTHER.c.order_id == sending.c.order_id,
        OTHER.c.purpose == Purpose.WORK_ORDER,
        OTHER.c.channel == sending.c.channel,
        OTHER.c.state == SendingState.ACCEPTED,
        OTHER.c.given == sending.c.given,
    )
    .exists()
)
LATE = (
    select(sending)
    .join(orders)
    .where(
        # an order may be dispatched by mail while the text message waits for its hour
        sending.c.order_id.in_(select(orders.c.id).where(orders.c.state.in_(UNTAKEN))),
        sending.c.purpose == Purpose.WORK_ORDER,
        current(),
        sending.c.state.in_(GIVEN_UP)
        | (sending.c.state.in_((*ON_THE_WAY, SendingState.HELD)) & (sending.c.deadline < bindparam("before"))),
        ~HELD_SINCE,  # perhaps sent before: nobody else is to get it
        ~TAKEN_BY_CHANNEL,
    )
    .order_by(sending.c.deadline)
)
LATE_CANCELLATIONS = (
    select(sending)
    .where(DUE, sending.c.channel.in_(list(Channel)), sending.c.deadline < bindparam("before"))
    .where(sending.c.purpose == Purpose.CANCELLATION)
    .order_by(sending.c.deadline)
)


def late(connection: Connection, deadline_before: datetime) -> list[RowMapping]:
    """Work orders by channels that took none for their order: given up, or with a deadline before that moment; and what
    calls one off and waits for longer."""
    found = [connection.execute(which, {"before": deadline_before}).mappings() for which in (LATE, LATE_CANCELLATIONS)]
    return [row for rows in found for row in rows]


def same_causes(connection: Connection, purposes: Sequence[Purpose], causes: Sequence[str]) -> list[RowMapping]:
    """All sendings of these purposes and causes, oldest first, without their bytes."""
    found = select(sending).where(sending.c.purpose.in_(list(purposes)), sending.c.cause.in_(list(causes)))
    return list(connection.execute(found.order_by(sending.c.id)).mappings())


IDS_BY_KEY = select(sending.c.key, sending.c.id).where(sending.c.key.in_(bindparam("keys", expanding=True)))


def key_ids(connection: Connection, keys: Sequence[str]) -> dict[str, int]:
    """Ids of sendings by their keys."""
    return {row[0]: row[1] for row in connection.execute(IDS_BY_KEY, {"keys": list(keys)})}


def set_hold(connection: Connection, on: bool) -> None:
    """Hold everything back, or no longer."""
    connection.execute(switch.delete().where(switch.c.name == HOLD))
    if on:
        connection.execute(insert(switch).values(name=HOLD, value="on"))


def sending_counts(connection: Connection) -> dict[str, int]:
    """How many sendings are in each state."""
    return {
        row[0]: row[1] for row in connection.execute(select(sending.c.state, func.count()).group_by(sending.c.state))
    }


def listed(connection: Connection, states: Sequence[str], limit: int) -> list[RowMapping]:
    """Sendings in these states (all where none is named), newest first."""
    rows = select(sending).order_by(sending.c.id.desc()).limit(limit)
    return list(connection.execute(rows.where(sending.c.state.in_(list(states))) if states else rows).mappings())


def body_of(connection: Connection, sending_id: int) -> bytes | None:
    """The frozen bytes of a sending."""
    return connection.execute(
        select(sending_body.c.bytes).where(sending_body.c.sending_id == sending_id)
    ).scalar_one_or_none()


def retry_now(connection: Connection, sending_id: int, now: datetime) -> bool:
    """A person wants a sending tried (again) at once; False where its state does not allow it."""
    stuck = or_(
        sending.c.state.in_((SendingState.REFUSED, SendingState.FAILED, SendingState.BOUNCED, SendingState.DUE))
    )
    again = (
        update(sending)
        .where(and_(sending.c.id == sending_id, stuck))
        .values(state=SendingState.DUE, next_at=now, changed_at=now)
    )
    return connection.execute(again).rowcount == 1
