"""APScheduler's jobs after somebody put the machine's clock back (faults F76)."""

from __future__ import annotations

from datetime import datetime

from apscheduler.schedulers.background import BackgroundScheduler


def keep_ticking(scheduler: BackgroundScheduler, now: datetime) -> list[str]:
    """Let those jobs run now that would wait for a time which the clock had shown already; their ids.

    APScheduler reckons by the machine's clock: put back by an hour, it would stand still for that hour.
    """
    waiting = [job for job in scheduler.get_jobs() if job.next_run_time - now > 2 * job.trigger.interval]
    for job in waiting:
        job.modify(next_run_time=now)
    return [job.id for job in waiting]
