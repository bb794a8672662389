"""Which loops are alive, and which parts are in trouble for how long."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ingestd.domain.event import log


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that lasts: what kind, its newest detail, and since when (monotonic seconds)."""

    part: str
    kind: str
    detail: str
    since: float


class HealthBoard:
    """Promises of loops and troubles of parts; any thread may write, the ticker reads."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.monotonic = monotonic
        self.lock = threading.Lock()
        self.promises: dict[str, float] = {}  # by part: when it is late
        self.troubles: dict[tuple[str, str], Trouble] = {}
        self.recovered: set[str] = set()
        self.alarmed: set[tuple[str, str]] = set()  # parts and kinds of the alarms that a run before us left open
        self.began = monotonic()
        self.last_well: dict[str, float] = {}

    def alive(self, part: str, within: float) -> None:
        """`part` promises to call again within so many seconds."""
        with self.lock:
            self.promises[part] = self.monotonic() + within

    def ended(self, part: str) -> None:
        """`part` has come to its intended end and promises nothing any more."""
        with self.lock:
            self.promises.pop(part, None)

    def trouble(self, part: str, kind: str, detail: str) -> None:
        """Something a person must know if it lasts."""
        with self.lock:
            before = self.troubles.get((part, kind))
            self.recovered.discard(part)
            self.troubles[part, kind] = Trouble(part, kind, detail, before.since if before else self.monotonic())
        if before is None:
            log("trouble", logging.WARNING, part=part, kind=kind, detail=detail)

    def well(self, part: str) -> None:
        """The trouble of `part`, if any, is over."""
        with self.lock:
            self.last_well[part] = self.monotonic()
            gone = [key for key in self.troubles if key[0] == part]
            for key in gone:
                del self.troubles[key]
            open_before = {key for key in self.alarmed if key[0] == part}
            self.alarmed -= open_before
            if gone or open_before:
                self.recovered.add(part)
        if gone:
            log("trouble.over", part=part)

    def remember(self, alarms: Iterable[tuple[str, str]]) -> None:
        """These alarms, by part and kind, are open; they end when their part is well next."""
        with self.lock:
            self.alarmed |= {(part, kind) for part, kind in alarms if not self._in_trouble(part)}

    def put_back(self, recovered: Iterable[str]) -> None:
        """Nobody could be told that these parts are well; they are taken again, unless they are in trouble anew."""
        with self.lock:
            self.recovered |= {part for part in recovered if not self._in_trouble(part)}

    def _in_trouble(self, part: str) -> bool:
        return any(part == troubled for troubled, _ in self.troubles)

    def age(self, part: str) -> float:
        """Seconds since `part` was well last; since our start where it never was."""
        with self.lock:
            return self.monotonic() - self.last_well.get(part, self.began)

    def late(self) -> list[str]:
        """Parts that have not kept their promise."""
        now = self.monotonic()
        with self.lock:
            return sorted(part for part, until in self.promises.items() if until < now)

    def troubled(self, kind: str) -> list[str]:
        """Parts with a trouble of this kind, of a run before us too."""
        with self.lock:
            return sorted({part for part, of_kind in (*self.troubles, *self.alarmed) if of_kind == kind})

    def lasting(self, grace: Callable[[Trouble], float]) -> list[Trouble]:
        """Troubles that have lasted longer than their grace in seconds."""
        now = self.monotonic()
        with self.lock:
            return [t for t in self.troubles.values() if now - t.since >= grace(t)]

    def take_recovered(self) -> set[str]:
        """Parts that became well since this was asked last."""
        with self.lock:
            out, self.recovered = self.recovered, set()
            return out
