"""The judge of a run: what went in, what the sinks hold and what is recorded, compared without code of the daemon's.

`complaints` gives a sentence for each thing that is not as faults.md's invariants want it (their numbers in brackets);
none means that all of them hold.
"""

from __future__ import annotations

import email
import email.policy
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from functools import cached_property
from pathlib import Path

from tests.daemon.orders import ShippedOrder
from tests.daemon.records import FINAL, OPEN_SENDINGS, Records, Row
from tests.daemon.site import DESK, DISPATCHER, DOMAIN, FALLBACK, WATCH, Site
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

    @property
    def key(self) -> str:
        return self.message_id.partition("@")[0]


@dataclass(frozen=True)
class Evidence:
    """All that a run left behind."""

    orders: Sequence[ShippedOrder]
    mails: Sequence[Captured]
    texts: Sequence[Text]
    records: Records
    logs: Sequence[Path]
    resent: frozenset[str] = frozenset()  # Message-IDs that a client sent again since it had got no 250

    @cached_property
    def messages(self) -> list[Row]:
        return self.records.messages()

    @cached_property
    def sendings(self) -> list[Row]:
        return self.records.sendings()

    @cached_property
    def serials(self) -> Mapping[int, list[str]]:
        """Serials by the message that made their order."""
        found: defaultdict[int, list[str]] = defaultdict(list)
        for row in self.records.orders():
            found[row["message_id"]].append(row["serial"])
        return found

    @cached_property
    def arrivals(self) -> Mapping[str, list[Row]]:
        """Messages by the Message-ID in their own bytes."""
        found: defaultdict[str, list[Row]] = defaultdict(list)
        for row in self.messages:
            found[id_in(row["bytes"])].append(row)
        return found


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
    return Captured(own, answered, mail.recipients, mail.raw, body.get_content() if body else "")


def id_in(raw: bytes) -> str:
    """The Message-ID in the bytes of a mail."""
    return str(email.message_from_bytes(raw).get("Message-ID", "")).strip().strip("<>")


def complaints(seen: Evidence) -> list[str]:
    """Everything that is wrong, a sentence each."""
    judges = (of_intake, of_orders, of_work_orders, of_acknowledgements, of_copies, of_texts, of_outbox, of_keeping)
    return [sentence for judge in judges for sentence in judge(seen)]


def of_intake(seen: Evidence) -> Iterator[str]:
    """[I1] Each mail is stored once, is done with, and nothing else is stored."""
    for order in seen.orders:
        rows = counted(seen, order)
        if len(rows) != 1:
            yield f"{order.message_id}: stored {len(rows)} times"
        yield from (f"{order.message_id}: left {row['state']}" for row in rows if row["state"] not in FINAL)
    strange = seen.arrivals.keys() - {order.message_id for order in seen.orders}
    yield from (f"{name}: stored and never sent" for name in sorted(strange))


def counted(seen: Evidence, order: ShippedOrder) -> list[Row]:
    """The messages that an order's mail was stored as, without the duplicates of one that was sent again."""
    rows = seen.arrivals.get(order.message_id, [])
    again = order.message_id in seen.resent
    return [row for row in rows if not (again and row["state"] == "duplicate")]


def of_orders(seen: Evidence) -> Iterator[str]:
    """[I1] Each message made one order with one serial of its own."""
    for order in seen.orders:
        for row in counted(seen, order):
            if len(serials := seen.serials.get(row["id"], [])) != 1:
                yield f"{order.message_id}: made {len(serials)} orders"
    given = Counter(serial for serials in seen.serials.values() for serial in serials)
    yield from (f"serial {serial}: given {times} times" for serial, times in given.items() if times != 1)


def of_work_orders(seen: Evidence) -> Iterator[str]:
    """[I2] Each order reached the dispatcher by mail and by text message, under one name each."""
    mails, texts = defaultdict(set), defaultdict(set)
    phones = {order.phone: order.message_id for order in seen.orders}
    for mail in seen.mails:
        if DISPATCHER in mail.recipients:
            for phone in phones_in(mail.words, phones):
                mails[phone].add(mail.message_id)
    for text in seen.texts:
        for phone in phones_in(text.words, phones):
            texts[phone].add(text.name)
    for phone, name in phones.items():
        if len(mails[phone]) != 1:
            yield f"{name}: {len(mails[phone])} work orders by mail"
        if len(texts[phone]) != 1:
            yield f"{name}: {len(texts[phone])} work orders by text message"


def phones_in(words: str, phones: Mapping[str, str]) -> set[str]:
    """Those of the shippers' phones that stand in a text."""
    pieces = {words[at : at + 11] for at in range(len(words) - 10)}
    return pieces & phones.keys()


def of_acknowledgements(seen: Evidence) -> Iterator[str]:
    """[I2] Each shipper was answered, under one name; that his mail came twice is told in another letter."""
    answers = defaultdict(set)
    notices = {row["key"] for row in seen.sendings if row["purpose"] == "duplicate_notice"}
    for mail in (mail for mail in seen.mails if mail.key not in notices):
        answers[mail.answers, mail.recipients].add(mail.message_id)
    for order in seen.orders:
        if len(names := answers[order.message_id, (order.shipper,)]) != 1:
            yield f"{order.message_id}: {len(names)} acknowledgements"


def of_copies(seen: Evidence) -> Iterator[str]:
    """[I2, I4] Mails are ours, whole, for whom they are meant, and twice only where a doubt was recorded."""
    known = {row["key"]: row for row in seen.sendings}
    expected = {DISPATCHER, FALLBACK, DESK, WATCH, *(order.shipper for order in seen.orders)}
    for mail in seen.mails:
        row = known.get(mail.key)
        if row is None or mail.message_id != f"{mail.key}@{DOMAIN}":
            yield f"mail {mail.message_id}: no sending of ours"
        elif bytes(row["bytes"]).replace(b"\r\n", b"\n") != mail.content:
            yield f"mail {mail.message_id}: other bytes than recorded"
        elif mail.recipients != (row["recipient"],) or row["recipient"] not in expected:
            yield f"mail {mail.message_id}: went to somebody else"
        elif row["recipient"] == FALLBACK and not any(given_up(seen, r) for r in of_order(seen, row["order_id"])):
            yield f"mail {mail.message_id}: went to the fallback without need"
    for name, copies in Counter(mail.key for mail in seen.mails).items():
        allowed = 2 if known.get(name, {}).get("repeated") else 1
        if copies > allowed:
            yield f"mail {name}: {copies} copies where {allowed} may be"


def of_texts(seen: Evidence) -> Iterator[str]:
    """[I2] No text message was let out twice, neither under one name nor under two."""
    for name, copies in Counter(text.name for text in seen.texts).items():
        if copies > 1:
            yield f"text {name}: {copies} times in the outbox"
    for (_, words), copies in Counter((text.number, text.words) for text in seen.texts).items():
        if copies > 1:
            yield f"text {words[:15]}...: {copies} times under different names"


def of_outbox(seen: Evidence) -> Iterator[str]:
    """[I1, I5] Every sending came to an end, and what is recorded as accepted is at its sink."""
    there = {mail.key for mail in seen.mails} | {text.name.split("_")[2] for text in seen.texts}
    for row in seen.sendings:
        name = f"sending {row['id']} ({row['purpose']} by {row['channel']})"
        if row["state"] in OPEN_SENDINGS:
            yield f"{name}: left {row['state']}"
        elif row["state"] == "accepted" and row["key"] not in there:
            yield f"{name}: accepted and at no sink"
        elif row["state"] not in ("accepted", "shadow") and not given_up(seen, row):
            yield f"{name}: {row['state']}: {row['detail']}"


def given_up(seen: Evidence, row: Row) -> bool:
    """Whether a sending was in doubt a second time, after which it is not tried again and a person is told."""
    told = {(alarm["part"], alarm["kind"]) for alarm in seen.records.alarms()}
    doubted_twice = row["state"] == "failed" and bool(row["repeated"])
    return doubted_twice and (f"sending {row['id']}", "uncertain") in told


def of_order(seen: Evidence, order_id: int) -> list[Row]:
    """The sendings of an order."""
    return [row for row in seen.sendings if row["order_id"] == order_id]


def of_keeping(seen: Evidence) -> Iterator[str]:
    """[I6, I8] The database is sound, and no log holds a phone."""
    yield from (f"database: {what}" for what in seen.records.damage())
    for log in seen.logs:
        words = log.read_text(errors="replace")
        yield from (f"{log.name}: holds the phone of {o.message_id}" for o in seen.orders if o.phone in words)
