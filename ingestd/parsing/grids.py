"""Tables that are drawn with other signs than tabs: aligned columns, bars, leaders, separated values."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache, partial

from ingestd.parsing import places
from ingestd.parsing.columns import head_of, inner_head, several, split
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.text import Text
from ingestd.parsing.wording import alternation

MAX_LINE = 400  # characters of a line that may be a row
MIN_SPACED = 3  # heads of a header whose cells are set apart by signs that also stand elsewhere
GAP = re.compile(r"\s{2,}")
BAR = re.compile(r"\s*\|\s*")
RULE = re.compile(r"[\s|+\-=:_]{3,}$")
LEADER = re.compile(r"(?<=[^\s.:_])\s?[._\u2026\u30fb-]{3,}\s*:?[ \t]*(?=\S)")
SEPARATORS = (re.compile(r"[,;]\s*"), re.compile(r"\s*/\s*"), re.compile(r"\s+"))
DIALLED = re.compile(r"(?<!\d)(?:1[3-9]\d{9}|0\d{2,3}-?\d{7,8})(?!\d)")
LONG_NUMBER = re.compile(r"\d[\d -]{7,}\d")
Splitter = Callable[[Text], list[Text]]


def tabbed(text: Text, definitions: Definitions) -> Text:
    """A text with the cells of tables drawn otherwise set apart by tabs."""
    lines = text.lines()
    if len(lines) < 2:
        return text
    out: list[Text] = []
    index = 0
    changed = False
    while index < len(lines):
        found = drawn(lines, index, definitions)
        if found is None:
            out.append(lines[index])
            index += 1
            continue
        changed = True
        out += found[0]
        index = found[1]
    if not changed:
        return text
    return Text.of_lines(out)


def drawn(lines: list[Text], index: int, definitions: Definitions) -> tuple[list[Text], int] | None:
    """The rows of a table that begins at a line, with tabs, and the line behind it."""
    first = lines[index]
    if not 3 <= len(first.folded) <= MAX_LINE or "\t" in first.folded:
        return None
    for shape in (barred, led, addressed, in_turn, aligned, separated):
        found = shape(lines, index, definitions)
        if found is not None:
            return found
    return None


def row(cells: list[Text]) -> Text:
    """Cells as a line with tabs."""
    return Text("\t".join(c.shown for c in cells), "\t".join(c.folded for c in cells))


def barred(lines: list[Text], index: int, definitions: Definitions) -> tuple[list[Text], int] | None:
    """Rows with bars between their cells, perhaps with a rule below the header."""
    if "|" not in lines[index].folded:
        return None
    out: list[Text] = []
    end = index
    widths: list[int] = []
    headless = True  # each line an order of its own, with somebody's phone
    while end < len(lines) and (is_row(lines[end]) or RULE.match(lines[end].folded)):
        if not RULE.match(lines[end].folded):
            cells = split(trimmed(lines[end]), BAR)
            widths.append(len(cells))
            out.append(row(cells))
            called = DIALLED.search(lines[end].folded) is not None
            headless = headless and called and not any(head_of(cell, definitions) for cell in cells)
        end += 1
    if headless or len(out) < 2 or max(widths) < 2 or (len(set(widths)) > 1 and min(widths) < 3):
        return None
    return out, end


def is_row(part: Text) -> bool:
    """Whether a line is a row with bars."""
    return "|" in part.folded and len(part.folded) <= MAX_LINE


def trimmed(part: Text) -> Text:
    """A row without the bars around it."""
    start = len(part.folded) - len(part.folded.lstrip(" |")) if part.folded.lstrip().startswith("|") else 0
    end = len(part.folded.rstrip())
    if start and part.folded[:end].endswith("|"):
        end -= 1
    return part.part(start, max(start, end))


def led(lines: list[Text], index: int, definitions: Definitions) -> tuple[list[Text], int] | None:
    """A label with dots or lines that lead to its value."""
    found = LEADER.search(lines[index].folded)
    if found is None:
        return None
    label = lines[index].part(0, found.start())
    if head_of(label, definitions) is None:
        return None
    return [row([label, lines[index].part(found.end(), len(lines[index].folded))])], index + 1


def addressed(lines: list[Text], index: int, definitions: Definitions) -> tuple[list[Text], int] | None:
    """An English address on a line of its own below the party that it is of."""
    part = lines[index]
    plain = part.folded.strip()
    if not index or not lines[index - 1].folded.strip() or not address_line(definitions).match(plain):
        return None
    if ":" in plain or LONG_NUMBER.search(plain) or not places.has_street(plain, definitions):
        return None
    label = next(iter(definitions.of("address_label")), "address")
    return [Text(f"{label}: {part.shown.strip()}", f"{label}: {plain}")], index + 1


@lru_cache(maxsize=4)
def address_line(definitions: Definitions) -> re.Pattern[str]:
    """A line that may be an English address: a number or a word such as "room" with one, and parts behind commas."""
    opener = alternation(definitions.of("address_openers"))
    return re.compile(rf"(?:\d{{1,5}}[a-z]?[ ,/-]|(?:{opener}) ?#?(?:\d|[a-z]\b))[ -~]{{6,120}}?,[ -~]+$")


def in_turn(lines: list[Text], index: int, definitions: Definitions) -> tuple[list[Text], int] | None:
    """Several labels before one colon and as many values behind it, signs between them: each label with its value."""
    part = lines[index]
    colon = part.folded.find(":")
    if colon < 0 or ("/" not in part.folded[colon:] and "\u3001" not in part.folded[colon:]):
        return None
    found = several(part.part(0, colon), part.part(colon + 1, len(part.folded)), definitions)
    return ([row([label, value]) for label, value in found], index + 1) if found else None


def beside(part: Text, definitions: Definitions) -> Text | None:
    """A line with labels and values of two parties beside each other, a wide gap between them, as a row."""
    cells = chunks(part)
    if len(cells) != 2 or not all(inner_head(cell, definitions) for cell in cells):
        return None
    return row(cells)


def aligned(lines: list[Text], index: int, definitions: Definitions) -> tuple[list[Text], int] | None:
    """Columns that spaces set apart: a header with its rows, labels with their values, or two parties' labels."""
    if not GAP.search(lines[index].folded):
        return None
    cells = chunks(lines[index])
    if len(cells) < 2:
        return None
    if len(cells) > 2 and is_header(cells, definitions):
        return rows_below(lines, index, chunks)
    end = index
    out: list[Text] = []
    while end < len(lines) and (own := beside(lines[end], definitions)) is not None:
        out.append(own)
        end += 1
    if len(out) > 1:
        return out, end
    end, out = index, []
    while end < len(lines) and (own := led_by_label(lines[end], definitions)) is not None:
        out.append(own)
        end += 1
    return (out, end) if len(out) > 1 else None


def chunks(part: Text) -> list[Text]:
    """The pieces of a line between wide gaps."""
    start = len(part.folded) - len(part.folded.lstrip())
    return split(part.part(start, len(part.folded.rstrip())), GAP)


def led_by_label(part: Text, definitions: Definitions) -> Text | None:
    """A line whose first piece is a label, its value behind a wide gap; other labels in it have theirs."""
    cells = chunks(part)
    if len(cells) < 2 or head_of(cells[0], definitions) is None:
        return None
    known = [head_of(c, definitions) is not None for c in cells]
    if len(cells) % 2 == 0 and all(k == (i % 2 == 0) for i, k in enumerate(known)):
        return row(cells)
    start = part.folded.find(cells[1].folded, len(cells[0].folded))
    return row([cells[0], part.part(start, len(part.folded))])


def is_header(cells: list[Text], definitions: Definitions) -> bool:
    """Whether pieces of a line are the heads of columns."""
    heads = [head_of(c, definitions, heading=True) for c in cells]
    if any(c.folded in definitions.of("old_heads") for c in cells[1:]):
        return any(c.folded in definitions.of("new_heads") for c in cells[1:])
    return sum(h is not None for h in heads) >= max(MIN_SPACED, 0.75 * len(cells))


def rows_below(lines: list[Text], index: int, split_line: Splitter) -> tuple[list[Text], int] | None:
    """A header's row and those below it with as many cells."""
    cells = split_line(lines[index])
    out = [row(cells)]
    end = index + 1
    while end < len(lines):
        own = split_line(lines[end])
        if len(own) != len(cells):
            break
        out.append(row(own))
        end += 1
    return (out, end) if len(out) > 1 else None


def separated(lines: list[Text], index: int, definitions: Definitions) -> tuple[list[Text], int] | None:
    """A header and rows with commas, slashes or single spaces between their cells."""
    if ":" in lines[index].folded or index + 1 >= len(lines):
        return None
    for separator in SEPARATORS:
        cells = split(lines[index], separator)
        if len(cells) < MIN_SPACED or len(cells) > 60:
            continue
        if all(head_of(c, definitions, heading=True) for c in cells):
            found = rows_below(lines, index, partial(split, pattern=separator))
            if found is not None:
                return found
    return None
