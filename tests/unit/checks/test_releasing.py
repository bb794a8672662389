"""Held goods are handed out by the shipper's word alone, which reaches who has them at once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ingestd.checks.decision import decide
from ingestd.config.tables import Absence, Tables
from ingestd.config.trade import Depot
from ingestd.domain.decision import Decision, KnownOrder
from ingestd.domain.order import OrderState
from ingestd.domain.reading import Intent
from ingestd.domain.sending import Purpose
from tests.unit.checks.cases import NOW, ORDER, READING, TABLES, case, deciding, house, known

HELD = replace(
    known("260310221", OrderState.HELD), dispatcher="8011", depot="杭州萧山", content=replace(ORDER, hold=True)
)
DEPOT = Depot(name="杭州萧山", places=("浙江省",), contact="8013")
SITE = Tables(**{**dict(TABLES), "depot": (DEPOT,)})
RELEASE = replace(READING, intent=Intent.RELEASE, orders=())


def released(order: KnownOrder = HELD, tables: Tables = SITE, how: str = "thread") -> Decision:
    """What the shipper's word comes to."""
    return decide(case(RELEASE, **{how: (order,)}), deciding(house(tables)))


@pytest.mark.parametrize("how", ["thread", "named", "open"])
def test_lets_the_goods_go_and_tells_the_depot_and_the_shipper(how: str) -> None:
    decision = released(how=how)
    assert [(c.state, c.released_at) for c in decision.changes] == [(OrderState.ARRIVED, NOW)]
    told = [(w.purpose, w.recipient, w.happening) for w in decision.wanted]
    assert told == [
        (Purpose.NOTICE, "+8613900000013", "released"),
        (Purpose.PROGRESS, READING.sender, "released"),
    ]


@pytest.mark.parametrize("state", [OrderState.DISPATCHED, OrderState.PICKED_UP, OrderState.IN_TRANSIT])
def test_before_the_goods_arrive_is_kept_for_then(state: OrderState) -> None:
    (change,) = released(replace(HELD, state=state)).changes
    assert (change.state, change.released_at) == (state, NOW)


def test_before_the_pickup_goes_to_the_dispatcher() -> None:
    notice = released(replace(HELD, state=OrderState.DISPATCHED)).wanted[0]
    assert (notice.purpose, notice.recipient) == (Purpose.NOTICE, "li@house.example")


def test_goes_to_who_stands_in_for_the_depots_contact() -> None:
    away = Absence(staff="8013", days="2026-03-10", substitute="8014")
    notice = released(tables=SITE.model_copy(update={"absence": (away,)})).wanted[0]
    assert (notice.purpose, notice.recipient) == (Purpose.NOTICE, "zhou@house.example")


def test_by_somebody_who_is_not_entitled_lets_nothing_go() -> None:
    first = TABLES.customer[0].model_copy(update={"entitled": ("boss@shoes.example",)})
    decision = released(tables=Tables(**{**dict(SITE), "customer": (first, *TABLES.customer[1:])}))
    assert (decision.changes, decision.reviews) == ((), (("260310221", "not_entitled:260310221"),))


def test_of_goods_that_are_not_held_is_for_a_person() -> None:
    decision = released(replace(HELD, content=ORDER, state=OrderState.IN_TRANSIT))
    assert (decision.changes, decision.reviews) == ((), (("260310221", "release:260310221"),))


def test_of_an_order_that_nobody_can_tell_is_never_guessed() -> None:
    two = (HELD, replace(HELD, serial="260310222", order_id=2))
    decision = decide(case(RELEASE, open=two), deciding(house(SITE)))
    assert (decision.changes, decision.reviews) == ((), ((None, "release:260310221|260310222"),))
