"""The third step: turn readings into orders, sendings and follow-ups, all in one transaction."""

from __future__ import annotations

import contextlib
import logging
import queue
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Connection

from ingestd.checks.deciding import Deciding
from ingestd.checks.decision import decide
from ingestd.checks.house import House
from ingestd.domain.decision import CallDraft, Decision, EventDraft
from ingestd.domain.event import log, place_of
from ingestd.domain.failpoint import failpoint
from ingestd.domain.order import OrderState
from ingestd.domain.reading import Channel
from ingestd.domain.sending import Purpose, SendingDraft
from ingestd.pipeline.carrying import carrying_files
from ingestd.pipeline.workshop import STORE_TROUBLE, Workshop, put_aside
from ingestd.store.decisions import (
    AlreadySettledError,
    Settled,
    Writing,
    try_again_later,
    wait_for_another,
    write_decisions,
)
from ingestd.store.facts import Item, cases_for, rounds
from ingestd.store.orders import OrderMovedOnError
from ingestd.store.serials import Serials

DECIDE_GROUP = 50
LINGER_SECONDS = 0.03  # that the first reading of a burst waits for the others
PATIENCE = timedelta(seconds=5)  # before a message that could not be decided on is read again
TRIES = 3  # on an order that moves on meanwhile


class DecideStep:
    """Turns readings into orders, sendings and follow-ups: T2."""

    def __init__(self, shop: Workshop, serials: Serials, parsers_digest: str) -> None:
        self.shop, self.serials, self.digest = shop, serials, parsers_digest
        self.waiting: queue.SimpleQueue[Item] = queue.SimpleQueue()
        self.postponed: list[Item] = []  # of a step: what the store did not take
        self.trouble: Exception | None = None  # of a step: why
        self.decided: Callable[[int], None] = lambda _: None  # told how many are done with
        self.under_way: Callable[[], int] = lambda: 1  # messages that are being read or wait here

    def step(self, timeout: float) -> bool:
        """Decide on what waits, in groups; True where something was decided."""
        try:
            items = [self.waiting.get(timeout=timeout)]
        except queue.Empty:
            return False
        until = time.monotonic() + LINGER_SECONDS
        while len(items) < min(DECIDE_GROUP, self.under_way()):  # the readings of a burst come one by one
            try:
                items.append(self.waiting.get(timeout=max(0.0, until - time.monotonic())))
            except queue.Empty:
                break
        items.sort(key=lambda item: (item.facts.arrived_at.replace(microsecond=0), item.facts.message_id))
        self.postponed, self.trouble = [], None
        try:
            with self.shop.database.deciding():
                for group in rounds(items, self.shop.house):
                    self.decide(group)
        except STORE_TROUBLE as error:
            self.postponed, self.trouble = items, error  # what of them is settled already stays so
        finally:
            for item in self.postponed:
                self.waiting.put(item)
            self.decided(len(items) - len(self.postponed))
        if self.trouble is not None:
            raise self.trouble
        return True

    def decide(self, group: list[Item]) -> None:
        """One transaction for the group; where it fails, one for each message."""
        try:
            self.write_anew(group)
        except AlreadySettledError:
            if len(group) > 1:
                self.each(group)
        except Exception as error:  # noqa: BLE001  whatever a message does, its neighbours go on
            if len(group) > 1:
                self.each(group)
            elif isinstance(error, STORE_TROUBLE):
                self.postponed.append(group[0])
                self.trouble = error
            else:
                self.failed(group[0], error)

    def write_anew(self, group: list[Item]) -> None:
        """Write it; where an order has moved on since it was looked at, look and decide again."""
        for _ in range(TRIES - 1):
            with contextlib.suppress(OrderMovedOnError):
                self.write(group)
                return
        self.write(group)

    def each(self, group: list[Item]) -> None:
        """One by one."""
        for item in group:
            self.decide([item])

    def write(self, group: list[Item]) -> None:
        """Look, decide, compose, and write it all down."""
        now = self.shop.clock.now()
        with self.shop.database.read() as connection:
            cases = cases_for(connection, group, self.shop.house, now)
        deciding = Deciding(self.shop.house, self.shop.keys, now, self.serials.take)
        settled, waiting = [], {}
        for case in cases:
            decision = self.with_earlier_files(decide(case, deciding))
            if decision.again_at is not None:
                waiting[case.facts.message_id] = decision.again_at
                continue
            envelope = case.reading.envelope
            drafts = tuple(
                (w.order.serial if w.order else None, d)
                for w in decision.wanted
                for d in self.shop.press.drafts(w, envelope, now)
            )
            settled.append(Settled(case.facts, case.reading, with_calls(decision, drafts, self.shop.house), drafts))

        def apply(connection: Connection) -> None:
            write_decisions(connection, settled, Writing(self.digest, now, self.shop.shadow, self.shop.checking))
            for message_id, at in waiting.items():
                wait_for_another(connection, message_id, at)
            failpoint("decide.before_commit")

        self.shop.writer.run(apply)
        failpoint("decide.after_commit")
        for message_id, at in waiting.items():
            log("message.waits", message=message_id, until=at.isoformat())
        for one in settled:
            self.shop.tally.decided(one.reading.intent, one.decision)
            log(
                "message.decided",
                message=one.facts.message_id,
                state=one.decision.state,
                orders=[o.serial for o in one.decision.new_orders],
            )

    def with_earlier_files(self, decision: Decision) -> Decision:
        """A work order carries the files of all mails that its order came from, not of the last one only."""
        if all(change.state is not OrderState.CONFIRMED for change in decision.changes):
            return decision
        with self.shop.database.read() as connection:
            return carrying_files(connection, decision, self.shop.house.settings.orders.attachments_largest)

    def failed(self, item: Item, error: Exception) -> None:
        """A message that can't be decided on: once more a little later, then quarantine and a person told."""
        message_id = item.facts.message_id
        log("message.undecided", logging.ERROR, message=message_id, strike=item.strikes, error=place_of(error))
        if item.strikes >= self.shop.house.settings.reader.strikes:
            put_aside(self.shop, message_id, f"{place_of(error)} while deciding, {item.strikes} times")
            return
        later = self.shop.clock.now() + PATIENCE
        self.shop.writer.submit(lambda connection: try_again_later(connection, message_id, later))


def with_calls(decision: Decision, drafts: Sequence[tuple[str | None, SendingDraft]], house: House) -> Decision:
    """A work order that no text message can hold goes by mail, and its recipient is phoned (domain.md §4)."""
    made = {(serial, draft.recipient) for serial, draft in drafts}
    texts = [w for w in decision.wanted if w.channel is Channel.SMS and w.purpose is Purpose.WORK_ORDER]
    unfit = [w for w in texts if w.order and (w.order.serial, w.recipient) not in made]
    calls = tuple(
        CallDraft(w.order.serial, house.staff[w.recipient].name, w.recipient, "work_order_sms_too_long")
        for w in unfit
        if w.order
    )
    said = tuple(EventDraft("call", "ingestd", call.serial, {"reason": call.reason}) for call in calls)
    wanted = tuple(w for w in decision.wanted if w not in unfit)
    return replace(decision, wanted=wanted, calls=decision.calls + calls, events=decision.events + said)
