"""What the inlet answers."""

from __future__ import annotations

import errno
import sqlite3

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from ingestd.sources.inlet.answer import DISK_FULL, TRY_LATER, has_bare_line_end, refusal


@pytest.mark.parametrize("content", [b"", b"one line", b"one\r\ntwo\r\n", b"\r\n\r\n", b"\x00\r\n"])
def test_whole_line_ends_are_fine(content: bytes) -> None:
    assert not has_bare_line_end(content)


@pytest.mark.parametrize("content", [b"\n", b"\r", b"one\ntwo\r\n", b"one\rtwo\r\n", b"one\r\r\n", b"\n\r\n", b"end\r"])
def test_half_line_ends_are_not(content: bytes) -> None:
    assert has_bare_line_end(content)


def full_sqlite_error() -> Exception:
    """The error of a real database that may not grow."""
    engine = create_engine("sqlite://")
    try:
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE t (x)"))
            connection.execute(text("PRAGMA max_page_count = 3"))
            connection.execute(text("INSERT INTO t VALUES (zeroblob(1000000))"))
    except OperationalError as error:
        return error
    finally:
        engine.dispose()
    raise AssertionError("the database grew")


def postgres_error() -> Exception:
    cause = RuntimeError("could not extend file")
    cause.sqlstate = "53100"  # type: ignore[attr-defined]  # as psycopg's errors have it
    error = RuntimeError("wrapped")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "full"), OSError(errno.EDQUOT, "quota"), full_sqlite_error(), postgres_error()]
)
def test_a_full_disk_is_said_to_be_one_whichever_database_finds_it(error: Exception) -> None:
    assert refusal(error) == DISK_FULL


@pytest.mark.parametrize("error", [OSError(errno.EIO, "io"), RuntimeError(), sqlite3.OperationalError("locked")])
def test_any_other_failure_is_temporary_too(error: Exception) -> None:
    assert refusal(error) == TRY_LATER
