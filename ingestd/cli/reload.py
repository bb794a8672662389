"""`ingestd reload`: check the configuration as it is now, let the running daemon take it, and tell what came of it."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ingestd.cli.check import examine, of_configuration, of_files, of_parsers, of_templates
from ingestd.cli.output import complain, json_line, line
from ingestd.cli.session import session_of
from ingestd.cli.trouble import CONFIGURATION, FINE, TEMPORARY, TROUBLE, Trouble
from ingestd.cli.words import word

if TYPE_CHECKING:
    from ingestd.daemon.reload import Reloaded

PATIENCE_S = 60.0
POLL_S = 0.05


def reload(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", metavar="", help=word("help.json"))] = False,
) -> int:
    """78 where the configuration is faulty: the daemon goes on with the one before."""
    session = session_of(context)
    faults: list[str] = []
    for part in (of_configuration, of_parsers, of_templates, of_files):
        examine(part, session, [], faults)
    if faults:
        raise Trouble("\n".join((*faults, word("reload.refused"))), CONFIGURATION)
    result = asked(session.settings.site.data_folder)
    if as_json:
        json_line(result)
    else:
        tell(result)
    return FINE if result.ok else CONFIGURATION


def asked(folder: Path) -> Reloaded:
    """Ask the daemon on this data folder, and wait for its answer. Raises Trouble where there is none."""
    from ingestd.daemon.lock import RunLock
    from ingestd.daemon.reload import RESULT, read_result

    process = RunLock.holder(folder)
    if process is None:
        raise Trouble(word("reload.nobody", folder=folder), TROUBLE)
    (folder / RESULT).unlink(missing_ok=True)
    os.kill(process, signal.SIGHUP)
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        result = read_result(folder)
        if result is not None:
            return result
        if RunLock.holder(folder) is None:
            raise Trouble(word("reload.ended"), TROUBLE)
        time.sleep(POLL_S)
    raise Trouble(word("reload.silent", process=process, seconds=f"{PATIENCE_S:.0f}"), TEMPORARY)


def tell(result: Reloaded) -> None:
    """What counts now, and what waits."""
    for fault in result.faults:
        complain(fault)
    if not result.ok:
        complain(word("reload.refused"))
        return
    line(word("reload.changed", names=", ".join(result.changed)) if result.changed else word("reload.unchanged"))
    if result.restart:
        line(word("reload.restart", names=", ".join(result.restart)))
