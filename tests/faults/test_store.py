"""The store when disk, database or machine fail: what was acknowledged is there, and nothing is there twice.

Source: faults.md F07, F08, F67-F71, F73-F75, F83.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import smtplib
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from sqlalchemy import Connection, event, func, inspect, make_url, select
from sqlalchemy.exc import DBAPIError, OperationalError

from ingestd.config.settings import Settings
from ingestd.daemon.health import HealthBoard
from ingestd.domain.message import Arrival
from ingestd.domain.reading import Channel
from ingestd.domain.sending import Claim, Purpose, SendingDraft, SendingState
from ingestd.pipeline.checkpointing import CheckpointStep
from ingestd.pipeline.workshop import Workshop
from ingestd.store.database import Database
from ingestd.store.high_water import HighWater
from ingestd.store.messages import claim_unread, store_arrivals
from ingestd.store.schema import message, sending
from ingestd.store.sendings import Recorded, claim_due, record, write_sendings
from ingestd.store.serials import reserve
from ingestd.store.upgrade import HEAD, alembic_config, current, upgrade
from ingestd.store.writer import Writer
from tests.daemon.oracle import complaints, evidence_of, id_in
from tests.daemon.orders import ShippedOrder, deliver, distinct_orders
from tests.daemon.process import KILLED, ROOT, RunningDaemon, running
from tests.daemon.records import Records
from tests.daemon.site import ORDERS, WATCH, Site
from tests.faults.test_restore import command
from tests.servers.dovecot import Mailbox
from tests.servers.fixtures import present
from tests.servers.postgres import Postgres, running_postgres
from tests.servers.programs import free_port
from tests.servers.proxy import NO_FAULT, Act, Fault, FaultProxy, Way
from tests.servers.smtp_sink import SmtpSink

NOW = datetime(2026, 3, 10, 3, tzinfo=UTC)
LEASE = timedelta(seconds=90)
BIG = b"x" * 3000  # bytes: a page of SQLite's, nearly


# --- the whole daemon -------------------------------------------------------------------------------------------------


def with_inlet(site: Site, sink: SmtpSink, mailbox: Mailbox | None = None, **options: Any) -> int:
    """Write a site that takes orders by SMTP, too; its port."""
    port = free_port()
    inlet = {"enabled": True, "port": port, "addresses": [ORDERS], **options.pop("inlet", {})}
    site.write(sink.port, mailbox, inlet=inlet, **options)
    return port


def submit(port: int, order: ShippedOrder) -> tuple[int, str]:
    """Send one order to the inlet; the code and the words of its answer."""
    with smtplib.SMTP("127.0.0.1", port, timeout=30) as client:
        try:
            client.sendmail(order.shipper, [ORDERS], order.raw)
        except smtplib.SMTPDataError as error:
            return error.smtp_code, error.smtp_error.decode() if isinstance(
                error.smtp_error, bytes
            ) else error.smtp_error
    return 250, ""


def sent_until_taken(port: int, order: ShippedOrder, daemon: RunningDaemon) -> int:
    """How often an order was refused for the time being before it was taken, as a mail server goes on trying."""
    refused = 0

    def taken() -> bool:
        nonlocal refused
        code, _ = submit(port, order)
        refused += code != 250
        return code == 250

    daemon.wait_until(taken, "the inlet to take the order")
    return refused


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Another program holds the whole database."""
    with closing(sqlite3.connect(path, isolation_level=None, timeout=20)) as other:
        other.execute("BEGIN EXCLUSIVE")
        try:
            yield
        finally:
            other.execute("ROLLBACK")


@pytest.mark.timeout(180)
@pytest.mark.fault("F07", "F67")
def test_while_another_program_locks_the_database_mail_is_put_off_and_comes_once(
    tmp_path: Path, mailbox: Mailbox, smtp_sink: SmtpSink
) -> None:
    site = Site(tmp_path)
    port = with_inlet(site, smtp_sink, mailbox, inlet={"store_timeout": 1})
    by_mailbox, by_inlet, later = distinct_orders(3, seed=7)
    with running(site) as daemon:
        daemon.wait_ready()
        with locked(site.data / "ingestd.db"):
            mailbox.deliver(by_mailbox.raw)
            code, words = submit(port, by_inlet)
            time.sleep(2)
        assert code == 451
        assert "sqlite" not in words.lower()
        assert "locked" not in words.lower()
        sent_until_taken(port, by_inlet, daemon)
        sent_until_taken(port, later, daemon)
        daemon.wait_quiet(3)
    resent = frozenset({by_inlet.message_id})
    orders = [by_mailbox, by_inlet, later]
    assert complaints(evidence_of(site, orders, smtp_sink.messages(), resent)) == []


@pytest.mark.timeout(180)
@pytest.mark.fault("F08", "F70")
@pytest.mark.parametrize(
    "fault", [pytest.param("store.before_commit:raise", marks=pytest.mark.long), "writer.before_commit@9:enospc"]
)
def test_what_the_database_does_not_take_is_put_off_without_a_word_of_why_and_nothing_is_lost(
    fault: str, tmp_path: Path, smtp_sink: SmtpSink
) -> None:
    site, orders = Site(tmp_path), distinct_orders(4, seed=8)
    port = with_inlet(site, smtp_sink)
    with running(site, fault) as daemon:
        daemon.wait_ready()
        answers = [submit(port, order) for order in orders]
        assert daemon.running
        daemon.close()
    refused = [order for order, (code, _) in zip(orders, answers, strict=True) if code != 250]
    assert refused
    for code, words in answers:
        assert code in (250, 451, 452)
        assert not {word for word in ("failpoint", "Error", str(tmp_path), ".py") if word in words}
    with running(site) as daemon:
        daemon.wait_ready()
        assert [submit(port, order)[0] for order in refused] == [250] * len(refused)
        daemon.wait_quiet(len(orders))
    resent = frozenset(order.message_id for order in refused)
    assert complaints(evidence_of(site, orders, smtp_sink.messages(), resent)) == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of a few megabytes of its own, which is the data folder of a site in `tmp_path`."""
    folder = tmp_path / "data"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)], check=False)
    if mounted.returncode != 0:
        pytest.skip("only root may mount a small disk; writer.before_commit@9:enospc stands in for it")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Leave no byte on a disk; the file that has them all."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (1 << 16, 1 << 12, 1):
            try:
                while True:
                    file.write(b"\0" * size)
            except OSError:
                continue
    return ballast


def over(daemon: RunningDaemon) -> set[str]:
    """The parts whose trouble has passed."""
    return {event["part"] for event in daemon.events("trouble.over")}


@pytest.mark.timeout(180)
@pytest.mark.fault("F69", "F71")
def test_on_a_full_disk_nothing_is_taken_a_person_is_told_and_all_goes_on_once_there_is_room(
    small_disk: Path, tmp_path: Path, mailbox: Mailbox, smtp_sink: SmtpSink
) -> None:
    site = Site(tmp_path)
    port = with_inlet(site, smtp_sink, mailbox, alarms={"disk_free_mb": 0, "disk_full_mb": 0})
    first, by_inlet, by_mailbox = distinct_orders(3, seed=69)
    with running(site) as daemon:
        daemon.wait_ready()
        assert submit(port, first)[0] == 250
        daemon.wait_quiet(1)
        ballast = fill(small_disk)
        assert submit(port, by_inlet)[0] in (451, 452)
        mailbox.deliver(by_mailbox.raw)
        daemon.wait_until(lambda: bool(daemon.events("alarm.told_directly")), "a person to be told")
        assert any(WATCH in mail.recipients for mail in smtp_sink.messages())
        assert len(site.records.messages()) == 1
        ballast.unlink()
        daemon.wait_until(lambda: "smtp/inlet" in over(daemon), "the inlet to be well before anybody writes to it")
        sent_until_taken(port, by_inlet, daemon)
        daemon.wait_quiet(3)
        daemon.stop()
    assert site.records.damage() == []
    assert {id_in(row["bytes"]) for row in site.records.messages()} == {
        order.message_id for order in (first, by_inlet, by_mailbox)
    }
    assert {row["state"] for row in site.records.orders()} == {"dispatched"}
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with running(site) as daemon:
        assert daemon.wait_end() > 0
        assert "Traceback" not in daemon.said()


@pytest.mark.timeout(180)
@pytest.mark.fault("F73")
def test_a_power_cut_loses_nothing_that_was_answered_with_250(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    site, orders = Site(tmp_path), distinct_orders(24, seed=73)
    port = with_inlet(site, smtp_sink)
    chance, answered = random.Random(73), list[tuple[str, int]]()
    log = Path(f"{site.data}/ingestd.db-wal")
    moments = sorted(chance.sample(range(4, len(orders)), 4))
    with running(site) as daemon:
        daemon.wait_ready()
        for number, order in enumerate(orders):
            assert submit(port, order)[0] == 250
            answered.append((order.message_id, log.stat().st_size))
            if number in moments:
                time.sleep(chance.random() / 4)
                all_there_after_a_cut(site, daemon, answered, tmp_path / f"cut.{number}")
        daemon.wait_quiet(len(orders))
    assert complaints(evidence_of(site, orders, smtp_sink.messages())) == []


def all_there_after_a_cut(site: Site, daemon: RunningDaemon, answered: Sequence[tuple[str, int]], to: Path) -> None:
    """The files as they are at one moment, and as they would be had the disk kept less and less of the newest bytes."""
    daemon.tell(signal.SIGSTOP)
    to.mkdir()
    for part in ("", "-wal"):
        shutil.copy(f"{site.data}/ingestd.db{part}", f"{to}/ingestd.db{part}")
    daemon.tell(signal.SIGCONT)
    log = (to / "ingestd.db-wal").read_bytes()
    names = [name for name, _ in answered]
    assert set(names) <= stored_in(to)
    for known, (_, kept) in enumerate(answered, 1):
        if kept > len(log):  # the log was emptied since
            continue
        noise = random.Random(known).randbytes(min(len(log) - kept, 9000))
        (to / "ingestd.db-wal").write_bytes(log[:kept] + noise)
        assert set(names[:known]) <= stored_in(to)


def stored_in(folder: Path) -> set[str]:
    """The Message-IDs of the mails in a copy of the database, which is sound."""
    copy = folder / "opened"
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir()
    for part in ("", "-wal"):
        shutil.copy(f"{folder}/ingestd.db{part}", f"{copy}/ingestd.db{part}")
    with closing(sqlite3.connect(copy / "ingestd.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return {id_in(row[0]) for row in database.execute("SELECT bytes FROM message_raw")}


# --- the writer alone -------------------------------------------------------------------------------------------------


def arrival(number: int, raw: bytes = b"") -> Arrival:
    """A mail of a number, the same each time."""
    whole = b"Message-ID: <%d@shoes.example>\r\n\r\n%s" % (number, raw)
    return Arrival("orders", f"imap/orders/INBOX/1/{number}", Channel.EMAIL, whole, NOW, number)


def draft(number: int) -> SendingDraft:
    """A work order of a number, the same each time."""
    due = NOW + timedelta(minutes=3)
    cause = f"order:{number}/1"
    return SendingDraft(f"key{number}", Purpose.WORK_ORDER, cause, Channel.EMAIL, "li@house.example", BIG, due)


def accepted(claims: Sequence[Claim]) -> list[Recorded]:
    """All of them were taken."""
    return [Recorded(c.sending_id, c.token, SendingState.ACCEPTED, NOW, "250", NOW) for c in claims]


Step = Callable[[Connection], Any]


def day_of_work(patience: Callable[[Step], Any]) -> None:
    """What a daemon does all day, each step in a transaction of its own that its caller repeats where it fails."""
    for number in range(4):
        arrivals = [arrival(2 * number, BIG), arrival(2 * number + 1, BIG)]
        patience(partial(store_arrivals, arrivals=arrivals, state=None, now=NOW))
        patience(partial(write_sendings, drafts=[(None, None, draft(number))], now=NOW))
        patience(partial(reserve, day="260310", count=50))
        claims = patience(partial(claim_due, channel=Channel.EMAIL, owner="me", now=NOW, terms=(LEASE, 10)))
        patience(partial(record, results=accepted(claims)))


def done(database: Database) -> tuple[list[str], list[tuple[str, str]]]:
    """The keys of all messages, and all sendings with their states."""
    with database.read() as connection:
        keys = list(connection.execute(select(message.c.source_key).order_by(message.c.id)).scalars())
        sendings = connection.execute(select(sending.c.key, sending.c.state).order_by(sending.c.id)).all()
    return keys, [(row[0], row[1]) for row in sendings]


WHOLE_DAY = (
    [f"imap/orders/INBOX/1/{number}" for number in range(8)],
    [(f"key{number}", "accepted") for number in range(4)],
)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with its tables and nothing in them."""
    path = tmp_path_factory.mktemp("empty") / "ingestd.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.mark.fault("F70")
@pytest.mark.parametrize("pages", range(10))
def test_a_disk_that_is_full_at_any_write_leaves_a_sound_database_and_the_work_is_done_once(
    pages: int, empty: Path, tmp_path: Path
) -> None:
    path = tmp_path / "ingestd.db"
    shutil.copy(empty, path)
    database = Database(f"sqlite:///{path}")
    room = size_in_pages(path) + pages
    refused: list[str] = []

    @event.listens_for(database.writing, "begin")
    def limit(connection: Connection) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {room}")

    def patience(work: Step) -> Any:
        nonlocal room
        try:
            return writer.run(work)
        except OperationalError as error:
            refused.append(str(error.orig))
            assert is_sound(path)
            room = 1_000_000  # somebody made some
            return writer.run(work)

    writer = Writer(database, HighWater(tmp_path / "high_water"))
    day_of_work(patience)
    assert ["full" in said for said in refused] == [True]
    assert done(database) == WHOLE_DAY
    writer.close()
    database.close()
    assert is_sound(path)


def size_in_pages(path: Path) -> int:
    with closing(sqlite3.connect(path)) as database:
        return int(database.execute("PRAGMA page_count").fetchone()[0])


def is_sound(path: Path) -> bool:
    """Whether SQLite finds nothing wrong with the file."""
    with closing(sqlite3.connect(path)) as database:
        return database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@pytest.mark.fault("F68")
def test_a_reader_that_stays_makes_an_alarm_and_no_failure_and_the_log_is_short_once_he_goes(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/ingestd.db"
    upgrade(url)
    database, health = Database(url), HealthBoard()
    settings = Settings.model_validate({"alarms": {"wal_mb": 1}})
    house = SimpleNamespace(settings=settings)
    step = CheckpointStep(cast(Workshop, SimpleNamespace(database=database, health=health, house=house)))
    writer, log = Writer(database), tmp_path / "ingestd.db-wal"
    with database.read() as reader:
        reader.execute(select(func.count()).select_from(message))
        for number in range(400):
            writer.run(partial(store_arrivals, arrivals=[arrival(number, BIG)], state=None, now=NOW))
        step.step()
        assert log.stat().st_size > 1 << 20
        assert [(t.part, t.kind) for t in health.lasting(lambda _: 0.0)] == [("database log", "wal")]
        writer.run(partial(store_arrivals, arrivals=[arrival(999, BIG)], state=None, now=NOW))
    step.step()
    assert log.stat().st_size == 0
    assert health.lasting(lambda _: 0.0) == []
    writer.close()
    database.close()
    assert is_sound(tmp_path / "ingestd.db")


CHECKPOINTED = """
import sys
from ingestd.store.checkpoint import checkpoint
from ingestd.store.database import Database
from ingestd.store.writer import Writer
from tests.faults.test_store import day_of_work
database = Database(sys.argv[1])
writer = Writer(database)
day_of_work(writer.run)
checkpoint(database)
"""


@pytest.mark.fault("F73")
def test_a_kill_in_the_middle_of_a_checkpoint_loses_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/ingestd.db"
    upgrade(url)
    environment = {**os.environ, "INGESTD_TEST": "1", "INGESTD_FAILPOINT": "wal.mid_checkpoint:kill9"}
    killed = subprocess.run([sys.executable, "-c", CHECKPOINTED, url], env=environment, cwd=ROOT, check=False)
    assert killed.returncode == KILLED
    database = Database(url)
    assert done(database) == WHOLE_DAY
    database.close()
    assert is_sound(tmp_path / "ingestd.db")


def test_every_commit_on_sqlite_waits_for_the_disk(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/ingestd.db"
    upgrade(url)
    database = Database(url)
    with database.write() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2  # FULL
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
    database.close()


# --- damage and upgrades ----------------------------------------------------------------------------------------------


@pytest.mark.fault("F83")
@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE message SET channel = 'fax' WHERE id = 2",
        "UPDATE message SET arrived_at = 'yesterday' WHERE id = 2",
        "DELETE FROM message_raw WHERE message_id = 2",
    ],
)
def test_a_damaged_row_is_set_aside_with_an_alarm_and_stops_no_other(damage: str, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/ingestd.db"
    upgrade(url)
    database = Database(url)
    with database.write() as connection:
        store_arrivals(connection, [arrival(n) for n in range(3)], None, NOW)
        connection.exec_driver_sql(damage)
    with database.write() as connection:
        taken = claim_unread(connection, "me", NOW, LEASE, 10)
    assert [unread.message_id for unread in taken] == [1, 3]
    with database.read() as connection:
        assert connection.exec_driver_sql("SELECT state FROM message ORDER BY id").scalars().all()[1] == "quarantined"
        assert connection.exec_driver_sql("SELECT part FROM alarm").scalar_one() == "message 2"
    database.close()


@pytest.mark.fault("F83")
@pytest.mark.parametrize("point", ["migrate.mid@1:kill9", "migrate.mid@2:kill9"])
def test_a_kill_in_the_middle_of_an_upgrade_leaves_the_old_database_whole(
    point: str, database: str, tmp_path: Path
) -> None:
    from alembic import command as alembic  # noqa: PLC0415  slow to load

    site = Site(tmp_path / "site", database)
    site.write(25)
    alembic.upgrade(alembic_config(database), "0003")
    tables = tables_of(database)
    assert command(site, "db", "upgrade", failpoint=point).returncode == KILLED
    assert (current(database), tables_of(database)) == ("0003", tables)
    assert command(site, "db", "upgrade").returncode == 0
    assert current(database) == HEAD
    assert tables_of(database) != tables


def tables_of(url: str) -> list[tuple[str, str]]:
    """All tables with their columns."""
    database = Database(url)
    inspector = inspect(database.reading)
    found = [
        (table, str(column["name"])) for table in inspector.get_table_names() for column in inspector.get_columns(table)
    ]
    database.close()
    return sorted(found)


@pytest.mark.fault("F83")
def test_a_configuration_that_is_no_good_is_refused_with_its_place_and_the_database_stays(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.write(25)
    upgrade(site.records.url)
    before = (site.data / "ingestd.db").read_bytes()
    site.configuration.write_text(site.configuration.read_text() + "\n[outbox]\nlease = 'soon'\n")
    ran = command(site, "run")
    assert ran.returncode == 78
    assert "ingestd.toml" in ran.stderr
    assert (site.data / "ingestd.db").read_bytes() == before


# --- PostgreSQL -------------------------------------------------------------------------------------------------------


@pytest.fixture
def cluster() -> Iterator[Postgres]:
    """A PostgreSQL of the test's own, which it may stop and restart; it listens on the loopback, too."""
    with present_cluster() as server:
        yield server


@contextmanager
def present_cluster() -> Iterator[Postgres]:
    """As `running_postgres`, or the end of the test with the reason why there is none."""
    with ExitStack() as stack:
        yield present(lambda: stack.enter_context(running_postgres(tcp=True)))


@pytest.mark.timeout(240)
@pytest.mark.fault("F74", "F75")
def test_a_postgresql_that_restarts_crashes_or_becomes_a_standby_loses_and_doubles_nothing(
    cluster: Postgres, tmp_path: Path, mailbox: Mailbox, smtp_sink: SmtpSink
) -> None:
    orders = distinct_orders(12, seed=74)
    batches = [orders[n : n + 3] for n in range(0, len(orders), 3)]
    url = cluster.fresh()
    with FaultProxy(cluster.port) as proxy:
        site = Site(tmp_path, cluster.url_by_tcp(url, proxy.port))
        site.records = Records(url)
        site.write(smtp_sink.port, mailbox)
        name = make_url(url).database

        def crash() -> None:
            cluster.stop(at_once=True)
            time.sleep(1)
            cluster.start()

        def kill_the_backends() -> None:
            cluster.administer(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")

        def become_a_standby_for_a_while() -> None:
            cluster.administer(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
            kill_the_backends()
            time.sleep(2)
            cluster.administer(f"ALTER DATABASE {name} RESET default_transaction_read_only")

        def lose_connections_inside_commits() -> None:
            proxy.fault = Fault(Act.CUT, Way.UP, behind=b"COMMIT")
            time.sleep(1.5)
            proxy.fault = NO_FAULT

        with running(site) as daemon:
            daemon.wait_ready()
            faults = (crash, kill_the_backends, become_a_standby_for_a_while, lose_connections_inside_commits)
            for number, (fault, batch) in enumerate(zip(faults, batches, strict=True), 1):
                for order in batch:
                    mailbox.deliver(order.raw)
                time.sleep(random.Random(number).random() / 2)
                fault()
                daemon.wait_quiet(3 * number)
            assert proxy.struck
            assert daemon.stop() == 0
    assert complaints(evidence_of(site, orders, smtp_sink.messages())) == []


@pytest.mark.long
@pytest.mark.timeout(180)
@pytest.mark.fault("F74")
def test_a_standby_that_is_promoted_is_at_work_within_ten_seconds_and_nothing_is_lost_or_doubled(
    cluster: Postgres, tmp_path: Path, mailbox: Mailbox, smtp_sink: SmtpSink
) -> None:
    orders = distinct_orders(9, seed=740)
    url = cluster.fresh()
    name = make_url(url).database or ""
    with cluster.standby() as standby:
        hosts = "&".join(f"host=127.0.0.1:{server.port}" for server in (cluster, standby))
        site = Site(tmp_path, f"postgresql+psycopg://ingestd@/{name}?{hosts}&target_session_attrs=read-write")
        site.records = Records(url)
        site.write(smtp_sink.port, mailbox)
        with running(site) as daemon:
            daemon.wait_ready()
            deliver(mailbox, orders[:3])
            daemon.wait_quiet(3)
            deliver(mailbox, orders[3:6])
            time.sleep(0.3)  # so that they are on their way
            cluster.stop(at_once=True)
            standby.promote()
            promoted, site.records = time.monotonic(), Records(standby.url(name))
            deliver(mailbox, orders[6:])
            daemon.wait_until(lambda: len(site.records.messages()) == 9, "the standby to be written to")
            took_seconds = time.monotonic() - promoted
            daemon.wait_quiet(9)
            assert daemon.stop() == 0
        assert complaints(evidence_of(site, orders, smtp_sink.messages())) == []
    assert took_seconds < 10


@pytest.mark.fault("F75")
@pytest.mark.parametrize("passing", [1, 5, *(pytest.param(passing, marks=pytest.mark.long) for passing in (2, 3, 8))])
def test_a_connection_that_is_lost_inside_a_commit_leaves_the_work_done_once(
    passing: int, cluster_url: tuple[Postgres, str], tmp_path: Path
) -> None:
    cluster, url = cluster_url
    upgrade(url)
    with FaultProxy(cluster.port) as proxy:
        database = Database(cluster.url_by_tcp(url, proxy.port))
        writer = Writer(database, HighWater(tmp_path / "high_water"))
        passed = 0

        def patience(work: Step) -> Any:
            nonlocal passed
            passed += 1
            if passed % passing == 0:
                proxy.fault = Fault(Act.CUT, Way.UP, behind=b"COMMIT")
                threading.Timer(0.3, lift).start()
            return writer.run(work)

        def lift() -> None:
            proxy.fault = NO_FAULT

        day_of_work(patience)
        writer.close()
        database.close()
        assert proxy.struck
    looking = Database(url)
    keys, sendings = done(looking)
    looking.close()
    assert keys == WHOLE_DAY[0]
    assert [key for key, _ in sendings] == [key for key, _ in WHOLE_DAY[1]]
    assert {state for _, state in sendings} <= {"accepted", "sending"}  # a claim that is lost ends with its lease


@pytest.fixture(scope="module")
def one_cluster() -> Iterator[Postgres]:
    """As `cluster`, for tests that leave it running."""
    with present_cluster() as server:
        yield server


@pytest.fixture
def cluster_url(one_cluster: Postgres) -> tuple[Postgres, str]:
    """A cluster, and an empty database in it."""
    return one_cluster, one_cluster.fresh()


@pytest.mark.fault("F74")
def test_connections_to_a_server_that_takes_no_writes_are_not_kept(cluster_url: tuple[Postgres, str]) -> None:
    cluster, url = cluster_url
    upgrade(url)
    name = make_url(url).database
    cluster.administer(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    database = Database(url)
    store = partial(store_arrivals, arrivals=[arrival(1)], state=None, now=NOW)
    with pytest.raises(DBAPIError), database.write() as connection:
        store(connection)
    cluster.administer(f"ALTER DATABASE {name} RESET default_transaction_read_only")
    with database.write() as connection:  # the session before would stay read-only for ever
        store(connection)
    assert done(database)[0] == ["imap/orders/INBOX/1/1"]
    database.close()


@pytest.mark.fault("F66")
def test_who_is_frozen_while_he_decides_loses_his_turn_and_hears_of_it(postgres_database: str) -> None:
    with closing(Database(postgres_database)) as database, ExitStack() as turn:
        turn.enter_context(database.deciding(frozen_ms=500))
        began = time.monotonic()
        with closing(Database(postgres_database)) as other, other.deciding():
            assert time.monotonic() - began < 10
        with pytest.raises(DBAPIError):
            turn.close()
