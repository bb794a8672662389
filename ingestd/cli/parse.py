"""`ingestd parse`: what messages in files say, by the same reader as the daemon's, without a database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ingestd.cli.output import Column, complain, heading, json_line, line, moment, pairs, table
from ingestd.cli.reasons import told
from ingestd.cli.session import Session, session_of
from ingestd.cli.trouble import CONFIGURATION, FINE, TROUBLE, WRONG_USE, Trouble
from ingestd.cli.words import term, word

if TYPE_CHECKING:
    from ingestd.domain.reading import Channel, Evidence, OrderReading, Reading
    from ingestd.parsing.definitions import Definitions


def parse(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(help=word("help.parse_files"), metavar="FILE")],
    as_json: Annotated[bool, typer.Option("--json", metavar="", help=word("help.parse_json"))] = False,
    evidence: Annotated[bool, typer.Option("--evidence", metavar="", help=word("help.evidence"))] = False,
) -> int:
    """Print what each file says; 1 where a file could not be read."""
    definitions = definitions_for(session_of(context))
    code = FINE
    for file in files:
        try:
            channel, raw = message_in(file)
        except Trouble as trouble:
            complain(str(trouble))
            code = max(code, trouble.code)
            continue
        reading = read_safely(file, channel, raw, definitions, evidence)
        if reading is None:
            code = max(code, TROUBLE)
        elif as_json:
            print_json(file, reading, evidence)
        else:
            print_reading(file, reading, evidence)
    return code


def definitions_for(session: Session) -> Definitions:
    """The parser definitions beside the configuration that was named, else the shipped ones."""
    from ingestd.parsing.definitions import load_definitions

    return load_definitions(parsers_folders(session))


def parsers_folders(session: Session) -> tuple[Path, ...]:
    """The folders of parser definitions, the site's own first and the shipped one last."""
    from ingestd.config.shipped import SITE_FOLDER, search_path

    if session.config is not None and not session.config.exists():
        raise Trouble(word("parse.no_config", file=session.config), CONFIGURATION)
    return search_path("parsers", session.config.parent if session.config else SITE_FOLDER / "none")


def message_in(file: Path) -> tuple[Channel, bytes]:
    """The channel, by the file's ending, and the bytes of a message; raises Trouble."""
    from ingestd.domain.reading import Channel

    channel = {".eml": Channel.EMAIL, ".sms": Channel.SMS}.get(file.suffix.lower())
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise Trouble(word("parse.unread", file=file, why=error.strerror)) from error
    if channel is None:
        raise Trouble(word("parse.ending", file=file), WRONG_USE)
    return channel, raw


def read_safely(file: Path, channel: Channel, raw: bytes, definitions: Definitions, evidence: bool) -> Reading | None:
    """The reading of a message; None where the reader fails on it, which is told and hinders no other file."""
    from ingestd.domain.event import place_of
    from ingestd.parsing.reader import read

    try:
        return read(channel, raw, definitions, evidence=evidence)
    except Exception as error:  # noqa: BLE001  the outermost loop over files
        complain(word("parse.failed", file=file, why=place_of(error)))
        return None


def print_json(file: Path, reading: Reading, evidence: bool) -> None:
    """The object of the reading contract on one line."""
    from ingestd.domain.reading import contract

    json_line({"file": file.name, **contract(reading, evidence=evidence)})


def print_reading(file: Path, reading: Reading, evidence: bool) -> None:
    """A reading as tables: what the message is, each order field by field, what is in doubt."""
    from ingestd.cli.content import detail_lines

    heading(file.name)
    pairs(head_lines(reading), 2)
    for index, order in enumerate(reading.orders):
        line()
        if len(reading.orders) > 1:
            line("  " + word("parse.order", number=index + 1, total=len(reading.orders)))
        print_order(index, order, reading, evidence)
    details = detail_lines(reading.details, None)
    if details:
        line()
        pairs(details, 2)


def head_lines(reading: Reading) -> Iterator[tuple[str, str]]:
    """Who wants what, and what is in doubt about the message as a whole."""
    yield word("parse.channel"), term("channel", reading.channel)
    yield word("parse.sender"), reading.sender or word("value.unknown")
    yield word("parse.sent_at"), sent(reading.sent_at)
    if reading.envelope.subject:
        yield word("parse.subject"), reading.envelope.subject
    yield word("parse.intent"), term("intent", reading.intent)
    if reading.refers_to:
        yield word("parse.refers_to"), ", ".join(reading.refers_to)
    if reading.envelope.machine:
        yield word("parse.machine"), reading.envelope.machine
    for problem in reading.problems:
        if problem.order is None:
            yield word("parse.problem"), f"{term('field', problem.field)}: {term('problem', problem.code)}"
    for reason in reading.review:
        yield word("parse.review"), told(reason)


def sent(at: datetime | None) -> str:
    """A message's own time, in its own zone."""
    return moment(at) or word("value.unknown")


def print_order(index: int, order: OrderReading, reading: Reading, evidence: bool) -> None:
    """One order field by field, each with its problem, and with its evidence where it is asked for."""
    from ingestd.cli.content import field_lines

    lines = field_lines(order, [p for p in reading.problems if p.order == index], None)
    columns = [Column(word("column.field")), Column(word("column.value"), wraps=True), Column(word("column.problem"))]
    rows: list[Sequence[object]] = [(row.path, row.label, row.value, row.problem) for row in lines]
    if not any(row[3] for row in rows):
        columns, rows = columns[:2], [row[:3] for row in rows]
    if evidence:
        columns += [Column(word("column.words"), wraps=True), Column(word("column.rule"), wraps=True)]
        rows = [(*row, *because(f"orders[{index}].{row[0]}", reading.evidence)) for row in rows]
    table(columns, [row[1:] for row in rows], 2)


def because(path: str, evidence: Sequence[Evidence]) -> tuple[str, str]:
    """The words behind a value and the rules that read them."""
    behind = [e for e in evidence if e.path == path or e.path.startswith((f"{path}[", f"{path}."))]
    words = dict.fromkeys(said(e) for e in behind)
    return " … ".join(words), ", ".join(dict.fromkeys(e.rule for e in behind))


def said(evidence: Evidence) -> str:
    """The words of a piece of evidence, and what the value follows from beside them."""
    if evidence.derived is None:
        return evidence.words
    source = word("explain.derived", source=term("derived", evidence.derived))
    return f"{evidence.words} {source}".strip()
