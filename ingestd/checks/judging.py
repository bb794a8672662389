"""One message of a customer: what the checks make of an order that it states, and the letter to its sender. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ingestd.checks.assessing import Circumstances, assess
from ingestd.checks.deciding import Deciding
from ingestd.checks.dispatch import fitting, work_order_cause
from ingestd.checks.house import House
from ingestd.checks.order_time import order_time
from ingestd.checks.roster import first_recipient
from ingestd.config.tables import Area, Customer, Staff
from ingestd.domain.assessment import Assessment, Finding
from ingestd.domain.decision import Case, KnownOrder, Wanted
from ingestd.domain.order import OrderTime, OrderView
from ingestd.domain.reading import Attachment, Code, OrderReading, Problem
from ingestd.domain.sending import Purpose


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
    recipient: Staff | None  # who gets its work order now


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
    recipient = first_recipient(area, deciding.house, deciding.now) if area else None
    return Judged(content, problems, assessment, area, recipient)


def carried(matter: Matter) -> tuple[Attachment, ...]:
    """The attachments that travel with the work order: as many as the site's limit on their bytes allows."""
    most = matter.deciding.house.settings.orders.attachments_largest
    return fitting(matter.case.reading.envelope.attachments, most)


def deadline_of(view: OrderView, house: House) -> datetime:
    """When the work order must have been accepted: the promise runs from the message that made it confirmable."""
    return view.order_time.arrived_at + house.promise


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
        deadline=matter.case.facts.arrived_at + 2 * matter.deciding.house.promise,
        order=view,
        token=matter.deciding.keys.token(view.serial),
        answers=True,
    )
    return (letter,)
