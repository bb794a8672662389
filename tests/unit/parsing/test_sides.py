"""Whose an address is where several stand in an order."""

from __future__ import annotations

import pytest

from tests.unit.parsing.conftest import Read

FETCHED = "在中山小榄工业大道中21号提，找小吴 13680112233\n"
GOODS = "玻璃瓶 40箱 800kg 2.3方 到付"
THEIRS = "广州白云太和镇大源南路63号"


@pytest.mark.parametrize(
    "told",
    [
        f"{THEIRS} 收 阿珍 18520112233 {GOODS}",
        f"{THEIRS} 收：阿珍 18520112233 {GOODS}",
        f"广州白云 太和镇大源南路63号 收 阿珍 18520112233 {GOODS}",
    ],
)
@pytest.mark.parametrize("first", [True, False])
def test_an_address_before_who_receives_is_his(told: str, first: bool, sms: Read) -> None:
    (order,) = sms(FETCHED + told if first else f"{told}\n{FETCHED}").orders
    assert order.pickup.address == "中山小榄工业大道中21号"
    assert (order.consignee.name, order.consignee.address) == ("阿珍", THEIRS)


def test_an_address_at_the_end_of_the_line_before_is_the_senders(sms: Read) -> None:
    text = f"寄：尹传军15163519920 临清市烟店镇轴承市场3区18号\n收：王琦 029-86718803 西安市未央区太华北路58号\n{GOODS}"
    (order,) = sms(text).orders
    assert order.pickup.address == "临清市烟店镇轴承市场3区18号"
    assert order.consignee.address == "西安市未央区太华北路58号"
