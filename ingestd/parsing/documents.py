"""Word-processor documents as zipped XML: paragraphs and table rows as they are seen on paper."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from ingestd.parsing.archives import member

WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
STRICT = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"  # says again what Choice says
HOLDERS = ("sdt", "sdtContent", "ins", "moveTo", "smartTag", "customXml")  # what is in them stands as if alone
GONE = ("del", "moveFrom", "instrText")
STRUCK = ("strike", "dstrike", "vanish", "webHidden")
OFF = ("0", "false", "off")
MARKS = {"tab": "\t", "br": " ", "cr": " ", "noBreakHyphen": "-"}
MAX_LINES = 2000
MAX_DEPTH = 40


def lines(archive: zipfile.ZipFile) -> Iterator[str]:
    """The paragraphs and table rows of a document; deleted, struck-out and hidden text left out."""
    root = member(archive, "word/document.xml")
    body = next((block for block in root if local(block) == "body"), None)
    for number, line in enumerate(of_blocks(body, 0) if body is not None else ()):
        if number >= MAX_LINES:
            return
        yield line


def local(element: Element) -> str:
    """An element's name without its namespace, empty outside the word processor's own."""
    tag = element.tag
    if tag.startswith(WORD):
        return tag[len(WORD) :]
    return tag[len(STRICT) :] if tag.startswith(STRICT) else ""


def of_blocks(holder: Element, depth: int) -> Iterator[str]:
    """The lines of what a body, cell or text box holds."""
    if depth > MAX_DEPTH:
        return
    for block in holder:
        name = local(block)
        if name == "p":
            yield paragraph(block)
            for box in boxes(block):
                yield from of_blocks(box, depth + 1)
        elif name == "tbl":
            yield from of_table(block, depth)
        elif name in HOLDERS:
            yield from of_blocks(block, depth + 1)


def of_table(table: Element, depth: int) -> Iterator[str]:
    """The rows of a table, cells with tabs between them; a cell that holds a table gives that table's rows."""
    for row in (r for r in unwrapped(table, "tr") if not hidden_row(r)):
        cells = list(unwrapped(row, "tc"))
        inner = [t for cell in cells for t in unwrapped(cell, "tbl")]
        texts = [" ".join(filter(None, (paragraph(p) for p in unwrapped(cell, "p")))) for cell in cells]
        if any(texts):
            yield "\t".join(text.replace("\t", " ") for text in texts)
        for nested in inner if depth < MAX_DEPTH else ():
            yield from of_table(nested, depth + 1)


def unwrapped(holder: Element, wanted: str, depth: int = 0) -> Iterator[Element]:
    """The children of a name, also of those that stand in content controls and insertions."""
    for child in holder:
        name = local(child)
        if name == wanted:
            yield child
        elif name in HOLDERS and depth < MAX_DEPTH:
            yield from unwrapped(child, wanted, depth + 1)


def hidden_row(row: Element) -> bool:
    """Whether a row was deleted with changes tracked, or is hidden."""
    return any(local(mark) in ("del", "hidden") for marks in row if local(marks) == "trPr" for mark in marks)


def boxes(block: Element) -> Iterator[Element]:
    """The text boxes anchored in a paragraph, each once."""
    stack = [block]
    while stack:
        for child in reversed(stack.pop()):
            if local(child) == "txbxContent":
                yield child
            elif child.tag != FALLBACK:
                stack.append(child)


def paragraph(block: Element) -> str:
    """The visible text of a paragraph."""
    out: list[str] = []
    stack = [block]
    while stack:
        element = stack.pop()
        name = local(element)
        if name == "r":
            out.extend(run(element))
        elif name not in GONE and element.tag != FALLBACK and name != "txbxContent":
            stack.extend(reversed(element))
    return "".join(out)


def run(element: Element) -> Iterator[str]:
    """The text of a run, nothing where it is struck out or hidden."""
    marks = next((child for child in element if local(child) == "rPr"), None)
    if marks is not None and any(local(mark) in STRUCK and is_on(mark) for mark in marks):
        return
    for piece in element:
        name = local(piece)
        if name == "t":
            yield piece.text or ""
        elif name in MARKS:
            yield MARKS[name]


def is_on(mark: Element) -> bool:
    """Whether a switch is on, which it is unless it says otherwise."""
    return not any(value in OFF for key, value in mark.attrib.items() if key.endswith("}val"))
