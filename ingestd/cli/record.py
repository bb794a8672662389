"""An order's tracking record as lines: each message in and out, move, chase, call and remark, with who and when."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from itertools import pairwise
from typing import TYPE_CHECKING

from ingestd.cli.content import field_lines
from ingestd.cli.reasons import told, told_event
from ingestd.cli.words import term, word

if TYPE_CHECKING:
    from sqlalchemy import RowMapping

    from ingestd.cli.story import Story

MOVED = "moved"
AWAITED = ("due", "sending", "uncertain", "held")  # sendings that have not come to their end


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of the record."""

    at: datetime
    what: str
    who: str = ""
    detail: str = ""
    channel: str = ""


def record(story: Story, promise: timedelta, now: datetime, zone: tzinfo) -> list[Moment]:
    """All that has happened, in order of time; of one moment what came in, what was made of it, what went out, and
    where that put the order."""
    ended = [row for row in story.sendings if row["state"] not in AWAITED]
    done, moved = of_events(story, zone)
    lines = [
        *(of_message(row) for row in story.messages.values()),
        *done,
        *(of_call(row) for row in story.calls if row["done_at"]),
        *(of_sending(row, seconds_used(row, story.order, now), promise) for row in ended),
        *moved,
    ]
    return sorted(lines, key=lambda m: m.at)


def to_come(story: Story, promise: timedelta, now: datetime) -> list[Moment]:
    """What is still to be sent, asked, decided or phoned, in order of time."""
    waiting = [row for row in story.sendings if row["state"] in AWAITED]
    used = [seconds_used(row, story.order, now) for row in waiting]
    duties = [row for row in story.follow_ups if row["state"] == "due"]
    reviews = [row for row in story.reviews if row["state"] == "open"]
    calls = [row for row in story.calls if row["done_at"] is None]
    decide, phone = word("explain.decide"), word("explain.call")
    lines = [
        *(replace(of_sending(row, u, promise), at=row["next_at"]) for row, u in zip(waiting, used, strict=True)),
        *(Moment(row["due_at"], term("follow_up", row["kind"])) for row in duties),
        *(Moment(row["due_at"] or row["opened_at"], decide, "", told(row["reason"])) for row in reviews),
        *(Moment(row["due_at"], phone, row["name"], told(row["reason"])) for row in calls),
    ]
    return sorted(lines, key=lambda m: m.at)


def seconds_used(sending: RowMapping, order: RowMapping, now: datetime) -> float | None:
    """Seconds of the promise that a work order took, or has taken so far; None for what the promise is not about."""
    current = sending["given"] == order["given"]
    if not sending["purpose"].startswith("work_order") or order["clock_start"] is None or sending["state"] == "shadow":
        return None
    began = order["clock_start"] if current else sending["created_at"]  # its own clock is written over by a change
    used: timedelta = (sending["accepted_at"] or now) - began
    return max(0.0, round(used.total_seconds(), 3))


# --- one line each ----------------------------------------------------------------------------------------------------


def of_message(row: RowMapping) -> Moment:
    """A message that came in."""
    what = word("moment.message", id=row["id"], channel=term("channel", row["channel"]))
    return Moment(row["arrived_at"], what, row["sender"] or "", term("message_state", row["state"]), row["channel"])


def of_events(story: Story, zone: tzinfo) -> tuple[list[Moment], list[Moment]]:
    """What was done, each with the state that it put the order into; and moves of which nothing else is said."""
    done = []
    rows = [row for row in story.events if not row["kind"].startswith("sending.")]  # these have lines of their own
    moved = [row for row in rows if row["kind"] == MOVED]
    states = {(row["at"], row["who"]): term("order_state", json.loads(row["json"])["to"]) for row in moved}
    changed = changes(story, zone)
    for row in (row for row in rows if row["kind"] != MOVED):
        data = json.loads(row["json"])
        what, state = term("event", row["kind"]), states.pop((row["at"], row["who"]), None)
        if state and state != what:
            what = word("moment.moves", what=what, state=state)
        said = changed.get(data.pop("revision", 0)) or told_event(data)
        done.append(Moment(row["at"], what, row["who"], said, row["channel"] or ""))
    return done, [Moment(at, state, who) for (at, who), state in states.items()]


def changes(story: Story, zone: tzinfo) -> dict[int, str]:
    """What each revision changed, old and new values, by its number."""
    out = {}
    for (_, before, _), (row, after, _) in pairwise(story.revisions):
        old = {line.label: line.value for line in field_lines(before, (), zone)}
        new = {line.label: line.value for line in field_lines(after, (), zone)}
        said = [
            word("moment.change", label=label, old=old.get(label, "-"), new=new.get(label, "-"))
            for label in dict.fromkeys((*old, *new))
            if old.get(label) != new.get(label)
        ]
        out[row["number"]] = "; ".join(said)
    return out


def of_call(row: RowMapping) -> Moment:
    """A call that was made."""
    detail = "; ".join(filter(None, [told(row["reason"]), row["outcome"]]))
    return Moment(row["done_at"], word("moment.called", name=row["name"]), row["done_by"] or "", detail)


def of_sending(row: RowMapping, used: float | None, promise: timedelta) -> Moment:
    """A sending: purpose, channel, recipient, state, and how much of the promise it used."""
    purpose, number = term("purpose", row["purpose"]), revision_of(row)
    if number > 1:
        purpose = word("moment.revision", purpose=purpose, number=number)
    what = word("moment.sending", purpose=purpose, channel=term("channel", row["channel"]))
    detail = term("sending_state", row["state"])
    if used is not None:
        detail += " " + word("moment.used", used=f"{used:.1f}", promise=f"{promise.total_seconds():.0f}")
    if row["detail"] and row["state"] != "accepted":
        detail += f": {row['detail']}"
    at = row["accepted_at"] or row["changed_at"] or row["created_at"]
    return Moment(at, what, row["recipient"], detail, row["channel"])


def revision_of(row: RowMapping) -> int:
    """The revision that a work order tells of."""
    number = row["cause"].partition("/")[2].partition("#")[0]
    return int(number) if row["purpose"].startswith("work_order") and number.isdecimal() else 1
