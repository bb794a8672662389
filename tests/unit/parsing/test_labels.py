"""Labels of two things at once, of what is no data, and what a remark says of the whole."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ingestd.domain.reading import Code, Intent, Payment
from tests.unit.parsing.conftest import Read

FORM = """发货单位：{shipper}
提货地址：深圳市龙岗区坪地街道富民路19号
货物：{goods}
发往：{town}
收货人：施经理 {phone}
付款：到付
{more}"""
PLAIN = {
    "shipper": "联盛五金厂 柏志明 13537186620", "goods": "铰链 35包 420公斤 1.9方", "town": "石狮",
    "phone": "13805957731", "more": "",
}  # fmt: skip


@pytest.mark.parametrize(
    "remark",
    [
        "说明：磅单上写的一共460公斤，请留够车位",
        "备注：总重量510公斤，怕压",
        "注：过磅总重380公斤",
        "注意事项：货物合计600公斤，请派人装",
        "其他：加起来470公斤",
    ],
)
def test_another_total_in_a_remark_leaves_the_weight_in_doubt(sms: Read, remark: str) -> None:
    reading = sms(FORM.format(**{**PLAIN, "more": remark}))
    assert reading.orders[0].cargo[0].weight_kg is None
    assert [(p.code, p.field) for p in reading.problems] == [(Code.AMBIGUOUS, "cargo.weight_kg")]


@pytest.mark.parametrize("remark", ["备注：总重量420公斤，怕压", "说明：每包12公斤", "注：尾板限重1500公斤"])
def test_the_same_total_or_one_of_something_else_leaves_no_doubt(sms: Read, remark: str) -> None:
    reading = sms(FORM.format(**{**PLAIN, "more": remark}))
    assert (reading.orders[0].cargo[0].weight_kg, reading.problems) == (Decimal(420), ())


@pytest.mark.parametrize(
    ("written", "e164"),
    [
        ("852-2745 6318", "+85227456318"),
        ("00852-27456318", "+85227456318"),
        ("(852)2745 6318", "+85227456318"),
        ("853 2871 5500", "+85328715500"),
        ("886-932-417-086", "+886932417086"),
    ],
)
def test_a_number_of_hong_kong_macau_or_taiwan_needs_no_plus(sms: Read, written: str, e164: str) -> None:
    reading = sms(FORM.format(**{**PLAIN, "phone": written}))
    assert (reading.orders[0].consignee.phones, reading.problems) == ((e164,), ())


@pytest.mark.parametrize("word", ["寄达", "运达地", "运抵", "送达城市", "卸货站"])
def test_where_the_goods_arrive_is_the_destination(sms: Read, word: str) -> None:
    assert sms(FORM.format(**PLAIN).replace("发往", word)).orders[0].destination == "石狮"


@pytest.mark.parametrize("word", ["货名/规格", "品名/数量", "品名及件数", "货物/件数", "名称/规格"])
def test_a_label_of_the_goods_and_their_figures(sms: Read, word: str) -> None:
    (line,) = sms(FORM.format(**PLAIN).replace("货物：", word + "：")).orders[0].cargo
    assert (line.name, line.quantity, line.unit, line.weight_kg) == ("铰链", Decimal(35), "包", Decimal(420))


@pytest.mark.parametrize(
    "label", ["发货公司/人", "发货单位及联系人", "发货公司/联系人", "寄件单位、联系人", "托运单位/人"]
)
def test_a_label_of_a_company_and_its_person(sms: Read, label: str) -> None:
    text = FORM.format(**{**PLAIN, "shipper": "深圳市聚亮展柜有限公司 / 车晓燕\n发货电话：13556829940"})
    shipper = sms(text.replace("发货单位", label)).orders[0].shipper
    assert (shipper.company, shipper.name, shipper.phones) == ("深圳市聚亮展柜有限公司", "车晓燕", ("+8613556829940",))


@pytest.mark.parametrize(
    "line", ["申请日期：2026-03-12", "展位号：6T118", "客户编码：PG-0386", "填表时间：3月12日", "馆号：8号"]
)
def test_what_a_form_says_for_itself_is_no_data(sms: Read, line: str) -> None:
    reading = sms(FORM.format(**{**PLAIN, "more": line}))
    (order,) = reading.orders
    assert (reading.problems, reading.review, order.references) == ((), (), ())
    assert (order.pickup.by, order.deliver_by, order.cargo[0].weight_kg) == (None, None, Decimal(420))


@pytest.mark.parametrize("fee", ["到付，说好850元", "到付 850", "收货人付，850元", "到付，850元整", "提付，谈好850"])
def test_freight_with_who_pays_before_the_sum(sms: Read, fee: str) -> None:
    (order,) = sms(FORM.format(**PLAIN).replace("付款：到付", "运费：" + fee)).orders
    assert (order.payment, order.freight) == (Payment.COLLECT, Decimal(850))


@pytest.mark.parametrize(
    "greeting", ["今天有货发。", "今天要发一票货", "今天还有一票", "今天出货一票", "今天发货，资料如下"]
)
def test_goods_that_there_are_today_open_no_window(sms: Read, greeting: str) -> None:
    reading = sms(greeting + "\n" + FORM.format(**PLAIN))
    assert (reading.intent, reading.orders[0].pickup.by) == (Intent.ORDER, None)


@pytest.mark.parametrize("greeting", ["今天来提货。", "今天有货发，今天过来拉。", "今天安排车来拉"])
def test_goods_that_are_fetched_today_open_one(sms: Read, greeting: str) -> None:
    reading = sms(greeting + "\n" + FORM.format(**PLAIN))
    assert reading.orders[0].pickup.by is not None


@pytest.mark.parametrize("heading", ["发货信息", "发件信息", "寄件信息"])
def test_a_customer_under_the_heading_of_the_shipper_is_the_shipper(sms: Read, heading: str) -> None:
    text = FORM.format(**PLAIN).replace(
        f"发货单位：{PLAIN['shipper']}", f"{heading}\n客户名称：联富拉链厂\n跟单：欧阳菲 13537186620"
    )
    order = sms(text).orders[0]
    assert (order.shipper.company, order.shipper.name) == ("联富拉链厂", "欧阳菲")
    assert (order.consignee.company, order.consignee.phones) == (None, ("+8613805957731",))
