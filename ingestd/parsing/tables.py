"""Tables in a text, with tabs between their cells, made labelled lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ingestd.parsing import changes, grids, rows
from ingestd.parsing.columns import FIGURED, Head, head_of, inner_head, word_for
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.rows import ORDER_MARK, Row, filled, is_total, line, pair
from ingestd.parsing.text import Text

__all__ = ["ORDER_MARK", "labelled"]
MAX_CELLS = 500  # of one row; what is behind them stays one cell
MAX_FORM = 40  # rows of a form that are looked at together
MIN_LYING = 4  # rows with a label that make a table lying on its side
MAX_LYING = 40  # rows, so that a long table is not looked through again from each of its rows
ORIGINS = ("shipper", "pickup")
OTHERS = ("consignee", "carrier")
NUMBERED = re.compile(r"[\d+(][\d\-+() ]{6,}$")


def labelled(text: Text, definitions: Definitions) -> Text:
    """A text with its tables as lines of `label: value`."""
    text = changes.in_rows(grids.tabbed(text, definitions), definitions)
    if "\t" not in text.folded:
        return text
    out = [part for block in blocks(text) for part in rewritten(block, definitions)]
    return Text.of_lines(out)


def apart(texts: Sequence[Text]) -> Text:
    """Texts that hold orders of their own as one, each behind a mark."""
    marked = [
        t if ORDER_MARK in t.folded else Text(f"{ORDER_MARK}\n{t.shown}", f"{ORDER_MARK}\n{t.folded}") for t in texts
    ]
    return Text.of_lines(marked)


def blocks(text: Text) -> Iterator[list[Row]]:
    """Lines grouped into tables and single lines; a table's rows may have empty lines between them."""
    table: list[Row] = []
    for part in text.lines():
        if "\t" in part.folded:
            table.append(cells(part))
        elif table and not part.folded.strip():
            table.append([])
        else:
            if table:
                yield table
                table = []
            yield [[part]]
    if table:
        yield table


def cells(part: Text) -> Row:
    """The cells of a row."""
    out: Row = []
    start = 0
    for index, char in enumerate(part.folded + "\t"):
        if char == "\t" and (len(out) < MAX_CELLS or index == len(part.folded)):
            out.append(stripped(part.part(start, index)))
            start = index + 1
    return out


def stripped(cell: Text) -> Text:
    """A cell without outer spaces."""
    start = len(cell.folded) - len(cell.folded.lstrip())
    return cell.part(start, max(start, len(cell.folded.rstrip())))


def rewritten(block: list[Row], definitions: Definitions) -> list[Text]:
    """A table as labelled lines; a single line as it is."""
    if len(block) == 1 and len(block[0]) == 1:
        return block[0]
    if len(block) > 1 and len(block[0]) == len(block[1]) - 1:
        block = [[Text("", ""), *block[0]], *block[1:]]  # its first cell was empty and is lost with the text's margin
    out: list[Text] = []
    index = 0
    while index < len(block):
        for shape in (of_changes, across, under_heads, on_its_side, side_by_side):
            found = shape(block, index, definitions)
            if found is not None:
                break
        else:
            found = by_row(block, index, definitions), index + 1
        out += found[0]
        index = found[1]
    return out


Shaped = tuple[list[Text], int] | None  # labelled lines, and the first row behind them


def heads_of(row: Row, definitions: Definitions, *, heading: bool = False) -> list[Head | None]:
    """What each cell of a row says as a label."""
    return [head_of(cell, definitions, heading=heading) for cell in row]


def header_of(block: list[Row], index: int, definitions: Definitions) -> list[Head | None] | None:
    """The heads of a row that is a header, None where it is none."""
    row = block[index]
    texts = filled(row)
    if len(texts) < 2 or any(len(c.folded) > 2 * rows.MAX_HEAD for c in texts):
        return None
    heads = heads_of(row, definitions, heading=True)
    known = [h for h in heads if h]
    sure = [h for h in heads_of(row, definitions) if h]
    if len(known) < 2 or not sure or 2 * len(known) < len(texts):
        return None
    if any(c.folded and h is None and re.search(r"\d{2}|:", c.folded) for c, h in zip(row, heads, strict=True)):
        return None
    if len(known) < len(texts) and alternates(row, heads):
        return None
    return heads


def alternates(row: Row, heads: Sequence[Head | None]) -> bool:
    """Whether the filled cells of a row are label and value in turn."""
    turns = [h is not None for c, h in zip(row, heads, strict=True) if c.folded]
    return len(turns) > 1 and all(known == (place % 2 == 0) for place, known in enumerate(turns))


def following(block: list[Row], index: int) -> int:
    """The next row that is not empty."""
    while index < len(block) and not filled(block[index]):
        index += 1
    return index


def under_heads(block: list[Row], index: int, definitions: Definitions) -> Shaped:
    """The rows below a header."""
    heads = header_of(block, index, definitions)
    start = following(block, index + 1)
    if heads is None or start >= len(block) or is_total(block[start], definitions):
        return None
    sections: list[Head | None] = [None] * len(heads)
    second = header_of(block, start, definitions)
    if second is not None and is_upper(block[index], heads, second) and following(block, start + 1) < len(block):
        sections, heads, start = spread(block[index], heads, len(second)), second, following(block, start + 1)
    elif labels_in(block[start], definitions) > 0.3 * len(filled(block[start])):
        return None
    end = end_of_rows(block, start, heads, definitions)
    if end == start:
        return None
    return rows.by_header(rows.Table(heads, sections, block[index], block[start:end]), definitions), end


def labels_in(row: Row, definitions: Definitions) -> int:
    """How many cells of a row are labels."""
    return sum(h is not None for h in heads_of(row, definitions))


def is_upper(row: Row, heads: Sequence[Head | None], second: Sequence[Head | None]) -> bool:
    """Whether a header stands above another, over several of its columns."""
    gaps = sum(not c.folded for c in row)
    return gaps > 0 and any(h is not None and h.role == "current" for h in second) and any(heads)


def spread(row: Row, heads: Sequence[Head | None], width: int) -> list[Head | None]:
    """The upper heads, each over its own column and the empty ones behind it."""
    out: list[Head | None] = []
    for cell, head in zip(row, heads, strict=True):
        out.append(head if cell.folded or not out else out[-1])
    return (out + [out[-1]] * width)[:width]


def end_of_rows(block: list[Row], start: int, heads: Sequence[Head | None], definitions: Definitions) -> int:
    """The first row behind those of a header: another header, or a row of label and value."""
    width = sum(h is not None for h in heads)
    for index in range(start, len(block)):
        row = block[index]
        if not filled(row):
            after = following(block, index)
            if (
                after < len(block)
                and head_of(filled(block[after])[0], definitions)
                and not is_total(block[after], definitions)
            ):
                return index
            continue
        if is_total(row, definitions):
            continue
        if (
            index > start
            and header_of(block, index, definitions)
            and 2 * labels_in(row, definitions) > len(filled(row))
        ):
            return index
        own = heads_of(row, definitions)
        first = next(i for i, c in enumerate(row) if c.folded)
        labelled_row = own[first] is not None and own[first] != heads[min(first, len(heads) - 1)]
        if labelled_row and (alternates(row, own) or 2 * len(filled(row)) <= width):
            return index
    return len(block)


def of_changes(block: list[Row], index: int, definitions: Definitions) -> Shaped:
    """A table of what changes: only the column of the new values counts."""
    row = [c.folded for c in block[index]]
    old = next((i for i, c in enumerate(row) if i and c in definitions.of("old_heads")), None)
    new = next((i for i, c in enumerate(row) if i and c in definitions.of("new_heads")), None)
    if old is None or new is None:
        return None
    out: list[Text] = []
    for end in range(index + 1, len(block)):
        cells_of = block[end]
        if not filled(cells_of):
            continue
        value = cells_of[new] if new < len(cells_of) else Text("", "")
        if value.folded and value.folded.strip("()[] ") not in definitions.of("unchanged"):
            out += pair(cells_of[0], value, definitions)
    return out, len(block)


def across(block: list[Row], index: int, definitions: Definitions) -> Shaped:
    """A table with a column for each party and a row for each thing said of both."""
    heads = heads_of(block[index], definitions)
    parties = [i for i, h in enumerate(heads) if i and h and h.slot in rows.WHO_SLOTS]
    if heads[:1] != [None] or len({heads[i].role for i in parties if heads[i]}) < 2:  # type: ignore[union-attr]
        return None
    end = index + 1
    while end < len(block) and filled(block[end]) and is_generic(block[end][0], definitions):
        end += 1
    if end == index + 1:
        return None
    out: list[Text] = []
    for place in parties:
        out.append(line(block[index][place], Text("", "")))
        for row in block[index + 1 : end]:
            if place < len(row):
                out += pair(of_party(row[0], definitions), row[place], definitions)
    return out, end


def is_generic(cell: Text, definitions: Definitions) -> bool:
    """Whether a label says nothing of whose it is."""
    head = head_of(cell, definitions)
    return head is not None and (head.role == "current" or head.slot in ("unit", "goods"))


def of_party(cell: Text, definitions: Definitions) -> Text:
    """A label below a party: the words for a unit or a name of goods mean the company there."""
    head = head_of(cell, definitions)
    if head is None or head.slot not in ("unit", "goods"):
        return cell
    word = word_for("current", "company", cell.folded, definitions)
    return Text(word, word)


def on_its_side(block: list[Row], index: int, definitions: Definitions) -> Shaped:
    """A table with its labels in the first column and an order in each of the others."""
    end, last = index, min(len(block), index + MAX_LYING)
    if max(len(row) for row in block[index:last]) < 3:
        return None
    while end < last and len(filled(block[end])) > 1:
        end += 1
    lying = block[index:end]
    width = max((len(r) for r in lying), default=0)
    heads = [head_of(row[0], definitions) for row in lying]
    if sum(h is not None for h in heads) < MIN_LYING or width < 3 or heads.count(None) > 1:
        return None
    figured = [row for row, h in zip(lying, heads, strict=True) if h and (h.slot in FIGURED or h.slot == "phone")]
    places = [
        place
        for place in range(1, width)
        if sum(bool(re.search(r"\d", row[place].folded)) for row in figured if place < len(row)) > 0.7 * len(figured)
    ]
    inner = any(head_of(c, definitions) for row in lying for c in row[1:])
    if len(figured) < 2 or len(places) < 2 or places != list(range(1, width)) or inner:
        return None
    keep = [i for i, h in enumerate(heads) if h]
    nothing = Text("", "")
    body = [[lying[i][place] if place < len(lying[i]) else nothing for i in keep] for place in places]
    table = rows.Table([heads[i] for i in keep], [None] * len(keep), [lying[i][0] for i in keep], body)
    return rows.by_header(table, definitions), end


def side_by_side(block: list[Row], index: int, definitions: Definitions) -> Shaped:
    """Two parties' labels and values beside each other, where the same word stands for both: one after the other."""
    halves: list[tuple[list[Text], list[Text], Head, Head]] = []
    end = index
    while end < min(len(block), index + MAX_FORM) and (half := halved(block[end], definitions)) is not None:
        halves.append(half)
        end += 1
    roles = [(left.role in ORIGINS, right.role in OTHERS) for *_, left, right in halves]
    same = any(left.role == right.role == "current" and left.slot == right.slot for *_, left, right in halves)
    if not same or (True, True) not in roles:
        return None
    return [t for half in halves for t in half[0]] + [t for half in halves for t in half[1]], end


def halved(row: Row, definitions: Definitions) -> tuple[list[Text], list[Text], Head, Head] | None:
    """The two labelled lines of a row that holds two, with their heads."""
    texts = filled(row)
    heads = heads_of(texts, definitions)
    if len(texts) == 2 and heads[0] and heads[1] and {heads[0].slot, heads[1].slot} <= set(rows.WHO_SLOTS):
        nothing = Text("", "")
        return [line(texts[0], nothing)], [line(texts[1], nothing)], heads[0], heads[1]
    if len(texts) == 2 and (inner := [inner_head(c, definitions) for c in texts]) and inner[0] and inner[1]:
        return [texts[0]], [texts[1]], inner[0], inner[1]
    if len(texts) == 4 and heads[0] and heads[2] and not heads[1] and not heads[3]:
        return pair(texts[0], texts[1], definitions), pair(texts[2], texts[3], definitions), heads[0], heads[2]
    return None


def by_row(block: list[Row], index: int, definitions: Definitions) -> list[Text]:
    """The labelled lines of a row whose cells alternate between label and value; a last cell may be a remark."""
    row = filled(block[index])
    if len(row) < 2:
        return row
    if all(c.folded in definitions.of("form_heads") for c in row):
        return []
    if len(row) == 2 and row[0].folded in definitions.of("report_heads"):
        return [line(row[0], row[1])]
    out: list[Text] = []
    if (section := section_of(block, index, definitions)) is not None:
        out, row = ([line(row[0], Text("", ""))] if section else []), row[1:]
    place = 0
    while place < len(row):
        cell = row[place]
        if head_of(cell, definitions) is not None:
            value = row[place + 1] if place + 1 < len(row) else Text("", "")
            place += 2
            while place < len(row) and goes_on(cell, value, row[place], definitions):
                value = Text(f"{value.shown} {row[place].shown}", f"{value.folded} {row[place].folded}")
                place += 1
            out += pair(cell, value, definitions)
        else:
            out.append(cell if not out or inner_head(cell, definitions) else rows.remark(cell, definitions))
            place += 1
    return out


def goes_on(label: Text, value: Text, cell: Text, definitions: Definitions) -> bool:
    """Whether a further cell belongs to the value before it: a party's phone, or a figure of goods."""
    head = head_of(label, definitions)
    if head is None or head_of(cell, definitions) or inner_head(cell, definitions):
        return False
    if head.slot in rows.WHO_SLOTS:
        return bool(NUMBERED.match(cell.folded))
    return head.slot == "goods" and not re.search(r"\d", value.folded) and bool(re.match(r"\d", cell.folded))


def section_of(block: list[Row], index: int, definitions: Definitions) -> bool | None:
    """Whether a row opens a section named in its first cell, beside label and value; None where it is in none."""
    row = filled(block[index])
    heads = heads_of(row[:3], definitions)
    if len(row) < 3 or len(row) % 2 == 0 or heads[1] is None or heads[2] is not None:
        return None
    above = bool(index) and bool(block[index - 1]) and block[index - 1][0].folded == row[0].folded
    below = index + 1 < len(block) and bool(block[index + 1]) and block[index + 1][0].folded == row[0].folded
    party = heads[0] is not None and heads[0].slot in rows.WHO_SLOTS and heads[1].role == "current"
    return not above if above or below or party else None
