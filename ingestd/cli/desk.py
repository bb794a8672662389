"""`ingestd desk`: what needs a person, most urgent first, and an agent's acts on it, one command each."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from ingestd.cli.counter import Target, acting, counter_of, order_in, target_in, tell
from ingestd.cli.output import is_terminal, json_line, line, visible
from ingestd.cli.session import session_of
from ingestd.cli.trouble import FINE, TROUBLE, WRONG_USE, Trouble
from ingestd.cli.words import word

if TYPE_CHECKING:
    from ingestd.pipeline.acting import Counter, Seen

As = Annotated[str | None, typer.Option("--as", help=word("help.staff"), metavar="STAFF_NUMBER")]
Json = Annotated[bool, typer.Option("--json", metavar="", help=word("help.json"))]
Named = Annotated[str, typer.Argument(help=word("help.handle"), metavar="N")]
Order = Annotated[str, typer.Argument(help=word("help.serial"), metavar="ORDER")]


def desk(context: typer.Context, staff: As = None) -> None:
    """Without a command: the desk as a conversation, where a person sits at it."""
    if context.invoked_subcommand is not None:
        return
    if not (sys.stdin.isatty() and is_terminal()):
        raise Trouble(word("desk.no_terminal"), WRONG_USE)
    from ingestd.cli.desk_talk import talk

    with counter_of(session_of(context), staff) as counter:
        talk(counter, session_of(context))


def desk_list(context: typer.Context, as_json: Json = False) -> int:
    """Print what needs a person, most urgent first."""
    from ingestd.cli.desk_look import print_waiting, waiting_now, waiting_object

    session = session_of(context)
    with session.database() as database:
        rows = waiting_now(database, session.settings, session.now())
    if as_json:
        json_line({"waiting": [waiting_object(row, session.now()) for row in rows]})
    else:
        print_waiting(rows, session.now(), numbered=False)
    return FINE


def desk_show(context: typer.Context, named: Named, as_json: Json = False) -> int:
    """Print one thing with all that deciding on it needs."""
    from ingestd.cli.desk_look import looked_at, print_look, print_look_object

    session = session_of(context)
    with session.database() as database:
        look = looked_at(database, target_in(database, named), session)
    if as_json:
        print_look_object(look, session)
    else:
        print_look(look, session)
    return FINE


# --- acts on an order -------------------------------------------------------------------------------------------------


def desk_confirm(  # noqa: PLR0913  its options
    context: typer.Context,
    named: Order,
    area: Annotated[str | None, typer.Option(help=word("help.area"), metavar="NAME")] = None,
    anyway: Annotated[bool, typer.Option("--anyway", metavar="", help=word("help.anyway"))] = False,
    staff: As = None,
    as_json: Json = False,
) -> int:
    """Let an order go out as it stands."""
    with counter_of(session_of(context), staff) as counter:
        confirm(counter, order_in(counter.database, named), Going(area, anyway), as_json)
    return FINE


@dataclass(frozen=True, slots=True)
class Going:
    """How an order goes out: to which area, where not to its own, and whether with open fields."""

    area: str | None = None
    anyway: bool = False


def confirm(counter: Counter, target: Target, going: Going, as_json: bool = False, seen: Seen | None = None) -> None:
    """Let an order go out; raises Trouble."""
    from ingestd.checks.acts import confirmed

    with acting():
        done = counter.act([s(target)], lambda o, d: confirmed(o[0], counter.agent, going.area, going.anyway, d), seen)
    tell(done, s(target), "confirmed", as_json)


def desk_ask(  # noqa: PLR0913  its options
    context: typer.Context,
    named: Order,
    text: Annotated[str, typer.Option(help=word("help.ask_text"), metavar="TEXT")] = "",
    yes: Annotated[bool, typer.Option("--yes", metavar="", help=word("help.yes"))] = False,
    staff: As = None,
    as_json: Json = False,
) -> int:
    """Show the question to the shipper and send it."""
    with counter_of(session_of(context), staff) as counter:
        target = order_in(counter.database, named)
        if not (yes or as_json):
            line(visible(draft(counter, target, text)))
            if not sys.stdin.isatty():
                raise Trouble(word("desk.say_yes"), TROUBLE)
            if not typer.confirm(word("desk.send_it")):
                return TROUBLE
        ask(counter, target, text, as_json)
    return FINE


def draft(counter: Counter, target: Target, text: str) -> str:
    """The question as it would leave; raises Trouble."""
    from ingestd.checks.acts import question
    from ingestd.cli.letter import letter_in
    from ingestd.store.orders import orders_by_serial

    with counter.database.read() as connection:
        order = orders_by_serial(connection, [s(target)])[0]
    with acting():
        frozen = counter.shown(question(order, text, counter.deciding(counter.now())))
    return letter_in(frozen.channel, frozen.body).text.strip()


def ask(counter: Counter, target: Target, text: str, as_json: bool = False, seen: Seen | None = None) -> None:
    """Ask the shipper; raises Trouble."""
    from ingestd.checks.acts import asked

    with acting():
        done = counter.act([s(target)], lambda o, d: asked(o[0], counter.agent, text, d), seen)
    tell(done, s(target), "asked", as_json)


def desk_set(
    context: typer.Context,
    named: Order,
    fields: Annotated[list[str], typer.Argument(help=word("help.set_fields"), metavar="FIELD=VALUE")],
    staff: As = None,
    as_json: Json = False,
) -> int:
    """Correct fields of an order and check it anew."""
    with counter_of(session_of(context), staff) as counter:
        put(counter, order_in(counter.database, named), fields, as_json)
    return FINE


def put(counter: Counter, target: Target, fields: list[str], as_json: bool = False, seen: Seen | None = None) -> None:
    """Correct fields; raises Trouble. What the checks find then is told."""
    from ingestd.checks.acts import corrected
    from ingestd.cli.desk_fields import split
    from ingestd.cli.desk_look import print_hits

    given = [split(text) for text in fields]
    with acting():
        done = counter.act([s(target)], lambda o, d: corrected(o[0], counter.agent, given, d), seen)
    tell(done, s(target), "corrected", as_json)
    if not as_json:
        print_hits(done.changes[0].assessment.hits)


def desk_refuse(
    context: typer.Context,
    named: Order,
    reason: Annotated[str, typer.Option(help=word("help.refusal"), metavar="TEXT")],
    staff: As = None,
    as_json: Json = False,
) -> int:
    """Do not carry an order, and tell the shipper why."""
    with counter_of(session_of(context), staff) as counter:
        refuse(counter, order_in(counter.database, named), reason, as_json)
    return FINE


def refuse(counter: Counter, target: Target, reason: str, as_json: bool = False, seen: Seen | None = None) -> None:
    """Refuse an order; raises Trouble."""
    from ingestd.checks.acts import refused

    with acting():
        done = counter.act([s(target)], lambda o, d: refused(o[0], counter.agent, reason, d), seen)
    tell(done, s(target), "refused", as_json)


def desk_join(
    context: typer.Context,
    named: Order,
    other: Annotated[str, typer.Argument(help=word("help.join_other"), metavar="OTHER")],
    staff: As = None,
    as_json: Json = False,
) -> int:
    """Put what another order says into this one, and call the other off."""
    from ingestd.checks.acts import joined_to

    with counter_of(session_of(context), staff) as counter:
        both = [order_in(counter.database, name) for name in (named, other)]
        with acting():
            done = counter.act([s(t) for t in both], lambda o, d: joined_to(o[0], o[1], counter.agent, d))
        tell(done, s(both[0]), "joined", as_json)
    return FINE


def desk_split(
    context: typer.Context,
    named: Order,
    lines: Annotated[list[int], typer.Option("--goods", help=word("help.split_goods"), metavar="N")],
    staff: As = None,
    as_json: Json = False,
) -> int:
    """Make some of an order's goods an order of their own."""
    from ingestd.checks.acts import parted

    with counter_of(session_of(context), staff) as counter:
        target = order_in(counter.database, named)
        with acting():
            done = counter.act([s(target)], lambda o, d: parted(o[0], lines, counter.agent, d))
        tell(done, s(target), "split", as_json, new=done.new_orders[0].serial)
    return FINE


def s(target: Target) -> str:
    """The serial of an order."""
    assert target.serial is not None
    return target.serial
