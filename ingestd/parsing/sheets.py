"""Spreadsheets as XML, zipped or of 2003: the rows that a person sees, within limits."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from ingestd.parsing.archives import checked, content, harmless, member

MAX_ROWS = 2000  # empty ones included
MAX_COLUMNS = 60
MAX_SHEETS = 5
MAX_STRINGS = 100_000
COLUMN = re.compile(r"([A-Za-z]{1,3})")
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
STRICT_RELATION = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"
OF_2003 = "{urn:schemas-microsoft-com:office:spreadsheet}"
DATES = {*range(14, 18), 22, *range(27, 32), *range(34, 37), *range(50, 59)}  # number formats that need no definition
TIMES = {18, 19, 20, 21, 32, 33, 45, 46, 47}
QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.')
DATE_SIGNS = re.compile("[ymdhs年月日]", re.IGNORECASE)
TRUE = ("1", "true")
EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a day of a calendar, in no zone


@dataclass(frozen=True, slots=True)
class Styles:
    """What cell styles mean for reading: which are struck out and which show a date."""

    struck: frozenset[int] = frozenset()
    dated: frozenset[int] = frozenset()
    strings: tuple[str, ...] = field(default=(), repr=False)
    base: datetime = EPOCH


def rows(archive: zipfile.ZipFile) -> Iterator[list[str]]:
    """The visible rows of all visible sheets, hidden columns left out."""
    names = archive.namelist()
    shared = strings(archive) if "xl/sharedStrings.xml" in names else ()
    book = member(archive, "xl/workbook.xml") if "xl/workbook.xml" in names else None
    styles = styles_of(member(archive, "xl/styles.xml") if "xl/styles.xml" in names else None, shared, book)
    for name in sheet_names(archive, book)[:MAX_SHEETS]:
        yield from sheet_rows(content(archive, name), styles)


def sheet_names(archive: zipfile.ZipFile, book: Element | None) -> list[str]:
    """The members of the visible sheets in the workbook's order; by name where no workbook tells."""
    names = set(archive.namelist())
    if book is not None and "xl/_rels/workbook.xml.rels" in names:
        targets = {r.get("Id"): r.get("Target", "") for r in member(archive, "xl/_rels/workbook.xml.rels")}
        shown = [s for s in book.iterfind("{*}sheets/{*}sheet") if s.get("state", "visible") == "visible"]
        paths = [targets.get(s.get(RELATION) or s.get(STRICT_RELATION), "") for s in shown]
        found = [p.lstrip("/") if p.startswith("/") else f"xl/{p}" for p in paths]
        return [p for p in found if p in names]
    return sorted(n for n in names if n.startswith("xl/worksheets/") and n.endswith(".xml"))


def strings(archive: zipfile.ZipFile) -> tuple[str, ...]:
    """The workbook's shared strings; phonetic guides and struck-out runs are no text."""
    return tuple(rich_text(item) for item in whole(content(archive, "xl/sharedStrings.xml"), "si", MAX_STRINGS))


def whole(raw: bytes, wanted: str, limit: int) -> Iterator[Element]:
    """The first elements of a name, each dropped again when it has been looked at, so that memory stays small."""
    checked(raw)
    count = 0
    holders: list[Element] = []
    for event, element in ElementTree.iterparse(io.BytesIO(raw), ("start", "end")):  # noqa: S314 - as `harmless`
        if event == "start":
            holders.append(element)
            continue
        holders.pop()
        if element.tag.rpartition("}")[2] == wanted:
            yield element
            count += 1
            if holders:
                holders[-1].remove(element)
            if count >= limit:
                return


def rich_text(item: Element) -> str:
    """The text of a string with its runs."""
    out = [t.text or "" for t in item.iterfind("{*}t")]
    for run in item.iterfind("{*}r"):
        strike = run.find("{*}rPr/{*}strike")
        if strike is None or strike.get("val") in ("0", "false"):
            out.extend(t.text or "" for t in run.iterfind("{*}t"))
    return "".join(out)


def styles_of(root: Element | None, shared: tuple[str, ...], book: Element | None) -> Styles:
    """The styles of a workbook; it may count its days from 1904."""
    old = book.find("{*}workbookPr") if book is not None else None
    base = datetime(1904, 1, 1) if old is not None and old.get("date1904") in TRUE else EPOCH  # noqa: DTZ001
    if root is None:
        return Styles(strings=shared, base=base)
    struck = {str(i) for i, font in enumerate(root.iterfind("{*}fonts/{*}font")) if is_struck(font)}
    formats = {f.get("numFmtId"): f.get("formatCode", "") for f in root.iterfind("{*}numFmts/{*}numFmt")}
    dates = {number for number, code in formats.items() if DATE_SIGNS.search(QUOTED.sub("", code))}
    cells = list(root.iterfind("{*}cellXfs/{*}xf"))
    return Styles(
        frozenset(i for i, xf in enumerate(cells) if xf.get("fontId", "0") in struck),
        frozenset(i for i, xf in enumerate(cells) if shows_date(xf.get("numFmtId", "0"), dates)),
        shared,
        base,
    )


def is_struck(font: Element) -> bool:
    """Whether a font strikes its text out."""
    strike = font.find("{*}strike")
    return strike is not None and strike.get("val") not in ("0", "false")


def shows_date(number: str, defined: set[str | None]) -> bool:
    """Whether a number format shows a date or an hour."""
    return number in defined or (number.isdigit() and int(number) in DATES | TIMES)


def sheet_rows(raw: bytes, styles: Styles) -> Iterator[list[str]]:
    """The visible rows of one sheet."""
    hidden = hidden_columns(raw)
    for row in whole(raw, "row", MAX_ROWS):
        if row.get("hidden") not in TRUE:
            yield row_cells(row, styles, hidden)


def hidden_columns(raw: bytes) -> set[int]:
    """The numbers of hidden columns, from 0; they are named before the rows."""
    head, found, _ = raw.partition(b"sheetData")
    out: set[int] = set()
    for tag in re.findall(rb"<(?:\w{1,10}:)?col [^>]{0,400}>", head if found else b""):
        values = {k.decode(): v.decode() for k, v in re.findall(rb'(hidden|min|max)="(\w{1,9})"', tag)}
        if values.get("hidden") in TRUE and values.get("min", "1").isdigit() and values.get("max", "1").isdigit():
            out.update(range(int(values.get("min", "1")) - 1, min(int(values.get("max", "1")), MAX_COLUMNS)))
    return out


def row_cells(row: Element, styles: Styles, hidden: set[int]) -> list[str]:
    """A row's cells at their columns; far cells are left out."""
    cells: dict[int, str] = {}
    for position, cell in enumerate(row.iterfind("{*}c")):
        index = column_index(cell.get("r", ""), position)
        if index < MAX_COLUMNS and index not in hidden:
            cells[index] = cell_text(cell, styles)
    return [cells.get(i, "") for i in range(max(cells, default=-1) + 1) if i not in hidden]


def column_index(reference: str, position: int) -> int:
    """The column of a reference such as AB12, from 0."""
    found = COLUMN.match(reference)
    if not found:
        return position
    index = 0
    for letter in found[1].upper():
        index = index * 26 + ord(letter) - 64
    return index - 1


def cell_text(cell: Element, styles: Styles) -> str:
    """A cell's value as people see it; whole numbers without a decimal point, dates as dates."""
    style = int(cell.get("s", "0")) if cell.get("s", "0").isdigit() else 0
    if style in styles.struck:
        return ""
    kind, value = cell.get("t"), cell.findtext("{*}v") or ""
    if kind == "inlineStr":
        inline = cell.find("{*}is")
        return rich_text(inline) if inline is not None else ""
    if kind == "s":
        return styles.strings[int(value)] if value.isdigit() and int(value) < len(styles.strings) else ""
    if kind in ("str", "b", "e", "d"):
        return "" if kind == "e" else value
    return plain_date(value, styles.base) if style in styles.dated else plain_number(value)


def plain_number(value: str) -> str:
    """A stored number without the noise of binary fractions or exponents."""
    try:
        number = float(value)
        if number == int(number) and abs(number) < 1e15:
            return str(int(number))
    except (ValueError, OverflowError):
        return value
    return f"{number:.6f}".rstrip("0").rstrip(".")


def plain_date(value: str, base: datetime = EPOCH) -> str:
    """A stored day as a date, with its hour where it has one; an hour alone as an hour."""
    try:
        days = float(value)
        moment = base + timedelta(minutes=round(days * 1440))
    except (ValueError, OverflowError):
        return plain_number(value)
    hour = f"{moment:%H:%M}" if moment.hour or moment.minute else ""
    return hour if 0 < days < 1 else f"{moment:%Y-%m-%d} {hour}".strip()


def rows_of_2003(raw: bytes) -> Iterator[list[str]]:
    """The visible rows of a workbook in the XML of 2003."""
    for sheet in list(harmless(raw).iterfind(f"{OF_2003}Worksheet"))[:MAX_SHEETS]:
        if any(v.text != "SheetVisible" for v in sheet.iterfind(".//{*}WorksheetOptions/{*}Visible")):
            continue
        for row in list(sheet.iterfind(f"{OF_2003}Table/{OF_2003}Row"))[:MAX_ROWS]:
            if row.get(f"{OF_2003}Hidden") != "1":
                yield cells_of_2003(row)


def cells_of_2003(row: Element) -> list[str]:
    """A row's cells at their columns; a cell may say its own."""
    cells: list[str] = []
    for cell in row.iterfind(f"{OF_2003}Cell"):
        index = cell.get(f"{OF_2003}Index", "")
        if index.isdigit():
            cells.extend([""] * (min(int(index) - 1, MAX_COLUMNS) - len(cells)))
        data = cell.find("{*}Data")
        value = "".join(data.itertext()) if data is not None else ""
        kind = data.get(f"{OF_2003}Type") if data is not None else ""
        cells.append(plain_number(value) if kind == "Number" else value.removesuffix("T00:00:00.000"))
    return cells[:MAX_COLUMNS]
