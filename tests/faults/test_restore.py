"""Backups, and what follows when one is put back: nothing that was sent since leaves again.

Source: faults.md F84, F83 (migrate.mid) and docs/adr/0017.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from ingestd.store.restored import AFTER_RESTORE
from tests.daemon.oracle import captured, complaints, evidence_of
from tests.daemon.orders import ShippedOrder, distinct_orders
from tests.daemon.process import COMMAND, running
from tests.daemon.records import Row
from tests.daemon.site import DESK, MANAGER, WATCH, Site
from tests.servers.dovecot import Mailbox
from tests.servers.smtp_sink import SmtpSink

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


def deliver(mailbox: Mailbox, orders: Sequence[ShippedOrder]) -> None:
    """Put orders into the mailbox."""
    for order in orders:
        mailbox.deliver(order.raw)


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
