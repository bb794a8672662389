"""What /metrics shows of the store: a few counts by partial indexes, in one short look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, text, union_all

from ingestd.store.schema import alarm, call_task, message, review, sending
from ingestd.store.sendings import WAITS, held

# Literal states, so that SQLite sees that a partial index holds them all.
UNREAD = select(func.count(), func.min(message.c.arrived_at)).where(text("state = 'stored'"))
COUNTED = select(func.count().label("count"), func.min(sending.c.created_at).label("oldest")).where(~WAITS)
DUE = union_all(*(COUNTED.where(text(f"state = '{state}'")) for state in ("due", "sending", "uncertain")))
ALARMS = select(alarm.c.kind, func.count()).where(text("cleared_at IS NULL")).group_by(alarm.c.kind)
REVIEWS = select(func.count()).where(review.c.state == "open")
CALLS = select(func.count()).where(call_task.c.done_at.is_(None))


@dataclass(frozen=True, slots=True)
class Gauges:
    """How much waits, and since when."""

    unread: int
    oldest_unread_at: datetime | None
    due: int
    oldest_due_at: datetime | None
    reviews: int
    calls: int  # that nobody has made
    alarms: Mapping[str, int]  # open ones by kind; those of kind `quarantine` are the messages put aside
    held: bool


def gauges(connection: Connection, now: datetime) -> Gauges:
    """The counts of this moment."""
    unread, oldest_unread_at = connection.execute(UNREAD).one()
    due = connection.execute(DUE, {"now": now}).all()
    return Gauges(
        unread=unread,
        oldest_unread_at=oldest_unread_at,
        due=sum(count for count, _ in due),
        oldest_due_at=min((oldest for _, oldest in due if oldest), default=None),
        reviews=connection.execute(REVIEWS).scalar_one(),
        calls=connection.execute(CALLS).scalar_one(),
        alarms={row[0]: row[1] for row in connection.execute(ALARMS)},
        held=held(connection),
    )
