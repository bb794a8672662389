"""Tables in a text, with tabs between their cells, made labelled lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ingestd.parsing import labels
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.text import Text

ORDER_MARK = "\x1f"  # between orders made of a table's rows; read by `sections`
GOODS_SLOTS = ("goods", "quantity", "unit", "weight", "net_weight", "volume", "weight_volume", "dimensions")
MAX_CELLS = 500  # of one row; what is behind them stays one cell
MIN_HEADER = 3  # label cells that make a row a header
FIGURE = re.compile(r"\d")


def labelled(text: Text, definitions: Definitions) -> Text:
    """A text with its tables as lines of `label: value`."""
    if "\t" not in text.folded:
        return text
    shown: list[str] = []
    plain: list[str] = []
    for block in blocks(text):
        for row in rewritten(block, definitions):
            shown.append(row.shown)
            plain.append(row.folded)
    return Text("\n".join(shown), "\n".join(plain))


def apart(texts: Sequence[Text]) -> Text:
    """Texts that hold orders of their own as one, each behind a mark."""
    marked = [
        t if ORDER_MARK in t.folded else Text(f"{ORDER_MARK}\n{t.shown}", f"{ORDER_MARK}\n{t.folded}") for t in texts
    ]
    return Text("\n".join(t.shown for t in marked), "\n".join(t.folded for t in marked))


def blocks(text: Text) -> Iterator[list[Text]]:
    """Lines grouped into tables and single lines; a table is consecutive lines with tabs."""
    table: list[Text] = []
    position = 0
    for folded in text.folded.split("\n"):
        line = text.part(position, position + len(folded))
        position += len(folded) + 1
        if "\t" in folded:
            table.append(line)
            continue
        if folded.strip() or len(table) == 0:
            if table:
                yield table
                table = []
            yield [line]
    if table:
        yield table


def rewritten(block: list[Text], definitions: Definitions) -> list[Text]:
    """A table as labelled lines; a single line as it is."""
    if len(block) == 1 and "\t" not in block[0].folded:
        return block
    rows = [cells(line) for line in block]
    header = header_of(rows[0], definitions)
    if header and len(rows) > 1:
        return by_header(rows, definitions)
    return [line for row in rows for line in by_row(row, definitions)]


def cells(line: Text) -> list[Text]:
    """The cells of a row."""
    out: list[Text] = []
    start = 0
    for index, char in enumerate(line.folded + "\t"):
        if char == "\t" and (len(out) < MAX_CELLS or index == len(line.folded)):
            out.append(stripped(line.part(start, index)))
            start = index + 1
    return out


def stripped(cell: Text) -> Text:
    """A cell without outer spaces."""
    start = len(cell.folded) - len(cell.folded.lstrip())
    return cell.part(start, max(start, len(cell.folded.rstrip())))


def is_label(cell: Text, definitions: Definitions) -> bool:
    """Whether a cell is a label and nothing else."""
    return labels.meaning_of(cell.folded, definitions) is not None


def header_of(row: list[Text], definitions: Definitions) -> bool:
    """Whether a row consists of labels."""
    filled = [c for c in row if c.folded]
    known = sum(is_label(c, definitions) for c in filled)
    return known >= MIN_HEADER and known >= 0.6 * len(filled)


def by_header(rows: list[list[Text]], definitions: Definitions) -> list[Text]:
    """One block of labelled lines a row; rows without own consignee or destination are further goods of one order."""
    head, body = rows[0], [r for r in rows[1:] if any(c.folded for c in r) and not is_total(r, definitions)]
    places = [i for i, c in enumerate(head) if is_target(c, definitions)]
    several = any(len({r[i].folded for r in body if i < len(r)} - {""}) > 1 for i in places)
    out: list[Text] = []
    for number, row in enumerate(body):
        if several:
            out.append(Text(ORDER_MARK, ORDER_MARK))
        for label, cell in zip(head, row, strict=False):
            if several or not number or is_goods(label, definitions):
                out.extend(pair(label, cell))
    return out


def is_goods(cell: Text, definitions: Definitions) -> bool:
    """Whether a column says something of the goods of its row."""
    meaning = labels.meaning_of(cell.folded, definitions)
    return meaning is not None and meaning[1] in GOODS_SLOTS


def is_total(row: list[Text], definitions: Definitions) -> bool:
    """Whether a row only adds up the others."""
    first = next((c.folded for c in row if c.folded), "")
    return first.rstrip(":") in definitions.of("total_rows")


def is_target(cell: Text, definitions: Definitions) -> bool:
    """Whether a column says where the goods go."""
    meaning = labels.meaning_of(cell.folded, definitions)
    return meaning is not None and meaning[0] == "consignee"


def pair(label: Text, cell: Text) -> list[Text]:
    """One labelled line, none for an empty cell."""
    if not cell.folded:
        return []
    if not label.folded:
        return [cell]
    return [Text(f"{label.shown}: {cell.shown}", f"{label.folded}: {cell.folded}")]


def by_row(row: list[Text], definitions: Definitions) -> list[Text]:
    """The labelled lines of a row whose cells alternate between label and value; a last cell may be a remark."""
    filled = [c for c in row if c.folded]
    if len(filled) < 2:
        return filled
    out: list[Text] = []
    index = 0
    while index < len(row):
        cell = row[index]
        if not cell.folded:
            index += 1
        elif labels.meaning_of(cell.folded, definitions) is not None:
            value = row[index + 1] if index + 1 < len(row) else Text("", "")
            out.extend(pair(cell, value))
            index += 2
        else:
            out.append(remark(cell, definitions) if out else cell)
            index += 1
    return out


def remark(cell: Text, definitions: Definitions) -> Text:
    """A cell behind label and value as a remark line."""
    label = next(iter(definitions.of("remark_label")), "note")
    return Text(f"{label}: {cell.shown}", f"{label}: {cell.folded}")
