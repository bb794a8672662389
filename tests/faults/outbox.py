"""The outbox at work on its own: a real store and real channels, the daemon's own steps and loops, and nothing else.

A daemon takes seconds to start; what goes wrong behind the decision can be shown without its readers.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from sqlalchemy import RowMapping

from ingestd.calendar.checking import checking_clock
from ingestd.config.settings import Outbox as Options
from ingestd.config.settings import Settings, Site
from ingestd.daemon.health import HealthBoard
from ingestd.daemon.loop import Loop, Wake
from ingestd.domain.clock import SystemClock
from ingestd.domain.reading import Channel
from ingestd.domain.sending import ChannelDriver, Purpose, SendingDraft
from ingestd.pipeline.following_up import FollowUpStep
from ingestd.pipeline.sending import SendStep
from ingestd.pipeline.settling import SettleStep
from ingestd.pipeline.tally import NO_TALLY
from ingestd.store.alarms import open_alarms
from ingestd.store.database import Database
from ingestd.store.phases import PhaseNotes
from ingestd.store.sendings import listed, write_sendings
from ingestd.store.writer import Writer
from tests.daemon.tables import lay_tables
from tests.servers.programs import wait_until

SCALE = 20  # a second here is so many at a site
DOMAIN = "orders.desk.example"
US = "orders@desk.example"
PATIENCE_SECONDS = 40  # of a machine that has other work, too


DEFAULTS = Options()
QUICK = Options(
    lease=timedelta(seconds=30),
    retry_steps=tuple(step / SCALE for step in DEFAULTS.retry_steps),
    repeat_uncertain_after=DEFAULTS.repeat_uncertain_after / SCALE,
)


def letter(key: str, recipient: str) -> bytes:
    """A mail of ours, whose name is its key."""
    head = f"From: {US}\r\nTo: {recipient}\r\nMessage-ID: <{key}@{DOMAIN}>\r\n"
    return f"{head}Subject: 260310221\r\n\r\nWork order {key}\r\n.\r\n..\r\n".encode()


class Outbox:
    """Sendings, their channels, and what became of them."""

    def __init__(self, folder: Path, options: Options = QUICK) -> None:
        file = folder / "outbox.db"
        lay_tables(file)
        self.folder, self.database, self.health = folder, Database(f"sqlite:///{file}"), HealthBoard()
        self.writer = Writer(self.database)
        settings = Settings(outbox=options, site=Site(address=US, domain=DOMAIN, data_folder=folder))
        self.shop: Any = SimpleNamespace(
            database=self.database,
            writer=self.writer,
            clock=SystemClock(),
            health=self.health,
            house=SimpleNamespace(settings=settings),
            owner="me",
            tally=NO_TALLY,
            checking=checking_clock(settings),
        )

    def add(
        self, recipients: Sequence[str], channel: Channel = Channel.EMAIL, purpose: Purpose = Purpose.ALARM
    ) -> None:
        """Write a sending to each; of an alarm's failure an alarm would be told, and no order is needed."""
        now = self.shop.clock.now()
        drafts: list[SendingDraft] = []
        for recipient in recipients:
            key = f"{len(self.rows()) + len(drafts):026x}"
            body = letter(key, recipient) if channel is Channel.EMAIL else f"【示例物流】{key}".encode()
            deadline = now + timedelta(seconds=180 + len(drafts))
            drafts.append(SendingDraft(key, Purpose.ALARM, f"cause:{key}", channel, recipient, body, deadline))
        self.writer.run(lambda c: write_sendings(c, [(None, None, draft) for draft in drafts], now))

    def rows(self) -> list[RowMapping]:
        """All sendings, oldest first."""
        with self.database.read() as connection:
            return listed(connection, [], 10_000)[::-1]

    def states(self) -> list[str]:
        """Their states, oldest first."""
        return [row["state"] for row in self.rows()]

    def alarms(self) -> list[tuple[str, str]]:
        """Part and kind of what a person is told."""
        with self.database.read() as connection:
            return [(alarm["part"], alarm["kind"]) for alarm in open_alarms(connection)]

    @contextlib.contextmanager
    def working(self, *channels: tuple[ChannelDriver, int]) -> Iterator[None]:
        """Senders and settling at work, as many senders a channel as given."""
        notes = PhaseNotes(self.folder / "phases", sum(count for _, count in channels), DEFAULTS.claim)
        notes.begin()
        steps = [SendStep(self.shop, driver, notes.row()) for driver, count in channels for _ in range(count)]
        settle = SettleStep(self.shop, [driver for driver, _ in channels], lambda: None)
        loops = [Loop(f"sender {n}", step.step, self.health, Wake()) for n, step in enumerate(steps)]
        loops.append(Loop("doubts", settle.step, self.health, Wake()))
        sweep = FollowUpStep(self.shop, lambda: None)

        def swept() -> bool:
            sweep.end_leases()
            return False

        loops.append(Loop("sweep", swept, self.health, Wake()))
        for loop in loops:
            loop.pause = 0.05
            loop.start()
        try:
            yield
        finally:
            for loop in loops:
                loop.stop()
            for loop in loops:
                loop.join(20)
            for step in steps:
                step.sender.close()

    def wait_for(self, *states: str) -> None:
        """Return when all sendings are in one of these states."""
        wait_until(lambda: set(self.states()) <= set(states), PATIENCE_SECONDS, f"all sendings to be {states}")

    def close(self) -> None:
        """Stop writing."""
        self.writer.close()
        self.database.close()
