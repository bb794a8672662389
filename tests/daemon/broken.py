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
            others = self.owed
            self.owed = [(claim, Result(claim.sending_id, claim.token, Outcome.ACCEPTED, "sent in a moment", now))]
            self.record()
            self.owed = others
            return send(claim, phase)

        if self.driver.name is Channel.EMAIL:
            self.sender.send = marked  # type: ignore[method-assign]

    SendStep.__init__ = init  # type: ignore[method-assign,assignment]


def advances_past_a_failure() -> None:
    """Mail that could not be stored counts as taken in, and nobody looks back."""
    from contextlib import suppress

    from sqlalchemy.exc import SQLAlchemyError

    from ingestd.domain.message import Arrival, FolderState
    from ingestd.sources.imap.folder import Folder

    honest = Folder._keep

    def keep(self: Folder, arrivals: list[Arrival], state: FolderState) -> None:
        try:
            honest(self, arrivals, state)
        except (SQLAlchemyError, OSError):
            while self._state != state:  # how far it got is written down all the same
                with suppress(SQLAlchemyError, OSError):
                    honest(self, [], state)

    Folder._keep = keep  # type: ignore[method-assign]
    Folder.catch_up = Folder.look  # type: ignore[method-assign]


def knows_mails_by_their_id() -> None:
    """A mail whose Message-ID is known already is taken for the same delivery, whatever stands in it."""
    import email
    from dataclasses import replace

    from ingestd.domain.message import Arrival, FolderState, Stored
    from ingestd.domain.reading import Channel
    from ingestd.pipeline.receiving import Receiving

    honest = Receiving.store

    def keyed(arrival: Arrival) -> Arrival:
        if arrival.channel is not Channel.EMAIL:
            return arrival
        return replace(arrival, source_key=f"id/{email.message_from_bytes(arrival.raw)['Message-ID']}")

    def store(self: Receiving, arrivals: Sequence[Arrival], folder: FolderState | None = None) -> list[Stored]:
        return honest(self, [keyed(arrival) for arrival in arrivals], folder)

    Receiving.store = store  # type: ignore[method-assign]


def trusts_seen() -> None:
    """What somebody has read in the mailbox is taken for done with."""
    from ingestd.sources.imap.folder import Folder
    from ingestd.sources.imap.session import Facts, Session

    honest = Folder._wanted

    def wanted(self: Folder, session: Session, uids: list[int]) -> list[Facts]:
        unseen = set(session._connection.search("UNSEEN"))
        return honest(self, session, [uid for uid in uids if uid in unseen])

    Folder._wanted = wanted  # type: ignore[method-assign]


def repeats_blindly() -> None:
    """A mail without an answer to its dot is simply tried again, and nobody notes a doubt."""
    from datetime import datetime

    from ingestd.domain.retry import RetryPolicy
    from ingestd.domain.sending import Outcome, SendingState

    honest = RetryPolicy.after

    def after(
        self: RetryPolicy, outcome: Outcome, attempts: int, created_at: datetime, now: datetime
    ) -> tuple[SendingState, datetime]:
        tried_again = Outcome.RETRY if outcome is Outcome.UNCERTAIN else outcome
        return honest(self, tried_again, attempts, created_at, now)

    RetryPolicy.after = after  # type: ignore[method-assign]


BUILDS = {
    build.__name__: build
    for build in (
        moves_before_commit,
        answers_before_commit,
        marks_before_sending,
        advances_past_a_failure,
        knows_mails_by_their_id,
        trusts_seen,
        repeats_blindly,
    )
}


def impatient() -> None:
    """Not broken: a loop must be back after two seconds, where a site gives it a minute."""
    from ingestd.daemon import loop

    loop.STEP_WITHIN = 2.0


VARIANTS = {**BUILDS, "impatient": impatient}


def main(build: str, configuration: str) -> None:
    """Run until a signal."""
    from ingestd.config.load import load
    from ingestd.daemon.journal import set_up_log
    from ingestd.daemon.service import Daemon

    VARIANTS[build]()
    loaded = load(Path(configuration))
    set_up_log(loaded.settings.logging)
    Daemon(loaded).run()


if __name__ == "__main__":
    main(*sys.argv[1:])
