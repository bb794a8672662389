"""Orders new and revised: judged by the checks, then confirmed, asked for, or left to a person. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from ingestd.calendar.pickup import pickup_deadline
from ingestd.checks.changing import changed, changed_by_letter, held_back
from ingestd.checks.content import fingerprint, joined, namesake, problems_of, remaining
from ingestd.checks.deciding import Deciding, desk_notices, in_review, meant, only, own, total, unclear_order
from ingestd.checks.dispatch import work_orders
from ingestd.checks.following import duties
from ingestd.checks.judging import Judged, Matter, answer, carried, deadline_of, judge
from ingestd.checks.senders import Who
from ingestd.domain.asked import namesake_of, twin_of
from ingestd.domain.assessment import Finding
from ingestd.domain.decision import Case, Change, Decision, EventDraft, KnownOrder, NewOrder
from ingestd.domain.message import MessageState
from ingestd.domain.order import TO_BE_PICKED_UP, UNDER_WAY, UNSETTLED, Happening, OrderState, OrderView
from ingestd.domain.reading import Code
from ingestd.domain.sending import Purpose

QUESTIONS_BEFORE_REVIEW = 1  # a second incomplete answer goes to a person


@dataclass(frozen=True, slots=True)
class Stand:
    """Where an order stands after a message, and the decision so far."""

    state: OrderState
    view: OrderView
    judged: Judged
    questions: int
    decision: Decision

    @property
    def dispatcher(self) -> str | None:
        return self.judged.recipient.number if self.judged.recipient else None

    @property
    def pickup_by(self) -> datetime | None:
        return self.view.pickup_by if self.state is OrderState.CONFIRMED else None

    @property
    def clock_start(self) -> datetime | None:
        """The arrival of the message that made the order confirmable starts the 3 minutes."""
        return self.view.order_time.arrived_at if self.state is OrderState.CONFIRMED else None


def ordered(case: Case, who: Who, deciding: Deciding) -> Decision:
    """New orders; or, in answer to our question, the whole of an order that was incomplete.

    A whole order in answer to a letter about one that is confirmed may change it or be another: a person decides.
    """
    assert who.customer is not None
    concerned = only(own(case.thread, who))
    if concerned and len(case.reading.orders) == 1:
        if concerned.state in UNSETTLED:
            return completed(case, who, deciding, concerned)
        return in_review(f"changes_confirmed_order:{concerned.serial}", case, deciding, concerned)
    matter = Matter(case, who.customer, deciding)
    return total([new_order(matter, index) for index in range(len(case.reading.orders))], case)


def amended(case: Case, who: Who, deciding: Deciding) -> Decision:
    """What changes or completes an order: applied at once before its pickup, by a change letter after it."""
    assert who.customer is not None
    order = meant(case, who)
    if order is None or len(case.reading.orders) != 1:
        return unclear_order("unclear_order", case, who, deciding)
    if order.state in UNSETTLED:
        return completed(case, who, deciding, order)
    if order.state in TO_BE_PICKED_UP:
        return changed(Matter(case, who.customer, deciding), order)
    if order.state in UNDER_WAY:
        return changed_by_letter(case, who, deciding, order)
    return in_review(f"changes_confirmed_order:{order.serial}", case, deciding, order)


def completed(case: Case, who: Who, deciding: Deciding, order: KnownOrder) -> Decision:
    """An order that is not confirmed yet, with what the message says of it put in."""
    assert who.customer is not None
    if (held := held_back(case, order, deciding)) is not None:
        return held
    answers = order if order.state is OrderState.ASKED else None
    return total([revised_order(Matter(case, who.customer, deciding, answers), order)], case)


def new_order(matter: Matter, index: int) -> Decision:
    """One of the message's orders as a new one."""
    reading, serial, when = matter.case.reading, matter.deciding.next_serial(), matter.order_time
    content = reading.orders[index]
    told = tuple(replace(p, order=0) for p in reading.problems if p.order in (index, None))
    twin = next((t.serial for t in matter.case.twins if fingerprint(t.content) == fingerprint(content)), None)
    known_as = None if twin else namesake(content, matter.case.namesakes)
    judged = judge(matter, content, problems_of(content, told), twin, known_as)
    stand = settle(matter, judged, serial, None)
    order = NewOrder(
        serial=serial,
        state=stand.state,
        customer=matter.customer.name,
        contact_channel=reading.channel,
        contact=reading.sender or "",
        language=matter.customer.language,
        area=stand.view.area,
        dispatcher=stand.dispatcher,
        token=matter.deciding.keys.token(serial),
        order_time=when,
        clock_start=stand.clock_start,
        confirmed_at=stand.view.confirmed_at,
        pickup_by=stand.pickup_by,
        content=content,
        problems=judged.problems,
        fingerprint=fingerprint(content),
        questions=stand.questions,
        assessment=judged.assessment,
    )
    said = EventDraft("ordered", f"customer {matter.customer.name}", serial, {"time": when.source, "why": when.reason})
    return replace(stand.decision, new_orders=(order,), events=(said, *stand.decision.events))


def revised_order(matter: Matter, order: KnownOrder) -> Decision:
    """A new revision of an order that is not confirmed yet; the final mail's time is the order's (domain.md §2)."""
    reading = matter.case.reading
    content = joined(order.content, reading.orders[0])
    told = tuple(replace(p, order=0) for p in reading.problems if p.code is not Code.MISSING)
    another = reading.bare is not None and reading.bare.again
    twin = None if another else twin_of(order)
    known_as = None if another else namesake_of(order)
    judged = judge(matter, content, problems_of(content, remaining(order.problems, content, told)), twin, known_as)
    stand = settle(matter, judged, order.serial, order)
    change = Change(
        order=order,
        state=stand.state,
        content=content,
        problems=judged.problems,
        fingerprint=fingerprint(content),
        area=stand.view.area,
        dispatcher=stand.dispatcher,
        order_time=matter.order_time,
        clock_start=stand.clock_start,
        confirmed_at=stand.view.confirmed_at,
        pickup_by=stand.pickup_by,
        questions=stand.questions,
        assessment=judged.assessment,
    )
    said = EventDraft("revised", f"customer {order.customer}", order.serial, {"revision": order.revision + 1})
    return replace(stand.decision, changes=(change,), events=(said, *stand.decision.events))


def state_for(matter: Matter, judged: Judged, asked_before: int) -> OrderState:
    """Where the findings put an order: refused, a person before a question, a question before confirmation."""
    findings = {hit.finding for hit in judged.assessment.hits}
    if Finding.BLOCK in findings:
        return OrderState.REFUSED
    if Finding.REVIEW in findings:
        return OrderState.REVIEW
    if Finding.ASK in findings:
        askable = asked_before < QUESTIONS_BEFORE_REVIEW and matter.answerable
        return OrderState.ASKED if askable else OrderState.REVIEW
    return confirmation_of(matter) if judged.area is not None else OrderState.REVIEW


def confirmation_of(matter: Matter) -> OrderState:
    """Who confirms a clean order: its customer's mode says it (domain.md §3)."""
    mode, first = matter.customer.confirmation, matter.deciding.house.settings.orders.first_orders
    if mode == "shipper":
        return OrderState.OFFERED if matter.answerable else OrderState.REVIEW
    known = mode == "automatic" or (mode == "first_orders" and matter.case.confirmed_before >= first)
    return OrderState.CONFIRMED if known else OrderState.REVIEW


def settle(matter: Matter, judged: Judged, serial: str, before: KnownOrder | None) -> Stand:
    """The order's state and what follows from it: work order and acknowledgement, a question, or a person's review."""
    deciding, asked_before = matter.deciding, before.questions if before else 0
    state = state_for(matter, judged, asked_before)
    kind = judged.area.kind if judged.area else "suburban"
    view = OrderView(
        serial=serial,
        revision=before.revision + 1 if before else 1,
        content=judged.content,
        order_time=matter.order_time,
        customer=matter.customer.name,
        area=judged.area.name if judged.area else "",
        pickup_by=pickup_deadline(deciding.now, kind, judged.content.pickup.by, deciding.house.pickup),
        confirmed_at=deciding.now if state is OrderState.CONFIRMED else None,
        agent=deciding.house.settings.site.agent,
        problems=judged.problems,
        attachments=carried(matter),
        cargo_note="; ".join(judged.assessment.hints),
        assessment=judged.assessment,
        closure=deciding.house.closure_ahead(deciding.now),
    )
    decision = SETTLED[state](matter, judged, view)
    if view.attachments != matter.case.reading.envelope.attachments:
        decision = replace(decision, reviews=(*decision.reviews, (serial, "attachments_left_out")))
    return Stand(state, view, judged, asked_before + (state is OrderState.ASKED), decision)


def confirmed(matter: Matter, judged: Judged, view: OrderView) -> Decision:
    """A complete order: its work order to dispatch within the promise, its acknowledgement, its follow-ups."""
    assert judged.recipient is not None
    house, token = matter.deciding.house, matter.deciding.keys.token(view.serial)
    started = Decision(
        MessageState.APPLIED,
        f"order {view.serial} confirmed",
        events=(EventDraft("confirmed", "ingestd", view.serial, {"mode": matter.customer.confirmation}),),
        wanted=(
            *work_orders(view, token, judged.recipient, deadline_of(view, house), house),
            *answer(Purpose.ACKNOWLEDGEMENT, matter, view),
        ),
    )
    begun = duties(Happening.CONFIRMED, view, judged.recipient.number, matter.deciding.now, house)
    return replace(started, follow_ups=begun.begin)


def asked(matter: Matter, judged: Judged, view: OrderView) -> Decision:
    """An incomplete order: the shipper is asked for exactly what is missing."""
    wanting = list(judged.assessment.saw(Finding.ASK))
    return Decision(
        MessageState.APPLIED,
        f"order {view.serial} asked",
        events=(EventDraft("asked", "ingestd", view.serial, {"for": wanting}),),
        wanted=answer(Purpose.QUESTION, matter, view),
    )


def offered(matter: Matter, judged: Judged, view: OrderView) -> Decision:
    """A clean order of a customer who wants to say yes first: he is told what was understood and asked to."""
    return Decision(
        MessageState.APPLIED,
        f"order {view.serial} offered",
        events=(EventDraft("offered", "ingestd", view.serial),),
        wanted=answer(Purpose.CONFIRMATION_REQUEST, matter, view),
    )


def refused(matter: Matter, judged: Judged, view: OrderView) -> Decision:
    """Goods that must not be carried: the shipper is told at once, and the desk."""
    reasons = judged.assessment.saw(Finding.BLOCK)
    return Decision(
        MessageState.APPLIED,
        f"order {view.serial} refused",
        events=(EventDraft("refused", "ingestd", view.serial, {"reason": "; ".join(reasons)}),),
        wanted=(
            *answer(Purpose.REFUSAL, matter, view),
            *desk_notices(reasons, view, matter.case, matter.deciding, settled=True),
        ),
    )


def reviewed(matter: Matter, judged: Judged, view: OrderView) -> Decision:
    """A doubtful order: a person decides, the desk is told why; who answered our question is told that we will call."""
    saw = judged.assessment.saw
    reasons = saw(Finding.REVIEW) or saw(Finding.ASK) or ("agent_confirms",)
    promised = answer(Purpose.HOLDING_REPLY, matter, view) if matter.answers else ()
    if promised:
        reasons = (*reasons, "promised_call")
    said = "; ".join(reasons)
    return Decision(
        MessageState.REVIEW,
        f"order {view.serial} in review",
        events=(EventDraft("review", "ingestd", view.serial, {"reason": said}),),
        wanted=(*desk_notices(reasons, view, matter.case, matter.deciding), *promised),
        reviews=((view.serial, said),),
    )


SETTLED = {
    OrderState.CONFIRMED: confirmed, OrderState.ASKED: asked, OrderState.REVIEW: reviewed,
    OrderState.OFFERED: offered, OrderState.REFUSED: refused,
}  # fmt: skip
