"""An agent's act as a command: what it is about comes first, then the act's own options, then who acts."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ingestd.cli.counter import Hand, counter_of, order_in, target_in
from ingestd.cli.session import session_of
from ingestd.cli.trouble import FINE
from ingestd.cli.words import word

if TYPE_CHECKING:
    from ingestd.cli.counter import Target
    from ingestd.store.database import Database

As = Annotated[str | None, typer.Option("--as", help=word("help.staff"), metavar="STAFF_NUMBER")]
Json = Annotated[bool, typer.Option("--json", metavar="", help=word("help.json"))]
Looked = Annotated[bool, typer.Option("--seen", metavar="", help=word("help.seen"))]
Named = Annotated[str, typer.Argument(help=word("help.handle"), metavar="N")]
Message = Annotated[str, typer.Argument(help=word("help.message_id"), metavar="ID")]
Order = Annotated[str, typer.Argument(help=word("help.serial"), metavar="ORDER")]
Call = Annotated[str, typer.Argument(help=word("help.call_handle"), metavar="CALL")]

Act = Callable[..., None]  # of a hand, and its own options by their names


def on_order(act: Act) -> Callable[..., int]:
    """The command of an act that decides something on an order."""
    return command(act, Order, order_in, deciding=True)


def about_order(act: Act) -> Callable[..., int]:
    """The command of an act about an order that leaves it as it is."""
    return command(act, Order, order_in)


def on_matter(act: Act) -> Callable[..., int]:
    """The command of an act on whatever waits: an order, a message, a call."""
    return command(act, Named, target_in)


def on_call(act: Act) -> Callable[..., int]:
    """The command of an act on a call."""
    return command(act, Call, target_in)


def on_message(act: Act, found: Callable[[Database, str], Target]) -> Callable[..., int]:
    """The command of an act on a message."""
    return command(act, Message, found)


def command(
    act: Act, about: Any, found: Callable[[Database, str], Target], deciding: bool = False
) -> Callable[..., int]:
    """A function with the parameters that all acts share around the act's own, as typer reads them."""

    def run(
        *, context: typer.Context, named: str, staff: str | None, as_json: bool, seen: bool = False, **own: Any
    ) -> int:
        with counter_of(session_of(context), staff) as counter:
            act(Hand(counter, found(counter.database, named), as_json, unseen=not seen), **own)
        return FINE

    hints = {"context": typer.Context, "named": about, **inspect.get_annotations(act, eval_str=True)}
    hints |= ({"seen": Looked} if deciding else {}) | {"staff": As, "as_json": Json}
    defaults = {name: own.default for name, own in inspect.signature(act).parameters.items()}
    defaults |= {"seen": False, "staff": None, "as_json": False}
    shared = [parameter(name, hints[name], defaults) for name in hints if name not in ("hand", "return")]
    run.__signature__ = inspect.Signature(shared)  # type: ignore[attr-defined]
    run.__annotations__ = {one.name: one.annotation for one in shared}
    run.__doc__ = act.__doc__
    return run


def parameter(name: str, annotation: Any, defaults: Mapping[str, Any]) -> inspect.Parameter:
    """One parameter of a command."""
    default = defaults.get(name, inspect.Parameter.empty)
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
