"""Binary spreadsheets (.xls): the rows that a person sees."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ingestd.parsing.archives import UnreadableFileError
from ingestd.parsing.sheets import MAX_COLUMNS, MAX_ROWS, MAX_SHEETS, plain_date, plain_number

if TYPE_CHECKING:
    from xlrd.book import Book
    from xlrd.sheet import Sheet

MAX_BYTES = 10_000_000
EMPTY, TEXT, NUMBER, DATE, BOOLEAN, ERROR = 0, 1, 2, 3, 4, 5  # kinds of cell
VISIBLE = 0


def rows(raw: bytes) -> Iterator[list[str]]:
    """The visible rows of all visible sheets; a workbook with a password cannot be read."""
    book = opened(raw)
    shown = [sheet for sheet in book.sheets() if sheet.visibility == VISIBLE]
    for sheet in shown[:MAX_SHEETS]:
        for number in range(min(sheet.nrows, MAX_ROWS)):
            if not hidden(sheet.rowinfo_map.get(number)):
                yield [
                    text(book, sheet, number, column)
                    for column in range(min(sheet.row_len(number), MAX_COLUMNS))
                    if not hidden(sheet.colinfo_map.get(column))
                ]


def opened(raw: bytes) -> Book:
    """The workbook, whatever else its bytes would do to the library."""
    import xlrd  # noqa: PLC0415 - few mails bring such a file

    if len(raw) > MAX_BYTES:
        raise UnreadableFileError("too long")
    try:
        return xlrd.open_workbook(
            file_contents=raw, logfile=io.StringIO(), formatting_info=True, ragged_rows=True, on_demand=False
        )
    except Exception as error:
        raise UnreadableFileError("no workbook that can be read") from error


def hidden(info: object) -> bool:
    """Whether a row or column is not shown."""
    return bool(getattr(info, "hidden", 0))


def text(book: Book, sheet: Sheet, row: int, column: int) -> str:
    """A cell's value as people see it, nothing where it is struck out."""
    cell = sheet.cell(row, column)
    if cell.ctype in (EMPTY, ERROR) or struck(book, cell.xf_index):
        return ""
    if cell.ctype == NUMBER:
        return plain_number(repr(cell.value))
    if cell.ctype == DATE:
        return plain_date(repr(cell.value + (1462 if book.datemode else 0)))
    return str(cell.value)


def struck(book: Book, style: int | None) -> bool:
    """Whether a cell's style strikes its text out."""
    if style is None or style >= len(book.xf_list):
        return False
    font = book.xf_list[style].font_index
    return font < len(book.font_list) and bool(book.font_list[font].struck_out)
