"""Forms with other habits: numbered goods, abbreviated labels, customers' labels, changes told in rows or by marks."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingestd.domain.reading import CargoLine, Intent, OrderReading, Reading, contract
from tests.unit.parsing.conftest import Read
from tests.unit.parsing.mails import mail

Email = Callable[[bytes], Reading]
Goods = tuple[str | None, float | None, str | None, float | None, float | None]


def goods(order: OrderReading) -> list[Goods]:
    """Each line: name, quantity, unit, kilograms, cubic metres."""
    return [(c.name, plain(c.quantity), c.unit, plain(c.weight_kg), plain(c.volume_m3)) for c in order.cargo]


def plain(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def checked(reading: Reading) -> OrderReading:
    """The one order of a reading that needs nobody."""
    assert (reading.intent, reading.problems, reading.review) == (Intent.ORDER, (), ())
    (order,) = reading.orders
    return order


RUNS = {
    "一吨八12方": (1800, 12),
    "1吨八12.5立方": (1800, 12.5),
    "一吨八两方": (1800, 2),
    "3方6一吨二": (1200, 3.6),
    "三方六1.2吨": (1200, 3.6),
    "两吨半8.5方": (2500, 8.5),
    "1吨2": (1200, None),
    "一吨二": (1200, None),
}


@pytest.mark.parametrize("run", RUNS)
def test_figures_said_in_one_breath(run: str, sms: Read) -> None:
    order = checked(sms(f"客孙姐13825701936瓦楞纸板60捆{run}东莞中堂潢涌工业区往赣州收货钟经理13870774402现付"))
    assert goods(order) == [("瓦楞纸板", 60, "捆", *RUNS[run])]
    assert order.pickup.address == "东莞中堂潢涌工业区"


@pytest.mark.parametrize("run", ["两吨三十二方", "一吨四五12方", "一吨二十五方"])
def test_a_run_of_figures_that_can_be_parted_in_two_ways_is_seen_by_somebody(run: str, sms: Read) -> None:
    reading = sms(f"客孙姐13825701936瓦楞纸板60捆{run}东莞中堂潢涌工业区往赣州收货钟经理13870774402现付")
    assert "cut_short:cargo.weight_kg" in reading.review


FORM = """发货人：晟泽五金 高立 13812345678
提货地址：台州市路桥区峰江街道园区路8号
{goods}
目的地：昆明
收货人：傅国栋 13987654321
付款：到付"""
NUMBERED: dict[str, list[Goods]] = {
    "货物一：餐桌 6件，每件48公斤，每件0.32方\n货物二：餐椅 24件，共180公斤，3.6方": [
        ("餐桌", 6, "件", 288, 1.92),
        ("餐椅", 24, "件", 180, 3.6),
    ],
    "品名1：插座 20箱 160kg 0.9方\n品名2：开关 15箱 90kg 0.5方": [
        ("插座", 20, "箱", 160, 0.9),
        ("开关", 15, "箱", 90, 0.5),
    ],
    "货名\t合页\n件/重/体\t30箱/450kg/1.1方": [("合页", 30, "箱", 450, 1.1)],
    "货名：合页\n件毛体：30箱 / 450kgs / 1.1cbm": [("合页", 30, "箱", 450, 1.1)],
    "货名：STEEL HINGES 合页\n件数：30箱\n毛重：450\n体积：1.1": [("STEEL HINGES 合页", 30, "箱", 450, 1.1)],
}


@pytest.mark.parametrize("written", NUMBERED)
def test_goods_under_numbered_and_abbreviated_labels(written: str, sms: Read) -> None:
    assert goods(checked(sms(FORM.format(goods=written)))) == NUMBERED[written]


@pytest.mark.parametrize(
    ("label", "payment"),
    [("运费条款：发货方付", "prepaid"), ("运输费结算方式：月结", "monthly"), ("费用负担方：收货方", "collect")],
)
def test_who_bears_the_freight_under_labels_of_two_parts(label: str, payment: str, sms: Read) -> None:
    text = FORM.format(goods="货名：合页 30箱 450公斤").replace("付款：到付", label)
    assert checked(sms(text)).payment == payment


def test_the_phone_of_a_customer_is_that_of_the_party_called_so(sms: Read) -> None:
    text = "发货客户\t广州钻尚展具 伍小姐\n客户电话\t020-34619072\n提货地址\t广州市番禺区大石街道石北工业路644号"
    text += "\n货名\t展示柜 7件 385公斤\n目的地\t长沙\n收货人\t湘妹珠宝 文总\n收货电话\t13974825560\n付款\t到付"
    order = checked(sms(text))
    assert (order.shipper.phones, order.consignee.phones) == (("+862034619072",), ("+8613974825560",))


def test_papers_are_named_with_their_number_alone(sms: Read) -> None:
    order = checked(sms(FORM.format(goods="货名：合页 30箱 450公斤") + "\nPO# 4500218836\nP/O 77120-45001"))
    assert {r.value for r in order.references} == {"4500218836", "77120-45001"}


def test_a_vehicle_is_what_is_asked_for_without_the_asking(sms: Read) -> None:
    assert checked(sms(FORM.format(goods="货名：合页 30箱 450公斤\n车辆：需要尾板车"))).vehicle == "尾板车"


def test_the_clerk_below_a_form_is_nobody(email: Email) -> None:
    body = FORM.format(goods="货名：合页 30箱 450公斤") + "\n\n\n采购物流部 高立\nTEL:0576-82173390\n"
    order = checked(email(mail(body.encode())))
    assert order.consignee.phones == ("+8613987654321",)


def test_an_order_above_a_quoted_one_refers_to_the_number_in_the_subject(email: Email) -> None:
    body = "再发一票新的：\n" + FORM.format(goods="货名：合页 30箱 450公斤")
    reading = email(mail(body.encode(), Subject="Re: 260903011", In_Reply_To="<a@desk.example>"))
    assert (reading.intent, reading.refers_to) == (Intent.ORDER, ("260903011",))


CHANGED = {
    "rows": "250711066 信息变更\n变更字段：件数\n原值：20箱\n新值：26箱",
    "cells": "运单250711066更新通知\n变更项目\t件数\n变更前\t20箱\n变更后\t26箱",
    "marks behind": "250711066 带★的是改动,没带的照原来\n货名:合页\n件数:26箱 ★\n体积:1.1方\n收货人:傅国栋",
    "marks before": "250711066重发一遍，打*的为变更项\n" + FORM.format(goods="货名：合页\n*件数：26箱\n毛重：540KG"),
}


@pytest.mark.parametrize("told", CHANGED)
def test_only_what_rows_or_marks_tell_to_be_new_is_a_change(told: str, sms: Read) -> None:
    reading = sms(CHANGED[told])
    assert (reading.intent, reading.refers_to) == (Intent.AMENDMENT, ("250711066",))
    (order,) = reading.orders
    assert order == OrderReading(cargo=(CargoLine(None, Decimal(26), "箱", None, None),))


FORMS = tomllib.loads((Path(__file__).parent / "forms.toml").read_text())["form"]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form["text"].split("\n")[0][:20])
def test_forms_of_many_shapes(form: dict[str, Any], sms: Read) -> None:
    reading = sms(form["text"])
    assert (reading.problems, reading.review) == ((), ())
    orders = contract(reading)["orders"]
    assert [dict(told(order)) for order in orders] == form["orders"]


def told(order: dict[str, Any], head: str = "") -> Iterator[tuple[str, Any]]:
    """What an order says, by dotted paths; remarks are not told."""
    for key, value in order.items():
        if isinstance(value, dict):
            yield from told(value, f"{head}{key}.")
        elif value not in (None, [], False, "") and key != "remarks":
            yield head + key, as_written(value)


def as_written(value: Any) -> Any:
    """A value without what it leaves open."""
    if isinstance(value, list):
        return [as_written(one) for one in value]
    if isinstance(value, dict):
        return {key: one for key, one in value.items() if one is not None}
    return value
