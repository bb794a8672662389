"""Goods lines: figures in every wording, folded into lines of name, quantity, weight and volume."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from ingestd.domain.reading import Reading

Read = Callable[[str], Reading]
Line = tuple[str | None, float | None, str | None, float | None, float | None]
FORM = "发货人：王先生 13823033212\n提货地址：汽配城A区12栋\n{}\n发往：杭州\n收货人：马先生 0571-25852654\n付款：到付"
PROSE = "发货人王先生13823033212，提货地址汽配城A区12栋，{}，发杭州，收货人马先生0571-25852654，到付"


def lines_of(reading: Reading) -> list[Line]:
    (order,) = reading.orders
    return [(c.name, number(c.quantity), c.unit, number(c.weight_kg), number(c.volume_m3)) for c in order.cargo]


def number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def doubts_of(reading: Reading) -> list[tuple[str, str]]:
    return [(p.code.value, p.field) for p in reading.problems]


@pytest.mark.parametrize(
    ("written", "line"),
    [
        # for each piece: before, behind, times, carried over a slash or an "and", packed
        ("水龙头 75箱 单箱：18.4kg / 0.036m³", ("水龙头", 75, "箱", 1380, 2.7)),
        ("school bags, 85 ctns, each 14.5 kgs and 0.092 cbm", ("school bags", 85, "ctns", 1232.5, 7.82)),
        ("灯具28箱 28*11.5kg 62*48*35cm", ("灯具", 28, "箱", 322, 2.916)),
        ("布料20箱，25kg*20箱", ("布料", 20, "箱", 500, None)),
        ("红枣20斤装一箱，30箱", ("红枣", 30, "箱", 300, None)),
        ("红枣30箱（20斤/箱）", ("红枣", 30, "箱", 300, None)),
        ("电缆3盘 每盘1.2t", ("电缆", 3, "盘", 3600, None)),
        ("苹果600箱，每箱净重10斤、毛重11斤，总共12方", ("苹果", 600, "箱", 3300, 12)),
        ("保温桶48件，每件七公斤半，总体积3.84方", ("保温桶", 48, "件", 360, 3.84)),
        ("复印纸 200箱，每箱12.5kg,0.02方", ("复印纸", 200, "箱", 2500, 4)),
        # packages in pallets, one package a piece
        ("刀具 18托（内装 216 箱，以托交货），每托毛重 385 公斤，每托 1.32 CBM", ("刀具", 18, "托", 6930, 23.76)),
        ("助滤剂 280 袋，每袋 25 kg，打了 7 托，9.8 立方", ("助滤剂", 7, "托", 7000, 9.8)),
        (
            "电机，4台，一台一个木箱，总重 372 kg，每箱 80cm × 70cm × 65cm",
            ("电机", 4, "台", 372, 1.456),
        ),
        ("样品 俩托盘 半吨", ("样品", 2, "托盘", 500, None)),
        ("网线 两个托盘 共300公斤", ("网线", 2, "托盘", 300, None)),
        ("瓷砖 12托（每托40箱，每箱28公斤），总重13.44吨，18方", ("瓷砖", 12, "托", 13440, 18)),
        ("打印纸 2托 每托48箱 每箱12.5kg 尺寸1.2*1.0*1.4米每托", ("打印纸", 2, "托", 1200, 3.36)),
        ("注塑机配件 5件（3木箱+2托） 1,860KGS", ("注塑机配件", 5, "件", 1860, None)),
        ("苹果 600箱×15斤", ("苹果", 600, "箱", 4500, None)),
        # of which
        ("石板材 20件 约18吨 其中最重的一件1.2吨", ("石板材", 20, "件", 18000, None)),
        ("电缆 6盘，其中4盘每盘800公斤、2盘每盘1.1吨，共5.4吨", ("电缆", 6, "盘", 5400, None)),
        ("窗帘布 共 45 卷 , 1350 公斤 , 8.1 立方(长150*直径35cm一卷)", ("窗帘布", 45, "卷", 1350, 8.1)),
        # numbers
        ("瓷砖 61件 1吨350公斤 3.9方", ("瓷砖", 61, "件", 1350, 3.9)),
        ("齿轮 3托 1.236,0 kg", ("齿轮", 3, "托", 1236, None)),
        ("圆钢20件 3千5百斤", ("圆钢", 20, "件", 1750, None)),
        ("合页 36箱 640公斤 一立方二左右", ("合页", 36, "箱", 640, 1.2)),
        ("汉服 一共是九十六包 重量是一吨二体积是五方半", ("汉服", 96, "包", 1200, 5.5)),
        # taken back in the same text
        ("奶皮子30箱\n哦不对 32箱，一箱15斤，差不多两方", ("奶皮子", 32, "箱", 240, 2)),
        ("水管不是30箱，是32箱，500公斤", ("水管", 32, "箱", 500, None)),
        ("水管30箱，说错了，32箱，500公斤", ("水管", 32, "箱", 500, None)),
        # sides
        ("展架2箱 1米2*80cm*1米5 100kg", ("展架", 2, "箱", 100, 2.88)),
        ("展架2箱 1200*800*1500 100kg", ("展架", 2, "箱", 100, 2.88)),
        ("展架2箱 长1.2米*宽0.8米*高1.5米 100kg", ("展架", 2, "箱", 100, 2.88)),
        ("展架2箱 120(长)x80(宽)x150(高)cm 100kg", ("展架", 2, "箱", 100, 2.88)),
        ("机器 2件 120*80*100 和 100*60*50cm 300kg", ("机器", 2, "件", 300, 1.26)),
        ("机器 3件 120*80*100cm*3 300kg", ("机器", 3, "件", 300, 2.88)),
        # figures in names
        ("千斤顶100台 2500公斤 3.6方", ("千斤顶", 100, "台", 2500, 3.6)),
        ("6203轴承12箱 300公斤 1.2方", ("6203轴承", 12, "箱", 300, 1.2)),
        ("轴承 6205\n数量：12箱\n重量：300公斤", ("轴承6205", 12, "箱", 300, None)),
        ("LED 5050\n数量：12箱\n重量：300公斤", ("LED 5050", 12, "箱", 300, None)),
        ("40x40方管 20捆 3吨", ("40x40方管", 20, "捆", 3000, None)),
        ("电焊网 规格1米*30米 丝径0.9 共40卷 每卷65斤 6方", ("电焊网", 40, "卷", 1300, 6)),
        # as written
        ("LED panels 3 wooden crates, 120 x 90 x 150 cm each, gross weight 410 kg, net weight 340 kg",
         ("LED panels", 3, "wooden crates", 410, 4.86)),
        ("線束 2棧板 G.W. 640KGS", ("線束", 2, "棧板", 640, None)),
    ],
)  # fmt: skip
def test_a_goods_line_is_read_in_every_wording(written: str, line: Line, sms: Read) -> None:
    reading = sms(FORM.format(f"货物：{written}"))
    assert lines_of(reading) == [line]
    assert doubts_of(reading) == []


@pytest.mark.parametrize(
    ("written", "line"),
    [
        ("品名：螺栓\n数量：86\n包装：箱\n毛重(KG)：2,150.00\n体积(CBM)：1.72", ("螺栓", 86, "箱", 2150, 1.72)),
        ("品名：雨伞\n数量：38包\n重量（斤）：640\n体积（方）：2.6", ("雨伞", 38, "包", 320, 2.6)),
        ("品名：吊灯\n箱数：28\n每箱重量：11.5\n单箱体积：0.104", ("吊灯", 28, "箱", 322, 2.912)),
        ("品名：吊灯\n件数：28箱\n单件毛重：11.5kg\n外箱尺寸：62*48*35cm", ("吊灯", 28, "箱", 322, 2.916)),
        (
            "Cargo: gears\nPackages: 3 pallets (48 boxes)\nG.W.: 1,236.0 KGS\nN.W.: 1,152.0 KGS\nMeasurement: 3.9 CBM",
            ("gears", 3, "pallets", 1236, 3.9),
        ),
    ],
)
def test_the_label_gives_the_unit_or_says_each(written: str, line: Line, sms: Read) -> None:
    assert lines_of(sms(FORM.format(written))) == [line]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("20箱螺丝300公斤，10箱螺母200公斤", [("螺丝", 20, "箱", 300, None), ("螺母", 10, "箱", 200, None)]),
        ("不锈钢汤盆,90件,720公斤,5.4立方", [("不锈钢汤盆", 90, "件", 720, 5.4)]),
        ("三十箱红枣三百公斤1.2方", [("红枣", 30, "箱", 300, 1.2)]),
        ("微耕机八台一台九十五公斤", [("微耕机", 8, "台", 760, None)]),
        (
            "红茶20箱 300公斤，绿茶10箱 150公斤，合计30箱 450公斤 3方",
            [("红茶", 20, "箱", 300, None), ("绿茶", 10, "箱", 150, None)],
        ),
    ],
)
def test_several_kinds_have_their_own_figures(written: str, expected: list[Line], sms: Read) -> None:
    assert lines_of(sms(PROSE.format(written))) == expected


@pytest.mark.parametrize(
    ("written", "field"),
    [
        ("塑料鞋 十至十二件 约350公斤", "cargo.quantity"),
        ("螺丝七八箱 200公斤", "cargo.quantity"),
        ("布 十几箱 200公斤", "cargo.quantity"),
        ("螺丝10箱 螺母20箱 共500公斤", "cargo.weight_kg"),
        ("螺丝10箱 200公斤 总重300公斤", "cargo.weight_kg"),
        ("葵花籽60袋，一袋子40公斤，一共是3吨", "cargo.weight_kg"),
        ("机器 3件 120*80*100 和 100*60*50cm", "cargo.weight_kg"),
        ("打印纸 2托 每箱12.5kg", "cargo.weight_kg"),
    ],
)
def test_what_cannot_be_settled_is_ambiguous(written: str, field: str, sms: Read) -> None:
    reading = sms(FORM.format(f"货物：{written}"))
    assert doubts_of(reading) == [("ambiguous", field)]


def test_a_subject_that_says_another_weight_leaves_both_in_doubt(email: Callable[[bytes], Reading]) -> None:
    mail = "From: a@example.com\nSubject: {}\nContent-Type: text/plain; charset=utf-8\n\n" + FORM.format(
        "货物：水管 30箱 500公斤"
    )
    (order,) = (reading := email(mail.format("水管30箱 0.6吨").encode())).orders
    assert ([c.weight_kg for c in order.cargo], doubts_of(reading)) == ([None], [("ambiguous", "cargo.weight_kg")])
    assert doubts_of(email(mail.format("水管30箱 半吨").encode())) == []


@pytest.mark.parametrize(
    ("written", "field"),
    [("260310221再加5箱", "cargo.quantity"), ("260310221重量改一下，还要再加200来公斤", "cargo.weight_kg")],
)
def test_a_change_by_difference_is_open(written: str, field: str, sms: Read) -> None:
    assert doubts_of(sms(written)) == [("ambiguous", field)]
