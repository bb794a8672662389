"""What `ingestd status` counts."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ingestd.cli.standing import complete, last_hour, running_process
from ingestd.daemon.lock import RunLock
from ingestd.domain.sending import SendingState
from ingestd.store.views import Passage

NOW = datetime(2026, 3, 10, 2, tzinfo=UTC)
PROMISE = timedelta(seconds=180)


def passage(serial: str, started: float, took: float | None) -> Passage:
    start = NOW - timedelta(seconds=started)
    return Passage(serial, start, start + timedelta(seconds=took) if took is not None else None)


def test_the_last_hour_tells_median_longest_and_who_was_late() -> None:
    hour = last_hour([passage("1", 3000, 2.0), passage("2", 900, 4.0), passage("3", 600, 200.0)], PROMISE, NOW)
    assert (hour.orders, hour.dispatched, hour.median_seconds, hour.longest_seconds) == (3, 3, 4.0, 200.0)
    assert hour.late == ("3",)


def test_an_order_that_is_still_on_its_way_is_late_only_when_its_time_is_up() -> None:
    hour = last_hour([passage("fresh", 100, None), passage("stuck", 181, None)], PROMISE, NOW)
    assert (hour.orders, hour.dispatched, hour.median_seconds, hour.late) == (2, 0, None, ("stuck",))


def test_the_promise_kept_to_the_second_is_kept() -> None:
    assert last_hour([passage("1", 500, 180.0)], PROMISE, NOW).late == ()


def test_an_hour_without_orders_has_no_median() -> None:
    hour = last_hour([], PROMISE, NOW)
    assert (hour.orders, hour.median_seconds, hour.longest_seconds, hour.promise_seconds) == (0, None, None, 180.0)


def test_programs_find_every_state_also_at_zero() -> None:
    counts = complete({"due": 3}, list(SendingState))
    assert counts.pop("due") == 3
    assert set(counts) == {str(s) for s in SendingState} - {"due"}
    assert set(counts.values()) == {0}


def test_a_running_daemon_is_known_by_its_lock(tmp_path: Path) -> None:
    assert running_process(tmp_path) is None
    lock = RunLock(tmp_path)
    assert running_process(tmp_path) == os.getpid()
    lock.release()


def test_the_lock_of_a_daemon_that_is_gone_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "ingestd.lock").write_text("4194305")  # above the kernel's highest process number
    assert running_process(tmp_path) is None
    (tmp_path / "ingestd.lock").write_text("")
    assert running_process(tmp_path) is None
