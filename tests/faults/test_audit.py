"""The blind copy of what we send, and what it tells of mail whose outcome is uncertain."""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import Envelope, Session

from ingestd.audit.mailbox import AuditMailbox
from ingestd.channels.relay.copy import BlindCopy
from ingestd.channels.relay.driver import RelayChannel
from ingestd.config.settings import Audit
from ingestd.config.settings import Relay as RelaySettings
from ingestd.daemon.health import HealthBoard
from ingestd.domain.clock import HandClock
from ingestd.domain.sending import Claim, Outcome
from ingestd.store.sendings import bounce, retry_now
from tests.daemon.oracle import complaints
from tests.daemon.orders import deliver, distinct_orders
from tests.daemon.process import KILLED, running
from tests.daemon.site import Site
from tests.faults.delivering import AUDIT, DeliveringRelay, audit_of, judged, taken_by
from tests.faults.outbox import Outbox
from tests.servers.dovecot import Dovecot, Mailbox
from tests.servers.programs import wait_until
from tests.servers.proxy import NO_FAULT, Act, Fault, FaultProxy, Way
from tests.servers.relay import DROP_KEEPING, DROP_LOSING, AtDot, Relay, RelayedMail
from tests.servers.rewriting import RewritingProxy
from tests.servers.smtp_sink import SmtpSink, SunkMail
from tests.unit.channels.claims import NOW, mail, unheard

KEY = "0f1e2d3c4b5a69788796a5b4c3"
HOUR = timedelta(hours=1)


def copy_of(key: str) -> bytes:
    """A mail of ours."""
    head = f"From: orders@desk.example\r\nTo: a@b.example\r\nMessage-ID: <{key}@orders.desk.example>\r\n"
    return f"{head}Subject: x\r\n\r\nnothing\r\n".encode()


# --- asking the mailbox -----------------------------------------------------------------------------------------------


@pytest.fixture
def box(dovecot: Dovecot) -> Mailbox:
    """The mailbox of the copies."""
    return dovecot.fresh_mailbox()


@pytest.fixture
def asked(box: Mailbox) -> Iterator[Callable[..., tuple[AuditMailbox, HealthBoard]]]:
    """Gives the audit mailbox with further options, and where it reports to."""
    with contextlib.ExitStack() as opened:

        def ask(**further: object) -> tuple[AuditMailbox, HealthBoard]:
            health = HealthBoard()
            mailbox = AuditMailbox(Audit.model_validate(audit_of(box, **further)), health)
            opened.callback(mailbox.close)
            return mailbox, health

        yield ask


Ask = Callable[..., tuple[AuditMailbox, HealthBoard]]


def test_a_copy_that_is_there_is_found_and_one_that_is_not_is_surely_not(box: Mailbox, asked: Ask) -> None:
    mailbox, health = asked()
    since = datetime.now(UTC)
    assert mailbox.holds(KEY, since) is False
    for number in range(20):
        box.deliver(copy_of(f"{number:026x}"))
    box.deliver(copy_of(KEY))
    box.deliver(b"From: a@b.example\r\nReferences: <" + KEY[::-1].encode() + b"@orders.desk.example>\r\n\r\n")
    assert mailbox.holds(KEY, since) is True
    assert mailbox.holds(KEY[::-1], since) is False
    assert health.troubles == {}


def test_a_folder_for_spam_counts_where_it_is_named(box: Mailbox, asked: Ask) -> None:
    box.deliver(b"From: a@b.example\r\n\r\n")
    box.deliver(copy_of(KEY), "Junk")
    since = datetime.now(UTC)
    assert asked()[0].holds(KEY, since) is False
    assert asked(folders=["INBOX", "Junk"])[0].holds(KEY, since) is True


@pytest.mark.parametrize(
    "lie",
    [
        pytest.param((rb"^\* SEARCH[^\r\n]*", b"* SEARCH"), id="finds nothing"),
        pytest.param((rb"^\* SEARCH[^\r\n]*", b"* SEARCH 1 2 3"), id="finds everything"),
        pytest.param((rb"^(\w+) OK Search", rb"\1 BAD Search"), id="refuses"),
    ],
)
def test_a_server_whose_search_lies_is_read_through(box: Mailbox, asked: Ask, lie: tuple[bytes, bytes]) -> None:
    for number in range(3):
        box.deliver(copy_of(f"{number:026x}"), at=datetime.now(UTC) - 9 * HOUR)
    with RewritingProxy(box.server.ports.imap, *lie) as server:
        mailbox, health = asked(port=server.port)
        since = datetime.now(UTC)
        assert mailbox.holds(KEY, since) is False
        box.deliver(copy_of(KEY))
        assert mailbox.holds(KEY, since) is True
        assert server.rewritten > 0
    assert health.troubles == {}


def test_only_what_arrived_since_is_read_and_what_is_too_much_cannot_be_told(
    box: Mailbox, asked: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingestd.audit.session.BLOCK", 5)
    monkeypatch.setattr("ingestd.audit.session.MOST_BLOCKS", 3)
    now = datetime.now(UTC)
    box.deliver(copy_of(KEY), at=now - 8 * HOUR)
    for number in range(30):
        box.deliver(copy_of(f"{number:026x}"), at=now - timedelta(hours=7) + timedelta(minutes=number))
    with RewritingProxy(box.server.ports.imap, rb"^\* SEARCH[^\r\n]*", b"* SEARCH") as server:
        mailbox, _ = asked(port=server.port)
        assert mailbox.holds(KEY, now - timedelta(hours=6)) is False
        assert mailbox.holds(KEY, now - timedelta(hours=9)) is None


def test_a_key_that_is_none_of_ours_never_reaches_the_server(box: Mailbox, asked: Ask) -> None:
    box.deliver(copy_of(KEY))
    mailbox, health = asked()
    for key in ('"\r\nA1 DELETE INBOX', "a b c d e f g", "*" * 26, ""):
        assert mailbox.holds(key, datetime.now(UTC)) is None
    assert len(box.messages()) == 1
    assert health.troubles == {}


def test_a_refused_login_is_told_and_not_tried_again_at_once(box: Mailbox, asked: Ask) -> None:
    with FaultProxy(box.server.ports.imap) as proxy:
        # Dovecot's static passdb knows one password for everybody.
        mailbox, health = asked(port=proxy.port, password="an old one")
        assert [mailbox.holds(KEY, datetime.now(UTC)) for _ in range(5)] == [None] * 5
        assert proxy.came == 1
    (trouble,) = health.troubles.values()
    assert (trouble.part, trouble.kind) == ("audit mailbox", "login")
    assert "an old one" not in trouble.detail


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(Fault(Act.STALL), id="silent", marks=pytest.mark.long),
        pytest.param(Fault(Act.STALL, Way.DOWN, behind=b"SEARCH"), id="silent in the middle"),
        pytest.param(Fault(Act.NONE, delay=0.3, piece=1), id="drips"),
        pytest.param(Fault(Act.RESET, Way.DOWN, after=200), id="reset"),
    ],
)
def test_a_mailbox_in_trouble_keeps_nobody_waiting_and_is_asked_again_later(
    box: Mailbox, asked: Ask, fault: Fault
) -> None:
    box.deliver(copy_of(KEY))
    with FaultProxy(box.server.ports.imap) as proxy:
        proxy.fault = fault
        mailbox, health = asked(port=proxy.port, timeout=1)
        began = time.monotonic()
        assert mailbox.holds(KEY, datetime.now(UTC)) is None
        assert mailbox.holds(KEY, datetime.now(UTC)) is None
        assert time.monotonic() - began < 6
        assert [trouble.part for trouble in health.troubles.values()] == ["audit mailbox"]
        proxy.fault = NO_FAULT
        proxy.drop()
        answers = []
        while time.monotonic() - began < 20 and True not in answers:
            answers.append(mailbox.holds(KEY, datetime.now(UTC)))
            time.sleep(0.2)
        assert answers[-1] is True
    assert health.troubles == {}


def test_a_connection_that_the_server_closed_meanwhile_is_made_anew(box: Mailbox, asked: Ask) -> None:
    with FaultProxy(box.server.ports.imap) as proxy:
        mailbox, health = asked(port=proxy.port)
        assert mailbox.holds(KEY, datetime.now(UTC)) is False
        proxy.drop()
        box.deliver(copy_of(KEY))
        assert mailbox.holds(KEY, datetime.now(UTC)) is True
        assert proxy.came == 2
    assert health.troubles == {}


def test_a_mailbox_that_nobody_asks_is_tried_now_and_then_all_the_same(box: Mailbox, asked: Ask) -> None:
    mailbox, health = asked(port=1)
    mailbox.watch()
    assert [trouble.part for trouble in health.troubles.values()] == ["audit mailbox"]


# --- the copy at the relay --------------------------------------------------------------------------------------------

Copied = Callable[..., tuple[RelayChannel, HealthBoard]]


@pytest.fixture
def copied(box: Mailbox) -> Iterator[Copied]:
    """Gives the mail channel for a port, with copies to the mailbox."""
    with contextlib.ExitStack() as opened:

        def channel(port: int) -> tuple[RelayChannel, HealthBoard]:
            health = HealthBoard()
            mailbox = AuditMailbox(Audit.model_validate(audit_of(box)), health)
            opened.callback(mailbox.close)
            settings = RelaySettings.model_validate({"port": port, "reply_timeout": 1, "data_timeout": 1})
            copy = BlindCopy(AUDIT, mailbox, health)
            return RelayChannel(settings, "orders.example", HandClock(NOW), None, copy), health

        yield channel


class TouchyRelay(Relay):
    """Hangs up on whoever names the copy's recipient, with a word or without."""

    def __init__(self, word: str | None) -> None:
        super().__init__()
        self.word = word

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address != AUDIT:
            return await super().handle_RCPT(server, session, envelope, address, options)
        if self.word:
            await server.push(self.word)
        server.hang_up()
        return "221 gone"


def keyed(key: str = KEY) -> Claim:
    """A claim whose mail carries its key."""
    return replace(mail(copy_of(key)), key=key, created_at=datetime.now(UTC))


def test_the_copy_is_a_recipient_of_the_envelope_and_of_nothing_else(relay: Relay, copied: Copied) -> None:
    sender = copied(relay.port)[0].sender()
    assert sender.send(keyed(), unheard).outcome is Outcome.ACCEPTED
    assert sender.send(replace(keyed(), recipient=AUDIT), unheard).outcome is Outcome.ACCEPTED
    sender.close()
    first, second = relay.messages()
    assert (first.recipients, second.recipients) == (("dispatch@example.com", AUDIT), (AUDIT,))
    assert first.raw == keyed().body
    assert AUDIT.encode() not in first.raw


@pytest.mark.parametrize("reply", ["450 4.2.1 Later", "452 4.5.3 Too many recipients", "550 5.1.1 Nobody"])
@pytest.mark.fault("F24", "F25")
def test_a_refused_copy_is_an_alarm_and_never_stops_the_mail(
    relay: Relay, copied: Copied, reply: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    relay.refuse_recipient(AUDIT, reply)
    channel, health = copied(relay.port)
    sender = channel.sender()
    for _ in range(3):
        assert sender.send(keyed(), unheard).outcome is Outcome.ACCEPTED
    (trouble,) = health.troubles.values()
    assert (trouble.part, trouble.detail[:8]) == ("audit copy", f"COPY {reply[:3]}")
    assert relay.connections == 1
    relay.behave()
    monkeypatch.setattr(channel._copy, "_not_before", time.monotonic())  # PAUSE_S later
    assert sender.send(keyed(), unheard).outcome is Outcome.ACCEPTED
    sender.close()
    assert [m.recipients[1:] for m in relay.messages()] == [(), (), (), (AUDIT,)]
    assert health.troubles == {}


@pytest.mark.parametrize("word", ["421 4.7.0 Not that one", None])
def test_a_relay_that_hangs_up_over_the_copy_gets_the_mail_without_it(word: str | None, copied: Copied) -> None:
    relay = TouchyRelay(word)
    relay.start()
    channel, health = copied(relay.port)
    sender = channel.sender()
    for key in (KEY, KEY[::-1]):
        assert sender.send(keyed(key), unheard).outcome is Outcome.RETRY
        assert health.troubles.keys() == ({("audit copy", "audit")} if key != KEY else set())
        assert sender.send(keyed(key), unheard).outcome is Outcome.ACCEPTED
    assert sender.send(keyed("c" * 26), unheard).outcome is Outcome.ACCEPTED
    sender.close()
    relay.stop()
    assert [m.recipients for m in relay.messages()] == [("dispatch@example.com",)] * 3


def test_a_mail_that_is_refused_in_company_is_tried_alone_before_that_is_believed(relay: Relay, copied: Copied) -> None:
    relay.at_dot(AtDot("552 5.2.2 A mailbox is full"))
    sender = copied(relay.port)[0].sender()
    assert sender.send(keyed(), unheard).outcome is Outcome.RETRY
    assert sender.send(keyed(), unheard).outcome is Outcome.ACCEPTED
    relay.at_dot(AtDot("552 5.3.4 Too large"), times=2)
    assert [sender.send(keyed(KEY[::-1]), unheard).outcome for _ in range(2)] == [Outcome.RETRY, Outcome.REFUSED]
    sender.close()
    assert [m.recipients for m in relay.messages()] == [("dispatch@example.com",)]


def test_a_refused_recipient_is_refused_whoever_else_gets_a_copy(relay: Relay, box: Mailbox, copied: Copied) -> None:
    relay.refuse_recipient("dispatch@example.com", "550 5.1.1 Nobody", times=1)
    sender = copied(relay.port)[0].sender()
    assert [sender.send(keyed(), unheard).outcome for _ in range(2)] == [Outcome.REFUSED, Outcome.ACCEPTED]
    sender.close()
    assert [m.recipients for m in relay.messages()] == [("dispatch@example.com", AUDIT)]


def test_of_an_uncertain_mail_that_had_no_copy_nothing_is_told(relay: Relay, copied: Copied) -> None:
    channel, _ = copied(relay.port)
    sender = channel.sender()
    relay.refuse_recipient(AUDIT, "450 4.2.1 Later")
    relay.at_dot(DROP_LOSING, times=2)
    assert sender.send(keyed(), unheard).outcome is Outcome.UNCERTAIN
    assert channel.lookup(keyed()) is None
    assert channel.lookup(keyed(KEY[::-1])) is False


# --- what is uncertain ------------------------------------------------------------------------------------------------

MAILS = 6
PEOPLE = [f"p{number}@desk.example" for number in range(MAILS)]


@pytest.fixture
def delivering(box: Mailbox) -> Iterator[DeliveringRelay]:
    """A relay that delivers the copies."""
    relay = DeliveringRelay({AUDIT: box})
    relay.start()
    yield relay
    relay.stop()


@pytest.fixture
def channel_to(box: Mailbox, outbox: Outbox) -> Iterator[Callable[..., RelayChannel]]:
    """Gives the mail channel of the outbox to a port, with copies or without."""
    with contextlib.ExitStack() as opened:

        def channel(port: int, audited: bool, **further: object) -> RelayChannel:
            mailbox = AuditMailbox(Audit.model_validate(audit_of(box, **further)), outbox.health)
            opened.callback(mailbox.close)
            settings = RelaySettings.model_validate({"port": port, "reply_timeout": 3, "data_timeout": 1})
            copy = BlindCopy(AUDIT, mailbox, outbox.health) if audited else None
            return RelayChannel(settings, "orders.example", outbox.shop.clock, None, copy)

        yield channel


ChannelTo = Callable[..., RelayChannel]


def keys_at(mails: Iterable[RelayedMail | SunkMail]) -> Counter[str]:
    """How often each of our mails is there, by its key."""
    return Counter(mail.raw.partition(b"Message-ID: <")[2].partition(b"@")[0].decode() for mail in mails)


@pytest.mark.fault("F20")
@pytest.mark.parametrize("audited", [True, False])
def test_a_relay_that_took_the_mail_and_hung_up_gets_it_again_only_where_nobody_can_look(
    audited: bool, outbox: Outbox, delivering: DeliveringRelay, channel_to: ChannelTo
) -> None:
    delivering.at_dot(DROP_KEEPING, times=2)
    outbox.add(PEOPLE)
    with outbox.working((channel_to(delivering.port, audited), 2)):
        outbox.wait_for("accepted")
    doubted = [row for row in outbox.rows() if row["repeated"] or row["detail"] == "found by lookup"]
    assert [row["repeated"] for row in doubted] == [not audited] * 2
    copies = keys_at(delivering.messages())
    assert {row["key"]: 1 + row["repeated"] for row in outbox.rows()} == copies


@pytest.mark.fault("F20")
@pytest.mark.parametrize("way", [Way.UP, Way.DOWN])
def test_a_link_that_is_cut_behind_the_dot_or_before_its_answer_leaves_nothing_untold(
    way: Way, outbox: Outbox, delivering: DeliveringRelay, channel_to: ChannelTo
) -> None:
    outbox.add(PEOPLE[:1])
    with FaultProxy(delivering.port) as proxy:
        proxy.fault = Fault(Act.CUT, way, behind=b"\r\n.\r\n" if way is Way.UP else b"Taken")
        with outbox.working((channel_to(proxy.port, True), 1)):
            wait_until(lambda: proxy.struck > 0, 20, "the cut")
            proxy.fault = NO_FAULT
            outbox.wait_for("accepted")
    (row,) = outbox.rows()
    assert keys_at(delivering.messages()) == {row["key"]: 1}
    assert outbox.alarms() == []


@pytest.mark.fault("F21", "F22")
@pytest.mark.parametrize("audited", [True, False])
@pytest.mark.parametrize("fault", ["-q .", "-W .:60"])
def test_a_mail_that_was_never_taken_goes_once_more_under_the_same_name(
    fault: str, audited: bool, outbox: Outbox, smtp_sink: SmtpSink, channel_to: ChannelTo
) -> None:
    smtp_sink.stop()
    smtp_sink.start(*fault.split())
    outbox.add(PEOPLE[:3])
    with outbox.working((channel_to(smtp_sink.port, audited), 3)):
        wait_until(lambda: outbox.states() == ["uncertain"] * 3, 30, "all of them to be uncertain")
        before = keys_at(smtp_sink.messages())
        smtp_sink.stop()
        smtp_sink.start()
        outbox.wait_for("accepted")
    rows = outbox.rows()
    assert [row["repeated"] for row in rows] == [True] * 3
    assert keys_at(smtp_sink.messages()) - before == Counter(row["key"] for row in rows)


@pytest.mark.fault("F21")
def test_a_relay_that_never_takes_it_is_given_it_twice_and_then_a_person_is_told(
    outbox: Outbox, delivering: DeliveringRelay, channel_to: ChannelTo
) -> None:
    delivering.at_dot(DROP_LOSING, times=5)
    outbox.add(PEOPLE[:1])
    with outbox.working((channel_to(delivering.port, True, grace=0.3), 1)):
        outbox.wait_for("failed")
    (row,) = outbox.rows()
    assert (row["attempts"], row["detail"]) == (2, "not found by lookup a second time")
    assert outbox.alarms() == [(f"sending {row['id']}", "uncertain")]


@pytest.mark.fault("F20")
def test_a_copy_that_takes_its_time_is_waited_for(
    outbox: Outbox, delivering: DeliveringRelay, box: Mailbox, channel_to: ChannelTo
) -> None:
    delivering.boxes = {}
    delivering.at_dot(DROP_KEEPING)
    outbox.add(PEOPLE[:1])
    with outbox.working((channel_to(delivering.port, True, grace=30), 1)):
        wait_until(lambda: outbox.states() == ["uncertain"], 20, "it to be uncertain")
        time.sleep(1)
        assert outbox.states() == ["uncertain"]
        (taken,) = delivering.messages()
        box.deliver(taken.raw)
        outbox.wait_for("accepted")
    assert [row["repeated"] for row in outbox.rows()] == [False]


@pytest.mark.fault("F20")
def test_while_the_copies_cannot_be_read_it_is_repeated_as_without_them(
    outbox: Outbox, delivering: DeliveringRelay, channel_to: ChannelTo
) -> None:
    delivering.at_dot(DROP_KEEPING)
    outbox.add(PEOPLE[:2])
    with outbox.working((channel_to(delivering.port, True, password="an old one", grace=0), 1)):
        outbox.wait_for("accepted")
    assert sorted(row["repeated"] for row in outbox.rows()) == [False, True]
    assert [(trouble.part, trouble.kind) for trouble in outbox.health.troubles.values()] == [("audit mailbox", "login")]


@pytest.mark.fault("F21")
def test_the_copy_of_a_mail_that_came_back_says_nothing_of_its_next_attempt(
    outbox: Outbox, delivering: DeliveringRelay, channel_to: ChannelTo
) -> None:
    outbox.add(PEOPLE[:1])
    (row,) = outbox.rows()
    with outbox.working((channel_to(delivering.port, True), 1)):
        outbox.wait_for("accepted")
        now = outbox.shop.clock.now()
        outbox.writer.run(lambda c: bounce(c, [row["key"]], "nobody there", now))
        delivering.at_dot(DROP_LOSING)
        outbox.writer.run(lambda c: retry_now(c, row["id"], now))
        wait_until(lambda: len(delivering.messages()) == 2, 30, "the mail to be sent once more")
        outbox.wait_for("accepted")
    assert [row["repeated"] for row in outbox.rows()] == [True]


@pytest.mark.fault("F32")
def test_wherever_a_connection_is_reset_the_copies_tell_the_truth_and_the_mail_goes_once(
    delivering: DeliveringRelay, copied: Copied, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the relay holds is compared with what is said of it, for cuts all over a session in both directions."""
    monkeypatch.setattr("ingestd.channels.relay.copy.PAUSE_S", 0.0)  # two cuts over the copy are not meant for it
    cuts = [(Way.UP, after) for after in range(1, 480, 19)] + [(Way.DOWN, after) for after in range(1, 420, 23)]
    outcomes: Counter[Outcome] = Counter()
    with FaultProxy(delivering.port) as proxy:
        channel, _ = copied(proxy.port)
        for number, (way, after) in enumerate(cuts):
            claim = keyed(f"{number:026x}")
            proxy.fault = Fault(Act.RESET, way, after=after)
            sender = channel.sender()
            outcome = sender.send(claim, unheard).outcome
            outcomes[outcome] += 1
            proxy.fault = NO_FAULT
            if outcome is Outcome.UNCERTAIN:
                time.sleep(0.05)  # the relay may still be about it
            there = claim.key in keys_at(delivering.messages())
            assert there or outcome is not Outcome.ACCEPTED
            assert not there or outcome is not Outcome.RETRY
            assert outcome is not Outcome.UNCERTAIN or channel.lookup(claim) is there
            if not there:
                assert sender.send(claim, unheard).outcome is Outcome.ACCEPTED
            sender.close()
    assert keys_at(delivering.messages()) == {f"{number:026x}": 1 for number in range(len(cuts))}
    assert outcomes[Outcome.RETRY] > 5
    assert outcomes[Outcome.UNCERTAIN] > 0


# --- the whole daemon -------------------------------------------------------------------------------------------------

ORDERS = 6


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    "point",
    [
        pytest.param("out.after_dot@5", marks=pytest.mark.fault("F17")),
        pytest.param("out.after_250@5", marks=pytest.mark.fault("F18", "F41")),
    ],
)
def test_what_a_kill_left_in_doubt_is_found_among_the_copies_and_not_sent_again(
    point: str, tmp_path: Path, mailbox: Mailbox, box: Mailbox, delivering: DeliveringRelay
) -> None:
    site, orders = Site(tmp_path), distinct_orders(ORDERS, seed=31)
    site.write(delivering.port, mailbox, audit=audit_of(box))
    deliver(mailbox, orders)
    with running(site, f"{point}:kill9") as daemon:
        assert daemon.wait_end() == KILLED
    with running(site) as daemon:
        daemon.wait_quiet(ORDERS)
    found = [row for row in site.records.sendings() if row["detail"] == "found by lookup"]
    assert found
    assert not any(row["repeated"] for row in site.records.sendings())
    assert set(keys_at(delivering.messages()).values()) == {1}
    assert complaints(judged(site, orders, taken_by(delivering))) == []
    assert {row["state"] for row in site.records.orders()} == {"dispatched"}


@pytest.mark.long
@pytest.mark.timeout(120)
def test_copies_that_stray_into_the_order_mailbox_are_known_for_our_own_mail_and_a_dead_audit_mailbox_is_told(
    tmp_path: Path, mailbox: Mailbox, box: Mailbox, delivering: DeliveringRelay
) -> None:
    site, orders = Site(tmp_path), distinct_orders(1, seed=35)
    delivering.boxes = {AUDIT: mailbox}
    audit = audit_of(box, password="an old one")
    site.write(delivering.port, mailbox, audit=audit, alarms={"mailbox_dead_after": 1})
    deliver(mailbox, orders)
    with running(site) as daemon:
        daemon.wait_until(lambda: bool(site.records.alarms()), "a person to be told of the mailbox")
        daemon.wait_quiet(3)
        assert "an old one" not in daemon.said()
    states = Counter(row["state"] for row in site.records.messages())
    assert states["applied"] == 1
    assert states.keys() == {"applied", "ignored"}
    assert len(site.records.orders()) == 1
    assert [(alarm["part"], alarm["kind"]) for alarm in site.records.alarms()] == [("audit mailbox", "login")]
