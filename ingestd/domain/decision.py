"""What is known when a message is decided on, and what the decision comes to; all of it pure values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from ingestd.domain.answer import Answer
from ingestd.domain.assessment import NOTHING_FOUND, Assessment
from ingestd.domain.message import MessageState
from ingestd.domain.order import OrderState, OrderTime, OrderView
from ingestd.domain.reading import Channel, Details, Driver, OrderReading, Problem, Reading
from ingestd.domain.sending import Purpose

Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class MessageFacts:
    """A stored message without its bytes."""

    message_id: int
    account: str
    channel: Channel
    arrived_at: datetime
    position: int
    stored_at: datetime
    core_hash: str


@dataclass(frozen=True, slots=True)
class Handed:
    """A work order as it went, or is to go, to one person by one channel."""

    sending_id: int
    purpose: Purpose
    channel: Channel
    recipient: str
    unsent: bool  # nothing of it can have left: it may still be withdrawn
    revision: int = 1
    tells: OrderReading | None = None  # the content of that revision
    refused: bool = False

    @property
    def may_be_had(self) -> bool:
        """Whether its recipient may have it."""
        return not (self.unsent or self.refused)


@dataclass(frozen=True, slots=True)
class KnownOrder:
    """An order as the store holds it."""

    order_id: int
    serial: str
    state: OrderState
    customer: str
    contact_channel: Channel
    contact: str
    language: Language
    area: str
    dispatcher: str | None
    token: str
    order_time: OrderTime
    confirmed_at: datetime | None
    pickup_by: datetime | None
    revision: int
    questions: int
    content: OrderReading
    problems: tuple[Problem, ...]
    last_message_arrived_at: datetime  # of the message its newest revision came from
    last_message_position: int
    assessment: Assessment = NOTHING_FOUND
    given: int = 0  # how often somebody got it, or its new content, anew
    deliver_by: datetime | None = None
    depot: str = ""  # that delivers it; empty where we do so ourselves
    released_at: datetime | None = None  # when the shipper let held goods go
    driver: Driver | None = None
    handed: tuple[Handed, ...] = ()  # known where an order is changed, called off or given to somebody else


@dataclass(frozen=True, slots=True)
class EarlierMail:
    """A mail with the same Message-ID or the same core, decided on before."""

    message_id: int
    mail_id: str | None
    core_hash: str
    sender: str | None
    arrived_at: datetime
    state: MessageState
    serials: tuple[str, ...]  # of the orders it made
    reason: str = ""  # why it is in its state


@dataclass(frozen=True, slots=True)
class Told:
    """How many letters went out lately for messages of one sender that made no order (`[replies]`)."""

    talk: int = 0  # holding replies and notices of duplicates, within `talk_within`
    replies: int = 0  # these and answers, within `within`
    notices: int = 0  # to the desk, within `within`


@dataclass(frozen=True, slots=True)
class Case:
    """One message with everything that the store knows of what it may concern."""

    facts: MessageFacts
    reading: Reading
    thread: tuple[KnownOrder, ...] = ()  # by ids of ours, or a mail of the order's, that it answers
    newest: frozenset[str] = frozenset()  # serials of those in `thread` of which it answers the newest revision
    named: tuple[KnownOrder, ...] = ()  # by a whole serial
    open: tuple[KnownOrder, ...] = ()  # the sender's orders under way: a customer's own, a staff member's entrusted
    earlier: tuple[EarlierMail, ...] = ()
    twins: tuple[KnownOrder, ...] = ()  # the customer's recent orders of the same content
    namesakes: tuple[KnownOrder, ...] = ()  # his recent orders under the same reference of his
    bounced_key: str | None = None  # of our sending that this bounce is about
    own_key: str | None = None  # of our sending that this mail is, by its Message-ID
    confirmed_before: int = 0  # orders of the customer that were confirmed, where his mode of confirmation asks
    told: Told = Told()
    asked_which: Reading | None = None  # the report of which its sender was asked last on which order it was


@dataclass(frozen=True, slots=True)
class NewOrder:
    """An order to be written."""

    serial: str
    state: OrderState
    customer: str
    contact_channel: Channel
    contact: str
    language: Language
    area: str
    dispatcher: str | None
    token: str
    order_time: OrderTime
    clock_start: datetime | None
    confirmed_at: datetime | None
    pickup_by: datetime | None
    content: OrderReading
    problems: tuple[Problem, ...]
    fingerprint: str
    questions: int
    assessment: Assessment = NOTHING_FOUND
    kin: int | None = None  # id of the order that it was parted from


@dataclass(frozen=True, slots=True)
class Change:
    """A new revision of an order, or only another state; void where the order has moved on meanwhile."""

    order: KnownOrder
    state: OrderState
    content: OrderReading | None = None  # None: no new revision
    problems: tuple[Problem, ...] = ()
    fingerprint: str = ""
    area: str = ""
    dispatcher: str | None = None
    order_time: OrderTime | None = None
    clock_start: datetime | None = None
    confirmed_at: datetime | None = None
    pickup_by: datetime | None = None
    questions: int = 0
    assessment: Assessment = NOTHING_FOUND
    kin: int | None = None  # id of the order that it was put into
    given: bool = False  # to somebody, or in its new content: what was sent of it before is outdated
    deliver_by: datetime | None = None
    depot: str = ""
    released_at: datetime | None = None
    driver: Driver | None = None


@dataclass(frozen=True, slots=True)
class CallDraft:
    """Somebody to be phoned; the reason is a code of the `[review]` words, or an agent's own."""

    serial: str
    name: str
    phone: str
    reason: str


def call_to_shipper(order: KnownOrder, reason: str, name: str = "", phone: str = "") -> CallDraft:
    """A call about an order: to its shipper, where nobody else is named."""
    shipper = order.content.shipper
    whom = name or shipper.name or shipper.company or order.customer
    known = (*shipper.phones, *((order.contact,) if order.contact_channel is Channel.SMS else ()))
    return CallDraft(order.serial, whom, phone or ("" if name else next(iter(known), "")), reason)


@dataclass(frozen=True, slots=True)
class AlarmDraft:
    """Trouble that a message makes and a person must hear of; one is open for each part and kind."""

    part: str
    kind: str
    detail: str  # no body, address or phone


@dataclass(frozen=True, slots=True)
class EventDraft:
    """A line for the tracking record."""

    kind: str
    who: str
    serial: str | None = None  # None: of the message alone
    data: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class About:
    """The message that a notice to the desk is about."""

    message_id: int
    sender: str
    arrived_at: datetime
    text: str
    due_at: datetime | None = None  # until when a person is to decide; None: there is nothing to decide


@dataclass(frozen=True, slots=True)
class OverdueReview:
    """Something that waits for a person for longer than it should: a review, or a call with whom to phone as sender."""

    review_id: int | None
    order_id: int | None
    serial: str | None
    message_id: int | None
    sender: str
    reason: str  # codes, as the review has them
    opened_at: datetime
    due_at: datetime
    call_id: int | None = None


@dataclass(frozen=True, slots=True)
class Tried:
    """Something done to get an answer: a chase of a kind, or a call (kind `call`) and what came of it."""

    at: datetime
    kind: str  # name of the follow-up, or call
    who: str  # a person's name
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A letter or text message to be composed."""

    purpose: Purpose
    channel: Channel
    recipient: str
    language: Language
    cause: str
    deadline: datetime
    order: OrderView | None = None
    orders: tuple[OrderView, ...] = ()  # for letters about several
    token: str | None = None  # the order's, for the subject
    notes: tuple[str, ...] = ()  # reasons for the desk; kind and detail of an alarm
    answers: bool = False  # it answers the message at hand
    name: str = ""  # whom a chase addresses
    serials: tuple[str, ...] = ()  # of orders that are only named
    since: datetime | None = None  # of what it tells
    about: About | None = None
    answer: Answer | None = None  # to an inquiry
    overdue: tuple[OverdueReview, ...] = ()  # of an escalation that is about reviews
    words: str = ""  # an agent's own, in place of what the templates would say
    not_before: datetime | None = None  # it waits in the outbox until then
    happening: str = ""  # what a notice, a letter about progress or an announcement is about: a Happening, or a word of
    # the templates' `[notice]` table
    details: Details | None = None  # what a report said of it
    told_next: str = ""  # the Happening of which a shipper hears next, by what he subscribed to
    due: int = 0  # of a chase: so many of its orders, the first, are due now; the others are what else is open
    asks: tuple[tuple[str, ...], ...] = ()  # of a chase: the follow-ups that are open for each of its orders
    tried: tuple[tuple[Tried, ...], ...] = ()  # of an escalation: what was done about each of its orders

    def to(self, recipient: str) -> Wanted:
        """The same for somebody else."""
        return replace(self, recipient=recipient)


@dataclass(frozen=True, slots=True)
class FollowUpDraft:
    """A duty to be written in the due table."""

    serial: str
    kind: str
    occurrence: int
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of one message, to be written in one transaction."""

    state: MessageState
    reason: str
    claimed_at: datetime | None = None
    new_orders: tuple[NewOrder, ...] = ()
    changes: tuple[Change, ...] = ()
    events: tuple[EventDraft, ...] = ()
    wanted: tuple[Wanted, ...] = ()
    follow_ups: tuple[FollowUpDraft, ...] = ()
    reviews: tuple[tuple[str | None, str], ...] = ()  # (serial, reason)
    calls: tuple[CallDraft, ...] = ()
    ends: tuple[tuple[str, str], ...] = ()  # (serial, kind of follow-up) that are over
    retimed: tuple[FollowUpDraft, ...] = ()  # duties that wait, with the time by which they are due now
    settles: tuple[tuple[str, str], ...] = ()  # (serial, reason) of reviews and calls that need nobody any more
    withdrawn: tuple[int, ...] = ()  # ids of sendings that must not leave any more, none of which has
    again_at: datetime | None = None  # not decided yet: to be looked at once more then
    duplicate_of: int | None = None
    bounced_key: str | None = None
    alarms: tuple[AlarmDraft, ...] = ()
