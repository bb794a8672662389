"""`ingestd quarantine list|show|replay|close`: messages that could not be read."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from ingestd.cli.counter import HANDLE, Hand, Target, told_over
from ingestd.cli.letter import printable_headers
from ingestd.cli.output import Column, heading, is_terminal, json_line, line, moment, pairs, table
from ingestd.cli.session import session_of
from ingestd.cli.trouble import FINE, WRONG_USE, Trouble
from ingestd.cli.words import term, word

if TYPE_CHECKING:
    from sqlalchemy import Connection, RowMapping

    from ingestd.store.database import Database

LISTED = (
    "id", "account", "source_key", "channel", "size", "arrived_at", "stored_at", "state", "strikes", "reason", "sha256",
)  # fmt: skip
Id = Annotated[int, typer.Argument(help=word("help.message_id"), metavar="ID")]
What = Annotated[str, typer.Option("--note", help=word("help.quarantine_note"), metavar="TEXT")]
Json = Annotated[bool, typer.Option("--json", metavar="", help=word("help.json"))]


def quarantine_list(context: typer.Context, as_json: Json = False) -> int:
    """Print what is in quarantine."""
    from ingestd.store.messages import quarantined

    session = session_of(context)
    with session.database() as database, database.read() as connection:
        rows = quarantined(connection)
    if as_json:
        json_line({"messages": [message_object(row) for row in rows]})
    elif not rows:
        line(word("quarantine.none"))
    else:
        table(
            [
                Column(word("column.id"), figures=True),
                Column(word("column.arrived")),
                Column(word("column.account")),
                Column(word("column.size"), figures=True),
                Column(word("column.reason"), wraps=True),
            ],
            [(r["id"], moment(r["arrived_at"], session.zone), r["account"], r["size"], r["reason"]) for r in rows],
        )
    return FINE


def message_object(row: RowMapping) -> dict[str, object]:
    """A message for programs."""
    return {name: row[name] for name in LISTED}


def quarantine_show(
    context: typer.Context,
    message_id: Id,
    raw: Annotated[bool, typer.Option("--raw", metavar="", help=word("help.raw"))] = False,
    as_json: Json = False,
) -> int:
    """Print why a message is in quarantine, or write its bytes."""
    from ingestd.store.messages import raw_of

    if raw and is_terminal():
        raise Trouble(word("quarantine.terminal", id=message_id), WRONG_USE)
    session = session_of(context)
    with session.database() as database, database.read() as connection:
        row = in_quarantine(connection, message_id)
        content = raw_of(connection, message_id) or b""
    if raw:
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        return FINE
    headers = printable_headers(row["channel"], content)
    if as_json:
        json_line({"message": message_object(row), "headers": [{"name": n, "value": v} for n, v in headers]})
        return FINE
    pairs(
        [
            (word("column.message"), row["id"]),
            (word("column.reason"), row["reason"] or ""),
            (word("column.arrived"), moment(row["arrived_at"], session.zone)),
            (word("column.channel"), f"{term('channel', row['channel'])} ({row['account']})"),
            (word("quarantine.delivery"), row["source_key"]),
            (word("column.size"), row["size"]),
            (word("quarantine.strikes"), row["strikes"]),
        ]
    )
    heading(word("quarantine.headers"))
    pairs(headers)
    return FINE


def in_quarantine(connection: Connection, message_id: int) -> RowMapping:
    """A message in quarantine; raises Trouble."""
    from ingestd.store.views import messages_by_id

    row = messages_by_id(connection, [message_id]).get(message_id)
    if row is None:
        raise Trouble(word("quarantine.unknown", id=message_id))
    if row["state"] != "quarantined":
        raise Trouble(word("quarantine.elsewhere", id=message_id, state=term("message_state", row["state"])))
    return row


def quarantine_replay(context: typer.Context, message_id: Id) -> int:
    """Give a message a new chance, and end its alarm; 1 where it can't have one."""
    from ingestd.store.alarms import clear_alarms
    from ingestd.store.messages import replay

    session = session_of(context)
    with session.database() as database, database.write() as connection:
        row = in_quarantine(connection, message_id)
        if row["size"] == 0:
            raise Trouble(word("quarantine.no_bytes", id=message_id))
        replay(connection, message_id, now := session.now())
        clear_alarms(connection, f"message {message_id}", "quarantine", now)
    line(word("quarantine.replayed", id=message_id))
    return FINE


def quarantine_close(hand: Hand, text: What) -> None:
    """Take a message that somebody has seen to out of quarantine, and end its alarm; its bytes stay."""
    from ingestd.domain.decision import EventDraft
    from ingestd.store.alarms import clear_alarms
    from ingestd.store.messages import close_quarantined
    from ingestd.store.orders import write_events

    message_id, now = hand.target.number, hand.counter.now()
    if not text.strip():
        raise Trouble(word("quarantine.no_note", id=message_id), WRONG_USE)
    with hand.counter.database.write() as connection:
        if not close_quarantined(connection, message_id, hand.agent.name):
            in_quarantine(connection, message_id)  # says where it is by now
        clear_alarms(connection, f"message {message_id}", "quarantine", now)
        said = EventDraft("closed", hand.agent.name, None, {"note": text.strip()})
        write_events(connection, [(None, message_id, None, said)], now)
    told_over(hand, hand.target, "closed")


def quarantined_in(database: Database, named: str) -> Target:
    """A message in quarantine by its number, with or without the m of the desk's list; raises Trouble."""
    target = Target(f"m{named.removeprefix('m')}")
    if not HANDLE.fullmatch(target.handle):
        raise Trouble(word("quarantine.unknown", id=named))
    with database.read() as connection:
        in_quarantine(connection, target.number)
    return target
