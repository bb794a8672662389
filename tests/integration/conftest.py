"""What the tests of the store have: a database of the newest revision."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ingestd.store.database import Database
from ingestd.store.upgrade import upgrade


@pytest.fixture
def db(database: str) -> Iterator[Database]:
    """A database on SQLite and on PostgreSQL, with tables and nothing in them."""
    upgrade(database)
    opened = Database(database)
    yield opened
    opened.close()
