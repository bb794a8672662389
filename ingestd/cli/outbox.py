"""`ingestd outbox list|show|retry|hold|release|sent`: what goes out, and a person's hand on it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from ingestd.cli.letter import letter_in
from ingestd.cli.orders import known_state
from ingestd.cli.output import Column, heading, json_line, line, moment, pairs, table, visible
from ingestd.cli.session import session_of
from ingestd.cli.trouble import FINE, TROUBLE, Trouble
from ingestd.cli.words import term, word

if TYPE_CHECKING:
    from sqlalchemy import Connection, RowMapping

LISTED = (
    "id", "serial", "purpose", "cause", "channel", "recipient", "state", "created_at", "next_at", "deadline",
    "attempts", "repeated", "accepted_at", "changed_at", "detail",
)  # fmt: skip
QUIET = ("accepted", "shadow")  # nothing more needs to be said
Ids = Annotated[list[int] | None, typer.Argument(help=word("help.sending_ids"), metavar="ID")]
SomeIds = Annotated[list[int], typer.Argument(help=word("help.sending_id"), metavar="ID")]
Id = Annotated[int, typer.Argument(help=word("help.sending_id"), metavar="ID")]
Json = Annotated[bool, typer.Option("--json", metavar="", help=word("help.json"))]


def outbox_list(
    context: typer.Context,
    state: Annotated[str | None, typer.Option(help=word("help.sending_state"), metavar="STATE")] = None,
    limit: Annotated[int, typer.Option(help=word("help.limit"), metavar="N", min=1)] = 50,
    as_json: Json = False,
) -> int:
    """Print the newest sendings."""
    from ingestd.domain.sending import SendingState
    from ingestd.store.sendings import held
    from ingestd.store.views import sendings_listed

    wanted = known_state(state, [str(s) for s in SendingState], "sending_state")
    session = session_of(context)
    with session.database() as database, database.read() as connection:
        rows, on_hold = sendings_listed(connection, [wanted] if wanted else [], limit), held(connection)
    if as_json:
        json_line({"held": on_hold, "sendings": [sending_object(row) for row in rows]})
        return FINE
    if on_hold:
        line(word("outbox.held"))
    if not rows:
        line(word("outbox.none"))
    else:
        print_sendings(rows)
    return FINE


def print_sendings(rows: Sequence[RowMapping]) -> None:
    """Sendings as a table."""
    table(
        [
            Column(word("column.id"), figures=True),
            Column(word("column.order")),
            Column(word("column.purpose")),
            Column(word("column.recipient")),
            Column(word("column.state")),
            Column(word("column.attempts"), figures=True),
            Column(word("column.detail"), wraps=True),
        ],
        [
            (
                row["id"],
                row["serial"],
                term("purpose", row["purpose"]),
                row["recipient"],
                term("sending_state", row["state"]),
                row["attempts"],
                row["detail"] if row["state"] not in QUIET else "",
            )
            for row in rows
        ],
    )


def sending_object(row: RowMapping) -> dict[str, object]:
    """A sending for programs."""
    return {name: row[name] for name in LISTED}


def outbox_show(context: typer.Context, sending_id: Id, as_json: Json = False) -> int:
    """Print a sending and the text that leaves, or left, with it."""
    from ingestd.store.sendings import body_of

    session = session_of(context)
    with session.database() as database, database.read() as connection:
        row = existing(connection, [sending_id])[sending_id]
        body = body_of(connection, sending_id) or b""
    letter = letter_in(row["channel"], body)
    if as_json:
        json_line({"sending": sending_object(row), "letter": letter})
        return FINE
    state = term("sending_state", row["state"]) + (f": {row['detail']}" if row["detail"] else "")
    pairs(
        [
            (word("column.id"), row["id"]),
            (word("column.order"), row["serial"] or ""),
            (word("column.purpose"), term("purpose", row["purpose"])),
            (word("column.recipient"), f"{row['recipient']} ({term('channel', row['channel'])})"),
            (word("column.state"), state),
            (word("outbox.made"), moment(row["created_at"], session.zone)),
            (word("outbox.deadline"), moment(row["deadline"], session.zone)),
            (word("outbox.accepted"), moment(row["accepted_at"], session.zone) or word("value.none")),
            (word("column.attempts"), row["attempts"]),
        ]
    )
    heading(word("outbox.letter"))
    pairs(letter.headers)
    line()
    line(visible(letter.text))
    if letter.units is not None:
        line()
        line(word("outbox.units", units=letter.units))
    for attached in letter.attachments:
        line(word("outbox.attached", name=attached.name, type=attached.content_type, size=attached.size))
    return FINE


def existing(connection: Connection, ids: Sequence[int]) -> dict[int, RowMapping]:
    """These sendings; raises Trouble where one is not there."""
    from ingestd.store.views import sendings_by_id

    found = sendings_by_id(connection, ids)
    missing = [str(i) for i in ids if i not in found]
    if missing:
        raise Trouble(word("outbox.unknown", ids=", ".join(missing)))
    return found


def outbox_retry(context: typer.Context, sending_ids: SomeIds) -> int:
    """Let sendings be tried at once; 1 and the reason, and none is, where the state of one does not allow it."""
    from ingestd.store.sendings import held, retry_now

    session = session_of(context)
    with session.database() as database, database.write() as connection:
        rows = existing(connection, sending_ids)
        for sending_id in sending_ids:
            if not retry_now(connection, sending_id, session.now()):
                raise Trouble(word(f"retry.{rows[sending_id]['state']}", id=sending_id))
        on_hold = held(connection)
    for sending_id in sending_ids:
        line(word("retry.done", id=sending_id))
    if on_hold:
        line(word("outbox.held"))
    return FINE


def outbox_hold(context: typer.Context, sending_ids: Ids = None) -> int:
    """Keep everything back, or these sendings."""
    from ingestd.store.sendings import set_hold
    from ingestd.store.views import hold_these

    if sending_ids:
        return moved(context, sending_ids, hold_these, "hold")
    with session_of(context).database() as database, database.write() as connection:
        set_hold(connection, on=True)
    line(word("hold.all"))
    return FINE


def outbox_release(context: typer.Context, sending_ids: Ids = None) -> int:
    """Let everything go again, also what a restore holds, or these sendings."""
    from ingestd.store.restored import held_since_restore, renew_deadlines, restored_at, settle
    from ingestd.store.sendings import set_hold
    from ingestd.store.views import release_these

    session = session_of(context)
    now, promise = session.now(), session.settings.outbox.promise

    def release(connection: Connection, ids: Sequence[int], at: datetime) -> list[int]:
        renew_deadlines(connection, ids, at, promise)
        return release_these(connection, ids, at)

    if sending_ids:
        return moved(context, sending_ids, release, "release")
    with session.database() as database, database.write() as connection:
        set_hold(connection, on=False)
        restored = restored_at(connection)
        going = release(connection, held_since_restore(connection), now)
        settle(connection, now)
    line(word("release.all"))
    if restored or going:
        line(word("release.restored", count=len(going)))
    return FINE


def outbox_sent(context: typer.Context, sending_ids: Ids = None) -> int:
    """Record that held sendings left before: these, or all that a restore holds."""
    from ingestd.store.restored import held_since_restore, were_sent

    def accept(connection: Connection, ids: Sequence[int], at: datetime) -> list[int]:
        return were_sent(connection, ids, "sent before, by a person's word", at)

    if sending_ids:
        return moved(context, sending_ids, accept, "sent")
    session = session_of(context)
    with session.database() as database, database.write() as connection:
        done = accept(connection, held_since_restore(connection), session.now())
    line(word("sent.all", count=len(done)))
    return FINE


def moved(
    context: typer.Context,
    ids: Sequence[int],
    move: Callable[[Connection, Sequence[int], datetime], list[int]],
    verb: str,
) -> int:
    """Move these sendings; 1 where the state of one does not allow it, which is told."""
    session = session_of(context)
    with session.database() as database, database.write() as connection:
        before = existing(connection, ids)
        done = set(move(connection, ids, session.now()))
    for sending_id in ids:
        state = term("sending_state", before[sending_id]["state"])
        line(word(f"{verb}.{'done' if sending_id in done else 'not'}", id=sending_id, state=state))
    return FINE if done >= set(ids) else TROUBLE
