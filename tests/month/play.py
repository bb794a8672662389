"""One month from its seed to its verdict."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.month.house import house
from tests.month.judge import Judge, Verdict
from tests.month.script import Script, scripted
from tests.month.seen import Seen, seen_of
from tests.month.site import CALENDARS, Calendar
from tests.month.world import month

ORDERS = 300


@dataclass(frozen=True)
class Month:
    """What is played: all of it is drawn from the seed, and so are calendar and standstills where nobody says them."""

    seed: int
    orders: int = ORDERS
    named: str = ""  # its calendar

    @property
    def calendar(self) -> Calendar:
        """Its days."""
        return CALENDARS[self.named or list(CALENDARS)[self.seed % 2]]

    @property
    def stops(self) -> bool:
        """Whether the daemon is stopped for some hours now and then."""
        return self.seed % 4 > 1

    @property
    def script(self) -> Script:
        """Everything that happens."""
        return scripted(self.seed, self.orders, self.calendar, stops=self.stops)

    def __str__(self) -> str:
        return f"seed {self.seed}, {self.calendar.name}{', with standstills' if self.stops else ''}"


@dataclass(frozen=True)
class Played:
    """A month that was played, and what is to be said of it."""

    script: Script
    seen: Seen
    verdict: Verdict
    steps: int
    seconds: float

    @property
    def figures(self) -> str:
        """How much there was to judge."""
        verdict = self.verdict
        return (
            f"{verdict.orders} orders, {verdict.happenings} events, {verdict.chases} chases, "
            f"{verdict.escalations} escalations, {self.steps} steps, {self.seconds:.0f} s"
        )


def play(wanted: Month) -> Played:
    """Play a month in a folder of its own, and judge it."""
    began, script = time.monotonic(), wanted.script
    with TemporaryDirectory() as folder, month(script, house(wanted.calendar), Path(folder)) as world:
        seen, steps = seen_of(world), world.steps
    return Played(script, seen, Judge(script, seen).judge(), steps, time.monotonic() - began)
