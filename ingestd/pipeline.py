"""The way of a message: receive, read, decide, send, follow up. Each step is a class with one `step` or callback."""

from __future__ import annotations

import errno
import logging
import queue
import shutil
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from pebble import ProcessPool
from sqlalchemy import Connection

from ingestd.checks.alarming import alarm_letters
from ingestd.checks.chasing import Round, chase_plan, recipients
from ingestd.checks.deciding import Deciding
from ingestd.checks.decision import decide
from ingestd.checks.house import House
from ingestd.composing.drafts import Press
from ingestd.config.settings import Mode
from ingestd.domain.clock import Clock
from ingestd.domain.decision import Decision, MessageFacts
from ingestd.domain.event import log, place_of
from ingestd.domain.failpoint import failpoint
from ingestd.domain.keys import Keys
from ingestd.domain.message import Arrival, FolderState, Health, Stored
from ingestd.domain.reading import Channel, Envelope, Reading
from ingestd.domain.retry import RetryPolicy, settled_doubt
from ingestd.domain.sending import ChannelDriver, Claim, Outcome, Purpose, Result, Sender, SendingDraft
from ingestd.reading_pool import ReadTask, read_in_worker
from ingestd.store.alarms import clear_alarms, open_alarm, open_alarms, untold_alarms
from ingestd.store.database import Database
from ingestd.store.decisions import (
    AlreadySettledError,
    Settled,
    Writing,
    try_again_later,
    write_decisions,
)
from ingestd.store.facts import Item, cases_for, rounds
from ingestd.store.fallback import fallbacks
from ingestd.store.follow_ups import due_duties, write_plan
from ingestd.store.messages import (
    Unread,
    claim_unread,
    folder_state,
    give_back,
    quarantine,
    store_arrivals,
    unknown_keys,
)
from ingestd.store.orders import entrusted_to
from ingestd.store.phases import NoteRow
from ingestd.store.results import record_results
from ingestd.store.sendings import (
    GIVEN_UP,
    claim_due,
    doubtful,
    expire_leases,
    give_back_unbegun,
    last_sent,
    late,
    settle_doubt,
    tell,
    write_sendings,
)
from ingestd.store.serials import Serials
from ingestd.store.writer import Writer

READ_LEASE_MARGIN = timedelta(seconds=60)
DEATHS = 2  # of the whole daemon count as one strike: they may well have had another reason
PORTION = 10  # short messages that one way to a worker is shared by: the way costs as much as the reading
SHORT_BYTES = 20_000
DECIDE_GROUP = 50
RESULT_GROUP_SECONDS = 0.1
LOT_SECONDS = 0.25  # that a sender's lot is to take it
LONGEST_LOT_SECONDS = 1.0  # then the rest of it is for whoever is free
LINGER_SECONDS = 0.03  # that the first reading of a burst waits for the others
PATIENCE = timedelta(seconds=5)  # before a message that could not be decided on is read again


@dataclass(frozen=True)
class Workshop:
    """What all steps share."""

    database: Database
    writer: Writer
    clock: Clock
    health: Health
    house: House
    press: Press
    keys: Keys
    owner: str  # this daemon, the same after a restart

    @property
    def shadow(self) -> bool:
        """Whether everything is only recorded."""
        return self.house.settings.site.mode is Mode.SHADOW


# --- 1. receive -------------------------------------------------------------------------------------------------------


class Receiving:
    """The inbox that sources hand their arrivals to: T1."""

    def __init__(self, shop: Workshop, arrived: Callable[[], None]) -> None:
        self.shop, self.arrived = shop, arrived

    def store(self, arrivals: Sequence[Arrival], folder: FolderState | None = None) -> list[Stored]:
        """Keep the bytes; returns after the commit."""

        self.refuse_on_full_disk()

        def keep(connection: Connection) -> list[Stored]:
            stored = store_arrivals(connection, arrivals, folder, self.shop.clock.now())
            failpoint("store.before_commit")
            return stored

        stored = self.shop.writer.run(keep)
        failpoint("store.after_commit")
        for one in stored:
            if one.new:
                log("message.stored", message=one.message_id, source=one.source_key)
        self.arrived()
        return stored

    def refuse_on_full_disk(self) -> None:
        """Stop taking in while the database can still be written for what is here already."""
        settings = self.shop.house.settings
        free = shutil.disk_usage(settings.site.data_folder).free >> 20
        if free < settings.alarms.disk_full_mb:
            raise OSError(errno.ENOSPC, f"{free} MB free, at least {settings.alarms.disk_full_mb} MB are wanted")

    def folder(self, account: str, folder: str) -> FolderState | None:
        """How far a mailbox folder is taken in."""
        with self.shop.database.read() as connection:
            return folder_state(connection, account, folder)

    def unknown(self, source_keys: Iterable[str]) -> set[str]:
        """Those keys under which nothing is stored."""
        with self.shop.database.read() as connection:
            return unknown_keys(connection, source_keys)


# --- 2. read ----------------------------------------------------------------------------------------------------------


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
        tasks = [ReadTask(unread.channel, unread.raw) for unread in portion]
        future = self.pool.schedule(read_in_worker, args=(tasks,), timeout=self.limits.time_limit.total_seconds())
        future.add_done_callback(lambda done: self.finish(portion, done))

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


def put_aside(shop: Workshop, message_id: int, reason: str) -> None:
    """Quarantine a message and tell a person."""

    def aside(connection: Connection) -> None:
        failpoint("quarantine.before_commit")
        quarantine(connection, message_id, reason, shop.clock.now())

    shop.writer.submit(aside)
    log("message.quarantined", logging.ERROR, message=message_id, why=reason)


# --- 3. decide --------------------------------------------------------------------------------------------------------


class DecideStep:
    """Turns readings into orders, sendings and follow-ups: T2."""

    def __init__(self, shop: Workshop, serials: Serials, parsers_digest: str) -> None:
        self.shop, self.serials, self.digest = shop, serials, parsers_digest
        self.waiting: queue.SimpleQueue[Item] = queue.SimpleQueue()
        self.decided: Callable[[int], None] = lambda _: None  # told how many are done with
        self.under_way: Callable[[], int] = lambda: 1  # messages that are being read or wait here

    def step(self, timeout: float) -> bool:
        """Decide on what waits, in groups; True where something was decided."""
        try:
            items = [self.waiting.get(timeout=timeout)]
        except queue.Empty:
            return False
        until = time.monotonic() + LINGER_SECONDS
        while len(items) < min(DECIDE_GROUP, self.under_way()):  # the readings of a burst come one by one
            try:
                items.append(self.waiting.get(timeout=max(0.0, until - time.monotonic())))
            except queue.Empty:
                break
        items.sort(key=lambda item: (item.facts.arrived_at, item.facts.position))
        try:
            with self.shop.database.deciding():
                for group in rounds(items, self.shop.house):
                    self.decide(group)
        finally:
            self.decided(len(items))
        return True

    def decide(self, group: list[Item]) -> None:
        """One transaction for the group; where it fails, one for each message."""
        try:
            self.write(group)
        except AlreadySettledError:
            if len(group) > 1:
                self.each(group)
        except Exception as error:  # noqa: BLE001  whatever a message does, its neighbours go on
            if len(group) > 1:
                self.each(group)
            else:
                self.failed(group[0], error)

    def each(self, group: list[Item]) -> None:
        """One by one."""
        for item in group:
            self.decide([item])

    def write(self, group: list[Item]) -> None:
        """Look, decide, compose, and write it all down."""
        now = self.shop.clock.now()
        with self.shop.database.read() as connection:
            cases = cases_for(connection, group, self.shop.house, now)
        deciding = Deciding(self.shop.house, self.shop.keys, now, self.serials.take)
        settled = []
        for case in cases:
            decision = decide(case, deciding)
            envelope = case.reading.envelope
            drafts = tuple(
                (w.order.serial if w.order else None, d)
                for w in decision.wanted
                for d in self.shop.press.drafts(w, envelope, now)
            )
            settled.append(Settled(case.facts, case.reading, with_calls(decision, drafts), drafts))

        def apply(connection: Connection) -> None:
            write_decisions(connection, settled, Writing(self.digest, now, self.shop.shadow))
            failpoint("decide.before_commit")

        self.shop.writer.run(apply)
        failpoint("decide.after_commit")
        for one in settled:
            log(
                "message.decided",
                message=one.facts.message_id,
                state=one.decision.state,
                orders=[o.serial for o in one.decision.new_orders],
            )

    def failed(self, item: Item, error: Exception) -> None:
        """A message that can't be decided on: once more a little later, then quarantine and a person told."""
        message_id = item.facts.message_id
        log("message.undecided", logging.ERROR, message=message_id, strike=item.strikes, error=place_of(error))
        if item.strikes >= self.shop.house.settings.reader.strikes:
            put_aside(self.shop, message_id, f"{place_of(error)} while deciding, {item.strikes} times")
            return
        later = self.shop.clock.now() + PATIENCE
        self.shop.writer.submit(lambda connection: try_again_later(connection, message_id, later))


def with_calls(decision: Decision, drafts: Sequence[tuple[str | None, SendingDraft]]) -> Decision:
    """A work order that no text message can hold is for a call: a person's review says so (domain.md §4)."""
    made = {draft.recipient for _, draft in drafts}
    unfit = [w for w in decision.wanted if w.channel is Channel.SMS and w.recipient not in made]
    calls = tuple(
        (w.order.serial, "work_order_sms_too_long") for w in unfit if w.order and w.purpose is Purpose.WORK_ORDER
    )
    return replace(decision, reviews=decision.reviews + calls)


# --- 4. send ----------------------------------------------------------------------------------------------------------


def nothing_more(_: Connection) -> Sequence[Claim]:
    """Results alone are written."""
    return ()


class SendStep:
    """One sender's round: try each of a lot, record what came of it and take the next lot with it: T3."""

    def __init__(self, shop: Workshop, driver: ChannelDriver, notes: NoteRow) -> None:
        self.shop, self.driver, self.notes = shop, driver, notes
        self.more: Callable[[], None] = lambda: None  # wakes the next sender of the channel
        self.sender: Sender = driver.sender()
        outbox = shop.house.settings.outbox
        self.lease, self.most = outbox.lease, outbox.claim
        self.lot = self.most  # what it takes at once, by how fast its last ones went
        self.held: Sequence[Claim] = ()  # taken, none begun
        self.policy = RetryPolicy(outbox.retry_steps, outbox.give_up_after, outbox.repeat_uncertain_after)

    def step(self) -> bool:
        """One round; True where there is more to send."""
        if not self.held:
            self.held = self.shop.writer.run(self.claim)
        if self.held:
            self.send_lot()
        if not self.held:
            self.sender.idle()
        return bool(self.held)

    def claim(self, connection: Connection) -> Sequence[Claim]:
        """Take a lot."""
        terms = (self.lease, self.lot)
        return claim_due(connection, self.driver.name, self.shop.owner, self.shop.clock.now(), terms)

    def send_lot(self) -> None:
        """Try what is held while there is time, record what came of it, and hold the next lot."""
        held, self.held = self.held, ()
        self.notes.hold(held)  # where a restart finds it
        if len(held) == self.lot < self.most:
            self.more()  # a fast peer needs no second sender: they would only wait for each other
        failpoint("out.after_claim")
        began = time.monotonic()
        sent, unrecorded = self.send(held)
        self.lot = lot_after(sent, time.monotonic() - began, self.most)
        self.held = self.record(unrecorded, partial(self.move_on, held[sent:]))
        if sent < len(held):
            self.more()
        failpoint("out.after_mark")

    def move_on(self, unbegun: Sequence[Claim], connection: Connection) -> Sequence[Claim]:
        """Give back what there was no time for, and take the next lot."""
        give_back_unbegun(connection, unbegun)
        return self.claim(connection)

    def give_back(self) -> None:
        """What is held and not begun is for the next start."""
        held, self.held = self.held, ()
        if held:
            self.shop.writer.run(partial(give_back_unbegun, unbegun=held))

    def send(self, held: Sequence[Claim]) -> tuple[int, list[tuple[Claim, Result]]]:
        """Try each while there is time; how many were tried, and those of the last group, still to be recorded."""
        began = since = time.monotonic()
        results: list[tuple[Claim, Result]] = []
        envelope_from = self.shop.house.settings.site.address
        for sent, claim in enumerate(held):
            if (sent and time.monotonic() - began > LONGEST_LOT_SECONDS) or self.too_late_for(claim):
                return sent, results
            if time.monotonic() - since > RESULT_GROUP_SECONDS:
                self.record(results)
                results, since = [], time.monotonic()
            claim_from = replace(claim, envelope_from=envelope_from)
            results.append((claim, self.sender.send(claim_from, partial(self.notes.note, sent, claim))))
        return len(held), results

    def too_late_for(self, claim: Claim) -> bool:
        """Whether an attempt that begins now may outlast the lease."""
        return claim.lease_until - self.shop.clock.now() < self.sender.worst_case

    def record(
        self, sent: Sequence[tuple[Claim, Result]], then: Callable[[Connection], Sequence[Claim]] = nothing_more
    ) -> Sequence[Claim]:
        """Write a group of results and what follows for their orders, and do one thing more in that transaction."""
        settled = self.sender.settle([result for _, result in sent])
        results = [(claim, result) for (claim, _), result in zip(sent, settled, strict=True)]

        def write(connection: Connection) -> Sequence[Claim]:
            record_results(connection, results, self.policy, self.shop.clock.now())
            return then(connection)

        following = self.shop.writer.run(write)
        for claim, result in results:
            level = logging.INFO if result.outcome is Outcome.ACCEPTED else logging.WARNING
            log(
                "sending." + result.outcome,
                level,
                sending=claim.sending_id,
                channel=claim.channel,
                attempt=claim.attempts,
                detail=result.detail,
            )
        self.tell_health(settled)
        return following

    def tell_health(self, results: Sequence[Result]) -> None:
        """A channel at fault is trouble, one that took something is well."""
        part = f"channel {self.driver.name}"
        broken = next((r for r in results if r.channel_trouble), None)
        if broken:
            self.shop.health.trouble(part, "channel", broken.detail)
        elif any(r.outcome is Outcome.ACCEPTED for r in results):
            self.shop.health.well(part)


def lot_after(sent: int, seconds: float, most: int) -> int:
    """How many a sender takes next: what it gets done in LOT_SECONDS, so that few wait behind a slow peer."""
    return max(1, min(most, int(sent * LOT_SECONDS / max(seconds, 1e-6))))


LATE = "late"


def write_lateness(
    connection: Connection, overdue: int, drafts: Sequence[tuple[int | None, int | None, SendingDraft]], now: datetime
) -> int:
    """Alarm a person about work orders that are late, or clear that alarm; how many fallbacks are new."""
    if not overdue:
        clear_alarms(connection, "work orders", LATE, now)
        return 0
    open_alarm(connection, "work orders", LATE, f"{overdue} not accepted in time", now)
    return write_sendings(connection, drafts, now)


# --- 5. follow up -----------------------------------------------------------------------------------------------------


class FollowUpStep:
    """The sweep: what is due by the clock, whoever slept meanwhile. The database is the truth, a ticker wakes it."""

    def __init__(self, shop: Workshop, drivers: Sequence[ChannelDriver], sent: Callable[[], None]) -> None:
        self.shop, self.sent = shop, sent
        self.drivers = {driver.name: driver for driver in drivers}

    def step(self) -> None:
        """One look at everything that waits for a time."""
        self.settle_doubts()
        self.keep_promise()
        self.chase()
        self.tell_alarms()

    def settle_doubts(self) -> None:
        """Uncertain sendings: looked up where the channel can, repeated once by mail, else a person is told."""
        now = self.shop.clock.now()
        self.shop.writer.run(lambda c: expire_leases(c, now))
        with self.shop.database.read() as connection:
            open_ones = doubtful(connection, now)
        for claim, repeated in open_ones:
            driver = self.drivers.get(claim.channel)
            arrived = driver.lookup(claim) if driver else None
            state, detail = settled_doubt(arrived, claim.channel, repeated)
            move_on = partial(settle_doubt, sending_id=claim.sending_id, state=state, detail=detail, now=now)
            self.shop.writer.run(move_on)
            log("sending.settled", logging.WARNING, sending=claim.sending_id, state=state, detail=detail)
        if open_ones:
            self.sent()

    def keep_promise(self) -> None:
        """Work orders that are late: an alarm at 2 minutes, the fallback at 2.5 (design.md §4 of the way)."""
        now, outbox = self.shop.clock.now(), self.shop.house.settings.outbox
        alarm_before, fallback_before = (now + outbox.promise - t for t in (outbox.alarm_after, outbox.fallback_after))
        with self.shop.database.read() as connection:
            unsent = late(connection, alarm_before)
            urgent = [row for row in unsent if row["state"] in GIVEN_UP or row["deadline"] < fallback_before]
            drafts = fallbacks(connection, urgent, self.shop)
            told = any(alarm["kind"] == LATE for alarm in open_alarms(connection))
        if (unsent or told) and self.shop.writer.run(
            partial(write_lateness, overdue=len(unsent), drafts=drafts, now=now)
        ):
            self.sent()

    def chase(self) -> None:
        """Duties that are due: one message a person, listing all of his open orders (domain.md §5)."""
        now = self.shop.clock.now()
        with self.shop.database.read() as connection:
            due = due_duties(connection, now)
            if not due:
                return
            open_orders = entrusted_to(connection, {d.order.dispatcher for d in due if d.order.dispatcher})
            last = last_sent(connection, Purpose.CHASE, recipients(due, self.shop.house))
        plan = chase_plan(due, Round(open_orders, last, self.shop.house, now))
        drafts = [(None, None, d) for w in plan.wanted for d in self.shop.press.drafts(w, Envelope(), now)]
        self.shop.writer.run(lambda connection: write_plan(connection, plan, drafts, now))
        log("follow_up.swept", due=len(due), sent=len(drafts), postponed=sum(len(ids) for ids, _ in plan.postponed))
        self.sent()

    def tell_alarms(self) -> None:
        """Alarms that nobody was told of yet go to their destinations, by a way other than the one that failed."""
        now = self.shop.clock.now()
        with self.shop.database.read() as connection:
            untold = untold_alarms(connection)
        for alarm in untold:
            letters = alarm_letters(alarm, self.shop.house, now)
            drafts = [(None, None, d) for w in letters for d in self.shop.press.drafts(w, Envelope(), now)]
            self.shop.writer.run(partial(tell, alarm=alarm, drafts=drafts, now=now))
            log("alarm.told", logging.ERROR, part=alarm.part, kind=alarm.kind, destinations=len(drafts))
            self.sent()
