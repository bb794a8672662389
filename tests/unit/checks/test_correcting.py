"""Fields as agents write them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ingestd.checks.correcting import WrongValueError, with_field
from ingestd.domain.reading import Delivery, OrderReading, Payment, Receipt, as_json
from tests.unit.checks.cases import ORDER, speech

ZONE = ZoneInfo("Asia/Shanghai")
SPEECH = speech()


def at(order: OrderReading, path: str) -> Any:
    value: Any = order
    for name in path.replace("from", "start").split("."):
        value = value[int(name)] if name.isdigit() else getattr(value, name)
    return value


@pytest.mark.parametrize(
    ("path", "written", "where", "value"),
    [
        ("pickup.address", " 深圳  南山 1 号 ", "pickup.address", "深圳 南山 1 号"),
        ("consignee.phones", "13600136011，0571-25852654", "consignee.phones", ("+8613600136011", "+8657125852654")),
        ("consignee.phones", "", "consignee.phones", ()),
        ("cargo.quantity", "20箱", "cargo.0.quantity", Decimal(20)),
        ("cargo[0].weight_kg", "200公斤", "cargo.0.weight_kg", Decimal(200)),
        ("cargo[1].name", "电线", "cargo.1.name", "电线"),
        ("cargo.volume_m3", "2.5方", "cargo.0.volume_m3", Decimal("2.5")),
        ("cargo.weight_kg", "两吨", "cargo.0.weight_kg", Decimal(2000)),
        ("cargo.weight_kg", "200斤", "cargo.0.weight_kg", Decimal(100)),
        ("cargo.quantity", "20", "cargo.0.unit", "件"),
        ("cargo.quantity", "三托", "cargo.0.unit", "托"),
        ("payment", "到付", "payment", Payment.COLLECT),
        ("payment", "on_receipt", "payment", Payment.ON_RECEIPT),
        ("payment", "on account", "payment", Payment.MONTHLY),
        ("delivery", "送货上楼", "delivery", Delivery.UPSTAIRS),
        ("receipt", "原件", "receipt", Receipt.ORIGINAL),
        ("delivery", "door", "delivery", Delivery.DOOR),
        ("freight", "¥350元", "freight", Decimal(350)),
        ("freight", "", "freight", None),
        ("hold", "是", "hold", True),
        ("hold", "", "hold", False),
        ("pickup.by", "明天下午3点前", "pickup.by", datetime(2026, 3, 11, 15, 0, tzinfo=ZONE)),
        ("pickup.from", "tomorrow 3pm", "pickup.from", datetime(2026, 3, 11, 15, 0, tzinfo=ZONE)),
        ("cod", "1万", "cod", Decimal(10000)),
        ("pickup.from", "2026-03-10 15:30", "pickup.from", datetime(2026, 3, 10, 15, 30, tzinfo=ZONE)),
    ],
)
def test_a_value_is_taken_as_it_is_written(path: str, written: str, where: str, value: object) -> None:
    assert at(with_field(ORDER, path, written, SPEECH), where) == value


@pytest.mark.parametrize(
    ("path", "written", "what"),
    [
        ("pickup.adress", "x", "no_field"), ("cargo.colour", "red", "no_field"), ("shipper", "x", "no_field"),
        ("cargo[3].name", "x", "no_line"), ("consignee.phones", "12", "phone"), ("payment", "later", "choice"),
        ("freight", "viel", "money"), ("cargo.quantity", "0", "count"), ("cargo.weight_kg", "3 m", "weight"),
        ("cargo.volume_m3", "3kg", "volume"), ("cargo.weight_kg", "-3", "weight"),
        ("delivery", "不要送货", "choice"), ("hold", "maybe", "yes"),
        ("pickup.by", "someday", "time"), ("pickup.from", "3点前", "time"),
        ("charges", "5", "no_field"), ("pickup[0].address", "x", "no_field"),
    ],
)  # fmt: skip
def test_a_wrong_value_says_what_would_be_right(path: str, written: str, what: str) -> None:
    with pytest.raises(WrongValueError) as caught:
        with_field(ORDER, path, written, SPEECH)
    assert caught.value.what == what


def test_nothing_else_changes() -> None:
    before, after = as_json(ORDER), as_json(with_field(ORDER, "destination", "宁波", SPEECH))
    assert before | {"destination": "宁波"} == after
