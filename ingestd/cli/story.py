"""`ingestd orders show`: the whole story of one order, in order of time."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from ingestd.cli.content import field_lines
from ingestd.cli.orders import order_object
from ingestd.cli.output import Column, heading, json_line, moment, pairs, table
from ingestd.cli.record import Moment, record, seconds_used, to_come
from ingestd.cli.session import session_of
from ingestd.cli.trouble import FINE, Trouble
from ingestd.cli.words import span, term, word
from ingestd.domain.reading import OrderReading, Problem, as_json

if TYPE_CHECKING:
    from sqlalchemy import Connection, RowMapping

MONTH = len("2026-")  # where a written time's month begins: the serial tells the year
MESSAGE_KEYS = ("id", "channel", "sender", "claimed_at", "arrived_at", "stored_at", "state", "reason")
EVENT_KEYS = ("id", "at", "kind", "who", "channel", "message_id")
SENDING_KEYS = (
    "id", "purpose", "cause", "channel", "recipient", "state", "created_at", "deadline", "accepted_at", "changed_at",
    "attempts", "detail",
)  # fmt: skip
FOLLOW_UP_KEYS = ("id", "kind", "occurrence", "due_at", "state", "done_at")
REVIEW_KEYS = ("id", "message_id", "reason", "opened_at", "state", "due_at", "reminded_at")


@dataclass(frozen=True)
class Story:
    """Everything recorded on an order."""

    order: RowMapping
    revisions: Sequence[tuple[RowMapping, OrderReading, tuple[Problem, ...]]]
    events: Sequence[RowMapping]
    sendings: Sequence[RowMapping]
    follow_ups: Sequence[RowMapping]
    reviews: Sequence[RowMapping]
    calls: Sequence[RowMapping]
    messages: Mapping[int, RowMapping]


def orders_show(
    context: typer.Context,
    serial: Annotated[str, typer.Argument(help=word("help.serial"), metavar="SERIAL")],
    json_wanted: Annotated[bool, typer.Option("--json", metavar="", help=word("help.json"))] = False,
) -> int:
    """Print an order's story; 1 where there is no such order, or several end in these digits."""
    session = session_of(context)
    with session.database() as database, database.read() as connection:
        story = story_of(connection, serial)
    promise = session.settings.outbox.promise
    if json_wanted:
        json_line(story_object(story, promise, session.now()))
    else:
        print_story(story, promise, session.now(), session.zone)
    return FINE


def story_of(connection: Connection, serial: str) -> Story:
    """The story of the order with this serial or these last digits; raises Trouble."""
    from ingestd.store.views import orders_ending

    found = orders_ending(connection, serial)
    if len(found) != 1:
        several = ", ".join(row["serial"] for row in found)
        unclear = word("orders.several", digits=serial, serials=several)
        raise Trouble(unclear if found else word("orders.unknown", serial=serial))
    return whole_story(connection, found[0])


def stories_of(connection: Connection, wanted: str | tuple[datetime, datetime]) -> Iterator[Story]:
    """The story of one order by its serial, or of those that came in within a span, the first one first."""
    from ingestd.store.views import orders_between

    if isinstance(wanted, str):
        yield story_of(connection, wanted)
        return
    for row in orders_between(connection, *wanted):
        yield whole_story(connection, row)


def whole_story(connection: Connection, order: RowMapping) -> Story:
    """Everything recorded on an order."""
    from ingestd.store.calls import calls_of
    from ingestd.store.known_orders import CONTENT, PROBLEMS
    from ingestd.store.views import messages_by_id, story

    told = story(connection, order["id"])
    revisions = [
        (row, CONTENT.validate_json(row["json"]), PROBLEMS.validate_json(row["problems"])) for row in told["revisions"]
    ]
    ids = {r["message_id"] for r in (*told["revisions"], *told["events"]) if r["message_id"]}
    messages = messages_by_id(connection, ids)
    calls = calls_of(connection, order["id"])
    return Story(
        order, revisions, told["events"], told["sendings"], told["follow_ups"], told["reviews"], calls, messages
    )


# --- for programs -----------------------------------------------------------------------------------------------------


def story_object(story: Story, promise: timedelta, now: datetime) -> dict[str, Any]:
    """The story for programs."""
    more = {"claimed_at": story.order["claimed_at"], "promise_seconds": promise.total_seconds()}
    return {
        "order": order_object(story.order) | more,
        "content": as_json(story.revisions[-1][1]),
        "problems": as_json(story.revisions[-1][2]),
        "revisions": [
            picked(row, ("number", "message_id")) | {"content": as_json(content), "problems": as_json(problems)}
            for row, content, problems in story.revisions
        ],
        "messages": [picked(row, MESSAGE_KEYS) for row in story.messages.values()],
        "events": [picked(row, EVENT_KEYS) | {"data": json.loads(row["json"])} for row in story.events],
        "sendings": [
            picked(row, SENDING_KEYS) | {"seconds_used": seconds_used(row, story.order, now)} for row in story.sendings
        ],
        "follow_ups": [picked(row, FOLLOW_UP_KEYS) for row in story.follow_ups],
        "reviews": [picked(row, REVIEW_KEYS) for row in story.reviews],
    }


def picked(row: RowMapping, names: Sequence[str]) -> dict[str, Any]:
    """These columns of a row."""
    return {name: row[name] for name in names}


# --- for people -------------------------------------------------------------------------------------------------------


def print_story(story: Story, promise: timedelta, now: datetime, zone: ZoneInfo) -> None:
    """The story for people: what the order is, its content, all that happened, and what is to come."""
    pairs(order_lines(story, zone))
    _, content, problems = story.revisions[-1]
    lines = field_lines(content, problems, zone)
    heading(word("orders.content", revision=story.order["revision"]))
    columns = [Column(word("column.field")), Column(word("column.value"), wraps=True), Column(word("column.problem"))]
    count = 3 if any(row.problem for row in lines) else 2
    table(columns[:count], [(row.label, row.value, row.problem)[:count] for row in lines], 2)
    print_moments("orders.story", record(story, promise, now, zone), zone)
    print_moments("explain.to_come", to_come(story, promise, now), zone)


def print_moments(title: str, moments: Sequence[Moment], zone: ZoneInfo) -> None:
    """Lines of a record under a heading; nothing where there are none."""
    if not moments:
        return
    heading(word(title))
    titles = [Column(word("column.when")), Column(word("column.what"), wraps=True), Column(word("column.who"))]
    titles.append(Column(word("column.detail"), wraps=True))
    table(titles, [(moment(m.at, zone)[MONTH:], m.what, m.who, m.detail) for m in moments], 2)


def order_lines(story: Story, zone: ZoneInfo) -> Iterator[tuple[str, str]]:
    """What the order is, and its times."""
    order = story.order
    state, channel = term("order_state", order["state"]), term("channel", order["contact_channel"])
    yield word("column.order"), word("orders.head", serial=order["serial"], state=state, revision=order["revision"])
    yield word("column.customer"), f"{order['customer']} ({channel}: {order['contact']})"
    yield word("column.area"), f"{order['area']} → {order['dispatcher']}" if order["dispatcher"] else order["area"]
    clock = term("clock", order["order_time_source"])
    yield word("column.order_time"), word("orders.time", at=moment(order["order_time"], zone), clock=clock)
    yield word("orders.claimed"), moment(order["claimed_at"], zone) or word("value.none")
    yield word("orders.arrived"), moment(order["arrived_at"], zone)
    if order["confirmed_at"]:
        yield word("orders.confirmed"), moment(order["confirmed_at"], zone)
    if order["dispatched_at"] and order["clock_start"]:
        took = span((order["dispatched_at"] - order["clock_start"]).total_seconds())
        yield word("orders.dispatched"), word("orders.took", at=moment(order["dispatched_at"], zone), took=took)
    if order["pickup_by"]:
        yield word("column.pickup_by"), moment(order["pickup_by"], zone)
    if order["driver"]:
        known = json.loads(order["driver"])
        yield word("orders.driver"), " ".join(filter(None, (known["name"], known["phone"], known["plate"])))
    if order["deliver_by"]:
        yield word("orders.deliver_by"), moment(order["deliver_by"], zone)
    if order["depot"]:
        yield word("orders.depot"), order["depot"]
    if order["released_at"]:
        yield word("orders.released"), moment(order["released_at"], zone)
