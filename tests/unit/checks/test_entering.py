"""Orders by phone: the same checks as by mail, under the agent's number."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ingestd.checks.acts import Agent
from ingestd.checks.entering import Entry, entered
from ingestd.config.tables import Tables
from ingestd.domain.order import OrderState
from ingestd.domain.reading import Channel, OrderReading
from ingestd.domain.sending import Purpose
from tests.unit.checks.cases import NOW, ORDER, SENDER, TABLES, deciding, house, known

AGENT = Agent("8011")


def entry(content: OrderReading = ORDER, mode: str = "automatic") -> Entry:
    customer = TABLES.customer[0].model_copy(update={"confirmation": mode})
    return Entry(customer, content, Channel.EMAIL, SENDER)


@pytest.mark.parametrize(
    ("mode", "state"),
    [("automatic", OrderState.CONFIRMED), ("agent", OrderState.REVIEW), ("shipper", OrderState.OFFERED)],
)
def test_the_customers_mode_counts_for_a_phone_order_too(mode: str, state: OrderState) -> None:
    decision = entered(entry(mode=mode), AGENT, deciding())
    (order,) = decision.new_orders
    assert (order.state, order.order_time.source, order.order_time.at) == (state, "entry", NOW)
    assert {event.who for event in decision.events} == {"agent 8011"}
    assert {w.order.agent for w in decision.wanted if w.order} <= {"8011"}


def test_what_is_open_is_the_agents_to_ask_on_the_phone() -> None:
    decision = entered(entry(replace(ORDER, payment=None)), AGENT, deciding())
    assert (decision.new_orders[0].state, decision.wanted) == (OrderState.REVIEW, ())
    assert decision.reviews == (("260310001", "missing_field:payment"),)


def test_prohibited_goods_are_refused_on_the_phone_too() -> None:
    banned = Tables(**{**dict(TABLES), "prohibited": ({"kind": "易燃固体", "names": ("配件",)},)})
    decision = entered(entry(), AGENT, deciding(house(banned)))
    assert decision.new_orders[0].state is OrderState.REFUSED
    assert [w.purpose for w in decision.wanted] == [Purpose.REFUSAL]  # the desk knows


def test_the_same_order_again_is_seen() -> None:
    twin = known("260310009", OrderState.CONFIRMED)
    decision = entered(replace(entry(), twins=(twin,)), AGENT, deciding())
    assert decision.new_orders[0].state is OrderState.REVIEW
