"""A message on its way in: what a source hands over, and the states a stored message goes through."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from ingestd.domain.reading import Channel

# The authserv-id under which our inlet says `none` of a client that is no mail server of ours (RFC 8601 §2.2): it heads
# the mail, and so counts before whatever the client wrote.
UNVOUCHED = "inlet.ingestd.invalid"


class MessageState(StrEnum):
    """Where a message is on its way; every message ends in one of the last six."""

    STORED = "stored"  # kept, not yet decided on
    APPLIED = "applied"  # made, changed or reported on an order
    REVIEW = "review"  # a person decides
    DUPLICATE = "duplicate"  # the same as one that came before
    IGNORED = "ignored"  # a named rule says that nothing is to be done
    BASELINE = "baseline"  # was there before ingestd; recorded, never acted on
    QUARANTINED = "quarantined"  # could not be read; kept, and a person told


MESSAGE_MOVES: dict[MessageState, frozenset[MessageState]] = {
    MessageState.STORED: frozenset(MessageState) - {MessageState.STORED, MessageState.BASELINE},
    MessageState.QUARANTINED: frozenset({MessageState.STORED, MessageState.IGNORED}),  # replayed, closed by a person
    MessageState.REVIEW: frozenset({MessageState.STORED, MessageState.APPLIED, MessageState.IGNORED}),
}


@dataclass(frozen=True, slots=True)
class Arrival:
    """One message as its source received it, before anything is understood.

    `source_key` names the delivery for ever: `imap/ACCOUNT/FOLDER/UIDVALIDITY/UID`, `smtp/ACCOUNT/SESSION/N`,
    `sms/ACCOUNT/STAMP/DIGEST` (gammu-smsd reuses file names); a second arrival under the same key is the same
    delivery and changes nothing.
    """

    account: str  # the source's name in the configuration
    source_key: str
    channel: Channel
    raw: bytes  # an RFC 5322 message as received, or the .sms form of the reading contract
    arrived_at: datetime  # the server's time: INTERNALDATE, our 250, the gateway's receipt
    position: int = 0  # the server's order among equal times: the UID
    baseline: bool = False
    trouble: str | None = None  # why the bytes could not be had; the message is quarantined with this reason


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of an arrival: its id, and whether this call stored it."""

    message_id: int
    source_key: str
    new: bool


@dataclass(frozen=True, slots=True)
class FolderState:
    """How far a mailbox folder has been taken in, under one UIDVALIDITY."""

    account: str
    folder: str
    uidvalidity: int
    watermark: int  # every UID up to here is stored, baseline or gone
    baseline_uid: int  # every UID up to here was there at first sight
    first_seen_at: datetime  # mail that arrived before is baseline under any later UIDVALIDITY


class Inbox(Protocol):
    """Where sources put what arrived; each call returns after its commit and may be called from any thread."""

    def store(self, arrivals: Sequence[Arrival], folder: FolderState | None = None) -> list[Stored]:
        """Keep the bytes of all of them, and how far the folder is taken in, in one transaction."""
        ...

    def folder(self, account: str, folder: str) -> FolderState | None:
        """The state of a folder under its newest UIDVALIDITY, None at first sight."""
        ...

    def unknown(self, source_keys: Iterable[str]) -> set[str]:
        """Those keys under which nothing is stored."""
        ...


class Health(Protocol):
    """Where a loop tells that it is alive, in trouble, or well again; any thread may call."""

    def alive(self, part: str, within: float) -> None:
        """`part` promises to call again within so many seconds."""
        ...

    def trouble(self, part: str, kind: str, detail: str) -> None:
        """Something a person must know if it lasts; `detail` holds no body, phone or secret."""
        ...

    def well(self, part: str) -> None:
        """The trouble of `part`, if any, is over."""
        ...


def came_before(one: tuple[datetime, int], other: tuple[datetime, int]) -> bool:
    """Whether a message surely came before another, each by its arrival and position.

    A mailbox and a gateway tell whole seconds. Of what came by different ways within one, nothing tells the order.
    """
    (at, position), (other_at, other_position) = one, other
    if not at.microsecond or not other_at.microsecond:
        at, other_at = at.replace(microsecond=0), other_at.replace(microsecond=0)
    return at < other_at or (at == other_at and 0 < position < other_position)
