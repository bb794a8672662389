"""APScheduler goes on when the machine's clock is put back."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from apscheduler.schedulers.background import BackgroundScheduler

from ingestd.daemon.ticking import keep_ticking

TEN = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)


@pytest.fixture
def scheduler() -> Iterator[BackgroundScheduler]:
    """APScheduler as the daemon starts it."""
    made = BackgroundScheduler(timezone="Asia/Shanghai")
    yield made
    made.shutdown(wait=False)


@pytest.mark.fault("F76")
def test_a_job_runs_on_after_the_clock_was_put_back_by_an_hour(scheduler: BackgroundScheduler) -> None:
    ran = threading.Event()
    with time_machine.travel(TEN, tick=True) as traveller:
        scheduler.add_job(ran.set, "interval", seconds=1, id="sweep")
        scheduler.start()
        assert ran.wait(10)
        traveller.move_to(TEN - timedelta(hours=1))
        ran.clear()
        assert not ran.wait(2.5)  # left alone it stands still
        assert keep_ticking(scheduler, datetime.now(UTC)) == ["sweep"]
        assert ran.wait(10)
        ran.clear()
        assert ran.wait(10)
        assert keep_ticking(scheduler, datetime.now(UTC)) == []
