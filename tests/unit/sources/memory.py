"""An inbox in memory and a health that remembers, for the sources' tests; the ones of the daemon keep a database."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence

import pytest

from ingestd.domain.message import Arrival, FolderState, Stored
from tests.servers.programs import wait_until

Hook = Callable[[], None]


def nothing() -> None:
    """Do nothing."""


class MemoryInbox:
    """Keeps the first arrival under each key, and lets a test step in between."""

    def __init__(self) -> None:
        self.arrivals: dict[str, Arrival] = {}
        self.states: list[FolderState] = []
        self.before_store: Hook = nothing
        self.after_store: Hook = nothing
        self.before_unknown: Hook = nothing
        self._lock = threading.Lock()

    def store(self, arrivals: Sequence[Arrival], folder: FolderState | None = None) -> list[Stored]:
        self.before_store()
        with self._lock:
            stored = [self._keep(arrival) for arrival in arrivals]
            if folder is not None:
                self.states.append(folder)
        self.after_store()
        return stored

    def _keep(self, arrival: Arrival) -> Stored:
        new = arrival.source_key not in self.arrivals
        self.arrivals.setdefault(arrival.source_key, arrival)
        return Stored(list(self.arrivals).index(arrival.source_key), arrival.source_key, new)

    def folder(self, account: str, folder: str) -> FolderState | None:
        with self._lock:
            found = [state for state in self.states if (state.account, state.folder) == (account, folder)]
        return found[-1] if found else None

    def unknown(self, source_keys: Iterable[str]) -> set[str]:
        self.before_unknown()
        with self._lock:
            return {key for key in source_keys if key not in self.arrivals}

    @property
    def all(self) -> list[Arrival]:
        """What was stored, in that order."""
        with self._lock:
            return list(self.arrivals.values())

    @property
    def raws(self) -> list[bytes]:
        """The bytes of what was stored, in that order."""
        return [arrival.raw for arrival in self.all]

    def wait_for(self, count: int, timeout_seconds: float = 15) -> list[Arrival]:
        """Give the arrivals as soon as there are at least `count`."""
        wait_until(lambda: len(self.all) >= count, timeout_seconds, f"{count} arrivals")
        return self.all

    def wait_for_state(self, account: str, folder: str = "INBOX", watermark: int = 0) -> FolderState:
        """Give the folder's state as soon as it is taken in so far."""

        def reached() -> bool:
            state = self.folder(account, folder)
            return state is not None and state.watermark >= watermark

        wait_until(reached, 15, f"{folder} to be taken in up to {watermark}")
        state = self.folder(account, folder)
        assert state is not None
        return state


class MemoryHealth:
    """What the loops told, as (part, kind) of troubles and (part, "well")."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []
        self.details: list[str] = []
        self.promises: list[tuple[str, float]] = []

    def alive(self, part: str, within: float) -> None:
        self.promises.append((part, within))

    def trouble(self, part: str, kind: str, detail: str) -> None:
        self.told.append((part, kind))
        self.details.append(detail)

    def well(self, part: str) -> None:
        before = [kind for told, kind in self.told if told == part]
        if before[-1:] != ["well"]:
            self.told.append((part, "well"))

    def wait_for(self, part: str, kind: str, since: int = 0, timeout_seconds: float = 15) -> None:
        """Return as soon as this was told, at the earliest as the entry number `since`."""
        wanted = (part, kind)
        wait_until(lambda: wanted in self.told[since:], timeout_seconds, f"{wanted}, told is {self.told}")


@pytest.fixture
def inbox() -> MemoryInbox:
    """An inbox of the test's own."""
    return MemoryInbox()


@pytest.fixture
def health() -> MemoryHealth:
    """A health of the test's own."""
    return MemoryHealth()
