"""`ingestd desk note|assign|close|call|called`: what changes no order, and calls. All raise Trouble."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from ingestd.cli.counter import Hand, desk_member, tell, told_over
from ingestd.cli.trouble import WRONG_USE, Trouble
from ingestd.cli.words import word

Remark = Annotated[str, typer.Argument(help=word("help.note"), metavar="TEXT")]
Assignee = Annotated[str, typer.Argument(help=word("help.assignee"), metavar="STAFF_NUMBER")]
Why = Annotated[str, typer.Option("--note", help=word("help.close_note"), metavar="TEXT")]
CallFor = Annotated[str, typer.Option(help=word("help.call_reason"), metavar="TEXT")]
Called = Annotated[str, typer.Option(help=word("help.call_name"), metavar="NAME")]
Number = Annotated[str, typer.Option(help=word("help.call_phone"), metavar="NUMBER")]
Outcome = Annotated[str, typer.Option("--note", help=word("help.call_note"), metavar="TEXT")]


def note(hand: Hand, text: Remark) -> None:
    """Write a remark into an order's tracking record."""
    from ingestd.checks.acts import noted

    tell(hand, hand.act(lambda orders, _: noted(orders[0], hand.agent, text)), "noted")


def assign(hand: Hand, number: Assignee) -> None:
    """Put what waits into somebody's hands: reviews, a call, or an order whose shipper was asked."""
    from ingestd.domain.decision import EventDraft
    from ingestd.store.acts import assigned
    from ingestd.store.orders import write_events

    desk_member(number, hand.counter.house)
    target, now = hand.target, hand.counter.now()
    with hand.counter.database.write() as connection:
        found = assigned(connection, target.handle, target.serial, number)
        said = EventDraft("assigned", hand.agent.name, target.serial, {"to": number})
        if found:
            write_events(connection, [(target.order_id, None, None, said)], now)
    if not found:
        raise Trouble(word("desk.nothing_open", named=target.handle))
    told_over(hand, target, "assigned", number=number)


def close(hand: Hand, text: Why = "") -> None:
    """Take what waits from the list; not where an order would be left that nobody looks after."""
    from ingestd.domain.decision import EventDraft
    from ingestd.store.acts import close_reviews
    from ingestd.store.desk import reviews_of
    from ingestd.store.known_orders import orders_by_serial
    from ingestd.store.orders import write_events

    target, now = hand.target, hand.counter.now()
    if target.handle.startswith("c"):
        raise Trouble(word("desk.is_call", named=target.handle), WRONG_USE)
    with hand.counter.database.write() as connection:
        known = orders_by_serial(connection, [target.serial] if target.serial else [])
        if known and known[0].state == "review":
            raise Trouble(word("desk.cannot.undecided"))
        ids = reviews_of(connection, target.handle, target.serial)
        closed = close_reviews(connection, ids, hand.agent.name, now)
        message_id = target.number if target.handle.startswith("m") and target.serial is None else None
        said = EventDraft("closed", hand.agent.name, target.serial, {"note": text} if text else None)
        refusal = bool(known) and known[0].state == "refused"
        if closed or refusal:
            write_events(connection, [(target.order_id, message_id, None, said)], now)
    if not (closed or refusal):
        raise Trouble(word("desk.nothing_open", named=target.handle))
    told_over(hand, target, "closed")


def call(hand: Hand, reason: CallFor, name: Called = "", phone: Number = "") -> None:
    """Write down that somebody is to be phoned about an order: the shipper, where nobody else is named."""
    from ingestd.cli.counter import Target
    from ingestd.domain.decision import EventDraft, call_to_shipper
    from ingestd.store.calls import write_call
    from ingestd.store.known_orders import orders_by_serial
    from ingestd.store.orders import write_events

    counter, now = hand.counter, hand.counter.now()
    if not reason.strip():
        raise Trouble(word("desk.cannot.no_reason"), WRONG_USE)
    with counter.database.write() as connection:
        order = orders_by_serial(connection, [hand.serial])[0]
        wanted = call_to_shipper(order, reason.strip(), name, phone)
        call_id = write_call(connection, order.order_id, wanted, hand.agent.name, (now, counter.checking.due(now)))
        said = EventDraft("call", hand.agent.name, order.serial, {"note": f"{wanted.name}: {wanted.reason}"})
        write_events(connection, [(order.order_id, None, None, said)], now)
    told_over(hand, Target(f"c{call_id}", order.serial), "call", name=wanted.name, phone=wanted.phone)


def called(hand: Hand, outcome: Outcome = "") -> None:
    """A call was made, and what came of it; not where there is none, or somebody made it already."""
    from ingestd.domain.decision import EventDraft
    from ingestd.store.calls import call_done, call_of
    from ingestd.store.orders import write_events

    target, now = hand.target, hand.counter.now()
    if not target.handle.startswith("c"):
        raise Trouble(word("desk.no_call", named=target.serial or target.handle), WRONG_USE)
    with hand.counter.database.write() as connection:
        found = call_of(connection, target.number)
        if found is None:
            raise Trouble(word("desk.unknown", named=target.handle))
        done = call_done(connection, target.number, hand.agent.name, outcome, now)
        said = EventDraft("called", hand.agent.name, None, {"note": f"{found['name']}: {outcome}".rstrip(": ")})
        if done:
            write_events(connection, [(found["order_id"], None, None, said)], now)
    if not done:
        raise Trouble(word("desk.called_before", named=target.handle, who=found["done_by"]))
    told_over(hand, replace(target, serial=found["serial"]), "called")
