"""`make damage`: orders that read rightly, damaged in seven ways: how many would then be dispatched, and wrongly."""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from multiprocessing import get_context
from random import Random

from rich.console import Console
from rich.table import Table

from ingestd.config.shipped import shipped
from ingestd.domain.reading import Channel, Reading
from ingestd.parsing.definitions import Definitions, load_definitions
from ingestd.parsing.reader import read
from scripts.trials.damages import DAMAGES
from scripts.trials.samples import Sample, dispatchable, falsehoods, samples

MOST_WRONG = 0.01  # of what would be dispatched
MOST_REVIEWED = 0.25  # of what was damaged
GROUP = 8  # samples a process takes at once


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one damaged order."""

    sample: str
    damage: str
    fate: str  # dispatched, wrong, reviewed, asked or no order
    false: tuple[str, ...] = ()


def options(arguments: list[str]) -> argparse.Namespace:
    """What is asked for."""
    parser = argparse.ArgumentParser(prog="scripts/damage.py", description=__doc__)
    parser.add_argument("--show", type=int, default=0, metavar="N", help="name the first N that would go out wrongly")
    parser.add_argument("--held-out", action="store_true", help="take the messages that are held out, too")
    parser.add_argument("--seed", type=int, default=1, help="for what is left to chance (default 1)")
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> int:
    """Damage, read, count and print; 1 where too many are wrong or too many wait for a person."""
    asked = options(arguments)
    chosen = [sample for sample in samples(held_out=asked.held_out) if sample.complete]
    with get_context("spawn").Pool(os.cpu_count(), initializer=prepare, initargs=(asked.seed,)) as pool:
        outcomes = [o for found in pool.imap(outcomes_of, chosen, GROUP) for o in found]
    good = show(outcomes, len(chosen))
    for outcome in [o for o in outcomes if o.fate == "wrong"][: asked.show]:
        print(f"{outcome.sample}, {outcome.damage}: {', '.join(outcome.false)}")
    return 0 if good else 1


tools: list[tuple[Definitions, int]] = []  # of this process: the definitions and the seed


def prepare(seed: int) -> None:
    """What a process needs once."""
    tools.append((load_definitions([shipped("parsers")]), seed))


def outcomes_of(sample: Sample) -> list[Outcome]:
    """All damages of one order; none where it is not read rightly as it is."""
    whole = read(sample.channel, sample.raw, tools[0][0])
    return [judged(sample, name, reading) for name, reading in damaged(sample, whole)]


def damaged(sample: Sample, whole: Reading) -> Iterator[tuple[str, Reading]]:
    """The readings of a message under each damage; none where its text alone is not read rightly."""
    definitions, seed = tools[0]
    text = whole.text
    if not right(read(sample.channel, rewritten(sample, whole, text), definitions), sample):
        return
    chance = Random(f"{seed} {sample.name}")  # noqa: S311  a trial must be repeatable
    for name, damage in DAMAGES.items():
        for worse in dict.fromkeys(damage(text, chance)):
            if worse != text:
                yield name, read(sample.channel, rewritten(sample, whole, worse), definitions)


def right(reading: Reading, sample: Sample) -> bool:
    """Whether a reading would be dispatched, and rightly."""
    all_there = len(reading.orders) == len(sample.truth["orders"])
    return dispatchable(reading) and all_there and not falsehoods(reading, sample.truth)


def judged(sample: Sample, damage: str, reading: Reading) -> Outcome:
    """What would become of a damaged order."""
    if dispatchable(reading):
        false = tuple(falsehoods(reading, sample.truth))
        return Outcome(sample.name, damage, "wrong" if false else "dispatched", false)
    if reading.orders and reading.review and not reading.problems:
        return Outcome(sample.name, damage, "reviewed")
    return Outcome(sample.name, damage, "asked" if reading.orders else "no order")


def rewritten(sample: Sample, whole: Reading, text: str) -> bytes:
    """A message with the head of the sample and this text."""
    if sample.channel is Channel.SMS:
        head, _, _ = sample.raw.partition(b"\n\n")
        return head + b"\n\n" + text.encode()
    mail = EmailMessage()
    mail["From"], mail["To"] = whole.sender or "nobody@shipper.example", "orders@desk.example"
    mail["Subject"] = whole.envelope.subject
    if whole.sent_at:
        mail["Date"] = whole.sent_at
    mail.set_content(text, cte="base64")
    return mail.as_bytes()


def show(outcomes: list[Outcome], orders: int) -> bool:
    """Print the table; whether both bounds are kept."""
    table = Table(title=f"{orders} complete orders, damaged", title_justify="left", box=None, pad_edge=False)
    for column in ("", "damaged", "dispatched", "of them wrong", "reviewed", "asked", "no order"):
        table.add_column(column, justify="right" if column else "left")
    for name in DAMAGES:
        table.add_row(name, *figures(Counter(o.fate for o in outcomes if o.damage == name)))
    every = Counter(o.fate for o in outcomes)
    table.add_row("all", *figures(every))
    Console(highlight=False, width=100).print(table)
    wrong, reviewed = wrong_share(every), every["reviewed"] / max(1, every.total())
    print(f"wrong {wrong:.2%} of the dispatched (at most {MOST_WRONG:.0%}), ", end="")
    print(f"reviewed {reviewed:.1%} of all (at most {MOST_REVIEWED:.0%})")
    return bool(outcomes) and wrong < MOST_WRONG and reviewed <= MOST_REVIEWED


def figures(fates: Counter[str]) -> Iterator[str]:
    """One row of the table."""
    yield str(fates.total())
    yield str(fates["dispatched"] + fates["wrong"])
    yield f"{fates['wrong']} ({wrong_share(fates):.1%})"
    yield from (str(fates[fate]) for fate in ("reviewed", "asked", "no order"))


def wrong_share(fates: Counter[str]) -> float:
    """Of what would be dispatched."""
    return fates["wrong"] / max(1, fates["dispatched"] + fates["wrong"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
