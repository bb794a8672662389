"""Amendments and change letters: only what is new is read, in many words."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from ingestd.domain.reading import Consignee, Intent, OrderReading, Reading

Read = Callable[[str], Reading]
PHONES = {
    "260408095收货人电话写错了 改成13677419052 麻烦改一下": "+8613677419052",
    "260408095收件人手机号报错一位,正确的是13900227761": "+8613900227761",
    "收货电话打错了哈,请改为 0571-86231177 260408095": "+8657186231177",
    "260408095 收货人手机停机了,现在改成18922334455": "+8618922334455",
    "The consignee's phone has changed, it is now 138 5713 6628. Order 260408095": "+8613857136628",
}
SHIPMENTS = [  # the goods only say which order it is
    "师傅 260414119那票柑子再加5箱嘛 一起拉走",
    "260414119这单瓷砖多发3箱",
    "昨天那批辣椒追加10箱 260414119",
    "260414119 该票灯饰再来2箱",
]


def changed(reading: Reading) -> OrderReading:
    """The one order of a change."""
    assert reading.intent in (Intent.AMENDMENT, Intent.CHANGE_LETTER)
    (order,) = reading.orders
    return order


@pytest.mark.parametrize(("text", "phone"), PHONES.items(), ids=list(PHONES))
def test_what_was_wrong_is_nobodys_name(sms: Read, text: str, phone: str) -> None:
    assert changed(sms(text)) == OrderReading(consignee=Consignee(phones=(phone,)))


@pytest.mark.parametrize("text", SHIPMENTS)
def test_goods_that_say_which_order_are_no_change(sms: Read, text: str) -> None:
    reading = sms(text)
    assert [(c.name, c.quantity, c.unit) for c in changed(reading).cargo] == [(None, None, "箱")]
    assert [p.field for p in reading.problems] == ["cargo.quantity"]


def test_a_figure_follows_another_without_a_name(sms: Read) -> None:
    order = changed(sms("260414119數量唔係36箱,係42箱,總重跟住變做756公斤"))
    assert [(c.name, c.quantity, c.weight_kg) for c in order.cargo] == [(None, Decimal(42), Decimal(756))]


@pytest.mark.parametrize(
    "text",
    [
        "260305061都对,除了提货时间。莫明天来,明天赶集车子进不来,后天上午10点来提",
        "260305061提货时间改成后天上午10点,不要明天来,明天厂里停电",
    ],
)
def test_a_day_that_does_not_suit_opens_no_window(sms: Read, text: str) -> None:
    pickup = changed(sms(text)).pickup
    assert [t and t.isoformat() for t in (pickup.start, pickup.by)] == ["2026-03-12T10:00:00+08:00"] * 2
