"""`ingestd status`: where everything stands, on one screen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from ingestd.cli.output import Column, heading, json_line, moment, pairs, table
from ingestd.cli.reasons import told
from ingestd.cli.session import session_of, shown_url
from ingestd.cli.trouble import FINE, TROUBLE
from ingestd.cli.words import span, term, word

if TYPE_CHECKING:
    from ingestd.cli.standing import LastHour, Standing, Waiting

MOST_LISTED = 10


def status(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", metavar="", help=word("help.json"))] = False,
) -> int:
    """Print the standing; 1 where an alarm is open or an order late."""
    from ingestd.cli.standing import standing

    session = session_of(context)
    with session.database() as database, database.read() as connection:
        stands = standing(connection, session.settings, shown_url(session.settings.database_url), session.now())
    if as_json:
        json_line(stands)
    else:
        print_standing(stands, session.zone)
    return TROUBLE if stands.trouble else FINE


def print_standing(stands: Standing, zone: ZoneInfo) -> None:
    """The standing as people read it."""
    pairs(standing_lines(stands))
    if stands.reviews:
        heading(word("status.reviews_open", count=len(stands.reviews)))
        print_reviews(stands)
    if stands.alarms:
        heading(word("status.alarms_open", count=len(stands.alarms)))
        print_alarms(stands, zone)


def print_reviews(stands: Standing) -> None:
    """What waits for a person, the oldest first."""
    table(
        [
            Column(word("column.age")),
            Column(word("column.order")),
            Column(word("column.message"), figures=True),
            Column(word("column.reason"), wraps=True),
        ],
        [(span(r.age_seconds), r.serial, r.message_id, told(r.reason)) for r in stands.reviews[:MOST_LISTED]],
    )


def print_alarms(stands: Standing, zone: ZoneInfo) -> None:
    """Trouble that is not over, the oldest first."""
    table(
        [
            Column(word("column.since")),
            Column(word("column.part")),
            Column(word("column.kind")),
            Column(word("column.detail"), wraps=True),
        ],
        [(moment(a.opened_at, zone), a.part, a.kind, a.detail) for a in stands.alarms[:MOST_LISTED]],
    )


def standing_lines(stands: Standing) -> Iterator[tuple[str, str]]:
    """The standing, a line for each thing."""
    yield word("status.mode"), term("mode", stands.mode)
    running = word("status.running", process=stands.process) if stands.process else word("status.stopped")
    yield word("status.daemon"), running
    yield word("status.database"), word("status.revision", url=stands.database, revision=stands.revision)
    yield word("status.outbox"), word("status.held" if stands.held else "status.flowing")
    yield word("status.messages"), counts(stands.messages, "message_state")
    yield word("status.orders"), counts(stands.orders, "order_state")
    yield word("status.sendings"), counts(stands.sendings, "sending_state")
    yield word("status.unread"), waiting(stands.unread)
    yield word("status.unsent"), waiting(stands.unsent)
    yield word("status.last_hour"), hour(stands.last_hour)
    if stands.last_hour.late:
        yield word("status.late"), ", ".join(stands.last_hour.late[:MOST_LISTED])
    yield word("status.reviews"), str(len(stands.reviews)) if stands.reviews else word("value.none")
    yield word("status.calls"), str(len(stands.calls)) if stands.calls else word("value.none")
    yield word("status.alarms"), str(len(stands.alarms)) if stands.alarms else word("value.none")


def counts(by_state: Mapping[str, int], group: str) -> str:
    """How many are in each state, those that are any."""
    return ", ".join(f"{term(group, state)} {n}" for state, n in by_state.items() if n) or word("value.none")


def waiting(queue: Waiting) -> str:
    """A backlog in words."""
    if queue.oldest_seconds is None:
        return word("value.none")
    return word("status.waiting", count=queue.count, age=span(queue.oldest_seconds))


def hour(last: LastHour) -> str:
    """How the last hour's orders kept the promise, in words."""
    if last.median_seconds is None or last.longest_seconds is None:
        return word("status.hour_unsent", orders=last.orders) if last.orders else word("value.none")
    return word(
        "status.hour",
        orders=last.orders,
        dispatched=last.dispatched,
        median=span(last.median_seconds),
        longest=span(last.longest_seconds),
        promise=f"{last.promise_seconds:.0f}",
        late=len(last.late),
    )
