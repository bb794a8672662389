"""The IMAP source against a real Dovecot."""

from __future__ import annotations

import itertools
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ingestd.config.peer import Security
from ingestd.config.settings import ImapAccount
from ingestd.domain.clock import SystemClock
from ingestd.domain.reading import Channel
from ingestd.sources.imap import folder, session, source
from ingestd.sources.imap.source import ImapSource
from tests.servers.dovecot import PASSWORD, Dovecot, Mailbox
from tests.servers.programs import free_port, wait_until
from tests.servers.proxy import NO_FAULT, Act, Fault, FaultProxy, Way
from tests.unit.sources.memory import MemoryHealth, MemoryInbox

ZONE = ZoneInfo("Asia/Shanghai")
CHINESE_FOLDER = "订单/加急"
PART = "imap/orders"
LINES = b"".join(b"line %d. " % number + b"x" * 60 + b"\r\n" for number in range(22)) + b"last line\r\n"
LONG_AGO = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def mail(number: int, size: int = 0) -> bytes:
    body = f"货物：轴承{number}箱\r\n".encode("gb18030") + (b"x" * 70 + b"\r\n") * (size // 72)
    return b"Subject: order %d\r\nMessage-ID: <%d@shipper.example>\r\n\r\n" % (number, number) + body


def account(mailbox: Mailbox, **further: Any) -> ImapAccount:
    plain: dict[str, Any] = {
        "name": "orders",
        "host": mailbox.server.host,
        "port": mailbox.server.ports.imap,
        "security": Security.NONE,
        "username": mailbox.user,
        "password": PASSWORD,
        "poll": 0.3,
        "reconnect": (0.1, 0.2, 0.5),
    }
    return ImapAccount(**(plain | further))


Start = Callable[..., ImapSource]
Step = Callable[[], None]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look up from IDLE often, so that each test's stop is short; and do not wait half a minute at a locked door."""
    monkeypatch.setattr(session, "TICK_S", 0.1)
    monkeypatch.setattr(source, "REFUSED_WAIT", timedelta(seconds=0.3))


@pytest.fixture
def start(mailbox: Mailbox, inbox: MemoryInbox, health: MemoryHealth) -> Iterator[Start]:
    """Starts a source on the mailbox, with further settings of the account; it is stopped with the test."""
    with ExitStack() as sources:

        def run(**further: Any) -> ImapSource:
            started = ImapSource(account(mailbox, **further), inbox, health, SystemClock(), ZONE)
            started.start()
            sources.callback(started.stop)
            return started

        yield run


@pytest.fixture
def before_bodies(monkeypatch: pytest.MonkeyPatch) -> list[Step]:
    """What is done to the mailbox between the sizes and the bytes of a batch, a step for each batch."""
    steps: list[Step] = []

    def point(name: str) -> None:
        if name == "fetch.before_body" and steps:
            steps.pop(0)()

    monkeypatch.setattr(folder, "failpoint", point)
    return steps


class TestFirstSight:
    def test_what_was_there_before_is_baseline_by_one_state_and_no_rows(
        self, mailbox: Mailbox, inbox: MemoryInbox, start: Start
    ) -> None:
        for number in range(3):
            mailbox.deliver(mail(number))
        start()
        state = inbox.wait_for_state("orders")
        mailbox.deliver(mail(3))
        inbox.wait_for(1)
        assert (state.watermark, state.baseline_uid) == (3, 3)
        assert inbox.raws == [mail(3)]

    def test_all_takes_what_was_there_with_bytes_times_and_keys(
        self, mailbox: Mailbox, inbox: MemoryInbox, start: Start
    ) -> None:
        for number in range(120):
            mailbox.deliver(mail(number), at=LONG_AGO + timedelta(seconds=number))
        start(start="all")
        arrivals = inbox.wait_for(120)
        state = inbox.wait_for_state("orders", watermark=120)
        assert [arrival.raw for arrival in arrivals] == [mail(number) for number in range(120)]
        assert [arrival.position for arrival in arrivals] == list(range(1, 121))
        assert arrivals[7].arrived_at == LONG_AGO + timedelta(seconds=7)
        assert arrivals[7].source_key == f"imap/orders/INBOX/{state.uidvalidity}/8"
        assert {arrival.channel for arrival in arrivals} == {Channel.EMAIL}

    def test_a_date_counts_by_arrival_in_the_site_s_zone_whatever_the_order_of_uids(
        self, mailbox: Mailbox, inbox: MemoryInbox, start: Start
    ) -> None:
        midnight = datetime(2026, 11, 20, tzinfo=ZONE)
        for number, minutes in enumerate((-1, 0, -600, 1)):
            mailbox.deliver(mail(number), at=midnight + timedelta(minutes=minutes))
        start(start="2026-11-20")
        inbox.wait_for_state("orders", watermark=4)
        assert inbox.raws == [mail(1), mail(3)]
        mailbox.deliver(mail(4), at=LONG_AGO)
        assert inbox.wait_for(3)[-1].raw == mail(4)

    def test_a_second_run_goes_on_where_the_first_stopped(
        self, mailbox: Mailbox, inbox: MemoryInbox, start: Start
    ) -> None:
        first = start()
        inbox.wait_for_state("orders")
        first.stop()
        mailbox.deliver(mail(1))
        start()
        assert [arrival.raw for arrival in inbox.wait_for(1)] == [mail(1)]


class TestNewMail:
    def test_it_is_stored_within_two_seconds_by_idle(self, mailbox: Mailbox, inbox: MemoryInbox, start: Start) -> None:
        start()
        inbox.wait_for_state("orders")
        for number in range(1, 4):
            delivered_at = time.monotonic()
            mailbox.deliver(mail(number))
            inbox.wait_for(number)
            assert time.monotonic() - delivered_at < 2

    def test_several_folders_are_watched_one_with_a_chinese_name(
        self, mailbox: Mailbox, inbox: MemoryInbox, start: Start
    ) -> None:
        mailbox.deliver(mail(0), folder=CHINESE_FOLDER)
        start(folders=("INBOX", CHINESE_FOLDER))
        inbox.wait_for_state("orders", CHINESE_FOLDER)
        inbox.wait_for_state("orders", "INBOX")
        mailbox.deliver(mail(1), folder=CHINESE_FOLDER)
        inbox.wait_for(1)
        mailbox.deliver(mail(2))
        arrivals = inbox.wait_for(2)
        assert [arrival.raw for arrival in arrivals] == [mail(1), mail(2)]
        assert arrivals[0].source_key.startswith(f"imap/orders/{CHINESE_FOLDER}/")

    @pytest.mark.fault("F52")
    def test_flags_are_neither_heeded_nor_set(self, mailbox: Mailbox, inbox: MemoryInbox, start: Start) -> None:
        mailbox.deliver(mail(1))
        mailbox.deliver(mail(2))
        mailbox.server.doveadm("flags", "add", "-u", mailbox.user, r"\Seen", "mailbox", "INBOX", "uid", "1")
        start(start="all")
        inbox.wait_for(2)
        flags = mailbox.server.doveadm("fetch", "-u", mailbox.user, "flags", "mailbox", "INBOX", "all")
        assert inbox.raws == [mail(1), mail(2)]
        assert flags.count(r"\Seen") == 1

    def test_a_mail_too_large_comes_as_its_header_with_the_reason(
        self, mailbox: Mailbox, inbox: MemoryInbox, start: Start
    ) -> None:
        mailbox.deliver(mail(1, size=200_000))
        mailbox.deliver(mail(2))
        start(start="all", largest=100_000)
        large, other = inbox.wait_for(2)
        assert large.raw == mail(1).partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
        assert large.trouble is not None
        assert large.trouble.startswith(f"too large: {len(mail(1, size=200_000))} bytes")
        assert (other.raw, other.trouble) == (mail(2), None)

    def test_after_the_commit_it_is_moved_where_people_want_it(
        self, mailbox: Mailbox, inbox: MemoryInbox, start: Start
    ) -> None:
        mailbox.server.doveadm("mailbox", "create", "-u", mailbox.user, "已收")
        start(start="all", processed_folder="已收")
        mailbox.deliver(mail(1))
        inbox.wait_for(1)
        wait_until(lambda: mailbox.messages("已收") == [mail(1)], 10, "the mail to be moved")
        assert mailbox.messages() == []

    def test_a_move_that_fails_stops_nothing(
        self, mailbox: Mailbox, inbox: MemoryInbox, health: MemoryHealth, start: Start
    ) -> None:
        start(start="all", processed_folder="nowhere")
        for number in (1, 2):
            mailbox.deliver(mail(number))
            inbox.wait_for(number)
        assert mailbox.messages() == [mail(1), mail(2)]
        assert {kind for _, kind in health.told} == {"well"}


class TestMailThatGoesAndComes:
    @pytest.mark.fault("F50")
    def test_expunged_between_search_and_fetch_a_person_is_told_and_its_neighbours_come_in(
        self, mailbox: Mailbox, inbox: MemoryInbox, start: Start
    ) -> None:
        for number in range(1, 4):
            mailbox.deliver(mail(number))
        inbox.before_unknown = lambda: expunge(mailbox, "2")
        start(start="all")
        inbox.wait_for_state("orders", watermark=3)
        assert inbox.raws == [mail(1), mail(3), b""]
        assert inbox.all[2].trouble == (
            "deleted or moved away from INBOX before it could be read: its size and arrival are unknown"
        )

    @pytest.mark.fault("F50")
    def test_expunged_between_their_sizes_and_their_bytes_a_person_is_told_once_of_all(
        self, mailbox: Mailbox, inbox: MemoryInbox, start: Start, before_bodies: list[Step]
    ) -> None:
        for number in range(1, 6):
            mailbox.deliver(mail(number), at=LONG_AGO)
        before_bodies.append(lambda: expunge(mailbox, "2:4"))
        start(start="all")
        inbox.wait_for_state("orders", watermark=5)
        assert inbox.raws == [mail(1), mail(5), b""]
        told = inbox.all[2]
        assert (told.position, told.arrived_at) == (2, LONG_AGO)
        assert told.trouble is not None
        assert told.trouble.startswith(
            "3 mails were deleted or moved away from INBOX before they could be read; "
            f"the first: {len(mail(2))} bytes, arrived 2026-03-01 "
        )

    @pytest.mark.fault("F51")
    @pytest.mark.parametrize("folders", [("INBOX", CHINESE_FOLDER), (CHINESE_FOLDER, "INBOX")])
    def test_moved_unread_to_another_watched_folder_it_comes_from_there_and_nobody_is_told(
        self, mailbox: Mailbox, inbox: MemoryInbox, start: Start, before_bodies: list[Step], folders: tuple[str, ...]
    ) -> None:
        mailbox.deliver(mail(0), folder=CHINESE_FOLDER)
        start(folders=folders)
        for name in folders:
            inbox.wait_for_state("orders", name)
        before_bodies.append(lambda: move(mailbox, "INBOX", CHINESE_FOLDER))
        mailbox.deliver(mail(1))
        inbox.wait_for(1)
        mailbox.deliver(mail(2))
        inbox.wait_for(2)
        assert [(arrival.raw, arrival.trouble) for arrival in inbox.all] == [(mail(1), None), (mail(2), None)]
        assert inbox.all[0].source_key.startswith(f"imap/orders/{CHINESE_FOLDER}/")
        assert inbox.all[1].source_key.startswith("imap/orders/INBOX/")

    @pytest.mark.fault("F51")
    def test_moved_unread_where_nobody_watches_a_person_is_told_and_moved_back_it_is_taken(
        self, mailbox: Mailbox, inbox: MemoryInbox, start: Start, before_bodies: list[Step]
    ) -> None:
        mailbox.deliver(mail(0), folder=CHINESE_FOLDER)
        mailbox.server.doveadm("mailbox", "create", "-u", mailbox.user, "Archive")
        start(folders=(CHINESE_FOLDER, "INBOX"))
        inbox.wait_for_state("orders", "INBOX")
        before_bodies.append(lambda: move(mailbox, "INBOX", "Archive"))
        mailbox.deliver(mail(1))
        (told,) = inbox.wait_for(1)
        assert told.trouble is not None
        assert told.trouble.startswith("deleted or moved away from INBOX before it could be read: ")
        move(mailbox, "Archive", "INBOX")
        assert inbox.wait_for(2)[1].raw == mail(1)

    @pytest.mark.fault("F51")
    def test_moved_away_and_back_it_comes_again_under_a_new_key(
        self, mailbox: Mailbox, inbox: MemoryInbox, start: Start
    ) -> None:
        mailbox.server.doveadm("mailbox", "create", "-u", mailbox.user, "Archive")
        start()
        inbox.wait_for_state("orders")
        mailbox.deliver(mail(1))
        inbox.wait_for(1)
        move(mailbox, "INBOX", "Archive")
        move(mailbox, "Archive", "INBOX")
        first, again = inbox.wait_for(2)
        assert first.raw == again.raw
        assert first.source_key != again.source_key

    def test_an_old_mail_moved_in_while_down_is_taken(self, mailbox: Mailbox, inbox: MemoryInbox, start: Start) -> None:
        mailbox.deliver(mail(1), folder="Junk", at=LONG_AGO)
        running = start()
        inbox.wait_for_state("orders")
        running.stop()
        move(mailbox, "Junk", "INBOX")
        start()
        assert [(arrival.raw, arrival.arrived_at) for arrival in inbox.wait_for(1)] == [(mail(1), LONG_AGO)]

    def test_left_out_before_it_is_found_by_looking_back(
        self, mailbox: Mailbox, inbox: MemoryInbox, start: Start
    ) -> None:
        running = start()
        inbox.wait_for_state("orders")
        mailbox.deliver(mail(1))
        inbox.wait_for(1)
        mailbox.deliver(mail(2))
        inbox.wait_for(2)
        running.stop()
        inbox.arrivals.pop(inbox.all[0].source_key)
        start()
        inbox.wait_for(2)
        assert inbox.raws == [mail(2), mail(1)]


class TestUidValidity:
    @pytest.mark.fault("F47")
    def test_changed_live_nothing_is_lost_and_what_was_there_at_first_sight_stays_out(
        self, mailbox: Mailbox, inbox: MemoryInbox, start: Start
    ) -> None:
        mailbox.deliver(mail(0), at=LONG_AGO)
        start()
        inbox.wait_for_state("orders", watermark=1)
        wait_for_the_next_second()
        mailbox.deliver(mail(1))
        inbox.wait_for(1)
        change_uidvalidity(mailbox, 777)
        mailbox.deliver(mail(2))
        arrivals = inbox.wait_for(3)
        assert {arrival.raw for arrival in arrivals} == {mail(1), mail(2)}
        assert [arrival.raw for arrival in arrivals if "/777/" in arrival.source_key] == [mail(1), mail(2)]
        assert inbox.wait_for_state("orders", watermark=3).uidvalidity == 777

    @pytest.mark.fault("F48")
    def test_changed_while_down_the_same_holds(self, mailbox: Mailbox, inbox: MemoryInbox, start: Start) -> None:
        mailbox.deliver(mail(0), at=LONG_AGO)
        running = start()
        inbox.wait_for_state("orders", watermark=1)
        running.stop()
        wait_for_the_next_second()
        mailbox.deliver(mail(1))
        change_uidvalidity(mailbox, 777)
        start()
        assert [arrival.source_key for arrival in inbox.wait_for(1)] == ["imap/orders/INBOX/777/2"]
        assert inbox.wait_for_state("orders", watermark=2).first_seen_at == inbox.states[0].first_seen_at

    @pytest.mark.fault("F49")
    def test_a_folder_made_anew_whose_uids_begin_at_one_is_taken_in(
        self, mailbox: Mailbox, inbox: MemoryInbox, start: Start
    ) -> None:
        mailbox.server.doveadm("mailbox", "create", "-u", mailbox.user, "Orders")
        start(folders=("Orders",), idle_slice=0.5)
        inbox.wait_for_state("orders", "Orders")
        for number in range(1, 4):
            mailbox.deliver(mail(number), folder="Orders")
        inbox.wait_for(3)
        wait_for_the_next_second()  # Dovecot takes the time for a new UIDVALIDITY
        mailbox.server.doveadm("mailbox", "delete", "-u", mailbox.user, "Orders")
        mailbox.server.doveadm("mailbox", "create", "-u", mailbox.user, "Orders")
        mailbox.deliver(mail(9), folder="Orders")
        assert inbox.wait_for(4)[-1].raw == mail(9)
        assert inbox.all[-1].position == 1


class TestSecurity:
    @pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
    def test_a_certificate_of_our_own_authority_is_accepted(
        self, mailbox: Mailbox, inbox: MemoryInbox, health: MemoryHealth, start: Start, security: Security
    ) -> None:
        mailbox.deliver(mail(1))
        start(start="all", **secured(mailbox, security), ca_file=mailbox.server.certificates.authority)
        inbox.wait_for(1)
        mailbox.deliver(mail(2))
        assert [arrival.raw for arrival in inbox.wait_for(2)] == [mail(1), mail(2)]
        assert health.told == [(f"{PART}/INBOX", "well"), (PART, "well")]

    @pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
    def test_any_other_is_refused_and_told(
        self, mailbox: Mailbox, inbox: MemoryInbox, health: MemoryHealth, start: Start, security: Security
    ) -> None:
        mailbox.deliver(mail(1))
        start(start="all", **secured(mailbox, security))
        health.wait_for(PART, "tls")
        assert inbox.all == []
        assert "CERTIFICATE_VERIFY_FAILED" in health.details[0]

    def test_without_starttls_on_offer_nothing_is_sent_in_the_clear(
        self, mailbox: Mailbox, health: MemoryHealth, start: Start
    ) -> None:
        mailbox.server.restart({"ssl": "no"})
        start(**secured(mailbox, Security.STARTTLS), ca_file=mailbox.server.certificates.authority)
        health.wait_for(PART, "connection")
        assert f"user=<{mailbox.user}>" not in mailbox.server.said()

    @pytest.mark.fault("F60")
    def test_a_refused_login_is_told_and_goes_well_once_the_password_is_right(
        self, mailbox: Mailbox, health: MemoryHealth, start: Start, tmp_path: Path
    ) -> None:
        (tmp_path / "imap.password").write_text("wrong-password\n")
        start(password="", password_file=tmp_path / "imap.password")
        health.wait_for(PART, "login")
        (tmp_path / "imap.password").write_text(PASSWORD + "\n")
        health.wait_for(PART, "well")
        assert not any("wrong-password" in detail for detail in health.details)


class TestTrouble:
    @pytest.mark.fault("F42")
    def test_a_kicked_connection_is_back_soon(
        self, mailbox: Mailbox, inbox: MemoryInbox, health: MemoryHealth, start: Start
    ) -> None:
        start()
        health.wait_for(PART, "well")
        mailbox.server.kick(mailbox.user)
        mailbox.deliver(mail(1))
        inbox.wait_for(1, timeout_seconds=10)
        health.wait_for(PART, "connection")
        assert health.told[-1] == (PART, "well")

    @pytest.mark.fault("F44")
    def test_a_server_that_was_down_is_found_again_with_what_came_meanwhile(
        self, mailbox: Mailbox, inbox: MemoryInbox, health: MemoryHealth, start: Start
    ) -> None:
        start()
        health.wait_for(PART, "well")
        mailbox.server.stop()
        health.wait_for(PART, "connection")
        mailbox.deliver(mail(1))
        mailbox.server.start()
        inbox.wait_for(1, timeout_seconds=10)
        health.wait_for(PART, "well", since=len(health.told) - 1)

    @pytest.mark.fault("F43")
    def test_a_frozen_server_is_noticed(
        self, mailbox: Mailbox, inbox: MemoryInbox, health: MemoryHealth, start: Start
    ) -> None:
        start(idle_slice=1, timeout=2)
        health.wait_for(PART, "well")
        frozen = imap_process(mailbox)
        os.kill(frozen, signal.SIGSTOP)
        try:
            mailbox.deliver(mail(1))
            health.wait_for(PART, "connection", timeout_seconds=10)
            inbox.wait_for(1, timeout_seconds=10)
        finally:
            os.kill(frozen, signal.SIGKILL)

    @pytest.mark.fault("F61")
    def test_too_many_connections_are_told_and_waited_for(
        self, mailbox: Mailbox, inbox: MemoryInbox, health: MemoryHealth, start: Start
    ) -> None:
        mailbox.deliver(mail(1))
        mailbox.server.restart({"mail_max_userip_connections": "1"})
        with mailbox.server.login(mailbox.user):
            start(start="all")
            health.wait_for(PART, "connection", timeout_seconds=10)
            assert health.details[0].startswith("[LIMIT] Maximum number of connections")
            assert inbox.all == []
        inbox.wait_for(1)

    @pytest.mark.fault("F54")
    def test_a_folder_that_is_missing_is_told_and_the_others_go_on(
        self, mailbox: Mailbox, inbox: MemoryInbox, health: MemoryHealth, start: Start
    ) -> None:
        start(start="all", folders=("Missing", "INBOX"))
        health.wait_for(f"{PART}/Missing", "folder")
        mailbox.deliver(mail(1))
        inbox.wait_for(1)
        mailbox.deliver(mail(2), folder="Missing")
        inbox.wait_for(2)
        health.wait_for(f"{PART}/Missing", "well")

    def test_a_store_that_fails_lets_nothing_be_passed_over(
        self, mailbox: Mailbox, inbox: MemoryInbox, health: MemoryHealth, start: Start
    ) -> None:
        failures = iter(range(2))

        def fail_twice_over_the_second_mail() -> None:
            if len(inbox.all) == 1 and next(failures, None) is not None:
                raise RuntimeError("INSERT INTO message VALUES ('secret body')")

        inbox.before_store = fail_twice_over_the_second_mail
        for number in range(1, 4):
            mailbox.deliver(mail(number))
        start(start="all", batch=1, look_back=0)  # looking back would make good for it
        assert [arrival.raw for arrival in inbox.wait_for(3)] == [mail(1), mail(2), mail(3)]
        assert health.told.count((PART, "store")) == 2
        assert not any("secret body" in detail for detail in health.details)

    @pytest.mark.fault("F32", "F45")
    @pytest.mark.parametrize("act", [Act.CUT, Act.RESET])
    def test_a_connection_that_ends_anywhere_in_a_mail_leaves_none_out_and_none_cut_short(
        self, mailbox: Mailbox, inbox: MemoryInbox, start: Start, before_bodies: list[Step], act: Act
    ) -> None:
        places = [b" BODY[] {", b"}\r\n", *(b"line %d." % number for number in range(22)), b"last line"]
        mails = [b"Subject: order %d\r\n\r\n" % number + LINES for number in range(len(places))]
        for raw in mails:
            mailbox.deliver(raw)
        with FaultProxy(mailbox.server.ports.imap) as proxy:
            faults = [Fault(act, behind=place) for place in places]
            before_bodies += [partial(setattr, proxy, "fault", fault) for fault in (*faults, NO_FAULT)]
            start(start="all", batch=1, port=proxy.port, reconnect=(0.01,))
            inbox.wait_for(len(mails))
        assert proxy.struck == len(places)
        assert sorted(inbox.raws) == sorted(mails)
        assert all(arrival.trouble is None for arrival in inbox.all)

    @pytest.mark.fault("F45")
    def test_a_connection_that_ends_anywhere_in_a_conversation_leaves_no_mail_out(
        self, mailbox: Mailbox, inbox: MemoryInbox, start: Start
    ) -> None:
        mails = [mail(number, size=1500) for number in range(3)]
        for raw in mails:
            mailbox.deliver(raw)
        with FaultProxy(mailbox.server.ports.imap) as proxy:
            proxy.fault = Fault(Act.CUT, after=1)
            start(start="all", port=proxy.port, reconnect=(0.01,))
            for heard in itertools.count(1, 190):  # bytes; in the end enough to have a mail whole
                proxy.fault = Fault(Act.CUT, after=heard)
                cuts = proxy.struck
                wait_until(partial(lambda before: bool(inbox.all) or proxy.struck > before, cuts), 10, "the cut")
                if inbox.all:
                    break
            proxy.fault = NO_FAULT
            inbox.wait_for(3)
        assert proxy.struck > 10
        assert sorted(inbox.raws) == sorted(mails)
        assert all(arrival.trouble is None for arrival in inbox.all)

    @pytest.mark.fault("F46")
    def test_a_server_that_stalls_in_a_mail_is_given_up_and_asked_again(
        self, mailbox: Mailbox, inbox: MemoryInbox, health: MemoryHealth, start: Start
    ) -> None:
        raw = mail(1, size=1500)
        with FaultProxy(mailbox.server.ports.imap) as proxy:
            proxy.fault = Fault(Act.STALL, behind=raw[:700])
            start(port=proxy.port, timeout=1)
            inbox.wait_for_state("orders")
            mailbox.deliver(raw)
            health.wait_for(PART, "connection", timeout_seconds=6)
            assert inbox.all == []
            proxy.fault = NO_FAULT
            (arrival,) = inbox.wait_for(1, timeout_seconds=6)
        assert (arrival.raw, arrival.trouble) == (raw, None)
        health.wait_for(PART, "well", since=len(health.told) - 1)

    @pytest.mark.fault("F33", "F46")
    def test_a_server_that_hands_over_a_mail_byte_by_byte_is_given_up_though_it_never_falls_silent(
        self, mailbox: Mailbox, inbox: MemoryInbox, health: MemoryHealth, start: Start, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(source, "GUARD_S", 0.1)
        raw = mail(1, size=60_000)
        with FaultProxy(mailbox.server.ports.imap) as proxy:
            start(port=proxy.port, timeout=0.5)
            inbox.wait_for_state("orders")
            mailbox.deliver(raw)
            proxy.fault = Fault(Act.NONE, piece=40, delay=0.02)
            health.wait_for(PART, "connection", timeout_seconds=10)
            assert inbox.all == []
            proxy.fault = NO_FAULT
            (arrival,) = inbox.wait_for(1, timeout_seconds=6)
        assert (arrival.raw, arrival.trouble) == (raw, None)

    @pytest.mark.fault("F43")
    @pytest.mark.parametrize("command", [b"LOGIN", b"EXAMINE", b"SEARCH", b"FETCH", b"IDLE", b"DONE"])
    def test_a_peer_that_falls_silent_behind_any_command_is_left_for_a_new_connection(
        self, mailbox: Mailbox, inbox: MemoryInbox, health: MemoryHealth, start: Start, command: bytes
    ) -> None:
        with FaultProxy(mailbox.server.ports.imap) as proxy:
            proxy.fault = Fault(Act.STALL, way=Way.UP, behind=command)
            start(port=proxy.port, timeout=0.7, idle_slice=0.7, start="all")
            wait_until(lambda: proxy.struck > 0, 5, "the silence")
            mailbox.deliver(mail(1))
            health.wait_for(PART, "connection", timeout_seconds=5)
            proxy.fault = NO_FAULT
            inbox.wait_for(1, timeout_seconds=5)
        assert inbox.raws == [mail(1)]

    def test_it_promises_to_be_back_and_stops_promptly(
        self, inbox: MemoryInbox, health: MemoryHealth, start: Start
    ) -> None:
        running = start()
        health.wait_for(PART, "well")
        began = time.monotonic()
        running.stop()
        assert time.monotonic() - began < 3
        assert health.promises[0][0] == PART

    def test_it_stops_promptly_where_the_server_is_frozen(self, mailbox: Mailbox, start: Start) -> None:
        with socket.create_server(("127.0.0.1", 0)) as silent:
            running = start(port=silent.getsockname()[1])
            connection, _ = silent.accept()
            with connection:
                began = time.monotonic()
                running.stop()
                assert time.monotonic() - began < 5

    def test_a_server_that_is_not_there_is_told(self, health: MemoryHealth, start: Start) -> None:
        start(port=free_port())
        health.wait_for(PART, "connection")


def secured(mailbox: Mailbox, security: Security) -> dict[str, Any]:
    ports = mailbox.server.ports
    port = ports.imaps if security is Security.TLS else ports.imap
    return {"host": "localhost", "port": port, "security": security}


def expunge(mailbox: Mailbox, uids: str) -> None:
    mailbox.server.doveadm("expunge", "-u", mailbox.user, "mailbox", "INBOX", "uid", uids)


def move(mailbox: Mailbox, here: str, there: str) -> None:
    mailbox.server.doveadm("move", "-u", mailbox.user, there, "mailbox", here, "all")


def change_uidvalidity(mailbox: Mailbox, value: int) -> None:
    mailbox.server.doveadm("mailbox", "update", "-u", mailbox.user, "--uid-validity", str(value), "INBOX")


def imap_process(mailbox: Mailbox) -> int:
    """The process that serves the mailbox's one connection."""
    fields = mailbox.server.doveadm("-f", "tab", "who", mailbox.user).splitlines()[1].split("\t")
    return int(fields[3].strip("()"))


def wait_for_the_next_second() -> None:
    """INTERNALDATE knows whole seconds only."""
    time.sleep(1.05 - time.time() % 1)


def test_the_server_of_these_tests_offers_what_they_are_about(dovecot: Dovecot) -> None:
    with dovecot.login("anybody") as connection:
        assert {b"IDLE", b"MOVE", b"UIDPLUS"} <= set(connection.capabilities())
