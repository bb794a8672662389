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
from ingestd.store.schema import LEASED, STORED, message, orders, sending

OPEN = sending.c.state.in_((SendingState.DUE, SendingState.SENDING, SendingState.UNCERTAIN))
OF_ORDER = select(orders.c.id).where(orders.c.id == sending.c.order_id).correlate(sending)
OUTDATED = OF_ORDER.where(sending.c.created_at < orders.c.entrusted_at).exists()  # of a former content or recipient
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
    older = select(sending).where(OPEN, sending.c.created_at <= before, ~OUTDATED).with_for_update()
    for row in connection.execute(older).mappings().all():
        was_kept = before < row["deadline"] <= now and is_nameless(row)
        values = {"created_at": row["created_at"] + by, "deadline": row["deadline"] + (by if was_kept else NOT_AT_ALL)}
        moved += rewrite(connection, row, values)
    return moved


def put_back(connection: Connection, now: datetime, longest_lease: timedelta) -> int:
    """The clock was put back: what was written in its future counts as written now; how many rows were moved.

    What waits for an hour of the day waits on. What another daemon writes meanwhile is not in the future by more than
    a clock may be that nobody has set; and what is current of an order stays so, what is outdated too.
    """
    later = now + SET_BY
    moved = entrusted_now(connection, now, later)
    future = or_(sending.c.created_at > later, sending.c.changed_at > later)
    found = select(sending, orders.c.entrusted_at).outerjoin(orders, orders.c.id == sending.c.order_id)
    for row in connection.execute(found.where(OPEN, future).with_for_update(of=sending)).mappings().all():
        early = max(row["created_at"] - now, NOT_AT_ALL)
        waits = row["attempts"] == 0 and row["next_at"] > row["created_at"]
        values = {
            "created_at": min(row["created_at"], max(now, row["entrusted_at"] or now)),
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


def entrusted_now(connection: Connection, now: datetime, later: datetime) -> int:
    """Orders that were entrusted to somebody in the clock's future are so since now; how many rows that changed.

    What was sent of them before stays from before, and what was sent since then stays current.
    """
    moved = 0
    ahead = select(orders.c.id).where(orders.c.entrusted_at > later).with_for_update()
    for order_id in connection.execute(ahead).scalars().all():
        of_order = sending.c.order_id == order_id
        earlier = update(sending).where(of_order, sending.c.created_at > now, OUTDATED)
        moved += connection.execute(earlier.values(created_at=now - timedelta(microseconds=1))).rowcount
        moved += connection.execute(update(orders).where(orders.c.id == order_id).values(entrusted_at=now)).rowcount
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
