"""What the daemon's processes use: peak memory and processor time, from /proc."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
LOOK_EVERY_S = 0.5


@dataclass(frozen=True, slots=True)
class Usage:
    """One process as it was seen last."""

    pid: int
    part: str  # daemon, worker, or what it is called
    peak_mb: float  # VmHWM
    pss_mb: float  # its share of what it shares
    cpu_s: float


class Watch:
    """Follows a process and its descendants; the workers come and go."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.last: dict[int, Usage] = {}
        self.at_first: dict[str, float] = {}  # processor seconds by part when the watch began
        self.stopping = threading.Event()

    def look(self, pss: bool = False) -> None:
        """See them all once; `pss` is dear, so only at the end."""
        for pid in (self.pid, *descendants(self.pid)):
            usage = usage_of(pid, self.pid, pss)
            if usage is not None:
                self.last[pid] = usage

    def follow(self) -> None:
        """Look again and again until stopped."""
        while not self.stopping.wait(LOOK_EVERY_S):
            self.look()

    def cpu_by_part(self) -> dict[str, float]:
        """Processor seconds by part since the watch began."""
        self.look()
        return {part: seconds - self.at_first.get(part, 0.0) for part, seconds in self.sums().items()}

    def sums(self) -> dict[str, float]:
        """Processor seconds by part in the whole life of each process."""
        sums: dict[str, float] = {}
        for usage in self.last.values():
            sums[usage.part] = sums.get(usage.part, 0.0) + usage.cpu_s
        return sums


@contextmanager
def watching(pid: int) -> Iterator[Watch]:
    """A watch that looks beside the block."""
    watch = Watch(pid)
    watch.look()
    watch.at_first = watch.sums()
    thread = threading.Thread(target=watch.follow, name="watch", daemon=True)
    thread.start()
    try:
        yield watch
    finally:
        watch.stopping.set()
        thread.join()


def descendants(pid: int) -> list[int]:
    """Children, their children and so on."""
    parents: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found: list[int] = []
    waiting = [pid]
    while waiting:
        children = parents.get(waiting.pop(), [])
        found += children
        waiting += children
    return found


def usage_of(pid: int, daemon: int, pss: bool) -> Usage | None:
    """What a process uses; None where it has ended."""
    folder = Path("/proc") / str(pid)
    try:
        fields = (folder / "stat").read_text().rpartition(")")[2].split()
        peak_kb = kilobytes((folder / "status").read_text(), "VmHWM:")
        pss_kb = kilobytes((folder / "smaps_rollup").read_text(), "Pss:") if pss else 0
        part = "daemon" if pid == daemon else part_of((folder / "cmdline").read_bytes())
    except OSError:
        return None
    cpu_s = (int(fields[11]) + int(fields[12])) / TICKS
    return Usage(pid, part, peak_kb / 1024, pss_kb / 1024, cpu_s) if peak_kb else None


def part_of(command_line: bytes) -> str:
    """What a descendant is for: pebble's workers are forked from multiprocessing's fork server."""
    if b"resource_tracker" in command_line:
        return "resource tracker"
    return "forkserver or worker" if b"forkserver" in command_line else "other"


def kilobytes(text: str, name: str) -> int:
    """The figure behind a name in a file of /proc; 0 where it is not there."""
    return next((int(line.split()[1]) for line in text.splitlines() if line.startswith(name)), 0)


def named(usages: list[Usage]) -> list[Usage]:
    """The same with the fork server told from its workers: it is the first, and reads nothing."""
    forked = sorted((u for u in usages if u.part == "forkserver or worker"), key=lambda u: u.pid)
    names = {u.pid: "fork server" if n == 0 else f"worker {n}" for n, u in enumerate(forked)}
    return [Usage(u.pid, names.get(u.pid, u.part), u.peak_mb, u.pss_mb, u.cpu_s) for u in usages]
