"""Every check with an order that it finds something in, one that it does not, and what a site makes of the hit."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from ingestd.checks.assessing import Circumstances, assess
from ingestd.checks.rules import RULES
from ingestd.config.tables import Customer, Tables
from ingestd.config.trade import Depot, Fee, Goods, Lane
from ingestd.domain.assessment import Assessment, Finding
from ingestd.domain.reading import Charge, Delivery, OrderReading, Payment
from tests.unit.checks.cases import NOW, ORDER, TABLES, house

CUSTOMER = Customer(name="鞋厂", addresses=("wang@shoes.example",))
TRADE = Tables(
    **{
        **dict(TABLES),
        "words": TABLES.words.model_copy(
            update={
                "titles": ("先生", "经理", "哥", "生", "女士"), "familiar": ("哥",), "forms": ("ms", "mr"),
                "surnames": ("欧阳",), "nicknames": ("小", "阿"),
            }
        ),
        "lane": (Lane(to=("浙江省",), per_kg=Decimal("1.2"), per_m3=Decimal(260), minimum=Decimal(60), days=2),),
        "pickup": (Fee(name="装卸费", places=("汽配城",), per_kg=Decimal("0.05"), minimum=Decimal(10)),),
        "delivery": (Fee(name="上楼费", manners=(Delivery.UPSTAIRS,), amount=Decimal(100)),),
        "depot": (
            Depot(
                name="萧山", places=("浙江省",), manners=(Delivery.SELF_COLLECT, Delivery.DOOR, Delivery.UPSTAIRS),
                piece_kg=Decimal(500), shipment_kg=Decimal(5000), shipment_m3=Decimal(30),
            ),
        ),
        "prohibited": (
            Goods(kind="易燃固体", names=("打火机", "钾", "lighters")),
            Goods(kind="易燃液体", names=("酒精",), doubtful=("油漆",)),
            Goods(kind="枪支", names=("枪支",), doubtful=("枪",)),
        ),
        "sensitive": (Goods(kind="电池", names=("锂电池",), hint="防压防潮"),),
        "harmless": ("打火机盒", "枪支架", "玻璃胶", "cash register"),
    }
)  # fmt: skip


def assessed(content: OrderReading, customer: Customer = CUSTOMER, tables: Tables = TRADE) -> Assessment:
    return assess(content, (), Circumstances(customer, (), "", NOW, NOW), house(tables))[0]


def goods(name: str, kg: int = 200, m3: str = "2.2", pieces: int = 15) -> OrderReading:
    line = replace(ORDER.cargo[0], name=name, weight_kg=Decimal(kg), volume_m3=Decimal(m3), quantity=Decimal(pieces))
    return replace(ORDER, cargo=(line,))


def to(destination: str, address: str | None = None, name: str = "马先生") -> OrderReading:
    consignee = replace(ORDER.consignee, address=address, name=name)
    return replace(ORDER, destination=destination, consignee=consignee)


FOUND: list[tuple[OrderReading, str, Finding, str]] = [
    (goods("打火机"), "prohibited_goods", Finding.BLOCK, "打火机:易燃固体"),
    (goods("打火機"), "prohibited_goods", Finding.BLOCK, "打火機:易燃固体"),
    (goods("打火机配件"), "prohibited_part", Finding.REVIEW, "打火机配件:打火机:易燃固体"),
    (goods("打 火 机"), "prohibited_goods", Finding.BLOCK, "打 火 机:易燃固体"),
    (goods("玩具、打火机"), "prohibited_goods", Finding.BLOCK, "玩具、打火机:易燃固体"),
    (goods("打火机盒 打火机"), "prohibited_part", Finding.REVIEW, "打火机盒 打火机:打火机:易燃固体"),
    (goods("打火机盒装"), "prohibited_part", Finding.REVIEW, "打火机盒装:打火机:易燃固体"),
    (goods("油漆"), "prohibited_part", Finding.REVIEW, "油漆:油漆:易燃液体"),  # of water it may be carried
    (goods("玩具，枪"), "prohibited_part", Finding.REVIEW, "玩具，枪:枪:枪支"),
    (goods("Zippo LIGHTERS"), "prohibited_part", Finding.REVIEW, "Zippo LIGHTERS:lighters:易燃固体"),
    (goods("18650锂电池组"), "sensitive_goods", Finding.NOTE, "18650锂电池组:电池"),
    (goods("货物"), "too_general_goods", Finding.ASK, "货物"),
    (goods("配件", m3="25"), "density", Finding.REVIEW, "8 kg/m³"),
    (goods("机床", 4000, "4", 2), "too_heavy_piece", Finding.REVIEW, "2000 kg:500 kg"),
    (goods("配件", 5600, "20", 100), "too_big_shipment", Finding.REVIEW, "5600 kg:5000 kg"),
    (goods("泡棉", 900, "40", 100), "too_big_shipment", Finding.REVIEW, "40 m³:30 m³"),
    (to("乌鲁木齐"), "outside_delivery", Finding.REVIEW, "新疆维吾尔自治区乌鲁木齐市"),
    (to("河内"), "outside_delivery", Finding.REVIEW, "河内"),  # in no province: nobody may have seen it
    (to("朝阳区"), "ambiguous_place", Finding.ASK, "北京市朝阳区|吉林省长春市朝阳区"),
    (to("杭州", "浙江省深圳市宝安区西乡3号"), "place_contradiction", Finding.ASK, "浙江省|深圳市"),
    (to("宁波", "杭州市萧山区市心路1号"), "destination_differs", Finding.ASK, "浙江省宁波市|浙江省杭州市萧山区"),
    (replace(ORDER, delivery=Delivery.WAREHOUSE), "manner_not_offered", Finding.ASK, "warehouse:萧山"),
    (replace(ORDER, delivery=Delivery.SELF_COLLECT), "consignee_full_name", Finding.ASK, "马先生"),
    *((replace(to("杭州", name=name), hold=True), "consignee_full_name", Finding.ASK, name)
      for name in ("欧阳经理", "小龙哥", "阿强", "小王", "骆", "葉生", "Ms. Lin", "Jason")),
    (replace(ORDER, cod=Decimal(900)), "consignee_full_name", Finding.ASK, "马先生"),
    (replace(ORDER, hold=True), "consignee_full_name", Finding.ASK, "马先生"),
    (ORDER, "consignee_title", Finding.NOTE, "马先生"),
    (replace(ORDER, payment=Payment.MONTHLY), "payment_not_allowed", Finding.ASK, "monthly"),
    (ORDER, "extra_charge", Finding.CHARGE, "装卸费:10:汽配城"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "rule", "finding", "saw"), FOUND, ids=[f"{f[1]} {f[3]}" for f in FOUND])
def test_a_check_finds_what_it_looks_for(content: OrderReading, rule: str, finding: Finding, saw: str) -> None:
    assert [(h.finding, h.saw) for h in assessed(content).hits if h.rule == rule] == [(finding, saw)]


CLEAN: list[tuple[OrderReading, str]] = [
    (goods("打火机盒"), "prohibited_part"),  # harmless by the site's list
    (goods("钾肥"), "prohibited_part"),  # a single sign is no part
    (goods("胶枪"), "prohibited_part"),
    (goods("喷枪支架"), "prohibited_part"),
    (goods("highlighters"), "prohibited_part"),  # a word, not its end
    (goods("泡沫箱", m3="18"), "density"),  # 11 kg/m³
    (goods("配件"), "density"),
    (to("杭州", "杭州市萧山区市心路1号"), "destination_differs"),
    (to("萧山", "杭州市滨江区江南大道9号"), "destination_differs"),  # one city
    (to("杭州", "龙江灯饰城"), "destination_differs"),  # a shop's name, not 齐齐哈尔's county
    (to("鹤岗", "南山区红旗路2号"), "destination_differs"),  # the one there, not at home
    (to("杭州", "火车东站货场"), "outside_delivery"),  # the destination tells
    (to("浙江", "杭州市萧山区市心路1号"), "destination_differs"),
    (to("朝阳区", "北京市朝阳区建国路8号"), "ambiguous_place"),  # the address tells
    (to("杭州"), "outside_delivery"),
    (replace(ORDER, payment=Payment.COLLECT), "payment_not_allowed"),
    (to("杭州", name="马超"), "consignee_title"),
    (to("杭州", name="王海燕经理"), "consignee_title"),
    (to("杭州", name="王志偉先生"), "consignee_title"),
    (to("杭州", name="Mr. Fan Rui"), "consignee_title"),
    (to("杭州", name="王建工"), "consignee_title"),
    (replace(ORDER, delivery=Delivery.DOOR), "manner_not_offered"),
]


@pytest.mark.parametrize(("content", "rule"), CLEAN)
def test_a_check_leaves_alone_what_is_right(content: OrderReading, rule: str) -> None:
    assert rule not in {h.rule for h in assessed(content).hits}


def test_a_credit_stop_is_for_an_agent() -> None:
    stopped = CUSTOMER.model_copy(update={"credit_stop": True})
    assert ("credit_stop", Finding.REVIEW) in {(h.rule, h.finding) for h in assessed(ORDER, stopped).hits}


def test_an_ambiguous_destination_is_the_one_near_the_customers_home() -> None:
    northern = CUSTOMER.model_copy(update={"home": "吉林省"})
    assert assessed(to("朝阳区"), northern).delivery_place == "吉林省长春市朝阳区"


def test_every_rule_is_tried_here_or_where_decisions_are() -> None:
    elsewhere = {
        "missing_field",
        "invalid_phone",
        "unknown_area",
        "stale_message",
        "doubtful_reading",
        "second_shipment",
        "same_reference",
    }
    tried = {rule for _, rule, _, _ in FOUND} | elsewhere | {"credit_stop"}
    assert {rule.__name__ for rule, _ in RULES} == tried


def test_a_site_says_what_a_hit_means() -> None:
    strict = Tables(**{**dict(TRADE), "findings": {"sensitive_goods": "review"}})
    (hit,) = [h for h in assessed(goods("锂电池"), tables=strict).hits if h.rule == "sensitive_goods"]
    assert hit.finding is Finding.REVIEW


def test_places_charges_quote_and_hints_are_told() -> None:
    order = replace(goods("锂电池"), delivery=Delivery.UPSTAIRS, freight=None)
    made = assessed(order)
    assert (made.pickup_place, made.delivery_place) == ("广东省深圳市福田区", "浙江省杭州市")
    assert [(d.name, int(d.amount), d.because) for d in made.dues] == [
        ("装卸费", 10, "汽配城"),
        ("上楼费", 100, "upstairs"),
    ]
    assert made.quote is not None
    assert made.quote.freight == 572
    assert made.quote.days == 2
    assert made.hints == ("防压防潮",)


def test_what_was_agreed_on_by_its_name_is_not_charged_twice() -> None:
    agreed = replace(ORDER, charges=(Charge("装卸费", Decimal(50)),))
    assert assessed(agreed).dues == ()


def test_charges_that_a_site_only_notes_are_not_due() -> None:
    noting = Tables(**{**dict(TRADE), "findings": {"extra_charge": "note"}})
    assert assessed(ORDER, tables=noting).dues == ()
