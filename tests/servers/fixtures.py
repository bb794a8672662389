"""The servers as pytest fixtures: started at first use, one set a test process, stopped at the end.

A server that this machine lacks is a skip that says so, and a failure where INGESTD_REQUIRE_SERVERS=1.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TypeVar

import pytest

from tests.servers.certificates import Certificates
from tests.servers.dovecot import Dovecot, Mailbox
from tests.servers.gammu import GammuSmsd
from tests.servers.postgres import Postgres
from tests.servers.programs import ServerMissingError
from tests.servers.relay import Relay, RelayOptions
from tests.servers.smtp_sink import SmtpSink

S = TypeVar("S")
DATABASES = {"sqlite": "sqlite_database", "postgresql": "postgres_database"}


def present(make: Callable[[], S]) -> S:
    """Make a server, or end the test with the exact reason why there is none."""
    try:
        return make()
    except ServerMissingError as error:
        if os.environ.get("INGESTD_REQUIRE_SERVERS") == "1":
            pytest.fail(f"{error}; INGESTD_REQUIRE_SERVERS=1 makes this a failure", pytrace=False)
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def dovecot_session() -> Iterator[Dovecot]:
    server = present(Dovecot)
    try:
        server.start()
        yield server
    finally:
        server.close()


@pytest.fixture
def dovecot(dovecot_session: Dovecot) -> Iterator[Dovecot]:
    """A running Dovecot; whatever a test did to it, the next one finds it up and with its usual settings."""
    yield dovecot_session
    dovecot_session.recover()


@pytest.fixture
def mailbox(dovecot: Dovecot) -> Mailbox:
    """A mailbox that nobody has used before."""
    return dovecot.fresh_mailbox()


@pytest.fixture
def certificates(dovecot: Dovecot) -> Certificates:
    """The certificates that Dovecot shows; good for any server on the loopback."""
    return dovecot.certificates


@pytest.fixture
def smtp_sink() -> Iterator[SmtpSink]:
    """Postfix's smtp-sink, empty."""
    server = present(SmtpSink)
    try:
        server.start()
        yield server
    finally:
        server.close()


@pytest.fixture
def start_relay() -> Iterator[Callable[[RelayOptions], Relay]]:
    """Starts scripted relays with options; they are stopped with the test."""
    with ExitStack() as relays:

        def start(options: RelayOptions) -> Relay:
            relay = Relay(options)
            relay.start()
            relays.callback(relay.stop)
            return relay

        yield start


@pytest.fixture
def relay(start_relay: Callable[[RelayOptions], Relay]) -> Relay:
    """A scripted relay without TLS or login."""
    return start_relay(RelayOptions())


@pytest.fixture
def gammu() -> Iterator[GammuSmsd]:
    """A gammu-smsd with an empty spool and a phone that has received nothing."""
    server = present(GammuSmsd)
    try:
        server.start()
        yield server
    finally:
        server.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A private PostgreSQL cluster."""
    server = present(Postgres)
    try:
        server.start()
        yield server
    finally:
        server.close()


@pytest.fixture
def postgres_database(postgres: Postgres) -> Iterator[str]:
    """The SQLAlchemy URL of an empty PostgreSQL database."""
    url = postgres.fresh()
    yield url
    postgres.drop(url)


@pytest.fixture
def sqlite_database(tmp_path: Path) -> str:
    """The SQLAlchemy URL of a SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path}/ingestd.db"


@pytest.fixture(params=list(DATABASES))
def database(request: pytest.FixtureRequest) -> str:
    """The SQLAlchemy URL of an empty database; a test that asks for it runs on SQLite and on PostgreSQL."""
    return str(request.getfixturevalue(DATABASES[request.param]))
