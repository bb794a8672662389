"""How much one sender is answered for messages that made no order (faults B38)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ingestd.checks.decision import decide
from ingestd.domain.decision import EarlierMail, Told
from ingestd.domain.message import MessageState
from ingestd.domain.order import OrderState
from ingestd.domain.reading import Code, Details, Envelope, Intent, Problem
from ingestd.domain.sending import Purpose
from tests.unit.checks.cases import FACTS, NOW, READING, SENDER, case, deciding, known

pytestmark = pytest.mark.bad_input("B38")

STATUS = replace(READING, intent=Intent.INQUIRY, orders=(), details=Details(inquiry="status"))
PRICE = replace(STATUS, details=Details(inquiry="price"))
MINE = known("260310006", OrderState.DISPATCHED)
QUIET, TALKED = Told(), Told(talk=1, replies=1)
DESK = Purpose.REVIEW_NOTICE


def purposes(told: Told, reading: object = PRICE, **of: object) -> set[Purpose]:
    return {w.purpose for w in decide(case(reading, told=told, **of), deciding()).wanted}  # type: ignore[arg-type]


def test_a_second_holding_reply_within_minutes_is_left_out_and_the_desk_told_all_the_same() -> None:
    assert purposes(QUIET) == {Purpose.HOLDING_REPLY, DESK}
    decision = decide(case(PRICE, told=TALKED), deciding())
    assert {w.purpose for w in decision.wanted} == {DESK}
    assert (decision.state, decision.alarms) == (MessageState.REVIEW, ())


def test_answers_go_on_until_there_were_too_many_and_then_a_person_answers() -> None:
    assert purposes(replace(TALKED, replies=4), STATUS, thread=(MINE,)) == {Purpose.ANSWER}
    decision = decide(case(STATUS, told=Told(replies=5), thread=(MINE,)), deciding())
    assert (decision.state, decision.reviews) == (MessageState.REVIEW, ((None, "too_many"),))
    assert {w.purpose for w in decision.wanted} == {DESK}
    assert [(a.part, a.kind) for a in decision.alarms] == [("replies", "too_many")]


def test_a_duplicate_stays_one_without_its_notice() -> None:
    first = EarlierMail(3, "1@shoes.example", FACTS.core_hash, SENDER, NOW, MessageState.APPLIED, ("260310001",))
    assert purposes(QUIET, READING, earlier=(first,)) == {Purpose.DUPLICATE_NOTICE}
    decision = decide(case(earlier=(first,), told=TALKED), deciding())
    assert (decision.state, decision.wanted) == (MessageState.DUPLICATE, ())


def test_a_robot_of_a_strangers_fills_no_desk() -> None:
    stranger = replace(READING, sender="x@y.example", envelope=Envelope(from_=("x@y.example",)))
    assert purposes(Told(notices=19), stranger) == {DESK}
    decision = decide(case(stranger, told=Told(notices=20)), deciding())
    assert (decision.state, decision.wanted) == (MessageState.REVIEW, ())
    assert len(decision.alarms) == 1


@pytest.mark.parametrize("missing", [False, True])
def test_orders_are_answered_however_many(missing: bool) -> None:
    much = Told(talk=99, replies=99, notices=99)
    reading = replace(READING, problems=(Problem(Code.MISSING, "payment", 0),)) if missing else READING
    assert purposes(much, reading) == purposes(QUIET, reading)
