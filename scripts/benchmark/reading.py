"""How fast the reader alone is: the shared corpus on one core, MIME included, and the floods."""

from __future__ import annotations

import gc
import time
from collections.abc import Sequence
from dataclasses import dataclass

from ingestd.config.shipped import shipped
from ingestd.domain.reading import Channel
from ingestd.parsing.definitions import Definitions, load_definitions
from ingestd.parsing.reader import read
from scripts.trials.floods import FLOODS
from scripts.trials.samples import Sample, samples

PASSES = 5


@dataclass(frozen=True, slots=True)
class ReaderRun:
    """What reading costs, in processor time of one process."""

    mails: int
    per_second: float
    slowest: str  # the name of a message
    slowest_ms: float
    floods_ms: dict[str, float]


def reader_run() -> ReaderRun:
    """Read all mails of the corpus several times, and each flood once."""
    definitions = load_definitions([shipped("parsers")])
    mails = [sample for sample in samples("shared", held_out=True) if sample.channel is Channel.EMAIL]
    one_pass(mails[:1], definitions)
    gc.collect()
    gc.freeze()  # as a worker does when it is prepared
    passes = [one_pass(mails, definitions) for _ in range(PASSES)][1:]  # the first one warms up
    best = [min(times) for times in zip(*passes, strict=True)]
    slowest = max(range(len(mails)), key=best.__getitem__)
    floods = {name: seconds(Channel.EMAIL, raw, definitions) for name, raw in FLOODS.items()}
    return ReaderRun(
        mails=len(mails),
        per_second=len(mails) / min(map(sum, passes)),
        slowest=mails[slowest].name,
        slowest_ms=1000 * best[slowest],
        floods_ms={name: 1000 * took for name, took in floods.items()},
    )


def one_pass(mails: Sequence[Sample], definitions: Definitions) -> list[float]:
    """Seconds for each mail."""
    return [seconds(mail.channel, mail.raw, definitions) for mail in mails]


def seconds(channel: Channel, raw: bytes, definitions: Definitions) -> float:
    """Processor time for one message."""
    began = time.process_time()
    read(channel, raw, definitions)
    return time.process_time() - began
