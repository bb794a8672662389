"""What a message says: the values of the reading contract, and its JSON form.

They have no slots: a frozen dataclass with slots is pickled field by field in Python, which costs the daemon twice as
much for each reading that comes back from a worker.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from unicodedata import normalize


class Channel(StrEnum):
    """The way a message came in or a sending goes out."""

    EMAIL = "email"
    SMS = "sms"


class Intent(StrEnum):
    """What the sender wants."""

    ORDER = "order"  # asks for goods to be carried
    AMENDMENT = "amendment"  # changes or completes an order sent before
    CANCELLATION = "cancellation"  # calls an order off
    CONFIRMATION = "confirmation"  # says that the details put to them are right
    INQUIRY = "inquiry"  # asks for a price, a time, a place, a state
    COMPLAINT = "complaint"  # is dissatisfied
    CHANGE_LETTER = "change_letter"  # after dispatch: another consignee, address, payer
    RELEASE = "release"  # held goods may be handed out
    REPORT = "report"  # a dispatcher, driver or depot tells
    AUTOMATIC = "automatic"  # a machine wrote it; never answered
    OTHER = "other"  # none of these


class Payment(StrEnum):
    """Who pays the freight, and when."""

    PREPAID = "prepaid"
    COLLECT = "collect"
    MONTHLY = "monthly"
    ON_RECEIPT = "on_receipt"


class Delivery(StrEnum):
    """How the goods are handed over at their destination."""

    SELF_COLLECT = "self_collect"
    DOOR = "door"
    UPSTAIRS = "upstairs"
    WAREHOUSE = "warehouse"


class Receipt(StrEnum):
    """Which proof of delivery the shipper wants back."""

    ORIGINAL = "original"
    PHOTO = "photo"


class Code(StrEnum):
    """What is wrong with a field."""

    MISSING = "missing"
    UNREADABLE = "unreadable"
    AMBIGUOUS = "ambiguous"
    INVALID_PHONE = "invalid_phone"


@dataclass(frozen=True)
class Party:
    """A person or company with its E.164 phones (an extension as `;ext=801`)."""

    name: str | None = None
    company: str | None = None
    phones: tuple[str, ...] = ()


@dataclass(frozen=True)
class Consignee:
    """Who the goods go to."""

    name: str | None = None
    company: str | None = None
    phones: tuple[str, ...] = ()
    address: str | None = None


@dataclass(frozen=True)
class Pickup:
    """Where, from whom and within which window the goods are fetched."""

    address: str | None = None
    contact: str | None = None
    phones: tuple[str, ...] = ()
    start: datetime | None = None  # JSON: from
    by: datetime | None = None


@dataclass(frozen=True)
class CargoLine:
    """Goods of one kind with the figures of the whole line."""

    name: str | None = None
    quantity: Decimal | None = None  # packages
    unit: str | None = None  # as written
    weight_kg: Decimal | None = None
    volume_m3: Decimal | None = None


@dataclass(frozen=True)
class Charge:
    """A named extra charge in yuan."""

    name: str
    amount: Decimal


@dataclass(frozen=True)
class Reference:
    """A number of somebody else that travels with the order: entry, customer, booking or waybill."""

    kind: str
    value: str


CUSTOMERS = "customer"  # kind of the reference by which the customer himself knows the order
LONGEST_REFERENCE = 80


@dataclass(frozen=True)
class OrderReading:
    """One order as a message states it; what is unsaid or in doubt is None."""

    shipper: Party = Party()
    pickup: Pickup = Pickup()
    cargo: tuple[CargoLine, ...] = ()
    destination: str | None = None
    consignee: Consignee = Consignee()
    delivery: Delivery | None = None
    deliver_from: datetime | None = None
    deliver_by: datetime | None = None
    payment: Payment | None = None
    freight: Decimal | None = None  # yuan
    charges: tuple[Charge, ...] = ()
    cod: Decimal | None = None  # yuan
    declared_value: Decimal | None = None  # yuan
    vehicle: str | None = None
    hold: bool = False
    receipt: Receipt | None = None
    references: tuple[Reference, ...] = ()
    remarks: str | None = None

    @property
    def called(self) -> frozenset[str]:
        """What the customer calls the order, as compared."""
        own = (reference.value for reference in self.references if reference.kind == CUSTOMERS)
        plain = (re.sub(r"\s", "", normalize("NFKC", value)).upper()[:LONGEST_REFERENCE] for value in own)
        return frozenset(value for value in plain if value)


@dataclass(frozen=True)
class Driver:
    """Who fetches or brings the goods."""

    name: str | None = None
    phone: str | None = None
    plate: str | None = None


@dataclass(frozen=True)
class Actual:
    """The figures that were really there."""

    quantity: Decimal | None = None
    weight_kg: Decimal | None = None
    volume_m3: Decimal | None = None


@dataclass(frozen=True)
class Details:
    """What an inquiry, complaint or report adds to its intent."""

    inquiry: str | None = None
    complaint: str | None = None
    report: str | None = None
    at: datetime | None = None
    signed_by: str | None = None
    reason: str | None = None
    eta: datetime | None = None
    next_try: datetime | None = None
    driver: Driver | None = None
    actual: Actual | None = None


@dataclass(frozen=True)
class Part:
    """What a report tells of some of its orders, where it tells something else of others."""

    refers_to: tuple[str, ...]
    details: Details
    text: str = ""  # its words, for people and for a site's own words; never logged


@dataclass(frozen=True)
class Problem:
    """A field that is missing or unclear; `order` counts from 0, None for the message as a whole."""

    code: Code
    field: str
    order: int | None = None


@dataclass(frozen=True)
class Evidence:
    """The words a value came from and the rule that read it; `path` as `orders[0].cargo[1].name`.

    `derived` names what a value was computed or concluded from where the words don't state it.
    """

    path: str
    words: str
    rule: str
    derived: str | None = None


@dataclass(frozen=True)
class Attachment:
    """A file that came with an email, ready to travel on: `payload` is base64 in lines of 76, CRLF."""

    name: str  # safe to show and to store
    content_type: str
    size: int  # bytes, decoded
    payload: bytes


@dataclass(frozen=True)
class Verdict:
    """One Authentication-Results header, the topmost first; methods as (method, result, domain)."""

    authserv_id: str
    methods: tuple[tuple[str, str, str | None], ...] = ()


@dataclass(frozen=True)
class Bounce:
    """A delivery status notification: which of our mails it is about, and whether it is final."""

    message_id: str | None  # of the mail returned, without angle brackets
    recipient: str | None
    status: str | None  # RFC 3463, e.g. 5.1.1
    action: str | None  # failed, delayed, delivered, relayed, expanded


@dataclass(frozen=True)
class Envelope:
    """What an email's headers say beside its content; ids without angle brackets, addresses in lower case."""

    message_id: str | None = None
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    subject: str = ""
    from_: tuple[str, ...] = ()
    reply_to: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    machine: str | None = None  # why no answer may go out (RFC 3834), e.g. "Auto-Submitted: auto-replied"
    hops: int = 0  # Received headers
    own_mark: str | None = None  # our own X-Ingestd header, if the mail is one of ours coming back
    verdicts: tuple[Verdict, ...] = ()
    bounce: Bounce | None = None
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True)
class Bare:
    """Values without a word of what they are of, which only the question before them tells."""

    phones: tuple[str, ...] = ()
    cargo: CargoLine | None = None  # figures without a name
    payment: Payment | None = None
    delivery: Delivery | None = None
    again: bool | None = None  # another shipment, or the same one told twice
    words: str = ""  # what stands beside them, such as a name


@dataclass(frozen=True)
class Reading:
    """What one message says, complete or in doubt, with the reasons for both."""

    channel: Channel
    sender: str | None  # address in lower case, or the number as E.164
    sent_at: datetime | None  # the email's own Date
    intent: Intent
    refers_to: tuple[str, ...] = ()
    orders: tuple[OrderReading, ...] = ()
    details: Details = Details()
    problems: tuple[Problem, ...] = ()
    review: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()  # only where it was asked for
    text: str = ""  # the new text as read, for people; never logged
    envelope: Envelope = Envelope()
    goods_asked: tuple[CargoLine, ...] = ()  # what an inquiry says of the goods it asks about
    bare: Bare | None = None  # where the message is nothing but values
    parts: tuple[Part, ...] = ()  # of a report that tells different things of its orders; none where it tells one


UNCLEAR = "unclear_intent"  # the reason for review where the reader does not know what is wanted
JSON_NAMES = {"start": "from"}  # `from` is a Python keyword
UNPUBLISHED = {"evidence", "text", "envelope", "goods_asked", "bare", "parts"}  # not part of the contract's object


def as_json(value: Any) -> Any:
    """The plain dicts, lists and scalars of the contract's JSON for any value of this module."""
    if is_dataclass(value):
        return {JSON_NAMES.get(f.name, f.name): as_json(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, tuple):
        return [as_json(v) for v in value]
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def contract(reading: Reading, *, evidence: bool = False) -> dict[str, Any]:
    """A reading as the object of the contract; `details` holds only what was said."""
    out = {f.name: as_json(getattr(reading, f.name)) for f in fields(reading) if f.name not in UNPUBLISHED}
    out["details"] = without_nothing(out["details"])
    if evidence:
        out["evidence"] = as_json(reading.evidence)
    return out


def without_nothing(value: Any) -> Any:
    """The same JSON without the keys that say nothing."""
    if isinstance(value, dict):
        return {k: without_nothing(v) for k, v in value.items() if v is not None}
    return value
