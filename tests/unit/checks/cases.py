"""A small house and messages for decisions to be tried on."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

from ingestd.checks.correcting import Speech
from ingestd.checks.deciding import Deciding
from ingestd.checks.house import House, house_of
from ingestd.config.follow_up import FollowUp
from ingestd.config.load import Configuration
from ingestd.config.settings import Desk, Settings, SmsGateway
from ingestd.config.shipped import shipped
from ingestd.config.tables import Area, Customer, Staff, Tables, Words
from ingestd.domain.decision import Case, KnownOrder, MessageFacts
from ingestd.domain.keys import Keys
from ingestd.domain.order import OrderState, OrderTime
from ingestd.domain.reading import (
    CargoLine,
    Channel,
    Consignee,
    Envelope,
    Intent,
    OrderReading,
    Party,
    Payment,
    Pickup,
    Reading,
)
from ingestd.parsing.definitions import load_definitions

NOW = datetime(2026, 3, 10, 2, 3, tzinfo=UTC)  # 10:03 in Shanghai
SENDER = "wang@shoes.example"
SETTINGS = Settings(desk=Desk(notify=("desk@house.example",)), sms=SmsGateway(enabled=True))
STAFF = (
    Staff(number="8011", name="李", role="dispatcher", email="li@house.example", phone="+8613900000011"),
    Staff(number="8012", name="赵", role="operations_manager", email="zhao@house.example"),
    Staff(number="8013", name="孙", role="driver", phone="+8613900000013", reports_to="8011", main_channel="sms"),
    Staff(number="8014", name="周", role="market_developer", email="zhou@house.example"),
)
FOLLOW_UPS = tuple(
    FollowUp.model_validate(row)
    for row in tomllib.loads((shipped("config") / "follow_ups.toml").read_text("utf-8"))["follow_up"]
)
TABLES = Tables(
    customer=(
        Customer(name="鞋厂", addresses=(SENDER,), phones=("+8613800000001",), confirmation="automatic"),
        Customer(name="灯厂", domains=("lights.example",), language="en", confirmation="agent"),
    ),
    staff=STAFF,
    area=(
        Area(name="城区", kind="urban", places=("福田", "罗湖"), dispatcher="8011", copies=("8014",)),
        Area(name="龙岗", kind="suburban", places=("龙岗", "福田保税区龙岗仓"), dispatcher="8011"),
    ),
    follow_up=FOLLOW_UPS,
    words=Words(again=("再",), too_general=("货物",)),
    operations_manager="8012",
)
ORDER = OrderReading(
    shipper=Party("王先生", None, ("+8613823033212",)),
    pickup=Pickup("深圳福田汽配城A12栋"),
    cargo=(CargoLine("配件", Decimal(15), "件", Decimal(200), Decimal("2.2")),),
    destination="杭州",
    consignee=Consignee("马先生", None, ("+8657125852654",)),
    payment=Payment.PREPAID,
    freight=Decimal(320),
)
READING = Reading(
    channel=Channel.EMAIL,
    sender=SENDER,
    sent_at=NOW - timedelta(minutes=1),
    intent=Intent.ORDER,
    orders=(ORDER,),
    envelope=Envelope(message_id="1@shoes.example", from_=(SENDER,)),
)
FACTS = MessageFacts(7, "orders", Channel.EMAIL, NOW - timedelta(seconds=3), 7, NOW - timedelta(seconds=2), "c" * 64)
CASE = Case(FACTS, READING)


def house(tables: Tables = TABLES, settings: Settings | None = None) -> House:
    """The house of these tables."""
    return house_of(Configuration(settings or SETTINGS, tables, Path()))


def deciding(of: House | None = None, now: datetime = NOW) -> Deciding:
    """What decisions need, with serials that count up."""
    numbers: Iterator[int] = count(1)
    return Deciding(of or house(), Keys(b"secret"), now, lambda: f"260310{next(numbers):03d}")


def case(reading: Reading = READING, **known: object) -> Case:
    """A message with what the store knows."""
    return replace(CASE, reading=reading, **known)  # type: ignore[arg-type]


def known(serial: str, state: OrderState, content: OrderReading = ORDER, **changes: object) -> KnownOrder:
    """An order of the shoe factory as the store holds it."""
    placed = OrderTime(NOW - timedelta(hours=1), "claimed", "", None, NOW - timedelta(hours=1))
    order = KnownOrder(
        order_id=1,
        serial=serial,
        state=state,
        customer="鞋厂",
        contact_channel=Channel.EMAIL,
        contact=SENDER,
        language="zh",
        area="城区",
        dispatcher="8011",
        token="t" * 12,
        order_time=placed,
        confirmed_at=None,
        pickup_by=NOW + timedelta(hours=4),
        revision=1,
        questions=0,
        content=content,
        problems=(),
        last_message_arrived_at=NOW - timedelta(hours=1),
        last_message_position=1,
    )
    return replace(order, **changes)  # type: ignore[arg-type]


def speech() -> Speech:
    """How values are understood now."""
    return Speech(load_definitions((shipped("parsers"),)), NOW.astimezone(ZoneInfo("Asia/Shanghai")))
