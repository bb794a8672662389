"""`python -m tests.month [MONTHS]`: simulated months; each is drawn from a seed and replayed by it."""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
import time
from pathlib import Path

from tests.month.house import house
from tests.month.judge import history, judged
from tests.month.script import scripted
from tests.month.seen import seen_of
from tests.month.site import CALENDARS
from tests.month.world import month

logging.disable(logging.CRITICAL)


def main() -> int:
    p = argparse.ArgumentParser()
    p.add_argument("months", nargs="?", type=int, default=4)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--orders", type=int, default=300)
    p.add_argument("--calendar")
    p.add_argument("--stops", action="store_true")
    p.add_argument("--order", type=int)
    p.add_argument("--profile", action="store_true")
    w = p.parse_args()
    calendar = CALENDARS[w.calendar or "国庆"]
    script = scripted(w.seed, w.orders, calendar, stops=w.stops)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, month(script, house(calendar), Path(folder)) as world:
        played = time.monotonic()
        seen = seen_of(world)
        verdict = judged(script, seen)
    print(world.steps, round(played - began, 1), round(time.monotonic() - played, 1))
    print(verdict.orders, verdict.happenings, verdict.chases, verdict.messages, len(verdict.complaints))
    for c in verdict.complaints[:30]:
        print(c)
    if w.order is not None:
        print("\n".join(history(script, seen, w.order)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
