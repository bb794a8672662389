"""The real servers around the bench: a private Dovecot, and Postfix's smtp-sink with one file for all that it takes."""

from __future__ import annotations

import re
import shutil
import smtplib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from scripts.benchmark.orders import OrderMail
from tests.servers.dovecot import Dovecot, Mailbox
from tests.servers.programs import Program, find_program, free_port, listens, private_folder, server_account

BACKLOG = "100"
KEY = re.compile(rb"^Message-ID: <([^@>]+)@", re.MULTILINE)


class BulkSink:
    """An smtp-sink that appends every mail to one file, which costs less than a file each."""

    def __init__(self) -> None:
        account = server_account()
        self.folder = private_folder("bench-sink", account)
        self.port = free_port()
        self.dump = self.folder / "all.mbox"
        path = find_program("smtp-sink", "postfix")
        arguments = [path, "-D", str(self.dump), f"127.0.0.1:{self.port}", BACKLOG]
        self.program = Program(account.command(arguments), self.folder / "log", self.folder)
        self.program.wait_until(lambda: listens(self.port), "smtp-sink to listen")

    def keys(self) -> Counter[str]:
        """How often the mail of each sending was taken, by the left part of its Message-ID."""
        found = KEY.findall(self.dump.read_bytes()) if self.dump.exists() else []
        return Counter(key.decode("ascii", "replace") for key in found)

    def close(self) -> None:
        """Stop, and remove what was taken."""
        self.program.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The servers of one bench run."""

    dovecot: Dovecot
    mailbox: Mailbox
    sink: BulkSink

    def fill(self, mails: Iterator[OrderMail]) -> None:
        """Put mails into the mailbox by the Maildir."""
        for mail in mails:
            self.mailbox.deliver(mail.raw)

    def index(self) -> int:
        """Have Dovecot read the mailbox, so that nobody who comes first pays for it; how many it holds."""
        with self.dovecot.login(self.mailbox.user) as connection:
            return int(connection.select_folder("INBOX", readonly=True)[b"EXISTS"])

    def lmtp(self) -> smtplib.LMTP:
        """A connection that delivers into the mailbox."""
        return smtplib.LMTP(self.dovecot.host, self.dovecot.ports.lmtp)

    @property
    def address(self) -> str:
        """The mailbox's address for LMTP."""
        return f"{self.mailbox.user}@example.com"


@contextmanager
def surroundings() -> Iterator[Surroundings]:
    """Dovecot with an empty mailbox, and the sink; stopped with the block."""
    dovecot = Dovecot()
    try:
        dovecot.start()
        sink = BulkSink()
        try:
            yield Surroundings(dovecot, dovecot.fresh_mailbox(), sink)
        finally:
            sink.close()
    finally:
        dovecot.close()
