"""A database that was put back from a backup: what it knows of the time since, and what it holds until a person says.

What was sent after the backup is on no record here, and what came after it is taken in and decided on anew. So
nothing about what came before the restore leaves by itself; see docs/adr/0017.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo

from sqlalchemy import Connection, Table, and_, bindparam, func, insert, null, select, update

from ingestd.domain.event import log
from ingestd.domain.sending import Claim, Purpose, SendingDraft, SendingState
from ingestd.store.alarms import clear_alarms, open_alarm
from ingestd.store.database import Database
from ingestd.store.high_water import HighWater
from ingestd.store.orders import mark_dispatched
from ingestd.store.schema import STORED, message, orders, review, sending, serial_block, switch, written

RESTORED = "restored"  # row of `switch`: when, while nobody has said that it is settled; also alarm and review
LIFE = "life"  # row of `switch`: part of the keys of what is sent since
AFTER_RESTORE = "held since the restore of a backup"  # how the detail of such a sending begins
NOT_FOUND = f"{AFTER_RESTORE}; not found where it would have arrived"
PART = "database"  # of the alarm
FURTHER = 1000  # numbers that are left out beyond the most that any day has needed
TO_THE_HOUSE = (Purpose.ALARM, Purpose.REVIEW_NOTICE, Purpose.ESCALATION)  # whom we must not leave in the dark
OPEN = (SendingState.DUE, SendingState.SENDING, SendingState.UNCERTAIN)

Draft = tuple[int | None, int | None, SendingDraft]  # with order id and message id


@dataclass(frozen=True, slots=True)
class NewLife:
    """What a restored database begins anew with."""

    name: str  # unguessable, another each time
    now: datetime
    day: str  # YYMMDD in the site's zone


def new_life(now: datetime, zone: tzinfo) -> NewLife:
    """A life of a name that nobody knows yet."""
    return NewLife(secrets.token_hex(4), now, now.astimezone(zone).strftime("%y%m%d"))


# --- begin ------------------------------------------------------------------------------------------------------------


def begin_where_restored(database: Database, high_water: HighWater, life: NewLife) -> str:
    """At the start, before anything is written: the name of the database's life, a new one where it was put back."""
    with database.write() as connection:
        if high_water.lags(connection):
            held = begin_anew(connection, life)
            high_water.agree(connection)
            log("store.restored", logging.CRITICAL, held=held)
        return life_of(connection)


def begin_anew(connection: Connection, life: NewLife) -> int:
    """Hold what the backup has on its way, leave out numbers that may be given, and ask the desk; how many are held."""
    set_switch(connection, LIFE, life.name)
    set_switch(connection, RESTORED, written(life.now))
    on_the_way = update(sending).where(sending.c.state.in_(OPEN))
    held = connection.execute(
        on_the_way.values(
            state=SendingState.HELD, detail=AFTER_RESTORE, changed_at=life.now, owner=null(), lease_until=null()
        )
    ).rowcount
    connection.execute(update(message).where(STORED).values(owner=null(), lease_until=null()))
    leave_out_serials(connection, life.day)
    newest = connection.execute(select(func.max(message.c.stored_at))).scalar_one_or_none()
    until = newest.isoformat(" ", "seconds") if isinstance(newest, datetime) else str(newest or "no message")
    clear_alarms(connection, PART, RESTORED, life.now)
    known = f"its newest message is of {until}; {held} sendings held"
    open_alarm(connection, PART, RESTORED, known, life.now)
    if not open_questions(connection):
        asked = {"reason": RESTORED, "opened_at": life.now, "state": "open", "due_at": life.now}
        connection.execute(insert(review).values(asked))
    return held


def leave_out_serials(connection: Connection, day: str) -> None:
    """Begin today's numbers so far on that none is given twice, however many were given after the backup."""
    most = connection.execute(select(func.max(serial_block.c.next))).scalar_one_or_none() or 1
    further = {"next": most + FURTHER}
    if connection.execute(update(serial_block).where(serial_block.c.day == day).values(further)).rowcount == 0:
        connection.execute(insert(serial_block).values(day=day, **further))


def set_switch(connection: Connection, name: str, value: str | None) -> None:
    """Give a switch another value, or take it away."""
    connection.execute(switch.delete().where(switch.c.name == name))
    if value is not None:
        connection.execute(insert(switch).values(name=name, value=value))


SWITCH = select(switch.c.value).where(switch.c.name == bindparam("name"))


def life_of(connection: Connection) -> str:
    """The name of the database's life, empty before its first restore."""
    return connection.execute(SWITCH, {"name": LIFE}).scalar_one_or_none() or ""


def restored_at(connection: Connection) -> datetime | None:
    """When the database was put back, None where it never was or a person has settled it."""
    value = connection.execute(SWITCH, {"name": RESTORED}).scalar_one_or_none()
    return datetime.fromisoformat(value) if value else None


# --- while nobody has said that it is settled -------------------------------------------------------------------------


def with_holds(connection: Connection, drafts: Sequence[Draft]) -> list[Draft]:
    """The drafts, those held that are about what came before the restore; what tells our own people leaves."""
    since = restored_at(connection)
    if since is None:
        return list(drafts)
    messages = arrivals(connection, message, {m for _, m, _ in drafts if m is not None})
    known = arrivals(connection, orders, {o for o, _, _ in drafts if o is not None})

    def held(order_id: int | None, message_id: int | None, draft: SendingDraft) -> bool:
        if draft.purpose in TO_THE_HOUSE or draft.state is not SendingState.DUE:
            return False
        came = [at for at in (known.get(order_id or 0), messages.get(message_id or 0)) if at is not None]
        return not came or min(came) <= since  # a chase names no order: it is about several

    return [
        (o, m, replace(d, state=SendingState.HELD, detail=AFTER_RESTORE) if held(o, m, d) else d) for o, m, d in drafts
    ]


def arrivals(connection: Connection, table: Table, ids: set[int]) -> Mapping[int, datetime]:
    """When these messages or orders arrived, by id."""
    if not ids:
        return {}
    found = connection.execute(select(table.c.id, table.c.arrived_at).where(table.c.id.in_(ids)))
    return {row[0]: row[1] for row in found}


HELD_SINCE = and_(sending.c.state == SendingState.HELD, func.coalesce(sending.c.detail, "").startswith(AFTER_RESTORE))


def held_since_restore(connection: Connection, ids: Sequence[int] | None = None) -> list[int]:
    """The sendings that are held because of a restore, or those of `ids` that are."""
    which = select(sending.c.id).where(HELD_SINCE)
    return list(connection.execute(which.where(sending.c.id.in_(list(ids))) if ids is not None else which).scalars())


def not_looked_up(connection: Connection, limit: int = 50) -> list[int]:
    """Sendings held because of a restore of which nobody has found out yet whether they arrived."""
    which = select(sending.c.id).where(HELD_SINCE, sending.c.detail == AFTER_RESTORE).limit(limit)
    return list(connection.execute(which).scalars())


def found_or_not(connection: Connection, claim: Claim, arrived: bool, now: datetime) -> None:
    """Write what a lookup of a held sending gave: what arrived is accepted, the rest waits for a person."""
    if arrived:
        were_sent(connection, [claim.sending_id], "found by lookup after the restore", now)
    else:
        still = update(sending).where(sending.c.id == claim.sending_id, HELD_SINCE)
        connection.execute(still.values(detail=NOT_FOUND, changed_at=now))


# --- what a person says -----------------------------------------------------------------------------------------------


def were_sent(connection: Connection, ids: Sequence[int], detail: str, now: datetime) -> list[int]:
    """Held sendings that left before, as is known otherwise, are accepted; the ids of those that were held."""
    accepted = (
        update(sending)
        .where(sending.c.id.in_(list(ids)), sending.c.state == SendingState.HELD)
        .values(state=SendingState.ACCEPTED, accepted_at=now, changed_at=now, detail=detail)
        .returning(sending.c.id, sending.c.order_id, sending.c.purpose)
    )
    rows = connection.execute(accepted).all()
    mark_dispatched(connection, [r.order_id for r in rows if r.order_id and r.purpose == Purpose.WORK_ORDER], now)
    return [row.id for row in rows]


def renew_deadlines(connection: Connection, ids: Sequence[int], now: datetime, promise: timedelta) -> None:
    """What was held because of a restore and is to leave now has its whole time: nobody else needs to be written to."""
    late = update(sending).where(sending.c.id.in_(list(ids)), HELD_SINCE, sending.c.deadline < now + promise)
    connection.execute(late.values(deadline=now + promise))


def settle(connection: Connection, now: datetime) -> None:
    """A person has settled the restore: from now on everything leaves as ever."""
    set_switch(connection, RESTORED, None)
    clear_alarms(connection, PART, RESTORED, now)
    over = update(review).where(review.c.id.in_(open_questions(connection)))
    connection.execute(over.values(state="closed", closed_at=now, closed_by="ingestd"))


def open_questions(connection: Connection) -> list[int]:
    """The open review that asks the desk about the restore."""
    asked = select(review.c.id).where(review.c.reason == RESTORED, review.c.state == "open")
    return list(connection.execute(asked).scalars())
