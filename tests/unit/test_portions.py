"""Short messages share the way to a worker; one that breaks it is found by reading each alone."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from ingestd.config.settings import Settings
from ingestd.domain.reading import Channel
from ingestd.pipeline.reading import PORTION, SHORT_BYTES, ReadStep, portions
from ingestd.pipeline.tally import NO_TALLY
from ingestd.store.facts import Item
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


class Pool:
    """A pool whose tasks are done by hand."""

    def __init__(self) -> None:
        self.tasks: list[tuple[list[bytes], Future[Any]]] = []

    def schedule(self, _: Any, args: tuple[Any, ...], timeout: float) -> Future[Any]:
        assert timeout > 0
        future: Future[Any] = Future()
        self.tasks.append(([task.raw for task in args[0]], future))
        return future


@pytest.fixture
def pool() -> Pool:
    return Pool()


def test_a_portion_that_fails_is_read_one_by_one_and_only_what_fails_alone_is_struck(pool: Pool) -> None:
    read: list[Item] = []
    given_back: list[Any] = []
    writer = SimpleNamespace(submit=given_back.append)
    shop: Any = SimpleNamespace(house=SimpleNamespace(settings=Settings()), writer=writer, tally=NO_TALLY)
    step = ReadStep(shop, pool, read.append)  # type: ignore[arg-type]
    step.begin([unread(n, raw=b"%d" % n) for n in range(3)])
    pool.tasks.pop()[1].set_exception(TimeoutError())
    assert [raws for raws, _ in pool.tasks] == [[b"0"], [b"1"], [b"2"]]
    assert not given_back
    for number in (0, 2):
        pool.tasks[number][1].set_result([READING])
    pool.tasks[1][1].set_exception(TimeoutError())
    assert [item.facts.message_id for item in read] == [0, 2]
    assert (len(given_back), step.under_way) == (1, 2)
