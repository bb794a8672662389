"""Copies of a SQLite database: one made beside whoever writes, and one put in its place."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from pathlib import Path

from ingestd.domain.failpoint import failpoint

PARTS = ("-wal", "-shm")  # of a database: what belongs to it beside its file


def back_up(source: Path, target: Path) -> int:
    """Copy the database as it is at one moment; its size in bytes.

    Whoever writes is not kept waiting. Under the final name there is the whole copy, or what was there before.
    """
    fresh = beside(target, "new")
    discard(fresh)
    os.close(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))  # it holds names and phones
    with (
        contextlib.closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as live,
        contextlib.closing(sqlite3.connect(fresh)) as copy,
    ):
        live.backup(copy)  # all of it in one step, under one read transaction
        copy.execute("PRAGMA journal_mode=DELETE")  # so that nothing of it is left beside the file
    failpoint("backup.mid")
    on_disk(fresh)
    fresh.replace(target)
    on_disk(target.parent)
    return target.stat().st_size


def put_in_place(target: Path, file: Path, name: str) -> Path | None:
    """Put a copy of `file` in the database's place; what was there stays beside it, in the file that is given back.

    Nobody may have the database open. A kill leaves it as it was, or the new one, never a mixture.
    """
    fresh = beside(target, "restored")
    back_up(file, fresh)
    aside = beside(target, name) if target.exists() else None
    if aside:
        with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(target)) as old:  # perhaps damaged
            old.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        for part in ("", *PARTS):
            if Path(f"{target}{part}").exists():
                shutil.copy2(f"{target}{part}", f"{aside}{part}")
    for part in PARTS:  # beside the new file they would be taken for its own
        Path(f"{target}{part}").unlink(missing_ok=True)
    failpoint("restore.mid")
    fresh.replace(target)
    on_disk(target.parent)
    return aside


def faults(file: Path) -> list[str]:
    """What is wrong with a database file, nothing where it is sound."""
    try:
        with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
            found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(5)")]
            found += [f"foreign key of {row[0]}" for row in connection.execute("PRAGMA foreign_key_check")]
    except sqlite3.Error as error:
        return [str(error)]
    return [said for said in found if said != "ok"]


def beside(path: Path, suffix: str) -> Path:
    """A file in the same folder, so that it can take the other's place."""
    return path.with_name(f"{path.name}.{suffix}")


def discard(path: Path) -> None:
    """Remove what a copy that was broken off left behind."""
    for part in ("", "-journal", *PARTS):
        Path(f"{path}{part}").unlink(missing_ok=True)


def on_disk(path: Path) -> None:
    """Return when a file, or a folder's list of names, survives a power cut."""
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
