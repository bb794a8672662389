"""`python -m tests.month [MONTHS]`: simulated months; each is drawn from a seed and replayed by it."""

from __future__ import annotations

import argparse
import logging
import random
import sys
from collections.abc import Sequence

from tests.month.judge import history
from tests.month.play import ORDERS, Month, Played, play
from tests.month.site import CALENDARS

SEEDS = 1_000_000
MOST_SHOWN = 20


def main(arguments: Sequence[str] | None = None) -> int:
    """Play months; the exit code is 1 where one of them gave cause for complaint."""
    wanted = parsed(arguments)
    logging.disable(logging.CRITICAL)
    first = wanted.seed if wanted.seed is not None else random.randrange(SEEDS)
    failed = 0
    for seed in range(first, first + wanted.months):
        month = Month(seed, wanted.orders, wanted.calendar)
        played = play(month)
        failed += bool(played.verdict.complaints)
        tell(month, played)
        if wanted.order is not None:
            print("\n".join(history(played.script, played.seen, wanted.order)))
    print(f"{wanted.months} months, {failed} with complaints", flush=True)
    return 1 if failed else 0


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="month", description=__doc__)
    parser.add_argument("months", nargs="?", type=int, default=4, help="how many months")
    parser.add_argument("--seed", type=int, help="of the first month; the following months take the following seeds")
    parser.add_argument("--calendar", default="", choices=["", *CALENDARS], help="else by the seed")
    parser.add_argument("--orders", type=int, default=ORDERS, help="orders a month")
    parser.add_argument("--order", type=int, help="print all that is known of the order of this number")
    return parser.parse_args(arguments)


def tell(month: Month, played: Played) -> None:
    """A line for a month that was clean, and for another what is wrong and how to play it again."""
    complaints = played.verdict.complaints
    print(f"{month}: {played.figures}, {len(complaints) or 'no'} complaints", flush=True)
    for complaint in complaints[:MOST_SHOWN]:  # the first says what is wrong, the others what follows from it
        print(f"  COMPLAINT {complaint}")
    if complaints:
        calendar = f" --calendar {month.named}" if month.named else ""
        print(
            f"  replay: python -m tests.month 1 --seed {month.seed} --orders {month.orders}{calendar} [--order NUMBER]"
        )


if __name__ == "__main__":
    sys.exit(main())
