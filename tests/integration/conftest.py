"""What the tests of the store have: a database of the newest revision."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingestd.store.database import Database
from ingestd.store.upgrade import upgrade
from tests.daemon.tables import lay_tables


@pytest.fixture
def db(database: str) -> Iterator[Database]:
    """A database on SQLite and on PostgreSQL, with tables and nothing in them."""
    opened = Database(database)
    if opened.is_sqlite and opened.url.database:
        lay_tables(Path(opened.url.database))
    else:
        upgrade(database)
    yield opened
    opened.close()
