"""The daemon as a process beside the demo, started and stopped as systemd does."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

READY_WITHIN_S = 60.0
STOP_WITHIN_S = 30.0
PROGRAM = Path(sys.executable).parent / "ingestd"


class DaemonFailedError(Exception):
    """The daemon ended, or did not get ready; the text is the end of its log."""

    permanent = True


class DaemonProcess:
    """`ingestd --config FILE run`; its log goes to a file."""

    def __init__(self, config: Path, log: Path) -> None:
        self.log = log
        self.command = [*mortal(), *ingestd("--config", str(config), "run")]
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> float:
        """Start, and return when it says that it is ready: the seconds that this took."""
        address = f"@ingestd-demo-{os.getpid()}"
        began = time.monotonic()
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear, self.log.open("wb") as output:
            ear.bind("\0" + address[1:])
            ear.settimeout(0.2)
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, "NOTIFY_SOCKET": address},
                start_new_session=True,  # Ctrl-C is for the demo, which then ends the daemon in good order
            )
            self.wait_until_ready(ear)
        return time.monotonic() - began

    def wait_until_ready(self, ear: socket.socket) -> None:
        """Listen for READY=1; raises DaemonFailedError."""
        until = time.monotonic() + READY_WITHIN_S
        while time.monotonic() < until and self.running:
            with contextlib.suppress(TimeoutError):
                if b"READY=1" in ear.recv(4096):
                    return
        self.stop()
        raise DaemonFailedError(self.said())

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def stop(self) -> int:
        """End it by SIGTERM, by SIGKILL if it takes too long; its exit code."""
        assert self.process is not None
        if self.running:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()

    def said(self) -> str:
        """The end of its log."""
        return self.log.read_text("utf-8", errors="replace")[-3000:] if self.log.exists() else ""


@contextlib.contextmanager
def running_daemon(config: Path, log: Path) -> Iterator[DaemonProcess]:
    """A daemon that is stopped with the block."""
    daemon = DaemonProcess(config, log)
    try:
        yield daemon
    finally:
        if daemon.running:
            daemon.stop()


def mortal() -> list[str]:
    """Before a command: lets it end with us, even where we are killed; nothing where util-linux lacks setpriv."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig=TERM", "--"] if setpriv else []


def ingestd(*arguments: str) -> list[str]:
    """The command line of the `ingestd` that is installed with this interpreter."""
    return [str(PROGRAM), *arguments]


def command_line(arguments: Sequence[str]) -> str:
    """The same as a person types it."""
    program = PROGRAM.relative_to(Path.cwd()) if PROGRAM.is_relative_to(Path.cwd()) else PROGRAM
    return " ".join([str(program), *arguments])
