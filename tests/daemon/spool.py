"""A gammu-smsd FILES spool without its modem: what the daemon put there is carried to sent, and remembered."""

from __future__ import annotations

import itertools
import os
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

MARK = b"\xfe\xff"
ZONE = ZoneInfo("Asia/Shanghai")  # of the site, in which gammu-smsd names files


@dataclass(frozen=True)
class Text:
    """A text message that left the outbox, or still waits in it."""

    name: str  # of its file
    number: str
    words: str
    at: datetime | None = None  # when it was written into the outbox, by the machine's clock


class Spool:
    """The four folders; `carry` does what gammu-smsd does between two looks."""

    def __init__(self, folder: Path) -> None:
        self.inbox, self.outbox, self.sent, self.error = (folder / n for n in ("inbox", "outbox", "sent", "error"))
        for path in (self.inbox, self.outbox, self.sent, self.error):
            path.mkdir(parents=True)
        self.stands_still = False  # the modem is gone: nothing leaves the outbox
        self._carried: list[Text] = []
        self._numbers = itertools.count()
        self._lock = threading.Lock()

    def carry(self) -> None:
        """Send what waits."""
        with self._lock:
            for path in [] if self.stands_still else sorted(self.outbox.glob("OUT*.txt")):
                self._carried.append(_text(path))
                path.replace(self.sent / path.name)

    def texts(self) -> list[Text]:
        """Every text that was ever let into the outbox, as often as it was."""
        with self._lock:
            return self._carried + [_text(path) for path in sorted(self.outbox.glob("OUT*.txt"))]

    def receive(self, sender: str, words: str, at: datetime | None = None) -> None:
        """Let a text message come in now or `at`, as gammu-smsd writes it."""
        came = at or datetime.now(UTC)
        name = f"IN{came.astimezone(ZONE):%Y%m%d_%H%M%S}_{next(self._numbers):02d}_{sender}_00.txt"
        fresh = self.inbox / f".{name}"
        fresh.write_bytes(MARK + words.encode("utf-16-be"))
        os.utime(fresh, (came.timestamp(), came.timestamp()))
        fresh.replace(self.inbox / name)


def _text(path: Path) -> Text:
    words = path.read_bytes().removeprefix(MARK).decode("utf-16-be")
    return Text(path.name, path.stem.split("_")[3], words, datetime.fromtimestamp(path.stat().st_mtime, UTC))
