"""Running text: who is who, where it is fetched and where it goes, in the words people use when they just write."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ingestd.domain.reading import Intent, OrderReading, Reading
from ingestd.parsing import frames, gazetteer, places
from ingestd.parsing.definitions import Definitions

Read = Callable[[str], Reading]
Told = dict[str, str | None]

TEXTS: dict[str, tuple[str, Told]] = {
    "dictated without a sign": (
        "喂你好我叫马国庆电话13995112233宁夏中宁的有枸杞四十箱一箱二十公斤在中宁县舟塔乡铁渠村合作社院里提货"
        "发到广州收货人是黄小姐电话13710223344运费到付谢谢",
        {
            "shipper": "马国庆", "pickup": "中宁县舟塔乡铁渠村合作社院里", "destination": "广州",
            "consignee": "黄小姐", "goods": "枸杞", "quantity": "40",
        },
    ),
    "Cantonese, and the foreman at the factory": (
        "唔該聽日嚟攞貨，貨係玩具車35箱，280公斤，2.4方。攞貨地址：汕頭市澄海區鳳翔街道玉亭路18號。"
        "到咗搵廠長阿財，佢電話13502744455。送去寧波，收貨係 甬江玩具行 屠生 0574-87344455。"
        "寄貨公司：香江玩具有限公司 梁小姐，電話13802244455。運費月結。",
        {
            "shipper": "梁小姐", "company": "香江玩具有限公司", "pickup": "汕頭市澄海區鳳翔街道玉亭路18號",
            "contact": "廠長阿財", "destination": "寧波", "consignee": "屠生", "theirs": "甬江玩具行",
        },
    ),
    "one's own company in brackets": (
        "我们公司（苏州恒远精密模具有限公司）有一批模具要发重庆，5箱，800公斤，0.9方。提货地址是苏州市昆山市玉山镇"
        "城北中路121号，联系人陆工 13862612233。收货单位是重庆长风机械厂，牟主任，023-67712233，"
        "重庆市北碚区蔡家岗镇同熙路19号。运费月结。",
        {
            "shipper": "陆工", "company": "苏州恒远精密模具有限公司", "pickup": "苏州市昆山市玉山镇城北中路121号",
            "destination": "重庆", "consignee": "牟主任", "theirs": "重庆长风机械厂",
            "address": "重庆市北碚区蔡家岗镇同熙路19号", "goods": "模具",
        },
    ),
    "where the goods are, and a person of a company": (
        "给我发车货到乌鲁木齐，苹果醋300件3吨4.5方。我是烟台果然好食品的邱丽，15865512233，厂子在烟台市栖霞市桃村镇"
        "工业街9号。收货方 新疆天山缘商贸 艾力 13999112233，地址乌鲁木齐市新市区北园春市场12栋8号。月结。",
        {
            "shipper": "邱丽", "company": "烟台果然好食品", "pickup": "烟台市栖霞市桃村镇工业街9号",
            "destination": "乌鲁木齐", "consignee": "艾力", "theirs": "新疆天山缘商贸",
            "address": "乌鲁木齐市新市区北园春市场12栋8号", "goods": "苹果醋",
        },
    ),
    "a name behind where one is from": (
        "师傅你好，我是南通家纺城的老许，许志强，13901480022。有六十包被芯要走，一包八公斤，总共四个方。货在南通市"
        "通州区川姜镇志浩市场3号门，发到沈阳，那边收货的叫佟建民，电话13840012211，运费到付。",
        {
            "shipper": "许志强", "company": "南通家纺城", "pickup": "南通市通州区川姜镇志浩市场3号门",
            "destination": "沈阳", "consignee": "佟建民", "goods": "被芯", "quantity": "60",
        },
    ),
    "a chat: speakers and what the clerk asks are no data": (
        "小杨 09:14\n在吗\n客服 09:15\n您好，请说\n小杨 09:16\n发20箱卤鹅去武汉，180公斤，0.8方\n小杨 09:17\n"
        "货在汕头市澄海区莲下镇槐泽村鹅场，我叫杨树生 13502933344\n小杨 09:18\n[位置]\n小杨 09:20\n"
        "武汉那边收的是卤味王餐饮 小闵 13971633344，到付",
        {
            "shipper": "杨树生", "company": None, "pickup": "汕头市澄海区莲下镇槐泽村鹅场", "destination": "武汉",
            "consignee": "小闵", "theirs": "卤味王餐饮", "goods": "卤鹅",
        },
    ),
    "names of another language of the country": (
        "我是阿不都热合曼，电话13899833344，核桃六十袋，一袋二十五公斤，货在和田地区墨玉县扎瓦镇核桃市场5号。"
        "发到西安，拿货的人叫帕提古丽，15991733344。月结。",
        {
            "shipper": "阿不都热合曼", "pickup": "和田地区墨玉县扎瓦镇核桃市场5号", "destination": "西安",
            "consignee": "帕提古丽", "goods": "核桃",
        },
    ),
    "labels put as questions, and a market with the consignee": (
        "哪里提：东莞市大朗镇富民中路300号 找小欧13712833344\n什么货：毛衣 40箱 600公斤 4.8方\n发哪里：石家庄\n"
        "谁收：新百服装城 魏姐 13833133344\n谁付：到付",
        {
            "shipper": "小欧", "pickup": "东莞市大朗镇富民中路300号", "destination": "石家庄", "consignee": "魏姐",
            "address": "新百服装城", "goods": "毛衣",
        },
    ),
    "one's factory, who sends and who receives": (
        "俺们厂（临沂鲁南板材有限公司）要发一批胶合板到唐山，120张，2.6吨，4方。厂子就在临沂市兰山区义堂镇小葛庄村西，"
        "发货的人是孟凡刚，13853944455。接货的人叫老耿，13931544455，唐山市路北区缸窑路建材城C座9号。月结。",
        {
            "shipper": "孟凡刚", "company": "临沂鲁南板材有限公司", "pickup": "临沂市兰山区义堂镇小葛庄村西",
            "destination": "唐山", "consignee": "老耿", "address": "唐山市路北区缸窑路建材城C座9号",
        },
    ),
    "spaces for commas": (
        "老板帮忙 拉点货到赣州 脐橙纸箱2000个 1.1吨 9方 提货你车开到信丰县大塘埠镇工业小区纸箱厂后门 找我就行 钟声扬 "
        "13870744455 收货的是果源合作社的温经理 13979744455 运费到付",
        {
            "shipper": "钟声扬", "company": None, "pickup": "信丰县大塘埠镇工业小区纸箱厂后门",
            "destination": "赣州", "consignee": "温经理", "theirs": "果源合作社",
        },
    ),
    "an arrow, a picture, a house number with its gate": (
        "📦 山核桃仁 12箱 60公斤 🏠 取货：杭州市临安区昌化镇西街3号2座 钱雪娟 13588755566 ➡️ 佛山 "
        "收货 伍生 13702755566 到付",
        {
            "shipper": "钱雪娟", "pickup": "杭州市临安区昌化镇西街3号2座", "destination": "佛山",
            "consignee": "伍生", "goods": "山核桃仁",
        },
    ),
    "a town told by its order, fetched where the car comes": (
        "帮忙派车到湖州市织里镇大港路88号装货，童装30包，450公斤，3方，寄回老家四川隆昌，俺姐夫收，曾祥林 13990566677，"
        "我是织里小太阳制衣的曾祥芬，13757266677，月结",
        {
            "shipper": "曾祥芬", "company": "织里小太阳制衣", "pickup": "湖州市织里镇大港路88号",
            "destination": "四川隆昌", "consignee": "曾祥林", "goods": "童装",
        },
    ),
    "English with a contact": (
        "Hello, please arrange a pickup from our supplier Foshan Mingda Ceramics, contact Ms. Liang 13925411223. "
        "Pickup address: No. 88 Jihua West Road, Chancheng District, Foshan. Goods are 30 cartons of floor tiles, "
        "total 900 kg, 1.5 cbm. Please deliver to Changsha, consignee Mr. Tang, 13807311223. Freight collect.",
        {
            "shipper": "Ms. Liang", "company": "Foshan Mingda Ceramics", "destination": "Changsha",
            "pickup": "No. 88 Jihua West Road, Chancheng District, Foshan", "consignee": "Mr. Tang",
            "goods": "floor tiles",
        },
    ),
    "English in sentences": (
        "Dear team, 12 pallets of PVC resin, gross weight 9,600 kg, 18 cbm. Shipper is Ningbo Zhongyuan Plastics, "
        "Mr. Shao, 0574-87112233. The goods are at No. 16 Xiaogang Road, Beilun District, Ningbo. They go to Wuhan. "
        "The receiver is Hubei Lianfa Packaging, Ms. Peng, 13871122334. Freight prepaid.",
        {
            "shipper": "Mr. Shao", "company": "Ningbo Zhongyuan Plastics", "destination": "Wuhan",
            "pickup": "No. 16 Xiaogang Road, Beilun District, Ningbo", "consignee": "Ms. Peng",
            "theirs": "Hubei Lianfa Packaging",
        },
    ),
}  # fmt: skip


def told(order: OrderReading) -> Told:
    """What an order says, as far as the table names it."""
    line = order.cargo[0]
    return {
        "shipper": order.shipper.name, "company": order.shipper.company, "pickup": order.pickup.address,
        "contact": order.pickup.contact, "destination": order.destination, "consignee": order.consignee.name,
        "theirs": order.consignee.company, "address": order.consignee.address, "goods": line.name,
        "quantity": str(line.quantity),
    }  # fmt: skip


@pytest.mark.parametrize("name", TEXTS)
def test_prose_is_read_whole(name: str, sms: Read) -> None:
    text, expected = TEXTS[name]
    reading = sms(text)
    assert reading.intent is Intent.ORDER
    assert len(reading.orders) == 1
    found = told(reading.orders[0])
    assert {key: found[key] for key in expected} == expected
    assert reading.problems == ()


SHARED = {
    "circled numbers and arrows": (
        "亲，三单，都是从我们宁波仓发，宁波市北仑区小港街道渡口路5号，发货人 金蝶日用品 钱多多 13957433344\n"
        "① 拖把 50箱 400公斤 3方 ➡️ 南昌 收货 邹姐 13870033344 到付\n"
        "② 水桶 80箱 320公斤 6方 ➡️ 长沙 收货 滕老板 0731-84433344 现付\n"
        "③ 衣架 30箱 270公斤 1.1方 ➡️ 贵阳 收货 黔家百货 龙姐 13985033344 月结",
        ["钱多多"] * 3, ["拖把", "水桶", "衣架"], ["南昌", "长沙", "贵阳"], ["邹姐", "滕老板", "龙姐"],
    ),
    "numbers inside one line": (
        "发货人老戴13605018842,两票,都在漳州市芗城区石亭镇北斗工业园3号提。①座钟12箱186公斤0.6方到南通,收货樊经理"
        "0513-85570219,到付。②挂钟30箱270公斤2.1方到佳木斯,收货人葛秀兰18645460317,到付。",
        ["老戴"] * 2, ["座钟", "挂钟"], ["南通", "佳木斯"], ["樊经理", "葛秀兰"],
    ),
    "by the town that each goes to": (
        "一票发兰州,一票发西宁,都是我成都海椒世界的胡忠,13980833344,货在成都市新都区大丰街道海椒路66号。\n"
        "兰州那票是干辣椒,60件,900公斤,5方,收货人蒲老板,电话13893133344,到付。\n"
        "西宁那票是花椒,20件,400公斤,1.6方,收货人马海燕,电话13997133344,月结。",
        ["胡忠"] * 2, ["干辣椒", "花椒"], ["兰州", "西宁"], ["蒲老板", "马海燕"],
    ),
    "the second as above": (
        "1)[260310007]客农师傅13878033344砂糖橘50箱600公斤荔浦市修仁镇建陵路往长沙收货易老板13974833344到付\n"
        "2)[260310008]发货人和提货地同上,沃柑30箱360公斤往南昌收货舒姐13879133344到付",
        ["农师傅"] * 2, ["砂糖橘", "沃柑"], ["长沙", "南昌"], ["易老板", "舒姐"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SHARED)
def test_orders_that_share_a_shipper_are_kept_apart(name: str, sms: Read) -> None:
    text, shippers, goods, towns, consignees = SHARED[name]
    orders = sms(text).orders
    assert [o.shipper.name for o in orders] == shippers
    assert [[line.name for line in o.cargo] for o in orders] == [[name] for name in goods]
    assert [o.destination for o in orders] == towns
    assert [o.consignee.name for o in orders] == consignees
    assert len({o.pickup.address for o in orders}) == 1
    assert orders[0].pickup.address is not None


def test_what_was_done_or_is_asked_is_no_destination(sms: Read) -> None:
    order = "客陈先生13751168806轴承12箱300公斤1.8方布吉货场收货许小姐0579-85321466到付。"
    for said in ("货已经拉到厚街了", "现在到河南几天能到？"):
        assert [o.destination for o in sms(order + said).orders] == [None]


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("株洲芦淞服装市场", 4),
        ("辽宁铁岭", 4),
        ("潍坊坊子区崇文街", 5),
        ("大方的人", None),
        ("大方县城", 3),
        ("芦淞", None),
    ],
)
def test_places_are_known_in_rows_and_everyday_words_only_with_their_county(
    text: str, end: int | None, definitions: Definitions
) -> None:
    assert gazetteer.end_of_places(text, 0, definitions) == end


@pytest.mark.parametrize(
    ("phrase", "address"),
    [
        ("你车开到晋江市陈埭镇江头村市场后门", "晋江市陈埭镇江头村市场后门"),
        ("深圳龙岗平湖华南城5号仓b12有电子秤", "深圳龙岗平湖华南城5号仓b12"),
        ("即墨蓝村镇服装城d区", "即墨蓝村镇服装城d区"),
        ("吴川市梅菉街道海滨三路41号拿货", "吴川市梅菉街道海滨三路41号"),
    ],
)
def test_an_address_ends_where_the_sentence_goes_on(phrase: str, address: str, definitions: Definitions) -> None:
    found = places.span(phrase, definitions)
    assert found is not None
    assert phrase[slice(*found)] == address


def test_a_frame_needs_what_it_announces(definitions: Definitions) -> None:
    assert [i.rule for i in frames.find("我叫他明天来", [], definitions)] == []
    assert [i.rule for i in frames.find("我叫唐建国电话13873915528", [], definitions)] == ["frame.shipper.person"]


SEVERAL = """发货人：王先生 13823033212，提货地址：汽配城A区12栋
1、轴承 12箱 300公斤 发杭州 收货人丁小姐 13757168824 到付
2、齿轮 9箱 180公斤 发沈阳 收货人王艳 024-22846037 到付
"""


@pytest.mark.parametrize(
    ("below", "hours"),
    [
        ("明天上午9点到12点来提", [("09:00", "12:00")] * 2),
        ("以上两票明天下午5点前装车，谢谢", [(None, "17:00")] * 2),
        ("\n明天下午三点来拉，四点后仓库没人", [("15:00", "15:00")] * 2),
        ("第二票明天下午5点前装车", [(None, None), (None, "17:00")]),
    ],
)
def test_when_to_fetch_below_a_list_counts_for_all(below: str, hours: list[tuple[str | None, ...]], sms: Read) -> None:
    orders = sms(SEVERAL + below).orders
    found = [[m and f"{m:%H:%M}" for m in (o.pickup.start, o.pickup.by)] for o in orders]
    assert found == [list(window) for window in hours]
