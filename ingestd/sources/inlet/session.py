"""One SMTP conversation: aiosmtpd's, with what it leaves open closed."""

from __future__ import annotations

import asyncio
import math
import time
import uuid
from collections import defaultdict
from typing import Any, Protocol

from aiosmtpd.smtp import SMTP, Envelope, Session, syntax

from ingestd.config.settings import Inlet
from ingestd.domain.failpoint import failpoint
from ingestd.sources.inlet.answer import (
    GO_ON,
    HELP,
    NO_ARGUMENT,
    NO_MAIL,
    NO_RECIPIENT,
    NOT_OFFERED,
    OUT_OF_TURN,
    TAKEN,
    TLS_ALREADY,
    TOO_MANY,
    TOO_MANY_ERRORS,
    TOO_MANY_RECIPIENTS,
    TOO_SLOW,
)
from ingestd.sources.inlet.door import Doorkeeper
from ingestd.sources.inlet.incoming import CRLF, Incoming

FAREWELL_S = 2.0  # for the last words to arrive at a client that may not listen
MOMENT_S = 0.001
WEB = ("CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE")


class Storing(Protocol):
    """Who takes a whole message."""

    async def handle_DATA(  # noqa: N802 - aiosmtpd's names
        self, server: InletSession, session: Session, envelope: Envelope
    ) -> str:
        """Store `envelope.content`; the reply."""
        ...


class InletSession(SMTP):
    """A conversation with one client."""

    def __init__(self, handler: Storing, inlet: Inlet, door: Doorkeeper, **options: Any) -> None:
        # aiosmtpd keeps these for all conversations together, and each new one would forget what EHLO added in others.
        self.command_size_limits = defaultdict(lambda: SMTP.command_size_limit)
        super().__init__(
            handler,
            data_size_limit=inlet.largest,
            command_call_limit=inlet.commands,
            timeout=inlet.timeout.total_seconds(),
            require_starttls=inlet.require_tls,
            **options,
        )
        self._smtp_methods.update(dict.fromkeys(WEB, self._no_mail))
        self._storer = handler
        self._inlet = inlet
        self._door = door
        self._let_in = False
        self._storing = False
        self._peer_is_done = False
        self._until = math.inf  # monotonic; no silence is allowed beyond it
        self._in_data = False
        self._errors = 0
        self._recipients = 0  # asked for since MAIL
        self._reply = ""
        self._name = str(uuid.uuid4())
        self._messages = 0
        self.host = ""

    def next_delivery(self) -> str:
        """A name that no other delivery will ever have."""
        self._messages += 1
        return f"{self._name}/{self._messages}"

    # --- the connection ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Let the client in, or say that there are too many; with STARTTLS the same client comes in once more."""
        assert isinstance(transport, asyncio.Transport)
        if self._let_in:
            super().connection_made(transport)
            return
        self.host = str((transport.get_extra_info("peername") or ("",))[0])
        self._let_in = self._door.lets_in(self.host, transport.get_extra_info("socket").fileno())
        if self._let_in:
            self._wait_for_message()
            super().connection_made(transport)
        else:
            self._dismiss(transport, TOO_MANY)

    def connection_lost(self, error: Exception | None) -> None:
        """Make room for the next; aiosmtpd may call this before the transport does."""
        if self._let_in:
            self._let_in = False
            self._door.sees_off(self.host)
            super().connection_lost(error)

    def data_received(self, data: bytes) -> None:
        """Pass on what came; within a message each piece of it shows that the client is not silent."""
        if self._let_in:
            if self._in_data:
                self._reset_timeout()
            super().data_received(data)

    def eof_received(self) -> bool | None:
        """A client that shuts its side after the final dot still gets its reply; aiosmtpd would break off."""
        if not self._let_in:
            return None
        if self._storing:
            self._peer_is_done = True
            return not self._is_secure()  # TLS closes both sides
        return super().eof_received()

    async def push(self, status: Any) -> None:
        """Send a reply; the last one where it is 421 or the client has made too many errors."""
        self._reply = str(status)
        await super().push(status)
        self._errors += self._reply[:1] in "45"
        if self._reply.startswith("421"):
            self._end("")
        if self._errors >= self._inlet.errors:
            self._end(TOO_MANY_ERRORS)

    def _end(self, words: str) -> None:
        """End the conversation from within; what else the client has sent already is not looked at."""
        if self.transport is not None:
            self._dismiss(self.transport, words)
        raise asyncio.CancelledError  # as aiosmtpd itself does when the client is done

    def _dismiss(self, transport: Any, words: str) -> None:
        """Hang up, with last words for a client that listens, and without delay for one that does not."""
        if words and not transport.is_closing():
            transport.write(words.encode("ascii") + CRLF)
        transport.close()
        self.loop.call_later(FAREWELL_S, transport.abort)

    # --- time ---

    def _wait_for_message(self) -> None:
        """From now on a message must come within the time for one."""
        self._until = time.monotonic() + self._inlet.patience.total_seconds()

    def _reset_timeout(self, duration: float | None = None) -> None:
        """Allow another silence, but none beyond the deadline of what is under way."""
        left = self._until - time.monotonic()
        super()._reset_timeout(max(MOMENT_S, min(duration or self._timeout_duration, left)))

    def _timeout_cb(self) -> None:
        if self.transport is None:
            return
        if self._original_transport is not None and not self._is_secure():
            self._original_transport.abort()  # type: ignore[attr-defined]  # a transport that was handed to TLS
        else:
            self._dismiss(self.transport, TOO_SLOW)

    def storing(self, seconds: float) -> None:
        """The message is whole and is being stored for at most so long."""
        self._storing = True
        self._until = math.inf
        self._reset_timeout(seconds + self._timeout_duration)

    # --- a message ---

    @syntax("DATA")
    async def smtp_DATA(self, arg: str | None) -> None:  # noqa: N802
        """Take a message."""
        if await self.check_helo_needed():
            return
        assert self.envelope is not None
        if not self.envelope.rcpt_tos or arg:
            await self.push(NO_ARGUMENT if arg else NO_RECIPIENT)
            return
        if self._has_more():  # a client that does not wait for 354 may be a server that takes part of it for a message
            await self.push(OUT_OF_TURN)
        await self.push(GO_ON)
        incoming = Incoming(self._inlet.largest, self._door)
        try:
            await self._hear_out(incoming)
            await self._answer(incoming)
        finally:
            self._in_data = self._storing = False
            incoming.drop()
        self._wait_for_message()
        if self.transport is not None:
            self._reset_timeout()
        if self._peer_is_done:
            raise asyncio.CancelledError

    async def _hear_out(self, incoming: Incoming) -> None:
        """Read a message up to its final dot, within the time for one."""
        self._in_data = True
        self._until = time.monotonic() + self._inlet.message_time.total_seconds()
        self._reset_timeout()
        final = False
        while not final:
            try:
                piece = await self._reader.readuntil(CRLF)
            except asyncio.LimitOverrunError as error:
                piece = await self._reader.read(error.consumed)
            final = incoming.add(piece)
        self._in_data = False

    async def _answer(self, incoming: Incoming) -> None:
        """Have the message stored and say what came of it."""
        assert self.envelope is not None
        assert self.session is not None
        reply = incoming.refusal
        if not reply:
            self.envelope.content = self.envelope.original_content = bytes(incoming.content)
            reply = await self._storer.handle_DATA(self, self.session, self.envelope)
        self._set_post_data_state()
        await self.push(reply)
        if reply == TAKEN:
            failpoint("smtp.after_250")

    def _has_more(self) -> bool:
        """Whether the client has sent something that it had no reason yet to send; aiosmtpd looks there, too."""
        return bool(self._reader._buffer)  # type: ignore[attr-defined]

    # --- other commands ---

    def _set_post_data_state(self) -> None:
        self._recipients = 0
        super()._set_post_data_state()  # type: ignore[no-untyped-call]

    @syntax("RCPT TO: <address>")
    async def smtp_RCPT(self, arg: str | None) -> None:  # noqa: N802
        """Take so many recipients a message, whether they are ours or not."""
        self._recipients += 1
        if self._recipients > self._inlet.recipients:
            await self.push(TOO_MANY_RECIPIENTS)
        else:
            await super().smtp_RCPT(arg)

    @syntax("STARTTLS", when="tls_context")
    async def smtp_STARTTLS(self, arg: str | None) -> None:  # noqa: N802
        """Begin TLS, once, and only with a client that waits for it: what it said in the clear must not count after."""
        if self.tls_context is None:
            await self.push(NOT_OFFERED)
        elif arg or self._tls_protocol is not None:
            await self.push(NO_ARGUMENT if arg else TLS_ALREADY)
        elif self._has_more():
            await self.push(OUT_OF_TURN)
        else:
            await super().smtp_STARTTLS("")
            if not self._is_secure():
                self.connection_lost(None)  # there was no handshake, and asyncio tells nobody that the line is gone
                raise asyncio.CancelledError

    def _is_secure(self) -> bool:
        return self.session is not None and self.session.ssl is not None

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        # aiosmtpd takes addresses without brackets or with half of them, as in the headers of a message.
        return super()._getaddr(arg) if arg.lstrip().startswith("<") and ">" in arg else (None, None)

    async def _no_mail(self, arg: str | None) -> None:
        """Send a web browser, or who makes use of one, away."""
        await self.push(NO_MAIL)

    async def smtp_VRFY(self, arg: str) -> None:  # noqa: N802
        """Tell nobody which addresses there are."""
        await self.push(NOT_OFFERED)

    async def smtp_EXPN(self, arg: str) -> None:  # noqa: N802
        """Tell nobody who is behind an address."""
        await self.push(NOT_OFFERED)

    async def smtp_AUTH(self, arg: str) -> None:  # noqa: N802
        """There is nothing to log in to."""
        await self.push(NOT_OFFERED)

    async def smtp_HELP(self, arg: str) -> None:  # noqa: N802
        """List nothing."""
        await self.push(HELP)
