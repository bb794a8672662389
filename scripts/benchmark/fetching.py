"""What fetching a mailbox costs by itself: the daemon's own IMAP source, with an inbox that only counts."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Sequence

from ingestd.config.load import Configuration
from ingestd.domain.clock import SystemClock
from ingestd.domain.message import Arrival, FolderState, Stored
from ingestd.sources.imap.source import ImapSource

PATIENCE_S = 120.0


class CountingInbox:
    """Forgets what arrives, and knows when it is enough."""

    def __init__(self, enough: int) -> None:
        self.count, self.enough = 0, enough
        self.full = threading.Event()
        self.state: FolderState | None = None

    def store(self, arrivals: Sequence[Arrival], folder: FolderState | None = None) -> list[Stored]:
        """Count them."""
        self.state = folder or self.state
        first = self.count
        self.count += len(arrivals)
        if self.count >= self.enough:
            self.full.set()
        return [Stored(first + n, arrival.source_key, True) for n, arrival in enumerate(arrivals)]

    def folder(self, account: str, folder: str) -> FolderState | None:
        """The state told last."""
        return self.state

    def unknown(self, source_keys: Iterable[str]) -> set[str]:
        """All of them are new."""
        return set(source_keys)


class DeafHealth:
    """Listens to nobody."""

    def alive(self, part: str, within: float) -> None:
        """Ignored."""

    def trouble(self, part: str, kind: str, detail: str) -> None:
        """Ignored."""

    def well(self, part: str) -> None:
        """Ignored."""


def fetch_seconds(configuration: Configuration, mails: int) -> float:
    """Processor seconds to take so many mails in from the configured account; raises TimeoutError."""
    inbox = CountingInbox(mails)
    account, zone = configuration.settings.imap[0], configuration.settings.site.zone
    source = ImapSource(account, inbox, DeafHealth(), SystemClock(), zone)
    began = time.process_time()
    source.start()
    try:
        if not inbox.full.wait(PATIENCE_S):
            raise TimeoutError(f"{inbox.count} of {mails} mails after {PATIENCE_S:g} s")
        return time.process_time() - began
    finally:
        source.stop()
