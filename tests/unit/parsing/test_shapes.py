"""Orders in the shapes that people give them: forms, lists, chats, prose, several at once."""

from __future__ import annotations

import base64
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingestd.domain.reading import Channel, Intent, OrderReading
from ingestd.parsing import chats
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.reader import read
from ingestd.parsing.text import fold

SHAPES = tomllib.loads(Path(__file__).with_name("shapes.toml").read_text("utf-8"))["shape"]
FIELDS = (
    "shipper.name", "shipper.company", "shipper.phones", "pickup.address", "pickup.contact", "pickup.phones",
    "destination", "consignee.name", "consignee.company", "consignee.phones", "consignee.address", "payment",
)  # fmt: skip


def mail(text: str, subject: str) -> bytes:
    """A mail from somebody whom its text does not name."""
    name, about = (base64.b64encode(words.encode()).decode() for words in ("林晓", subject))
    head = (
        f"From: =?utf-8?B?{name}?= <lx@shipper.example>\nTo: order@desk.example\nSubject: =?utf-8?B?{about}?=\n"
        "Date: Tue, 10 Mar 2026 10:02:03 +0800\nContent-Type: text/plain; charset=utf-8\n"
        "Content-Transfer-Encoding: 8bit\n\n"
    )
    return (head + text + "\n").encode()


def value(order: OrderReading, path: str) -> Any:
    """The value of a dotted path, phones as a list."""
    found: Any = order
    for part in path.split("."):
        found = getattr(found, part)
    return list(found) if isinstance(found, tuple) else found


def plain(figure: Decimal | None) -> str:
    """A figure as it is written in the table, empty where there is none."""
    return "" if figure is None else format(figure.normalize(), "f")


def told(order: OrderReading) -> dict[str, Any]:
    """What an order says of the fields that are compared."""
    found = {path: value(order, path) for path in FIELDS}
    goods = [[c.name, plain(c.quantity), c.unit or "", plain(c.weight_kg), plain(c.volume_m3)] for c in order.cargo]
    return {path: said for path, said in found.items() if said} | {"cargo": goods}


@pytest.mark.parametrize("shape", SHAPES, ids=lambda s: s["name"])
def test_a_shape_is_read_whole_and_without_doubt(shape: dict[str, Any], definitions: Definitions) -> None:
    reading = read(Channel.EMAIL, mail(shape["text"], shape.get("subject", "发货")), definitions)
    assert reading.intent is Intent.ORDER
    assert [told(order) for order in reading.orders] == shape["order"]
    assert reading.review == ()


HEADS = (
    "阿芬烘焙 14:21", "阿芬烘焙  下午2:21", "阿芬 昨天 14:21", "阿芬 星期三 9:41", "阿芬 2026-03-10 14:21:05",
    "2026-03-10 14:21:05 阿芬(365412398)", "2026/3/10 14:21 阿芬", "阿芬@微信 3/10 14:21:05", "阿芬 3月10日 14:21",
    "[14:21] 阿芬:", "14:21:05 阿芬:", "[10/03/2026, 14:21:05] 阿芬:", "10/03/26, 2:21 pm - 阿芬:", "阿芬 (14:21):",
    "[2026-03-10 14:21] 阿芬", "阿芬 今天 2:21 PM",
)  # fmt: skip


@pytest.mark.parametrize("head", HEADS)
def test_who_spoke_and_when_is_no_data(head: str, definitions: Definitions) -> None:
    gap = " " if head.endswith(":") else "\n"
    text = fold(f"{head}{gap}蛋糕盒90箱\n{head}{gap}450公斤", definitions)
    assert chats.plain(text, definitions).folded.split() == ["蛋糕盒90箱", "450公斤"]


@pytest.mark.parametrize(
    "text",
    [
        "提货时间 3月10日 14:00\n送达时间 3月11日 10:00",
        "发货人:王敏\n收货人:周先生\n发货人:李平\n收货人:吴小姐",
        "提货 14:00\n王敏 13800138011",
        "波次:1\n料:法兰40箱\n乙:岑国富\n波次:2\n料:弯头6箱\n乙:许芳",
    ],
)
def test_a_form_is_no_chat(text: str, definitions: Definitions) -> None:
    folded = fold(text, definitions)
    assert chats.plain(folded, definitions) == folded


@pytest.mark.parametrize(
    ("asked", "answer", "shipper", "address"),
    [
        ("您的名字电话和提货地址？", "童建明 13567512345，玉环市楚门镇前路8号", "童建明", "玉环市楚门镇前路8号"),
        ("那发货人呢？", "林国强 13606612345 温岭市泽国镇丹崖路66号", "林国强", "温岭市泽国镇丹崖路66号"),
        ("提货地址和联系人？", "义乌市北苑街道丹溪北路18号 13757912345 楼老板", "楼老板", "义乌市北苑街道丹溪北路18号"),
    ],
)  # fmt: skip
def test_an_answer_is_of_whom_a_chat_asks_for(
    asked: str, answer: str, shipper: str, address: str, definitions: Definitions
) -> None:
    turns = (
        "顾客：发货\n客服：好的，货是什么？\n顾客：阀门12箱 300公斤 0.8方\n客服：收货人和电话？\n"
        f"顾客：褚师傅 13971012345 武汉\n客服：{asked}\n顾客：{answer}\n客服：怎么付款？\n顾客：月结"
    )
    (order,) = read(Channel.EMAIL, mail(turns, "发货"), definitions).orders
    assert (order.shipper.name, order.pickup.address) == (shipper, address)
    assert (order.consignee.name, order.consignee.phones) == ("褚师傅", ("+8613971012345",))
