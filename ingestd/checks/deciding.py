"""What every decision shares: its means, and the plain outcomes "nothing to do" and "a person decides"."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any

from ingestd.checks.house import House
from ingestd.checks.senders import Who
from ingestd.config.tables import Customer
from ingestd.domain.decision import About, Case, Decision, EventDraft, KnownOrder, Wanted
from ingestd.domain.keys import Keys
from ingestd.domain.message import MessageState, came_before
from ingestd.domain.order import OrderView
from ingestd.domain.reading import Channel, OrderReading
from ingestd.domain.sending import Purpose

SHORTEST_NAME = 2  # characters by which an order may be recognized
MOST_CANDIDATES = 5  # that a person is told of
LOOK_AGAIN = timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class Deciding:
    """What a decision needs beside its case."""

    house: House
    keys: Keys
    now: datetime
    next_serial: Callable[[], str]


def ignored(reason: str, case: Case) -> Decision:
    """Nothing to do, by a named rule."""
    return Decision(MessageState.IGNORED, reason, case.reading.sent_at)


def in_review(reason: str, case: Case, deciding: Deciding, order: KnownOrder | None = None) -> Decision:
    """A person decides; the desk is told. `reason` is a code of the templates' `[review]` table, or `code:what`."""
    serial = order.serial if order else None
    return Decision(
        MessageState.REVIEW,
        reason,
        case.reading.sent_at,
        events=(EventDraft("review", "ingestd", serial, {"reason": reason}),),
        wanted=desk_notices((reason,), None, case, deciding),
        reviews=((serial, reason),),
    )


def desk_notices(
    reasons: tuple[str, ...], view: OrderView | None, case: Case, deciding: Deciding, *, settled: bool = False
) -> tuple[Wanted, ...]:
    """Tell the desk that a person must decide, until when, with what was read; of what is `settled`, that it is."""
    site, reading = deciding.house.settings.site, case.reading
    due_at = None if settled else deciding.house.checking.due_of(case.facts.arrived_at, deciding.now)
    notice = Wanted(
        Purpose.REVIEW_NOTICE,
        Channel.EMAIL,
        recipient="",
        language=site.language,
        cause=f"order:{view.serial}/{view.revision}" if view else f"message:{case.facts.message_id}",
        deadline=deciding.now + deciding.house.promise,
        order=view,
        notes=reasons,
        about=About(case.facts.message_id, reading.sender or "", case.facts.arrived_at, reading.text, due_at),
    )
    return tuple(notice.to(address) for address in deciding.house.settings.desk.notify)


def overtaken(case: Case, order: KnownOrder) -> bool:
    """Whether a later message than this one has changed the order already.

    An answer is later than what it answers, whatever the clocks of the two say.
    """
    if order.serial in case.newest:
        return False
    newest = order.last_message_arrived_at, order.last_message_position
    return came_before((case.facts.arrived_at, case.facts.position), newest)


def answered_by(case: Case) -> tuple[str, ...]:
    """The Message-IDs of what a mail answers."""
    return (*case.reading.envelope.in_reply_to, *case.reading.envelope.references)


def meant(case: Case, who: Who) -> KnownOrder | None:
    """The one order that a customer's message is about, None where none or several could be.

    By the letter it answers, else by a serial, else of the open orders of its sender the only one, or the only one of
    which it mentions something. Where letter and serial name different orders, nobody guesses.
    """
    thread, named = own(case.thread, who), own(case.named, who)
    if thread and named:
        return only(tuple(order for order in named if order in thread))
    if thread or named:
        return only(thread) or only(named) or only(mentioned(thread or named, case))
    candidates = open_orders(case, who)
    return only(candidates) or only(mentioned(candidates, case))


def open_orders(case: Case, who: Who) -> tuple[KnownOrder, ...]:
    """The sender's open orders; all of his company's where none is his own."""
    theirs = own(case.open, who)
    return tuple(o for o in theirs if o.contact == case.reading.sender) or theirs


def mentioned(orders: tuple[KnownOrder, ...], case: Case) -> tuple[KnownOrder, ...]:
    """Those of which a message's own words name the consignee, the destination, the goods or the customer's number."""
    words = f"{case.reading.envelope.subject}\n{case.reading.text}"
    return tuple(order for order in orders if any(name in words for name in names_in(order.content)))


def names_in(content: OrderReading) -> set[str]:
    """What an order may be called by."""
    who = content.consignee
    named = (content.destination, who.name, who.company, *(line.name for line in content.cargo), *content.called)
    return {name for name in named if name and len(name) >= SHORTEST_NAME}


def unclear_order(code: str, case: Case, who: Who, deciding: Deciding) -> Decision:
    """Nobody can tell which order is meant: a little later, where that order may still be on its way; else a person's
    decision, who is told which orders it may be."""
    if (at := waits_until(case, who, deciding)) is not None:
        return Decision(MessageState.STORED, "its order may still come", case.reading.sent_at, again_at=at)
    candidates = own(case.thread, who) or own(case.named, who) or open_orders(case, who)
    serials = [order.serial for order in candidates[-MOST_CANDIDATES:]]
    held = in_review(f"{code}:{'|'.join(serials)}" if serials else code, case, deciding)
    return replace(held, wanted=(*held.wanted, *holding_reply(case, who.customer, deciding)))


def holding_reply(case: Case, customer: Customer | None, deciding: Deciding) -> tuple[Wanted, ...]:
    """To a customer: his message is here, and a person answers."""
    reading, house = case.reading, deciding.house
    is_heard = reading.sender and not reading.envelope.machine and house.answers(reading.channel, reading.sender)
    if customer is None or not reading.sender or not is_heard:
        return ()
    letter = Wanted(
        Purpose.HOLDING_REPLY, reading.channel, reading.sender, customer.language,
        f"message:{case.facts.message_id}", case.facts.arrived_at + 2 * house.promise, answers=True,
    )  # fmt: skip
    return (letter,)


def waits_until(case: Case, who: Who, deciding: Deciding) -> datetime | None:
    """When to look again at what answers a mail that we don't have, or comes from somebody who has no open order."""
    ours = case.thread or case.named or (case.open and not answered_by(case))
    last = case.facts.stored_at + deciding.house.settings.orders.wait_for_order
    return None if ours or deciding.now >= last else min(deciding.now + LOOK_AGAIN, last)


def own(orders: tuple[KnownOrder, ...], who: Who) -> tuple[KnownOrder, ...]:
    """Those orders that belong to the sender."""
    return tuple(o for o in orders if who.customer and o.customer == who.customer.name)


def only(orders: tuple[KnownOrder, ...]) -> KnownOrder | None:
    """The one order, None where there are none or several."""
    return orders[0] if len(orders) == 1 else None


def total(made: Sequence[Decision], case: Case) -> Decision:
    """The decisions on a message's orders as one: a person's where one of them is."""
    states = [decision.state for decision in made]
    parts = [field.name for field in fields(Decision) if isinstance(field.default, tuple)]
    joined: dict[str, Any] = {
        name: tuple(one for decision in made for one in getattr(decision, name)) for name in parts
    }
    state = next((s for s in (MessageState.REVIEW, MessageState.APPLIED) if s in states), states[0])
    return Decision(state, "; ".join(d.reason for d in made), case.reading.sent_at, **joined)
