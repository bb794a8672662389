"""What a command prints: lines, tables that fit the terminal, or one JSON object a line."""

from __future__ import annotations

import json
import shutil
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime, tzinfo
from decimal import Decimal
from io import StringIO
from typing import Any

from ingestd.composing.figures import clean

UNBOUNDED = 100_000  # columns: what is piped is never wrapped or cut
NARROWEST = 40
UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}  # a terminal might obey them


class ReaderGone(Exception):  # noqa: N818  no error: `head` has seen enough
    """Nobody reads our output any more; another exception than BrokenPipeError, which typer would take for its own."""

    permanent = True


@dataclass(frozen=True, slots=True)
class Column:
    """A column's title, and whether it may be wrapped where the terminal is narrow, or holds figures."""

    title: str
    wraps: bool = False
    figures: bool = False


def is_terminal() -> bool:
    """Whether a person looks at standard output."""
    return sys.stdout.isatty()


def line(text: str = "") -> None:
    """Print one line."""
    try:
        sys.stdout.write(text + "\n")
    except BrokenPipeError as error:
        raise ReaderGone from error


def complain(text: str) -> None:
    """Print one line of trouble to standard error."""
    sys.stderr.write(f"ingestd: {text}\n")


def table(columns: Sequence[Column], rows: Iterable[Sequence[object]], indent: int = 0) -> None:
    """Print rows under their titles; columns keep straight with Chinese in them."""
    from rich.table import Table
    from rich.text import Text

    sheet = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=any(c.title for c in columns))
    for column in columns:
        sheet.add_column(
            Text(column.title, style="bold"),
            no_wrap=not column.wraps,
            overflow="fold",
            justify="right" if column.figures else "left",
        )
    for row in rows:
        sheet.add_row(*(Text(clean(str(value)) if value is not None else "") for value in row))
    printed(sheet, indent)


def printed(sheet: object, indent: int) -> None:
    """Print a rich table within the terminal's width; plain and unbroken where no terminal is."""
    from rich.console import Console

    paper = StringIO()
    width = max(NARROWEST, shutil.get_terminal_size().columns) if is_terminal() else UNBOUNDED
    Console(file=paper, width=width - indent, force_terminal=is_terminal(), highlight=False).print(sheet)
    for text in paper.getvalue().splitlines():
        line((" " * indent + text).rstrip())


def pairs(rows: Iterable[tuple[str, object]], indent: int = 0) -> None:
    """Print names and values, the values under one another."""
    table((Column(""), Column("", wraps=True)), rows, indent)


def paragraph(text: str, indent: int = 0) -> None:
    """Print a text, broken where the terminal ends."""
    if text:
        table((Column("", wraps=True),), [(text,)], indent)


def heading(text: str) -> None:
    """Print a blank line and a section's title."""
    line()
    line(f"\x1b[1m{clean(text)}\x1b[0m" if is_terminal() else clean(text))


def json_line(value: object) -> None:
    """Print a value as one line of JSON; times in ISO 8601."""
    utf8 = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    line(json.dumps(plain(value), ensure_ascii=not utf8))


def plain(value: Any) -> Any:
    """Dataclasses, mappings, times and figures as JSON has them."""
    if is_dataclass(value):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def visible(text: str) -> str:
    """Text of several lines without anything that a terminal might obey."""
    return "\n".join("".join(c for c in part.expandtabs() if shown(c)).rstrip() for part in text.splitlines())


def shown(character: str) -> bool:
    """Whether a character is one to look at."""
    return unicodedata.category(character) not in UNSEEN


def moment(at: datetime | None, zone: tzinfo | None = None) -> str:
    """A time of day in the site's zone; without a zone in its own, with its offset."""
    if at is None:
        return ""
    if zone is None:
        return at.isoformat(" ", "seconds")
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
