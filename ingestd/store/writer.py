"""The one writer: functions over a queue, committed in groups; whoever waits has a future."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection

from ingestd.domain.event import log
from ingestd.store.database import Database

T = TypeVar("T")
GROUP = 50  # functions a commit


@dataclass(frozen=True, slots=True)
class Job:
    """A function to run inside a transaction, and where its result goes."""

    work: Callable[[Connection], Any]
    done: Future[Any]


class Writer:
    """Runs functions in transactions, many in one where many wait.

    A function may run twice (its group failed, so each is redone alone): it must take all it needs from the
    connection and its own arguments, and change nothing else.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
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
        """One transaction for the group; where that fails, one for each."""
        try:
            results = self.transaction(group)
        except Exception as error:  # noqa: BLE001  it is handed to whoever waits
            if len(group) == 1:
                group[0].done.set_exception(error)
                return
            log("store.group_failed", logging.WARNING, functions=len(group), error=type(error).__name__)
            for job in group:
                self.commit([job])
            return
        for job, result in zip(group, results, strict=True):
            job.done.set_result(result)

    def transaction(self, group: list[Job]) -> list[Any]:
        """The results of all functions, after their common commit."""
        with self.database.write() as connection:
            return [job.work(connection) for job in group]
