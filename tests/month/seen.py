"""What was seen of a month: the tracking record, everything that was sent, and where each order stands in the end."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

from tests.month.world import Attempt, Heard, World

SERIAL = re.compile(r"(?<!\d)\d{9}(?!\d)")


@dataclass(frozen=True)
class Line:
    """A line of an order's tracking record."""

    at: datetime
    order: int
    kind: str
    who: str
    data: Mapping[str, Any]


@dataclass(frozen=True)
class Sent:
    """Something that was to be sent."""

    sending_id: int
    order: int | None
    purpose: str
    cause: str
    channel: str
    recipient: str
    state: str
    created: datetime
    accepted: datetime | None
    changed: datetime | None
    body: bytes

    @property
    def words(self) -> str:
        """What its reader reads."""
        if self.channel != "email":
            return self.body.decode()
        part = message_from_bytes(self.body, policy=default).get_body(("plain",))
        return str(part.get_content()) if part else ""

    @property
    def way(self) -> tuple[str, str]:
        """Whom it reaches how."""
        return self.channel, self.recipient

    @property
    def is_chase(self) -> bool:
        """Whether a follow-up asks or tells somebody by it; further parts of a text message are none of their own."""
        return self.purpose in ("chase", "escalation") and self.cause.startswith("follow_up:") and "#" not in self.cause

    @property
    def serials(self) -> set[str]:
        """The orders that it names."""
        return set(SERIAL.findall(self.words))


@dataclass(frozen=True)
class Stands:
    """An order as the database has it in the end."""

    state: str
    dispatcher: str | None
    clock_start: datetime | None
    pickup_by: datetime | None
    deliver_by: datetime | None


@dataclass(frozen=True)
class Call:
    """Somebody whom the desk is to phone, until it has or need not any more."""

    phone: str
    opened: datetime
    done: datetime | None


@dataclass(frozen=True)
class Seen:
    """All of it."""

    heard: tuple[Heard, ...]
    attempts: tuple[Attempt, ...]
    lines: tuple[Line, ...]
    sent: tuple[Sent, ...]
    stands: Mapping[int, Stands]
    serials: Mapping[int, str]
    calls: tuple[Call, ...]


def moment(kept: str | None) -> datetime | None:
    """A moment as SQLite keeps it."""
    return datetime.fromisoformat(kept) if kept else None


def surely(kept: str) -> datetime:
    """A moment that is always there."""
    return datetime.fromisoformat(kept)


def seen_of(world: World) -> Seen:
    """What a world has left."""
    connection = sqlite3.connect(Path(world.folder) / "month.db")
    connection.row_factory = sqlite3.Row
    numbers = {serial: number for number, serial in world.serials.items()}
    ids = {row["id"]: numbers[row["serial"]] for row in connection.execute("SELECT id, serial FROM orders")}
    lines = tuple(
        Line(surely(row["at"]), ids[row["order_id"]], row["kind"], row["who"], json.loads(row["json"]) or {})
        for row in connection.execute("SELECT * FROM event WHERE order_id IS NOT NULL ORDER BY id")
    )
    sent = tuple(
        Sent(
            row["id"], ids.get(row["order_id"]), row["purpose"], row["cause"], row["channel"], row["recipient"],
            row["state"], surely(row["created_at"]), moment(row["accepted_at"]), moment(row["changed_at"]),
            row["bytes"],
        )
        for row in connection.execute("SELECT * FROM sending JOIN sending_body ON sending_id = id ORDER BY id")
    )  # fmt: skip
    stands = {
        ids[row["id"]]: Stands(
            row["state"],
            row["dispatcher"],
            moment(row["clock_start"]),
            moment(row["pickup_by"]),
            moment(row["deliver_by"]),
        )
        for row in connection.execute("SELECT * FROM orders")
    }
    calls = tuple(
        Call(row["phone"], surely(row["opened_at"]), moment(row["done_at"]))
        for row in connection.execute("SELECT * FROM call_task")
    )
    connection.close()
    heard, tried = tuple(world.heard), tuple(world.attempts)
    return Seen(heard, tried, lines, sent, stands, world.serials, calls)
