"""What one sender was told lately, counted on SQLite and on PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from ingestd.config.settings import Replies
from ingestd.domain.decision import Told
from ingestd.domain.message import Arrival, MessageState
from ingestd.domain.reading import Bounce, Channel, Envelope, Intent
from ingestd.domain.sending import Purpose, SendingDraft
from ingestd.store.alarms import TALK, open_alarm, settled_alarms
from ingestd.store.database import Database
from ingestd.store.facts import Item, cases_for, rounds
from ingestd.store.messages import store_arrivals
from ingestd.store.schema import message
from ingestd.store.sendings import write_sendings
from ingestd.store.talk import told_lately
from tests.unit.checks.cases import FACTS, NOW, READING, SENDER, house

pytestmark = pytest.mark.bad_input("B38")
POLICY = Replies()


def told(db: Database, sender: str, purpose: Purpose, at: datetime, key: str = "") -> None:
    """A message of a sender's, and a letter because of it."""
    name = key or f"{sender}-{purpose}-{at.isoformat()}"
    with db.write() as connection:
        (stored,) = store_arrivals(connection, [Arrival("orders", name, Channel.EMAIL, name.encode(), at)], None, at)
        mine = update(message).where(message.c.id == stored.message_id)
        connection.execute(mine.values(sender=sender, state=MessageState.REVIEW))
        key = key or name[-40:]
        draft = SendingDraft(key, purpose, name, Channel.EMAIL, "x@y.example", b"", at + timedelta(minutes=3))
        write_sendings(connection, [(None, stored.message_id, draft)], at)


def test_letters_are_counted_by_sender_kind_and_time(db: Database) -> None:
    minute = timedelta(minutes=1)
    for ago in (90, 50, 9):
        for purpose in (Purpose.HOLDING_REPLY, Purpose.ANSWER, Purpose.REVIEW_NOTICE, Purpose.ACKNOWLEDGEMENT):
            told(db, SENDER, purpose, NOW - ago * minute)
    told(db, "else@x.example", Purpose.DUPLICATE_NOTICE, NOW - minute)
    with db.read() as connection:
        found = told_lately(connection, [SENDER, "else@x.example", "new@x.example"], POLICY, NOW)
        assert told_lately(connection, [], POLICY, NOW) == {}
    assert found == {
        SENDER: Told(talk=1, replies=4, notices=2),
        "else@x.example": Told(talk=1, replies=1),
        "new@x.example": Told(),
    }


def test_they_are_known_when_the_senders_next_message_is_decided_on(db: Database) -> None:
    told(db, SENDER, Purpose.HOLDING_REPLY, NOW - timedelta(minutes=1))
    asks = replace(READING, intent=Intent.INQUIRY, orders=())
    items = [Item(replace(FACTS, message_id=100 + number), reading) for number, reading in enumerate((asks, READING))]
    with db.read() as connection:
        cases = [case for item in items for case in cases_for(connection, [item], house(), NOW)]
    assert [case.told for case in cases] == [Told(talk=1, replies=1), Told()]  # an order is answered in any case


def test_messages_of_one_sender_that_make_no_order_are_decided_on_one_after_the_other() -> None:
    def by(sender: str, number: int) -> Item:
        facts = replace(FACTS, message_id=number, core_hash=f"{number:064}")
        envelope = Envelope(message_id=f"{number}@x.example", from_=(sender,))
        return Item(facts, replace(READING, sender=sender, envelope=envelope))

    strangers = [by("r@robot.example", 1), by("s@robot.example", 2), by("r@robot.example", 3)]
    assert [[item.facts.message_id for item in group] for group in rounds(strangers, house())] == [[1, 2], [3]]


def test_our_own_mail_is_known_by_its_key_and_a_bounce_by_that_of_the_mail_it_returns(db: Database) -> None:
    key = "0123456789abcdef0123456789"
    told(db, SENDER, Purpose.ANSWER, NOW, key)
    ours, guessed = f"{key}@orders.example", f"{key[::-1]}@orders.example"
    readings = [replace(READING, envelope=Envelope(message_id=i, from_=(SENDER,))) for i in (ours, guessed)]
    returned = [Envelope(bounce=Bounce(i, None, "5.1.1", "failed")) for i in (ours, guessed)]
    readings += [replace(READING, envelope=envelope) for envelope in returned]
    with db.read() as connection:
        cases = cases_for(connection, [Item(FACTS, reading) for reading in readings], house(), NOW)
    assert [(case.own_key, case.bounced_key) for case in cases] == [
        (key, None),
        (None, None),
        (None, key),
        (None, None),
    ]


def test_the_alarm_ends_when_the_sender_has_been_quiet(db: Database) -> None:
    with db.write() as connection:
        alarm = open_alarm(connection, TALK, "too_many", "message 1", NOW)
    with db.read() as connection:
        assert settled_alarms(connection, NOW) == []
        assert settled_alarms(connection, NOW + timedelta(seconds=1)) == [alarm]
