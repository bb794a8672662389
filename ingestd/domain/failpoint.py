"""Named points of the way where a test may kill, stall or break the daemon; without the test flag they cost nothing."""

from __future__ import annotations

import errno
import os
import signal
import time
from collections.abc import Callable, Mapping

ACTIONS = ("kill9", "raise", "enospc", "sleep:SECONDS")
TEST_FLAG = "INGESTD_TEST"
VARIABLE = "INGESTD_FAILPOINT"  # NAME:ACTION or NAME@N:ACTION (the N-th passing), several separated by commas


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
            nth, action = actions[name]
            passed[name] = passed.get(name, 0) + 1
            if passed[name] >= nth:
                act(name, action)

    return point


def parsed(item: str) -> tuple[str, tuple[int, str]]:
    """`NAME@N:ACTION` as (name, (n, action))."""
    name, separator, action = item.partition(":")
    name, _, nth = name.partition("@")
    if not separator or action.partition(":")[0] not in {a.partition(":")[0] for a in ACTIONS}:
        raise ValueError(f"{VARIABLE}: {item!r} should be NAME:ACTION with ACTION one of {', '.join(ACTIONS)}")
    return name, (int(nth or 1), action)


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
