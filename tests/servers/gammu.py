"""A private gammu-smsd with gammu's dummy phone: the real spool of text messages, without a modem."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.servers.programs import Program, find_program, private_folder, server_account, wait_until

PACKAGES = "gammu, gammu-smsd"
CONFIGURATION = """\
[gammu]
model = dummy
connection = none
port = {folder}/phone
gammuloc = /dev/null
[smsd]
service = files
logfile = {folder}/smsd.log
debuglevel = 1
checksecurity = 0
checkbattery = 0
checksignal = 0
receivefrequency = 1
statusfrequency = 60
loopsleep = {loop_sleep_seconds}
commtimeout = 2
sendtimeout = 10
inboxpath = {folder}/in/
outboxpath = {folder}/out/
sentsmspath = {folder}/sent/
errorsmspath = {folder}/error/
inboxformat = unicode
outboxformat = unicode
transmitformat = auto
"""
PHONE_FOLDERS = ("sms/1", "sms/2", "sms/3", "sms/4", "sms/5")


@dataclass(frozen=True)
class Spool:
    """The folders of gammu-smsd's FILES backend."""

    inbox: Path
    outbox: Path
    sent: Path
    error: Path


class GammuSmsd:
    """One gammu-smsd of our own. It runs as the test itself, since the spool belongs to both."""

    def __init__(self) -> None:
        self._smsd_path = find_program("gammu-smsd", PACKAGES)
        self._gammu_path = find_program("gammu", PACKAGES)
        self.folder = private_folder("sms", server_account())
        self.spool = Spool(*(self.folder / name for name in ("in", "out", "sent", "error")))
        for path in vars(self.spool).values():
            path.mkdir()
        for name in PHONE_FOLDERS:
            (self.folder / "phone" / name).mkdir(parents=True)
        self._program: Program | None = None

    def start(self, loop_sleep_seconds: int = 1) -> None:
        """Start, to send one text message a second as a modem would; 0 is quicker, but keeps a whole core busy."""
        text = CONFIGURATION.format(folder=self.folder, loop_sleep_seconds=loop_sleep_seconds)
        self._configuration.write_text(text)
        arguments = [self._smsd_path, "-c", str(self._configuration)]
        self._program = Program(_as_ourselves(arguments), self.folder / "log", self.folder)
        self._program.wait_until(lambda: "Starting phone communication" in self._smsd_log(), "gammu-smsd to start")

    def stop(self) -> None:
        """Stop the daemon; the spool stays."""
        if self._program is not None:
            self._program.stop()
            self._program = None

    def close(self) -> None:
        """Stop the daemon and remove the spool."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def receive(self, sender: str, text: str) -> None:
        """Let the phone receive a text message, which smsd then writes to the inbox folder (long ones in parts)."""
        seed = self._seed(sender, text)
        inbox = self.folder / "phone" / "sms" / "1"
        for path in sorted(seed.iterdir(), key=lambda part: int(part.name)):
            delivered = path.read_bytes().replace(b"PDU = Submit", b"PDU = Deliver")
            written = self.folder / "arriving"
            written.write_bytes(delivered)
            written.rename(inbox / str(self._free_place(inbox)))
        shutil.rmtree(seed.parents[1])

    def sent(self) -> list[tuple[str, str]]:
        """Give (number, text) of each text message that smsd has taken and sent, oldest first."""
        files = sorted(self.spool.sent.glob("OUT*"), key=lambda path: path.stat().st_mtime_ns)
        return [(number_in_name(path.name), decode_spooled(path.read_bytes())) for path in files]

    def wait_for_sent(self, count: int, timeout_seconds: float = 15) -> list[tuple[str, str]]:
        """Give what was sent as soon as it is at least `count` text messages."""
        wait_until(lambda: len(self.sent()) >= count, timeout_seconds, f"{count} text messages sent by gammu-smsd")
        return self.sent()

    def wait_for_inbox(self, count: int, timeout_seconds: float = 15) -> list[Path]:
        """Give the files in the inbox folder as soon as there are at least `count`, none of them just begun."""

        def received() -> list[Path]:
            return sorted(path for path in self.spool.inbox.glob("IN*") if path.stat().st_size > 0)

        wait_until(lambda: len(received()) >= count, timeout_seconds, f"{count} text messages received")
        return received()

    @property
    def _configuration(self) -> Path:
        return self.folder / "smsdrc"

    def _smsd_log(self) -> str:
        log = self.folder / "smsd.log"
        return log.read_text(errors="replace") if log.exists() else ""

    def _seed(self, sender: str, text: str) -> Path:
        """Let gammu itself make the message, as one that a second dummy phone is to send."""
        phone = self.folder / f"seed-{datetime.now(UTC).timestamp()}"
        for name in PHONE_FOLDERS:
            (phone / name).mkdir(parents=True)
        settings = phone / "rc"
        settings.write_text(f"[gammu]\nmodel = dummy\nconnection = none\nport = {phone}\ngammuloc = /dev/null\n")
        options = ["-unicode", "-folder", "1", "-unread", "-sender", sender, "-len", str(len(text) + 1), "-text", text]
        command = [self._gammu_path, "-c", str(settings), "savesms", "TEXT", *options]
        subprocess.run(command, check=True, capture_output=True, env={**os.environ, "LC_ALL": "C.UTF-8"})
        return phone / "sms" / "1"

    def _free_place(self, inbox: Path) -> int:
        return next(number for number in itertools.count(1) if not (inbox / str(number)).exists())


def number_in_name(name: str) -> str:
    """Give the telephone number in a spool file's name, such as `OUTC20261122_101500_00_+8613800138000_x.txt`."""
    stem = name.rsplit(".", 1)[0]
    numbers = [part for part in stem.removeprefix("OUT").split("_") if part.startswith("+")]
    return numbers[0] if numbers else stem.removeprefix("OUT").split("_")[0]


def decode_spooled(stored: bytes) -> str:
    """Give the text in a spool file: UTF-16BE with its mark, which smsd pads with NULs, or else UTF-8."""
    if stored.startswith(b"\xfe\xff"):
        return stored[2:].decode("utf-16-be", "replace").split("\0", 1)[0]
    return stored.decode("utf-8")


def _as_ourselves(arguments: list[str]) -> list[str]:
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig=TERM", "--", *arguments] if setpriv else arguments
