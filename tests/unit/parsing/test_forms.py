"""Forms and tables of many shapes: each is read into the same fields."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ingestd.domain.reading import Intent, OrderReading
from ingestd.parsing import tables
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.text import fold
from tests.unit.parsing.conftest import Read


def cargo(order: OrderReading) -> list[tuple[str | None, Decimal | None, str | None, Decimal | None, Decimal | None]]:
    return [(c.name, c.quantity, c.unit, c.weight_kg, c.volume_m3) for c in order.cargo]


def ends(order: OrderReading) -> tuple[str | None, ...]:
    """Who sends and who receives."""
    shipper, consignee = order.shipper, order.consignee
    return (shipper.name or shipper.company, *shipper.phones, consignee.name or consignee.company, *consignee.phones)


def rows(written: str) -> str:
    """A table written with bars, as a sheet pastes it: with tabs."""
    return "\n".join(line.strip().replace("|", "\t") for line in written.strip().splitlines())


ONE_ROW = """
托运方|托运方手机|装货点|货品|箱数|单箱毛重kg|外箱尺寸cm|去哪里|收件方|收件方手机|怎么送|谁付运费
新兴五金厂 卢志强|13702551188|佛山市南海区里水镇和顺大道18号|铰链|40|12.5|50*40*30|成都|博美 彭丽|13688001234|送货|到付
"""


def test_one_row_under_its_heads_has_the_units_of_the_heads(sms: Read) -> None:
    reading = sms("请安排下面一票：\n\n" + rows(ONE_ROW) + "\n\n谢谢")
    (order,) = reading.orders
    assert (reading.intent, reading.problems) == (Intent.ORDER, ())
    assert cargo(order) == [("铰链", Decimal(40), "箱", Decimal(500), Decimal("2.4"))]
    assert ends(order) == ("卢志强", "+8613702551188", "彭丽", "+8613688001234")
    assert (order.destination, order.delivery, order.payment) == ("成都", "door", "collect")


SHARED = """发货人：德清县欧诗漫包装厂 沈建平 13857220033
提货地址：湖州市德清县雷甸镇白云南路88号
付款方式：月结

{table}

以上三票请今天安排"""
THREE = """
序|到哪|收货方|电话|品名|件|公斤|方
1|合肥|庐阳包材 葛经理|13955110022|纸盒|30|360|2.1
2|南京|金陵礼品 陶女士|13851990033|礼袋|12|96|0.9
3|徐州|彭城彩印 臧师傅|13705200044|吊牌|5|60|0.2
合计||||47|516|3.2|
"""
DRAWN = {
    "tabs": rows(THREE),
    "bars": "\n".join(f"| {' | '.join(line.split('|'))} |" for line in THREE.strip().splitlines()),
    "markdown": "\n".join(
        (f"|{line}|\n|" + "---|" * 8) if number == 0 else f"|{line}|"
        for number, line in enumerate(THREE.strip().splitlines())
    ),
    "aligned": "\n".join("   ".join(line.split("|")) for line in THREE.strip().splitlines()[:4]),
    "commas": "\n".join(",".join(line.split("|")) for line in THREE.strip().splitlines()[:4]),
}


@pytest.mark.parametrize("drawn", DRAWN)
def test_a_shared_head_counts_for_each_row_however_the_table_is_drawn(drawn: str, sms: Read) -> None:
    reading = sms(SHARED.format(table=DRAWN[drawn]))
    assert [o.destination for o in reading.orders] == ["合肥", "南京", "徐州"]
    assert [ends(o) for o in reading.orders] == [
        ("沈建平", "+8613857220033", "葛经理", "+8613955110022"),
        ("沈建平", "+8613857220033", "陶女士", "+8613851990033"),
        ("沈建平", "+8613857220033", "臧师傅", "+8613705200044"),
    ]
    assert [cargo(o)[0] for o in reading.orders] == [
        ("纸盒", Decimal(30), "件", Decimal(360), Decimal("2.1")),
        ("礼袋", Decimal(12), "件", Decimal(96), Decimal("0.9")),
        ("吊牌", Decimal(5), "件", Decimal(60), Decimal("0.2")),
    ]
    assert {o.payment for o in reading.orders} == {"monthly"}
    assert {o.pickup.address for o in reading.orders} == {"湖州市德清县雷甸镇白云南路88号"}


LIST_IN_FORM = """
发货单位|中山小榄锁具|联系人|麦志明
联系电话|13702801122|提货地|中山市小榄镇工业大道中11号
目的城市|南宁|收货单位|邕城五金 覃经理
收货电话|13977100200|结算|现付

款号|品名|箱数|毛重(KGS)|体积(CBM)
SL-1|挂锁|26|1,040|1.3
SL-2|门锁|14|420.5|0.98
合计||40|1,460.5|2.28
"""


def test_a_list_of_goods_inside_a_form_is_one_order(sms: Read) -> None:
    reading = sms(rows(LIST_IN_FORM))
    (order,) = reading.orders
    assert cargo(order) == [
        ("挂锁", Decimal(26), "箱", Decimal(1040), Decimal("1.3")),
        ("门锁", Decimal(14), "箱", Decimal("420.5"), Decimal("0.98")),
    ]
    assert ends(order) == ("麦志明", "+8613702801122", "覃经理", "+8613977100200")
    assert reading.problems == ()


SIDE_BY_SIDE = {
    "cells": """
发货人|扬中电器 匡洪|收货人|兰州电力物资 脱明
电话|13505290011|电话|13893120022
地址|扬中市三茅镇环城南路7号|地址|兰州市七里河区西津西路300号
货名|母线槽|件数|18件
重量|900公斤|付款|到付
""",
    "colons": """
发货人：扬中电器 匡洪|收货人：兰州电力物资 脱明
电话：13505290011|电话：13893120022
地址：扬中市三茅镇环城南路7号|地址：兰州市七里河区西津西路300号
货名：母线槽|件数：18件
重量：900公斤|付款：到付
""",
    "parties as columns": """
|发货方|收货方
单位|扬中电器|兰州电力物资
姓名|匡洪|脱明
电话|13505290011|13893120022
地址|扬中市三茅镇环城南路7号|兰州市七里河区西津西路300号

货名|母线槽
件数|18件
重量|900公斤
付款|到付
""",
    "parties above pairs": """
发货方|收货方
单位|扬中电器|单位|兰州电力物资
姓名|匡洪|姓名|脱明
电话|13505290011|电话|13893120022
地址|扬中市三茅镇环城南路7号|地址|兰州市七里河区西津西路300号
货名|母线槽 18件 900公斤|付款|到付
""",
    "sections": """
发货方|单位|扬中电器
发货方|姓名|匡洪
发货方|电话|13505290011
发货方|地址|扬中市三茅镇环城南路7号
收货方|单位|兰州电力物资
收货方|姓名|脱明
收货方|电话|13893120022
收货方|地址|兰州市七里河区西津西路300号
货物|品名|母线槽
货物|件数|18件
货物|重量|900公斤
付款|到付
""",
    "heads above heads": """
发货方|||收货方|||货物|||
姓名|电话|地址|姓名|电话|地址|品名|件数|重量|付款
匡洪|13505290011|扬中市三茅镇环城南路7号|脱明|13893120022|兰州市七里河区西津西路300号|母线槽|18件|900公斤|到付
""",
}


@pytest.mark.parametrize("shape", SIDE_BY_SIDE)
def test_what_stands_beside_each_other_is_never_swapped(shape: str, sms: Read) -> None:
    reading = sms(rows(SIDE_BY_SIDE[shape]))
    (order,) = reading.orders
    assert ends(order) == ("匡洪", "+8613505290011", "脱明", "+8613893120022")
    assert (order.pickup.address, order.consignee.address) == (
        "扬中市三茅镇环城南路7号",
        "兰州市七里河区西津西路300号",
    )
    assert (cargo(order)[0][:4], order.payment) == (("母线槽", Decimal(18), "件", Decimal(900)), "collect")
    assert reading.problems == ()


def test_a_table_on_its_side_holds_an_order_in_each_column(sms: Read) -> None:
    table = """
|第一票|第二票
发货人|通州家纺 瞿红|通州家纺 瞿红
发货电话|13814600011|13814600011
提货地|南通市通州区川姜镇志浩路6号|南通市通州区川姜镇志浩路6号
货物|被套|枕套
件数|20包|8包
重量|400kg|80kg
到站|洛阳|开封
收货人|焦先生|荆女士
收货电话|13837900022|13937800033
付款|到付|现付
"""
    orders = sms("两票如下\n\n" + rows(table)).orders
    assert [(o.destination, o.consignee.name, *o.consignee.phones, o.payment) for o in orders] == [
        ("洛阳", "焦先生", "+8613837900022", "collect"),
        ("开封", "荆女士", "+8613937800033", "prepaid"),
    ]
    assert [cargo(o)[0][:4] for o in orders] == [
        ("被套", Decimal(20), "包", Decimal(400)),
        ("枕套", Decimal(8), "包", Decimal(80)),
    ]


FORM = {
    "shipper": "发货人/Shipper", "phone": "电话/Tel", "pickup": "提货地址/Pick-up address", "goods": "货名/Goods",
    "to": "目的地/Destination", "consignee": "收货人/Consignee", "phone2": "电话/Tel", "pay": "付款/Payment",
}  # fmt: skip
VALUES = {
    "shipper": "江山门业 毛文军",
    "phone": "13857010011", "pickup": "衢州市江山市贺村镇淤头路2号", "goods": "木门 45樘 1350kg 9.6方",
    "to": "太原", "consignee": "晋门建材 阎先生", "phone2": "13803510022", "pay": "collect",
}  # fmt: skip
LAID_OUT = {
    "colon": "{}: {}",
    "wide gap": "{:<22}  {}",
    "leader": "{}......: {}",
    "tab": "{}\t{}",
    "bar": "| {} | {} |",
    "bracket": "【{}】{}",
}


@pytest.mark.parametrize("layout", LAID_OUT)
@pytest.mark.parametrize("language", ["both", "Chinese", "English"])
def test_a_bilingual_form_is_read_in_either_language(layout: str, language: str, sms: Read) -> None:
    labels = {k: v if language == "both" else v.split("/")[language == "English"] for k, v in FORM.items()}
    reading = sms("\n".join(LAID_OUT[layout].format(labels[k], VALUES[k]) for k in FORM))
    (order,) = reading.orders
    assert ends(order) == ("毛文军", "+8613857010011", "阎先生", "+8613803510022")
    assert (order.destination, order.payment) == ("太原", "collect")
    assert order.pickup.address == "衢州市江山市贺村镇淤头路2号"
    assert cargo(order) == [("木门", Decimal(45), "樘", Decimal(1350), Decimal("9.6"))]
    assert reading.problems == ()


@pytest.mark.parametrize("total", ["合计", "总计：", "小 计", "Total", "合计2票"])
def test_a_row_of_totals_is_neither_goods_nor_an_order(total: str, sms: Read) -> None:
    table = f"品名\t件数\t重量kg\n轴承\t12箱\t300\n轴套\t8箱\t160\n{total}\t20\t460"
    (order,) = sms("发货人：梁工 13702551188\n" + table + "\n发往：成都\n收货人：彭丽 13688001234").orders
    assert [c.name for c in order.cargo] == ["轴承", "轴套"]
    assert [c.weight_kg for c in order.cargo] == [Decimal(300), Decimal(160)]


def test_only_the_new_column_of_a_table_of_changes_is_kept(definitions: Definitions) -> None:
    text = fold("字段\t变更前\t变更后\n件数\t48件\t52件\n收货电话\t0453-6228015\t(未变更)", definitions)
    assert tables.labelled(text, definitions).shown == "件数: 52件"


@pytest.mark.parametrize(
    ("head", "cell", "read"),
    [
        ("重量(斤)", "640", (None, None, 320, None)), ("毛重kg", "420", (None, None, 420, None)),
        ("毛重/吨", "1.2", (None, None, 1200, None)), ("体积(m³)", "1.05", (None, None, None, "1.05")),
        ("箱数", "35", (35, "箱", None, None)), ("托数", "4", (4, "托", None, None)),
        ("件数", "35卷", (35, "卷", None, None)), ("毛重(KG)", "2,150.00", (None, None, 2150, None)),
        ("公斤", "88", (None, None, 88, None)), ("方", "2.5", (None, None, None, "2.5")),
    ],
)  # fmt: skip
def test_a_bare_figure_has_the_unit_of_its_head(head: str, cell: str, read: tuple[object, ...], sms: Read) -> None:
    (order,) = sms(f"{STANDING}\n品名\t{head}\t备注\n鞋\t{cell}\t").orders
    assert cargo(order) == [("鞋", *(v if v is None or v in "箱托卷" else Decimal(str(v)) for v in map(plain, read)))]


def plain(value: object) -> str | None:
    return None if value is None else str(value)


STANDING = (
    "发货人：梁工 13702551188\n提货：佛山市南海区里水镇和顺大道18号\n发往：成都\n收货人：彭丽 13688001234\n到付\n"
)


@pytest.mark.parametrize("head", ["单件重量", "单重(kg)", "每箱毛重(kg)", "G.W.(kg/ctn)", "件重", "单件毛重kg"])
def test_a_head_says_that_its_figures_are_of_one_package(head: str, sms: Read) -> None:
    (order,) = sms(f"{STANDING}\n品名\t箱数\t{head}\n鞋\t20\t12.5").orders
    assert cargo(order) == [("鞋", Decimal(20), "箱", Decimal(250), None)]


def test_what_only_the_totals_say_of_several_kinds_is_not_split(sms: Read) -> None:
    reading = sms(f"{STANDING}\n品名\t箱数\t毛重kg\n鞋\t20\t\n帽\t10\t\n合计\t30\t450")
    assert [(p.code, p.field) for p in reading.problems] == [("ambiguous", "cargo.weight_kg")]


def test_a_customer_is_the_receiver_once_the_sender_is_named(sms: Read) -> None:
    (order,) = sms(
        "货主：扬州洁源牙刷厂 巫厂长 13773456180\n装货：扬州市广陵区杭集镇曙光路22号\n货名：牙刷 118箱 944kg\n"
        "到货地：郑州\n客户：万邦日化 靳总\n客户电话：0371-56190027\n运费：由我厂付"
    ).orders
    assert ends(order) == ("巫厂长", "+8613773456180", "靳总", "+8637156190027")
    assert order.payment == "prepaid"


def test_a_receiving_warehouse_keeps_its_own_contact(sms: Read) -> None:
    (order,) = sms(
        "发货单位：常州兰陵制衣有限公司\n联系人/电话：许芳 0519-83277056\n提货地址：常州市天宁区郑陆镇工业路7号\n"
        "品名：风衣 32箱 384公斤\n目的地：宁波\n收货仓库：北仑港联仓储有限公司\n仓库联系人：孟小姐 0574-86177930\n"
        "仓库地址：宁波市北仑区霞浦街道嘉北路128号\n结算：月结"
    ).orders
    assert (order.consignee.name, order.consignee.company) == ("孟小姐", "北仑港联仓储有限公司")
    assert (order.pickup.contact, order.consignee.address) == (None, "宁波市北仑区霞浦街道嘉北路128号")


ENGLISH_BLOCKS = """Dear all, please arrange the pickup below.

Shipper:
Suzhou Kaida Precision Co., Ltd.
No. 188 Xinglong Street, Industrial Park, Suzhou
Attn: Mr. Zhou
Tel: +86 512 6288 1234

Consignee: Chengdu Weilian Electronics, Ms. Liu 139 8012 3456
Room 6, 66 Tianfu Third Street, High-tech Zone, Chengdu

Cargo: connectors
Packages: 24 cartons
G.W.: 312 kg
Destination: Chengdu
Our job no. KD-2603-11
Freight: collect
"""


def test_an_english_address_below_its_party_needs_no_label(sms: Read) -> None:
    reading = sms(ENGLISH_BLOCKS)
    (order,) = reading.orders
    assert order.pickup.address == "No. 188 Xinglong Street, Industrial Park, Suzhou"
    assert order.consignee.address == "Room 6, 66 Tianfu Third Street, High-tech Zone, Chengdu"
    assert ends(order) == ("Mr. Zhou", "+8651262881234", "Ms. Liu", "+8613980123456")
    assert [r.value for r in order.references] == ["KD-2603-11"]


@pytest.mark.parametrize(
    ("customer", "receiver"),
    [("客户：百佳鞋业\n客户电话：0571-88536620", "货主：晋江远达鞋材 柯总 13805950011")],
)
def test_a_customer_named_first_is_still_no_sender_where_one_is_named(customer: str, receiver: str, sms: Read) -> None:
    (order,) = sms(
        f"{customer}\n{receiver}\n提货：晋江市陈埭镇江滨路9号\n货：鞋底 20包 400公斤\n到付\n发往：杭州"
    ).orders
    assert ends(order) == ("柯总", "+8613805950011", "百佳鞋业", "+8657188536620")


def test_a_list_of_customers_is_a_list_of_receivers(sms: Read) -> None:
    table = "客户\t地址\t电话\t品名\t数量\t重量\n王总\t合肥市瑶海区长江东路500号\t13855110001\t合页\t20箱\t300kg\n"
    table += "刘总\t芜湖市镜湖区赭山路22号\t13855330002\t门吸\t10箱\t120kg"
    orders = sms(f"发货：揭阳市榕城区永东工业区 明发五金厂 黄少鸿 13802770003\n{table}\n月结").orders
    assert [ends(o) for o in orders] == [
        ("黄少鸿", "+8613802770003", "王总", "+8613855110001"),
        ("黄少鸿", "+8613802770003", "刘总", "+8613855330002"),
    ]


def test_what_is_said_of_the_carrier_is_nobodys(sms: Read) -> None:
    form = "托运方：飞达机电（盖章）\t承运方：顺驰\n联系人：梁志远\t联系人：小周\n电话：13906761234\t电话：13911112222"
    (order,) = sms(
        form + "\n提货地：台州市灵山街99号\n到达地：南昌\n收货方：洪都泵业\n电话：13870001122\n货名：水泵 35台"
    ).orders
    assert order.shipper.phones == ("+8613906761234",)
    assert (order.shipper.name, order.consignee.phones) == ("梁志远", ("+8613870001122",))


def test_a_number_of_the_next_line_is_no_freight(sms: Read) -> None:
    (order,) = sms(
        STANDING.replace("到付\n", "") + "6、货物：饰品 18件 260斤\n7、运费到付\n8、备注：送货前打电话"
    ).orders
    assert (order.payment, order.freight) == ("collect", None)


def test_a_row_of_bare_figures_below_a_list_is_its_total(sms: Read) -> None:
    (order,) = sms(f"{STANDING}\n品名\t箱数\t毛重kg\n鞋\t20\t250\n帽\t10\t80\n\t30\t330").orders
    assert [c.name for c in order.cargo] == ["鞋", "帽"]


def test_where_the_goods_stand_is_told_from_the_station_they_leave(sms: Read) -> None:
    (order,) = sms("发站：常州\n到站：贵阳\n货名：减速机 6件 1.8吨\n提货地址：常州市武进区湖塘镇延政路25号").orders
    assert (order.pickup.address, order.destination) == ("常州市武进区湖塘镇延政路25号", "贵阳")


def test_an_english_party_may_have_its_address_in_the_same_line(sms: Read) -> None:
    (order,) = sms(
        "SO#: 5500817\nShip From: Kunshan Delta Precision, 88 Huangpujiang Road, Kunshan, Jiangsu\n"
        "Contact: Mr. Shen / +86 139 1262 0011\nShip To: Wuhan Optics Instruments, 28 Guanggu Avenue, Wuhan\n"
        "Contact: Ms. Hu / 13971234567\nGoods: sensors, 12 ctns, 96 kgs\nTerms: Prepaid"
    ).orders
    assert (order.shipper.company, order.consignee.company) == ("Kunshan Delta Precision", "Wuhan Optics Instruments")
    assert order.pickup.address == "88 Huangpujiang Road, Kunshan, Jiangsu"
    assert order.consignee.address == "28 Guanggu Avenue, Wuhan"
    assert [(r.kind, r.value) for r in order.references] == [("booking", "5500817")]


@pytest.mark.parametrize(
    ("party", "address", "company"),
    [
        ("昆明 官渡区小板桥街道88号 滇华电器 13908712345 普总", "昆明官渡区小板桥街道88号", "滇华电器"),
        ("云南省昆明市官渡区小板桥街道88号 滇华电器 普总 13908712345", "云南省昆明市官渡区小板桥街道88号", "滇华电器"),
    ],
)
def test_a_town_before_an_address_belongs_to_it(party: str, address: str, company: str, sms: Read) -> None:
    (order,) = sms(
        f"【发】梁生 13702811234\n【提】佛山市和顺大道18号\n【收】{party}\n【货】电线 60卷 900公斤\n【付】到付"
    ).orders
    assert (order.consignee.address, order.consignee.company) == (address, company)
