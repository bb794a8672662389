"""`ingestd orders export`: tracking records as CSV (RFC 4180) for spreadsheets, a line for each thing that happened."""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Annotated

import typer

from ingestd.cli.record import record
from ingestd.cli.session import Session, session_of
from ingestd.cli.story import Story, stories_of
from ingestd.cli.trouble import FINE, WRONG_USE, Trouble
from ingestd.cli.words import word

MARK = "\ufeff"  # by which spreadsheets know UTF-8
FORMULA = re.compile(r"[=@\t\r]|[+-](?!\d+$)")  # what a spreadsheet would reckon instead of showing it
COLUMNS = ("order", "when", "what", "channel", "who", "detail")


def orders_export(
    context: typer.Context,
    serial: Annotated[str, typer.Option("--order", help=word("help.export_order"), metavar="SERIAL")] = "",
    since: Annotated[str, typer.Option(help=word("help.export_since"), metavar="DAY")] = "",
    until: Annotated[str, typer.Option(help=word("help.export_until"), metavar="DAY")] = "",
) -> int:
    """Write the records of the orders of some days, or of one order, to standard output."""
    session = session_of(context)
    sys.stdout.write(MARK)
    writer = csv.writer(sys.stdout, lineterminator="\r\n")
    writer.writerow([word(f"column.{name}") for name in COLUMNS])
    with session.database() as database, database.read() as connection:
        for story in stories_of(connection, wanted(serial, since, until, session)):
            writer.writerows(lines(story, session))
    return FINE


def wanted(serial: str, since: str, until: str, session: Session) -> str | tuple[datetime, datetime]:
    """One serial, or the span of the days that were named; raises Trouble."""
    if serial:
        return serial
    today = session.now().astimezone(session.zone).date()
    first = day(since) if since else today
    last = day(until) if until else max(first, today)
    begins = datetime.combine(first, time.min, session.zone)
    return begins, datetime.combine(last + timedelta(days=1), time.min, session.zone)


def day(text: str) -> date:
    """A day as it is written; raises Trouble."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Trouble(word("usage.day", given=text), WRONG_USE) from error


def lines(story: Story, session: Session) -> Iterator[Sequence[str]]:
    """The lines of one order."""
    for moment in record(story, session.settings.outbox.promise, session.now(), session.zone):
        at = moment.at.astimezone(session.zone).isoformat(" ", "seconds")
        told = moment.what, moment.channel, moment.who, moment.detail
        yield story.order["serial"], at, *(shown(text) for text in told)


def shown(text: str) -> str:
    """A text that a spreadsheet shows as it is, whoever wrote it."""
    return f"'{text}" if FORMULA.match(text) else text
