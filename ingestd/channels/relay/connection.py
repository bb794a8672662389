"""One SMTP session with the relay, each wait of which ends in time."""

from __future__ import annotations

import contextlib
import smtplib
import socket
import ssl
import time
from collections.abc import Callable

from ingestd.channels.relay.address import AddressBook
from ingestd.channels.relay.content import Offers, mail_command, recipient_command, stuffed
from ingestd.channels.relay.verdict import Reply, Stage
from ingestd.config.load import ConfigurationError
from ingestd.config.peer import Security
from ingestd.config.settings import Relay
from ingestd.domain.failpoint import failpoint
from ingestd.domain.sending import Claim, Phase

LONGEST_REPLY = 64 * 1024
FAREWELL_SECONDS = 1.0


class RefusedError(OSError):
    """The relay said no before a transaction could begin."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.code)
        self.reply = reply


class Connection(smtplib.SMTP):
    """A session from connecting to QUIT; `stage` says how far it got, whatever then happens.

    smtplib's own reading is replaced: it gives each received piece the whole timeout again, so that a peer that
    drips bytes could hold a sender past its lease. All errors are OSErrors.
    """

    def __init__(self, settings: Relay, helo: str, end: float) -> None:
        super().__init__(local_hostname=helo, timeout=settings.connect_timeout.total_seconds())
        self.settings = settings
        self.stage = Stage.CONNECT
        self.offers = Offers()
        self.used_at = time.monotonic()
        self.used = False
        self.copy_reply: Reply | None = None
        self._unanswered = 0  # commands behind the one that was answered last
        self._attempt_end = end
        self._step_end = end
        self._received = bytearray()

    # -- time

    def begin_attempt(self, end: float) -> None:
        """Bound everything up to the final dot by a moment of the monotonic clock."""
        self._attempt_end = self._step_end = end

    def _within(self, seconds: float) -> None:
        self._step_end = min(time.monotonic() + seconds, self._attempt_end)

    def _remaining(self) -> float:
        remaining = self._step_end - time.monotonic()
        if remaining <= 0:
            raise TimeoutError("timed out")
        return remaining

    # -- bytes

    def _socket(self) -> socket.socket:
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected("not connected")
        return self.sock

    def _write(self, data: bytes | memoryview) -> None:
        """Hand all of it to the system, or raise: then its last byte has not left."""
        sock = self._socket()
        sock.settimeout(self._remaining())
        sock.sendall(data)

    def getreply(self) -> tuple[int, bytes]:
        """The next whole reply, waited for until the step's end."""
        while (reply := taken(self._received)) is None:
            self._receive()
        return reply.code, reply.text

    def _receive(self) -> None:
        sock = self._socket()
        sock.settimeout(self._remaining())
        data = sock.recv(LONGEST_REPLY)
        if not data:
            raise smtplib.SMTPServerDisconnected("closed by the relay")
        self._received += data
        if len(self._received) > LONGEST_REPLY:
            raise smtplib.SMTPServerDisconnected("endless reply")

    def _reply(self) -> Reply:
        return Reply(*self.getreply())

    # -- opening

    def open(self, book: AddressBook, context: Callable[[], ssl.SSLContext], password: Callable[[], str]) -> None:
        """Connect, greet, protect and log in as the settings demand; a refusal raises RefusedError."""
        self._dial(book)
        if self.settings.security is Security.TLS:
            self._protect(context())
        self._greet()
        self._hello()
        if self.settings.security is Security.STARTTLS:
            self._start_tls(context())
        self._log_in(password)
        self.offers = offers_of(self)

    def _dial(self, book: AddressBook) -> None:
        self._within(self.settings.connect_timeout.total_seconds())
        failure = OSError("no address")
        for address in book.addresses(self._remaining()):
            try:
                self.sock = socket.create_connection((address, book.port), self._remaining())
            except OSError as error:
                failure = error
            else:
                # Nagle would hold the end of a mail back until its beginning is acknowledged.
                self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return
        raise failure

    def _protect(self, context: ssl.SSLContext) -> None:
        self.stage = Stage.TLS
        sock = self._socket()
        sock.settimeout(self._remaining())
        self.sock = context.wrap_socket(sock, server_hostname=self.settings.host)

    def _greet(self) -> None:
        self.stage = Stage.GREETING
        self._within(self.settings.reply_timeout.total_seconds())
        self._expect(220, self._reply())

    def _hello(self) -> None:
        self.stage = Stage.HELLO
        reply = Reply(*self.ehlo())
        if 500 <= reply.code < 600:
            reply = Reply(*self.helo())
        self._expect(250, reply)

    def _start_tls(self, context: ssl.SSLContext) -> None:
        self.stage = Stage.TLS
        if not self.has_extn("starttls"):
            raise smtplib.SMTPNotSupportedError("STARTTLS is not offered; nothing is sent in the clear")
        self._expect(220, Reply(*self.docmd("STARTTLS")))
        if self._received:
            raise smtplib.SMTPServerDisconnected("bytes slipped in before TLS")
        self._protect(context)
        self._hello()

    def _log_in(self, password: Callable[[], str]) -> None:
        if self.settings.username:
            self.stage = Stage.LOGIN
            try:
                secret = password()
            except ConfigurationError as error:
                raise OSError("the password can't be read") from error
            self.login(self.settings.username, secret, initial_response_ok=True)

    @staticmethod
    def _expect(code: int, reply: Reply) -> None:
        if reply.code != code:
            raise RefusedError(reply)

    # -- a transaction

    @property
    def has_copy(self) -> bool:
        """Whether the mail under way goes to the copy's recipient too."""
        return self.copy_reply is not None and self.copy_reply.accepts

    def introduce(self, claim: Claim, copy_to: str = "") -> Reply | None:
        """Say MAIL, RCPT and DATA; None: the relay wants the content now; else its refusal, at `stage`.

        A refusal of the copy's recipient is none of the mail: it is left as `copy_reply`. A 421 ends the session.
        """
        self.stage, self.copy_reply = Stage.SENDER, None
        self._within(self.settings.reply_timeout.total_seconds())
        commands = self._commands(claim, copy_to)
        if self.offers.pipelining:
            self._write(b"".join(command for _, command in commands))
        for self._unanswered, (stage, command) in zip(reversed(range(len(commands))), commands, strict=True):
            self.stage = stage
            if not self.offers.pipelining:
                self._write(command)
            reply = self._reply()
            if stage is Stage.COPY:
                self.copy_reply = reply
                if reply.code == 421:
                    raise smtplib.SMTPServerDisconnected("421 over the copy")
            elif reply.code != 354 if stage is Stage.DATA else not reply.accepts:
                return reply
        return None

    def _commands(self, claim: Claim, copy_to: str) -> list[tuple[Stage, bytes]]:
        copy = [(Stage.COPY, recipient_command(copy_to))] if copy_to else []
        return [
            (Stage.SENDER, mail_command(claim, self.offers)),
            (Stage.RECIPIENT, recipient_command(claim.recipient)),
            *copy,
            (Stage.DATA, b"DATA\r\n"),
        ]

    def deliver(self, body: bytes, phase: Callable[[Phase], None]) -> Reply:
        """Send the content and its final dot, and give the relay's answer to that."""
        self._within(self.settings.reply_timeout.total_seconds())
        content = memoryview(stuffed(body) + b".\r\n")
        half = len(content) // 2
        self._write(content[:half])
        failpoint("out.mid_data")
        phase(Phase.WHOLE)
        self._write(content[half:])
        self.stage = Stage.WHOLE
        failpoint("out.after_dot")
        self._attempt_end = self._step_end = time.monotonic() + self.settings.data_timeout.total_seconds()
        reply = self._reply()
        self._mark_used()
        return reply

    def recover(self) -> bool:
        """Whether the session can be used again after a refusal: all its replies read, and RSET answered."""
        if self.offers.pipelining and not self._caught_up():
            return False
        self._write(b"RSET\r\n")
        self._mark_used()
        return self._reply().positive

    def _caught_up(self) -> bool:
        """Read the answers to what was pipelined behind the refused command; a 354 among them ends the session."""
        return all(self._reply().code != 354 for _ in range(self._unanswered))

    # -- the end

    def _mark_used(self) -> None:
        self.used = True
        self.used_at = time.monotonic()

    def idle_seconds(self) -> float:
        """How long nothing was sent."""
        return time.monotonic() - self.used_at

    def part(self) -> None:
        """QUIT where the peer still listens, and close."""
        self.begin_attempt(time.monotonic() + FAREWELL_SECONDS)
        with contextlib.suppress(OSError):
            self._write(b"QUIT\r\n")
            self._reply()
        self.close()


def taken(received: bytearray) -> Reply | None:
    """The first whole reply of what was received, removed from it; None while there is none."""
    lines: list[bytes] = []
    start = 0
    while (end := received.find(b"\n", start)) >= 0:
        line = bytes(received[start:end])
        start = end + 1
        lines.append(line[4:].strip())
        if line[3:4] != b"-":
            del received[:start]
            return Reply(int(line[:3]) if line[:3].isdigit() else -1, b"\n".join(lines))
    return None


def offers_of(session: smtplib.SMTP) -> Offers:
    """What the relay's answer to EHLO offers."""
    largest = session.esmtp_features.get("size", "")
    return Offers(
        pipelining=session.has_extn("pipelining"),
        eight_bit=session.has_extn("8bitmime"),
        utf8=session.has_extn("smtputf8"),
        size=session.has_extn("size"),
        largest=int(largest) if largest.isdecimal() else 0,
    )
