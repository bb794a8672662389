"""Several orders under one head: whose is the number in each, and what the head or the subject says of all."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ingestd.domain.reading import Channel
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.reader import read
from tests.unit.parsing.test_shapes import mail

LINES = """白云美容包材 廖工 13060800001
仓：广州市白云区均禾街罗岗工业路6号
---
A 乳液瓶 60箱 540kg 4.1方 | 汕头 | 金园日化 林总 13509800002
B 喷头 25箱 200kg 1.3方 | 桂林 | 漓水化妆品厂 伍姐 0773-2815003
"""
DASHES = """富源纸品的货，联系人雷敏 13923100001，装货在东莞市中堂镇潢涌村北王路168号，两票都是现付：
A票—复印纸 300包 675公斤 1.1方—衡阳—衡阳文苑 肖姐—13974700002
B票—收银纸 120箱 960公斤 3方—桂林—龙山办公 侬大姐—0773-2830003
"""
ARROWS = """发货都是顺和纸品何润13450800001，鹤山市古劳镇三连工业区，都现付。①卷筒纸60件900kg7方→衡水，窦永强13931800002
②抽纸80箱480kg5方→邯郸，邯郸惠民超市0310-6010003
"""
SUPPLIERS = """我们中元电气要从两个供应商拉货，收货都是我们：中元电气 杨捷 0532-68990001，运费都到付。

第一家 发货人：诸城铸造厂 臧师傅 13563600002，地址潍坊市诸城市舜王街道工业大道60号。端盖 3托 2.7吨 2.1方。
第二家 发货人：高密线缆厂 单芳 0536-2580003，地址潍坊市高密市朝阳街道站南街11号。漆包线 16盘 640公斤 0.9方。
"""


@pytest.mark.parametrize(
    ("subject", "text", "senders", "receivers"),
    [
        ("今日两票（全部到付）", LINES, ["+8613060800001"], ["+8613509800002", "+867732815003"]),
        ("一提两送", DASHES, ["+8613923100001"], ["+8613974700002", "+867732830003"]),
        ("两票", ARROWS, ["+8613450800001"], ["+8613931800002", "+863106010003"]),
        ("两个供应商", SUPPLIERS, ["+8613563600002", "+865362580003"], ["+8653268990001"]),
    ],
)
def test_each_number_is_its_own_orders_receivers(
    subject: str, text: str, senders: Sequence[str], receivers: Sequence[str], definitions: Definitions
) -> None:
    orders = read(Channel.EMAIL, mail(text, subject), definitions).orders
    assert len(orders) == 2
    assert list(dict.fromkeys(phone for order in orders for phone in order.shipper.phones)) == senders
    assert list(dict.fromkeys(phone for order in orders for phone in order.consignee.phones)) == receivers
    assert all(order.payment is not None for order in orders)


def test_a_subject_that_answers_adds_nothing(definitions: Definitions) -> None:
    text = "发货人：王强 13800100001\n提货：佛山市南海区里水镇大道1号\n货：袜子，重 300公斤\n收货人：陈刚 13900100002"
    told = read(Channel.EMAIL, mail(text, "袜子20包发温州"), definitions).orders[0]
    answered = read(Channel.EMAIL, mail(text, "Re: 袜子20包发温州"), definitions).orders[0]
    assert told.destination == "温州"
    assert told.cargo[0].quantity == 20
    assert answered.destination is None
    assert answered.cargo[0].quantity is None


def test_a_subject_that_names_the_town_where_goods_are_fetched_names_no_destination(definitions: Definitions) -> None:
    text = (
        "发货人：王强 13800100001\n提货：绍兴市柯桥区柯北大道1号\n货：布 20卷 300公斤\n收货人：陈刚 13900100002\n到付"
    )
    assert read(Channel.EMAIL, mail(text, "麻烦跑一趟绍兴"), definitions).orders[0].destination is None
