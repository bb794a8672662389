"""The store on SQLite and on PostgreSQL: what is kept, claimed, recorded and fenced."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Select, event, select, text, update

from ingestd.calendar.checking import CheckingClock, checking_clock
from ingestd.checks.decision import decide
from ingestd.config.settings import Settings
from ingestd.domain.decision import Change, Decision
from ingestd.domain.message import Arrival, FolderState, MessageState
from ingestd.domain.order import OrderState
from ingestd.domain.reading import Channel, OrderReading, Reference
from ingestd.domain.retry import RetryPolicy
from ingestd.domain.sending import Claim, Outcome, Phase, Purpose, Result, SendingDraft, SendingState
from ingestd.store.alarms import clear_alarms, mark_told, open_alarm, untold_alarms
from ingestd.store.database import Database
from ingestd.store.decisions import AlreadySettledError, Settled, Writing, reading_of, wait_for_another, write_decisions
from ingestd.store.facts import Item, cases_for, rounds
from ingestd.store.follow_ups import DUE_DUTIES, due_duties, end_follow_ups
from ingestd.store.known_orders import namesakes_of, orders_by_serial, orders_of_mails
from ingestd.store.messages import (
    FREE,
    claim_unread,
    count_unread,
    folder_state,
    give_back,
    quarantine,
    replay,
    store_arrivals,
    take_over,
    unknown_keys,
)
from ingestd.store.orders import OrderMovedOnError, mark_dispatched, write_change
from ingestd.store.phases import PhaseNotes, read_notes
from ingestd.store.results import record_results
from ingestd.store.reviews import OVERDUE, overdue_reviews, write_reminders
from ingestd.store.schema import event as event_table
from ingestd.store.schema import message, orders, sending
from ingestd.store.sendings import (
    LATE,
    TAKE,
    Recorded,
    claim_due,
    doubts,
    expire_leases,
    give_back_unbegun,
    late,
    move,
    record,
    set_hold,
    settle_doubt,
    take_over_sendings,
    tell,
    write_sendings,
)
from ingestd.store.serials import Serials, reserve
from ingestd.store.upgrade import HEAD, current, upgrade
from ingestd.store.views import backlog
from ingestd.store.writer import Writer
from tests.unit.checks.cases import FACTS, NOW, ORDER, READING, TABLES, deciding, house

LEASE = timedelta(seconds=90)
TERMS = (LEASE, 10)
CLOCK = checking_clock(Settings())
RAW = b"Received: from a\r\nMessage-ID: <1@shoes.example>\r\n\r\nbody"


def arrival(key: str, raw: bytes = RAW, **changes: object) -> Arrival:
    return replace(Arrival("orders", f"imap/orders/INBOX/1/{key}", Channel.EMAIL, raw, NOW), **changes)  # type: ignore[arg-type]


def stored(db: Database, *arrivals: Arrival) -> list[int]:
    with db.write() as connection:
        return [s.message_id for s in store_arrivals(connection, arrivals, None, NOW)]


def states(db: Database) -> list[str]:
    with db.read() as connection:
        return list(connection.execute(select(message.c.state).order_by(message.c.id)).scalars())


def draft(key: str, channel: Channel = Channel.EMAIL, seconds: float = 180) -> SendingDraft:
    due = NOW + timedelta(seconds=seconds)
    return SendingDraft(key, Purpose.WORK_ORDER, f"order:{key}/1", channel, "li@house.example", b"bytes", due)


def sent(db: Database, *drafts: SendingDraft) -> None:
    with db.write() as connection:
        write_sendings(connection, [(None, None, d) for d in drafts], NOW)


def claimed(db: Database, channel: Channel = Channel.EMAIL, now: datetime = NOW) -> list[Claim]:
    with db.write() as connection:
        return claim_due(connection, channel, "me", now, TERMS)


def sending_states(db: Database) -> dict[str, str]:
    with db.read() as connection:
        return {row[0]: row[1] for row in connection.execute(select(sending.c.key, sending.c.state))}


def result(claim: Claim, state: SendingState = SendingState.ACCEPTED) -> Recorded:
    return Recorded(claim.sending_id, claim.token, state, NOW, "250", NOW)


class TestArrivals:
    def test_the_same_delivery_twice_is_kept_once(self, db: Database) -> None:
        first, again = stored(db, arrival("1")), stored(db, arrival("1", b"other"))
        assert first == again
        assert states(db) == ["stored"]

    def test_the_same_relayed_bytes_under_another_key_are_a_duplicate_of_the_first(self, db: Database) -> None:
        stored(db, arrival("1"))
        stored(db, arrival("2"))
        assert states(db) == ["stored", "duplicate"]

    def test_the_same_text_message_twice_is_two_messages(self, db: Database) -> None:
        one = Arrival("gammu", "sms/gammu/1", Channel.SMS, "From: +86138\n\n收到".encode(), NOW)
        stored(db, one, replace(one, source_key="sms/gammu/2"))
        assert states(db) == ["stored", "stored"]

    def test_baseline_and_unfetchable_mails_have_their_states(self, db: Database) -> None:
        stored(db, arrival("1", baseline=True), arrival("2", b"x", trouble="too large: 30 MB"))
        assert states(db) == ["baseline", "quarantined"]
        with db.read() as connection:
            assert [a.kind for a in untold_alarms(connection)] == ["quarantine"]

    def test_an_arrival_in_the_future_counts_as_now(self, db: Database) -> None:
        stored(db, arrival("1", arrived_at=NOW + timedelta(days=1)))
        with db.read() as connection:
            assert connection.execute(select(message.c.arrived_at)).scalar_one() == NOW

    def test_a_folder_is_remembered_under_its_newest_uidvalidity_and_never_goes_back(self, db: Database) -> None:
        old = FolderState("orders", "订单", 7, 20, 5, NOW)
        for state in (old, replace(old, watermark=10)):
            with db.write() as connection:
                store_arrivals(connection, [], state, NOW)
        new = FolderState("orders", "订单", 8, 0, 0, NOW)
        with db.read() as connection:
            assert folder_state(connection, "orders", "订单") == old
        with db.write() as connection:
            store_arrivals(connection, [], new, NOW + timedelta(seconds=1))
            assert folder_state(connection, "orders", "订单") == new
            assert folder_state(connection, "orders", "INBOX") is None

    def test_unknown_keys_are_found_among_many(self, db: Database) -> None:
        stored(db, arrival("1"))
        keys = [f"imap/orders/INBOX/1/{n}" for n in range(1200)]
        with db.read() as connection:
            assert len(unknown_keys(connection, keys)) == 1199


class TestReading:
    def claim(self, db: Database, limit: int = 10, now: datetime = NOW) -> list[tuple[int, int]]:
        with db.write() as connection:
            return [(u.message_id, u.strikes) for u in claim_unread(connection, "me", now, LEASE, limit)]

    def test_messages_are_taken_in_the_order_of_their_arrival_each_once(self, db: Database) -> None:
        late, early = stored(db, arrival("1", b"1", arrived_at=NOW), arrival("2", b"2", arrived_at=NOW - LEASE))
        assert self.claim(db) == [(early, 1), (late, 1)]
        assert self.claim(db) == []

    def test_large_messages_are_taken_one_by_one(self, db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("ingestd.store.messages.TAKEN_BYTES", 10)
        ids = stored(db, *(arrival(str(n), str(n).encode() * size) for n, size in enumerate((5, 5, 1, 20, 2))))
        assert [[i for i, _ in self.claim(db)] for _ in range(4)] == [ids[:2], ids[2:3], ids[3:4], ids[4:]]

    def test_a_lease_that_ran_out_frees_the_message_with_its_strike_counted(self, db: Database) -> None:
        (one,) = stored(db, arrival("1"))
        self.claim(db)
        assert self.claim(db, now=NOW + LEASE + LEASE) == [(one, 2)]

    def test_of_those_that_failed_only_one_is_under_way_at_a_time(self, db: Database) -> None:
        ids = stored(db, *(arrival(str(n), str(n).encode()) for n in range(3)))
        self.claim(db)
        with db.write() as connection:
            give_back(connection, ids)
        (fresh,) = stored(db, arrival("9", b"9"))
        assert self.claim(db) == [(ids[0], 2), (fresh, 1)]
        assert self.claim(db) == []

    def test_a_restart_frees_what_its_owner_held_and_nobody_elses(self, db: Database) -> None:
        stored(db, arrival("1"))
        self.claim(db)
        with db.write() as connection:
            assert take_over(connection, "somebody else") == 0
            assert take_over(connection, "me") == 1
        assert len(self.claim(db)) == 1

    def test_quarantine_keeps_a_message_aside_until_it_is_replayed(self, db: Database) -> None:
        (one,) = stored(db, arrival("1"))
        with db.write() as connection:
            assert quarantine(connection, one, "killed its worker", NOW)
            assert not quarantine(connection, one, "again", NOW)
            assert [a.part for a in untold_alarms(connection)] == [f"message {one}"]
        assert self.claim(db) == []
        with db.write() as connection:
            assert replay(connection, one, NOW)
        assert self.claim(db) == [(one, 1)]

    def test_what_waits_unread_counts_from_when_it_could_be_read(self, db: Database) -> None:
        one, two, three = stored(db, *(arrival(str(n), str(n).encode()) for n in range(3)))
        minute = timedelta(minutes=1)
        with db.write() as connection:
            wait_for_another(connection, one, NOW + 5 * minute)
            quarantine(connection, two, "killed its worker", NOW)
            quarantine(connection, three, "killed its worker", NOW)
            replay(connection, three, NOW + minute)
        with db.read() as connection:
            counts = [count_unread(connection, NOW + n * minute, LEASE) for n in (-1, 0, 1, 4, 5)]
        assert counts == [0, 0, 1, 1, 2]
        assert self.claim(db, now=NOW + 2 * minute) == [(three, 1)]
        with db.read() as connection:
            assert [count_unread(connection, NOW + n * minute, LEASE) for n in (1, 2)] == [0, 1]


class TestDecisions:
    def settled(self, db: Database, key: str = "1", content: OrderReading = ORDER) -> Settled:
        raw = RAW.replace(b"<1@", f"<{key}@".encode())
        (message_id,) = stored(db, arrival(key, raw))
        facts = replace(FACTS, message_id=message_id)
        envelope = replace(READING.envelope, message_id=f"{key}@shoes.example")
        reading = replace(READING, envelope=envelope, orders=(content,))
        with db.read() as connection:
            (case,) = cases_for(connection, [Item(facts, reading)], house(), NOW)
        decision = decide(case, replace(deciding(), next_serial=lambda: f"2603100{key}"))
        drafts = (((decision.new_orders[0].serial if decision.new_orders else None), draft(f"key{key}")),)
        return Settled(facts, reading, decision, drafts)

    def write(self, db: Database, *items: Settled, clock: CheckingClock | None = None) -> None:
        with db.write() as connection:
            write_decisions(connection, items, Writing("digest", NOW, checking=clock))

    def test_everything_that_follows_from_a_message_is_written_at_once(self, db: Database) -> None:
        item = self.settled(db)
        self.write(db, item)
        with db.read() as connection:
            (order,) = orders_by_serial(connection, ["26031001"])
            duties = due_duties(connection, NOW + timedelta(days=1))
            assert reading_of(connection, item.facts.message_id) == item.reading
        assert (order.state, order.content, order.revision) == (OrderState.CONFIRMED, ORDER, 1)
        assert [d.kind for d in duties] == [
            "not_accepted", "vehicle_asked", "pickup_asked", "pickup_asked_again", "pickup_overdue", "pickup_escalated",
            "daily_note",
        ]  # fmt: skip
        assert states(db) == ["applied"]
        assert sending_states(db) == {"key1": "due"}

    def test_a_message_is_decided_on_once(self, db: Database) -> None:
        item = self.settled(db)
        self.write(db, item)
        with pytest.raises(AlreadySettledError):
            self.write(db, item)
        assert sending_states(db) == {"key1": "due"}

    def test_a_group_with_one_that_fails_writes_nothing(self, db: Database) -> None:
        first, second = self.settled(db, "1"), self.settled(db, "2")
        self.write(db, first)
        with pytest.raises(AlreadySettledError):
            self.write(db, second, first)
        assert states(db) == ["applied", "stored"]

    def test_the_same_content_again_is_recognised_as_a_twin(self, db: Database) -> None:
        self.write(db, self.settled(db, "1"))
        assert self.settled(db, "2").decision.reviews == (("26031002", "second_shipment:26031001"),)

    def test_other_content_under_the_same_reference_is_recognised_by_the_newest_revision(self, db: Database) -> None:
        first, other = (replace(ORDER, references=(Reference("customer", name),)) for name in ("PO-1", "PO-2"))
        self.write(db, self.settled(db, "1", first))
        again = replace(first, payment=None)
        assert ("26031002", "same_reference:26031001") in self.settled(db, "2", again).decision.reviews
        with db.write() as connection:
            (order,) = orders_by_serial(connection, ["26031001"])
            write_change(connection, None, Change(order, order.state, other))
            since = FACTS.arrived_at
            assert namesakes_of(connection, [(order.customer, "PO-1")], since) == []
            assert [o.serial for o in namesakes_of(connection, [(order.customer, "PO-2")], since)] == ["26031001"]
            assert namesakes_of(connection, [(order.customer, "PO-2")], since + timedelta(seconds=1)) == []
            assert namesakes_of(connection, [("somebody else", "PO-2")], since) == []

    def test_a_change_of_an_order_that_has_moved_on_is_refused(self, db: Database) -> None:
        self.write(db, self.settled(db))
        with db.read() as connection:
            (order,) = orders_by_serial(connection, ["26031001"])
        stale = replace(order, state=OrderState.ASKED)
        with pytest.raises(OrderMovedOnError, match="26031001"), db.write() as connection:
            write_change(connection, 1, Change(stale, OrderState.CONFIRMED))

    def test_it_is_known_which_mails_tell_of_the_newest_revision(self, db: Database) -> None:
        self.write(db, self.settled(db, "1"))
        second = self.settled(db, "2", replace(ORDER, payment=None)).facts.message_id
        with db.write() as connection:
            (order,) = orders_by_serial(connection, ["26031001"])
            write_change(connection, second, Change(order, order.state, replace(ORDER, payment=None)))
            connection.execute(update(message).where(message.c.id == second).values(mail_id="2@shoes.example"))
            for key, cause in (("key2", second), ("chase", None)):
                write_sendings(connection, [(order.order_id, cause, draft(key))], NOW)
            found = orders_of_mails(connection, ["key1", "key2", "chase"], ["1@shoes.example", "2@shoes.example"])
        newest = {mail: told["26031001"] for mail, told in found.items()}
        assert newest == {
            "key1": False, "key2": True, "chase": True, "1@shoes.example": False, "2@shoes.example": True
        }  # fmt: skip

    def test_a_report_ends_the_duties_of_its_order(self, db: Database) -> None:
        self.write(db, self.settled(db))
        with db.write() as connection:
            order_id = connection.execute(select(orders.c.id)).scalar_one()
            end_follow_ups(connection, [(order_id, "pickup_asked"), (order_id, "pickup_overdue")], NOW)
            left = {duty.kind for duty in due_duties(connection, NOW + timedelta(days=9))}
            assert left == {row.name for row in TABLES.follow_up if {"confirmed", "pickup_by"} & set(row.after)} - {
                "pickup_asked", "pickup_overdue"
            }  # fmt: skip

    def test_a_review_is_due_by_the_clock_of_the_checking_and_told_once(self, db: Database) -> None:
        self.write(db, self.settled(db, "1"), clock=CLOCK)
        self.write(db, self.settled(db, "2"), clock=CLOCK)  # of the same content
        due_at = CLOCK.due(FACTS.arrived_at)
        with db.write() as connection:
            assert overdue_reviews(connection, due_at - timedelta(seconds=1)) == []
            (waiting,) = overdue_reviews(connection, due_at)
            write_reminders(connection, [waiting], [draft("reminder")], due_at)
            assert overdue_reviews(connection, due_at) == []
            events = connection.execute(select(event_table.c.kind).where(event_table.c.at == due_at)).scalars().all()
        assert (waiting.serial, waiting.reason) == ("26031002", "second_shipment:26031001")
        assert events == ["chased.review_due"]
        assert sending_states(db)["reminder"] == "due"

    def test_a_new_revision_settles_the_reviews_of_the_old_ones(self, db: Database) -> None:
        self.write(db, self.settled(db, "1"))
        self.write(db, self.settled(db, "2"), clock=CLOCK)
        (message_id,) = stored(db, arrival("3", RAW.replace(b"<1@", b"<3@")))
        with db.read() as connection:
            (order,) = orders_by_serial(connection, ["26031002"])
        change = Change(order, OrderState.REVIEW, ORDER, area="城区")
        again = Decision(MessageState.REVIEW, "", changes=(change,), reviews=(("26031002", "agent_confirms"),))
        self.write(db, Settled(replace(FACTS, message_id=message_id), READING, again, ()), clock=CLOCK)
        with db.read() as connection:
            assert [r.reason for r in overdue_reviews(connection, NOW + timedelta(days=1))] == ["agent_confirms"]

    def test_an_order_is_dispatched_when_the_last_of_its_channels_accepted(self, db: Database) -> None:
        self.write(db, self.settled(db))
        with db.write() as connection:
            order_id = connection.execute(select(orders.c.id)).scalar_one()
            write_sendings(
                connection, [(order_id, None, replace(draft("sms", Channel.SMS), cause="order:26031001/1"))], NOW
            )
        (mail,) = claimed(db)
        (sms,) = claimed(db, Channel.SMS)
        for claim, moved in ((mail, []), (sms, ["26031001"])):
            with db.write() as connection:
                record(connection, [result(claim)])
                assert [o.serial for o in mark_dispatched(connection, [order_id], NOW)] == moved

    def test_a_text_message_that_waits_for_its_hour_keeps_no_order_from_being_dispatched(self, db: Database) -> None:
        self.write(db, self.settled(db))
        begins = NOW + timedelta(hours=2)
        waiting = replace(
            draft("sms", Channel.SMS),
            cause="order:26031001/1",
            not_before=begins,
            deadline=begins + timedelta(minutes=3),
        )
        with db.write() as connection:
            order_id = connection.execute(select(orders.c.id)).scalar_one()
            write_sendings(connection, [(order_id, None, waiting)], NOW)
        assert claimed(db, Channel.SMS) == []
        (mail,) = claimed(db)
        with db.write() as connection:
            record(connection, [result(mail)])
            assert [o.serial for o in mark_dispatched(connection, [order_id], NOW)] == ["26031001"]
        with db.read() as connection:
            assert backlog(connection, NOW).due == 0
            assert late(connection, begins) == []
            assert [row["channel"] for row in late(connection, begins + timedelta(minutes=4))] == [Channel.SMS]

    def test_messages_that_could_touch_each_other_are_decided_in_turn(self) -> None:
        def item(number: int, **changes: object) -> Item:
            envelope = replace(READING.envelope, message_id=f"{number}@shoes.example")
            facts = replace(FACTS, message_id=number, core_hash=str(number))
            reading = replace(READING, envelope=envelope, orders=(replace(ORDER, destination=str(number)),))
            return Item(facts, replace(reading, **changes))  # type: ignore[arg-type]

        same = item(1)
        answer = item(3, refers_to=("260310001",))
        cut = [[i.facts.message_id for i in group] for group in rounds([same, item(2), same, answer, item(4)], house())]
        assert cut == [[1, 2], [1], [3], [4]]


class TestOutbox:
    def test_the_earliest_deadline_is_taken_first_and_only_once(self, db: Database) -> None:
        sent(db, draft("later", seconds=300), draft("sooner", seconds=60))
        assert [(c.key, c.attempts, c.body) for c in claimed(db)] == [("sooner", 1, b"bytes"), ("later", 1, b"bytes")]
        assert claimed(db) == []

    def test_one_sending_a_purpose_cause_channel_and_recipient(self, db: Database) -> None:
        sent(db, draft("one"))
        sent(db, draft("one"), draft("two"))
        assert sending_states(db) == {"one": "due", "two": "due"}

    def test_nothing_is_taken_while_held(self, db: Database) -> None:
        sent(db, draft("one"))
        for on, keys in ((True, []), (False, ["one"])):
            with db.write() as connection:
                set_hold(connection, on)
            assert [c.key for c in claimed(db)] == keys

    def test_nothing_follows_from_the_result_of_an_older_claim(self, db: Database) -> None:
        policy = RetryPolicy((LEASE,), LEASE, LEASE)
        sent(db, draft("one"), draft("two"))
        old = claimed(db)
        with db.write() as connection:
            record(connection, [result(old[0], SendingState.DUE)])
        (new,) = claimed(db)
        assert new.sending_id == old[0].sending_id
        refused = [(c, Result(c.sending_id, c.token, Outcome.REFUSED, "550", NOW)) for c in old]
        with db.write() as connection:
            record_results(connection, [(replace(c, purpose=Purpose.CHASE), r) for c, r in refused], policy, NOW)
            assert [a.part for a in untold_alarms(connection)] == [f"sending {old[1].sending_id}"]
        assert sending_states(db) == {"one": "sending", "two": "refused"}

    def test_a_late_result_of_an_older_claim_changes_nothing(self, db: Database) -> None:
        sent(db, draft("one"))
        (old,) = claimed(db)
        with db.write() as connection:
            record(connection, [result(old, SendingState.DUE)])
        (new,) = claimed(db)
        with db.write() as connection:
            record(connection, [result(old)])
        assert sending_states(db) == {"one": "sending"}
        with db.write() as connection:
            record(connection, [result(new)])
        assert sending_states(db) == {"one": "accepted"}

    def test_a_lease_that_ran_out_is_uncertain_and_its_late_answer_still_counts(self, db: Database) -> None:
        sent(db, draft("one"))
        (claim,) = claimed(db)
        with db.write() as connection:
            assert expire_leases(connection, NOW + LEASE) == []
            assert expire_leases(connection, NOW + LEASE + LEASE) == [claim.sending_id]
        assert sending_states(db) == {"one": "uncertain"}
        with db.write() as connection:
            record(connection, [result(claim)])
        assert sending_states(db) == {"one": "accepted"}

    def test_what_was_claimed_and_not_begun_goes_back_uncounted(self, db: Database) -> None:
        sent(db, draft("one"))
        with db.write() as connection:
            give_back_unbegun(connection, claim_due(connection, Channel.EMAIL, "me", NOW, TERMS))
        assert [c.attempts for c in claimed(db)] == [1]

    def test_after_a_restart_only_what_may_have_left_whole_is_uncertain(self, db: Database) -> None:
        sent(db, *(draft(k) for k in ("unbegun", "begun", "whole")), draft("sms", Channel.SMS))
        held = {c.key: c for c in (*claimed(db), *claimed(db, Channel.SMS))}
        notes = {
            (held["begun"].sending_id, held["begun"].token): Phase.BEGUN,
            (held["whole"].sending_id, held["whole"].token): Phase.WHOLE,
            (held["sms"].sending_id, held["sms"].token): Phase.WHOLE,
        }
        later = NOW + timedelta(seconds=60)
        with db.write() as connection:
            assert take_over_sendings(connection, "me", notes, NOW, later) == (2, 2)
            settled = [(doubt.sending_id, doubt.since, doubt.settle_at) for doubt in doubts(connection)]
        assert settled == [(held[key].sending_id, NOW, later) for key in ("whole", "sms")]

    def test_after_a_power_cut_everything_under_way_is_uncertain(self, db: Database) -> None:
        sent(db, draft("one"))
        claimed(db)
        with db.write() as connection:
            assert take_over_sendings(connection, "me", None, NOW, NOW) == (0, 1)

    def test_an_uncertain_sending_that_is_given_up_raises_an_alarm(self, db: Database) -> None:
        sent(db, draft("one"))
        (claim,) = claimed(db)
        with db.write() as connection:
            record(connection, [result(claim, SendingState.UNCERTAIN)])
            settle_doubt(connection, claim.sending_id, SendingState.FAILED, "unknown", NOW)
            assert [a.kind for a in untold_alarms(connection)] == ["uncertain"]

    def test_a_move_that_the_table_does_not_know_is_an_error(self, db: Database) -> None:
        with pytest.raises(ValueError, match="accepted to due"), db.write() as connection:
            move(connection, [1], (SendingState.ACCEPTED, SendingState.DUE), "", NOW)


class TestAlarms:
    def test_alarms_of_which_another_daemon_told_one_are_looked_at_anew(self, db: Database) -> None:
        with db.write() as connection:
            for number in (1, 2):
                open_alarm(connection, f"sending {number}", "uncertain", "not repeated", NOW)
            both = untold_alarms(connection)
            assert tell(connection, both[:1], [], NOW)
            assert not tell(connection, both, [], NOW)
            assert [alarm.part for alarm in untold_alarms(connection)] == ["sending 2"]

    def test_one_open_alarm_a_part_and_kind_told_once(self, db: Database) -> None:
        with db.write() as connection:
            first = open_alarm(connection, "imap/orders", "login", "refused", NOW)
            assert open_alarm(connection, "imap/orders", "login", "refused", NOW) is None
            (alarm,) = untold_alarms(connection)
            assert alarm.alarm_id == first
            mark_told(connection, [alarm.alarm_id], NOW)
            assert untold_alarms(connection) == []
            assert clear_alarms(connection, "imap/orders", None, NOW) == 1
            assert open_alarm(connection, "imap/orders", "login", "refused", NOW) is not None


class TestSerials:
    def test_no_number_is_given_twice_by_any_number_of_threads(self, db: Database) -> None:
        writer = Writer(db)
        takers = [Serials(writer.run, lambda: NOW, UTC) for _ in range(3)]
        given: list[str] = []
        threads = [threading.Thread(target=lambda t=t: given.extend(t.take() for _ in range(120))) for t in takers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        writer.close()
        assert len(set(given)) == 360
        assert all(serial.startswith("260310") and len(serial) >= 9 for serial in given)

    def test_every_day_begins_anew(self, db: Database) -> None:
        with db.write() as connection:
            assert [reserve(connection, day, 50) for day in ("260310", "260310", "260311")] == [1, 51, 1]


class TestWriter:
    def test_one_function_that_fails_does_not_take_its_neighbours_along(self, db: Database) -> None:
        writer = Writer(db)

        def keep(key: str) -> None:
            stored_one = arrival(key, key.encode())
            writer.submit(lambda c: store_arrivals(c, [stored_one], None, NOW))

        gate = writer.submit(lambda _: threading.Event().wait(0.05))  # so that the others are one group
        keep("1")
        broken = writer.submit(lambda c: c.execute(text("INSERT INTO nowhere VALUES (1)")))
        keep("2")
        assert gate.result() is False
        assert broken.exception() is not None
        writer.close()
        assert states(db) == ["stored", "stored"]

    def test_what_is_queued_at_the_end_is_still_written(self, db: Database) -> None:
        writer = Writer(db)
        futures = [writer.submit(lambda c, n=n: open_alarm(c, str(n), "x", "", NOW)) for n in range(120)]  # type: ignore[misc]
        writer.close()
        assert len({f.result() for f in futures}) == 120


class TestSchema:
    def test_an_upgrade_brings_every_table_and_says_so(self, database: str) -> None:
        assert current(database) is None
        assert upgrade(database) == (None, HEAD)
        assert current(database) == HEAD
        assert upgrade(database) == (HEAD, HEAD)

    @pytest.mark.parametrize(
        ("statement", "given", "index"),
        [
            (TAKE, {"channel": "sms", "now": NOW, "most": 10}, "ix_sending_due"),
            (FREE, {"now": NOW, "most": 10}, "ix_message_stored"),
            (DUE_DUTIES, {"now": NOW, "most": 10}, "ix_follow_up_due"),
            (LATE, {"before": NOW}, "ix_orders_state"),
            (OVERDUE, {"now": NOW, "most": 10}, "ix_review_state"),
        ],
    )
    def test_the_sweeps_and_claims_use_their_indexes(
        self, sqlite_database: str, statement: Select[tuple[object, ...]], given: dict[str, object], index: str
    ) -> None:
        upgrade(sqlite_database)
        database = Database(sqlite_database)
        seen: list[tuple[str, tuple[object, ...]]] = []
        event.listen(
            database.reading, "before_cursor_execute", lambda _c, _cur, sql, given, *_: seen.append((sql, given))
        )
        with database.read() as connection:
            connection.execute(statement, given)
            sql, parameters = seen[-1]
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", parameters).all()
        database.close()
        assert index in str(plan)


class TestPhaseNotes:
    def test_what_a_killed_process_noted_is_read_by_the_next(self, tmp_path: Path) -> None:
        claim = Claim(7, 3, Channel.EMAIL, "a@b", "k", b"", NOW, NOW, 1, Purpose.ALARM, NOW)
        notes = PhaseNotes(tmp_path / "phases", 2, 10)
        notes.begin()
        row = notes.row()
        row.hold([claim, replace(claim, sending_id=8)])
        row.note(0, claim, Phase.WHOLE)
        assert read_notes(tmp_path / "phases") == {(7, 3): Phase.WHOLE, (8, 3): Phase.CLAIMED}
        row.hold([replace(claim, sending_id=9)])
        assert PhaseNotes(tmp_path / "phases", 2, 10).left == {(9, 3): Phase.CLAIMED}

    def test_a_start_that_fails_leaves_the_notes_to_the_next(self, tmp_path: Path) -> None:
        claim = Claim(7, 3, Channel.EMAIL, "a@b", "k", b"", NOW, NOW, 1, Purpose.ALARM, NOW)
        killed = PhaseNotes(tmp_path / "phases", 2, 10)
        killed.begin()
        killed.row().hold([claim])
        failed = PhaseNotes(tmp_path / "phases", 1, 5)
        failed.row().hold([])
        assert PhaseNotes(tmp_path / "phases", 3, 10).left == {(7, 3): Phase.CLAIMED}

    def test_notes_of_another_boot_are_not_believed(self, tmp_path: Path) -> None:
        PhaseNotes(tmp_path / "phases", 1, 1).begin()
        data = bytearray((tmp_path / "phases").read_bytes())
        data[8:12] = b"0000"
        (tmp_path / "phases").write_bytes(data)
        assert read_notes(tmp_path / "phases") is None
        assert read_notes(tmp_path / "missing") is None
