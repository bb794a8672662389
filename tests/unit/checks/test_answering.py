"""Answers that only our question makes sense of: what they complete, and where a person has to look."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from ingestd.checks.decision import decide
from ingestd.domain.assessment import Assessment, Finding, Hit
from ingestd.domain.decision import Decision, KnownOrder
from ingestd.domain.message import MessageState
from ingestd.domain.order import OrderState
from ingestd.domain.reading import (
    UNCLEAR,
    Bare,
    CargoLine,
    Code,
    Consignee,
    Intent,
    OrderReading,
    Payment,
    Problem,
    Reading,
)
from ingestd.domain.sending import Purpose
from tests.unit.checks.cases import ORDER, READING, TABLES, case, deciding, house, known

PHONE = ("+8613900000099",)
LESS = replace(ORDER, consignee=Consignee("马先生"))
WANTS_PHONE = (Problem(Code.MISSING, "consignee.phones", 0),)
WANTS_WEIGHT = (Problem(Code.MISSING, "cargo.weight_kg", 0),)
WANTS_PAYMENT = (Problem(Code.MISSING, "payment", 0),)
TONS = CargoLine(None, weight_kg=Decimal(2000))
TWIN = Assessment((Hit("second_shipment", Finding.ASK, "260310001"),))
ASKING = house(TABLES.model_copy(update={"findings": {"second_shipment": "ask"}}))


def asked(content: OrderReading, problems: tuple[Problem, ...], **changes: object) -> KnownOrder:
    """An order that waits for its shipper's answer."""
    return known("260310005", OrderState.ASKED, content, problems=problems, questions=1, **changes)


def said(bare: Bare | None, **changes: object) -> Reading:
    """A message that the reader can't make sense of alone."""
    plain = replace(READING, intent=Intent.OTHER, orders=(), review=(UNCLEAR,), bare=bare)
    return replace(plain, **changes)  # type: ignore[arg-type]


def answer(reading: Reading, *orders: KnownOrder) -> Decision:
    return decide(case(reading, open=orders), deciding(ASKING))


def test_a_bare_phone_completes_the_order_that_lacks_one() -> None:
    (change,) = answer(said(Bare(PHONE)), asked(LESS, WANTS_PHONE)).changes
    assert change.state is OrderState.CONFIRMED
    assert change.content is not None
    assert change.content.consignee == Consignee("马先生", None, PHONE)


def test_a_bare_value_that_the_reader_takes_for_nothing_is_still_an_answer() -> None:
    idle = said(Bare(PHONE), review=())
    assert answer(idle, asked(LESS, WANTS_PHONE)).changes[0].state is OrderState.CONFIRMED
    assert answer(idle, asked(LESS, WANTS_PAYMENT)).state is MessageState.REVIEW
    assert answer(idle, known("260310005", OrderState.OFFERED)).state is MessageState.REVIEW
    assert answer(idle).state is MessageState.IGNORED


def test_a_bare_weight_completes_the_order_that_lacks_one() -> None:
    line = replace(ORDER.cargo[0], weight_kg=None, volume_m3=None)
    (change,) = answer(said(Bare(cargo=TONS)), asked(replace(ORDER, cargo=(line,)), WANTS_WEIGHT)).changes
    assert change.state is OrderState.CONFIRMED
    assert change.content is not None
    assert change.content.cargo == (replace(line, weight_kg=Decimal(2000)),)


def test_values_of_several_fields_each_find_theirs() -> None:
    order = asked(replace(LESS, payment=None), WANTS_PHONE + WANTS_PAYMENT)
    (change,) = answer(said(Bare(PHONE, payment=Payment.COLLECT, words="马先生")), order).changes
    assert change.state is OrderState.CONFIRMED
    assert change.content is not None
    assert change.content.payment is Payment.COLLECT


def test_what_an_unclear_message_says_with_labels_counts_where_it_was_asked_for() -> None:
    told = OrderReading(consignee=Consignee(phones=PHONE))
    reading = said(None, intent=Intent.AMENDMENT, orders=(told,))
    assert answer(reading, asked(LESS, WANTS_PHONE)).changes[0].state is OrderState.CONFIRMED
    assert answer(reading, asked(replace(ORDER, payment=None), WANTS_PAYMENT)).changes == ()


@pytest.mark.parametrize(
    ("bare", "problems"),
    [
        (Bare(PHONE), WANTS_PAYMENT),  # of a field that was not asked for
        (Bare(PHONE), (*WANTS_PHONE, Problem(Code.MISSING, "shipper.phones", 0))),  # whose?
        (Bare(ORDER.shipper.phones), WANTS_PHONE),  # the shipper's own
        (Bare(PHONE, words="周经理"), WANTS_PHONE),  # somebody else
        (Bare(PHONE, cargo=TONS), WANTS_PHONE),  # more than was asked for
        (Bare(PHONE, again=True), WANTS_PHONE),
        (None, WANTS_PHONE),
    ],
)
def test_what_the_question_does_not_settle_is_for_a_person(bare: Bare | None, problems: tuple[Problem, ...]) -> None:
    decision = answer(said(bare), asked(LESS, problems))
    assert (decision.state, decision.changes) == (MessageState.REVIEW, ())


def test_with_two_questions_open_nobody_guesses() -> None:
    two = asked(LESS, WANTS_PHONE), replace(asked(LESS, WANTS_PHONE), serial="260310006", order_id=2)
    assert answer(said(Bare(PHONE)), *two).changes == ()


def test_an_answer_that_a_later_message_overtook_changes_nothing() -> None:
    order = asked(LESS, WANTS_PHONE)
    newer = replace(order, last_message_arrived_at=order.last_message_arrived_at + timedelta(days=1))
    assert answer(said(Bare(PHONE)), newer).changes == ()


def test_a_second_incomplete_answer_goes_to_a_person_who_will_call_and_the_shipper_is_told_once() -> None:
    order = asked(replace(LESS, payment=None), WANTS_PHONE + WANTS_PAYMENT)
    decision = answer(said(Bare(PHONE)), order)
    assert decision.changes[0].state is OrderState.REVIEW
    assert [w.purpose for w in decision.wanted] == [Purpose.REVIEW_NOTICE, Purpose.HOLDING_REPLY]
    assert decision.reviews == (("260310005", "missing_field:payment; promised_call"),)
    reading = replace(READING, intent=Intent.AMENDMENT, orders=(OrderReading(remarks="快点"),))
    again = answer(reading, replace(order, state=OrderState.REVIEW))
    assert [w.purpose for w in again.wanted] == [Purpose.REVIEW_NOTICE]


def test_a_second_shipment_that_was_asked_about_goes_out_where_it_is_another_one() -> None:
    order = asked(ORDER, (), assessment=TWIN)
    assert answer(said(Bare(again=True)), order).changes[0].state is OrderState.CONFIRMED


def test_one_that_was_told_twice_is_called_off_and_the_shipper_told() -> None:
    decision = answer(said(Bare(again=False)), asked(ORDER, (), assessment=TWIN))
    assert [c.state for c in decision.changes] == [OrderState.CANCELLED]
    (notice,) = decision.wanted
    assert (notice.purpose, notice.serials) == (Purpose.DUPLICATE_NOTICE, ("260310001",))


def test_one_that_a_later_message_changed_is_not_called_off_by_an_earlier_word() -> None:
    order = asked(ORDER, (), assessment=TWIN)
    newer = replace(order, last_message_arrived_at=order.last_message_arrived_at + timedelta(days=1))
    decision = answer(said(Bare(again=False)), newer)
    assert (decision.changes, decision.reviews) == ((), (("260310005", "overtaken:260310005"),))


def test_an_answer_that_says_nothing_of_the_twin_sends_no_second_lorry() -> None:
    order = asked(LESS, WANTS_PHONE, assessment=TWIN)
    assert answer(said(Bare(PHONE)), order).changes[0].state is OrderState.REVIEW
