"""Asking the audit mailbox, each time within bounds: whoever asks has other things to do than to wait for a server."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from ingestd.audit.session import AuditSession
from ingestd.config.settings import Audit
from ingestd.domain.message import Health
from ingestd.sources.imap.session import LOST
from ingestd.sources.imap.source import described, next_try

PART = "audit mailbox"  # under which it reports to `Health`
TRIED_EVERY_S = 600.0  # also while nobody asks, so that trouble is known before the mailbox is needed
FAREWELL_S = 1.0
KEPT_S = 30.0  # an idle connection

T = TypeVar("T")
Question = Callable[[AuditSession], T]


class AuditMailbox:
    """Says whether a copy of what we sent arrived; any thread may ask.

    No question takes longer than three answers of the server may. A mailbox that is in trouble is not asked again
    before its time, and says "can't tell" at once.
    """

    def __init__(self, settings: Audit, health: Health) -> None:
        self._account = settings.account
        self._grace = settings.grace
        self._limit_s = 3 * settings.timeout.total_seconds()
        self._health = health
        self._turn = threading.Lock()
        self._session: AuditSession | None = None
        self._asking = threading.Thread()  # the last question; one that is stuck is left behind
        self._failures = 0
        self._not_before = 0.0  # monotonic, as are all moments here
        self._asked_at = float("-inf")

    @property
    def grace(self) -> timedelta:
        """How long a copy may be on its way."""
        return self._grace

    @property
    def worst_case(self) -> timedelta:
        """The longest that a question may take."""
        return timedelta(seconds=self._limit_s)

    def holds(self, key: str, since: datetime) -> bool | None:
        """Whether the copy of a mail that was written at `since` is there; None where that can't be told now."""
        return self._ask(lambda session: self._in_folders(session, key, since))

    def watch(self) -> None:
        """See now and then that it can be asked, and give an idle connection back."""
        idle_s = time.monotonic() - self._asked_at
        if self._failures or idle_s > TRIED_EVERY_S:
            self._ask(lambda session: [session.enter(folder, writable=False) for folder in self._account.folders])
        elif idle_s > KEPT_S:
            self.close()

    def close(self) -> None:
        """Hang up, unless somebody is asking just now: a stop has no time to wait for a server."""
        if self._turn.acquire(timeout=FAREWELL_S):
            try:
                self._drop()
            finally:
                self._turn.release()

    def _in_folders(self, session: AuditSession, key: str, since: datetime) -> bool | None:
        answers = []
        for folder in self._account.folders:
            answers.append(session.holds(folder, key, since))
            if answers[-1]:
                return True
        return None if None in answers else False

    def _ask(self, question: Question[T]) -> T | None:
        with self._turn:
            if self._asking.is_alive() or time.monotonic() < self._not_before:
                return None
            try:
                answer = self._answered(question)
            except Exception as error:  # noqa: BLE001 - whatever a server makes of it, it is asked again
                self._failed(error)
                return None
            self._failures, self._asked_at = 0, time.monotonic()
            self._health.well(PART)
            return answer

    def _answered(self, question: Question[T]) -> T:
        """Ask on a thread of its own: a server that drips bytes outlasts every timeout of a socket."""
        came: queue.SimpleQueue[T | Exception] = queue.SimpleQueue()

        def ask() -> None:
            try:
                came.put(self._asked(question))
            except Exception as error:  # noqa: BLE001 - raised again where it is waited for
                came.put(error)

        self._asking = threading.Thread(target=ask, name="audit", daemon=True)
        self._asking.start()
        try:
            answer = came.get(timeout=self._limit_s)
        except queue.Empty:
            raise TimeoutError("no answer in time") from None
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _asked(self, question: Question[T]) -> T:
        """By the connection that is kept, or by a new one where the server has closed that."""
        if self._session is not None:
            try:
                return question(self._session)
            except LOST:
                self._drop()
        self._session = session = AuditSession.opened(self._account)
        return question(session)

    def _failed(self, error: Exception) -> None:
        self._drop()
        kind, detail = described(error)
        self._health.trouble(PART, kind, detail)
        wait = next_try(kind, self._failures, self._account.reconnect)
        self._failures += 1
        self._not_before = time.monotonic() + wait.total_seconds()

    def _drop(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.cut()  # first: a server that is asked to let us go may take its time
            session.close()
