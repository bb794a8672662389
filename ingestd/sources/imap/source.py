"""An IMAP account: one thread and one connection; IDLE is a hint, the list of UIDs the truth."""

from __future__ import annotations

import logging
import math
import random
import ssl
import threading
import time
from collections.abc import Sequence
from datetime import timedelta, tzinfo

from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

from ingestd.config.settings import ImapAccount
from ingestd.domain.clock import Clock
from ingestd.domain.event import log
from ingestd.domain.message import Health, Inbox
from ingestd.sources.imap.folder import Folder, Intake
from ingestd.sources.imap.intake import Start
from ingestd.sources.imap.session import NotNowError, RefusedError, Session, told
from ingestd.sources.trouble import is_disk_full, store_trouble

REFUSED_WAIT = timedelta(seconds=30)  # between logins that are refused: a quicker one locks accounts; faults.md F60
SLOWEST_BYTES_PER_S = 50_000
FAREWELL_S = 2.0  # for a thread that notices the stop by itself, and again once its socket is shut
GUARD_S = 1.0  # how often it is looked whether a step has lasted too long
RECONCILE_S = 60.0  # how often the last UIDs are listed again, lest a SEARCH that left one out costs an order


class ImapSource:
    """Takes in the mail of one account; `zone` is that of a `start` date."""

    def __init__(self, account: ImapAccount, inbox: Inbox, health: Health, clock: Clock, zone: tzinfo) -> None:
        self._account = account
        self._health = health
        self._stopping = threading.Event()
        self._session: Session | None = None
        self._overdue_at = math.inf  # when the step at hand has lasted too long, monotonic
        began = Start(account.start, zone)
        intake = Intake(inbox, clock, began, self._alive, self._well, self._go_on, lambda: self._folders)
        self._folders = [Folder(account, name, intake) for name in account.folders]
        self._failures = 0
        self._thread = threading.Thread(target=self._run, name=self.part, daemon=True)
        self._guard = threading.Thread(target=self._stand_guard, name=f"{self.part} guard", daemon=True)

    @property
    def part(self) -> str:
        return f"imap/{self._account.name}"

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()
        self._guard.start()

    def stop(self) -> None:
        """Say goodbye to the server, or hang up where that takes too long."""
        self._stopping.set()
        if self._thread.ident is None:
            return
        self._thread.join(FAREWELL_S)
        session = self._session
        if self._thread.is_alive() and session is not None:
            session.cut()
            self._thread.join(FAREWELL_S)

    def _run(self) -> None:
        while self._go_on():
            try:
                self._connect_and_watch()
            except Exception as error:  # noqa: BLE001 - the outermost loop: whatever it is, the mailbox is tried again
                self._wait(self._failed(error))

    def _connect_and_watch(self) -> None:
        self._alive()
        session = Session.opened(self._account)
        self._alive()
        self._session = session
        try:
            log("imap.connected", account=self._account.name, host=self._account.host)
            self._watch(session)
        except BaseException:
            session.cut()
            raise
        finally:
            session.close()
            self._session = None

    def _watch(self, session: Session) -> None:
        first, *others = self._folders
        reconciled_at = -RECONCILE_S * 2
        while self._go_on():
            full = time.monotonic() - reconciled_at > RECONCILE_S
            if full:
                reconciled_at = time.monotonic()
            for folder in others:
                self._visit(session, folder, full)
            opened = self._visit(session, first, full)
            self._well()
            if opened and session.can_idle:
                self._attend(session, first)
            else:
                self._wait(self._account.poll.total_seconds())

    def _visit(self, session: Session, folder: Folder, full: bool) -> bool:
        """Open a folder and take in what is new; False where the server does not let us open it."""
        part = f"{self.part}/{folder.name}"
        self._alive()
        try:
            folder.enter(session)
        except IMAPClientAbortError:
            raise
        except IMAPClientError as error:
            self._health.trouble(part, "folder", told(error))
            return False
        self._health.well(part)  # also of a trouble that a run before us told of
        if full:
            folder.catch_up(session)
        else:
            folder.look(session)
        return True

    def _attend(self, session: Session, folder: Folder) -> None:
        """One slice of IDLE on the open folder, with a look at each piece of news."""
        account = self._account
        length = account.idle_slice if len(self._folders) == 1 else min(account.idle_slice, account.poll)
        until = time.monotonic() + length.total_seconds()
        while self._go_on() and time.monotonic() < until:
            if not session.idle(until, self._tick):
                return
            folder.look(session)

    def _tick(self) -> bool:
        self._alive()
        return self._go_on()

    def _go_on(self) -> bool:
        return not self._stopping.is_set()

    def _alive(self, size: int = 0) -> None:
        """Promise to be back after the next step, with what it may take a slow server to hand over `size` bytes."""
        step = 3 * self._account.timeout / timedelta(seconds=1) + size / SLOWEST_BYTES_PER_S
        self._overdue_at = time.monotonic() + step
        self._health.alive(self.part, within=60 + step)

    def _stand_guard(self) -> None:
        """Hang up on a server that drags a step out: with each few bytes the timeout of a socket starts anew."""
        while not self._stopping.wait(GUARD_S):
            session = self._session
            if session is not None and time.monotonic() > self._overdue_at:
                log("imap.too_slow", level=logging.WARNING, account=self._account.name)
                session.cut()
                self._overdue_at = math.inf

    def _well(self) -> None:
        self._failures = 0
        self._health.well(self.part)

    def _wait(self, seconds: float) -> None:
        """Sleep in pieces, so that a suspended machine wakes up to the right time and the watchdog hears of us."""
        until = time.monotonic() + seconds
        while self._go_on() and (left := until - time.monotonic()) > 0:
            self._alive()
            self._stopping.wait(min(left, 5.0, self._account.timeout.total_seconds()))

    def _failed(self, error: Exception) -> float:
        """Tell of a failure; gives how long to wait before the next try, in seconds."""
        if not self._go_on():
            return 0.0
        kind, detail = described(error)
        self._health.trouble(self.part, kind, detail)
        log("imap.failed", level=logging.WARNING, account=self._account.name, kind=kind, detail=detail)
        wait = next_try(kind, self._failures, self._account.reconnect) / timedelta(seconds=1)
        self._failures += 1
        return wait * random.uniform(1.0, 1.3)  # noqa: S311 - jitter, no secret


def next_try(kind: str, failures: int, steps: Sequence[timedelta]) -> timedelta:
    """How long to wait after so many failures in a row before this one; a refused login is not tried again soon."""
    step = steps[min(failures, len(steps) - 1)] if steps else REFUSED_WAIT
    return max(step, REFUSED_WAIT) if kind == "login" else step


def described(error: Exception) -> tuple[str, str]:
    """Kind and detail of a failure."""
    if isinstance(error, RefusedError):
        return ("connection" if isinstance(error, NotNowError) else "login"), told(error)
    if is_disk_full(error) or not isinstance(error, IMAPClientError | OSError):
        return store_trouble(error)
    return ("tls" if isinstance(error, ssl.SSLError) else "connection"), told(error)
