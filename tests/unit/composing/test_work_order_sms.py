"""The work order by text message, by domain.md §4: what is never cut, what gives way and in which order."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from ingestd.composing.composer import Composer
from ingestd.composing.sms_pieces import plain
from ingestd.composing.text_message import TextMessage
from ingestd.domain.order import OrderView
from ingestd.domain.reading import CargoLine, Charge, Consignee, OrderReading, Party, Payment, Pickup, Reference
from tests.thousands import piles
from tests.unit.composing.orders import CORPUS, EXAMPLE, NOON, ORDERS, ZONE, corpus_files, corpus_orders, view
from tests.unit.composing.sms_check import SIGNATURE, air_units, faults, one_run

STEPS = ["labels", "consignee", "delivery_money", "hints", "goods", "destination", "place"]  # domain.md §4
AFTER = ["itemised", "more_phones", "contact", "destination_whole", "goods_whole", "entry", "vehicle", "window"]
LONG_ADDRESS = "广东省深圳市宝安区福永街道凤凰第三工业区7栋"
Composers = dict[str, Composer]
FEWER = settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])


def sms(composer: Composer, content: OrderReading) -> TextMessage:
    return composer.work_order_sms(view(content), "zh")


def test_the_example_of_the_trade_comes_out_to_the_letter(composer: Composer) -> None:
    text = sms(composer, EXAMPLE)
    assert (
        text.parts[0]
        == "【顺驰物流】260310221提汽配城A12栋王先生13823033212配件15件200kg2.2方往杭州收320+装卸100工8011"
    )
    assert (
        text.parts[1]
        == "【顺驰物流】260310221 收货马先生0571-25852654 送杭州市江干区火车站东路3号 送货上门,易碎 工8011"
    )
    assert text.gave_way == ("labels", "consignee", "hints")


def test_a_short_order_keeps_its_spaces_and_labels_and_needs_no_second_part(composer: Composer) -> None:
    short = replace(EXAMPLE, consignee=Consignee(), delivery=None, remarks=None, freight=None, charges=())
    assert sms(composer, short) == TextMessage(
        ("【顺驰物流】260310221 提货汽配城A12栋 王先生 13823033212 配件15件200kg2.2方 发往杭州 现付 工8011",)
    )


# Properties over orders of every kind.


@given(order=ORDERS)
@FEWER
def test_no_part_is_ever_longer_than_its_message(composers: Composers, order: OrderView) -> None:
    for split, longest in (("one", 70), ("separate", 70), ("gateway", 134)):
        for part in composers[split].work_order_sms(order, "zh").parts:
            assert air_units(part) <= longest
            assert part.startswith(f"{SIGNATURE}{order.serial}")
            assert part.endswith("工8011")


@given(order=ORDERS)
@FEWER
def test_what_is_never_cut_can_be_read_from_part_one(composers: Composers, order: OrderView) -> None:
    for split in ("one", "separate"):
        parts = composers[split].work_order_sms(order, "zh").parts
        assert not parts or faults(parts[0], order) == []


@given(order=ORDERS)
@FEWER
def test_the_first_segment_of_a_gateway_holds_part_one_whole(composers: Composers, order: OrderView) -> None:
    for text in composers["gateway"].work_order_sms(order, "zh").parts:
        if air_units(text) <= 70:
            continue
        segment = text.encode("utf-16-be")[: 2 * 67].decode("utf-16-be")  # raises where a pair is torn
        part_one = segment[: segment.rindex("工8011") + len("工8011")]
        assert faults(part_one, order) == []


@given(order=ORDERS)
@FEWER
def test_steps_are_taken_in_the_order_of_the_trade(composers: Composers, order: OrderView) -> None:
    for composer in composers.values():
        gave_way = list(composer.work_order_sms(order, "zh").gave_way)
        assert gave_way == [step for step in STEPS + AFTER if step in gave_way]


@given(order=ORDERS)
@FEWER
def test_only_an_order_whose_uncuttable_content_is_too_long_is_given_up(composers: Composers, order: OrderView) -> None:
    if composers["separate"].work_order_sms(order, "zh").fits:
        return
    content = order.content
    lines = [one_run(list(content.cargo))] if len(content.cargo) > 1 and summable(content.cargo) else []
    shortest = min([*lines, "，".join(one_run([line]) for line in content.cargo)], key=len)
    most_spaces = 6
    rest = len("提") + shortest_landmark(composers["separate"], order) + len(shortest) + most_spaces
    money = len("等通知放货") * content.hold + len("现付+99999.9")
    assert len(SIGNATURE) + 9 + rest + len("0571-25852654转9999") + money + len("工8011") > 70


def summable(lines: tuple[CargoLine, ...]) -> bool:
    """Whether sums would be true: a total of weights that only some of the lines have is none."""
    return all(len({getattr(line, f) is None for line in lines}) == 1 for f in ("quantity", "weight_kg", "volume_m3"))


def shortest_landmark(composer: Composer, order: OrderView) -> int:
    address = plain(order.content.pickup.address)
    return min(air_units(a) for a in [address, *composer.fits["zh"].places.towards_landmark(address)])


@given(order=ORDERS)
@FEWER
def test_what_gave_way_is_in_part_two_or_named_as_left_out(composers: Composers, order: OrderView) -> None:
    text = composers["separate"].work_order_sms(order, "zh")
    gone = set(text.gave_way) - {"labels"}
    assert not text.fits or len(text.parts) == (2 if gone else 1)
    if "consignee" in gone - set(text.left_out):
        assert "收货" in "".join(text.parts)  # his name may have found room in part one, and his address not
    if "contact" in gone - set(text.left_out):
        assert "联系人" in text.parts[1]
    if "window" in gone - set(text.left_out):
        assert "提" in text.parts[1]


@given(order=ORDERS)
@FEWER
def test_what_came_back_into_part_one_is_not_in_part_two(composers: Composers, order: OrderView) -> None:
    text = composers["separate"].work_order_sms(order, "zh")
    words = {"contact": " 联系人", "more_phones": " 另有电话", "entry": " 进仓", "vehicle": " 要", "consignee": " 收货"}
    for step, word in words.items():
        assert step in text.gave_way or not any(word in part for part in text.parts[1:])
    assert {*text.left_out} <= {*text.gave_way, "consignee_address"} | {"goods", "destination"}


@given(order=ORDERS)
@FEWER
def test_no_contact_vehicle_or_entry_number_is_left_behind_that_would_fit(
    composers: Composers, order: OrderView
) -> None:
    composer = composers["separate"]
    text, most_spaces = composer.work_order_sms(order, "zh"), 2
    said = composer.fits["zh"].maker.said(order)
    for step, word in {"contact": "", "vehicle": "要", "entry": "进仓"}.items():
        if step in text.gave_way:
            assert air_units(text.parts[0]) + air_units(word + said[step]) + most_spaces > 70


# The corpus.


def test_the_corpus_is_not_empty_where_it_is_there() -> None:
    assert not CORPUS.exists() or corpus_files()


@pytest.mark.parametrize("pile", piles(corpus_files()))
def test_a_corpus_order_reads_back_from_its_text_message(composers: Composers, pile: list[Path]) -> None:
    wrong = {}
    for file in pile:
        for order in map(view, corpus_orders(file)):
            parts = composers["separate"].work_order_sms(order, "zh").parts
            assert all(air_units(part) <= 70 for part in parts), file.stem
            if parts and faults(parts[0], order):
                wrong[file.stem] = faults(parts[0], order)
    assert wrong == {}


# Case by case.


def test_goods_give_way_before_the_destination_and_the_destination_before_the_place(composer: Composer) -> None:
    pickup, lines = (
        Pickup("汽配城A12栋三号门"),
        (CargoLine("键盘、鼠标、耳机", Decimal(33), "箱", Decimal(412), Decimal("2.7")),),
    )
    goods = sms(composer, replace(EXAMPLE, pickup=pickup, cargo=lines))
    assert goods.gave_way[:4] == ("labels", "consignee", "hints", "goods")
    assert "键盘等33箱412kg2.7方" in goods.parts[0]
    town = sms(composer, replace(EXAMPLE, cargo=lines, destination="杭州江干火车站"))
    assert town.gave_way == ("labels", "consignee", "hints", "goods", "destination")
    assert "往杭州收" in town.parts[0]
    assert "发往杭州江干火车站" in town.parts[1]


def test_the_pickup_place_gives_way_to_its_landmark_and_never_below(composer: Composer) -> None:
    text = sms(composer, replace(EXAMPLE, pickup=Pickup(LONG_ADDRESS), destination="杭州"))
    assert "提福永街道凤凰第三工业区7栋王先生" in text.parts[0]  # one sum of the charges left room for the street
    assert "提货地址广东省深圳市宝安区… " in text.parts[1]
    endless = replace(EXAMPLE, pickup=Pickup("凤凰第三工业区" + "甲乙丙丁戊" * 10 + "仓库"))
    assert not sms(composer, endless).fits


def test_what_a_later_step_leaves_room_for_comes_back(composer: Composer) -> None:
    content = OrderReading(
        shipper=Party("王敏", None, ("+8613800138011",)),
        pickup=Pickup("创科路12号远达工业园3栋"),
        cargo=(CargoLine("蓝牙音箱", Decimal(24), "箱", Decimal(386), Decimal("2.9")),),
        destination="宁波",
        consignee=Consignee("周先生", None, ("+8657486880021",)),
        payment=Payment.MONTHLY,
        references=(Reference("entry", "HX2611-07"),),
    )
    text = sms(composer, content)
    assert text.parts == (
        "【顺驰物流】260310221提创科路12号远达工业园3栋王敏13800138011蓝牙音箱24箱386kg2.9方往宁波月结工8011",
        "【顺驰物流】260310221 进仓HX2611-07 收货周先生0574-86880021 工8011",
    )
    assert text.gave_way == ("labels", "consignee", "entry")


def test_the_words_cut_from_an_address_stand_in_part_two(composer: Composer) -> None:
    pickup = Pickup("厦门市同安区西柯镇美溪道思明工业园56号厂房一楼东侧装卸平台")
    text = sms(composer, replace(EXAMPLE, pickup=pickup, consignee=Consignee(), charges=()))
    [part_one, part_two] = text.parts
    assert "提思明工业园56号厂房王先生" in part_one
    assert "提货地址厦门市同安区西柯镇美溪道…一楼东侧装卸平台" in part_two
    assert "place" not in text.left_out


def test_an_order_without_room_for_its_uncuttable_content_says_so(composer: Composer) -> None:
    phones = ("+8675527665080;ext=21616",)
    pickup = Pickup("凤凰第三工业区七号综合保税仓库三楼东平台", "仓库老李", phones)
    content = replace(EXAMPLE, pickup=pickup, hold=True, freight=Decimal("12345.5"))
    text = sms(composer, content)
    assert not text.fits
    assert text.parts == ()


def test_with_one_part_only_what_the_trade_lets_give_way_does(composers: Composers) -> None:
    start, by = datetime(2026, 3, 11, 14, tzinfo=ZONE), datetime(2026, 3, 11, 16, 30, tzinfo=ZONE)
    content = replace(EXAMPLE, pickup=Pickup("汽配城A12栋", "仓库老李", (), start, by), vehicle="9.6米高栏")
    assert not sms(composers["one"], content).fits
    two = sms(composers["separate"], content)
    assert two.fits
    assert "vehicle" in two.gave_way
    assert "要9.6米高栏" in two.parts[1]


def test_nothing_is_collected_at_the_pickup_of_a_collect_order(composer: Composer) -> None:
    content = replace(EXAMPLE, payment=Payment.COLLECT, cod=Decimal(3500), declared_value=Decimal(20000))
    part_one, part_two = sms(composer, content).parts
    assert "到付" in part_one
    assert "320" not in part_one
    assert "3500" not in part_one
    assert "代收货款3500,到货收运费320,到货收装卸费100" in part_two


def test_cod_and_declared_value_are_never_among_what_is_collected_now(composer: Composer) -> None:
    content = replace(EXAMPLE, cod=Decimal(3500), declared_value=Decimal(20000))
    part_one = sms(composer, content).parts[0]
    assert "收320+装卸100" in part_one
    assert "3500" not in part_one
    assert "20000" not in part_one


def test_charges_become_one_sum_before_a_name_or_window_goes(composer: Composer) -> None:
    charges = (Charge("装卸费", Decimal(100)), Charge("打木架费", Decimal("150.5")))
    text = sms(composer, replace(EXAMPLE, charges=charges, cod=Decimal(3500)))
    assert "收570.5工8011" in text.parts[0]
    assert "收320+装卸100+打木架150.5" in text.parts[1]


def test_the_pickup_phone_is_the_pickups_own_or_else_the_shippers(composer: Composer) -> None:
    own = replace(EXAMPLE, pickup=Pickup("汽配城A12栋", "仓库老李", ("+8675583225577;ext=801",)))
    assert "仓库老李0755-83225577转801配件" in sms(composer, own).parts[0]
    assert "13823033212" not in sms(composer, own).parts[0]
    named = replace(EXAMPLE, pickup=Pickup("汽配城A12栋", "仓库老李"))
    assert "仓库老李13823033212" in sms(composer, named).parts[0]


def test_further_phones_give_way_and_the_first_stays(composer: Composer) -> None:
    shipper = Party("王先生", None, ("+8613823033212", "+8675583225577"))
    text = sms(composer, replace(EXAMPLE, shipper=shipper))
    assert "13823033212配件" in text.parts[0]
    assert "另有电话0755-83225577" in text.parts[1]


def test_several_kinds_become_the_first_with_all_their_figures_summed(composer: Composer) -> None:
    cargo = (
        CargoLine("彩盒", Decimal(40), "包", Decimal(600), Decimal("1.9")),
        CargoLine("纸卡", Decimal(15), "包", Decimal("330.5"), Decimal("0.7")),
    )
    text = sms(composer, replace(EXAMPLE, cargo=cargo, consignee=Consignee("马先生"), delivery=None, remarks=None))
    assert "彩盒等2种55包930.5kg2.6方" in text.parts[0]
    assert "货物彩盒40包600kg1.9方，纸卡15包330.5kg0.7方" in text.parts[1]


def test_kinds_that_lack_what_others_have_are_never_summed(composer: Composer) -> None:
    cargo = (
        CargoLine("彩盒", Decimal(40), "包", Decimal(600), None),
        CargoLine("纸卡", Decimal(15), "包", None, Decimal("0.7")),
    )
    part_one = sms(composer, replace(EXAMPLE, cargo=cargo)).parts[0]
    assert "40包600kg，" in part_one
    assert "15包0.7方" in part_one


def test_figures_and_words_never_run_into_each_other(composer: Composer) -> None:
    cargo = (CargoLine("5号电池M8", Decimal(40), None, Decimal(600), None),)
    bare = replace(EXAMPLE, pickup=Pickup("汽配城A28"), shipper=Party(None, None, ("+8613823033212",)), cargo=cargo)
    part_one = sms(composer, replace(bare, consignee=Consignee("马先生" * 12))).parts[0]
    assert "提汽配城A28 13823033212 5号电池M8 40件600kg往杭州" in part_one


def test_a_character_of_two_units_counts_two_and_is_never_torn(composer: Composer) -> None:
    cargo = (CargoLine("𠮷" * 20, Decimal(15), "件", Decimal(200), None),)
    part_one = sms(composer, replace(EXAMPLE, cargo=cargo)).parts[0]
    assert air_units(part_one) <= 70
    assert "𠮷等15件200kg" in part_one


@pytest.mark.parametrize("length", range(1, 9))
def test_a_gateways_cut_never_tears_a_character_of_two_units(composers: Composers, length: int) -> None:
    content = replace(
        EXAMPLE, pickup=Pickup("门" * length), charges=(), consignee=Consignee("𠮷" * 30), remarks="送货前电联" * 4
    )
    [text] = sms(composers["gateway"], content).parts
    segment = text.encode("utf-16-be")[: 2 * 67]
    assert segment.decode("utf-16-be") in text
    assert air_units(text) <= 134


@pytest.mark.parametrize(
    ("start", "by", "told"),
    [
        (None, (10, 15, 0), "15点前提"),
        (None, (11, 15, 30), "11日15:30前提"),
        ((11, 14, 0), None, "11日14点后提"),
        ((11, 15, 0), (11, 15, 0), "11日15点提"),
        ((11, 14, 0), (11, 16, 30), "11日14点-16:30提"),
        ((11, 0, 0), (11, 12, 0), "11日上午提"),
        ((10, 12, 0), (10, 18, 0), "下午提"),
        ((11, 0, 0), (12, 0, 0), "11日提"),
        (None, (12, 0, 0), "11日内提"),
    ],
)
def test_a_pickup_window_is_told_as_a_dispatcher_would(
    composer: Composer, start: tuple[int, int, int] | None, by: tuple[int, int, int] | None, told: str
) -> None:
    at = [datetime(2026, 3, *moment, tzinfo=ZONE) if moment else None for moment in (start, by)]
    if by and by[1:] == (0, 0):  # the contract writes the end of a day as its last second
        at[1] = (at[1] or NOON) - timedelta(seconds=1)
    content = replace(EXAMPLE, pickup=Pickup("汽配城A12栋", None, (), *at), charges=(), destination=None)
    assert told in sms(composer, content).parts[0]


def test_entry_number_hold_and_vehicle_stand_in_part_one_where_there_is_room(composer: Composer) -> None:
    content = OrderReading(
        shipper=Party("王", None, ("+8613823033212",)),
        pickup=Pickup("汽配城A12"),
        cargo=(CargoLine("配件", Decimal(15), "件", Decimal(200), None),),
        payment=Payment.MONTHLY,
        vehicle="尾板车",
        hold=True,
        references=(Reference("entry", "SZX26031"),),
    )
    part_one = sms(composer, content).parts[0]
    assert "尾板车" in part_one
    assert "等通知放货" in part_one
    assert "SZX26031" in part_one
    assert "月结" in part_one


def test_brackets_of_a_signature_do_not_come_from_the_shipper(composer: Composer) -> None:
    part_one = sms(composer, replace(EXAMPLE, pickup=Pickup("【中奖】汽配城\nA12"))).parts[0]
    assert part_one.count("【") == part_one.count("】") == 1
    assert "\n" not in part_one


def test_an_english_work_order_keeps_to_the_same_rules(composer: Composer) -> None:
    for part in composer.work_order_sms(view(EXAMPLE), "en").parts:
        assert air_units(part) <= 70
        assert part.startswith("【顺驰物流】260310221")
        assert part.endswith("#8011")
