"""Figures of goods as people say them: corrected in the same breath, told by the bag, and what are none."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from ingestd.domain.reading import Reading

Read = Callable[[str], Reading]
Line = tuple[str | None, float | None, str | None, float | None, float | None]
REST = "，提货地址宿迁市沭阳县庙头镇花木路18号，我叫仲伟13805241176，发到襄阳，收货人佟丽13971990087，到付"

SAID: dict[str, Line] = {
    "地板革30卷，不对，仓库又点了一遍，是33卷，共990公斤": ("地板革", 33, "卷", 990, None),
    "电缆盘8个，六百公斤，啊不是，吊牌写的六百四十公斤": ("电缆盘", 8, "个", 640, None),
    "轴瓦16箱，微信上说1.2吨，刚过磅是1.35吨，以这个为准": ("轴瓦", 16, "箱", 1350, None),
    "花生米120袋，袋子是100斤的": ("花生米", 120, "袋", 6000, None),
    "复合肥装的是50公斤的编织袋，200袋": ("复合肥", 200, "袋", 10000, None),
    "石雕佛像两尊，每尊1.1吨": ("石雕佛像", 2, "尊", 2200, None),
    "樱桃150框，每框6斤净重，毛重总共525公斤": ("樱桃", 150, "框", 525, None),
    "甜瓜 300箱，一箱净12斤毛13斤": ("甜瓜", 300, "箱", 1950, None),
    "竹凉席／380箱／7.6吨／9.5立方／每箱20kg无误": ("竹凉席", 380, "箱", 7600, 9.5),
    "稻种 200袋 20公斤一袋 5方": ("稻种", 200, "袋", 4000, 5),
    "32支纱160包4吨": ("32支纱", 160, "包", 4000, None),
    "寄一架二手钢琴，一共1件，260公斤": ("二手钢琴", 1, "件", 260, None),
    "要发20箱LED灯具，250公斤": ("LED灯具", 20, "箱", 250, None),
    "铜版纸60令，1.8吨": ("铜版纸", 60, "令", 1800, None),
    "铆钉33箱（@18kg） 1.65方": ("铆钉", 33, "箱", 594, 1.65),
    "电饭锅40件，13.2kg每件/合计3.75方": ("电饭锅", 40, "件", 528, 3.75),
    "毛毯25包，挤一挤六方就够了": ("毛毯", 25, "包", None, 6),
    "草莓苗90框，每框8公斤": ("草莓苗", 90, "框", 720, None),
    "仿古花窗一扇，木架60公斤": ("仿古花窗", 1, "扇", 60, None),
    "18 rolls wrapping paper 540 kg": ("wrapping paper", 18, "rolls", 540, None),
    "6 crates slate tiles, every crate weighs 400 kg": ("slate tiles", 6, "crates", 2400, None),
    "3 skids hydraulic oil, 1.5t": ("hydraulic oil", 3, "skids", 1500, None),
}


@pytest.mark.parametrize(("text", "line"), SAID.items(), ids=SAID)
def test_goods_with_their_figures_as_they_are_said(text: str, line: Line, sms: Read) -> None:
    (found,) = sms(text + REST).orders[0].cargo
    amounts = [None if n is None else float(n) for n in (found.quantity, found.weight_kg, found.volume_m3)]
    assert (found.name, amounts[0], found.unit, *amounts[1:]) == line


@pytest.mark.parametrize(
    "aside",
    ["运费一口价2600元", "运费月底跟别的一块结", "叫辆半挂来拉", "店里的一个闺女收货", "手机和固话两个都能找到我"],
)
def test_what_is_said_beside_goods_counts_no_goods(aside: str, sms: Read) -> None:
    lines = sms(f"打蜡机7台，210公斤，{aside}{REST}").orders[0].cargo
    assert [(line.name, int(line.quantity or 0), line.unit) for line in lines] == [("打蜡机", 7, "台")]


@pytest.mark.parametrize(
    ("asked", "vehicle"),
    [
        ("要一辆9米6的高栏车", "9米6的高栏车"),
        ("来个六米八厢车", "六米八厢车"),
        ("4米2的车装不下，来个6米8的高栏", "6米8的高栏"),
        ("叫辆半挂来拉", "半挂"),
        ("要带尾板的9.6米厢车", "带尾板的9.6米厢车"),
        ("冷藏车7.6米", "冷藏车7.6米"),
    ],
)
def test_a_truck_by_its_spoken_length_counts_no_goods(asked: str, vehicle: str, sms: Read) -> None:
    order = sms(f"南瓜12吨，{asked}{REST}").orders[0]
    assert (order.vehicle, [line.quantity for line in order.cargo]) == (vehicle, [None])


def test_somebody_called_by_a_weight_weighs_nothing(sms: Read) -> None:
    text = "李子340件，7吨，安远县欣山镇果业市场12号提，钟九斤13979741106，到上海江桥，收沙和平13301768854，到付"
    (line,) = sms(text).orders[0].cargo
    assert int(line.weight_kg or 0) == 7000


def test_a_package_times_a_number_counts(sms: Read) -> None:
    (line,) = sms(f"物品:水晶原石\n包装:木箱x7\n总重量:385公斤\n{REST[1:]}").orders[0].cargo
    assert (line.name, str(line.quantity), line.unit) == ("水晶原石", "7", "木箱")


def test_goods_counted_first_and_weighed_then_go_on_in_their_lines(sms: Read) -> None:
    cargo = sms(f"罗汉果20件+砂糖橘30件，罗汉果300公斤 砂糖橘600公斤{REST}").orders[0].cargo
    assert [(line.name, int(line.quantity or 0), int(line.weight_kg or 0)) for line in cargo] == [
        ("罗汉果", 20, 300),
        ("砂糖橘", 30, 600),
    ]


def test_what_is_counted_of_all_orders_together_is_no_orders_own(sms: Read) -> None:
    text = (
        "尹凤13908741126，曲靖市陆良县三岔河镇街心路9号提，腐乳90坛，分两票：\n"
        "第一票：60坛480公斤，到昆明，收货人段波13708840519，到付\n第二票：30坛240公斤，到大理，收货人杨柳13908720033，到付"
    )
    lines = [order.cargo for order in sms(text).orders]
    assert [[(line.name, int(line.quantity or 0)) for line in cargo] for cargo in lines] == [
        [("腐乳", 60)],
        [("腐乳", 30)],
    ]


def test_strokes_with_spaces_part_the_fields_of_a_line(sms: Read) -> None:
    text = "【货】石材桌面 / 8件 / 1吨2 / 0.9方 / 木架\n【提】云浮市云城区安塘街道初城石材基地\n【付】到"
    (line,) = sms(text).orders[0].cargo
    assert (line.quantity, line.weight_kg, line.volume_m3) == (Decimal(8), Decimal(1200), Decimal("0.9"))
