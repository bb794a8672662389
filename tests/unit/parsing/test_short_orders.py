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
        ("石狮服装城4期2楼阿杰", "石狮服装城4期2楼"),
        ("义乌国际商贸城3区5楼王芳", "义乌国际商贸城3区5楼"),
        ("义乌市宾王路12号楼建国", "义乌市宾王路12号"),
        ("东莞石龙镇黄洲", None),
        ("恒达电子李工", None),
        ("深圳市宝安区松岗街道象山大道460号", None),
    ],
)
def test_who_stands_right_behind_an_address(words: str, address: str | None, definitions: Definitions) -> None:
    start = residents.start_of(words, definitions)
    assert (words[:start] if start else None) == address


@pytest.mark.parametrize(
    ("text", "shipper", "consignee", "address"),
    [
        (
            "唔該，電飯煲30箱210公斤1.2方，佛山市順德區容桂街道桂洲大道15號，揾阿權13702512345。送去南寧，收貨何生13977212345，到付",
            ("阿權", None), ("何生", None), "佛山市順德區容桂街道桂洲大道15號",
        ),
        (
            "我叫马文化，13937112345，货在新乡市长垣市起重工业园6号，葫芦4箱，380公斤，1方，拉到包头，那边是乌老板收，13847212345，运费他给",
            ("马文化", None), ("乌老板", None), "新乡市长垣市起重工业园6号",
        ),
        (
            "发货单位：常州凯达模具\n联系人/电话：戚伟 13861112345\n装货地址：常州市武进区金胜路9号\n"
            "货名：注塑模4箱2,600kg\n目的地：郑州\n收货方：郑州华塑\n收货人/电话：岳工 13838112345\n运费结算：月结",
            ("戚伟", "常州凯达模具"), ("岳工", "郑州华塑"), "常州市武进区金胜路9号",
        ),
        (
            "我们档口在义乌国际商贸城，我是老板娘姚红，13757912345。有雨伞22件，396公斤，0.9方，在江东街道稠州路88号装。"
            "发贵阳，收货人陆大勇，电话18984073356，运费到付。",
            ("姚红", None), ("陆大勇", None), "江东街道稠州路88号",
        ),
        (
            "轴承40箱，1.1吨，2方，装货地点瓦房店市工业园闽泰大道3号，我是蒯强，13952700001。"
            "发到长春，那边收货的是一汽配件中心丛主任13944000002，运费月结",
            ("蒯强", None), ("丛主任", "一汽配件中心"), "瓦房店市工业园闽泰大道3号",
        ),
    ],
)  # fmt: skip
def test_who_sends_and_receives_from_where(
    text: str,
    shipper: tuple[str, str | None],
    consignee: tuple[str, str | None],
    address: str,
    definitions: Definitions,
) -> None:
    (order,) = read(Channel.EMAIL, mail(text, "发货"), definitions).orders
    assert (order.shipper.name, order.shipper.company) == shipper
    assert (order.consignee.name, order.consignee.company) == consignee
    assert order.pickup.address == address
