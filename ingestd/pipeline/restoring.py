"""After the restore of a backup: what is held is looked up where it would have arrived, and what did is done with."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from ingestd.domain.event import log
from ingestd.domain.sending import ChannelDriver
from ingestd.pipeline.workshop import Workshop
from ingestd.store.restored import found_or_not, not_looked_up, restored_at
from ingestd.store.sendings import claims


class RestoreStep:
    """Asks the channels about sendings that a restore holds; nothing is sent by what they answer."""

    def __init__(self, shop: Workshop, drivers: Sequence[ChannelDriver]) -> None:
        self.shop = shop
        self.drivers = {driver.name: driver for driver in drivers}

    def step(self) -> None:
        """One look at some of them; a channel that can't tell is asked again."""
        with self.shop.database.read() as connection:
            if restored_at(connection) is None:
                return
            waiting = claims(connection, not_looked_up(connection))
        for claim in waiting:
            driver = self.drivers.get(claim.channel)
            arrived = driver.lookup(claim) if driver else None
            if arrived is None:
                continue
            now = self.shop.clock.now()
            self.shop.writer.run(partial(found_or_not, claim=claim, arrived=arrived, now=now))
            log("restore.looked_up", sending=claim.sending_id, arrived=arrived)
