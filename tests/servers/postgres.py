"""A private PostgreSQL cluster behind a Unix socket, with a fresh database for whoever asks.

`python -m tests.servers.postgres COMMAND...` runs a command with the URL of a fresh database as its last argument.
"""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from glob import glob
from pathlib import Path

import psycopg
from sqlalchemy import make_url

from tests.servers.programs import (
    Account,
    Program,
    ServerFailedError,
    ServerMissingError,
    find_program,
    free_port,
    private_folder,
    server_account,
)

PORT = 5432  # the name of its socket
# Durability is the operating system's business, not what is tested; without it a fresh database takes milliseconds.
SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "max_connections": "100",
    "autovacuum": "off",
    "timezone": "UTC",
}


class Postgres:
    """A cluster of our own; every database in it is reached as the superuser `ingestd` without a password.

    With `tcp` it listens on a port of the loopback, too, so that a proxy may stand before it.
    """

    def __init__(self, tcp: bool = False) -> None:
        self.port = free_port() if tcp else PORT
        self._listen = "127.0.0.1" if tcp else ""
        self._account: Account = server_account()
        self._initdb = _program("initdb")
        self._postgres = _program("postgres")
        self.folder = private_folder("pg", self._account)
        self._numbers = itertools.count(1)
        self._program: Program | None = None

    def start(self) -> None:
        """Make the cluster at the first start, and return when it takes connections."""
        if not (self.folder / "data").exists():
            self._make_cluster()
        settings = [f"--{name}={value}" for name, value in SETTINGS.items()]
        settings += [f"--listen_addresses={self._listen}", f"--port={self.port}"]
        arguments = [self._postgres, "-D", str(self.folder / "data"), "-k", str(self.folder), *settings]
        self._program = Program(self._account.command(arguments), self.folder / "log", self.folder)
        self._program.wait_until(self._answers, "PostgreSQL to take connections")

    def stop(self, at_once: bool = False) -> None:
        """Stop the server, without waiting for its clients; `at_once` as a crash would. The data stays."""
        if self._program is not None:
            self._program.stop(signal.SIGQUIT if at_once else signal.SIGINT)
            self._program = None

    def close(self) -> None:
        """Stop the server and remove its data."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    @contextmanager
    def standby(self) -> Iterator[Postgres]:
        """Run a cluster that follows this one; a commit here waits for it."""
        other = Postgres(tcp=True)
        try:
            other.copy(self)
            other.start()
            self.administer("ALTER SYSTEM SET synchronous_standby_names = '*'")
            self.administer("SELECT pg_reload_conf()")
            yield other
        finally:
            other.close()

    def copy(self, primary: Postgres) -> None:
        """Become the standby of another cluster, at the first start."""
        by = ["-h", str(primary.folder), "-p", str(primary.port), "-U", "ingestd"]
        self._make([_program("pg_basebackup"), "-D", str(self.folder / "data"), "-R", "-c", "fast", *by])

    def promote(self) -> None:
        """A standby takes over."""
        self.administer("SELECT pg_promote()")

    def url(self, database: str) -> str:
        """Give the SQLAlchemy URL of a database."""
        return f"postgresql+psycopg://ingestd@/{database}?host={self.folder}&port={self.port}"

    def url_by_tcp(self, url: str, port: int) -> str:
        """The URL of the same database by a port of the loopback, such as a proxy's."""
        return f"postgresql+psycopg://ingestd@127.0.0.1:{port}/{make_url(url).database}"

    def fresh(self, template: str = "template0") -> str:
        """Make a database, empty or a copy of `template`, and give its SQLAlchemy URL."""
        name = f"test_{next(self._numbers)}"
        self.administer(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    def drop(self, url: str) -> None:
        """Drop a database by its URL, whoever is still connected."""
        self.administer(f"DROP DATABASE IF EXISTS {make_url(url).database} WITH (FORCE)")

    def _make_cluster(self) -> None:
        arguments = [self._initdb, "-D", str(self.folder / "data"), "-U", "ingestd", "-A", "trust", "-N"]
        self._make([*arguments, "-E", "UTF8", "--locale=C.UTF-8", "--no-instructions"])

    def _make(self, arguments: Sequence[str]) -> None:
        command = self._account.command([*arguments])
        made = subprocess.run(command, capture_output=True, text=True, check=False, cwd=self.folder)
        if made.returncode != 0:
            raise ServerFailedError(f"{Path(arguments[0]).name} failed: {made.stderr[-2000:]}")

    def _answers(self) -> bool:
        try:
            self.administer("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def administer(self, statement: str) -> None:
        """Run a statement as the superuser, in the database `postgres`."""
        with psycopg.connect(self.url("postgres").replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute(statement.encode())


def _program(name: str) -> str:
    versions = sorted(glob("/usr/lib/postgresql/*/bin"), key=lambda folder: -int(Path(folder).parent.name))  # noqa: PTH207
    return find_program(name, "postgresql", folders=versions)


@contextmanager
def running_postgres(tcp: bool = False) -> Iterator[Postgres]:
    """Run a cluster for the length of a `with` block."""
    server = Postgres(tcp)
    try:
        server.start()
        yield server
    finally:
        server.close()


def main(command: Sequence[str]) -> int:
    """Run a command on a fresh database, whose URL becomes its last argument; give its exit code.

    Without PostgreSQL it says so, which is a failure only where INGESTD_REQUIRE_SERVERS=1.
    """
    try:
        with running_postgres() as server:
            return subprocess.run([*command, server.fresh()], check=False).returncode
    except ServerMissingError as error:
        print(f"left out: {error}", file=sys.stderr)
        return 1 if os.environ.get("INGESTD_REQUIRE_SERVERS") == "1" else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
