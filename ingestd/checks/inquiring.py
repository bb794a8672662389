"""Questions of customers: answered from tariff and record where these tell, else held for an agent. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from ingestd.charging.fees import fees_due
from ingestd.charging.load import Load, load_of
from ingestd.charging.quoting import offer
from ingestd.charging.scope import Spot
from ingestd.checks.deciding import Deciding, in_review, only, own
from ingestd.checks.dispatch import view_of
from ingestd.checks.house import House
from ingestd.checks.senders import Who
from ingestd.checks.telling import URGED, looks_after, notice
from ingestd.domain.answer import Answer
from ingestd.domain.decision import CallDraft, Case, Decision, EventDraft, KnownOrder, Wanted
from ingestd.domain.message import MessageState
from ingestd.domain.order import UNDER_WAY
from ingestd.domain.sending import Purpose
from ingestd.places.atlas import Division
from ingestd.places.journeys import Journey, Marks, journey

BY_TARIFF = ("price", "transit_time", "coverage")
BY_RECORD = ("status", "arrival")
URGE = "urge"
URGED_WITHIN = timedelta(minutes=30)  # one message about an order; who presses more often is answered all the same


def inquired(case: Case, who: Who, deciding: Deciding) -> Decision:
    """The answer at once where the data allow it; else a holding reply, and an agent answers (domain.md §8)."""
    kind, plain = case.reading.details.inquiry or "other", letter(Purpose.ANSWER, case, who, deciding)
    order = only(own(case.thread, who)) or only(own(case.named, who))
    if order is None and kind in (*BY_RECORD, URGE) and not (case.thread or case.named):
        order = only(own(case.open, who))
    if case.reading.envelope.machine:
        return in_review(f"inquiry:{kind}", case, deciding, order)
    if kind == URGE and order is not None and order.state in UNDER_WAY:
        return urged(case, who, order, deciding)
    if kind in BY_RECORD and order is not None:
        return answered(case, who, replace(plain, order=view_of(order, deciding.house), notes=(order.state,)), order)
    if kind in BY_TARIFF and (found := answer_to(case, who, deciding.house)) is not None:
        return answered(case, who, replace(plain, answer=found), None)
    held = in_review(f"inquiry:{kind}", case, deciding, order)
    events, holding = (*held.events, asked(kind, who, order, "an agent")), replace(plain, purpose=Purpose.HOLDING_REPLY)
    return replace(held, events=events, wanted=(*held.wanted, holding))


def urged(case: Case, who: Who, order: KnownOrder, deciding: Deciding) -> Decision:
    """A shipper who presses: who has the order hears of it at once and is phoned, the shipper is told what is known."""
    house, now = deciding.house, deciding.now
    plain = letter(Purpose.ANSWER, case, who, deciding)
    made = answered(case, who, replace(plain, order=view_of(order, house), notes=(order.state,)), order)
    keeper = looks_after(order, house, now)
    if keeper is None:
        return replace(made, reviews=((order.serial, URGED),))
    turn = int(now.timestamp() // URGED_WITHIN.total_seconds())
    told = notice("urged", order, keeper, f"order:{order.serial}/urged/{turn}", (house, now))
    call = CallDraft(order.serial, keeper.name, keeper.phone or "", URGED)
    return replace(made, wanted=(*made.wanted, told), calls=(call,))


def answered(case: Case, who: Who, wanted: Wanted, order: KnownOrder | None) -> Decision:
    """The decision of a question that is answered at once."""
    kind = case.reading.details.inquiry or "other"
    said = asked(kind, who, order, "ingestd")
    reason, claimed_at = f"inquiry {kind} answered", case.reading.sent_at
    return Decision(MessageState.APPLIED, reason, claimed_at, events=(said,), wanted=(wanted,))


def asked(kind: str, who: Who, order: KnownOrder | None, by: str) -> EventDraft:
    """The line of the record: what was asked, and who answers."""
    return EventDraft(f"inquiry.{kind}", who.name, order.serial if order else None, {"answered_by": by})


def letter(purpose: Purpose, case: Case, who: Who, deciding: Deciding) -> Wanted:
    """A letter to who asks, by the way his question came."""
    assert who.customer is not None
    return Wanted(
        purpose, case.reading.channel, case.reading.sender or "", who.customer.language,
        f"message:{case.facts.message_id}", case.facts.arrived_at + 2 * deciding.house.promise, answers=True,
    )  # fmt: skip


def answer_to(case: Case, who: Who, house: House) -> Answer | None:
    """What the tariff says of the places that a question names; None where it does not tell."""
    reading, words = case.reading, house.tables.inquiries
    plain = house.atlas.simplified(f"{reading.envelope.subject}\n{reading.text}")
    if not house.tables.lane or any(word in plain.lower() for word in words.beyond):
        return None
    near = house.division(who.customer.home) if who.customer and who.customer.home else house.home
    asked_for = journey(plain, house.atlas, Marks(words.start, words.end), near)
    return offers(reading.details.inquiry or "", asked_for, load_of(reading.goods_asked), house)


def offers(kind: str, asked_for: Journey, load: Load, house: House) -> Answer | None:
    """The tariff's word on a journey; None where it starts outside our areas, ends nowhere or where we never were."""
    start = asked_for.start
    if not asked_for.ends or (start is not None and house.area_at(spot_of(start, house))[0] is None):
        return None
    found = tuple(
        offer(house.atlas.spoken(end), spot_of(end, house), load, house.tables.lane) for end in asked_for.ends
    )
    if all(one.quote is None for one in found) and kind != "coverage":
        return None
    dues = tuple(fees_due(house.tables.pickup, spot_of(start, house), load, None)) if start else ()
    return Answer(kind, house.atlas.spoken(start) if start else "", found, load.kg, load.m3, dues)


def spot_of(where: Division, house: House) -> Spot:
    """A division as the place of a tariff sees it."""
    return Spot(house.atlas.spoken(where), where, house.atlas)
