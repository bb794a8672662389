"""What a run leaves behind for the judge: what was sent in, what the sinks hold, what is recorded, what was logged."""

from __future__ import annotations

import email
import email.policy
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from functools import cached_property
from pathlib import Path

from tests.daemon.orders import TEXT, ShippedOrder
from tests.daemon.records import Records, Row
from tests.daemon.site import Site
from tests.daemon.spool import Text
from tests.servers.smtp_sink import SunkMail


@dataclass(frozen=True)
class Captured:
    """A mail at the sink."""

    message_id: str  # without angle brackets
    answers: str  # the Message-ID it answers, without angle brackets
    recipients: tuple[str, ...]
    content: bytes  # all of it, with LF line ends
    words: str  # its plain text
    at: datetime | None = None  # when it was taken, by the machine's clock

    @property
    def key(self) -> str:
        return self.message_id.partition("@")[0]


@dataclass(frozen=True)
class Said:
    """A message beside the orders: a correction, a yes, a receipt, a stranger's order."""

    name: str  # its Message-ID without angle brackets; of a text message TEXT and its words
    sender: str
    states: frozenset[str]  # where it may end
    answers: int = 0  # letters that answer it


@dataclass(frozen=True)
class Changed:
    """A change of an order after its dispatch: what its work order says by it; nothing: it is called off."""

    order: str  # name of the order's message
    says: str = ""


@dataclass(frozen=True)
class Course:
    """How the time of a run went, for the promise; all by the machine's clock."""

    promise: timedelta
    due_from: Mapping[str, datetime]  # by an order's name: when it could be dispatched first
    up: Sequence[tuple[datetime, datetime]]  # while a daemon was at work
    steps: Sequence[tuple[datetime, float]]  # from when the site's clock was ahead by so many seconds

    def machine_times(self, site_time: datetime) -> list[datetime]:
        """When the site's clock showed this; twice where it was put back, never where it was put on."""
        found = []
        for index, (begins, ahead) in enumerate(self.steps):
            at = site_time - timedelta(seconds=ahead)
            ends = self.steps[index + 1][0] if index + 1 < len(self.steps) else datetime.max.replace(tzinfo=at.tzinfo)
            if begins <= at <= ends:
                found.append(at)
        return found

    def told_by(self, since: datetime) -> datetime:
        """When a daemon has been at work for the length of the promise since then."""
        left = self.promise
        for up_from, ends in self.up:
            begins = max(up_from, since)
            if ends - begins >= left:
                return begins + left
            left -= max(ends - begins, timedelta(0))
        return datetime.max.replace(tzinfo=since.tzinfo)


@dataclass(frozen=True)
class Evidence:
    """All that a run left behind."""

    orders: Sequence[ShippedOrder]
    mails: Sequence[Captured]
    texts: Sequence[Text]
    records: Records
    logs: Sequence[Path]
    resent: frozenset[str] = frozenset()  # names of what a client sent again, or sent by two ways
    said: Sequence[Said] = field(default=())
    changed: Sequence[Changed] = field(default=())
    course: Course | None = None
    secrets: Sequence[str] = ()  # that no log may hold

    @cached_property
    def messages(self) -> list[Row]:
        return self.records.messages()

    @cached_property
    def sendings(self) -> list[Row]:
        return self.records.sendings()

    @cached_property
    def by_key(self) -> Mapping[str, Row]:
        """Sendings by the left part of their Message-ID, or by what stands in the name of their file."""
        return {row["key"]: row for row in self.sendings}

    @cached_property
    def serials(self) -> Mapping[int, list[str]]:
        """Serials by the message that made their order."""
        found: defaultdict[int, list[str]] = defaultdict(list)
        for row in self.records.orders():
            found[row["message_id"]].append(row["serial"])
        return found

    @cached_property
    def arrivals(self) -> Mapping[str, list[Row]]:
        """Messages by their name."""
        found: defaultdict[str, list[Row]] = defaultdict(list)
        for row in self.messages:
            found[name_of(row)].append(row)
        return found

    @cached_property
    def alarms(self) -> list[Row]:
        return self.records.alarms()

    @cached_property
    def told_directly(self) -> bool:
        """Whether a person may have been told of an alarm past the outbox, since the database could not be written.

        That it was so is said before he is told: a kill may come between.
        """
        return any('"alarm.unwritten"' in log.read_text(errors="replace") for log in self.logs)

    def of_order(self, order_id: int) -> list[Row]:
        """The sendings of an order."""
        return [row for row in self.sendings if row["order_id"] == order_id]


def evidence_of(
    site: Site, orders: Sequence[ShippedOrder], mails: Iterable[SunkMail], resent: frozenset[str] = frozenset()
) -> Evidence:
    """What there is to judge of a site's runs."""
    logs = sorted(site.folder.glob("log.*"))
    return Evidence(orders, [captured(mail) for mail in mails], site.spool.texts(), site.records, logs, resent)


def captured(mail: SunkMail) -> Captured:
    """A mail at the sink, taken apart."""
    parsed = email.message_from_bytes(mail.raw, policy=email.policy.default)
    assert isinstance(parsed, EmailMessage)
    body = parsed.get_body(("plain",))
    own, answered = (str(parsed.get(name, "")).strip().strip("<>") for name in ("Message-ID", "In-Reply-To"))
    return Captured(own, answered, mail.recipients, mail.raw, body.get_content() if body else "", mail.at)


def id_in(raw: bytes) -> str:
    """The Message-ID in the bytes of a mail; where it is another mail's, also what tells them apart."""
    mail = email.message_from_bytes(raw)
    own, copy = (str(mail.get(name, "")).strip() for name in ("Message-ID", "X-Copy"))
    return own.strip("<>") + (f" copy {copy}" if copy else "")


def name_of(row: Row) -> str:
    """What a stored message is known by: its Message-ID, or its words where it is a text message."""
    if row["channel"] == "sms":
        return TEXT + bytes(row["bytes"]).decode().partition("\n\n")[2]
    return id_in(row["bytes"])
