"""What the IMAP source makes of servers that are not like Dovecot: faults F45, F55 to F60; faults.md 2.2, 2.7, 2.8."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ingestd.config.peer import Security
from ingestd.config.settings import ImapAccount
from ingestd.domain.clock import SystemClock
from ingestd.sources.imap import session, source
from ingestd.sources.imap.intake import STRIKES
from ingestd.sources.imap.session import DONE_WAIT_S
from ingestd.sources.imap.source import RECONCILE_S, ImapSource
from tests.servers.quirky_imap import BAD, DONE, UNSAFE, Quirks, QuirkyImap
from tests.unit.sources.memory import MemoryHealth, MemoryInbox

PART = "imap/orders"
MAILS = {uid: b"Subject: order %d\r\n\r\nbody\r\n" % uid for uid in (3, 4, 7)}
NEW = b"Subject: a new order\r\n\r\n"
TRIES_APART_S = 0.3  # logins that are refused, here
PROMISE_S = 180.0


Watch = Callable[..., QuirkyImap]


@pytest.fixture
def watch(inbox: MemoryInbox, health: MemoryHealth, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watch]:
    """Starts a server with its quirks and a source on it, from all mails on."""
    monkeypatch.setattr(session, "TICK_S", 0.05)
    monkeypatch.setattr(source, "REFUSED_WAIT", timedelta(seconds=TRIES_APART_S))
    with ExitStack() as running:

        def run(settings: dict[str, Any] | None = None, mails: dict[int, bytes] = MAILS, **quirks: Any) -> QuirkyImap:
            server = running.enter_context(QuirkyImap(mails, Quirks(**quirks)))
            usual: dict[str, Any] = {"name": "orders", "host": server.host, "port": server.port, "start": "all"}
            usual |= {"security": Security.NONE, "username": "u", "password": "p"}
            usual |= {"poll": 0.1, "idle_slice": 0.2, "timeout": 2, "reconnect": (0.02,)}
            imap = ImapSource(
                ImapAccount(**(usual | (settings or {}))), inbox, health, SystemClock(), ZoneInfo("Asia/Shanghai")
            )
            imap.start()
            running.callback(imap.stop)
            return server

        yield run


@pytest.fixture
def reconciles_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists the last mails by FETCH several times a second instead of once a minute."""
    monkeypatch.setattr(source, "RECONCILE_S", 0.2)


def positions(inbox: MemoryInbox, count: int) -> list[int]:
    """The UIDs of what was taken in, once there are so many."""
    return sorted(arrival.position for arrival in inbox.wait_for(count))


# --- SEARCH, UIDNEXT and EXISTS that lie ------------------------------------------------------------------------------


@pytest.mark.fault("F57", "F58")
@pytest.mark.parametrize("search", ["OK", "BAD", "empty"])
@pytest.mark.parametrize("uidnext", [None, 0, 2])
def test_whatever_search_and_uidnext_say_all_mail_is_found(
    watch: Watch, inbox: MemoryInbox, search: str, uidnext: int | None
) -> None:
    server = watch(search=search, uidnext=uidnext)
    inbox.wait_for(3)
    server.deliver(NEW)
    assert [arrival.position for arrival in inbox.wait_for(4)] == [3, 4, 7, 8]


@pytest.mark.fault("F57")
def test_what_search_leaves_out_is_found_by_looking_back(
    watch: Watch, inbox: MemoryInbox, reconciles_often: None
) -> None:
    watch(search="partial")
    assert positions(inbox, 3) == [3, 4, 7]
    assert inbox.wait_for_state("orders").watermark == 7


@pytest.mark.fault("F57")
def test_a_search_that_never_knows_of_the_newest_mail_costs_it_a_minute_at_most(
    watch: Watch, inbox: MemoryInbox, reconciles_often: None
) -> None:
    server = watch(search="lags")
    assert positions(inbox, 3) == [3, 4, 7]
    server.deliver(NEW)
    assert positions(inbox, 4) == [3, 4, 7, 8]


@pytest.mark.fault("F58")
@pytest.mark.parametrize(
    ("search", "exists"), [("OK", 0), ("empty", 0), ("lags", 0), ("empty", 1), ("BAD", 99), ("lags", 99)]
)
def test_whatever_exists_says_all_mail_is_found(
    watch: Watch, inbox: MemoryInbox, reconciles_often: None, search: str, exists: int
) -> None:
    server = watch(search=search, exists=exists)
    inbox.wait_for(3)
    server.deliver(NEW)
    assert positions(inbox, 4) == [3, 4, 7, 8]


@pytest.mark.fault("F58")
@pytest.mark.parametrize("search", ["OK", "empty"])
def test_a_folder_that_is_empty_though_exists_says_otherwise_is_no_trouble(
    watch: Watch, inbox: MemoryInbox, health: MemoryHealth, search: str
) -> None:
    server = watch(mails={}, exists=3, search=search, fetch_of_nothing=BAD)
    health.wait_for(PART, "well")
    server.deliver(NEW)
    assert positions(inbox, 1) == [1]
    assert health.told == [(f"{PART}/INBOX", "well"), (PART, "well")]


@pytest.mark.fault("F58")
def test_the_baseline_is_the_highest_uid_that_there_is_whatever_uidnext_says(watch: Watch, inbox: MemoryInbox) -> None:
    server = watch({"start": "now"}, search="BAD", uidnext=0)
    assert inbox.wait_for_state("orders").baseline_uid == 7
    server.deliver(NEW)
    assert [arrival.position for arrival in inbox.wait_for(1)] == [8]


# --- ID, logins and folders that are refused --------------------------------------------------------------------------


@pytest.mark.fault("F55")
def test_a_server_that_wants_an_id_gets_one(watch: Watch, inbox: MemoryInbox, health: MemoryHealth) -> None:
    watch(needs_id=True)
    inbox.wait_for(3)
    assert {kind for _, kind in health.told} == {"well"}


@pytest.mark.fault("F55")
def test_a_server_that_calls_us_unsafe_all_the_same_is_quoted_and_asked_again(
    watch: Watch, inbox: MemoryInbox, health: MemoryHealth
) -> None:
    server = watch(examine=UNSAFE)
    health.wait_for(f"{PART}/INBOX", "folder")
    assert "EXAMINE Unsafe Login. Please contact kefu@188.com for help" in health.details[0]
    server.quirks.examine = DONE
    inbox.wait_for(3)
    health.wait_for(f"{PART}/INBOX", "well")


@pytest.mark.fault("F60")
def test_a_login_that_is_refused_is_told_at_once_and_tried_again_without_haste_until_it_goes_well(
    watch: Watch, inbox: MemoryInbox, health: MemoryHealth
) -> None:
    server = watch(login="NO [AUTHENTICATIONFAILED] the authorisation code has ended")
    health.wait_for(PART, "login", timeout_seconds=2)
    assert health.details[0] == "[AUTHENTICATIONFAILED] the authorisation code has ended"
    time.sleep(5 * TRIES_APART_S)
    assert 2 <= len(server.logins) <= 6
    assert all(later - earlier >= TRIES_APART_S for earlier, later in pairwise(server.logins))
    server.quirks.login = DONE
    inbox.wait_for(3)
    health.wait_for(PART, "well")


@pytest.mark.fault("F61")
@pytest.mark.parametrize(
    "refusal",
    [
        "NO [UNAVAILABLE] Maximum number of connections from user+IP exceeded",
        "NO [LIMIT] too many connections",
        "NO [INUSE] in use",
    ],
)
def test_a_login_that_fails_for_now_is_trouble_with_the_connection_and_no_wrong_password(
    watch: Watch, inbox: MemoryInbox, health: MemoryHealth, refusal: str
) -> None:
    server = watch({"reconnect": (0.05, 0.1, 0.4)}, login=refusal)
    health.wait_for(PART, "connection")
    assert health.details[0] == refusal.removeprefix("NO ")
    time.sleep(1.0)
    assert 3 <= len(server.logins) <= 7
    assert (PART, "login") not in health.told
    server.quirks.login = DONE
    inbox.wait_for(3)
    health.wait_for(PART, "well")


# --- IDLE that is silent, missing or ends -----------------------------------------------------------------------------


@pytest.mark.fault("F56")
def test_an_idle_that_never_pushes_costs_no_mail(watch: Watch, inbox: MemoryInbox) -> None:
    server = watch(pushes=False)
    inbox.wait_for(3)
    wait_for_idle(server)
    server.deliver(NEW)
    assert inbox.wait_for(4, timeout_seconds=5)[-1].raw == NEW


@pytest.mark.fault("F56")
def test_without_idle_it_is_polled(watch: Watch, inbox: MemoryInbox) -> None:
    server = watch(capabilities="IMAP4rev1")
    inbox.wait_for(3)
    server.deliver(NEW)
    inbox.wait_for(4, timeout_seconds=5)
    assert not server.idling


@pytest.mark.fault("F43", "F56", "F57")
def test_as_shipped_a_silent_server_is_found_out_and_mail_told_of_by_nobody_is_seen_within_the_promise() -> None:
    shipped = ImapAccount(name="orders", host="imap.example")
    slice_s, poll_s = shipped.idle_slice.total_seconds(), shipped.poll.total_seconds()
    assert slice_s + DONE_WAIT_S <= 45
    assert shipped.timeout.total_seconds() <= 45
    assert RECONCILE_S + slice_s + poll_s < PROMISE_S - 60


def test_a_notice_of_new_mail_is_heeded_at_once(watch: Watch, inbox: MemoryInbox) -> None:
    server = watch({"idle_slice": 60})
    inbox.wait_for(3)
    wait_for_idle(server)
    server.deliver(NEW)
    assert inbox.wait_for(4, timeout_seconds=5)[-1].raw == NEW


def test_a_notice_in_one_packet_with_the_answer_to_idle_is_heeded_at_once(watch: Watch, inbox: MemoryInbox) -> None:
    watch({"idle_slice": 60}, arrives_with_idle={9: NEW})
    assert inbox.wait_for(4, timeout_seconds=5)[-1].position == 9


@pytest.mark.fault("F42")
def test_a_server_that_is_gone_in_idle_without_a_word_is_noticed_at_once_and_connected_to_once(
    watch: Watch, inbox: MemoryInbox, health: MemoryHealth
) -> None:
    server = watch({"idle_slice": 60}, hangs_up_in_idle=1)
    health.wait_for(PART, "connection", timeout_seconds=5)
    wait_for_idle(server)
    server.deliver(NEW)
    inbox.wait_for(4, timeout_seconds=5)
    assert len(server.logins) == 2
    assert health.told[-1] == (PART, "well")


def wait_for_idle(server: QuirkyImap) -> None:
    """Return once the source idles."""
    deadline = time.monotonic() + 5
    while not server.idling and time.monotonic() < deadline:
        time.sleep(0.01)
    assert server.idling


# --- single mails that cannot be had ----------------------------------------------------------------------------------


@pytest.mark.fault("F59")
def test_a_row_that_cannot_be_read_costs_one_mail_its_automatic_way_and_no_other(
    watch: Watch, inbox: MemoryInbox
) -> None:
    watch(garbled=frozenset({4}))
    arrivals = {arrival.position: arrival for arrival in inbox.wait_for(3)}
    assert [arrivals[uid].raw for uid in (3, 7)] == [MAILS[3], MAILS[7]]
    assert arrivals[4].trouble == "the server's answer cannot be read (ProtocolError)"


@pytest.mark.fault("F59")
@pytest.mark.parametrize("error", [-8, 4000])
def test_a_literal_whose_length_is_wrong_costs_one_mail_its_automatic_way_and_no_other(
    watch: Watch, inbox: MemoryInbox, health: MemoryHealth, error: int
) -> None:
    server = watch({"timeout": 0.3}, literal_error={4: error})
    arrivals = {arrival.position: arrival for arrival in inbox.wait_for(3)}
    assert [arrivals[uid].raw for uid in (3, 7)] == [MAILS[3], MAILS[7]]
    assert (arrivals[4].raw, arrivals[4].trouble) == (b"", "the connection is lost whenever it is fetched")
    assert not any("body" in detail for detail in health.details)
    uid = server.deliver(NEW)
    assert inbox.wait_for(4)[-1].position == uid


@pytest.mark.fault("F59")
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


@pytest.mark.fault("F45")
@pytest.mark.parametrize("farewell", [b"", b"* BYE Server shutting down", b"* 2 FETCH (UID 4 BODY[] {9}\r\nSubj"])
def test_a_mail_over_which_the_connection_is_lost_goes_alone_and_after_its_neighbours(
    watch: Watch, inbox: MemoryInbox, farewell: bytes
) -> None:
    server = watch({"look_back": 0}, hangs_up_on={4: 2}, farewell=farewell)
    arrivals = inbox.wait_for(3)
    assert sorted(arrival.raw for arrival in arrivals) == sorted(MAILS.values())
    assert arrivals[-1].position == 4
    assert server.fetched[0] == [3, 4, 7]
    assert server.fetched[-1] == [4]
    assert inbox.wait_for_state("orders", watermark=7).watermark == 7


@pytest.mark.fault("F59")
def test_a_mail_that_always_costs_the_connection_goes_to_a_person_at_last(watch: Watch, inbox: MemoryInbox) -> None:
    server = watch(hangs_up_on={4: 99})
    arrivals = inbox.wait_for(3)
    assert arrivals[-1].trouble == "the connection is lost whenever it is fetched"
    assert server.fetched.count([4]) == STRIKES
    uid = server.deliver(NEW)
    assert inbox.wait_for(4)[-1].position == uid


def test_a_mail_too_large_is_asked_for_its_header_only(watch: Watch, inbox: MemoryInbox) -> None:
    watch({"largest": 1024}, size_error=5000)
    arrivals = inbox.wait_for(3)
    assert [arrival.raw for arrival in arrivals] == [b"Subject: order %d\r\n\r\n" % uid for uid in (3, 4, 7)]
    assert all(arrival.trouble and arrival.trouble.startswith("too large") for arrival in arrivals)
