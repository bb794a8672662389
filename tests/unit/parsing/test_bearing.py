"""Who pays where somebody of the order is named as paying."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ingestd.domain.reading import Reading

Read = Callable[[str], Reading]
FORM = (
    "发货单位：瞳光眼镜厂\n发货人：葛晓翠 13587895520\n提货地址：温州市瓯海区娄桥街道玕南路33号\n"
    "货物：镜架27箱 303公斤\n发往：福州\n收货单位：清晰眼镜行\n收货人：林长贵 13606836617\n{}"
)
SPELT = (
    "Shipper: Dounan Seed Co., Ms. Shen, 0512-53206614\nPickup: No. 85 East Beijing Road, Taicang\n"
    "Goods: 7 crates of pumps, 1,120 kg\nTo: Kunming\nConsignee: Rose Growers Ltd., Ms. Luo, 0871-67498820\n{}"
)


@pytest.mark.parametrize(
    ("written", "payment"),
    [
        ("付款人 清晰眼镜行", "collect"), ("谁掏钱：葛晓翠", "prepaid"), ("谁付？林师傅", "collect"),
        ("清晰眼镜行付。", "collect"),
        ("林长贵结", "collect"), ("运费林长贵", "collect"), ("运费由瞳光眼镜厂在装车后支付。", "prepaid"),
        ("钱 瞳光眼镜给", "prepaid"), ("谁出运费？ —— 林长贵说他出", "collect"), ("结算 收件付", "collect"),
        ("收货人付款，装货前来电", "collect"), ("两笔运费都是葛晓翠付", "prepaid"),
        ("费用结算：接收单位支付", "collect"),
        ("运费我们月底一起结", "monthly"), ("林长贵打款给你们", "collect"),
    ],
)  # fmt: skip
def test_who_pays_is_known_by_whoever_of_the_order_is_named(written: str, payment: str, sms: Read) -> None:
    (order,) = sms(FORM.format(written)).orders
    assert order.payment == payment


@pytest.mark.parametrize("written", ["付款人 眼镜", "谁付：张师傅", "林长贵付完款再放货", "葛晓翠付，清晰眼镜行付"])
def test_nobody_pays_where_the_name_fits_both_or_none(written: str, sms: Read) -> None:
    assert [order.payment for order in sms(FORM.format(written)).orders] == [None]


@pytest.mark.parametrize(
    ("written", "payment"),
    [
        ("Freight: for account of Rose Growers Ltd.", "collect"), ("Who pays: Ms. Luo", "collect"),
        ("Freight charges: recipient pays", "collect"), ("Dounan Seed will pay the freight.", "prepaid"),
        ("Rose Growers pays on arrival, so freight collect.", "collect"),
    ],
)  # fmt: skip
def test_who_pays_is_named_in_english(written: str, payment: str, sms: Read) -> None:
    (order,) = sms(SPELT.format(written)).orders
    assert order.payment == payment


def test_a_party_is_called_by_its_letter(sms: Read) -> None:
    text = (
        "甲方发货：未来画框厂 巫老师 13606093371\n货：画框 40件 300公斤\n提货地址：厦门市海沧区新阳街道翁角路268号\n"
        "目的地：景德镇\n乙方收货：三宝瓷坊 凌霄 13507988246\n付费方：乙方"
    )
    assert [order.payment for order in sms(text).orders] == ["collect"]
