"""Acts of agents: looked at, decided, composed, and written in one transaction that fails where an order moved on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from ingestd.calendar.checking import CheckingClock
from ingestd.checks.acts import Agent, NotPossibleError
from ingestd.checks.content import fingerprint
from ingestd.checks.correcting import Speech
from ingestd.checks.deciding import Deciding
from ingestd.checks.entering import Entry, entered
from ingestd.checks.house import House
from ingestd.composing.drafts import Press
from ingestd.domain.decision import Decision, KnownOrder, Wanted
from ingestd.domain.keys import Keys
from ingestd.domain.order import OrderState
from ingestd.domain.reading import Channel, Envelope, OrderReading
from ingestd.domain.sending import SendingDraft
from ingestd.parsing.definitions import load_definitions
from ingestd.pipeline.carrying import carrying_files
from ingestd.pipeline.deciding import with_calls
from ingestd.store.acts import decided_lately, newest_message_of, write_act
from ingestd.store.database import Database
from ingestd.store.decisions import Writing, reading_of
from ingestd.store.facts import TWIN_WINDOW
from ingestd.store.known_orders import confirmed_counts, namesakes_of, orders_by_serial, twins_of
from ingestd.store.orders import OrderMovedOnError
from ingestd.store.serials import reserve
from ingestd.store.superseded import with_handed

JUST = timedelta(minutes=1)  # who acts without having looked could not know what another did so lately
Make = Callable[[list[KnownOrder], Deciding], Decision]  # an act on the orders that were named, in their order
Seen = tuple[OrderState, int]  # state and revision of an order as an agent saw it


@dataclass(frozen=True)
class Counter:
    """The desk as one agent stands at it: all that an act needs."""

    database: Database
    now: Callable[[], datetime]
    house: House
    press: Press
    keys: Keys
    checking: CheckingClock
    agent: Agent
    shadow: bool
    parsers: Sequence[Path] = ()  # folders of words that fields are read by

    def act(self, serials: Sequence[str], make: Make, seen: Seen | None = None, unseen: bool = True) -> Decision:
        """One act as a whole. Raises OrderMovedOnError where an order is, or turns, other than it was looked at.

        Without a look at it (`seen`), it is refused right after another agent's act, but where he is told not to mind.
        """
        now = self.now()
        with self.database.deciding():
            with self.database.read() as connection:
                found = {o.serial: o for o in with_handed(connection, orders_by_serial(connection, serials))}
                known = [found[serial] for serial in serials]
                if seen and (known[0].state, known[0].revision) != seen:
                    raise OrderMovedOnError(f"order {known[0].serial} is {known[0].state} by now")
                decision = make(known, self.deciding(now))
                if decision.changes and seen is None and unseen:
                    self.refuse_just_after_another(connection, [order.order_id for order in known], now)
                decision = carrying_files(connection, decision, self.house.settings.orders.attachments_largest)
                answered = {o.serial: envelope_of(connection, o) for o in known}
            return self.carry_out(decision, answered, now)

    def refuse_just_after_another(self, connection: Connection, order_ids: Sequence[int], now: datetime) -> None:
        """Raises NotPossibleError where another agent has just decided something on one of these orders."""
        other = decided_lately(connection, order_ids, self.agent.name, now - JUST)
        if other:
            raise NotPossibleError("just_now", other.removeprefix("agent "))

    def enter(self, entry: Entry) -> Decision:
        """A new order by phone, checked with what the store knows of its customer."""
        now, whose = self.now(), entry.customer.name
        with self.database.deciding():
            with self.database.read() as connection:
                twins = twins_of(connection, [(whose, fingerprint(entry.content))], now - TWIN_WINDOW)
                names = [(whose, name) for name in entry.content.called]
                namesakes = tuple(namesakes_of(connection, names, now - TWIN_WINDOW))
                before = confirmed_counts(connection, [whose]).get(whose, 0)
            known = replace(entry, twins=tuple(twins), namesakes=namesakes, confirmed_before=before)
            return self.carry_out(entered(known, self.agent, self.deciding(now)), {}, now)

    def carry_out(self, decision: Decision, answered: dict[str, Envelope], now: datetime) -> Decision:
        """Compose what goes out and write it all down, or nothing."""
        drafts = self.drafts(decision, answered, now)
        decision = with_calls(decision, drafts, self.house)
        writing = Writing("", now, self.shadow, self.checking)
        with self.database.write() as connection:
            write_act(connection, self.agent.name, decision, drafts, writing)
        return decision

    def drafts(
        self, decision: Decision, answered: dict[str, Envelope], now: datetime
    ) -> list[tuple[str | None, SendingDraft]]:
        """All letters of a decision, composed and frozen; answers stand in the thread of the order's last mail."""
        return [
            (serial_of(w), draft)
            for w in decision.wanted
            for draft in self.press.drafts(w, answered.get(serial_of(w) or "", Envelope()), now)
        ]

    def shown(self, wanted: Wanted) -> list[SendingDraft]:
        """A letter as it would leave, for looking at; a text message in all its parts."""
        return list(self.press.drafts(wanted, Envelope(), self.now()))

    def said_in(self, message_id: int) -> OrderReading | None:
        """What a message says of the one order that it is about; None where it says nothing of one, or of several."""
        with self.database.read() as connection:
            read = reading_of(connection, message_id)
        return read.orders[0] if read and len(read.orders) == 1 else None

    def deciding(self, now: datetime) -> Deciding:
        """What an act needs beside its orders."""
        return Deciding(self.house, self.keys, now, self.next_serial)

    def speech(self) -> Speech:
        """How what people say into a field is understood now."""
        return Speech(load_definitions(self.parsers), self.now().astimezone(self.house.settings.site.zone))

    def next_serial(self) -> str:
        """A serial that nobody else gets."""
        day = self.now().astimezone(self.house.settings.site.zone).strftime("%y%m%d")
        with self.database.write() as connection:
            return f"{day}{reserve(connection, day, 1):03d}"


def serial_of(wanted: Wanted) -> str | None:
    """The serial of the order that a letter is about."""
    return wanted.order.serial if wanted.order else None


def envelope_of(connection: Connection, order: KnownOrder) -> Envelope:
    """The headers of the order's last mail, so that an answer stands in its thread."""
    message_id = newest_message_of(connection, order.order_id)
    reading = reading_of(connection, message_id) if message_id else None
    fits = reading is not None and reading.channel is Channel.EMAIL and reading.sender == order.contact
    return reading.envelope if reading and fits else Envelope()
