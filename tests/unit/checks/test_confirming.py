"""Who confirms a clean order, and what a yes sets going."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from ingestd.checks.decision import decide
from ingestd.checks.house import House
from ingestd.config.tables import Tables
from ingestd.domain.decision import KnownOrder
from ingestd.domain.message import MessageState
from ingestd.domain.order import OrderState
from ingestd.domain.reading import CargoLine, Intent
from ingestd.domain.sending import Purpose
from tests.unit.checks.cases import CASE, NOW, ORDER, READING, TABLES, case, deciding, house, known

YES = replace(READING, intent=Intent.CONFIRMATION, orders=(), text="确认")


def confirming(mode: str) -> House:
    first = TABLES.customer[0].model_copy(update={"confirmation": mode})
    return house(Tables(**{**dict(TABLES), "customer": (first, *TABLES.customer[1:])}))


@pytest.mark.parametrize(
    ("mode", "before", "state"),
    [
        ("automatic", 0, OrderState.CONFIRMED), ("agent", 9, OrderState.REVIEW), ("shipper", 9, OrderState.OFFERED),
        ("first_orders", 2, OrderState.REVIEW), ("first_orders", 3, OrderState.CONFIRMED),
    ],
)  # fmt: skip
def test_the_customers_mode_says_who_confirms(mode: str, before: int, state: OrderState) -> None:
    decision = decide(replace(CASE, confirmed_before=before), deciding(confirming(mode)))
    assert [order.state for order in decision.new_orders] == [state]


def test_an_offered_order_is_shown_to_the_shipper_and_nothing_else_goes_out() -> None:
    decision = decide(CASE, deciding(confirming("shipper")))
    assert [w.purpose for w in decision.wanted] == [Purpose.CONFIRMATION_REQUEST]
    assert decision.follow_ups == ()


OFFERED = known("260310007", OrderState.OFFERED)


def test_a_yes_sends_the_order_out_and_starts_the_promise() -> None:
    decision = decide(case(YES, thread=(OFFERED,)), deciding(confirming("shipper")))
    (change,) = decision.changes
    assert (change.state, change.clock_start) == (OrderState.CONFIRMED, CASE.facts.arrived_at)
    assert [w.purpose for w in decision.wanted][-1] is Purpose.ACKNOWLEDGEMENT
    assert {w.deadline - CASE.facts.arrived_at for w in decision.wanted if w.purpose is Purpose.WORK_ORDER} == {
        timedelta(minutes=3)
    }
    assert {"not_accepted", "pickup_asked", "pickup_overdue"} <= {f.kind for f in decision.follow_ups}


def test_an_order_said_yes_to_while_its_dispatcher_is_off_duty_past_the_deadline_is_asked_about_at_once() -> None:
    early = TABLES.staff[0].model_copy(update={"duty": "06:00-07:00"})
    tables = Tables(**{**dict(TABLES), "staff": (early, *TABLES.staff[1:])})
    decision = decide(case(YES, thread=(OFFERED,)), deciding(house(tables)))
    due = {f.kind: f.due_at for f in decision.follow_ups}
    assert due["not_accepted"] == NOW + timedelta(minutes=5)
    assert due["vehicle_asked"] == NOW + timedelta(minutes=30)


def test_a_yes_that_a_later_mail_overtook_was_to_something_else() -> None:
    newer = replace(OFFERED, last_message_arrived_at=NOW + timedelta(minutes=1))
    decision = decide(case(YES, thread=(newer,)), deciding(confirming("shipper")))
    assert decision.changes == ()
    assert decision.reviews == (("260310007", "overtaken:260310007"),)


def test_a_yes_to_what_is_confirmed_already_bothers_nobody() -> None:
    decision = decide(case(YES, thread=(known("260310007", OrderState.TAKEN),)), deciding())
    assert (decision.state, decision.wanted) == (MessageState.IGNORED, ())


@pytest.mark.parametrize("thread", [(), (known("260310007", OrderState.ASKED),)])
def test_a_yes_to_nothing_that_was_offered_is_for_a_person(thread: tuple[KnownOrder, ...]) -> None:
    assert decide(case(YES, thread=thread), deciding()).state is MessageState.REVIEW


def test_a_yes_to_another_customers_order_is_for_a_person() -> None:
    theirs = replace(OFFERED, customer="灯厂")
    assert decide(case(YES, thread=(theirs,)), deciding()).changes == ()


def test_prohibited_goods_are_refused_and_shipper_and_desk_told() -> None:
    banned = Tables(**{**dict(TABLES), "prohibited": ({"kind": "易燃固体", "names": ("打火机",)},)})
    order = replace(ORDER, cargo=(CargoLine("打火机", ORDER.cargo[0].quantity, "箱", ORDER.cargo[0].weight_kg),))
    decision = decide(case(replace(READING, orders=(order,))), deciding(house(banned)))
    assert [o.state for o in decision.new_orders] == [OrderState.REFUSED]
    assert [w.purpose for w in decision.wanted] == [Purpose.REFUSAL, Purpose.REVIEW_NOTICE]
    assert decision.claimed_at == NOW - timedelta(minutes=1)
