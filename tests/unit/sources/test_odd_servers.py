"""What the IMAP source makes of servers that are not like Dovecot."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ingestd.config.peer import Security
from ingestd.config.settings import ImapAccount
from ingestd.domain.clock import SystemClock
from ingestd.sources.imap import session, source
from ingestd.sources.imap.intake import STRIKES
from ingestd.sources.imap.source import ImapSource
from tests.unit.sources.memory import MemoryHealth, MemoryInbox
from tests.unit.sources.scripted_imap import Oddities, ScriptedImap

PART = "imap/orders"
MAILS = {uid: b"Subject: order %d\r\n\r\nbody\r\n" % uid for uid in (3, 4, 7)}


@pytest.fixture
def inbox() -> MemoryInbox:
    return MemoryInbox()


@pytest.fixture
def health() -> MemoryHealth:
    return MemoryHealth()


Watch = Callable[..., ScriptedImap]


@pytest.fixture
def watch(inbox: MemoryInbox, health: MemoryHealth, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watch]:
    """Starts a server with its oddities and a source on it, from all mails on."""
    monkeypatch.setattr(session, "TICK_S", 0.05)
    monkeypatch.setattr(source, "REFUSED_WAIT", timedelta(seconds=0.1))
    with ExitStack() as running:

        def run(settings: dict[str, Any] | None = None, **oddities: Any) -> ScriptedImap:
            server = running.enter_context(ScriptedImap(dict(MAILS), Oddities(**oddities)))
            usual: dict[str, Any] = {"name": "orders", "host": "127.0.0.1", "port": server.port, "start": "all"}
            usual |= {"security": Security.NONE, "username": "u", "password": "p"}
            usual |= {"poll": 0.1, "idle_slice": 0.2, "timeout": 2, "reconnect": (0.02,)}
            imap = ImapSource(
                ImapAccount(**(usual | (settings or {}))), inbox, health, SystemClock(), ZoneInfo("Asia/Shanghai")
            )
            imap.start()
            running.callback(imap.stop)
            return server

        yield run


@pytest.mark.parametrize("search", ["OK", "BAD", "empty"])
@pytest.mark.parametrize("uidnext", [None, 0, 2])
def test_whatever_search_and_uidnext_say_all_mail_is_found(
    watch: Watch, inbox: MemoryInbox, search: str, uidnext: int | None
) -> None:
    server = watch(search=search, uidnext=uidnext)
    inbox.wait_for(3)
    server.mails[9] = b"Subject: order 9\r\n\r\n"
    assert [arrival.position for arrival in inbox.wait_for(4)] == [3, 4, 7, 9]


def test_what_search_leaves_out_is_found_by_looking_back(
    watch: Watch, inbox: MemoryInbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "RECONCILE_S", 0.2)
    watch(search="partial")
    arrivals = inbox.wait_for(3)
    assert [arrival.position for arrival in arrivals] == [4, 7, 3]
    assert inbox.wait_for_state("orders").watermark == 7


def test_the_baseline_is_the_highest_uid_that_there_is_whatever_uidnext_says(watch: Watch, inbox: MemoryInbox) -> None:
    server = watch({"start": "now"}, search="BAD", uidnext=0)
    assert inbox.wait_for_state("orders").baseline_uid == 7
    server.mails[8] = b"Subject: order 8\r\n\r\n"
    assert [arrival.position for arrival in inbox.wait_for(1)] == [8]


def test_a_server_that_wants_an_id_gets_one(watch: Watch, inbox: MemoryInbox, health: MemoryHealth) -> None:
    watch(needs_id=True)
    inbox.wait_for(3)
    assert {kind for _, kind in health.told} == {"well"}


def test_a_notice_in_one_packet_with_the_answer_to_idle_is_heeded_at_once(watch: Watch, inbox: MemoryInbox) -> None:
    watch({"idle_slice": 60}, arrives_with_idle={9: b"Subject: order 9\r\n\r\n"})
    assert inbox.wait_for(4, timeout_seconds=5)[-1].position == 9


def test_without_idle_it_is_polled(watch: Watch, inbox: MemoryInbox) -> None:
    server = watch(capabilities="IMAP4rev1")
    inbox.wait_for(3)
    server.mails[9] = b"Subject: order 9\r\n\r\n"
    inbox.wait_for(4, timeout_seconds=5)


def test_a_row_that_cannot_be_read_costs_one_mail_its_automatic_way_and_no_other(
    watch: Watch, inbox: MemoryInbox
) -> None:
    watch(garbled=frozenset({4}))
    arrivals = {arrival.position: arrival for arrival in inbox.wait_for(3)}
    assert [arrivals[uid].raw for uid in (3, 7)] == [MAILS[3], MAILS[7]]
    assert arrivals[4].trouble == "the server's answer cannot be read (ProtocolError)"


def test_a_mail_that_is_listed_and_has_no_bytes_goes_to_a_person(watch: Watch, inbox: MemoryInbox) -> None:
    watch(bodiless=frozenset({4}))
    arrivals = {arrival.position: arrival for arrival in inbox.wait_for(3)}
    assert arrivals[4].trouble == "the server lists it and gives no bytes"
    assert arrivals[7].trouble is None


@pytest.mark.parametrize("size_error", [-5, 5])
def test_a_server_that_misreports_sizes_is_believed_by_its_bytes(
    watch: Watch, inbox: MemoryInbox, size_error: int
) -> None:
    watch(size_error=size_error)
    inbox.wait_for(3)
    assert inbox.raws == list(MAILS.values())


def test_a_mail_over_which_the_connection_is_lost_goes_alone_and_after_its_neighbours(
    watch: Watch, inbox: MemoryInbox
) -> None:
    server = watch({"look_back": 0}, hangs_up_on={4: 2})
    arrivals = inbox.wait_for(3)
    assert sorted(arrival.raw for arrival in arrivals) == sorted(MAILS.values())
    assert arrivals[-1].position == 4
    assert server.fetched[0] == [3, 4, 7]
    assert server.fetched[-1] == [4]
    assert inbox.wait_for_state("orders", watermark=7).watermark == 7


def test_a_mail_that_always_costs_the_connection_goes_to_a_person_at_last(watch: Watch, inbox: MemoryInbox) -> None:
    server = watch(hangs_up_on={4: 99})
    arrivals = inbox.wait_for(3)
    assert arrivals[-1].trouble == "the connection is lost whenever it is fetched"
    assert server.fetched.count([4]) == STRIKES
    server.mails[9] = b"Subject: order 9\r\n\r\n"
    assert inbox.wait_for(4)[-1].raw == server.mails[9]


def test_a_mail_too_large_is_asked_for_its_header_only(watch: Watch, inbox: MemoryInbox) -> None:
    watch({"largest": 1024}, size_error=5000)
    arrivals = inbox.wait_for(3)
    assert [arrival.raw for arrival in arrivals] == [b"Subject: order %d\r\n\r\n" % uid for uid in (3, 4, 7)]
    assert all(arrival.trouble and arrival.trouble.startswith("too large") for arrival in arrivals)
