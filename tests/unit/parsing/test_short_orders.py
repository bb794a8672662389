"""Short orders as people write them in a hurry: in a subject, in one breath, dictated, without a label."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from ingestd.domain.reading import Channel, Intent
from ingestd.parsing import residents
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.reader import read
from tests.unit.parsing.test_shapes import mail, told

ORDERS = tomllib.loads(Path(__file__).with_name("short_orders.toml").read_text("utf-8"))["order"]


@pytest.mark.parametrize("order", ORDERS, ids=lambda o: (o.get("subject") or o["text"]).strip()[:16])
def test_a_short_order_is_read_whole_and_without_doubt(order: dict[str, Any], definitions: Definitions) -> None:
    reading = read(Channel.EMAIL, mail(order["text"], order.get("subject", "发货")), definitions)
    assert reading.intent is Intent.ORDER
    assert [told(found) for found in reading.orders] == [order["read"]]
    assert reading.problems == ()
    assert reading.review == ()


@pytest.mark.parametrize(
    ("words", "address"),
    [
        ("长安五金机电城c12档曾老板", "长安五金机电城c12档"),
        ("沙河万佳服装城b座1楼168档阿莲", "沙河万佳服装城b座1楼168档"),
        ("中山大涌镇红木大道12号林锐", "中山大涌镇红木大道12号"),
        ("东莞石龙镇黄洲", None),
        ("恒达电子李工", None),
        ("深圳市宝安区松岗街道象山大道460号", None),
    ],
)
def test_who_stands_right_behind_an_address(words: str, address: str | None, definitions: Definitions) -> None:
    start = residents.start_of(words, definitions)
    assert (words[:start] if start else None) == address
