"""A worker process is warm before it gets its first message."""

from __future__ import annotations

import time

import pytest

from ingestd.config.shipped import shipped
from ingestd.domain.reading import Channel, Reading
from ingestd.parsing.definitions import load_definitions
from ingestd.reading_pool import ReadTask, read_in_worker, reading_pool

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
