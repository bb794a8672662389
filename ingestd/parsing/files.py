"""The text of an attached file, known by its first bytes rather than by its name: senders' programs misname freely."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator

from ingestd.parsing import documents, markup, old_sheets, portable, rich, sheets
from ingestd.parsing.archives import BROKEN, opened
from ingestd.parsing.charset import decoded

MAX_CHARACTERS = 200_000
MAX_ROWS = 500
MAX_COLUMNS = 60
TEXT_NAMES = (".csv", ".tsv", ".tab", ".txt", ".xls", ".htm", ".html", ".xml")
TEXT_KINDS = ("text/csv", "text/plain", "text/html", "text/tab-separated-values", "application/vnd.ms-excel")
MARKED_UP = re.compile(rb"\s*(?:<!doctype html|<html|<table|<head|<meta|<body)", re.IGNORECASE)
XML_SHEET = re.compile(rb"\s*<\?xml.{0,400}?<(?:\w{1,10}:)?Workbook\b", re.DOTALL)
SEPARATOR_LINE = re.compile(r"sep=.\r?\n")
TEXT_CELL = re.compile(r'="?([^"]*)"?\Z')


def text_of_file(name: str, kind: str, raw: bytes) -> str | None:
    """A file's lines, cells with tabs between them; None for a file of another sort or one that cannot be read."""
    try:
        found = next((read(raw) for signs, read in BY_SIGN if signs(raw)), None)
        if found is None and (name.lower().endswith(TEXT_NAMES) or kind in TEXT_KINDS) and not binary(raw):
            found = plain(raw, name.lower().endswith(".txt") or kind == "text/plain")
    except BROKEN:
        return None
    return found[:MAX_CHARACTERS] if found else None


def zipped(raw: bytes) -> str:
    """The text of zipped XML: a spreadsheet or a document."""
    with opened(raw) as archive:
        if "word/document.xml" in archive.namelist():
            return "\n".join(documents.lines(archive))
        return joined(sheets.rows(archive))


def marked_up(raw: bytes) -> str:
    """The text of HTML, which many systems save as .xls."""
    return markup.lines_of(decoded(raw, markup.charset_of(raw)))


def xml_sheet(raw: bytes) -> str:
    """The rows of a spreadsheet in the XML of 2003."""
    return joined(sheets.rows_of_2003(raw))


def old_sheet(raw: bytes) -> str:
    """The rows of a binary spreadsheet."""
    return joined(old_sheets.rows(raw))


def plain(raw: bytes, prose: bool) -> str:
    """A text, or the rows of separated values."""
    text = decoded(raw)
    return text if prose and "\t" not in text else joined(separated(text))


def binary(raw: bytes) -> bool:
    """Whether bytes are no text; UTF-16 holds zero bytes but begins with its mark."""
    return b"\0" in raw[:4096] and not raw.startswith((b"\xff\xfe", b"\xfe\xff"))


BY_SIGN: tuple[tuple[Callable[[bytes], object], Callable[[bytes], str]], ...] = (
    (lambda raw: raw.startswith(b"PK\x03\x04"), zipped),
    (lambda raw: raw.startswith(b"\xd0\xcf\x11\xe0"), old_sheet),
    (lambda raw: b"%PDF-" in raw[:1024], portable.text),
    (lambda raw: raw.lstrip().startswith(b"{\\rtf"), rich.text),
    (lambda raw: MARKED_UP.match(raw.removeprefix(b"\xef\xbb\xbf")), marked_up),
    (lambda raw: XML_SHEET.match(raw[:1000].removeprefix(b"\xef\xbb\xbf")), xml_sheet),
)


def joined(rows: Iterator[list[str]]) -> str:
    """Rows as lines, cells with tabs between them; empty rows stand for nothing."""
    lines = []
    for row in rows:
        cells = [re.sub(r"\s+", " ", cell).strip() for cell in row[:MAX_COLUMNS]]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            lines.append("\t".join(cells) if len(cells) > 1 else cells[0])
        if len(lines) >= MAX_ROWS:
            break
    return "\n".join(lines)


def separated(text: str) -> Iterator[list[str]]:
    """The rows of separated values; the separator is the commonest of the usual ones in the first lines."""
    text = SEPARATOR_LINE.sub("", text, count=1) if text.startswith("sep=") else text
    head = "\n".join(text[:20_000].splitlines()[:5])
    separator = max("\t,;|", key=head.count)
    csv.field_size_limit(MAX_CHARACTERS)
    for row in csv.reader(io.StringIO(text), delimiter=separator):
        yield [TEXT_CELL.sub(r"\1", cell) for cell in row]
