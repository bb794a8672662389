"""`ingestd quote`: what carrying costs and takes by the site's tariff."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Annotated

import typer

from ingestd.cli.output import Column, json_line, line, table
from ingestd.cli.session import session_of
from ingestd.cli.trouble import FINE, TROUBLE, WRONG_USE, Trouble
from ingestd.cli.words import term, word
from ingestd.composing.figures import number
from ingestd.domain.reading import Delivery

if TYPE_CHECKING:
    from ingestd.checks.house import House
    from ingestd.domain.answer import Offer
    from ingestd.places.atlas import Division


def figure(text: str) -> Decimal:
    """A weight or volume as it is typed."""
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise typer.BadParameter(word("quote.no_figure", value=text)) from error
    if not value.is_finite() or value <= 0:
        raise typer.BadParameter(word("quote.no_figure", value=text))
    return value


def quote(  # noqa: PLR0913  its options
    context: typer.Context,
    to: Annotated[list[str], typer.Option("--to", metavar="PLACE", help=word("help.quote_to"))],
    start: Annotated[str | None, typer.Option("--from", metavar="PLACE", help=word("help.quote_from"))] = None,
    kg: Annotated[Decimal | None, typer.Option(parser=figure, metavar="KG", help=word("help.quote_kg"))] = None,
    m3: Annotated[Decimal | None, typer.Option(parser=figure, metavar="M3", help=word("help.quote_m3"))] = None,
    manner: Annotated[Delivery | None, typer.Option(help=word("help.quote_manner"))] = None,
    as_json: Annotated[bool, typer.Option("--json", metavar="", help=word("help.json"))] = False,
) -> int:
    """Print the tariff's word on each place; 1 where one of them is outside its range."""
    from ingestd.charging.fees import fees_due
    from ingestd.charging.load import Load
    from ingestd.charging.quoting import offer
    from ingestd.checks.house import house_of
    from ingestd.checks.inquiring import spot_of

    house, load = house_of(session_of(context).configuration), Load(kg, m3)
    if not house.tables.lane:
        raise Trouble(word("quote.no_tariff", folder=session_of(context).configuration.folder), WRONG_USE)
    ends = [spot_of(place(name, house), house) for name in to]
    begin = spot_of(place(start, house), house) if start else None
    offers = [offer(end.text, end, load, house.tables.lane) for end in ends]
    dues = list(fees_due(house.tables.pickup, begin, load, manner)) if begin else []
    dues += dict.fromkeys(due for end in ends for due in fees_due(house.tables.delivery, end, load, manner))
    if as_json:
        json_line({"from": begin.text if begin else None, "offers": offers, "charges": dues})
    else:
        if begin:
            line(word("quote.start", place=begin.text))
        columns = [word("column.to"), word("column.freight"), word("column.days"), word("column.rates")]
        table([Column(columns[0], wraps=True), *map(Column, columns[1:])], map(row, offers))
        for due in dues:
            because = term("delivery", due.because) if due.because in set(Delivery) else due.because
            line(word("quote.charge", name=due.name, yuan=number(due.amount), because=because or word("quote.always")))
    return FINE if all(one.quote for one in offers) else TROUBLE


def place(name: str, house: House) -> Division:
    """The division that a name means. Raises Trouble where it means none or several."""
    found = house.located(name)[1]
    if found.where is None or not found.clear:
        several = " / ".join(house.atlas.spoken(division) for division in found.candidates)
        raise Trouble(word("quote.which" if several else "quote.no_place", name=name, several=several), WRONG_USE)
    return found.where


def row(offer: Offer) -> tuple[str, ...]:
    """One place's line."""
    quote = offer.quote
    if quote is None:
        return offer.to, word("quote.outside"), "", ""
    freight = f"¥{number(quote.freight)}" if quote.freight is not None else ""
    by = f" ({term('basis', quote.basis)})" if quote.basis else ""
    days = str(quote.days) if quote.days == quote.days_most else f"{quote.days}-{quote.days_most}"
    rates = word("quote.rates", kg=number(offer.per_kg), m3=number(offer.per_m3), least=number(offer.minimum))
    return offer.to, f"{freight}{by}", days, rates
