"""Addresses as people write them, and where they lie."""

from __future__ import annotations

import pytest

from ingestd.config.shipped import shipped
from ingestd.places.atlas import Atlas, Level, load_atlas
from ingestd.places.latin import locate_latin
from ingestd.places.locating import locate


@pytest.fixture(scope="session")
def atlas() -> Atlas:
    return load_atlas(shipped("config") / "places")


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("深圳市宝安区西乡街道固戍二路9号", "广东省深圳市宝安区西乡街道"),
        ("深圳宝安西乡", "广东省深圳市宝安区西乡街道"),
        ("东莞虎门北栅", "广东省东莞市虎门镇"),
        ("顺德容桂 华口", "广东省佛山市顺德区容桂街道"),
        ("虎门镇博涌", "广东省东莞市虎门镇"),
        ("长沙", "湖南省长沙市"),
        ("西安康复路", "陕西省西安市"),
        ("吉林省吉林市昌邑区", "吉林省吉林市昌邑区"),
        ("恩施", "湖北省恩施土家族苗族自治州"),
        ("郑州市管城区商都路22号", "河南省郑州市管城回族区"),
        ("成都市双流区九江街道万家社区", "四川省成都市双流区九江街道"),
        ("都匀市独山县百泉镇", "贵州省黔南布依族苗族自治州独山县百泉镇"),
        ("杭州市江干区火车站东路3号", "浙江省杭州市"),
        ("上海市南京东路88号", "上海市"),
        ("临沂义乌小商品城", "山东省临沂市"),
        ("无锡朝阳市场", "江苏省无锡市"),
        ("香港九龙城区", "香港特别行政区九龙九龙城区"),
        ("重庆江北", "重庆市江北区"),
        ("仙桃市", "湖北省仙桃市"),
        ("曹县", "山东省菏泽市曹县"),
        ("新疆伊宁", "新疆维吾尔自治区伊犁哈萨克自治州伊宁市"),
        ("九龙长沙湾道833号", "香港特别行政区九龙"),
        ("香港九龙长沙湾永康街42号", "香港特别行政区九龙深水埗区"),
        ("洋山港", "上海市浦东新区"),
    ],
)
def test_names_side_by_side_say_where_an_address_lies(text: str, spoken: str, atlas: Atlas) -> None:
    found = locate(text, atlas)
    assert found.clear
    assert found.where is not None
    assert atlas.spoken(found.where) == spoken


@pytest.mark.parametrize("text", ["汽配城A区12栋", "南京路88号", "大观园3号楼", "东区5栋", "", "仓库"])
def test_words_that_name_no_place_lie_nowhere(text: str, atlas: Atlas) -> None:
    found = locate(text, atlas)
    assert found.where is None
    assert not found.candidates


@pytest.mark.parametrize(
    ("text", "one", "other"),
    [
        ("江苏省杭州市余杭区", "江苏省", "杭州市"),
        ("河南省石家庄市", "河南省", "石家庄市"),
        ("广东厦门", "广东", "厦门"),
    ],
)
def test_names_that_do_not_belong_together_are_told(text: str, one: str, other: str, atlas: Atlas) -> None:
    found = locate(text, atlas)
    assert not found.clear
    assert found.against is not None
    assert tuple(mention.words for mention in found.against) == (one, other)


def test_of_places_of_one_name_the_customers_own_is_meant(atlas: Atlas) -> None:
    (home,) = atlas.names["深圳市"]
    assert len(locate("龙华区清湖货场", atlas).candidates) == 2
    found = locate("龙华区清湖货场", atlas, home)
    assert found.by_home
    assert found.where is not None
    assert atlas.spoken(found.where) == "广东省深圳市龙华区"


def test_a_name_that_only_others_have_is_not_made_the_customers(atlas: Atlas) -> None:
    (home,) = atlas.names["深圳市"]
    found = locate("鼓楼区中山路", atlas, home)
    assert found.where is None
    assert {d.code[:2] for d in found.candidates} == {"32", "35", "41"}


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("36 Hengshan Road, Huangdao District, Qingdao", "山东省青岛市黄岛区"),
        ("Xi'an", "陕西省西安市"),
        ("HONG KONG", "香港特别行政区"),
        ("No. 6 Linhai Avenue, Nanshan, Shenzhen", "广东省深圳市南山区"),
        ("Yiwu", "浙江省金华市义乌市"),
        ("15 Shihu West Road, Wuzhong, Suzhou", "江苏省苏州市"),
        ("Bldg 5, Hongsheng Industrial Park, Guzhen Town, Zhongshan", "广东省中山市"),
        ("88 Nanjing West Road, Shanghai", "上海市"),
    ],
)
def test_latin_letters_go_from_the_narrow_to_the_wide(text: str, spoken: str, atlas: Atlas) -> None:
    found = locate_latin(text, atlas)
    assert found.where is not None
    assert atlas.spoken(found.where) == spoken


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("坂田雪象货运站", "广东省深圳市龙岗区坂田街道"),
        ("沙井后亭全至工业园", "广东省深圳市宝安区沙井街道"),
        ("樟木头官仓", "广东省东莞市樟木头镇"),
        ("厚街家具大道88号", "广东省东莞市厚街镇"),
    ],
)
def test_towns_near_home_need_no_more_than_their_names(text: str, spoken: str, atlas: Atlas) -> None:
    (home,) = atlas.names["深圳市"]
    assert locate(text, atlas).where is None
    found = locate(text, atlas, home)
    assert found.by_home
    assert found.where is not None
    assert atlas.spoken(found.where) == spoken


@pytest.mark.parametrize("text", ["凤凰大厦3楼", "坂田路8号", "长安工业区"])
def test_names_that_many_towns_have_say_nothing_near_home(text: str, atlas: Atlas) -> None:
    (home,) = atlas.names["深圳市"]
    assert locate(text, atlas, home).where is None


def test_the_table_holds_the_country(atlas: Atlas) -> None:
    levels = [d.level for d in atlas.divisions.values()]
    assert levels.count(Level.PROVINCE) == 34
    assert levels.count(Level.CITY) > 330
    assert levels.count(Level.DISTRICT) > 2800


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("divisions.csv", "code,name,latin,towns\n44,广东省,guangdong,\n4x,深圳,shenzhen,\n", "divisions.csv, line 3"),
        ("other_names.csv", "# remark\nname,code,why\n鹏城,9999,nickname\n", "other_names.csv, line 3: 9999"),
    ],
)
def test_a_broken_table_says_where(tmp_path, name: str, content: str, fault: str) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "divisions.csv").write_text("code,name,latin,towns\n44,广东省,guangdong,\n", "utf-8")
    (tmp_path / "other_names.csv").write_text("name,code,why\n", "utf-8")
    (tmp_path / name).write_text(content, "utf-8")
    with pytest.raises(ValueError, match=fault):
        load_atlas(tmp_path)
