"""The daemon as a process of its own: started with failpoints, killed, stopped, and listened to."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

from tests.daemon.site import Site
from tests.servers.programs import group_lives, members

ROOT = Path(__file__).resolve().parents[2]
COMMAND = str(Path(sys.executable).with_name("ingestd"))
KILLED = -signal.SIGKILL
PATIENCE_SECONDS = 30.0  # without a line in the log
POLL_SECONDS = 0.03


class RunningDaemon:
    """One run of the shipped command, or of a `broken` build; its workers, in its process group, end with it."""

    def __init__(
        self, site: Site, failpoint: str = "", broken: str = "", environment: Mapping[str, str] | None = None
    ) -> None:
        site.begin_run()
        self.site = site
        self.is_armed = bool(failpoint)
        self.log = site.folder / f"log.{site.runs}"
        arguments = [COMMAND, "--config", str(site.configuration), "run"]
        if broken:
            arguments = [sys.executable, "-m", "tests.daemon.broken", broken, str(site.configuration)]
        given = {**os.environ, "INGESTD_TEST": "1", **(environment or {})}
        if failpoint:
            given["INGESTD_FAILPOINT"] = failpoint
        with self.log.open("wb") as output:
            self._process = subprocess.Popen(
                arguments,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=ROOT,
                env=given,
                start_new_session=True,
            )
        self._log_size, self._grew_at = 0, time.monotonic()
        self._was_ready = False

    @property
    def ready(self) -> bool:
        """Whether all its parts have begun to run."""
        self._was_ready = self._was_ready or '"daemon.ready"' in self.said()
        return self._was_ready

    @property
    def children(self) -> list[int]:
        """The processes of this run beside the daemon itself: workers and what starts them."""
        return sorted(members(self.pid) - {self.pid})

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    @property
    def has_processes(self) -> bool:
        """Whether anything of this run is left, workers included."""
        return group_lives(self.pid)

    def events(self, name: str = "") -> list[dict[str, Any]]:
        """The log's lines, those of one event where it is named."""
        lines = [json.loads(line) for line in self.said().splitlines() if line.startswith("{") and line.endswith("}")]
        return [line for line in lines if not name or line["event"] == name]

    def said(self) -> str:
        """The log so far."""
        return self.log.read_text(errors="replace")

    def wait_until(self, condition: Callable[[], bool], waiting_for: str) -> None:
        """Wait for a condition for as long as the log grows; give up at once where the daemon ends first."""
        while not self._holds(condition):
            if not self.running:
                if self._holds(condition):
                    return
                self._give_up(f"the daemon ended before {waiting_for}")
            self._pause(waiting_for)

    def wait_ready(self) -> None:
        """Return when all its parts run."""
        self.wait_until(lambda: self.ready, "the daemon to be ready")

    def wait_quiet(self, messages: int, now: datetime | None = None) -> None:
        """Return when so many messages are done with and nothing is left to be sent, or not before a later time."""
        self.wait_until(lambda: self.site.records.is_quiet(messages, now), f"{messages} messages to be done with")

    def wait_end(self) -> int:
        """The exit code, negative where a signal ended it."""
        while self._holds(lambda: self.running):
            self._pause("the daemon to end")
        return self._process.wait()

    def _holds(self, condition: Callable[[], bool]) -> bool:
        self.site.spool.carry()
        return condition()

    def _pause(self, waiting_for: str) -> None:
        """Wait a moment; a machine may be slow, but nothing that is alive says nothing for so long."""
        size = self.log.stat().st_size
        if size != self._log_size:
            self._log_size, self._grew_at = size, time.monotonic()
        if time.monotonic() - self._grew_at > PATIENCE_SECONDS:
            self._give_up(f"waited in vain for {waiting_for}")
        time.sleep(POLL_SECONDS)

    def _give_up(self, why: str) -> NoReturn:
        raise AssertionError(f"{why}\n{self.site.records.standing()}\n{self.said()[-3000:]}")

    def tell(self, number: signal.Signals) -> None:
        """Send a signal to the daemon itself."""
        self._process.send_signal(number)

    def tell_all(self, number: signal.Signals) -> None:
        """Send a signal to the daemon and all its workers."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    def stop(self) -> int:
        """Stop it in good order."""
        self.tell(signal.SIGTERM)
        return self.wait_end()

    def close(self) -> None:
        """Kill whatever is left of it."""
        self.tell_all(signal.SIGKILL)
        self._process.wait()


@contextmanager
def running(
    site: Site, failpoint: str = "", broken: str = "", environment: Mapping[str, str] | None = None
) -> Iterator[RunningDaemon]:
    """A daemon for the length of a `with` block."""
    daemon = RunningDaemon(site, failpoint, broken, environment)
    try:
        yield daemon
    finally:
        daemon.close()
