"""One SMTP conversation: aiosmtpd's, with what it leaves open closed."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections import Counter
from typing import Any

from aiosmtpd.smtp import SMTP, syntax

from ingestd.domain.failpoint import failpoint
from ingestd.sources.inlet.answer import HELP, NOT_OFFERED, TAKEN, TOO_MANY

DATA_TIMEOUTS = 10  # a message may take so many times the silence that is allowed


class Doorkeeper:
    """How many are inside, in all and from each host."""

    def __init__(self, most: int, most_per_host: int) -> None:
        self._most = most
        self._most_per_host = most_per_host
        self._inside: Counter[str] = Counter()

    def lets_in(self, host: str) -> bool:
        """Whether one more from this host may come in; counts it if so."""
        if self._inside.total() >= self._most or self._inside[host] >= self._most_per_host:
            return False
        self._inside[host] += 1
        return True

    def sees_off(self, host: str) -> None:
        """One from this host has left."""
        self._inside[host] -= 1
        if not self._inside[host]:
            del self._inside[host]


class InletSession(SMTP):
    """A conversation with one client."""

    def __init__(self, handler: Any, doorkeeper: Doorkeeper, **options: Any) -> None:
        super().__init__(handler, **options)
        self._doorkeeper = doorkeeper
        self._host = ""
        self._let_in = False
        self._storing = False
        self._peer_is_done = False
        self._data_until = 0.0  # monotonic; 0 outside of DATA
        self._reply = ""
        self._name = str(uuid.uuid4())
        self._messages = 0

    def next_delivery(self) -> str:
        """A name that no other delivery will ever have."""
        self._messages += 1
        return f"{self._name}/{self._messages}"

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Let the client in, or say that there are too many."""
        assert isinstance(transport, asyncio.Transport)
        self._host = str((transport.get_extra_info("peername") or ("",))[0])
        self._let_in = self._doorkeeper.lets_in(self._host)
        if self._let_in:
            super().connection_made(transport)
        else:
            transport.write(TOO_MANY.encode("ascii") + b"\r\n")
            transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        """Make room for the next."""
        if self._let_in:
            self._doorkeeper.sees_off(self._host)
            super().connection_lost(error)

    def data_received(self, data: bytes) -> None:
        """Pass on what came; within a message each piece of it shows that the client is not silent."""
        if self._let_in:
            if time.monotonic() < self._data_until:
                self._reset_timeout()
            super().data_received(data)

    def eof_received(self) -> bool | None:
        """A client that shuts its side after the final dot still gets its reply; aiosmtpd would break off."""
        if not self._let_in:
            return None
        if self._storing:
            self._peer_is_done = True
            return True
        return super().eof_received()

    def storing(self, seconds: float) -> None:
        """The message is whole and is being stored for at most so long."""
        self._storing = True
        self._reset_timeout(seconds + self._timeout_duration)

    async def push(self, status: Any) -> None:
        """Send a reply."""
        self._reply = str(status)
        await super().push(status)

    @syntax("DATA")
    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - aiosmtpd's names
        """Take a message."""
        self._data_until = time.monotonic() + DATA_TIMEOUTS * self._timeout_duration
        try:
            await super().smtp_DATA(arg)
        finally:
            self._data_until = 0.0
            self._storing = False
        if self._reply == TAKEN:
            failpoint("smtp.after_250")
        if self.transport is not None:
            self._reset_timeout()
        if self._peer_is_done:
            raise asyncio.CancelledError  # ends the conversation as aiosmtpd itself does when the client is done

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        # aiosmtpd takes addresses without brackets or with half of them, as in the headers of a message.
        return super()._getaddr(arg) if arg.lstrip().startswith("<") and ">" in arg else (None, None)

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
