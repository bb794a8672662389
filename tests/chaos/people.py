"""Who writes in a run, and what: shippers by mail and text, a program that repeats what it got no 250 for, dispatch."""

from __future__ import annotations

import random
import re
import smtplib
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from tests.chaos.schedule import ANOTHER, Act, Step, Way
from tests.chaos.stage import CONFIRMING, Stage
from tests.daemon.evidence import Captured, Changed, Said, captured, name_of
from tests.daemon.orders import CUSTOMERS, TEXT, ShippedOrder, order, text_order
from tests.daemon.records import FINAL
from tests.daemon.site import DISPATCHER_PHONE, ORDERS

APPLIED = frozenset({"applied"})
FOR_A_PERSON = frozenset({"applied", "review"})
SERIAL = re.compile(r"(?<!\d)\d{9}(?!\d)")
CHANGED = "97件"  # more than anybody orders at first
DOUBTED = (  # letters that nobody repeats but a person who was told; for a work order there is a fallback
    "SELECT id, key, EXISTS (SELECT 1 FROM alarm WHERE part = 'sending ' || s.id AND told_at IS NOT NULL) AS told"
    " FROM sending AS s WHERE state = 'failed' AND repeated AND channel = 'email'"
    " AND purpose NOT IN ('work_order', 'cancellation', 'alarm')"
)
CLIENT_WAITS_SECONDS = 0.3  # before it tries again


class People:
    """All who write; what they said, and when each order could be dispatched first, is kept for the judge."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.orders: dict[int, ShippedOrder] = {}
        self.said: list[Said] = []
        self.resent: set[str] = set()
        self.changed: dict[str, Changed] = {}  # by the name of the mail that asks for it
        self.due_from: dict[str, datetime] = {}
        self.closing = threading.Event()
        self._clients: list[threading.Thread] = []
        self._awaited: list[Callable[[], bool]] = []  # what is done as soon as something has come
        self._opened: set[bytes] = set()
        self._asked: set[int] = set()  # sendings in doubt
        self._untold = 0  # sendings in doubt of which nobody was told yet
        self._answers: dict[str, Captured] = {}
        self._acts: Mapping[Act, Callable[[Step], None]] = {
            Act.ORDER: self.order,
            Act.RESEND: self.resend,
            Act.CORRECT: self.correct,
            Act.CANCEL: self.cancel,
            Act.TAKE: self.take,
            Act.STRANGER: self.stranger,
            Act.SAME_ID: self.same_id,
        }

    # --- what is done ---

    def do(self, step: Step) -> None:
        """Do it now."""
        self._acts[step.act](step)
        self.stage.history.note("step", act=step.act, number=step.number, way=step.way)

    def order(self, step: Step) -> None:
        """Order, and where the customer is one who is asked, correct it and say yes."""
        chance = random.Random(f"{self.stage.schedule.seed}/{step.number}")
        if step.way is Way.TEXT:
            made = text_order(step.number * len(CUSTOMERS), chance)  # of a customer who is not asked
            self.orders[step.number] = made
            self.due_from[made.message_id] = datetime.now(UTC)
            self.stage.site.spool.receive(made.shipper, made.raw.decode(), self.stage.clock.now())
            return
        made = order(step.number, chance, self.stage.clock.now())
        if step.number % len(CUSTOMERS) == CONFIRMING:
            made = replace(made, says=(f"{100 + step.number}件",))
            self._await(lambda: self._change_offer(made, step))
        else:
            self.due_from[made.message_id] = datetime.now(UTC)
        self.orders[step.number] = made
        self._send(made.raw, made.message_id, made.shipper, step.way)

    def resend(self, step: Step) -> None:
        """The same mail again."""
        made = self.orders[step.number]
        self.resent.add(made.message_id)
        self._send(made.raw, made.message_id, made.shipper, step.way)

    def correct(self, step: Step) -> None:
        """A change of what is dispatched, as soon as its acknowledgement is there."""
        made = self.orders[step.number]
        if step.number % len(CUSTOMERS) == CONFIRMING:
            return  # it is corrected anyway

        def changed() -> bool:
            letter = self._answer(made.message_id)
            if letter:
                name = self._reply(letter, made, f"数量改为{CHANGED}", f"change-{step.number}", APPLIED, 1)
                self.changed[name] = Changed(made.message_id, CHANGED)
            return letter is not None

        self._await(changed)

    def cancel(self, step: Step) -> None:
        """What is dispatched is called off, as soon as its acknowledgement is there."""
        made = self.orders[step.number]
        if step.number % len(CUSTOMERS) == CONFIRMING:
            return

        def called_off() -> bool:
            letter = self._answer(made.message_id)
            if letter:
                name = self._reply(letter, made, "这票货取消，不用来提了。", f"cancel-{step.number}", APPLIED, 1)
                self.changed[name] = Changed(made.message_id)
            return letter is not None

        self._await(called_off)

    def take(self, step: Step) -> None:
        """收到 by the dispatcher, as soon as the text message is there."""
        made = self.orders[step.number]

        def taken() -> bool:
            texts = [text for text in self.stage.site.spool.texts() if made.phone in text.words]
            serial = SERIAL.search(texts[0].words) if texts else None
            if serial:
                words = f"{serial.group()}收到"
                self.said.append(Said(TEXT + words, DISPATCHER_PHONE, FOR_A_PERSON))
                self.stage.site.spool.receive(DISPATCHER_PHONE, words, self.stage.clock.now())
                self.stage.history.note("taken", number=step.number)
            return serial is not None

        self._await(taken)

    def stranger(self, step: Step) -> None:
        """An order by somebody who is in no table: nobody but the desk may hear of it."""
        chance = random.Random(f"{self.stage.schedule.seed}/{step.number}")
        made = order(step.number, chance, self.stage.clock.now())
        raw = made.raw.replace(b"@shipper.example>\r\nTo:", b"@stranger.example>\r\nTo:")
        self.said.append(Said(made.message_id, made.shipper.replace("shipper", "stranger"), frozenset({"review"})))
        self._send(raw, made.message_id, "cang@stranger.example", step.way)

    def same_id(self, step: Step) -> None:
        """Another order under a Message-ID that is taken: a person looks at it, it is no duplicate.

        It is sent when the first is decided on: of two that wait, a clock that is set or a daemon that is killed with
        one of them makes either the first.
        """
        first = self.orders[step.number - ANOTHER[Act.SAME_ID]]
        chance = random.Random(f"{self.stage.schedule.seed}/{step.number}")
        made = order(step.number, chance, self.stage.clock.now())
        raw = made.raw.replace(made.message_id.encode(), first.message_id.encode() + b">\r\nX-Copy: <2", 1)
        raw = raw.replace(made.shipper.encode(), first.shipper.encode())
        name = f"{first.message_id} copy <2>"
        decided = f"SELECT count(*) FROM message WHERE mail_id = '{first.message_id}' AND state <> 'stored'"

        def sent() -> bool:
            if not self.stage.site.records.value(decided):
                return False
            self.said.append(Said(name, first.shipper, FOR_A_PERSON - APPLIED))
            self._send(raw, name, first.shipper, step.way)
            return True

        self._await(sent)

    def _change_offer(self, made: ShippedOrder, step: Step) -> bool:
        """Answer the question whether the order is right with another quantity."""
        offer = self._answer(made.message_id)
        if offer:
            name = f"revision-{step.number}"
            changed = self._reply(offer, made, f"数量改为{made.says[0]}", name, APPLIED, 1)
            self._await(lambda: self._say_yes(changed, made, step))
        return offer is not None

    def _say_yes(self, changed: str, made: ShippedOrder, step: Step) -> bool:
        """Answer the second question with yes."""
        offer = self._answer(changed)
        if offer:
            self.due_from[made.message_id] = datetime.now(UTC)
            self._reply(offer, made, "确认", f"yes-{step.number}", APPLIED, 0)
        return offer is not None

    # --- letters ---

    def _reply(
        self, letter: Captured, made: ShippedOrder, words: str, name: str, states: frozenset[str], answers: int
    ) -> str:
        """Answer a letter; gives the name of the answer."""
        mail = EmailMessage(policy=SMTP)
        mail["From"], mail["To"], mail["Subject"] = made.shipper, ORDERS, "回复"
        mail["Date"] = format_datetime(self.stage.clock.now())
        mail["Message-ID"] = f"<{name}@shipper.example>"
        mail["In-Reply-To"] = mail["References"] = f"<{letter.message_id}>"
        mail.set_content(words)
        own = f"{name}@shipper.example"
        self.said.append(Said(own, made.shipper, states, answers))
        self._send(mail.as_bytes(), own, made.shipper, Way.MAILBOX)
        self.stage.history.note("reply", name=own)
        return own

    def _answer(self, name: str) -> Captured | None:
        """The letter that answers a mail of ours, if it has come; not the notice that it came twice."""
        return self._answers.get(name)

    def _open_letters(self) -> None:
        """Look at what is new at the sink."""
        new = [mail for mail in self.stage.mails() if mail.raw not in self._opened]
        if not new:
            return
        notices = self.stage.site.records.rows("SELECT key FROM sending WHERE purpose = 'duplicate_notice'")
        keys = {row["key"] for row in notices}
        for mail in new:
            self._opened.add(mail.raw)
            letter = captured(mail)
            if letter.key not in keys:
                self._answers.setdefault(letter.answers, letter)

    def _await(self, done: Callable[[], bool]) -> None:
        self._awaited.append(done)

    def phone(self) -> None:
        """Do as the alarm says: ask those whose letters are in doubt, and repeat what did not come."""
        doubted = [row for row in self.stage.site.records.rows(DOUBTED) if row["id"] not in self._asked]
        self._untold = sum(not row["told"] for row in doubted)
        told = [row for row in doubted if row["told"]]
        there = {captured(mail).key for mail in self.stage.mails()} if told else set()
        missing = [str(row["id"]) for row in told if row["key"] not in there]
        self._asked |= {row["id"] for row in told}
        if missing:
            self.stage.command("outbox", "retry", *missing)

    def look(self) -> None:
        """Do what waited for something that has come by now."""
        if self._awaited:
            self._open_letters()
        waiting, self._awaited = self._awaited, []
        self._awaited = [done for done in waiting if not done()] + self._awaited

    # --- ways ---

    def _send(self, raw: bytes, name: str, sender: str, way: Way) -> None:
        if way is Way.MAILBOX:
            self.stage.mailbox.deliver(raw, at=self.stage.clock.now())
            return
        client = threading.Thread(target=self._submit, args=(raw, name, sender), daemon=True)
        client.start()
        self._clients.append(client)

    def _submit(self, raw: bytes, name: str, sender: str) -> None:
        """Hand a mail to the inlet, again and again until it says 250."""
        attempts = 0
        while not self.closing.is_set():
            attempts += 1
            if attempts > 1:
                self.resent.add(name)
            with suppress(OSError), smtplib.SMTP("127.0.0.1", self.stage.inlet_port, timeout=8) as client:
                client.sendmail(sender, [ORDERS], raw)
                self.stage.history.note("answered 250", name=name, attempts=attempts)
                return
            self.closing.wait(CLIENT_WAITS_SECONDS)

    # --- the end ---

    @property
    def waiting(self) -> int:
        """How much still waits: mails for their 250, people for a letter or an alarm."""
        return sum(client.is_alive() for client in self._clients) + len(self._awaited) + self._untold

    def all_stored(self) -> bool:
        """Whether everything that was said is stored and done with."""
        states: dict[str, list[str]] = {}
        rows = self.stage.site.records.messages()
        for row in rows:
            states.setdefault(name_of(row), []).append(row["state"])
        names = {made.message_id for made in self.orders.values()} | {said.name for said in self.said}
        return names <= states.keys() and all(state in FINAL for row in states.values() for state in row)
