"""Two outcomes of one message compared: what differs is named once, and what nobody can know says nothing."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from ingestd.checks.outcome import Difference, OrderOutcome, Outcome, differences, leaves, outcome_of
from ingestd.domain.assessment import Assessment, Due, Finding, Hit, Quote
from ingestd.domain.decision import Decision, EventDraft
from ingestd.domain.message import MessageState
from ingestd.domain.order import OrderState
from ingestd.domain.reading import Intent, Payment
from tests.unit.checks.cases import ORDER, READING

SERIAL = "260310001"
CONFIRMED = Outcome(READING, "applied", frozenset(), {SERIAL: OrderOutcome(OrderState.CONFIRMED, "城区")})


def found(after: Outcome, before: Outcome = CONFIRMED) -> list[Difference]:
    return list(differences(before, after))


def of(**changes: object) -> Outcome:
    return replace(CONFIRMED, orders={SERIAL: replace(CONFIRMED.orders[SERIAL], **changes)})  # type: ignore[arg-type]


def test_equal_outcomes_do_not_differ() -> None:
    assert found(CONFIRMED) == []


def test_each_value_that_is_read_otherwise_is_named_with_both() -> None:
    other = replace(ORDER, payment=Payment.COLLECT, cargo=(replace(ORDER.cargo[0], weight_kg=Decimal(210)),))
    assert found(replace(CONFIRMED, reading=replace(READING, orders=(other,)))) == [
        Difference("value", "orders[0].cargo[0].weight_kg", 200, 210),
        Difference("value", "orders[0].payment", "prepaid", "collect"),
    ]


def test_an_order_more_is_counted_and_the_others_compared() -> None:
    two = replace(READING, orders=(ORDER, ORDER), intent=Intent.AMENDMENT)
    assert found(replace(CONFIRMED, reading=two)) == [
        Difference("intent", "intent", "order", "amendment"),
        Difference("orders", "orders", 1, 2),
    ]


def test_states_of_message_and_order_the_area_and_the_reasons_are_told() -> None:
    after = Outcome(READING, "review", frozenset({"agent_confirms"}), {SERIAL: OrderOutcome(OrderState.REVIEW, "龙岗")})
    assert found(after) == [
        Difference("state", "message", "applied", "review"),
        Difference("state", SERIAL, "confirmed", "review"),
        Difference("area", SERIAL, "城区", "龙岗"),
        Difference("reasons", "reasons", [], ["agent_confirms"]),
    ]


def test_an_order_that_is_not_made_any_more_has_no_state() -> None:
    assert found(replace(CONFIRMED, orders={})) == [Difference("state", SERIAL, "confirmed", None)]


def test_an_area_or_assessment_that_is_unknown_says_nothing() -> None:
    assert found(of(area=None)) == []
    assert found(of(assessment=Assessment(dues=(Due("提货费", Decimal(50), "龙岗"),)))) == []


def test_charges_and_notes_are_compared_where_both_are_known() -> None:
    plain = of(assessment=Assessment())
    dear = of(
        assessment=Assessment(
            hits=(Hit("surcharge", Finding.CHARGE, "龙岗"), Hit("unknown_area", Finding.REVIEW, "x")),
            dues=(Due("提货费", Decimal(50), "龙岗"),),
            quote=Quote("杭州", Decimal(320), None, 2, 3),
        )
    )
    assert found(dear, plain) == [
        Difference("charges", SERIAL, [], ["freight 320", "提货费 50"]),
        Difference("reasons", SERIAL, [], ["surcharge:龙岗"]),
    ]


def test_a_decision_tells_its_reasons_one_by_one_and_an_order_it_only_names_keeps_its_state() -> None:
    events = (EventDraft("asked", "ingestd", SERIAL, {"for": ["missing_field:payment"]}),)
    decision = Decision(MessageState.REVIEW, "", events=events, reviews=((SERIAL, "a:x; b"), (None, "c")))
    outcome = outcome_of(READING, decision, {SERIAL: OrderState.TAKEN})
    assert outcome.reasons == {"missing_field:payment", "a:x", "b", "c"}
    assert outcome.orders == {SERIAL: OrderOutcome(OrderState.TAKEN)}


def test_what_is_ignored_is_so_by_a_named_rule() -> None:
    ignored = Decision(MessageState.IGNORED, "asks for nothing")
    assert outcome_of(READING, ignored, {}).reasons == {"asks for nothing"}


def test_leaves_are_single_values_and_lists_of_them() -> None:
    assert leaves({"a": {"b": 1, "c": None}, "d": [{"e": False}, {"e": 2}], "f": ["x", "y"], "g": []}) == {
        "a.b": 1,
        "d[0].e": False,
        "d[1].e": 2,
        "f": ["x", "y"],
    }
