"""`ingestd reconcile`: what is lost is found and said, what is not lost is not; nothing is changed by looking.

Source: faults.md, rule 7 (a full compare of mailbox and store) and the failpoint reconcile.mid.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from sqlalchemy import event

from ingestd.domain.clock import HandClock
from ingestd.domain.message import Arrival
from ingestd.domain.reading import Channel
from ingestd.pipeline.reconciling import ReconcileStep
from ingestd.pipeline.workshop import Workshop
from ingestd.store.database import Database
from ingestd.store.ledger import CHECKS, OVERDUE_AFTER, books, discrepancies
from ingestd.store.messages import store_arrivals
from ingestd.store.upgrade import upgrade
from ingestd.store.writer import Writer
from tests.daemon.orders import deliver, distinct_orders
from tests.daemon.process import KILLED, running
from tests.daemon.site import Site
from tests.faults.test_restore import command
from tests.servers.dovecot import Mailbox
from tests.servers.smtp_sink import SmtpSink

EVER = datetime(1970, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 3, 10, 3, tzinfo=UTC)
LONG_AGO = timedelta(minutes=30)
ADVERT = b"From: ad@stranger.example\r\nSubject: hello\r\nReceived: from x\r\n\r\nCheap printers!\r\n"
OTHER_ADVERT = ADVERT.replace(b"printers", b"paper")

# What somebody or something does to the database, and the only kind of discrepancy that is to be found for it.
LOSSES = {
    "UPDATE message SET state = 'stored', stored_at = '2026-01-01T00:00:00.000000Z' WHERE id = 1": "message_waits",
    "DELETE FROM message_raw WHERE message_id = 1": "message_without_bytes",
    "UPDATE message SET state = 'review' WHERE id = 1": "message_nobody_decides",
    "UPDATE message SET state = 'duplicate', duplicate_of = 999 WHERE id = 1": "message_copy_of_nothing",
    "UPDATE message SET state = 'quarantined', reason = 'x' WHERE id = 1": "message_nobody_told",
    "UPDATE message SET state = 'ignored', reason = NULL WHERE id = 1": "message_unexplained",
    "DELETE FROM sending WHERE purpose = 'work_order' AND order_id = 1": "order_without_work_order",
    "UPDATE sending SET state = 'withdrawn' WHERE purpose = 'work_order' AND order_id = 1":
    "order_dispatched_to_nobody",
    "UPDATE orders SET state = 'asked' WHERE id = 1": "order_nobody_asked",
    "UPDATE orders SET state = 'review' WHERE id = 1": "order_nobody_decides",
    "DELETE FROM follow_up WHERE order_id = 1": "order_not_followed",
    "UPDATE sending SET state = 'due', next_at = '2026-01-01T00:00:00.000000Z' WHERE purpose = 'acknowledgement'"
    " AND order_id = 1": "sending_waits",
    "UPDATE sending SET state = 'sending', lease_until = '2026-01-01T00:00:00.000000Z' WHERE purpose ="
    " 'acknowledgement' AND order_id = 1": "sending_left_lying",
    "DELETE FROM sending_body WHERE sending_id = 1": "sending_without_bytes",
    "UPDATE sending SET accepted_at = NULL WHERE id = 1": "sending_accepted_never",
    "UPDATE sending SET state = 'failed', changed_at = '2026-01-01T00:00:00.000000Z' WHERE purpose = 'acknowledgement'"
    " AND order_id = 1": "sending_nobody_told",
    "UPDATE follow_up SET due_at = '2026-01-01T00:00:00.000000Z' WHERE id = 1": "follow_up_waits",
    "INSERT INTO review (reason, opened_at, state, due_at) VALUES ('x', '2026-01-01T00:00:00.000000Z', 'open',"
    " '2026-01-01T00:00:00.000000Z')": "review_nobody_reminded",
    "INSERT INTO alarm (part, kind, detail, opened_at) VALUES ('x', 'y', 'z', '2026-01-01T00:00:00.000000Z')":
    "alarm_nobody_told",
}  # fmt: skip


def found(site: Site) -> tuple[int, dict[str, Any]]:
    """The exit code of `ingestd reconcile --json`, and what it said."""
    ran = command(site, "reconcile", "--json")
    assert ran.returncode in (0, 1), ran.stderr
    return ran.returncode, json.loads(ran.stdout)


def kinds(told: dict[str, Any]) -> list[str]:
    """The kinds of discrepancy that were told."""
    return [one["kind"] for one in told["discrepancies"]]


def kinds_in(path: Path, now: datetime) -> set[str]:
    """The kinds of discrepancy in a database file."""
    database = Database(f"sqlite:///{path}")
    with database.read() as connection:
        seen = {one.kind for one in discrepancies(connection, now, EVER)}
    database.close()
    return seen


@pytest.mark.timeout(180)
def test_what_is_lost_is_said_and_comes_back_as_was_said(tmp_path: Path, mailbox: Mailbox, smtp_sink: SmtpSink) -> None:
    site = Site(tmp_path / "site")
    site.write(smtp_sink.port, mailbox)
    *orders, late = distinct_orders(4, seed=7)
    deliver(mailbox, orders)
    long_ago = datetime.now(UTC) - LONG_AGO
    for advert in (ADVERT, ADVERT, OTHER_ADVERT):  # the first delivery is in two places
        mailbox.deliver(advert, at=long_ago)
    with running(site) as daemon:
        daemon.wait_quiet(6)
        code, told = found(site)
        assert (code, kinds(told)) == (0, [])
        (folder,) = told["folders"]
        assert (folder["mails"], folder["stored"]) == (6, 6)
        assert sum(told["books"]["messages"].values()) == 6
        daemon.stop()
    each_loss_is_found(site.data / "ingestd.db", tmp_path)
    with closing(sqlite3.connect(site.data / "ingestd.db")) as database:
        for table in ("message_raw WHERE message_id", "reading WHERE message_id", "message WHERE id"):
            database.execute(f"DELETE FROM {table} = (SELECT max(id) FROM message WHERE state <> 'applied')")
        database.commit()
    deliver(mailbox, [late], at=long_ago)
    code, told = found(site)
    assert (code, sorted(kinds(told))) == (1, ["mail_left_out", "mail_not_taken"])
    with running(site) as daemon:
        daemon.wait_quiet(7)
    assert found(site)[0] == 0


def each_loss_is_found(path: Path, tmp_path: Path) -> None:
    """Every kind of discrepancy is found where it is, and no other."""
    later = datetime.now(UTC) + OVERDUE_AFTER / 2
    for number, (loss, kind) in enumerate(LOSSES.items()):
        copy = tmp_path / f"lost.{number}"
        shutil.copy(path, copy)
        with closing(sqlite3.connect(copy)) as database:
            for (guard,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                database.execute(f"DROP TRIGGER {guard}")  # what is lost was lost past them
            assert database.execute(loss).rowcount >= 1, loss
            database.commit()
        assert kinds_in(copy, later) == {kind}, loss
    assert set(LOSSES.values()) == CHECKS.keys() - {"message_applied_to_nothing"}


@pytest.mark.timeout(180)
def test_a_mail_that_was_moved_is_known_by_its_content_and_a_foreign_one_is_told_of(
    tmp_path: Path, mailbox: Mailbox, smtp_sink: SmtpSink
) -> None:
    site = Site(tmp_path)
    site.write(smtp_sink.port, mailbox, imap={"processed_folder": "Done"})
    *orders, foreign = distinct_orders(3, seed=8)
    mailbox.deliver(b"From: a@b.example\r\n\r\n", "Done", at=EVER + timedelta(days=1))  # so that the folder is there
    deliver(mailbox, orders)
    with running(site) as daemon:
        daemon.wait_quiet(2)
        daemon.wait_until(lambda: len(mailbox.messages("Done")) == 3, "the mails to be moved")
        daemon.stop()
    deliver(mailbox, [foreign], "Done", at=datetime.now(UTC) - LONG_AGO)
    ran = command(site, "reconcile", "--json", "--since", "1d")
    told = json.loads(ran.stdout)
    assert (ran.returncode, kinds(told)) == (1, ["mail_not_watched"])
    done = told["folders"][1]
    assert (done["mails"], done["by_content"]) == (4, 2)
    mailbox.server.stop()
    code, told = found(site)
    assert (code, kinds(told)) == (1, ["mailbox_unreached"])
    assert "Connection refused" in told["discrepancies"][0]["detail"]


@pytest.mark.timeout(180)
def test_a_kill_in_the_middle_changes_nothing(tmp_path: Path, mailbox: Mailbox, smtp_sink: SmtpSink) -> None:
    site = Site(tmp_path)
    site.write(smtp_sink.port, mailbox)
    deliver(mailbox, distinct_orders(1, seed=9))
    with running(site) as daemon:
        daemon.wait_quiet(1)
        before = site.records.sendings(), site.records.messages()
        assert command(site, "reconcile", failpoint="reconcile.mid:kill9").returncode == KILLED
        assert (site.records.sendings(), site.records.messages()) == before
        assert daemon.running
    assert command(site, "reconcile").returncode == 0


def stored(database: Database, count: int) -> None:
    """So many messages that nobody has decided on."""
    raw = [b"Subject: %d\r\n\r\n" % number for number in range(count)]
    arrivals = [Arrival("orders", f"imap/orders/INBOX/1/{n}", Channel.EMAIL, raw[n], NOW, n) for n in range(count)]
    with database.write() as connection:
        store_arrivals(connection, arrivals, None, NOW)


def test_the_daemon_alarms_where_its_books_do_not_add_up_and_ends_the_alarm_where_they_do(database: str) -> None:
    upgrade(database)
    db, clock = Database(database), HandClock(NOW)
    writer = Writer(db)
    stored(db, 1)
    step = ReconcileStep(cast(Workshop, SimpleNamespace(database=db, writer=writer, clock=clock)))

    def alarms() -> list[tuple[str, bool]]:
        with db.read() as connection:
            rows = connection.exec_driver_sql("SELECT detail, cleared_at IS NULL FROM alarm").all()
        return [(row[0], bool(row[1])) for row in rows]

    step.step()
    assert alarms() == []
    clock.at = NOW + LONG_AGO
    step.step()
    assert alarms() == [("1: message 1 (message_waits)", True)]
    with db.write() as connection:
        connection.exec_driver_sql("UPDATE message SET state = 'ignored', reason = 'asks for nothing'")
    step.step()
    assert alarms() == [("1: message 1 (message_waits)", False)]
    writer.close()
    db.close()


def test_a_thousand_messages_take_no_more_statements_than_one(database: str) -> None:
    upgrade(database)
    db = Database(database)
    statements: list[str] = []
    event.listen(db.reading, "before_cursor_execute", lambda *given: statements.append(given[2]))

    def asked() -> int:
        statements.clear()
        with db.read() as connection:
            books(connection, NOW + LONG_AGO, EVER)
        return len(statements)

    stored(db, 1)
    few = asked()
    stored(db, 1000)
    assert asked() == few < 2 * len(CHECKS)
    db.close()
