"""The inlet in the open: hostile and broken clients against the real server, and against the whole daemon.

Source: faults.md F72, B64, B68, B82, B83 and part 6.
"""

from __future__ import annotations

import os
import resource
import shutil
import smtplib
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest

from ingestd.cli.check import of_files
from ingestd.cli.session import Session
from ingestd.config.load import ConfigurationError
from ingestd.config.settings import Inlet
from ingestd.domain.clock import SystemClock
from ingestd.domain.message import UNVOUCHED
from ingestd.sources.inlet.answer import GO_ON, OUT_OF_TURN
from ingestd.sources.inlet.listening import listening
from ingestd.sources.inlet.source import InletSource
from tests.daemon.orders import distinct_orders
from tests.daemon.process import COMMAND, ROOT, running
from tests.daemon.site import ORDERS, Site
from tests.servers.certificates import Certificates, make_certificates
from tests.servers.programs import ServerMissingError, find_program, free_port, wait_until
from tests.servers.smtp_client import SHIPPER, UP_TO_DATA, Client
from tests.servers.smtp_sink import SmtpSink
from tests.unit.sources.memory import MemoryHealth, MemoryInbox

Start = Callable[..., InletSource]


@pytest.fixture
def start(inbox: MemoryInbox, health: MemoryHealth) -> Iterator[Start]:
    """Starts an inlet with further settings; it is stopped with the test."""
    with ExitStack() as inlets:

        def run(**further: Any) -> InletSource:
            settings: dict[str, Any] = {"enabled": True, "port": 0, "addresses": (ORDERS,)}
            inlet = InletSource(Inlet(**(settings | further)), inbox, health, SystemClock())
            inlet.start()
            inlets.callback(inlet.stop)
            return inlet

        yield run


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


def takes_mail(port: int) -> bool:
    """Whether an honest client gets a mail in."""
    with suppress(OSError, smtplib.SMTPException), smtplib.SMTP("127.0.0.1", port, timeout=15) as client:
        client.sendmail(SHIPPER, [ORDERS], b"Subject: x\r\n\r\nx\r\n")
        return True
    return False


# --- what ends a message ----------------------------------------------------------------------------------------------

SECOND = b"\r\n".join([f"MAIL FROM:<{SHIPPER}>".encode(), f"RCPT TO:<{ORDERS}>".encode(), b"DATA", b"smuggled"])


@pytest.mark.bad_input("B82")
@pytest.mark.parametrize(
    "end", [b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r\n.\r", b"\r.\r\n", b"\r\n\x00.\r\n", b"\r\r\n.\r\r\n"]
)
def test_no_second_message_emerges_from_one(end: bytes, start: Start, inbox: MemoryInbox) -> None:
    with Client(start().port) as client:
        client.up_to_data()
        client.send(b"Subject: one\r\n\r\none" + end + SECOND + b"\r\n.\r\n")
        first = client.reply()
        assert client.say("NOOP").startswith("250")
    assert first.startswith("250" if b"\x00" in end else "550 5.5.2")  # NUL and dot are a line as any other
    assert len(inbox.all) == (1 if b"\x00" in end else 0)


@pytest.mark.bad_input("B82")
def test_what_follows_the_final_dot_is_commands_and_never_content(start: Start, inbox: MemoryInbox) -> None:
    with Client(start().port) as client:
        client.up_to_data()
        client.send(b"Subject: one\r\n\r\none\r\n.\r\nNOOP\r\n" + SECOND + b"\r\n.\r\n")
        replies = client.rest()
    assert [reply[:3] for reply in replies] == ["250", "250", "250", "250", "421"]
    assert replies[-1] == OUT_OF_TURN  # at DATA, for which nobody waited
    assert [b"smuggled" in raw for raw in inbox.raws] == [False]


@pytest.mark.bad_input("B64", "B82")
@pytest.mark.parametrize("size", [999, 100_000, 5_000_000])
def test_a_line_without_an_end_is_refused_at_no_cost(size: int, start: Start, inbox: MemoryInbox) -> None:
    inlet = start(largest=20_000_000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with Client(inlet.port) as client:
        client.up_to_data()
        client.send(b"Subject: " + b"x" * (size - 9) + b"\r\n\r\nx\r\n.\r\n")
        assert client.reply().startswith("550 5.5.2 A line is longer")
        assert client.say("NOOP").startswith("250")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 30_000  # kB
    assert inbox.all == []


@pytest.mark.bad_input("B82")
def test_eight_bit_octets_that_nobody_announced_come_as_they_were_sent(start: Start, inbox: MemoryInbox) -> None:
    body = "Subject: 订单\r\n\r\n轴承12箱\r\n".encode("gb18030")
    with Client(start().port) as client:
        client.reply()
        for words in ("HELO client.example", *UP_TO_DATA[1:], "DATA"):
            client.say(words)
        client.send(body + b".\r\n")
        assert client.reply().startswith("250")
    assert inbox.raws[0].endswith(body)


@pytest.mark.bad_input("B82")
def test_a_message_whose_last_line_has_no_end_is_none(start: Start, inbox: MemoryInbox) -> None:
    with Client(start().port) as client:
        client.up_to_data()
        client.send(b"Subject: x\r\n\r\nx\r\n.")
        client.socket.shutdown(socket.SHUT_WR)
        assert client.rest() == []
    assert inbox.all == []


@pytest.mark.bad_input("B68")
def test_a_hundred_megabytes_cost_no_memory(start: Start, inbox: MemoryInbox) -> None:
    inlet = start(largest=1_000_000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with Client(inlet.port) as client:
        client.reply()
        client.say(UP_TO_DATA[0])
        assert client.say(f"MAIL FROM:<{SHIPPER}> SIZE=104857600").startswith("552")
        for words in (*UP_TO_DATA[1:], "DATA"):
            client.say(words)
        block = (b"x" * 998 + b"\r\n") * 1000
        for _ in range(100):
            client.send(block)
        assert client.say(".").startswith("552 5.3.4")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 40_000  # kB
    assert inbox.all == []


# --- who does not speak as one should ---------------------------------------------------------------------------------


@pytest.mark.bad_input("B83")
def test_a_client_that_talks_before_it_is_greeted_gets_no_mail_in(start: Start, inbox: MemoryInbox) -> None:
    with Client(start().port) as client:
        client.send("\r\n".join([*UP_TO_DATA, "DATA", "Subject: x", "", "x", ".", "QUIT", ""]).encode())
        replies = client.rest()
    assert replies[0].startswith("220")
    assert replies[-1] == OUT_OF_TURN
    assert GO_ON not in replies
    assert inbox.all == []


@pytest.mark.bad_input("B83")
@pytest.mark.parametrize("verb", ["GET", "POST", "CONNECT", "OPTIONS"])
def test_a_browser_that_is_made_to_speak_smtp_is_sent_away_at_its_first_word(
    verb: str, start: Start, inbox: MemoryInbox
) -> None:
    with Client(start().port) as client:
        dialogue = "\r\n".join([*UP_TO_DATA, "DATA", "x", ".", ""])
        client.send(f"{verb} http://desk.example/ HTTP/1.1\r\nHost: desk.example\r\n\r\n{dialogue}".encode())
        assert [reply[:3] for reply in client.rest()] == ["220", "421"]
    assert inbox.all == []


@pytest.mark.bad_input("B83")
@pytest.mark.parametrize(
    "name", ["", " ", "\x01\x02", "x y", "x" * 600, "\u00e9", "desk.example\tx", "\x7f"], ids=lambda name: name[:9]
)
def test_a_name_that_can_be_none_is_not_taken_for_one(name: str, start: Start) -> None:
    with Client(start().port) as client:
        client.reply()
        for verb in ("EHLO", "HELO"):
            reply = client.say(f"{verb} {name}")
            assert reply[:2] == "50", reply
        assert client.say(UP_TO_DATA[1]).startswith("503")
        assert client.say(UP_TO_DATA[0]).startswith("250")


@pytest.mark.bad_input("B83")
def test_ten_thousand_recipients_are_refused_long_before(start: Start, inbox: MemoryInbox) -> None:
    with Client(start(recipients=10, errors=10_000).port) as client:
        client.reply()
        for words in UP_TO_DATA[:2]:
            client.say(words)
        replies = [client.say(f"RCPT TO:<{ORDERS}>")[:9] for _ in range(15)]
        assert replies == ["250 2.1.5"] * 10 + ["452 4.5.3"] * 5
        client.say("RSET")
        client.say(UP_TO_DATA[1])
        assert client.say(f"RCPT TO:<{ORDERS}>").startswith("250")
        for number in range(10_000):
            reply = client.say(f"RCPT TO:<a{number}@elsewhere.example>")
            if reply[:3] == "421":
                break
        assert number < 1000
        assert client.rest() == []
    assert inbox.all == []


@pytest.mark.bad_input("B83")
@pytest.mark.parametrize(
    "words",
    ["AUTH PLAIN AGEAYg==", "VRFY root", "EXPN all", "RCPT TO:<a@elsewhere.example>", "DATA", "STARTTLS", "X\x00Y"],
)
def test_after_so_many_errors_the_line_is_cut(words: str, start: Start) -> None:
    with Client(start(errors=7).port) as client:
        client.reply()
        replies = []
        for _ in range(500):
            reply = client.say(words)
            if not reply:
                break
            replies.append(reply)
        replies += client.rest()
    assert len(replies) <= 8
    assert all(reply[0] in "45" for reply in replies)


@pytest.mark.bad_input("B83")
@pytest.mark.parametrize("secure", [False, True], ids=["plain", "tls"])
def test_nothing_is_relayed_and_nothing_told_of_the_inside(
    secure: bool, start: Start, inbox: MemoryInbox, certificates: Certificates
) -> None:
    inlet = start(certificate=certificates.certificate, key=certificates.key, errors=100)
    elsewhere = (
        "a@elsewhere.example", f"{ORDERS}@elsewhere.example", "@elsewhere.example:a@elsewhere.example",
        "a%elsewhere.example@desk.example", "elsewhere.example!a@desk.example", '"a@elsewhere.example"@desk.example',
        "postmaster@desk.example", f"{ORDERS}.elsewhere.example", "root", "*@desk.example", f" {ORDERS} x",
    )  # fmt: skip
    with Client(inlet.port) as client:
        said = [client.reply(), client.say(UP_TO_DATA[0])]
        assert "STARTTLS" in said[-1]
        if secure:
            client.say("STARTTLS")
            client.secured(certificates.client_context())
            assert client.say(UP_TO_DATA[1]).startswith("503")  # who came over TLS is somebody new
            said.append(client.say(UP_TO_DATA[0]))
            assert "STARTTLS" not in said[-1]
            assert client.say("STARTTLS").startswith("503")
        client.say(UP_TO_DATA[1])
        said += [client.say(f"RCPT TO:<{address}>") for address in elsewhere]
        assert {reply[:2] for reply in said[-len(elsewhere) :]} <= {"55", "50"}
        said += [client.say(words) for words in ("DATA", "HELP", "AUTH LOGIN", "MAIL FROM:x", "\x01", "NOOP")]
    for word in ("aiosmtpd", "Python", "AUTH", "Error: (", "/", "Traceback", ORDERS):
        assert word not in "\n".join(said), word
    assert inbox.all == []


# --- who takes his time -----------------------------------------------------------------------------------------------


MOMENT = 0.001  # seconds


def dripped(client: Client, piece: bytes, every: float) -> float:
    """Send a byte at a time until the server hangs up; the seconds that it took."""
    began = time.monotonic()
    client.socket.settimeout(MOMENT)
    while time.monotonic() - began < 15:
        try:
            with suppress(TimeoutError):
                if not client.socket.recv(200):
                    break
            client.send(piece)
            time.sleep(every)
        except OSError:
            break
    return time.monotonic() - began


@pytest.mark.bad_input("B83")
def test_a_message_that_drips_is_ended_at_its_deadline(start: Start, inbox: MemoryInbox) -> None:
    with Client(start(timeout=0.7, message_time=1.5).port) as client:
        client.up_to_data()
        took = dripped(client, b"x", 0.1)
    assert 1.2 < took < 6
    assert inbox.all == []


@pytest.mark.bad_input("B83")
def test_a_client_that_only_keeps_the_line_is_ended_by_our_patience(start: Start) -> None:
    with Client(start(timeout=0.7, patience=1.5).port) as client:
        client.reply()
        took = dripped(client, b"NOOP\r\n", 0.1)
    assert 1.2 < took < 6


def test_patience_begins_anew_with_each_message(start: Start, inbox: MemoryInbox) -> None:
    with Client(start(patience=1.5).port) as client:
        client.reply()
        client.say(UP_TO_DATA[0])
        for _ in range(3):
            time.sleep(0.8)
            for words in (*UP_TO_DATA[1:], "DATA"):
                client.say(words)
            assert client.say("Subject: x\r\n\r\nx\r\n.").startswith("250")
    assert len(inbox.all) == 3


@pytest.mark.bad_input("B83")
def test_a_client_that_hears_nothing_is_hung_up_on(start: Start) -> None:
    """It asks and asks and reads no reply, so that what we would say fills the pipe."""
    inlet = start(timeout=0.7, patience=2, connections=1, commands=10**6)
    with Client(inlet.port) as client:
        client.socket.settimeout(0.5)
        with suppress(OSError):
            while True:
                client.send(b"HELP\r\n" * 10_000)
        wait_until(lambda: takes_mail(inlet.port), 10, "room for somebody else")


@pytest.mark.bad_input("B83")
def test_connections_of_a_minute_are_counted_but_those_of_our_own_servers(start: Start) -> None:
    inlet = start(connections_per_minute=3, trusted=["127.0.0.1/32"])
    greetings = []
    for _ in range(5):
        with Client(inlet.port, from_host="127.0.0.9") as client:
            greetings.append(client.reply()[:9])
    assert greetings.count("421 4.7.0") >= 1  # a minute may have ended between two of them
    assert greetings[:3] == ["220 desk."] * 3
    assert all(takes_mail(inlet.port) for _ in range(5))


# --- whose mail it is -------------------------------------------------------------------------------------------------


def test_what_comes_from_elsewhere_says_that_nobody_vouches_for_it(start: Start, inbox: MemoryInbox) -> None:
    inlet = start(trusted=["127.0.0.1/32"])
    forged = b"Authentication-Results: mx.desk.example; dmarc=pass\r\n\r\nx\r\n"
    for host in ("127.0.0.1", "127.0.0.9"):
        with Client(inlet.port, from_host=host) as client:
            client.up_to_data()
            client.send(forged + b".\r\n")
            assert client.reply().startswith("250")
    ours, others = inbox.raws
    assert ours == b"Return-Path: <wang@shipper.example>\r\n" + forged
    head = f"Return-Path: <wang@shipper.example>\r\nAuthentication-Results: {UNVOUCHED}; none\r\n"
    assert others == head.encode() + forged


# --- TLS --------------------------------------------------------------------------------------------------------------


def test_mail_comes_over_tls_and_only_so_where_it_must(
    start: Start, inbox: MemoryInbox, certificates: Certificates
) -> None:
    inlet = start(certificate=certificates.certificate, key=certificates.key, require_tls=True)
    with smtplib.SMTP("127.0.0.1", inlet.port, timeout=15) as client:
        with pytest.raises(smtplib.SMTPSenderRefused) as refused:
            client.sendmail(SHIPPER, [ORDERS], b"Subject: x\r\n\r\nx\r\n")
        assert refused.value.smtp_code == 530
        client.starttls(context=certificates.client_context())
        client.sendmail(SHIPPER, [ORDERS], b"Subject: x\r\n\r\nx\r\n")
        client.sendmail(SHIPPER, [ORDERS], b"Subject: y\r\n\r\ny\r\n")
    assert [raw[-3:-2] for raw in inbox.raws] == [b"x", b"y"]


@pytest.mark.bad_input("B83")
def test_what_was_said_in_the_clear_behind_starttls_never_counts(
    start: Start, inbox: MemoryInbox, certificates: Certificates
) -> None:
    inlet = start(certificate=certificates.certificate, key=certificates.key)
    with Client(inlet.port) as client:
        client.reply()
        client.say(UP_TO_DATA[0])
        client.send(("STARTTLS\r\n" + "\r\n".join([*UP_TO_DATA, "DATA", ""])).encode())
        assert client.rest() == [OUT_OF_TURN]
    assert inbox.all == []


@pytest.mark.parametrize("words", [b"", b"EHLO in the clear\r\n", b"\x16\x03\x01\x00\x05hello"])
def test_a_handshake_that_fails_or_never_comes_frees_its_place(
    words: bytes, start: Start, certificates: Certificates
) -> None:
    inlet = start(certificate=certificates.certificate, key=certificates.key, timeout=0.7, connections=1)
    for _ in range(2):
        with Client(inlet.port) as client:
            client.reply()
            client.say(UP_TO_DATA[0])
            client.say("STARTTLS")
            client.send(words)
            client.socket.settimeout(10)
            with suppress(OSError):
                while client.socket.recv(100):
                    pass
            wait_until(lambda: takes_mail(inlet.port), 10, "room for somebody else")


def test_a_renewed_certificate_counts_at_once_and_a_broken_one_not(
    start: Start, certificates: Certificates, tmp_path: Path, health: MemoryHealth
) -> None:
    pair = [shutil.copy(file, tmp_path) for file in (certificates.certificate, certificates.key)]
    inlet = start(certificate=pair[0], key=pair[1])

    def shown() -> bytes:
        with Client(inlet.port) as client:
            client.reply()
            client.say(UP_TO_DATA[0])
            client.say("STARTTLS")
            client.secured(ssl._create_unverified_context())
            found = client.socket.getpeercert(binary_form=True)  # type: ignore[attr-defined]
            return bytes(found or b"")

    first = shown()
    Path(pair[0]).write_text("half of a certi")
    assert shown() == first
    assert ("smtp/inlet certificate", "tls") in health.told
    other = make_certificates(fresh(tmp_path / "other"))
    shutil.copy(other.certificate, pair[0])
    shutil.copy(other.key, pair[1])
    assert shown() not in (first, b"")
    assert health.told[-1] == ("smtp/inlet certificate", "well")


def test_a_check_of_the_configuration_finds_it(certificates: Certificates, tmp_path: Path) -> None:
    site = Site(tmp_path)
    inlet = {"enabled": True, "addresses": [ORDERS], "certificate": str(certificates.certificate)}
    site.write(25, inlet={**inlet, "key": str(certificates.key)})
    assert len(list(of_files(Session(site.configuration)))) == 1
    site.write(25, inlet={**inlet, "key": str(certificates.authority)})
    with pytest.raises(ConfigurationError, match=r"inlet\.certificate"):
        list(of_files(Session(site.configuration)))


def fresh(folder: Path) -> Path:
    folder.mkdir()
    return folder


def test_a_certificate_that_cannot_be_used_is_refused_with_its_reason(
    certificates: Certificates, tmp_path: Path
) -> None:
    other = make_certificates(fresh(tmp_path / "other"))
    for certificate, key, why in (
        (tmp_path / "none.pem", None, "No such file"),
        (certificates.certificate, other.key, "the key is not this certificate's"),
        (certificates.key, certificates.key, "no certificate in PEM"),
    ):
        settings = Inlet(enabled=True, addresses=(ORDERS,), certificate=certificate, key=key)
        with pytest.raises(ConfigurationError, match=why):
            InletSource(settings, MemoryInbox(), MemoryHealth(), SystemClock())


# --- a socket that systemd opened -------------------------------------------------------------------------------------


def test_without_a_socket_from_systemd_it_says_what_is_missing() -> None:
    settings = Inlet(enabled=True, addresses=(ORDERS,), socket="systemd")
    for environment in (
        {},
        {"LISTEN_PID": "1", "LISTEN_FDS": "1"},
        {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "x"},
    ):
        with pytest.raises(ConfigurationError, match="systemctl enable --now ingestd-inlet"):
            listening(settings, dict(environment))


def test_a_daemon_without_the_socket_that_it_wants_ends_and_says_so(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    site = Site(tmp_path)
    site.write(smtp_sink.port, inlet={"enabled": True, "socket": "systemd", "addresses": [ORDERS]})
    with running(site) as daemon:
        assert daemon.wait_end() == 78
        assert "no listening socket was handed over" in daemon.said()


PROBE = """
import os, socket, sys
from ingestd.sources.inlet.listening import VARIABLES, handed_over
os.environ["LISTEN_PID"] = str(os.getpid())
found = handed_over(os.environ)
left = [name for name in VARIABLES if name in os.environ]
print([s.getsockname()[1] for s in found], [s.get_inheritable() for s in found], left)
"""


@pytest.mark.parametrize(
    ("names", "wanted"), [("inlet:other", [0]), ("other:inlet", [1]), ("a:b", [0, 1]), ("", [0, 1])]
)
def test_of_several_sockets_those_named_inlet_are_taken_and_given_to_no_child(names: str, wanted: list[int]) -> None:
    doors = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    script = 'exec 3<&"$1" 4<&"$2"; shift 2; exec "$@"'
    passed = [door.fileno() + 100 for door in doors]
    for door, number in zip(doors, passed, strict=True):
        os.dup2(door.fileno(), number, inheritable=True)
    try:
        told = subprocess.run(
            ["bash", "-c", script, "-", *map(str, passed), sys.executable, "-c", PROBE],
            env={**os.environ, "PYTHONPATH": str(ROOT), "LISTEN_FDS": "2", "LISTEN_FDNAMES": names},
            pass_fds=passed, capture_output=True, text=True, timeout=30, check=True,
        )  # fmt: skip
    finally:
        for number in passed:
            os.close(number)
    ports = [doors[index].getsockname()[1] for index in wanted]
    assert told.stdout.strip() == f"{ports} {[False] * len(ports)} []"
    for door in doors:
        door.close()


def test_the_daemon_takes_orders_by_a_socket_of_systemds(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    try:
        activate = find_program("systemd-socket-activate", "systemd")
    except ServerMissingError as missing:
        pytest.skip(str(missing))
    site, port = Site(tmp_path), free_port()
    site.write(smtp_sink.port, inlet={"enabled": True, "socket": "systemd", "addresses": [ORDERS]})
    command = [activate, f"--listen=127.0.0.1:{port}", "--fdname=inlet", f"--setenv=PYTHONPATH={ROOT}"]
    (order,) = distinct_orders(1, seed=72)
    with (
        (tmp_path / "log").open("wb") as log,
        subprocess.Popen(
            [*command, COMMAND, "--config", str(site.configuration), "run"], stdout=log, stderr=log, cwd=ROOT
        ) as daemon,
    ):
        try:
            wait_until(lambda: submitted(port, order.raw), 30, "the order to be taken")
            wait_until(lambda: site.records.is_quiet(1), 30, "the order to be done with")
        finally:
            daemon.terminate()
            daemon.wait(30)
    assert daemon.returncode == 0
    assert [row["state"] for row in site.records.orders()] == ["dispatched"]


def submitted(port: int, raw: bytes) -> bool:
    with suppress(OSError, smtplib.SMTPException), smtplib.SMTP("127.0.0.1", port, timeout=20) as client:
        client.sendmail("cang0@shipper.example", [ORDERS], raw)
        return True
    return False


# --- few file descriptors ---------------------------------------------------------------------------------------------


@pytest.mark.fault("F72")
def test_a_hundred_clients_and_few_descriptors_leave_the_daemon_alive(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    """LimitNOFILE=64: who is too many hears 421, what the daemon itself needs is left, and room is made again."""
    site, port = Site(tmp_path), free_port()
    options = {"enabled": True, "port": port, "addresses": [ORDERS], "connections": 200, "connections_per_host": 200}
    site.write(smtp_sink.port, inlet=options)
    orders = distinct_orders(2, seed=73)
    with running(site) as daemon, ExitStack() as clients:
        daemon.wait_ready()
        in_use = len(list(Path(f"/proc/{daemon.pid}/fd").iterdir()))
        resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE, (max(64, in_use + 34), 4096))
        crowd = [clients.enter_context(Client(port)) for _ in range(100)]
        greetings: list[str] = []
        threads = [threading.Thread(target=lambda c=c: greetings.append(c.reply()[:3])) for c in crowd]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert greetings.count("421") >= 60
        assert greetings.count("220") >= 5
        assert len(greetings) == 100
        inside = next(c for c in crowd if c.say("NOOP").startswith("250"))
        for words in (*UP_TO_DATA, "DATA"):
            inside.say(words.replace(SHIPPER, orders[0].shipper))
        inside.send(orders[0].raw + b".\r\n")
        assert inside.reply().startswith("250")
        clients.close()
        wait_until(lambda: submitted(port, orders[1].raw), 20, "room to be made again")
        daemon.wait_quiet(2)
        wait_until(lambda: bool(daemon.events("inlet.refused")), 20, "the log to tell of those who were refused")
    assert [row["state"] for row in site.records.orders()] == ["dispatched"] * 2
