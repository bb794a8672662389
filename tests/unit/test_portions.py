"""Short messages share the way to a worker; one that breaks it is found by reading each alone."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from unittest import mock

import pytest
from pebble import ProcessExpired

from ingestd.config.settings import Settings
from ingestd.domain.reading import Channel
from ingestd.pipeline.reading import PORTION, SHORT_BYTES, ReadStep, portions
from ingestd.pipeline.tally import NO_TALLY
from ingestd.reading_pool import ReadTask
from ingestd.store.messages import Unread
from tests.unit.checks.cases import READING

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
FIRST = Unread(1, "orders", Channel.EMAIL, b"short", NOW, 1, NOW, 1, "core")


def unread(number: int, **changes: Any) -> Unread:
    return replace(FIRST, message_id=number, **changes)


def test_short_messages_go_together_and_others_alone() -> None:
    taken = [unread(n) for n in range(PORTION + 2)]
    long, struck = unread(90, raw=b"x" * (SHORT_BYTES + 1)), unread(91, strikes=2)
    ids = [[u.message_id for u in portion] for portion in portions([long, *taken[:3], struck, *taken[3:]])]
    assert ids == [[90], [91], [*range(PORTION)], [PORTION, PORTION + 1]]


class ByHand:
    """Readers whose tasks are done by hand."""

    def __init__(self) -> None:
        self.tasks: list[tuple[list[bytes], Future[Any]]] = []
        self.given_up = 0
        self.trouble: Exception | None = None

    def read(self, tasks: Sequence[ReadTask], limit_seconds: float) -> Future[Any]:
        assert limit_seconds > 0
        if self.trouble is not None:
            raise self.trouble
        future: Future[Any] = Future()
        self.tasks.append(([task.raw for task in tasks], future))
        return future

    def give_up(self) -> None:
        self.given_up += 1


@dataclass
class Bench:
    """A step with readers by hand, what they read, and what was given back."""

    readers: ByHand
    step: ReadStep
    read: list[int]
    given_back: list[Any]


@pytest.fixture
def bench() -> Bench:
    readers, read, given_back = ByHand(), list[int](), list[Any]()
    writer = SimpleNamespace(submit=given_back.append)
    shop: Any = SimpleNamespace(house=SimpleNamespace(settings=Settings()), writer=writer, tally=NO_TALLY)
    step = ReadStep(shop, readers, lambda item: read.append(item.facts.message_id))  # type: ignore[arg-type]
    return Bench(readers, step, read, given_back)


def test_a_portion_that_fails_is_read_one_by_one_and_only_what_fails_alone_is_struck(bench: Bench) -> None:
    tasks = bench.readers.tasks
    bench.step.begin([unread(n, raw=b"%d" % n) for n in range(3)])
    tasks.pop()[1].set_exception(TimeoutError())
    assert [raws for raws, _ in tasks] == [[b"0"], [b"1"], [b"2"]]
    assert not bench.given_back
    for number in (0, 2):
        tasks[number][1].set_result([READING])
    tasks[1][1].set_exception(TimeoutError())
    assert bench.read == [0, 2]
    assert (len(bench.given_back), bench.step.under_way) == (1, 2)


@pytest.mark.fault("F10")
def test_readers_that_give_nothing_back_are_replaced_and_what_they_had_is_read_once(bench: Bench) -> None:
    limit = bench.step.limits.time_limit.total_seconds()
    with mock.patch("ingestd.pipeline.reading.time.monotonic", return_value=0.0) as clock:
        bench.step.begin([unread(1)])
        clock.return_value = limit
        bench.step.begin([unread(2)])
        bench.readers.tasks[1][1].set_result([READING])
        clock.return_value = 3 * limit  # the first alone has a portion's and its own limit
        bench.step.see_to_readers()
        assert (bench.readers.given_up, bench.read) == (0, [2])
        clock.return_value = 3.6 * limit
        bench.step.see_to_readers()
        assert (bench.readers.given_up, len(bench.readers.tasks), bench.step.under_way) == (1, 3, 2)
        bench.readers.tasks[0][1].set_result([READING])
        assert bench.read == [2]
        bench.readers.tasks[2][1].set_result([READING])
    assert bench.read == [2, 1]


@pytest.mark.fault("F10")
def test_readers_that_give_nothing_back_after_a_worker_was_killed_are_replaced_soon(bench: Bench) -> None:
    with mock.patch("ingestd.pipeline.reading.time.monotonic", return_value=0.0) as clock:
        for number in (1, 2):
            bench.step.begin([unread(number)])
        bench.readers.tasks[0][1].set_exception(ProcessExpired("killed"))  # type: ignore[no-untyped-call]  # pebble types half of itself
        clock.return_value = 2.0
        bench.step.see_to_readers()
        assert bench.readers.given_up == 0
        clock.return_value = 4.0
        bench.step.see_to_readers()
        bench.step.see_to_readers()
    assert bench.readers.given_up == 1
    bench.readers.tasks[2][1].set_result([READING])
    assert bench.read == [2]


def test_readers_of_which_one_was_killed_and_another_answers_stay(bench: Bench) -> None:
    with mock.patch("ingestd.pipeline.reading.time.monotonic", return_value=0.0) as clock:
        for number in (1, 2, 3):
            bench.step.begin([unread(number)])
        bench.readers.tasks[0][1].set_exception(ProcessExpired("killed"))  # type: ignore[no-untyped-call]  # pebble types half of itself
        bench.readers.tasks[1][1].set_result([READING])
        clock.return_value = 15.0
        bench.step.see_to_readers()
    assert bench.readers.given_up == 0


def test_what_kills_of_the_whole_daemon_took_along_is_no_failure_of_the_message(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    aside: list[str] = []
    monkeypatch.setattr("ingestd.pipeline.reading.put_aside", lambda _shop, _id, why: aside.append(why))
    for claim in range(3, 6):  # the first two were with daemons that were killed
        assert aside == []
        bench.step.begin([unread(1, strikes=claim)])
        bench.readers.tasks.pop()[1].set_exception(TimeoutError())
    assert aside == ["TimeoutError while reading, 3 times"]
    assert len(bench.given_back) == 2


def test_what_no_reader_takes_is_not_under_way(bench: Bench) -> None:
    bench.readers.trouble = OSError("no process")
    with pytest.raises(OSError, match="no process"):
        bench.step.begin([unread(1), unread(2)])
    assert bench.step.under_way == 0
