"""The stage of a run: a site, its real servers, proxies before them, a clock that can be set, and the daemon."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from tests.chaos.history import History
from tests.chaos.schedule import Schedule
from tests.daemon.day import SetClock
from tests.daemon.process import COMMAND, RunningDaemon
from tests.daemon.site import ORDERS, QUICK, WATCH, WATCH_PHONE, Site
from tests.servers.dovecot import Dovecot, Mailbox
from tests.servers.postgres import Postgres
from tests.servers.programs import free_port
from tests.servers.proxy import FaultProxy
from tests.servers.relay import Relay
from tests.servers.smtp_sink import SmtpSink, SunkMail

BEGINS = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)  # ten in the morning at the site
CONFIRMING = 4  # the customer who is asked and says yes himself
PROMISE = timedelta(seconds=9)
# A twentieth of a site's times; but a lease must outlast the longest attempt, which the spool says is 20 s.
TWENTIETH: Mapping[str, Mapping[str, Any]] = {
    "outbox": {**QUICK["outbox"], "promise": 9, "alarm_after": 6, "fallback_after": 7.5},
    "relay": {"connect_timeout": 1, "reply_timeout": 1.5, "data_timeout": 1.5, "keep": 1.5},
    "reader": {"ahead": 6, "time_limit": 20},  # no twentieth: a busy machine would quarantine what it can't get to
    "alarms": {
        "destinations": [{"channel": "email", "recipient": WATCH}, {"channel": "sms", "recipient": WATCH_PHONE}],
        "mailbox_dead_after": 3,
        "disk_free_mb": 1,
        "disk_full_mb": 0,
    },
}
IMAP = {"idle_slice": 2, "timeout": 2, "poll": 0.5}
INLET = {"enabled": True, "addresses": [ORDERS], "store_timeout": 5, "timeout": 5}
DISK_BYTES = 24 << 20  # of the small disk
READY_SECONDS = 120.0  # a start on a busy machine
STAGE_PAUSES_AFTER = 1.0  # seconds of a start in which faults still strike it


class Peers(Protocol):
    """The servers that runs share; each run has a mailbox and a database of its own."""

    @property
    def dovecot(self) -> Dovecot: ...

    def postgres(self) -> Postgres:
        """The cluster, started at first use."""
        ...


class Stage:
    """All that a run needs, in a folder of its own; closed by `close`."""

    def __init__(self, schedule: Schedule, folder: Path, peers: Peers, broken: str = "") -> None:
        self.schedule, self.folder, self.peers, self.broken = schedule, folder, peers, broken
        self.history = History(folder / "history.jsonl")
        self.things = ExitStack()
        database = ""
        if schedule.database == "postgresql":
            cluster = peers.postgres()
            database = cluster.fresh()
            self.things.callback(cluster.drop, database)
        self.site = Site(folder, database, bare=True)  # a fault may come while the tables are made
        self.disk = self._small_disk() if not database else None
        self.mailbox: Mailbox = peers.dovecot.fresh_mailbox()
        self.mailbox.deliver(b"From: a@b.example\r\n\r\n", "Done")  # so that the folder is there
        self.sink: SmtpSink | Relay = SmtpSink() if schedule.relay == "sink" else Relay()
        self.sink.start()
        self.things.callback(self._end_sink)
        self.mailbox_wire = self.things.enter_context(FaultProxy(peers.dovecot.ports.imap))
        self.relay_wire = self.things.enter_context(FaultProxy(self.sink.port))
        self.clock = SetClock(folder / "clock", BEGINS)
        self.inlet_port = free_port()
        self.secret = secrets.token_hex(32)
        (folder / "site-secret").write_text(self.secret)
        self.write(self.site, inlet={**INLET, "port": self.inlet_port})
        self.armed = list(schedule.starts)
        self.daemon: RunningDaemon | None = None
        self.second: RunningDaemon | None = None
        self.up: list[tuple[datetime, datetime]] = []
        self.frozen = False
        self.down_until = 0.0  # in the time of the stage
        self.now_seconds = 0.0  # the time of the stage: it stands still while the daemon takes long to start
        self.worked_seconds = 0.0  # that a daemon has been at work
        self.slowest_start = 0.0  # seconds
        self._started_at = self._ticked_at = time.monotonic()
        self._starting = False

    def write(self, site: Site, **further: Mapping[str, Any]) -> None:
        """Write the configuration of the site, or of a second daemon on its database."""
        site.confirming = frozenset({CONFIRMING})
        mailbox: dict[str, Any] = {**IMAP, "port": self.mailbox_wire.port}
        if self.schedule.put_away:
            mailbox["processed_folder"] = "Done"
        own = {"secret_file": str(self.folder / "site-secret")}
        site.write(self.relay_wire.port, self.mailbox, imap=mailbox, site=own, **{**TWENTIETH, **further})

    # --- the daemon ---

    def start(self, failpoint: str | None = None) -> None:
        """Start the daemon, armed with this failpoint, or with the next of the schedule's."""
        if failpoint is None:
            failpoint = self.armed.pop(0) if self.armed else ""
        self.daemon = RunningDaemon(self.site, failpoint, self.broken, self.clock.environment)
        self._started_at, self._starting = time.monotonic(), True
        self.history.note("start", failpoint=failpoint, log=self.daemon.log.name)

    def end(self, how: str = "") -> None:
        """Kill the daemon and its workers, if it runs."""
        if self.daemon is not None:
            self.daemon.tell_all(signal.SIGCONT)
            self.daemon.close()
            self.frozen = False
            self.history.note("ended", how=how)

    def command(self, *arguments: str) -> None:
        """Run a command of ingestd as an agent would."""
        command = [COMMAND, "--config", str(self.site.configuration), *arguments]
        environment = {**os.environ, "INGESTD_TEST": "1", **self.clock.environment}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
        self.history.note("command", arguments=arguments, code=done.returncode)

    @property
    def daemon_runs(self) -> bool:
        """Whether there is a daemon, ready or not."""
        return self.daemon is not None and self.daemon.running

    def kill(self, process: int) -> None:
        """-9 for one process that the daemon has started."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
        self.history.note("killed", process=process)

    def tick(self) -> None:
        """Let a moment pass: the gateway works, the stage's time goes on, a daemon that died is started again."""
        self.site.spool.carry()
        now = time.monotonic()
        passed, self._ticked_at = now - self._ticked_at, now
        alive = self.daemon is not None and self.daemon.running
        at_work = alive and not self.frozen and self.daemon is not None and self.daemon.ready
        if at_work:
            self._worked(passed)
        if at_work or not alive or self.frozen or now - self._started_at < STAGE_PAUSES_AFTER:
            self.now_seconds += passed
        elif now - self._started_at > READY_SECONDS:
            raise AssertionError(f"the daemon is not ready after {READY_SECONDS:g} s")
        if not alive and self.now_seconds >= self.down_until:
            self.end("died")  # what is left of it
            self.start()
        time.sleep(0.02)

    def _worked(self, passed: float) -> None:
        """The daemon has been at work for so many seconds more."""
        self.worked_seconds += passed
        if self._starting:
            self._starting = False
            self.slowest_start = max(self.slowest_start, time.monotonic() - self._started_at)
        now = datetime.now(UTC)
        if self.up and now - self.up[-1][1] < timedelta(seconds=passed + 0.2):
            self.up[-1] = (self.up[-1][0], now)
        else:
            self.up.append((now, now))

    def rest(self, seconds: float) -> None:
        """Let so many seconds pass."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.tick()

    # --- its surroundings ---

    def mails(self) -> list[SunkMail]:
        """All that the sink or the relay has taken."""
        return [SunkMail(m.sender, m.recipients, m.raw.replace(b"\r\n", b"\n"), m.at) for m in self.sink.messages()]

    def logs(self) -> Sequence[Path]:
        """The logs of all runs of all daemons."""
        return sorted(self.folder.glob("**/log.*"))

    def fill_disk(self) -> bool:
        """Leave no room; False where the data folder is on the machine's own disk."""
        if self.disk is None:
            return False
        with contextlib.suppress(OSError), self._ballast.open("wb") as ballast:
            while True:
                ballast.write(b"\0" * 4096)
                ballast.flush()
        return True

    def free_disk(self) -> None:
        """Give the room back."""
        if self.disk is not None:
            self._ballast.unlink(missing_ok=True)

    @property
    def _ballast(self) -> Path:
        return self.site.data / "ballast"

    def _small_disk(self) -> Path | None:
        """The data folder on a disk of its own, where we may mount one."""
        self.site.data.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(self.site.data)]
        if os.geteuid() != 0 or subprocess.run(command, check=False, capture_output=True).returncode != 0:
            return None
        self.things.callback(subprocess.run, ["umount", "--lazy", str(self.site.data)], check=False)
        return self.site.data

    def _end_sink(self) -> None:
        if isinstance(self.sink, SmtpSink):
            self.sink.close()
        else:
            self.sink.stop()

    def close(self, keep: bool) -> None:
        """End everything; the folder stays where it is to be looked at, the database with it."""
        for daemon in (self.daemon, self.second):
            if daemon is not None:
                daemon.tell_all(signal.SIGCONT)
                daemon.close()
        if keep and self.disk is not None:
            shutil.copytree(self.disk, self.folder / "data-kept", ignore=shutil.ignore_patterns("ballast"))
        self.things.close()
        self.peers.dovecot.recover()  # where the run ended in the middle of a fault
        if not keep:
            shutil.rmtree(self.folder, ignore_errors=True)
