"""`ingestd orders new`: an order for who phones, by prompts or flags, with the same checks and clock as by mail."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from ingestd.cli.asking import agreed, asked
from ingestd.cli.counter import Hand, Target, acting, counter_of, sendings, tell_leaving, verdict, wrong_in_words
from ingestd.cli.desk_acts import confirm
from ingestd.cli.desk_command import As, Json
from ingestd.cli.desk_fields import meant, split
from ingestd.cli.output import complain, is_terminal, json_line, line
from ingestd.cli.session import session_of
from ingestd.cli.trouble import FINE, WRONG_USE, Trouble
from ingestd.cli.words import term, word

if TYPE_CHECKING:
    from ingestd.config.tables import Customer
    from ingestd.domain.decision import Decision
    from ingestd.domain.reading import Channel, OrderReading
    from ingestd.pipeline.acting import Counter

ASKED = (
    "shipper.name", "shipper.phones", "pickup.address", "cargo.name", "cargo.quantity", "cargo.weight_kg",
    "cargo.volume_m3", "destination", "consignee.name", "consignee.phones", "consignee.address", "payment", "freight",
    "delivery", "pickup.from", "pickup.by", "remarks",
)  # fmt: skip


def orders_new(  # noqa: PLR0913  its options
    context: typer.Context,
    fields: Annotated[
        list[str] | None, typer.Argument(help=word("help.new_fields"), metavar="[FIELD=VALUE]...")
    ] = None,
    customer: Annotated[str, typer.Option(help=word("help.new_customer"), metavar="NAME")] = "",
    contact: Annotated[str, typer.Option(help=word("help.new_contact"), metavar="ADDRESS|NUMBER")] = "",
    confirmed: Annotated[bool, typer.Option("--confirm", metavar="", help=word("help.new_confirm"))] = False,
    staff: As = None,
    as_json: Json = False,
) -> int:
    """Enter an order; what the checks find is told."""
    talks = sys.stdin.isatty() and is_terminal() and not as_json
    with counter_of(session_of(context), staff) as counter:
        whose = asked_customer(counter) if talks and not customer else known_customer(counter, customer)
        content = filled(counter, fields or [], talks)
        done = enter(counter, whose, content, contact)
        tell_entry(counter, done, confirmed, as_json, talks)
    return FINE


def asked_customer(counter: Counter) -> Customer:
    """The customer that is named at last, shown by his full name; raises Trouble where the agent breaks off."""
    while True:
        try:
            found = known_customer(counter, prompted(word("new.customer")))
        except UnknownCustomerError as error:
            complain(str(error))
            continue
        line(word("new.whose", name=found.name))
        return found


class UnknownCustomerError(Trouble):
    """No customer, or several, of that name."""


def known_customer(counter: Counter, named: str) -> Customer:
    """The customer of that name, part of a name, address or phone; raises Trouble."""
    from ingestd.domain.reading import Channel
    from ingestd.parsing.phones import e164

    house = counter.house
    if not named:
        raise UnknownCustomerError(word("new.no_customer"), WRONG_USE)
    found = house.customer(Channel.EMAIL, named.lower()) or house.customer(Channel.SMS, e164(named))
    if found:
        return found
    like = [c for c in house.tables.customer if c.name == named] or [
        c for c in house.tables.customer if named in c.name
    ]
    if len(like) != 1:
        names = ", ".join(c.name for c in like or house.tables.customer)
        raise UnknownCustomerError(word("new.which_customer", named=named, names=names), WRONG_USE)
    return like[0]


def filled(counter: Counter, given: Sequence[str], talks: bool) -> OrderReading:
    """The order of the fields that were given, and where somebody can be asked of his answers."""
    from ingestd.checks.correcting import WrongValueError, with_field
    from ingestd.domain.reading import OrderReading

    speech, content = counter.speech(), OrderReading()
    pairs = [split(text) for text in given]
    with acting():
        for path, value in pairs:
            content = with_field(content, path, value, speech)
    told = {path.replace("cargo[0].", "cargo.") for path, _ in pairs}
    open_fields = [path for path in ASKED if path not in told] if talks else []
    while open_fields:
        path = open_fields[0]
        try:
            content = with_field(content, path, meant(path, prompted(term("field", path))), speech)
            open_fields.pop(0)
        except WrongValueError as error:
            complain(wrong_in_words(error))
    return content


def prompted(question: str) -> str:
    """What the agent answers; raises Trouble where he breaks off."""
    said = asked(f"{question}:")
    if said is None:
        raise Trouble(word("new.broken_off"))
    return said


def enter(counter: Counter, customer: Customer, content: OrderReading, contact: str) -> Decision:
    """Write the new order; raises Trouble."""
    from ingestd.checks.entering import Entry

    channel, address = reached(customer, contact)
    if contact and not counter.house.answers(channel, address):
        raise Trouble(word("new.no_texts", number=address), WRONG_USE)
    with acting():
        return counter.enter(Entry(customer, content, channel, address))


def reached(customer: Customer, contact: str) -> tuple[Channel, str]:
    """How the shipper is answered: as was said, else by his first address, else by his first phone."""
    from ingestd.domain.reading import Channel
    from ingestd.parsing.phones import e164

    named = contact or next(iter((*customer.addresses, *customer.phones)), "")
    if not named or "@" in named:
        return Channel.EMAIL, named.lower()
    number = e164(named)
    if number is None:
        raise Trouble(word("desk.wrong.phone", field=word("new.contact"), value=named), WRONG_USE)
    return Channel.SMS, number


def tell_entry(counter: Counter, done: Decision, confirmed: bool, as_json: bool, talks: bool) -> None:
    """What the new order is, what was found, what goes out; confirmed at once where the agent says so."""
    from ingestd.cli.desk_look import print_hits
    from ingestd.domain.order import OrderState

    (order,) = done.new_orders
    if as_json:
        found = verdict(order.state, order.problems, order.assessment)
        json_line({"order": order.serial, **found, "sendings": sendings(done)})
    else:
        line(word("new.done", serial=order.serial, state=term("order_state", order.state)))
        print_hits(order.assessment.hits)
        tell_leaving(done)
    if order.state is OrderState.REVIEW and not confirmed and talks and not order.problems:
        confirmed = agreed(word("new.confirm"))
    if order.state is OrderState.REVIEW and confirmed:
        confirm(Hand(counter, Target(order.serial, order.serial), as_json))
