"""Where goods go and who receives them there, said in sentences and lists without labels."""

from __future__ import annotations

import pytest

from ingestd.parsing import gazetteer, places
from ingestd.parsing.definitions import Definitions
from tests.unit.parsing.conftest import Read

SENDER = "我叫何伟，13822770500，吸顶灯48件620公斤5.4方，到中山市古镇镇同益工业区C座3楼来提。"
PAID = "。运费到付"


@pytest.mark.parametrize(
    ("said", "destination", "name"),
    [
        ("给遵义的田经理发过去 15938710200", "遵义", "田经理"),
        ("给大同老魏15938710200", "大同", "老魏"),
        ("客户在株洲，田经理，15938710200", "株洲", "田经理"),
        ("买主是泸州的田女士，电话15938710200", "泸州", "田女士"),
        ("曲靖收货的是田经理15938710200", "曲靖", "田经理"),
        ("梧州的收货人：田经理 15938710200", "梧州", "田经理"),
        ("西宁那边田老板15938710200", "西宁", "田老板"),
        ("玉林那头接货的是田经理，15938710200", "玉林", "田经理"),
        ("吸顶灯→衡水，收货人田经理15938710200", "衡水", "田经理"),
        ("去克拉玛依交给田经理15938710200", "克拉玛依", "田经理"),
        ("卖给邯郸的田先生，15938710200", "邯郸", "田先生"),
        ("老家在四川巴中，收货人田经理15938710200", "四川巴中", "田经理"),
        ("寄给常德的女儿，她叫田芳，15938710200", "常德", "田芳"),
        ("捐给玉树一批，收货人田经理15938710200", "玉树", "田经理"),
        ("儿子在宁德上班，叫田亮，15938710200", "宁德", "田亮"),
        ("收货：哈密 丰收农机 田经理 15938710200", "哈密", "田经理"),
        ("收货都是同一个人：邢台的田经理，15938710200", "邢台", "田经理"),
    ],
)
def test_a_town_that_stands_with_the_receiver_is_where_the_goods_go(
    sms: Read, said: str, destination: str, name: str
) -> None:
    (order,) = sms(SENDER + said + PAID).orders
    assert (order.destination, order.consignee.name, order.consignee.phones) == (destination, name, ("+8615938710200",))
    assert order.pickup.address == "中山市古镇镇同益工业区C座3楼"


def test_a_town_that_a_company_is_called_by_is_no_destination(sms: Read) -> None:
    (order,) = sms(SENDER + "给烟台福山大樱桃合作社的田社长，15938710200" + PAID).orders
    assert order.destination is None


def test_the_side_that_somebody_speaks_from_is_no_destination(sms: Read) -> None:
    (order,) = sms("中山这边有吸顶灯48件，" + SENDER + "发株洲，收货人田经理15938710200" + PAID).orders
    assert order.destination == "株洲"


@pytest.mark.parametrize(
    ("text", "pickup", "consignee"),
    [
        ("灯具要发贵阳，60箱。地址中山市古镇镇同益工业区C座3楼", "中山市古镇镇同益工业区C座3楼", None),
        ("发贵阳，收货人田姐15938710200，中山市古镇镇新兴路9号来拉", "中山市古镇镇新兴路9号", None),
        (
            "中山市古镇镇新兴路9号提，发贵阳，我何伟13822770500，贵阳市云岩区北京路6号",
            "中山市古镇镇新兴路9号",
            "贵阳市云岩区北京路6号",
        ),
    ],
)
def test_an_address_in_another_province_than_the_goods_go_to_is_where_they_are(
    sms: Read, text: str, pickup: str, consignee: str | None
) -> None:
    (order,) = sms(text + "，灯具60箱900公斤。到付").orders
    assert (order.pickup.address, order.consignee.address) == (pickup, consignee)


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ("义乌市", "杭州", False),
        ("四川眉山", "成都市锦江区", False),
        ("西安", "榆林市佳县", False),
        ("临沂", "潍坊市", False),
        ("广州市", "长沙", True),
        ("海南", "西宁", False),
        ("镇上", "西宁", False),
        ("桂林", "象山区翠竹路", False),
    ],
)
def test_towns_are_apart_in_different_provinces_only(
    one: str, other: str, apart: bool, definitions: Definitions
) -> None:
    assert gazetteer.apart(one, other, definitions) is apart


@pytest.mark.parametrize(
    ("text", "pickup", "consignee"),
    [
        ("发济南，收货人田姐15938710200。车开到我家门口：西坪镇尧阳村岭头12号", "西坪镇尧阳村岭头12号", None),
        ("发柳州，收货人田姐15938710200。明天来取，南宁市青秀区民族大道136号", "南宁市青秀区民族大道136号", None),
        ("发贵阳。仓库里刚数过。中山市古镇镇新兴路9号，收货人田姐15938710200", "中山市古镇镇新兴路9号", None),
        (
            "家在中山市古镇镇新兴路9号\n贵阳\n贵阳市云岩区北京路6号 田姐15938710200",
            "中山市古镇镇新兴路9号",
            "贵阳市云岩区北京路6号",
        ),
    ],
)
def test_an_address_is_on_the_side_that_the_words_before_it_name(
    sms: Read, text: str, pickup: str, consignee: str | None
) -> None:
    (order,) = sms("我叫何伟13822770500，灯具60箱900公斤。" + text + "。到付").orders
    assert (order.pickup.address, order.consignee.address) == (pickup, consignee)
    assert order.consignee.name == "田姐"


@pytest.mark.parametrize(
    "text",
    [
        "何伟 13822770500\n灯具 60箱 900公斤\n中山市古镇镇新兴路9号\n贵阳\n田姐 15938710200\n到付",
        "灯具60箱900公斤/中山市古镇镇新兴路9号/贵阳/田姐15938710200/到付/发货人何伟13822770500",
    ],
)
def test_a_town_by_itself_in_a_list_is_where_the_goods_go(sms: Read, text: str) -> None:
    (order,) = sms(text).orders
    assert (order.destination, order.consignee.name, order.shipper.name) == ("贵阳", "田姐", "何伟")
    assert order.consignee.phones == ("+8615938710200",)


@pytest.mark.parametrize(
    ("said", "collected"),
    [
        ("到站他自己去提", True),
        ("货到了客户自己来拿", True),
        ("她自己到你们货站取", True),
        ("收货人会派车来提", True),
        ("对方到你们物流园提货", True),
        ("到货通知他来站里取", True),
        ("你们的车到仓库提", False),
        ("师傅来了找保安", False),
    ],
)
def test_who_fetches_the_goods_himself_is_told_in_own_words(sms: Read, said: str, collected: bool) -> None:
    (order,) = sms(SENDER + "发株洲，收货人田经理15938710200，" + said + PAID).orders
    assert (order.delivery is not None) is collected


@pytest.mark.parametrize(
    ("said", "destination"),
    [
        ("拉一趟平凉，收货人田经理15938710200", "平凉"),
        ("退北海，收货人田经理15938710200", "北海"),
        ("运抵随州交田经理15938710200", "随州"),
        ("去成都荷花池的货，收货人田经理15938710200", "成都荷花池"),
    ],
)
def test_a_destination_ends_where_its_town_or_quarter_does(sms: Read, said: str, destination: str) -> None:
    (order,) = sms(SENDER + said + PAID).orders
    assert order.destination == destination


def test_goods_between_a_town_and_their_count_are_no_part_of_the_destination(sms: Read) -> None:
    (order,) = sms("我叫何伟，13822770500。发贺州校服255包1.9吨，收货人田经理15938710200" + PAID).orders
    assert (order.destination, order.cargo[0].name) == ("贺州", "校服")


def test_the_number_of_the_next_line_is_no_part_of_an_address(sms: Read) -> None:
    (order,) = sms(
        "1.提货:包头达茂旗石宝镇南街 2.发货人:云志刚 3.电话:15047290368 4.货:葵花籽220袋5.5吨 5.到:商丘 6.付:到付"
    ).orders
    assert (order.pickup.address, order.destination) == ("包头达茂旗石宝镇南街", "商丘")


@pytest.mark.parametrize(
    ("words", "locality"),
    [
        ("翁源江尾镇南塘村基地", True),
        ("虾子镇辣椒城", True),
        ("平湖林埭镇童车城2排", True),
        ("成都新都斑竹园家具港c区", True),
        ("拜泉县城西化肥站", True),
        ("石岛镇宏远渔具有限公司", False),
        ("高密市姜庄镇永兴扑灰年画社", False),
        ("沙发垫", False),
    ],
)
def test_a_village_and_the_kind_of_a_yard_in_it_is_a_place(
    words: str, locality: bool, definitions: Definitions
) -> None:
    assert places.is_locality(words, definitions) is locality


@pytest.mark.parametrize(("said", "destination"), [("去安国", "安国"), ("到兴隆", "兴隆")])
def test_a_town_that_is_called_like_a_word_is_one_behind_a_word_of_going(
    sms: Read, said: str, destination: str
) -> None:
    (order,) = sms(SENDER + said + "，收货人田经理15938710200" + PAID).orders
    assert order.destination == destination


def test_the_town_in_the_words_that_lead_to_a_receiver_is_where_the_goods_go(sms: Read) -> None:
    (order,) = sms("我叫何伟，13822770500，吸顶灯48件620公斤，发到梅州我女儿何小燕15938710200那里" + PAID).orders
    assert (order.destination, order.consignee.name) == ("梅州", "何小燕")


@pytest.mark.parametrize(
    "text",
    [
        "去运城 收田姐15938710200 现付 灯具6包30kg 中山市古镇镇新兴路9号 何伟13822770500发",
        "提货中山市古镇镇新兴路9号 送运城 收货田姐15938710200 灯具6包30kg 现付 发货何伟13822770500",
        "何伟13822770500...灯具6包30kg...中山市古镇镇新兴路9号...运城...收田姐15938710200...现付",
        "我的地址：中山市古镇镇新兴路9号，何伟，13822770500\n灯具6包30kg\n发运城，田姐 15938710200\n现付",
        "发货人 何伟 13822770500\n提货 中山市古镇镇新兴路9号\n灯具6包30kg\n终点站运城\n收货人 田姐 15938710200\n现付",
    ],
)
def test_places_are_read_in_whatever_row_they_stand(sms: Read, text: str) -> None:
    (order,) = sms(text).orders
    assert (order.pickup.address, order.destination) == ("中山市古镇镇新兴路9号", "运城")
    assert (order.consignee.name, order.consignee.address) == ("田姐", None)


def test_a_place_that_is_not_told_yet_is_missing(sms: Read) -> None:
    (order,) = sms("发货人：何伟 13822770500\n提货地点：（稍后发定位）\n目的地：贵阳").orders
    assert order.pickup.address is None


@pytest.mark.parametrize(
    ("said", "consignee"),
    [
        ("要发到工地，工地在绵阳市涪城区临园路西段57号，收货田工15938710200", "绵阳市涪城区临园路西段57号"),
        ("银川那边：兴庆区丽景街五金城9-22，田工15938710200", "兴庆区丽景街五金城9-22"),
    ],
)
def test_an_address_told_of_the_place_that_goods_go_to_is_the_receivers(sms: Read, said: str, consignee: str) -> None:
    text = "我叫何伟，13822770500，吸顶灯48件620公斤。" + said + "。提货来中山市古镇镇新兴路9号。到付"
    (order,) = sms(text).orders
    assert (order.pickup.address, order.consignee.address) == ("中山市古镇镇新兴路9号", consignee)


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("绥化市海伦市共合镇保安村粮库", "绥化市海伦市共合镇保安村粮库"),
        ("中山市古镇镇新兴路9号（中山何氏灯饰）", "中山市古镇镇新兴路9号"),
        ("丹阳市云阳街道南三环路 1 号", "丹阳市云阳街道南三环路1号"),
        ("衡水市桃城区胜利东路409号 万家福超市后门", "衡水市桃城区胜利东路409号万家福超市后门"),
    ],
)
def test_an_address_holds_its_village_house_and_door_and_no_firm(sms: Read, written: str, address: str) -> None:
    (order,) = sms(f"发货人：何伟 13822770500\n提货地址：{written}\n货：灯具6包30kg\n到：贵阳").orders
    assert order.pickup.address == address


@pytest.mark.parametrize(
    ("pickup", "pieces"),
    [("凯里市三棵树镇挂丁村酸汤坊", 144), ("六盘水钟山区荷城路121号", 144), ("温州鹿城区鞋都路1号", 144)],
)
def test_numerals_in_the_name_of_a_town_or_village_count_nothing(pickup: str, pieces: int, sms: Read) -> None:
    [order] = sms(f"提{pickup}龙师傅13595518047红酸汤{pieces}桶756kg0.95方往上海现付").orders
    assert [line.quantity for line in order.cargo] == [pieces]
