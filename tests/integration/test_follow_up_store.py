"""The due table: duties that begin anew, are timed anew, and are done once, on either database."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection, event, select

from ingestd.checks.chasing import ANEW, chase_plan
from ingestd.checks.decision import decide
from ingestd.domain.decision import CallDraft, EventDraft, Tried
from ingestd.domain.order import OrderState
from ingestd.domain.reading import Channel
from ingestd.domain.sending import Purpose, SendingDraft
from ingestd.store.calls import call_done, calls_to_make, write_calls_of_chases
from ingestd.store.database import Database
from ingestd.store.follow_ups import (
    due_duties,
    end_follow_ups,
    last_chased,
    retime_follow_ups,
    round_of,
    write_follow_ups,
    write_plan,
)
from ingestd.store.orders import write_events, write_orders
from ingestd.store.schema import event as event_table
from ingestd.store.schema import follow_up, orders
from ingestd.store.sendings import write_sendings
from tests.unit.checks.cases import CASE, NOW, deciding, house

HOUSE = house()
HOUR, HALF = timedelta(hours=1), timedelta(minutes=30)
KIND = "pickup_overdue"


def order_written(connection: Connection, number: int = 1) -> int:
    """The id of a new order."""
    (order,) = decide(CASE, deciding(HOUSE)).new_orders
    named = replace(order, serial=f"26031000{number}", token=f"token{number}")
    return write_orders(connection, [(None, named)])[named.serial]


def duties(connection: Connection, kind: str = KIND) -> list[tuple[int, str, datetime]]:
    found = select(follow_up.c.occurrence, follow_up.c.state, follow_up.c.due_at).where(follow_up.c.kind == kind)
    return [tuple(row) for row in connection.execute(found.order_by(follow_up.c.id))]


def swept(connection: Connection, at: datetime) -> list[Purpose]:
    """Do what is due; the purposes of what went out."""
    due = due_duties(connection, at)
    plan = chase_plan(due, round_of(connection, due, HOUSE, at))
    drafts = [
        (None, None, SendingDraft(f"{w.cause}{w.recipient}", w.purpose, w.cause, w.channel, w.recipient, b"", at))
        for w in plan.wanted
    ]
    assert write_plan(connection, due, plan, drafts, (at, at + HALF))
    return [w.purpose for w in plan.wanted]


def test_a_duty_that_begins_again_counts_anew_and_what_waited_of_it_is_over(db: Database) -> None:
    with db.write() as connection:
        order_id = order_written(connection)
        write_follow_ups(connection, [(order_id, KIND, 1, NOW)])
        write_follow_ups(connection, [(order_id, KIND, 2, NOW + HALF)])
        write_follow_ups(connection, [(order_id, KIND, 2, NOW + HOUR)])  # there is that one already
        write_follow_ups(connection, [(order_id, KIND, 1, NOW + HOUR)])
        assert duties(connection) == [
            (1, "ended", NOW),
            (2, "ended", NOW + HALF),
            (ANEW + 1, "due", NOW + HOUR),
        ]
        end_follow_ups(connection, [(order_id, KIND)], NOW)
        write_follow_ups(connection, [(order_id, KIND, 1, NOW + HOUR)])
        assert duties(connection)[-1] == (2 * ANEW + 1, "due", NOW + HOUR)


def test_a_moved_deadline_moves_what_waits_for_it(db: Database) -> None:
    with db.write() as connection:
        order_id = order_written(connection)
        write_follow_ups(connection, [(order_id, KIND, 1, NOW + HOUR)])
        retime_follow_ups(connection, [(order_id, KIND, NOW + 2 * HOUR)], NOW)
        assert duties(connection) == [(1, "due", NOW + 2 * HOUR)]


def test_a_deadline_that_was_missed_and_is_moved_ahead_is_chased_anew_and_one_that_stays_counts_on(
    db: Database,
) -> None:
    with db.write() as connection:
        order_id = order_written(connection)
        write_follow_ups(connection, [(order_id, KIND, 1, NOW - HOUR)])
        swept(connection, NOW)
        retime_follow_ups(connection, [(order_id, KIND, NOW - HOUR)], NOW)
        assert duties(connection) == [(1, "done", NOW - HOUR), (2, "due", NOW + HALF)]
        retime_follow_ups(connection, [(order_id, KIND, NOW + 5 * HOUR)], NOW)
        assert duties(connection)[1:] == [(2, "ended", NOW + HALF), (ANEW + 1, "due", NOW + 5 * HOUR)]


def test_the_half_hour_of_a_person_is_remembered_by_what_was_written_for_him(db: Database) -> None:
    with db.write() as connection:
        first, second = order_written(connection, 1), order_written(connection, 2)
        write_follow_ups(connection, [(first, KIND, 1, NOW), (second, KIND, 1, NOW + timedelta(minutes=10))])
        assert swept(connection, NOW) == [Purpose.CHASE]
        assert swept(connection, NOW + timedelta(minutes=10)) == []
        assert swept(connection, NOW + HALF) == [Purpose.CHASE]  # both: the first order's next one, too
        assert [state for _, state, _ in duties(connection)].count("done") == 3


def test_letters_of_another_kind_are_no_chase(db: Database) -> None:
    reminder = SendingDraft("k", Purpose.ESCALATION, "review:1", Channel.EMAIL, "zhao@house.example", b"", NOW)
    with db.write() as connection:
        write_sendings(connection, [(None, None, reminder)], NOW)
        assert last_chased(connection, ["zhao@house.example"], NOW - HALF, NOW) == {}


def test_a_round_is_not_written_where_something_has_happened_meanwhile(db: Database) -> None:
    with db.write() as connection:
        order_id = order_written(connection)
        write_follow_ups(connection, [(order_id, KIND, 1, NOW)])
        due = due_duties(connection, NOW)
        plan = chase_plan(due, round_of(connection, due, HOUSE, NOW))
        end_follow_ups(connection, [(order_id, KIND)], NOW)
        assert not write_plan(connection, due, plan, [], (NOW, NOW))
        assert duties(connection) == [(1, "ended", NOW)]
        assert connection.execute(select(event_table.c.id)).first() is None


def test_an_order_is_closed_by_the_clock_and_nothing_more_is_asked(db: Database) -> None:
    with db.write() as connection:
        order_id = order_written(connection)
        connection.execute(orders.update().values(state=OrderState.DISPATCHED))
        connection.execute(orders.update().values(state=OrderState.DELIVERED))
        write_follow_ups(connection, [(order_id, "closing", 1, NOW), (order_id, "daily_note", 1, NOW + HOUR)])
        swept(connection, NOW)
        assert connection.execute(select(orders.c.state)).scalar_one() == "closed"
        assert [state for _, state, _ in duties(connection, "daily_note")] == ["ended"]


def test_a_person_is_to_be_phoned_once_for_whatever_is_asked_of_him(db: Database) -> None:
    with db.write() as connection:
        first, second = order_written(connection, 1), order_written(connection, 2)
        li = CallDraft("260310001", "李", "+8613900000011", "follow_up:not_accepted")
        write_calls_of_chases(connection, [(first, li)], (NOW, NOW + HALF))
        write_calls_of_chases(connection, [(second, replace(li, serial="260310002"))], (NOW, NOW + HALF))
        (call,) = calls_to_make(connection)
        assert (call["serial"], call["due_at"]) == ("260310001", NOW + HALF)
        call_done(connection, call["id"], "agent:8000", "nobody there", NOW)
        write_calls_of_chases(connection, [(second, li)], (NOW, NOW + HALF))
        assert [one["serial"] for one in calls_to_make(connection)] == ["260310002"]


def test_a_call_is_needless_once_its_follow_up_has_ended(db: Database) -> None:
    with db.write() as connection:
        order_id, other = order_written(connection, 1), order_written(connection, 2)
        for number, one in enumerate((order_id, other), 1):
            call = CallDraft(f"26031000{number}", "李", f"+861390000001{number}", "follow_up:not_accepted")
            write_calls_of_chases(connection, [(one, call)], (NOW, NOW + HALF))
        end_follow_ups(connection, [(order_id, "not_accepted"), (other, "pickup_asked")], NOW)
        assert [one["serial"] for one in calls_to_make(connection)] == ["260310002"]
        write_follow_ups(connection, [(order_id, "pickup_escalated", 1, NOW)])
        assert round_of(connection, due_duties(connection, NOW), HOUSE, NOW).tried == {}


def test_what_was_tried_is_told_oldest_first(db: Database) -> None:
    with db.write() as connection:
        order_id = order_written(connection)
        chased = EventDraft("chased.pickup_asked", "ingestd", None, {"who": "李", "channel": "sms"})
        write_events(connection, [(order_id, None, None, chased)], NOW - HOUR)
        call = CallDraft("260310001", "李", "+8613900000011", "follow_up:not_accepted")
        write_calls_of_chases(connection, [(order_id, call)], (NOW - HOUR, NOW))
        call_done(connection, calls_to_make(connection)[0]["id"], "agent:8000", "nobody there", NOW - HALF)
        write_follow_ups(connection, [(order_id, "pickup_escalated", 1, NOW)])
        tried = round_of(connection, due_duties(connection, NOW), HOUSE, NOW).tried
    assert tried == {
        order_id: (Tried(NOW - HOUR, "pickup_asked", "李"), Tried(NOW - HALF, "call", "李", "nobody there"))
    }


@pytest.mark.parametrize("count", [1, 40])
def test_a_sweep_asks_the_database_as_often_for_many_orders_as_for_one(db: Database, count: int) -> None:
    asked: list[str] = []
    with db.write() as connection:
        ids = [order_written(connection, number) for number in range(count)]
        write_follow_ups(connection, [(i, kind, 1, NOW) for i in ids for kind in (KIND, "pickup_asked")])
        event.listen(connection, "before_cursor_execute", lambda _c, _cur, sql, *_: asked.append(sql))
        swept(connection, NOW)
    assert len(asked) <= 18
