"""Relays that fail: refuse, hang up, keep silent, show a bad certificate, or are not there at all.

What follows the dot without an answer, and connections that are cut anywhere, are in test_audit.py; each single answer
of a relay is in tests/integration/test_relay_channel.py.
"""

from __future__ import annotations

import contextlib
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import Envelope, Session

from ingestd.channels.relay.driver import RelayChannel
from ingestd.channels.spool.driver import SpoolChannel
from ingestd.config.settings import Relay as RelaySettings
from ingestd.config.settings import SmsGateway
from ingestd.daemon.alarms import AT_ONCE
from ingestd.domain.reading import Channel
from ingestd.domain.sending import Outcome
from tests.daemon.oracle import complaints, evidence_of
from tests.daemon.orders import distinct_orders
from tests.daemon.process import COMMAND, running
from tests.daemon.site import Site
from tests.faults.delivering import taken_by
from tests.faults.outbox import DEFAULTS, QUICK, Outbox
from tests.servers.certificates import Certificates, expired_certificate, make_certificates
from tests.servers.dovecot import Mailbox
from tests.servers.programs import wait_until
from tests.servers.proxy import NO_FAULT, Act, Fault, FaultProxy
from tests.servers.relay import Relay, RelayedMail, RelayOptions
from tests.servers.rewriting import RewritingProxy
from tests.servers.smtp_sink import SmtpSink, SunkMail
from tests.unit.channels.claims import mail, unheard

PEOPLE = [f"p{number}@desk.example" for number in range(4)]
PHONES = [f"+861390000000{number}" for number in range(3)]
Starter = Callable[[RelayOptions], Relay]


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """An authority, and a certificate that is good."""
    return make_certificates(tmp_path_factory.mktemp("papers"))


def mail_channel(outbox: Outbox, port: int, password: Callable[[], str] | None = None, **further: Any) -> RelayChannel:
    """The mail channel of an outbox."""
    quick = {"connect_timeout": 1, "reply_timeout": 2, "data_timeout": 2}
    settings = RelaySettings.model_validate({"port": port, **quick, **further})
    return RelayChannel(settings, "orders.example", outbox.shop.clock, password)


@pytest.fixture
def texts(tmp_path: Path, outbox: Outbox) -> SpoolChannel:
    """The way out for text messages, with three that are due."""
    folders: dict[str, Any] = {name: tmp_path / "spool" / name for name in ("inbox", "outbox", "sent", "error")}
    for folder in folders.values():
        folder.mkdir(parents=True)
    outbox.add(PHONES, Channel.SMS)
    return SpoolChannel(SmsGateway(**folders), outbox.shop.clock)


def copies(mails: Iterable[RelayedMail | SunkMail]) -> Counter[str]:
    """How often each of our mails was taken, by its key."""
    return Counter(mail.raw.partition(b"Message-ID: <")[2].partition(b"@")[0].decode() for mail in mails)


def once_each(outbox: Outbox) -> dict[str, int]:
    """What `copies` gives where no mail was lost and none sent twice."""
    return {row["key"]: 1 for row in outbox.rows() if row["channel"] == Channel.EMAIL}


def states(outbox: Outbox, channel: Channel) -> set[str]:
    """The states of a channel's sendings."""
    return {row["state"] for row in outbox.rows() if row["channel"] == channel}


def troubles(outbox: Outbox) -> list[tuple[str, str]]:
    """Part and kind of what is in trouble."""
    return sorted(outbox.health.troubles)


# --- put off and refused ----------------------------------------------------------------------------------------------


@pytest.mark.fault("F23")
@pytest.mark.parametrize("command", ["CONNECT", "MAIL", "RCPT", "DATA"])
def test_a_421_puts_mail_off_and_nothing_else(
    command: str, outbox: Outbox, smtp_sink: SmtpSink, texts: SpoolChannel
) -> None:
    smtp_sink.stop()
    smtp_sink.start("-Q", command)
    outbox.add(PEOPLE)
    with outbox.working((mail_channel(outbox, smtp_sink.port), 2), (texts, 1)):
        tried = lambda: all(row["attempts"] > 1 for row in outbox.rows() if row["channel"] == Channel.EMAIL)  # noqa: E731
        wait_until(tried, 20, "each mail to be tried again")
        assert states(outbox, Channel.SMS) == {"accepted"}
        assert states(outbox, Channel.EMAIL) <= {"due", "sending"}
        smtp_sink.stop()
        smtp_sink.start()
        outbox.wait_for("accepted")
    assert copies(smtp_sink.messages()) == once_each(outbox)
    assert troubles(outbox) == []


@pytest.mark.fault("F24", "F25")
def test_one_recipient_put_off_and_one_refused_leave_the_third_alone(outbox: Outbox, relay: Relay) -> None:
    first, put_off, refused, last = PEOPLE
    relay.refuse_recipient(put_off, "450 4.2.1 Later", times=2)
    relay.refuse_recipient(refused, "550 5.1.1 Nobody")
    outbox.add(PEOPLE)
    with outbox.working((mail_channel(outbox, relay.port), 1)):
        outbox.wait_for("accepted", "refused")
    assert [(row["state"], row["attempts"]) for row in outbox.rows()] == [
        ("accepted", 1),
        ("accepted", 3),
        ("refused", 1),
        ("accepted", 1),
    ]
    assert [m.recipients for m in relay.messages()] == [(first,), (last,), (put_off,)]
    assert outbox.alarms() == [(f"sending {outbox.rows()[2]['id']}", "refused")]


@pytest.mark.fault("F26")
def test_a_refused_login_is_told_at_once_and_loses_nothing_until_it_is_put_right(
    outbox: Outbox, start_relay: Starter, papers: Certificates
) -> None:
    relay = start_relay(RelayOptions(papers.server_context(), users={"desk": "right"}))
    password = ["an old one"]
    login = {"security": "starttls", "ca_file": papers.authority, "username": "desk"}
    outbox.add(PEOPLE)
    with outbox.working((mail_channel(outbox, relay.port, lambda: password[0], **login), 2)):
        wait_until(lambda: all(row["attempts"] > 1 for row in outbox.rows()), 20, "each to be tried again")
        assert troubles(outbox) == [("channel email", "login")]
        assert "login" in AT_ONCE
        assert "535" in outbox.health.troubles["channel email", "login"].detail
        assert states(outbox, Channel.EMAIL) <= {"due", "sending"}
        password[0] = "right"
        outbox.wait_for("accepted")
    assert troubles(outbox) == []
    assert copies(relay.messages()) == once_each(outbox)


@pytest.mark.fault("F26")
@pytest.mark.parametrize("reply", ["550 5.7.1 User has no permission", "530 5.7.0 Authentication required"])
def test_a_refused_sender_is_our_configuration_and_no_mails_fault(outbox: Outbox, relay: Relay, reply: str) -> None:
    relay.refuse_senders(reply)
    outbox.add(PEOPLE)
    with outbox.working((mail_channel(outbox, relay.port), 2)):
        wait_until(lambda: all(row["attempts"] > 1 for row in outbox.rows()), 20, "each to be tried again")
        assert [part for part, _ in troubles(outbox)] == ["channel email"]
        assert states(outbox, Channel.EMAIL) <= {"due", "sending"}
        relay.behave()
        outbox.wait_for("accepted")
    assert copies(relay.messages()) == once_each(outbox)
    assert troubles(outbox) == []


class GreylistingRelay(Relay):
    """Puts off every sender and recipient that it has not known for so many seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds
        self.first_seen: dict[tuple[str | None, str], float] = {}

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        now = time.monotonic()
        if now - self.first_seen.setdefault((envelope.mail_from, address), now) < self.seconds:
            return "450 4.7.1 Greylisted, come back later"
        return await super().handle_RCPT(server, session, envelope, address, options)


@pytest.mark.fault("F27")
def test_a_greylist_of_45_seconds_is_passed_within_the_promise(tmp_path: Path) -> None:
    a_tenth = tuple(step / 10 for step in DEFAULTS.retry_steps)
    outbox, relay = Outbox(tmp_path, QUICK.model_copy(update={"retry_steps": a_tenth})), GreylistingRelay(4.5)
    relay.start()
    outbox.add(PEOPLE)
    with outbox.working((mail_channel(outbox, relay.port), 2)):
        outbox.wait_for("accepted")
    relay.stop()
    rows = outbox.rows()
    assert copies(relay.messages()) == once_each(outbox)
    outbox.close()
    assert all((row["accepted_at"] - row["created_at"]) * 10 < DEFAULTS.promise for row in rows)
    assert all(row["attempts"] > 1 for row in rows)
    assert len(relay.first_seen) == len(PEOPLE)  # the same sender to the same recipient, each time


# --- not there --------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def black_hole(port: int) -> Iterator[None]:
    """A port whose connections are never made: its queue is full, and the kernel drops what comes."""
    with socket.socket() as door, contextlib.ExitStack() as waiting:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind(("127.0.0.1", port))
        door.listen(0)
        for _ in range(3):
            client = waiting.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(("127.0.0.1", port))
        yield


@pytest.mark.fault("F28")
def test_a_black_hole_holds_nobody_longer_than_its_timeouts_and_text_messages_not_at_all(
    outbox: Outbox, texts: SpoolChannel
) -> None:
    relay = Relay()
    channel = mail_channel(outbox, relay.port)
    outbox.add(PEOPLE)
    with outbox.working((channel, 2), (texts, 1)):
        with black_hole(relay.port):
            wait_until(lambda: states(outbox, Channel.SMS) == {"accepted"}, 20, "the text messages to be sent")
            sender = channel.sender()
            began = time.monotonic()
            result = sender.send(mail(), unheard)
            assert time.monotonic() - began < sender.worst_case.total_seconds()
            assert (result.outcome, result.channel_trouble) == (Outcome.RETRY, True)
            wait_until(lambda: troubles(outbox) == [("channel email", "channel")], 20, "the trouble to be known")
            assert states(outbox, Channel.EMAIL) <= {"due", "sending"}
        relay.start()
        outbox.wait_for("accepted")
    relay.stop()
    assert copies(relay.messages()) == once_each(outbox)
    assert troubles(outbox) == []


@pytest.mark.fault("F28", "F33")
@pytest.mark.parametrize(
    "fault",
    [pytest.param(Fault(Act.STALL), id="silent"), pytest.param(Fault(Act.NONE, delay=0.05, piece=1), id="drips")],
)
def test_a_relay_that_keeps_silent_or_drips_is_left_in_time_and_tried_again(
    fault: Fault, outbox: Outbox, relay: Relay
) -> None:
    outbox.add(PEOPLE[:2])
    with FaultProxy(relay.port) as proxy:
        proxy.fault = fault
        channel = mail_channel(outbox, proxy.port, connect_timeout=0.5, reply_timeout=0.5, data_timeout=0.5)
        sender = channel.sender()
        began = time.monotonic()
        assert sender.send(mail(), unheard).outcome is Outcome.RETRY
        assert time.monotonic() - began < sender.worst_case.total_seconds() + 1
        with outbox.working((channel, 1)):
            wait_until(lambda: all(row["attempts"] for row in outbox.rows()), 20, "each to be tried")
            proxy.fault = NO_FAULT
            proxy.drop()
            outbox.wait_for("accepted")
    assert copies(relay.messages()) == once_each(outbox)


@pytest.mark.fault("F33")
def test_a_link_that_is_slow_but_in_time_is_used(relay: Relay, outbox: Outbox) -> None:
    with FaultProxy(relay.port) as proxy:
        proxy.fault = Fault(Act.NONE, delay=0.001, piece=1)
        sender = mail_channel(outbox, proxy.port, reply_timeout=20, data_timeout=20).sender()
        assert sender.send(mail(), unheard).outcome is Outcome.ACCEPTED
        sender.close()
    assert len(relay.messages()) == 1


# --- not to be trusted ------------------------------------------------------------------------------------------------


@pytest.mark.fault("F30")
@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_relay_whose_certificate_has_expired_gets_nothing_until_it_is_renewed(
    security: str, outbox: Outbox, start_relay: Starter, papers: Certificates, tmp_path: Path
) -> None:
    old = replace(papers, certificate=expired_certificate(papers, tmp_path))
    relay = start_relay(RelayOptions(old.server_context(), tls_at_once=security == "tls"))
    outbox.add(PEOPLE)
    with outbox.working((mail_channel(outbox, relay.port, security=security, ca_file=papers.authority), 2)):
        wait_until(lambda: all(row["attempts"] > 1 for row in outbox.rows()), 20, "each to be tried again")
        assert troubles(outbox) == [("channel email", "channel")]
        assert "expired" in outbox.health.troubles["channel email", "channel"].detail
        assert relay.messages() == []
        relay.stop()
        relay.options = RelayOptions(papers.server_context(), tls_at_once=security == "tls")
        relay.start()
        outbox.wait_for("accepted")
    assert copies(relay.messages()) == once_each(outbox)
    assert troubles(outbox) == []


@pytest.mark.fault("F31")
def test_where_starttls_is_stripped_on_the_way_nothing_is_said_in_the_clear(
    outbox: Outbox, start_relay: Starter, papers: Certificates
) -> None:
    relay = start_relay(RelayOptions(papers.server_context(), users={"desk": "right"}))
    outbox.add(PEOPLE)
    login = {"security": "starttls", "ca_file": papers.authority, "username": "desk"}
    with RewritingProxy(relay.port, rb"^250([- ])STARTTLS", rb"250\1XSTARTTLS") as proxy:
        with outbox.working((mail_channel(outbox, proxy.port, lambda: "right", **login), 1)):
            wait_until(lambda: all(row["attempts"] for row in outbox.rows()), 20, "each to be tried")
        assert proxy.rewritten > 0
        assert b"AUTH" not in proxy.heard
        assert b"MAIL" not in proxy.heard
    assert troubles(outbox) == [("channel email", "channel")]
    with outbox.working((mail_channel(outbox, relay.port, lambda: "right", **login), 1)):
        outbox.wait_for("accepted")
    assert copies(relay.messages()) == once_each(outbox)


# --- everything down --------------------------------------------------------------------------------------------------


@pytest.mark.fault("F34")
def test_a_backlog_leaves_by_its_deadlines_whatever_came_first(outbox: Outbox) -> None:
    relay = Relay()
    for recipients in (PEOPLE[2:], PEOPLE[:2]):  # each call's deadlines begin anew
        outbox.add(recipients)
    channel = mail_channel(outbox, relay.port)
    with outbox.working((channel, 1)):
        wait_until(lambda: all(row["attempts"] > 1 for row in outbox.rows()), 20, "each to be tried twice")
    time.sleep(max(QUICK.retry_steps[:3]).total_seconds())
    relay.start()
    with outbox.working((channel, 1)):
        outbox.wait_for("accepted")
    relay.stop()
    by_deadline = sorted(outbox.rows(), key=lambda row: row["deadline"])
    assert [m.recipients for m in relay.messages()] == [(row["recipient"],) for row in by_deadline]


@pytest.mark.fault("F34")
@pytest.mark.timeout(120)
def test_with_relay_and_gateway_down_the_log_and_the_status_tell_it_and_all_leaves_once_they_are_back(
    tmp_path: Path, mailbox: Mailbox, relay: Relay
) -> None:
    site, orders = Site(tmp_path), distinct_orders(4, seed=36)
    site.write(relay.port, mailbox, alarms={"mailbox_dead_after": 1})
    away = site.spool.outbox.with_name("away")
    site.spool.outbox.rename(away)
    relay.stop()
    for order in orders:
        mailbox.deliver(order.raw)
    both = [("channel email", "channel"), ("channel sms", "channel")]
    with running(site) as daemon:
        daemon.wait_until(lambda: opened(site) == both, "both channels to be alarms")
        daemon.wait_until(lambda: len(daemon.events("alarm.told")) >= 2, "the log to say so")
        assert {(e["level"], e["part"]) for e in daemon.events("alarm.told")} == {("ERROR", part) for part, _ in both}
        status = subprocess.run(
            [COMMAND, "--config", str(site.configuration), "status", "--json"],
            capture_output=True,
            check=False,
            timeout=60,
        )
        assert status.returncode == 1
        away.rename(site.spool.outbox)
        relay.start()
        daemon.wait_quiet(len(orders))
        daemon.wait_until(lambda: all(a["cleared_at"] for a in site.records.alarms()), "the alarms to be over")
    assert complaints(evidence_of(site, orders, taken_by(relay))) == []


def opened(site: Site) -> list[tuple[str, str]]:
    """The alarms so far."""
    return sorted((alarm["part"], alarm["kind"]) for alarm in site.records.alarms())
