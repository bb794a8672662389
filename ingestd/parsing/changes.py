"""Forms that tell a change: the field, its old and its new value in rows of their own, or marks on what is new."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from ingestd.parsing.definitions import Definitions
from ingestd.parsing.text import Text
from ingestd.parsing.wording import alternation, expanded

ROW = re.compile(r"[ \t]*([^\t:\n]{1,16}?)[ ]*[:\t][ \t]*([^\n]*)")
MARK_WIDTH = 3  # characters at an end of a line in which its mark stands
MAX_ROWS = 4  # from the row that names a field to that of its new value


def in_rows(text: Text, definitions: Definitions) -> Text:
    """A text with each change that several rows tell (field, old value, new value) as one line of field and value."""
    if not any(head in text.folded for head in definitions.of("field_heads")):
        return text
    shown, folded = text.shown.split("\n"), text.folded.split("\n")
    out: list[tuple[str, str]] = []
    index = 0
    while index < len(folded):
        found = told(folded, index, definitions)
        if found is None:
            out.append((shown[index], folded[index]))
            index += 1
            continue
        new, field_at, value_at = found
        one, other = (f"{t[index][slice(*field_at)]}: {t[new][slice(*value_at)]}" for t in (shown, folded))
        head = ROW.fullmatch(folded[new])
        if head is not None:  # it says by itself that this is a change
            out.append((shown[new][slice(*head.span(1))], folded[new][slice(*head.span(1))]))
        out.append((one, other))
        index = new + 1
    return Text("\n".join(s for s, _ in out), "\n".join(f for _, f in out))


Span = tuple[int, int]


def told(folded: list[str], index: int, definitions: Definitions) -> tuple[int, Span, Span] | None:
    """The row with the new value of the field that a row names, and where field and value stand; None without one."""
    field = ROW.fullmatch(folded[index])
    if field is None or not field[2].strip() or field[1].strip() not in definitions.of("field_heads"):
        return None
    for place in range(index + 1, min(len(folded), index + MAX_ROWS)):
        row = ROW.fullmatch(folded[place])
        if row is None:
            if folded[place].strip():
                return None
        elif row[1].strip() in definitions.of("new_heads"):
            return place, field.span(2), row.span(2)
        elif row[1].strip() not in definitions.of("old_heads"):
            return None
    return None


def unmarked(folded: str, definitions: Definitions) -> Iterator[Span]:
    """The lines without a mark, in a text that says that what is marked is new; none where no line is marked."""
    announced = announcement(definitions).search(folded)
    if announced is None:
        return
    signs, lines, start = definitions.of("change_marks"), [], 0
    for line in folded.split("\n"):
        plain = line.strip()
        here = start <= announced.start() <= start + len(line)
        marked = not here and any(s in plain[:MARK_WIDTH] or s in plain[-MARK_WIDTH:] for s in signs)
        lines.append(((start, start + len(line)), marked))
        start += len(line) + 1
    if any(marked for _, marked in lines):
        yield from (span for span, marked in lines if not marked)


@lru_cache(maxsize=4)
def announcement(definitions: Definitions) -> re.Pattern[str]:
    """Words such as "what is starred has changed"."""
    of = definitions.of
    return re.compile(alternation(e for written in of("marked") for e in expanded(written, of)))
