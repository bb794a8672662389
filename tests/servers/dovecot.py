"""A private Dovecot: IMAP, STARTTLS, IMAPS and LMTP on loopback ports, all of it as one unprivileged account.

Any user name exists with the password `secret`, so that a fresh mailbox costs nothing.
"""

from __future__ import annotations

import itertools
import os
import re
import shutil
import smtplib
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from imapclient import IMAPClient, imap_utf7

from tests.servers.certificates import Certificates, make_certificates
from tests.servers.programs import (
    Program,
    ServerFailedError,
    ServerMissingError,
    find_program,
    free_port,
    greets,
    private_folder,
    server_account,
    wait_until,
)

PASSWORD = "secret"
PACKAGES = "dovecot-core, dovecot-imapd, dovecot-lmtpd"
LIBRARIES = ("/usr/lib/dovecot", "/usr/libexec/dovecot")
CONFIGURATION = """\
base_dir = {folder}/run
state_dir = {folder}/state
log_path = /dev/stderr
protocols = imap lmtp
listen = 127.0.0.1
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{key}
disable_plaintext_auth = no
auth_mechanisms = plain login
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
first_valid_gid = 1
mail_uid = {user}
mail_gid = {group}
mail_location = maildir:~/Maildir
mail_max_userip_connections = 100
mail_fsync = never
mailbox_idle_check_interval = 1 secs
namespace inbox {{
  inbox = yes
  separator = /
}}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/mail/%u
}}
protocol lmtp {{
  auth_username_format = %n
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
service imap-login {{
  chroot =
  process_min_avail = 1
  service_count = 0
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
"""


@dataclass(frozen=True)
class Ports:
    """Where Dovecot listens; the same after a restart."""

    imap: int
    imaps: int
    lmtp: int


class Dovecot:
    """One Dovecot of our own, with what a test wants to do to a mailbox behind the client's back."""

    host = "127.0.0.1"
    password = PASSWORD

    def __init__(self) -> None:
        self._program_path = find_program("dovecot", PACKAGES)
        self._doveadm_path = find_program("doveadm", PACKAGES)
        for part in ("imap", "imap-login", "lmtp"):
            find_program(part, PACKAGES, folders=LIBRARIES)
        _require_version_23(self._program_path)
        self._account = server_account()
        self.folder = private_folder("imap", self._account)
        for name in ("run", "state", "mail", "tls"):
            (self.folder / name).mkdir()
            self._account.own(self.folder / name)
        self.certificates: Certificates = make_certificates(self.folder / "tls")
        self.ports = Ports(free_port(), free_port(), free_port())
        self._numbers = itertools.count(1)
        self._users = itertools.count(1)
        self._program: Program | None = None
        self._settings: Mapping[str, str] = {}

    def start(self, settings: Mapping[str, str] | None = None) -> None:
        """Start with further settings, such as `{"mail_max_userip_connections": "2"}`; return when it listens."""
        self._settings = settings or {}
        self._write_configuration(self._settings)
        command = self._account.command([self._program_path, "-F", "-c", str(self._configuration)])
        self._program = Program(command, self.folder / "log", self.folder)
        # Until its children are up too, for they would not hear of a stop before that.
        self._program.wait_until(lambda: greets(self.ports.imap) and greets(self.ports.lmtp), "Dovecot's greetings")

    def stop(self) -> None:
        """Stop Dovecot and every connection to it; the mail stays."""
        if self._program is not None:
            self._program.stop()
            self._program = None

    def restart(self, settings: Mapping[str, str] | None = None) -> None:
        """Stop, and start again on the same ports with these further settings only."""
        self.stop()
        self.start(settings)

    @property
    def running(self) -> bool:
        """Whether it has started and not been stopped."""
        return self._program is not None and self._program.running

    def recover(self) -> None:
        """See that it runs with its usual settings, whatever was done to it."""
        if not self.running or self._settings:
            self.restart()

    def fresh_mailbox(self) -> Mailbox:
        """Give a mailbox of a user that nobody has heard of yet."""
        return Mailbox(self, f"user{os.getpid()}x{next(self._users)}")

    def close(self) -> None:
        """Stop Dovecot and remove its mail."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def deliver(self, user: str, raw: bytes, folder: str = "INBOX", at: datetime | None = None) -> None:
        """Put a message into a mailbox as delivery would, by the Maildir; `at` becomes its INTERNALDATE."""
        maildir = self._maildir(user, folder)
        name = f"{self._delivery_name()},S={len(raw)}"
        written = maildir / "tmp" / name
        written.write_bytes(raw)
        self._account.own(written)
        if at is not None:
            os.utime(written, (at.timestamp(), at.timestamp()))
        written.rename(maildir / "new" / name)

    def submit(self, user: str, raw: bytes, sender: str = "shipper@example.com") -> None:
        """Deliver a message by LMTP, which adds its Return-Path, Delivered-To and Received."""
        with smtplib.LMTP(self.host, self.ports.lmtp) as connection:
            connection.sendmail(sender, [f"{user}@example.com"], raw)

    def append(self, user: str, raw: bytes, folder: str = "INBOX", at: datetime | None = None) -> None:
        """Put a message into a mailbox by IMAP APPEND."""
        with self.login(user) as connection:
            connection.append(folder, raw, msg_time=at)

    def login(self, user: str) -> IMAPClient:
        """Give a plain IMAP connection, logged in."""
        connection = IMAPClient(self.host, port=self.ports.imap, ssl=False, timeout=10)
        try:
            connection.login(user, PASSWORD)
        except Exception:
            connection.shutdown()
            raise
        return connection

    def messages(self, user: str, folder: str = "INBOX") -> list[bytes]:
        """Give the messages in a mailbox in the order of their UIDs, without marking them as seen."""
        with self.login(user) as connection:
            connection.select_folder(folder, readonly=True)
            fetched = connection.fetch(connection.search("ALL"), ["BODY.PEEK[]"])
        return [fetched[uid][b"BODY[]"] for uid in sorted(fetched)]

    def doveadm(self, *arguments: str) -> str:
        """Run doveadm on this instance and give what it printed."""
        command = self._account.command([self._doveadm_path, "-c", str(self._configuration), *arguments])
        ran = subprocess.run(command, capture_output=True, text=True, check=False, cwd=self.folder)
        if ran.returncode != 0:
            raise ServerFailedError(f"doveadm {' '.join(arguments)}: {ran.stderr.strip()}")
        return ran.stdout

    def kick(self, user: str) -> None:
        """End every connection of a user's, as an administrator would; return when they are gone."""
        self.doveadm("kick", user)
        wait_until(lambda: user not in self.doveadm("who", user).split(), 10, f"the connections of {user} to end")

    def said(self) -> str:
        """Give the end of Dovecot's log."""
        return self._program.said() if self._program is not None else ""

    @property
    def _configuration(self) -> Path:
        return self.folder / "dovecot.conf"

    def _write_configuration(self, settings: Mapping[str, str]) -> None:
        for path in self.certificates.key, self.certificates.certificate:
            self._account.own(path)
        text = CONFIGURATION.format(
            folder=self.folder,
            user=self._account.name,
            group=self._account.group,
            password=PASSWORD,
            certificate=self.certificates.certificate,
            key=self.certificates.key,
            **vars(self.ports),
        )
        further = "".join(f"{name} = {value}\n" for name, value in settings.items())
        self._configuration.write_text(text + further)

    def _maildir(self, user: str, folder: str) -> Path:
        home = self.folder / "mail" / user
        maildir = home / "Maildir"
        if folder != "INBOX":
            maildir /= "." + imap_utf7.encode(folder.replace("/", ".")).decode("ascii")
        for path in (home, home / "Maildir", maildir, *(maildir / part for part in ("tmp", "new", "cur"))):
            with suppress(FileExistsError):  # Dovecot may be making it at this moment
                path.mkdir(mode=0o700)
                self._account.own(path)
        return maildir

    def _delivery_name(self) -> str:
        seconds, microseconds = divmod(time.time_ns() // 1000, 1_000_000)
        return f"{seconds}.M{microseconds:06d}P{os.getpid()}Q{next(self._numbers)}.{socket.gethostname()}"


@dataclass(frozen=True)
class Mailbox:
    """A fresh mailbox of one user on a running Dovecot."""

    server: Dovecot
    user: str

    def deliver(self, raw: bytes, folder: str = "INBOX", at: datetime | None = None) -> None:
        """Put a message into the mailbox; `at` becomes its INTERNALDATE."""
        self.server.deliver(self.user, raw, folder, at)

    def messages(self, folder: str = "INBOX") -> list[bytes]:
        """Give what is in the mailbox, oldest first."""
        return self.server.messages(self.user, folder)


def _require_version_23(program: str) -> None:
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    version: Sequence[str] = re.findall(r"\d+", said)[:2]
    if list(version) != ["2", "3"]:
        raise ServerMissingError(f"Dovecot 2.3 is needed, its successors read another configuration; here is {said}")
