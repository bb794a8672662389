"""What was reckoned by a clock that somebody has set since: moved, so that nothing waits, ends or counts as late by it.

A second daemon on the same database may do the same once more; then nothing is left to be moved. The deadline of a text
message that was tried stays as it is: it stands in the name by which the gateway knows the text.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, or_, select, update

from ingestd.domain.reading import Channel
from ingestd.domain.sending import SendingState
from ingestd.store.schema import LEASED, STORED, message, sending

OPEN = sending.c.state.in_((SendingState.DUE, SendingState.SENDING, SendingState.UNCERTAIN))
SET_BY = timedelta(seconds=2)  # what is less is slewing, and harmless
LEASES = ((LEASED, sending.c.lease_until), (STORED, message.c.lease_until))


def put_on(connection: Connection, by: timedelta, now: datetime) -> int:
    """The clock was put on: leases that held and deadlines that were kept are so still; how many rows were moved."""
    before, moved = now - by, 0
    for which, column in LEASES:
        held = select(column.table.c.id, column).where(which, column > before, column <= now)
        for row_id, until in connection.execute(held).all():
            connection.execute(update(column.table).where(column.table.c.id == row_id).values({column: until + by}))
            moved += 1
    older = select(sending).where(OPEN, sending.c.created_at <= before).with_for_update()
    for row in connection.execute(older).mappings().all():
        was_kept = before < row["deadline"] <= now and is_nameless(row)
        values = {"created_at": row["created_at"] + by, "deadline": row["deadline"] + (by if was_kept else NOT_AT_ALL)}
        moved += rewrite(connection, row, values)
    return moved


def put_back(connection: Connection, now: datetime, longest_lease: timedelta) -> int:
    """The clock was put back: what was written in its future counts as written now; how many rows were moved.

    What waits for an hour of the day waits on. What another daemon writes meanwhile is not in the future by more than
    the clock of one whom nobody has set.
    """
    later, moved = now + SET_BY, 0
    future = or_(sending.c.created_at > later, sending.c.changed_at > later)
    for row in connection.execute(select(sending).where(OPEN, future).with_for_update()).mappings().all():
        early = max(row["created_at"] - now, NOT_AT_ALL)
        waits = row["attempts"] == 0 and row["next_at"] > row["created_at"]
        values = {
            "created_at": min(row["created_at"], now),
            "changed_at": min(row["changed_at"], now) if row["changed_at"] else None,
            "next_at": row["next_at"] if waits else min(row["next_at"], now),
            "deadline": row["deadline"] if waits or not is_nameless(row) else row["deadline"] - early,
        }
        moved += rewrite(connection, row, values)
    arrived = update(message).where(STORED, message.c.arrived_at > later).values(arrived_at=now)
    moved += connection.execute(arrived).rowcount
    for which, column in LEASES:
        held = update(column.table).where(which, column > later + longest_lease)
        moved += connection.execute(held.values({column: now + longest_lease})).rowcount
    return moved


NOT_AT_ALL = timedelta(0)


def is_nameless(row: RowMapping) -> bool:
    """Whether no gateway can know this sending by a name with its deadline."""
    return bool(row["channel"] == Channel.EMAIL or row["attempts"] == 0)


def rewrite(connection: Connection, row: RowMapping, values: dict[str, Any]) -> int:
    """Write a sending's times anew; how many rows that changed."""
    if all(row[name] == value for name, value in values.items()):
        return 0
    return connection.execute(update(sending).where(sending.c.id == row["id"]).values(values)).rowcount
