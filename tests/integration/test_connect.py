"""`ingestd check --connect` against real servers, and against ones that refuse as providers do."""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ingestd.cli import connecting
from ingestd.cli.connecting import UnreachedError
from ingestd.config.settings import Audit, ImapAccount, Relay, SmsGateway
from ingestd.daemon.lock import RunLock
from tests.servers.certificates import Certificates, expired_certificate
from tests.servers.dovecot import Mailbox
from tests.servers.relay import Relay as RelayServer
from tests.servers.relay import RelayOptions
from tests.servers.scripted_imap import ScriptedImap

StartImap = Callable[[dict[str, str]], ScriptedImap]


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


@pytest.fixture
def scripted() -> Iterator[StartImap]:
    """Starts scripted IMAP servers; they are stopped with the test."""
    servers: list[ScriptedImap] = []

    def start(answers: dict[str, str]) -> ScriptedImap:
        servers.append(ScriptedImap(answers))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def account(port: int, user: str = "desk@site.example", **values: Any) -> ImapAccount:
    """A mailbox on the loopback."""
    values = {"host": "127.0.0.1", "security": "none", "password": "secret", **values}
    return ImapAccount(name="orders", port=port, username=user, **values)


def why(one: Callable[[], str]) -> str:
    """Why a peer can't be used."""
    with pytest.raises(UnreachedError) as caught:
        one()
    return str(caught.value)


# --- mailboxes --------------------------------------------------------------------------------------------------------


def test_a_mailbox_that_can_be_used(mailbox: Mailbox) -> None:
    own = account(mailbox.server.ports.imap, mailbox.user, authserv_id="none")
    assert connecting.of_mailbox(own) == "127.0.0.1: logged in, INBOX open, new mail is told at once"


def test_a_folder_that_is_not_there_is_named(mailbox: Mailbox) -> None:
    own = account(mailbox.server.ports.imap, mailbox.user, folders=("INBOX", "Orders"))
    assert "there is no folder Orders" in why(lambda: connecting.of_mailbox(own))


def test_a_wrong_password_is_told_and_never_shown(mailbox: Mailbox) -> None:
    own = account(mailbox.server.ports.imap, mailbox.user, password="hush-hush")
    said = why(lambda: connecting.of_mailbox(own))
    assert f"refuses the login of {mailbox.user}" in said
    assert "hush" not in said


def test_certificates_are_told_apart(mailbox: Mailbox) -> None:
    dovecot = mailbox.server
    secure = {"security": "tls", "ca_file": dovecot.certificates.authority}
    assert "logged in" in connecting.of_mailbox(account(dovecot.ports.imaps, mailbox.user, **secure))
    unknown = account(dovecot.ports.imaps, mailbox.user, security="tls")
    assert "of no authority known here" in why(lambda: connecting.of_mailbox(unknown))
    other_name = account(dovecot.ports.imaps, mailbox.user, **{**secure, "host": "127.1"})
    assert "for another name" in why(lambda: connecting.of_mailbox(other_name))


def test_tls_at_a_plain_port_is_recognised(mailbox: Mailbox) -> None:
    own = account(mailbox.server.ports.imap, mailbox.user, security="tls")
    assert "speaks no TLS at port" in why(lambda: connecting.of_mailbox(own))


def test_a_port_that_wants_tls_at_once_is_recognised(
    mailbox: Mailbox, start_relay: Callable[[RelayOptions], RelayServer], certificates: Certificates
) -> None:
    own = account(mailbox.server.ports.imaps, mailbox.user, timeout=2)
    assert 'set security = "tls"' in why(lambda: connecting.of_mailbox(own))
    server = start_relay(RelayOptions(tls=certificates.server_context(), tls_at_once=True))
    assert 'set security = "tls"' in why(lambda: of_relay(server, reply_timeout=2))


def test_a_certificate_that_has_expired_is_told(mailbox: Mailbox, tmp_path: Path) -> None:
    good = mailbox.server.certificates
    expired = expired_certificate(good, tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(expired, good.key)
    with socket.create_server(("127.0.0.1", 0)) as door:
        thread = threading.Thread(target=shake_hands, args=(door, context), daemon=True)
        thread.start()
        own = account(door.getsockname()[1], security="tls", ca_file=good.authority)
        assert "has expired" in why(lambda: connecting.of_mailbox(own))
        thread.join(10)


def shake_hands(door: socket.socket, context: ssl.SSLContext) -> None:
    """Show the certificate to one client, whatever it thinks of it."""
    client, _ = door.accept()
    with client, contextlib.suppress(OSError):
        context.wrap_socket(client, server_side=True)


def test_a_server_that_says_nothing_is_told_within_its_timeout() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        silent = account(door.getsockname()[1], timeout=0.5)
        began = time.monotonic()
        assert "does not answer in time" in why(lambda: connecting.of_mailbox(silent))
        assert time.monotonic() - began < 10


def test_a_server_that_hangs_up_has_not_refused_the_password(scripted: StartImap) -> None:
    server = scripted({"LOGIN": "* BYE too busy"})
    said = why(lambda: connecting.of_mailbox(account(server.port, timeout=1)))
    assert "was lost" in said
    assert "password" not in said


def test_a_missing_or_empty_password_is_told_before_anybody_is_asked(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n")
    missing = account(1, password_file=tmp_path / "none")
    assert str(tmp_path / "none") in why(lambda: connecting.of_mailbox(missing))
    empty = account(1, password_file=tmp_path / "empty")
    assert "is empty" in why(lambda: connecting.of_mailbox(empty))


def test_a_wrong_password_at_163_or_qq_is_most_often_no_code(mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connecting, "CODE_PROVIDERS", ("127.0.0.1",))
    own = account(mailbox.server.ports.imap, mailbox.user, password="hush-hush")
    said = why(lambda: connecting.of_mailbox(own))
    assert "authorisation code" in said
    assert "hush" not in said


def test_the_folder_for_what_is_done_is_tried_too(mailbox: Mailbox) -> None:
    own = account(mailbox.server.ports.imap, mailbox.user, processed_folder="Processed")
    assert "there is no folder Processed" in why(lambda: connecting.of_mailbox(own))


def test_nobody_at_the_port_and_no_such_host() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    assert "nobody listens" in why(lambda: connecting.of_mailbox(account(port)))
    lost = account(143, host="no-such-host.invalid", insecure=True)
    assert "there is no host no-such-host.invalid" in why(lambda: connecting.of_mailbox(lost))


REFUSALS = {
    "LOGIN Login error or password error": ("LOGIN", "{tag} NO LOGIN Login error or password error", "check user name"),
    "QQ's code": ("LOGIN", "{tag} NO Login fail. Please using authorized code to login.", "authorisation code"),
    "QQ's four": (
        "LOGIN",
        "{tag} NO Login fail. Account is abnormal, service is not open, password is incorrect, login frequency "
        "limited, or system is busy",
        "four things",
    ),
    "QQ's switch": ("LOGIN", "{tag} NO Account is abnormal, service is not open", "IMAP is switched off"),
    "QQ's patience": ("LOGIN", "{tag} NO login frequency limited", "too many logins"),
    "Gmail's code": ("LOGIN", "{tag} NO Application-specific password required", "authorisation code"),
    "Exchange": ("LOGIN", "{tag} NO BasicAuthBlocked", "does not allow passwords any more"),
    "plain text": ("LOGIN", "{tag} NO [PRIVACYREQUIRED] Plaintext authentication disallowed", "encrypted first"),
    "163's Unsafe Login": ("EXAMINE", "{tag} NO EXAMINE Unsafe Login. Please contact kefu@188.com", "log in once in"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_providers_refusal_says_how_to_mend_it(scripted: StartImap, name: str) -> None:
    command, answer, remedy = REFUSALS[name]
    server = scripted({command: answer})
    said = why(lambda: connecting.of_mailbox(account(server.port)))
    assert remedy in said
    assert "\n" not in said


def test_who_we_are_is_said_before_a_folder_is_opened(scripted: StartImap) -> None:
    server = scripted({})
    assert "looked for every 10 s" in connecting.of_mailbox(account(server.port))
    assert server.heard.index("ID") < server.heard.index("EXAMINE")


# --- relay, inlet, spool, database ------------------------------------------------------------------------------------


def of_relay(server: RelayServer, recipient: str | None = "dispatch@site.example", **values: Any) -> str:
    relay = Relay(host="127.0.0.1", port=server.port, **values)
    return connecting.of_relay(relay, "site.example", "desk@site.example", recipient)


def test_a_relay_that_lets_us_send_gets_no_mail(relay: RelayServer) -> None:
    assert "may send as desk@site.example" in of_relay(relay)
    assert relay.messages() == []


def test_a_relays_refusals_say_how_to_mend_them(relay: RelayServer) -> None:
    relay.refuse_recipient("dispatch@site.example", "554 5.7.1 Relay access denied", times=1)
    assert "does not relay for us" in why(lambda: of_relay(relay))
    relay.refuse_senders("553 Mail from must equal authorized user", times=1)
    assert "under its own address only" in why(lambda: of_relay(relay))
    relay.refuse_senders("530 5.7.0 Must issue a STARTTLS command first", times=1)
    assert "encrypted first" in why(lambda: of_relay(relay))
    relay.refuse_connections("554 No service for you", times=1)
    assert "refuses (554 No service for you)" in why(lambda: of_relay(relay))
    relay.refuse_senders("550 User has no permission", times=1)
    assert "sending is switched off" in why(lambda: of_relay(relay))
    relay.refuse_senders("550 5.1.0 Not you", times=1)
    assert "does not take desk@site.example as the sender" in why(lambda: of_relay(relay))
    relay.refuse_recipient("dispatch@site.example", "550 5.1.1 Nobody", times=1)
    assert "takes no mail for dispatch@site.example" in why(lambda: of_relay(relay))


def test_a_relay_is_asked_for_the_copies_too_and_their_mailbox_is_entered(relay: RelayServer, mailbox: Mailbox) -> None:
    relay.refuse_recipient("audit@site.example", "550 5.1.1 Nobody", times=1)
    settings = Relay(host="127.0.0.1", port=relay.port)

    def reach() -> str:
        return connecting.of_relay(settings, "site.example", "desk@site.example", None, "audit@site.example")

    assert "check audit.address" in why(reach)
    assert "may send as" in reach()
    dovecot = mailbox.server
    audit = {"host": dovecot.host, "port": dovecot.ports.imap, "security": "none", "folders": ["INBOX", "Junk"]}
    own = Audit.model_validate({"address": "a@x.example", "username": mailbox.user, "password": "secret", **audit})
    assert "there is no folder Junk" in why(lambda: connecting.of_mailbox(own.account))


def test_a_relays_login(start_relay: Callable[[RelayOptions], RelayServer], certificates: Any) -> None:
    options = RelayOptions(tls=certificates.server_context(), users={"desk": "right"})
    server = start_relay(options)
    login = {"security": "starttls", "ca_file": certificates.authority, "username": "desk"}
    assert "logged in" in of_relay(server, password="right", **login)
    said = why(lambda: of_relay(server, password="hush-hush", **login))
    assert "refuses the login of desk" in said
    assert "hush" not in said


def test_a_port_in_use_is_our_own_daemons_or_a_strangers(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
        assert "by another program" in why(lambda: connecting.of_port("127.0.0.1", port, tmp_path))
        lock = RunLock(tmp_path)
        assert "by ingestd itself" in connecting.of_port("127.0.0.1", port, tmp_path)
        lock.release()
    assert "is free" in connecting.of_port("127.0.0.1", port, tmp_path)
    assert "no address of this machine" in why(lambda: connecting.of_port("192.0.2.1", port, tmp_path))


def test_a_spool_without_its_folders(tmp_path: Path) -> None:
    folders: dict[str, Any] = {name: tmp_path / name for name in ("inbox", "outbox", "sent", "error")}
    sms = SmsGateway(enabled=True, **folders)
    assert f"there is no folder {tmp_path / 'inbox'}" in why(lambda: connecting.of_spool(sms))
    for folder in folders.values():
        folder.mkdir()
    assert connecting.of_spool(sms).startswith(f"{tmp_path}: ")


def test_a_spool_that_this_user_may_not_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folders: dict[str, Any] = {name: tmp_path / name for name in ("inbox", "outbox", "sent", "error")}
    for folder in folders.values():
        folder.mkdir()
    allowed = os.access
    closed = lambda path, mode: path != folders["outbox"] and allowed(path, mode)  # noqa: E731  root may everything
    monkeypatch.setattr(os, "access", closed)
    said = why(lambda: connecting.of_spool(SmsGateway(enabled=True, **folders)))
    assert f"may not use the folder {folders['outbox']}" in said


def test_a_database_that_answers_and_one_that_does_not(database: str) -> None:
    assert connecting.of_database(database) == "answers, revision none"
    nobody = "postgresql+psycopg://nobody@127.0.0.1:1/nothing"
    assert "does not answer" in why(lambda: connecting.of_database(nobody))
