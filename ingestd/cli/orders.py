"""`ingestd orders list|show`: orders in a table, and the whole story of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ingestd.cli.output import Column, json_line, line, moment, table
from ingestd.cli.session import session_of
from ingestd.cli.trouble import FINE, WRONG_USE, Trouble
from ingestd.cli.words import span, term, word

if TYPE_CHECKING:
    from sqlalchemy import RowMapping

MINUTES = slice(len("2026-"), len("2026-03-10 10:00"))  # of a written time; the serial tells the year
LISTED = (
    "serial", "state", "customer", "contact_channel", "contact", "area", "dispatcher", "order_time",
    "order_time_source", "arrived_at", "clock_start", "confirmed_at", "dispatched_at", "pickup_by", "revision",
)  # fmt: skip


def orders_list(
    context: typer.Context,
    state: Annotated[str | None, typer.Option(help=word("help.order_state"), metavar="STATE")] = None,
    limit: Annotated[int, typer.Option(help=word("help.limit"), metavar="N", min=1)] = 50,
    as_json: Annotated[bool, typer.Option("--json", metavar="", help=word("help.json"))] = False,
) -> int:
    """Print the newest orders."""
    from ingestd.domain.order import OrderState
    from ingestd.store.views import listed_orders

    wanted = known_state(state, [str(s) for s in OrderState], "order_state")
    session = session_of(context)
    with session.database() as database, database.read() as connection:
        rows = listed_orders(connection, limit, wanted)
    if as_json:
        json_line({"orders": [order_object(row) for row in rows]})
    elif not rows:
        line(word("orders.none"))
    else:
        table(
            [
                Column(word("column.order")),
                Column(word("column.state")),
                Column(word("column.customer"), wraps=True),
                Column(word("column.area"), wraps=True),
                Column(word("column.order_time")),
                Column(word("column.used"), figures=True),
                Column(word("column.pickup_by")),
            ],
            [
                (
                    row["serial"],
                    term("order_state", row["state"]),
                    row["customer"],
                    row["area"],
                    moment(row["order_time"], session.zone)[MINUTES],
                    used(row),
                    moment(row["pickup_by"], session.zone)[MINUTES],
                )
                for row in rows
            ],
        )
    return FINE


def known_state(name: str | None, known: list[str], group: str) -> str | None:
    """The state of that name, in code or in words; raises Trouble."""
    if name is None or name in known:
        return name
    by_word = {term(group, code): code for code in known}
    if name not in by_word:
        raise Trouble(word("usage.state", given=name, known=", ".join(known)), WRONG_USE)
    return by_word[name]


def used(row: RowMapping) -> str:
    """How long the order's work order took, in words."""
    if row["clock_start"] is None or row["dispatched_at"] is None:
        return ""
    return span((row["dispatched_at"] - row["clock_start"]).total_seconds())


def order_object(row: RowMapping) -> dict[str, object]:
    """An order for programs."""
    return {name: row[name] for name in LISTED}
