"""How far a database has come, noted outside of it: one that was put back from a backup has come less far."""

from __future__ import annotations

import mmap
import os
import secrets
import struct
from pathlib import Path

from sqlalchemy import Connection, bindparam, cast, insert, select, update
from sqlalchemy.types import BigInteger, String

from ingestd.store.schema import switch

HIGH_WATER = "high_water"  # the file, in the data folder
LAYOUT = struct.Struct("<8s8sq")  # magic, the folder's own name, number of its last commit
MAGIC = b"hiwater\n"
PREFIX = "commits:"  # rows of `switch`, one for each data folder that has written here

COUNT = (
    update(switch)
    .where(switch.c.name == bindparam("b_name"))
    .values(value=cast(cast(switch.c.value, BigInteger) + 1, String(200)))
    .returning(switch.c.value)
)
NUMBER = select(switch.c.value).where(switch.c.name == bindparam("b_name"))
FOLDERS = select(switch.c.name).where(switch.c.name.startswith(PREFIX)).limit(1)


class WentBackError(Exception):
    """The database has fewer commits than were made here: it was put back from a backup, or a stale standby answers."""

    permanent = True


class HighWater:
    """The number of this data folder's last commit, in shared memory backed by a file that no backup touches.

    The kernel keeps the page when the process is killed. A number is noted before anything leaves because of its
    commit, so that what was sent is never unknown to the note.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        if not is_whole(path):
            make(path)
        with path.open("r+b") as file:
            self.memory = mmap.mmap(file.fileno(), LAYOUT.size)
        _, folder, self.number = LAYOUT.unpack_from(self.memory)
        self.row = PREFIX + folder.decode("ascii")

    def lags(self, connection: Connection) -> bool:
        """Whether the database has come less far than is noted here.

        On SQLite also where it was written from another folder and never from this one: it was carried here. Several
        daemons may share PostgreSQL, so that a new folder says nothing there.
        """
        value = connection.execute(NUMBER, {"b_name": self.row}).scalar_one_or_none()
        if value is not None:
            return bool(int(value) < self.number)
        if self.number:
            return True
        return connection.dialect.name == "sqlite" and connection.execute(FOLDERS).first() is not None

    def agree(self, connection: Connection) -> None:
        """Let the database have come as far as the note; for one that was put back knowingly."""
        connection.execute(switch.delete().where(switch.c.name == self.row))
        connection.execute(insert(switch).values(name=self.row, value=str(self.number)))

    def count(self, connection: Connection) -> int:
        """Count the transaction at hand; raises WentBackError where the database lags."""
        value = connection.execute(COUNT, {"b_name": self.row}).scalar_one_or_none()
        number = 0 if value is None else int(value)
        if value is None and not self.number:
            number = 1
            connection.execute(insert(switch).values(name=self.row, value="1"))
        if number <= self.number:
            raise WentBackError(f"commit {self.number + 1} follows, the database would count {number}")
        return number

    def note(self, number: int) -> None:
        """The transaction of this number is committed."""
        self.number = number
        LAYOUT.pack_into(self.memory, 0, MAGIC, self.row.removeprefix(PREFIX).encode("ascii"), number)

    def close(self) -> None:
        """Let go of the file."""
        self.memory.flush()
        self.memory.close()


def is_whole(path: Path) -> bool:
    """Whether the file is one of ours; what is none says nothing, as if it had never been."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return False
    return len(data) == LAYOUT.size and data.startswith(MAGIC)


def make(path: Path) -> None:
    """Write the file of a folder that has committed nothing yet, whole on disk or not at all."""
    fresh = path.with_suffix(".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(LAYOUT.pack(MAGIC, secrets.token_hex(4).encode("ascii"), 0))
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
