"""`ingestd submit`: a message handed in by a person, as if it had arrived now."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ingestd.cli.output import json_line, line
from ingestd.cli.parse import message_in
from ingestd.cli.session import session_of
from ingestd.cli.trouble import FINE, Trouble
from ingestd.cli.words import term, word

if TYPE_CHECKING:
    from sqlalchemy import RowMapping

    from ingestd.domain.message import Stored

ACCOUNT = "submit"


def submit(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help=word("help.submit_file"), metavar="FILE")],
    as_json: Annotated[bool, typer.Option("--json", metavar="", help=word("help.json"))] = False,
) -> int:
    """Store a message under `submit/SHA256`; the running daemon takes it from there."""
    channel, raw = message_in(file)
    if not raw.strip():
        raise Trouble(word("submit.empty", file=file))
    session = session_of(context)
    from ingestd.domain.message import Arrival
    from ingestd.store.messages import store_arrivals
    from ingestd.store.views import messages_by_id

    now = session.now()
    arrival = Arrival(ACCOUNT, f"{ACCOUNT}/{sha256(raw).hexdigest()}", channel, raw, now)
    with session.database() as database, database.write() as connection:
        stored = store_arrivals(connection, [arrival], None, now)[0]
        row = messages_by_id(connection, [stored.message_id])[stored.message_id]
    if as_json:
        out = {"message": stored.message_id, "new": stored.new}
        json_line(out | {"state": row["state"], "duplicate_of": row["duplicate_of"]})
    else:
        line(told(stored, row))
    return FINE


def told(stored: Stored, row: RowMapping) -> str:
    """What became of the file, in a line."""
    if not stored.new:
        return word("submit.there", id=stored.message_id, state=term("message_state", row["state"]))
    if row["duplicate_of"]:
        return word("submit.duplicate", id=stored.message_id, first=row["duplicate_of"])
    return word("submit.stored", id=stored.message_id)
