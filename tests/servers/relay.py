"""A scripted SMTP peer on a loopback port: it records what it accepts, and fails as and when it is told to.

smtp-sink shows that a real server takes our mail; this one shows what happens when a server does not.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Generic, TypeVar

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.servers.programs import STOP_SECONDS, ServerFailedError, free_port

T = TypeVar("T")
ALWAYS = 1_000_000
ACCEPTED = "250 2.0.0 Taken"


@dataclass(frozen=True)
class RelayedMail:
    """A mail the relay has taken: its envelope, its bytes, when (UTC), and on which of its connections."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    at: datetime
    connection: int


@dataclass(frozen=True)
class AtDot:
    """What the relay does at the final dot; no `reply` means that it hangs up without one."""

    reply: str | None = ACCEPTED
    keeps: bool = True
    stalls_seconds: float = 0


DROP_KEEPING = AtDot(reply=None)
DROP_LOSING = AtDot(reply=None, keeps=False)


@dataclass(frozen=True)
class RelayOptions:
    """How a relay is reached: TLS at once or by STARTTLS, and who may log in."""

    tls: ssl.SSLContext | None = None
    tls_at_once: bool = False
    users: Mapping[str, str] = field(default_factory=dict)


class Script(Generic[T]):
    """Answers that are due before the usual one, each a number of times, in the order they were given."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._due: list[tuple[T, int]] = []

    def add(self, answer: T, times: int) -> None:
        with self._lock:
            self._due.append((answer, times))

    def take(self) -> T | None:
        """Give the next answer that is due, None if there is nothing out of the usual."""
        with self._lock:
            if not self._due:
                return None
            answer, times = self._due.pop(0)
            if times > 1:
                self._due.insert(0, (answer, times - 1))
            return answer

    def clear(self) -> None:
        with self._lock:
            self._due.clear()


class Relay:
    """An SMTP server in a thread of its own."""

    host = "127.0.0.1"

    def __init__(self, options: RelayOptions | None = None) -> None:
        self.options = options or RelayOptions()
        self.port = free_port()
        self.connections = 0
        self._greetings: Script[str] = Script()
        self._senders: Script[str] = Script()
        self._recipients: dict[str, Script[str]] = {}
        self._dots: Script[AtDot] = Script()
        self._mails: list[RelayedMail] = []
        self._changed = threading.Condition()
        self._peers: set[_Peer] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    # What a test scripts

    def refuse_connections(self, reply: str = "421 4.3.2 Not now", times: int = ALWAYS) -> None:
        """Greet with this reply and hang up."""
        self._greetings.add(reply, times)

    def refuse_senders(self, reply: str = "451 4.7.1 Not now", times: int = ALWAYS) -> None:
        """Answer MAIL FROM with this reply."""
        self._senders.add(reply, times)

    def refuse_recipient(self, recipient: str, reply: str, times: int = ALWAYS) -> None:
        """Answer RCPT TO for this recipient with a reply such as `450 4.2.1 Later` or `550 5.1.1 Nobody`."""
        self._recipients.setdefault(recipient.lower(), Script()).add(reply, times)

    def at_dot(self, act: AtDot, times: int = 1) -> None:
        """Do this at the final dot: see `AtDot`, `DROP_KEEPING`, `DROP_LOSING`."""
        self._dots.add(act, times)

    def behave(self) -> None:
        """Forget every fault."""
        self._dots.clear()
        for script in (self._greetings, self._senders, *self._recipients.values()):
            script.clear()

    # What a test looks at

    def messages(self) -> list[RelayedMail]:
        """Give what was taken so far, oldest first."""
        with self._changed:
            return list(self._mails)

    def wait_for(self, count: int, timeout_seconds: float = 10) -> list[RelayedMail]:
        """Give what was taken as soon as it is at least `count` mails."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self._mails) >= count, timeout_seconds):
                raise ServerFailedError(
                    f"the relay took {len(self._mails)} mails in {timeout_seconds:g} s, not {count}"
                )
            return list(self._mails)

    # Its life

    def start(self) -> None:
        """Listen on `port`, also again after a stop."""
        started = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, args=(self._loop, started), name="test-relay", daemon=True)
        self._thread.start()
        if not started.wait(10):
            raise ServerFailedError("the relay does not start")

    def stop(self) -> None:
        """Cut every connection and listen no longer; what was taken stays."""
        if self._loop is not None and self._thread is not None:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(10)
            self._loop = self._thread = None

    def _run(self, loop: asyncio.AbstractEventLoop, started: threading.Event) -> None:
        implicit = self.options.tls if self.options.tls_at_once else None
        listening = loop.create_server(lambda: _Peer(self, loop), self.host, self.port, ssl=implicit)
        server = loop.run_until_complete(listening)
        started.set()
        loop.run_forever()
        server.close()
        loop.run_until_complete(self._cut_connections())
        loop.close()

    async def _cut_connections(self) -> None:
        for peer in list(self._peers):
            peer.hang_up()
        deadline = time.monotonic() + STOP_SECONDS
        while self._peers and time.monotonic() < deadline:
            await asyncio.sleep(0.01)

    # What its connections ask

    def joined(self, peer: _Peer) -> int:
        self._peers.add(peer)
        self.connections += 1
        return self.connections

    def left(self, peer: _Peer) -> None:
        self._peers.discard(peer)

    def greeting(self) -> str | None:
        return self._greetings.take()

    def log_in(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: LoginPassword
    ) -> AuthResult:
        known = self.options.users.get(data.login.decode()) == data.password.decode()
        return AuthResult(success=known, handled=False)

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        refused = self._senders.take()
        if refused is None:
            envelope.mail_from = address
        return refused or "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        script = self._recipients.get(address.lower())
        refused = script.take() if script is not None else None
        if refused is None:
            envelope.rcpt_tos.append(address)
        return refused or "250 2.1.5 OK"

    async def handle_DATA(self, server: _Peer, session: Session, envelope: Envelope) -> str:  # noqa: N802
        act = self._dots.take() or AtDot()
        if act.keeps and (act.reply is None or act.reply.startswith("2")):
            self._keep(envelope, server.number)
        await asyncio.sleep(act.stalls_seconds)
        if act.reply is None:
            server.hang_up()
        return act.reply or ACCEPTED

    def _keep(self, envelope: Envelope, connection: int) -> None:
        raw = envelope.original_content or b""
        mail = RelayedMail(envelope.mail_from or "", tuple(envelope.rcpt_tos), raw, datetime.now(UTC), connection)
        with self._changed:
            self._mails.append(mail)
            self._changed.notify_all()


class _Peer(SMTP):
    """One connection to the relay."""

    def __init__(self, relay: Relay, loop: asyncio.AbstractEventLoop) -> None:
        options = relay.options
        super().__init__(
            relay,
            loop=loop,
            hostname="localhost",
            enable_SMTPUTF8=True,
            command_call_limit={"*": ALWAYS},
            tls_context=None if options.tls_at_once else options.tls,
            authenticator=relay.log_in,
            auth_required=bool(options.users),
            auth_require_tls=options.tls is not None and not options.tls_at_once,
        )
        self._relay = relay
        self.number = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if self.number == 0:  # STARTTLS makes the connection a second time
            self.number = self._relay.joined(self)
            self._socket: socket.socket = transport.get_extra_info("socket")
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._relay.left(self)
        super().connection_lost(error)

    def hang_up(self) -> None:
        """Cut the connection at once; by its socket, since a TLS transport that is about to end knows nothing."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    async def _handle_client(self) -> None:
        refused = self._relay.greeting()
        if refused is None:
            await super()._handle_client()
        else:
            await self.push(refused)
            if self.transport is not None:
                self.transport.close()
