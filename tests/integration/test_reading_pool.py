"""Worker processes are warm before their first message, and others take their place whatever becomes of them."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from pebble import ProcessExpired

from ingestd.config.settings import Settings
from ingestd.config.shipped import shipped
from ingestd.domain.reading import Channel, Reading
from ingestd.parsing.definitions import load_definitions
from ingestd.pipeline import reading
from ingestd.pipeline.readers import Readers
from ingestd.pipeline.reading import ReadStep
from ingestd.pipeline.tally import NO_TALLY
from ingestd.reading_pool import ReadTask, inherited, nothing, read_in_worker, reading_pool, worker_definitions
from ingestd.store.messages import Unread
from tests.servers.programs import wait_until

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
MAIL = b"From: zhao@maker.example\r\nSubject: order\r\n\r\nShipper: Zhao 13800000000\r\nCargo: 3 cartons of bolts\r\n"


def timed(task: ReadTask) -> tuple[Reading, float]:
    """A reading in a worker, and the seconds of processor time that it took."""
    began = time.process_time()
    (reading,) = read_in_worker([task])
    return reading, time.process_time() - began


def test_the_first_message_of_a_fresh_worker_is_read_as_quickly_as_the_others() -> None:
    pool = reading_pool(load_definitions([shipped("parsers")]), workers=1, memory_mb=512)
    try:
        reading, seconds = pool.schedule(timed, args=(ReadTask(Channel.EMAIL, MAIL),)).result()
    finally:
        pool.stop()  # type: ignore[no-untyped-call]
        pool.join()
    assert reading.orders
    assert seconds < 0.5  # making the patterns takes several


@pytest.mark.fault("F10")
def test_workers_of_a_new_process_to_fork_from_are_as_quick() -> None:
    pool = reading_pool(load_definitions([shipped("parsers")]), workers=1, memory_mb=512)
    try:
        before = pool.schedule(os.getppid).result()
        os.kill(before, signal.SIGKILL)
        with pytest.raises(ProcessExpired):
            pool.schedule(time.sleep, args=(60,)).result()
        assert pool.schedule(os.getppid).result() != before
        _, seconds = pool.schedule(timed, args=(ReadTask(Channel.EMAIL, MAIL),)).result()
        warmed = pool.schedule(is_inherited).result()
    finally:
        pool.stop()  # type: ignore[no-untyped-call]
        pool.join()
    assert seconds < 0.5
    assert warmed


def is_inherited() -> bool:
    """Whether the worker's patterns were made before it was forked."""
    return worker_definitions[0] in inherited


def gorged() -> int:
    """More memory than a worker may have."""
    return len(bytearray(1 << 30))


@pytest.mark.fault("F11")
def test_a_worker_that_eats_memory_fails_by_its_limit_and_the_pool_goes_on() -> None:
    pool = reading_pool(load_definitions([shipped("parsers")]), workers=1, memory_mb=512)
    try:
        with pytest.raises(MemoryError):
            pool.schedule(gorged).result()
        (reading,) = pool.schedule(read_in_worker, args=([ReadTask(Channel.EMAIL, MAIL)],)).result()
    finally:
        pool.stop()  # type: ignore[no-untyped-call]
        pool.join()
    assert reading.orders


@pytest.fixture
def readers() -> Iterator[Readers]:
    definitions = load_definitions([shipped("parsers")])
    readers = Readers(lambda: reading_pool(definitions, workers=2, memory_mb=512))
    for _ in range(4):
        readers.pool.schedule(nothing).result()
    yield readers
    readers.stop()


def workers() -> list[int]:
    """The ids of the processes that read."""
    return [child.pid for child in multiprocessing.active_children() if child.pid and "worker" in child.name]


def is_read(readers: Readers) -> bool:
    """Whether a message is read well."""
    (reading,) = readers.read([ReadTask(Channel.EMAIL, MAIL)], 20.0).result()
    return bool(reading.orders)


@pytest.mark.fault("F10")
@pytest.mark.parametrize("chosen", [slice(1), slice(2)], ids=["one", "all"])
def test_workers_that_are_killed_with_nothing_to_do_are_missed_by_nobody(readers: Readers, chosen: slice) -> None:
    for pid in workers()[chosen]:
        os.kill(pid, signal.SIGKILL)
    time.sleep(0.3)  # for the pool to notice
    assert is_read(readers)
    assert is_read(readers)


def test_after_the_end_nothing_is_read_and_no_pool_takes_the_place_of_the_last(readers: Readers) -> None:
    last = readers.pool
    readers.stop()
    with pytest.raises(RuntimeError):
        readers.read([ReadTask(Channel.EMAIL, MAIL)], 20.0)
    assert readers.pool is last
    assert workers() == []


@pytest.mark.fault("F10")
def test_what_workers_that_stand_still_were_given_is_read_by_others(
    readers: Readers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "STUCK_MARGIN", 2 * -Settings().reader.time_limit)
    read: list[int] = []
    shop: Any = SimpleNamespace(house=SimpleNamespace(settings=Settings()), tally=NO_TALLY)
    step = ReadStep(shop, readers, lambda item: read.append(item.facts.message_id))
    standing = workers()
    for pid in standing:
        os.kill(pid, signal.SIGSTOP)
    try:
        for number in (1, 2):
            step.begin([Unread(number, "orders", Channel.EMAIL, MAIL, NOW, 1, NOW, 1, "core")])
        time.sleep(0.3)
        assert read == []
        step.see_to_readers()
        wait_until(lambda: sorted(read) == [1, 2], 30, "the messages to be read")
    finally:
        for pid in standing:
            os.kill(pid, signal.SIGCONT)
    time.sleep(0.5)  # for them to come back with what nobody waits for any more
    assert sorted(read) == [1, 2]
