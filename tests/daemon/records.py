"""What the daemon wrote down, read past it: plain SQL by the database's own driver."""

from __future__ import annotations

import contextlib
import sqlite3
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import dict_row

FINAL = frozenset({"applied", "review", "duplicate", "ignored", "baseline", "quarantined"})
OPEN_SENDINGS = frozenset({"due", "sending", "uncertain"})
UNSENT = f"SELECT DISTINCT state, next_at AS until FROM sending WHERE state IN {tuple(sorted(OPEN_SENDINGS))}"
Row = dict[str, Any]


class Records:
    """One database, SQLite or PostgreSQL, by its SQLAlchemy URL; each look is a connection of its own."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite:///")

    def rows(self, query: str) -> list[Row]:
        """What a query gives; nothing while there are no tables yet."""
        try:
            return self._sqlite_rows(query) if self.is_sqlite else self._postgres_rows(query)
        except (sqlite3.OperationalError, psycopg.errors.UndefinedTable) as error:
            if "no such table" in str(error) or "unable to open" in str(error) or "does not exist" in str(error):
                return []
            raise

    def value(self, query: str) -> Any:
        """The one value that a query gives, None where it gives none."""
        return next((value for row in self.rows(query) for value in row.values()), None)

    def messages(self) -> list[Row]:
        """All messages with their bytes, oldest first."""
        return self.rows("SELECT m.*, r.bytes FROM message m JOIN message_raw r ON r.message_id = m.id ORDER BY m.id")

    def orders(self) -> list[Row]:
        """All orders, each with the message that made it, oldest first."""
        return self.rows(
            "SELECT o.*, r.message_id FROM orders o JOIN revision r ON r.order_id = o.id AND r.number = 1 ORDER BY o.id"
        )

    def sendings(self) -> list[Row]:
        """All sendings with their bytes, oldest first."""
        return self.rows("SELECT s.*, b.bytes FROM sending s JOIN sending_body b ON b.sending_id = s.id ORDER BY s.id")

    def alarms(self) -> list[Row]:
        """All alarms that were ever opened."""
        return self.rows("SELECT * FROM alarm ORDER BY id")

    def is_quiet(self, messages: int, now: datetime | None = None) -> bool:
        """Whether so many messages are there and nothing of them is left to be done, or not before a later time."""
        states = {
            row["state"]: row["n"] for row in self.rows("SELECT state, count(*) AS n FROM message GROUP BY state")
        }
        if sum(states.values()) < messages or states.keys() - FINAL - ({"stored"} if now else set()):
            return False
        stored = self.rows("SELECT lease_until AS until, owner FROM message WHERE state = 'stored'") if now else []
        waiting = [{"until": None if row["owner"] else row["until"]} for row in stored]  # for another message
        unsent = self.rows(UNSENT)  # in one look: what is due in one and taken by the next would be seen in neither
        if any(not now or row["state"] != "due" for row in unsent):
            return False
        return all(now and moment(row["until"] or now) > now for row in [*waiting, *unsent])

    def standing(self) -> str:
        """How many messages and sendings are in each state, and what is not done with, for a person to read."""
        open_ones = "SELECT id, state, strikes, owner, lease_until FROM message WHERE state = 'stored'"
        sent = "SELECT state, channel, count(*) AS n FROM sending GROUP BY state, channel"
        messages = "SELECT state, count(*) AS n FROM message GROUP BY state"
        return "\n".join(str(row) for query in (messages, open_ones, sent) for row in self.rows(query))

    def damage(self) -> list[str]:
        """What the database itself finds wrong with its file; PostgreSQL is not asked."""
        if not self.is_sqlite:
            return []
        found = [str(row["integrity_check"]) for row in self.rows("PRAGMA integrity_check")]
        return [text for text in found if text != "ok"] + [str(row) for row in self.rows("PRAGMA foreign_key_check")]

    def _sqlite_rows(self, query: str) -> list[Row]:
        path = self.url.removeprefix("sqlite:///")
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(query)]

    def _postgres_rows(self, query: str) -> list[Row]:
        with psycopg.connect(self.url.replace("+psycopg", ""), row_factory=dict_row) as connection:
            return connection.execute(query.encode()).fetchall()


def moment(value: str | datetime) -> datetime:
    """A time as either database gives it."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value
