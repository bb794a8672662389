"""Where everything stands: what `ingestd status` shows, gathered from the store in one look."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from ingestd.domain.message import MessageState
from ingestd.domain.order import OrderState
from ingestd.domain.sending import SendingState
from ingestd.store.alarms import open_alarms
from ingestd.store.calls import calls_to_make
from ingestd.store.messages import message_counts
from ingestd.store.sendings import held, sending_counts
from ingestd.store.upgrade import HEAD
from ingestd.store.views import Passage, backlog, order_counts, passages_since, reviews_listed

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from ingestd.config.settings import Settings

LOCK_FILE = "ingestd.lock"  # as daemon/lock.py names it
LAST = timedelta(hours=1)
MOST_REVIEWS = 1000


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many wait, and since when the oldest."""

    count: int
    oldest_at: datetime | None
    oldest_seconds: float | None


@dataclass(frozen=True, slots=True)
class LastHour:
    """How the orders of the last hour kept the promise."""

    orders: int
    dispatched: int
    median_seconds: float | None
    longest_seconds: float | None
    promise_seconds: float
    late: tuple[str, ...]  # serials: accepted too late, or not yet though time is up


@dataclass(frozen=True, slots=True)
class OpenReview:
    """Something that waits for a person."""

    id: int
    serial: str | None
    message_id: int | None
    reason: str
    opened_at: datetime
    age_seconds: float


@dataclass(frozen=True, slots=True)
class OpenCall:
    """Somebody to be phoned; who that is shows the desk."""

    id: int
    serial: str | None
    reason: str
    opened_at: datetime
    age_seconds: float


@dataclass(frozen=True, slots=True)
class OpenAlarm:
    """Trouble of the system that is not over."""

    id: int
    part: str
    kind: str
    detail: str
    opened_at: datetime
    age_seconds: float


@dataclass(frozen=True, slots=True)
class Standing:
    """All that `ingestd status` tells; field names are its JSON keys."""

    mode: str
    database: str
    revision: str
    process: int | None  # the daemon's, on this machine
    held: bool
    messages: Mapping[str, int]
    orders: Mapping[str, int]
    sendings: Mapping[str, int]
    unread: Waiting
    unsent: Waiting
    last_hour: LastHour
    reviews: tuple[OpenReview, ...]
    calls: tuple[OpenCall, ...]
    alarms: tuple[OpenAlarm, ...]

    @property
    def trouble(self) -> bool:
        """Whether somebody should look: an alarm, or an order past its promise."""
        return bool(self.alarms or self.last_hour.late)


def standing(connection: Connection, settings: Settings, database: str, now: datetime) -> Standing:
    """Everything as it is at this moment."""
    waiting = backlog(connection, now)
    return Standing(
        mode=str(settings.site.mode),
        database=database,
        revision=HEAD,
        process=running_process(settings.site.data_folder),
        held=held(connection),
        messages=complete(message_counts(connection), list(MessageState)),
        orders=complete(order_counts(connection), list(OrderState)),
        sendings=complete(sending_counts(connection), list(SendingState)),
        unread=since(waiting.unread, waiting.oldest_unread_at, now),
        unsent=since(waiting.due, waiting.oldest_due_at, now),
        last_hour=last_hour(passages_since(connection, now - LAST), settings.outbox.promise, now),
        reviews=tuple(
            OpenReview(r["id"], r["serial"], r["message_id"], r["reason"], r["opened_at"], age(r["opened_at"], now))
            for r in reviews_listed(connection, MOST_REVIEWS)
        ),
        calls=tuple(
            OpenCall(c["id"], c["serial"], c["reason"], c["opened_at"], age(c["opened_at"], now))
            for c in calls_to_make(connection)
        ),
        alarms=tuple(
            OpenAlarm(a["id"], a["part"], a["kind"], a["detail"], a["opened_at"], age(a["opened_at"], now))
            for a in open_alarms(connection)
        ),
    )


def complete(counts: Mapping[str, int], states: Sequence[str]) -> dict[str, int]:
    """A count for every state, zeros too, so that programs find every key."""
    return {str(state): counts.get(state, 0) for state in states}


def age(at: datetime, now: datetime) -> float:
    """Seconds since then; clocks may differ a little, nothing is younger than now."""
    return max(0.0, round((now - at).total_seconds(), 3))


def since(count: int, oldest_at: datetime | None, now: datetime) -> Waiting:
    """What waits, with the age of the oldest."""
    return Waiting(count, oldest_at, age(oldest_at, now) if oldest_at else None)


def last_hour(passages: Sequence[Passage], promise: timedelta, now: datetime) -> LastHour:
    """How these orders kept the promise; one not dispatched is late when its time is up."""
    taken = [(p.dispatched_at - p.clock_start).total_seconds() for p in passages if p.dispatched_at]
    late = tuple(p.serial for p in passages if (p.dispatched_at or now) - p.clock_start > promise)
    return LastHour(
        orders=len(passages),
        dispatched=len(taken),
        median_seconds=round(median(taken), 3) if taken else None,
        longest_seconds=round(max(taken), 3) if taken else None,
        promise_seconds=promise.total_seconds(),
        late=late,
    )


def running_process(data_folder: Path) -> int | None:
    """The process number of the daemon on this data folder, None where none runs."""
    try:
        number = int((data_folder / LOCK_FILE).read_text("ascii"))
        os.kill(number, 0)
    except PermissionError:  # it is there, and another user's
        return number
    except (OSError, ValueError):
        return None
    return number
