"""Connections to the database, SQLite or PostgreSQL: one way to read, one way to write."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, ExceptionContext, create_engine, event, make_url, text

BUSY_MS = 30_000  # how long another process may hold SQLite's write lock
WAL_LIMIT = 64 * 1024 * 1024  # bytes the log keeps after a checkpoint
DECIDE_LOCK = 0x1265D  # an advisory lock's number on PostgreSQL
FROZEN_MS = 30_000  # so long may who decides be silent to PostgreSQL; then another daemon does
# libpq's words: without them a server that vanished is waited for for hours. Seconds, but the last in ms.
PATIENCE = {
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
SILENT = text(  # PostgreSQL 13 and before have no such bound
    "SELECT set_config(name, :ms, false) FROM pg_settings WHERE name = 'idle_session_timeout'"
)
WRITER = "SELECT pg_current_xact_id_if_assigned()::text"  # none before the first change
READ_ONLY = "25006"  # a primary that became a standby answers, and takes nothing; faults.md F74
GONE = ("57P01", "57P02", "57P03", READ_ONLY)  # shut down, crashed, starting; class 08 is of connections


class Database:
    """The store's engine: `read()` for looking, `write()` for one transaction that begins as a writer."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.reading = new_engine(url, "BEGIN")
        self.writing = new_engine(url, "BEGIN IMMEDIATE") if self.is_sqlite else self.reading

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for looking; sees one moment on SQLite."""
        with self.reading.begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction, committed at the end of the block, rolled back by an exception."""
        with self.writing.begin() as connection:
            yield connection

    def changes(self, connection: Connection) -> int:
        """A number that differs before and after a transaction has written something."""
        if self.is_sqlite:
            return int(connection.connection.driver_connection.total_changes)  # type: ignore[union-attr]  # sqlite3's
        return int(connection.exec_driver_sql(WRITER).scalar_one_or_none() or 0)

    @contextmanager
    def deciding(self, frozen_ms: int = FROZEN_MS) -> Iterator[None]:
        """Only one process decides at a time; on SQLite the daemon's run lock sees to that.

        Who is silent for `frozen_ms` (0: for ever) loses his turn, and hears of it as of a lost connection.
        """
        if self.is_sqlite:
            yield
            return
        with self.writing.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("SELECT pg_advisory_lock(:n)"), {"n": DECIDE_LOCK})
            connection.execute(SILENT, {"ms": str(frozen_ms)})
            try:
                yield
            finally:
                connection.execute(text("SELECT pg_advisory_unlock(:n)"), {"n": DECIDE_LOCK})
                connection.execute(SILENT, {"ms": "0"})

    def close(self) -> None:
        """Give all connections back."""
        self.reading.dispose()
        self.writing.dispose()


def new_engine(url: str, begin: str) -> Engine:
    """An engine whose SQLite transactions start with `begin`: a deferred one fails at once where it has to write."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return postgres_engine(parsed)
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed, pool_size=8, max_overflow=8, connect_args={"timeout": BUSY_MS / 1000})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # the driver shall not begin transactions by itself
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"journal_size_limit={WAL_LIMIT}"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def postgres_engine(url: URL) -> Engine:
    """An engine whose connections are all made anew where one shows that its server is gone or no longer takes writes.

    What the URL itself says, such as several hosts with `target_session_attrs=read-write`, counts before PATIENCE.
    """
    patience = {name: value for name, value in PATIENCE.items() if name not in url.query}
    engine = create_engine(
        url, pool_size=8, max_overflow=8, pool_pre_ping=True, pool_recycle=1800, connect_args=patience
    )

    @event.listens_for(engine, "handle_error")
    def gone(context: ExceptionContext) -> None:
        state = getattr(context.original_exception, "sqlstate", None) or ""
        if state in GONE or state.startswith("08") or context.connection is None:
            context.is_disconnect = True

    return engine
