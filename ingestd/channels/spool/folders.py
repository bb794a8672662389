"""The spool's folders: where a text lies, and how one comes into the outbox exactly once."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from enum import Enum
from pathlib import Path

from ingestd.channels.spool.names import hidden
from ingestd.config.settings import SmsGateway


class Place(Enum):
    """Where gammu-smsd has a text."""

    OUTBOX = "outbox"  # waits for the modem
    SENT = "sent"
    ERROR = "error"  # gammu-smsd gave it up


class Folders:
    """The outbox, sent and error folders of a gammu-smsd spool; all methods raise OSError where one can't be used."""

    def __init__(self, settings: SmsGateway) -> None:
        self.outbox = settings.outbox
        self._in_order = ((Place.OUTBOX, settings.outbox), (Place.SENT, settings.sent), (Place.ERROR, settings.error))

    def place(self, name: str) -> Place | None:
        """Where the file is, or None where it is nowhere.

        Looked for in the direction in which gammu-smsd moves it, so that it can't slip through between two looks.
        """
        for place, folder in self._in_order:
            if holds(folder, name):
                return place
        return None

    @contextlib.contextmanager
    def reserved(self, name: str) -> Iterator[int | None]:
        """A file descriptor to write the text to, held by one worker on this machine alone; None: another has it.

        The lock is the file's own: it goes with the worker, even one that was stopped and wakes after its lease.
        """
        path = self.outbox / hidden(name)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o664)
        try:
            yield descriptor if locked(descriptor, path) else None
        finally:
            os.close(descriptor)

    def publish(self, name: str) -> None:
        """Let gammu-smsd see the text."""
        (self.outbox / hidden(name)).rename(self.outbox / name)

    def discard(self, name: str) -> None:
        """Take an unfinished text away."""
        (self.outbox / hidden(name)).unlink(missing_ok=True)

    def settle(self) -> None:
        """Make the outbox's names outlive a power cut."""
        descriptor = os.open(self.outbox, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def holds(folder: Path, name: str) -> bool:
    """Whether the folder has the file; OSError where the folder can't tell, which also looks like "no such file"."""
    try:
        (folder / name).lstat()
    except FileNotFoundError:
        folder.stat()
        return False
    return True


def locked(descriptor: int, path: Path) -> bool:
    """Lock an open file; False where another holds it, or published it meanwhile."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.path.samestat(os.fstat(descriptor), path.lstat())
    except (BlockingIOError, FileNotFoundError):
        return False


def write(descriptor: int, content: bytes) -> None:
    """Put the content, and nothing else, onto the disk."""
    os.ftruncate(descriptor, 0)
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view) :]
    os.fsync(descriptor)
