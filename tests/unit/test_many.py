"""A statement for many rows says the same to a driver as SQLAlchemy would."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import (
    Column,
    Connection,
    Integer,
    MetaData,
    String,
    Table,
    bindparam,
    create_engine,
    insert,
    null,
    select,
    update,
)

from ingestd.domain.sending import SendingState
from ingestd.store.many import Many
from ingestd.store.schema import Instant

AT = datetime(2026, 11, 22, 10, 0, 0, 5, tzinfo=UTC)
THING = Table(
    "thing",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("state", String(12)),
    Column("at", Instant),
)
INSERT = Many(insert(THING))
MOVE = Many(
    update(THING)
    .where(THING.c.id == bindparam("b_id"), THING.c.state == SendingState.DUE)
    .values(state=bindparam("b_state"), at=null())
)


@pytest.fixture
def connection() -> Iterator[Connection]:
    with create_engine("sqlite://").connect() as opened:
        THING.create(opened)
        yield opened


def rows(connection: Connection) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in connection.execute(select(THING).order_by(THING.c.id))]


def test_rows_come_back_as_they_were_written(connection: Connection) -> None:
    elsewhere = AT.astimezone(timezone(timedelta(hours=8)))
    INSERT.run(connection, [{"id": 1, "state": "due", "at": elsewhere}, {"id": 2, "state": "due", "at": None}])
    assert rows(connection) == [(1, "due", AT), (2, "due", None)]
    assert connection.exec_driver_sql("SELECT at FROM thing WHERE id = 1").scalar_one() == "2026-11-22T10:00:00.000005Z"


def test_rows_with_other_names_are_another_statement(connection: Connection) -> None:
    INSERT.run(connection, [{"id": 1, "state": "due", "at": AT}])
    INSERT.run(connection, [{"state": "held", "id": 2}])
    assert rows(connection) == [(1, "due", AT), (2, "held", None)]


def test_an_update_tells_how_many_rows_it_touched(connection: Connection) -> None:
    INSERT.run(connection, [{"id": n, "state": state, "at": AT} for n, state in enumerate(("due", "held", "due"))])
    assert MOVE.run(connection, [{"b_id": n, "b_state": SendingState.SENDING} for n in range(3)]) == 2
    assert rows(connection) == [(0, "sending", None), (1, "held", AT), (2, "sending", None)]


def test_no_rows_are_nothing_to_do(connection: Connection) -> None:
    assert INSERT.run(connection, []) == 0
