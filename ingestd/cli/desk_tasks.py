"""`ingestd desk note|assign|close|call|called`: acts that change no order, and calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ingestd.cli.counter import Target, acting, counter_of, known_staff, order_in, target_in, tell
from ingestd.cli.desk import As, Json, Named, Order, s
from ingestd.cli.output import json_line, line
from ingestd.cli.session import session_of
from ingestd.cli.trouble import FINE, WRONG_USE, Trouble
from ingestd.cli.words import word

if TYPE_CHECKING:
    from ingestd.pipeline.acting import Counter


def desk_note(
    context: typer.Context,
    named: Order,
    text: Annotated[str, typer.Argument(help=word("help.note"), metavar="TEXT")],
    staff: As = None,
    as_json: Json = False,
) -> int:
    """Write a remark into an order's tracking record."""
    with counter_of(session_of(context), staff) as counter:
        note(counter, order_in(counter.database, named), text, as_json)
    return FINE


def note(counter: Counter, target: Target, text: str, as_json: bool = False) -> None:
    """Write a remark; raises Trouble."""
    from ingestd.checks.acts import noted

    with acting():
        done = counter.act([s(target)], lambda o, _: noted(o[0], counter.agent, text))
    tell(done, s(target), "noted", as_json)


def desk_assign(
    context: typer.Context,
    named: Named,
    number: Annotated[str, typer.Argument(help=word("help.assignee"), metavar="STAFF_NUMBER")],
    staff: As = None,
    as_json: Json = False,
) -> int:
    """Put what waits into somebody's hands."""
    with counter_of(session_of(context), staff) as counter:
        assign(counter, target_in(counter.database, named), number, as_json)
    return FINE


def assign(counter: Counter, target: Target, number: str, as_json: bool = False) -> None:
    """Put what waits into somebody's hands; raises Trouble where nothing of it waits."""
    from ingestd.domain.decision import EventDraft
    from ingestd.store.acts import assign_call, assign_reviews
    from ingestd.store.desk import reviews_of
    from ingestd.store.orders import write_events

    known_staff(number, counter.house.numbers)
    with counter.database.write() as connection:
        if target.handle.startswith("c"):
            found = assign_call(connection, target.number, number)
        else:
            found = bool(assign_reviews(connection, reviews_of(connection, target.handle, target.serial), number))
        said = EventDraft("assigned", counter.agent.name, target.serial, {"to": number})
        if found:
            write_events(connection, [(target.order_id, None, None, said)], counter.now())
    if not found:
        raise Trouble(word("desk.nothing_open", named=target.handle))
    over(target, "assigned", as_json, number=number)


def desk_close(
    context: typer.Context,
    named: Named,
    text: Annotated[str, typer.Option("--note", help=word("help.close_note"), metavar="TEXT")] = "",
    staff: As = None,
    as_json: Json = False,
) -> int:
    """Take what waits from the list: nothing more is to be done."""
    with counter_of(session_of(context), staff) as counter:
        close(counter, target_in(counter.database, named), text, as_json)
    return FINE


def close(counter: Counter, target: Target, text: str, as_json: bool = False) -> None:
    """Close reviews; raises Trouble where none is open, or an order would be left that nobody looks after."""
    from ingestd.domain.decision import EventDraft
    from ingestd.store.acts import close_reviews
    from ingestd.store.desk import reviews_of
    from ingestd.store.orders import orders_by_serial, write_events

    if target.handle.startswith("c"):
        raise Trouble(word("desk.is_call", named=target.handle), WRONG_USE)
    with counter.database.write() as connection:
        known = orders_by_serial(connection, [target.serial] if target.serial else [])
        if known and known[0].state == "review":
            raise Trouble(word("desk.cannot.undecided"))
        ids = reviews_of(connection, target.handle, target.serial)
        closed = close_reviews(connection, ids, counter.agent.name, counter.now())
        message_id = target.number if target.handle.startswith("m") and target.serial is None else None
        said = EventDraft("closed", counter.agent.name, target.serial, {"note": text} if text else None)
        refusal = bool(known) and known[0].state == "refused"
        if closed or refusal:
            write_events(connection, [(target.order_id, message_id, None, said)], counter.now())
    if not (closed or refusal):
        raise Trouble(word("desk.nothing_open", named=target.handle))
    over(target, "closed", as_json)


def desk_call(  # noqa: PLR0913  its options
    context: typer.Context,
    named: Order,
    reason: Annotated[str, typer.Option(help=word("help.call_reason"), metavar="TEXT")],
    name: Annotated[str, typer.Option(help=word("help.call_name"), metavar="NAME")] = "",
    phone: Annotated[str, typer.Option(help=word("help.call_phone"), metavar="NUMBER")] = "",
    staff: As = None,
    as_json: Json = False,
) -> int:
    """Write down that somebody is to be phoned about an order: the shipper, where nobody else is named."""
    from ingestd.domain.decision import EventDraft
    from ingestd.store.acts import CallDraft, write_call
    from ingestd.store.orders import orders_by_serial, write_events

    with counter_of(session_of(context), staff) as counter:
        target, now = order_in(counter.database, named), counter.now()
        with counter.database.write() as connection:
            order = orders_by_serial(connection, [s(target)])[0]
            shipper = order.content.shipper
            whom = name or shipper.name or shipper.company or order.customer
            number = phone or next(iter(shipper.phones), "")
            call = CallDraft(whom, number, reason, counter.checking.due(now))
            call_id = write_call(connection, order.order_id, call, counter.agent.name, now)
            said = EventDraft("call", counter.agent.name, order.serial, {"note": f"{whom}: {reason}"})
            write_events(connection, [(order.order_id, None, None, said)], now)
        over(Target(f"c{call_id}", order.serial), "call", as_json, name=whom, phone=number)
    return FINE


def desk_called(
    context: typer.Context,
    named: Annotated[str, typer.Argument(help=word("help.call_handle"), metavar="CALL")],
    outcome: Annotated[str, typer.Option("--note", help=word("help.call_note"), metavar="TEXT")] = "",
    staff: As = None,
    as_json: Json = False,
) -> int:
    """Write down that a call was made, and what came of it."""
    with counter_of(session_of(context), staff) as counter:
        target = target_in(counter.database, named)
        if not target.handle.startswith("c"):
            raise Trouble(word("desk.no_call", named=named), WRONG_USE)
        called(counter, target, outcome, as_json)
    return FINE


def called(counter: Counter, target: Target, outcome: str, as_json: bool = False) -> None:
    """A call is made; raises Trouble where there is none, or somebody made it already."""
    from ingestd.domain.decision import EventDraft
    from ingestd.store.acts import call_done, call_of
    from ingestd.store.orders import write_events

    with counter.database.write() as connection:
        call = call_of(connection, target.number)
        if call is None:
            raise Trouble(word("desk.unknown", named=target.handle))
        done = call_done(connection, target.number, counter.agent.name, outcome, counter.now())
        said = EventDraft("called", counter.agent.name, None, {"note": f"{call['name']}: {outcome}".rstrip(": ")})
        if done:
            write_events(connection, [(call["order_id"], None, None, said)], counter.now())
    if not done:
        raise Trouble(word("desk.called_before", named=target.handle, who=call["done_by"]))
    over(target, "called", as_json)


def over(target: Target, act: str, as_json: bool, **told: str) -> None:
    """Say that an act is done."""
    if as_json:
        json_line({"handle": target.handle, "order": target.serial, "act": act, **told})
    else:
        line(word(f"desk.done.{act}", serial=target.serial or target.handle, handle=target.handle, **told))
