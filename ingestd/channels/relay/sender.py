"""One worker's hold on the relay: a kept connection and one attempt at a time."""

from __future__ import annotations

import smtplib
import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from ingestd.channels.relay.address import AddressBook
from ingestd.channels.relay.connection import Connection, RefusedError
from ingestd.channels.relay.content import ill_formed, unfit
from ingestd.channels.relay.copy import BlindCopy
from ingestd.channels.relay.verdict import Reply, Stage, Verdict, of_failure, of_reply
from ingestd.config.settings import Relay
from ingestd.domain.clock import Clock
from ingestd.domain.event import log
from ingestd.domain.failpoint import failpoint
from ingestd.domain.sending import Claim, Outcome, Phase, Result

GONE = (ConnectionError, smtplib.SMTPServerDisconnected, ssl.SSLEOFError)


@dataclass(frozen=True, slots=True)
class Identity:
    """As whom we speak to the relay: our name, and the password, asked for at each login."""

    helo: str
    password: Callable[[], str]


class RelaySender:
    """Sends mail over one connection that it keeps for `keep`; used by one thread.

    `worst_case` bounds all that waits for the network, so that a peer that drips bytes can't outlast a lease.
    """

    def __init__(self, settings: Relay, identity: Identity, clock: Clock, copy: BlindCopy | None = None) -> None:
        self._settings = settings
        self._identity = identity
        self._clock = clock
        self._copy = copy
        self._book = AddressBook(settings.host, settings.port)
        self._context: ssl.SSLContext | None = None
        self._connection: Connection | None = None

    @property
    def worst_case(self) -> timedelta:
        """Connecting, twice a reply's time for all that is said up to the dot, and the reply to the dot."""
        return self._up_to_the_dot + self._settings.data_timeout

    @property
    def _up_to_the_dot(self) -> timedelta:
        return self._settings.connect_timeout + 2 * self._settings.reply_timeout

    def send(self, claim: Claim, phase: Callable[[Phase], None]) -> Result:
        """Try once to hand the claim's mail to the relay; see `verdict` for what its answers mean."""
        try:
            verdict = self._attempt(claim, phase)
        except BaseException:
            # A failpoint or the phase's own trouble: the session's state is unknown, a late reply could be mispaired.
            self._drop()
            raise
        if self._copy and verdict.outcome in (Outcome.ACCEPTED, Outcome.REFUSED):
            self._copy.settled(claim)
        trouble = (verdict.channel_trouble, verdict.login_refused)
        return Result(claim.sending_id, claim.token, verdict.outcome, verdict.detail, self._clock.now(), *trouble)

    def settle(self, results: Sequence[Result]) -> Sequence[Result]:
        """What the relay accepted is the relay's to keep."""
        return results

    def idle(self) -> None:
        """End a connection that was not used for `keep`."""
        connection = self._connection
        if connection and connection.idle_seconds() >= self._settings.keep.total_seconds():
            self.close()

    def close(self) -> None:
        """QUIT and close."""
        if self._connection:
            self._connection.part()
            self._connection = None

    def _attempt(self, claim: Claim, phase: Callable[[Phase], None]) -> Verdict:
        if objection := ill_formed(claim):
            return Verdict(Outcome.REFUSED, objection)
        try:
            return self._transact(claim, phase)
        except RefusedError as error:
            stage, reply = self._drop(), error.reply
        except smtplib.SMTPResponseException as error:
            text = error.smtp_error.encode() if isinstance(error.smtp_error, str) else error.smtp_error
            stage, reply = self._drop(), Reply(error.smtp_code, text)
        except OSError as error:
            stage = self._drop()
            verdict = of_failure(stage, error)
            if self._copy and stage is Stage.COPY:
                self._copy.lost(claim, verdict.detail)
            return verdict
        return of_reply(stage, reply)

    def _transact(self, claim: Claim, phase: Callable[[Phase], None]) -> Verdict:
        end = time.monotonic() + self._up_to_the_dot.total_seconds()
        connection = self._opened(end)
        if objection := unfit(claim, connection.offers):
            return Verdict(Outcome.REFUSED, objection)
        phase(Phase.BEGUN)
        connection, refusal = self._introduced(connection, claim, end)
        if self._copy:
            self._copy.answered(claim, connection.copy_reply)
        if refusal:
            return self._refused(connection, claim, refusal)
        failpoint("out.after_rcpt")
        reply = connection.deliver(claim.body, phase)
        failpoint("out.after_250")
        if reply.code == 421 or not 200 <= reply.code < 600:
            self._drop()
        return self._judged(connection, claim, reply)

    def _introduced(self, connection: Connection, claim: Claim, end: float) -> tuple[Connection, Reply | None]:
        """The connection in use and its refusal; one that the relay closed while it was idle is replaced once."""
        kept = connection.used
        copy_to = self._copy.recipient_for(claim) if self._copy else ""
        try:
            refusal = connection.introduce(claim, copy_to)
        except GONE:
            if not kept or connection.stage is not Stage.SENDER:
                raise
        else:
            if not kept or connection.stage is not Stage.SENDER or refusal is None or refusal.code != 421:
                return connection, refusal
        self._drop()
        connection = self._opened(end)
        return connection, connection.introduce(claim, copy_to)

    def _refused(self, connection: Connection, claim: Claim, refusal: Reply) -> Verdict:
        verdict = self._judged(connection, claim, refusal)
        try:
            usable = refusal.code != 421 and connection.recover()
        except OSError:
            usable = False
        if not usable:
            self._drop()
        return verdict

    def _judged(self, connection: Connection, claim: Claim, reply: Reply) -> Verdict:
        """What a reply means; a mail that is refused in company of its copy is tried alone before that is believed."""
        verdict = of_reply(connection.stage, reply)
        if self._copy and connection.has_copy and verdict.outcome in (Outcome.REFUSED, Outcome.RETRY):
            self._copy.leave_off(claim)
            return replace(verdict, outcome=Outcome.RETRY)
        return verdict

    def _opened(self, end: float) -> Connection:
        self.idle()
        if self._connection is None:
            self._connection = Connection(self._settings, self._identity.helo, end)
            self._connection.open(self._book, self._tls_context, self._identity.password)
            log("relay.connected", host=self._settings.host, port=self._settings.port)
        self._connection.begin_attempt(end)
        return self._connection

    def _tls_context(self) -> ssl.SSLContext:
        if self._context is None:
            self._context = ssl.create_default_context(cafile=self._settings.ca_file)
        return self._context

    def _drop(self) -> Stage:
        """Close without a word, and say how far the session had got; certificates are read anew for the next."""
        connection, self._connection = self._connection, None
        if connection is None:
            return Stage.CONNECT
        connection.close()
        if connection.stage < Stage.SENDER:
            self._context = None
        return connection.stage
