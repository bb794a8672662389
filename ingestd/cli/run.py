"""`ingestd run` and `ingestd db upgrade`: the daemon, and its database's revision."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import typer

from ingestd.cli.output import line
from ingestd.cli.session import session_of, shown_url
from ingestd.cli.trouble import CONFIGURATION, FINE, TEMPORARY, Trouble
from ingestd.cli.words import word


def run(context: typer.Context) -> int:
    """Run until SIGTERM or SIGINT."""
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


def db_upgrade(context: typer.Context) -> int:
    """Bring the database to this version's revision; refused while a daemon works on it."""
    from ingestd.daemon.lock import RunLock
    from ingestd.store.upgrade import HEAD, current, upgrade

    settings = session_of(context).settings
    writable(settings.site.data_folder)
    shown = shown_url(settings.database_url)
    before = current(settings.database_url)
    if before == HEAD:
        line(word("db.newest", url=shown, revision=HEAD))
        return FINE
    if before is not None and before > HEAD:
        raise Trouble(word("database.newer", url=shown, found=before, needed=HEAD))
    lock = RunLock(settings.site.data_folder)
    try:
        before, after = upgrade(settings.database_url)
    finally:
        lock.release()
    if after != HEAD:
        raise Trouble(word("database.revision", url=shown, found=after, needed=HEAD), TEMPORARY)
    line(word("db.upgraded", url=shown, before=before or word("db.nothing"), after=after))
    return FINE
