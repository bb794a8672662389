"""Several daemons, one that stalls, one stopped in the middle, one that hangs, and a burst (F64-F66, F81, F82)."""

from __future__ import annotations

import os
import signal
import socket
import time
from pathlib import Path

import pytest

from ingestd.store.phases import PhaseNotes
from tests.chaos.burst import Burst, measured
from tests.daemon.evidence import captured
from tests.daemon.oracle import complaints, evidence_of
from tests.daemon.orders import deliver, distinct_orders
from tests.daemon.process import KILLED, running
from tests.daemon.records import Row
from tests.daemon.site import DISPATCHER, ORDERS, QUICK, Site
from tests.servers.dovecot import Mailbox
from tests.servers.programs import free_port, wait_until
from tests.servers.relay import AtDot, Relay
from tests.servers.smtp_sink import SmtpSink, SunkMail

pytestmark = pytest.mark.timeout(240)  # several daemons, on a machine that may be busy


def sendings(site: Site, **wanted: str) -> list[Row]:
    """The sendings that are as wanted, oldest first."""
    return [row for row in site.records.sendings() if all(row[key] == value for key, value in wanted.items())]


# --- a burst ----------------------------------------------------------------------------------------------------------


@pytest.mark.long
@pytest.mark.fault("F64")
def test_a_burst_by_mailbox_and_inlet_is_dispatched_whole_and_in_time(
    tmp_path: Path, mailbox: Mailbox, smtp_sink: SmtpSink
) -> None:
    site, port = Site(tmp_path), free_port()
    site.write(smtp_sink.port, mailbox, inlet={"enabled": True, "port": port, "addresses": [ORDERS]})
    with running(site) as daemon:
        daemon.wait_ready()
        burst = Burst(distinct_orders(150, seed=41), seconds=3.0)
        burst.let_loose(mailbox, port, site.spool)
        daemon.wait_quiet(150)
    assert complaints(evidence_of(site, burst.orders, smtp_sink.messages())) == []
    latency = measured(burst, [captured(mail) for mail in smtp_sink.messages()])
    assert latency.orders == 150
    assert latency.p99_seconds < 180  # the promise


# --- two of them ------------------------------------------------------------------------------------------------------


@pytest.mark.fault("F65")
def test_two_daemons_on_one_postgresql_and_one_mailbox_do_nothing_twice(
    postgres_database: str, tmp_path: Path, mailbox: Mailbox, smtp_sink: SmtpSink
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("0123456789abcdef0123456789abcdef")
    one = Site(tmp_path / "one", postgres_database)
    other = Site(tmp_path / "other", postgres_database, one.spool)
    for site in (one, other):
        site.folder.mkdir(exist_ok=True)
        site.write(smtp_sink.port, mailbox, site={"secret_file": str(secret)}, imap={"poll": 0.3})
    orders = distinct_orders(40, seed=42)
    with running(one) as first, running(other) as second:
        first.wait_ready()
        second.wait_ready()
        for at in range(0, 40, 4):
            deliver(mailbox, orders[at : at + 4])
            one.spool.carry()
            time.sleep(0.1)
        first.wait_quiet(40)
        assert first.running
        assert second.running
    assert complaints(evidence_of(one, orders, smtp_sink.messages())) == []
    assert not any(row["repeated"] for row in one.records.sendings())


LEASE_SECONDS = 4.0


@pytest.mark.long
@pytest.mark.fault("F66")
def test_a_daemon_that_wakes_after_its_lease_records_nothing_and_sends_nothing_a_third_time(
    postgres_database: str, tmp_path: Path, mailbox: Mailbox, relay: Relay
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("0123456789abcdef0123456789abcdef")
    one, other = (Site(tmp_path / name, postgres_database) for name in ("one", "other"))
    for site, watched in ((one, mailbox), (other, None)):
        site.folder.mkdir(exist_ok=True)
        site.write(
            relay.port,
            watched,
            site={"secret_file": str(secret)},
            sms={"enabled": False},  # whose longest attempt is longer than this lease
            relay={"connect_timeout": 0.4, "reply_timeout": 0.5, "data_timeout": 1.5, "senders": 1},
            outbox={"lease": LEASE_SECONDS, "retry_steps": [0.2], "repeat_uncertain_after": 1},
        )
    orders = distinct_orders(3, seed=43)
    relay.at_dot(AtDot(stalls_seconds=1.2))
    with running(one) as stalled:
        stalled.wait_ready()
        deliver(mailbox, orders)
        relay.wait_for(1, timeout_seconds=60)  # and its answer is still to come
        stalled.tell_all(signal.SIGSTOP)
        (doubted,) = relay.messages()
        time.sleep(LEASE_SECONDS + 0.5)
        with running(other) as second:
            second.wait_quiet(3)
            stalled.tell_all(signal.SIGCONT)
            stalled.wait_quiet(3)
            time.sleep(2)  # for a third copy
            assert stalled.running
    mails = [SunkMail(m.sender, m.recipients, m.raw.replace(b"\r\n", b"\n"), m.at) for m in relay.messages()]
    names = [captured(mail).message_id for mail in mails]
    rows = {row["key"]: row for row in one.records.sendings()}
    doubted_id = captured(SunkMail("", (), doubted.raw)).message_id
    assert names.count(doubted_id) == 2
    assert rows[doubted_id.partition("@")[0]]["repeated"]
    assert {row["state"] for row in rows.values()} == {"accepted"}
    assert all(names.count(name) <= (2 if rows[name.partition("@")[0]]["repeated"] else 1) for name in names)
    assert len({name for name, mail in zip(names, mails, strict=True) if DISPATCHER in mail.recipients}) == len(orders)


# --- a store that refuses for a while ---------------------------------------------------------------------------------


@pytest.mark.fault("F70")
@pytest.mark.parametrize("point", ["decide.before_commit@1-6", "out.before_mark@2-8", "store.before_commit@2-5"])
def test_a_store_that_refuses_for_a_while_costs_neither_a_message_nor_a_second_copy(
    point: str, tmp_path: Path, mailbox: Mailbox, smtp_sink: SmtpSink
) -> None:
    site, orders = Site(tmp_path), distinct_orders(8, seed=46)
    site.write(smtp_sink.port, mailbox, reader={"strikes": 1})
    with running(site, f"{point}:enospc") as daemon:
        daemon.wait_ready()
        deliver(mailbox, orders)
        daemon.wait_quiet(8)
        assert "Errno 28" in daemon.said() or "OSError" in daemon.said()
    assert complaints(evidence_of(site, orders, smtp_sink.messages())) == []
    assert not any(row["repeated"] for row in site.records.sendings())


@pytest.mark.fault("F17", "F69")
@pytest.mark.parametrize("commit", [1, pytest.param(2, marks=pytest.mark.long)])
def test_a_start_that_fails_on_a_full_disk_leaves_the_doubts_of_the_run_before_to_the_next(
    commit: int, tmp_path: Path, mailbox: Mailbox, smtp_sink: SmtpSink
) -> None:
    site, orders = Site(tmp_path), distinct_orders(4, seed=47)
    site.write(smtp_sink.port, mailbox)
    with running(site, "out.after_250@3:kill9") as daemon:
        daemon.wait_ready()
        deliver(mailbox, orders)
        assert daemon.wait_end() == KILLED
    with running(site, f"writer.before_commit@{commit}-9:enospc") as daemon:
        assert daemon.wait_end() not in (0, KILLED)
    with running(site) as daemon:
        daemon.wait_quiet(4)
    assert complaints(evidence_of(site, orders, smtp_sink.messages())) == []
    assert any(row["repeated"] for row in site.records.sendings())


@pytest.mark.fault("F69")
def test_the_notes_of_the_senders_have_all_their_room_before_the_disk_is_full(tmp_path: Path) -> None:
    with PhaseNotes(tmp_path / "phases", 6, 50) as notes:
        notes.begin()
        stat = notes.path.stat()
        assert stat.st_size == notes.size
        assert stat.st_blocks * 512 >= notes.size  # else a note on a full disk ends the daemon by SIGBUS


# --- alarms over a restart --------------------------------------------------------------------------------------------


@pytest.mark.fault("F44")
def test_an_alarm_that_a_killed_daemon_left_open_ends_when_all_is_well_again(
    tmp_path: Path, mailbox: Mailbox, relay: Relay
) -> None:
    site = Site(tmp_path)
    site.write(relay.port, mailbox, alarms={"mailbox_dead_after": 1})
    mailbox.server.stop()
    with running(site) as daemon:
        daemon.wait_until(lambda: open_alarms(site) == ["imap/orders"], "the mailbox to be an alarm")
        daemon.tell(signal.SIGKILL)
        daemon.wait_end()
    mailbox.server.start()
    with running(site) as daemon:
        daemon.wait_until(lambda: not open_alarms(site), "the alarm to be over")


@pytest.mark.fault("F10")
def test_messages_that_nobody_reads_are_an_alarm_until_they_are_read(
    tmp_path: Path, mailbox: Mailbox, relay: Relay
) -> None:
    site = Site(tmp_path)
    site.write(relay.port, mailbox, outbox={**QUICK["outbox"], "alarm_after": 1, "fallback_after": 60})
    with running(site) as daemon:
        daemon.wait_ready()
        readers = daemon.children
        for pid in readers:
            os.kill(pid, signal.SIGSTOP)
        deliver(mailbox, distinct_orders(1))
        daemon.wait_until(lambda: "messages" in open_alarms(site), "the unread message to be an alarm")
        for pid in readers:
            os.kill(pid, signal.SIGCONT)
        daemon.wait_quiet(1)
        daemon.wait_until(lambda: not open_alarms(site), "the alarm to be over")


def open_alarms(site: Site) -> list[str]:
    """The parts that are in trouble by what is recorded."""
    return [alarm["part"] for alarm in site.records.alarms() if alarm["cleared_at"] is None]


# --- stopped in the middle --------------------------------------------------------------------------------------------


@pytest.mark.long
@pytest.mark.fault("F81")
@pytest.mark.parametrize("answers", [True, False], ids=["the relay answers in time", "the relay never answers"])
def test_a_stop_while_the_relay_thinks_waits_for_its_answer_or_leaves_a_doubt_on_record(
    answers: bool, tmp_path: Path, mailbox: Mailbox, relay: Relay
) -> None:
    site = Site(tmp_path)
    site.write(relay.port, mailbox, relay={"senders": 1, "data_timeout": 3})
    orders = distinct_orders(2, seed=44)
    relay.at_dot(AtDot(stalls_seconds=1.0 if answers else 30.0))
    with running(site) as daemon:
        daemon.wait_ready()
        deliver(mailbox, orders)
        relay.wait_for(1, timeout_seconds=60)
        asked_at = time.monotonic()
        assert daemon.stop() == 0
        assert time.monotonic() - asked_at < 20
    assert len(sendings(site, state="uncertain")) == (0 if answers else 1)
    assert not sendings(site, state="sending")
    with running(site) as daemon:
        daemon.wait_quiet(2)
    mails = [SunkMail(m.sender, m.recipients, m.raw.replace(b"\r\n", b"\n")) for m in relay.messages()]
    assert complaints(evidence_of(site, orders, mails)) == []
    assert sum(bool(row["repeated"]) for row in site.records.sendings()) == (0 if answers else 1)


# --- one that hangs ---------------------------------------------------------------------------------------------------

WATCHDOG_SECONDS = 3.0


@pytest.mark.long
@pytest.mark.fault("F82")
@pytest.mark.parametrize("point", ["out.after_claim", "decide.before_commit"])
def test_a_loop_that_hangs_silences_the_watchdog_and_a_restart_loses_nothing(
    point: str, tmp_path: Path, mailbox: Mailbox, smtp_sink: SmtpSink
) -> None:
    site, orders, address = Site(tmp_path), distinct_orders(6, seed=45), tmp_path / "notify"
    # A loop may take twice the longest attempt beside its two seconds.
    site.write(smtp_sink.port, mailbox, relay={"connect_timeout": 0.5, "reply_timeout": 0.5, "data_timeout": 0.5})
    told = {"NOTIFY_SOCKET": str(address), "WATCHDOG_USEC": str(int(WATCHDOG_SECONDS * 1e6))}
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(address))
        with running(site, f"{point}:sleep:3600", broken="impatient", environment=told) as daemon:
            daemon.wait_ready()
            systemd.settimeout(30)
            while b"WATCHDOG=1" not in systemd.recv(4096):
                pass
            deliver(mailbox, orders)
            wait_until(lambda: is_silent(systemd), 90, "the watchdog to hear nothing any more")
            assert daemon.events("loop.late")
            daemon.tell(signal.SIGABRT)  # as systemd does
            assert daemon.wait_end() == -signal.SIGABRT
    with running(site) as daemon:
        daemon.wait_quiet(len(orders))
    assert complaints(evidence_of(site, orders, smtp_sink.messages())) == []


def is_silent(systemd: socket.socket) -> bool:
    """Whether nothing comes for as long as systemd would wait."""
    systemd.settimeout(WATCHDOG_SECONDS)
    try:
        while True:
            if b"WATCHDOG=1" in systemd.recv(4096):
                return False
    except TimeoutError:
        return True
