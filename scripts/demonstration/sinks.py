"""The peers of the daemon that the demo plays: shippers' mail servers, the relay behind it, and the modem."""

from __future__ import annotations

import smtplib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.utils import parseaddr
from itertools import count
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope

from ingestd.channels.spool.names import key_of
from scripts.demonstration.site import DemoSite

MOST_COMMANDS = 100_000  # aiosmtpd hangs up after twenty of one kind otherwise


@dataclass(frozen=True, slots=True)
class Reached:
    """A message that got to where it was to go."""

    key: str  # of its sending: the left part of the Message-ID, or in the file's name; empty where there is none
    channel: str
    recipient: str
    content: bytes  # the mail, or the text in UTF-8


class MailSink:
    """Takes every mail, as the company's relay would, and keeps it; aiosmtpd calls from its own thread."""

    def __init__(self) -> None:
        self.taken: list[Reached] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:  # noqa: N802  aiosmtpd's name
        content = envelope.original_content or b""
        mail = message_from_bytes(content, policy=policy.default)
        key = str(mail["Message-ID"] or "").strip().strip("<>").partition("@")[0]
        self.taken += [Reached(key, "email", recipient, content) for recipient in envelope.rcpt_tos]
        return "250 2.0.0 Taken"


class Modem:
    """Sends what lies in the outbox and puts what came over the air into the inbox, as gammu-smsd and a modem do."""

    def __init__(self, spool: Path) -> None:
        self.spool = spool
        self.taken: list[Reached] = []
        self.numbers = count()
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.send_all, name="modem", daemon=True)

    def send_all(self) -> None:
        """Look at the outbox until stopped."""
        while not self.stopping.wait(0.02):
            self.send_waiting()

    def send_waiting(self) -> None:
        """Take every text that is complete, in the order of the names."""
        for path in sorted((self.spool / "outbox").glob("OUT*")):
            content = path.read_bytes().decode("utf-16").encode()
            self.taken.append(Reached(key_of(path.name) or "", "sms", number_in(path.name), content))
            path.rename(self.spool / "sent" / path.name)

    def receive(self, sender: str, text: str, at: datetime) -> None:
        """A text message has come in over the air."""
        name = f"IN{at:%Y%m%d_%H%M%S}_{next(self.numbers):02d}_{sender}_00.txt"
        hidden = self.spool / "inbox" / f".{name}"
        hidden.write_bytes(b"\xfe\xff" + text.encode("utf-16-be"))
        hidden.rename(hidden.with_name(name))


def number_in(name: str) -> str:
    """The telephone number in an outbox file's name."""
    return next((part for part in name.split("_") if part.startswith("+")), "")


@contextmanager
def sinks(site: DemoSite) -> Iterator[tuple[MailSink, Modem]]:
    """Relay and modem, at work while the block runs."""
    mail, modem = MailSink(), Modem(site.spool)
    options = {"command_call_limit": {"*": MOST_COMMANDS}}
    relay = Controller(mail, hostname="127.0.0.1", port=site.relay_port, server_kwargs=options)
    relay.start()
    modem.thread.start()
    try:
        yield mail, modem
    finally:
        modem.stopping.set()
        modem.thread.join()
        modem.send_waiting()
        relay.stop()


def deliver(port: int, raw: bytes, to: str) -> None:
    """Hand a mail to the inlet, as the sender's own server does."""
    sender = parseaddr(str(message_from_bytes(raw)["From"]))[1]
    with smtplib.SMTP("127.0.0.1", port, timeout=30) as connection:
        connection.sendmail(sender, [to], raw)
