"""The SMTP inlet with real clients: smtplib, smtp-source and bare sockets."""

from __future__ import annotations

import errno
import smtplib
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from typing import Any

import pytest

from ingestd.config.settings import Inlet
from ingestd.domain.clock import SystemClock
from ingestd.domain.failpoint import TEST_FLAG, VARIABLE, armed
from ingestd.sources.inlet import session, source
from ingestd.sources.inlet.source import InletSource
from tests.servers.fixtures import present
from tests.servers.programs import find_program, free_port, wait_until
from tests.servers.smtp_client import ORDERS, SHIPPER, Client
from tests.unit.sources.memory import MemoryHealth, MemoryInbox

MAIL = "Subject: 订单\r\n\r\n货物：轴承12箱\r\n..一点开头\r\n".encode("gb18030") + b"NUL \x00 stays\r\n"
PATH = b"Return-Path: <wang@shipper.example>\r\n"  # what the inlet adds
PART = "smtp/inlet"


Start = Callable[..., InletSource]


@pytest.fixture
def start(inbox: MemoryInbox, health: MemoryHealth) -> Iterator[Start]:
    """Starts an inlet with further settings; it is stopped with the test."""
    with ExitStack() as inlets:

        def run(**further: Any) -> InletSource:
            settings: dict[str, Any] = {"enabled": True, "port": 0, "addresses": (ORDERS, "Desk@desk.example")}
            inlet = InletSource(Inlet(**(settings | further)), inbox, health, SystemClock())
            inlet.start()
            inlets.callback(inlet.stop)
            return inlet

        yield run


@pytest.fixture
def inlet(start: Start) -> InletSource:
    return start()


def client(inlet: InletSource) -> smtplib.SMTP:
    return smtplib.SMTP("127.0.0.1", inlet.port, timeout=10)


class TestTaking:
    def test_the_bytes_are_kept_as_they_came_below_their_path(self, inlet: InletSource, inbox: MemoryInbox) -> None:
        before = datetime.now(UTC)
        with client(inlet) as smtp:
            smtp.sendmail(SHIPPER, [ORDERS], MAIL)
        (arrival,) = inbox.all
        assert arrival.raw == PATH + MAIL
        assert before <= arrival.arrived_at <= datetime.now(UTC)
        assert (arrival.account, arrival.trouble) == ("inlet", None)

    def test_each_delivery_has_a_key_of_its_own(self, inlet: InletSource, inbox: MemoryInbox) -> None:
        for _ in range(2):
            with client(inlet) as smtp:
                smtp.sendmail(SHIPPER, [ORDERS], MAIL)
                smtp.sendmail(SHIPPER, [ORDERS], MAIL)
        keys = [arrival.source_key for arrival in inbox.all]
        assert len(keys) == 4
        assert [key.rpartition("/")[2] for key in keys] == ["1", "2", "1", "2"]
        assert all(key.startswith("smtp/inlet/") for key in keys)

    @pytest.mark.bad_input("B83")
    def test_only_our_addresses_are_taken_in_any_case_of_letters(self, inlet: InletSource, inbox: MemoryInbox) -> None:
        with client(inlet) as smtp:
            smtp.ehlo()
            smtp.mail(SHIPPER)
            assert smtp.rcpt("somebody@elsewhere.example")[0] == 550
            assert smtp.rcpt("sales@desk.example")[1].startswith(b"5.7.1")
            assert smtp.rcpt(ORDERS.upper())[0] == 250
            assert smtp.rcpt("desk@DESK.example")[0] == 250
            assert smtp.data(MAIL)[0] == 250
        assert len(inbox.all) == 1

    def test_a_bounce_with_an_empty_sender_is_taken(self, inlet: InletSource, inbox: MemoryInbox) -> None:
        with client(inlet) as smtp:
            smtp.sendmail("", [ORDERS], MAIL)
        assert inbox.raws == [b"Return-Path: <>\r\n" + MAIL]

    def test_smtp_source_gets_all_its_mails_in_over_many_connections(self, start: Start, inbox: MemoryInbox) -> None:
        inlet = start()
        program = present(lambda: find_program("smtp-source", "postfix"))
        options = ["-s", "10", "-m", "200", "-l", "2000", "-f", SHIPPER, "-t", ORDERS]
        subprocess.run([program, *options, f"127.0.0.1:{inlet.port}"], check=True, timeout=30, capture_output=True)
        assert len(inbox.all) == 200

    def test_a_mail_that_takes_its_time_is_waited_for_while_it_comes(self, start: Start, inbox: MemoryInbox) -> None:
        with Client(start(timeout=0.6).port) as talk:
            talk.up_to_data()
            for number in range(5):
                talk.socket.sendall(b"line %d\r\n" % number)
                time.sleep(0.3)
            assert talk.say(".").startswith("250")
        assert len(inbox.all) == 1


class TestCommit:
    def test_the_reply_waits_for_the_commit(self, inlet: InletSource, inbox: MemoryInbox) -> None:
        commit = threading.Event()
        inbox.before_store = lambda: assert_in_time(commit)
        with Client(inlet.port) as talk:
            talk.up_to_data()
            talk.socket.sendall(MAIL + b".\r\n")
            talk.socket.settimeout(0.3)
            with pytest.raises(TimeoutError):
                talk.socket.recv(1, socket.MSG_PEEK)
            assert inbox.all == []
            commit.set()
            talk.socket.settimeout(10)
            assert talk.socket.recv(100).startswith(b"250")
        assert len(inbox.all) == 1

    @pytest.mark.fault("F06")
    def test_a_client_that_shuts_its_side_after_the_dot_gets_its_reply(
        self, inlet: InletSource, inbox: MemoryInbox
    ) -> None:
        commit = threading.Event()
        inbox.before_store = lambda: assert_in_time(commit)
        with Client(inlet.port) as talk:
            talk.up_to_data()
            talk.socket.sendall(MAIL + b".\r\n")
            talk.socket.shutdown(socket.SHUT_WR)
            time.sleep(0.1)
            commit.set()
            assert talk.reply().startswith("250")
            assert talk.reply() == ""
        assert len(inbox.all) == 1

    @pytest.mark.fault("F06")
    def test_a_client_that_is_gone_after_the_dot_does_not_break_the_commit(
        self, inlet: InletSource, inbox: MemoryInbox
    ) -> None:
        begun, commit = threading.Event(), threading.Event()

        def wait() -> None:
            begun.set()
            assert_in_time(commit)

        inbox.before_store = wait
        with Client(inlet.port) as talk:
            talk.up_to_data()
            talk.socket.sendall(MAIL + b".\r\n")
            assert_in_time(begun)
            talk.reset()
        commit.set()
        inbox.wait_for(1)

    def test_a_client_that_is_gone_before_the_dot_leaves_nothing(self, inlet: InletSource, inbox: MemoryInbox) -> None:
        with Client(inlet.port) as talk:
            talk.up_to_data()
            talk.socket.sendall(MAIL)
        with client(inlet) as smtp:
            smtp.noop()
        assert inbox.all == []

    @pytest.mark.parametrize(
        ("error", "code"),
        [
            (RuntimeError("database is locked: /var/lib/secret.db"), "451 4.3.0"),
            (OSError(errno.ENOSPC, "No space left on device: /var/lib/secret.db"), "452 4.3.1"),
        ],
    )
    def test_a_failing_store_is_a_temporary_failure_that_tells_nothing(
        self, inlet: InletSource, inbox: MemoryInbox, health: MemoryHealth, error: Exception, code: str
    ) -> None:
        def fail() -> None:
            raise error

        inbox.before_store = fail
        with Client(inlet.port) as talk:
            talk.up_to_data()
            talk.socket.sendall(MAIL)
            reply = talk.say(".")
            assert reply.startswith(code)
            assert "secret" not in reply + "".join(health.details)
            inbox.before_store = lambda: None
            talk.say(f"MAIL FROM:<{SHIPPER}>")
            talk.say(f"RCPT TO:<{ORDERS}>")
            talk.say("DATA")
            assert talk.say("again\r\n.").startswith("250")
        assert health.told == [(PART, "disk" if code[0:3] == "452" else "store"), (PART, "well")]

    def test_a_store_that_hangs_is_a_temporary_failure_in_time_and_frees_the_client(
        self, start: Start, inbox: MemoryInbox, health: MemoryHealth
    ) -> None:
        release = threading.Event()
        inbox.before_store = lambda: assert_in_time(release)
        with Client(start(store_timeout=0.3).port) as talk:
            talk.up_to_data()
            talk.socket.sendall(MAIL)
            assert talk.say(".").startswith("451 4.3.0")
            assert talk.say("NOOP").startswith("250")
        release.set()
        assert (PART, "store") in health.told

    def test_clients_that_come_back_to_a_hanging_store_do_not_pile_up(
        self, start: Start, inbox: MemoryInbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(source, "STORING_THREADS", 2)
        release = threading.Event()
        inbox.before_store = lambda: assert_in_time(release)
        inlet = start(store_timeout=0.1)
        for number in range(6):
            with Client(inlet.port) as talk:
                talk.up_to_data()
                assert talk.say(f"order {number}\r\n.").startswith("451")
        assert greeted(inlet)  # by now the last one is out of the queue too
        release.set()
        wait_until(lambda: len(inbox.all) >= 2, 10, "what had begun to be stored")
        with client(inlet) as smtp:
            smtp.sendmail(SHIPPER, [ORDERS], MAIL)
        assert sorted(inbox.raws) == sorted([PATH + b"order 0\r\n", PATH + b"order 1\r\n", PATH + MAIL])

    @pytest.mark.parametrize(
        ("point", "module", "stored"), [("smtp.before_250", source, 1), ("smtp.after_250", session, 1)]
    )
    def test_a_failure_around_the_reply_leaves_the_message_stored(
        self, start: Start, inbox: MemoryInbox, monkeypatch: pytest.MonkeyPatch, point: str, module: Any, stored: int
    ) -> None:
        monkeypatch.setattr(module, "failpoint", armed({TEST_FLAG: "1", VARIABLE: f"{point}:raise"}))
        with Client(start().port) as talk:
            talk.up_to_data()
            talk.socket.sendall(MAIL)
            first = talk.say(".")
        assert first.startswith("451" if point == "smtp.before_250" else "250")
        assert len(inbox.all) == stored


class TestRefusing:
    @pytest.mark.bad_input("B82")
    @pytest.mark.parametrize(
        "body",
        [
            b"bare\nLF\r\n",
            b"bare\rCR\r\n",
            b"one\r\n\n.\nMAIL FROM:<a@b.example>\r\n",
            b"one\r\r\n.\r\r\n two\r\n",
            b"\n",
        ],
    )
    def test_bare_line_ends_are_refused_and_no_second_message_emerges(
        self, inlet: InletSource, inbox: MemoryInbox, body: bytes
    ) -> None:
        with Client(inlet.port) as talk:
            talk.up_to_data()
            talk.socket.sendall(body)
            reply = talk.say("\r\n.")
            assert reply.startswith("550 5.5.2")
            assert talk.say("NOOP").startswith("250")
        assert inbox.all == []

    @pytest.mark.bad_input("B68")
    def test_a_message_too_large_is_refused_by_its_announced_and_by_its_true_size(
        self, start: Start, inbox: MemoryInbox
    ) -> None:
        with client(start(largest=5000)) as smtp:
            smtp.ehlo()
            assert smtp.esmtp_features["size"] == "5000"
            assert smtp.mail(SHIPPER, ["SIZE=5001"])[0] == 552
            smtp.mail(SHIPPER)
            smtp.rcpt(ORDERS)
            assert smtp.data(b"x" * 70 + b"\r\n" + (b"y" * 70 + b"\r\n") * 80)[0] == 552
        assert inbox.all == []

    @pytest.mark.bad_input("B83")
    def test_words_that_would_tell_of_our_inside_get_nothing(self, inlet: InletSource) -> None:
        with Client(inlet.port) as talk:
            said = [talk.reply()]
            said += [
                talk.say(words) for words in ("EHLO x", f"VRFY {ORDERS}", "EXPN all", "HELP", "AUTH PLAIN AGEAYg==")
            ]
        assert [reply[:3] for reply in said] == ["220", "250", "502", "502", "214", "502"]
        for word in ("aiosmtpd", "Python", "AUTH", "STARTTLS", ORDERS):
            assert word not in "\n".join(said)

    @pytest.mark.parametrize("words", ["MAIL FROM:wang@shipper.example", "MAIL FROM:<a@b", "MAIL FROM:<a@b> X=1"])
    def test_a_malformed_sender_is_refused(self, inlet: InletSource, words: str) -> None:
        with Client(inlet.port) as talk:
            talk.reply()
            talk.say("EHLO x")
            assert talk.say(words)[0] == "5"
            assert talk.say("NOOP").startswith("250")

    @pytest.mark.bad_input("B83")
    def test_a_web_browser_is_sent_away(self, inlet: InletSource, inbox: MemoryInbox) -> None:
        with Client(inlet.port) as talk:
            talk.socket.sendall(b"POST / HTTP/1.1\r\n" + b"Host: desk.example\r\n" * 12)
            replies = talk.rest()
        assert [reply[:3] for reply in replies] == ["220", "421"]
        assert inbox.all == []

    @pytest.mark.bad_input("B83")
    def test_connections_are_limited_by_host_and_room_is_made_again(self, start: Start) -> None:
        inlet = start(connections_per_host=2)
        with closing(client(inlet)) as first, closing(client(inlet)):
            with Client(inlet.port) as third:
                assert third.reply().startswith("421 4.7.0")
                assert third.reply() == ""
            first.quit()
            wait_until(lambda: greeted(inlet), 5, "room for one more")

    def test_connections_are_limited_in_all(self, start: Start) -> None:
        inlet = start(connections=1)
        with closing(client(inlet)), Client(inlet.port) as second:
            assert second.reply().startswith("421")

    def test_commands_are_limited(self, start: Start) -> None:
        with Client(start(commands=10).port) as talk:
            talk.reply()
            replies = [talk.say("NOOP") for _ in range(11)]
        assert replies[9].startswith("250")
        assert replies[10].startswith("421")

    def test_a_silent_client_is_hung_up_on(self, start: Start) -> None:
        with Client(start(timeout=0.3).port) as talk:
            talk.reply()
            assert talk.rest() == ["421 4.4.2 Too slow"]

    @pytest.mark.bad_input("B83")
    def test_a_client_that_dribbles_a_command_is_hung_up_on(self, start: Start) -> None:
        with Client(start(timeout=0.5).port) as talk:
            talk.reply()
            wait_until(lambda: not talk.takes(b"N"), 10, "the inlet to hang up")


class TestBeginningAndEnd:
    def test_a_port_that_is_taken_is_an_error_at_the_start(self, start: Start) -> None:
        inlet = start()
        with pytest.raises(OSError, match="Address already in use"):
            start(port=inlet.port)

    def test_the_configured_port_is_listened_on_and_free_after_the_stop(self, start: Start) -> None:
        port = free_port()
        for _ in range(2):
            inlet = start(port=port)
            assert greeted(inlet)
            inlet.stop()
            with pytest.raises(ConnectionRefusedError):
                client(inlet)

    def test_what_is_being_stored_at_the_stop_is_finished_and_answered(
        self, inlet: InletSource, inbox: MemoryInbox
    ) -> None:
        begun = threading.Event()

        def slowly() -> None:
            begun.set()
            time.sleep(0.3)

        inbox.before_store = slowly
        with Client(inlet.port) as talk:
            talk.up_to_data()
            talk.socket.sendall(MAIL + b".\r\n")
            assert_in_time(begun)
            inlet.stop()
            assert talk.reply().startswith("250")
        assert len(inbox.all) == 1

    def test_it_stops_promptly_with_clients_inside_and_may_be_stopped_twice(
        self, inlet: InletSource, health: MemoryHealth
    ) -> None:
        with closing(client(inlet)):
            began = time.monotonic()
            inlet.stop()
            inlet.stop()
            assert time.monotonic() - began < 3
        assert health.promises[0][0] == PART


def assert_in_time(event: threading.Event) -> None:
    assert event.wait(10)


def greeted(inlet: InletSource) -> bool:
    with Client(inlet.port) as talk:
        return talk.reply().startswith("220")
