"""The figures of a run: a table for people, JSON for programs."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from scripts.benchmark.budget import Piece
from scripts.benchmark.peers import PeerRun
from scripts.benchmark.processes import Usage
from scripts.benchmark.reading import ReaderRun
from scripts.benchmark.runs import Latency, Throughput

TARGET_PER_SECOND = 150.0
TARGET_P99_S = 1.5
TARGET_MAIN_MB = 150.0
TARGET_READINGS = 600.0  # mails a second on one core
TARGET_SLOWEST_MS = 50.0  # for any mail of the corpus
TARGET_FLOOD_MS = 1000.0
WIDTH = 100


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything that one run measured."""

    at: datetime
    throughput: Throughput
    latency: Latency
    usages: Sequence[Usage]
    peers: Sequence[PeerRun]
    pieces: Sequence[Piece]
    reader: ReaderRun
    load_before: float  # of the last minute, before the bench began
    faults: Sequence[str]

    @property
    def daemon_mb(self) -> float:
        """Peak memory of the main process."""
        return max(usage.peak_mb for usage in self.usages if usage.part == "daemon")

    @property
    def targets(self) -> list[tuple[str, float, float, bool]]:
        """(what, measured, target, reached)."""
        orders, readings = self.throughput.per_second, self.reader.per_second
        at_least = [("orders/s", orders, TARGET_PER_SECOND), ("mails/s read on one core", readings, TARGET_READINGS)]
        at_most = [
            ("p99 in s", self.latency.p99_s, TARGET_P99_S),
            ("MB in the main process", self.daemon_mb, TARGET_MAIN_MB),
            ("ms for the slowest mail of the corpus", self.reader.slowest_ms, TARGET_SLOWEST_MS),
            ("ms for the slowest flood", max(self.reader.floods_ms.values()), TARGET_FLOOD_MS),
        ]
        return [
            *((what, measured, target, measured >= target) for what, measured, target in at_least),
            *((what, measured, target, measured <= target) for what, measured, target in at_most),
        ]

    def as_json(self) -> str:
        """The same for programs."""
        return json.dumps(
            {
                "at": self.at.isoformat(),
                "machine": {"cpus": os.cpu_count(), "python": platform.python_version(), "load_1m": self.load_before},
                "throughput": {**asdict(self.throughput), "per_second": self.throughput.per_second},
                "latency": asdict(self.latency),
                "processes": [asdict(usage) for usage in self.usages],
                "peers": [{**asdict(peer), "per_second": peer.per_second} for peer in self.peers],
                "reader": asdict(self.reader),
                "budget": [asdict(piece) for piece in self.pieces],
                "targets": [
                    {"what": what, "measured": measured, "target": target, "reached": reached}
                    for what, measured, target, reached in self.targets
                ],
                "faults": list(self.faults),
            },
            indent=2,
        )


def show(figures: Figures, saved: Path) -> None:
    """Print the tables."""
    console = Console(highlight=False, width=WIDTH)
    console.print(f"ingestd bench: {figures.throughput.orders} orders, {os.cpu_count()} processors, ", end="")
    console.print(f"Python {platform.python_version()}, load before {figures.load_before:.1f}")
    for table in (
        speeds(figures),
        delays(figures),
        sizes(figures),
        budget(figures),
        reading(figures),
        targets(figures),
    ):
        console.print()
        console.print(table)
    for fault in figures.faults[:20]:
        console.print(f"wrong: {fault}", style="red")
    console.print(f"\nwritten to {saved}")


def speeds(figures: Figures) -> Table:
    """The same mailbox by ingestd and by others."""
    run = figures.throughput
    table = sheet("The same mailbox", "", "mails/s", "CPU ms a mail", "peak MB", "times ingestd")
    cpu_ms = 1000 * sum(run.cpu_s.values()) / run.orders
    own = "ingestd: read, decide, 3-4 messages"
    table.add_row(own, f"{run.per_second:.0f}", f"{cpu_ms:.2f}", f"{figures.daemon_mb:.0f}", "1")
    for peer in figures.peers:
        ratio = peer.per_second / run.per_second
        each = 1000 * peer.cpu_s / peer.mails
        table.add_row(peer.name, f"{peer.per_second:.0f}", f"{each:.2f}", f"{peer.peak_mb:.0f}", f"{ratio:.1f}")
    return table


def delays(figures: Figures) -> Table:
    """How long a single order takes while others come."""
    run = figures.latency
    table = sheet("From LMTP to the last acceptance", "", "orders", "p50 s", "p99 s", "worst s", "p50 until stored s")
    pace = f"{run.per_second:g} orders a second"
    seconds = (run.p50_s, run.p99_s, run.worst_s, run.stored_p50_s)
    table.add_row(pace, f"{run.orders}", *(f"{value:.3f}" for value in seconds))
    return table


def sizes(figures: Figures) -> Table:
    """Memory and processor time of each process."""
    table = sheet("Processes", "", "peak MB", "PSS MB", "CPU s")
    for usage in figures.usages:
        pss = f"{usage.pss_mb:.0f}" if usage.pss_mb else ""
        table.add_row(usage.part, f"{usage.peak_mb:.0f}", pss, f"{usage.cpu_s:.1f}")
    return table


def budget(figures: Figures) -> Table:
    """What an order costs, piece by piece."""
    table = sheet("An order, piece by piece (processor time)", "", "µs", "where", "of it")
    for piece in figures.pieces:
        table.add_row(piece.name, f"{piece.micros:.0f}", piece.where, piece.remark)
    for where in ("main", "worker"):
        micros = sum(piece.micros for piece in figures.pieces if piece.where == where)
        table.add_row(f"these pieces in all: {where}", f"{micros:.0f}", "", "")
    for part, seconds in figures.throughput.cpu_s.items():
        if seconds <= 0:
            continue
        each = 1e6 * seconds / figures.throughput.orders
        table.add_row(f"measured in the run: {part}", f"{each:.0f}", "", "")
    return table


def reading(figures: Figures) -> Table:
    """The reader alone."""
    run = figures.reader
    table = sheet("The reader alone (processor time, one core)", "", "ms a message")
    table.add_row(f"{run.mails} mails of the corpus, {run.per_second:.0f} a second", f"{1000 / run.per_second:.2f}")
    table.add_row(f"the slowest of them, {run.slowest}", f"{run.slowest_ms:.1f}")
    for name, took in sorted(run.floods_ms.items(), key=lambda flood: -flood[1]):
        table.add_row(name, f"{took:.0f}")
    return table


def targets(figures: Figures) -> Table:
    """What was to be reached."""
    table = sheet("Targets", "", "measured", "target", "")
    for what, measured, target, reached in figures.targets:
        table.add_row(what, f"{measured:.2f}", f"{target:g}", "reached" if reached else "MISSED")
    return table


def sheet(title: str, *columns: str) -> Table:
    """A plain table; all but the first column hold figures."""
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number else "left")
    return table


def missed(figures: Figures) -> Iterator[str]:
    """The targets that were missed."""
    yield from (what for what, _, _, reached in figures.targets if not reached)
