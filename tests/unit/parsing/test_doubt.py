"""Each rule of doubt, with an order that it doubts and one like it that it leaves alone."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from ingestd.domain.reading import CargoLine, Consignee, OrderReading, Party, Pickup
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.doubt import RULES
from ingestd.parsing.draft import Draft, Found
from ingestd.parsing.items import Item, Kind
from ingestd.parsing.scanning import scan
from ingestd.parsing.text import fold
from ingestd.parsing.unread import Coverage, Suspect
from tests.unit.parsing.conftest import Read

ORDER = {
    "shipper": "发货人：倪春梅 13822770500",
    "pickup": "提货地址：佛山市顺德区乐从镇新华路66号",
    "goods": "货物：沙发12件，480公斤，9.6方",
    "to": "发往：昆明",
    "consignee": "收货人：段师傅 15938710200",
    "payment": "付款方式：到付",
    "more": "",
}
COMPANY = "发货公司：佛山明珠家具有限公司"
CONTACT = "\n提货联系人：库管老矫 18561337209"
ENGLISH = """Hello
we have 12 cartons of lamps, 480 kg, 9.6 cbm.
Shipper: Mr. Ho 13822770500
{pickup}
Destination: Kunming
Consignee: Ms. Duan, 15938710200
Freight collect"""


def order(**lines: str) -> str:
    """The text of a complete order with some of its lines exchanged."""
    return "\n".join(line for line in (ORDER | lines).values() if line)


TWO = """两票货，两家供应商提：
=== 第一票 ===
供应商：永明灯饰厂 倪小姐 13822770500
提货地址：佛山市顺德区乐从镇新华路66号
货物：沙发12件，480公斤，9.6方
发往：昆明
收货人：段师傅 15938710200
运费：到付
=== 第二票 ===
供应商：恒艺家具厂 霍先生 18022709341
{pickup}货物：餐椅48件，336公斤，9.6方
发往：贵阳
收货人：那女士 13708510200
运费：到付
备注：包装同上"""
DOUBTED = [
    ("label_in_field:destination", order(to="发往：昆明付费")),
    ("label_in_field:consignee.address", order(more="交貨点地址昆明市官渡区春城路9号")),
    (
        "label_in_field:consignee.name",
        ENGLISH.format(pickup="Pickup: No. 6 Xinhua Road, Foshan").replace(" Duan,", " DuanTel:"),
    ),
    ("talk_in_field:pickup.address", order(pickup="佛山的货已经备好了", goods="货物：沙发12件，480公斤")),
    ("cut_short:cargo.weight_kg", order(goods="货物：沙发 12件 2 480公斤 9.6方")),
    ("weak_place:consignee.address", order(more="送货要上楼(3楼)")),
    ("net_only:cargo.weight_kg", order(goods="货物：沙发12件，净重480公斤，9.6方")),
    ("borrowed:shipper.phones", order(shipper=COMPANY, pickup=ORDER["pickup"] + CONTACT)),
    ("scattered:shipper.phones", order(shipper=ORDER["shipper"], more="发货人电话：18561337209")),
    ("unknown_label:consignee.phones", order(consignee="收货人：段师傅\n个画：15938710200")),
    ("unread_party:consignee.name", order(consignee="收货人：段师傅 15938710200\n收货人：仇女士")),
    ("leftover_data", order(more="还有那个5521的事")),
    ("outvoted:pickup.address", order(goods="货物：沙发12件，480公斤，9.6方\n佛山市南海区桂澜路77号")),
    ("leftover_data", order(goods="货物：沙发12件，480公斤，9.6方\n昭通乌蒙果品有限公司")),
    ("competing:phones", order(consignee="收货人：段师傅 13822770500")),
    ("borrowed:shipper.phones", order(shipper="", pickup=ORDER["pickup"] + "，找库管老矫 18561337209")),
    ("odd_end:pickup.address", order(pickup="提货地址：佛山市顺德区勒流街道港口路26号 17 30前")),
    ("odd_end:pickup.address", order(pickup="佛山市顺德区乐从镇新华路66号大伙都晓得")),
    ("begins_twice:pickup.address", order(pickup="都在乐从厂里提佛山市顺德区乐从镇新华路66号")),
    ("begins_twice:consignee.address", order(more="收货地址：昆明市官渡区春城路9号昆明那边的铺面")),
    ("numbered:pickup.address", "1、" + order(pickup="提货地址：佛山市乐从镇新华路66号2、品名：沙发3、件数：12件")),
    ("numbered:pickup.address", "一、" + order(pickup="提货地址：佛山市乐从镇新华路66号二、品名：沙发三、件数：12件")),
    ("competing:pickup.address", order(pickup="提货地址：昆明")),
    ("competing:pickup.address", order(pickup="提货地址：佛山市顺德区乐从镇昆明")),
    ("low_support:pickup.address", order(pickup="提货地址 佛山市顺德区乐从镇新华路66号两票")),
    ("signed:consignee.name", order(consignee="收货电话：15938710200", more="邹老三")),
    ("shared:pickup.address", TWO.format(pickup="")),
    ("outvoted:consignee.address", order(more="收货地址：昆明市官渡区春城路9号\n货送到昆明市五华区人民路18号")),
    ("outvoted:pickup.address", order(more="其中10箱从义乌提，义乌市福田街道银海路5号")),
    ("clerk:freight", order(payment="到付  8006")),
    ("competing:consignee.name", order(consignee="收货人：倪春梅 15938710200")),
    ("implausible:density", order(goods="货物：沙发12件，480公斤，0.01方")),
    ("unread_rest:consignee.address", order(more="收货地址：收下司工地")),
    ("between_phones:shipper.phones", order(shipper="发货人：倪春梅 13822770500 装货打库管老矫 18561337209")),
    ("no_town:destination", order(to="发往：昆明人民医院", more="收货地址：昆明市官渡区春城路9号")),
    ("inverted:pickup.by", order(more="后天14点以后来拿就行，后天中午前来提")),
]
PLAIN = [
    TWO.format(pickup="提货地址：中山市古镇镇同兴路5号\n"),
    order(shipper="", pickup=ORDER["pickup"] + "，找货主倪春梅 18561337209"),
    order(payment="到付 800"),
    order(consignee="收货人：段师傅 15938710200", more="倪春梅"),
    order(),
    order(to="发往：昆明官渡区"),
    order(pickup="提货地址：佛山市顺德区（乐从镇）新华路66号"),
    order(goods="货物：沙发 12件 2480公斤 9.6方"),
    order(goods="货物：沙发12件，净重460公斤，毛重480公斤，9.6方"),
    order(shipper=COMPANY + "\n发货人：倪春梅 13822770500", pickup=ORDER["pickup"] + CONTACT),
    order(shipper="发货人：倪春梅 13822770500 / 0757-28330011"),
    order(consignee="收货人：段师傅\n电话：15938710200"),
    order(more="备注：每件40公斤"),
    order(shipper="发货人：倪春梅 13822770500，打不通就打 18561337209"),
    order(to="发往：昆明", more="昆明那边有人收"),
    ENGLISH.format(pickup="Pickup address: No. 6 Xinhua Road, Shunde District, Foshan"),
    "1、" + order(pickup="提货地址：佛山市乐从镇新华路66号 2、品名：沙发 3、件数：12件"),
]


@pytest.mark.parametrize(("reason", "text"), DOUBTED)
def test_what_looks_misread_is_a_reason_to_look(reason: str, text: str, sms: Read) -> None:
    assert reason in sms(text).review


@pytest.mark.parametrize("text", PLAIN)
def test_what_looks_alike_and_is_plain_is_not_doubted(text: str, sms: Read) -> None:
    reading = sms(text)
    assert (reading.problems, reading.review) == ((), ())


def test_an_address_that_no_word_leads_to_in_another_town_than_the_goods_go_to_is_doubted(sms: Read) -> None:
    assert sms(order(goods="货物：沙发12件，480公斤，9.6方\n大理市经开区云岭路77号")).review


# --- rules whose misreadings the reader hardly makes: drafts made by hand ---


def suspect(
    definitions: Definitions,
    order: OrderReading,
    finds: Iterable[tuple[str, Found]] = (),
    *,
    text: str = "",
    items: Iterable[Item] = (),
) -> Suspect:
    """An order with the finds that it was made of."""
    draft = Draft(fold(text, definitions))
    for path, found in finds:
        draft.finds.setdefault(path, []).append(found)
    return Suspect(order, draft, Coverage(tuple(items), (draft,)), definitions)


def fields(rule: str, asked: Suspect) -> list[str]:
    return list(RULES[rule](asked))


@pytest.mark.parametrize(
    ("name", "doubted"),
    [("段师傅", False), ("请段师傅", True), ("段师傅电话", True), ("段师傅138227", True), ("很长" * 8, True)],
)
def test_a_name_with_words_of_no_field_digits_or_too_many_signs_has_low_support(
    name: str, doubted: bool, definitions: Definitions
) -> None:
    found = fields("low_support", suspect(definitions, OrderReading(consignee=Consignee(name))))
    assert found == ["consignee.name"] * doubted


def test_a_kind_without_a_figure_among_others_has_low_support(definitions: Definitions) -> None:
    weighed, bare = CargoLine("沙发", weight_kg=480), CargoLine("椅子")  # type: ignore[arg-type]
    assert fields("low_support", suspect(definitions, OrderReading(cargo=(weighed, bare)))) == ["cargo.weight_kg"]
    assert fields("low_support", suspect(definitions, OrderReading(cargo=(weighed, weighed)))) == []


@pytest.mark.parametrize(("name", "doubted"), [("Ms. Duan mobile", True), ("Phone Ho", True), ("Ms. Duan", False)])
def test_an_english_label_at_an_end_of_a_name(name: str, doubted: bool, definitions: Definitions) -> None:
    assert fields("label_in_field", suspect(definitions, OrderReading(Party(name)))) == ["shipper.name"] * doubted


def test_a_name_that_is_the_end_of_a_misspelt_label(definitions: Definitions) -> None:
    for text, doubted in (("联系方试15855403918", True), ("姓名方试15855403918", False)):
        found = [("shipper.name", Found("方试", 2, 4, "party.name"))]
        asked = suspect(definitions, OrderReading(Party("方试")), found, text=text)
        assert fields("label_in_field", asked) == ["shipper.name"] * doubted


@pytest.mark.parametrize(
    ("address", "doubted"), [("二方坪山碧岭路口", True), ("三元里大道3号", False), ("18号楼", False)]
)
def test_a_place_that_begins_with_a_figure_of_the_goods(address: str, doubted: bool, definitions: Definitions) -> None:
    asked = suspect(definitions, OrderReading(pickup=Pickup(address)))
    assert fields("figure_in_field", asked) == ["pickup.address"] * doubted


def test_one_bracket_of_two_is_half_of_something(definitions: Definitions) -> None:
    for address, doubted in (("我店里拿（虎门白沙3排18号", True), ("虎门（白沙）3排18号", False)):
        asked = suspect(definitions, OrderReading(pickup=Pickup(address)))
        assert fields("cut_short", asked) == ["pickup.address"] * doubted


@pytest.mark.parametrize(("text", "doubted"), [("今天有货发", True), ("今天来提货", False), ("今天下午有货发", False)])
def test_today_alone_without_a_word_of_fetching(text: str, doubted: bool, definitions: Definitions) -> None:
    items = scan(fold(text, definitions), definitions)
    found = [("pickup.by", Found("", 0, 2, "time"))]
    asked = suspect(definitions, OrderReading(), found, text=text, items=items)
    assert fields("bare_day", asked) == ["pickup.by"] * doubted


def test_an_english_address_that_goes_on_is_cut_short(definitions: Definitions) -> None:
    for text, doubted in (("at Unit 5, Fuqiang Park", True), ("at Unit 5, thanks", False), ("at Unit 5\nPark", False)):
        folded = fold(text, definitions)
        found = [("pickup.address", Found("at Unit 5", 0, 9, "address"))]
        items = scan(folded, definitions)
        asked = suspect(definitions, OrderReading(pickup=Pickup("at Unit 5")), found, text=text, items=items)
        assert fields("cut_short", asked) == ["pickup.address"] * doubted


@pytest.mark.parametrize(
    ("town", "rule", "doubted"),
    [
        ("中山云创数据", "town", True),
        ("中山云创数据", "label.place", False),
        ("中山", "town", False),
        ("中山火炬区", "town", False),
    ],
)
def test_a_town_that_other_words_follow_is_a_weak_place(
    town: str, rule: str, doubted: bool, definitions: Definitions
) -> None:
    found = [("destination", Found(town, 0, len(town), rule))]
    asked = suspect(definitions, OrderReading(destination=town), found, text=town)
    assert fields("weak_place", asked) == ["destination"] * doubted


UNREAD = [
    ("unread_weight", "总重量830公斤", ["cargo.weight_kg"]),
    ("unread_weight", "每袋25公斤", []),
    ("unread_time", "明天下午3点来提", ["pickup.by"]),
    ("unread_time", "昨天来提的那票", []),
    ("unread_time", "每天营业到晚上8点", []),
    ("unread_sum", "代收货款3500", ["cod"]),
    ("unread_sum", "3500件", []),
]


@pytest.mark.parametrize(("rule", "text", "expected"), UNREAD)
def test_what_a_text_says_and_no_field_holds(
    rule: str, text: str, expected: list[str], definitions: Definitions
) -> None:
    items = scan(fold(text, definitions), definitions)
    assert fields(rule, suspect(definitions, OrderReading(), text=text, items=items)) == expected


def test_what_a_field_holds_or_a_label_says_to_be_no_data_is_not_unread(definitions: Definitions) -> None:
    text = "代收货款3500"
    items = scan(fold(text, definitions), definitions)
    found = [("cod", Found(3500, 0, len(text), "money.cod"))]
    assert fields("unread_sum", suspect(definitions, OrderReading(), found, text=text, items=items)) == []
    carrier = "承运商：顺风物流 代收货款3500"
    items = scan(fold(carrier, definitions), definitions)
    assert any(i.kind is Kind.LABEL for i in items)
    assert fields("unread_sum", suspect(definitions, OrderReading(), text=carrier, items=items)) == []


# --- leftovers ---

IDLE = [
    order(more="型号 HD-500，批号20260301"),
    order(more="保质期12个月"),
    order(more="月台高1.2米，门口200米内禁停"),
    order(more="货卖了18年了"),
    order(more="QQ 12345678"),
    order(more="业务员：王涛"),
    order(more="从高速下来左转500米就是"),
    order(more="有事找我，24小时开机"),
    order(more="开13%的专票"),
    order(more="仓库在二楼"),
    order(more="上次少了2箱，这次要点清"),
    order(goods="里面有镜子，易碎\n" + ORDER["goods"]),
    order(more="\n佛山明珠家具 倪春梅"),
    order(to="发往：昆明", more="货到昆明站"),
    order(more="还是老规矩"),
    "祝总好，今天有一票：\n" + order(),
    "致：快达物流有限公司\n" + order(),
    order(more="佛山明珠家具有限公司\n2026年3月10日"),
    order(shipper="发货人：佛山明珠家具有限公司 倪春梅 13822770500", more="我们佛山明珠家具有限公司天天走货"),
    order(more="那边没有电梯，得扛上四楼"),
    order(more="厂门口修路大车进不来"),
    order(more="冷藏保持零下18度"),
    order(more="专注沙发20年"),
    order(payment="付款方式：月结（A17账户）"),
    order(more="外箱唛头 LIN/KM-77"),
    order(more="发票抬头照旧开昆明段记家居有限公司"),
    order(more="13号我不在厂里"),
    order(more="[8021"),
]


@pytest.mark.parametrize("text", IDLE)
def test_greetings_signatures_hints_and_names_said_again_are_no_leftover_data(text: str, sms: Read) -> None:
    reading = sms(text)
    assert (reading.problems, reading.review) == ((), ())


def test_a_town_and_a_name_in_a_partys_field_are_a_weak_place(definitions: Definitions) -> None:
    for site, doubted in (("中山市小榄镇恒炬锁业", True), ("中山市小榄镇工业大道南5号", False)):
        find = ("pickup.address", Found(site, 0, len(site), "party.address"))
        asked = suspect(definitions, OrderReading(pickup=Pickup(site)), [find], text=site)
        assert fields("weak_place", asked) == ["pickup.address"] * doubted


def test_a_phone_of_the_other_party_is_no_further_one_of_this_party(sms: Read) -> None:
    reading = sms(order(more="\n倪春梅 13822770500"))
    assert reading.orders[0].consignee.phones == ("+8615938710200",)


@pytest.mark.parametrize(
    ("said", "day"), [("最晚后天到", 12), ("12号必须到", 12), ("车明天到", None), ("12号前到就行", 12)]
)
def test_goods_that_are_there_by_a_day_have_a_deadline_and_a_truck_that_comes_has_none(
    said: str, day: int | None, sms: Read
) -> None:
    found = sms(order(more=said)).orders[0].deliver_by
    assert (found.day if found else None) == day


@pytest.mark.parametrize(("said", "upstairs"), [("送上三楼", True), ("帮忙扛到5楼", True), ("仓库在三楼", False)])
def test_a_floor_that_goods_are_brought_to_is_upstairs(said: str, upstairs: bool, sms: Read) -> None:
    assert (sms(order(more=said)).orders[0].delivery == "upstairs") is upstairs


@pytest.mark.parametrize(
    ("said", "rule", "doubted"),
    [
        ("合肥周谷堆", "subject.cue.place", True),
        ("合肥周谷堆", "cue.place", False),
        ("合肥那边的人", "subject.cue.place", False),
    ],
)
def test_a_town_of_the_subject_of_which_the_text_says_more(
    said: str, rule: str, doubted: bool, definitions: Definitions
) -> None:
    town = Found("合肥", 0, 0, rule, "合肥")
    asked = suspect(definitions, OrderReading(destination="合肥"), [("destination", town)], text=said)
    asked.draft.leftovers.append(Found(said, 0, len(said), "words"))
    assert fields("unread_rest", asked) == ["destination"] * doubted
