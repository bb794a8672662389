"""Builds of the daemon that are broken on purpose, so that the judge of the kill tests can be seen to judge.

`python -m tests.daemon.broken BUILD INGESTD.TOML` runs the real daemon with one of its promises taken out.
"""

# ruff: noqa: PLC0415 - worker processes import this module again: what is heavy is imported where it is used

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

ANSWERED_AHEAD_SECONDS = 0.5


def moves_before_commit() -> None:
    """The IMAP source moves mail to the processed folder before it is stored."""
    from ingestd.domain.message import Arrival
    from ingestd.sources.imap.folder import Folder

    honest = Folder._arrivals

    def arrivals(self: Folder, session: Any, batch: Any) -> Iterator[Arrival]:
        found = list(honest(self, session, batch))
        self._put_away(session, found)
        return iter(found)

    Folder._arrivals = arrivals  # type: ignore[method-assign]


def answers_before_commit() -> None:
    """The inlet's 250 goes out while the mail still waits to be stored."""
    from ingestd.domain.message import Arrival, FolderState, Stored
    from ingestd.pipeline.receiving import Receiving

    honest = Receiving.store
    one_after_the_other = ThreadPoolExecutor(1)

    def later(self: Receiving, arrivals: Sequence[Arrival], folder: FolderState | None) -> None:
        time.sleep(ANSWERED_AHEAD_SECONDS)
        honest(self, arrivals, folder)

    def store(self: Receiving, arrivals: Sequence[Arrival], folder: FolderState | None = None) -> list[Stored]:
        one_after_the_other.submit(later, self, arrivals, folder)
        return [Stored(0, arrival.source_key, True) for arrival in arrivals]

    Receiving.store = store  # type: ignore[method-assign]


def marks_before_sending() -> None:
    """A mail is recorded as accepted, and only then sent."""
    from ingestd.domain.reading import Channel
    from ingestd.domain.sending import Claim, Outcome, Phase, Result
    from ingestd.pipeline.sending import SendStep

    honest = SendStep.__init__

    def init(self: SendStep, *given: Any) -> None:
        honest(self, *given)
        send = self.sender.send

        def marked(claim: Claim, phase: Callable[[Phase], None]) -> Result:
            now = self.shop.clock.now()
            self.record([(claim, Result(claim.sending_id, claim.token, Outcome.ACCEPTED, "sent in a moment", now))])
            return send(claim, phase)

        if self.driver.name is Channel.EMAIL:
            self.sender.send = marked  # type: ignore[method-assign]

    SendStep.__init__ = init  # type: ignore[method-assign,assignment]


BUILDS = {build.__name__: build for build in (moves_before_commit, answers_before_commit, marks_before_sending)}


def main(build: str, configuration: str) -> None:
    """Run until a signal."""
    from ingestd.config.load import load
    from ingestd.daemon.journal import set_up_log
    from ingestd.daemon.service import Daemon

    BUILDS[build]()
    loaded = load(Path(configuration))
    set_up_log(loaded.settings.logging)
    Daemon(loaded).run()


if __name__ == "__main__":
    main(*sys.argv[1:])
