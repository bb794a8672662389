"""The worker processes that read messages; a pool of them that broke or got stuck is replaced."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence

from pebble import ProcessFuture, ProcessPool

from ingestd.domain.event import log
from ingestd.domain.reading import Reading
from ingestd.reading_pool import ReadTask, read_in_worker


class Readers:
    """A pool that is always one that works; any thread may call."""

    def __init__(self, make: Callable[[], ProcessPool]) -> None:
        self.make = make
        self.pool = make()
        self.retired: list[ProcessPool] = []  # may still be reading, or ending
        self.ended = False
        self.lock = threading.Lock()

    def read(self, tasks: Sequence[ReadTask], limit_seconds: float) -> ProcessFuture[list[Reading]]:
        """Have a worker read these; its result is an exception where the worker dies or takes too long.

        Raises RuntimeError after the end.
        """
        with self.lock:
            try:
                return self._given(tasks, limit_seconds)
            except RuntimeError:  # a worker that is killed while it has nothing to do breaks the whole pool
                if self.ended:
                    raise
                self._replace("broken")
                return self._given(tasks, limit_seconds)

    def _given(self, tasks: Sequence[ReadTask], limit_seconds: float) -> ProcessFuture[list[Reading]]:
        return self.pool.schedule(read_in_worker, args=(tasks,), timeout=limit_seconds)

    def give_up(self) -> None:
        """The pool answers no more, as where a worker was killed in the middle of an answer: by another from now on."""
        with self.lock:
            self._replace("stuck")

    def _replace(self, why: str) -> None:
        log("readers.replaced", logging.ERROR, why=why)
        self.pool.stop()  # type: ignore[no-untyped-call]  # pebble types half of itself
        self._retire(self.make())

    def change(self, make: Callable[[], ProcessPool], pool: ProcessPool) -> None:
        """Read by another pool from now on, and by its like; the one before finishes what it was given."""
        with self.lock:
            self.make = make
            self.pool.close()  # type: ignore[no-untyped-call]
            self._retire(pool)

    def _retire(self, pool: ProcessPool) -> None:
        before, self.pool = self.pool, pool
        self.retired.append(before)
        threading.Thread(target=self._see_off, args=(before,), name="retired readers", daemon=True).start()

    def _see_off(self, pool: ProcessPool) -> None:
        pool.join()
        with self.lock:
            self.retired.remove(pool)

    def stop(self) -> None:
        """End all workers."""
        with self.lock:
            self.ended = True
            for pool in (self.pool, *self.retired):
                pool.stop()  # type: ignore[no-untyped-call]
        self.pool.join()  # outside of the lock: what comes back at the last moment may want it
