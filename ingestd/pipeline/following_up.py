"""The fifth step: what is due by the clock."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from ingestd.checks.alarming import alarm_letters, alike, joined
from ingestd.checks.chasing import chase_plan
from ingestd.checks.reminding import reminders
from ingestd.domain.event import log
from ingestd.domain.failpoint import failpoint
from ingestd.domain.reading import Envelope
from ingestd.domain.sending import SendingDraft
from ingestd.pipeline.reading import reading_lease
from ingestd.pipeline.timekeeping import ClockWatch
from ingestd.pipeline.workshop import Workshop
from ingestd.store.alarms import clear_alarms, open_alarm, open_alarms, untold_alarms
from ingestd.store.clock_set import put_back, put_on
from ingestd.store.fallback import fallbacks
from ingestd.store.follow_ups import due_duties, round_of, write_plan
from ingestd.store.messages import count_unread
from ingestd.store.reviews import overdue_reviews, write_reminders
from ingestd.store.sendings import (
    GIVEN_UP,
    expire_leases,
    late,
    tell,
    write_sendings,
)

LATE = "late"
WORK_ORDERS, MESSAGES = "work orders", "messages"  # which are late
NOT_AT_ALL = timedelta(0)


class FollowUpStep:
    """The sweep: what is due by the clock, whoever slept meanwhile. The database is the truth, a ticker wakes it."""

    def __init__(self, shop: Workshop, sent: Callable[[], None]) -> None:
        self.shop, self.sent = shop, sent
        self.watch = ClockWatch(shop.clock)
        self.set_by = NOT_AT_ALL  # of what is not seen to yet
        self.looked = False  # for what the clock of before has left
        self.timed_since = shop.clock.now()  # so far back times tell how long something has waited for us

    def step(self) -> None:
        """One look at everything that waits for a time."""
        self.keep_time()
        self.end_leases()
        self.keep_promise()
        self.tell_alarms()  # whatever one order's chase may stumble over
        self.chase()
        self.remind()

    def keep_time(self) -> None:
        """Where somebody has set the clock, also while we were down, nothing waits, ends or is late by it."""
        self.set_by += self.watch.step()
        by, clock = self.set_by, self.shop.clock
        settings = self.shop.house.settings
        longest = max(settings.outbox.lease, reading_lease(settings.reader.time_limit))
        moved = 0
        if by > NOT_AT_ALL:
            moved = self.shop.writer.run(lambda c: put_on(c, by, clock.now()))
        elif by < NOT_AT_ALL or not self.looked:
            moved = self.shop.writer.run(lambda c: put_back(c, clock.now(), longest))
        self.set_by = NOT_AT_ALL
        self.looked = by >= NOT_AT_ALL  # else what was under way is written by the clock of before: look once more
        if by or moved:
            self.timed_since = clock.now()
            log("clock.set", logging.WARNING, seconds=round(by.total_seconds(), 1), moved=moved)
            self.sent()

    def end_leases(self) -> None:
        """Sendings whose sender is gone: due again, or in doubt. Only once it is known that the clock was not set."""
        now = self.shop.clock.now()
        give_up_at = now + self.shop.house.settings.outbox.repeat_uncertain_after
        self.shop.writer.run(lambda c: expire_leases(c, now, give_up_at))

    def keep_promise(self) -> None:
        """Work orders that are late: an alarm at 2 minutes, the fallback at 2.5 (design.md §4 of the way).

        What nobody has read so long may be one: an alarm, too.
        """
        now, outbox = self.shop.clock.now(), self.shop.house.settings.outbox
        alarm_before, fallback_before = (now + outbox.promise - t for t in (outbox.alarm_after, outbox.fallback_after))
        unread_before, lease = now - outbox.alarm_after, reading_lease(self.shop.house.settings.reader.time_limit)
        with self.shop.database.read() as connection:
            unread = count_unread(connection, unread_before, lease) if self.timed_since <= unread_before else 0
            unsent = late(connection, alarm_before)
            urgent = [row for row in unsent if row["state"] in GIVEN_UP or row["deadline"] < fallback_before]
            drafts = fallbacks(connection, urgent, self.shop)
            told = any(alarm["kind"] == LATE for alarm in open_alarms(connection))
        if (unsent or unread or told) and self.shop.writer.run(
            partial(write_lateness, overdue=len(unsent), unread=unread, drafts=drafts, now=now)
        ):
            self.sent()

    def chase(self) -> None:
        """Duties that are due: one message a person about all of his open orders (domain.md §5), and other letters."""
        now = self.shop.clock.now()
        with self.shop.database.read() as connection:
            due = due_duties(connection, now)
            if not due:
                return
            chasing = round_of(connection, due, self.shop.house, now)
        failpoint("track.after_claim")
        plan = chase_plan(due, chasing)
        letters = [*((None, w) for w in plan.wanted), *plan.letters]
        drafts = [(order_id, None, d) for order_id, w in letters for d in self.shop.press.drafts(w, Envelope(), now)]
        at = (now, self.shop.house.checking.due(now))
        if not self.shop.writer.run(lambda connection: write_plan(connection, due, plan, drafts, at)):
            return  # something has happened meanwhile: the next look decides anew
        failpoint("track.after_send")
        log("follow_up.swept", due=len(due), sent=len(drafts), postponed=sum(len(ids) for ids, _ in plan.postponed))
        self.sent()

    def remind(self) -> None:
        """Reviews that nobody decided on in time: the desk and the operations manager hear of each once."""
        now, house = self.shop.clock.now(), self.shop.house
        with self.shop.database.read() as connection:
            overdue = overdue_reviews(connection, now)
        if not overdue:
            return
        drafts = [d for w in reminders(overdue, house, now) for d in self.shop.press.drafts(w, Envelope(), now)]
        self.shop.writer.run(lambda connection: write_reminders(connection, overdue, drafts, now))
        log(
            "review.overdue",
            logging.WARNING,
            reviews=[r.review_id for r in overdue if r.review_id],
            calls=[r.call_id for r in overdue if r.call_id],
            sent=len(drafts),
        )
        self.sent()

    def tell_alarms(self) -> None:
        """Alarms that nobody was told of yet go to their destinations, by a way other than the one that failed."""
        now = self.shop.clock.now()
        with self.shop.database.read() as connection:
            untold = untold_alarms(connection)
        for alarms in alike(untold):
            alarm = joined(alarms)
            letters = alarm_letters(alarm, self.shop.house, now)
            drafts = [(None, None, d) for w in letters for d in self.shop.press.drafts(w, Envelope(), now)]
            if self.shop.writer.run(partial(tell, alarms=alarms, drafts=drafts, now=now)):
                log("alarm.told", logging.ERROR, part=alarm.part, kind=alarm.kind, destinations=len(drafts))
                self.sent()


def write_lateness(
    connection: Connection,
    overdue: int,
    unread: int,
    drafts: Sequence[tuple[int | None, int | None, SendingDraft]],
    now: datetime,
) -> int:
    """Alarm a person about work orders and messages that are late, or clear that alarm; how many fallbacks are new."""
    for part, count, fate in ((WORK_ORDERS, overdue, "accepted"), (MESSAGES, unread, "read")):
        if count:
            open_alarm(connection, part, LATE, f"{count} not {fate} in time", now)
        else:
            clear_alarms(connection, part, LATE, now)
    return write_sendings(connection, drafts, now) if drafts else 0
