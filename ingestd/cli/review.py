"""`ingestd review list`: what waits for a person's decision."""

from __future__ import annotations

from typing import Annotated

import typer

from ingestd.cli.output import Column, json_line, line, table
from ingestd.cli.reasons import told
from ingestd.cli.session import session_of
from ingestd.cli.trouble import FINE
from ingestd.cli.words import span, term, word

LISTED = ("id", "serial", "message_id", "channel", "sender", "arrived_at", "reason", "opened_at", "due_at")


def review_list(
    context: typer.Context,
    limit: Annotated[int, typer.Option(help=word("help.limit"), metavar="N", min=1)] = 200,
    as_json: Annotated[bool, typer.Option("--json", metavar="", help=word("help.json"))] = False,
) -> int:
    """Print what waits, the oldest first."""
    from ingestd.store.views import reviews_listed

    session = session_of(context)
    with session.database() as database, database.read() as connection:
        rows = reviews_listed(connection, limit)
    now = session.now()
    if as_json:
        json_line({"reviews": [{name: row[name] for name in LISTED} for row in rows]})
    elif not rows:
        line(word("review.none"))
    else:
        table(
            [
                Column(word("column.age")),
                Column(word("column.order")),
                Column(word("column.message"), figures=True),
                Column(word("column.sender"), wraps=True),
                Column(word("column.reason"), wraps=True),
            ],
            [
                (
                    span((now - row["opened_at"]).total_seconds()),
                    row["serial"],
                    row["message_id"],
                    f"{row['sender'] or ''} ({term('channel', row['channel'])})" if row["channel"] else "",
                    told(row["reason"]),
                )
                for row in rows
            ],
        )
    return FINE
