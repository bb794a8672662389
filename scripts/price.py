"""`make price`: what each rule of doubt costs in orders that read rightly, and how many wrong ones it catches."""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing import get_context

from rich.console import Console
from rich.table import Table

from ingestd.domain.reading import Intent, Reading
from ingestd.parsing.doubt import RULES
from ingestd.parsing.reader import read
from scripts.damage import damaged, prepare, tools
from scripts.trials.samples import Sample, falsehoods, samples

GROUP = 8  # samples a process takes at once


@dataclass(frozen=True, slots=True)
class Doubted:
    """An order message that lacks nothing by its reading: whether it came damaged, is right, and what was doubted."""

    sample: str
    damaged: bool
    right: bool
    rules: frozenset[str]


def main(arguments: list[str]) -> int:
    """Read the messages as they are and damaged, and print what each rule costs and catches."""
    parser = argparse.ArgumentParser(prog="scripts/price.py", description=__doc__)
    parser.add_argument("--rule", help="name the messages that this rule doubts")
    parser.add_argument("--seed", type=int, default=1, help="for what is left to chance (default 1)")
    asked = parser.parse_args(arguments)
    chosen = list(samples(held_out=False))
    with get_context("spawn").Pool(os.cpu_count(), initializer=prepare, initargs=(asked.seed,)) as pool:
        found = [o for part in pool.imap(doubted, chosen, GROUP) for o in part]
    show(found, sum(sample.complete for sample in chosen))
    for outcome in found:
        if asked.rule in outcome.rules:
            print(outcome.sample, "damaged" if outcome.damaged else "as it is", "right" if outcome.right else "wrong")
    return 0


def doubted(sample: Sample) -> list[Doubted]:
    """What is doubted in a message as it is, and in what becomes of it where it is damaged."""
    definitions, _ = tools[0]
    whole = read(sample.channel, sample.raw, definitions)
    made = [(False, whole)]
    if sample.complete:
        made += [(True, reading) for _, reading in damaged(sample, whole)]
    return [judged(sample, was, reading) for was, reading in made if lacks_nothing(reading)]


def lacks_nothing(reading: Reading) -> bool:
    """Whether a reading would be dispatched if nothing were doubted."""
    return reading.intent is Intent.ORDER and bool(reading.orders) and not reading.problems


def judged(sample: Sample, was_damaged: bool, reading: Reading) -> Doubted:
    """A reading held against the truth; orders that a damage took out as a whole are nobody's mistake."""
    right = sample.truth["intent"] == Intent.ORDER and not falsehoods(reading, sample.truth)
    if not was_damaged:
        right = right and sample.complete and len(reading.orders) == len(sample.truth["orders"])
    rules = frozenset(reason.partition(":")[0] for reason in reading.review)
    return Doubted(sample.name, was_damaged, right, rules)


def show(found: list[Doubted], complete: int) -> None:
    """Print the table: a row for each rule, and what all of them do together."""
    table = Table(title=f"{complete} complete orders", title_justify="left", box=None, pad_edge=False)
    for column in ("", "right, doubted", "of them by it alone", "wrong, caught", "damaged: right", "damaged: wrong"):
        table.add_column(column, justify="right" if column else "left")
    names = dict.fromkeys((*RULES, *sorted({rule for o in found for rule in o.rules})))
    for name in names:
        table.add_row(name, *(str(n) for n in price(name, found)))
    table.add_row("all", *(str(n) for n in every(found)))
    Console(highlight=False, width=110).print(table)
    for was, told in ((False, "as they are"), (True, "damaged")):
        fates = Counter((o.right, bool(o.rules)) for o in found if o.damaged is was)
        print(f"{told}: {fates[True, False]} right and {fates[False, False]} wrong are not doubted")


def price(name: str, found: list[Doubted]) -> Iterator[int]:
    """The numbers of one rule's row."""
    by = [o for o in found if name in o.rules]
    yield sum(o.right and not o.damaged for o in by)
    yield sum(o.right and not o.damaged and len(o.rules) == 1 for o in by)
    yield sum(not o.right and not o.damaged for o in by)
    yield sum(o.right and o.damaged for o in by)
    yield sum(not o.right and o.damaged for o in by)


def every(found: list[Doubted]) -> Iterator[int]:
    """The numbers of the last row: messages doubted by any rule."""
    by = [o for o in found if o.rules]
    yield sum(o.right and not o.damaged for o in by)
    yield sum(o.right and not o.damaged and len(o.rules) == 1 for o in by)
    yield sum(not o.right and not o.damaged for o in by)
    yield sum(o.right and o.damaged for o in by)
    yield sum(not o.right and o.damaged for o in by)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
