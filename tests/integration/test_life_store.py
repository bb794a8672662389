"""The life of an order in the store: its moves are guarded, its record only grows, what is outdated does not leave."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.event import listen as on_statement
from sqlalchemy.exc import DBAPIError

from ingestd.checks.decision import decide
from ingestd.domain.decision import Change, KnownOrder
from ingestd.domain.order import ORDER_MOVES, OrderState
from ingestd.domain.reading import Channel, Driver
from ingestd.domain.sending import Purpose, SendingDraft, SendingState
from ingestd.store.clock_set import put_back, put_on
from ingestd.store.database import Database
from ingestd.store.known_orders import orders_by_serial
from ingestd.store.orders import OrderMovedOnError, mark_dispatched, write_change, write_orders
from ingestd.store.schema import event, order_move, orders, sending
from ingestd.store.sendings import claim_due, write_sendings
from ingestd.store.superseded import with_handed, withdraw
from ingestd.store.upgrade import upgrade
from tests.unit.checks.cases import NOW, case, deciding

TERMS = (timedelta(seconds=90), 10)


def a_confirmed_order(db: Database) -> KnownOrder:
    """An order that is confirmed and not dispatched yet."""
    (new,) = decide(case(), deciding()).new_orders
    with db.write() as connection:
        write_orders(connection, [(None, new)])
        (order,) = orders_by_serial(connection, [new.serial])
    return order


def test_the_database_knows_the_moves_of_the_code(db: Database) -> None:
    with db.read() as connection:
        there = {(row.before, row.after) for row in connection.execute(select(order_move))}
    assert there == {(str(b), str(a)) for b, moves in ORDER_MOVES.items() for a in moves if a is not b}


def test_the_database_lets_no_other_move_pass(db: Database) -> None:
    a_confirmed_order(db)
    with pytest.raises(DBAPIError, match="does not move so"), db.write() as connection:
        connection.execute(update(orders).values(state="asked"))
    with db.write() as connection:
        connection.execute(update(orders).values(state="picked_up"))


@pytest.mark.parametrize("change", ["UPDATE event SET who = 'nobody'", "DELETE FROM event"])
def test_the_record_is_never_rewritten(db: Database, change: str) -> None:
    order = a_confirmed_order(db)
    with db.write() as connection:
        write_change(connection, None, Change(order, OrderState.TAKEN))
        connection.execute(event.insert().values(order_id=order.order_id, at=NOW, who="x", kind="note", json="{}"))
    with pytest.raises(DBAPIError, match="only grows"), db.write() as connection:
        connection.execute(text(change))


def test_a_move_that_the_table_lacks_is_refused_before_it_is_written(db: Database) -> None:
    order = a_confirmed_order(db)
    with pytest.raises(ValueError, match="does not go from confirmed to closed"), db.write() as connection:
        write_change(connection, None, Change(order, OrderState.CLOSED))


def test_what_is_known_of_the_delivery_is_kept(db: Database) -> None:
    order = a_confirmed_order(db)
    driver = Driver("陈师傅", "+8613900000055", "粤B12345")
    with db.write() as connection:
        by = NOW + timedelta(days=2)
        write_change(connection, None, Change(order, OrderState.PICKED_UP, deliver_by=by, depot="杭州", driver=driver))
        (after,) = orders_by_serial(connection, [order.serial])
    assert (after.state, after.deliver_by, after.depot, after.driver) == (OrderState.PICKED_UP, by, "杭州", driver)


def test_in_other_hands_no_driver_is_known(db: Database) -> None:
    order = a_confirmed_order(db)
    with db.write() as connection:
        write_change(connection, None, Change(order, OrderState.TAKEN, driver=Driver(plate="粤B12345")))
        (taken,) = orders_by_serial(connection, [order.serial])
        write_change(connection, None, Change(taken, OrderState.CONFIRMED, dispatcher="8012", clock_start=NOW))
        (after,) = orders_by_serial(connection, [order.serial])
    assert (taken.driver, after.driver) == (Driver(plate="粤B12345"), None)


def draft(name: str, cause: str, channel: Channel = Channel.EMAIL) -> SendingDraft:
    """A work order to somebody."""
    return SendingDraft(
        f"{name}{cause[-1]}", Purpose.WORK_ORDER, cause, channel, name, b"x", NOW + timedelta(minutes=3)
    )


class TestAWorkOrderThatIsOutdated:
    def test_is_withdrawn_where_it_has_not_left(self, db: Database) -> None:
        order = a_confirmed_order(db)
        with db.write() as connection:
            write_sendings(connection, [(order.order_id, None, draft("li", f"order:{order.serial}/1"))], NOW)
            (known,) = with_handed(connection, [order])
            assert [(h.recipient, h.unsent, h.revision, h.tells) for h in known.handed] == [
                ("li", True, 1, order.content)
            ]
            withdraw(connection, [h.sending_id for h in known.handed], NOW)
            assert claim_due(connection, Channel.EMAIL, "me", NOW, TERMS) == []

    def test_is_nobodys_where_it_was_refused(self, db: Database) -> None:
        order = a_confirmed_order(db)
        with db.write() as connection:
            drafts = [draft("li", f"order:{order.serial}/1"), draft("zhou", f"order:{order.serial}/1")]
            write_sendings(connection, [(order.order_id, None, one) for one in drafts], NOW)
            for name, state in (("li", SendingState.REFUSED), ("zhou", SendingState.UNCERTAIN)):
                connection.execute(update(sending).where(sending.c.recipient == name).values(state=state))
            (known,) = with_handed(connection, [order])
        assert [(h.recipient, h.may_be_had) for h in known.handed] == [("li", False), ("zhou", True)]

    def test_cannot_be_withdrawn_once_somebody_holds_it(self, db: Database) -> None:
        order = a_confirmed_order(db)
        with db.write() as connection:
            write_sendings(connection, [(order.order_id, None, draft("li", f"order:{order.serial}/1"))], NOW)
            (claim,) = claim_due(connection, Channel.EMAIL, "me", NOW, TERMS)
        with pytest.raises(OrderMovedOnError), db.write() as connection:
            withdraw(connection, [claim.sending_id], NOW)

    @pytest.mark.parametrize("state", [OrderState.CONFIRMED, OrderState.CANCELLED])
    def test_never_leaves_whatever_made_it_due_again(self, db: Database, state: OrderState) -> None:
        order, later = a_confirmed_order(db), NOW + timedelta(minutes=1)
        with db.write() as connection:
            old, new = (draft("li", f"order:{order.serial}/{n}") for n in (1, 2))
            write_sendings(connection, [(order.order_id, None, old)], NOW)
            write_change(connection, None, Change(order, state, given=True))
            write_sendings(connection, [(order.order_id, None, new)], later)
            claimed = claim_due(connection, Channel.EMAIL, "me", later, TERMS)
            states = dict(connection.execute(select(sending.c.cause, sending.c.state)).all())
        assert [c.key for c in claimed] == ([new.key] if state is OrderState.CONFIRMED else [])
        assert states[old.cause] == SendingState.WITHDRAWN

    def test_never_leaves_where_it_was_composed_before_its_order_was_changed(self, db: Database) -> None:
        order = a_confirmed_order(db)
        of_before = replace(draft("li", f"order:{order.serial}/1"), given=order.given)
        with db.write() as connection:
            write_change(connection, None, Change(order, OrderState.CONFIRMED, given=True))
            write_sendings(connection, [(order.order_id, None, of_before)], NOW)
            assert claim_due(connection, Channel.EMAIL, "me", NOW, TERMS) == []

    def test_voids_what_was_decided_of_it_meanwhile(self, db: Database) -> None:
        order = a_confirmed_order(db)
        with db.write() as connection:
            write_change(connection, None, Change(order, OrderState.CONFIRMED, given=True))
        with pytest.raises(OrderMovedOnError), db.write() as connection:
            write_change(connection, None, Change(order, OrderState.CONFIRMED, given=True))

    def test_is_not_overtaken_by_what_changes_it(self, db: Database) -> None:
        order, later = a_confirmed_order(db), NOW + timedelta(minutes=1)
        old, new = (draft("li", f"order:{order.serial}/{n}") for n in (1, 2))
        with db.write() as connection:
            write_sendings(connection, [(order.order_id, None, old)], NOW)
            (leaving,) = claim_due(connection, Channel.EMAIL, "one", NOW, TERMS)
            write_change(connection, None, Change(order, OrderState.CONFIRMED, given=True))
            write_sendings(connection, [(order.order_id, None, new)], later)
            assert claim_due(connection, Channel.EMAIL, "two", later, TERMS) == []
            left = update(sending).where(sending.c.id == leaving.sending_id)
            connection.execute(left.values(state=SendingState.ACCEPTED, accepted_at=later))
            assert [c.key for c in claim_due(connection, Channel.EMAIL, "two", later, TERMS)] == [new.key]

    def test_counts_for_nothing_where_its_order_was_changed(self, db: Database) -> None:
        order, later = a_confirmed_order(db), NOW + timedelta(minutes=1)
        with db.write() as connection:
            write_sendings(connection, [(order.order_id, None, draft("li", f"order:{order.serial}/1"))], NOW)
            connection.execute(update(sending).values(state=SendingState.ACCEPTED, accepted_at=NOW))
            assert [d.serial for d in mark_dispatched(connection, [order.order_id], NOW)] == [order.serial]
            (sent,) = orders_by_serial(connection, [order.serial])
            write_change(connection, None, Change(sent, OrderState.CONFIRMED, given=True))
            write_sendings(connection, [(order.order_id, None, draft("li", f"order:{order.serial}/2"))], later)
            assert mark_dispatched(connection, [order.order_id], later) == []
            connection.execute(update(sending).values(state=SendingState.ACCEPTED, accepted_at=later))
            assert [d.serial for d in mark_dispatched(connection, [order.order_id], later)] == [order.serial]
            kinds = [row.json for row in connection.execute(select(event).where(event.c.kind == "moved"))]
        assert kinds == [
            '{"from": "confirmed", "to": "dispatched"}',
            '{"from": "confirmed", "to": "dispatched"}',
        ]


@pytest.mark.fault("F76")
def test_a_clock_put_back_makes_no_work_order_outdated_and_no_outdated_one_current(db: Database) -> None:
    known, soon, now = a_confirmed_order(db), NOW + timedelta(seconds=5), NOW - timedelta(hours=1)
    with db.write() as connection:
        write_sendings(connection, [(known.order_id, None, draft("old", "order:1/1"))], NOW)
        write_change(connection, None, Change(known, OrderState.CONFIRMED, given=True))
        write_sendings(connection, [(known.order_id, None, draft("new", "order:1/2"))], soon)
        put_back(connection, now, timedelta(minutes=1))
        put_back(connection, now, timedelta(minutes=1))
        claims = claim_due(connection, Channel.EMAIL, "me", now, (timedelta(minutes=1), 9))
        later = claim_due(connection, Channel.EMAIL, "me", NOW + timedelta(hours=1), (timedelta(minutes=1), 9))
    assert [claim.key for claim in claims] == ["new2"]
    assert later == []  # nor does the old one leave when its time comes again


@pytest.mark.fault("F76")
@pytest.mark.parametrize("early", [timedelta(milliseconds=300), timedelta(minutes=1)])
@pytest.mark.parametrize("after", [0, 1, 2])
def test_what_another_daemon_writes_while_it_is_looked_for_a_set_clock_stays_current(
    after: int, early: timedelta, postgres_database: str
) -> None:
    """A start looks for a clock that was set; between two of its statements, by a time that it took before on a busy
    machine, an order of the other daemon comes to be seen."""
    upgrade(postgres_database)
    db = Database(postgres_database)
    statements = count()

    def other_writes(*_: object) -> None:
        if next(statements) == after:
            order = a_confirmed_order(db)
            with db.write() as connection:
                write_sendings(connection, [(order.order_id, None, draft("new", "order:1/1"))], NOW)

    with db.write() as connection:
        on_statement(connection, "after_cursor_execute", other_writes)
        put_back(connection, NOW - early, timedelta(minutes=1))
    with db.write() as connection:
        claims = claim_due(connection, Channel.EMAIL, "me", NOW, (timedelta(minutes=1), 9))
    db.close()
    assert [claim.key for claim in claims] == ["new1"]


@pytest.mark.fault("F76")
def test_a_clock_put_on_makes_no_outdated_work_order_current(db: Database) -> None:
    known, soon, now = a_confirmed_order(db), NOW + timedelta(seconds=5), NOW + timedelta(hours=1, seconds=9)
    with db.write() as connection:
        write_sendings(connection, [(known.order_id, None, draft("old", "order:1/1"))], NOW)
        write_change(connection, None, Change(known, OrderState.CONFIRMED, given=True))
        write_sendings(connection, [(known.order_id, None, draft("new", "order:1/2"))], soon)
        put_on(connection, timedelta(hours=1), now)
        claims = claim_due(connection, Channel.EMAIL, "me", now, (timedelta(minutes=1), 9))
    assert [claim.key for claim in claims] == ["new2"]
