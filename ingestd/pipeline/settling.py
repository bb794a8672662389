"""Beside the fourth step: what became of sendings that left whole and got no answer."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from ingestd.domain.event import log
from ingestd.domain.reading import Channel
from ingestd.domain.retry import Doubt, settled_doubt
from ingestd.domain.sending import ChannelDriver, Claim
from ingestd.pipeline.workshop import Workshop
from ingestd.store.sendings import claims, doubts, settle_doubt

LOOKED_UP_EVERY_S = 5.0  # each doubt: a mailbox is to be asked, not besieged
LONGEST_ROUND_S = 5.0
A_ROUND = 50  # doubts


class SettleStep:
    """Looks uncertain sendings up where their channel can, and settles each in its time; a loop of its own, since a
    lookup may wait for a server while the promise must be kept."""

    def __init__(self, shop: Workshop, drivers: Sequence[ChannelDriver], sent: Callable[[], None]) -> None:
        self.shop, self.sent = shop, sent
        self.drivers = {driver.name: driver for driver in drivers}
        self.next_look: dict[int, float] = {}  # by sending (monotonic)

    def step(self) -> bool:
        """One round; True where there is more to look up."""
        with self.shop.database.read() as connection:
            waiting = self.due(doubts(connection))
            by_id = {doubt.sending_id: doubt for doubt in waiting[:A_ROUND]}
            taken = claims(connection, list(by_id))
        began = time.monotonic()
        for looked, claim in enumerate(taken, 1):
            self.settle(by_id[claim.sending_id], claim)
            if time.monotonic() - began > LONGEST_ROUND_S:
                return looked < len(waiting)
        return len(taken) < len(waiting)

    def due(self, open_ones: Sequence[Doubt]) -> list[Doubt]:
        """Those whose next look has come; what is settled is forgotten."""
        now = time.monotonic()
        self.next_look = {d.sending_id: self.next_look.get(d.sending_id, now) for d in open_ones}
        return [d for d in open_ones if self.next_look[d.sending_id] <= now]

    def settle(self, doubt: Doubt, claim: Claim) -> None:
        """Look one up, and write what becomes of it where that is the last word."""
        driver = self.drivers.get(claim.channel)
        old_copy = doubt.came_back and claim.channel is Channel.EMAIL  # what is found may be from before
        arrived = driver.lookup(claim) if driver and not old_copy else None
        grace = driver.grace if driver else timedelta(0)
        now = self.shop.clock.now()
        if not doubt.is_ripe(arrived, grace, now):
            self.next_look[doubt.sending_id] = time.monotonic() + pause(doubt, grace, now)
            return
        state, detail = settled_doubt(arrived, claim.channel, doubt.repeated)
        write = partial(settle_doubt, sending_id=claim.sending_id, state=state, detail=detail, now=now)
        for order in self.shop.writer.run(write):
            if order.clock_start:
                self.shop.tally.dispatched((now - order.clock_start).total_seconds())
        log("sending.settled", logging.WARNING, sending=claim.sending_id, state=state, detail=detail)
        self.sent()


def pause(doubt: Doubt, grace: timedelta, now: datetime) -> float:
    """Seconds to the next look: not past a moment from which the same answer would be the last word."""
    turns = [(at - now).total_seconds() for at in (doubt.since + grace, doubt.settle_at) if at > now]
    return min([LOOKED_UP_EVERY_S, *turns])
