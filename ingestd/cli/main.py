"""The command `ingestd`: all its commands, and how each ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from importlib import metadata
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.exceptions import TyperException

from ingestd.cli.check import check
from ingestd.cli.db import db_backup, db_restore, db_upgrade
from ingestd.cli.desk import desk, desk_list, desk_show
from ingestd.cli.desk_acts import ask, confirm, join, put, refuse, split
from ingestd.cli.desk_command import about_order, on_call, on_matter, on_message, on_order
from ingestd.cli.desk_life import apply, cancel, release, report
from ingestd.cli.desk_tasks import assign, call, called, close, note
from ingestd.cli.explain import explain
from ingestd.cli.export import orders_export
from ingestd.cli.help import Command, Group
from ingestd.cli.init import init
from ingestd.cli.orders import orders_list
from ingestd.cli.outbox import outbox_hold, outbox_list, outbox_release, outbox_retry, outbox_sent, outbox_show
from ingestd.cli.output import ReaderGone, complain, line
from ingestd.cli.parse import parse
from ingestd.cli.parsers import parsers_check, parsers_list, parsers_test
from ingestd.cli.phone_order import orders_new
from ingestd.cli.quarantine import quarantine_close, quarantine_list, quarantine_replay, quarantine_show, quarantined_in
from ingestd.cli.quote import quote
from ingestd.cli.reconcile import reconcile
from ingestd.cli.reload import reload
from ingestd.cli.replay import replay
from ingestd.cli.review import review_list
from ingestd.cli.roster import roster_today
from ingestd.cli.run import run
from ingestd.cli.session import Session
from ingestd.cli.status import status
from ingestd.cli.story import orders_show
from ingestd.cli.submit import submit
from ingestd.cli.trouble import FINE, foreseen
from ingestd.cli.usage import misused
from ingestd.cli.words import word

COMMANDS: dict[str, Callable[..., int]] = {
    "init": init,
    "run": run,
    "check": check,
    "reload": reload,
    "parse": parse,
    "explain": explain,
    "replay": replay,
    "submit": submit,
    "quote": quote,
    "status": status,
    "reconcile": reconcile,
}
GROUPS: dict[str, dict[str, Callable[..., int]]] = {
    "orders": {"list": orders_list, "show": orders_show, "new": orders_new, "export": orders_export},
    "desk": {
        "list": desk_list,
        "show": desk_show,
        "confirm": on_order(confirm),
        "ask": on_order(ask),
        "set": on_order(put),
        "refuse": on_order(refuse),
        "note": about_order(note),
        "assign": on_matter(assign),
        "close": on_matter(close),
        "call": about_order(call),
        "called": on_call(called),
        "join": on_order(join),
        "split": on_order(split),
        "apply": on_order(apply),
        "cancel": on_order(cancel),
        "report": on_order(report),
        "release": on_order(release),
    },
    "outbox": {
        "list": outbox_list,
        "show": outbox_show,
        "retry": outbox_retry,
        "hold": outbox_hold,
        "release": outbox_release,
        "sent": outbox_sent,
    },
    "quarantine": {
        "list": quarantine_list,
        "show": quarantine_show,
        "replay": quarantine_replay,
        "close": on_message(quarantine_close, quarantined_in),
    },
    "parsers": {"list": parsers_list, "check": parsers_check, "test": parsers_test},
    "review": {"list": review_list},
    "roster": {"today": roster_today},
    "db": {"upgrade": db_upgrade, "backup": db_backup, "restore": db_restore},
}


ALONE: dict[str, Callable[..., None]] = {"desk": desk}  # groups that do something without a command


def group(name: str, **options: Any) -> typer.Typer:
    """A group of commands, or the whole, with its help."""
    return typer.Typer(
        name=name, cls=Group, help=word(f"help.{name}"), no_args_is_help=name not in ALONE, add_completion=False,
        rich_markup_mode="rich", pretty_exceptions_enable=False, **options,
    )  # fmt: skip


def add(app: typer.Typer, name: str, key: str, command: Callable[..., int]) -> None:
    """Add a command with its help."""
    app.command(name, cls=Command, help=word(f"help.{key}"), epilog=word("help.exit_codes"))(command)


app = group("ingestd", epilog=word("help.exit_codes"))
for name_, command_ in COMMANDS.items():
    add(app, name_, name_, command_)
for name_, commands_ in GROUPS.items():
    part = group(name_)
    for verb, command_ in commands_.items():
        add(part, verb, f"{name_}_{verb}", command_)
    if name_ in ALONE:
        part.callback(invoke_without_command=True)(ALONE[name_])
    app.add_typer(part)


def version(wanted: bool) -> None:
    """Print the version and end."""
    if wanted:
        line(f"ingestd {metadata.version('ingestd')}")
        raise typer.Exit


@app.callback()
def root(
    context: typer.Context,
    config: Annotated[Path | None, typer.Option("--config", help=word("help.config"), metavar="PATH")] = None,
    _version: Annotated[
        bool,
        typer.Option("--version", metavar="", help=word("help.version"), callback=version, is_eager=True),
    ] = False,
) -> None:
    """What all commands share."""
    context.obj = Session(config)


def answer(arguments: Sequence[str]) -> int:
    """Do what the arguments ask for; the exit code. Foreseeable errors are a line each on standard error."""
    try:
        code = app(args=list(arguments), prog_name="ingestd", standalone_mode=False)
    except TyperException as error:
        return misused(error)
    except ReaderGone:
        raise
    except Exception as error:
        trouble = foreseen(error)
        if trouble is None:
            raise
        for text in str(trouble).splitlines():
            complain(text)
        return trouble.code
    return code if isinstance(code, int) else FINE


def main() -> None:
    """Run the command line and end the process with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # a locale may not have our words
    try:
        code = answer(sys.argv[1:])
        sys.stdout.flush()
    except (ReaderGone, BrokenPipeError):  # whoever read us has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = FINE
    sys.exit(code)
