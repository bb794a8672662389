"""What staff report: which orders it is about, how far it moves them, and who is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from ingestd.checks.decision import decide
from ingestd.config.tables import Absence, Area, Tables
from ingestd.config.trade import Depot
from ingestd.domain.decision import Decision, Handed, KnownOrder
from ingestd.domain.message import MessageState
from ingestd.domain.order import OrderState
from ingestd.domain.reading import UNCLEAR, Actual, Channel, Details, Driver, Intent, Part, Reading
from ingestd.domain.sending import Purpose
from tests.unit.checks.cases import NOW, ORDER, READING, STAFF, TABLES, case, deciding, house, known

LI, PHONE = "li@house.example", "+8613900000011"
MANAGER = "zhao@house.example"
SENT = replace(known("260310221", OrderState.DISPATCHED), area="城区", dispatcher="8011", confirmed_at=NOW)
OTHER = replace(SENT, serial="260310222", order_id=2)


def report(kind: str, *named: str, sender: str = PHONE, **details: Any) -> Reading:
    """A report by text message."""
    told = Details(report=kind, **details)
    return replace(
        READING, channel=Channel.SMS, intent=Intent.REPORT, sender=sender, refers_to=named, orders=(), details=told
    )


def after(read: Reading, *orders: KnownOrder, tables: Tables = TABLES, **more: object) -> Decision:
    """What it comes to."""
    return decide(case(read, open=orders, **more), deciding(house(tables)))


@pytest.mark.parametrize(
    ("kind", "before", "state"),
    [
        ("accepted", OrderState.DISPATCHED, OrderState.TAKEN),
        ("assigned", OrderState.DISPATCHED, OrderState.TAKEN),
        ("picked_up_partly", OrderState.TAKEN, OrderState.PICKED_UP_PARTLY),
        ("picked_up", OrderState.DISPATCHED, OrderState.PICKED_UP),
        ("picked_up", OrderState.PICKED_UP_PARTLY, OrderState.PICKED_UP),
        ("departed", OrderState.PICKED_UP, OrderState.IN_TRANSIT),
        ("arrived", OrderState.IN_TRANSIT, OrderState.ARRIVED),
        ("out_for_delivery", OrderState.ARRIVED, OrderState.OUT_FOR_DELIVERY),
        ("delivered", OrderState.OUT_FOR_DELIVERY, OrderState.DELIVERED),
        ("delivered", OrderState.TAKEN, OrderState.DELIVERED),  # the reports between never came
        ("problem", OrderState.IN_TRANSIT, OrderState.PROBLEM),
        ("delivery_failed", OrderState.OUT_FOR_DELIVERY, OrderState.PROBLEM),
        ("arrived", OrderState.PROBLEM, OrderState.ARRIVED),
    ],
)
def test_moves_its_order_on(kind: str, before: OrderState, state: OrderState) -> None:
    decision = after(report(kind, "221"), replace(SENT, state=before))
    assert [c.state for c in decision.changes] == [state]


@pytest.mark.parametrize(
    ("kind", "before"),
    [
        ("accepted", OrderState.PICKED_UP),
        ("picked_up", OrderState.IN_TRANSIT),
        ("picked_up_partly", OrderState.PICKED_UP),
        ("departed", OrderState.ARRIVED),
        ("arrived", OrderState.OUT_FOR_DELIVERY),
        ("arrived", OrderState.DELIVERED),
        ("picked_up", OrderState.PROBLEM),  # goods on the way, with which something went wrong
    ],
)
def test_that_comes_late_is_recorded_and_moves_nothing(kind: str, before: OrderState) -> None:
    decision = after(report(kind, "221"), replace(SENT, state=before))
    assert (decision.changes, decision.wanted, decision.follow_ups, decision.ends) == ((), (), (), ())
    assert [e.kind for e in decision.events] == [f"report.{kind}"]


@pytest.mark.parametrize("kind", ["departed", "arrived", "out_for_delivery"])
@pytest.mark.parametrize("before", [OrderState.DISPATCHED, OrderState.TAKEN, OrderState.PICKED_UP_PARTLY])
def test_of_being_on_the_road_before_the_pickup_is_about_the_way_to_it(kind: str, before: OrderState) -> None:
    decision = after(report(kind, "221"), replace(SENT, state=before))  # 路上堵车，4点半到
    assert (decision.changes, decision.wanted, decision.ends, decision.reviews) == ((), (), (), ())


def test_tells_of_each_order_something_else() -> None:
    told = replace(
        report("delivered", "221", "222"),
        parts=(Part(("221",), Details(report="delivered")), Part(("222",), Details(report="waiting"))),
    )
    carried = replace(SENT, state=OrderState.ARRIVED), replace(OTHER, state=OrderState.ARRIVED)
    decision = after(told, *carried)
    assert [(c.order.serial, c.state) for c in decision.changes] == [("260310221", OrderState.DELIVERED)]
    assert [(e.serial, e.kind) for e in decision.events] == [
        ("260310221", "report.delivered"), ("260310222", "report.waiting"),
    ]  # fmt: skip


def test_moves_nothing_where_nobody_knows_which_order_one_of_its_parts_is_about() -> None:
    told = replace(
        report("delivered", "221", "999"),
        parts=(Part(("221",), Details(report="delivered")), Part(("999",), Details(report="waiting"))),
    )
    assert after(told, replace(SENT, state=OrderState.ARRIVED)).changes == ()


def test_of_a_part_that_is_not_clear_is_for_a_person() -> None:
    told = replace(
        report("picked_up", "221", "222"),
        parts=(Part(("221",), Details(report="picked_up")), Part(("222",), Details())),
    )
    decision = after(told, SENT, OTHER)
    assert [c.order.serial for c in decision.changes] == ["260310221"]
    assert decision.reviews == (("260310222", "report:unknown"),)


def test_that_gets_on_settles_what_went_wrong_before_and_any_settles_that_he_was_urged() -> None:
    failed = after(report("pickup_failed", "221"), SENT)
    assert failed.settles == (("260310221", "inquiry:urge"),)
    fetched = after(report("picked_up", "221"), SENT)
    assert ("260310221", "report:pickup_failed") in fetched.settles


def test_of_a_signed_receipt_is_known_by_the_words_of_the_site() -> None:
    delivered = replace(SENT, state=OrderState.DELIVERED)
    read = replace(report("delivered", "221"), text="260310221回单已寄出，顺丰SF1234567890", review=(UNCLEAR,))
    words = Tables(**{**dict(TABLES), "words": TABLES.words.model_copy(update={"receipt_back": ("回单已寄",)})})
    decision = after(read, delivered, tables=words)
    assert [c.state for c in decision.changes] == [OrderState.RECEIPT_RETURNED]
    assert after(read, SENT, tables=words).state is MessageState.REVIEW  # nothing is signed for yet


def test_of_a_delivery_is_no_receipt_of_it_though_its_words_name_one_and_another_order_is_delivered() -> None:
    words = Tables(**{**dict(TABLES), "words": TABLES.words.model_copy(update={"receipt_back": ("回单已",)})})
    read = replace(report("delivered", "221"), text="221已签收，回单已拍")
    on_the_way, delivered = replace(SENT, state=OrderState.OUT_FOR_DELIVERY), replace(OTHER, state=OrderState.DELIVERED)
    decision = after(read, on_the_way, delivered, tables=words)
    assert [(c.order.serial, c.state) for c in decision.changes] == [("260310221", OrderState.DELIVERED)]
    again = after(read, replace(SENT, state=OrderState.DELIVERED), tables=words)
    assert [c.state for c in again.changes] == [OrderState.RECEIPT_RETURNED]


def test_of_one_orders_receipt_says_nothing_of_the_others() -> None:
    words = Tables(**{**dict(TABLES), "words": TABLES.words.model_copy(update={"receipt_back": ("回单已寄",)})})
    read = replace(
        report("delivered", "221", "222"),
        text="221回单已寄，222已签收",
        parts=(Part(("221",), Details(), "221回单已寄"), Part(("222",), Details(report="delivered"), "222已签收")),
    )
    carried = replace(SENT, state=OrderState.DELIVERED), replace(OTHER, state=OrderState.OUT_FOR_DELIVERY)
    decision = after(read, *carried, tables=words)
    assert [c.state for c in decision.changes] == [OrderState.RECEIPT_RETURNED, OrderState.DELIVERED]


def test_is_completed_by_bare_serials_where_he_was_asked_which_order_he_meant() -> None:
    asked = report("picked_up", "1", actual=Actual(quantity=Decimal(15)))
    answer = replace(READING, channel=Channel.SMS, intent=Intent.OTHER, sender=PHONE, text="260310222", orders=())
    decision = after(answer, SENT, OTHER, asked_which=asked)
    assert [(c.order.serial, c.state) for c in decision.changes] == [("260310222", OrderState.PICKED_UP)]
    assert after(answer, SENT, OTHER).state is MessageState.IGNORED


def test_of_goods_that_are_delivered_ends_what_their_pickup_waits_for() -> None:
    found = after(report("delivered", "221"), replace(SENT, state=OrderState.TAKEN))
    assert {"pickup_overdue", "pickup_escalated", "not_accepted"} <= {name for _, name in found.ends}


def test_of_a_vehicle_without_plate_and_driver_leaves_the_question_for_it() -> None:
    said = after(report("assigned", "221"), SENT)
    assert "vehicle_asked" not in {name for _, name in said.ends}
    assert "not_accepted" in {name for _, name in said.ends}
    named = after(report("assigned", "221", driver=Driver(plate="粤B12345")), SENT)
    assert "vehicle_asked" in {name for _, name in named.ends}


@pytest.mark.parametrize("kind", ["pickup_failed", "problem", "delivery_failed"])
def test_of_trouble_is_for_a_person(kind: str) -> None:
    decision = after(report(kind, "221"), SENT)
    assert decision.changes == ()  # its pickup is still to come
    assert decision.reviews == (("260310221", f"report:{kind}"),)


def test_of_a_failed_delivery_after_the_delivery_comes_late_and_is_for_a_person() -> None:
    decision = after(report("delivery_failed", "221"), replace(SENT, state=OrderState.DELIVERED))
    assert (decision.changes, decision.follow_ups, decision.ends) == ((), (), ())
    assert not [w for w in decision.wanted if w.purpose is Purpose.PROGRESS]
    assert decision.reviews == (("260310221", "report:delivery_failed"),)


def test_of_a_failed_delivery_with_a_next_try_is_back_at_the_depot() -> None:
    tomorrow = NOW + timedelta(days=1)
    read = report("delivery_failed", "221", next_try=tomorrow)
    assert [c.state for c in after(read, replace(SENT, state=OrderState.OUT_FOR_DELIVERY)).changes] == [
        OrderState.ARRIVED
    ]


def test_of_some_of_the_goods_has_other_figures_and_is_nobodys_to_look_at() -> None:
    decision = after(report("picked_up_partly", "221", actual=Actual(quantity=Decimal(10))), SENT)
    assert decision.reviews == ()


def test_of_other_figures_is_for_a_person_and_told_to_the_shipper() -> None:
    decision = after(report("picked_up", "221", actual=Actual(quantity=Decimal(14))), SENT)
    assert decision.reviews == (("260310221", "figures_differ"),)
    told, notice = decision.wanted
    actual = Details(report="picked_up", actual=Actual(quantity=Decimal(14)))
    assert (told.purpose, told.happening, told.details) == (Purpose.PROGRESS, "picked_up", actual)
    assert (notice.purpose, notice.recipient) == (Purpose.REVIEW_NOTICE, "desk@house.example")
    same = after(report("picked_up", "221", actual=Actual(quantity=Decimal(15))), SENT)
    assert same.reviews == ()


def test_arrives_held_where_the_shipper_has_not_let_it_go() -> None:
    held = replace(SENT, content=replace(ORDER, hold=True), state=OrderState.IN_TRANSIT)
    assert [c.state for c in after(report("arrived", "221"), held).changes] == [OrderState.HELD]
    let_go = replace(held, released_at=NOW)
    assert [c.state for c in after(report("arrived", "221"), let_go).changes] == [OrderState.ARRIVED]


def test_handed_out_without_a_release_is_for_a_person() -> None:
    held = replace(SENT, content=replace(ORDER, hold=True), state=OrderState.HELD)
    decision = after(report("delivered", "221"), held)
    assert decision.reviews == (("260310221", "handed_out_unreleased"),)
    assert [c.state for c in decision.changes] == [OrderState.DELIVERED]


class TestTellsTheShipper:
    def told(self, kind: str, order: KnownOrder, subscribed: tuple[str, ...]) -> list[str]:
        first = TABLES.customer[0].model_copy(update={"told": subscribed})
        tables = Tables(**{**dict(TABLES), "customer": (first, *TABLES.customer[1:])})
        decision = after(report(kind, "221"), order, tables=tables)
        return [w.happening for w in decision.wanted if w.purpose is Purpose.PROGRESS]

    def test_what_he_subscribed_to_and_nothing_else(self) -> None:
        assert self.told("picked_up", SENT, ("picked_up",)) == ["picked_up"]
        assert self.told("picked_up", SENT, ("delivered",)) == []
        assert self.told("departed", replace(SENT, state=OrderState.PICKED_UP), ("departed",)) == ["departed"]

    def test_plate_and_driver_where_his_order_asks_for_them(self) -> None:
        words = TABLES.words.model_copy(update={"plate_wanted": ("报备",)})
        tables = Tables(**{**dict(TABLES), "words": words})
        driver = Driver("陈师傅", "+8613900000055", "粤B12345")
        asks = replace(SENT, content=replace(ORDER, remarks="进厂要报备"))
        for order, told in ((asks, ["assigned"]), (SENT, [])):
            decision = after(report("assigned", "221", driver=driver), order, tables=tables)
            assert [w.happening for w in decision.wanted] == told
            assert decision.changes[0].driver == driver

    def test_of_another_vehicle_all_that_is_known_and_of_another_driver_no_phone_of_the_first(self) -> None:
        words = TABLES.words.model_copy(update={"plate_wanted": ("报备",)})
        tables = Tables(**{**dict(TABLES), "words": words})
        first = Driver("陈师傅", "+8613900000055", "粤B12345")
        asks = replace(SENT, driver=first, content=replace(ORDER, remarks="进厂要报备"))
        for driver, merged in (
            (Driver(plate="粤B67890"), replace(first, plate="粤B67890")),
            (Driver("刘师傅", plate="粤B67890"), Driver("刘师傅", None, "粤B67890")),
        ):
            decision = after(report("assigned", "221", driver=driver), asks, tables=tables)
            assert decision.changes[0].driver == merged
            assert [w.details.driver for w in decision.wanted if w.details] == [merged]

    def test_nothing_twice(self) -> None:
        assert self.told("picked_up", replace(SENT, state=OrderState.PICKED_UP), ("picked_up",)) == []


class TestNamesItsOrder:
    def test_bare_received_takes_all_that_is_outstanding(self) -> None:
        taken = replace(OTHER, state=OrderState.TAKEN)
        decision = after(report("accepted"), SENT, replace(OTHER, serial="260310223"), taken)
        assert [c.order.serial for c in decision.changes] == ["260310221", "260310223"]

    def test_by_several_serials_at_once(self) -> None:
        decision = after(report("picked_up", "221", "222"), SENT, OTHER)
        assert [c.order.serial for c in decision.changes] == ["260310221", "260310222"]

    def test_by_three_digits_of_which_one_is_news_or_todays(self) -> None:
        yesterday = replace(OTHER, serial="260309221", state=OrderState.PICKED_UP)
        assert [c.order.serial for c in after(report("picked_up", "221"), SENT, yesterday).changes] == ["260310221"]
        waiting = replace(yesterday, state=OrderState.TAKEN)
        assert [c.order.serial for c in after(report("picked_up", "221"), SENT, waiting).changes] == ["260310221"]

    def test_in_no_way_and_its_sender_is_asked_back_with_the_choices(self) -> None:
        older = (replace(SENT, serial="260308221"), replace(OTHER, serial="260309221"))
        for read in (report("picked_up"), report("picked_up", "221")):
            decision = after(read, *older)
            assert decision.changes == ()
            (asked,) = decision.wanted
            assert (asked.purpose, asked.recipient) == (Purpose.WHICH_ORDER, PHONE)
            assert [o.serial for o in asked.orders] == ["260308221", "260309221"]

    def test_in_no_way_and_of_trouble_a_person_hears_of_it_too(self) -> None:
        decision = after(report("pickup_failed"), SENT, OTHER)
        assert decision.reviews == ((None, "report_without_order:pickup_failed"),)
        assert Purpose.WHICH_ORDER in [w.purpose for w in decision.wanted]

    def test_of_which_there_is_none_and_a_person_decides(self) -> None:
        decision = after(report("picked_up", "999"))
        assert decision.reviews == ((None, "report_without_order:picked_up"),)

    def test_though_it_was_called_off_and_a_person_hears_at_once(self) -> None:
        gone = replace(SENT, state=OrderState.CANCELLED)
        decision = after(report("picked_up", "221"), gone)
        assert decision.reviews == (("260310221", "reported_though_cancelled:picked_up"),)
        assert after(report("accepted", "221"), gone).reviews == ()

    def test_by_a_bare_word_that_a_letter_was_read_where_nothing_is_outstanding(self) -> None:
        picked = replace(SENT, state=OrderState.PICKED_UP)
        for orders in ((), (picked,), (replace(SENT, state=OrderState.CANCELLED),)):
            decision = after(report("accepted"), *orders)
            assert (decision.state, decision.changes) == (MessageState.APPLIED, ())
            assert (decision.reviews, decision.wanted) == ((), ())

    def test_that_is_anothers_and_moves_nothing(self) -> None:
        others = replace(SENT, dispatcher="8012")
        decision = decide(case(report("picked_up", "260310221"), named=(others,)), deciding())
        assert decision.changes == ()

    def test_of_anybody_where_a_manager_reports(self) -> None:
        read = replace(report("picked_up", "260310221", sender=MANAGER), channel=Channel.EMAIL)
        assert [c.state for c in decide(case(read, named=(SENT,)), deciding()).changes] == [OrderState.PICKED_UP]

    def test_at_his_depot(self) -> None:
        depot = Depot(name="杭州萧山", places=("浙江省",), contact="8013")
        driver = STAFF[2].model_copy(update={"reports_to": None})
        staff = (*STAFF[:2], driver, STAFF[3])
        tables = Tables(**{**dict(TABLES), "depot": (depot,), "staff": staff})
        there = replace(SENT, state=OrderState.IN_TRANSIT, depot="杭州萧山")
        decision = after(report("arrived", "221", sender="+8613900000013"), there, tables=tables)
        assert [c.state for c in decision.changes] == [OrderState.ARRIVED]


class TestOfAReceipt:
    WORDS = Tables(**{**dict(TABLES), "words": TABLES.words.model_copy(update={"receipt_back": ("回单已",)})})

    def test_moves_a_delivered_order(self) -> None:
        read = replace(report("delivered", "221"), text="221回单已寄回")
        decision = after(read, replace(SENT, state=OrderState.DELIVERED), tables=self.WORDS)
        assert [c.state for c in decision.changes] == [OrderState.RECEIPT_RETURNED]

    def test_is_a_delivery_where_nothing_is_delivered_yet(self) -> None:
        read = replace(report("delivered", "221"), text="221送到，回单已签")
        decision = after(read, replace(SENT, state=OrderState.OUT_FOR_DELIVERY), tables=self.WORDS)
        assert [c.state for c in decision.changes] == [OrderState.DELIVERED]


class TestThatSomebodyDeclines:
    HANDED = (Handed(1, Purpose.WORK_ORDER, Channel.SMS, PHONE, unsent=False),)
    AREAS = (Area(name="城区", kind="urban", places=("福田",), dispatcher="8011", fallback="8012"),)

    def test_goes_to_who_is_next_and_the_promise_begins_anew(self) -> None:
        tables = Tables(**{**dict(TABLES), "area": self.AREAS})
        decision = after(report("declined", "221"), replace(SENT, handed=self.HANDED), tables=tables)
        (change,) = decision.changes
        assert (change.state, change.dispatcher, change.given) == (OrderState.CONFIRMED, "8012", True)
        assert change.clock_start == case().facts.arrived_at
        assert [(w.purpose, w.recipient) for w in decision.wanted] == [(Purpose.WORK_ORDER, MANAGER)]

    def test_by_his_substitute_goes_to_neither_of_them(self) -> None:
        zhou = Absence(staff="8011", days="2026-03-10", substitute="8014")
        tables = TABLES.model_copy(update={"area": self.AREAS, "absence": (zhou,)})
        declined = replace(report("declined", "221", sender="zhou@house.example"), channel=Channel.EMAIL)
        (change,) = after(declined, SENT, tables=tables).changes
        assert change.dispatcher == "8012"

    def test_is_a_persons_where_nobody_is_left(self) -> None:
        staff = tuple(s for s in STAFF if s.role != "operations_manager")
        area = self.AREAS[0].model_copy(update={"fallback": None})
        alone = {"area": (area,), "staff": staff, "operations_manager": None}
        tables = Tables(**{**dict(TABLES), **alone})
        decision = after(report("declined", "221"), replace(SENT, handed=self.HANDED), tables=tables)
        assert decision.state is MessageState.REVIEW
        assert decision.reviews == (("260310221", "nobody_takes:260310221"),)

    def test_after_the_pickup_is_a_persons(self) -> None:
        decision = after(report("declined", "221"), replace(SENT, state=OrderState.PICKED_UP))
        assert (decision.changes, decision.reviews) == ((), (("260310221", "report:declined"),))
