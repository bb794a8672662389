"""Tables in attached files: CSV and the spreadsheets and documents that are zipped XML, read within limits."""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from xml.etree import ElementTree
from xml.parsers.expat import ExpatError

from ingestd.parsing.charset import decoded

MAX_UNPACKED = 20_000_000  # bytes of all members
MAX_RATIO = 200  # unpacked to packed
MAX_MEMBERS = 500
MAX_ROWS = 500
MAX_COLUMNS = 60
MAX_CHARACTERS = 200_000
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
COLUMN = re.compile(r"([A-Z]{1,3})")
SHEET = re.compile(r"xl/worksheets/sheet(\d{1,3})\.xml")
ENTITY = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)


BROKEN = (
    zipfile.BadZipFile, zlib.error, ElementTree.ParseError, ExpatError, KeyError, ValueError, csv.Error,
    NotImplementedError, RuntimeError, EOFError, OSError,
)  # fmt: skip


class UnreadableFileError(ValueError):
    """A file that is too big, encrypted or no such file."""


def text_of_file(name: str, kind: str, raw: bytes) -> str | None:
    """A file's tables as lines with tabs, None for a file of another sort or one that cannot be read."""
    lower = name.lower()
    try:
        if kind == "text/csv" or lower.endswith((".csv", ".tsv")):
            return joined(csv_rows(decoded(raw, None)))
        if lower.endswith((".xlsx", ".xlsm")) or "spreadsheetml" in kind:
            return joined(sheet_rows(opened(raw)))
        if lower.endswith(".docx") or "wordprocessingml" in kind:
            return "\n".join(document_lines(opened(raw)))[:MAX_CHARACTERS]
        if lower.endswith(".txt") or kind == "text/plain":
            return decoded(raw, None)[:MAX_CHARACTERS]
    except BROKEN:
        return None
    return None


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
    return "\n".join(lines)[:MAX_CHARACTERS]


def csv_rows(text: str) -> Iterator[list[str]]:
    """The rows of separated values; the separator is the commonest of the usual ones in the first lines."""
    head = "\n".join(text.splitlines()[:5])
    separator = max(",;\t|", key=head.count)
    csv.field_size_limit(MAX_CHARACTERS)
    yield from csv.reader(io.StringIO(text), delimiter=separator)


def opened(raw: bytes) -> zipfile.ZipFile:
    """A zip whose declared sizes are within bounds."""
    archive = zipfile.ZipFile(io.BytesIO(raw))
    members = archive.infolist()
    unpacked = sum(m.file_size for m in members)
    if len(members) > MAX_MEMBERS or unpacked > MAX_UNPACKED or unpacked > MAX_RATIO * max(len(raw), 2000):
        raise UnreadableFileError("too much in the archive")
    if any(m.flag_bits & 1 for m in members):
        raise UnreadableFileError("encrypted")
    return archive


def member(archive: zipfile.ZipFile, name: str) -> ElementTree.Element:
    """The XML of one member; documents that define entities are refused."""
    with archive.open(name) as stream:
        content = stream.read(MAX_UNPACKED + 1)
    if len(content) > MAX_UNPACKED or ENTITY.search(content[:4096]):
        raise UnreadableFileError("XML that defines entities, or too long")
    return ElementTree.fromstring(content)  # noqa: S314 - no entities, bounded in size, and in the reader's cage


def sheet_rows(archive: zipfile.ZipFile) -> Iterator[list[str]]:
    """The visible rows of all sheets, hidden columns left out."""
    shared = shared_strings(archive)
    names = sorted((n for n in archive.namelist() if SHEET.fullmatch(n)), key=lambda n: int(SHEET.fullmatch(n)[1]))  # type: ignore[index]
    for name in names[:5]:
        root = member(archive, name)
        hidden = hidden_columns(root)
        for row in root.iterfind(f"{MAIN}sheetData/{MAIN}row"):
            if row.get("hidden") not in ("1", "true"):
                yield row_cells(row, shared, hidden)


def hidden_columns(root: ElementTree.Element) -> set[int]:
    """The numbers of hidden columns, from 0."""
    out: set[int] = set()
    for column in root.iterfind(f"{MAIN}cols/{MAIN}col"):
        if column.get("hidden") in ("1", "true"):
            first, last = int(column.get("min", "1")), min(int(column.get("max", "1")), MAX_COLUMNS)
            out.update(range(first - 1, last))
    return out


def shared_strings(archive: zipfile.ZipFile) -> list[str]:
    """The workbook's shared strings; phonetic guides and struck-out runs are no text."""
    if "xl/sharedStrings.xml" not in archive.namelist():
        return []
    return [rich_text(item) for item in member(archive, "xl/sharedStrings.xml").iterfind(f"{MAIN}si")]


def rich_text(item: ElementTree.Element) -> str:
    """The text of a string with its runs."""
    out = [t.text or "" for t in item.iterfind(f"{MAIN}t")]
    for run in item.iterfind(f"{MAIN}r"):
        if run.find(f"{MAIN}rPr/{MAIN}strike") is None:
            out.extend(t.text or "" for t in run.iterfind(f"{MAIN}t"))
    return "".join(out)


def row_cells(row: ElementTree.Element, shared: list[str], hidden: set[int]) -> list[str]:
    """A row's cells at their columns; far cells are left out."""
    cells: dict[int, str] = {}
    for position, cell in enumerate(row.iterfind(f"{MAIN}c")):
        index = column_index(cell.get("r", ""), position)
        if index < MAX_COLUMNS and index not in hidden:
            cells[index] = cell_text(cell, shared)
    return [cells.get(i, "") for i in range(max(cells, default=-1) + 1) if i not in hidden]


def column_index(reference: str, position: int) -> int:
    """The column of a reference such as AB12, from 0."""
    found = COLUMN.match(reference)
    if not found:
        return position
    index = 0
    for letter in found[1]:
        index = index * 26 + ord(letter) - 64
    return index - 1


def cell_text(cell: ElementTree.Element, shared: list[str]) -> str:
    """A cell's value as people see it; whole numbers without a decimal point."""
    if cell.get("t") == "inlineStr":
        inline = cell.find(f"{MAIN}is")
        return rich_text(inline) if inline is not None else ""
    value = cell.findtext(f"{MAIN}v") or ""
    if cell.get("t") == "s":
        return shared[int(value)] if value.isdigit() and int(value) < len(shared) else ""
    if cell.get("t") in ("str", "b", "e"):
        return "" if cell.get("t") == "e" else value
    return plain_number(value)


def plain_number(value: str) -> str:
    """A stored number without the noise of binary fractions or exponents."""
    try:
        number = float(value)
    except ValueError:
        return value
    if number == int(number) and abs(number) < 1e15:
        return str(int(number))
    return f"{number:.6f}".rstrip("0").rstrip(".")


def document_lines(archive: zipfile.ZipFile) -> Iterator[str]:
    """The paragraphs and table rows of a document; deleted and hidden text left out."""
    body = member(archive, "word/document.xml").find(f"{WORD}body")
    for block in body if body is not None else ():
        if block.tag == f"{WORD}p":
            yield paragraph(block)
        elif block.tag == f"{WORD}tbl":
            for row in block.iterfind(f"{WORD}tr"):
                yield "\t".join(" ".join(paragraph(p) for p in c.iter(f"{WORD}p")) for c in row.iterfind(f"{WORD}tc"))


def paragraph(block: ElementTree.Element) -> str:
    """The visible text of a paragraph."""
    out: list[str] = []
    for run in block.iter(f"{WORD}r"):
        marks = run.find(f"{WORD}rPr")
        if marks is not None and any(marks.find(f"{WORD}{m}") is not None for m in ("strike", "vanish", "dstrike")):
            continue
        out.extend(
            MARKS.get(piece.tag, piece.text or "") for piece in run if piece.tag in MARKS or piece.tag == f"{WORD}t"
        )
    return "".join(out)


MARKS = {f"{WORD}tab": "\t", f"{WORD}br": " "}
