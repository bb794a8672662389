"""`ingestd run`: the daemon."""

from __future__ import annotations

import errno
import gc
import os
from pathlib import Path

import typer

from ingestd.cli.session import session_of
from ingestd.cli.trouble import CONFIGURATION, FINE, TEMPORARY, Trouble
from ingestd.cli.words import word


def run(context: typer.Context) -> int:
    """Run until SIGTERM or SIGINT."""
    gc.disable()  # what is loaded until the daemon is ready stays: it collects once then, and from then on
    session = session_of(context)
    configuration = session.configuration
    from ingestd.daemon.journal import set_up_log
    from ingestd.daemon.service import Daemon

    writable(configuration.settings.site.data_folder)
    set_up_log(configuration.settings.logging)
    try:
        Daemon(configuration, again=session.read_again).run()
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        inlet = configuration.settings.inlet
        raise Trouble(word("run.port", host=inlet.host, port=inlet.port), TEMPORARY) from error
    return FINE


def writable(folder: Path) -> None:
    """Make the data folder where it is missing; raises Trouble where the daemon could not write there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Trouble(word("run.data_folder", folder=folder, why=error.strerror), CONFIGURATION) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise Trouble(word("run.data_folder", folder=folder, why=os.strerror(errno.EACCES)), CONFIGURATION)
