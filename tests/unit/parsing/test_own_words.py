"""Labels that people make up for themselves: each is read as the field that it stands for."""

from __future__ import annotations

from datetime import datetime
from operator import attrgetter

import pytest

from tests.unit.parsing.conftest import Read

FORM = {
    "shipper": "发货人：何伟 13822770500",
    "pickup": "提货地址：中山市古镇镇同益工业区C座3楼",
    "goods": "货物：吸顶灯 48件 620公斤 5.4方",
    "place": "发往：郑州",
    "consignee": "收货人：田经理 15938710200",
    "payment": "付款：到付",
}


def form(field: str, line: str) -> str:
    """A short form with one of its lines in other words."""
    return "\n".join((FORM | {field: line}).values())


@pytest.mark.parametrize(
    ("field", "line", "path", "value"),
    [
        ("place", "寄达：贵阳", "destination", "贵阳"),
        ("place", "运抵地：兰州", "destination", "兰州"),
        ("consignee", "那头：田经理 15938710200", "consignee.name", "田经理"),
        ("consignee", "谁接货：田经理 15938710200", "consignee.name", "田经理"),
        ("consignee", "最终收货人：田经理 15938710200", "consignee.name", "田经理"),
        ("consignee", "场馆收货方：田经理 15938710200", "consignee.name", "田经理"),
        ("consignee", "收货经销商：郑州华丰灯饰有限公司 15938710200", "consignee.company", "郑州华丰灯饰有限公司"),
        ("shipper", "跟单：何伟 13822770500", "shipper.name", "何伟"),
        ("payment", "钱：月结", "payment", "monthly"),
        ("payment", "车费：月结", "payment", "monthly"),
    ],
)
def test_a_label_in_own_words_is_read(sms: Read, field: str, line: str, path: str, value: str) -> None:
    reading = sms(form(field, line))
    (order,) = reading.orders
    assert attrgetter(path)(order) == value
    assert reading.problems == ()


def test_a_stand_number_is_no_weight(sms: Read) -> None:
    (order,) = sms(form("place", "发往：郑州\n展位号：6T118")).orders
    assert order.cargo[0].weight_kg == 620


@pytest.mark.parametrize("said", ["今天有货发。", "今天的发货单：", "今天的提货单如下："])
def test_a_day_that_only_tells_of_which_day_something_is_opens_no_window(sms: Read, said: str) -> None:
    (order,) = sms(said + "\n" + form("payment", "月结")).orders
    assert (order.pickup.start, order.pickup.by) == (None, None)


def test_today_with_a_word_of_fetching_still_opens_one(sms: Read) -> None:
    (order,) = sms("今天来提。\n" + form("payment", "月结")).orders
    assert order.pickup.by == datetime.fromisoformat("2026-03-10T23:59:59+08:00")


@pytest.mark.parametrize(
    "fetched",
    ["12号上午来我司装车，地址是", "12号上午到我们厂提货，地址在", "12号上午来我们仓库拉货，位置就在"],
)
def test_the_address_behind_a_word_of_fetching_is_the_pickup(sms: Read, fetched: str) -> None:
    text = (
        f"有激光切割机一台要运到潍坊，重3.6吨，{fetched}东莞市大岭山镇连平工业园8号，装车找仓库马师傅13712406581。"
        "收货方为潍坊鲁东钣金有限公司，地址是潍坊市寒亭区北海路3199号，联系人隋经理，电话13606367721。月结"
    )
    (order,) = sms(text).orders
    assert order.pickup.address == "东莞市大岭山镇连平工业园8号"
    assert order.consignee.address == "潍坊市寒亭区北海路3199号"
    assert order.consignee.phones == ("+8613606367721",)
