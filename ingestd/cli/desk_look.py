"""What an agent looks at: the list of what waits, and one matter with message, reading, findings and sendings."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ingestd.cli.content import field_lines
from ingestd.cli.counter import Target
from ingestd.cli.output import Column, heading, json_line, line, moment, pairs, paragraph, plain, table, visible
from ingestd.cli.parse import because
from ingestd.cli.reasons import told, told_event
from ingestd.cli.session import Session
from ingestd.cli.story import MONTH, Story, order_lines, picked, story_object, story_of
from ingestd.cli.trouble import Trouble
from ingestd.cli.words import span, term, word

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from sqlalchemy import Connection, RowMapping

    from ingestd.config.settings import Settings
    from ingestd.domain.assessment import Assessment, Hit
    from ingestd.domain.reading import OrderReading, Reading
    from ingestd.store.database import Database
    from ingestd.store.desk import Waiting

MOST_ACTS = 12  # of the record; `ingestd orders show` has all
MOST_LINES = 40  # of a message; `ingestd explain` shows all
CALL_KEYS = ("id", "name", "phone", "reason", "due_at", "assigned_to", "done_at", "done_by", "outcome")


@dataclass(frozen=True)
class Look:
    """One matter as an agent looks at it."""

    target: Target
    waiting: Waiting | None
    story: Story | None = None
    assessment: Assessment | None = None
    reading: Reading | None = None  # of the newest message, with its evidence
    calls: Sequence[RowMapping] = ()


# --- the list ---------------------------------------------------------------------------------------------------------


def waiting_now(database: Database, settings: Settings, now: datetime) -> list[Waiting]:
    """What needs a person, most urgent first."""
    from ingestd.calendar.checking import checking_clock, review_due
    from ingestd.store.desk import waiting

    clock = checking_clock(settings)

    def answerable(asked_at: datetime) -> datetime:
        return review_due(asked_at, clock.hours, clock.closed, settings.desk.answer_within)

    with database.read() as connection:
        return waiting(connection, answerable, now)


def print_waiting(rows: Sequence[Waiting], now: datetime, numbered: bool) -> None:
    """The list, with the clock running."""
    if not rows:
        line(word("desk.none"))
        return
    columns = [Column(word("desk.column.left")), Column(word("desk.column.handle")), Column(word("desk.column.kind"))]
    columns += [Column(word("desk.column.whose"), wraps=True), Column(word("column.reason"), wraps=True)]
    columns.append(Column(word("desk.column.agent")))
    shown: list[tuple[object, ...]] = [
        (left(row, now), row.handle, term("desk_kind", row.kind), row.whose, why(row), row.assigned_to or "")
        for row in rows
    ]
    if numbered:
        columns.insert(0, Column("", figures=True))
        shown = [(number, *cells) for number, cells in enumerate(shown, 1)]
    table(columns, shown)


def left(row: Waiting, now: datetime) -> str:
    """The time that is left, or how long it is past."""
    if row.due_at is None:
        return ""
    seconds = (row.due_at - now).total_seconds()
    return word("desk.left", span=span(seconds)) if seconds >= 0 else word("desk.late", span=span(-seconds))


def why(row: Waiting) -> str:
    """Why it waits, in words."""
    if row.kind == "review":
        return told(row.reason)
    return term("review", row.reason) if row.kind == "call" else term("desk_why", row.kind)


def waiting_object(row: Waiting, now: datetime) -> dict[str, Any]:
    """One row for programs."""
    seconds = round((row.due_at - now).total_seconds(), 3) if row.due_at else None
    return {**plain(row), "seconds_left": seconds}


# --- one matter -------------------------------------------------------------------------------------------------------


def looked_at(database: Database, target: Target, session: Session) -> Look:
    """One matter with all that deciding on it needs; raises Trouble where it is not there."""
    from ingestd.store.acts import newest_message_of
    from ingestd.store.calls import calls_of
    from ingestd.store.known_orders import orders_by_serial

    waits = {w.handle: w for w in waiting_now(database, session.settings, session.now())}
    with database.read() as connection:
        if target.serial is None:
            return other_matter(connection, target, waits.get(target.handle), session)
        assert target.order_id is not None
        story, order = story_of(connection, target.serial), orders_by_serial(connection, [target.serial])[0]
        message_id = newest_message_of(connection, target.order_id)
        reading = read_with_evidence(connection, message_id, session)
        calls = calls_of(connection, target.order_id)
    return Look(target, waits.get(target.serial), story, order.assessment, reading, calls)


def other_matter(connection: Connection, target: Target, waits: Waiting | None, session: Session) -> Look:
    """A message without an order, or a call."""
    from ingestd.store.calls import call_of

    if target.handle.startswith("c"):
        call = call_of(connection, target.number)
        if call is None:
            raise Trouble(word("desk.unknown", named=target.handle))
        return Look(target, waits, calls=(call,))
    message_id = waits.message_id if waits else target.number
    reading = read_with_evidence(connection, message_id, session)
    if reading is None and waits is None:
        raise Trouble(word("desk.unknown", named=target.handle))
    return Look(target, waits, reading=reading)


def read_with_evidence(connection: Connection, message_id: int | None, session: Session) -> Reading | None:
    """A stored message read with its evidence; as it was stored where its bytes can't be read any more."""
    from ingestd.domain.reading import Channel
    from ingestd.parsing.definitions import load_definitions
    from ingestd.parsing.reader import read
    from ingestd.store.decisions import reading_of
    from ingestd.store.messages import raw_of
    from ingestd.store.views import messages_by_id

    if message_id is None:
        return None
    rows, raw = messages_by_id(connection, [message_id]), raw_of(connection, message_id)
    if message_id not in rows or raw is None:
        return None
    definitions = load_definitions(session.configuration.search("parsers"))
    try:
        channel, arrived_at = Channel(rows[message_id]["channel"]), rows[message_id]["arrived_at"]
        return read(channel, raw, definitions, evidence=True, arrived_at=arrived_at)
    except Exception:  # noqa: BLE001  an agent must be able to look at what the reader stumbles over
        return reading_of(connection, message_id)


def print_look_object(look: Look, session: Session) -> None:
    """One matter for programs."""
    from ingestd.domain.reading import contract

    out: dict[str, Any] = {"handle": look.target.handle}
    out["waiting"] = waiting_object(look.waiting, session.now()) if look.waiting else None
    if look.story:
        out |= story_object(look.story, session.settings.outbox.promise, session.now())
    out["assessment"] = plain(look.assessment)
    out["reading"] = contract(look.reading, evidence=True) | {"text": look.reading.text} if look.reading else None
    out["calls"] = [picked(row, CALL_KEYS) for row in look.calls]
    json_line(out)


def print_look(look: Look, session: Session, with_message: bool = True) -> None:
    """One matter for a person: what it is and until when, the message, its reading, the findings, what went out."""
    zone = session.zone
    if look.waiting:
        clock = left(look.waiting, session.now())
        pairs([(term("desk_kind", look.waiting.kind), f"{why(look.waiting)}  {clock}".strip())])
    if look.story:
        pairs(order_lines(look.story, zone))
    if with_message and look.reading and look.reading.text.strip():
        heading(word("desk.head.message"))
        lines = [text for text in visible(look.reading.text).splitlines() if text.strip()]
        for text in lines[:MOST_LINES]:
            paragraph(text, 2)
        if len(lines) > MOST_LINES:
            line("  " + word("explain.more", count=len(lines) - MOST_LINES))
    if look.story:
        print_order(look, session)
    if look.story:
        print_record(look.story, zone)
    if look.calls:
        heading(word("desk.head.calls"))
        for call in look.calls:
            paragraph(call_line(call), 2)


def print_record(story: Story, zone: ZoneInfo) -> None:
    """What agents did with an order and wrote of it."""
    acts = [event for event in story.events if event["who"].startswith("agent ")]
    if not acts:
        return
    heading(word("desk.head.record"))
    for event in acts[-MOST_ACTS:]:
        at, what = moment(event["at"], zone)[MONTH:], term("event", event["kind"])
        said = told_event(json.loads(event["json"]))
        paragraph(f"{at} {event['who'].removeprefix('agent ')} {what}{': ' + said if said else ''}", 2)


def print_order(look: Look, session: Session) -> None:
    """The newest revision with the words behind its values, what the checks found, what it costs, what was sent."""
    assert look.story is not None
    _, content, problems = look.story.revisions[-1]
    heading(word("desk.head.reading", revision=look.story.order["revision"]))
    spoken = words_of(content, look.reading, session.zone)
    rows = []
    for row in field_lines(content, problems, session.zone):
        words = spoken.get((row.path, row.value), "")
        value = f"{row.value} ({row.problem})" if row.value and row.problem else row.value or row.problem.upper()
        rows.append((row.label, value, words))
    titles = (word("column.field"), word("column.value"), word("column.words"))
    table([Column(title, wraps=number > 0) for number, title in enumerate(titles)], rows, 2)
    if look.assessment:
        print_assessment(look.assessment)
    heading(word("desk.head.sent"))
    for sending in look.story.sendings:
        state = term("sending_state", sending["state"])
        purpose, channel = term("purpose", sending["purpose"]), term("channel", sending["channel"])
        at = moment(sending["accepted_at"] or sending["created_at"], session.zone)[MONTH:]
        paragraph(word("desk.sent", at=at, purpose=purpose, channel=channel, to=sending["recipient"], state=state), 2)
    if not look.story.sendings:
        line("  " + word("value.none"))


def words_of(content: OrderReading, reading: Reading | None, zone: ZoneInfo) -> dict[tuple[str, str], str]:
    """The words of the message behind each field and value that it tells; none behind what was set by hand."""
    orders = reading.orders if reading else ()
    index = next((index for index, order in enumerate(orders) if order == content), 0)
    if reading is None or not orders:
        return {}
    told_lines = field_lines(orders[index], (), zone)
    return {(r.path, r.value): because(f"orders[{index}].{r.path}", reading.evidence)[0] for r in told_lines if r.value}


def print_assessment(assessment: Assessment) -> None:
    """What the checks found with what they saw, and what it costs."""
    if assessment.hits:
        heading(word("desk.head.checks"))
        print_hits(assessment.hits)
    priced = [(due.name, word("desk.due", amount=due.amount, because=due.because)) for due in assessment.dues]
    quote = assessment.quote
    if quote is not None:
        freight = word("value.yuan", amount=quote.freight) if quote.freight is not None else word("value.unknown")
        days = str(quote.days) if quote.days == quote.days_most else f"{quote.days}-{quote.days_most}"
        priced.append((word("desk.quote"), word("desk.quoted", to=quote.to, freight=freight, days=days)))
    if priced:
        heading(word("desk.head.charges"))
        pairs(priced, 2)


def print_hits(hits: Sequence[Hit]) -> None:
    """What the checks found, each with the words it saw."""
    table(
        [Column(""), Column("", wraps=True)],
        [(term("finding", hit.finding), told(hit.reason)) for hit in hits],
        2,
    )


def call_line(call: RowMapping) -> str:
    """A call in a line: whom, why, and what came of it."""
    said = f"c{call['id']} {call['name']} {call['phone']}: {term('review', call['reason'])}"
    if call["done_at"] is None:
        return said
    return f"{said} ({word('desk.called', who=call['done_by'], outcome=call['outcome'] or '')})"
