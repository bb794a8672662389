"""A small IMAP server with a mailbox of its own and the quirks of real providers; sources: faults.md 2.2, 2.7, 2.8."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

PART = re.compile(r"BODY\.PEEK\[(HEADER)?\]")
UNSAFE = "NO EXAMINE Unsafe Login. Please contact kefu@188.com for help"  # as 163, 126 and 188 put it
DONE = "OK done"
BAD = "BAD Parse command error"


@dataclass
class Quirks:
    """In which ways this server is odd; the defaults are no oddity. May be changed while it runs."""

    capabilities: str = "IMAP4rev1 IDLE"
    login: str = DONE  # or what every login is refused with
    needs_id: bool = False  # refuses EXAMINE before ID is sent by whoever is logged in, as 163 does
    examine: str = DONE  # or what it is refused with, whatever was sent before
    search: str = "OK"  # or "BAD", "empty", "partial": all but the first, or "lags": all but the last
    fetch_of_nothing: str = DONE  # the answer to a FETCH of UIDs that are not there
    uidnext: int | None = None  # None: the true one
    exists: int | None = None  # in the answer to EXAMINE; None: the true one
    size_error: int = 0  # bytes by which RFC822.SIZE lies
    literal_error: dict[int, int] = field(default_factory=dict)  # UID: bytes by which its literal's length lies
    garbled: frozenset[int] = frozenset()  # UIDs whose FETCH row cannot be read
    bodiless: frozenset[int] = frozenset()  # UIDs that are listed but come without bytes
    hangs_up_on: dict[int, int] = field(default_factory=dict)  # UID: how often a FETCH of its bytes ends the connection
    farewell: bytes = b""  # said before it hangs up
    pushes: bool = True  # tells of new mail in IDLE
    hangs_up_in_idle: int = 0  # how often IDLE ends the connection without a word
    arrives_with_idle: dict[int, bytes] = field(default_factory=dict)  # told of in one packet with "+ idling"


class HungUpError(ConnectionError):
    """A quirk ended the connection."""


class QuirkyImap:
    """Serves one folder of mails by UID, on a loopback port."""

    host = "127.0.0.1"

    def __init__(self, mails: Mapping[int, bytes], quirks: Quirks) -> None:
        self.mails = dict(mails)
        self.quirks = quirks
        self.fetched: list[list[int]] = []  # the UIDs of each FETCH of bytes
        self.logins: list[float] = []  # when each was tried, monotonic
        self.idling: set[Conversation] = set()
        self._door = socket.create_server((self.host, 0))
        self.port = int(self._door.getsockname()[1])

    def __enter__(self) -> QuirkyImap:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()

    def deliver(self, raw: bytes) -> int:
        """Put a mail into the folder and tell whoever idles; gives its UID."""
        uid = max(self.mails, default=0) + 1
        self.mails[uid] = raw
        if self.quirks.pushes:
            for conversation in list(self.idling):
                conversation.push(self.told_of_mail)
        return uid

    @property
    def told_of_mail(self) -> bytes:
        """The notice of how many mails there are."""
        return b"* %d EXISTS" % len(self.mails)

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._door.accept()
            except OSError:
                return
            threading.Thread(target=Conversation(self, client).run, daemon=True).start()


class Conversation:
    """One connection."""

    def __init__(self, server: QuirkyImap, client: socket.socket) -> None:
        self._server = server
        self._client = client
        self._sending = threading.Lock()  # notices come from the thread that delivers
        self._logged_in = False
        self._identified = False
        self._idle_tag = ""

    @property
    def _quirks(self) -> Quirks:
        return self._server.quirks

    def run(self) -> None:
        """Greet, and answer each command until the client is gone or a quirk hangs up."""
        with self._client, self._client.makefile("rb") as lines:
            try:
                self.push(b"* OK ready")
                for line in lines:
                    self._answer(line.decode("ascii").strip())
            except OSError:
                return
            finally:
                self._server.idling.discard(self)

    def push(self, *lines: bytes) -> None:
        """Send lines, as one packet."""
        with self._sending:
            self._client.sendall(b"".join(line + b"\r\n" for line in lines))

    def _answer(self, line: str) -> None:
        tag, _, command = line.partition(" ")
        if tag == "DONE":
            self._server.idling.discard(self)
            return self.push(f"{self._idle_tag} {DONE}".encode())
        verb, _, rest = command.partition(" ")
        if verb.upper() == "IDLE":
            return self._idle(tag)
        if verb.upper() == "UID":
            verb, _, rest = rest.partition(" ")
        answer = ANSWERS.get(verb.upper())
        untagged, end = answer(self, rest) if answer else ([], BAD)
        return self.push(*untagged, f"{tag} {end}".encode())

    def _capability(self, _: str) -> tuple[list[bytes], str]:
        return [b"* CAPABILITY " + self._quirks.capabilities.encode()], DONE

    def _login(self, _: str) -> tuple[list[bytes], str]:
        self._server.logins.append(time.monotonic())
        self._logged_in = self._quirks.login == DONE
        return [], self._quirks.login

    def _id(self, _: str) -> tuple[list[bytes], str]:
        self._identified = self._logged_in
        return [b"* ID NIL"], DONE

    def _noop(self, _: str) -> tuple[list[bytes], str]:
        return [], DONE

    def _logout(self, _: str) -> tuple[list[bytes], str]:
        return [b"* BYE see you"], DONE

    def _examine(self, _: str) -> tuple[list[bytes], str]:
        if self._quirks.needs_id and not self._identified:
            return [], UNSAFE
        if self._quirks.examine != DONE:
            return [], self._quirks.examine
        mails = self._server.mails
        exists = len(mails) if self._quirks.exists is None else self._quirks.exists
        uidnext = max(mails, default=0) + 1 if self._quirks.uidnext is None else self._quirks.uidnext
        return [b"* %d EXISTS" % exists, b"* OK [UIDVALIDITY 1] ok", b"* OK [UIDNEXT %d] ok" % uidnext], DONE

    def _idle(self, tag: str) -> None:
        if self._quirks.hangs_up_in_idle > 0:
            self._quirks.hangs_up_in_idle -= 1
            raise HungUpError
        self._idle_tag = tag
        self._server.idling.add(self)
        self._server.mails |= self._quirks.arrives_with_idle
        told = [self._server.told_of_mail] if self._quirks.arrives_with_idle else []
        self.push(b"+ idling", *told)

    def _search(self, criteria: str) -> tuple[list[bytes], str]:
        if self._quirks.search == "BAD":
            return [], BAD
        found = self._in(criteria.rsplit(maxsplit=1)[-1])
        if self._quirks.search == "lags":
            last = max(self._server.mails, default=0)
            found = [uid for uid in found if uid != last] or sorted(self._server.mails)[-2:-1]
        elif self._quirks.search != "OK":
            found = found[1:] if self._quirks.search == "partial" else []
        return [b" ".join([b"* SEARCH", *(b"%d" % uid for uid in found)])], DONE

    def _fetch(self, wanted: str) -> tuple[list[bytes], str]:
        span, _, items = wanted.partition(" ")
        uids = self._in(span)
        if not uids:
            return [], self._quirks.fetch_of_nothing
        part = PART.search(items)
        if part is None:
            return [self._facts(uid) for uid in uids], DONE
        self._server.fetched.append(uids)
        return [row for uid in uids for row in self._body(uid, part.group(1))], DONE

    def _in(self, span: str) -> list[int]:
        """The UIDs that a set names; `n:*` always holds the last one."""
        last = max(self._server.mails, default=0)
        found: set[int] = set()
        for item in span.split(","):
            ends = [last if end == "*" else int(end) for end in item.split(":")]
            found |= {uid for uid in self._server.mails if min(ends) <= uid <= max(ends)}
        return sorted(found)

    def _facts(self, uid: int) -> bytes:
        size = len(self._server.mails[uid]) + self._quirks.size_error
        date = b'"22-Nov-2026 10:00:00 +0800"'
        return b"* %d FETCH (UID %d RFC822.SIZE %d INTERNALDATE %s)" % (uid, uid, size, date)

    def _body(self, uid: int, part: str | None) -> list[bytes]:
        if self._quirks.hangs_up_on.get(uid, 0) > 0:
            self._quirks.hangs_up_on[uid] -= 1
            if self._quirks.farewell:
                self.push(self._quirks.farewell)
            raise HungUpError
        if uid in self._quirks.bodiless:
            return []
        raw = self._server.mails[uid]
        if part:
            raw = raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
        length = len(raw) + self._quirks.literal_error.get(uid, 0)
        name = b"BODY[HEADER]" if part else b"BODY[]"
        # An item without a value: imaplib's lines stay in step, but the row is odd
        garbage = b" STRAY" if uid in self._quirks.garbled else b""
        return [b"* %d FETCH (UID %d %s {%d}\r\n%s%s)" % (uid, uid, name, length, raw, garbage)]


ANSWERS: Mapping[str, Callable[[Conversation, str], tuple[list[bytes], str]]] = {
    "CAPABILITY": Conversation._capability,
    "LOGIN": Conversation._login,
    "ID": Conversation._id,
    "NOOP": Conversation._noop,
    "LOGOUT": Conversation._logout,
    "EXAMINE": Conversation._examine,
    "SEARCH": Conversation._search,
    "FETCH": Conversation._fetch,
}
