"""`ingestd desk`, `desk list` and `desk show`: what needs a person, most urgent first, and one matter of it."""

from __future__ import annotations

import sys

import typer

from ingestd.cli.counter import counter_of, target_in
from ingestd.cli.desk_command import As, Json, Named
from ingestd.cli.output import is_terminal, json_line
from ingestd.cli.session import session_of
from ingestd.cli.trouble import FINE, WRONG_USE, Trouble
from ingestd.cli.words import word


def desk(context: typer.Context, staff: As = None) -> None:
    """Without a command: the desk as a conversation, where a person sits at it."""
    if context.invoked_subcommand is not None:
        if staff:
            raise Trouble(word("desk.as_behind", command=context.invoked_subcommand, number=staff), WRONG_USE)
        return
    if not (sys.stdin.isatty() and is_terminal()):
        raise Trouble(word("desk.no_terminal"), WRONG_USE)
    from ingestd.cli.desk_talk import talk

    with counter_of(session_of(context), staff) as counter:
        talk(counter, session_of(context))


def desk_list(context: typer.Context, as_json: Json = False) -> int:
    """Print what needs a person, most urgent first."""
    from ingestd.cli.desk_look import print_waiting, waiting_now, waiting_object

    session = session_of(context)
    with session.database() as database:
        rows = waiting_now(database, session.settings, session.now())
    if as_json:
        json_line({"waiting": [waiting_object(row, session.now()) for row in rows]})
    else:
        print_waiting(rows, session.now(), numbered=False)
    return FINE


def desk_show(context: typer.Context, named: Named, as_json: Json = False) -> int:
    """Print one thing with all that deciding on it needs."""
    from ingestd.cli.desk_look import looked_at, print_look, print_look_object

    session = session_of(context)
    with session.database() as database:
        look = looked_at(database, target_in(database, named), session)
    if as_json:
        print_look_object(look, session)
    else:
        print_look(look, session)
    return FINE
