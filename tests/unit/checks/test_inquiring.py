"""What customers ask: answered at once where tariff and record tell, else held for an agent."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from ingestd.checks.decision import decide
from ingestd.config.tables import Inquiries, Tables
from ingestd.config.trade import Lane
from ingestd.domain.decision import Decision, KnownOrder, Wanted
from ingestd.domain.message import MessageState
from ingestd.domain.order import OrderState
from ingestd.domain.reading import CargoLine, Details, Envelope, Intent, Reading
from ingestd.domain.sending import Purpose
from tests.unit.checks.cases import READING, TABLES, case, deciding, house, known

TRADE = Tables(
    **{
        **dict(TABLES),
        "lane": (Lane(to=("浙江省",), per_kg=Decimal("1.2"), per_m3=Decimal(260), minimum=Decimal(60), days=2),),
        "inquiries": Inquiries(start=("从",), end=("到", "发", "去"), beyond=("整车",)),
    }
)


def asking(kind: str, text: str, **known: object) -> Decision:
    goods = (CargoLine("配件", Decimal(15), "件", Decimal(200), Decimal(2)),)
    reading = replace(
        READING, intent=Intent.INQUIRY, orders=(), text=text, details=Details(inquiry=kind), goods_asked=goods
    )
    return decide(case(reading, **known), deciding(house(TRADE)))


def letters(decision: Decision) -> list[Wanted]:
    return [w for w in decision.wanted if w.purpose is not Purpose.REVIEW_NOTICE]


def test_a_price_is_told_from_the_tariff() -> None:
    (letter,) = letters(asking("price", "从福田到杭州多少钱"))
    assert letter.purpose is Purpose.ANSWER
    assert letter.answer is not None
    (offer,) = letter.answer.offers
    assert offer.quote is not None
    assert offer.quote.freight == 520
    assert (letter.answer.start, offer.to) == ("广东省深圳市福田区", "浙江省杭州市")


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("price", "从福田到杭州整车多少钱"), ("price", "从沈阳到杭州多少钱"), ("price", "多少钱一公斤"),
        ("price", "到喀什多少钱"), ("other", "你们几点下班"), ("status", "到哪了"), ("urge", "麻烦催一下"),
    ],
)  # fmt: skip
def test_what_tables_do_not_tell_is_held_for_an_agent(kind: str, text: str) -> None:
    decision = asking(kind, text)
    assert decision.state is MessageState.REVIEW
    assert [w.purpose for w in letters(decision)] == [Purpose.HOLDING_REPLY]
    assert decision.reviews == ((None, f"inquiry:{kind}"),)


def test_who_asks_whether_we_go_where_we_do_not_is_told_so() -> None:
    (letter,) = letters(asking("coverage", "喀什去不去"))
    assert letter.answer is not None
    assert [offer.quote for offer in letter.answer.offers] == [None]


UNDER_WAY = known("260310009", OrderState.TAKEN)


def test_where_goods_are_is_told_from_the_order() -> None:
    for found in ({"thread": (UNDER_WAY,)}, {"named": (UNDER_WAY,)}, {"open": (UNDER_WAY,)}):
        decision = asking("status", "到哪了", **found)
        (letter,) = letters(decision)
        assert letter.order is not None
        assert (letter.purpose, letter.order.serial, letter.notes) == (Purpose.ANSWER, "260310009", ("taken",))
        assert [(e.kind, e.serial) for e in decision.events] == [("inquiry.status", "260310009")]


@pytest.mark.parametrize(
    "found",
    [
        {"named": (replace(UNDER_WAY, customer="灯厂"),)},  # somebody else's
        {
            "named": (replace(UNDER_WAY, customer="灯厂"),),
            "open": (UNDER_WAY,),
        },  # by a number that is not his
        {"open": (UNDER_WAY, replace(UNDER_WAY, serial="260310010"))},  # which one?
    ],
)
def test_nobody_is_told_of_an_order_that_may_not_be_his(found: dict[str, tuple[KnownOrder, ...]]) -> None:
    decision = asking("status", "260310009到哪了", **found)
    assert [w.purpose for w in letters(decision)] == [Purpose.HOLDING_REPLY]
    assert all(w.order is None for w in letters(decision))


def test_a_machine_that_asks_is_not_answered() -> None:
    machine: Reading = replace(
        READING, intent=Intent.INQUIRY, orders=(), text="到杭州多少钱", details=Details(inquiry="price"),
        envelope=Envelope(machine="precedence: bulk", from_=READING.envelope.from_),
    )  # fmt: skip
    assert letters(decide(case(machine), deciding(house(TRADE)))) == []
