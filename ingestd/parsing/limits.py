"""A look at the raw bytes before any MIME parser sees them: what is too big or too deep is refused."""

from __future__ import annotations

import re

MAX_HEADER_BYTES = 256 * 1024
MAX_HEADERS = 1000
MAX_HEADER_LINE = 64 * 1024
MAX_PARTS = 1000
MAX_DEPTH = 50
HEADER_END = re.compile(rb"\r?\n\r?\n")
BOUNDARY = re.compile(rb"boundary\s{0,8}=")
BOUNDARY_NAME = re.compile(rb'boundary\s{0,8}=\s{0,8}("[^"\r\n]{1,200}"|[^\s;"]{1,200})')
NESTED_MESSAGE = re.compile(rb"^content-type:[ \t]{0,8}message/rfc822", re.MULTILINE)


def refuse(raw: bytes) -> str | None:
    """Why these bytes must not be parsed (nesting over 50, over 1000 parts, oversized headers), or None."""
    return header_trouble(raw) or part_trouble(raw)


def header_trouble(raw: bytes) -> str | None:
    """What is wrong with the size of the top headers."""
    end = HEADER_END.search(raw, 0, MAX_HEADER_BYTES + 4)
    if end is None and len(raw) > MAX_HEADER_BYTES:
        return f"headers longer than {MAX_HEADER_BYTES} bytes"
    head = raw[: end.start()] if end else raw
    if head.count(b"\n") > MAX_HEADERS * 4:
        return f"more than {MAX_HEADERS * 4} header lines"
    lines = head.split(b"\n")
    if sum(not line.startswith((b" ", b"\t")) for line in lines) > MAX_HEADERS:
        return f"more than {MAX_HEADERS} headers"
    if max(map(len, lines), default=0) > MAX_HEADER_LINE:
        return f"a header line longer than {MAX_HEADER_LINE} bytes"
    return None


def part_trouble(raw: bytes) -> str | None:
    """Whether there are more containers or more separators than a mail has."""
    if b"boundary" not in (lower := raw.lower()) and b"message/rfc822" not in lower:
        return None
    if len(BOUNDARY.findall(lower)) + len(NESTED_MESSAGE.findall(lower)) > MAX_DEPTH:
        return f"nested deeper than {MAX_DEPTH}"
    # Each declared boundary may separate; counting every line that starts with two dashes bounds the parts from above,
    # but text has such lines too (rules, signatures), so only those that match a declared boundary count.
    names = {raw[slice(*found.span(1))].strip(b'"') for found in BOUNDARY_NAME.finditer(lower)}
    parts = sum(raw.count(b"\n--" + name) for name in names)
    return f"more than {MAX_PARTS} parts" if parts > MAX_PARTS else None
