"""Letters of an order's life, as they are wanted, for the tests of composing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from ingestd.domain.decision import Language, Tried, Wanted
from ingestd.domain.order import OrderState, OrderView
from ingestd.domain.reading import Actual, CargoLine, Channel, Consignee, Details, Driver, Payment
from ingestd.domain.sending import Purpose
from tests.unit.composing.orders import EXAMPLE, NOON, view

DRIVER = Driver("张师傅", "+8613912345678", "粤B12345")
ORDER = replace(view(EXAMPLE), driver=DRIVER, deliver_by=NOON + timedelta(days=2))
BEFORE = replace(
    EXAMPLE,
    cargo=(replace(EXAMPLE.cargo[0], quantity=Decimal(20)),),
    consignee=Consignee("马先生", None, ("+8613905791234",), "杭州市江干区火车站东路3号"),
)
CHANGED = replace(ORDER, before=BEFORE, revision=2)
COLLECT = replace(ORDER, content=replace(EXAMPLE, payment=Payment.COLLECT, cod=Decimal(3500), hold=True))
DETAILS = Details(
    None, None, "picked_up", NOON, "许小姐", "仓库没人", NOON + timedelta(days=1), NOON + timedelta(hours=20), DRIVER,
    Actual(Decimal(14), Decimal(200)),
)  # fmt: skip
TRIED = (Tried(NOON, "pickup_overdue", "李调度"), Tried(NOON + timedelta(minutes=35), "call", "李调度", "未接"))


def wanted(purpose: Purpose, language: str = "zh", order: OrderView | None = ORDER, happening: str = "") -> Wanted:
    """A letter about one order."""
    spoken: Language = "en" if language == "en" else "zh"
    return Wanted(
        purpose, Channel.EMAIL, "a@b.example", spoken, "message:1", NOON, order, happening=happening, details=DETAILS
    )


def chase(language: str, *orders: OrderView, name: str = "李调度", asks: tuple[tuple[str, ...], ...] = ()) -> Wanted:
    """A chase of one person's orders."""
    return replace(wanted(Purpose.CHASE, language, None), orders=orders, name=name, asks=asks)


def escalation(language: str, *orders: OrderView, name: str = "赵经理") -> Wanted:
    """The same told to a manager, with what was tried about the first."""
    return replace(chase(language, *orders, name=name), purpose=Purpose.ESCALATION, tried=(TRIED,))


def several(purpose: Purpose, language: str, happening: str = "") -> Wanted:
    """A letter about three orders."""
    states = (OrderState.TAKEN, OrderState.HELD, OrderState.DELIVERED)
    orders = tuple(replace(ORDER, serial=f"26031022{n}", state=state) for n, state in enumerate(states, 1))
    return replace(wanted(purpose, language, None, happening), orders=orders)


ALL: Mapping[str, Callable[[str], Wanted]] = {
    "changed work order": lambda language: wanted(Purpose.WORK_ORDER, language, CHANGED),
    "changed acknowledgement": lambda language: wanted(Purpose.ACKNOWLEDGEMENT, language, CHANGED),
    "cancellation": lambda language: wanted(Purpose.CANCELLATION, language),
    "notice": lambda language: wanted(Purpose.NOTICE, language, COLLECT, "released"),
    "changed notice": lambda language: wanted(Purpose.NOTICE, language, CHANGED, "changed"),
    "progress": lambda language: wanted(Purpose.PROGRESS, language, COLLECT, "arrived"),
    "announcement": lambda language: wanted(Purpose.ANNOUNCEMENT, language, COLLECT),
    "which_order": lambda language: several(Purpose.WHICH_ORDER, language),
    "daily": lambda language: several(Purpose.PROGRESS, language, "daily"),
    "chase": lambda language: chase(language, ORDER, COLLECT),
    "escalation": lambda language: escalation(language, ORDER, COLLECT),
}
LONG = "非常长的名字" * 30
HOSTILE = "王\n单号：9\u202e【银行】\u200b<b>{{7*7}}</b>"


def with_names(name: str) -> OrderView:
    """The order with a name wherever a name may stand, and another one before."""
    content = replace(
        EXAMPLE,
        shipper=replace(EXAMPLE.shipper, name=name, company=name),
        pickup=replace(EXAMPLE.pickup, address=name, contact=name),
        cargo=(CargoLine(name, Decimal(15), name, Decimal(200), Decimal("2.2")),),
        consignee=replace(EXAMPLE.consignee, name=name, company=name, address=name),
        destination=name,
        remarks=name,
        vehicle=name,
    )
    return replace(ORDER, content=content, before=EXAMPLE, driver=Driver(name, DRIVER.phone, name), serial="260310221")
