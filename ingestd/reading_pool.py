"""What a worker process does: read a few messages under limits on time and memory."""

from __future__ import annotations

import gc
import multiprocessing
import resource
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

from pebble import ProcessPool

from ingestd.domain.failpoint import failpoint
from ingestd.domain.reading import Channel, Reading
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.reader import read

TASKS_A_WORKER = 1000  # then a fresh one takes its place
LEAST_MAIL = b"From: nobody@example.invalid\r\nSubject: 0\r\n\r\n0\r\n"
worker_definitions: list[Definitions] = []  # of this worker process, filled once


@dataclass(frozen=True)
class ReadTask:
    """One message to be read; without slots, as the readings that come back (`ingestd/domain/reading.py`)."""

    channel: Channel
    raw: bytes


def prepare_worker(definitions: Definitions, memory_mb: int) -> None:
    """Limit this worker and keep the definitions that the daemon started with; Ctrl-C is for the parent.

    The first reading makes the patterns of all definitions, about a second's work: done here, it is not taken from the
    time limit of the messages that a fresh worker gets first.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_AS, (memory_mb << 20, memory_mb << 20))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    worker_definitions.append(definitions)
    read(Channel.EMAIL, LEAST_MAIL, definitions)
    gc.collect()
    gc.freeze()  # definitions and patterns stay; collections need not look at them


def read_in_worker(tasks: Sequence[ReadTask]) -> list[Reading]:
    """The reading of each message, inside a worker."""
    return [read_one(task) for task in tasks]


def read_one(task: ReadTask) -> Reading:
    """The reading of one message."""
    failpoint("parse.mid")
    failpoint(f"parse.mid.{crc32(task.raw):08x}")  # so that a test may mean one message and not its neighbours
    return read(task.channel, task.raw, worker_definitions[0])


def nothing() -> None:
    """What a worker does to come up."""


def warm_up(pool: ProcessPool, workers: int) -> None:
    """Have the workers started before the first message comes; a few seconds."""
    for future in [pool.schedule(nothing) for _ in range(2 * workers)]:
        future.result()


def reading_pool(definitions: Definitions, workers: int, memory_mb: int) -> ProcessPool:
    """A pool that starts its workers from a clean process."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["ingestd.reading_pool"])
    return ProcessPool(
        max_workers=workers,
        max_tasks=TASKS_A_WORKER,
        initializer=prepare_worker,
        initargs=(definitions, memory_mb),
        context=context,
    )
