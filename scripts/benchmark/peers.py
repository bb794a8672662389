"""Others on the same mailbox: mbsync, which only copies, and imapclient with mail-parser, which only parse."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

from scripts.benchmark.processes import kilobytes
from scripts.benchmark.servers import Surroundings
from tests.servers.programs import find_program

LOOK_EVERY_S = 0.01
READER = Path(__file__).parent / "peer_reader.py"
MBSYNC = """\
IMAPAccount bench
Host 127.0.0.1
Port {port}
User {user}
Pass {password}
SSLType None
AuthMechs LOGIN
PipelineDepth 50

IMAPStore far
Account bench

MaildirStore near
Path {folder}/copy/
Inbox {folder}/copy/INBOX

Channel bench
Far :far:
Near :near:
Patterns INBOX
Sync Pull
Create Near
SyncState {folder}/state/
"""


@dataclass(frozen=True, slots=True)
class PeerRun:
    """What another program did with the same mailbox."""

    name: str
    mails: int
    seconds: float
    cpu_s: float
    peak_mb: float

    @property
    def per_second(self) -> float:
        return self.mails / self.seconds


def peer_runs(servers: Surroundings) -> list[PeerRun]:
    """All of them, one after the other."""
    return [mbsync(servers), reader(servers, "fetch"), reader(servers, "parse")]


def mbsync(servers: Surroundings) -> PeerRun:
    """Copy the mailbox into a Maildir, with mbsync's own fsync."""
    with tempfile.TemporaryDirectory(prefix="ingestd-mbsync-") as name:
        folder = Path(name)
        for part in ("copy", "state"):
            (folder / part).mkdir()
        configuration = folder / "mbsyncrc"
        mailbox = servers.mailbox
        values = {"port": servers.dovecot.ports.imap, "user": mailbox.user, "password": servers.dovecot.password}
        configuration.write_text(MBSYNC.format(folder=folder, **values))
        mbsync_path = find_program("mbsync", "isync")
        run, _ = timed("mbsync copies it", [mbsync_path, "-q", "-c", str(configuration), "bench"])
        copied = sum(1 for part in ("new", "cur") for _ in (folder / "copy" / "INBOX" / part).iterdir())
    return replace(run, mails=copied)


def reader(servers: Surroundings, what: str) -> PeerRun:
    """Fetch the mailbox by imapclient, and parse it by mail-parser where asked to."""
    names = {"fetch": "imapclient fetches it", "parse": "imapclient + mail-parser parse it"}
    command = [sys.executable, str(READER), str(servers.dovecot.ports.imap), servers.mailbox.user, what]
    run, said = timed(names[what], command)
    return replace(run, mails=int(said))


def timed(name: str, command: list[str]) -> tuple[PeerRun, str]:
    """Run a program to its end: what it used, and what it printed."""
    began, peak_kb, finished = time.monotonic(), 0, 0
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        while not finished:
            time.sleep(LOOK_EVERY_S)
            peak_kb = max(peak_kb, peak_of(process.pid))  # rusage's would count our own before the exec
            finished, status, used = os.wait4(process.pid, os.WNOHANG)
        seconds = time.monotonic() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        said = output.read()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return PeerRun(name, 0, seconds, used.ru_utime + used.ru_stime, peak_kb / 1024), said


def peak_of(pid: int) -> int:
    """Peak memory of a process in kB; 0 where it has ended."""
    try:
        return kilobytes((Path("/proc") / str(pid) / "status").read_text(), "VmHWM:")
    except OSError:
        return 0
