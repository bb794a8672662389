"""One run: the schedule is played, then it is calm, and when all is quiet the judge looks."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.chaos.faults import begin
from tests.chaos.people import People
from tests.chaos.schedule import Schedule, strike_line
from tests.chaos.stage import PROMISE, Peers, Stage
from tests.daemon.evidence import Course, Evidence, captured
from tests.daemon.oracle import changes, complaints, standing
from tests.servers.relay import Relay

QUIET_WITHIN_SECONDS = 60.0  # of the daemon's life, however slow the machine
WELL_WITHIN_SECONDS = 15.0  # for alarms to be over
FURTHER_START_SECONDS = 1.5
LOOK_EACH_SECONDS = 0.15
LASTING_ALARMS = ("sending ", "message ")  # about one thing that a person must see to


@dataclass(frozen=True)
class Verdict:
    """What came of a run."""

    schedule: Schedule
    complaints: tuple[str, ...]
    folder: Path  # with the history, where there were complaints
    seconds: float


def play(schedule: Schedule, peers: Peers, broken: str = "") -> Verdict:
    """Play a run and judge it; its folder is kept where there is something to complain of."""
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix=f"ingestd-chaos-{schedule.seed}-"))
    stage = Stage(schedule, folder, peers, broken)
    wrong: list[str] = []
    try:
        wrong = acted(stage)
        for sentence in wrong:
            stage.history.note("complaint", sentence=sentence)
    except AssertionError as error:
        wrong = [str(error)]
    finally:
        stage.close(keep=bool(wrong))
    return Verdict(schedule, tuple(wrong), folder, time.monotonic() - began)


def acted(stage: Stage) -> list[str]:
    """The run itself, and what is to be complained of."""
    people = People(stage)
    for line in stage.schedule.lines():
        stage.history.note("schedule", line=line)
    stage.start(stage.schedule.first_start)
    wait(stage, lambda: stage.daemon is not None and stage.daemon.ready, "the first start")
    stage.now_seconds = 0.0
    perform(stage, people)
    calm(stage)
    wrong = come_to_rest(stage, people)
    evidence = evidence_of(stage, people)
    wrong += complaints(evidence)
    if stage.schedule.further_start:
        wrong += further_start(stage)
    return wrong


def perform(stage: Stage, people: People) -> None:
    """Let everything happen at its moment."""
    due: list[tuple[float, Callable[[], None]]] = [(s.at, partial(people.do, s)) for s in stage.schedule.steps]

    def struck(number: int) -> None:
        strike = stage.schedule.strikes[number]
        stage.history.note("strike", number=number + 1, line=strike_line(strike))
        end = begin(strike, stage)

        def over() -> None:
            end()
            stage.history.note("over", number=number + 1)

        due.append((stage.now_seconds + strike.seconds, over))

    due += [(strike.at, partial(struck, number)) for number, strike in enumerate(stage.schedule.strikes)]
    looked_at = 0.0
    while due:
        stage.tick()
        if time.monotonic() - looked_at > LOOK_EACH_SECONDS:
            people.look()
            looked_at = time.monotonic()
        ready = sorted((item for item in due if item[0] <= stage.now_seconds), key=lambda item: item[0])
        for item in ready:
            due.remove(item)
            item[1]()


def calm(stage: Stage) -> None:
    """No fault any more; a daemon that is armed ends and a plain one is started."""
    stage.history.note("calm")
    if isinstance(stage.sink, Relay):
        stage.sink.behave()
    if stage.daemon is None or stage.daemon.is_armed or not stage.daemon.running:
        stage.end("calm")
        stage.down_until = 0.0
        stage.start()


def come_to_rest(stage: Stage, people: People) -> list[str]:
    """Wait until all is done with and all is well again; what does not come to rest is a complaint."""

    def quiet() -> bool:
        people.look()
        return not people.waiting and people.all_stored() and stage.site.records.is_quiet(0)

    wrong = []
    if not wait(stage, quiet, "everything to be done with", QUIET_WITHIN_SECONDS):
        wrong.append(
            f"not quiet after {QUIET_WITHIN_SECONDS:g} s; {people.waiting} wait; {stage.site.records.standing()}"
        )
    if not wait(stage, lambda: not lasting(stage), "all to be well", WELL_WITHIN_SECONDS):
        wrong.append(f"not well after {WELL_WITHIN_SECONDS:g} s: {', '.join(lasting(stage))}")
    people.closing.set()
    stage.history.note("quiet")
    wait(stage, lambda: stage.site.records.is_quiet(0), "the last letters", QUIET_WITHIN_SECONDS)
    return wrong


def lasting(stage: Stage) -> list[str]:
    """Alarms about the system that still stand."""
    open_ones = [alarm for alarm in stage.site.records.alarms() if alarm["cleared_at"] is None]
    return [f"{a['part']} ({a['kind']})" for a in open_ones if not a["part"].startswith(LASTING_ALARMS)]


def wait(stage: Stage, condition: Callable[[], bool], what: str, seconds: float = 90.0) -> bool:
    """Let time pass until a condition holds; False where it does not within so many seconds of the daemon's life."""
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            stage.history.note("in vain", awaited=what)
            return False
        stage.rest(LOOK_EACH_SECONDS)
    return True


def further_start(stage: Stage) -> list[str]:
    """A further start, which must change nothing."""
    assert stage.daemon is not None
    stage.daemon.stop()
    before = standing(stage.site.records)
    stage.start()
    wait(stage, lambda: stage.daemon is not None and stage.daemon.ready, "the further start")
    stage.rest(FURTHER_START_SECONDS)
    return changes(before, standing(stage.site.records))


def evidence_of(stage: Stage, people: People) -> Evidence:
    """What there is to judge."""
    course = Course(PROMISE, people.due_from, stage.up, stage.clock.steps)
    return Evidence(
        orders=list(people.orders.values()),
        mails=[captured(mail) for mail in stage.mails()],
        texts=stage.site.spool.texts(),
        records=stage.site.records,
        logs=stage.logs(),
        resent=frozenset(people.resent),
        said=people.said,
        course=course,
        secrets=(stage.secret,),
    )
