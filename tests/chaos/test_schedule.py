"""Schedules are data that a seed gives again, and cover all that can strike; the time of a run is reckoned rightly."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.chaos.faults import BEGINNINGS, WIRES
from tests.chaos.schedule import ORDERS, POINTS, STRIKES, Act, Kind, Way, draw
from tests.daemon.evidence import Course

MANY = range(400)
TEN = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)


def after(seconds: float) -> datetime:
    """So long after ten."""
    return TEN + timedelta(seconds=seconds)


def test_a_seed_gives_the_same_run_again_and_another_seed_another() -> None:
    assert draw(17) == draw(17)
    assert draw(17) != draw(18)


def test_every_fault_and_every_point_is_drawn_and_can_be_provoked() -> None:
    runs = [draw(seed) for seed in MANY]
    strikes = [strike for run in runs for strike in run.strikes]
    assert {strike.kind for strike in strikes} == set(Kind) == set(STRIKES) == set(BEGINNINGS)
    wires = (Kind.MAILBOX_WIRE, Kind.RELAY_WIRE)
    assert {strike.how for strike in strikes if strike.kind in wires} == set(WIRES)
    armed = {point.partition("@")[0] for run in runs for point in run.starts}
    assert armed == set(POINTS)
    assert {run.database for run in runs} == {"sqlite", "postgresql"}
    assert {run.relay for run in runs} == {"sink", "scripted"}


def test_every_run_has_at_least_forty_orders_by_every_way() -> None:
    for seed in MANY:
        ordered = [step for step in draw(seed).steps if step.act is Act.ORDER]
        assert len(ordered) >= 40
        assert {step.way for step in ordered} == set(Way) == set(ORDERS)
        assert {step.act for step in draw(seed).steps} == set(Act)


def test_a_run_can_be_cut_down_to_some_of_its_faults() -> None:
    run = next(r for r in map(draw, MANY) if len(r.strikes) >= 3 and r.starts)
    assert run.only([0, 2]).strikes == run.strikes[1:2]
    assert run.only([0, 2]).starts == run.starts
    assert run.only([1]).starts == ()
    assert run.only([1]).steps == run.steps
    assert len(run.lines()) == 2 + len(run.strikes)


def test_the_promise_waits_for_a_daemon_that_is_at_work() -> None:
    course = Course(timedelta(seconds=9), {}, [(after(0), after(4)), (after(10), after(30))], [])
    assert course.told_by(after(1)) == after(16)
    assert course.told_by(after(12)) == after(21)
    assert course.told_by(after(25)) > after(1000)


def test_a_time_of_the_site_is_found_on_the_machine_also_where_the_clock_was_set() -> None:
    course = Course(timedelta(seconds=9), {}, [], [(after(0), 100.0), (after(10), 90.0), (after(20), 200.0)])
    assert course.machine_times(after(105)) == [after(5), after(15)]
    assert course.machine_times(after(150)) == []
    assert course.machine_times(after(230)) == [after(30)]
