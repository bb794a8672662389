"""What a worker process does: read a few messages under limits on time and memory."""

from __future__ import annotations

import gc
import multiprocessing
import os
import pickle
import resource
import signal
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from multiprocessing import forkserver
from pathlib import Path
from zlib import crc32

from pebble import ProcessPool

from ingestd.domain.failpoint import failpoint
from ingestd.domain.reading import Channel, Reading
from ingestd.parsing.definitions import Definitions

TASKS_A_WORKER = 1000  # then a fresh one takes its place
HANDED_ON = "INGESTD_DEFINITIONS"  # the file by which the process that workers are forked from gets the definitions
HEAD = "From: nobody@example.invalid\nSubject: order\nContent-Type: text/plain; charset=utf-8\n\n"
ORDER = """\
您好，请明天下午安排提货：
发货人：王先生 13800000000
货物：轴承 3箱，20公斤，0.2立方
提货地址：中山市古镇1号
发往：杭州
收货人：马小姐 13800000001，火车站东路3号，送货上门
付费方式：到付

Shipper: Mr. Wang 13800000000; cargo: 3 cartons of bolts, 20 kg; to: Hangzhou; payment: collect
"""
EVERYDAY_MAILS = [(HEAD + text).encode() for text in (ORDER, "0\n")]  # by them everything is made that first use makes
worker_definitions: list[Definitions] = []  # of this worker process, filled once
inherited: list[Definitions] = []  # by workers from the process that they are forked from, with patterns made
handed_on = tempfile.TemporaryFile()  # noqa: SIM115 - for as long as this process is


@dataclass(frozen=True)
class ReadTask:
    """One message to be read; without slots, as the readings that come back (`ingestd/domain/reading.py`)."""

    channel: Channel
    raw: bytes
    arrived_at: datetime | None = None


def prepare_worker(definitions: Definitions, memory_mb: int) -> None:
    """Limit this worker and keep the definitions that the daemon started with; Ctrl-C is for the parent.

    The patterns are inherited, or, where the definitions are newer, made here: not in the time limit of the messages
    that a fresh worker gets first.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_AS, (memory_mb << 20, memory_mb << 20))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    same = [ready for ready in inherited if ready.digest == definitions.digest]
    worker_definitions.append(same[0] if same else warmed(definitions))


def warmed(definitions: Definitions) -> Definitions:
    """The definitions with all their patterns made, some seconds' work, which the first readings do."""
    gc.disable()  # what is made here stays: collections would look at it again and again for nothing
    from ingestd.parsing.reader import read  # noqa: PLC0415  half a second that the daemon itself does without

    for mail in EVERYDAY_MAILS:
        read(Channel.EMAIL, mail, definitions)
    gc.collect()
    gc.freeze()  # nor need later ones look at definitions and patterns
    gc.enable()
    return definitions


def inherit(environment: Mapping[str, str]) -> None:
    """In the process that workers are forked from: make the patterns once for all of them."""
    with suppress(OSError, EOFError, pickle.UnpicklingError):  # not there or being renewed: each makes its own, then
        definitions = pickle.loads(Path(environment[HANDED_ON]).read_bytes())  # noqa: S301 - by our parent, for us
        inherited.append(warmed(definitions))


def hand_on(definitions: Definitions) -> None:
    """Give the definitions to the process that workers are forked from, which starts now, and to its successor.

    By a file without a name that ends with this process, however it ends.
    """
    handed_on.seek(0)
    handed_on.truncate()
    pickle.dump(definitions, handed_on)
    handed_on.flush()
    os.environ[HANDED_ON] = f"/proc/{os.getpid()}/fd/{handed_on.fileno()}"
    forkserver.ensure_running()


def read_in_worker(tasks: Sequence[ReadTask]) -> list[Reading]:
    """The reading of each message, inside a worker."""
    return [read_one(task) for task in tasks]


def read_one(task: ReadTask) -> Reading:
    """The reading of one message."""
    from ingestd.parsing.reader import read  # noqa: PLC0415  loaded since the worker, or its like, was warmed

    failpoint("parse.mid")
    failpoint(f"parse.mid.{crc32(task.raw):08x}")  # so that a test may mean one message and not its neighbours
    return read(task.channel, task.raw, worker_definitions[0], arrived_at=task.arrived_at)


def nothing() -> None:
    """What a worker does to come up."""


def warm_up(pool: ProcessPool, workers: int) -> None:
    """Have the workers started before the first message comes; a few seconds."""
    for future in [pool.schedule(nothing) for _ in range(2 * workers)]:
        future.result()


def reading_pool(definitions: Definitions, workers: int, memory_mb: int) -> ProcessPool:
    """A pool that starts its workers from a clean process."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["ingestd.reading_warmed"])
    hand_on(definitions)
    return ProcessPool(
        max_workers=workers,
        max_tasks=TASKS_A_WORKER,
        initializer=prepare_worker,
        initargs=(definitions, memory_mb),
        context=context,
    )
