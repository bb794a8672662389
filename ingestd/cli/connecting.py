"""`ingestd check --connect`: log in everywhere once, and say what is wrong and how to mend it. Nothing is sent."""

from __future__ import annotations

import errno
import os
import smtplib
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ingestd.cli.words import word
from ingestd.config.peer import Security

if TYPE_CHECKING:
    from ingestd.channels.relay.connection import Connection
    from ingestd.config.load import Configuration
    from ingestd.config.peer import Peer
    from ingestd.config.settings import ImapAccount, Relay, SmsGateway

# What servers say, in lower case, and the key of the words that tell how to mend it. The first that fits counts.
IMAP_REFUSALS = (
    ("password is incorrect, login frequency", "any_of_four"),  # QQ says all that it may be in one sentence
    ("unsafe login", "unsafe_login"),  # NetEase, where the client does not say who it is
    ("authorized code", "authorization_code"),  # QQ
    ("authorization code", "authorization_code"),
    ("授权码", "authorization_code"),
    ("err.login.reqcode", "authorization_code"),
    ("service is not open", "imap_off"),
    ("not_allowed", "imap_off"),  # Aliyun: UC_LOGIN_SOURCE_NOT_ALLOWED
    ("not enabled", "imap_off"),
    ("disabled", "imap_off"),
    ("frequency", "too_often"),
    ("too many", "too_often"),
    ("application-specific", "authorization_code"),  # Gmail
    ("basicauthblocked", "basic_off"),  # Exchange Online
    ("privacyrequired", "wants_tls"),
    ("plaintext", "wants_tls"),
    ("", "wrong_password"),
)
RELAY_REFUSALS = (
    ("starttls", "wants_tls"),
    ("must equal authorized", "other_sender"),  # NetEase
    ("same as authorization", "other_sender"),  # QQ
    ("sender address rejected", "other_sender"),
    ("non-local account", "other_sender"),  # Aliyun
    ("conform with authentication", "other_sender"),  # Aliyun
    ("user has no permission", "smtp_off"),  # NetEase
    ("relay", "no_relaying"),
    ("authorized code", "authorization_code"),
    ("authorization code", "authorization_code"),
    ("授权码", "authorization_code"),
    ("application-specific", "authorization_code"),
    ("auth", "wrong_password"),
    ("", "relay_refuses"),
)
CODE_PROVIDERS = ("163.com", "126.com", "yeah.net", "qq.com")  # a wrong password is most often no code
CERTIFICATE_FAULTS = (
    ("hostname mismatch", "certificate_name"),
    ("ip address mismatch", "certificate_name"),
    ("expired", "certificate_expired"),
    ("", "certificate_unknown"),  # self-signed, or of an authority that this machine does not know
)


class UnreachedError(Exception):
    """A peer that can't be used as configured; the text is one line: what is wrong, and what to do."""


Try = Callable[[], str]
PROBE_S = 5.0


def tries(configuration: Configuration) -> Iterator[tuple[str, Try]]:
    """Every peer by its name, with what tries it: it gives what was found, or raises UnreachedError."""
    settings = configuration.settings
    for account in settings.imap:
        yield f"imap.{account.name}", lambda account=account: of_mailbox(account)  # type: ignore[misc]
    recipient = next((s.email for s in configuration.tables.staff if s.email), None)
    address, helo = settings.site.address, settings.relay.name or settings.site.domain
    audit = settings.audit
    yield "relay", lambda: of_relay(settings.relay, helo, address, recipient, audit.address)
    if audit.address:
        yield "audit", lambda: of_mailbox(audit.account)
    if settings.inlet.enabled and settings.inlet.socket == "own":
        yield "inlet", lambda: of_port(settings.inlet.host, settings.inlet.port, settings.site.data_folder)
    if settings.metrics.enabled:
        yield "metrics", lambda: of_port(settings.metrics.host, settings.metrics.port, settings.site.data_folder)
    if settings.sms.enabled:
        yield "sms", lambda: of_spool(settings.sms)
    yield "database", lambda: of_database(settings.database_url)


def tried(name: str, one: Try) -> str:
    """What came of trying a peer, as a line; raises UnreachedError with a line that begins with its name."""
    try:
        return f"{name}: {one()}"
    except UnreachedError as error:
        raise UnreachedError(f"{name}: {error}") from error


# --- the peers --------------------------------------------------------------------------------------------------------


def of_mailbox(account: ImapAccount) -> str:
    """Log in and open each folder, read-only."""
    from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

    from ingestd.sources.imap.session import RefusedError, Session, told

    with_password(account)
    try:
        session = Session.opened(account)
    except IMAPClientAbortError as error:
        raise of_network(ConnectionError(told(error)), account) from error
    except RefusedError as error:
        raise advice(remedy(IMAP_REFUSALS, str(error)), account, str(error)) from error
    except IMAPClientError as error:
        raise advice(remedy(IMAP_REFUSALS, told(error)), account, told(error)) from error
    except OSError as error:
        raise of_network(error, account) from error
    try:
        for folder in filter(None, (*account.folders, account.processed_folder)):
            try:
                session.enter(folder, writable=False)
            except IMAPClientError as error:
                unsafe = "unsafe" in str(error).lower()
                raise advice("unsafe_login" if unsafe else "no_folder", account, told(error), folder=folder) from error
            except OSError as error:
                raise of_network(error, account) from error
        idle = word("connect.idle") if session.can_idle else word("connect.no_idle", seconds=f"{account.poll.seconds}")
    finally:
        session.close()
    return word("connect.mailbox", host=account.host, folders=", ".join(account.folders), idle=idle)


def of_relay(relay: Relay, helo: str, sender: str, recipient: str | None, copy_to: str = "") -> str:
    """Log in and ask whether our address may write to one of our people, and to the audit mailbox; no mail is sent."""
    from ingestd.channels.relay.address import AddressBook
    from ingestd.channels.relay.connection import Connection, RefusedError
    from ingestd.channels.relay.verdict import Stage
    from ingestd.config.load import secret_of

    with_password(relay)
    connection = Connection(relay, helo, time.monotonic() + 60)
    try:
        connection.open(AddressBook(relay.host, relay.port), lambda: context_of(relay), lambda: secret_of(relay))
        ask(connection, f"MAIL FROM:<{sender}>", relay, "no_sender", who=sender)
        if recipient:
            ask(connection, f"RCPT TO:<{recipient}>", relay, "no_recipient", who=recipient)
        if copy_to:
            ask(connection, f"RCPT TO:<{copy_to}>", relay, "no_copy", who=copy_to)
    except RefusedError as error:
        said = f"{error.reply.code} {error.reply.text.decode('utf-8', 'replace')}"
        raise advice(remedy(RELAY_REFUSALS, said), relay, said) from error
    except smtplib.SMTPResponseException as error:
        said = f"{error.smtp_code} {shown(error.smtp_error)}"
        login = connection.stage is Stage.LOGIN
        raise advice(remedy(RELAY_REFUSALS, f"auth {said}" if login else said), relay, said) from error
    except smtplib.SMTPNotSupportedError as error:
        raise advice("no_starttls", relay, str(error)) from error
    except OSError as error:
        raise of_network(error, relay) from error
    finally:
        connection.part()
    return word("connect.relay", host=relay.host, sender=sender)


def ask(connection: Connection, command: str, relay: Relay, otherwise: str, who: str) -> None:
    """Say one command of a mail that is never sent; raises UnreachedError where the relay says no.

    `otherwise` is the key of the words for a refusal that nothing else is known of, `who` the address it is about.
    """
    code, text = connection.docmd(command)
    if not 200 <= code < 300:
        said = f"{code} {shown(text)}"
        key = remedy(RELAY_REFUSALS, said)
        raise advice(otherwise if key == "relay_refuses" else key, relay, said, who=who)


def with_password(peer: Peer) -> None:
    """Raises UnreachedError where the peer's password can't be had."""
    from ingestd.config.load import ConfigurationError, secret_of

    try:
        secret = secret_of(peer)
    except ConfigurationError as error:
        raise UnreachedError(word("connect.no_password", said=error)) from error
    if peer.username and not secret:
        raise UnreachedError(word("connect.empty_password", user=peer.username))


def of_port(host: str, port: int, data_folder: Path) -> str:
    """Whether we may listen there; a port in use is our own daemon's where one runs."""
    from ingestd.daemon.lock import RunLock

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind((host, port))
        except PermissionError as error:
            raise UnreachedError(word("connect.privileged", port=port)) from error
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise UnreachedError(word("connect.no_address", host=host, said=error.strerror)) from error
            process = RunLock.holder(data_folder)
            if process is None:
                raise UnreachedError(word("connect.taken", host=host, port=port)) from error
            return word("connect.in_use", host=host, port=port, process=process)
    return word("connect.inlet", host=host, port=port)


def of_spool(sms: SmsGateway) -> str:
    """The four folders of gammu-smsd."""
    read, write = os.R_OK | os.X_OK, os.W_OK | os.X_OK
    for folder, needed in ((sms.inbox, read | write), (sms.outbox, write), (sms.sent, read), (sms.error, read)):
        if not os.path.lexists(folder) and os.access(folder.parent, os.X_OK):
            raise UnreachedError(word("connect.no_spool", folder=folder))
        if not os.access(folder, needed):
            raise UnreachedError(word("connect.closed_spool", folder=folder))
    return word("connect.spool", folder=common(sms))


def common(sms: SmsGateway) -> Path:
    """Where the folders of the spool lie."""
    return Path(os.path.commonpath([sms.inbox, sms.outbox, sms.sent, sms.error]))


def of_database(url: str) -> str:
    """Whether the database answers, and at which revision it is."""
    from sqlalchemy.exc import SQLAlchemyError

    from ingestd.cli.trouble import foreseen
    from ingestd.store.upgrade import HEAD, current

    try:
        revision = current(url)
    except (SQLAlchemyError, OSError) as error:
        raise UnreachedError(str(foreseen(error) or type(error).__name__)) from error
    if revision not in (None, HEAD):
        raise UnreachedError(word("connect.old_database", revision=revision))
    return word("connect.database", revision=revision or word("value.none"))


# --- what is wrong ----------------------------------------------------------------------------------------------------


def remedy(refusals: tuple[tuple[str, str], ...], said: str) -> str:
    """The key of the words that fit a server's refusal."""
    lowered = said.lower()
    return next(key for part, key in refusals if part in lowered)


def advice(key: str, peer: Peer, said: str, **values: object) -> UnreachedError:
    """What to do about a refusal, with what the server said."""
    told = " ".join(said.split())[:200]
    if key == "wrong_password" and peer.host.endswith(CODE_PROVIDERS):
        key = "wrong_code"
    return UnreachedError(word(f"connect.{key}", host=peer.host, user=peer.username, said=told, **values))


NETWORK_FAULTS: tuple[tuple[type[OSError], str], ...] = (
    (socket.gaierror, "no_host"),
    (ConnectionRefusedError, "nobody_listens"),
    (TimeoutError, "no_answer"),
    (OSError, "lost"),
)


def of_network(error: OSError, peer: Peer) -> UnreachedError:
    """What to do about a connection that did not come about or was lost."""
    said = error.strerror or str(error)
    key = next(key for kind, key in NETWORK_FAULTS if isinstance(error, kind))
    if isinstance(error, ssl.SSLCertVerificationError):
        key, said = remedy(CERTIFICATE_FAULTS, error.verify_message), error.verify_message
    elif isinstance(error, ssl.SSLError) and error.reason != "UNEXPECTED_EOF_WHILE_READING":
        key, said = "no_tls", error.reason or str(error)
    elif key in ("no_answer", "lost") and peer.security is not Security.TLS and speaks_tls(peer):
        key = "tls_at_once"
    return advice(key, peer, said, port=peer.port)


def speaks_tls(peer: Peer) -> bool:
    """Whether a server that did not answer in the clear answers in TLS; nothing is sent but the handshake."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with socket.create_connection((peer.host, peer.port), PROBE_S) as plain, context.wrap_socket(plain):
            return True
    except OSError:
        return False


def context_of(peer: Peer) -> ssl.SSLContext:
    """Certificates are checked against the system's authorities and the peer's own file."""
    return ssl.create_default_context(cafile=str(peer.ca_file) if peer.ca_file else None)


def shown(text: bytes | str) -> str:
    """A reply's text."""
    return text if isinstance(text, str) else text.decode("utf-8", "replace")
