"""What a command ends with: its exit code, and one line for each thing that is wrong."""

from __future__ import annotations

import errno

from ingestd.cli.words import word

FINE = 0
TROUBLE = 1  # something is wrong with what was looked at, or it is not there
WRONG_USE = 2
TEMPORARY = 75  # EX_TEMPFAIL of sysexits.h: try again later
CONFIGURATION = 78  # EX_CONFIG of sysexits.h


class Trouble(Exception):  # noqa: N818  it is what the person reads, not a programmer's error
    """A command can't do what it was asked to; the text says why and what would be right."""

    permanent = True

    def __init__(self, text: str, code: int = TROUBLE) -> None:
        super().__init__(text)
        self.code = code


def foreseen(error: Exception) -> Trouble | None:
    """The trouble that a foreseeable error is to a person; None for an error of ours."""
    if isinstance(error, Trouble):
        return error
    from ingestd.composing.wording import BrokenTemplateError
    from ingestd.config.load import ConfigurationError
    from ingestd.daemon.lock import AlreadyRunningError
    from ingestd.parsing.definitions import DefinitionError

    if isinstance(error, (ConfigurationError, DefinitionError, BrokenTemplateError)):
        return Trouble(str(error), CONFIGURATION)
    if isinstance(error, AlreadyRunningError):
        return Trouble(str(error), TEMPORARY)
    if type(error).__module__.startswith("sqlalchemy"):
        return of_database(error)
    if isinstance(error, OSError):
        name = f"{error.filename}: " if error.filename else ""
        code = TEMPORARY if error.errno in PASSING else TROUBLE
        return Trouble(f"{name}{error.strerror or error}", code)
    return None


PASSING = (errno.EADDRINUSE, errno.ENOSPC, errno.EAGAIN, errno.EMFILE)
SQLITE_TROUBLES = (
    ("database is locked", "locked", TEMPORARY),
    ("unable to open database file", "unopened", CONFIGURATION),
    ("readonly database", "readonly", CONFIGURATION),
    ("no such table", "no_tables", CONFIGURATION),
    ("no such column", "no_tables", CONFIGURATION),
    ("is not a database", "no_database", CONFIGURATION),
    ("malformed", "no_database", CONFIGURATION),
    ("disk is full", "full", TEMPORARY),
)
UNDEFINED = {"42P01", "42703"}  # PostgreSQL: undefined table, undefined column
WRONG_LOGIN = ("authentication failed", "does not exist", "no password supplied", "could not translate host name")


def of_database(error: Exception) -> Trouble | None:
    """The trouble behind an error of the database; None where our SQL is at fault."""
    from sqlalchemy.exc import DBAPIError

    if not isinstance(error, DBAPIError):
        return None
    said = " ".join(str(error.orig).split())
    for part, key, code in SQLITE_TROUBLES:
        if part in said:
            return Trouble(word(f"database.{key}", said=said), code)
    if getattr(error.orig, "sqlstate", None) in UNDEFINED:
        return Trouble(word("database.no_tables", said=said), CONFIGURATION)
    if type(error.orig).__name__ != "OperationalError":
        return None
    refused = any(part in said for part in WRONG_LOGIN)
    return Trouble(word("database.unreached", said=said[:300]), CONFIGURATION if refused else TEMPORARY)
