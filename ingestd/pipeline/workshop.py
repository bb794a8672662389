"""What all steps share."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from sqlalchemy import Connection
from sqlalchemy.exc import InterfaceError, OperationalError

from ingestd.calendar.checking import checking_clock
from ingestd.checks.house import House
from ingestd.composing.drafts import Press
from ingestd.config.settings import Mode
from ingestd.domain.clock import Clock
from ingestd.domain.event import log
from ingestd.domain.failpoint import failpoint
from ingestd.domain.keys import Keys
from ingestd.domain.message import Health
from ingestd.pipeline.tally import NO_TALLY, Tally
from ingestd.store.database import Database
from ingestd.store.messages import quarantine
from ingestd.store.writer import Writer

STORE_TROUBLE = (OperationalError, InterfaceError, OSError)  # no fault of a message's or a sending's: it will pass


@dataclass
class Workshop:
    """What all steps share; only a reload changes it, while no step is under way."""

    database: Database
    writer: Writer
    clock: Clock
    health: Health
    house: House
    press: Press
    keys: Keys
    owner: str  # this daemon, the same after a restart
    tally: Tally = NO_TALLY

    def __post_init__(self) -> None:
        self.checking = checking_clock(self.house.settings)

    def renew(self, house: House, press: Press) -> None:
        """Go by another configuration from now on."""
        self.house, self.press = house, press
        self.checking = checking_clock(house.settings)

    @property
    def shadow(self) -> bool:
        """Whether everything is only recorded."""
        return self.house.settings.site.mode is Mode.SHADOW


def put_aside(shop: Workshop, message_id: int, reason: str) -> None:
    """Quarantine a message and tell a person."""

    def aside(connection: Connection) -> None:
        failpoint("quarantine.before_commit")
        quarantine(connection, message_id, reason, shop.clock.now())

    shop.writer.submit(aside)
    shop.tally.quarantined()
    log("message.quarantined", logging.ERROR, message=message_id, why=reason)
