"""The one writer: functions over a queue, committed in groups; whoever waits has a future."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from ingestd.domain.event import log
from ingestd.domain.failpoint import failpoint
from ingestd.store.database import Database
from ingestd.store.high_water import HighWater, WentBackError

T = TypeVar("T")
GROUP = 50  # functions a commit
PAUSES = (0.1, 0.3, 1.0, 2.0, 3.0)  # seconds before a group is tried again whose connection was lost


@dataclass(frozen=True, slots=True)
class Job:
    """A function to run inside a transaction, and where its result goes."""

    work: Callable[[Connection], Any]
    done: Future[Any]


class Writer:
    """Runs functions in transactions, many in one where many wait.

    A function may run twice (its group failed, so each is redone alone; or its connection was lost, perhaps behind the
    commit): it must take all it needs from the connection and its own arguments, change nothing else, and find what
    it has written by a key. A database that went back is not written any more, and `went_back` is called.
    """

    def __init__(
        self,
        database: Database,
        high_water: HighWater | None = None,
        went_back: Callable[[], object] = lambda: None,
    ) -> None:
        self.database, self.high_water, self.went_back = database, high_water, went_back
        self.jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self.thread = threading.Thread(target=self.loop, name="writer", daemon=True)
        self.thread.start()

    def submit(self, work: Callable[[Connection], T]) -> Future[T]:
        """Queue a function; the future is done after its commit."""
        done: Future[T] = Future()
        self.jobs.put(Job(work, done))
        return done

    def run(self, work: Callable[[Connection], T]) -> T:
        """Queue a function and wait for its commit."""
        return self.submit(work).result()

    def close(self) -> None:
        """Finish what is queued, then end."""
        self.jobs.put(None)
        self.thread.join()

    def loop(self) -> None:
        """Take what waits, in groups, until closed."""
        while (job := self.jobs.get()) is not None:
            group, closing = [job], False
            while len(group) < GROUP and not closing:
                try:
                    following = self.jobs.get_nowait()
                except queue.Empty:
                    break
                closing = following is None
                group += [following] if following else []
            self.commit(group)
            if closing:
                return

    def commit(self, group: list[Job]) -> None:
        """One transaction for the group; where that fails for one of its functions, one for each."""
        try:
            results = self.patiently(group)
        except Exception as error:  # noqa: BLE001  it is handed to whoever waits
            if len(group) == 1 or concerns_all(error):
                if isinstance(error, WentBackError):
                    log("store.went_back", logging.CRITICAL, detail=str(error))
                    self.went_back()
                for job in group:
                    job.done.set_exception(error)
                return
            log("store.group_failed", logging.WARNING, functions=len(group), error=type(error).__name__)
            for job in group:
                self.commit([job])
            return
        for job, result in zip(group, results, strict=True):
            job.done.set_result(result)

    def patiently(self, group: list[Job]) -> list[Any]:
        """As `transaction`, again and again for some seconds while the server is away."""
        for pause in PAUSES:
            try:
                return self.transaction(group)
            except DBAPIError as error:
                if not error.connection_invalidated:
                    raise
                log("store.away", logging.WARNING, functions=len(group), error=type(error.orig).__name__)
            time.sleep(pause)
        return self.transaction(group)

    def transaction(self, group: list[Job]) -> list[Any]:
        """The results of all functions, after their common commit; one that wrote something is counted."""
        number = None
        with self.database.write() as connection:
            before = self.database.changes(connection)
            results = [job.work(connection) for job in group]
            if self.high_water and self.database.changes(connection) != before:
                number = self.high_water.count(connection)
            failpoint("writer.before_commit")
        if self.high_water and number:
            self.high_water.note(number)
        return results


def concerns_all(error: Exception) -> bool:
    """Whether an error says nothing of one function: the server is away, or the database went back."""
    return isinstance(error, WentBackError) or (isinstance(error, DBAPIError) and error.connection_invalidated)
