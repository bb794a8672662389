"""Where values end: speech behind an address, a place or goods belongs to none of them."""

from __future__ import annotations

import pytest

from ingestd.parsing import edges
from ingestd.parsing.definitions import Definitions
from tests.unit.parsing.conftest import Read

SITES = (
    "中山市古镇镇同益工业区C座3楼", "常熟招商城三区2楼2188", "南安仑苍镇水暖城D区19号", "义乌市稠江街道杨村路215号",
    "佛山顺德乐从家具城A馆1028", "广州市白云区石井街道夏茅村向西大街12号3栋", "沧州市孟村县辛店镇东头",
    "顺德龙江工业大道旁边的鸿图仓库", "武义县白洋工业区牡丹南路39号后门",
)  # fmt: skip
TOLD = ("提货地址：{}\n", "提货：{}\n", "货在{}，", "来{}，", "从{}，", "仓库{}，")
TAILS = (
    "拿货", "来拿货", "提", "提货", "来提", "装", "装车", "来装", "拉", "拉走", "取", "都在", "随时可以装", "随时来提",
    "随时都可以提", "白天有人", "白天都有人在", "全天有人", "一直有人", "找门卫提", "联系保管", "现在可以提",
    "现在可以来装", "现在就可以来装", "现在就能提", "可以提了", "可以来拉了", "能提货了", "明天来提", "明天上午来拉",
    "下午来装就行", "上午有人", "货在", "货都在", "货已备好", "货已经备好了", "货好了", "备好了随时提", "麻烦尽快",
    "麻烦尽快来提", "谢谢", "提货就行", "来提就好", "直接来提", "直接过来装", "过来拉", "司机到了打电话", "到了打电话",
    "到了联系我", "师傅直接开进来", "可以直接进", "有叉车", "有人装车", "门口等你们", "有人等", "天天开门",
    "上班时间都行", "周末也有人", "喊一声就行", "自己来拿", "派车来拉", "派车来装", "安排车来提", "我在", "我在门口等",
)  # fmt: skip
FORM = "吸顶灯48件620公斤5.4方{}{}发郑州，收货人田经理15938710200，到付，发货人何伟13822770500"


def order(told: str) -> str:
    """An order with its pickup told in some words."""
    return FORM.format("\n" if told.endswith("\n") else "，", told)


@pytest.mark.parametrize(("index", "tail"), list(enumerate(TAILS)))
def test_speech_behind_an_address_is_no_part_of_it(sms: Read, index: int, tail: str) -> None:
    for shift, frame in enumerate(TOLD):
        site = SITES[(index + 2 * shift) % len(SITES)]
        reading = sms(order(frame.format(site + tail)))
        (found,) = reading.orders
        assert (found.pickup.address, found.destination, found.consignee.name) == (site, "郑州", "田经理"), frame
        assert reading.problems == ()


@pytest.mark.parametrize("gap", [" ", "，", "\n"])
def test_speech_behind_a_gap_is_no_part_of_an_address(sms: Read, gap: str) -> None:
    (found,) = sms(order(f"提货在南安仑苍镇水暖城D区19号{gap}现在就可以来装\n")).orders
    assert found.pickup.address == "南安仑苍镇水暖城D区19号"


@pytest.mark.parametrize(
    "site",
    ["湖州市织里镇童装城", "广州市白云区新市服装", "东莞市虎门镇黄河时装城3楼",
     "郑州市二七区银基商贸城B座", "义乌市国际商贸城五区"],
)  # fmt: skip
def test_a_name_that_ends_like_a_verb_stays_whole(definitions: Definitions, site: str) -> None:
    assert not edges.ends_in_speech(site, definitions)
    assert not edges.spoken_starts(site, definitions).get(len(site) - 2)


@pytest.mark.parametrize(
    ("value", "spoken"),
    [
        ("招商城三区2楼2188拿货", True), ("水暖城D区19号现在就可以", True), ("杨村路215号 随时来提", True),
        ("石井街道大街12号找保安", True), ("吸顶灯现在可以来装", True), ("服装", False), ("康师傅", False),
        ("包装", False), ("一次性雨衣", False), ("乐从家具城A馆", False), ("方便面", False), ("白天鹅宾馆", False),
    ],
)  # fmt: skip
def test_words_of_speech_are_known_at_the_end_of_any_value(definitions: Definitions, value: str, spoken: bool) -> None:
    assert edges.ends_in_speech(value, definitions) is spoken


def test_goods_that_end_in_speech_are_doubted(sms: Read) -> None:
    reading = sms(order("提货：义乌市稠江街道杨村路215号\n").replace("吸顶灯48件", "货物：吸顶灯随时来拿 48件 "))
    assert reading.orders[0].cargo[0].name == "吸顶灯" or "talk_in_field:cargo.name" in reading.review


GOODS = "发货人何伟13822770500，提货地址中山市古镇镇同益工业区C座3楼，{}，收货人田经理15938710200，到付"


@pytest.mark.parametrize(
    ("told", "quantity", "kilograms"),
    [
        ("轴承16箱，说错了，18箱，总重630公斤，发昆明", 18, 630),
        ("轴承16箱，哦不对，刚点了下是18箱，总重630公斤，发昆明", 18, 630),
        ("轴承16箱，不对，是18箱，总重630公斤，发昆明", 18, 630),
        ("轴承16箱发昆明，等等，又数了一遍，应该是18箱，总重630公斤", 18, 630),
        ("轴承不是16箱，是18箱，总重630公斤，发昆明", 18, 630),
        ("轴承16箱，更正一下18箱，总重630公斤，发昆明", 18, 630),
        ("轴承16箱，打错了，18箱总重630公斤，发昆明", 18, 630),
        ("轴承16箱共630公斤，不对不对，箱数应该是18箱，发昆明", 18, 630),
        ("轴承16箱发昆明，sorry，是18箱，630公斤", 18, 630),
        ("轴承16箱，总重630公斤，重量搞错了，是650公斤，发昆明", 16, 650),
        ("轴承16箱，1.2吨，发昆明，说错，是1.3吨", 16, 1300),
    ],
)
def test_a_correction_counts_and_the_rest_of_the_goods_stays(
    sms: Read, told: str, quantity: int, kilograms: int
) -> None:
    reading = sms(GOODS.format(told))
    (found,) = reading.orders
    (line,) = found.cargo
    assert line.name == "轴承"
    assert line.quantity == quantity
    assert line.weight_kg == kilograms
    assert found.destination == "昆明"
    assert reading.problems == ()


@pytest.mark.parametrize(
    ("goods", "name", "volume"),
    [
        ("流量计8箱112kg0.6方", "流量计", "0.6"), ("温度计共8箱112kg0.6方", "温度计", "0.6"),
        ("螺丝计8箱112kg0.6方", "螺丝", "0.6"), ("钻床2台112kg，每台2.5米×1.1米×2.8米", "钻床", "15.4"),
        ("钻床2台112kg，单台外形尺寸2.5m×1.1m×2.8m", "钻床", "15.4"),
    ],
)  # fmt: skip
def test_names_and_sides_keep_their_last_sign(sms: Read, goods: str, name: str, volume: str) -> None:
    (found,) = sms(GOODS.format(f"{goods}，发大庆")).orders
    (line,) = found.cargo
    assert (line.name, str(line.volume_m3)) == (name, volume)


@pytest.mark.parametrize("lead", ["at", "from"])
def test_what_leads_to_an_english_address_is_no_part_of_it(sms: Read, lead: str) -> None:
    text = (
        f"Pls collect 12 ctns toy samples, 156kgs, 0.9cbm {lead} No. 5 Kwai Fuk Road, Kwai Chung. "
        "Shipper: Kelvin Lau +852 9481 2207. To: Dongguan, cnee Ms Tang 13829016643. Freight collect."
    )
    (found,) = sms(text).orders
    assert (found.pickup.address, found.cargo[0].name) == ("No. 5 Kwai Fuk Road, Kwai Chung", "toy samples")
    assert (found.consignee.name, found.consignee.company) == ("Ms Tang", None)


def test_a_company_behind_an_address_is_no_part_of_it(sms: Read) -> None:
    (found,) = sms(
        "货：钢管 20捆 3吨\n发货：章玉琴 0315-5126683\n提货地址：唐山市丰润区工业路8号\n"
        "收货地址：沈阳市于洪区沈大路219号 沈阳建安商贸有限公司\n收货人：佟师傅 13940256617\n到付"
    ).orders
    assert found.consignee.address == "沈阳市于洪区沈大路219号"
    assert found.consignee.company == "沈阳建安商贸有限公司"
