"""`ingestd db upgrade|backup|restore`: the database's revision, a copy of it, and what follows when one is put back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ingestd.cli.output import line
from ingestd.cli.run import writable
from ingestd.cli.session import session_of, shown_url
from ingestd.cli.trouble import FINE, TEMPORARY, WRONG_USE, Trouble
from ingestd.cli.words import word

if TYPE_CHECKING:
    from ingestd.cli.session import Session


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


def db_backup(
    context: typer.Context, file: Annotated[Path, typer.Argument(help=word("help.backup_file"), metavar="FILE")]
) -> int:
    """Copy the database as it is at this moment, beside a running daemon."""
    from ingestd.store.backup import back_up

    session = session_of(context)
    source = sqlite_file(session, "db.backup_postgres")
    with session.database():  # it is there, and of our revision
        pass
    if file.is_dir() or not file.resolve().parent.is_dir() or file.resolve() == source.resolve():
        raise Trouble(word("db.not_there", file=file), WRONG_USE)
    size = back_up(source, file)
    line(word("db.backed_up", file=file, size=size))
    line(word("db.secret_too", folder=session.settings.site.data_folder))
    return FINE


def db_restore(
    context: typer.Context,
    file: Annotated[Path | None, typer.Argument(help=word("help.restore_file"), metavar="[FILE]")] = None,
) -> int:
    """Put a backup in the database's place, or say that this was done; refused while a daemon works on it."""
    from ingestd.daemon.lock import RunLock
    from ingestd.store.high_water import HIGH_WATER, HighWater
    from ingestd.store.restored import begin_anew, new_life

    session = session_of(context)
    site = session.settings.site
    writable(site.data_folder)
    lock = RunLock(site.data_folder)
    high_water = HighWater(site.data_folder / HIGH_WATER)
    try:
        if file is not None:
            put_back(session, file)
        with session.database() as database, database.write() as connection:
            held = begin_anew(connection, new_life(session.now(), site.zone))
            high_water.agree(connection)
    finally:
        high_water.close()
        lock.release()
    line(word("db.restored", url=shown_url(session.settings.database_url), held=held))
    line(word("db.restored_next"))
    return FINE


def put_back(session: Session, file: Path) -> None:
    """Put a sound backup in the database's place, brought to our revision; what was there stays beside it."""
    from ingestd.store.backup import faults, put_in_place
    from ingestd.store.upgrade import HEAD, current, upgrade

    target = sqlite_file(session, "db.restore_postgres")
    if not file.is_file() or file.resolve() == target.resolve():
        raise Trouble(word("db.no_file", file=file), WRONG_USE)
    if found := faults(file):
        raise Trouble(word("db.unsound", file=file, said=found[0]))
    revision = current(f"sqlite:///{file}")
    if revision is None:
        raise Trouble(word("db.no_tables", file=file))
    if revision > HEAD:
        raise Trouble(word("database.newer", url=file, found=revision, needed=HEAD))
    aside = put_in_place(target, file, f"before-{session.now():%Y%m%d-%H%M%S}")
    if aside:
        line(word("db.aside", file=aside))
    if revision != HEAD:
        upgrade(session.settings.database_url)


def sqlite_file(session: Session, otherwise: str) -> Path:
    """The file of a SQLite database; raises Trouble in other words where it is PostgreSQL's."""
    from sqlalchemy import make_url

    url = make_url(session.settings.database_url)
    if url.get_backend_name() != "sqlite" or not url.database:
        raise Trouble(word(otherwise), WRONG_USE)
    return Path(url.database)
