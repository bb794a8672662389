"""A gammu-smsd FILES spool as a way out of the house."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from datetime import timedelta

from ingestd.channels.spool.folders import Folders, Place
from ingestd.channels.spool.names import file_name, key_of
from ingestd.channels.spool.sender import SpoolSender
from ingestd.config.settings import SmsGateway
from ingestd.domain.clock import Clock
from ingestd.domain.reading import Channel
from ingestd.domain.sending import Claim


class SpoolChannel:
    """Text messages through gammu-smsd's outbox.

    gammu-smsd must keep what it sent (`sentsmspath`, `errorsmspath` as in the settings): a text is known by its name
    in these folders, and one whose name is gone would be sent again.
    """

    def __init__(self, settings: SmsGateway, clock: Clock, report_within: timedelta = timedelta(days=1)) -> None:
        self._settings = settings
        self._clock = clock
        self._folders = Folders(settings)
        self._report_within = report_within
        self._seen: set[str] = set()

    @property
    def name(self) -> Channel:
        """Text messages."""
        return Channel.SMS

    def sender(self) -> SpoolSender:
        """A new sender for one thread."""
        return SpoolSender(self._folders, self._clock)

    def lookup(self, claim: Claim) -> bool | None:
        """Whether gammu-smsd has the text and has not given it up; None where a folder can't be read."""
        try:
            return self._folders.place(file_name(claim.key, claim.recipient, claim.deadline)) in (
                Place.OUTBOX,
                Place.SENT,
            )
        except OSError:
            return None

    @property
    def grace(self) -> timedelta:
        """None: a text lies in the spool from the moment it is sent."""
        return timedelta(0)

    def undelivered(self) -> list[str]:
        """Keys of the texts that gammu-smsd gave up in the last day, each given once.

        After a restart they are given again. An error folder that can't be read gives none; sending says so.
        """
        since = time.time() - self._report_within.total_seconds()
        try:
            with os.scandir(self._settings.error) as entries:
                present = {entry.name: entry for entry in entries}
            new = {key: present[name] for name in present.keys() - self._seen if (key := key_of(name))}
            recent = [key for key, entry in new.items() if entry.stat().st_ctime > since]  # ctime: when it was moved
        except OSError:
            return []
        self._seen = set(present)
        return sorted(recent)

    def oldest_waiting(self) -> timedelta | None:
        """How long the oldest of our texts has been waiting in the outbox; None where none does.

        gammu-smsd tries the first name again and again when its modem fails, and all others wait behind it.
        """
        try:
            oldest = min(self._written(), default=None)
        except OSError:
            return None
        return None if oldest is None else timedelta(seconds=max(0.0, time.time() - oldest))

    def _written(self) -> Iterator[float]:
        with os.scandir(self._settings.outbox) as entries:
            for entry in entries:
                if key_of(entry.name):
                    with contextlib.suppress(FileNotFoundError):  # sent meanwhile
                        yield entry.stat().st_mtime
