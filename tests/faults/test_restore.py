"""Backups, and what follows when one is put back: nothing that was sent since leaves again.

Source: faults.md F84, F83 (migrate.mid) and docs/adr/0017.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import make_url

from ingestd.cli.counter import counter_of
from ingestd.cli.session import Session
from ingestd.domain.keys import Keys
from ingestd.domain.message import Arrival
from ingestd.domain.reading import Channel
from ingestd.domain.sending import Purpose, SendingDraft
from ingestd.store.alarms import open_alarms
from ingestd.store.backup import faults
from ingestd.store.database import Database
from ingestd.store.high_water import HighWater, WentBackError
from ingestd.store.messages import store_arrivals
from ingestd.store.restored import (
    AFTER_RESTORE,
    NewLife,
    begin_anew,
    begin_where_restored,
    new_life,
    restored_at,
)
from ingestd.store.sendings import set_hold, write_sendings
from ingestd.store.serials import reserve
from ingestd.store.upgrade import upgrade
from ingestd.store.writer import Writer
from tests.daemon.oracle import captured, complaints, evidence_of
from tests.daemon.orders import ShippedOrder, deliver, distinct_orders
from tests.daemon.process import COMMAND, KILLED, running
from tests.daemon.records import Row
from tests.daemon.site import DESK, MANAGER, WATCH, Site
from tests.servers.dovecot import Mailbox
from tests.servers.postgres import Postgres
from tests.servers.smtp_sink import SmtpSink

pytestmark = pytest.mark.long

NOW = datetime(2026, 3, 10, 3, tzinfo=UTC)
PER_ORDER = 4  # sendings: acknowledgement, work order by mail, and in two text messages
IN_THE_HOUSE = {WATCH, DESK, MANAGER}  # whom a restore is told to
BEFORE, ON_THE_WAY, AFTER = 3, 2, 3  # orders: sent, due and lost by the backup


def command(site: Site, *arguments: str, failpoint: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command of ingestd's on the site."""
    whole = [COMMAND, "--config", str(site.configuration), *arguments]
    environment = {**os.environ, "LANG": "C", "INGESTD_TEST": "1", "INGESTD_FAILPOINT": failpoint}
    return subprocess.run(whole, capture_output=True, text=True, check=False, timeout=60, env=environment)


def did(site: Site, *arguments: str) -> str:
    """What a command said, which went well."""
    ran = command(site, *arguments)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def sendings(site: Site, state: str) -> list[Row]:
    """The sendings in a state, oldest first."""
    return [row for row in site.records.sendings() if row["state"] == state]


def out_of_the_house(sink: SmtpSink) -> Counter[tuple[str, ...]]:
    """How many mails each recipient out of the house got."""
    return Counter(mail.recipients for mail in sink.messages() if not set(mail.recipients) & IN_THE_HOUSE)


@dataclass
class History:
    """A site whose backup is older than its database, with what it had sent by then."""

    site: Site
    mailbox: Mailbox
    sink: SmtpSink
    orders: list[ShippedOrder]
    backup: Path
    sent: Counter[tuple[str, ...]]
    texts: int
    serials: set[str]

    def has_sent_nothing_since(self) -> bool:
        """Whether nobody out of the house got anything more."""
        return out_of_the_house(self.sink) == self.sent and len(self.site.spool.texts()) == self.texts


@pytest.fixture
def history(tmp_path: Path, mailbox: Mailbox, smtp_sink: SmtpSink) -> History:
    """Orders that were sent before the backup, others that were due by then, and others that came after it."""
    site = Site(tmp_path / "site")
    site.write(smtp_sink.port, mailbox)
    orders = distinct_orders(BEFORE + ON_THE_WAY + AFTER, seed=84)
    backup = tmp_path / "backup.db"
    deliver(mailbox, orders[:BEFORE])
    with running(site) as daemon:
        daemon.wait_quiet(BEFORE)
        did(site, "outbox", "hold")
        deliver(mailbox, orders[BEFORE : BEFORE + ON_THE_WAY])
        daemon.wait_until(lambda: len(sendings(site, "due")) == ON_THE_WAY * PER_ORDER, "orders to be decided on")
        did(site, "db", "backup", str(backup))
        did(site, "outbox", "release")
        with closing(sqlite3.connect(backup)) as copy:
            copy.execute(
                "DELETE FROM switch WHERE name = 'hold'"
            )  # they were due because they had just been decided on
            copy.commit()
        deliver(mailbox, orders[BEFORE + ON_THE_WAY :])
        daemon.wait_quiet(len(orders))
        assert daemon.stop() == 0
    assert complaints(evidence_of(site, orders, smtp_sink.messages())) == []
    serials = {row["serial"] for row in site.records.orders()}
    texts = len(site.spool.texts())
    return History(site, mailbox, smtp_sink, orders, backup, out_of_the_house(smtp_sink), texts, serials)


def by_command(history: History) -> None:
    """As docs/operations.md tells it."""
    did(history.site, "db", "restore", str(history.backup))


def to_a_new_machine(history: History) -> None:
    """Nothing is left but the backup, the secret and the configuration."""
    secret = (history.site.data / "secret").read_bytes()
    shutil.rmtree(history.site.data)
    history.site.data.mkdir()
    (history.site.data / "secret").write_bytes(secret)
    shutil.copy(history.backup, history.site.data / "ingestd.db")


@pytest.mark.timeout(180)
@pytest.mark.fault("F84")
@pytest.mark.parametrize("put_back", [by_command, to_a_new_machine])
def test_what_was_sent_after_the_backup_is_held_until_a_person_says(
    put_back: Callable[[History], None], history: History
) -> None:
    site = history.site
    put_back(history)
    again = ON_THE_WAY + AFTER
    with running(site) as daemon:
        daemon.wait_quiet(len(history.orders))
        daemon.wait_until(lambda: any(WATCH in mail.recipients for mail in history.sink.messages()), "the alarm")
        daemon.wait_until(lambda: any(DESK in mail.recipients for mail in history.sink.messages()), "the desk's letter")
        daemon.wait_until(lambda: not texts_in_doubt(site), "the texts to be looked up")
        held = sendings(site, "held")
        assert history.has_sent_nothing_since()
        assert all(row["detail"].startswith(AFTER_RESTORE) for row in held)
        assert len(held) == again * PER_ORDER - len(found_texts(site))
        assert len(found_texts(site)) == 2 * ON_THE_WAY  # that gammu-smsd has them is known by their names
        (asked,) = site.records.rows("SELECT * FROM review WHERE state = 'open'")
        assert asked["reason"] == "restored"
        new = {row["serial"] for row in site.records.orders()} - history.serials
        assert len(new) == AFTER  # no number was given to two orders
        done = did(site, "outbox", "sent")
        assert str(len(held)) in done
        assert {row["state"] for row in site.records.orders()} == {"dispatched"}
        did(site, "outbox", "release")
        (fresh,) = distinct_orders(1, seed=85)
        history.mailbox.deliver(fresh.raw)
        daemon.wait_quiet(len(history.orders) + 1)
    assert [row for row in site.records.alarms() if row["kind"] == "restored" and not row["cleared_at"]] == []
    assert out_of_the_house(history.sink) == history.sent + Counter(mails_of(history, fresh))
    assert len(mails_of(history, fresh)) == 2
    assert site.records.damage() == []


def texts_in_doubt(site: Site) -> list[Row]:
    """Held text messages that nobody has looked for yet."""
    return [row for row in sendings(site, "held") if row["channel"] == "sms" and row["detail"] == AFTER_RESTORE]


def found_texts(site: Site) -> list[Row]:
    """Text messages that the backup has as due and that had left since."""
    return [row for row in sendings(site, "accepted") if "found by lookup" in row["detail"]]


def mails_of(history: History, order: ShippedOrder) -> list[tuple[str, ...]]:
    """To whom the mails of one order went."""
    mails = [captured(mail) for mail in history.sink.messages()]
    return [mail.recipients for mail in mails if order.phone in mail.words or mail.answers == order.message_id]


@pytest.mark.timeout(180)
@pytest.mark.fault("F84")
def test_a_kill_in_the_middle_of_a_backup_leaves_the_one_before_and_a_kill_of_a_restore_is_made_good(
    tmp_path: Path,
) -> None:
    site, backup = Site(tmp_path / "site"), tmp_path / "backup.db"
    site.write(25)
    upgrade(site.records.url)
    written_by(site, 3)
    assert command(site, "db", "backup", str(backup), failpoint="backup.mid:kill9").returncode == KILLED
    assert not backup.exists()
    did(site, "db", "backup", str(backup))
    first = backup.read_bytes()
    written_by(site, 2)
    assert command(site, "db", "backup", str(backup), failpoint="backup.mid:kill9").returncode == KILLED
    assert backup.read_bytes() == first
    assert (backup.stat().st_mode & 0o777) == 0o600
    before = switches(site)
    assert command(site, "db", "restore", str(backup), failpoint="restore.mid:kill9").returncode == KILLED
    assert switches(site) == before
    did(site, "db", "restore", str(backup))
    assert switches(site).keys() >= {"life", "restored"}
    assert list(site.data.glob("ingestd.db.before-*"))


def test_what_is_no_sound_backup_is_refused_and_the_database_stays(tmp_path: Path) -> None:
    site, backup = Site(tmp_path / "site"), tmp_path / "backup.db"
    site.write(25)
    upgrade(site.records.url)
    written_by(site, 1)
    backup.write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)
    before = switches(site)
    refused = command(site, "db", "restore", str(backup))
    assert refused.returncode == 1
    assert str(backup) in refused.stderr
    assert switches(site) == before


@pytest.mark.parametrize("broken", [b"no database", b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_damaged_file_has_faults(broken: bytes, tmp_path: Path) -> None:
    (tmp_path / "backup.db").write_bytes(broken)
    assert faults(tmp_path / "backup.db")


def written_by(site: Site, commits: int) -> None:
    """So many commits by a daemon of this site."""
    database, high_water = Database(site.records.url), HighWater(site.data / "high_water")
    writer = Writer(database, high_water)
    for _ in range(commits):
        writer.run(lambda connection: set_hold(connection, on=True))
    writer.close()
    high_water.close()
    database.close()


def switches(site: Site) -> dict[str, str]:
    """What the database says of itself."""
    return {row["name"]: row["value"] for row in site.records.rows("SELECT name, value FROM switch")}


# --- the note beside the database -------------------------------------------------------------------------------------


def copied(url: str, tmp_path: Path, postgres: Postgres | None) -> Callable[[], str]:
    """Back a database up as it is now; what it gives puts the copy back and gives its URL."""
    if postgres is not None:
        copy = postgres.fresh(template=make_url(url).database or "")
        return lambda: copy
    path = Path(make_url(url).database or "")
    with closing(sqlite3.connect(path)) as live, closing(sqlite3.connect(tmp_path / "copy")) as copy_of:
        live.backup(copy_of)

    def put_back() -> str:
        for part in ("-wal", "-shm"):
            Path(f"{path}{part}").unlink(missing_ok=True)
        shutil.copy(tmp_path / "copy", path)
        return url

    return put_back


@pytest.mark.fault("F84")
def test_a_database_that_is_older_than_the_folder_knows_is_seen_at_the_start_and_while_running(
    database: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    upgrade(database)
    postgres = None if database.startswith("sqlite") else request.getfixturevalue("postgres")
    went_back: list[bool] = []

    def begin(url: str) -> tuple[Database, Writer, str]:
        db, high_water = Database(url), HighWater(tmp_path / "high_water")
        life = begin_where_restored(db, high_water, new_life(NOW, UTC))
        return db, Writer(db, high_water, lambda: went_back.append(True)), life

    db, writer, life = begin(database)
    assert life == ""
    writer.run(lambda connection: set_hold(connection, on=True))
    writer.close()
    db.close()
    put_back = copied(database, tmp_path, postgres)
    db, writer, life = begin(database)
    assert life == ""  # a start is no restore
    writer.run(lambda connection: set_hold(connection, on=False))
    number = HighWater(tmp_path / "high_water").number
    writer.close()
    db.close()

    older = Database(put_back())
    running_on = Writer(older, HighWater(tmp_path / "high_water"), lambda: went_back.append(True))
    with pytest.raises(WentBackError):
        running_on.run(lambda connection: set_hold(connection, on=False))
    assert went_back == [True]
    running_on.close()
    with older.read() as connection:
        assert restored_at(connection) is None
    older.close()

    db, writer, life = begin(str(older.url.render_as_string(hide_password=False)))
    assert life != ""
    with db.read() as connection:
        assert restored_at(connection) == NOW
        assert [alarm["kind"] for alarm in open_alarms(connection)] == ["restored"]
    writer.run(lambda connection: set_hold(connection, on=False))
    assert HighWater(tmp_path / "high_water").number == number + 1
    writer.close()
    db.close()
    db, writer, again = begin(str(older.url.render_as_string(hide_password=False)))
    assert again == life
    writer.close()
    db.close()


def test_a_sqlite_database_of_another_folder_counts_as_restored_and_a_new_daemon_on_postgresql_does_not(
    database: str, tmp_path: Path
) -> None:
    upgrade(database)
    for folder, lives in (("first", ""), ("second", "another" if database.startswith("sqlite") else "")):
        (tmp_path / folder).mkdir()
        db, high_water = Database(database), HighWater(tmp_path / folder / "high_water")
        life = begin_where_restored(db, high_water, replace(new_life(NOW, UTC), name="another"))
        assert life == lives
        writer = Writer(db, high_water)
        writer.run(lambda connection: set_hold(connection, on=True))
        writer.close()
        db.close()


def test_a_note_that_is_damaged_counts_as_none(tmp_path: Path) -> None:
    HighWater(tmp_path / "high_water").note(7)
    (tmp_path / "high_water").write_bytes(b"x" * 24)
    assert HighWater(tmp_path / "high_water").number == 0


def test_after_a_restore_the_same_purpose_has_another_name_and_tokens_and_mark_stay() -> None:
    before, after = Keys(b"secret"), Keys(b"secret", "life")
    what = ("work_order", "order:260310001/1", "email", "li@house.example")
    assert before.sending(*what) != after.sending(*what)
    assert (before.token("260310001"), before.mark()) == (after.token("260310001"), after.mark())


def test_what_an_agent_sends_after_a_restore_has_another_name_too(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.write(25)
    upgrade(site.records.url)
    db = Database(site.records.url)
    with db.write() as connection:
        begin_anew(connection, NewLife("another", NOW, "260310"))
    db.close()
    with counter_of(Session(site.configuration), "8013") as counter:
        assert counter.keys.life == "another"


def test_no_number_of_a_day_is_given_again_however_many_were_given_after_the_backup(database: str) -> None:
    upgrade(database)
    db = Database(database)
    with db.write() as connection:
        reserve(connection, "260309", 320)
        reserve(connection, "260310", 10)
        begin_anew(connection, NewLife("life", NOW, "260310"))
        assert reserve(connection, "260310", 1) > 320 + 1000
        begin_anew(connection, NewLife("life", NOW, "260311"))
        assert reserve(connection, "260311", 1) > 1000
    db.close()


def test_only_what_came_before_the_restore_is_held_and_the_house_is_told_all_the_same(database: str) -> None:
    upgrade(database)
    db = Database(database)
    before, after = (Arrival("orders", f"imap/orders/INBOX/1/{n}", Channel.EMAIL, b"%d" % n, NOW) for n in range(2))
    later = NOW + timedelta(minutes=1)
    with db.write() as connection:
        store_arrivals(connection, [before], None, NOW)
        begin_anew(connection, NewLife("life", NOW, "260310"))
        store_arrivals(connection, [replace(after, arrived_at=later)], None, later)
        drafts = [
            (None, message_id, draft_of(purpose, f"message:{message_id}"))
            for message_id in (1, 2)
            for purpose in (Purpose.ACKNOWLEDGEMENT, Purpose.REVIEW_NOTICE)
        ]
        chase = (None, None, draft_of(Purpose.CHASE, "follow_up:1"))
        alarm = (None, None, draft_of(Purpose.ALARM, "alarm:1"))
        assert write_sendings(connection, [*drafts, chase, alarm], later) == 6
        assert write_sendings(connection, [*drafts, chase, alarm], later) == 0
        states = connection.exec_driver_sql("SELECT purpose, message_id, state FROM sending ORDER BY id").all()
    assert [tuple(row) for row in states] == [
        ("acknowledgement", 1, "held"),
        ("review_notice", 1, "due"),
        ("acknowledgement", 2, "due"),
        ("review_notice", 2, "due"),
        ("chase", None, "held"),
        ("alarm", None, "due"),
    ]
    db.close()


def draft_of(purpose: Purpose, cause: str) -> SendingDraft:
    """A mail for a purpose."""
    deadline = NOW + timedelta(minutes=3)
    return SendingDraft(f"{purpose}{cause}", purpose, cause, Channel.EMAIL, "somebody@desk.example", b"bytes", deadline)
