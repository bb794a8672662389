"""Orders for the tests of composing: the example of the trade, generated ones, and those of the corpus."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from ingestd.domain.order import OrderTime, OrderView
from ingestd.domain.reading import (
    CargoLine,
    Charge,
    Consignee,
    Delivery,
    OrderReading,
    Party,
    Payment,
    Pickup,
    Receipt,
    Reference,
)

ROOT = Path(__file__).resolve().parents[3]
TEMPLATES = ROOT / "templates"
CORPUS = ROOT / "tests" / "corpus"
ZONE = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 3, 10, 12, 0, tzinfo=ZONE)

EXAMPLE = OrderReading(
    shipper=Party("王先生", None, ("+8613823033212",)),
    pickup=Pickup("汽配城A12栋"),
    cargo=(CargoLine("配件", Decimal(15), "件", Decimal(200), Decimal("2.2")),),
    destination="杭州",
    consignee=Consignee("马先生", None, ("+8657125852654",), "杭州市江干区火车站东路3号"),
    delivery=Delivery.DOOR,
    payment=Payment.PREPAID,
    freight=Decimal(320),
    charges=(Charge("装卸费", Decimal(100)),),
    remarks="易碎",
)


def view(content: OrderReading, serial: str = "260310221", agent: str = "8011") -> OrderView:
    """An order of that content, confirmed at noon and to be picked up by three."""
    return OrderView(
        serial=serial,
        revision=1,
        content=content,
        order_time=OrderTime(NOON.astimezone(UTC), "arrival", "no Date", None, NOON.astimezone(UTC)),
        customer="顺德机电",
        area="城区",
        pickup_by=(NOON + timedelta(hours=3)).astimezone(UTC),
        confirmed_at=NOON.astimezone(UTC),
        agent=agent,
    )


# Generated orders: words with rare characters of two UTF-16 units, digits, Latin, blanks, brackets and controls.

LETTERS = "深圳宝安区汽配城栋东莞厚街镇路号仓库工业园机电配件轴承𠮷𡃁𧒽先生小姐市场门口AbZ09 ·（）-【】\n\t\u200b\u202e"
WORDS = st.text(st.sampled_from(LETTERS), max_size=20).map(lambda rest: f"深{rest}")
PLACES = st.one_of(
    WORDS,
    st.builds(
        "{}{}{}{}".format,
        st.sampled_from(["广东省深圳市", "浙江省杭州市", "义乌市", "苏州市", ""]),
        st.sampled_from(["宝安区", "工业园区", "长兴县", ""]),
        st.sampled_from(["福永街道", "古镇镇", ""]),
        st.sampled_from(
            ["凤凰第三工业区7栋", "中汇路鞋都二期18幢", "汽配城A12", "人民路1288号7号厂房一楼东侧装卸平台"]
        ),
    ),
)
MOBILES = st.builds("+861{}{:09d}".format, st.integers(3, 9), st.integers(0, 999_999_999))
LANDLINES = st.sampled_from(["+8657125852654", "+867552766508", "+861065124408", "+86400123456", "+85261234567"])
EXTENDED = st.builds("{};ext={}".format, LANDLINES, st.integers(1, 9999))
PHONES = st.lists(st.one_of(MOBILES, LANDLINES, EXTENDED), min_size=1, max_size=3).map(tuple)
FIGURES = st.decimals(Decimal("0.001"), Decimal(99999), places=3).map(lambda d: d.quantize(Decimal("0.001")))
WHOLE = st.integers(1, 9999).map(Decimal)
YUAN = st.one_of(WHOLE, st.decimals(Decimal("0.5"), Decimal(9999), places=1))
UNITS = st.sampled_from(["件", "箱", "托", "cartons", None])
LINES = st.builds(CargoLine, WORDS, WHOLE, UNITS, st.none() | FIGURES, FIGURES)
CHARGES = st.lists(st.builds(Charge, st.sampled_from(["装卸费", "送货费", "打木架费"]), YUAN), max_size=3).map(tuple)
MOMENTS = st.none() | st.integers(-40, 90).map(lambda hours: NOON + timedelta(hours=hours))
REFERENCES = st.lists(
    st.builds(
        Reference, st.sampled_from(["entry", "customer", "waybill"]), st.from_regex(r"[A-Z]{2}\d{4,8}", fullmatch=True)
    ),
    max_size=2,
).map(tuple)
CONTENTS = st.builds(
    OrderReading,
    shipper=st.builds(Party, WORDS, st.none() | WORDS, PHONES),
    pickup=st.builds(Pickup, PLACES, st.none() | WORDS, st.just(()) | PHONES, MOMENTS, MOMENTS),
    cargo=st.lists(LINES, min_size=1, max_size=3).map(tuple),
    destination=st.none() | WORDS | st.sampled_from(["杭州", "长沙四方坪", "南京路", "浙江义乌"]),
    consignee=st.builds(Consignee, WORDS, st.none() | WORDS, PHONES, st.none() | PLACES),
    delivery=st.none() | st.sampled_from(Delivery),
    deliver_by=MOMENTS,
    payment=st.sampled_from(Payment),
    freight=st.none() | YUAN,
    charges=CHARGES,
    cod=st.none() | YUAN,
    declared_value=st.none() | YUAN,
    vehicle=st.none() | st.sampled_from(["9.6米高栏", "尾板车"]),
    hold=st.booleans(),
    receipt=st.none() | st.sampled_from(Receipt),
    references=REFERENCES,
    remarks=st.none() | WORDS,
)
ORDERS = CONTENTS.map(view)


# The corpus: orders of the reading contract that are whole enough to be dispatched.


def corpus_files() -> list[Path]:
    """The readings of the corpus, as far as it is there."""
    return sorted(CORPUS.rglob("*.json"))


def corpus_orders(file: Path) -> Iterator[OrderReading]:
    """The dispatchable orders of one reading."""
    reading = json.loads(file.read_text("utf-8"))
    if not isinstance(reading, dict) or reading.get("intent") != "order" or reading.get("problems"):
        return
    for order in reading.get("orders", []):
        yield from_contract(order)


def from_contract(order: dict[str, Any]) -> OrderReading:
    """An order of the contract's JSON."""
    pickup, consignee = order["pickup"], order["consignee"]
    return OrderReading(
        shipper=Party(order["shipper"]["name"], order["shipper"]["company"], tuple(order["shipper"]["phones"])),
        pickup=Pickup(
            pickup["address"],
            pickup["contact"],
            tuple(pickup["phones"] or ()),
            moment(pickup["from"]),
            moment(pickup["by"]),
        ),
        cargo=tuple(
            CargoLine(c["name"], figure(c["quantity"]), c["unit"], figure(c["weight_kg"]), figure(c["volume_m3"]))
            for c in order["cargo"]
        ),
        destination=order["destination"],
        consignee=Consignee(consignee["name"], consignee["company"], tuple(consignee["phones"]), consignee["address"]),
        delivery=Delivery(order["delivery"]) if order.get("delivery") else None,
        deliver_by=moment(order.get("deliver_by")),
        payment=Payment(order["payment"]),
        freight=figure(order.get("freight")),
        charges=tuple(Charge(c["name"], Decimal(str(c["amount"]))) for c in order.get("charges") or ()),
        cod=figure(order.get("cod")),
        declared_value=figure(order.get("declared_value")),
        vehicle=order.get("vehicle"),
        hold=bool(order.get("hold")),
        receipt=Receipt(order["receipt"]) if order.get("receipt") else None,
        references=tuple(Reference(r["kind"], r["value"]) for r in order.get("references") or ()),
        remarks=order.get("remarks"),
    )


def figure(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def moment(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value) if value else None
