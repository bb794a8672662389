"""The database's log is kept short; where somebody keeps it from that, a person is told before the disk is full."""

from __future__ import annotations

from ingestd.pipeline.workshop import Workshop
from ingestd.store.checkpoint import checkpoint

PART, KIND = "database log", "wal"


class CheckpointStep:
    """Empties the log."""

    def __init__(self, shop: Workshop) -> None:
        self.shop = shop

    def step(self) -> None:
        """One checkpoint; trouble where the log stays long."""
        most = self.shop.house.settings.alarms.wal_mb
        left = checkpoint(self.shop.database) >> 20
        if left >= most:
            self.shop.health.trouble(PART, KIND, f"{left} MB, less than {most} MB are right: somebody reads for long")
        else:
            self.shop.health.well(PART)
