"""Clocks that are set, machines that sleep, summer time, and follow-ups that fell due meanwhile (faults F76-F80)."""

from __future__ import annotations

import signal
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ingestd.domain.reading import Channel
from ingestd.domain.sending import Purpose, SendingDraft
from ingestd.store.clock_set import put_back, put_on
from ingestd.store.database import Database
from ingestd.store.sendings import claim_due, expire_leases, rows_of, write_sendings
from ingestd.store.upgrade import upgrade
from tests.daemon.day import Day, SetClock
from tests.daemon.evidence import Captured, captured
from tests.daemon.oracle import complaints, evidence_of
from tests.daemon.orders import ShippedOrder, deliver, distinct_orders
from tests.daemon.process import KILLED, RunningDaemon, running
from tests.daemon.records import Row, moment
from tests.daemon.site import DISPATCHER, DISPATCHER_PHONE, FALLBACK, MANAGER, Site
from tests.servers.dovecot import Mailbox
from tests.servers.relay import Relay
from tests.servers.smtp_sink import SunkMail

pytestmark = [pytest.mark.long, pytest.mark.timeout(240)]  # a day of the daemon's, on a machine that may be busy
TEN = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)  # ten in the morning at the site
HOUR = timedelta(hours=1)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A site that is not written yet."""
    return Site(tmp_path)


def letters(relay: Relay, recipient: str) -> list[Captured]:
    """What a relay took for a recipient, oldest first."""
    mails = [SunkMail(m.sender, m.recipients, m.raw.replace(b"\r\n", b"\n")) for m in relay.messages()]
    return [captured(mail) for mail in mails if recipient in mail.recipients]


def sendings(site: Site, **wanted: str) -> list[Row]:
    """The sendings that are as wanted, oldest first."""
    return [row for row in site.records.sendings() if all(row[key] == value for key, value in wanted.items())]


def judged(site: Site, orders: Sequence[ShippedOrder], relay: Relay) -> list[str]:
    """What the judge has to say."""
    mails = [SunkMail(m.sender, m.recipients, m.raw.replace(b"\r\n", b"\n")) for m in relay.messages()]
    return complaints(evidence_of(site, orders, mails))


# --- the clock is set -------------------------------------------------------------------------------------------------


@pytest.mark.fault("F76")
@pytest.mark.parametrize("by", [HOUR, -HOUR, 24 * HOUR], ids=["an hour on", "an hour back", "a day on"])
def test_what_is_on_its_way_is_neither_late_nor_held_up_nor_repeated_when_the_clock_is_set(
    by: timedelta, site: Site, mailbox: Mailbox, relay: Relay
) -> None:
    site.write(relay.port, mailbox)
    clock, orders = SetClock(site.folder / "clock", TEN), distinct_orders(4, seed=31, at=TEN)
    relay.refuse_senders("451 4.7.1 Later")
    with running(site, environment=clock.environment) as daemon:
        daemon.wait_ready()
        deliver(mailbox, orders, at=clock.now())
        daemon.wait_until(lambda: len(tried(site)) == 2 * len(orders), "each mail to be refused for now")
        clock.set_by(by)
        daemon.wait_until(lambda: bool(daemon.events("clock.set")), "the daemon to notice")
        relay.behave()
        began = time.monotonic()
        daemon.wait_quiet(len(orders))
        took_seconds = time.monotonic() - began
    assert took_seconds < 20  # and not an hour
    assert judged(site, orders, relay) == []
    assert not sendings(site, recipient=FALLBACK)
    assert not [alarm for alarm in site.records.alarms() if alarm["kind"] == "late"]
    assert not any(row["repeated"] for row in site.records.sendings())
    noted = [event["seconds"] for event in daemon.events("clock.set") if event["seconds"]]
    assert noted == [pytest.approx(by.total_seconds(), abs=2)]


def tried(site: Site) -> list[Row]:
    """Mails that were tried and have to wait."""
    return [row for row in sendings(site, channel="email", state="due") if row["attempts"]]


@pytest.mark.fault("F76")
def test_a_follow_up_is_sent_once_though_the_clock_goes_past_its_time_twice(
    site: Site, mailbox: Mailbox, relay: Relay
) -> None:
    site.write(relay.port, mailbox)
    clock, orders = SetClock(site.folder / "clock", TEN), distinct_orders(2, seed=32, at=TEN)
    with running(site, environment=clock.environment) as daemon:
        daemon.wait_ready()
        deliver(mailbox, orders, at=clock.now())
        daemon.wait_quiet(2)
        clock.set_by(61 * HOUR / 60)
        daemon.wait_until(lambda: bool(sendings(site, purpose="chase", state="accepted")), "the dispatcher to be asked")
        clock.set_by(-30 * HOUR / 60)
        daemon.wait_until(lambda: len(daemon.events("clock.set")) == 2, "the daemon to notice")
        clock.set_by(30 * HOUR / 60)
        daemon.wait_until(lambda: len(daemon.events("clock.set")) == 3, "the daemon to notice again")
        daemon.wait_quiet(2)
    assert len(sendings(site, purpose="chase")) == 1
    assert len(letters(relay, DISPATCHER)) == 3


@pytest.mark.fault("F76")
def test_a_clock_put_back_while_the_daemon_was_down_holds_nothing_up(
    site: Site, mailbox: Mailbox, relay: Relay
) -> None:
    site.write(relay.port, mailbox)
    clock, orders = SetClock(site.folder / "clock", TEN), distinct_orders(3, seed=33, at=TEN)
    deliver(mailbox, orders, at=clock.now())
    with running(site, "out.after_rcpt@1:kill9", environment=clock.environment) as daemon:
        assert daemon.wait_end() == KILLED
    clock.set_by(-HOUR)
    with running(site, environment=clock.environment) as daemon:
        daemon.wait_quiet(3)
    assert judged(site, orders, relay) == []


MADE = datetime(2026, 3, 10, 4, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def claimed(database: Database) -> int:
    """A work order of MADE under a lease of a minute; its id."""
    upgrade(database.url.render_as_string(hide_password=False))
    draft = SendingDraft("k", Purpose.WORK_ORDER, "order:1/1", Channel.EMAIL, DISPATCHER, b"x", MADE + 3 * MINUTE)
    with database.write() as connection:
        write_sendings(connection, [(None, None, draft)], MADE)
        (claim,) = claim_due(connection, Channel.EMAIL, "me", MADE, (MINUTE, 1))
    return claim.sending_id


@pytest.mark.fault("F76")
def test_a_lease_and_a_deadline_that_held_hold_when_the_clock_was_put_on_even_if_two_daemons_see_to_it(
    database: str,
) -> None:
    store = Database(database)
    sending_id, now = claimed(store), MADE + MINUTE / 2 + HOUR
    with store.write() as connection:
        put_on(connection, HOUR, now)
        put_on(connection, HOUR, now)
        assert expire_leases(connection, now) == []
        assert expire_leases(connection, now + MINUTE) == [sending_id]
        (row,) = rows_of(connection, [sending_id])
    assert row["deadline"] == MADE + HOUR + 3 * MINUTE
    assert row["created_at"] == MADE + HOUR  # or a day on would give it up
    store.close()


@pytest.mark.fault("F76")
def test_what_was_made_in_the_future_of_a_clock_put_back_counts_as_made_now(database: str) -> None:
    store = Database(database)
    sending_id, now = claimed(store), MADE - HOUR
    with store.write() as connection:
        put_back(connection, now, MINUTE)
        put_back(connection, now, MINUTE)
        (row,) = rows_of(connection, [sending_id])
        assert (row["created_at"], row["next_at"], row["deadline"]) == (now, now, now + 3 * MINUTE)
        assert expire_leases(connection, now + 2 * MINUTE) == [sending_id]
    store.close()


# --- the machine sleeps -----------------------------------------------------------------------------------------------


@pytest.mark.fault("F77")
def test_after_two_hours_of_sleep_each_question_is_asked_once_and_lateness_is_told_honestly(
    site: Site, mailbox: Mailbox, relay: Relay
) -> None:
    site.write(relay.port, mailbox)
    clock, orders = SetClock(site.folder / "clock", TEN), distinct_orders(4, seed=34, at=TEN)
    *sent, stuck = orders
    with running(site, environment=clock.environment) as daemon:
        daemon.wait_ready()
        deliver(mailbox, sent, at=clock.now())
        daemon.wait_quiet(len(sent))
        relay.refuse_senders("451 4.7.1 Later")
        deliver(mailbox, [stuck], at=clock.now())
        daemon.wait_until(lambda: len(tried(site)) == 2, "the last order to wait for the relay")
        suspend(daemon, clock, 2 * HOUR)
        daemon.wait_until(lambda: late_alarms(site) == 1, "its lateness to be told")
        relay.behave()
        daemon.wait_until(lambda: bool(sendings(site, purpose="chase")), "the dispatcher to be asked")
        daemon.wait_quiet(len(orders))
    assert not daemon.events("clock.set")
    assert len(sendings(site, purpose="chase")) == 1
    work_orders = {row["key"] for row in sendings(site, purpose="work_order")}
    for recipient in (DISPATCHER, FALLBACK):
        theirs = [mail for mail in letters(relay, recipient) if mail.key in work_orders and stuck.phone in mail.words]
        assert len(theirs) == 1


def suspend(daemon: RunningDaemon, clock: SetClock, length: timedelta) -> None:
    """Stop every process of the daemon, let so much time go by, and let them go on."""
    daemon.tell_all(signal.SIGSTOP)
    clock.sleep(length)
    daemon.tell_all(signal.SIGCONT)


def late_alarms(site: Site) -> int:
    """How many alarms there were about work orders that are late."""
    return sum(alarm["kind"] == "late" for alarm in site.records.alarms())


# --- summer time ------------------------------------------------------------------------------------------------------

CHANGES = {  # an evening before, at four in the afternoon; noon the next day, both in UTC
    "spring": (datetime(2026, 3, 28, 15, 0, tzinfo=UTC), datetime(2026, 3, 29, 10, 0, tzinfo=UTC)),
    "autumn": (datetime(2026, 10, 24, 14, 0, tzinfo=UTC), datetime(2026, 10, 25, 11, 0, tzinfo=UTC)),
}


@pytest.mark.fault("F78")
@pytest.mark.parametrize("change", CHANGES)
def test_noon_is_noon_and_told_up_once_over_a_change_of_summer_time(
    change: str, site: Site, mailbox: Mailbox, relay: Relay
) -> None:
    four, noon = CHANGES[change]
    site.write(relay.port, mailbox, site={"timezone": "Europe/Berlin"})
    day, orders = Day(site, four), distinct_orders(2, seed=35, at=four)
    deliver(mailbox, orders, at=four)
    with running(site, environment=day.environment) as daemon:
        daemon.wait_quiet(2)
        site.spool.receive(DISPATCHER_PHONE, "收到")
        daemon.wait_quiet(3)
        assert {moment(row["pickup_by"]) for row in site.records.orders()} == {noon}
        for hour in range(1, 18):
            day.come(four + hour * HOUR, daemon, 2)
        assert noon > day.now
        asked = len(letters(relay, DISPATCHER)) - len(orders)
        assert asked == 1  # an hour after the confirmation, and no more all night
        day.come(noon - timedelta(minutes=1), daemon, 2)
        assert letters(relay, MANAGER) == []
        day.come(noon + timedelta(minutes=1), daemon, 2)
        assert len(letters(relay, MANAGER)) == 1
        day.come(noon + timedelta(minutes=2), daemon, 2)
        assert len(letters(relay, MANAGER)) == 1


# --- down, and killed -------------------------------------------------------------------------------------------------


@pytest.mark.fault("F79")
def test_what_fell_due_in_two_hours_down_is_done_once_in_one_letter(site: Site, mailbox: Mailbox, relay: Relay) -> None:
    site.write(relay.port, mailbox)
    day, orders = Day(site, TEN), distinct_orders(5, seed=36, at=TEN)
    deliver(mailbox, orders, at=TEN)
    with running(site, environment=day.environment) as daemon:
        daemon.wait_quiet(5)
        site.spool.receive(DISPATCHER_PHONE, "收到")
        daemon.wait_quiet(6)
        assert daemon.stop() == 0
    day.set(TEN + 2 * HOUR)
    with running(site, environment=day.environment) as daemon:
        day.settle(daemon, 5)
        (question,) = letters(relay, DISPATCHER)[5:]
        assert all(row["serial"] in question.words for row in site.records.orders())
        day.come(TEN + 6 * HOUR, daemon, 5)  # past the deadline: the manager hears of all of them
        (told,) = letters(relay, MANAGER)
        assert all(row["serial"] in told.words for row in site.records.orders())
    assert len(sendings(site, purpose="escalation", recipient=MANAGER)) == 1


@pytest.mark.fault("F80")
@pytest.mark.parametrize("point", ["track.after_claim", "track.after_send"])
def test_a_kill_in_a_follow_up_neither_loses_nor_repeats_it(
    point: str, site: Site, mailbox: Mailbox, relay: Relay
) -> None:
    site.write(relay.port, mailbox)
    day, orders = Day(site, TEN), distinct_orders(2, seed=37, at=TEN)
    deliver(mailbox, orders, at=TEN)
    with running(site, f"{point}:kill9", environment=day.environment) as daemon:
        daemon.wait_quiet(2)
        day.set(TEN + HOUR + timedelta(minutes=1))
        assert daemon.wait_end() == KILLED
    with running(site, environment=day.environment) as daemon:
        day.settle(daemon, 2)
    assert len(sendings(site, purpose="chase", state="accepted")) == 1
    assert len(letters(relay, DISPATCHER)) == 3
