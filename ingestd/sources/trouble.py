"""What a failure of the store means to a source, without knowing which database it is."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator

FULL_ERRNOS = frozenset({errno.ENOSPC, errno.EDQUOT})
FULL_SQLSTATE = "53100"  # PostgreSQL: disk_full


def is_disk_full(error: BaseException) -> bool:
    """Whether an error, or one that caused it, says that there is no room left."""
    return any(
        getattr(cause, "errno", None) in FULL_ERRNOS
        or getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
        or getattr(cause, "sqlstate", None) == FULL_SQLSTATE
        for cause in causes(error)
    )


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error and what it was raised from."""
    while error is not None:
        yield error
        error = error.__cause__


def store_trouble(error: BaseException) -> tuple[str, str]:
    """Kind and detail of an error of the inbox; its text may quote a message, so only its type is told."""
    return ("disk" if is_disk_full(error) else "store"), type(error).__name__
