"""From where and to where questions ask."""

from __future__ import annotations

import pytest

from ingestd.checks.house import atlas_of
from ingestd.config.shipped import shipped
from ingestd.places.atlas import Atlas
from ingestd.places.journeys import Marks, journey

MARKS = Marks(("从", "由", "在", "起运地", "from"), ("到", "往", "至", "去", "发", "目的地", "to"))


@pytest.fixture(scope="session")
def atlas() -> Atlas:
    return atlas_of(shipped("config") / "places")


@pytest.mark.parametrize(
    ("text", "start", "ends"),
    [
        ("从佛山顺德到太原多少钱", "广东省佛山市顺德区", ["山西省太原市"]),
        ("佛山发太原几天", "广东省佛山市", ["山西省太原市"]),
        ("长春到营口咋收费", "吉林省长春市", ["辽宁省营口市"]),
        ("发武汉什么价", "", ["湖北省武汉市"]),
        ("甘洛你们跑不跑", "", ["四川省凉山彝族自治州甘洛县"]),
        ("发成都、绵阳和德阳，我在台州路桥", "浙江省台州市路桥区", ["四川省成都市", "四川省绵阳市", "四川省德阳市"]),
        ("到合肥两个木箱，从苏州相城走", "江苏省苏州市相城区", ["安徽省合肥市"]),
        ("起运地:台州黄岩\n目的地:重庆巴南", "浙江省台州市黄岩区", ["重庆市巴南区"]),
        ("到贵阳多少钱\n海宁路 王经理", "", ["贵州省贵阳市"]),  # a road is no place
        ("发西安多少钱 郑州灯具厂", "", ["陕西省西安市"]),  # a signature is no end
        ("from Ningbo to Urumqi by road", "浙江省宁波市", ["新疆维吾尔自治区乌鲁木齐市"]),
        ("多少钱一公斤", "", []),
    ],
)
def test_the_words_before_a_place_say_what_it_is(text: str, start: str, ends: list[str], atlas: Atlas) -> None:
    found = journey(text, atlas, MARKS)
    assert atlas.spoken(found.start) == start if found.start else start == ""
    assert [atlas.spoken(end) for end in found.ends] == ends


def test_of_two_places_of_one_name_the_one_near_home_is_meant(atlas: Atlas) -> None:
    (home,) = atlas.names["吉林省"]
    assert [atlas.spoken(end) for end in journey("发朝阳区", atlas, MARKS, home).ends] == ["吉林省长春市朝阳区"]
    assert journey("发朝阳区", atlas, MARKS).ends == ()
