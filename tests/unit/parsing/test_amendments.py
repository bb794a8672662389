"""Changes that give the new value behind the old one's label, or by where the goods are to go instead."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from ingestd.domain.reading import CargoLine, Consignee, Intent, Reading

Read = Callable[[str], Reading]
NEW = "宁波市北仑区恒山路88号3栋"
OLD = "宁波市北仑区明州路12号"


def changed(reading: Reading) -> Consignee:
    """The receiver of the one order that an amendment without problems changes."""
    assert (reading.intent, reading.problems) == (Intent.AMENDMENT, ())
    (order,) = reading.orders
    return order.consignee


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # both values behind the label of the field
        (f"260304018收货地址变更前：{OLD}，变更后：{NEW}", Consignee(address=NEW)),
        (f"260304018收货地址\n变更前：{OLD}\n变更后：{NEW}", Consignee(address=NEW)),
        ("260304018收货电话 变更前 13800138011 变更后 13900139022", Consignee(phones=("+8613900139022",))),
        ("260304018收货人修改前：周敏 修改后：许芳", Consignee(name="许芳")),
        # a label for each
        (f"260304018变更\n变更前收货地址：{OLD}\n变更后收货地址：{NEW}", Consignee(address=NEW)),
        (
            "260304018更改前：收货人 周敏 13800138011 更改后：收货人 许芳 13900139022",
            Consignee(name="许芳", phones=("+8613900139022",)),
        ),
        # where to instead
        (f"260304018改送：{NEW}", Consignee(address=NEW)),
        (f"260304018这票改派{NEW}，谢谢", Consignee(address=NEW)),
        (f"260304018改派：{NEW} 许芳 13900139022", Consignee("许芳", None, ("+8613900139022",), NEW)),
        (f"260304018收货改成：{NEW} 许老板13900139022", Consignee("许老板", None, ("+8613900139022",), NEW)),
        ("260304018收货改成许小姐13900139022", Consignee(name="许小姐", phones=("+8613900139022",))),
    ],
)
def test_only_the_new_value_is_read(sms: Read, text: str, expected: Consignee) -> None:
    assert changed(sms(text)) == expected


def test_figures_before_the_change_count_nothing(sms: Read) -> None:
    (order,) = sms("260304018件数变更前20箱变更后24箱，重量变更前300公斤变更后360公斤").orders
    (line,) = order.cargo
    assert line == CargoLine(None, Decimal(24), "箱", Decimal(360), None)


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        ("260304018目的地变更前宁波，变更后台州", "destination", "台州"),
        ("260304018付款方式变更前：现付 变更后：到付", "payment", "collect"),
    ],
)
def test_towns_and_payers_after_the_change_are_told_from_those_before(
    sms: Read, text: str, path: str, value: Any
) -> None:
    (order,) = sms(text).orders
    assert getattr(order, path) == value


def test_a_driver_sent_instead_is_no_receiver(sms: Read) -> None:
    for text in ("260304018改派李师傅去提，13900139022，浙B12345", "260304018改派：李师傅 13900139022 浙B12345"):
        reading = sms(text)
        assert [order.consignee for order in reading.orders if order.consignee != Consignee()] == []
