"""The second step: hand stored messages to worker processes, and count what goes wrong with each."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from datetime import timedelta

from pebble import ProcessPool

from ingestd.domain.decision import MessageFacts
from ingestd.domain.event import log
from ingestd.domain.failpoint import failpoint
from ingestd.domain.reading import Reading
from ingestd.pipeline.workshop import Workshop, put_aside
from ingestd.reading_pool import ReadTask, read_in_worker
from ingestd.store.facts import Item
from ingestd.store.messages import Unread, claim_unread, give_back

READ_LEASE_MARGIN = timedelta(seconds=60)
DEATHS = 2  # of the whole daemon count as one strike: they may well have had another reason
PORTION = 10  # short messages that one way to a worker is shared by: the way costs as much as the reading
SHORT_BYTES = 20_000


class ReadStep:
    """Hands stored messages to the pool of workers, each attempt counted before it starts."""

    def __init__(self, shop: Workshop, pool: ProcessPool, read: Callable[[Item], None]) -> None:
        self.shop, self.pool, self.read = shop, pool, read
        self.limits = shop.house.settings.reader
        self.under_way = 0
        self.lock = threading.Lock()
        self.closing = False  # what the pool drops now is not the messages' fault

    def step(self) -> bool:
        """Take what there is room for; True where something was taken."""
        room = self.limits.ahead - self.under_way
        if room < self.limits.ahead // 2:
            return False  # many at once cost less than one by one
        lease = 2 * self.limits.time_limit + READ_LEASE_MARGIN  # in a portion, then alone
        taken = self.shop.writer.run(lambda c: claim_unread(c, self.shop.owner, self.shop.clock.now(), lease, room))
        failpoint("parse.after_count")
        deadly = [unread for unread in taken if unread.strikes > DEATHS * self.limits.strikes]
        for unread in deadly:
            put_aside(self.shop, unread.message_id, f"the daemon ended over it {unread.strikes - 1} times")
        for portion in portions([unread for unread in taken if unread not in deadly]):
            self.begin(portion)
        return bool(taken)

    def begin(self, portion: Sequence[Unread]) -> None:
        """Give a few messages to a worker."""
        with self.lock:
            self.under_way += len(portion)
        tasks = [ReadTask(unread.channel, unread.raw, unread.arrived_at) for unread in portion]
        with self.lock:  # the pool is not changed and closed in between
            future = self.pool.schedule(read_in_worker, args=(tasks,), timeout=self.limits.time_limit.total_seconds())
        future.add_done_callback(lambda done: self.finish(portion, done))

    def change_pool(self, pool: ProcessPool) -> ProcessPool:
        """Read by another pool from now on; the one before still owes what it was given, and takes nothing more."""
        with self.lock:
            before, self.pool = self.pool, pool
            before.close()  # type: ignore[no-untyped-call]  # pebble types half of itself
        return before

    def finish(self, portion: Sequence[Unread], done: Future[list[Reading]]) -> None:
        """Pass the readings on; of a portion that failed each is read alone, and what fails alone has a strike."""
        error = done.exception() if not done.cancelled() else None
        if error is None and not done.cancelled() and not self.closing:
            for unread, reading in zip(portion, done.result(), strict=True):
                self.read(Item(facts_of(unread), reading, unread.strikes))
            return
        self.release(len(portion))
        if error is None or self.closing:
            return
        if len(portion) > 1:
            log("portion.parted", logging.WARNING, messages=len(portion), why=type(error).__name__)
            for unread in portion:
                self.begin([unread])
        else:
            self.struck(portion[0], f"{type(error).__name__} while reading")

    def release(self, count: int) -> None:
        """So many messages are done with."""
        with self.lock:
            self.under_way -= count

    def struck(self, unread: Unread, why: str) -> None:
        """A worker died or hung on this message: once more, or quarantine and a person told."""
        log("message.struck", logging.WARNING, message=unread.message_id, strike=unread.strikes, why=why)
        self.shop.tally.struck()
        if unread.strikes < self.limits.strikes:
            self.shop.writer.submit(lambda c: give_back(c, [unread.message_id]))
            return
        put_aside(self.shop, unread.message_id, f"{why}, {unread.strikes} times")


def portions(taken: Sequence[Unread]) -> Iterator[list[Unread]]:
    """A few short messages each, for one way to a worker; what is long or has failed before goes alone."""
    portion: list[Unread] = []
    for unread in taken:
        if unread.strikes > 1 or len(unread.raw) > SHORT_BYTES:
            yield [unread]
            continue
        portion.append(unread)
        if len(portion) == PORTION:
            yield portion
            portion = []
    if portion:
        yield portion


def facts_of(unread: Unread) -> MessageFacts:
    """What is known of a message beside its bytes."""
    return MessageFacts(
        unread.message_id,
        unread.account,
        unread.channel,
        unread.arrived_at,
        unread.position,
        unread.stored_at,
        unread.core_hash,
    )
