"""Every option of `ingestd.toml`, with its default; `config/ingestd.toml` shows the same for people."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, time, timedelta
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, IPvAnyNetwork, ValidationInfo, field_validator, model_validator

from ingestd.config.peer import Peer, Security, is_loopback
from ingestd.config.section import Address, Name, Port, Seconds, Section

Role = Literal[
    "dispatcher", "fleet_manager", "driver", "depot", "agent", "operations_manager", "market_developer"
]  # of staff


class Mode(StrEnum):
    """Whether anything leaves the house."""

    LIVE = "live"
    SHADOW = "shadow"  # decide and record, let nothing leave


class Site(Section):
    """Who we are."""

    name: str = "示例物流"
    signature: str = "示例物流"  # the SMS signature, without brackets
    domain: str = "orders.example"  # the right part of our Message-IDs
    address: Address = "orders@orders.example"  # From of what we send
    phone: str = ""  # the desk's, as shown to shippers
    timezone: str = "Asia/Shanghai"
    language: Literal["zh", "en"] = "zh"  # where the customer's is not known
    home: str = ""  # the division where we are at home (深圳市): of two places of one name the one near it is meant
    agent: str = "8000"  # the staff number that closes automatic work orders
    mode: Mode = Mode.LIVE
    data_folder: Path = Path("/var/lib/ingestd")
    secret_file: Path | None = None  # makes our ids unguessable; default: data_folder/secret, made at first start

    @field_validator("timezone")
    @classmethod
    def known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f'{value!r} is no time zone; write one like "Asia/Shanghai"') from error
        return value

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


class Database(Section):
    """Where everything is kept."""

    url: str = ""  # empty: SQLite at data_folder/ingestd.db; or postgresql+psycopg://...

    @field_validator("url")
    @classmethod
    def known_dialect(cls, value: str) -> str:
        if value and not value.startswith(("sqlite:///", "postgresql+psycopg://")):
            raise ValueError("write sqlite:///PATH or postgresql+psycopg://USER@HOST/NAME")
        return value


class ImapAccount(Peer):
    """An order mailbox read by IMAP."""

    name: Name
    port: Port = 993
    folders: tuple[str, ...] = ("INBOX",)
    start: str = "now"  # at first sight: "now", "all", or a date: what arrived before is baseline
    processed_folder: str | None = None  # mail is moved there after it is stored; cosmetic
    authserv_id: str | None = None  # whose Authentication-Results count; "none": the server writes none
    idle_slice: Seconds = timedelta(seconds=25)
    poll: Seconds = timedelta(seconds=10)  # where the server has no IDLE, and between folders
    timeout: Seconds = timedelta(seconds=20)
    batch: Annotated[int, Field(ge=1, le=500)] = 50  # mails a fetch
    largest: Annotated[int, Field(ge=1024)] = 20_000_000  # bytes; a larger mail goes to a person
    look_back: Annotated[int, Field(ge=0)] = 500  # UIDs looked at again after each connect
    reconnect: tuple[Seconds, ...] = tuple(timedelta(seconds=s) for s in (1, 2, 5, 10, 30))

    @field_validator("start")
    @classmethod
    def known_start(cls, value: str) -> str:
        if value not in ("now", "all"):
            try:
                date.fromisoformat(value)
            except ValueError as error:
                raise ValueError('write "now", "all" or a date like "2026-11-22"') from error
        return value


class Inlet(Section):
    """Our own SMTP inlet, for the order addresses only."""

    name: Name = "inlet"
    enabled: bool = False
    host: str = "127.0.0.1"
    port: Port = 2525
    addresses: tuple[Address, ...] = ()
    authserv_id: str | None = "none"
    trusted: tuple[IPvAnyNetwork, ...] = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))  # our mail servers
    socket: Literal["own", "systemd"] = "own"  # who opens it: host and port, or ingestd-inlet.socket
    certificate: Path | None = None  # PEM, with its chain; none: TLS is not offered
    key: Path | None = None  # none: it stands in the certificate's file
    require_tls: bool = False
    largest: Annotated[int, Field(ge=1024)] = 10_000_000  # bytes
    memory_mb: Annotated[int, Field(ge=1)] = 128  # of all messages that are coming in
    connections: Annotated[int, Field(ge=1)] = 50
    connections_per_host: Annotated[int, Field(ge=1)] = 20
    connections_per_minute: Annotated[int, Field(ge=1)] = 60  # from one address that is not trusted
    commands: Annotated[int, Field(ge=10)] = 1000  # of one kind a connection
    recipients: Annotated[int, Field(ge=1)] = 100  # asked for, a message
    errors: Annotated[int, Field(ge=1)] = 20  # refused commands a connection
    timeout: Seconds = timedelta(seconds=60)  # of silence, and for a whole command
    patience: Seconds = timedelta(seconds=300)  # until a connection brings its first message, or the next
    message_time: Seconds = timedelta(seconds=300)  # for a whole message to come
    store_timeout: Seconds = timedelta(seconds=30)  # then 451, and the client tries again

    @model_validator(mode="after")
    def addresses_where_enabled(self) -> Self:
        if self.enabled and not self.addresses:
            raise ValueError('an enabled inlet needs addresses = ["orders@..."]; it takes mail for nobody else')
        if self.certificate is None and (self.key or self.require_tls):
            raise ValueError("key and require_tls need a certificate; name its file, or leave both out")
        return self


class SmsGateway(Section):
    """A gammu-smsd FILES spool."""

    name: Name = "gammu"
    enabled: bool = False
    inbox: Path = Path("/var/spool/gammu/inbox")
    outbox: Path = Path("/var/spool/gammu/outbox")
    sent: Path = Path("/var/spool/gammu/sent")
    error: Path = Path("/var/spool/gammu/error")
    number: str = ""  # ours, as shown in To
    senders: Annotated[int, Field(ge=1, le=20)] = 3  # writing at once; each text waits for the disk
    poll: Seconds = timedelta(seconds=0.5)
    join: Seconds = timedelta(seconds=60)  # how long the parts of a long text message are waited for


class Relay(Peer):
    """The mail relay that takes what we send."""

    host: str = "127.0.0.1"
    port: Port = 25
    security: Security = Security.NONE
    name: str = ""  # our HELO name; empty: the site's domain
    connect_timeout: Seconds = timedelta(seconds=10)
    reply_timeout: Seconds = timedelta(seconds=20)
    data_timeout: Seconds = timedelta(seconds=30)  # for the reply to the final dot
    keep: Seconds = timedelta(seconds=30)  # an idle connection is kept so long
    senders: Annotated[int, Field(ge=1, le=20)] = 3


class Audit(Peer):
    """A mailbox of ours that gets a blind copy of our mail, to be looked into where an outcome is uncertain."""

    address: Annotated[str, Field(pattern=r"^([^@\s<>,;]+@[^@\s<>,;]+)?$")] = ""  # empty: there are no copies
    host: str = ""
    port: Port = 993
    folders: Annotated[tuple[str, ...], Field(min_length=1)] = ("INBOX",)  # where a copy may lie
    timeout: Seconds = timedelta(seconds=10)
    grace: Seconds = timedelta(seconds=30)  # a copy that is not there after so long was never sent

    @model_validator(mode="after")
    def address_and_mailbox(self) -> Self:
        if self.host and not self.address:
            raise ValueError("without address no copy is sent that could be looked for: write both, or neither")
        if self.address and not (self.host and self.username):
            raise ValueError("the copies are looked for by IMAP: write host and username of their mailbox, too")
        if not self.address.isascii():
            raise ValueError("the address of the copies must be plain ASCII, so that every relay takes it")
        return self

    @property
    def account(self) -> ImapAccount:
        """The mailbox as one that can be read."""
        peer = {key: getattr(self, key) for key in Peer.model_fields}
        return ImapAccount(**peer, name="audit", folders=self.folders, timeout=self.timeout)


class Reader(Section):
    """The pool that reads messages."""

    workers: Annotated[int, Field(ge=1, le=64)] = 2
    time_limit: Seconds = timedelta(seconds=20)  # a message
    memory_mb: Annotated[int, Field(ge=128)] = 768  # a worker's address space
    strikes: Annotated[int, Field(ge=1, le=10)] = 3
    ahead: Annotated[int, Field(ge=1)] = 100  # messages handed to the pool and not back


class Outbox(Section):
    """How sendings are tried. Source of the figures: the 3-minute promise."""

    lease: Seconds = timedelta(seconds=90)
    claim: Annotated[int, Field(ge=1, le=50)] = 50  # sendings a claim at most
    retry_steps: tuple[Seconds, ...] = tuple(
        timedelta(seconds=s) for s in (5, 10, 20, 30, 30, 30, 60, 120, 300)
    )  # the last repeats
    give_up_after: Seconds = timedelta(hours=24)
    promise: Seconds = timedelta(seconds=180)
    alarm_after: Seconds = timedelta(seconds=120)
    fallback_after: Seconds = timedelta(seconds=150)
    repeat_uncertain_after: Seconds = timedelta(seconds=60)  # by mail, once, same Message-ID


class Orders(Section):
    """How messages become orders."""

    date_slack: Seconds = timedelta(minutes=15)  # how far `Date` may lie before the server's receipt
    stale_after: Seconds = timedelta(hours=12)  # an older order goes to review
    same_mail_within: Seconds = timedelta(minutes=30)
    wait_for_order: Seconds = timedelta(minutes=5)  # a change that overtook its order waits for it
    attachments_largest: Annotated[int, Field(ge=0)] = 8_000_000  # bytes that travel with a work order
    first_orders: Annotated[int, Field(ge=0)] = 3  # of a customer that an agent confirms, where his mode says so


class Replies(Section):
    """How much one sender is answered for messages that made no order: no two robots shall keep each other talking."""

    most_talk: Annotated[int, Field(ge=0)] = 1  # notices of duplicates and holding replies ...
    talk_within: Seconds = timedelta(minutes=10)  # ... in so long
    most: Annotated[int, Field(ge=0)] = 5  # these and answers to inquiries ...
    most_notices: Annotated[int, Field(ge=0)] = 20  # to the desk, of one sender's messages ...
    within: Seconds = timedelta(hours=1)  # ... in so long


class WorkOrderSms(Section):
    """How a work order fits into text messages. Source: domain.md §4."""

    parts: Literal[1, 2] = 2
    split: Literal["separate", "gateway"] = "separate"  # two messages of 70, or one that the gateway cuts at 67


class DeadlineRow(Section):
    """Confirmed in `area` before `before` (and not in an earlier row): picked up by `by`, so many desk days later."""

    area: Literal["urban", "suburban"]
    before: time | None = None  # none: the rest of the day
    by: time
    days: Annotated[int, Field(ge=0, le=30)] = 0


class Pickup(Section):
    """When goods are to be fetched. Source: domain.md §5."""

    deadlines: tuple[DeadlineRow, ...] = (
        DeadlineRow(area="urban", before=time(12), by=time(15)),
        DeadlineRow(area="urban", before=time(15), by=time(18)),
        DeadlineRow(area="urban", by=time(12), days=1),
        DeadlineRow(area="suburban", before=time(12), by=time(18)),
        DeadlineRow(area="suburban", by=time(18), days=1),
    )


def dated(value: tuple[str, ...]) -> tuple[str, ...]:
    """Days as they are, each a date or a first and last one; raises ValueError."""
    for item in value:
        try:
            days = [date.fromisoformat(d) for d in item.split("/")]
        except ValueError as error:
            raise ValueError(f'{item!r}: write a date like "2027-02-05" or "2027-02-05/2027-02-12"') from error
        if len(days) > 2 or days != sorted(days):
            raise ValueError(f"{item!r}: the first day comes before the last")
    return value


def days_of(dates: Sequence[str]) -> frozenset[date]:
    """All days of dates written as "2027-02-05" or "2027-02-05/2027-02-12"."""
    days: set[date] = set()
    for item in dates:
        first, _, last = item.partition("/")
        day, end = date.fromisoformat(first), date.fromisoformat(last or first)
        while day <= end:
            days.add(day)
            day += timedelta(days=1)
    return frozenset(days)


Dates = Annotated[tuple[str, ...], AfterValidator(dated)]  # each a date, or "FIRST/LAST"
HOURS = re.compile(r"([01]\d|2[0-4]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)")


class Desk(Section):
    """When the order desk is open, who may act at it and who is told that one must. Source: domain.md §3."""

    hours: str = "08:30-17:30"  # on desk days
    closures: Dates = ()
    announce_closures: Seconds = timedelta(days=14)  # before the first day, in acknowledgements; whole days
    review_within: Seconds = timedelta(minutes=30)  # of desk hours
    answer_within: Seconds = timedelta(hours=2)  # of desk hours, before an unanswered question is the desk's again
    notify: tuple[Address, ...] = ()
    roles: Annotated[tuple[Role, ...], Field(min_length=1)] = ("agent", "operations_manager", "fleet_manager")

    @field_validator("hours")
    @classmethod
    def opens_before_it_closes(cls, value: str) -> str:
        opens, closes = opening_of(value)
        if not opens < closes <= timedelta(hours=24):
            raise ValueError('write opening and closing of one day, like "08:30-17:30" or "00:00-24:00"')
        return value

    @property
    def opening(self) -> tuple[timedelta, timedelta]:
        """Opening and closing as spans since midnight."""
        return opening_of(self.hours)


def opening_of(hours: str) -> tuple[timedelta, timedelta]:
    """Desk hours like "08:30-17:30" as spans since midnight; what is none is a day that ends before it begins."""
    found = HOURS.fullmatch(hours)
    h, m, to_h, to_m = map(int, found.groups()) if found else (24, 0, 0, 0)
    return timedelta(hours=h, minutes=m), timedelta(hours=to_h, minutes=to_m)


class Chasing(Section):
    """When people are asked, urged and told; what about stands in `follow_ups.toml`. Source: domain.md §5-6."""

    one_message_within: Seconds = timedelta(minutes=30)  # per person
    rounds: Annotated[tuple[time, ...], Field(min_length=1)] = (time(9, 30), time(14, 30))  # on desk days
    quiet: str = "22:00-07:00"  # nobody outside gets a text message, and none of us who has no duty hours is chased
    deliver_by: time = time(18)  # the time of day of a deadline that is only a day

    @field_validator("rounds")
    @classmethod
    def one_after_another(cls, value: tuple[time, ...]) -> tuple[time, ...]:
        if any(one >= other for one, other in pairwise(value)):
            raise ValueError("write the rounds in their order, each once, like [09:30:00, 14:30:00]")
        return value

    @field_validator("quiet")
    @classmethod
    def some_hours(cls, value: str) -> str:
        begins, ends = opening_of(value or "00:00-01:00")
        if begins == ends or begins >= timedelta(hours=24) or ends > timedelta(hours=24):
            raise ValueError('write hours like "22:00-07:00", or "" where people are written to at any hour')
        return value


class Calendar(Section):
    """Working days where the site knows better than the state's calendar, or sooner."""

    working: Dates = ()
    free: Dates = ()

    @model_validator(mode="after")
    def either_working_or_free(self) -> Self:
        both = days_of(self.working) & days_of(self.free)
        if both:
            raise ValueError(f"{min(both)} stands both in working and in free; keep one of them")
        return self


class AlarmDestination(Section):
    """One way to reach a person about trouble of the system."""

    channel: Literal["email", "sms"]
    recipient: str


class Alarms(Section):
    """Who is told of trouble, by a way other than the one that failed."""

    destinations: tuple[AlarmDestination, ...] = ()
    mailbox_dead_after: Seconds = timedelta(seconds=60)
    disk_free_mb: Annotated[int, Field(ge=0)] = 200  # below, a person is told
    disk_full_mb: Annotated[int, Field(ge=0)] = 50  # below, nothing new is taken in
    wal_mb: Annotated[int, Field(ge=1)] = 100  # of SQLite's log: from there on somebody keeps it from being emptied


class Logging(Section):
    """How the log is written."""

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    format: Literal["json", "text"] = "json"


class Metrics(Section):
    """Figures for Prometheus, for this machine only: they are nobody else's business, and need no login there."""

    enabled: bool = False
    host: str = "127.0.0.1"
    port: Port = 9465

    @field_validator("host")
    @classmethod
    def only_here(cls, value: str) -> str:
        if not is_loopback(value):
            raise ValueError('the metrics have no login: "127.0.0.1", "::1" or "localhost" is right')
        return value


class Settings(Section):
    """All of `ingestd.toml`."""

    site: Site = Site()
    database: Database = Database()
    imap: tuple[ImapAccount, ...] = ()
    inlet: Inlet = Inlet()
    sms: SmsGateway = SmsGateway()
    relay: Relay = Relay()
    audit: Audit = Audit()
    reader: Reader = Reader()
    outbox: Outbox = Outbox()
    orders: Orders = Orders()
    replies: Replies = Replies()
    work_order_sms: WorkOrderSms = WorkOrderSms()
    pickup: Pickup = Pickup()
    chasing: Chasing = Chasing()
    desk: Desk = Desk()
    calendar: Calendar = Calendar()
    alarms: Alarms = Alarms()
    logging: Logging = Logging()
    metrics: Metrics = Metrics()

    @field_validator("audit")
    @classmethod
    def no_copies_among_orders(cls, audit: Audit, before: ValidationInfo) -> Audit:
        site, inlet, accounts = (before.data.get(key) for key in ("site", "inlet", "imap"))
        if audit.address and site and inlet and audit.address.lower() in {site.address, *inlet.addresses}:
            raise ValueError("orders come in at this address; the copies need a mailbox of their own")
        for account in accounts or ():
            if audit.address and audit.mailbox == account.mailbox:
                raise ValueError(f"this is the order mailbox imap.{account.name}; the copies need one of their own")
        return audit

    @property
    def database_url(self) -> str:
        return self.database.url or f"sqlite:///{self.site.data_folder / 'ingestd.db'}"
