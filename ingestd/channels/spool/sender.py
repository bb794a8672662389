"""One worker's hold on the spool: a text written aside, then let into the outbox under a name that never repeats."""

from __future__ import annotations

import errno
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from ingestd.channels.spool.folders import Folders, Place, write
from ingestd.channels.spool.names import file_name
from ingestd.domain.clock import Clock
from ingestd.domain.failpoint import failpoint
from ingestd.domain.sending import Claim, Outcome, Phase, Result

BYTE_ORDER_MARK = b"\xfe\xff"  # without it gammu-smsd takes the file for bytes of its own locale

Attempt = tuple[Outcome, str]


class SpoolSender:
    """Puts texts into the outbox of gammu-smsd; used by one thread."""

    def __init__(self, folders: Folders, clock: Clock) -> None:
        self._folders = folders
        self._clock = clock

    @property
    def worst_case(self) -> timedelta:
        """A busy disk's worst."""
        return timedelta(seconds=20)

    def send(self, claim: Claim, phase: Callable[[Phase], None]) -> Result:
        """Try once; a text that lies in the spool already is not written again."""
        trouble = False
        try:
            outcome, detail = self._attempt(claim, phase)
        except OSError as error:
            outcome, detail, trouble = Outcome.RETRY, described(error), True
        return Result(claim.sending_id, claim.token, outcome, detail, self._clock.now(), trouble)

    def settle(self, results: Sequence[Result]) -> Sequence[Result]:
        """Put the outbox's names onto the disk, once for all of them."""
        try:
            self._folders.settle()
        except OSError as error:
            return [in_doubt(r, error) if r.outcome is Outcome.ACCEPTED else r for r in results]
        return results

    def idle(self) -> None:
        """Nothing is kept between texts."""

    def close(self) -> None:
        """Nothing is kept between texts."""

    def _attempt(self, claim: Claim, phase: Callable[[Phase], None]) -> Attempt:
        try:
            name = file_name(claim.key, claim.recipient, claim.deadline)
            content = encoded(claim.body)
        except ValueError as error:
            return Outcome.REFUSED, str(error)
        with self._folders.reserved(name) as descriptor:
            if descriptor is None:
                return Outcome.RETRY, "another worker has this text in hand"
            if place := self._folders.place(name):
                self._folders.discard(name)
                return at(place)
            phase(Phase.BEGUN)
            self._write(name, descriptor, content)
            phase(Phase.WHOLE)
            self._folders.publish(name)
        failpoint("sms.after_reply")
        return Outcome.ACCEPTED, "in the outbox"

    def _write(self, name: str, descriptor: int, content: bytes) -> None:
        try:
            write(descriptor, content)
            failpoint("sms.after_write")
        except OSError:
            self._folders.discard(name)  # a full disk needs the room
            raise


def in_doubt(result: Result, error: OSError) -> Result:
    """A text that was published and may be gone after a power cut: the next attempt finds it, or writes it again."""
    return replace(result, outcome=Outcome.RETRY, detail=described(error), channel_trouble=True)


def described(error: OSError) -> str:
    """What is wrong with the spool."""
    return f"spool {errno.errorcode.get(error.errno or 0, 'error')}: {error.strerror}"


def encoded(body: bytes) -> bytes:
    """A text as gammu-smsd reads it: UTF-16, the byte order marked.

    Raises ValueError where the body is empty, is not UTF-8, or holds a NUL, at which gammu-smsd would cut it.
    """
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise ValueError("the text is not UTF-8") from None
    if not text or "\0" in text:
        raise ValueError("the text is empty or holds a NUL")
    return BYTE_ORDER_MARK + text.encode("utf-16-be")


def at(place: Place) -> Attempt:
    """What a text found in the spool comes to."""
    if place is Place.ERROR:
        return Outcome.REFUSED, "gammu-smsd gave it up; it lies in the error folder"
    return Outcome.ACCEPTED, f"in {place.value} already"
