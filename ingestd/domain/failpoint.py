"""Named points of the way where a test may kill, stall or break the daemon; without the test flag they cost nothing."""

from __future__ import annotations

import errno
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping

ACTIONS = ("kill9", "raise", "enospc", "sleep:SECONDS")
TEST_FLAG = "INGESTD_TEST"
# NAME:ACTION, NAME@N:ACTION (from the N-th passing on) or NAME@N-M:ACTION (to the M-th), several separated by commas
VARIABLE = "INGESTD_FAILPOINT"
EVER = sys.maxsize  # passings


class FailpointError(RuntimeError):
    """A failpoint was told to raise."""


def nothing(name: str) -> None:
    """Pass a point that no test has armed."""


def armed(environment: Mapping[str, str]) -> Callable[[str], None]:
    """The function that each point calls with its name, by what the environment asks for.

    Raises ValueError where failpoints are asked for without the test flag, or wrongly written.
    """
    wanted = environment.get(VARIABLE, "")
    if not wanted:
        return nothing
    if environment.get(TEST_FLAG) != "1":
        raise ValueError(f"{VARIABLE} is set, but failpoints are for tests only: set {TEST_FLAG}=1 or unset it")
    actions = dict(parsed(item) for item in wanted.split(","))
    passed: dict[str, int] = {}

    def point(name: str) -> None:
        if name in actions:
            first, last, action = actions[name]
            passed[name] = passed.get(name, 0) + 1
            if first <= passed[name] <= last:
                act(name, action)

    return point


def parsed(item: str) -> tuple[str, tuple[int, int, str]]:
    """`NAME@N-M:ACTION` as (name, (n, m, action))."""
    name, separator, action = item.partition(":")
    name, _, nth = name.partition("@")
    if not separator or action.partition(":")[0] not in {a.partition(":")[0] for a in ACTIONS}:
        raise ValueError(f"{VARIABLE}: {item!r} should be NAME:ACTION with ACTION one of {', '.join(ACTIONS)}")
    first, _, last = nth.partition("-")
    return name, (int(first or 1), int(last or EVER), action)


def act(name: str, action: str) -> None:
    """Do to this process what the test wants."""
    verb, _, argument = action.partition(":")
    if verb == "kill9":
        os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(60)  # the signal is on its way
    elif verb == "sleep":
        time.sleep(float(argument))
    elif verb == "enospc":
        raise OSError(errno.ENOSPC, f"failpoint {name}")
    else:
        raise FailpointError(f"failpoint {name}")


failpoint = armed(os.environ)
