"""One call of the command line: which configuration it goes by, and its way to the database."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import typer

from ingestd.cli.trouble import CONFIGURATION, Trouble
from ingestd.cli.words import word

if TYPE_CHECKING:
    from ingestd.config.load import Configuration
    from ingestd.config.settings import Settings
    from ingestd.store.database import Database

CLOCK_FILE = "INGESTD_CLOCK"


@dataclass
class Session:
    """What every command may ask for; nothing is read before it is asked for."""

    config: Path | None  # as given by --config

    @property
    def file(self) -> Path:
        """The configuration file, whether it is there or not."""
        from ingestd.config.shipped import SITE_FOLDER

        return self.config or Path(os.environ.get("INGESTD_CONFIG", SITE_FOLDER / "ingestd.toml"))

    @cached_property
    def configuration(self) -> Configuration:
        """The site's policy; raises ConfigurationError."""
        from ingestd.config.load import load

        return load(self.file)

    def read_again(self) -> Configuration:
        """The site's policy as its files are now; raises ConfigurationError."""
        from ingestd.config.load import load

        return load(self.file)

    @property
    def settings(self) -> Settings:
        return self.configuration.settings

    @property
    def zone(self) -> ZoneInfo:
        return self.settings.site.zone

    def now(self) -> datetime:
        """The daemon's time: the machine's, or under the test flag a file's."""
        if CLOCK_FILE not in os.environ:
            return datetime.now(UTC)
        from ingestd.daemon.service import clock_of

        return clock_of(os.environ).now()

    @contextmanager
    def database(self) -> Iterator[Database]:
        """The daemon's database, which must be there and of our revision; raises Trouble."""
        from ingestd.store.database import Database
        from ingestd.store.upgrade import HEAD, current

        revision = current(self.settings.database_url)
        shown = shown_url(self.settings.database_url)
        if revision is None:
            raise Trouble(word("database.empty", url=shown), CONFIGURATION)
        if revision != HEAD:
            raise Trouble(word("database.revision", url=shown, found=revision, needed=HEAD), CONFIGURATION)
        database = Database(self.settings.database_url)
        try:
            yield database
        finally:
            database.close()


def session_of(context: typer.Context) -> Session:
    """The session that a command belongs to."""
    session = context.find_object(Session)
    assert session is not None
    return session


def shown_url(url: str) -> str:
    """A database's URL without its password."""
    from sqlalchemy.engine import make_url

    return make_url(url).render_as_string(hide_password=True)
