"""SQLite's write-ahead log: copied into the database and emptied, where nobody reads what stands in it."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

from ingestd.domain.failpoint import failpoint
from ingestd.store.database import Database


def checkpoint(database: Database) -> int:
    """Bring the log's pages into the database and empty it, without making anybody wait; bytes that it has then.

    A reader that stays pins what came after it began: the log grows until he goes. Nothing to do on PostgreSQL.
    """
    path = database.url.database
    if not database.is_sqlite or not path:
        return 0
    with contextlib.closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
        failpoint("wal.mid_checkpoint")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    log = Path(f"{path}-wal")
    return log.stat().st_size if log.exists() else 0
