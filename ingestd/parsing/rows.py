"""The rows below a header as orders: which rows are one order, and each cell as a labelled line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ingestd.parsing import measures
from ingestd.parsing.columns import (
    FIGURED,
    GOODS_ORDER,
    GOODS_SLOTS,
    MAX_HEAD,
    NUMBER,
    WHO_SLOTS,
    Head,
    head_of,
    label_of,
    several,
    word_for,
)
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.text import Text

__all__ = ["MAX_HEAD", "WHO_SLOTS"]
ORDER_MARK = "\x1f"  # before each order made of a table's rows; read by `sections`
END_MARK = "\x1e"  # behind the last of them
DECIDING = (*WHO_SLOTS, "address", "place")  # columns that tell orders apart
Row = list[Text]


@dataclass(frozen=True, slots=True)
class Table:
    """A header's heads, the heads above them, its cells, and the rows below."""

    heads: Sequence[Head | None]
    sections: Sequence[Head | None]
    cells: Row
    body: list[Row]


def filled(row: Row) -> Row:
    """The cells of a row that hold something."""
    return [c for c in row if c.folded]


def line(label: Text, value: Text) -> Text:
    """One labelled line."""
    return Text(f"{label.shown}: {value.shown}", f"{label.folded}: {value.folded}")


def pair(label: Text, cell: Text, definitions: Definitions) -> list[Text]:
    """One labelled line, none for an empty cell."""
    if not cell.folded:
        return []
    if found := several(label, cell, definitions):
        return [part for one in found for part in pair(*one, definitions)]
    head = head_of(label, definitions)
    if head is None:
        return [line(label, cell)] if label.folded else [cell]
    own = "" if head.slot == "quantity" and head.unit in definitions.of("any_package") else head.unit
    return [line(label_of(replace(head, unit=own), label, cell, "", definitions), cell)]


def remark(cell: Text, definitions: Definitions) -> Text:
    """A cell behind label and value as a remark line, but for a figure of goods, which says itself what it is."""
    if next(measures.find(cell.folded, definitions), None) is not None:
        return cell
    label = next(iter(definitions.of("remark_label")), "note")
    return line(Text(label, label), cell)


def is_total(row: Row, definitions: Definitions) -> bool:
    """Whether a row only adds up the others."""
    first = next((re.sub(r"[\s:]", "", c.folded) for c in row if c.folded), "")
    return any(first.startswith(word) and len(first) <= len(word) + 6 for word in definitions.of("total_rows"))


def only_figures(row: Row, heads: Sequence[Head | None]) -> bool:
    """Whether a row below others holds figures and nothing they are of, as totals without a word do."""
    return any(h is not None and h.slot == "goods" for h in heads) and all(NUMBER.match(c.folded) for c in filled(row))


def by_header(table: Table, definitions: Definitions) -> list[Text]:
    """One block of labelled lines an order; rows without own consignee or destination are further goods of one."""
    heads = of_clients(told_by_values(table, definitions), definitions)
    table = Table(heads, table.sections, table.cells, table.body)
    own = [r for r in table.body if len(filled(r)) > 1 and not is_total(r, definitions)]
    body = [whole(r, len(heads)) for n, r in enumerate(own) if not n or not only_figures(r, heads)]
    body = repeated(body, heads, definitions)
    groups = grouped(body, heads)
    out: list[Text] = []
    for group in groups:
        if len(groups) > 1:
            out.append(Text(ORDER_MARK, ORDER_MARK))
        out += of_group(group, table, definitions)
    if len(groups) > 1:
        out.append(Text(END_MARK, END_MARK))
    else:
        out += of_totals(body, table, definitions)
    captions = [filled(r)[0] for r in table.body if len(filled(r)) == 1 and not is_total(r, definitions)]
    return [*out, *captions]


def whole(row: Row, width: int) -> Row:
    """A row with as many cells as its header."""
    return (row + [Text("", "")] * width)[:width]


def told_by_values(table: Table, definitions: Definitions) -> list[Head | None]:
    """The heads; where none names the goods, the unknown one of words beside a figure does."""
    heads = list(table.heads)
    if any(h is not None and h.slot == "goods" for h in heads):
        return heads
    if not any(h is not None and h.slot in FIGURED for h in heads):
        return heads
    for place, head in enumerate(heads[:-1]):
        beside = heads[place + 1]
        values = [r[place].folded for r in table.body if place < len(r) and r[place].folded]
        worded = values and not any(NUMBER.match(v) or re.search(r"\d{5}", v) for v in values)
        if head is None and beside is not None and beside.slot in FIGURED and worded:
            heads[place] = Head("order", "goods", word_for("order", "goods", "", definitions))
            return heads
    return heads


def of_clients(heads: list[Head | None], definitions: Definitions) -> list[Head | None]:
    """The heads; customers are the receivers of a list's rows unless it has others, or says where they send from."""
    apart = any(
        h is not None
        and ((h.role == "consignee" and h.slot in (*WHO_SLOTS, "address")) or (h.role, h.slot) == ("pickup", "address"))
        for h in heads
    )
    role = "shipper" if apart else "consignee"
    return [
        replace(h, role=role, word=word_for(role, h.slot, h.word, definitions)) if h and h.role == "client" else h
        for h in heads
    ]


def repeated(body: list[Row], heads: Sequence[Head | None], definitions: Definitions) -> list[Row]:
    """The rows with what they take from the one above: cells that say so, and a sender that is named once."""
    ditto = definitions.of("cell_ditto")
    ours = [i for i, h in enumerate(heads) if h and h.role in ("shipper", "pickup") and h.slot in DECIDING]
    out: list[Row] = []
    for row in body:
        above = out[-1] if out else row
        own = [a if c.folded in ditto else c for a, c in zip(above, row, strict=True)]
        named = any(own[i].folded for i in ours)
        out.append(own if named else [above[i] if i in ours else c for i, c in enumerate(own)])
    return out


def grouped(body: list[Row], heads: Sequence[Head | None]) -> list[list[Row]]:
    """Rows of one order each: a row goes on with the one above where it names no other parties or places."""
    deciding = [i for i, h in enumerate(heads) if h and h.slot in DECIDING]
    going = [i for i in deciding if (head := heads[i]) and head.role == "consignee"]
    groups: list[list[Row]] = []
    for row in body:
        said = [(row[i].folded, groups[-1][0][i].folded) for i in deciding] if groups else []
        further = bool(groups) and all(not own or own == first for own, first in said)
        if groups and (further or not going):
            groups[-1].append(row)
        else:
            groups.append([row])
    return groups


def of_group(group: list[Row], table: Table, definitions: Definitions) -> Iterator[Text]:
    """The labelled lines of one order: its first row whole, of the others what is new."""
    for number, row in enumerate(group):
        section: Head | None = None
        for place in in_order(table.heads):
            head, cell = table.heads[place], row[place]
            above = table.sections[place] if place < len(table.sections) else None
            if above is not None and above != section and not number and head and head.role == "current":
                word = Text(above.word, above.word)
                yield line(word, Text("", ""))
            section = above or section
            if cell.folded and (not number or is_goods(head) or cell.folded != group[0][place].folded):
                yield from of_cell(place, row, table, definitions)


def is_goods(head: Head | None) -> bool:
    """Whether a column says something of the goods of its row."""
    return head is not None and head.slot in GOODS_SLOTS


def in_order(heads: Sequence[Head | None]) -> list[int]:
    """The columns, those of the goods together where the first of them stands, the name first."""
    goods = sorted(
        (i for i, h in enumerate(heads) if is_goods(h)),
        key=lambda i: GOODS_ORDER[heads[i].slot],  # type: ignore[union-attr]
    )
    if not goods or not any(h is not None and h.slot == "goods" for h in heads):
        return list(range(len(heads)))
    first = min(goods)
    return [*range(first), *goods, *(i for i in range(first, len(heads)) if i not in goods)]


def of_cell(place: int, row: Row, table: Table, definitions: Definitions) -> Iterator[Text]:
    """The labelled line of one cell; its unit may stand in a column of its own."""
    head, cell = table.heads[place], row[place]
    if head is None:
        label = table.cells[place] if place < len(table.cells) else Text("", "")
        yield line(label, cell) if label.folded else cell
        return
    if head.slot == "nothing":
        return
    unit = ""
    if head.slot in ("quantity", "unit"):
        unit = unit_beside(row, table, definitions)
        counted = next((i for i, h in enumerate(table.heads) if h is not None and h.slot == "quantity"), None)
        if head.slot == "unit" and unit and counted is not None and NUMBER.match(row[counted].folded):
            return  # written with the figure
    label = table.cells[place]
    if any(word in label.folded for word in definitions.of("total")):
        label = Text("", "")  # the total of its row, and not of all
    yield line(label_of(head, label, cell, unit, definitions), cell)


def unit_beside(row: Row, table: Table, definitions: Definitions) -> str:
    """The unit that a row's own column names; empty where there is none."""
    sorts = measures.grammar(definitions).sorts
    for head, cell in zip(table.heads, row, strict=True):
        if head is not None and head.slot == "unit" and cell.folded in sorts:
            return cell.folded
    return ""


def of_totals(body: list[Row], table: Table, definitions: Definitions) -> Iterator[Text]:
    """What only the row of totals says: the weight or volume of all goods together."""
    totals = next((whole(r, len(table.heads)) for r in table.body if is_total(r, definitions)), None)
    if totals is None:
        return
    word = next(iter(definitions.of("total_rows")), "") if len(body) > 1 else ""
    for place, head in enumerate(table.heads):
        if head is None or head.slot not in ("weight", "volume") or any(r[place].folded for r in body):
            continue
        label = label_of(head, table.cells[place], totals[place], "", definitions)
        if totals[place].folded:
            yield line(Text(word + label.shown, word + label.folded), totals[place])
