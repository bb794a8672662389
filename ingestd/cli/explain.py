"""`ingestd explain`: a message with its parts, its values with the words behind them, and what was refused and why.

A serial in place of a file is an order of the site's: `ingestd/cli/explain_order.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ingestd.cli.explain_order import explained_order, is_serial, print_object, print_order
from ingestd.cli.output import Column, complain, heading, json_line, line, plain, table, visible
from ingestd.cli.parse import because, definitions_for, head_lines, message_in
from ingestd.cli.session import Session, session_of
from ingestd.cli.trouble import FINE, TROUBLE, Trouble
from ingestd.cli.words import term, word

if TYPE_CHECKING:
    from ingestd.domain.decision import Decision
    from ingestd.domain.reading import Channel, OrderReading, Reading
    from ingestd.parsing.definitions import Definitions
    from ingestd.parsing.explaining import Explanation, Part, Refusal

SHOWN_LINES = 6  # of quoted history; the rest is counted
CUT = ("quoted",)


def explain(
    context: typer.Context,
    files: Annotated[list[str], typer.Argument(help=word("help.explain_what"), metavar="FILE|SERIAL")],
    as_json: Annotated[bool, typer.Option("--json", metavar="", help=word("help.parse_json"))] = False,
) -> int:
    """Explain each file or order; 1 where a file could not be read, or there is no such order."""
    session = session_of(context)
    code = FINE
    for what in files:
        try:
            if is_serial(what):
                tell_order(what, session, as_json)
            else:
                tell_file(Path(what), session, as_json)
        except Trouble as trouble:
            complain(str(trouble))
            code = max(code, trouble.code)
    return code


def tell_file(file: Path, session: Session, as_json: bool) -> None:
    """Explain the message in a file, and by a site's configuration what would become of it; raises Trouble."""
    from ingestd.cli.foresight import foreseen_object, print_foreseen

    found = explained(file, *message_in(file), definitions_for(session))
    decision = fate(found.reading, session) if session.config else None
    if as_json:
        more = {"foreseen": foreseen_object(decision)} if decision else {}
        json_line({"file": file.name, **contents(found), **more})
        return
    print_explanation(file.name, found)
    if decision:
        print_foreseen(decision, session.zone)


def fate(reading: Reading, session: Session) -> Decision:
    """What would become of a message that came to the site now."""
    from ingestd.checks.house import house_of
    from ingestd.cli.foresight import foreseen

    return foreseen(reading, house_of(session.configuration), session.now())


def tell_order(serial: str, session: Session, as_json: bool) -> None:
    """Explain an order of the site's by the site's own definitions; raises Trouble."""
    from ingestd.parsing.definitions import load_definitions

    found = explained_order(serial, session, load_definitions(session.configuration.search("parsers")))
    if as_json:
        print_object(found)
    else:
        print_order(found, session.zone)


def explained(file: Path, channel: Channel, raw: bytes, definitions: Definitions) -> Explanation:
    """A message explained; raises Trouble where the reader fails on it, which hinders no other file."""
    from ingestd.domain.event import place_of
    from ingestd.parsing.explaining import explain as explain_message

    try:
        return explain_message(channel, raw, definitions)
    except Exception as error:
        raise Trouble(word("parse.failed", file=file, why=place_of(error)), TROUBLE) from error


def contents(found: Explanation) -> dict[str, Any]:
    """The object of the reading contract with its evidence, the parts and what was refused."""
    from ingestd.domain.reading import contract

    more = {"parts": plain(found.parts), "refused": plain(found.refused)}
    return {**contract(found.reading, evidence=True), **more}


def print_explanation(title: str, found: Explanation) -> None:
    """An explanation in four sections: what it is, the message, the values, what was refused."""
    heading(title)
    table((Column(""), Column("", wraps=True)), head_lines(found.reading), 2)
    if found.parts:
        heading(word("explain.parts"))
        rows = [row for part in found.parts for row in part_rows(part)]
        table((Column(""), Column(""), Column("", wraps=True)), rows, 2)
    heading(word("explain.values"))
    print_values(found.reading)
    heading(word("explain.refused"))
    print_refused(found.refused)


# --- the parts --------------------------------------------------------------------------------------------------------


def part_rows(part: Part) -> Iterator[tuple[str, str, str]]:
    """The lines of one part behind its name; of a long history only the beginning."""
    lines = [text for text in visible(part.text).splitlines() if text.strip()]
    kept = lines[:SHOWN_LINES] if part.kind in CUT else lines
    for number, text in enumerate(kept):
        yield term("part", part.kind) if number == 0 else "", "|", text
    if len(kept) < len(lines):
        yield "", "|", word("explain.more", count=len(lines) - len(kept))


# --- the values -------------------------------------------------------------------------------------------------------


def print_values(reading: Reading) -> None:
    """Every value with its words and rule; fields that are missing or in doubt with what is wrong."""
    titles = (word("column.field"), word("column.value"), word("column.words"), word("column.rule"))
    columns = [Column(title, wraps=number > 0) for number, title in enumerate(titles)]
    table(columns, message_rows(reading), 2)
    for index, order in enumerate(reading.orders):
        line()
        if len(reading.orders) > 1:
            line("  " + word("parse.order", number=index + 1, total=len(reading.orders)))
        table(columns, order_rows(index, order, reading), 2)


def message_rows(reading: Reading) -> Iterator[Sequence[object]]:
    """The intent, the orders referred to and the details, each with its evidence."""
    from ingestd.cli.content import detail_lines, detail_names

    yield word("parse.intent"), term("intent", reading.intent), *because("intent", reading.evidence)
    if reading.refers_to:
        yield word("parse.refers_to"), ", ".join(reading.refers_to), *because("refers_to", reading.evidence)
    names = detail_names(reading.details)
    for name, (label, value) in zip(names, detail_lines(reading.details, None), strict=True):
        yield label, value, *because(f"details.{name}", reading.evidence)


def order_rows(index: int, order: OrderReading, reading: Reading) -> Iterator[Sequence[object]]:
    """The fields of an order, each with its evidence; one in doubt with its problem."""
    from ingestd.cli.content import field_lines

    for row in field_lines(order, [p for p in reading.problems if p.order == index], None):
        words, rule = because(f"orders[{index}].{row.path}", reading.evidence)
        value = f"{row.value} ({row.problem})" if row.value and row.problem else row.value or row.problem.upper()
        yield row.label, value, words, rule


# --- what was refused -------------------------------------------------------------------------------------------------


def print_refused(refused: Sequence[Refusal]) -> None:
    """What was seen and not taken, each with its reason; words without data in one line at the end."""
    data = [r for r in refused if (r.kind, r.reason) != ("words", "no_field")]
    others = [r.words for r in refused if r not in data]
    rows = [(term("refused", r.kind), r.words, term("refused_because", r.reason)) for r in data]
    if others:
        rows.append((term("refused", "words"), " · ".join(others), term("refused_because", "no_data")))
    if rows:
        table((Column(""), Column("", wraps=True), Column("", wraps=True)), rows, 2)
    else:
        line("  " + word("explain.nothing_refused"))
