"""PDF files: the text of the first pages, row by row; scans and locked files have none."""

from __future__ import annotations

import io
import logging
import re

from ingestd.parsing.archives import UnreadableFileError

MAX_PAGES = 5
MAX_BYTES = 10_000_000
GAP = re.compile(r" {3,}")  # between two cells
MAX_CHARACTERS = 100_000


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
    from pypdf import PdfReader  # noqa: PLC0415 - few mails bring such a file, and it is big

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it logs what it finds odd in a file
    try:
        document = PdfReader(io.BytesIO(raw), strict=False)
        if document.is_encrypted:
            document.decrypt("")  # as viewers do; a page of a document that wants a password then raises
        return [page.extract_text(extraction_mode="layout") for page in document.pages[:MAX_PAGES]]
    except Exception as error:
        raise UnreadableFileError("no document that can be read") from error
