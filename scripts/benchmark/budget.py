"""What one order costs, piece by piece: each step of its way through its own functions, in processor time."""

from __future__ import annotations

import logging
import pickle
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

from ingestd.channels.relay.driver import RelayChannel
from ingestd.channels.spool.driver import SpoolChannel
from ingestd.checks.deciding import Deciding
from ingestd.checks.decision import decide
from ingestd.checks.house import House, house_of
from ingestd.composing.composer import Composer
from ingestd.composing.drafts import Press
from ingestd.config.load import Configuration
from ingestd.daemon.journal import JsonLines
from ingestd.domain.clock import SystemClock
from ingestd.domain.decision import Case, Decision
from ingestd.domain.event import log
from ingestd.domain.keys import Keys
from ingestd.domain.message import Arrival
from ingestd.domain.reading import Channel, Reading
from ingestd.domain.retry import RetryPolicy
from ingestd.domain.sending import Claim, Phase, Result, Sender, SendingDraft
from ingestd.parsing.definitions import load_definitions
from ingestd.parsing.reader import read
from ingestd.pipeline.reading import facts_of
from ingestd.reading_pool import ReadTask
from ingestd.store.database import Database
from ingestd.store.decisions import Settled, Writing, write_decisions
from ingestd.store.facts import Item, cases_for
from ingestd.store.messages import Unread, claim_unread, store_arrivals
from ingestd.store.results import record_results
from ingestd.store.sendings import claim_due
from ingestd.store.serials import Serials
from ingestd.store.upgrade import upgrade
from scripts.benchmark.fetching import fetch_seconds
from scripts.benchmark.orders import OrderMail

MAIN, WORKER = "main", "worker"
LEASE = timedelta(minutes=10)
BATCH = 50  # mails a fetch
GROUP = 25  # messages that one round takes or decides on, as the full mailbox shows
WARM_UP = 20  # orders before the measured ones, so that caches are filled as in a daemon that has run for a while
LOG_LINES = 8  # of an order: stored, decided, accepted four times, and its share of the others
MICRO = 1e6
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Piece:
    """One step of the way of an order."""

    name: str
    micros: float  # of processor time an order
    where: str  # main or worker
    remark: str = ""


class Workbench:
    """The parts of a daemon without its threads, on a database of its own."""

    def __init__(self, configuration: Configuration, folder: Path) -> None:
        self.configuration, self.settings = configuration, configuration.settings
        url = f"sqlite:///{folder / 'budget.db'}"
        upgrade(url)
        self.database = Database(url)
        self.definitions = load_definitions(configuration.search("parsers"))
        self.house: House = house_of(configuration)
        self.keys = Keys(b"bench" * 8)
        composer = Composer(configuration.search("templates"), self.settings.site, self.settings.work_order_sms)
        self.press = Press(composer, self.keys, self.settings.site)
        self.serials = Serials(self.written, self.now, self.settings.site.zone)
        outbox = self.settings.outbox
        self.policy = RetryPolicy(outbox.retry_steps, outbox.give_up_after, outbox.repeat_uncertain_after)
        self.micros: dict[str, float] = {}
        self.measured = 0  # orders; 0 while warming up

    @staticmethod
    def now() -> datetime:
        """This moment."""
        return datetime.now(UTC)

    def written(self, work: Callable[..., Value]) -> Value:
        """One transaction."""
        with self.database.write() as connection:
            return work(connection)

    def cost(self, name: str, work: Callable[[], Value]) -> Value:
        """Do it, and count its processor time under a name."""
        began = time.process_time()
        value = work()
        spent = time.process_time() - began
        if self.measured:
            self.micros[name] = self.micros.get(name, 0.0) + spent * MICRO / self.measured
        return value

    # --- the way ---

    def go(self, mails: Sequence[OrderMail]) -> None:
        """Take mails all the way."""
        for batch in grouped(mails, BATCH):
            self.cost("store", lambda: self.store(batch))  # noqa: B023  called at once
        while taken := self.cost("claim to read", self.claim_unread):
            settled = self.settled([self.item(unread) for unread in taken])
            apply = write_group(settled, self.now())
            self.cost("write the decision", lambda: self.written(apply))  # noqa: B023  called at once
        self.send_all(RelayChannel(self.settings.relay, "bench.example", SystemClock()).sender(), Channel.EMAIL)
        self.send_all(SpoolChannel(self.settings.sms, SystemClock()).sender(), Channel.SMS)
        self.cost("log lines", lambda: self.log_lines(len(mails)))

    def store(self, mails: Sequence[OrderMail]) -> None:
        """T1: a batch of mails into the database."""
        at = self.now()
        arrivals = [Arrival("orders", f"bench/{uuid4()}", Channel.EMAIL, m.raw, at, m.number) for m in mails]
        self.written(lambda c: store_arrivals(c, arrivals, None, at))

    def claim_unread(self) -> list[Unread]:
        """Take a few messages to be read."""
        return self.written(lambda c: claim_unread(c, "bench", self.now(), LEASE, GROUP))

    def item(self, unread: Unread) -> Item:
        """Read a message as a worker does, with what going there and back costs on this side."""
        task = ReadTask(unread.channel, unread.raw)
        self.cost("to the worker and back", lambda: pickle.dumps(task))
        reading: Reading = self.cost("read", lambda: read(task.channel, task.raw, self.definitions))
        back = pickle.dumps(reading)
        reading = self.cost("to the worker and back", lambda: pickle.loads(back))  # noqa: S301  our own bytes
        return Item(facts_of(unread), reading)

    def settled(self, items: Sequence[Item]) -> list[Settled]:
        """Look up, decide and compose."""
        now = self.now()
        cases = self.cost("look up", lambda: self.cases(items, now))
        deciding = Deciding(self.house, self.keys, now, self.serials.take)
        settled = []
        for case in cases:
            decision = self.cost("decide", lambda: decide(case, deciding))  # noqa: B023  called at once
            drafts = self.cost("compose", lambda: self.drafts(case, decision, now))  # noqa: B023  called at once
            settled.append(Settled(case.facts, case.reading, decision, drafts))
        return settled

    def cases(self, items: Sequence[Item], now: datetime) -> list[Case]:
        """What the store knows of these messages."""
        with self.database.read() as connection:
            return cases_for(connection, items, self.house, now)

    def drafts(self, case: Case, decision: Decision, now: datetime) -> tuple[tuple[str | None, SendingDraft], ...]:
        """All letters and text messages of a decision."""
        return tuple(
            (wanted.order.serial if wanted.order else None, draft)
            for wanted in decision.wanted
            for draft in self.press.drafts(wanted, case.reading.envelope, now)
        )

    def send_all(self, sender: Sender, channel: Channel) -> None:
        """T3 of one channel: claim, send, record."""
        terms = (LEASE, self.settings.outbox.claim)
        site = self.settings.site

        def claim() -> list[Claim]:
            return self.written(lambda c: claim_due(c, channel, "bench", self.now(), terms))

        def send(claims: Sequence[Claim]) -> list[tuple[Claim, Result]]:
            results = sender.settle([sender.send(replace(c, envelope_from=site.address), ignore) for c in claims])
            return list(zip(claims, results, strict=True))

        while claims := self.cost(f"claim to send ({channel})", claim):
            results = self.cost(f"send ({channel})", lambda: send(claims))
            noted = note_group(results, self.policy, self.now())
            self.cost(f"record ({channel})", lambda: self.written(noted))  # noqa: B023  called at once
        sender.close()

    def log_lines(self, orders: int) -> None:
        """So many lines as these orders write."""
        for _ in range(orders * LOG_LINES):
            log("sending.accepted", sending=1, channel="email", attempt=1, detail="WHOLE 250 2.0.0 Ok")


def write_group(settled: Sequence[Settled], now: datetime) -> Callable[..., None]:
    """T2 for a group."""
    return lambda connection: write_decisions(connection, settled, Writing("bench", now))


def note_group(results: Sequence[tuple[Claim, Result]], policy: RetryPolicy, now: datetime) -> Callable[..., object]:
    """T3's results."""
    return lambda connection: record_results(connection, results, policy, now)


def ignore(phase: Phase) -> None:
    """Nobody needs to know how far an attempt is."""


def grouped(mails: Sequence[OrderMail], size: int) -> Iterator[Sequence[OrderMail]]:
    """The mails in portions."""
    for first in range(0, len(mails), size):
        yield mails[first : first + size]


WHERE = {"read": WORKER}
REMARKS = {
    "fetch": f"{BATCH} a fetch",
    "store": f"{BATCH} a transaction",
    "claim to read": f"{GROUP} a transaction",
    "look up": f"{GROUP} at once",
    "compose": "2 mails, 1-2 texts",
    "write the decision": f"{GROUP} a transaction",
    "claim to send (email)": "50 a transaction",
    "claim to send (sms)": "50 a transaction",
    "record (email)": "50 a transaction",
    "record (sms)": "50 a transaction",
    "log lines": f"{LOG_LINES} lines",
}


def pieces(configuration: Configuration, mails: Sequence[OrderMail], in_mailbox: int) -> list[Piece]:
    """The budget of an order: so many fetched from the configured account, all else measured with these mails."""
    fetched_s = fetch_seconds(configuration, in_mailbox)
    with tempfile.TemporaryDirectory(prefix="ingestd-budget-") as name:
        bench = Workbench(configuration, Path(name))
        with log_into(Path(name) / "log"):
            bench.go(mails[:WARM_UP])
            bench.measured = len(mails) - WARM_UP
            bench.go(mails[WARM_UP:])
        bench.database.close()
    micros = {"fetch": fetched_s * MICRO / in_mailbox} | bench.micros
    return [Piece(step, spent, WHERE.get(step, MAIN), REMARKS.get(step, "")) for step, spent in micros.items()]


@contextmanager
def log_into(path: Path) -> Iterator[None]:
    """The daemon's own log lines, into a file."""
    logger, before = logging.getLogger("ingestd"), logging.getLogger("ingestd").level
    with path.open("w", encoding="utf-8") as file:
        handler = logging.StreamHandler(file)
        handler.setFormatter(JsonLines())
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
        try:
            yield
        finally:
            logger.removeHandler(handler)
            logger.setLevel(before)
