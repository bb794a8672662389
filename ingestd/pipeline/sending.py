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
from ingestd.pipeline.workshop import Workshop
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
        self.policy = RetryPolicy(outbox.retry_steps, outbox.give_up_after, outbox.repeat_uncertain_after)

    def step(self) -> bool:
        """One round; True where there is more to send."""
        if not self.held:
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
        sent, unrecorded = self.send(held)
        self.lot = lot_after(sent, time.monotonic() - began, self.most)
        self.held = self.record(unrecorded, partial(self.move_on, held[sent:]))
        if sent < len(held):
            self.more()
        failpoint("out.after_mark")

    def move_on(self, unbegun: Sequence[Claim], connection: Connection) -> Sequence[Claim]:
        """Give back what there was no time for, and take the next lot."""
        give_back_unbegun(connection, unbegun)
        return self.claim(connection)

    def give_back(self) -> None:
        """What is held and not begun is for the next start."""
        held, self.held = self.held, ()
        if held:
            self.shop.writer.run(partial(give_back_unbegun, unbegun=held))

    def send(self, held: Sequence[Claim]) -> tuple[int, list[tuple[Claim, Result]]]:
        """Try each while there is time; how many were tried, and those of the last group, still to be recorded."""
        began = since = time.monotonic()
        results: list[tuple[Claim, Result]] = []
        envelope_from = self.shop.house.settings.site.address
        for sent, claim in enumerate(held):
            if (sent and time.monotonic() - began > LONGEST_LOT_SECONDS) or self.too_late_for(claim):
                return sent, results
            if time.monotonic() - since > RESULT_GROUP_SECONDS:
                self.record(results)
                results, since = [], time.monotonic()
            claim_from = replace(claim, envelope_from=envelope_from)
            results.append((claim, self.sender.send(claim_from, partial(self.notes.note, sent, claim))))
        return len(held), results

    def too_late_for(self, claim: Claim) -> bool:
        """Whether an attempt that begins now may outlast the lease."""
        return claim.lease_until - self.shop.clock.now() < self.sender.worst_case

    def record(
        self, sent: Sequence[tuple[Claim, Result]], then: Callable[[Connection], Sequence[Claim]] = nothing_more
    ) -> Sequence[Claim]:
        """Write a group of results and what follows for their orders, and do one thing more in that transaction."""
        settled = self.sender.settle([result for _, result in sent])
        results = [(claim, result) for (claim, _), result in zip(sent, settled, strict=True)]

        took: list[timedelta] = []

        def write(connection: Connection) -> Sequence[Claim]:
            took[:] = record_results(connection, results, self.policy, self.shop.clock.now(), self.shop.checking)
            return then(connection)

        following = self.shop.writer.run(write)
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
        if broken and broken.login_refused:
            self.shop.health.trouble(part, "login", broken.detail)
        elif broken:
            self.shop.health.trouble(part, "channel", broken.detail)
        elif any(r.outcome is Outcome.ACCEPTED for r in results):
            self.shop.health.well(part)


def lot_after(sent: int, seconds: float, most: int) -> int:
    """How many a sender takes next: what it gets done in LOT_SECONDS, so that few wait behind a slow peer."""
    return max(1, min(most, int(sent * LOT_SECONDS / max(seconds, 1e-6))))
