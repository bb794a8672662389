"""An order called off: nobody fetches it, nobody is chased for it, and its shipper knows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ingestd.checks.decision import decide
from ingestd.domain.decision import Decision, KnownOrder
from ingestd.domain.message import MessageState
from ingestd.domain.order import OrderState
from ingestd.domain.reading import Channel, Intent
from ingestd.domain.sending import Purpose
from tests.unit.checks.cases import READING, case, deciding, known
from tests.unit.checks.test_changing import LI, LIS_PHONE, SENT, UNDER_WAY, WATCHER


def cancellation(*orders: KnownOrder, how: str = "thread") -> Decision:
    """The decision on a mail that calls orders off."""
    return decide(case(replace(READING, intent=Intent.CANCELLATION, orders=()), **{how: orders}), deciding())


@pytest.mark.parametrize("state", [OrderState.CONFIRMED, OrderState.DISPATCHED, OrderState.TAKEN])
def test_before_the_pickup_is_told_to_all_who_have_the_work_order(state: OrderState) -> None:
    decision = cancellation(replace(UNDER_WAY, state=state))
    assert [(c.order.serial, c.state, c.given) for c in decision.changes] == [("260310221", OrderState.CANCELLED, True)]
    told = [(w.channel, w.recipient) for w in decision.wanted if w.purpose is Purpose.CANCELLATION]
    assert told == [(Channel.EMAIL, LI), (Channel.SMS, LIS_PHONE), (Channel.EMAIL, WATCHER)]
    assert {serial for serial, _ in decision.ends} == {"260310221"}


def test_is_confirmed_to_the_shipper() -> None:
    (told,) = (w for w in cancellation(UNDER_WAY).wanted if w.purpose is Purpose.PROGRESS)
    assert (told.recipient, told.happening) == (READING.sender, "cancelled")


def test_of_a_work_order_that_has_not_left_is_told_to_nobody_else() -> None:
    waiting = tuple(replace(one, unsent=True) for one in SENT)
    decision = cancellation(replace(UNDER_WAY, state=OrderState.CONFIRMED, handed=waiting))
    assert decision.withdrawn == (1, 2, 3, 4)
    assert [w.purpose for w in decision.wanted] == [Purpose.PROGRESS]


@pytest.mark.parametrize("state", [OrderState.ASKED, OrderState.REVIEW, OrderState.OFFERED])
def test_of_an_order_that_is_not_confirmed_needs_no_dispatcher(state: OrderState) -> None:
    decision = cancellation(known("260310005", state))
    assert [c.state for c in decision.changes] == [OrderState.CANCELLED]
    assert [w.purpose for w in decision.wanted] == [Purpose.PROGRESS]


@pytest.mark.parametrize("state", [OrderState.PICKED_UP_PARTLY, OrderState.PICKED_UP, OrderState.IN_TRANSIT])
def test_that_meets_a_pickup_is_for_a_person_who_calls(state: OrderState) -> None:
    decision = cancellation(replace(UNDER_WAY, state=state))
    assert decision.changes == ()
    assert decision.reviews == (("260310221", "cancels_picked_up:260310221"),)
    assert [c.reason for c in decision.calls] == ["cancelled_after_pickup"]
    (told,) = (w for w in decision.wanted if w.purpose is Purpose.PROGRESS)
    assert told.happening == "too_late"


def test_again_is_answered_and_changes_nothing() -> None:
    decision = cancellation(known("260310005", OrderState.CANCELLED))
    assert (decision.changes, decision.state) == ((), MessageState.APPLIED)
    assert [w.happening for w in decision.wanted] == ["cancelled"]


def test_of_several_that_are_named_is_of_each() -> None:
    other = replace(UNDER_WAY, serial="260310222", order_id=2, state=OrderState.PICKED_UP)
    decision = cancellation(UNDER_WAY, other, how="named")
    assert [c.order.serial for c in decision.changes] == ["260310221"]
    assert decision.state is MessageState.REVIEW
    assert [serial for serial, _ in decision.reviews] == ["260310222"]


def test_that_names_no_order_is_never_guessed() -> None:
    other = replace(UNDER_WAY, serial="260310222", order_id=2)
    decision = cancellation(UNDER_WAY, other, how="open")
    assert decision.changes == ()
    assert decision.reviews == ((None, "cancellation:260310221|260310222"),)


def test_by_another_customer_moves_nothing() -> None:
    decision = cancellation(replace(UNDER_WAY, customer="灯厂"))
    assert (decision.changes, decision.reviews) == ((), ((None, "other_customers_order"),))
