"""A gammu-smsd FILES spool: its inbox is looked through, and each text message moved away once it is stored."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from hashlib import sha256
from itertools import groupby
from pathlib import Path

from ingestd.config.settings import SmsGateway
from ingestd.domain.clock import Clock
from ingestd.domain.event import log
from ingestd.domain.message import Arrival, Health, Inbox
from ingestd.domain.reading import Channel
from ingestd.sources.spool.text import SpoolFile, joined_text, missing_parts, sent_at, sms_form, spool_file
from ingestd.sources.trouble import store_trouble

TAKEN = "taken"  # the folder beside the inbox
FAREWELL_S = 3.0
FAILED_WAIT_S = 5.0  # before the next try after a failure
LARGEST_BYTES = 100_000  # a part is 140 bytes on the air


@dataclass(frozen=True, slots=True)
class Seen:
    """A file as it stood at a look: it is complete when the next look sees the same."""

    file: SpoolFile
    size: int
    changed_ns: int  # since the epoch

    @property
    def changed_at(self) -> datetime:
        return datetime.fromtimestamp(self.changed_ns / 1e9, UTC)

    @property
    def unique_name(self) -> str:
        """The name with the time it was written: smsd gives a name again once its first bearer is moved away."""
        return f"{self.file.name}@{self.changed_ns}"


class SpoolSource:
    """Takes in the text messages of one gateway; `zone` is that of the times in smsd's file names."""

    def __init__(self, gateway: SmsGateway, inbox: Inbox, health: Health, clock: Clock, zone: tzinfo) -> None:
        self._gateway = gateway
        self._inbox = inbox
        self._health = health
        self._clock = clock
        self._zone = zone
        self._last: dict[str, tuple[list[Seen], float]] = {}  # per group: as seen last, and since when (monotonic)
        self._strange: set[str] = set()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=self.part, daemon=True)

    @property
    def part(self) -> str:
        return f"sms/{self._gateway.name}"

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """Take nothing more in."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(FAREWELL_S)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._health.alive(self.part, within=60)
            try:
                self._look()
                self._health.well(self.part)
                pause = self._gateway.poll.total_seconds()
            except Exception as error:  # noqa: BLE001 - the outermost loop: whatever it is, the spool is looked at again
                self._failed(error)
                pause = FAILED_WAIT_S
            self._stopping.wait(pause)

    def _failed(self, error: Exception) -> None:
        kind, detail = store_trouble(error)
        if isinstance(error, OSError) and error.filename is not None:
            place = Path(error.filename)
            kind, detail = "folder", f"{error.strerror}: {place.parent if spool_file(place.name) else place}"
        self._health.trouble(self.part, kind, detail)
        log("sms.failed", level=logging.WARNING, account=self._gateway.name, kind=kind, detail=detail)

    def _look(self) -> None:
        """Take in every text message that is complete."""
        before, self._last = self._last, {}
        for group, found in groupby(self._listing(), key=lambda seen: seen.file.group):
            parts = list(found)
            seen_before, since = before.get(group, ([], 0.0))
            if parts != seen_before:
                since = time.monotonic()
            self._last[group] = parts, since
            if parts == seen_before and self._is_due(parts, since):
                self._take(parts)

    def _listing(self) -> list[Seen]:
        """The inbox's files, those of one text message together and in order."""
        found: list[Seen] = []
        with os.scandir(self._gateway.inbox) as entries:
            for entry in entries:
                file = spool_file(entry.name)
                if file is not None and entry.is_file(follow_symlinks=False):
                    state = entry.stat(follow_symlinks=False)
                    found.append(Seen(file, state.st_size, state.st_mtime_ns))
                elif file is None:
                    self._tell_once(entry.name)
        return sorted(found, key=lambda seen: (seen.file.group, seen.file.part))

    def _tell_once(self, name: str) -> None:
        if name not in self._strange:
            self._strange.add(name)
            log("sms.not_a_message", level=logging.WARNING, account=self._gateway.name)

    def _is_due(self, parts: Sequence[Seen], since: float) -> bool:
        """Whether nothing is missing that might still come; smsd leaves a file empty until it closes it."""
        waits = missing_parts(seen.file for seen in parts) or any(seen.size == 0 for seen in parts)
        return not waits or time.monotonic() - since >= self._gateway.join.total_seconds()

    def _take(self, parts: Sequence[Seen]) -> None:
        key = source_key(self._gateway.name, parts[0])
        if self._inbox.unknown([key]):
            arrival = self._arrival(key, parts)
            self._inbox.store([arrival])
            log("sms.stored", account=self._gateway.name, parts=len(parts), trouble=arrival.trouble)
        self._put_away(parts)
        self._last.pop(parts[0].file.group, None)

    def _arrival(self, key: str, parts: Sequence[Seen]) -> Arrival:
        first = parts[0].file
        arrived_at = min(max(seen.changed_at for seen in parts), self._clock.now())
        text = joined_text([self._bytes(seen) for seen in parts])
        return Arrival(
            account=self._gateway.name,
            source_key=key,
            channel=Channel.SMS,
            raw=sms_form(first.sender, sent_at(first.sent_at, self._zone) or arrived_at, self._gateway.number, text),
            arrived_at=arrived_at,
            trouble=trouble([seen.file for seen in parts]),
        )

    def _bytes(self, seen: Seen) -> bytes:
        with self._path(seen).open("rb") as file:
            return file.read(LARGEST_BYTES)

    def _path(self, seen: Seen) -> Path:
        return self._gateway.inbox / seen.file.name

    def _put_away(self, parts: Sequence[Seen]) -> None:
        """Move the files; the first one last, so that what a crash leaves behind is still known by its key."""
        folder = self._gateway.inbox.parent / TAKEN
        folder.mkdir(exist_ok=True)
        for seen in reversed(parts):
            self._path(seen).replace(folder / seen.unique_name)


def source_key(account: str, first: Seen) -> str:
    """The delivery's name for ever; without the sender's number, since keys are logged."""
    return f"sms/{account}/{first.file.sent_at}/{sha256(first.unique_name.encode()).hexdigest()[:20]}"


def trouble(parts: Sequence[SpoolFile]) -> str | None:
    """Why a person must look at a text message, None where it is whole."""
    if not all(part.is_text for part in parts):
        return "not a text"
    missing = missing_parts(parts)
    return (
        f"missing parts of a long text message: {', '.join(str(number + 1) for number in missing)}" if missing else None
    )
