"""A change of a confirmed order: to whoever has its work order at once, and to nobody who need not know."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from ingestd.checks.decision import decide
from ingestd.config.tables import Tables
from ingestd.domain.assessment import Assessment
from ingestd.domain.decision import Decision, Handed, KnownOrder, Wanted
from ingestd.domain.message import MessageState
from ingestd.domain.order import OrderState
from ingestd.domain.reading import CargoLine, Channel, Code, Consignee, Intent, OrderReading, Pickup, Problem
from ingestd.domain.sending import Purpose
from tests.unit.checks.cases import NOW, ORDER, READING, SENDER, TABLES, case, deciding, house, known

LI, LIS_PHONE, WATCHER = "li@house.example", "+8613900000011", "zhou@house.example"
SENT = (
    Handed(1, Purpose.WORK_ORDER, Channel.EMAIL, LI, unsent=False, tells=ORDER),
    Handed(2, Purpose.WORK_ORDER, Channel.SMS, LIS_PHONE, unsent=False, tells=ORDER),
    Handed(3, Purpose.WORK_ORDER_REST, Channel.SMS, LIS_PHONE, unsent=False, tells=ORDER),
    Handed(4, Purpose.WORK_ORDER_COPY, Channel.EMAIL, WATCHER, unsent=False, tells=ORDER),
)
CONFIRMED_AT = NOW - timedelta(minutes=30)
UNDER_WAY = replace(
    known("260310221", OrderState.DISPATCHED),
    area="城区", dispatcher="8011", confirmed_at=CONFIRMED_AT, pickup_by=NOW + timedelta(hours=5), handed=SENT,
)  # fmt: skip
TWELVE = OrderReading(cargo=(CargoLine(quantity=Decimal(12), unit="件"),))


def change(said: OrderReading = TWELVE, order: KnownOrder = UNDER_WAY, **reading: object) -> Decision:
    """The decision on a mail that answers a letter about the order."""
    read = replace(READING, intent=Intent.AMENDMENT, orders=(said,), **reading)  # type: ignore[arg-type]
    return decide(case(read, thread=(order,)), deciding())


def ways(decision: Decision, *purposes: Purpose) -> dict[tuple[str, str], Wanted]:
    """What goes to staff, by channel and recipient."""
    return {(w.channel, w.recipient): w for w in decision.wanted if w.purpose in purposes}


WORK_ORDERS = (Purpose.WORK_ORDER, Purpose.WORK_ORDER_COPY)


def test_goes_to_all_who_have_the_work_order_with_what_they_know_it_as() -> None:
    told = ways(change(), *WORK_ORDERS)
    assert told.keys() == {(Channel.EMAIL, LI), (Channel.SMS, LIS_PHONE), (Channel.EMAIL, WATCHER)}
    for wanted in told.values():
        assert wanted.order is not None
        assert wanted.order.before == ORDER
        assert (wanted.order.content.cargo[0].quantity, wanted.cause) == (Decimal(12), "order:260310221/2")


@pytest.mark.parametrize("state", [OrderState.CONFIRMED, OrderState.DISPATCHED, OrderState.TAKEN])
def test_puts_the_order_on_its_way_again(state: OrderState) -> None:
    (made,) = change(order=replace(UNDER_WAY, state=state)).changes
    assert (made.state, made.dispatcher, made.confirmed_at) == (OrderState.CONFIRMED, "8011", CONFIRMED_AT)
    assert (made.pickup_by, made.given) == (UNDER_WAY.pickup_by, True)
    assert (made.clock_start, made.order_time) == (READING_ARRIVED, None)  # the order time stays


READING_ARRIVED = case().facts.arrived_at


def test_is_acknowledged_with_what_changed() -> None:
    (told,) = (w for w in change().wanted if w.purpose is Purpose.ACKNOWLEDGEMENT)
    assert told.recipient == SENDER
    assert told.order is not None
    assert told.order.before == ORDER


def test_takes_the_place_of_a_work_order_that_has_not_left() -> None:
    waiting = tuple(replace(one, unsent=True) for one in SENT)
    decision = change(order=replace(UNDER_WAY, state=OrderState.CONFIRMED, handed=waiting))
    assert decision.withdrawn == (1, 2, 3, 4)
    assert {w.order.before for w in ways(decision, *WORK_ORDERS).values() if w.order} == {None}


def test_is_told_as_a_change_only_by_the_way_that_the_first_has_left() -> None:
    mailed = (SENT[0], replace(SENT[1], unsent=True))
    decision = change(order=replace(UNDER_WAY, state=OrderState.CONFIRMED, handed=mailed))
    told = {way: w.order.before is not None for way, w in ways(decision, *WORK_ORDERS).items() if w.order}
    assert decision.withdrawn == (2,)
    assert told == {(Channel.EMAIL, LI): True, (Channel.SMS, LIS_PHONE): False, (Channel.EMAIL, WATCHER): False}


def test_into_another_area_is_called_off_with_the_former_people() -> None:
    areas = (TABLES.area[0], TABLES.area[1].model_copy(update={"dispatcher": "8012"}))
    site = house(Tables(**{**dict(TABLES), "area": areas}))
    read = replace(READING, intent=Intent.AMENDMENT, orders=(OrderReading(pickup=Pickup("深圳龙岗坂田路8号")),))
    decision = decide(case(read, thread=(UNDER_WAY,)), deciding(site))
    (made,) = decision.changes
    assert (made.area, made.dispatcher) == ("龙岗", "8012")
    assert ways(decision, Purpose.CANCELLATION).keys() == {
        (Channel.EMAIL, LI), (Channel.SMS, LIS_PHONE), (Channel.EMAIL, WATCHER),
    }  # fmt: skip
    assert ways(decision, *WORK_ORDERS).keys() == {(Channel.EMAIL, "zhao@house.example")}
    assert made.pickup_by is not None
    assert made.pickup_by > NOW


def test_tells_each_what_changed_since_what_he_has() -> None:
    second = replace(ORDER, cargo=(replace(ORDER.cargo[0], quantity=Decimal(13)),))
    waits = Handed(5, Purpose.WORK_ORDER, Channel.SMS, LIS_PHONE, unsent=True, revision=2, tells=second)
    has_it = Handed(6, Purpose.WORK_ORDER, Channel.EMAIL, LI, unsent=False, revision=2, tells=second)
    order = replace(UNDER_WAY, revision=2, content=second, handed=(*SENT, waits, has_it))
    decision = change(order=order)
    before = {way: w.order.before for way, w in ways(decision, Purpose.WORK_ORDER).items() if w.order}
    assert decision.withdrawn == (5,)
    assert before == {(Channel.EMAIL, LI): second, (Channel.SMS, LIS_PHONE): ORDER}


def test_reaches_a_fallback_who_has_the_work_order() -> None:
    fallback = Handed(9, Purpose.WORK_ORDER, Channel.EMAIL, "zhao@house.example", unsent=False, tells=ORDER)
    decision = change(order=replace(UNDER_WAY, handed=(*SENT, fallback)))
    assert ways(decision, Purpose.WORK_ORDER).keys() >= {(Channel.EMAIL, "zhao@house.example")}


def test_that_brings_a_doubt_is_for_a_person_and_the_shipper_is_told() -> None:
    decision = change(OrderReading(cargo=(CargoLine("货物", Decimal(12), "件"),)))
    assert decision.changes == ()
    assert decision.state is MessageState.REVIEW
    assert [w.purpose for w in decision.wanted] == [Purpose.REVIEW_NOTICE, Purpose.HOLDING_REPLY]
    assert "change_in_doubt:260310221" in decision.reviews[0][1]


def test_that_says_only_what_cannot_be_is_for_a_person_too() -> None:
    unread = (Problem(Code.INVALID_PHONE, "consignee.phones", 0),)
    decision = change(OrderReading(), problems=unread)
    assert decision.changes == ()
    assert [reason for _, reason in decision.reviews] == ["change_in_doubt:260310221; invalid_phone:consignee.phones"]
    assert Purpose.HOLDING_REPLY in [w.purpose for w in decision.wanted]


def test_by_a_doubt_that_an_agent_has_let_pass_is_not_held_again() -> None:
    general = replace(ORDER, cargo=(CargoLine("货物", Decimal(15), "件", Decimal(200)),))
    first = decide(case(replace(READING, orders=(general,))), deciding()).new_orders[0]
    order = replace(UNDER_WAY, content=general, assessment=first.assessment, problems=first.problems)
    assert first.assessment != Assessment()
    assert len(change(order=order).changes) == 1


def test_that_says_what_is_known_changes_nothing() -> None:
    decision = change(OrderReading(cargo=(CargoLine(quantity=Decimal(15), unit="件"),)))
    assert (decision.changes, decision.wanted, decision.state) == ((), (), MessageState.APPLIED)


def test_of_another_window_moves_the_deadline() -> None:
    window = Pickup(start=NOW + timedelta(hours=8), by=NOW + timedelta(hours=9))
    (made,) = change(OrderReading(pickup=window)).changes
    assert made.pickup_by == NOW + timedelta(hours=9)


def test_that_answers_what_the_order_says_now_is_later_than_it_whatever_the_clocks_say() -> None:
    order = replace(UNDER_WAY, last_message_arrived_at=NOW + timedelta(minutes=1))
    about = case(replace(READING, intent=Intent.AMENDMENT, orders=(TWELVE,)), thread=(order,))
    assert decide(about, deciding()).changes == ()
    assert len(decide(replace(about, newest=frozenset({order.serial})), deciding()).changes) == 1


class TestFromThePickupOn:
    GONE = replace(UNDER_WAY, state=OrderState.PICKED_UP)

    @pytest.mark.parametrize(
        ("entitled", "reason"),
        [((), "change_letter"), ((SENDER,), "change_letter"), (("boss@shoes.example",), "not_entitled")],
    )
    @pytest.mark.parametrize("intent", [Intent.AMENDMENT, Intent.CHANGE_LETTER])
    def test_a_letter_by_the_entitled_person_is_looked_at(
        self, intent: Intent, entitled: tuple[str, ...], reason: str
    ) -> None:
        first = TABLES.customer[0].model_copy(update={"entitled": entitled})
        site = house(Tables(**{**dict(TABLES), "customer": (first, *TABLES.customer[1:])}))
        read = replace(READING, intent=intent, orders=(TWELVE,))
        decision = decide(case(read, thread=(self.GONE,)), deciding(site))
        assert decision.changes == ()
        assert decision.reviews == (("260310221", f"{reason}:260310221"),)

    def test_another_consignee_or_sum_is_called_back(self) -> None:
        other = OrderReading(consignee=Consignee(phones=("+8613900000077",)))
        assert [c.reason for c in change(other, self.GONE).calls] == ["change_letter_call_back"]
        assert [c.reason for c in change(OrderReading(cod=Decimal(100)), self.GONE).calls] == [
            "change_letter_call_back"
        ]
        assert change(OrderReading(remarks="轻放"), self.GONE).calls == ()


class TestThatNamesNoOrder:
    YIWU = replace(UNDER_WAY, order_id=2, serial="260310222", content=replace(ORDER, destination="义乌"))
    TWO = (UNDER_WAY, YIWU)

    def amended(self, text: str, **known_orders: object) -> Decision:
        read = replace(READING, intent=Intent.AMENDMENT, orders=(TWELVE,), text=text)
        return decide(case(read, **known_orders), deciding())

    def test_is_of_the_only_open_one(self) -> None:
        assert [c.order.serial for c in self.amended("改成12件", open=(UNDER_WAY,)).changes] == ["260310221"]

    def test_is_of_the_one_of_which_it_says_something(self) -> None:
        (made,) = self.amended("发义乌那票改成12件", open=self.TWO).changes
        assert made.order.serial == "260310222"

    def test_is_for_a_person_where_several_fit(self) -> None:
        decision = self.amended("改成12件", open=self.TWO)
        assert decision.reviews == ((None, "unclear_order:260310221|260310222"),)

    def test_is_for_a_person_where_letter_and_serial_differ(self) -> None:
        decision = self.amended("改成12件", thread=self.TWO[:1], named=self.TWO[1:])
        assert decision.changes == ()

    def test_waits_for_an_order_that_is_still_on_its_way_and_then_is_for_a_person(self) -> None:
        answers = replace(READING.envelope, in_reply_to=("not-here-yet@shoes.example",))
        read = replace(READING, intent=Intent.AMENDMENT, orders=(TWELVE,), envelope=answers)
        soon = decide(case(read), deciding())
        assert (soon.state, soon.reviews) == (MessageState.STORED, ())
        assert soon.again_at is not None
        assert NOW < soon.again_at <= NOW + timedelta(seconds=15)
        late = decide(case(read), deciding(now=NOW + timedelta(minutes=6)))
        assert (late.again_at, late.reviews) == (None, ((None, "unclear_order"),))
