"""The whole daemon on real servers: how it starts and stops, holds back, falls back, and chases."""

from __future__ import annotations

import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zlib import crc32

import pytest

from tests.daemon.day import Day
from tests.daemon.oracle import Captured, captured, complaints, evidence_of
from tests.daemon.orders import ShippedOrder, deliver, distinct_orders
from tests.daemon.process import COMMAND, KILLED, running
from tests.daemon.records import Row
from tests.daemon.site import (
    DISPATCHER,
    DISPATCHER_PHONE,
    DOMAIN,
    FALLBACK,
    MANAGER,
    ORDERS,
    WATCH,
    WATCH_PHONE,
    Site,
)
from tests.servers.dovecot import Mailbox
from tests.servers.relay import Relay
from tests.servers.smtp_sink import SmtpSink, SunkMail

PER_ORDER = 4  # sendings: acknowledgement, work order by mail, and in two text messages


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A site that is not written yet."""
    return Site(tmp_path)


def letters(server: Relay | SmtpSink, recipient: str) -> list[Captured]:
    """The mails that a server took for a recipient, oldest first."""
    mails = [SunkMail(m.sender, m.recipients, m.raw.replace(b"\r\n", b"\n")) for m in server.messages()]
    return [captured(mail) for mail in mails if recipient in mail.recipients]


def sendings(site: Site, **wanted: str) -> list[Row]:
    """The sendings that are as wanted, oldest first."""
    return [row for row in site.records.sendings() if all(row[key] == value for key, value in wanted.items())]


def command(site: Site, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command of ingestd's on the site."""
    whole = [COMMAND, "--config", str(site.configuration), *arguments]
    return subprocess.run(whole, capture_output=True, text=True, check=False, timeout=30)


# --- starting and stopping --------------------------------------------------------------------------------------------


@pytest.mark.fault("F65")
def test_a_second_daemon_on_the_same_data_folder_refuses_and_says_why(site: Site, relay: Relay) -> None:
    site.write(relay.port)
    with running(site) as first:
        first.wait_ready()
        with running(site) as second:
            assert second.wait_end() > 0
            said = second.said().strip()
        assert first.running
    assert said.count("\n") == 0
    assert "ingestd.lock" in said
    assert str(first.pid) in said


def test_a_lease_that_no_attempt_fits_into_is_refused_at_the_start(site: Site, relay: Relay) -> None:
    site.write(relay.port, outbox={"lease": 15})
    with running(site) as daemon:
        assert daemon.wait_end() > 0
        (said,) = daemon.said().splitlines()
    assert "outbox.lease is 15 s" in said


@pytest.mark.fault("F81")
def test_a_stop_in_the_middle_of_a_burst_is_quick_and_leaves_nothing_in_doubt(
    site: Site, mailbox: Mailbox, smtp_sink: SmtpSink
) -> None:
    site.write(smtp_sink.port, mailbox)
    orders = distinct_orders(120, seed=11)
    with running(site) as daemon:
        daemon.wait_ready()
        deliver(mailbox, orders)
        daemon.wait_until(lambda: len(sendings(site, state="accepted")) >= 40, "a part of the burst to be sent")
        asked_at = time.monotonic()
        assert daemon.stop() == 0
        took_seconds = time.monotonic() - asked_at
    assert took_seconds < 20
    assert not site.records.is_quiet(len(orders))
    assert not sendings(site, state="uncertain")
    assert not [row for row in site.records.messages() if row["state"] == "stored" and row["strikes"]]
    with running(site) as daemon:
        daemon.wait_quiet(len(orders))
    assert complaints(evidence_of(site, orders, smtp_sink.messages())) == []
    assert not any(row["repeated"] for row in site.records.sendings())


def test_killed_workers_and_server_processes_do_not_outlive_the_daemon(site: Site, relay: Relay) -> None:
    site.write(relay.port)
    with running(site) as daemon:
        daemon.wait_ready()
        daemon.tell(signal.SIGKILL)
        assert daemon.wait_end() == KILLED
        deadline = time.monotonic() + 20
        while daemon.has_processes and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not daemon.has_processes


def test_systemd_hears_of_readiness_of_life_and_of_the_stop(relay: Relay, tmp_path: Path) -> None:
    site = Site(tmp_path, bare=True)
    site.write(relay.port)
    address = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(address))
        systemd.settimeout(30)
        with running(site, environment={"NOTIFY_SOCKET": str(address), "WATCHDOG_USEC": "1500000"}) as daemon:
            heard = heard_until(systemd, "WATCHDOG=1")
            assert heard[0] == "READY=1"
            daemon.tell(signal.SIGTERM)
            heard_until(systemd, "STOPPING=1")
            assert daemon.wait_end() == 0


def heard_until(systemd: socket.socket, wanted: str) -> list[str]:
    """The first line of each datagram up to the one that is wanted."""
    heard: list[str] = []
    while wanted not in heard:
        heard.append(systemd.recv(4096).decode().splitlines()[0])
    return heard


# --- a message that breaks its worker ---------------------------------------------------------------------------------


@pytest.mark.fault("F09", "F10")
@pytest.mark.parametrize(("action", "why"), [("kill9", "ProcessExpired"), ("sleep:3600", "TimeoutError")])
def test_a_message_that_breaks_its_worker_each_time_is_set_aside_and_its_neighbours_never_wait(
    action: str, why: str, site: Site, mailbox: Mailbox, smtp_sink: SmtpSink
) -> None:
    site.write(smtp_sink.port, mailbox, reader={"time_limit": 2})
    *neighbours, poison = distinct_orders(21, seed=12)
    deliver(mailbox, [*neighbours[:10], poison, *neighbours[10:]])
    as_stored = crc32(mailbox.messages()[10])
    with running(site, f"parse.mid.{as_stored:08x}:{action}") as daemon:
        daemon.wait_quiet(21)
        daemon.wait_until(lambda: bool(letters(smtp_sink, WATCH)), "a person to be told")
        daemon.wait_quiet(21)  # what the relay took is written down
    assert [row["reason"] for row in site.records.messages() if row["state"] == "quarantined"] == [
        f"{why} while reading, 3 times"
    ]
    alarm, *others = site.records.alarms()
    assert (alarm["kind"], others) == ("quarantine", [])
    assert [row["strikes"] for row in site.records.messages() if row["state"] == "applied"] == [1] * 20
    if why == "TimeoutError":  # which takes a while; the neighbours did not wait for it
        assert all(row["accepted_at"] < alarm["opened_at"] for row in sendings(site) if row["purpose"] != "alarm")
    evidence = evidence_of(site, neighbours, smtp_sink.messages())
    assert complaints(evidence) == [f"{poison.message_id}: stored and never sent"]


@pytest.mark.fault("F09", "F83")
def test_a_message_that_ends_the_whole_daemon_each_time_is_set_aside_in_the_end(
    site: Site, mailbox: Mailbox, smtp_sink: SmtpSink
) -> None:
    site.write(smtp_sink.port, mailbox, reader={"strikes": 1})
    deliver(mailbox, distinct_orders(1, seed=19))
    for _ in range(2):
        with running(site, "decide.before_commit:kill9") as daemon:
            assert daemon.wait_end() == KILLED
    with running(site, "decide.before_commit:kill9") as daemon:
        daemon.wait_quiet(1)
        daemon.wait_until(lambda: bool(letters(smtp_sink, WATCH)), "a person to be told")
    assert [row["state"] for row in site.records.messages()] == ["quarantined"]


@pytest.mark.long
@pytest.mark.fault("F09")
def test_a_kill_while_a_message_is_set_aside_only_puts_that_off(
    site: Site, mailbox: Mailbox, smtp_sink: SmtpSink
) -> None:
    site.write(smtp_sink.port, mailbox)
    deliver(mailbox, distinct_orders(1, seed=20))
    breaks_its_worker = f"parse.mid.{crc32(mailbox.messages()[0]):08x}:kill9"
    with running(site, f"{breaks_its_worker},quarantine.before_commit:kill9") as daemon:
        assert daemon.wait_end() == KILLED
    assert [row["state"] for row in site.records.messages()] == ["stored"]
    with running(site, breaks_its_worker) as daemon:
        daemon.wait_quiet(1)
    assert [row["state"] for row in site.records.messages()] == ["quarantined"]
    assert [alarm["kind"] for alarm in site.records.alarms()] == ["quarantine"]


# --- nothing leaves ---------------------------------------------------------------------------------------------------


def test_in_shadow_mode_everything_is_decided_and_nothing_leaves(
    site: Site, mailbox: Mailbox, smtp_sink: SmtpSink
) -> None:
    site.write(smtp_sink.port, mailbox, site={"mode": "shadow"})
    deliver(mailbox, distinct_orders(3, seed=13))
    with running(site) as daemon:
        daemon.wait_quiet(3)
        assert daemon.stop() == 0
    assert [row["state"] for row in sendings(site)] == ["shadow"] * 3 * PER_ORDER
    assert [row["state"] for row in site.records.orders()] == ["confirmed"] * 3
    assert smtp_sink.messages() == []
    assert site.spool.texts() == []


def test_what_a_person_holds_stays_over_a_restart_and_leaves_when_it_is_released(
    site: Site, mailbox: Mailbox, smtp_sink: SmtpSink
) -> None:
    site.write(smtp_sink.port, mailbox)
    orders = distinct_orders(3, seed=14)
    with running(site) as daemon:
        daemon.wait_ready()
        assert command(site, "outbox", "hold").returncode == 0
        deliver(mailbox, orders)
        daemon.wait_until(lambda: len(sendings(site, state="due")) == 3 * PER_ORDER, "three orders to be decided on")
        assert daemon.stop() == 0
    with running(site) as daemon:
        daemon.wait_ready()
        assert smtp_sink.messages() == []
        assert site.spool.texts() == []
        assert command(site, "outbox", "release").returncode == 0
        daemon.wait_quiet(3)
    assert complaints(evidence_of(site, orders, smtp_sink.messages())) == []


# --- when a recipient can't be reached --------------------------------------------------------------------------------


@pytest.mark.fault("F28")
def test_while_the_relay_is_down_a_person_is_told_otherwise_and_the_fallback_is_written_to_once(
    site: Site, mailbox: Mailbox, relay: Relay
) -> None:
    destinations = [{"channel": "email", "recipient": WATCH}, {"channel": "sms", "recipient": WATCH_PHONE}]
    site.write(
        relay.port,
        mailbox,
        outbox={"alarm_after": 1, "fallback_after": 3, "lease": 25, "retry_steps": [0.2, 0.5]},
        alarms={"destinations": destinations, "mailbox_dead_after": 1},
    )
    relay.stop()
    (order,) = distinct_orders(1, seed=15)
    mailbox.deliver(order.raw)
    with running(site) as daemon:
        daemon.wait_until(lambda: bool(sendings(site, recipient=FALLBACK)), "the fallback to be written to")
        daemon.wait_until(lambda: len(site.records.alarms()) == 2, "both the relay and the late order to be alarms")
        daemon.wait_until(lambda: len(told_by_text(site)) >= 2, "a person to be told by text message")
        relay.start()
        daemon.wait_quiet(1)
        daemon.wait_until(lambda: all(a["cleared_at"] for a in site.records.alarms()), "the alarms to be over")
    opened = [(alarm["part"], alarm["kind"]) for alarm in site.records.alarms()]
    assert sorted(opened) == [("channel email", "channel"), ("work orders", "late")]
    (first,), (second,) = letters(relay, DISPATCHER), letters(relay, FALLBACK)
    assert first.words == second.words
    assert first.message_id != second.message_id
    (sent,) = sendings(site, recipient=DISPATCHER, purpose="work_order")
    assert sent["attempts"] > 2
    assert not sent["repeated"]


def told_by_text(site: Site) -> list[str]:
    """What the watch was told by text message."""
    return [text.words for text in site.spool.texts() if text.number == WATCH_PHONE]


@pytest.mark.fault("F25")
def test_a_work_order_that_the_relay_refuses_goes_to_the_fallback_at_once(
    site: Site, mailbox: Mailbox, relay: Relay
) -> None:
    site.write(relay.port, mailbox)
    relay.refuse_recipient(DISPATCHER, "550 5.1.1 Nobody")
    (order,) = distinct_orders(1, seed=16)
    mailbox.deliver(order.raw)
    with running(site) as daemon:
        daemon.wait_until(lambda: bool(sendings(site, recipient=FALLBACK, state="accepted")), "the fallback to have it")
        daemon.wait_quiet(1)
    (mail,) = letters(relay, FALLBACK)
    assert order.phone in mail.words
    assert letters(relay, DISPATCHER) == []
    assert [row["state"] for row in sendings(site, recipient=DISPATCHER)] == ["refused"]
    (record,) = site.records.orders()
    assert record["state"] == "dispatched"


@pytest.mark.bad_input("B32", "B33")
def test_a_bounce_of_ours_reopens_its_work_order_and_a_forged_one_moves_nothing(
    site: Site, mailbox: Mailbox, relay: Relay
) -> None:
    site.write(relay.port, mailbox)
    (order,) = distinct_orders(1, seed=17)
    mailbox.deliver(order.raw)
    with running(site) as daemon:
        daemon.wait_quiet(1)
        mailbox.deliver(returned("aaaaaaaaaaaaaaaaaaaaaaaaaa", DISPATCHER))
        daemon.wait_quiet(2)
        assert not sendings(site, state="bounced")
        (work_order,) = letters(relay, DISPATCHER)
        mailbox.deliver(returned(work_order.key, DISPATCHER))
        daemon.wait_until(lambda: bool(sendings(site, recipient=FALLBACK, state="accepted")), "the fallback to have it")
        daemon.wait_quiet(3)
    (bounced,) = sendings(site, state="bounced")
    assert bounced["key"] == work_order.key
    (mail,) = letters(relay, FALLBACK)
    assert mail.words == work_order.words
    assert any(alarm["kind"] == "bounced" for alarm in site.records.alarms())
    assert len(letters(relay, order.shipper)) == 1


def returned(key: str, recipient: str) -> bytes:
    """A delivery status notification (RFC 3464) about a mail of ours, as a mail server writes it."""
    return DSN.format(key=key, recipient=recipient, domain=DOMAIN, us=ORDERS).replace("\n", "\r\n").encode()


DSN = """\
Return-Path: <>
From: MAILER-DAEMON@mx.desk.example (Mail Delivery System)
To: {us}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
Message-ID: <dsn-{key}@mx.desk.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b1"

--b1
Content-Type: text/plain; charset=us-ascii

The mail system could not deliver your message.

--b1
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.desk.example

Final-Recipient: rfc822; {recipient}
Action: failed
Status: 5.1.1

--b1
Content-Type: text/rfc822-headers

From: {us}
To: {recipient}
Message-ID: <{key}@{domain}>

--b1--
"""


# --- following up -----------------------------------------------------------------------------------------------------

TEN = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)  # ten in the morning at the site


def after(minutes: float) -> datetime:
    """So long after ten."""
    return TEN + timedelta(minutes=minutes)


def test_pickups_are_chased_and_told_up_until_their_report(site: Site, mailbox: Mailbox, relay: Relay) -> None:
    site.write(relay.port, mailbox)
    day, orders = Day(site, TEN), distinct_orders(3, seed=18, at=TEN)
    for order in orders:
        mailbox.deliver(order.raw, at=TEN)
    with running(site, environment=day.environment) as daemon:
        daemon.wait_quiet(3)
        serials = serials_of(site, orders)

        site.spool.receive(DISPATCHER_PHONE, "收到")
        daemon.wait_quiet(4)

        day.come(after(29), daemon, 4)
        assert count(relay, DISPATCHER, MANAGER) == (3, 0)
        day.come(after(31), daemon, 4)  # the vehicle
        assert count(relay, DISPATCHER, MANAGER) == (4, 0)
        day.come(after(62), daemon, 4)  # the pickup
        assert count(relay, DISPATCHER, MANAGER) == (5, 0)
        assert all(serial in letters(relay, DISPATCHER)[-1].words for serial in serials)
        site.spool.receive(DISPATCHER_PHONE, f"{serials[0]}已提")
        daemon.wait_quiet(5)

        day.come(after(271), daemon, 5)  # 14:31, once more before the deadline
        assert count(relay, DISPATCHER, MANAGER) == (6, 0)
        assert serials[0] not in letters(relay, DISPATCHER)[-1].words
        day.come(after(301), daemon, 5)  # 15:01, past it
        assert count(relay, DISPATCHER, MANAGER) == (7, 1)
        day.come(after(332), daemon, 5)
        assert count(relay, DISPATCHER, MANAGER) == (8, 2)
        assert [serial in letters(relay, MANAGER)[-1].words for serial in serials] == [False, True, True]
        site.spool.receive(DISPATCHER_PHONE, f"{serials[1]}已提")
        daemon.wait_quiet(6)

        for passed in range(363, 600, 31):
            day.come(after(passed), daemon, 6)
        told = letters(relay, MANAGER)
        assert [serials[1] in mail.words for mail in told] == [True, True, False, False]
        assert all(serials[2] in mail.words for mail in told)
    states = {row["serial"]: row["state"] for row in site.records.orders()}
    assert [states[serial] for serial in serials] == ["picked_up", "picked_up", "taken"]


def serials_of(site: Site, orders: Sequence[ShippedOrder]) -> list[str]:
    """The serials that orders were given."""
    by_mail = {row["mail_id"]: row["id"] for row in site.records.messages()}
    by_message = {row["message_id"]: row["serial"] for row in site.records.orders()}
    return [by_message[by_mail[order.message_id]] for order in orders]


def count(relay: Relay, *recipients: str) -> tuple[int, ...]:
    """How many mails each has got."""
    return tuple(len(letters(relay, recipient)) for recipient in recipients)
