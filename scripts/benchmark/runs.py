"""The two runs of the daemon: a full mailbox as fast as it can, and five orders a second as they come."""

from __future__ import annotations

import json
import math
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from scripts.benchmark.orders import OrderMail
from scripts.benchmark.outcome import Outcome, Passage
from scripts.benchmark.processes import Watch
from scripts.benchmark.servers import Surroundings

STUCK_S = 60.0  # without any progress: the run is given up
LOOK_EVERY_S = 0.25
FIRST_FETCH = "imap.connected"  # the log line from which on the mailbox is being fetched


class StuckError(Exception):
    """The daemon stopped making progress; the text says how far it was."""

    permanent = True


@dataclass(frozen=True, slots=True)
class Throughput:
    """A full mailbox: from the first fetch to the last acceptance."""

    orders: int
    seconds: float
    cpu_s: dict[str, float]  # by part, from the daemon's readiness on

    @property
    def per_second(self) -> float:
        return self.orders / self.seconds


@dataclass(frozen=True, slots=True)
class Latency:
    """A stream: from the handing over to LMTP to the acceptance of the last message of each order."""

    orders: int
    per_second: float
    p50_s: float
    p99_s: float
    worst_s: float
    stored_p50_s: float  # of it until the mail was stored: LMTP, the server's notice and the fetch


def wait_for(outcome: Outcome, orders: int) -> None:
    """Return when so many orders are dispatched and nothing waits; raises StuckError."""
    before, since = outcome.progress(), time.monotonic()
    while before.decided < orders or before.unsent:
        time.sleep(LOOK_EVERY_S)
        now = outcome.progress()
        if now != before:
            before, since = now, time.monotonic()
        elif time.monotonic() - since > STUCK_S:
            raise StuckError(f"of {orders} orders {before}")


def full_mailbox(outcome: Outcome, orders: int, log: Path, watch: Watch) -> Throughput:
    """Wait until a daemon that has just started has emptied the mailbox."""
    wait_for(outcome, orders)
    cpu_s = watch.cpu_by_part()
    last = max(passage.accepted_at for passage in outcome.passages())
    return Throughput(orders, (last - first_fetch(log)).total_seconds(), cpu_s)


def first_fetch(log: Path) -> datetime:
    """When the daemon had connected to the mailbox."""
    for line in log.read_text("utf-8").splitlines():
        if FIRST_FETCH in line:
            return datetime.fromisoformat(json.loads(line)["at"])
    raise StuckError(f"no {FIRST_FETCH} in {log}")


def stream(servers: Surroundings, mails: Iterator[OrderMail], per_second: float) -> dict[str, float]:
    """Deliver mails by LMTP at an even pace; when each was handed over (seconds since the epoch), by Message-ID."""
    handed: dict[str, float] = {}
    with servers.lmtp() as connection:
        due = time.monotonic()
        for mail in mails:
            time.sleep(max(0.0, due - time.monotonic()))
            due += 1 / per_second
            handed[mail.mail_id] = time.time()
            connection.sendmail("shipper@example.com", [servers.address], mail.raw)
    return handed


def as_they_come(outcome: Outcome, deliver: Callable[[], dict[str, float]], before: int, per_second: float) -> Latency:
    """Deliver a stream to a warm daemon, and see how long each order took."""
    handed = deliver()
    wait_for(outcome, before + len(handed))
    return latency([p for p in outcome.passages() if p.mail_id in handed], handed, per_second)


def latency(passages: Sequence[Passage], handed: dict[str, float], per_second: float) -> Latency:
    """The times of these orders."""
    took = sorted(p.accepted_at.timestamp() - handed[p.mail_id] for p in passages)
    stored = statistics.median(p.stored_at.timestamp() - handed[p.mail_id] for p in passages)
    return Latency(len(took), per_second, statistics.median(took), percentile(took, 0.99), took[-1], stored)


def percentile(ordered: Sequence[float], share: float) -> float:
    """The smallest value that at least this share does not exceed."""
    return ordered[math.ceil(len(ordered) * share) - 1]
