"""Programs on this machine: where they are, as whom they run, and how they end."""

from __future__ import annotations

import contextlib
import grp
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

STOP_SECONDS = 10.0
CHILDREN_STOP_SECONDS = 2.0
SYSTEM_PATH = ":/usr/local/sbin:/usr/sbin:/sbin"
# Below what the kernel hands out for outgoing connections, so that a stopped server finds its port free again.
PORTS = range(20000, 32000)


class ServerMissingError(Exception):
    """A program that a test needs is not on this machine; the text says which and where it comes from."""


class ServerFailedError(Exception):
    """A server did not do what it was asked to; the text holds what it said itself."""


def find_program(name: str, package: str, folders: Sequence[str] = ()) -> str:
    """Give the path of a program, looked for in PATH, the system folders and `folders`."""
    path = ":".join(folders) + ":" + os.environ.get("PATH", "/usr/bin:/bin") + SYSTEM_PATH
    found = shutil.which(name, path=path)
    if found is None:
        raise ServerMissingError(f"{name} is not installed (Debian package {package}; `make servers` installs it)")
    return found


@dataclass(frozen=True)
class Account:
    """The one unprivileged account that the servers run as."""

    name: str
    group: str
    uid: int
    gid: int

    def own(self, path: Path) -> None:
        """Hand a file or folder over; nothing to do where everything is ours anyway."""
        if os.geteuid() == 0:
            os.chown(path, self.uid, self.gid)

    def command(self, arguments: Sequence[str]) -> list[str]:
        """Give a command line that runs as this account and is told to stop should the test process die."""
        setpriv = shutil.which("setpriv")
        if setpriv is None:
            if os.geteuid() == 0:
                raise ServerMissingError("setpriv is not installed (Debian package util-linux)")
            return list(arguments)
        change = [f"--reuid={self.uid}", f"--regid={self.gid}", "--clear-groups"] if os.geteuid() == 0 else []
        return [setpriv, *change, "--pdeathsig=TERM", "--", *arguments]


def server_account() -> Account:
    """Give ourselves, or `nobody` for root, since most servers refuse to run as root or should."""
    entry = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    return Account(entry.pw_name, grp.getgrgid(entry.pw_gid).gr_name, entry.pw_uid, entry.pw_gid)


def private_folder(name: str, account: Account) -> Path:
    """Make a folder of the account's; not below pytest's, which is root's own and too long a path for a socket."""
    folder = Path(tempfile.mkdtemp(prefix=f"ingestd-{name}-"))
    account.own(folder)
    folder.chmod(0o755)
    return folder


def free_port() -> int:
    """Give a loopback port that nobody listens on."""
    for port in random.sample(PORTS, 100):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise ServerFailedError("no free port on the loopback")


def listens(port: int) -> bool:
    """Say whether somebody accepts connections on a loopback port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def greets(port: int) -> bool:
    """Say whether a server on a loopback port says the first word, as those of mail do."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as probe:
            return bool(probe.recv(1))
    except OSError:
        return False


def wait_until(condition: Callable[[], bool], timeout_seconds: float, waiting_for: str) -> None:
    """Return as soon as the condition holds.

    Raises:
        ServerFailedError: it does not within `timeout_seconds`.
    """
    deadline = time.monotonic() + timeout_seconds
    while not condition():
        if time.monotonic() > deadline:
            raise ServerFailedError(f"waited {timeout_seconds:g} s in vain for {waiting_for}")
        time.sleep(0.01)


class Program:
    """One running server, ours to stop: a process group of its own, so that none of its children outlives it."""

    def __init__(self, arguments: Sequence[str], log: Path, folder: Path) -> None:
        self.log = log
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                arguments,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=folder,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def wait_until(self, condition: Callable[[], bool], waiting_for: str, timeout_seconds: float = 20) -> None:
        """Wait for a sign of readiness, and give up at once if the process ends first."""
        try:
            wait_until(lambda: not self.running or condition(), timeout_seconds, waiting_for)
        except ServerFailedError as error:
            raise ServerFailedError(f"{error}; it said: {self.said()}") from error
        if not self.running:
            raise ServerFailedError(f"ended before {waiting_for}; it said: {self.said()}")

    def said(self) -> str:
        """Give the end of what the server logged."""
        return self.log.read_text(errors="replace")[-2000:] if self.log.exists() else "nothing"

    def stop(self, number: int = signal.SIGTERM) -> None:
        """End the server and its children by a signal, by SIGKILL what takes longer than `STOP_SECONDS`."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, number)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._stop_children()

    def _stop_children(self) -> None:
        """End what outlived the server: Dovecot's imap processes go on talking to their clients."""
        try:
            wait_until(lambda: not group_lives(self.pid), CHILDREN_STOP_SECONDS, "its children to end")
        except ServerFailedError:
            os.killpg(self.pid, signal.SIGKILL)


def group_lives(group: int) -> bool:
    """Say whether a process of this group still runs; the dead that init has not yet buried do not count."""
    return bool(members(group))


def members(group: int) -> set[int]:
    """The processes of this group that still run."""
    return {int(stat.parent.name) for stat in Path("/proc").glob("[0-9]*/stat") if _runs_in(group, stat)}


def _runs_in(group: int, stat: Path) -> bool:
    try:
        state, _, its_group = stat.read_text().rpartition(")")[2].split()[:3]
    except OSError:
        return False
    return int(its_group) == group and state not in ("Z", "X")
