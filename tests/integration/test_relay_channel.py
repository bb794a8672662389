"""Mail through real and scripted relays: each way in which handing it over can end."""

from __future__ import annotations

import contextlib
import smtplib
import socket
import ssl
import struct
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread

import pytest

from ingestd.channels.relay.driver import RelayChannel
from ingestd.channels.relay.sender import RelaySender
from ingestd.config.load import secret_of
from ingestd.config.peer import Security
from ingestd.config.settings import Relay as Settings
from ingestd.domain.clock import HandClock
from ingestd.domain.sending import Claim, Outcome, Phase
from tests.servers.certificates import Certificates, make_certificates
from tests.servers.programs import free_port
from tests.servers.relay import DROP_KEEPING, DROP_LOSING, AtDot, Relay, RelayOptions
from tests.servers.smtp_sink import SmtpSink
from tests.unit.channels.claims import HEAD, NOW, mail, unheard
from tests.unit.channels.one_sending import run

Starter = Callable[[RelayOptions], Relay]
Connect = Callable[..., RelaySender]
SHORT = timedelta(seconds=0.4)


def settings_for(port: int, **more: object) -> Settings:
    return Settings.model_validate({"port": port, **more})


def tried(sender: RelaySender, claim: Claim | None = None) -> tuple[Outcome, bool]:
    result = sender.send(claim or mail(), unheard)
    return result.outcome, result.channel_trouble


@pytest.fixture
def sender_for() -> Iterator[Connect]:
    """Gives senders to a port, with the settings as further arguments; they are closed with the test."""
    with contextlib.ExitStack() as senders:

        def connect(port: int, password: Callable[[], str] | None = None, **more: object) -> RelaySender:
            channel = RelayChannel(settings_for(port, **more), "orders.example", HandClock(NOW), password)
            sender = channel.sender()
            senders.callback(sender.close)
            return sender

        yield connect


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("papers"))


# -- a peer that follows a script line by line


@dataclass
class Script:
    """What a peer offers and answers: for each verb its next answers, then the usual one.

    An answer may also be HANG_UP, STALL (nothing until the test's end) or DRIP (a byte now and then).
    """

    offers: tuple[str, ...] = ("PIPELINING", "8BITMIME")
    answers: dict[str, list[str]] = field(default_factory=dict)


HANG_UP, RESET, STALL, DRIP = "hang up", "reset", "stall", "drip"
CUT = "354 go on, but not for long"
USUAL = {"CONNECT": "220 peer", "DATA": "354 go on", "QUIT": "221 bye"}


class Peer:
    """An SMTP server on a loopback port that does exactly what its script says."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.heard: list[str] = []
        self.contents: list[bytes] = []
        self.cut_off: list[bytes] = []
        self.connections = 0
        self._ended = Event()
        self._sockets: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._threads = [Thread(target=self._serve, daemon=True)]
        self._threads[0].start()

    def stop(self) -> None:
        self._ended.set()
        for sock in (self._listener, *self._sockets):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in list(self._threads):
            thread.join(5)

    def _serve(self) -> None:
        while not self._ended.is_set():
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._sockets.append(sock)
            thread = Thread(target=self._converse, args=(sock,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _converse(self, sock: socket.socket) -> None:
        with sock, sock.makefile("rb") as lines, contextlib.suppress(OSError):
            said = self._say(sock, "CONNECT")
            while said and (line := lines.readline()):
                verb = line.split(b":")[0].split()[0].decode().upper()
                self.heard.append(line.decode().rstrip("\r\n"))
                said = self._say(sock, verb)
                if verb == "DATA" and said == "354 go on":
                    if not self._take(lines):
                        return
                    said = self._say(sock, "DOT")
                if verb == "QUIT" or said == CUT:
                    return

    def _take(self, lines: Iterator[bytes]) -> bool:
        content = b""
        for line in lines:
            if line == b".\r\n":
                self.contents.append(content)
                return True
            content += line
        self.cut_off.append(content)
        return False

    def _say(self, sock: socket.socket, verb: str) -> str | None:
        due = self.script.answers.get(verb)
        answer = due.pop(0) if due else self._usual(verb)
        if answer == RESET:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if answer in (HANG_UP, RESET):
            return None
        if answer == STALL:
            self._ended.wait(10)
            return None
        if answer == DRIP:
            while not self._ended.wait(0.05):
                sock.sendall(b"2")
            return None
        sock.sendall(answer.encode() + b"\r\n")
        return answer

    def _usual(self, verb: str) -> str:
        if verb == "EHLO":
            lines = ["peer", *self.script.offers]
            return "\r\n".join(f"250{'-' if line is not lines[-1] else ' '}{line}" for line in lines)
        return USUAL.get(verb, "250 2.0.0 fine")


@pytest.fixture
def start_peer() -> Iterator[Callable[[Script], Peer]]:
    with contextlib.ExitStack() as peers:

        def start(script: Script) -> Peer:
            peer = Peer(script)
            peers.callback(peer.stop)
            return peer

        yield start


StartPeer = Callable[[Script], Peer]


# -- taken


BODIES = {
    "dots": b".\r\n..\r\n.a\r\na.\r\n\r\n.\r\n",
    "empty lines": b"\r\n\r\n\r\n",
    "no last line end": b"a\r\nb",
    "8 bit": "提货:外高桥\r\n".encode("gb18030") + "收货\r\n".encode(),
    "large": (b".2345678" * 9 + b"\r\n") * 5000,
}


@pytest.mark.parametrize("content", list(BODIES))
def test_the_bytes_at_the_relay_are_the_bytes_given(relay: Relay, content: str, sender_for: Connect) -> None:
    body = HEAD + BODIES[content]
    assert tried(sender_for(relay.port), mail(body)) == (Outcome.ACCEPTED, False)
    (taken,) = relay.messages()
    assert taken.raw == body.removesuffix(b"\r\n") + b"\r\n"
    assert (taken.sender, taken.recipients) == ("bounce@orders.example", ("dispatch@example.com",))


def test_smtp_sink_takes_many_mails_over_one_connection(smtp_sink: SmtpSink, sender_for: Connect) -> None:
    sender = sender_for(smtp_sink.port)
    bodies = [HEAD + b"..a\r\n.\r\nnumber %d\r\n" % number for number in range(20)]
    assert [tried(sender, mail(body)) for body in bodies] == [(Outcome.ACCEPTED, False)] * 20
    sender.close()
    assert sorted(taken.raw for taken in smtp_sink.wait_for(20)) == sorted(b.replace(b"\r\n", b"\n") for b in bodies)


def test_phases_are_told_before_mail_and_before_the_end_of_the_content(
    start_peer: StartPeer, sender_for: Connect
) -> None:
    peer = start_peer(Script())
    told: list[tuple[Phase, bool, int]] = []

    def note(phase: Phase) -> None:
        told.append((phase, any(line.startswith("MAIL") for line in peer.heard), len(peer.contents)))

    result = sender_for(peer.port).send(mail(), note)
    assert told == [(Phase.BEGUN, False, 0), (Phase.WHOLE, True, 0)]
    assert (result.sending_id, result.token, result.at, result.detail) == (7, 3, NOW, "WHOLE 250 2.0.0 fine")


def test_a_connection_is_kept_while_it_may_be(start_peer: StartPeer, sender_for: Connect) -> None:
    peer = start_peer(Script())
    sender = sender_for(peer.port, keep=60)
    for _ in range(3):
        assert tried(sender) == (Outcome.ACCEPTED, False)
        sender.idle()
    assert (peer.connections, "QUIT" in peer.heard) == (1, False)


def test_a_connection_is_given_back_and_not_used_when_its_time_is_over(
    start_peer: StartPeer, sender_for: Connect
) -> None:
    peer = start_peer(Script())
    sender = sender_for(peer.port, keep=0)
    tried(sender)
    sender.idle()
    assert peer.heard[-1] == "QUIT"
    assert [tried(sender) for _ in range(2)] == [(Outcome.ACCEPTED, False)] * 2
    assert peer.connections == 3


def test_without_pipelining_each_command_waits_for_its_answer(start_peer: StartPeer, sender_for: Connect) -> None:
    peer = start_peer(Script(offers=(), answers={"MAIL": ["550 5.1.8 not you"]}))
    sender = sender_for(peer.port)
    assert tried(sender) == (Outcome.RETRY, True)
    assert [line.split(":")[0] for line in peer.heard] == ["ehlo orders.example", "MAIL FROM", "RSET"]
    assert tried(sender) == (Outcome.ACCEPTED, False)
    assert peer.connections == 1


# -- refused or put off


@pytest.mark.parametrize("offers", [(), ("PIPELINING",)], ids=["one by one", "pipelined"])
@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (("MAIL", "451 4.3.0 later"), (Outcome.RETRY, False)),
        (("MAIL", "553 5.1.8 not you"), (Outcome.RETRY, True)),
        (("RCPT", "450 4.2.1 later"), (Outcome.RETRY, False)),
        (("RCPT", "550 5.1.1 nobody"), (Outcome.REFUSED, False)),
        (("RCPT", "530 5.7.0 log in first"), (Outcome.RETRY, True)),
        (("DATA", "451 4.3.0 later"), (Outcome.RETRY, False)),
        (("DATA", "554 5.7.1 no"), (Outcome.REFUSED, False)),
        (("DOT", "452 4.3.1 full"), (Outcome.RETRY, False)),
        (("DOT", "552 5.3.4 too large"), (Outcome.REFUSED, False)),
    ],
)
def test_a_refusal_is_for_this_sending_and_the_next_goes_over_the_same_connection(
    start_peer: StartPeer,
    offers: tuple[str, ...],
    fault: tuple[str, str],
    expected: tuple[Outcome, bool],
    sender_for: Connect,
) -> None:
    verb, answer = fault
    answers = {verb: [answer]}
    if offers and verb in ("MAIL", "RCPT"):
        answers["DATA"] = ["554 5.5.1 no valid recipients"]
    peer = start_peer(Script(offers, answers))
    sender = sender_for(peer.port)
    assert tried(sender) == expected
    assert len(peer.contents) == (verb == "DOT")
    assert tried(sender) == (Outcome.ACCEPTED, False)
    assert peer.connections == 1


@pytest.mark.fault("F24", "F25")
def test_one_recipient_put_off_does_not_touch_another(relay: Relay, sender_for: Connect) -> None:
    relay.refuse_recipient("b@example.com", "450 4.2.1 Later", times=1)
    relay.refuse_recipient("c@example.com", "550 5.1.1 Nobody")
    sender = sender_for(relay.port)
    outcomes = [tried(sender, mail(recipient=f"{name}@example.com"))[0] for name in "abcb"]
    assert outcomes == [Outcome.ACCEPTED, Outcome.RETRY, Outcome.REFUSED, Outcome.ACCEPTED]
    assert [taken.recipients for taken in relay.messages()] == [("a@example.com",), ("b@example.com",)]
    assert relay.connections == 1


def test_a_relay_that_wants_content_for_a_refused_recipient_gets_none(
    start_peer: StartPeer, sender_for: Connect
) -> None:
    peer = start_peer(Script(answers={"RCPT": ["550 5.1.1 nobody"]}))
    sender = sender_for(peer.port)
    assert tried(sender) == (Outcome.REFUSED, False)
    assert tried(sender) == (Outcome.ACCEPTED, False)
    assert (peer.connections, len(peer.contents), peer.cut_off) == (2, 1, [b""])


@pytest.mark.parametrize(("offers", "code"), [(("SIZE 50",), "552"), ((), "554")])
def test_what_the_relay_cannot_carry_unchanged_is_refused_unsent(
    start_peer: StartPeer, offers: tuple[str, ...], code: str, sender_for: Connect
) -> None:
    peer = start_peer(Script(offers))
    result = sender_for(peer.port).send(mail(HEAD + "提货".encode() * 10 + b"\r\n"), unheard)
    assert (result.outcome, result.detail[:3]) == (Outcome.REFUSED, code)
    assert peer.heard == ["ehlo orders.example"]


def test_an_address_with_a_command_in_it_reaches_no_relay(start_peer: StartPeer, sender_for: Connect) -> None:
    peer = start_peer(Script())
    assert tried(sender_for(peer.port), mail(recipient="a@b>\r\nRCPT TO:<c@d")) == (Outcome.REFUSED, False)
    assert peer.connections == 0


# -- no connection


def test_no_relay_at_all_is_trouble_of_the_channel(sender_for: Connect) -> None:
    assert tried(sender_for(free_port())) == (Outcome.RETRY, True)


@pytest.mark.fault("F23")
@pytest.mark.parametrize("reply", ["421 4.3.2 Not now", "554 5.7.1 Go away"])
def test_a_relay_that_turns_us_away_at_the_door_is_tried_again(relay: Relay, reply: str, sender_for: Connect) -> None:
    relay.refuse_connections(reply, times=1)
    sender = sender_for(relay.port)
    assert tried(sender) == (Outcome.RETRY, True)
    assert tried(sender) == (Outcome.ACCEPTED, False)


@pytest.mark.fault("F28", "F33")
@pytest.mark.parametrize("verb", ["CONNECT", "EHLO"])
@pytest.mark.parametrize("fault", [STALL, DRIP, HANG_UP, "HTTP/1.1 400 Bad Request"])
def test_a_relay_that_never_comes_to_the_point_is_left_in_time(
    start_peer: StartPeer, verb: str, fault: str, sender_for: Connect
) -> None:
    peer = start_peer(Script(answers={verb: [fault]}))
    sender = sender_for(peer.port, reply_timeout=SHORT)
    begun = time.monotonic()
    assert tried(sender) == (Outcome.RETRY, True)
    assert time.monotonic() - begun < 4
    assert tried(sender) == (Outcome.ACCEPTED, False)


def test_the_worst_case_is_the_sum_of_what_is_waited_for(sender_for: Connect) -> None:
    sender = sender_for(25, connect_timeout=3, reply_timeout=5, data_timeout=7)
    assert sender.worst_case == timedelta(seconds=20)


# -- protected


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
def test_mail_goes_over_tls_to_a_relay_with_a_trusted_certificate(
    start_relay: Starter, papers: Certificates, security: Security, sender_for: Connect
) -> None:
    relay = start_relay(RelayOptions(papers.server_context(), tls_at_once=security is Security.TLS))
    sender = sender_for(relay.port, security=security, ca_file=papers.authority)
    assert [tried(sender) for _ in range(3)] == [(Outcome.ACCEPTED, False)] * 3
    sender.close()
    assert relay.connections == 1


@pytest.mark.fault("F30")
@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
def test_a_certificate_that_is_not_trusted_gets_no_mail(
    start_relay: Starter, papers: Certificates, security: Security, sender_for: Connect
) -> None:
    relay = start_relay(RelayOptions(papers.server_context(), tls_at_once=security is Security.TLS))
    sender = sender_for(relay.port, security=security)
    assert tried(sender) == (Outcome.RETRY, True)
    assert "certificate verify failed" in sender.send(mail(), unheard).detail
    assert relay.messages() == []


@pytest.mark.fault("F30")
def test_a_certificate_for_another_name_gets_no_mail(start_relay: Starter, tmp_path: Path, sender_for: Connect) -> None:
    papers = make_certificates(tmp_path)
    relay = start_relay(RelayOptions(papers.server_context(), tls_at_once=True))
    sender = sender_for(relay.port, host="localhost.localdomain", security="tls", ca_file=papers.authority)
    sender._book.host = "127.0.0.1"
    result = sender.send(mail(), unheard)
    assert (result.outcome, result.channel_trouble) == (Outcome.RETRY, True)
    assert "ostname mismatch" in result.detail
    assert relay.messages() == []


@pytest.mark.fault("F31")
def test_nothing_is_said_in_the_clear_where_starttls_is_stripped(start_peer: StartPeer, sender_for: Connect) -> None:
    peer = start_peer(Script(offers=("AUTH PLAIN",)))
    sender = sender_for(peer.port, security="starttls", username="desk")
    assert tried(sender) == (Outcome.RETRY, True)
    assert peer.heard == ["ehlo orders.example"]


def test_bytes_slipped_in_before_tls_end_the_session(start_peer: StartPeer, sender_for: Connect) -> None:
    peer = start_peer(Script(offers=("STARTTLS",), answers={"STARTTLS": ["220 go\r\n250-peer\r\n250 AUTH PLAIN"]}))
    result = sender_for(peer.port, security="starttls").send(mail(), unheard)
    assert (result.outcome, result.channel_trouble) == (Outcome.RETRY, True)
    assert "slipped in" in result.detail


def test_a_missing_authority_file_is_trouble_of_the_channel(relay: Relay, tmp_path: Path, sender_for: Connect) -> None:
    assert tried(sender_for(relay.port, security="tls", ca_file=tmp_path / "none")) == (Outcome.RETRY, True)


@pytest.mark.fault("F26")
def test_a_wrong_password_loses_nothing_and_is_in_no_detail(
    start_relay: Starter, papers: Certificates, sender_for: Connect
) -> None:
    relay = start_relay(RelayOptions(papers.server_context(), users={"desk": "right"}))
    passwords = iter(["hunter2", "right"])
    more = {"security": "starttls", "ca_file": papers.authority, "username": "desk"}
    sender = sender_for(relay.port, lambda: next(passwords), **more)
    result = sender.send(mail(), unheard)
    assert (result.outcome, result.channel_trouble) == (Outcome.RETRY, True)
    assert result.detail == "LOGIN 535 5.7.8"
    assert tried(sender) == (Outcome.ACCEPTED, False)


def test_a_password_file_that_is_missing_is_trouble_until_it_is_back(
    start_relay: Starter, papers: Certificates, tmp_path: Path, sender_for: Connect
) -> None:
    relay = start_relay(RelayOptions(papers.server_context(), users={"desk": "right"}))
    settings = settings_for(relay.port, username="desk", password_file=tmp_path / "secret")
    more = {"security": "starttls", "ca_file": papers.authority, "username": "desk"}
    sender = sender_for(relay.port, lambda: secret_of(settings), **more)
    assert tried(sender) == (Outcome.RETRY, True)
    (tmp_path / "secret").write_text("right\n")
    assert tried(sender) == (Outcome.ACCEPTED, False)


# -- broken off


@pytest.mark.parametrize("farewell", [HANG_UP, RESET, "421 4.4.2 idle for too long"])
def test_a_connection_that_the_relay_closed_while_idle_is_opened_again(
    start_peer: StartPeer, farewell: str, sender_for: Connect
) -> None:
    peer = start_peer(Script(answers={"MAIL": ["250 fine", farewell]}))
    sender = sender_for(peer.port)
    assert [tried(sender) for _ in range(3)] == [(Outcome.ACCEPTED, False)] * 3
    assert (peer.connections, len(peer.contents)) == (2, 3)


def test_a_relay_that_closes_again_at_once_is_not_chased(start_peer: StartPeer, sender_for: Connect) -> None:
    peer = start_peer(Script(answers={"MAIL": ["250 fine", HANG_UP, "421 4.3.2 later"]}))
    sender = sender_for(peer.port)
    assert [tried(sender) for _ in range(3)] == [
        (Outcome.ACCEPTED, False),
        (Outcome.RETRY, False),
        (Outcome.ACCEPTED, False),
    ]
    assert peer.connections == 3


@pytest.mark.fault("F32")
@pytest.mark.parametrize("fault", [HANG_UP, RESET, STALL])
@pytest.mark.parametrize("verb", ["RCPT", "DATA"])
def test_a_break_before_the_dot_is_simply_tried_again(
    start_peer: StartPeer, verb: str, fault: str, sender_for: Connect
) -> None:
    peer = start_peer(Script(answers={verb: [fault]}))
    sender = sender_for(peer.port, reply_timeout=SHORT)
    assert tried(sender) == (Outcome.RETRY, False)
    assert tried(sender) == (Outcome.ACCEPTED, False)
    assert len(peer.contents) == 1


@pytest.mark.fault("F32")
def test_a_break_within_the_content_is_simply_tried_again(start_peer: StartPeer, sender_for: Connect) -> None:
    peer = start_peer(Script(answers={"DATA": [CUT]}))
    body = HEAD + (b"y" * 76 + b"\r\n") * 200_000
    assert tried(sender_for(peer.port), mail(body)) == (Outcome.RETRY, False)
    assert peer.contents == []


@pytest.mark.fault("F20", "F21")
@pytest.mark.parametrize("act", [DROP_KEEPING, DROP_LOSING], ids=["kept", "not kept"])
def test_a_relay_that_hangs_up_at_the_dot_leaves_it_uncertain(relay: Relay, act: AtDot, sender_for: Connect) -> None:
    relay.at_dot(act)
    phases: list[Phase] = []
    sender = sender_for(relay.port)
    result = sender.send(mail(), phases.append)
    assert (result.outcome, result.channel_trouble, phases) == (Outcome.UNCERTAIN, False, [Phase.BEGUN, Phase.WHOLE])
    assert len(relay.messages()) == act.keeps
    assert tried(sender) == (Outcome.ACCEPTED, False)


@pytest.mark.fault("F22")
def test_a_relay_that_is_too_slow_at_the_dot_leaves_it_uncertain_and_its_late_reply_counts_for_nothing(
    relay: Relay, sender_for: Connect
) -> None:
    relay.at_dot(AtDot(reply="550 5.7.1 Much too late", stalls_seconds=5))
    sender = sender_for(relay.port, data_timeout=SHORT)
    begun = time.monotonic()
    assert tried(sender) == (Outcome.UNCERTAIN, False)
    assert time.monotonic() - begun < 4
    assert [tried(sender) for _ in range(2)] == [(Outcome.ACCEPTED, False)] * 2


@pytest.mark.parametrize("answer", [DRIP, STALL, HANG_UP, RESET, "354 more?", "what?"])
def test_no_clear_word_after_the_dot_is_uncertain(start_peer: StartPeer, answer: str, sender_for: Connect) -> None:
    peer = start_peer(Script(answers={"DOT": [answer]}))
    sender = sender_for(peer.port, data_timeout=SHORT)
    assert tried(sender) == (Outcome.UNCERTAIN, False)
    assert tried(sender) == (Outcome.ACCEPTED, False)
    assert len(peer.contents) == 2


@pytest.mark.parametrize("fenced_at", [Phase.BEGUN, Phase.WHOLE])
def test_a_phase_that_cannot_be_recorded_ends_the_session_before_the_dot(
    start_peer: StartPeer, fenced_at: Phase, sender_for: Connect
) -> None:
    def fenced(phase: Phase) -> None:
        if phase is fenced_at:
            raise LookupError("the lease is another's")

    peer = start_peer(Script())
    sender = sender_for(peer.port)
    with pytest.raises(LookupError):
        sender.send(mail(), fenced)
    assert tried(sender) == (Outcome.ACCEPTED, False)
    assert (peer.connections, len(peer.contents)) == (2, 1)


@pytest.mark.fault("F15", "F16", "F17", "F18")
@pytest.mark.parametrize(
    ("failpoint", "last_phase", "taken"),
    [
        ("out.after_rcpt", "begun", 0),
        ("out.mid_data", "begun", 0),
        ("out.after_dot", "whole", 1),
        ("out.after_250", "whole", 1),
    ],
)
def test_killed_on_the_way_the_last_phase_tells_whether_the_relay_may_have_it(
    smtp_sink: SmtpSink, failpoint: str, last_phase: str, taken: int, sender_for: Connect
) -> None:
    exit_code, phases = run(settings_for(smtp_sink.port), HEAD.decode() + "x\r\n" * 1000, f"{failpoint}:kill9")
    assert (exit_code, phases[-1]) == (-9, last_phase)
    assert tried(sender_for(smtp_sink.port)) == (Outcome.ACCEPTED, False)
    assert len(smtp_sink.wait_for(1 + taken)) == 1 + taken


def test_errors_of_smtp_and_tls_are_errors_of_the_network_in_this_python() -> None:
    assert all(issubclass(error, OSError) for error in (smtplib.SMTPException, ssl.SSLError, ssl.CertificateError))
