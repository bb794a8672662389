"""The daemon: every part made from the configuration, its threads, its tickers, its orderly end."""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from apscheduler.schedulers.background import BackgroundScheduler
from pebble import ProcessPool

from ingestd.audit.mailbox import AuditMailbox
from ingestd.channels.relay.copy import BlindCopy
from ingestd.channels.relay.driver import RelayChannel
from ingestd.channels.spool.driver import SpoolChannel
from ingestd.checks.house import house_of
from ingestd.composing.composer import Composer
from ingestd.composing.drafts import Press
from ingestd.config.load import Configuration, ConfigurationError, secret_of
from ingestd.daemon.alarms import AlarmTicker
from ingestd.daemon.health import HealthBoard
from ingestd.daemon.lock import RunLock
from ingestd.daemon.loop import Loop, Wake
from ingestd.daemon.notify import Notifier
from ingestd.daemon.reload import (
    FAULTY,
    Reloaded,
    Turns,
    changes,
    needs_restart,
    place_of_fault,
    refused,
    running_settings,
    write_result,
)
from ingestd.daemon.secret import site_secret
from ingestd.daemon.ticking import keep_ticking
from ingestd.domain.clock import Clock, FileClock, SystemClock
from ingestd.domain.event import log, place_of
from ingestd.domain.failpoint import TEST_FLAG
from ingestd.domain.keys import Keys
from ingestd.domain.sending import ChannelDriver
from ingestd.parsing.definitions import Definitions, load_definitions
from ingestd.pipeline.checkpointing import CheckpointStep
from ingestd.pipeline.deciding import DecideStep
from ingestd.pipeline.following_up import FollowUpStep
from ingestd.pipeline.readers import Readers
from ingestd.pipeline.reading import ReadStep
from ingestd.pipeline.receiving import Receiving
from ingestd.pipeline.reconciling import ReconcileStep
from ingestd.pipeline.restoring import RestoreStep
from ingestd.pipeline.sending import SendStep
from ingestd.pipeline.settling import SettleStep
from ingestd.pipeline.tally import NO_TALLY
from ingestd.pipeline.workshop import Workshop
from ingestd.reading_pool import reading_pool, warm_up
from ingestd.sources.imap.source import ImapSource
from ingestd.sources.inlet.source import InletSource
from ingestd.sources.source import Source
from ingestd.sources.spool.source import SpoolSource
from ingestd.store.alarms import open_alarms
from ingestd.store.database import Database
from ingestd.store.high_water import HIGH_WATER, HighWater, WentBackError
from ingestd.store.messages import give_back_unfinished, take_over
from ingestd.store.phases import NoteRow, PhaseNotes
from ingestd.store.restored import begin_where_restored, new_life
from ingestd.store.sendings import take_over_sendings
from ingestd.store.serials import Serials
from ingestd.store.upgrade import HEAD, current, upgrade
from ingestd.store.writer import Writer

if TYPE_CHECKING:
    from ingestd.daemon.metrics import Metrics

SWITCH_INTERVAL = 0.002  # seconds: a sender must not wait 5 ms for the interpreter behind a busy thread
WATCHED_EVERY_S = 15.0  # the audit mailbox
LONGEST_OWNER = 80  # characters of its column
STOP_WITHIN = 20.0  # seconds for all threads together
BOOKS_EVERY = 3600.0  # seconds: mailbox, store and outbox are to add up
CLOCK_FILE = "INGESTD_CLOCK"  # a file with the time, under the test flag only


def clock_of(environment: Mapping[str, str]) -> Clock:
    """The machine's clock, or a file's under the test flag."""
    if CLOCK_FILE not in environment:
        return SystemClock()
    if environment.get(TEST_FLAG) != "1":
        raise ConfigurationError(f"{CLOCK_FILE} is set, but it is for tests only: set {TEST_FLAG}=1 or unset it")
    return FileClock(Path(environment[CLOCK_FILE]))


class Daemon:
    """Everything that runs; `run()` returns when a signal has ended it."""

    def __init__(
        self,
        configuration: Configuration,
        environment: Mapping[str, str] = os.environ,
        again: Callable[[], Configuration] | None = None,
    ) -> None:
        self.again = again or (lambda: configuration)  # reads the configuration anew; raises as `load` does
        self.configuration, self.settings = configuration, configuration.settings
        site = self.settings.site
        self.clock, self.health, self.notifier = clock_of(environment), HealthBoard(), Notifier(environment)
        self.lock = RunLock(site.data_folder)
        self.database = Database(self.settings.database_url)
        with self.database.deciding(frozen_ms=0):  # another daemon may start on the same empty PostgreSQL
            prepare_schema(self.settings.database_url)
        self.high_water = HighWater(site.data_folder / HIGH_WATER)
        life = begin_where_restored(self.database, self.high_water, new_life(self.clock.now(), site.zone))
        self.stopping, self.reload_wanted, self.woken = threading.Event(), threading.Event(), threading.Event()
        self.writer = Writer(self.database, self.high_water, partial(self.wake, self.stopping))
        house, self.keys = house_of(configuration), Keys(site_secret(site), life)
        owner = owner_of(socket.gethostname(), site.data_folder)
        press = self.press_of(configuration)
        self.metrics = self.make_metrics()
        tally = self.metrics or NO_TALLY
        self.shop = Workshop(self.database, self.writer, self.clock, self.health, house, press, self.keys, owner, tally)
        self.turns = Turns()
        self.to_read = Wake()
        self.to_send: list[Wake] = []  # of the first sender of each channel
        self.sending: list[SendStep] = []
        self.drivers = self.channel_drivers()
        self.definitions = load_definitions(configuration.search("parsers"))
        self.readers = Readers(self.readers_by(self.definitions))
        self.loops = self.make_loops()
        self.sources = self.make_sources()
        self.scheduler = BackgroundScheduler(
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}, timezone=site.timezone
        )

    # --- parts ---

    def readers_by(self, definitions: Definitions) -> Callable[[], ProcessPool]:
        """What makes the workers that read by these definitions."""
        reader = self.settings.reader
        return partial(reading_pool, definitions, reader.workers, reader.memory_mb)

    def press_of(self, configuration: Configuration) -> Press:
        """The letters by a configuration. Raises BrokenTemplateError."""
        site = configuration.settings.site
        composer = Composer(configuration.search("templates"), site, configuration.settings.work_order_sms)
        return Press(composer, self.keys, site)

    def channel_drivers(self) -> list[tuple[ChannelDriver, int]]:
        """Every way out, with its number of senders."""
        relay, sms = self.settings.relay, self.settings.sms
        helo = relay.name or self.settings.site.domain
        mail = RelayChannel(relay, helo, self.clock, lambda: secret_of(relay), self.blind_copy())
        drivers: list[tuple[ChannelDriver, int]] = [(mail, relay.senders)]
        if sms.enabled:
            drivers.append((SpoolChannel(sms, self.clock), sms.senders))
        return drivers

    def blind_copy(self) -> BlindCopy | None:
        """The copy of all our mail, where there is a mailbox for it."""
        audit = self.settings.audit
        self.audit = AuditMailbox(audit, self.health) if audit.address else None
        return BlindCopy(audit.address, self.audit, self.health) if self.audit else None

    def make_loops(self) -> list[Loop]:
        """Reader, decider and senders, with what wakes them."""
        serials = Serials(self.writer.run, self.clock.now, self.settings.site.zone)
        self.deciding = decide = DecideStep(self.shop, serials, self.definitions.digest)
        self.reading = read = ReadStep(self.shop, self.readers, decide.waiting.put)
        decide.under_way = lambda: read.under_way

        def decided(count: int) -> None:
            read.release(count)
            self.to_read()
            self.wake_senders()

        decide.decided = decided
        senders = sum(count for _, count in self.drivers)
        self.notes = PhaseNotes(self.settings.site.data_folder / "phases", senders, self.settings.outbox.claim)
        loops = [
            Loop("reader", read.step, self.health, self.to_read),
            Loop("decider", self.turns.taking(lambda: decide.step(0.5) or True), self.health, Wake()),
        ]
        settle = SettleStep(self.shop, [driver for driver, _ in self.drivers], self.wake_senders)
        loops.append(Loop("doubts", settle.step, self.health, Wake()))
        loops[-1].step_within += self.audit.worst_case.total_seconds() if self.audit else 0.0
        for driver, count in self.drivers:
            loops += self.sender_loops(driver, [self.notes.row() for _ in range(count)])
        return loops

    def sender_loops(self, driver: ChannelDriver, rows: Sequence[NoteRow]) -> list[Loop]:
        """The senders of a channel: the first is woken by new sendings, each further one by a full claim before it."""
        loops = []
        wakes = [Wake() for _ in rows]
        self.to_send.append(wakes[0])
        for number, (row, wake) in enumerate(zip(rows, wakes, strict=True), 1):
            step = SendStep(self.shop, driver, row)
            step.more = wakes[number % len(wakes)]
            self.sending.append(step)
            must_outlive(self.settings.outbox.lease, step.sender.worst_case, driver.name)
            loop = Loop(f"sender {driver.name} {number}", step.step, self.health, wake)
            loop.step_within += 2 * step.sender.worst_case.total_seconds()
            loops.append(loop)
        return loops

    def make_sources(self) -> list[Source]:
        """Every way in."""
        inbox, zone = Receiving(self.shop, self.to_read), self.settings.site.zone
        sources: list[Source] = [
            ImapSource(account, inbox, self.health, self.clock, zone) for account in self.settings.imap
        ]
        if self.settings.inlet.enabled:
            sources.append(InletSource(self.settings.inlet, inbox, self.health, self.clock))
        if self.settings.sms.enabled:
            sources.append(SpoolSource(self.settings.sms, inbox, self.health, self.clock, zone))
        return sources

    def make_metrics(self) -> Metrics | None:
        """The tally of /metrics where it is wanted; what it needs is loaded only then."""
        if not self.settings.metrics.enabled:
            return None
        from ingestd.daemon.metrics import Metrics, Standing  # noqa: PLC0415

        metrics = Metrics()
        mailboxes = [f"imap/{account.name}" for account in self.settings.imap]
        metrics.registry.register(Standing(self.database, self.clock, self.health, mailboxes))
        return metrics

    def wake_senders(self) -> None:
        """There may be something to send."""
        for wake in self.to_send:
            wake()

    # --- life ---

    def run(self) -> None:
        """Start everything, wait for SIGTERM or SIGINT, stop in good order."""
        sys.setswitchinterval(SWITCH_INTERVAL)
        for number, wanted in (
            (signal.SIGTERM, self.stopping),
            (signal.SIGINT, self.stopping),
            (signal.SIGHUP, self.reload_wanted),
        ):
            signal.signal(number, partial(self.wake, wanted))
        self.start()
        while not self.stopping.is_set():
            self.woken.wait(1.0)
            self.woken.clear()
            if jobs := keep_ticking(self.scheduler, datetime.now(UTC)):
                log("clock.put_back", logging.WARNING, jobs=jobs)
            if self.reload_wanted.is_set():
                self.reload_wanted.clear()
                self.reload()
        self.stop()

    def wake(self, wanted: threading.Event, *_: object) -> None:
        """A signal came."""
        wanted.set()
        self.woken.set()

    def start(self) -> None:
        """Take over what a run before left, then open the doors."""
        if self.metrics:
            self.metrics.serve(self.settings.metrics)
        now = self.clock.now()
        repeat_at = now + self.settings.outbox.repeat_uncertain_after
        messages = self.writer.run(lambda c: take_over(c, self.shop.owner))
        left = self.notes.left
        due, uncertain = self.writer.run(lambda c: take_over_sendings(c, self.shop.owner, left, now, repeat_at))
        self.notes.begin()
        log(
            "daemon.starting",
            mode=self.settings.site.mode,
            messages=messages,
            sendings_due=due,
            sendings_uncertain=uncertain,
        )
        with self.database.read() as connection:
            self.health.remember((row["part"], row["kind"]) for row in open_alarms(connection))
        self.health.well("configuration")
        warm_up(self.readers.pool, self.settings.reader.workers)
        gc.collect()
        gc.freeze()  # what is loaded now stays; later collections need not look at it
        gc.enable()  # which `ingestd run` put off until here
        for loop in self.loops:
            loop.start()
        for source in self.sources:
            source.start()
        sweep = FollowUpStep(self.shop, self.wake_senders)
        self.alarms = alarms = AlarmTicker(self.shop, self.health, [driver for driver, _ in self.drivers])
        self.tick(self.turns.taking(sweep.step), 1.0, "sweep")
        self.tick(self.turns.taking(alarms.step), 2.0, "alarms")
        restore = RestoreStep(self.shop, [driver for driver, _ in self.drivers])
        self.tick(self.turns.taking(restore.step), 5.0, "restore")
        self.tick(self.turns.taking(CheckpointStep(self.shop).step), 60.0, "checkpoint")
        self.tick(self.turns.taking(ReconcileStep(self.shop).step), BOOKS_EVERY, "books")
        if self.audit:
            self.tick(self.audit.watch, WATCHED_EVERY_S, "audit")
        self.tick(self.feed_watchdog, self.watchdog_seconds(), "watchdog")
        self.scheduler.start()
        log("daemon.ready", accounts=[s.part for s in self.sources], channels=[str(d.name) for d, _ in self.drivers])
        self.tell_ready()

    def tell_ready(self) -> None:
        """Tell systemd that all doors are open."""
        self.notifier.tell("READY=1", f"STATUS={len(self.sources)} sources, {len(self.drivers)} channels")

    # --- reload ---

    def reload(self) -> None:
        """Go by the configuration as it is now, or refuse it and go on as before; what is under way is not touched."""
        self.notifier.tell("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")
        folder = self.settings.site.data_folder
        try:
            result = self.renewed()
        except Exception as error:  # noqa: BLE001  whatever a new configuration does, the old one goes on
            faults = str(error).splitlines() if isinstance(error, FAULTY) else [place_of(error)]
            result = refused(faults)
        if result.ok:
            log("daemon.reloaded", changed=result.changed, restart=result.restart)
            self.health.well("configuration")
        else:
            where = place_of_fault(result.faults[0]) if result.faults else ""
            log("daemon.reload_refused", logging.ERROR, faults=len(result.faults), first=where)
            self.health.trouble("configuration", "reload", where)
        try:
            write_result(folder, result)
        except OSError as error:
            log("daemon.reload_untold", logging.WARNING, error=place_of(error))
        self.tell_ready()

    def renewed(self) -> Reloaded:
        """Check the whole first, then take it; raises where it can't be used."""
        old, read = self.configuration, self.again()
        new = replace(read, settings=running_settings(old.settings, read.settings))
        house, press = house_of(new), self.press_of(new)
        definitions = load_definitions(new.search("parsers"))
        words = ("parsers",) if definitions.digest != self.definitions.digest else ()
        if words:
            self.change_readers(definitions)
        with self.turns.nobody_working():
            self.configuration, self.settings = new, new.settings
            self.shop.renew(house, press)
            self.deciding.digest = definitions.digest
            self.alarms.looked_on = None  # the calendar may be another
        return Reloaded(True, (*changes(old, read), *words), needs_restart(old.settings, read.settings))

    def change_readers(self, definitions: Definitions) -> None:
        """New workers with new definitions; those before finish what they have."""
        make = self.readers_by(definitions)
        pool = make()
        warm_up(pool, self.settings.reader.workers)
        self.readers.change(make, pool)
        self.definitions = definitions

    def tick(self, step: Callable[[], object], seconds: float, name: str) -> None:
        """Let the scheduler call a step every so many seconds; its failure is told and the next tick tries again."""

        def tried() -> None:
            self.health.alive(name, 60 + 3 * seconds)
            try:
                step()
                self.health.well(name)
            except Exception as error:  # noqa: BLE001  the outermost loop
                self.health.trouble(name, "loop", place_of(error))

        self.scheduler.add_job(tried, "interval", seconds=seconds, id=name)

    def watchdog_seconds(self) -> float:
        """How often the watchdog is fed."""
        return self.notifier.watchdog.total_seconds() / 3 if self.notifier.watchdog else 10.0

    def feed_watchdog(self) -> None:
        """Tell systemd that all loops keep their promises; while one is late, say nothing and let it act."""
        late = self.health.late()
        if late:
            log("loop.late", logging.ERROR, parts=late)
        else:
            self.notifier.tell("WATCHDOG=1")

    def stop(self) -> None:
        """Take nothing more in, finish what is at hand, leave the rest to the next start."""
        self.notifier.tell("STOPPING=1")
        log("daemon.stopping")
        until = time.monotonic() + STOP_WITHIN
        if self.scheduler.running:
            self.scheduler.shutdown(wait=False)
        for source in self.sources:
            source.stop()
        for loop in self.loops:
            loop.stop()
        for loop in self.loops:
            if not loop.join(max(0.1, until - time.monotonic())):
                log("loop.left", logging.WARNING, loop=loop.name)
        self.reading.closing = True
        self.readers.stop()
        with contextlib.suppress(WentBackError):  # the next start holds what is there
            self.writer.run(lambda c: give_back_unfinished(c, self.shop.owner))
            for step in self.sending:
                step.give_back()
        if self.metrics:
            self.metrics.close()
        if self.audit:
            self.audit.close()
        self.writer.close()
        self.high_water.close()
        self.database.close()
        self.lock.release()
        log("daemon.stopped")


def owner_of(host: str, folder: Path) -> str:
    """The name under which a daemon holds rows, the same after a restart and no other daemon's."""
    name = f"{host}:{folder.absolute()}"
    return name if len(name) <= LONGEST_OWNER else f"{host[:40]}:{sha256(name.encode()).hexdigest()[:32]}"


def must_outlive(lease: timedelta, worst_case: timedelta, channel: str) -> None:
    """Refuse a lease that no attempt could be begun under: its sendings would be claimed and given back for ever."""
    if lease <= worst_case:
        raise ConfigurationError(
            f"outbox.lease is {lease.total_seconds():g} s, but one attempt by {channel} may take "
            f"{worst_case.total_seconds():g} s; make the lease longer or the channel's timeouts shorter"
        )


def prepare_schema(url: str) -> None:
    """A new database gets its tables; an old one must be upgraded by a person's word."""
    version = current(url)
    if version is None:
        upgrade(url)
    elif version != HEAD:
        raise ConfigurationError(
            f"the database is at revision {version}, this ingestd needs {HEAD}: run `ingestd db upgrade`"
        )
