"""Orders of nobody's, with everything, with nothing and changed, that templates are tried with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from ingestd.domain.answer import Answer, Offer
from ingestd.domain.assessment import Basis, Due, Quote
from ingestd.domain.decision import Language, Tried, Wanted
from ingestd.domain.order import OrderState, OrderTime, OrderView
from ingestd.domain.reading import (
    Actual,
    Attachment,
    CargoLine,
    Channel,
    Charge,
    Code,
    Consignee,
    Delivery,
    Details,
    Driver,
    OrderReading,
    Party,
    Payment,
    Pickup,
    Problem,
    Receipt,
    Reference,
)
from ingestd.domain.sending import Purpose

SAMPLE_TIME = datetime(2026, 3, 10, 4, 0, tzinfo=UTC)
PLACED = OrderTime(SAMPLE_TIME, "arrival", "sample", None, SAMPLE_TIME)

FULL_CONTENT = OrderReading(
    shipper=Party("name", "company", ("+8613800000000",)),
    pickup=Pickup(
        "address 1, district, town", "contact", ("+8657100000000;ext=1", "+8613800000000"), SAMPLE_TIME, SAMPLE_TIME
    ),
    cargo=(
        CargoLine("goods", Decimal(1), "ctns", Decimal(1), Decimal("0.1")),
        CargoLine("others", Decimal(1), "ctns", Decimal(1), Decimal("0.1")),
    ),
    destination="town",
    consignee=Consignee("name", "company", ("+8613800000000",), "address"),
    delivery=Delivery.DOOR,
    deliver_from=SAMPLE_TIME,
    deliver_by=SAMPLE_TIME,
    payment=Payment.PREPAID,
    freight=Decimal(1),
    charges=(Charge("charge", Decimal(1)),),
    cod=Decimal(1),
    declared_value=Decimal(1),
    vehicle="vehicle",
    hold=True,
    receipt=Receipt.ORIGINAL,
    references=(Reference("entry", "1"), Reference("customer", "2")),
    remarks="remarks",
)
DRIVER = Driver("driver", "+8613800000000", "plate")
FULL_ORDER = OrderView(
    serial="260310001",
    revision=2,
    content=FULL_CONTENT,
    order_time=PLACED,
    customer="customer",
    area="area",
    pickup_by=SAMPLE_TIME,
    confirmed_at=SAMPLE_TIME,
    agent="8000",
    problems=(Problem(Code.MISSING, "consignee.phones", 0), Problem(Code.AMBIGUOUS, "cargo.quantity", 0)),
    attachments=(Attachment("a.pdf", "application/pdf", 3, b"YWJj\r\n"),),
    cargo_note="note",
    closure=(SAMPLE_TIME.date(), SAMPLE_TIME.date()),
    driver=DRIVER,
    deliver_by=SAMPLE_TIME,
    depot="depot",
    state=OrderState.DISPATCHED,
)
ONE = Decimal(1)
OFFER = Offer("b", Quote("b", ONE, Basis.WEIGHT, 1, 2), ONE, ONE, ONE)
ANSWER = Answer("price", "a", (OFFER, Offer("c")), ONE, ONE, (Due("a", ONE, "b"),))
BARE_ORDER = OrderView("260310002", 1, OrderReading(), PLACED, "", "", SAMPLE_TIME, None, "")
CHANGED_ORDER = replace(
    FULL_ORDER, before=replace(FULL_CONTENT, cargo=FULL_CONTENT.cargo[:1], destination="other town")
)
DETAILS = Details(
    None, None, "picked_up", SAMPLE_TIME, "name", "reason", SAMPLE_TIME, SAMPLE_TIME, DRIVER, Actual(ONE, ONE, ONE)
)


def sample_wanted(order: OrderView, language: Language, words: Mapping[str, tuple[str, ...]]) -> Iterator[Wanted]:
    """Each letter of an order's life once, notices and progress with each of their words."""
    plain = Wanted(
        Purpose.CHASE, Channel.EMAIL, "a@b.example", language, "sample", SAMPLE_TIME, order, (order, order),
        name="name", details=DETAILS, asks=(words["follow_up"], ()),
        tried=((Tried(SAMPLE_TIME, "call", "name", "outcome"), Tried(SAMPLE_TIME, "pickup_asked", "name")), ()),
    )  # fmt: skip
    for purpose in (Purpose.CHASE, Purpose.ESCALATION, Purpose.CANCELLATION, Purpose.WHICH_ORDER, Purpose.ANNOUNCEMENT):
        yield replace(plain, purpose=purpose)
    for purpose, name in ((Purpose.NOTICE, "notice"), (Purpose.PROGRESS, "progress")):
        for happening in words[name]:
            yield replace(plain, purpose=purpose, happening=happening)
    yield replace(plain, purpose=Purpose.PROGRESS, happening="daily")
