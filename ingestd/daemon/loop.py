"""A thread that repeats one step until it is told to stop, and says that it is alive."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from ingestd.domain.event import log, place_of
from ingestd.domain.message import Health

STEP_WITHIN = 60.0  # seconds a step may take, where it does not say otherwise
PAUSE = 1.0  # seconds between two looks where there is nothing to do and nobody wakes the loop
BACK_OFF = (0.5, 1.0, 2.0, 5.0, 10.0)


class Wake:
    """Tells sleeping loops that there is something to do."""

    def __init__(self) -> None:
        self.event = threading.Event()

    def __call__(self) -> None:
        self.event.set()

    def wait(self, seconds: float) -> None:
        """Sleep until woken or until the time is over."""
        self.event.wait(seconds)
        self.event.clear()


class Loop:
    """Runs `step` again and again; where it says False there was nothing to do, and the loop sleeps until woken."""

    def __init__(self, name: str, step: Callable[[], bool], health: Health, wake: Wake) -> None:
        self.name, self.step, self.health, self.wake = name, step, health, wake
        self.pause = PAUSE
        self.step_within = STEP_WITHIN
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.run, name=name, daemon=True)

    def start(self) -> None:
        self.thread.start()

    def stop(self) -> None:
        """Ask for the end after the step at hand."""
        self.stopping.set()
        self.wake()

    def join(self, seconds: float) -> bool:
        """Wait for the end; False where it did not come in time."""
        self.thread.join(seconds)
        return not self.thread.is_alive()

    def run(self) -> None:
        """Until stopped; an error is told, waited out and never the end of the loop."""
        failures, well = 0, False
        while not self.stopping.is_set():
            self.health.alive(self.name, self.step_within)
            try:
                busy = self.step()
            except Exception as error:  # noqa: BLE001  the outermost loop: unknown trouble is temporary and loud
                log("loop.failed", logging.ERROR, loop=self.name, error=place_of(error))
                self.health.trouble(self.name, "loop", place_of(error))
                self.stopping.wait(BACK_OFF[min(failures, len(BACK_OFF) - 1)])
                failures, well = failures + 1, False
                continue
            if not well:
                failures, well = 0, True
                self.health.well(self.name)
            if not busy:
                self.wake.wait(self.pause)
