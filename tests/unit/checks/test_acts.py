"""What an agent may do with an order, and what each act sets going."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from ingestd.checks.acts import Agent, NotPossibleError, asked, confirmed, corrected, joined_to, noted, parted, refused
from ingestd.config.tables import Tables
from ingestd.domain.assessment import Assessment, Finding, Hit
from ingestd.domain.message import MessageState
from ingestd.domain.order import OrderState
from ingestd.domain.reading import Code, Problem
from ingestd.domain.sending import Purpose
from tests.unit.checks.cases import NOW, ORDER, TABLES, deciding, house, known, speech

AGENT = Agent("8011")
SPEECH = speech()
SERIAL = "260310007"
REVIEWED = known(SERIAL, OrderState.REVIEW)
DOUBTFUL = replace(
    REVIEWED,
    problems=(Problem(Code.MISSING, "consignee.phones", 0),),
    content=replace(ORDER, consignee=replace(ORDER.consignee, phones=())),
    assessment=Assessment(
        (
            Hit("missing_field", Finding.ASK, "consignee.phones"),
            Hit("doubtful_reading", Finding.REVIEW, "low_support:destination"),
        )
    ),
)


def test_who_left_no_address_by_phone_is_not_asked_in_writing_and_gets_no_letters() -> None:
    phoned = replace(REVIEWED, contact="")
    with pytest.raises(NotPossibleError, match="no_contact"):
        asked(phoned, AGENT, "几件?", deciding())
    assert Purpose.ACKNOWLEDGEMENT not in {w.purpose for w in confirmed(phoned, AGENT, None, True, deciding()).wanted}
    assert refused(phoned, AGENT, "不运", deciding()).wanted == ()


def test_a_confirmed_order_goes_out_under_the_agents_number_from_his_act_on() -> None:
    doubted = replace(REVIEWED, assessment=Assessment((Hit("stale_message", Finding.REVIEW, "13 h"),)))
    decision = confirmed(doubted, AGENT, None, False, deciding())
    (change,) = decision.changes
    assert (change.state, change.confirmed_at, change.clock_start) == (OrderState.CONFIRMED, NOW, NOW)
    assert {w.order.agent for w in decision.wanted if w.order} == {"8011"}
    assert [w.purpose for w in decision.wanted].count(Purpose.WORK_ORDER) == 2
    assert [e.who for e in decision.events] == ["agent 8011"]
    assert decision.state is MessageState.APPLIED  # its reviews are closed by it


def test_open_fields_need_a_second_word_and_prohibited_goods_never_go() -> None:
    with pytest.raises(NotPossibleError, match="incomplete"):
        confirmed(DOUBTFUL, AGENT, None, False, deciding())
    assert confirmed(DOUBTFUL, AGENT, None, True, deciding()).changes
    banned = replace(REVIEWED, assessment=Assessment((Hit("prohibited_goods", Finding.BLOCK, "打火机:易燃固体"),)))
    with pytest.raises(NotPossibleError, match="blocked"):
        confirmed(banned, AGENT, None, True, deciding())


@pytest.mark.parametrize(("own", "named", "why"), [("", None, "no_area"), ("城区", "月球", "unknown_area")])
def test_without_an_area_the_agent_names_one(own: str, named: str | None, why: str) -> None:
    nowhere = replace(REVIEWED, area=own, dispatcher=None)
    with pytest.raises(NotPossibleError, match=why):
        confirmed(nowhere, AGENT, named, False, deciding())
    assert confirmed(nowhere, AGENT, "龙岗", False, deciding()).changes[0].area == "龙岗"


@pytest.mark.parametrize("state", [OrderState.CONFIRMED, OrderState.TAKEN, OrderState.CANCELLED, OrderState.REFUSED])
def test_what_is_past_deciding_is_not_decided_again(state: OrderState) -> None:
    order = replace(REVIEWED, state=state)
    with pytest.raises(NotPossibleError, match="state"):
        confirmed(order, AGENT, None, True, deciding())
    with pytest.raises(NotPossibleError, match="state"):
        asked(order, AGENT, "?", deciding())
    with pytest.raises(NotPossibleError, match="state"):
        refused(order, AGENT, "no", deciding())


def test_each_question_is_a_letter_of_its_own() -> None:
    first = asked(DOUBTFUL, AGENT, "", deciding())
    again = asked(replace(DOUBTFUL, questions=1), AGENT, "几号进仓？", deciding())
    assert first.wanted[0].cause != again.wanted[0].cause
    assert (first.wanted[0].words, again.wanted[0].words) == ("", "几号进仓？")
    assert (again.changes[0].state, again.changes[0].questions) == (OrderState.ASKED, 2)
    with pytest.raises(NotPossibleError, match="nothing_to_ask"):
        asked(REVIEWED, AGENT, "", deciding())


def test_a_corrected_order_is_checked_anew_and_waits_for_the_agent() -> None:
    fields = [("consignee.phones", "13600136011"), ("destination", "宁波"), ("cargo.weight_kg", "0.3吨")]
    (change,) = corrected(DOUBTFUL, AGENT, fields, SPEECH, deciding()).changes
    assert change.content is not None
    assert (change.content.consignee.phones, change.content.cargo[0].weight_kg) == (("+8613600136011",), Decimal(300))
    assert (change.problems, change.assessment.hits) == ((), ())  # his own word ends the doubt about the field
    assert change.state is OrderState.REVIEW


def test_a_correction_opens_a_review_only_where_none_is_open() -> None:
    fields = [("destination", "宁波")]
    assert corrected(REVIEWED, AGENT, fields, SPEECH, deciding()).reviews == ()
    refused_before = replace(REVIEWED, state=OrderState.REFUSED)
    assert corrected(refused_before, AGENT, fields, SPEECH, deciding()).reviews == ((SERIAL, "agent_confirms"),)
    with pytest.raises(NotPossibleError, match="same"):
        corrected(REVIEWED, AGENT, [("destination", "杭州")], SPEECH, deciding())


def test_what_is_charged_is_counted_anew_with_the_correction() -> None:
    fee = {"name": "提货费", "places": ("龙岗",), "amount": 50}
    dear = house(Tables(**{**dict(TABLES), "pickup": (fee,)}))
    fields = [("pickup.address", "深圳市龙岗区坂田街道1号")]
    (there,) = corrected(REVIEWED, AGENT, fields, SPEECH, deciding(dear)).changes
    assert there.content is not None
    assert ([due.amount for due in there.assessment.dues], there.area, there.dispatcher) == (
        [Decimal(50)],
        "龙岗",
        "8011",
    )
    order = replace(REVIEWED, content=there.content, assessment=there.assessment, area=there.area, revision=2)
    goes = confirmed(order, AGENT, None, False, deciding(dear))
    assert {tuple(c.name for c in w.order.charges) for w in goes.wanted if w.order} == {("提货费",)}
    (back,) = corrected(order, AGENT, [("pickup.address", "深圳福田汽配城A12栋")], SPEECH, deciding(dear)).changes
    assert back.assessment.dues == ()


def test_a_second_shipment_is_none_any_more_where_its_content_is_corrected() -> None:
    twin = Hit("second_shipment", Finding.REVIEW, "260310001")
    order = replace(REVIEWED, assessment=Assessment((twin,)))
    (other,) = corrected(order, AGENT, [("cargo.quantity", "20")], SPEECH, deciding()).changes
    (same,) = corrected(order, AGENT, [("freight", "")], SPEECH, deciding()).changes
    assert other.assessment.hits == ()
    assert same.assessment.hits == (twin,)


def test_a_correction_to_prohibited_goods_is_seen() -> None:
    banned = Tables(**{**dict(TABLES), "prohibited": ({"kind": "易燃固体", "names": ("打火机",)},)})
    made = corrected(REVIEWED, AGENT, [("cargo.name", "打火机")], SPEECH, deciding(house(banned)))
    assert made.changes[0].assessment.saw(Finding.BLOCK)


def test_a_refusal_tells_the_shipper_the_agents_reason() -> None:
    decision = refused(REVIEWED, AGENT, "超出服务范围", deciding())
    assert [(w.purpose, w.words) for w in decision.wanted] == [(Purpose.REFUSAL, "超出服务范围")]
    assert decision.changes[0].state is OrderState.REFUSED


def test_of_two_joined_orders_one_stays_and_has_what_both_say() -> None:
    other = replace(known("260310008", OrderState.REVIEW), order_id=2, content=replace(ORDER, remarks="下午来"))
    decision = joined_to(REVIEWED, other, AGENT, deciding())
    assert [(c.order.serial, c.state) for c in decision.changes] == [
        (SERIAL, OrderState.REVIEW),
        ("260310008", OrderState.CANCELLED),
    ]
    assert decision.changes[0].content == replace(ORDER, remarks="下午来")
    with pytest.raises(NotPossibleError, match="other_customer"):
        joined_to(REVIEWED, replace(other, customer="灯厂"), AGENT, deciding())
    with pytest.raises(NotPossibleError, match="itself"):
        joined_to(REVIEWED, REVIEWED, AGENT, deciding())


def test_a_note_changes_nothing() -> None:
    decision = noted(replace(REVIEWED, state=OrderState.TAKEN), AGENT, " 已联系 ")
    assert (decision.changes, decision.wanted) == ((), ())
    assert decision.events[0].data == {"note": "已联系"}


def test_some_of_the_goods_become_an_order_of_their_own() -> None:
    goods = (*ORDER.cargo, replace(ORDER.cargo[0], name="电线"))
    order = replace(REVIEWED, content=replace(ORDER, cargo=goods))
    decision = parted(order, [2], AGENT, deciding())
    (left,), (new,) = decision.changes, decision.new_orders
    assert left.content is not None
    assert ([c.name for c in left.content.cargo], [c.name for c in new.content.cargo]) == (["配件"], ["电线"])
    assert new.state is OrderState.REVIEW
    assert [serial for serial, _ in decision.reviews] == [new.serial]
    for lines in ([], [3], [1, 2]):
        with pytest.raises(NotPossibleError, match="parts"):
            parted(order, lines, AGENT, deciding())
