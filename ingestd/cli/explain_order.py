"""`ingestd explain SERIAL`: an order by the messages it came from, what the checks found, what went out and will."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from ingestd.cli.foresight import assessment_rows
from ingestd.cli.output import Column, heading, json_line, line, moment, table
from ingestd.cli.reasons import told_event
from ingestd.cli.record import AWAITED, Moment, of_sending, seconds_used, to_come
from ingestd.cli.story import MONTH, Story, order_lines, story_object, story_of
from ingestd.cli.trouble import TROUBLE, Trouble
from ingestd.cli.words import term, word
from ingestd.domain.reading import as_json

if TYPE_CHECKING:
    from ingestd.cli.session import Session
    from ingestd.domain.assessment import Assessment
    from ingestd.parsing.definitions import Definitions
    from ingestd.parsing.explaining import Explanation

SHORTEST = 2  # digits that are taken for the end of a serial


@dataclass(frozen=True)
class ExplainedOrder:
    """An order's story, and each message that made or changed it, read anew; None where its bytes are gone."""

    story: Story
    messages: dict[int, Explanation | None]
    promise: timedelta
    now: datetime

    @property
    def assessment(self) -> Assessment:
        """What the checks made of the newest revision."""
        from ingestd.store.known_orders import ASSESSMENT

        row, _, _ = self.story.revisions[-1]
        return ASSESSMENT.validate_json(row["assessment"])


def is_serial(what: str) -> bool:
    """Whether an argument names an order rather than a file: digits only, and no file is called so."""
    return what.isascii() and what.isdigit() and len(what) >= SHORTEST and not Path(what).exists()


def explained_order(serial: str, session: Session, definitions: Definitions) -> ExplainedOrder:
    """The order with this serial or these last digits; raises Trouble."""
    from ingestd.store.messages import raw_of

    with session.database() as database, database.read() as connection:
        story = story_of(connection, serial)
        raws = {i: raw_of(connection, i) for i in made_by(story)}
    messages = {i: read_anew(i, story, raw, definitions) for i, raw in raws.items()}
    return ExplainedOrder(story, messages, session.settings.outbox.promise, session.now())


def made_by(story: Story) -> list[int]:
    """The messages that the order's revisions came from, the first one first."""
    return list(dict.fromkeys(row["message_id"] for row, _, _ in story.revisions if row["message_id"]))


def read_anew(message_id: int, story: Story, raw: bytes | None, definitions: Definitions) -> Explanation | None:
    """A stored message explained; raises Trouble where the reader fails on it."""
    from ingestd.domain.event import place_of
    from ingestd.domain.reading import Channel
    from ingestd.parsing.explaining import explain

    if raw is None:
        return None
    try:
        row = story.messages[message_id]
        return explain(Channel(row["channel"]), raw, definitions, row["arrived_at"])
    except Exception as error:
        name = word("explain.message", id=message_id)
        raise Trouble(word("parse.failed", file=name, why=place_of(error)), TROUBLE) from error


# --- for programs -----------------------------------------------------------------------------------------------------


def print_object(found: ExplainedOrder) -> None:
    """The story as `orders show --json` has it; its messages with their readings, and the findings of the checks."""
    from ingestd.cli.explain import contents

    whole = story_object(found.story, found.promise, found.now)
    for row in whole["messages"]:
        explanation = found.messages.get(row["id"])
        row["explained"] = contents(explanation) if explanation else None
    checks = [check_object(row) for row in checked(found.story)]
    json_line(whole | {"checks": checks, "assessment": as_json(found.assessment)})


def check_object(row: Any) -> dict[str, Any]:
    """What the checks found at one time."""
    return {"at": row["at"], "kind": row["kind"], "message_id": row["message_id"], "found": json.loads(row["json"])}


# --- for people -------------------------------------------------------------------------------------------------------


def print_order(found: ExplainedOrder, zone: ZoneInfo) -> None:
    """What the order is, each message behind it, what the checks found, what went out, what is to come."""
    from ingestd.cli.explain import print_explanation

    heading(word("explain.order", serial=found.story.order["serial"]))
    table((Column(""), Column("", wraps=True)), order_lines(found.story, zone), 2)
    for message_id, explanation in found.messages.items():
        title = word("explain.message", id=message_id)
        if explanation is None:
            heading(title)
            line("  " + word("explain.no_bytes"))
        else:
            print_explanation(title, explanation)
    when, what, detail = word("column.when"), word("column.what"), word("column.detail")
    section("explain.checks", (when, what, detail), check_rows(found, zone))
    titles = (when, what, word("column.who"), detail)
    ended = [row for row in found.story.sendings if row["state"] not in AWAITED]
    section("explain.sent", titles, moment_rows([sent(row, found) for row in ended], zone))
    section("explain.to_come", titles, moment_rows(to_come(found.story, found.promise, found.now), zone))


def section(key: str, titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table under its heading; where it is empty it says so."""
    heading(word(key))
    if rows:
        columns = [Column(title, wraps=number > 0) for number, title in enumerate(titles)]
        table(columns, rows, 2)
    else:
        line("  " + word("value.none"))


def checked(story: Story) -> list[Any]:
    """The events that say what became of the order's content, and why."""
    return [row for row in story.events if not row["kind"].startswith(("sending.", "report.", "chased.", "moved"))]


def check_rows(found: ExplainedOrder, zone: ZoneInfo) -> list[tuple[str, str, str]]:
    """What became of the order's content and why, each with its time; then what the newest revision's checks saw."""
    events = [
        (moment(row["at"], zone)[MONTH:], term("event", row["kind"]), told_event(json.loads(row["json"])))
        for row in checked(found.story)
    ]
    return [*events, *(("", what, detail) for what, detail in assessment_rows(found.assessment))]


def moment_rows(moments: Sequence[Moment], zone: ZoneInfo) -> list[tuple[str, str, str, str]]:
    """Moments in order of time."""
    told_in_order = sorted(moments, key=lambda m: m.at)
    return [(moment(m.at, zone)[MONTH:], m.what, m.who, m.detail) for m in told_in_order]


def sent(row: Any, found: ExplainedOrder) -> Moment:
    """One sending."""
    return of_sending(row, seconds_used(row, found.story.order, found.now), found.promise)
