"""The real thing in one process: database, decisions, follow-ups and letters, by a clock that jumps to what is next."""

from __future__ import annotations

import heapq
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, TypeVar

from sqlalchemy import Connection, event, select

from ingestd.calendar.checking import checking_clock
from ingestd.checks import acts
from ingestd.checks.house import House
from ingestd.composing.composer import Composer
from ingestd.composing.drafts import Press
from ingestd.config.shipped import shipped
from ingestd.domain.clock import HandClock
from ingestd.domain.decision import MessageFacts
from ingestd.domain.keys import Keys
from ingestd.domain.message import Arrival
from ingestd.domain.order import TO_BE_PICKED_UP, UNSETTLED
from ingestd.domain.reading import Channel, Details, Driver, Intent, Reading
from ingestd.domain.retry import RetryPolicy
from ingestd.domain.sending import Claim, Outcome, Purpose, Result
from ingestd.pipeline.acting import Counter
from ingestd.pipeline.deciding import DecideStep
from ingestd.pipeline.following_up import FollowUpStep
from ingestd.pipeline.workshop import Workshop
from ingestd.store.database import Database
from ingestd.store.facts import Item
from ingestd.store.messages import core_hash, store_arrivals
from ingestd.store.results import record_results
from ingestd.store.schema import orders, revision
from ingestd.store.sendings import claim_due
from ingestd.store.serials import Serials
from ingestd.store.writer import Writer
from tests.daemon.tables import lay_tables
from tests.month import site
from tests.month.house import Post, Sender, change, content, one_of_us, report, shipper_of
from tests.month.rules import Rules
from tests.month.script import NOTHING_SAID, Said, Script, Scripted, Wanted

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
MOST_AT_ONCE = 200  # steps at one moment
MOST_TRIES = 60  # of what cannot happen yet, such as a report on an order that nobody was given
TERMS = (timedelta(seconds=90), 50)
T = TypeVar("T")
# What is to be done next, asked of the database at each step: as plain SQL, since it is asked so often.
ON_THE_WAY = (
    "SELECT min(s.deadline) FROM sending s JOIN orders o ON o.id = s.order_id WHERE s.state IN ('due', 'sending') "
    "AND s.purpose = 'work_order' AND o.state = 'confirmed' AND s.deadline > ?"
)
NEXT_SENDING = (
    "SELECT min(next_at) FROM sending WHERE state = 'due' AND next_at > ?"  # a second part waits for the first
)
NEXT_FOLLOW_UP = "SELECT min(due_at) FROM follow_up WHERE state = 'due'"
NEXT_MESSAGE = "SELECT min(lease_until) FROM message WHERE state = 'stored'"
REFUSED = "SELECT min(changed_at) FROM sending WHERE state = 'refused' AND changed_at = ?"
DUE_BY = "SELECT DISTINCT channel FROM sending WHERE state = 'due' AND next_at <= ?"
FREE = "SELECT id FROM message WHERE state = 'stored' AND (lease_until IS NULL OR lease_until <= ?)"
LEFT = "SELECT id FROM message WHERE state = 'stored'"


@dataclass(frozen=True)
class Heard:
    """Something that the house has heard, or that somebody has done to an order, and when that was decided on."""

    at: datetime
    arrived: datetime
    kind: str
    order: int | None
    by: str
    said: Said = NOTHING_SAID
    message: int = 0  # that several may be told in

    @property
    def happened(self) -> datetime:
        """When it happened by who tells it, at the latest when he told it."""
        return min(self.said.at or self.arrived, self.arrived)

    @property
    def is_report(self) -> bool:
        """Whether one of the house tells it."""
        return self.by.isdecimal()


@dataclass(frozen=True)
class Attempt:
    """One try to send something, and what came of it."""

    sending_id: int
    begun: datetime
    outcome: Outcome


class AtOnce(Writer):
    """The writer without its thread: in a month nobody writes beside it."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def submit(self, work: Callable[[Connection], T]) -> Future[T]:
        done: Future[T] = Future()
        try:
            with self.database.write() as connection:
                done.set_result(work(connection))
        except Exception as error:  # noqa: BLE001  it is whoever waits that it concerns
            done.set_exception(error)
        return done


class Silent:
    """Nobody watches the health of a month."""

    def alive(self, part: str, within: float) -> None: ...

    def trouble(self, part: str, kind: str, detail: str) -> None: ...

    def well(self, part: str) -> None: ...


@dataclass(order=True)
class Waiting:
    """What is to happen, in the order of time."""

    at: datetime
    turn: int
    run: Callable[[], None] = field(compare=False)


@dataclass
class World:
    """A month under way, and what was seen of it."""

    script: Script
    house: House
    folder: Path
    heard: list[Heard] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)
    serials: dict[int, str] = field(default_factory=dict)  # of the orders that there are, by their numbers
    steps: int = 0
    still: int = 0  # steps at one moment

    def __post_init__(self) -> None:
        lay_tables(self.folder / "month.db")
        self.database = careless(Database(f"sqlite:///{self.folder / 'month.db'}"))
        self.clock = HandClock(self.script.calendar.begins.astimezone(UTC))
        self.writer = AtOnce(self.database)
        self.looking = sqlite3.connect(self.folder / "month.db", isolation_level=None)
        settings, keys = self.house.settings, Keys(b"k" * 32)
        press = Press(Composer([shipped("templates")], settings.site, settings.work_order_sms), keys, settings.site)
        self.shop = Workshop(self.database, self.writer, self.clock, Silent(), self.house, press, keys, "me")
        serials = Serials(self.writer.run, self.clock.now, settings.site.zone)
        self.decide = DecideStep(self.shop, serials, "")
        self.follow = FollowUpStep(self.shop, lambda: None)
        outbox = settings.outbox
        self.policy = RetryPolicy(outbox.retry_steps, outbox.give_up_after, outbox.repeat_uncertain_after)
        self.checking = checking_clock(settings)
        self.rules = Rules(self.script.calendar)
        self.chance = Random(f"{self.script.seed}/world")
        self.queue: list[Waiting] = []
        self.items: dict[int, tuple[Item, list[Heard]]] = {}  # not decided on yet, with what each would tell
        self.placed: dict[int, int] = {}  # message id -> number of the order that it places
        self.under_way: list[tuple[Claim, Result]] = []
        self.turn = self.messages = self.acts = 0
        self.mails: dict[int, str] = {}  # Message-IDs of the orders' own mails
        self.wanted: dict[int, Wanted] = {order.number: order for order in self.script.orders}

    # --- time ---

    def play(self) -> None:
        """The whole month."""
        for order in self.script.orders:
            self.at(order.at, lambda order=order: self.place(order))  # type: ignore[misc]
        for one in self.script.happenings:
            self.at(one.at, lambda one=one: self.happen(one))  # type: ignore[misc]
        for begins, ends in self.script.down:
            self.at(begins, self.finish_sending)
            self.at(ends, self.start_again)
        ends = self.script.calendar.ends
        while (moment := self.next_moment()) is not None and moment < ends:
            self.come(moment)
        self.clock.at = ends.astimezone(UTC)
        self.looking.close()

    def at(self, when: datetime, run: Callable[[], None]) -> None:
        """Let something happen then."""
        self.turn += 1
        heapq.heappush(self.queue, Waiting(when.astimezone(UTC), self.turn, run))

    def next_moment(self) -> datetime | None:
        """When something is next to be done by anybody; what is the daemon's waits until it is up."""
        now = self.clock.now()
        own = [result.at for _, result in self.under_way]
        due = [self.asked(NEXT_FOLLOW_UP), self.asked(NEXT_SENDING, now)]
        due += [self.asked(NEXT_MESSAGE)] if self.items else []
        own += [at for at in due if at]
        if deadline := self.asked(ON_THE_WAY, now):  # an alarm a minute before it, the fallback half a minute
            own += [at for at in (deadline - 60 * SECOND, deadline - 30 * SECOND) if at > now]
        outside = [self.queue[0].at] if self.queue else []
        return min([*outside, *(self.script.up_at(max(at, now)) for at in own)], default=None)

    def asked(self, query: str, *about: datetime) -> datetime | None:
        """The moment that a query gives."""
        (kept,) = self.looking.execute(query, [written(at) for at in about]).fetchone()
        return datetime.fromisoformat(kept) if kept else None

    def come(self, moment: datetime) -> None:
        """Let it be this time, and do all that is to be done by then."""
        self.steps += 1
        self.still = self.still + 1 if moment <= self.clock.at else 0
        assert self.still < MOST_AT_ONCE, "the month stands still"
        self.clock.at = max(moment, self.clock.at)
        while self.queue and self.queue[0].at <= self.clock.at:
            heapq.heappop(self.queue).run()
        if self.script.up_at(self.clock.at) > self.clock.at:
            return
        self.record()
        self.decide_all()
        self.sweep()
        self.send()

    def sweep(self) -> None:
        """What the ticker does each second, where there may be something to do."""
        now = self.clock.now()
        due, deadline = self.asked(NEXT_FOLLOW_UP), self.asked(ON_THE_WAY, now - SECOND)
        urgent = deadline is not None and deadline - now <= 60 * SECOND
        if (due and due <= now) or urgent or self.asked(REFUSED, now) or self.chance.random() < 0.05:
            self.follow.step()

    # --- messages in ---

    def place(self, order: Wanted) -> None:
        """A new order."""
        post = self.post(shipper_of(order))
        reading = post.reading(Intent.ORDER, orders=(content(order),), text=order.place)
        if reading.envelope.message_id:
            self.mails[order.number] = reading.envelope.message_id
        message_id = self.arrive(
            reading, [Heard(self.clock.now(), self.clock.now(), "placed", order.number, "shipper")]
        )
        self.placed[message_id] = order.number

    def post(self, sender: Sender, answers: str | None = None) -> Post:
        """The next message of somebody."""
        self.messages += 1
        return Post(sender, self.messages, self.clock.now(), answers)

    def arrive(self, reading: Reading, tells: list[Heard]) -> int:
        """A message comes in, while the daemon is up or before it is again."""
        now, number = self.clock.now(), self.messages
        raw = f"From: {reading.sender}\r\nSubject: {number}\r\n\r\n{number}\r\n".encode()
        arrival = Arrival("orders", f"month/{number}", reading.channel, raw, now, number)
        (stored,) = self.writer.run(lambda connection: store_arrivals(connection, [arrival], None, now))
        facts = MessageFacts(
            stored.message_id, "orders", reading.channel, now, number, now, core_hash(raw, reading.channel)
        )
        self.items[stored.message_id] = (Item(facts, reading), tells)
        return stored.message_id

    def decide_all(self) -> None:
        """Decide on what came, and on what was to wait for another message."""
        now = self.clock.now()
        if not self.items:
            return
        free = {row[0] for row in self.looking.execute(FREE, [written(now)])}
        for message_id in sorted(self.items.keys() & free):
            self.decide.waiting.put(self.items[message_id][0])
        self.decide.under_way = self.decide.waiting.qsize
        while not self.decide.waiting.empty():
            self.decide.step(0)
        left = {row[0] for row in self.looking.execute(LEFT)}
        for message_id in sorted(self.items.keys() & free - left):
            _, tells = self.items.pop(message_id)
            if message_id in self.placed:
                self.order_known(message_id)
            self.heard += [replace(one, at=now, message=message_id) for one in tells]

    def order_known(self, message_id: int) -> None:
        """An order has its serial; where a person or its shipper is to say yes, that comes."""
        number = self.placed[message_id]
        made = select(orders.c.serial, orders.c.state).join(revision, revision.c.order_id == orders.c.id)
        with self.database.read() as connection:
            row = connection.execute(made.where(revision.c.message_id == message_id)).one()
        self.serials[number] = row.serial
        kind = {"review": "confirmed_by_agent", "offered": "yes"}.get(row.state)
        if kind:
            wait = MINUTE * (2 + 60 * self.chance.random())
            by = "agent" if row.state == "review" else "shipper"
            said = Scripted(self.clock.at + wait, kind, (number,), by)
            self.at(said.at, lambda: self.happen(said))

    # --- what happens ---

    def happen(self, one: Scripted, tries: int = 0) -> None:
        """Somebody writes or acts; where his order is not in his hands yet, a little later."""
        if tries > MOST_TRIES:
            return
        known = {n: self.row(self.serials[n]) for n in one.orders if n in self.serials}
        if len(known) < len(one.orders) and not self.may_write_blindly(one):
            self.at(self.clock.at + 7 * MINUTE, lambda: self.happen(one, tries + 1))
        elif one.by == "agent":
            self.act(one, known)
        elif one.by == "shipper":
            self.shipper_writes(one)
        elif not self.staff_writes(one, known):
            self.at(self.clock.at + 7 * MINUTE, lambda: self.happen(one, tries + 1))

    def may_write_blindly(self, one: Scripted) -> bool:
        """Whether a shipper may follow his own mail, of which he has heard nothing yet."""
        return one.by == "shipper" and one.kind in ("amended", "cancelled") and one.orders[0] in self.mails

    def row(self, serial: str) -> Any:
        """An order as it is."""
        with self.database.read() as connection:
            return connection.execute(select(orders).where(orders.c.serial == serial)).one()

    def shipper_writes(self, one: Scripted) -> None:
        """A letter of an order's shipper, by its serial or in answer to his own mail."""
        (number,) = one.orders
        order = self.wanted[number]
        sender = shipper_of(order, one.said.entitled)
        serial = self.serials.get(number)
        post = self.post(sender, None if serial and self.chance.random() < 0.8 else self.mails.get(number))
        named = (serial,) if serial else ()
        intents: dict[str, tuple[Intent, dict[str, Any]]] = {
            "amended": (Intent.AMENDMENT, {"orders": (change(order, one.said),)}),
            "change_letter": (Intent.CHANGE_LETTER, {"orders": (change(order, one.said),)}),
            "cancelled": (Intent.CANCELLATION, {}),
            "released": (Intent.RELEASE, {}),
            "urged": (Intent.INQUIRY, {"details": Details(inquiry="urge")}),
            "yes": (Intent.CONFIRMATION, {}),
        }
        intent, says = intents[one.kind]
        reading = post.reading(intent, named, text=one.kind, **says)
        now = self.clock.now()
        self.arrive(reading, [Heard(now, now, one.kind, number, "shipper", one.said)])

    def staff_writes(self, one: Scripted, known: dict[int, Any]) -> bool:
        """A report by who has the orders now; False where nobody has one of them yet."""
        unsettled = [row for row in known.values() if row.state in UNSETTLED or not row.dispatcher]
        if unsettled:
            return False
        who = {n: self.reporter(one, row) for n, row in known.items()}
        first = next(iter(who.values()))
        mine = [n for n, number in who.items() if number == first]
        serials = () if one.kind == "accepted_all" else tuple(self.serials[n] for n in mine)
        reading = self.post(one_of_us(first)).reading(Intent.REPORT, serials, **report(one.kind, one.said))
        now = self.clock.now()
        told: list[int | None] = [None] if one.kind == "accepted_all" else [*mine]
        self.arrive(reading, [Heard(now, now, one.kind, n, first, one.said) for n in told])
        return True

    def reporter(self, one: Scripted, row: Any) -> str:
        """Whose report it is: of who has the order, or stands in for him; of its depot; of a fleet manager."""
        if one.by == "fleet":
            return site.FLEET
        at = self.clock.at
        if one.by == "deliverer" and row.depot and row.state not in TO_BE_PICKED_UP:
            return self.rules.stand_in(site.DEPOT, at) or site.DEPOT
        given = str(row.dispatcher)
        return self.rules.stand_in(given, at) or given

    def act(self, one: Scripted, known: dict[int, Any]) -> None:
        """An agent does it at the desk."""
        now, (number,) = self.clock.now(), one.orders
        agent = acts.Agent(site.AGENT)
        shop = self.shop
        counter = Counter(self.database, self.clock.now, self.house, shop.press, shop.keys, self.checking, agent, False)
        details = Details(at=one.said.at, driver=Driver(plate="粤B1") if one.said.plate else None)
        make: dict[str, Callable[[Any, Any], Any]] = {
            "confirmed_by_agent": lambda found, d: acts.confirmed(found, agent, None, False, d),
            "amended": lambda found, d: acts.applied_message(found, change(self.wanted[number], one.said), agent, d),
            "cancelled": lambda found, d: acts.called_off(found, agent, "客户电话", d),
            "released": lambda found, d: acts.let_go(found, agent, d),
        }
        doing: Callable[[Any, Any], Any] = make.get(
            one.kind, lambda found, d: acts.reported(found, agent, one.kind, details, d)
        )
        try:
            counter.act([self.serials[number]], lambda found, d: doing(found[0], d), unseen=False)
        except acts.NotPossibleError:
            return
        self.acts += 1
        self.heard.append(Heard(now, now, one.kind, number, "agent", one.said, -self.acts))

    # --- sendings out ---

    def send(self) -> None:
        """Take what is due; what comes of each is known some seconds later."""
        now = self.clock.now()
        for channel in sorted(Channel(row[0]) for row in self.looking.execute(DUE_BY, [written(now)])):
            claims = self.writer.run(lambda c, channel=channel: claim_due(c, channel, "me", now, TERMS))  # type: ignore[misc]
            took = timedelta(seconds=0.1 + 8 * self.chance.random() ** 3)
            for claim in claims:
                outcome = self.outcome(claim)
                self.under_way.append((claim, Result(claim.sending_id, claim.token, outcome, "", now + took)))
                self.attempts.append(Attempt(claim.sending_id, now, outcome))

    def outcome(self, claim: Claim) -> Outcome:
        """Mostly accepted; now and then nothing is taken, or a work order is refused for good."""
        fate = self.chance.random()
        if fate < 0.03:
            return Outcome.RETRY
        by_first = claim.purpose == Purpose.WORK_ORDER and claim.recipient == site.STAFF[site.DISPATCHER].mail
        return Outcome.REFUSED if by_first and fate > 0.95 else Outcome.ACCEPTED

    def record(self, everything: bool = False) -> None:
        """Write down what has come of what was taken."""
        now = self.clock.now()
        ready = [(claim, result) for claim, result in self.under_way if everything or result.at <= now]
        if ready:
            self.under_way = [pair for pair in self.under_way if pair not in ready]
            self.writer.run(lambda c: record_results(c, ready, self.policy, now, self.checking))

    def finish_sending(self) -> None:
        """The daemon is stopped in good order: what is under way is finished."""
        self.record(everything=True)

    def start_again(self) -> None:
        """Started again, it looks at what came meanwhile."""


def written(at: datetime) -> str:
    """A moment as SQLite keeps it."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def careless(database: Database) -> Database:
    """The same database without waiting for the disk: nobody cuts the power of a month."""
    for engine in {database.reading, database.writing}:
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
    return database


@contextmanager
def month(script: Script, house: House, folder: Path) -> Iterator[World]:
    """A month that was played, with its database open."""
    world = World(script, house, folder)
    try:
        world.play()
        yield world
    finally:
        world.database.close()
