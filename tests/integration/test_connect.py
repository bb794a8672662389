"""`ingestd check --connect` against real servers, and against ones that refuse as providers do."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ingestd.cli import connecting
from ingestd.cli.connecting import UnreachedError
from ingestd.config.settings import ImapAccount, Relay, SmsGateway
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


def test_nobody_at_the_port_and_no_such_host() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    assert "nobody listens" in why(lambda: connecting.of_mailbox(account(port)))
    lost = account(143, host="no-such-host.invalid", insecure=True)
    assert "there is no host no-such-host.invalid" in why(lambda: connecting.of_mailbox(lost))


REFUSALS = {
    "LOGIN Login error or password error": ("LOGIN", "{tag} NO LOGIN Login error or password error", "check user name"),
    "QQ's code": ("LOGIN", "{tag} NO Login fail. Please using authorized code to login.", "authorisation code"),
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


def test_a_relays_login(start_relay: Callable[[RelayOptions], RelayServer], certificates: Any) -> None:
    options = RelayOptions(tls=certificates.server_context(), users={"desk": "right"})
    server = start_relay(options)
    login = {"security": "starttls", "ca_file": certificates.authority, "username": "desk"}
    assert "logged in" in of_relay(server, password="right", **login)
    said = why(lambda: of_relay(server, password="hush-hush", **login))
    assert "refuses the login of desk" in said
    assert "hush" not in said


def test_a_port_in_use_may_be_our_own_daemons() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
        assert "in use" in connecting.of_inlet("127.0.0.1", port)
    assert "is free" in connecting.of_inlet("127.0.0.1", port)
    assert "no address of this machine" in why(lambda: connecting.of_inlet("192.0.2.1", port))


def test_a_spool_without_its_folders(tmp_path: Path) -> None:
    folders: dict[str, Any] = {name: tmp_path / name for name in ("inbox", "outbox", "sent", "error")}
    sms = SmsGateway(enabled=True, **folders)
    assert f"there is no folder {tmp_path / 'inbox'}" in why(lambda: connecting.of_spool(sms))
    for folder in folders.values():
        folder.mkdir()
    assert connecting.of_spool(sms).startswith(f"{tmp_path}: ")


def test_a_database_that_answers_and_one_that_does_not(database: str) -> None:
    assert connecting.of_database(database) == "answers, revision none"
    nobody = "postgresql+psycopg://nobody@127.0.0.1:1/nothing"
    assert "does not answer" in why(lambda: connecting.of_database(nobody))
