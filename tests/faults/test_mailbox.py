"""The whole daemon on a real Dovecot to which things happen: faults F42 to F44, F47, F48, F50, F51, F53, F54, F60, F61.

What a single connection goes through is in `tests/integration/test_imap_source.py`.
"""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.daemon.oracle import captured, complaints, evidence_of
from tests.daemon.orders import ShippedOrder, distinct_orders
from tests.daemon.process import RunningDaemon, running
from tests.daemon.records import Row
from tests.daemon.site import WATCH, Site
from tests.servers.dovecot import Mailbox
from tests.servers.smtp_sink import SmtpSink

pytestmark = pytest.mark.long

PART = "imap/orders"
ORDERS_FOLDER = "订单"
PROMISE_S = 180.0
OLD = b"From: a@b.example\r\nSubject: long ago\r\n\r\nlong ago\r\n"
PER_ORDER = 4  # sendings: acknowledgement, work order by mail, and in two text messages
QUICK_ALARMS = {"destinations": [{"channel": "email", "recipient": WATCH}], "mailbox_dead_after": 1}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A site that is not written yet."""
    return Site(tmp_path)


def relayed(mailbox: Mailbox, orders: Sequence[ShippedOrder]) -> None:
    """Let orders arrive by LMTP, with the trace headers that real mail has."""
    for order in orders:
        mailbox.server.submit(mailbox.user, order.raw, order.shipper)


def doveadm(mailbox: Mailbox, command: str, *arguments: str) -> str:
    """Do something to the mailbox as its owner or administrator would."""
    return mailbox.server.doveadm(*command.split(), "-u", mailbox.user, *arguments)


def alarms(site: Site, part: str = PART) -> list[Row]:
    """The alarms of a part, oldest first."""
    return [row for row in site.records.alarms() if row["part"] == part]


def wait_for_alarm(daemon: RunningDaemon, kind: str, part: str = PART) -> Row:
    """The alarm that stands, once there is one and its letter is on its way."""
    site = daemon.site
    daemon.wait_until(
        lambda: any(a["kind"] == kind and not a["cleared_at"] and a["told_at"] for a in alarms(site, part)),
        f"an alarm of {part}: {kind}",
    )
    return next(row for row in alarms(site, part) if row["kind"] == kind and not row["cleared_at"])


def wait_until_cleared(daemon: RunningDaemon, part: str = PART) -> None:
    """Return when no alarm of a part stands any more."""
    daemon.wait_until(lambda: all(row["cleared_at"] for row in alarms(daemon.site, part)), f"{part} to be well")


def states(site: Site) -> dict[str, int]:
    """How many messages are in each state."""
    rows = site.records.rows("SELECT state, count(*) AS n FROM message GROUP BY state")
    return {row["state"]: row["n"] for row in rows}


# --- a server that goes -----------------------------------------------------------------------------------------------


@pytest.mark.fault("F42", "F44", "F61")
def test_a_server_that_is_killed_in_idle_then_down_then_full_costs_no_order_and_is_an_alarm_where_it_lasts(
    site: Site, mailbox: Mailbox, smtp_sink: SmtpSink
) -> None:
    site.write(smtp_sink.port, mailbox, imap={"reconnect": [1]}, alarms=QUICK_ALARMS)
    orders = distinct_orders(6, seed=44)
    with running(site) as daemon:
        daemon.wait_until(lambda: bool(daemon.events("imap.first_sight")), "the first look")
        os.kill(imap_process(mailbox), signal.SIGKILL)
        killed_at = time.monotonic()
        relayed(mailbox, orders[:2])
        daemon.wait_until(lambda: len(daemon.events("imap.connected")) == 2, "a new connection")
        assert time.monotonic() - killed_at < 10
        daemon.wait_quiet(2)

        mailbox.server.stop()
        wait_for_alarm(daemon, "connection")
        for order in orders[2:]:
            mailbox.deliver(order.raw)
        mailbox.server.start({"mail_max_userip_connections": "1"})
        with mailbox.server.login(mailbox.user):
            daemon.wait_until(lambda: "Maximum number of connections" in daemon.said(), "the server to be full")
            assert not alarms(site)[-1]["cleared_at"]
            assert sum(states(site).values()) == 2
        daemon.wait_quiet(len(orders))
        wait_until_cleared(daemon)
        daemon.wait_until(lambda: bool(letters(smtp_sink)), "the alarm's letter")
    assert {(row["part"], row["kind"]) for row in site.records.alarms()} == {(PART, "connection")}
    assert complaints(evidence_of(site, orders, smtp_sink.messages())) == []


def imap_process(mailbox: Mailbox) -> int:
    """The process that serves the mailbox's one connection."""
    fields = mailbox.server.doveadm("-f", "tab", "who", mailbox.user).splitlines()[1].split("\t")
    return int(fields[3].strip("()"))


def letters(smtp_sink: SmtpSink) -> list[str]:
    """What the watch was told."""
    return [captured(mail).words for mail in smtp_sink.messages() if WATCH in mail.recipients]


@pytest.mark.fault("F60")
def test_a_refused_login_is_an_alarm_at_once_and_no_storm_of_tries(
    site: Site, mailbox: Mailbox, smtp_sink: SmtpSink, tmp_path: Path
) -> None:
    (tmp_path / "code").write_text("an-old-code\n")
    site.write(smtp_sink.port, mailbox, imap={"password": "", "password_file": str(tmp_path / "code")})
    began = time.monotonic()
    with running(site) as daemon:
        daemon.wait_ready()
        alarm = wait_for_alarm(daemon, "login")
        assert "AUTHENTICATIONFAILED" in alarm["detail"]
        time.sleep(max(0.0, 6 - (time.monotonic() - began)))
        assert len(daemon.events("imap.failed")) == 1
        assert mailbox.server.said().count(f"user=<{mailbox.user}>") == 1
        assert "an-old-code" not in daemon.said()


# --- mail that is there again -----------------------------------------------------------------------------------------


@pytest.mark.fault("F47", "F48", "F52")
def test_a_folder_that_is_renumbered_live_or_meanwhile_repeats_nothing_and_loses_nothing(
    site: Site, mailbox: Mailbox, smtp_sink: SmtpSink
) -> None:
    site.write(smtp_sink.port, mailbox)
    orders = distinct_orders(8, seed=47)
    with running(site) as daemon:
        daemon.wait_ready()
        relayed(mailbox, orders[:5])
        daemon.wait_quiet(5)
        doveadm(mailbox, "flags add", r"\Seen", "mailbox", "INBOX", "all")
        doveadm(mailbox, "mailbox update", "--uid-validity", "777", "INBOX")
        relayed(mailbox, orders[5:6])
        daemon.wait_quiet(5 + 6)
        daemon.stop()
    doveadm(mailbox, "mailbox update", "--uid-validity", "778", "INBOX")
    relayed(mailbox, orders[6:7])
    with running(site) as daemon:
        daemon.wait_quiet(5 + 6 + 7)
        relayed(mailbox, orders[7:])
        daemon.wait_quiet(5 + 6 + 7 + 1)
    assert states(site) == {"applied": 8, "duplicate": 5 + 6}
    assert len(site.records.sendings()) == PER_ORDER * len(orders)
    again = frozenset(order.message_id for order in orders)
    assert complaints(evidence_of(site, orders, smtp_sink.messages(), again)) == []


@pytest.mark.fault("F53")
def test_two_hundred_old_mails_copied_back_are_known_by_their_bytes_or_left_to_a_person_and_none_is_dispatched(
    site: Site, mailbox: Mailbox, smtp_sink: SmtpSink
) -> None:
    site.write(smtp_sink.port, mailbox, imap={"start": "now", "batch": 50})
    years_ago = datetime(2025, 3, 1, 12, tzinfo=UTC)
    known, unknown = distinct_orders(30, seed=53), distinct_orders(170, seed=54, at=years_ago)
    for order in unknown:
        mailbox.deliver(b"Received: by mx.example\r\n" + order.raw, "Archive", at=years_ago)
    with running(site) as daemon:
        daemon.wait_until(lambda: bool(daemon.events("imap.first_sight")), "the first look")
        relayed(mailbox, known)
        daemon.wait_quiet(len(known))
        doveadm(mailbox, "move", "Archive", "mailbox", "INBOX", "all")
        doveadm(mailbox, "copy", "INBOX", "mailbox", "Archive", "all")
        daemon.wait_quiet(len(known) + 200)
    assert states(site) == {"applied": 30, "duplicate": 30, "review": 170}
    sendings = site.records.sendings()
    dispatched = {row["id"] for row in site.records.orders() if row["state"] == "dispatched"}
    assert len(dispatched) == len(known)
    assert {row["order_id"] for row in sendings if row["purpose"] == "work_order"} == dispatched
    shippers = {order.shipper for order in known}
    told = [(row["purpose"], row["order_id"]) for row in sendings if row["recipient"] in shippers]
    assert sorted(told) == sorted(("acknowledgement", order_id) for order_id in dispatched)


# --- mail that is gone ------------------------------------------------------------------------------------------------


@pytest.mark.fault("F50", "F51")
def test_mail_that_goes_before_it_is_read_is_an_alarm_and_mail_that_goes_once_it_is_stored_is_dealt_with(
    site: Site, mailbox: Mailbox, smtp_sink: SmtpSink
) -> None:
    site.write(smtp_sink.port, mailbox, imap={"batch": 1})
    doveadm(mailbox, "mailbox create", "Archive")
    read, unread = orders = distinct_orders(2, seed=50)
    relayed(mailbox, orders)
    with running(site, "store.after_commit@2:sleep:2") as daemon:  # the first is of the folder alone
        daemon.wait_until(lambda: bool(states(site)), "the first to be stored")
        doveadm(mailbox, "move", "Archive", "mailbox", "INBOX", "all")
        assert sum(states(site).values()) == 1
        daemon.wait_quiet(2)
        assert states(site) == {"applied": 1, "quarantined": 1}
        daemon.wait_until(lambda: bool(letters(smtp_sink)), "the alarm's letter")
        assert "deleted or moved away from INBOX before it could be read" in "".join(letters(smtp_sink))
        doveadm(mailbox, "move", "INBOX", "mailbox", "Archive", "uid", "2")
        daemon.wait_quiet(3)
    assert [row["kind"] for row in site.records.alarms()] == ["quarantine"]
    assert [bytes(row["bytes"]) for row in site.records.messages() if row["state"] == "quarantined"] == [b""]
    said = complaints(evidence_of(site, [read, unread], smtp_sink.messages()))
    assert said == [": stored and never sent"]  # the entry in quarantine, which has no bytes


@pytest.mark.fault("F49", "F54")
def test_a_folder_that_is_renamed_or_deleted_while_it_is_watched_is_an_alarm_by_its_name_until_there_is_one_again(
    site: Site, mailbox: Mailbox, smtp_sink: SmtpSink
) -> None:
    folders = {"folders": [ORDERS_FOLDER, "INBOX"], "idle_slice": 2}
    site.write(smtp_sink.port, mailbox, imap=folders, alarms=QUICK_ALARMS)
    doveadm(mailbox, "mailbox create", ORDERS_FOLDER)
    orders = distinct_orders(4, seed=54)
    part = f"{PART}/{ORDERS_FOLDER}"
    with running(site) as daemon:
        daemon.wait_ready()
        mailbox.deliver(orders[0].raw, ORDERS_FOLDER)
        daemon.wait_quiet(1)

        doveadm(mailbox, "mailbox rename", ORDERS_FOLDER, "旧单")
        renamed_at = time.monotonic()
        alarm = wait_for_alarm(daemon, "folder", part)
        assert time.monotonic() - renamed_at < 60
        assert "Mailbox doesn't exist" in alarm["detail"]
        daemon.wait_until(lambda: ORDERS_FOLDER in "".join(letters(smtp_sink)), "the letter that names the folder")
        mailbox.deliver(orders[1].raw, "旧单")
        mailbox.deliver(orders[2].raw)
        daemon.wait_quiet(2)
        doveadm(mailbox, "mailbox rename", "旧单", ORDERS_FOLDER)
        daemon.wait_quiet(3)
        wait_until_cleared(daemon, part)

        doveadm(mailbox, "mailbox delete", ORDERS_FOLDER)
        wait_for_alarm(daemon, "folder", part)
        doveadm(mailbox, "mailbox create", ORDERS_FOLDER)
        mailbox.deliver(orders[3].raw, ORDERS_FOLDER)
        daemon.wait_quiet(4)
        wait_until_cleared(daemon, part)
    assert complaints(evidence_of(site, orders, smtp_sink.messages())) == []


# --- a great mailbox --------------------------------------------------------------------------------------------------

GREAT = 100_000
MOST_LINKS = 20_000  # of one file


@pytest.fixture
def great_mailbox(mailbox: Mailbox) -> Mailbox:
    """A mailbox with a hundred thousand old mails; few files, many names, for the disk's sake."""
    mailbox.deliver(OLD)
    maildir = mailbox.server.folder / "mail" / mailbox.user / "Maildir"
    (first,) = (maildir / "new").iterdir()
    for number in range(GREAT):
        if number % MOST_LINKS == 0:
            copy = maildir / "tmp" / f"{number}"
            shutil.copy2(first, copy)
            shutil.chown(copy, first.owner(), first.group())
        os.link(copy, maildir / "cur" / f"1700000000.M{number:06d}P1.old,S={len(OLD)}:2,S")
    first.unlink()
    return mailbox


@pytest.mark.long
@pytest.mark.fault("F63")
@pytest.mark.timeout(180)
def test_in_a_hundred_thousand_mails_ten_new_ones_are_dealt_with_within_the_promise(
    site: Site, great_mailbox: Mailbox, smtp_sink: SmtpSink, capsys: pytest.CaptureFixture[str]
) -> None:
    site.write(smtp_sink.port, great_mailbox, imap={"start": "now", "batch": 50})
    with great_mailbox.server.login(great_mailbox.user) as client:
        began = time.monotonic()
        client.select_folder("INBOX", readonly=True)
        select = time.monotonic() - began
    orders = distinct_orders(10, seed=63)
    with running(site) as daemon:
        daemon.wait_until(lambda: bool(daemon.events("imap.first_sight")), "the first look")
        before_mb = most_memory_mb(daemon)
        began = time.monotonic()
        relayed(great_mailbox, orders)
        daemon.wait_quiet(len(orders))
        took = time.monotonic() - began
        memory_mb = most_memory_mb(daemon)
    with capsys.disabled():
        print(f"\nfirst SELECT {select:.2f} s, ten orders {took:.1f} s, {before_mb:.0f} MB, then {memory_mb:.0f} MB")
    assert took < PROMISE_S
    assert memory_mb < 200
    assert complaints(evidence_of(site, orders, smtp_sink.messages())) == []


def most_memory_mb(daemon: RunningDaemon) -> float:
    """The most that the daemon's own process ever had in memory."""
    status = Path(f"/proc/{daemon.pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024
