"""A small IMAP server that answers as the odd ones do; what it plays was seen at real providers: faults.md 2.7, 2.8."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

Answer = Callable[[list[int]], list[bytes]]
PARTS = re.compile(r"BODY\.PEEK\[(HEADER)?\]")


@dataclass
class Oddities:
    """In which ways this server is odd; the defaults are no oddity."""

    capabilities: str = "IMAP4rev1 IDLE"
    needs_id: bool = False  # refuses EXAMINE before ID, as 163 does
    search: str = "OK"  # or "BAD", "empty", or "partial": all but the first
    uidnext: int | None = None  # None: the true one
    size_error: int = 0  # bytes by which RFC822.SIZE lies
    garbled: frozenset[int] = frozenset()  # UIDs whose FETCH row cannot be read
    hangs_up_on: dict[int, int] = field(default_factory=dict)  # UID: how often a FETCH of its bytes ends the connection
    arrives_with_idle: dict[int, bytes] = field(default_factory=dict)  # told of in one packet with "+ idling"
    bodiless: frozenset[int] = frozenset()  # UIDs that are listed but come without bytes


class ScriptedImap:
    """Serves one folder of mails by UID, on a loopback port."""

    def __init__(self, mails: dict[int, bytes], oddities: Oddities) -> None:
        self.mails = mails
        self.oddities = oddities
        self.fetched: list[list[int]] = []  # the UIDs of each FETCH of bytes
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])

    def __enter__(self) -> ScriptedImap:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=Conversation(self, client).run, daemon=True).start()


class Conversation:
    """One connection."""

    def __init__(self, server: ScriptedImap, client: socket.socket) -> None:
        self._server = server
        self._odd = server.oddities
        self._client = client
        self._identified = False

    def run(self) -> None:
        with self._client, self._client.makefile("rb") as lines:
            self._send(b"* OK ready")
            try:
                for line in lines:
                    tag, _, command = line.decode("ascii").strip().partition(" ")
                    self._send(*self._answers(command), self._end(tag, command))
            except OSError:
                return

    def _send(self, *lines: bytes) -> None:
        self._client.sendall(b"".join(line + b"\r\n" for line in lines if line))

    def _end(self, tag: str, command: str) -> bytes:
        verb = "DONE" if tag == "DONE" else command.upper()
        if verb.startswith("EXAMINE") and self._odd.needs_id and not self._identified:
            return f"{tag} NO EXAMINE Unsafe Login. Please contact kefu@example.com for help".encode()
        if verb.startswith("UID SEARCH") and self._odd.search == "BAD":
            return f"{tag} BAD Parse command error".encode()
        if verb == "IDLE":
            self._idle_tag = tag
            self._server.mails |= self._odd.arrives_with_idle
            return b"+ idling\r\n* %d EXISTS" % len(self._server.mails)
        return f"{self._idle_tag if verb == 'DONE' else tag} OK done".encode()

    def _answers(self, command: str) -> list[bytes]:
        verb = command.upper()
        if verb.startswith("CAPABILITY"):
            return [b"* CAPABILITY " + self._odd.capabilities.encode()]
        if verb.startswith("ID "):
            self._identified = True
        if verb.startswith("EXAMINE"):
            return self._examined()
        if verb.startswith("UID SEARCH"):
            return self._searched(command.rsplit(maxsplit=1)[-1])
        if verb.startswith("UID FETCH"):
            return self._fetched(command)
        return [b"* BYE"] if verb == "LOGOUT" else []

    def _examined(self) -> list[bytes]:
        if self._odd.needs_id and not self._identified:
            return []
        uidnext = max(self._server.mails, default=0) + 1 if self._odd.uidnext is None else self._odd.uidnext
        exists = b"* %d EXISTS" % len(self._server.mails)
        return [exists, b"* OK [UIDVALIDITY 1] ok", b"* OK [UIDNEXT %d] ok" % uidnext]

    def _searched(self, span: str) -> list[bytes]:
        if self._odd.search == "BAD":
            return []
        found = self._in(span)[{"OK": 0, "partial": 1, "empty": len(self._server.mails)}[self._odd.search] :]
        return [b" ".join([b"* SEARCH", *(b"%d" % uid for uid in found)])]

    def _in(self, span: str) -> list[int]:
        """The UIDs that a set names; `n:*` always holds the last one."""
        last = max(self._server.mails, default=0)
        found: set[int] = set()
        for item in span.split(","):
            ends = [last if end == "*" else int(end) for end in item.split(":")]
            found |= {uid for uid in self._server.mails if min(ends) <= uid <= max(ends)}
        return sorted(found)

    def _fetched(self, command: str) -> list[bytes]:
        _, _, span, wanted = command.split(" ", 3)
        uids = self._in(span)
        part = PARTS.search(wanted)
        if part is None:
            return [self._facts(uid) for uid in uids]
        self._server.fetched.append(uids)
        for uid in uids:
            if self._odd.hangs_up_on.get(uid, 0) > 0:
                self._odd.hangs_up_on[uid] -= 1
                raise ConnectionAbortedError
        return [self._body(uid, part.group(1)) for uid in uids if uid not in self._odd.bodiless]

    def _facts(self, uid: int) -> bytes:
        size = len(self._server.mails[uid]) + self._odd.size_error
        date = b'"22-Nov-2026 10:00:00 +0800"'
        return b"* %d FETCH (UID %d RFC822.SIZE %d INTERNALDATE %s)" % (uid, uid, size, date)

    def _body(self, uid: int, part: str | None) -> bytes:
        raw = self._server.mails[uid]
        if part:
            raw = raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
        name = b"BODY[HEADER]" if part else b"BODY[]"
        # An item without a value: imaplib's lines stay in step, but the row is odd
        garbage = b" STRAY" if uid in self._odd.garbled else b""
        return b"* %d FETCH (UID %d %s {%d}\r\n%s%s)" % (uid, uid, name, len(raw), raw, garbage)
