"""Postfix's smtp-sink on a loopback port: a server that takes every mail and dumps each into a file of its own."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import attrgetter
from pathlib import Path

from tests.servers.programs import (
    Program,
    find_program,
    free_port,
    listens,
    private_folder,
    server_account,
    wait_until,
)

BACKLOG = "100"
# What smtp-sink writes above the message itself; a Received of its own follows.
ENVELOPE = re.compile(rb"\A(?:X-(?:Client|Helo|Mail|Rcpt)-[^\n]*\n)+(?:Received:[^\n]*\n(?:[ \t][^\n]*\n)*)?")
# It closes each dump with an empty line of its own.
END_OF_DUMP = b"\n\n"
PATH_IN_ARGUMENTS = re.compile(r"<([^>]*)>")


@dataclass(frozen=True)
class SunkMail:
    """A mail that smtp-sink took: its envelope, its bytes as sent, with LF line ends, and when it was whole (UTC)."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    at: datetime | None = None


class SmtpSink:
    """One smtp-sink of our own; options such as `-w 2` (delay) or `-q DATA` (hang up) script its faults."""

    host = "127.0.0.1"

    def __init__(self) -> None:
        self._path = find_program("smtp-sink", "postfix")
        self._account = server_account()
        self.folder = private_folder("sink", self._account)
        self._dumps = self.folder / "dumps"
        self._dumps.mkdir()
        self._account.own(self._dumps)
        self.port = free_port()
        self._program: Program | None = None

    def start(self, *options: str) -> None:
        """Start with further smtp-sink options; return when it listens."""
        arguments = [self._path, *options, "-d", f"{self._dumps}/%s.", f"{self.host}:{self.port}", BACKLOG]
        self._program = Program(self._account.command(arguments), self.folder / "log", self._dumps)
        self._program.wait_until(lambda: listens(self.port), "smtp-sink to listen")

    def stop(self) -> None:
        """Stop taking mail; what was taken stays to be looked at."""
        if self._program is not None:
            self._program.stop()
            self._program = None

    def close(self) -> None:
        """Stop, and remove what was taken."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def messages(self) -> list[SunkMail]:
        """Give every whole mail taken so far, oldest first."""
        mails = [mail for mail in map(_read_dump, self._dumps.iterdir()) if mail is not None]
        return sorted(mails, key=attrgetter("at"))

    def wait_for(self, count: int, timeout_seconds: float = 10) -> list[SunkMail]:
        """Give the mails as soon as there are at least `count`."""
        wait_until(lambda: len(self.messages()) >= count, timeout_seconds, f"{count} mails at smtp-sink")
        return self.messages()


def _read_dump(path: Path) -> SunkMail | None:
    try:
        dumped, written_at = path.read_bytes(), path.stat().st_mtime
    except FileNotFoundError:
        return None  # its connection broke before the mail was whole
    envelope = ENVELOPE.match(dumped)
    if envelope is None or not dumped.endswith(END_OF_DUMP):
        return None
    head = envelope.group().decode("ascii", "replace")
    sender, recipients = _paths(head, "X-Mail-Args"), tuple(_paths(head, "X-Rcpt-Args"))
    at = datetime.fromtimestamp(written_at, UTC)
    return SunkMail(sender[0] if sender else "", recipients, dumped[envelope.end() : -1], at)


def _paths(head: str, field: str) -> list[str]:
    lines = [line for line in head.splitlines() if line.startswith(field + ":")]
    return [found.group(1) for line in lines if (found := PATH_IN_ARGUMENTS.search(line))]
