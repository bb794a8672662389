"""PDF files: the text of the first pages, row by row; scans and locked files have none."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ingestd.parsing import ruled
from ingestd.parsing.archives import UnreadableFileError

if TYPE_CHECKING:
    from pypdf import PageObject, PdfReader

MAX_PAGES = 5
MAX_BYTES = 10_000_000
GAP = re.compile(r" {3,}")  # between two cells
MAX_CHARACTERS = 100_000
MAX_DRAWN = 250_000  # bytes of drawing on all pages; a megabyte takes seconds, and a form needs a few thousand


def text(raw: bytes) -> str:
    """The lines of the first pages, what stands apart on a line with a tab between."""
    if len(raw) > MAX_BYTES:
        raise UnreadableFileError("too long")
    lines: list[str] = []
    for page in pages(raw):
        lines.extend(GAP.sub("\t", line.strip()) for line in page.splitlines())
    return "\n".join(line for line in lines if line)[:MAX_CHARACTERS]


def pages(raw: bytes) -> list[str]:
    """The text of each page as it is laid out, whatever else its bytes would do to the library."""
    import pypdf  # noqa: PLC0415 - few mails bring such a file, and it is big

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it logs what it finds odd in a file
    try:
        document = pypdf.PdfReader(io.BytesIO(raw), strict=False)
        if document.is_encrypted:
            document.decrypt("")  # as viewers do; a page of a document that wants a password then raises
        return [laid_out(page) for page in bounded(document)]
    except Exception as error:
        raise UnreadableFileError("no document that can be read") from error


def bounded(document: PdfReader) -> Iterator[PageObject]:
    """The first pages, as long as what is drawn on them is no flood."""
    drawn = 0
    for number, page in enumerate(document.pages):
        contents = page.get_contents()
        drawn += len(contents.get_data()) if contents is not None else 0
        if drawn > MAX_DRAWN:
            raise UnreadableFileError("too much is drawn")
        if number >= MAX_PAGES:
            return
        yield page


def laid_out(page: PageObject) -> str:
    """The lines of a page: by the cells where tables are ruled on it, else as they stand."""
    found = ruled.Page()
    page.extract_text(visitor_operand_before=found.drawn, visitor_text=found.written)
    lines = ruled.lines(found)
    return "\n".join(lines) if lines else page.extract_text(extraction_mode="layout")
