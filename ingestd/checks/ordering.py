"""Orders new and revised: judged by the checks, then confirmed, asked for, or left to a person. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from ingestd.calendar.pickup import pickup_deadline
from ingestd.checks.assessing import Circumstances, assess
from ingestd.checks.content import another_order, fingerprint, goods_lost, joined, namesake, problems_of, remaining
from ingestd.checks.deciding import Deciding, desk_notices, in_review, only, overtaken, own
from ingestd.checks.dispatch import fitting, pickup_follow_ups, work_order_cause, work_orders
from ingestd.checks.house import House
from ingestd.checks.order_time import order_time
from ingestd.checks.senders import Who
from ingestd.config.tables import Area, Customer
from ingestd.domain.asked import namesake_of, twin_of
from ingestd.domain.assessment import Assessment, Finding
from ingestd.domain.decision import Case, Change, Decision, EventDraft, KnownOrder, NewOrder, Wanted
from ingestd.domain.message import MessageState
from ingestd.domain.order import UNSETTLED, OrderState, OrderTime, OrderView
from ingestd.domain.reading import Attachment, Code, OrderReading, Problem
from ingestd.domain.sending import Purpose

QUESTIONS_BEFORE_REVIEW = 1  # a second incomplete answer goes to a person


@dataclass(frozen=True, slots=True)
class Matter:
    """One message of one customer, with all that deciding on its orders needs."""

    case: Case
    customer: Customer
    deciding: Deciding
    answers: KnownOrder | None = None  # the order that asked for it

    @property
    def answerable(self) -> bool:
        """Whether its sender can be written to: never a machine (RFC 3834), nor who left no address by phone."""
        reading = self.case.reading
        house = self.deciding.house
        return not reading.envelope.machine and house.answers(reading.channel, reading.sender or "")

    @property
    def order_time(self) -> OrderTime:
        """When the order was placed, by this message (domain.md §2)."""
        slack = self.deciding.house.settings.orders.date_slack
        return order_time(self.case.reading.sent_at, self.case.facts.arrived_at, slack)


@dataclass(frozen=True, slots=True)
class Judged:
    """An order's content with what the checks made of it."""

    content: OrderReading
    problems: tuple[Problem, ...]
    assessment: Assessment
    area: Area | None


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
        return self.judged.area.dispatcher if self.judged.area else None

    @property
    def pickup_by(self) -> datetime | None:
        return self.view.pickup_by if self.state is OrderState.CONFIRMED else None

    @property
    def clock_start(self) -> datetime | None:
        """The arrival of the message that made the order confirmable starts the 3 minutes."""
        return self.view.order_time.arrived_at if self.state is OrderState.CONFIRMED else None


def ordered(case: Case, who: Who, deciding: Deciding) -> Decision:
    """New orders; or, in answer to our question, the whole of an order that was incomplete."""
    assert who.customer is not None
    concerned = only(own(case.thread, who))
    if concerned and len(case.reading.orders) == 1:
        return amended(case, who, deciding)
    matter = Matter(case, who.customer, deciding)
    return total([new_order(matter, index) for index in range(len(case.reading.orders))], case)


def amended(case: Case, who: Who, deciding: Deciding) -> Decision:
    """What changes or completes an order: applied before its confirmation, a person's decision after."""
    assert who.customer is not None
    order = only(own(case.thread, who)) or only(own(case.named, who)) or only(own(case.open, who))
    if order is None or len(case.reading.orders) != 1:
        return in_review("unclear_order", case, deciding)
    if order.state not in UNSETTLED:
        return in_review(f"changes_confirmed_order:{order.serial}", case, deciding, order)
    if overtaken(case, order):
        return in_review(f"overtaken:{order.serial}", case, deciding, order)
    if another_order(order.content, case.reading.orders[0]):
        return in_review(f"another_order:{order.serial}", case, deciding, order)
    if goods_lost(order.content, case.reading.orders[0]):
        return in_review(f"unclear_goods:{order.serial}", case, deciding, order)
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


def judge(
    matter: Matter, content: OrderReading, problems: tuple[Problem, ...], twin: str | None, known_as: str | None
) -> Judged:
    """The checks' word on an order."""
    case, deciding = matter.case, matter.deciding
    about = Circumstances(
        matter.customer, case.reading.review, case.reading.text, case.facts.arrived_at, deciding.now, twin, known_as
    )
    assessment, area = assess(content, problems, about, deciding.house)
    if any(h.rule == "too_general_goods" and h.finding is Finding.ASK for h in assessment.hits):
        problems = tuple(p for p in problems if p.field != "cargo.name")
        problems = (*problems, Problem(Code.AMBIGUOUS, "cargo.name", 0))  # so that the question names it
    return Judged(content, problems, assessment, area)


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


def carried(matter: Matter) -> tuple[Attachment, ...]:
    """The attachments that travel with the work order: as many as the site's limit on their bytes allows."""
    most = matter.deciding.house.settings.orders.attachments_largest
    return fitting(matter.case.reading.envelope.attachments, most)


def confirmed(matter: Matter, judged: Judged, view: OrderView) -> Decision:
    """A complete order: its work order to dispatch within the promise, its acknowledgement, its follow-ups."""
    assert judged.area is not None
    token = matter.deciding.keys.token(view.serial)
    started = Decision(
        MessageState.APPLIED,
        f"order {view.serial} confirmed",
        events=(EventDraft("confirmed", "ingestd", view.serial, {"mode": matter.customer.confirmation}),),
        wanted=(
            *work_orders(view, token, judged.area, deadline_of(view, matter.deciding.house), matter.deciding.house),
            *answer(Purpose.ACKNOWLEDGEMENT, matter, view),
        ),
    )
    return replace(started, follow_ups=pickup_follow_ups(view, judged.area, matter.deciding.house))


def deadline_of(view: OrderView, house: House) -> datetime:
    """When the work order must have been accepted: the promise runs from the message that made it confirmable."""
    return view.order_time.arrived_at + house.promise


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


def answer(purpose: Purpose, matter: Matter, view: OrderView) -> tuple[Wanted, ...]:
    """The letter to the shipper, by the way his message came."""
    reading = matter.case.reading
    if not matter.answerable or reading.sender is None:
        return ()
    letter = Wanted(
        purpose,
        reading.channel,
        reading.sender,
        language=matter.customer.language,
        cause=work_order_cause(view),
        deadline=view.order_time.arrived_at + 2 * matter.deciding.house.promise,
        order=view,
        token=matter.deciding.keys.token(view.serial),
        answers=True,
    )
    return (letter,)


def total(made: list[Decision], case: Case) -> Decision:
    """The decisions on a message's orders as one."""
    state = MessageState.REVIEW if any(d.state is MessageState.REVIEW for d in made) else MessageState.APPLIED
    return Decision(
        state,
        "; ".join(d.reason for d in made),
        case.reading.sent_at,
        new_orders=tuple(o for d in made for o in d.new_orders),
        changes=tuple(c for d in made for c in d.changes),
        events=tuple(e for d in made for e in d.events),
        wanted=tuple(w for d in made for w in d.wanted),
        follow_ups=tuple(f for d in made for f in d.follow_ups),
        reviews=tuple(r for d in made for r in d.reviews),
    )
