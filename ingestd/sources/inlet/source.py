"""The SMTP inlet: takes mail for the order addresses, and answers 250 only when it is stored."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from concurrent.futures import Future, ThreadPoolExecutor

from aiosmtpd.smtp import SMTP, Envelope, Session

from ingestd.config.settings import Inlet
from ingestd.domain.clock import Clock
from ingestd.domain.event import log
from ingestd.domain.failpoint import failpoint
from ingestd.domain.message import Arrival, Health, Inbox
from ingestd.domain.reading import Channel
from ingestd.sources.inlet.answer import BARE_LINE_END, NOT_OURS, TAKEN, TRY_LATER, has_bare_line_end, refusal
from ingestd.sources.inlet.session import Doorkeeper, InletSession
from ingestd.sources.trouble import store_trouble

GREETING = "ESMTP"  # and no version
STORING_THREADS = 16  # they wait for the writer, which commits what came together in one go
FAREWELL_S = 4.0
HEARTBEAT_S = 5.0
LINGER_S = 3.0  # for messages that are whole when the inlet stops

logging.getLogger("mail.log").setLevel(logging.ERROR)  # below that aiosmtpd logs what clients say


class InletSource:
    """Our own SMTP server, for the order addresses only."""

    def __init__(self, inlet: Inlet, inbox: Inbox, health: Health, clock: Clock) -> None:
        self._inlet = inlet
        self._handler = Handler(inlet, inbox, health, clock)
        self._health = health
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = asyncio.Event()
        self._port: Future[int] = Future()
        self._doorkeeper = Doorkeeper(inlet.connections, inlet.connections_per_host)
        self._thread = threading.Thread(target=self._run, name=self.part, daemon=True)

    @property
    def part(self) -> str:
        return part_of(self._inlet)

    @property
    def port(self) -> int:
        """The port that it listens on; only after `start`."""
        return self._port.result(timeout=0)

    def start(self) -> None:
        """Listen; raises OSError where the port cannot be had."""
        self._thread.start()
        self._port.result()

    def stop(self) -> None:
        """Take no more connections, finish what is being stored, hang up."""
        if self._loop is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join(FAREWELL_S)

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except OSError as error:
            self._port.set_exception(error)

    async def _serve(self) -> None:
        server = await self._listen()
        while not self._stopping.is_set():
            self._health.alive(self.part, within=HEARTBEAT_S * 3)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), HEARTBEAT_S)
        server.close()
        await self._handler.finish(LINGER_S)

    async def _listen(self) -> asyncio.Server:
        self._loop = asyncio.get_running_loop()
        server = await self._loop.create_server(self._session, self._inlet.host, self._inlet.port)
        self._port.set_result(server.sockets[0].getsockname()[1])
        log("inlet.listening", account=self._inlet.name, port=self.port)
        return server

    def _session(self) -> SMTP:
        return InletSession(
            self._handler,
            self._doorkeeper,
            hostname=self._inlet.addresses[0].rpartition("@")[2] if self._inlet.addresses else "localhost",
            ident=GREETING,
            data_size_limit=self._inlet.largest,
            command_call_limit=self._inlet.commands,
            timeout=self._inlet.timeout.total_seconds(),
            loop=self._loop,
        )


class Handler:
    """What is done with the envelope and the message; aiosmtpd calls the `handle_...` by name."""

    def __init__(self, inlet: Inlet, inbox: Inbox, health: Health, clock: Clock) -> None:
        self._inlet = inlet
        self._inbox = inbox
        self._health = health
        self._clock = clock
        self._threads = ThreadPoolExecutor(STORING_THREADS, thread_name_prefix=part_of(inlet))
        self._storing: set[asyncio.Future[None]] = set()

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take our own addresses, each once."""
        if address.lower() not in self._inlet.addresses:
            return NOT_OURS
        if address not in envelope.rcpt_tos:
            envelope.rcpt_tos.append(address)
            envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: InletSession, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Store the message, and only then say so."""
        raw = envelope.original_content or b""
        if has_bare_line_end(raw):
            return BARE_LINE_END
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


def part_of(inlet: Inlet) -> str:
    """The name under which the inlet reports."""
    return f"smtp/{inlet.name}"
