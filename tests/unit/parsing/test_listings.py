"""Several orders in one message, set apart by lines, clauses and words alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ingestd.domain.reading import Reading

Read = Callable[[str], Reading]
HEAD = "发货人：邵芳 13905711234，提货地址：杭州市余杭区塘栖镇工业路8号，"
FIRST, SECOND = "台灯12箱180公斤", "插座5箱60公斤"
ONE, OTHER = "收货金先生13512345678", "收货许小姐13612345678"


@pytest.mark.parametrize(
    "written",
    [
        f"{HEAD}到付\n{FIRST} 到成都 {ONE}\n{SECOND} 到南充 {OTHER}",
        f"{HEAD}到付\n【1】{FIRST} 到成都 {ONE}\n【2】{SECOND} 到南充 {OTHER}",
        f"{HEAD}到付：①{FIRST}到成都，{ONE}②{SECOND}到南充，{OTHER}",
        f"{HEAD}到付\nA 到站 成都 {FIRST} {ONE}\nB 到站 南充 {SECOND} {OTHER}",
        f"{HEAD}共两票。{FIRST}到成都，{ONE}；{SECOND}到南充，{OTHER}。都到付。",
        f"{HEAD}到付。{FIRST}到成都，{ONE}；另外{SECOND}到南充，{OTHER}",
        f"{HEAD}到付\n头一票：{FIRST}，发成都，{ONE}\n末一票：{SECOND}，发南充，{OTHER}",
        f"{HEAD}{FIRST}到成都，{ONE}。同一个地方还有一票{SECOND}，发南充，{OTHER}。两票都到付",
        f"{HEAD}{FIRST}到成都，{ONE}。还有一单 提货地一样 {SECOND}，发南充，{OTHER}。统一到付",
        f"{HEAD}{FIRST} 到成都 {ONE} 到付，{SECOND} 到南充 {OTHER} 到付",
        f"{HEAD}到付\n3月12号来提：\n{FIRST} → 成都，{ONE}\n3月12号来提：\n{SECOND} → 南充，{OTHER}",
    ],
)
def test_orders_are_told_apart_by_their_look(written: str, sms: Read) -> None:
    reading = sms(written)
    told: list[tuple[object, ...]] = [
        (o.shipper.name, o.cargo[0].name, o.cargo[0].quantity, o.destination, o.consignee.name, str(o.payment))
        for o in reading.orders
    ]
    assert told == [
        ("邵芳", "台灯", 12, "成都", "金先生", "collect"),
        ("邵芳", "插座", 5, "南充", "许小姐", "collect"),
    ]


@pytest.mark.parametrize(
    "written",
    [
        f"{FIRST} 发货人：邵芳 13905711234\n提货地址：杭州市余杭区塘栖镇工业路8号\n到成都 {ONE} 到付",
        f"{HEAD}到付\n{FIRST}\n{SECOND}\n到成都 {ONE}",
        f"{HEAD}到付，{FIRST}，{SECOND}，到成都，{ONE}，电话没人接打13612345678",
    ],
)
def test_several_lines_with_figures_are_one_order(written: str, sms: Read) -> None:
    assert len(sms(written).orders) == 1
