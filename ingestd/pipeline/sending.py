"""The fourth step: claim a lot of sendings, try each, record what came of it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial

from sqlalchemy import Connection

from ingestd.domain.event import log
from ingestd.domain.failpoint import failpoint
from ingestd.domain.retry import RetryPolicy
from ingestd.domain.sending import ChannelDriver, Claim, Outcome, Result, Sender
from ingestd.pipeline.workshop import STORE_TROUBLE, Workshop
from ingestd.store.phases import NoteRow
from ingestd.store.results import record_results
from ingestd.store.sendings import claim_due, give_back_unbegun

RESULT_GROUP_SECONDS = 0.1
LOT_SECONDS = 0.25  # that a sender's lot is to take it
LONGEST_LOT_SECONDS = 1.0  # then the rest of it is for whoever is free


def nothing_more(_: Connection) -> Sequence[Claim]:
    """Results alone are written."""
    return ()


class SendStep:
    """One sender's round: try each of a lot, record what came of it and take the next lot with it: T3."""

    def __init__(self, shop: Workshop, driver: ChannelDriver, notes: NoteRow) -> None:
        self.shop, self.driver, self.notes = shop, driver, notes
        self.more: Callable[[], None] = lambda: None  # wakes the next sender of the channel
        self.sender: Sender = driver.sender()
        outbox = shop.house.settings.outbox
        self.lease, self.most = outbox.lease, outbox.claim
        self.lot = self.most  # what it takes at once, by how fast its last ones went
        self.held: Sequence[Claim] = ()  # taken, none begun
        self.unbegun: Sequence[Claim] = ()  # of the lot under way
        self.owed: list[tuple[Claim, Result]] = []  # what attempts came to, not written down yet
        self.policy = RetryPolicy(outbox.retry_steps, outbox.give_up_after, outbox.repeat_uncertain_after)

    def step(self) -> bool:
        """One round; True where there is more to send."""
        if self.owed or self.unbegun:  # the store did not take it before: we still know, a restart would be in doubt
            self.write_down()
        elif not self.held:
            self.held = self.shop.writer.run(self.claim)
        if self.held:
            self.send_lot()
        if not self.held:
            self.sender.idle()
        return bool(self.held)

    def claim(self, connection: Connection) -> Sequence[Claim]:
        """Take a lot."""
        terms = (self.lease, self.lot)
        return claim_due(connection, self.driver.name, self.shop.owner, self.shop.clock.now(), terms)

    def send_lot(self) -> None:
        """Try what is held while there is time, record what came of it, and hold the next lot."""
        held, self.held = self.held, ()
        self.notes.hold(held)  # where a restart finds it
        if len(held) == self.lot < self.most:
            self.more()  # a fast peer needs no second sender: they would only wait for each other
        failpoint("out.after_claim")
        began = time.monotonic()
        self.unbegun = held
        sent = self.send(held)
        self.lot = lot_after(sent, time.monotonic() - began, self.most)
        self.write_down()
        if sent < len(held):
            self.more()
        failpoint("out.after_mark")

    def write_down(self) -> None:
        """Record what came of a lot, give back what there was no time for, and hold the next one."""
        self.held = self.record(partial(self.move_on, self.unbegun))
        self.unbegun = ()

    def move_on(self, unbegun: Sequence[Claim], connection: Connection) -> Sequence[Claim]:
        """Give back what there was no time for, and take the next lot."""
        give_back_unbegun(connection, unbegun)
        return self.claim(connection)

    def give_back(self) -> None:
        """What is known is written down; what is held and not begun is for the next start."""
        unbegun, self.held, self.unbegun = [*self.held, *self.unbegun], (), ()
        if self.owed:
            self.record()
        if unbegun:
            self.shop.writer.run(partial(give_back_unbegun, unbegun=unbegun))

    def send(self, held: Sequence[Claim]) -> int:
        """Try each while there is time, and record all but the last group; how many were tried."""
        began = since = time.monotonic()
        envelope_from = self.shop.house.settings.site.address
        for sent, claim in enumerate(held):
            if (sent and time.monotonic() - began > LONGEST_LOT_SECONDS) or self.too_late_for(claim):
                return sent
            if time.monotonic() - since > RESULT_GROUP_SECONDS:
                self.record()
                since = time.monotonic()
            self.unbegun = held[sent + 1 :]
            claim_from = replace(claim, envelope_from=envelope_from)
            self.owed.append((claim, self.sender.send(claim_from, partial(self.notes.note, sent, claim))))
        return len(held)

    def too_late_for(self, claim: Claim) -> bool:
        """Whether an attempt that begins now may outlast the lease."""
        return claim.lease_until - self.shop.clock.now() < self.sender.worst_case

    def record(self, then: Callable[[Connection], Sequence[Claim]] = nothing_more) -> Sequence[Claim]:
        """Write what is owed and what follows for the orders, and do one thing more in that transaction."""
        settled = self.sender.settle([result for _, result in self.owed])
        results = [(claim, result) for (claim, _), result in zip(self.owed, settled, strict=True)]

        took: list[timedelta] = []

        def write(connection: Connection) -> Sequence[Claim]:
            took[:] = record_results(connection, results, self.policy, self.shop.clock.now(), self.shop.checking)
            failpoint("out.before_mark")
            return then(connection)

        try:
            following = self.shop.writer.run(write)
        except Exception as error:
            if not isinstance(error, STORE_TROUBLE):
                self.owed, self.unbegun = [], ()  # nobody knows what is wrong with them: their leases end
            raise
        self.owed = []
        for length in took:
            self.shop.tally.dispatched(length.total_seconds())
        for claim, result in results:
            self.shop.tally.sent(claim.purpose, claim.channel, result.outcome)
            level = logging.INFO if result.outcome is Outcome.ACCEPTED else logging.WARNING
            log(
                "sending." + result.outcome,
                level,
                sending=claim.sending_id,
                channel=claim.channel,
                attempt=claim.attempts,
                detail=result.detail,
            )
        self.tell_health(settled)
        return following

    def tell_health(self, results: Sequence[Result]) -> None:
        """A channel at fault is trouble, one that took something is well."""
        part = f"channel {self.driver.name}"
        broken = next((r for r in results if r.channel_trouble), None)
        if broken:
            self.shop.health.trouble(part, "channel", broken.detail)
        elif any(r.outcome is Outcome.ACCEPTED for r in results):
            self.shop.health.well(part)


def lot_after(sent: int, seconds: float, most: int) -> int:
    """How many a sender takes next: what it gets done in LOT_SECONDS, so that few wait behind a slow peer."""
    return max(1, min(most, int(sent * LOT_SECONDS / max(seconds, 1e-6))))
