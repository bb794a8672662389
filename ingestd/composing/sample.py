"""Two orders of nobody's, one with everything and one with nothing, that templates are tried with."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from ingestd.domain.answer import Answer, Offer
from ingestd.domain.assessment import Basis, Due, Quote
from ingestd.domain.order import OrderTime, OrderView
from ingestd.domain.reading import (
    Attachment,
    CargoLine,
    Charge,
    Code,
    Consignee,
    Delivery,
    OrderReading,
    Party,
    Payment,
    Pickup,
    Problem,
    Receipt,
    Reference,
)

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
)
ONE = Decimal(1)
OFFER = Offer("b", Quote("b", ONE, Basis.WEIGHT, 1, 2), ONE, ONE, ONE)
ANSWER = Answer("price", "a", (OFFER, Offer("c")), ONE, ONE, (Due("a", ONE, "b"),))
BARE_ORDER = OrderView("260310002", 1, OrderReading(), PLACED, "", "", SAMPLE_TIME, None, "")
