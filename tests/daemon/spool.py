"""A gammu-smsd FILES spool without its modem: what the daemon put there is carried to sent, and remembered."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

MARK = b"\xfe\xff"


@dataclass(frozen=True)
class Text:
    """A text message that left the outbox, or still waits in it."""

    name: str  # of its file
    number: str
    words: str


class Spool:
    """The four folders; `carry` does what gammu-smsd does between two looks."""

    def __init__(self, folder: Path) -> None:
        self.inbox, self.outbox, self.sent, self.error = (folder / n for n in ("inbox", "outbox", "sent", "error"))
        for path in (self.inbox, self.outbox, self.sent, self.error):
            path.mkdir(parents=True)
        self._carried: list[Text] = []
        self._numbers = itertools.count()

    def carry(self) -> None:
        """Send what waits."""
        for path in sorted(self.outbox.glob("OUT*.txt")):
            self._carried.append(_text(path))
            path.replace(self.sent / path.name)

    def texts(self) -> list[Text]:
        """Every text that was ever let into the outbox, as often as it was."""
        return self._carried + [_text(path) for path in sorted(self.outbox.glob("OUT*.txt"))]

    def receive(self, sender: str, words: str) -> None:
        """Let a text message come in, as gammu-smsd writes it."""
        name = f"IN{datetime.now(UTC):%Y%m%d_%H%M%S}_{next(self._numbers):02d}_{sender}_00.txt"
        fresh = self.inbox / f".{name}"
        fresh.write_bytes(MARK + words.encode("utf-16-be"))
        fresh.replace(self.inbox / name)


def _text(path: Path) -> Text:
    return Text(path.name, path.stem.split("_")[3], path.read_bytes().removeprefix(MARK).decode("utf-16-be"))
