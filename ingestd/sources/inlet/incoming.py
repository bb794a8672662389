"""One message while it comes in: its bytes, or why it is not taken."""

from __future__ import annotations

from ingestd.sources.inlet.answer import LONG_LINE, NO_ROOM, TOO_LARGE
from ingestd.sources.inlet.door import Doorkeeper

CRLF = b"\r\n"
FINAL_DOT = b".\r\n"
LONGEST_LINE = 1000  # octets, with CRLF (RFC 5321 §4.5.3.1.6)


class Incoming:
    """Takes a message piece by piece. Of one that is refused nothing is kept; it is heard out all the same."""

    def __init__(self, largest: int, door: Doorkeeper) -> None:
        self.content = bytearray()
        self.refusal = ""
        self._largest = largest
        self._door = door
        self._size = 0
        self._at_line_start = True

    def add(self, piece: bytes) -> bool:
        """Take the next line, or a part of one that is too long; whether it was the final dot.

        Only CR LF . CR LF ends a message: with any other line end a second one could be hidden in it (faults B82).
        """
        began, self._at_line_start = self._at_line_start, piece.endswith(CRLF)
        if began and piece == FINAL_DOT:
            return True
        self._size += len(piece)
        line = piece.removeprefix(b".")
        self.refusal = self.refusal or self._objection(line, whole=began and self._at_line_start)
        if self.refusal:
            self.drop()
        else:
            self.content += line
        return False

    def drop(self) -> None:
        """Forget what has come, and give its memory back."""
        self._door.gives_back(len(self.content))
        self.content = bytearray()

    def _objection(self, line: bytes, *, whole: bool) -> str:
        """Why the message is not taken with this line; empty where it is."""
        if not whole or len(line) > LONGEST_LINE:
            return LONG_LINE
        if self._size > self._largest:
            return TOO_LARGE
        return "" if self._door.takes(len(line)) else NO_ROOM
