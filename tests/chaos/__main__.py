"""`python -m tests.chaos [RUNS]`: random runs against the daemon; each is drawn from a seed and replayed by it."""

from __future__ import annotations

import argparse
import random
import signal
import subprocess
import sys
import time
from collections.abc import Sequence

from tests.chaos.peers import OwnPeers
from tests.chaos.play import Verdict, play
from tests.chaos.schedule import Schedule, draw
from tests.daemon.broken import BUILDS

SEEDS = 1_000_000


def main(arguments: Sequence[str] | None = None) -> int:
    """Play runs; the exit code is 1 where one of them gave cause for complaint."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ended)
    wanted = parsed(arguments)
    first = wanted.seed if wanted.seed is not None else random.randrange(SEEDS)
    seeds = range(first, first + wanted.runs)
    schedules = [chosen(draw(seed), wanted) for seed in seeds]
    if wanted.show:
        print("\n".join(line for schedule in schedules for line in schedule.lines()))
        return 0
    print(f"seeds {seeds.start} to {seeds.stop - 1}; `make chaos N=1 SEED=...` replays one", flush=True)
    if wanted.jobs > 1:
        return shared_out(wanted, seeds)
    failed = played(schedules, wanted.broken)
    print(f"{len(schedules)} runs, {failed} with complaints", flush=True)
    return 1 if failed else 0


def ended(number: int, _: object) -> None:
    """End in good order, so that neither daemon nor server nor small disk is left behind."""
    raise SystemExit(128 + number)


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="chaos", description=__doc__)
    parser.add_argument("runs", nargs="?", type=int, default=10, help="how many runs")
    parser.add_argument("--seed", type=int, help="of the first run; the following runs take the following seeds")
    parser.add_argument("-j", "--jobs", type=int, default=1, help="runs at the same time")
    parser.add_argument("--show", action="store_true", help="print the schedules and play nothing")
    parser.add_argument("--faults", default="", help="only these of a run's faults, by their numbers, such as 1,3")
    parser.add_argument("--broken", default="", choices=["", *BUILDS], help="a build that is broken on purpose")
    return parser.parse_args(arguments)


def chosen(schedule: Schedule, wanted: argparse.Namespace) -> Schedule:
    """The run with those of its faults that are wanted."""
    return schedule.only(int(n) for n in wanted.faults.split(",")) if wanted.faults else schedule


def played(schedules: Sequence[Schedule], broken: str) -> int:
    """Play one after the other; how many gave cause for complaint."""
    failed = 0
    with OwnPeers() as peers:
        for schedule in schedules:
            verdict = play(schedule, peers, broken)
            failed += bool(verdict.complaints)
            tell(verdict)
    return failed


def tell(verdict: Verdict) -> None:
    """A line for a run that was clean, all there is to know of one that was not."""
    schedule = verdict.schedule
    if not verdict.complaints:
        beside = "" if verdict.promise_judged else ", promise not judged"
        print(f"seed {schedule.seed}: clean, {schedule.database}, {verdict.seconds:.1f} s{beside}", flush=True)
        return
    print("\n".join(schedule.lines()))
    for sentence in verdict.complaints:
        print(f"  COMPLAINT {sentence}")
    print(f"  history: {verdict.folder / 'history.jsonl'}")
    print(f"  replay: python -m tests.chaos 1 --seed {schedule.seed} [--faults 1,2]", flush=True)


def shared_out(wanted: argparse.Namespace, seeds: range) -> int:
    """The runs in several processes, each with servers of its own."""
    share = -(-len(seeds) // wanted.jobs)
    began = time.monotonic()
    workers = []
    for start in range(seeds.start, seeds.stop, share):
        count = min(share, seeds.stop - start)
        command = [sys.executable, "-m", "tests.chaos", str(count), "--seed", str(start), "--faults", wanted.faults]
        workers.append(subprocess.Popen([*command, "--broken", wanted.broken]))
    try:
        failed = sum(worker.wait() != 0 for worker in workers)
    except SystemExit:
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.wait()
        raise
    print(f"{len(seeds)} runs in {time.monotonic() - began:.0f} s; {failed or 'no'} share with complaints", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
