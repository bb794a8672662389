"""The tables of an empty database without the work of making them: made once a test process, and copied."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from ingestd.store.upgrade import upgrade


def lay_tables(file: Path) -> None:
    """An empty SQLite database of the newest revision at a place where there is none, as `ingestd db upgrade` does."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("xb") as fresh:
        fresh.write(empty_database())


@cache
def empty_database() -> bytes:
    """What a SQLite database of the newest revision is on the disk, with nothing in its tables."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "ingestd.db"
        upgrade(f"sqlite:///{file}")
        (only,) = file.parent.iterdir()  # no log beside it in which part of it is
        return only.read_bytes()
