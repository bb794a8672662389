"""What must not change a reading: the order of labels, punctuation, blank lines, width, encoding and folding."""

from __future__ import annotations

from base64 import encodebytes
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from email.header import Header
from quopri import encodestring
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestd.domain.reading import CargoLine, Channel, Consignee, Intent, OrderReading, Party, Payment, Pickup, Reading
from ingestd.parsing.definitions import load_definitions
from ingestd.parsing.reader import read
from tests.unit.parsing.conftest import SHIPPED

DEFINITIONS = load_definitions([SHIPPED])  # no fixture: Hypothesis would print all of it with each failure
Form = list[tuple[str, str]]  # labels with their values
PAYMENTS = {"到付": Payment.COLLECT, "现付": Payment.PREPAID, "月结": Payment.MONTHLY, "回单付": Payment.ON_RECEIPT}
COLONS = st.sampled_from(["：", ":", ": ", "： ", " : "])
SURNAMES = st.sampled_from("王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕")
TITLES = ["先生", "小姐", "经理", "师傅", "女士", "总"]
PEOPLE = st.builds(str.__add__, SURNAMES, st.sampled_from([*TITLES, "建国", "丽华"]))  # the same full name is doubted
PHONES = st.builds("1{}{:09d}".format, st.sampled_from("356789"), st.integers(0, 999_999_999))
STREETS = st.sampled_from(["人民东路", "解放大道", "工业园三路", "滨河西路", "环城南路", "长江路"])
PLACES = st.sampled_from(["东莞市厚街镇", "佛山市顺德区乐从镇", "苏州市吴中区", "长沙市雨花区", "青岛市城阳区"])
ADDRESSES = st.builds("{}{}{}号".format, PLACES, STREETS, st.integers(1, 999))
TOWNS = st.sampled_from(["杭州", "成都", "西安", "哈尔滨", "乌鲁木齐", "义乌", "南宁"])
GOODS = st.sampled_from(["五金配件", "纸箱", "瓷砖", "塑料粒子", "布料", "冷冻设备", "图书"])
UNITS = st.sampled_from(["件", "箱", "托", "桶", "卷"])


@st.composite
def forms(draw: st.DrawFn) -> tuple[Form, OrderReading]:
    """A labelled order, each label naming its party, and what it says."""
    sender, consignee = draw(st.tuples(PEOPLE, PEOPLE).filter(lambda two: two[0] != two[1] or two[0][1:] in TITLES))
    phones = draw(st.lists(PHONES, min_size=2, max_size=2, unique=True))
    address, town, goods, unit = draw(ADDRESSES), draw(TOWNS), draw(GOODS), draw(UNITS)
    quantity = draw(st.integers(2, 300))
    weight = quantity * draw(st.integers(5, 30))  # kilograms a piece
    volume = max(Decimal(weight / draw(st.integers(150, 600))).quantize(Decimal("0.1")), Decimal("0.1"))
    payment = draw(st.sampled_from([*PAYMENTS]))
    form = [
        ("发货人", sender),
        ("发货人电话", phones[0]),
        ("提货地址", address),
        ("货物名称", goods),
        ("数量", f"{quantity}{unit}"),
        ("重量", f"{weight}公斤"),
        ("体积", f"{volume}方"),
        ("发往", town),
        ("收货人", consignee),
        ("收货人电话", phones[1]),
        ("付款方式", payment),
    ]
    meant = OrderReading(
        shipper=Party(sender, None, ("+86" + phones[0],)),
        pickup=Pickup(address),
        cargo=(CargoLine(goods, Decimal(quantity), unit, Decimal(weight), volume),),
        destination=town,
        consignee=Consignee(consignee, None, ("+86" + phones[1],)),
        payment=PAYMENTS[payment],
    )
    return form, meant


def written(form: Form, colon: str = "：", between: str = "\n") -> str:
    """The form as text."""
    return between.join(label + colon + value for label, value in form)


ENCODINGS: dict[str, Callable[[bytes], bytes]] = {
    "8bit": bytes,
    "base64": encodebytes,
    "quoted-printable": encodestring,
}


def mail(text: str, charset: str = "utf-8", encoding: str = "8bit", subject: str = "托运") -> bytes:
    """A mail with this text."""
    body = text.encode(charset)
    body = ENCODINGS[encoding](body)
    head = (
        "From: a@shipper.example\nDate: Tue, 10 Mar 2026 10:02:03 +0800\n"
        f"Subject: {Header(subject, 'utf-8').encode()}\nMIME-Version: 1.0\n"
        f"Content-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: {encoding}\n\n"
    )
    return head.encode("ascii") + body


def says(raw: bytes, meant: OrderReading) -> None:
    """A mail is read as this order, complete and without doubt."""
    reading: Reading = read(Channel.EMAIL, raw, DEFINITIONS)
    assert reading.intent is Intent.ORDER
    assert [replace(order, remarks=None) for order in reading.orders] == [meant]
    assert (reading.problems, reading.review) == ((), ())


@given(made=forms(), chance=st.randoms(use_true_random=False))
def test_the_order_of_labels(made: tuple[Form, OrderReading], chance: Random) -> None:
    form, meant = made
    chance.shuffle(form)
    says(mail(written(form)), meant)


@given(
    made=forms(),
    colon=COLONS,
    between=st.sampled_from(["\n", "\r\n", "\n\n", "；", ";\n", "，\n", "  \n", "\n\u3000\n"]),
)
def test_punctuation_and_blank_lines(made: tuple[Form, OrderReading], colon: str, between: str) -> None:
    form, meant = made
    says(mail(written(form, colon, between)), meant)


@given(made=forms())
def test_full_width_digits(made: tuple[Form, OrderReading]) -> None:
    form, meant = made
    wide = str.maketrans("0123456789", "０１２３４５６７８９")
    narrow = replace(meant, pickup=Pickup(meant.pickup.address and meant.pickup.address.translate(wide)))
    reading = read(Channel.EMAIL, mail(written(form).translate(wide)), DEFINITIONS)
    (order,) = reading.orders
    assert order.pickup.address in (meant.pickup.address, narrow.pickup.address)
    assert replace(order, pickup=meant.pickup, remarks=None) == meant


@pytest.mark.parametrize("encoding", ["8bit", "base64", "quoted-printable"])
@pytest.mark.parametrize("charset", ["utf-8", "gb18030", "gbk", "gb2312", "utf-16"])
@settings(max_examples=20)
@given(made=forms())
def test_charset_and_encoding(made: tuple[Form, OrderReading], charset: str, encoding: str) -> None:
    if charset == "utf-16" and encoding != "base64":
        return
    form, meant = made
    says(mail(written(form), charset, encoding), meant)


LINE_ENDS: dict[str, Callable[[bytes], bytes]] = {
    "folded headers": lambda raw: raw.replace(b"From: ", b"From:\n ").replace(b"Subject: ", b"Subject:\n\t"),
    "crlf": lambda raw: raw.replace(b"\n", b"\r\n"),
    "flowed": lambda raw: raw.replace(b"charset=", b"format=flowed; charset="),
}


@pytest.mark.parametrize("way", LINE_ENDS)
@settings(max_examples=30)
@given(made=forms())
def test_folding_and_line_ends(made: tuple[Form, OrderReading], way: str) -> None:
    form, meant = made
    says(LINE_ENDS[way](mail(written(form))), meant)
