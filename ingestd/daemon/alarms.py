"""From trouble that lasts to an alarm that reaches a person, also where the database is the trouble."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from functools import partial

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from ingestd.calendar.working import overrides_of, unknown_years
from ingestd.checks.alarming import alarm_letters
from ingestd.daemon.health import HealthBoard, Trouble
from ingestd.domain.alarm import Alarm
from ingestd.domain.event import log, place_of
from ingestd.domain.reading import Envelope
from ingestd.domain.sending import ChannelDriver, Claim, Phase, SendingDraft
from ingestd.pipeline.workshop import Workshop
from ingestd.store.alarms import clear_alarms, clear_these, open_alarm, open_alarms, settled_alarms, try_to_write
from ingestd.store.sendings import bounce

STANDS_STILL_AFTER = timedelta(seconds=120)  # a gateway that keeps a message so long does not send
CALENDAR = "calendar"  # part and kind of the alarm that a year's holidays are missing
TOLD_AGAIN_AFTER = timedelta(days=7)
AT_ONCE = frozenset({"disk", "folder", "login"})  # kinds that will not pass by themselves


class AlarmTicker:
    """Looks at the health board, the disk and the gateways' error folders."""

    def __init__(self, shop: Workshop, health: HealthBoard, drivers: Sequence[ChannelDriver]) -> None:
        self.shop, self.health, self.drivers = shop, health, drivers
        self.looked_on: date | None = None  # the day on which the calendar was looked at last
        self.told: set[tuple[str, str]] = set()  # alarms that went out without the database

    def step(self) -> None:
        """One look."""
        self.look_at_disk()
        self.clear_settled()
        self.look_at_gateways()
        self.look_at_calendar()
        lasting = self.health.lasting(self.grace)
        recovered = self.health.take_recovered()
        self.told = {(part, kind) for part, kind in self.told if part not in recovered}
        if not lasting and not recovered:
            return
        now = self.shop.clock.now()
        try:
            for part in recovered:
                self.shop.writer.run(partial(clear_alarms, part=part, kind=None, now=now))
            for t in lasting:
                self.shop.writer.run(partial(open_alarm, part=t.part, kind=t.kind, detail=t.detail, now=now))
        except (SQLAlchemyError, OSError) as error:
            log("alarm.unwritten", logging.CRITICAL, error=place_of(error))
            self.health.put_back(recovered)  # their alarms are still open
            for trouble in lasting:
                self.tell_directly(trouble)

    def grace(self, trouble: Trouble) -> float:
        """How many seconds a trouble may last before a person is told."""
        return 0.0 if trouble.kind in AT_ONCE else self.shop.house.settings.alarms.mailbox_dead_after.total_seconds()

    def look_at_disk(self) -> None:
        """Little room left is told before there is none; parts that had none are well once a change is on disk."""
        folder, least = self.shop.house.settings.site.data_folder, self.shop.house.settings.alarms.disk_free_mb
        free = shutil.disk_usage(folder).free >> 20
        if free < least:
            self.health.trouble("disk", "disk", f"{free} MB free, at least {least} MB are wanted")
            return
        self.health.well("disk")
        if parts := self.health.troubled("disk"):  # of an inlet to which nobody writes, say
            with suppress(SQLAlchemyError, OSError):
                self.shop.writer.run(partial(try_to_write, now=self.shop.clock.now()))
                for part in parts:
                    self.health.well(part)

    def clear_settled(self) -> None:
        """Alarms about single sendings and messages end when these are settled, by us or by a person."""
        now = self.shop.clock.now()
        with self.shop.database.read() as connection:
            over = settled_alarms(connection, now - self.shop.house.settings.replies.within)
        if over:
            self.shop.writer.run(partial(clear_these, alarm_ids=over, now=now))

    def look_at_gateways(self) -> None:
        """What a gateway took and then could not deliver is bounced."""
        now = self.shop.clock.now()
        for driver in self.drivers:
            part, waiting = f"channel {driver.name}", driver.oldest_waiting()
            if waiting and waiting > STANDS_STILL_AFTER:
                self.health.trouble(f"{part} queue", "gateway", f"its oldest message waits for {waiting.seconds} s")
            else:
                self.health.well(f"{part} queue")
            keys = driver.undelivered()
            if keys:
                self.shop.writer.run(
                    partial(bounce, keys=keys, detail=f"the {driver.name} gateway gave it up", now=now)
                )

    def look_at_calendar(self) -> None:
        """Once a day: a year whose holidays are missing is told, and told again each week."""
        now = self.shop.clock.now()
        today = now.astimezone(self.shop.house.settings.site.zone).date()
        if today == self.looked_on:
            return
        years = unknown_years(today, overrides_of(self.shop.house.settings.calendar))
        self.shop.writer.run(partial(tell_of_calendar, years=years, now=now))
        self.looked_on = today

    def tell_directly(self, trouble: Trouble) -> None:
        """Send an alarm without the outbox, once: the database can't be written."""
        if (trouble.part, trouble.kind) in self.told or self.shop.shadow:
            return
        self.told.add((trouble.part, trouble.kind))
        now = self.shop.clock.now()
        alarm = Alarm(0, trouble.part, trouble.kind, trouble.detail, now)
        for wanted in alarm_letters(alarm, self.shop.house, now):
            driver = next((d for d in self.drivers if d.name == wanted.channel), None)
            for draft in self.shop.press.drafts(wanted, Envelope(), now):
                if driver is None:
                    continue
                sender = driver.sender()
                result = sender.send(claim_of(draft, self.shop), quiet)
                sender.close()
                log(
                    "alarm.told_directly",
                    logging.ERROR,
                    part=trouble.part,
                    channel=wanted.channel,
                    outcome=result.outcome,
                )


def tell_of_calendar(connection: Connection, years: Sequence[int], now: datetime) -> None:
    """Open the alarm that these years are missing, anew after a week, or end it where none is."""
    standing = [a for a in open_alarms(connection) if (a["part"], a["kind"]) == (CALENDAR, CALENDAR)]
    if standing and (not years or now - standing[0]["opened_at"] >= TOLD_AGAIN_AFTER):
        clear_alarms(connection, CALENDAR, CALENDAR, now)
    if years:
        open_alarm(connection, CALENDAR, CALENDAR, ", ".join(str(year) for year in years), now)


def quiet(phase: Phase) -> None:
    """Nobody notes the phases of a direct alarm."""


def claim_of(draft: SendingDraft, shop: Workshop) -> Claim:
    """A draft as a channel takes it, outside of the outbox."""
    now = shop.clock.now()
    return Claim(
        sending_id=0,
        token=0,
        channel=draft.channel,
        recipient=draft.recipient,
        key=draft.key,
        body=draft.body,
        deadline=draft.deadline,
        lease_until=now + timedelta(hours=1),
        attempts=1,
        purpose=draft.purpose,
        created_at=now,
        envelope_from=shop.house.settings.site.address,
    )
