"""The second step: hand stored messages to worker processes, and count what goes wrong with each."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from datetime import timedelta

from pebble import ProcessExpired

from ingestd.domain.decision import MessageFacts
from ingestd.domain.event import log
from ingestd.domain.failpoint import failpoint
from ingestd.domain.reading import Reading
from ingestd.pipeline.readers import Readers
from ingestd.pipeline.workshop import Workshop, put_aside
from ingestd.reading_pool import ReadTask
from ingestd.store.facts import Item
from ingestd.store.messages import Unread, claim_unread, give_back

READ_LEASE_MARGIN = timedelta(seconds=60)
STUCK_MARGIN = timedelta(seconds=10)  # beside twice a message's limit: so much is left of the lease to read it again
AFTER_A_DEATH = timedelta(seconds=3)  # a worker that is killed in the middle of an answer holds up all others' for ever
DEATHS = 2  # of the whole daemon count as one strike: they may well have had another reason
PORTION = 10  # short messages that one way to a worker is shared by: the way costs as much as the reading
SHORT_BYTES = 20_000


class ReadStep:
    """Hands stored messages to the pool of workers, each attempt counted before it starts."""

    def __init__(self, shop: Workshop, readers: Readers, read: Callable[[Item], None]) -> None:
        self.shop, self.readers, self.read = shop, readers, read
        self.limits = shop.house.settings.reader
        self.under_way = 0
        self.given: dict[Future[list[Reading]], Sequence[Unread]] = {}  # to the readers, and not back
        self.failures: dict[int, int] = {}  # of a message alone with a worker of this process
        self.stirred_at = time.monotonic()  # when the last of them came back, or the first was given
        self.died = False  # a worker, and nothing has come back since
        self.lock = threading.Lock()
        self.closing = False  # what the pool drops now is not the messages' fault

    def step(self) -> bool:
        """Take what there is room for; True where something was taken."""
        self.see_to_readers()
        room = self.limits.ahead - self.under_way
        if room < self.limits.ahead // 2:
            return False  # many at once cost less than one by one
        lease = reading_lease(self.limits.time_limit)
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
        try:
            future = self.readers.read(tasks, self.limits.time_limit.total_seconds())
        except BaseException:
            self.release(len(portion))  # taken again when its lease ends
            raise
        with self.lock:
            if not self.given:
                self.stirred_at = time.monotonic()
            self.given[future] = portion
        future.add_done_callback(self.finish)

    def see_to_readers(self) -> None:
        """Where nothing has come back for longer than any of it may take, have it read by other workers.

        After a worker's death they are not waited for so long: a message that is read twice costs less.
        """
        with self.lock:
            within = AFTER_A_DEATH if self.died else 2 * self.limits.time_limit + STUCK_MARGIN
            if not self.given or time.monotonic() - self.stirred_at < within.total_seconds():
                return
            left = list(self.given.values())
            self.given.clear()
            self.died = False
            self.under_way -= sum(len(portion) for portion in left)
        self.readers.give_up()
        for portion in left:
            self.begin(portion)

    def finish(self, done: Future[list[Reading]]) -> None:
        """Pass the readings on; of a portion that failed each is read alone, and what fails alone has a strike."""
        with self.lock:
            self.stirred_at = time.monotonic()
            portion = self.given.pop(done, None)
        if portion is None:
            return  # given to other workers meanwhile
        error = done.exception() if not done.cancelled() else None
        self.died = isinstance(error, ProcessExpired)
        if error is None and not done.cancelled() and not self.closing:
            for unread, reading in zip(portion, done.result(), strict=True):
                self.failures.pop(unread.message_id, None)
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
        """A worker died or hung on this message: once more, or quarantine and a person told.

        That the whole daemon died over it, perhaps, is no such failure; `step` sees to what does so each time.
        """
        strike = self.failures.pop(unread.message_id, 0) + 1
        log("message.struck", logging.WARNING, message=unread.message_id, strike=strike, why=why)
        self.shop.tally.struck()
        if strike < self.limits.strikes:
            self.failures[unread.message_id] = strike
            self.shop.writer.submit(lambda c: give_back(c, [unread.message_id]))
            return
        put_aside(self.shop, unread.message_id, f"{why}, {strike} times")


def reading_lease(time_limit: timedelta) -> timedelta:
    """How long a message may be under way: read in a portion, then alone."""
    return 2 * time_limit + READ_LEASE_MARGIN


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
