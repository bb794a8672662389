"""What was reckoned by a clock that somebody has set since: moved, so that nothing waits, ends or counts as late by it.

A second daemon on the same database may do the same once more; then nothing is left to be moved.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, or_, select, update

from ingestd.domain.sending import SendingState
from ingestd.store.schema import LEASED, STORED, message, sending

OPEN = sending.c.state.in_((SendingState.DUE, SendingState.SENDING, SendingState.UNCERTAIN))


def put_on(connection: Connection, by: timedelta, now: datetime) -> int:
    """The clock was put on: leases that held and deadlines that were kept are so still; how many were moved."""
    before = now - by
    moved = 0
    for which, column in (
        (LEASED, sending.c.lease_until),
        (OPEN, sending.c.deadline),
        (STORED, message.c.lease_until),
    ):
        rows = connection.execute(select(column.table.c.id, column).where(which, column > before, column <= now)).all()
        for row_id, at in rows:
            connection.execute(update(column.table).where(column.table.c.id == row_id).values({column: at + by}))
        moved += len(rows)
    return moved


def put_back(connection: Connection, now: datetime, longest_lease: timedelta) -> int:
    """The clock was put back: what was written in its future counts as written now; how many were moved.

    What waits for an hour of the day waits on.
    """
    moved = 0
    future = or_(sending.c.created_at > now, sending.c.changed_at > now)
    for row in connection.execute(select(sending).where(OPEN, future)).mappings().all():
        early = max(row["created_at"] - now, timedelta(0))
        waits = row["attempts"] == 0 and row["next_at"] > row["created_at"]
        values = {
            "created_at": min(row["created_at"], now),
            "changed_at": min(row["changed_at"], now) if row["changed_at"] else None,
            "next_at": row["next_at"] if waits else min(row["next_at"], now),
            "deadline": row["deadline"] if waits else row["deadline"] - early,
        }
        connection.execute(update(sending).where(sending.c.id == row["id"]).values(values))
        moved += 1
    arrived = update(message).where(STORED, message.c.arrived_at > now).values(arrived_at=now)
    moved += connection.execute(arrived).rowcount
    for which, column in ((LEASED, sending.c.lease_until), (STORED, message.c.lease_until)):
        held = update(column.table).where(which, column > now + longest_lease)
        moved += connection.execute(held.values({column: now + longest_lease})).rowcount
    return moved
