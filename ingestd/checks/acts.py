"""What an agent does with an order: each act a function from the order as it is to a decision. Pure.

A decision that is `APPLIED` settles what was asked of a person: the order's reviews are closed by it. One that is in
`REVIEW` leaves them open.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ingestd.checks.assessing import Circumstances, assess
from ingestd.checks.cancelling import call_off
from ingestd.checks.changing import Amendment, amended_order, amended_view, changed_on_the_way
from ingestd.checks.confirming import confirm
from ingestd.checks.content import fingerprint, joined, problems_of, remaining
from ingestd.checks.correcting import Speech, with_field
from ingestd.checks.deciding import Deciding
from ingestd.checks.dispatch import view_of, work_order_cause
from ingestd.checks.judging import Judged
from ingestd.checks.releasing import release
from ingestd.checks.reporting import CLOSED, Heard, told_of
from ingestd.checks.roster import first_recipient
from ingestd.checks.telling import news
from ingestd.config.tables import Customer
from ingestd.domain.asked import namesake_of, twin_of
from ingestd.domain.assessment import Assessment, Finding
from ingestd.domain.decision import Change, Decision, EventDraft, KnownOrder, NewOrder, Wanted
from ingestd.domain.message import MessageState
from ingestd.domain.order import TO_BE_PICKED_UP, UNDER_WAY, UNSETTLED, Happening, OrderState
from ingestd.domain.reading import Details, OrderReading, Problem
from ingestd.domain.sending import Purpose

OPEN = (*UNSETTLED, OrderState.REFUSED)  # an agent may still change what it says
DOUBTS = "doubtful_reading"


class NotPossibleError(Exception):
    """An act that the order does not allow; `why` is a code of the command line's words, `about` fills it."""

    permanent = True

    def __init__(self, why: str, about: str = "") -> None:
        super().__init__(f"{why}: {about}")
        self.why, self.about = why, about


@dataclass(frozen=True, slots=True)
class Agent:
    """Who acts, by his staff number."""

    number: str

    @property
    def name(self) -> str:
        """As the tracking record shows it."""
        return f"agent {self.number}"


def must_be(order: KnownOrder, states: Sequence[OrderState]) -> None:
    """Refuse what the order's state does not allow."""
    if order.state not in states:
        raise NotPossibleError("state", order.state)


def confirmed(order: KnownOrder, agent: Agent, area: str | None, anyway: bool, deciding: Deciding) -> Decision:
    """The order goes out as it stands, whatever the doubts; with a required field open only `anyway`."""
    must_be(order, UNSETTLED)
    blocks = order.assessment.saw(Finding.BLOCK)
    if blocks:
        raise NotPossibleError("blocked", "; ".join(blocks))
    if order.problems and not anyway:
        raise NotPossibleError("incomplete", "; ".join(p.field for p in order.problems))
    named = area or order.area
    served = deciding.house.areas.get(named)
    if served is None:
        raise NotPossibleError("unknown_area" if named else "no_area", named or ", ".join(deciding.house.areas))
    made = confirm(order, served, agent.name, deciding.now, deciding)
    wanted = tuple(
        replace(w, answers=w.purpose is Purpose.ACKNOWLEDGEMENT, order=replace(w.order, agent=agent.number))
        for w in made.wanted
        if w.order is not None
    )
    return replace(made, wanted=wanted)


def question(order: KnownOrder, words: str, deciding: Deciding) -> Wanted:
    """The question to the shipper, by the findings or in the agent's own words; each a letter of its own."""
    if not words and not order.problems and not order.assessment.saw(Finding.ASK):
        raise NotPossibleError("nothing_to_ask")
    return letter(order, Purpose.QUESTION, f"question-{order.questions + 1}", words, deciding)


def asked(order: KnownOrder, agent: Agent, words: str, deciding: Deciding) -> Decision:
    """The shipper is asked; the order waits for his answer."""
    must_be(order, UNSETTLED)
    if not deciding.house.answers(order.contact_channel, order.contact):
        raise NotPossibleError("no_contact")
    wanted = question(order, words, deciding)
    seen = list(order.assessment.saw(Finding.ASK))
    said = EventDraft("asked", agent.name, order.serial, {"note": words} if words else {"for": seen})
    change = Change(order, OrderState.ASKED, questions=order.questions + 1)
    return applied(order, "asked", (change,), (said,), (wanted,))


def refused(order: KnownOrder, agent: Agent, reason: str, deciding: Deciding) -> Decision:
    """The order is not carried; the shipper is told the agent's reason."""
    must_be(order, UNSETTLED)
    if not reason.strip():
        raise NotPossibleError("no_reason")
    told = deciding.house.answers(order.contact_channel, order.contact)
    wanted = (letter(order, Purpose.REFUSAL, "decline", reason, deciding),) if told else ()
    said = EventDraft("refused", agent.name, order.serial, {"note": reason})
    return applied(order, "refused", (Change(order, OrderState.REFUSED),), (said,), wanted)


def letter(order: KnownOrder, purpose: Purpose, name: str, words: str, deciding: Deciding) -> Wanted:
    """A letter to the shipper, by the way his order came."""
    house = deciding.house
    return Wanted(
        purpose, order.contact_channel, order.contact, order.language,
        f"order:{order.serial}/{order.revision}/{name}", deciding.now + 2 * house.promise,
        order=view_of(order, house), token=order.token, answers=True, words=words.strip(),
    )  # fmt: skip


def noted(order: KnownOrder, agent: Agent, text: str) -> Decision:
    """A remark in the tracking record; nothing else changes."""
    if not text.strip():
        raise NotPossibleError("no_reason")
    said = EventDraft("note", agent.name, order.serial, {"note": text.strip()})
    return Decision(MessageState.REVIEW, "a note", events=(said,))


def corrected(
    order: KnownOrder, agent: Agent, fields: Sequence[tuple[str, str]], speech: Speech, deciding: Deciding
) -> Decision:
    """Fields set by hand: a new revision, checked anew, that waits for the agent's further word."""
    must_be(order, (*OPEN, *UNDER_WAY))
    content = order.content
    for path, written in fields:
        content = with_field(content, path, written, speech)
    if content == order.content:
        raise NotPossibleError("same")
    if order.state in UNDER_WAY:
        return changed(order, content, [path for path, _ in fields], agent, deciding)
    said = EventDraft("corrected", agent.name, order.serial, {"set": [f"{path}={text}" for path, text in fields]})
    return revised(order, content, [path for path, _ in fields], said, deciding)


def applied_message(order: KnownOrder, said: OrderReading, agent: Agent, deciding: Deciding) -> Decision:
    """What a message that waits for a person says of an order is put into it: a change letter that was checked, a
    change whose order nobody could tell."""
    must_be(order, (*OPEN, *UNDER_WAY))
    content = joined(order.content, said)
    if content == order.content:
        raise NotPossibleError("same")
    if order.state in UNDER_WAY:
        return changed(order, content, [], agent, deciding)
    return revised(order, content, [], EventDraft("amended", agent.name, order.serial), deciding)


def changed(
    order: KnownOrder, content: OrderReading, named: Sequence[str], agent: Agent, deciding: Deciding
) -> Decision:
    """A confirmed order changed by an agent, whatever the doubts: who has it is told at once, and the shipper."""
    problems, assessment, area = judged(order, content, named, deciding)
    served = deciding.house.areas.get(area) or deciding.house.areas.get(order.area)
    if served is None:
        raise NotPossibleError("no_area", ", ".join(deciding.house.areas))
    recipient = first_recipient(served, deciding.house, deciding.now)
    found = Judged(content, problems, assessment, served, recipient)
    by = Amendment(order, found, agent.name, deciding.now)
    made = amended_order(by, (), deciding) if order.state in TO_BE_PICKED_UP else changed_on_the_way(by, deciding)
    return replace(made, wanted=(*made.wanted, *acknowledged(by, deciding)))


def acknowledged(by: Amendment, deciding: Deciding) -> tuple[Wanted, ...]:
    """The shipper is told what was changed."""
    order, house = by.order, deciding.house
    if not house.answers(order.contact_channel, order.contact):
        return ()
    view = amended_view(by, (), deciding)
    told = Wanted(
        Purpose.ACKNOWLEDGEMENT, order.contact_channel, order.contact, order.language, work_order_cause(view),
        deciding.now + 2 * house.promise, order=view, token=order.token, answers=True,
    )  # fmt: skip
    return (told,)


def called_off(order: KnownOrder, agent: Agent, reason: str, deciding: Deciding) -> Decision:
    """The order is called off by an agent: who has its work order is told, and the shipper."""
    must_be(order, (*UNSETTLED, *TO_BE_PICKED_UP))
    if not reason.strip():
        raise NotPossibleError("no_reason")
    made = call_off(order, agent.name, deciding.now + deciding.house.promise, deciding)
    (said,) = made.events
    told = news(Happening.CANCELLED, order, f"order:{order.serial}/cancelled", deciding)
    return replace(made, events=(replace(said, data={"note": reason.strip()}),), wanted=(*made.wanted, *told))


def reported(order: KnownOrder, agent: Agent, kind: str, details: Details, deciding: Deciding) -> Decision:
    """What somebody told an agent of an order by phone, as if he had written it."""
    must_be(order, (*UNDER_WAY, OrderState.DELIVERED, OrderState.RECEIPT_RETURNED))
    cause = f"order:{order.serial}/{kind}/{int(deciding.now.timestamp())}"
    heard = Heard(kind, details, agent.name, frozenset({order.dispatcher or ""}), cause, deciding.now, is_plain=True)
    made = told_of(order, heard, deciding)
    if kind == CLOSED and not made.changes:
        raise NotPossibleError("state", order.state)
    return made


def let_go(order: KnownOrder, agent: Agent, deciding: Deciding) -> Decision:
    """Held goods are let go at the shipper's word to an agent."""
    must_be(order, UNDER_WAY)
    if not order.content.hold:
        raise NotPossibleError("not_held")
    return release(order, agent.name, f"order:{order.serial}/released", deciding)


def joined_to(order: KnownOrder, other: KnownOrder, agent: Agent, deciding: Deciding) -> Decision:
    """What `other` says is put into this order, and `other` is called off: it was never one of its own."""
    must_be(order, UNSETTLED)
    must_be(other, OPEN)
    if order.order_id == other.order_id:
        raise NotPossibleError("itself")
    if order.customer != other.customer:
        raise NotPossibleError("other_customer", other.customer)
    said = EventDraft("joined", agent.name, order.serial, {"order": other.serial})
    made = revised(order, joined(order.content, other.content), [], said, deciding)
    gone = EventDraft("joined_to", agent.name, other.serial, {"order": order.serial})
    called_off = Change(other, OrderState.CANCELLED, kin=order.order_id)
    return replace(made, changes=(*made.changes, called_off), events=(*made.events, gone))


def parted(order: KnownOrder, lines: Sequence[int], agent: Agent, deciding: Deciding) -> Decision:
    """Some of the goods (lines from 1) become an order of their own; both wait for the agent's further word."""
    must_be(order, UNSETTLED)
    goods = order.content.cargo
    taken = tuple(goods[n - 1] for n in sorted(set(lines)) if 0 < n <= len(goods))
    if not taken or len(taken) != len(set(lines)) or len(taken) == len(goods):
        raise NotPossibleError("parts", str(len(goods)))
    left = replace(order.content, cargo=tuple(line for n, line in enumerate(goods, 1) if n not in lines))
    serial = deciding.next_serial()
    said = EventDraft("parted", agent.name, order.serial, {"order": serial})
    made = revised(order, left, ["cargo.name"], said, deciding)
    other = part(order, replace(order.content, cargo=taken), serial, deciding)
    ordered = EventDraft("ordered", agent.name, serial, {"order": order.serial})
    opened = (serial, reason_of(other.assessment))
    return replace(made, new_orders=(other,), events=(*made.events, ordered), reviews=(*made.reviews, opened))


def part(order: KnownOrder, content: OrderReading, serial: str, deciding: Deciding) -> NewOrder:
    """An order beside another, placed with it."""
    problems, assessment, area = judged(order, content, ["cargo.name"], deciding)
    return NewOrder(
        serial, OrderState.REVIEW, order.customer, order.contact_channel, order.contact, order.language, area,
        dispatcher_of(area, deciding), deciding.keys.token(serial), order.order_time, None, None, None, content,
        problems, fingerprint(content), 0, assessment, order.order_id,
    )  # fmt: skip


def revised(
    order: KnownOrder, content: OrderReading, named: Sequence[str], said: EventDraft, deciding: Deciding
) -> Decision:
    """A new revision by an agent; the doubts about fields that he set are his no more."""
    problems, assessment, area = judged(order, content, named, deciding)
    change = Change(
        order, OrderState.REVIEW, content, problems, fingerprint(content), area, dispatcher_of(area, deciding),
        questions=order.questions, assessment=assessment,
    )  # fmt: skip
    opened = () if order.state is OrderState.REVIEW else ((order.serial, reason_of(assessment)),)
    return Decision(
        MessageState.REVIEW, f"order {order.serial} corrected", changes=(change,), events=(said,), reviews=opened
    )


def judged(
    order: KnownOrder, content: OrderReading, named: Sequence[str], deciding: Deciding
) -> tuple[tuple[Problem, ...], Assessment, str]:
    """What the checks make of the new content: problems, their word, the area's name.

    The message's words only ever tell a second shipment from a first one sent again: where they did, there is no twin.
    """
    house, hits = deciding.house, order.assessment.hits
    fields = {plain(path) for path in named}
    open_still = tuple(p for p in order.problems if p.field not in fields)
    problems = problems_of(content, remaining(open_still, content, ()))
    doubts = tuple(h.saw for h in hits if h.rule == DOUBTS and not any(f in h.saw for f in fields))
    same = fingerprint(content) == fingerprint(order.content)
    twin = twin_of(order) if same else None
    customer = next((c for c in house.tables.customer if c.name == order.customer), Customer(name=order.customer))
    known_as = namesake_of(order) if content.called == order.content.called else None
    about = Circumstances(customer, doubts, "", order.order_time.arrived_at, deciding.now, twin, known_as)
    assessment, area = assess(content, problems, about, house)
    return problems, assessment, area.name if area else ""


def dispatcher_of(area: str, deciding: Deciding) -> str | None:
    """The first recipient of an area's work orders."""
    served = deciding.house.areas.get(area)
    return first_recipient(served, deciding.house, deciding.now).number if served else None


def plain(path: str) -> str:
    """The field that a path belongs to, as problems name it: `cargo[1].name` is `cargo.name`."""
    head, _, rest = path.partition("[")
    return head + rest.partition("]")[2] if rest else path


def reason_of(assessment: Assessment) -> str:
    """Why a person decides, as codes."""
    seen = assessment.saw(Finding.BLOCK, Finding.REVIEW) or assessment.saw(Finding.ASK) or ("agent_confirms",)
    return "; ".join(seen)


def applied(
    order: KnownOrder,
    what: str,
    changes: tuple[Change, ...],
    events: tuple[EventDraft, ...],
    wanted: tuple[Wanted, ...] = (),
) -> Decision:
    """An act that settles what was asked of a person."""
    said = f"order {order.serial} {what}"
    return Decision(MessageState.APPLIED, said, changes=changes, events=events, wanted=wanted)
