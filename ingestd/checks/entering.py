"""An order that an agent enters for who phones: the same checks, letters and clock as an order by mail. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ingestd.checks.acts import Agent, reason_of
from ingestd.checks.deciding import Deciding
from ingestd.checks.judging import Matter
from ingestd.checks.ordering import new_order
from ingestd.config.tables import Customer
from ingestd.domain.decision import Case, Decision, EventDraft, KnownOrder, MessageFacts
from ingestd.domain.message import MessageState
from ingestd.domain.order import OrderState, OrderTime
from ingestd.domain.reading import Channel, Intent, OrderReading, Reading
from ingestd.domain.sending import Purpose

ENTRY = "entry"  # the clock of a phone order: its final entry (domain.md §2)


@dataclass(frozen=True, slots=True)
class Entry:
    """What an agent entered, and how the shipper is answered; an empty contact is not."""

    customer: Customer
    content: OrderReading
    channel: Channel
    contact: str
    twins: tuple[KnownOrder, ...] = ()
    namesakes: tuple[KnownOrder, ...] = ()
    confirmed_before: int = 0


def entered(entry: Entry, agent: Agent, deciding: Deciding) -> Decision:
    """The new order. What is open in it is the agent's to ask: he has the shipper on the phone."""
    made = new_order(Matter(case_of(entry, deciding), entry.customer, deciding), 0)
    (order,) = made.new_orders
    now = deciding.now
    order = replace(order, order_time=OrderTime(now, ENTRY, "", None, now))
    said = tuple(by_agent(event, agent) for event in made.events)
    wanted = tuple(
        replace(w, answers=False, order=replace(w.order, agent=agent.number))
        for w in made.wanted
        if w.order and w.purpose is not Purpose.REVIEW_NOTICE  # he knows
    )
    if order.state is OrderState.ASKED:
        order = replace(order, state=OrderState.REVIEW, questions=0)
        return Decision(
            MessageState.REVIEW, made.reason, new_orders=(order,), events=said[:1],
            reviews=((order.serial, reason_of(order.assessment)),),
        )  # fmt: skip
    return replace(made, new_orders=(order,), events=said, wanted=wanted)


def by_agent(event: EventDraft, agent: Agent) -> EventDraft:
    """The event as the agent's; there is no mail whose time could be told."""
    return replace(event, who=agent.name, data={"time": ENTRY} if event.kind == "ordered" else event.data)


def case_of(entry: Entry, deciding: Deciding) -> Case:
    """The entry as if it were a message that came this moment."""
    now = deciding.now
    facts = MessageFacts(0, "phone", entry.channel, now, 0, now, "")
    reading = Reading(entry.channel, entry.contact or None, now, Intent.ORDER, orders=(entry.content,))
    return Case(facts, reading, twins=entry.twins, namesakes=entry.namesakes, confirmed_before=entry.confirmed_before)
