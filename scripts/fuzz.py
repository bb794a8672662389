"""`make fuzz`: mutated messages and noise; none may raise or hang, and no noise may come out as a complete order."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
import traceback
from collections import Counter
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from random import Random
from types import FrameType

from ingestd.config.shipped import shipped
from ingestd.domain.reading import Channel, Intent, Reading
from ingestd.parsing.definitions import Definitions, load_definitions
from ingestd.parsing.reader import read
from scripts.trials.mutations import mutated, scattered
from scripts.trials.samples import Sample, dispatchable, samples

HANGS_AFTER = 2.0  # seconds of processor time
GROUP = 200  # messages a task
SMS_HEAD = b"From: +8613800138000\nDate: 2026-03-10T10:00:00+08:00\nTo: 10690000\n\n"
PERSON_OR_MACHINE = {Intent.ORDER, Intent.AMENDMENT, Intent.CHANGE_LETTER}  # a mutation of these may well be an order


class HungError(BaseException):
    """A reading took too long; nothing that catches exceptions may catch this one."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A message that the reader did not stand."""

    number: int
    what: str
    raw: bytes


def options(arguments: list[str]) -> argparse.Namespace:
    """What is asked for."""
    parser = argparse.ArgumentParser(prog="scripts/fuzz.py", description=__doc__)
    parser.add_argument("--messages", type=int, default=int(os.environ.get("N", "100000")), help="default 100000, or N")
    parser.add_argument("--seed", type=int, default=int(os.environ.get("SEED", "1")), help="default 1, or SEED")
    parser.add_argument("--keep", type=Path, help="a folder for the messages that failed")
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> int:
    """Mutate and read; 1 where a message raised, hung, or came out of noise as an order."""
    asked = options(arguments)
    began = time.monotonic()
    tasks = [(asked.seed, first, min(GROUP, asked.messages - first)) for first in range(0, asked.messages, GROUP)]
    faults: list[Fault] = []
    read_as: Counter[str] = Counter()
    with get_context("spawn").Pool(os.cpu_count(), initializer=prepare) as pool:
        for found, counted in pool.imap_unordered(trial, tasks):
            faults += found
            read_as += counted
    took = time.monotonic() - began
    print(f"{read_as.total()} messages, seed {asked.seed}, {took:.0f} s: ", end="")
    print(", ".join(f"{count} {what}" for what, count in read_as.most_common()))
    for fault in sorted(faults, key=lambda f: f.number)[:20]:
        print(f"message {fault.number}: {fault.what}")
        if asked.keep:
            asked.keep.mkdir(parents=True, exist_ok=True)
            (asked.keep / f"{asked.seed}-{fault.number}").write_bytes(fault.raw)
    print(f"{len(faults)} faults")
    return 1 if faults or read_as.total() != asked.messages else 0


tools: list[tuple[Definitions, tuple[Sample, ...]]] = []  # of this process


def prepare() -> None:
    """What a process needs once."""
    tools.append((load_definitions([shipped("parsers")]), tuple(samples(held_out=False))))
    signal.signal(signal.SIGVTALRM, hung)


def hung(_number: int, _frame: FrameType | None) -> None:
    """The alarm rang."""
    raise HungError


def trial(task: tuple[int, int, int]) -> tuple[list[Fault], Counter[str]]:
    """A run of messages: what the reader did not stand, and as what it read them."""
    seed, first, count = task
    faults, read_as = [], Counter[str]()
    for number in range(first, first + count):
        channel, raw, noise = message(number, Random(f"{seed} {number}"))  # noqa: S311  a trial must be repeatable
        reading, what = tried(channel, raw)
        read_as["complete order" if reading and dispatchable(reading) else str(reading.intent) if reading else "-"] += 1
        if what is None and noise and reading and dispatchable(reading):
            what = f"{noise} came out as a complete order"
        if what:
            faults.append(Fault(number, what, raw))
    return faults, read_as


def message(number: int, chance: Random) -> tuple[Channel, bytes, str]:
    """One message to read, and what kind of noise it is; nothing where an order in it may be true."""
    definitions, all_samples = tools[0]
    sample, other = chance.choice(all_samples), chance.choice(all_samples)
    if number % 10:
        true_intents = {Intent(sample.truth["intent"]), Intent(other.truth["intent"])}
        noise = "" if true_intents & PERSON_OR_MACHINE else "a mutation of what is no order"
        return sample.channel, mutated(sample.raw, chance, other.raw), noise
    text = read(sample.channel, sample.raw, definitions).text or "一"
    return Channel.SMS, SMS_HEAD + scattered(text, chance).encode(), "a heap of characters"


def tried(channel: Channel, raw: bytes) -> tuple[Reading | None, str | None]:
    """The reading, or what went wrong."""
    signal.setitimer(signal.ITIMER_VIRTUAL, HANGS_AFTER)
    try:
        return read(channel, raw, tools[0][0]), None
    except HungError:
        return None, f"longer than {HANGS_AFTER:g} s"
    except Exception as error:  # noqa: BLE001  whatever it is, it is what is looked for
        last = traceback.extract_tb(error.__traceback__)[-1]
        return None, f"{type(error).__name__} at {Path(last.filename).name}:{last.lineno}"
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
