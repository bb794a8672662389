"""One IMAP connection: every step bounded in time, nothing of the wire in the log."""

from __future__ import annotations

import contextlib
import logging
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, LoginError
from imapclient.response_parser import parse_fetch_response

from ingestd.config.load import ConfigurationError, secret_of
from ingestd.config.peer import Security
from ingestd.config.settings import ImapAccount
from ingestd.domain.event import log

UNREADABLE = (IMAPClientError, ValueError, TypeError, LookupError, AttributeError)  # what imapclient's parsers raise
LOST = (IMAPClientAbortError, OSError)  # the connection is gone; an abort is an IMAPClientError too: ask for it first
NOT_NOW = ("[UNAVAILABLE]", "[INUSE]", "[LIMIT]", "[SERVERBUG]")  # RFC 5530: no word about name and password
IDENTITY = '("name" "ingestd" "vendor" "ingestd")'
DONE_WAIT_S = 10.0  # a frozen server is found out within idle_slice + this; faults.md F43
KEEPALIVE = {"TCP_KEEPIDLE": 10, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 20_000}  # s, s, times, ms
TICK_S = 1.0  # how often IDLE looks up

T = TypeVar("T")

logging.getLogger("imapclient").setLevel(logging.INFO)  # below that it logs what goes over the wire


class RefusedError(Exception):
    """The server does not let us in."""


class NotNowError(RefusedError):
    """The server does not let us in at the moment: too many connections, or a part of it is down."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the server says of a message before its bytes are fetched."""

    uid: int
    size: int  # bytes; 0 where the server does not say
    arrived_at: datetime | None


class Connection(IMAPClient):  # type: ignore[misc]  # imapclient ships no types
    """An IMAPClient that can list by FETCH, send ID unasked, and sees what its own buffer holds."""

    def _create_IMAP4(self) -> Any:  # noqa: N802 - imapclient's name
        imap = super()._create_IMAP4()
        sock = imap.sock
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option, value in KEEPALIVE.items():
            if hasattr(socket, option):
                sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
        return imap

    def _poll_socket(self, sock: Any, timeout: float | None = None) -> Any:
        # A notice that came in one packet with "+ idling" is in the reader's buffer; poll() would not wake for it.
        return self._buffered() or super()._poll_socket(sock, timeout)

    def _buffered(self) -> bool:
        if hasattr(self._imap, "_readbuf"):  # Python 3.14 and later
            return bool(self._imap._readbuf)
        try:
            return bool(self._imap.file.peek(1))
        except ssl.SSLWantReadError:
            return False

    def quiet(self) -> None:
        """Stop imaplib from formatting each line for a log that nobody may see."""
        self._imap.debug = 0

    def identify(self) -> None:
        """Send RFC 2971 ID whether or not the server announces it: 163 and 126 refuse EXAMINE without."""
        self._imap._simple_command("ID", IDENTITY)

    def listed(self, span: str) -> list[int]:
        """The UIDs in `span` by FETCH, for servers whose SEARCH refuses or lies."""
        typ, data = self._imap.uid("FETCH", span, "(UID)")
        self._checkok("FETCH", typ, data)
        rows = parse_fetch_response(data, False, False)  # by sequence number: unsolicited rows carry no UID
        return sorted(int(row[b"UID"]) for row in rows.values() if b"UID" in row)


class Session:
    """A connection that is logged in."""

    def __init__(self, connection: Connection, timeout_s: float) -> None:
        self._connection = connection
        self._timeout_s = timeout_s
        self._exists = 0

    @classmethod
    def opened(cls, account: ImapAccount) -> Session:
        """Connect, secure and log in by the account's settings.

        Raises RefusedError where the login is refused, OSError (SSLError) or IMAPClientError otherwise.
        """
        context = ssl.create_default_context(cafile=account.ca_file and str(account.ca_file))
        connection = connected(account, context)
        try:
            if account.security is Security.STARTTLS:
                connection.starttls(context)
            logged_in(connection, account)
        except BaseException:
            cut(connection)
            raise
        return cls(connection, account.timeout.total_seconds())

    @property
    def can_idle(self) -> bool:
        return bool(self._connection.has_capability("IDLE"))

    def enter(self, folder: str, writable: bool) -> int:
        """Open a folder, read-only unless mail is to be moved; gives its UIDVALIDITY (0 where there is none)."""
        answer = self._connection.select_folder(folder, readonly=not writable)
        self._exists = int(answer.get(b"EXISTS", 0) or 0)
        return int(answer.get(b"UIDVALIDITY", 0) or 0)

    def uids(self, first: int) -> list[int]:
        """The UIDs from `first` on, ascending: by SEARCH, or by FETCH where that is refused or names none."""
        return self._named(f"{first}:*", self._searched, self._listed, first=first)

    def listed(self, first: int, last: int | None = None) -> list[int]:
        """The UIDs from `first` on, ascending: by FETCH, the truth where SEARCH leaves mail out; faults.md 2.8."""
        return self._named(f"{first}:{last or '*'}", self._listed, self._searched, first=first)

    def highest(self) -> int:
        """The highest UID in the folder, 0 where it is empty."""
        return max(self._named("*", self._listed, self._searched), default=0)

    def _named(self, span: str, *ways: Callable[[str], Iterable[int]], first: int = 0) -> list[int]:
        """The UIDs in `span` from `first` on, by the first way that names any; `n:*` names the last in any case."""
        refusal: Exception | None = None
        answered = False
        for way in ways:
            try:
                found = sorted(way(span))
            except IMAPClientAbortError:
                raise
            except UNREADABLE as error:
                log("imap.listing_refused", level=logging.DEBUG, error=type(error).__name__)
                refusal = error
                continue
            if found:
                return [uid for uid in found if uid >= first]
            answered = True
        if refusal and not answered and self._exists:
            raise refusal
        return []  # some servers call any span of an empty folder invalid

    def _searched(self, span: str) -> Iterable[int]:
        return map(int, self._connection.search(f"UID {span}"))

    def _listed(self, span: str) -> Iterable[int]:
        return self._connection.listed(span)

    def facts(self, uids: list[int]) -> tuple[dict[int, Facts], dict[int, str]]:
        """Size and INTERNALDATE of each, and the UIDs whose answer cannot be read, with the reason."""
        return each(self._facts, uids)

    def _facts(self, uids: list[int]) -> dict[int, Facts]:
        rows = self._connection.fetch(uids, ["INTERNALDATE", "RFC822.SIZE"])
        return {uid: facts_of(uid, row) for uid, row in rows.items() if b"RFC822.SIZE" in row or b"INTERNALDATE" in row}

    def bodies(self, uids: list[int]) -> tuple[dict[int, bytes], dict[int, str]]:
        """The bytes of each that is still there, and the UIDs whose answer cannot be read, with the reason."""
        return each(lambda some: self._parts(some, "BODY.PEEK[]", b"BODY[]"), uids)

    def headers(self, uids: list[int]) -> tuple[dict[int, bytes], dict[int, str]]:
        """As `bodies`, but the header only."""
        return each(lambda some: self._parts(some, "BODY.PEEK[HEADER]", b"BODY[HEADER]"), uids)

    def _parts(self, uids: list[int], wanted: str, key: bytes) -> dict[int, bytes]:
        rows = self._connection.fetch(uids, [wanted])
        # Dovecot answers NIL for a mail expunged since the search, others leave the row out; faults.md 2.7
        return {uid: row[key] for uid, row in rows.items() if isinstance(row.get(key), bytes)}

    def still_there(self, uids: list[int]) -> set[int]:
        """Those of the UIDs that the folder still lists."""
        self._connection.noop()
        return {uid for uid in uids if self._named(str(uid), self._listed, self._searched)}

    def move(self, uids: list[int], folder: str) -> bool:
        """Move, or copy and mark as deleted, without ever expunging what others marked; False where neither can be."""
        if self._connection.has_capability("MOVE"):
            self._connection.move(uids, folder)
        elif self._connection.has_capability("UIDPLUS"):
            self._connection.copy(uids, folder)
            self._connection.add_flags(uids, [rb"\Deleted"], silent=True)
        else:
            return False
        return True

    def idle(self, until: float, go_on: Callable[[], bool]) -> bool:
        """Wait for news of the open folder until `until` (monotonic); whether there was any.

        Raises IMAPClientAbortError or OSError where the peer is gone or frozen.
        """
        self._connection.idle()
        news = False
        while not news and go_on() and (left := until - time.monotonic()) > 0:
            wait = min(TICK_S, left)
            began = time.monotonic()
            answers = self._connection.idle_check(wait)
            news = any(is_news(answer) for answer in answers)
            if not answers and time.monotonic() - began < wait / 2:
                break  # imapclient swallows an EOF: DONE brings it to light, or goes through on a live peer
        self._connection.socket().settimeout(min(DONE_WAIT_S, self._timeout_s))
        _, late = self._connection.idle_done()
        self._connection._set_read_timeout()
        return news or any(is_news(answer) for answer in late)

    def close(self) -> None:
        """Take leave of the server."""
        with contextlib.suppress(*UNREADABLE, OSError):
            self._connection.logout()
            return
        cut(self._connection)

    def cut(self) -> None:
        """Wake whoever waits on this connection, from any thread."""
        with contextlib.suppress(OSError, ValueError):
            socket.socket.shutdown(self._connection.socket(), socket.SHUT_RDWR)


def each(ask: Callable[[list[int]], dict[int, T]], uids: list[int]) -> tuple[dict[int, T], dict[int, str]]:
    """What `ask` answers for all UIDs at once, or for each alone where that cannot be read; faults.md 2.12."""
    if not uids:
        return {}, {}
    try:
        return ask(uids), {}
    except IMAPClientAbortError:
        raise
    except UNREADABLE as error:
        if len(uids) == 1:
            return {}, {uids[0]: f"the server's answer cannot be read ({type(error).__name__})"}
    answers: dict[int, T] = {}
    unreadable: dict[int, str] = {}
    for uid in uids:
        answer, reason = each(ask, [uid])
        answers |= answer
        unreadable |= reason
    return answers, unreadable


def facts_of(uid: int, row: Mapping[bytes, Any]) -> Facts:
    """A row of FETCH as facts; without a date where there is none, or 1970 as Dovecot gives it for what is gone."""
    said = row.get(b"INTERNALDATE")
    known = isinstance(said, datetime) and said.tzinfo is not None and said.timestamp() > 0
    return Facts(uid, int(row.get(b"RFC822.SIZE") or 0), said if known else None)


def is_news(answer: Iterable[object]) -> bool:
    """Whether an untagged answer in IDLE tells of new mail; raises IMAPClientAbortError where it says goodbye."""
    words = [word for word in answer if isinstance(word, bytes)]
    if words[:1] == [b"BYE"]:
        raise IMAPClientAbortError("the server said BYE")
    return b"EXISTS" in words or b"RECENT" in words


def connected(account: ImapAccount, context: ssl.SSLContext) -> Connection:
    """A connection, encrypted from the start where the settings say so."""
    tls = account.security is Security.TLS
    timeout = account.timeout.total_seconds()
    connection = Connection(account.host, account.port, ssl=tls, ssl_context=context if tls else None, timeout=timeout)
    connection.quiet()
    connection.normalise_times = False
    return connection


def logged_in(connection: Connection, account: ImapAccount) -> None:
    """Log in and say who we are."""
    try:
        secret = secret_of(account)
    except ConfigurationError as error:
        raise RefusedError(str(error)) from error
    try:
        if connection.has_capability("LOGINDISABLED") or not (account.username + secret).isascii():
            connection.plain_login(account.username, secret)
        else:
            connection.login(account.username, secret)
    except LoginError as error:
        if isinstance(error.__context__, LOST):
            raise error.__context__ from None
        raise refusal(without(secret, answer_text(error))) from None
    with contextlib.suppress(IMAPClientError):
        connection.identify()


def refusal(said: str) -> RefusedError:
    """A refused login by its response code, where there is one."""
    return NotNowError(said) if said.startswith(NOT_NOW) else RefusedError(said)


def without(secret: str, text: str) -> str:
    """The text, should a server have repeated the password in it."""
    return text.replace(secret, "***") if secret else text


def answer_text(error: BaseException) -> str:
    """A server's refusal as one short line."""
    text = str(error)
    if text[:2] in ("b'", 'b"'):
        text = text[2:-1]
    return " ".join(text.split())[:200]


def told(error: BaseException) -> str:
    """What may be said of a failure: never a piece of a message, which imaplib puts behind `b'`."""
    if isinstance(error, RefusedError):
        return str(error)
    text = " ".join(str(error).split()).partition(": b'")[0].partition(': b"')[0]
    return f"{type(error).__name__}: {text}"[:200]


def cut(connection: Connection) -> None:
    """Close the socket, come what may."""
    with contextlib.suppress(*UNREADABLE, OSError):
        connection.shutdown()
