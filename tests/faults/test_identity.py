"""Who may do what, through the real ways in: each row is a mail to one running daemon, and what became of it.

Source: faults.md B31-B39, B44, B52-B62, B64 with its note on what is superseded; domain.md §3.
"""

from __future__ import annotations

import json
import random
import smtplib
from base64 import encodebytes
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from tests.daemon.orders import wording
from tests.daemon.process import RunningDaemon, running
from tests.daemon.records import Row as Record
from tests.daemon.site import DESK, DISPATCHER, DISPATCHER_PHONE, DOMAIN, FALLBACK, ORDERS, WATCH, Site, table
from tests.servers.dovecot import Dovecot, Mailbox
from tests.servers.fixtures import present
from tests.servers.programs import free_port
from tests.servers.smtp_sink import SmtpSink

SERVER = "mx.desk.example"  # our own, which vouches for senders
PASS = f"Authentication-Results: {SERVER}; dmarc=pass header.from={{domain}}"
MOST, MOST_NOTICES, WRITTEN = 2, 4, 7  # the caps of this site, and how much its robots write
AWAY = "您好，我正在外出差，3月15日返回。"
ASKS = "你好，请问从中山到杭州，200公斤多少钱？"

pytestmark = pytest.mark.timeout(240)


@dataclass(frozen=True)
class Letter:
    """A mail as a client hands it in; `{domain}` in a line is the customer's own."""

    top: tuple[str, ...] = (PASS,)
    sender: tuple[str, ...] = ("From: 王经理 <wang@{domain}>",)
    further: tuple[str, ...] = ()
    text: str | None = None  # None: an order
    without: str = "\0"  # how the lines begin that the order lacks
    kind: str = "text/plain; charset=utf-8"
    returned_to: str = "wang@{domain}"
    way: str = "inlet"  # or imap, or the address that the client comes from

    def raw(self, name: str, domain: str) -> bytes:
        """The bytes; the same for the same name."""
        chance = random.Random(name)
        text = wording(f"138{chance.randrange(10**8):08d}", chance) if self.text is None else self.text
        text = "\n".join(line for line in text.split("\n") if not line.startswith(self.without))
        lines = [
            *self.top, *self.sender, f"To: {ORDERS}", "Subject: =?utf-8?B?5Y+R6LSn5aeU5omY?=", f"X-Row: {name}.",
            *self.further, "MIME-Version: 1.0", f"Content-Type: {self.kind}",
        ]  # fmt: skip
        if not any(line.startswith("Date:") for line in lines):
            lines.append(f"Date: {format_datetime(datetime.now(UTC))}")
        if not any(line.startswith("Message-ID:") for line in lines):
            lines.append(f"Message-ID: <{name}@{domain}>")
        if not self.kind.startswith("multipart"):
            lines.append("Content-Transfer-Encoding: base64")
            text = encodebytes(text.encode()).decode().replace("\n", "\r\n")
        head = "\r\n".join(line.replace("{domain}", domain) for line in lines)
        return f"{head}\r\n\r\n{text}".encode()


@dataclass(frozen=True)
class Row:
    """A mail, and what must become of it."""

    name: str
    numbers: str  # of faults.md
    letter: Letter
    state: str
    reason: str = ""  # how it begins
    orders: int = 0
    answered: bool = False  # whether the sender hears of us
    customer: Mapping[str, Any] = field(default_factory=dict)

    @property
    def domain(self) -> str:
        return f"{self.name}.example"


def taken(name: str, numbers: str, letter: Letter, answered: bool = True) -> Row:
    return Row(name, numbers, letter, "applied", "order ", 1, answered)


def doubted(name: str, numbers: str, letter: Letter, reason: str, **customer: Any) -> Row:
    return Row(name, numbers, letter, "review", reason, customer=customer)


def ignored(name: str, numbers: str, letter: Letter) -> Row:
    return Row(name, numbers, letter, "ignored")


def from_(*lines: str) -> Letter:
    return Letter(sender=tuple(f"From: {line}" for line in lines))


def verdict(*lines: str) -> Letter:
    return Letter(top=tuple(f"Authentication-Results: {line}" for line in lines))


def report(kind: str, status: str, inner: str) -> Letter:
    """A report as mail servers write it."""
    parts = (("text/plain", "It did not arrive."), (f"message/{kind}", status), ("text/rfc822-headers", inner))
    text = "".join(f"--=b\r\nContent-Type: {type_}\r\n\r\n{body}\r\n" for type_, body in parts) + "--=b--\r\n"
    return Letter(
        text=text, kind=f'multipart/report; report-type={kind}; boundary="=b"', returned_to="",
        sender=("From: MAILER-DAEMON@{domain}",),
    )  # fmt: skip


def bounce(message_id: str) -> Letter:
    status = "Reporting-MTA: dns; mx.x.example\r\n\r\nFinal-Recipient: rfc822; x@x.example\r\nAction: failed\r\n"
    return report("delivery-status", status + "Status: 5.1.1\r\n", f"Message-ID: <{message_id}>\r\n")


HOPS = tuple(f"Received: from h{n}.example by h{n + 1}.example; Tue, 10 Mar 2026 10:00:00 +0800" for n in range(51))
ROWS = (
    taken("known", "B54", Letter()),
    taken("by-imap", "B54", Letter(way="imap")),
    ignored("read-receipt", "B31", report("disposition-notification", "Disposition: x; displayed\r\n", "X: y\r\n")),
    ignored("forged-bounce", "B33", bounce(f"{'0a' * 13}@{DOMAIN}")),
    ignored("forged-bounce-elsewhere", "B33", bounce("x@x.example")),
    ignored("vacation", "B34", Letter(further=("Auto-Submitted: auto-replied",), text=AWAY)),
    ignored("vacation-at-qq", "B34", Letter(further=("X-QQ-Autoreply: 1",), text=AWAY)),
    taken("machine-order", "B34", Letter(further=("Auto-Submitted: auto-generated",)), answered=False),
    taken("bulk-order", "B34", Letter(further=("Precedence: bulk",)), answered=False),
    ignored("newsletter", "B35", Letter(further=("List-Id: <news.x>", "List-Unsubscribe: <mailto:x@x>"), text=ASKS)),
    ignored("null-path-inquiry", "B36", Letter(returned_to="", text=ASKS)),
    taken("null-path-order", "B36", Letter(returned_to=""), answered=False),
    ignored("own-address", "B37", from_(f"Orders <{ORDERS}>")),
    Row("hops", "B39", Letter(further=HOPS), "quarantined", "more than 50 hops"),
    doubted("two-from", "B52", from_("<wang@{domain}>", "<evil@x.example>"), "not_one_sender"),
    doubted("two-in-from", "B52", from_("wang@{domain}, evil@x.example"), "not_one_sender"),
    doubted("group", "B52", from_("Desk: wang@{domain};"), "not_one_sender"),
    doubted("no-address", "B52", from_("王经理"), "not_one_sender"),
    doubted("no-from", "B52", from_(), "not_one_sender"),
    doubted("display-name", "B53", from_('"wang@{domain}" <evil@x.example>'), "unknown_sender"),
    doubted("bare-display-name", "B53", from_("wang@{domain} <evil@x.example>"), "not_one_sender"),
    doubted("open-comment", "B53", from_("wang@{domain}(<evil@x.example>"), "not_one_sender"),
    doubted("no-verdict", "B54", Letter(top=()), "no_verdict"),
    doubted("no-verdict-imap", "B54", Letter(top=(), way="imap"), "no_verdict"),
    doubted("dmarc-fail", "B54", verdict(f"{SERVER}; dkim=pass header.d={{domain}}; dmarc=fail"), "authentication_fa"),
    doubted("below", "B55", verdict("mx.x.example; dmarc=fail", f"{SERVER}; dmarc=pass"), "no_verdict"),
    doubted("foreign", "B55", verdict("mx.x.example; dmarc=pass header.from={domain}"), "no_verdict"),
    doubted("in-comment", "B55", verdict(f"{SERVER}; spf=fail (x; dmarc=pass)"), "authentication_failed"),
    doubted("in-quotes", "B55", verdict(f'{SERVER}; spf=fail smtp.mailfrom="; dmarc=pass "@x.example'), "authenticat"),
    doubted("encoded", "B55", verdict(f"{SERVER}; spf=fail (=?utf-8?q?=29=3Bdmarc=3Dpass_=28?=)"), "authentication_f"),
    doubted("other-dkim", "B56", verdict(f"{SERVER}; dkim=pass header.d=x.example"), "authentication_failed"),
    doubted("other-spf", "B56", verdict(f"{SERVER}; spf=pass smtp.mailfrom=a@x.example"), "authentication_failed"),
    doubted("helo-spf", "B56", verdict(f"{SERVER}; spf=pass smtp.helo={{domain}}"), "authentication_failed"),
    doubted("other-dmarc", "B56", verdict(f"{SERVER}; dmarc=pass header.from=x.example"), "authentication_failed"),
    taken("reply-to", "B57", Letter(further=("Reply-To: evil@x.example",))),
    taken("other-sender", "B58", Letter(further=("Sender: evil@x.example", "Resent-From: evil@x.example"))),
    doubted("sender-is-known", "B58", Letter(sender=("From: e@x.example", "Sender: wang@{domain}")), "unknown_sender"),
    doubted("cyrillic", "B59", from_("<wang@cуrillic.example>"), "unknown_sender"),
    doubted("full-width", "B59", from_("<wang@ｆull-width.example>"), "unknown_sender"),
    doubted("no-width", "B59", from_("<wang@no-width\u200b.example>"), "unknown_sender"),
    doubted("added", "B59", from_("<wang@addedé.example>"), "unknown_sender"),
    doubted("punycode", "B59", from_("<wang@xn--punycode-xyz.example>"), "unknown_sender"),
    doubted("trailing-dot", "B59", from_("<wang@{domain}.>"), "unknown_sender"),
    doubted("below-it", "B59", from_("<wang@mail.{domain}>"), "unknown_sender"),
    doubted("as-label", "B59", from_("<wang@{domain}.x.example>"), "unknown_sender"),
    doubted("plus", "B59", from_("<wang+1@{domain}>"), "unknown_sender", domains=[], addresses=["wang@plus.example"]),
    taken("case", "B59", from_("<WANG@Case.EXAMPLE>")),
    doubted("disabled", "B60", Letter(), "customer_disabled", disabled=True),
    doubted("has-left", "B60", Letter(), "former_sender", former=["wang@has-left.example"]),
    doubted("stranger", "B61", from_("<chen@nobody-knows.example>"), "unknown_sender"),
    doubted("elsewhere", "B54 B83", Letter(way="127.0.0.9"), "not_our_server"),
    doubted("squatted", "B44", verdict(f"{SERVER}; dmarc=fail"), "authentication_failed"),
    doubted("many-headers", "B64", Letter(further=tuple(f"X-{n}: x" for n in range(5000))), "unreadable"),
    doubted("long-header", "B64", Letter(further=("Topic: " + "\r\n ".join(["x" * 900] * 1100),)), "unreadable"),
    taken("tokens", "B62", Letter()),
    Row("victim", "B62", Letter(without="付费方式"), "applied", "order ", 1, answered=True),
    taken("asks", "B38", Letter()),
    doubted("price", "B38", Letter(text=ASKS), "inquiry"),
)  # fmt: skip


@dataclass
class Scene:
    """The daemon and its site; what happened to each row once all is quiet."""

    site: Site
    daemon: RunningDaemon
    mailbox: Mailbox
    port: int
    sink: SmtpSink
    sent: int = 0

    def submit(self, name: str, letter: Letter, domain: str) -> None:
        """Hand one mail in."""
        raw = letter.raw(name, domain)
        self.sent += 1
        if letter.way == "imap":
            self.mailbox.deliver(raw)
            return
        host = "127.0.0.1" if letter.way == "inlet" else letter.way
        with smtplib.SMTP("127.0.0.1", self.port, timeout=30, source_address=(host, 0)) as client:
            client.sendmail(letter.returned_to.replace("{domain}", domain), [ORDERS], raw)

    def text(self, sender: str, words: str) -> None:
        """Hand one text message in."""
        self.sent += 1
        self.site.spool.receive(sender, words)

    def settle(self) -> None:
        """Wait until all is done with."""
        self.daemon.wait_quiet(self.sent)

    def message(self, name: str) -> Record:
        """The record of a row's mail."""
        (found,) = (m for m in self.site.records.messages() if f"X-Row: {name}.".encode() in m["bytes"])
        return found

    def letters(self, message_id: int, *purposes: str) -> list[Record]:
        """What went out because of a message."""
        sendings = [row for row in self.site.records.sendings() if row["message_id"] == message_id]
        return [row for row in sendings if not purposes or row["purpose"] in purposes]

    def order(self, name: str) -> Record:
        """The order that a row's mail made."""
        (found,) = (o for o in self.site.records.orders() if o["message_id"] == self.message(name)["id"])
        return found


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory, dovecot_session: Dovecot) -> Iterator[Scene]:
    """All rows handed in and done with."""
    site, port = Site(tmp_path_factory.mktemp("identity")), free_port()
    mailbox = dovecot_session.fresh_mailbox()
    with ExitStack() as stack:
        sink = present(SmtpSink)
        stack.callback(sink.close)
        sink.start()
        inlet = {
            "enabled": True, "port": port, "addresses": [ORDERS], "authserv_id": SERVER, "trusted": ["127.0.0.1/32"],
        }  # fmt: skip
        caps = {"most": MOST, "most_notices": MOST_NOTICES}
        site.write(sink.port, mailbox, imap={"authserv_id": SERVER}, inlet=inlet, replies=caps)
        shared = {"confirmation": "automatic", "payments": ["prepaid", "collect", "monthly", "on_receipt"]}
        customers = [{"name": row.name, "domains": [row.domain], **shared, **row.customer} for row in ROWS]
        text = "".join(table("[[customer]]", customer) for customer in customers)
        phone = table("[[customer]]", {"name": "by phone", "phones": ["+8613600000077"], **shared})
        (site.folder / "customers.toml").write_text(text + phone)
        daemon = stack.enter_context(running(site))
        daemon.wait_ready()
        made = Scene(site, daemon, mailbox, port, sink)
        for row in ROWS:
            made.submit(row.name, row.letter, row.domain)
        made.settle()
        yield made


def case(row: Row) -> Any:
    return pytest.param(row, id=row.name, marks=pytest.mark.bad_input(*row.numbers.split()))


@pytest.mark.parametrize("row", [case(row) for row in ROWS])
def test_what_becomes_of_a_mail_is_by_who_wrote_it(row: Row, scene: Scene) -> None:
    message = scene.message(row.name)
    assert (message["state"], (message["reason"] or "")[: len(row.reason)]) == (row.state, row.reason)
    made = [order for order in scene.site.records.orders() if order["message_id"] == message["id"]]
    assert len(made) == row.orders
    told = {letter["recipient"] for letter in scene.letters(message["id"])}
    own = {f"wang@{row.domain}"}
    house = {DISPATCHER, DISPATCHER_PHONE, DESK}
    assert told <= own | house
    assert bool(told & own) is (row.answered or row.name == "price")
    assert (DESK in told) is (row.state == "review")


def test_nobody_outside_was_ever_written_to(scene: Scene) -> None:
    known = {DISPATCHER, DESK, WATCH, *(f"wang@{row.domain}" for row in ROWS)}
    assert {recipient for mail in scene.sink.messages() for recipient in mail.recipients} <= known


@pytest.mark.bad_input("B39")
def test_a_loop_is_told_to_a_person(scene: Scene) -> None:
    message = scene.message("hops")["id"]
    assert ("quarantine", f"message {message}") in {(a["kind"], a["part"]) for a in scene.site.records.alarms()}


# --- what is known of a mail of ours, and what is not -----------------------------------------------------------------


def acknowledgement(scene: Scene, name: str) -> Record:
    (letter,) = scene.letters(scene.message(name)["id"], "acknowledgement")
    return letter


@pytest.mark.bad_input("B32", "B33")
def test_a_bounce_moves_the_sending_whose_unguessable_id_it_names_and_no_other(scene: Scene) -> None:
    letter = acknowledgement(scene, "case")
    before = {row["id"]: row["state"] for row in scene.site.records.sendings()}
    forged = (f"{letter['key'][:-1]}z@{DOMAIN}", f"{letter['key']}@x.example", f"{letter['key']}x@{DOMAIN}")
    for number, message_id in enumerate(forged):
        scene.submit(f"guess-{number}", bounce(message_id), "x.example")
    scene.settle()
    after = {row["id"]: row["state"] for row in scene.site.records.sendings()}
    assert {k: after[k] for k in before} == before
    scene.submit("bounced", bounce(f"{letter['key']}@{DOMAIN}"), "x.example")
    scene.settle()
    after = {row["id"]: row["state"] for row in scene.site.records.sendings()}
    assert {k: after[k] for k in before} == before | {letter["id"]: "bounced"}
    assert scene.message("bounced")["state"] == "applied"


@pytest.mark.bad_input("B37")
@pytest.mark.parametrize("what", ["as it was", "another Message-ID", "another Message-ID and From", "no mark"])
def test_our_own_mail_is_known_when_it_comes_back_changed(what: str, scene: Scene) -> None:
    letter = acknowledgement(scene, "known")
    raw = bytes(letter["bytes"])
    name = f"back-{what.replace(' ', '-')}"
    lines = raw.split(b"\r\n")
    if what.startswith("another"):
        lines = [b"Message-ID: <new@relay.example>" if ln.lower().startswith(b"message-id:") else ln for ln in lines]
    if what.endswith("From"):
        lines = [ln.replace(ORDERS.encode(), b"wang@known.example") for ln in lines]
    lines = [ln for ln in lines if not ln.lower().startswith((b"auto-submitted:", b"x-auto-response"))]
    if what == "no mark":
        lines = [ln.replace(ORDERS.encode(), b"x@relay.example") for ln in lines if not ln.startswith(b"X-Ingestd")]
    with smtplib.SMTP("127.0.0.1", scene.port, timeout=30) as client:
        client.sendmail("wang@known.example", [ORDERS], f"X-Row: {name}.\r\n".encode() + b"\r\n".join(lines))
    scene.sent += 1
    scene.settle()
    message = scene.message(name)
    assert (message["state"], message["reason"]) == ("ignored", "our own mail came back")
    assert scene.letters(message["id"]) == []


@pytest.mark.bad_input("B44")
def test_a_message_id_that_a_forger_used_first_keeps_no_order_back(scene: Scene) -> None:
    scene.submit("the-real-one", Letter(further=("Message-ID: <squatted@squatted.example>",)), "squatted.example")
    scene.settle()
    assert scene.message("the-real-one")["state"] == "applied"
    assert scene.order("the-real-one")["customer"] == "squatted"


# --- somebody else's order --------------------------------------------------------------------------------------------


@pytest.mark.bad_input("B62")
@pytest.mark.parametrize("by", ["token", "letter", "serial"])
def test_a_customer_moves_no_order_of_anothers_nor_his_own_meanwhile(by: str, scene: Scene) -> None:
    """`victim` waits for an answer; `tokens` answers in his own name, with an order of his own behind him."""
    before = scene.site.records.orders()
    other, name = scene.order("victim"), f"meddling-{by}"
    (question,) = scene.letters(scene.message("victim")["id"], "question")
    lines = {
        "token": (f"Subject: Re: [{other['token']}]",),
        "letter": (f"In-Reply-To: <{question['key']}@{DOMAIN}>",),
        "serial": (f"Subject: Re: {other['serial']}",),
    }
    words = f"{other['serial']} 收货人：赵六\n收货人电话：13900139000\n付费方式：到付\n"
    scene.submit(name, Letter(further=lines[by], text=words), "tokens.example")
    scene.settle()
    message = scene.message(name)
    assert (message["state"], message["reason"]) == ("review", "other_customers_order")
    assert {letter["recipient"] for letter in scene.letters(message["id"])} == {DESK}
    assert scene.site.records.orders() == before


def test_a_text_message_reports_on_its_senders_own_orders_only(scene: Scene) -> None:
    serial, before = scene.order("known")["serial"], {o["serial"]: o["state"] for o in scene.site.records.orders()}
    scene.text("+8613600000077", f"{serial} 已提货")
    scene.text("+8613600000078", f"{serial} 已提货")
    scene.text("wang@known", f"{serial} 已提货")
    scene.settle()
    assert {o["serial"]: o["state"] for o in scene.site.records.orders()} == before
    scene.text(DISPATCHER_PHONE, f"{serial} 收到")
    scene.settle()
    assert {o["serial"]: o["state"] for o in scene.site.records.orders()} == before | {serial: "taken"}


def test_a_colleague_who_answers_anothers_work_order_takes_none(scene: Scene) -> None:
    before = {o["serial"]: o["state"] for o in scene.site.records.orders()}
    letter = next(s for s in scene.letters(scene.message("by-imap")["id"], "work_order") if s["channel"] == "email")
    answer = Letter(
        top=(PASS.replace("{domain}", "desk.example"),), sender=(f"From: {FALLBACK}",), text="收到",
        further=(f"In-Reply-To: <{letter['key']}@{DOMAIN}>",),
    )  # fmt: skip
    scene.submit("colleague", answer, "desk.example")
    scene.settle()
    assert scene.message("colleague")["reason"].startswith("report_without_order")
    assert {o["serial"]: o["state"] for o in scene.site.records.orders()} == before


# --- robots -----------------------------------------------------------------------------------------------------------


def write_again(scene: Scene, name: str, letter: Callable[[int], Letter], domain: str) -> list[Record]:
    """What becomes of one mail after the other by a robot that answers at once."""
    for number in range(WRITTEN):
        scene.submit(f"{name}-{number}", letter(number), domain)
    scene.settle()
    return [scene.message(f"{name}-{number}") for number in range(WRITTEN)]


def too_many(scene: Scene) -> list[Record]:
    return [alarm for alarm in scene.site.records.alarms() if alarm["kind"] == "too_many"]


@pytest.mark.bad_input("B38")
def test_two_robots_fall_silent_and_a_person_is_told_once(scene: Scene) -> None:
    asked = write_again(scene, "price", lambda _: Letter(text=ASKS), "price.example")
    letters = [letter for message in asked for letter in scene.letters(message["id"])]
    assert {message["state"] for message in asked} == {"review"}
    assert [ltr["purpose"] for ltr in letters if ltr["recipient"] != DESK] == []  # the first had its holding reply
    assert sum(ltr["recipient"] == DESK for ltr in letters) == MOST_NOTICES - 1
    assert len(too_many(scene)) == 1
    scene.daemon.wait_until(
        lambda: any(s["purpose"] == "alarm" and s["recipient"] == WATCH for s in scene.site.records.sendings()),
        "the alarm to be told",
    )


@pytest.mark.bad_input("B38", "B61")
def test_a_strangers_robot_fills_no_desk(scene: Scene) -> None:
    wrote = write_again(
        scene, "spam", lambda n: Letter(sender=("From: r@robot.example",), text=f"你好{n} {ASKS}"), "x.x"
    )
    assert {message["reason"] for message in wrote} == {"unknown_sender"}
    assert sum(len(scene.letters(message["id"])) for message in wrote) == MOST_NOTICES


@pytest.mark.bad_input("B38")
def test_answers_end_where_a_person_goes_on(scene: Scene) -> None:
    serial = scene.order("asks")["serial"]
    asked = write_again(scene, "where", lambda _: Letter(text=f"请问单号{serial}的货到哪里了？"), "asks.example")
    unanswered = [message for message in asked if not scene.letters(message["id"], "answer")]
    assert len(unanswered) == WRITTEN - MOST
    assert {(message["state"], message["reason"]) for message in unanswered} == {("review", "too_many")}
    assert sum(len(scene.letters(message["id"], "review_notice")) for message in asked) == MOST_NOTICES


def test_no_words_of_theirs_are_in_the_log(scene: Scene) -> None:
    said = scene.daemon.said()
    assert "evil@x.example" not in said
    assert ASKS not in said
    assert all(json.loads(line) for line in said.splitlines())
    assert Path(scene.daemon.log).stat().st_size < 1_000_000
