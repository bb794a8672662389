"""One daemon that gets every bad input, and what it made of each."""

from __future__ import annotations

import email
import email.policy
import json
import smtplib
import socket
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path

from tests.bad_input.hostile import CANARY, WATCHED
from tests.bad_input.samples import DOMAIN, ID, LETTER, ME, SERIAL, Again, Arriving, Parts, Report, Sample
from tests.daemon.day import Day
from tests.daemon.oracle import captured
from tests.daemon.process import COMMAND, RunningDaemon, running
from tests.daemon.records import Row
from tests.daemon.site import CUSTOMER_ROWS, DESK, DISPATCHER, DISPATCHER_PHONE, ORDERS, Site, table
from tests.daemon.spool import MARK
from tests.servers.dovecot import Mailbox
from tests.servers.programs import free_port
from tests.servers.smtp_sink import SmtpSink

NOW = datetime.fromisoformat("2026-03-10T10:00:00+08:00")
WAIT_FOR_ORDER = timedelta(minutes=2)  # before anybody is asked whether he takes his orders
STAMP = f"{NOW:%Y%m%d_%H%M%S}"
SECRET = "words of a file that nobody was sent"
JOIN_SECONDS = 2
DISPATCH = (DISPATCHER, DISPATCHER_PHONE)
FIRST_PHONE = 13_600_100_000


@dataclass(frozen=True)
class Letter:
    """One mail or text message that went out."""

    purpose: str
    recipient: str
    words: str
    raw: bytes = b""  # of a mail
    order_id: int | None = None
    cause: str = ""


@dataclass(frozen=True)
class Made:
    """An order as it stands."""

    id: int
    serial: str
    state: str
    time_of: str
    content: Mapping[str, object]


@dataclass(frozen=True)
class Seen:
    """What became of one sample: its messages, its orders, and all that went out for them."""

    messages: Sequence[Row]  # with their bytes, oldest first
    orders: Sequence[Made]
    answers: Sequence[Letter]  # to the sender
    work_orders: Sequence[Letter]
    notices: Sequence[Letter]  # to the desk


@dataclass(frozen=True)
class Run:
    """The whole run."""

    by_name: Mapping[str, Seen]
    letters: Sequence[Letter]
    alarms: Sequence[Row]
    damage: Sequence[str]  # what the database finds wrong with itself
    log: str
    files: Sequence[str]  # names of what lies in the site's folders
    shown: Mapping[str, str]  # by a command's words: what it printed
    askers: int  # who asked for what a mail names


# --- who sends --------------------------------------------------------------------------------------------------------


def address_of(sample: Sample) -> str:
    """The address of a sample's own customer."""
    return f"{sample.name.lower()}@{DOMAIN}"


def phone_of(number: int) -> str:
    """The phone of the customer of a sample of this number."""
    return f"+86{FIRST_PHONE + number}"


def customers(samples: Sequence[Sample]) -> str:
    """A customer for each sample, so that none knows of another's orders."""
    row = CUSTOMER_ROWS[0]
    return "".join(
        table("[[customer]]", {**row, "name": f"客户{n}", "addresses": [address_of(s)], "phones": [phone_of(n)]})
        for n, s in enumerate(samples)
        if not s.stranger
    )


# --- what arrives -----------------------------------------------------------------------------------------------------


class Stage:
    """The site with its daemon while the samples arrive, step by step."""

    def __init__(self, site: Site, mailbox: Mailbox, smtp_sink: SmtpSink, samples: Sequence[Sample]) -> None:
        self.site, self.mailbox, self.smtp_sink, self.samples = site, mailbox, smtp_sink, samples
        self.inlet_port, self.arrived = free_port(), 0
        self.watch = socket.create_server(("127.0.0.1", 0))
        self.canary = site.folder / "canary.txt"
        self.canary.write_text(SECRET)
        site.write(
            smtp_sink.port, mailbox, sms={"poll": 0.2, "join": JOIN_SECONDS},
            orders={"wait_for_order": WAIT_FOR_ORDER.total_seconds()},
            inlet={"enabled": True, "port": self.inlet_port, "addresses": [ORDERS]},
        )  # fmt: skip
        (site.folder / "customers.toml").write_text(customers(samples))

    def step(self, number: int, which: Callable[[Sample], bool], at: datetime) -> None:
        """Let the next of each of these samples arrive."""
        for place, sample in enumerate(self.samples):
            if number < len(sample.arrives) and which(sample):
                self.receive(sample.arrives[number], sample, phone_of(place), at)

    def receive(self, one: Arriving, sample: Sample, phone: str, at: datetime) -> None:
        """Let one message arrive by its way."""
        self.arrived += 0 if isinstance(one, Again) else 1
        sender = sample.alias or phone
        if isinstance(one, bytes):
            self.receive_mail(self.filled(one, sample), sample, at)
        elif isinstance(one, Report):
            self.site.spool.receive(DISPATCHER_PHONE, one.words.replace(SERIAL, self.serial_of(sample)))
        elif isinstance(one, Parts):
            for number, words in one.parts:
                name = f"IN{STAMP}_{self.arrived:02d}_{sender}_{number:02d}.txt"
                (self.site.spool.inbox / name).write_bytes(MARK + words.encode("utf-16-be"))
        elif isinstance(one, Again):
            (taken,) = (self.site.spool.inbox.parent / "taken").glob(f"*_{sender}_*")
            taken.rename(self.site.spool.inbox / taken.name.partition("@")[0])
        else:
            self.site.spool.receive(sender, one)

    def filled(self, raw: bytes, sample: Sample) -> bytes:
        """A mail with what it can't know in the places of the marks."""
        marks = {
            ME: address_of(sample),
            ID: f"{sample.name}@{DOMAIN}",
            WATCHED: f"127.0.0.1:{self.watch.getsockname()[1]}",
            CANARY: str(self.canary),
        }
        if LETTER.encode() in raw:
            marks[LETTER] = self.last_letter(sample)
        if SERIAL.encode() in raw:
            marks[SERIAL] = self.serial_of(sample)
        for mark, value in marks.items():
            raw = raw.replace(mark.encode(), value.encode())
        return f"X-Sample: {sample.name}.\r\n".encode() + raw

    def receive_mail(self, raw: bytes, sample: Sample, at: datetime) -> None:
        """Put a mail into the mailbox, or hand it to the inlet."""
        if not sample.by_inlet:
            self.mailbox.deliver(raw, at=at)
            return
        with smtplib.SMTP("127.0.0.1", self.inlet_port, timeout=20) as client:
            client.sendmail(address_of(sample), [ORDERS], raw, mail_options=["BODY=8BITMIME"])

    def serial_of(self, sample: Sample) -> str:
        """The serial of a sample's first order."""
        found = self.site.records.value(
            f"SELECT o.serial FROM orders o WHERE o.contact = '{address_of(sample)}' ORDER BY o.id LIMIT 1"
        )
        assert found, sample.name
        return str(found)

    def last_letter(self, sample: Sample) -> str:
        """The Message-ID of the newest mail that a sample's sender got."""
        mails = [captured(m) for m in self.smtp_sink.messages() if address_of(sample) in m.recipients]
        return mails[-1].message_id

    def asked(self) -> int:
        """How many asked the address that mails name."""
        self.watch.setblocking(False)
        try:
            self.watch.accept()[0].close()
        except BlockingIOError:
            return 0
        return 1

    def settle(self, daemon: RunningDaemon, now: datetime) -> None:
        """Return when all that arrived is done with, or waits for a later time, and the spool is empty."""
        daemon.wait_until(lambda: not list(self.site.spool.inbox.iterdir()), "the spool to be looked through")
        daemon.wait_quiet(self.arrived, now)


def played(folder: Path, mailbox: Mailbox, smtp_sink: SmtpSink, samples: Sequence[Sample]) -> Run:
    """All samples, each step of all of them at once; what must be a day old comes first."""
    site = Site(folder, bare=True)  # makes its tables itself, as a first start does
    stage = Stage(site, mailbox, smtp_sink, samples)
    day = Day(site, NOW - timedelta(days=1, minutes=30))
    with closing(stage.watch), running(site, environment=day.environment) as daemon:
        daemon.wait_ready()
        stage.step(0, lambda sample: sample.next_day, day.now)
        stage.settle(daemon, day.now)
        day.set(NOW)
        stage.step(0, lambda sample: not sample.next_day, NOW)
        stage.settle(daemon, NOW)
        for number in range(1, max(len(sample.arrives) for sample in samples)):
            stage.step(number, lambda _: True, NOW)
            stage.settle(daemon, NOW)
        day.set(NOW + WAIT_FOR_ORDER)  # what waited for its order waits no more
        stage.settle(daemon, day.now)
        shown = shown_by_commands(site, stage)
        daemon.stop()
        return Account(stage, daemon.said()).run(shown)


def shown_by_commands(site: Site, stage: Stage) -> Mapping[str, str]:
    """What the command line prints of all that came in."""
    serial = stage.serial_of(next(s for s in stage.samples if s.name == "template"))
    commands = {
        "orders show": ["orders", "show", serial], "orders list": ["orders", "list", "--limit", "500"],
        "status": ["status"], "review": ["review", "list"], "explain": ["explain", serial],
    }  # fmt: skip
    return {name: command(site, *arguments) for name, arguments in commands.items()}


def command(site: Site, *arguments: str) -> str:
    """What a command of ingestd's prints about a site."""
    whole = [COMMAND, "--config", str(site.configuration), *arguments]
    ran = subprocess.run(whole, capture_output=True, text=True, check=False, timeout=60)
    assert ran.returncode in (0, 1), ran.stderr
    return ran.stdout


# --- what became of it ------------------------------------------------------------------------------------------------


class Account:
    """What a run left behind, told apart by its samples."""

    def __init__(self, stage: Stage, log: str) -> None:
        self.stage, self.log, self.records = stage, log, stage.site.records
        self.sendings = {row["key"]: row for row in self.records.sendings()}

    @cached_property
    def letters(self) -> list[Letter]:
        """All that went out."""
        mails = [(captured(mail), mail.raw) for mail in self.stage.smtp_sink.messages()]
        found = [self.letter(mail.key, mail.recipients[0], mail.words, raw) for mail, raw in mails]
        texts = self.stage.site.spool.texts()
        return found + [self.letter(text.name.split("_")[2], text.number, text.words) for text in texts]

    def letter(self, key: str, recipient: str, words: str, raw: bytes = b"") -> Letter:
        """Something at a sink, with what is recorded of it."""
        row = self.sendings[key]
        subject = str(email.message_from_bytes(raw, policy=email.policy.default)["Subject"]) if raw else ""
        return Letter(row["purpose"], recipient, f"{subject}\n{words}", raw, row["order_id"], row["cause"])

    @cached_property
    def messages(self) -> Mapping[str, list[Row]]:
        """The messages of each sample."""
        names = {phone_of(n): s.name for n, s in enumerate(self.stage.samples)}
        names |= {s.alias: s.name for s in self.stage.samples if s.alias}
        found: dict[str, list[Row]] = {sample.name: [] for sample in self.stage.samples}
        for row in self.records.messages():
            raw = bytes(row["bytes"])
            if raw.startswith(b"Return-Path: "):  # the inlet's
                raw = raw.partition(b"\n")[2]
            mark, _, rest = raw.partition(b"X-Sample: ")
            name = rest.partition(b".\r\n")[0].decode("ascii", "replace") if rest and not mark else ""
            name = name or names.get(raw.partition(b"\n")[0].removeprefix(b"From: ").decode(), "")
            if name:
                found[name].append(row)
        return found

    @cached_property
    def orders(self) -> list[tuple[int, Made]]:
        """All orders as they stand, each with the message that made it."""
        newest = {row["order_id"]: row for row in self.records.rows("SELECT * FROM revision ORDER BY number")}
        return [
            (r["message_id"], Made(
                r["id"], r["serial"], r["state"], r["order_time_source"], json.loads(newest[r["id"]]["json"]))
            )
            for r in self.records.orders()
        ]  # fmt: skip

    def seen(self, sample: Sample, number: int) -> Seen:
        """What became of one sample."""
        messages = self.messages[sample.name]
        ids = {row["id"] for row in messages}
        orders = [made for message_id, made in self.orders if message_id in ids]
        own = {made.id for made in orders}
        causes = {f"message:{i}" for i in ids}
        sender = (address_of(sample), phone_of(number), sample.alias)
        concerned = [one for one in self.letters if one.order_id in own or one.cause in causes]
        return Seen(
            messages, orders,
            [one for one in self.letters if one.recipient in sender],
            [one for one in concerned if one.recipient in DISPATCH and one.purpose == "work_order"],
            [one for one in concerned if one.recipient == DESK],
        )  # fmt: skip

    def run(self, shown: Mapping[str, str]) -> Run:
        """All of it as values that another process can be told."""
        folder = self.stage.site.folder
        return Run(
            {sample.name: self.seen(sample, n) for n, sample in enumerate(self.stage.samples)},
            self.letters, self.records.alarms(), self.records.damage(), self.log,
            sorted(str(path.relative_to(folder)) for path in folder.rglob("*")), shown, self.stage.asked(),
        )  # fmt: skip


def values_at(content: object, path: str) -> object:
    """The value at a dotted path, None where there is nothing."""
    for step in path.split("."):
        if isinstance(content, list):
            content = content[int(step)] if int(step) < len(content) else None
        else:
            content = content.get(step) if isinstance(content, dict) else None
    return content


def html_of(raw: bytes) -> Iterator[str]:
    """The HTML of a mail."""
    for piece in email.message_from_bytes(raw, policy=email.policy.default).walk():
        if piece.get_content_type() == "text/html":
            yield piece.get_content()
