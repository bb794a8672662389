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
from tests.chaos.schedule import Kind, Schedule, strike_line
from tests.chaos.stage import PROMISE, READY_SECONDS, Peers, Stage
from tests.daemon.evidence import Course, Evidence, captured
from tests.daemon.oracle import changes, complaints, standing

QUIET_WITHIN_SECONDS = 120.0  # what a killed daemon held is free after its lease of 25 or 100 s
SLOW_START_SECONDS = 8.0  # a machine on which a start takes longer is too busy to judge a promise of nine seconds
AT_ITS_POINT_SECONDS = 20.0  # that an armed daemon is waited for when the traffic is over and not all is done
STILL_SECONDS = 10.0  # in which nothing happens and no lease holds: nothing will
WELL_WITHIN_SECONDS = 15.0  # for alarms to be over
FURTHER_START_SECONDS = 1.5
SWEEP_SECONDS = 1.2  # in which the daemon looks for what is late once at least
LOOK_EACH_SECONDS = 0.15
COUNTED = (
    "SELECT count(*) AS n FROM message WHERE state <> 'stored'",
    "SELECT sum(attempts) AS n FROM sending",
    "SELECT count(*) AS n FROM event",
)
HELD = "SELECT count(*) FROM message WHERE state = 'stored' AND owner IS NOT NULL"
LASTING_ALARMS = ("sending ", "message ")  # about one thing that a person must see to
LATE = "work orders"  # the alarm that lasts as long as a way has none of an order's that somebody is known to have
GIVEN_UP_IN_DOUBT = (  # a relay took it and hung up each time: nobody knows, and it is not repeated for ever
    "SELECT count(*) FROM sending AS s WHERE purpose = 'work_order' AND state = 'failed' AND repeated AND NOT EXISTS"
    " (SELECT 1 FROM sending AS o WHERE o.order_id = s.order_id AND o.purpose = s.purpose AND o.channel = s.channel"
    " AND o.state = 'accepted')"
)


@dataclass(frozen=True)
class Verdict:
    """What came of a run."""

    schedule: Schedule
    complaints: tuple[str, ...]
    folder: Path  # with the history, where there were complaints
    seconds: float
    promise_judged: bool


def play(schedule: Schedule, peers: Peers, broken: str = "", keeps: bool = True) -> Verdict:
    """Play a run and judge it; where there is something to complain of, its folder is kept if so wanted."""
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix=f"ingestd-chaos-{schedule.seed}-"))
    stage = Stage(schedule, folder, peers, broken)
    wrong: list[str] = []
    judged = False
    try:
        wrong, judged = acted(stage)
        for sentence in wrong:
            stage.history.note("complaint", sentence=sentence)
    except Exception as error:  # noqa: BLE001 - whatever ends a run is a cause for complaint, and the next run is played
        wrong = [f"ended by {type(error).__name__}: {error}"]
    finally:
        stage.close(keep=keeps and bool(wrong))
    return Verdict(schedule, tuple(wrong), folder, time.monotonic() - began, judged)


def acted(stage: Stage) -> tuple[list[str], bool]:
    """The run itself: what is to be complained of, and whether the promise was judged."""
    people = People(stage)
    for line in stage.schedule.lines():
        stage.history.note("schedule", line=line)
    stage.start()
    wait(stage, lambda: stage.worked_seconds > 0 or not stage.daemon_runs, "the first start")
    stage.now_seconds = 0.0
    perform(stage, people)
    wait(stage, lambda: at_its_point(stage) or is_quiet(stage, people), "the failpoint", AT_ITS_POINT_SECONDS)
    calm(stage)
    wrong = come_to_rest(stage, people)
    evidence = evidence_of(stage, people)
    wrong += complaints(evidence)
    if stage.schedule.further_start:
        wrong += further_start(stage)
    return wrong, evidence.course is not None


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


def at_its_point(stage: Stage) -> bool:
    """Whether an armed daemon has come to its failpoint."""
    return stage.daemon is None or not stage.daemon.is_armed or not stage.daemon.running


def is_quiet(stage: Stage, people: People) -> bool:
    """Whether nobody waits for anything, and everything is done with."""
    people.look()
    return not people.waiting and people.all_stored() and stage.site.records.is_quiet(0)


def calm(stage: Stage) -> None:
    """No fault any more; a daemon that is armed ends and a plain one is started."""
    stage.history.note("calm")
    if stage.daemon is None or stage.daemon.is_armed or not stage.daemon.running:
        stage.end("calm")
        stage.down_until = 0.0
        stage.start("")
    stage.armed.clear()


def come_to_rest(stage: Stage, people: People) -> list[str]:
    """Wait until all is done with and all is well again; what does not come to rest is a complaint."""
    wrong = []
    still = Stillness(stage)

    def rests() -> bool:
        people.phone()
        return is_quiet(stage, people) or still.lasts()

    wait(stage, rests, "everything to be done with", QUIET_WITHIN_SECONDS)
    if not is_quiet(stage, people):
        wrong.append(f"does not come to rest: {people.waiting} wait; {stage.site.records.standing()}")
    if not wait(stage, lambda: not lasting(stage), "all to be well", WELL_WITHIN_SECONDS):
        wrong.append(f"not well after {WELL_WITHIN_SECONDS:g} s: {', '.join(lasting(stage))}")
    people.closing.set()
    stage.history.note("quiet")
    wait(stage, lambda: stays_quiet(stage), "the last letters", QUIET_WITHIN_SECONDS)
    return wrong


def stays_quiet(stage: Stage) -> bool:
    """Whether nothing is left to be done, and a sweep later still nothing is."""
    if not stage.site.records.is_quiet(0):
        return False
    stage.rest(SWEEP_SECONDS)
    return stage.site.records.is_quiet(0)


class Stillness:
    """Notices that nothing happens any more although not all is done."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.seen: object = None
        self.since = time.monotonic()

    def lasts(self) -> bool:
        """Whether nothing was recorded or sent for a while, and nothing is held under a lease."""
        records, now = self.stage.site.records, time.monotonic()
        at_work = self.stage.daemon is not None and self.stage.daemon.ready
        seen = [records.value(query) for query in COUNTED], len(self.stage.sink.messages())
        if seen != self.seen or not at_work or records.value(HELD):
            self.seen, self.since = seen, now
        return now - self.since > STILL_SECONDS


def lasting(stage: Stage) -> list[str]:
    """Alarms about the system that still stand."""
    open_ones = [alarm for alarm in stage.site.records.alarms() if alarm["cleared_at"] is None]
    stands = (*LASTING_ALARMS, LATE) if stage.site.records.value(GIVEN_UP_IN_DOUBT) else LASTING_ALARMS
    return [f"{a['part']} ({a['kind']})" for a in open_ones if not a["part"].startswith(stands)]


def wait(stage: Stage, condition: Callable[[], bool], what: str, seconds: float = 90.0) -> bool:
    """Let time pass until a condition holds; False where it does not within so many seconds of a daemon at work."""
    until, given_up_at = stage.worked_seconds + seconds, time.monotonic() + 3 * seconds + READY_SECONDS
    while not condition():
        if stage.worked_seconds > until or time.monotonic() > given_up_at:
            stage.history.note("in vain", awaited=what)
            return False
        stage.rest(LOOK_EACH_SECONDS)
    return True


def further_start(stage: Stage) -> list[str]:
    """A further start, which must change nothing."""
    assert stage.daemon is not None
    stage.daemon.stop()
    before = standing(stage.site.records)
    stage.start("")
    wait(stage, lambda: stage.daemon is not None and stage.daemon.ready, "the further start")
    stage.rest(FURTHER_START_SECONDS)
    return changes(before, standing(stage.site.records))


def evidence_of(stage: Stage, people: People) -> Evidence:
    """What there is to judge."""
    killed_second = any(strike.kind is Kind.SECOND and strike.how == "kill" for strike in stage.schedule.strikes)
    # What a killed daemon held waits for its lease, which is no twentieth of a site's.
    judged = not killed_second and stage.slowest_start < SLOW_START_SECONDS
    course = Course(PROMISE, people.due_from, stage.up, stage.clock.steps) if judged else None
    return Evidence(
        orders=list(people.orders.values()),
        mails=[captured(mail) for mail in stage.mails()],
        texts=stage.site.spool.texts(),
        records=stage.site.records,
        logs=stage.logs(),
        resent=frozenset(people.resent),
        said=people.said,
        changed=list(people.changed.values()),
        course=course,
        secrets=(stage.secret,),
    )
