"""The SMTP inlet: takes mail for the order addresses, and answers 250 only when it is stored."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import ssl
import threading
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor

from aiosmtpd.smtp import SMTP, Envelope, Session

from ingestd.config.load import ConfigurationError
from ingestd.config.settings import Inlet
from ingestd.domain.clock import Clock
from ingestd.domain.event import log
from ingestd.domain.failpoint import failpoint
from ingestd.domain.message import UNVOUCHED, Arrival, Health, Inbox
from ingestd.domain.reading import Channel
from ingestd.sources.inlet.answer import (
    BARE_LINE_END,
    HOST_NAME,
    NO_NAME,
    NOT_OURS,
    OURS,
    TAKEN,
    TRY_LATER,
    has_bare_line_end,
    refusal,
)
from ingestd.sources.inlet.certificate import Certificate
from ingestd.sources.inlet.door import Doorkeeper
from ingestd.sources.inlet.listening import BACKLOG, listening
from ingestd.sources.inlet.session import InletSession
from ingestd.sources.trouble import store_trouble

GREETING = "ESMTP"  # and no version
STORING_THREADS = 16  # they wait for the writer, which commits what came together in one go
FAREWELL_S = 4.0
HEARTBEAT_S = 5.0
LINGER_S = 3.0  # for messages that are whole when the inlet stops
ACCEPTED_AT_ONCE = 8  # asyncio takes so many before any of them can be shown out again

logging.getLogger("mail.log").setLevel(logging.ERROR)  # below that aiosmtpd logs what clients say


class InletSource:
    """Our own SMTP server, for the order addresses only."""

    def __init__(self, inlet: Inlet, inbox: Inbox, health: Health, clock: Clock) -> None:
        self._inlet = inlet
        self._doorkeeper = Doorkeeper(inlet)
        self._handler = Handler(inlet, self._doorkeeper, inbox, health, clock)
        self._health = health
        self._certificate = Certificate(inlet.certificate, inlet.key) if inlet.certificate else None
        self._sockets: list[socket.socket] = []
        self.port = inlet.port  # the one that it listens on, once it does
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = asyncio.Event()
        self._listens: Future[None] = Future()
        self._thread = threading.Thread(target=self._run, name=self.part, daemon=True)

    @property
    def part(self) -> str:
        return part_of(self._inlet)

    def start(self) -> None:
        """Listen; raises OSError where the port cannot be had, ConfigurationError where systemd gave none."""
        self._sockets = listening(self._inlet)
        self.port = int(self._sockets[0].getsockname()[1])
        self._thread.start()
        self._listens.result()

    def stop(self) -> None:
        """Take no more connections, finish what is being stored, hang up."""
        if self._loop is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join(FAREWELL_S)

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except OSError as error:
            self._listens.set_exception(error)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        servers = [await self._listen(door) for door in self._sockets]
        log("inlet.listening", account=self._inlet.name, port=self.port, socket=self._inlet.socket)
        self._listens.set_result(None)
        while not self._stopping.is_set():
            self._health.alive(self.part, within=HEARTBEAT_S * 3)
            self._tell_of_refused()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), HEARTBEAT_S)
        for server in servers:
            server.close()
        await self._handler.finish(LINGER_S)

    async def _listen(self, door: socket.socket) -> asyncio.Server:
        assert self._loop is not None
        server = await self._loop.create_server(self._session, sock=door, backlog=ACCEPTED_AT_ONCE)
        door.listen(BACKLOG)
        return server

    def _tell_of_refused(self) -> None:
        refused, self._doorkeeper.refused = self._doorkeeper.refused, Counter()
        if refused:
            log("inlet.refused", level=logging.WARNING, account=self._inlet.name, **refused)

    def _session(self) -> SMTP:
        return InletSession(
            self._handler,
            self._inlet,
            self._doorkeeper,
            hostname=self._inlet.addresses[0].rpartition("@")[2] if self._inlet.addresses else "localhost",
            ident=GREETING,
            tls_context=self._tls(),
            loop=self._loop,
        )

    def _tls(self) -> ssl.SSLContext | None:
        """The TLS that is offered, with a renewed certificate as soon as there is one."""
        if self._certificate is None:
            return None
        try:
            context = self._certificate.context()
        except ConfigurationError as error:
            self._health.trouble(f"{self.part} certificate", "tls", str(error))
            return self._certificate.latest
        self._health.well(f"{self.part} certificate")
        return context


class Handler:
    """What is done with the envelope and the message; aiosmtpd calls the `handle_...` by name."""

    def __init__(self, inlet: Inlet, door: Doorkeeper, inbox: Inbox, health: Health, clock: Clock) -> None:
        self._inlet = inlet
        self._door = door
        self._inbox = inbox
        self._health = health
        self._clock = clock
        self._threads = ThreadPoolExecutor(STORING_THREADS, thread_name_prefix=part_of(inlet))
        self._storing: set[asyncio.Future[None]] = set()

    async def handle_HELO(self, server: SMTP, session: Session, envelope: Envelope, name: str) -> str:  # noqa: N802
        """Know the client by any name that may be one; nothing hangs on it."""
        if not HOST_NAME.fullmatch(name):
            return NO_NAME
        session.host_name = name
        return f"250 {server.hostname}"

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, name: str, offers: list[str]
    ) -> list[str]:
        """The same, with what is offered; aiosmtpd would offer to log in over TLS, for which there is nothing here."""
        if not HOST_NAME.fullmatch(name):
            return [NO_NAME]
        session.host_name = name
        return [offer for offer in offers if not offer[4:].startswith("AUTH")]

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take our own addresses, each once."""
        if address.lower() not in self._inlet.addresses:
            return NOT_OURS
        if address not in envelope.rcpt_tos:
            envelope.rcpt_tos.append(address)
            envelope.rcpt_options.extend(options)
        return OURS

    async def handle_DATA(self, server: InletSession, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Store the message, and only then say so."""
        content = envelope.original_content or b""
        if has_bare_line_end(content):
            return BARE_LINE_END
        raw = traced(envelope.mail_from or "", content, self._door.knows(server.host))
        if len(self._storing) >= self._inlet.connections:
            return TRY_LATER  # the store hangs, and each client that gave up has left a message in the queue
        limit_s = self._inlet.store_timeout.total_seconds()
        server.storing(limit_s)
        stored = self._stored(self._arrival(server.next_delivery(), raw))
        await asyncio.wait({stored}, timeout=limit_s)  # goes on by itself should this conversation be cancelled
        if not stored.done():
            stored.cancel()  # takes it out of the queue, unless it has begun
            self._troubled("store", "no commit in time")
            return TRY_LATER
        error = stored.exception()
        if error is not None:
            self._troubled(*store_trouble(error))
            return refusal(error)
        return self._taken()

    def _taken(self) -> str:
        self._health.well(part_of(self._inlet))
        failpoint("smtp.before_250")
        return TAKEN

    async def handle_exception(self, error: Exception) -> str:
        """Answer what nobody foresaw with a temporary failure, and tell nothing of it to the client."""
        log("inlet.stumbled", level=logging.WARNING, account=self._inlet.name, error=type(error).__name__)
        return refusal(error)

    def _troubled(self, kind: str, detail: str) -> None:
        self._health.trouble(part_of(self._inlet), kind, detail)
        log("inlet.failed", level=logging.WARNING, account=self._inlet.name, kind=kind, detail=detail)

    def _arrival(self, delivery: str, raw: bytes) -> Arrival:
        return Arrival(
            account=self._inlet.name,
            source_key=f"smtp/{self._inlet.name}/{delivery}",
            channel=Channel.EMAIL,
            raw=raw,
            arrived_at=self._clock.now(),
        )

    def _stored(self, arrival: Arrival) -> asyncio.Future[None]:
        """The commit, on a thread of its own, whatever becomes of the client."""
        stored = asyncio.get_running_loop().run_in_executor(self._threads, self._store, arrival)
        self._storing.add(stored)
        stored.add_done_callback(self._forget)
        return stored

    def _store(self, arrival: Arrival) -> None:
        self._inbox.store([arrival])
        log("inlet.stored", account=self._inlet.name, source_key=arrival.source_key, size=len(arrival.raw))

    def _forget(self, stored: asyncio.Future[None]) -> None:
        self._storing.discard(stored)
        if not stored.cancelled() and (error := stored.exception()) is not None:
            log("inlet.not_stored", level=logging.WARNING, account=self._inlet.name, error=type(error).__name__)

    async def finish(self, seconds: float) -> None:
        """Wait for what is being stored."""
        if self._storing:
            await asyncio.wait(self._storing, timeout=seconds)
            await asyncio.sleep(0)  # the replies go out
        self._threads.shutdown(wait=False, cancel_futures=True)


def traced(sender: str, content: bytes, ours: bool) -> bytes:
    """A message with the headers of its way: who it is returned to (RFC 5321 §4.4), which says of an empty sender that
    nobody is to be answered; and for a client that is no mail server of ours, that nobody vouches for it.
    """
    unvouched = "" if ours else f"Authentication-Results: {UNVOUCHED}; none\r\n"
    return f"Return-Path: <{sender.strip('<>')}>\r\n{unvouched}".encode("ascii", "replace") + content


def part_of(inlet: Inlet) -> str:
    """The name under which the inlet reports."""
    return f"smtp/{inlet.name}"
