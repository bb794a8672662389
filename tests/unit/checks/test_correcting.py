"""Fields as agents write them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ingestd.checks.correcting import WrongValueError, with_field
from ingestd.domain.reading import Delivery, OrderReading, Payment, as_json
from tests.unit.checks.cases import ORDER

ZONE = ZoneInfo("Asia/Shanghai")


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
        ("payment", "到付", "payment", Payment.COLLECT),
        ("delivery", "door", "delivery", Delivery.DOOR),
        ("freight", "¥350元", "freight", Decimal(350)),
        ("freight", "", "freight", None),
        ("hold", "是", "hold", True),
        ("hold", "", "hold", False),
        ("pickup.from", "2026-03-10 15:30", "pickup.from", datetime(2026, 3, 10, 15, 30, tzinfo=ZONE)),
    ],
)
def test_a_value_is_taken_as_it_is_written(path: str, written: str, where: str, value: object) -> None:
    assert at(with_field(ORDER, path, written, ZONE), where) == value


@pytest.mark.parametrize(
    ("path", "written", "what"),
    [
        ("pickup.adress", "x", "no_field"), ("cargo.colour", "red", "no_field"), ("shipper", "x", "no_field"),
        ("cargo[3].name", "x", "no_line"), ("consignee.phones", "12", "phone"), ("payment", "later", "choice"),
        ("freight", "viel", "money"), ("cargo.quantity", "0", "figure"), ("cargo.weight_kg", "3 m", "weight"),
        ("cargo.volume_m3", "3kg", "volume"), ("hold", "maybe", "yes"), ("pickup.by", "noon", "time"),
        ("charges", "5", "no_field"), ("pickup[0].address", "x", "no_field"),
    ],
)  # fmt: skip
def test_a_wrong_value_says_what_would_be_right(path: str, written: str, what: str) -> None:
    with pytest.raises(WrongValueError) as caught:
        with_field(ORDER, path, written, ZONE)
    assert caught.value.what == what


def test_nothing_else_changes() -> None:
    before, after = as_json(ORDER), as_json(with_field(ORDER, "destination", "宁波", ZONE))
    assert before | {"destination": "宁波"} == after
