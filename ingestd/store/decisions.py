"""Writing decisions: order or revision, events, sendings, follow-ups and reviews in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy import Connection, bindparam, delete, insert, null, select, update

from ingestd.calendar.checking import CheckingClock
from ingestd.domain.decision import Change, Decision, MessageFacts
from ingestd.domain.message import MessageState
from ingestd.domain.order import ENDED
from ingestd.domain.reading import Reading
from ingestd.domain.sending import SendingDraft
from ingestd.store.alarms import open_alarm
from ingestd.store.calls import settle_calls, write_calls
from ingestd.store.follow_ups import FollowUpState, end_follow_ups, retime_follow_ups, write_follow_ups
from ingestd.store.many import Many
from ingestd.store.orders import ids_by_serial, moves, settle_messages, write_change, write_events, write_orders
from ingestd.store.reviews import settle_reviews, supersede_reviews, write_reviews
from ingestd.store.schema import message, reading
from ingestd.store.sendings import bounce, write_sendings
from ingestd.store.superseded import withdraw

READING: TypeAdapter[Reading] = TypeAdapter(Reading)
KEPT = {"envelope": {"attachments"}}  # the bytes of the message are kept; its attachments need not be twice


class AlreadySettledError(Exception):
    """Somebody else has decided on the message meanwhile; nothing is to be done."""

    permanent = True


@dataclass(frozen=True, slots=True)
class Writing:
    """Under which parser definitions, when, in which mode and by which clock decisions are written."""

    parsers_digest: str
    now: datetime
    shadow: bool = False  # follow-ups are recorded and never fall due
    checking: CheckingClock | None = None  # reviews are due by it


@dataclass(frozen=True, slots=True)
class Settled:
    """A message with its reading, the decision on it, and what goes out for it: (serial or None, draft)."""

    facts: MessageFacts
    reading: Reading
    decision: Decision
    drafts: tuple[tuple[str | None, SendingDraft], ...]


def write_decisions(connection: Connection, settled: Sequence[Settled], writing: Writing) -> None:
    """Write all of them, or nothing: raises AlreadySettledError or OrderMovedOnError where one no longer fits."""
    now = writing.now
    if not settled:
        return
    if not settle_messages(connection, [(s.facts.message_id, s.decision, s.reading) for s in settled]):
        raise AlreadySettledError(f"one of messages {[s.facts.message_id for s in settled]}")
    for item in settled:
        withdraw(connection, item.decision.withdrawn, now)
        for change in item.decision.changes:
            write_change(connection, item.facts.message_id, change)
    renewed = [c.order.order_id for s in settled for c in s.decision.changes if c.content is not None or is_over(c)]
    supersede_reviews(connection, renewed, now)
    write_readings(connection, settled, writing.parsers_digest)
    new = write_orders(connection, [(s.facts.message_id, o) for s in settled for o in s.decision.new_orders])
    ids = new | known_ids(connection, settled, set(new))
    said = [
        (ids.get(e.serial or ""), s.facts.message_id, s.facts.channel, e) for s in settled for e in s.decision.events
    ]
    said += [
        (i, s.facts.message_id, s.facts.channel, line)
        for s in settled
        for i, line in moves(s.decision.changes, s.decision.events)
    ]
    write_events(connection, said, now)
    write_sendings(
        connection, [(ids.get(serial or ""), s.facts.message_id, d) for s in settled for serial, d in s.drafts], now
    )
    write_follow_ups(
        connection,
        [(ids[f.serial], f.kind, f.occurrence, f.due_at) for s in settled for f in s.decision.follow_ups],
        FollowUpState.SHADOW if writing.shadow else FollowUpState.DUE,
    )
    end_follow_ups(connection, [(ids[serial], kind) for s in settled for serial, kind in s.decision.ends], now)
    matters = [(ids[serial], reason) for s in settled for serial, reason in s.decision.settles]
    settle_reviews(connection, matters, now)
    settle_calls(connection, matters, now)
    retimed = [(ids[f.serial], f.kind, f.due_at) for s in settled for f in s.decision.retimed]
    retime_follow_ups(connection, retimed, now, FollowUpState.SHADOW if writing.shadow else FollowUpState.DUE)
    for item in settled:
        about = [(item.facts.message_id, ids.get(serial or ""), why) for serial, why in item.decision.reviews]
        calls = [(ids[call.serial], call) for call in item.decision.calls]
        if not about and not calls:
            continue
        due_at = writing.checking.due_of(item.facts.arrived_at, now) if writing.checking else None
        write_reviews(connection, about, now, due_at)
        write_calls(connection, calls, "ingestd", (now, due_at or now))
    for alarm in (a for s in settled for a in s.decision.alarms):
        open_alarm(connection, alarm.part, alarm.kind, alarm.detail, now)
    if keys := [s.decision.bounced_key for s in settled if s.decision.bounced_key]:
        bounce(connection, keys, "returned by the network", now)


DELETE_READINGS = delete(reading).where(reading.c.message_id.in_(bindparam("ids", expanding=True)))
INSERT_READINGS = Many(insert(reading))


def write_readings(connection: Connection, settled: Sequence[Settled], digest: str) -> None:
    """Keep what each message was read as, in place of an earlier reading."""
    ids = [s.facts.message_id for s in settled]
    connection.execute(DELETE_READINGS, {"ids": ids})
    rows = [
        {
            "message_id": s.facts.message_id,
            "parsers_digest": digest,
            "json": READING.dump_json(s.reading, exclude=KEPT).decode(),
        }
        for s in settled
    ]
    INSERT_READINGS.run(connection, rows)


def known_ids(connection: Connection, settled: Sequence[Settled], new: set[str]) -> dict[str, int]:
    """Ids of the orders that were there before, by serial."""
    serials = {e.serial for s in settled for e in s.decision.events if e.serial} | {
        c.order.serial for s in settled for c in s.decision.changes
    }
    serials |= {serial for s in settled for serial, _ in (*s.drafts, *s.decision.reviews) if serial}
    serials |= {call.serial for s in settled for call in s.decision.calls}
    serials |= {serial for s in settled for serial, _ in s.decision.ends} | {
        f.serial for s in settled for f in (*s.decision.follow_ups, *s.decision.retimed)
    }
    wanted = serials - new
    return ids_by_serial(connection, wanted) if wanted else {}


def is_over(change: Change) -> bool:
    """Whether nothing more is to be decided on an order."""
    return change.state in ENDED


def try_again_later(connection: Connection, message_id: int, at: datetime) -> None:
    """Nobody reads a message before that moment."""
    waiting = update(message).where(message.c.id == message_id, message.c.state == MessageState.STORED)
    connection.execute(waiting.values(owner=null(), lease_until=at))


def wait_for_another(connection: Connection, message_id: int, at: datetime) -> None:
    """A message that another one must come before is read again at that moment, and has no strike by it."""
    waiting = update(message).where(message.c.id == message_id, message.c.state == MessageState.STORED)
    connection.execute(waiting.values(owner=null(), lease_until=at, strikes=0))


def reading_of(connection: Connection, message_id: int) -> Reading | None:
    """What a message was read as."""
    row = connection.execute(select(reading.c.json).where(reading.c.message_id == message_id)).scalar_one_or_none()
    return READING.validate_json(row) if row is not None else None
