"""`ingestd run` and `ingestd db upgrade`: the daemon, and its database's revision."""

from __future__ import annotations

import typer

from ingestd.cli.output import line
from ingestd.cli.session import session_of, shown_url
from ingestd.cli.trouble import FINE, TEMPORARY, Trouble
from ingestd.cli.words import word


def run(context: typer.Context) -> int:
    """Run until SIGTERM or SIGINT."""
    configuration = session_of(context).configuration
    from ingestd.daemon.journal import set_up_log
    from ingestd.daemon.service import Daemon

    set_up_log(configuration.settings.logging)
    Daemon(configuration).run()
    return FINE


def db_upgrade(context: typer.Context) -> int:
    """Bring the database to this version's revision; refused while a daemon works on it."""
    from ingestd.daemon.lock import RunLock
    from ingestd.store.upgrade import HEAD, current, upgrade

    settings = session_of(context).settings
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
