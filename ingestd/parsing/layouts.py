"""Fixed layouts: a text of a known system with its labels and heads exchanged for ours, before anything is read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ingestd.parsing import rows, tables
from ingestd.parsing.columns import head_of
from ingestd.parsing.definitions import Definitions, Layout
from ingestd.parsing.rows import ORDER_MARK
from ingestd.parsing.text import Text, folded
from ingestd.parsing.wording import alternation

CELL_END = re.compile(r"[ \t]*[\t|][ \t|]*| {2,}")  # between the cells of a row
IN_BRACKETS = r"(?:\([^()\n]{0,12}\))?"  # such as a unit behind a head
BRACKET_END = re.compile(r"\([^()\n]{1,12}\)$")
MIN_CELLS = 2
MARK = Text(ORDER_MARK, ORDER_MARK)


@dataclass(frozen=True, slots=True)
class Plan:
    """A layout made ready: its words folded, with the labels of ours that stand for them."""

    label: re.Pattern[str] | None
    head: re.Pattern[str] | None
    begins: frozenset[str]
    labels: Mapping[str, str]
    columns: Mapping[str, str]


def fitting(sender: str | None, texts: Sequence[Text], definitions: Definitions) -> Layout | None:
    """The first layout that a sender's message with these texts has."""
    return next((x for x in definitions.layouts if fits(x, sender, texts, definitions)), None)


def fits(layout: Layout, sender: str | None, texts: Sequence[Text], definitions: Definitions) -> bool:
    """Whether a message is of a layout: by its sender, where some are named, and by all its head words."""
    if layout.senders and not any(sent_by(sender or "", one.lower()) for one in layout.senders):
        return False
    heads = [folded(head, definitions) for head in layout.heads]
    return all(any(head in text.folded for text in texts) for head in heads)


def sent_by(sender: str, named: str) -> bool:
    """Whether a sender is the one named, or of the domain named."""
    return sender.endswith(named) if named.startswith("@") else sender == named


@lru_cache(maxsize=64)
def plan(layout: Layout, definitions: Definitions) -> Plan:
    """A layout ready to be searched for."""
    labels, columns = exchange(layout.labels, definitions), exchange(layout.columns, definitions)
    begins = frozenset(folded(word, definitions) for word in layout.begins)
    words = alternation([*labels, *begins])
    sign = r"[ \t]{0,8}(?:[:=|\t]|(?=\n|$)| {2})"
    return Plan(
        label=re.compile(rf"(?:^|(?<=[\t|;,])|(?<=  ))[ *\-]{{0,8}}(?P<word>{words})(?P<unit>{IN_BRACKETS}){sign}")
        if labels or begins
        else None,
        head=re.compile(rf"(?P<word>{alternation(columns)})(?P<unit>{IN_BRACKETS})$") if columns else None,
        begins=begins,
        labels=labels,
        columns=columns,
    )


def exchange(words: Sequence[tuple[str, str]], definitions: Definitions) -> dict[str, str]:
    """The label of ours for each written one, with what is in its brackets: it may be a unit."""
    out = {}
    for word, name in words:
        plain = folded(word, definitions)
        bracket = BRACKET_END.search(plain)
        out[plain] = definitions.fields[name] + (bracket.group() if bracket else "")
    return out


def laid_out(text: Text, layout: Layout, definitions: Definitions) -> Text:
    """A text with a layout's labels and heads exchanged for ours, its orders marked."""
    ready = plan(layout, definitions)
    out: list[Text] = []
    found: list[list[Text]] = []  # the table under way, its heads first
    for line in text.lines():
        if found and belongs(line, found, ready):
            found.append(cells(line))
            continue
        out += table_lines(found, definitions)
        found = [head] if (head := head_row(line, ready, definitions)) else []
        if not found:
            out += exchanged(line, ready, definitions)
    out += table_lines(found, definitions)
    return Text.of_lines(out)


# --- tables -----------------------------------------------------------------------------------------------------------


def cells(line: Text) -> list[Text]:
    """The cells of a row."""
    out, position = [], 0
    for end in CELL_END.finditer(line.folded):
        out.append(tables.stripped(line.part(position, end.start())))
        position = end.end()
    return [*out, tables.stripped(line.part(position, len(line.folded)))]


def head_row(line: Text, ready: Plan, definitions: Definitions) -> list[Text]:
    """The heads of a table in our words, empty where the line is none; a head that nobody named is ignored."""
    if ready.head is None:
        return []
    row = cells(line)
    found = [ready.head.match(cell.folded) for cell in row]
    if sum(map(bool, found)) < MIN_CELLS:
        return []
    ignored = definitions.fields.get("ignored", "")
    return [
        ours(ready.columns[m["word"]], m["unit"], definitions) if m else ours(ignored, "", definitions) for m in found
    ]


def belongs(line: Text, found: list[list[Text]], ready: Plan) -> bool:
    """Whether a line is a further row of a table."""
    if not line.folded.strip() or (ready.label is not None and ready.label.search(line.folded)):
        return False
    return MIN_CELLS <= len(cells(line)) <= len(found[0])


def table_lines(found: list[list[Text]], definitions: Definitions) -> list[Text]:
    """A table as labelled lines."""
    if len(found) < 2:
        return []
    heads = [head_of(cell, definitions) for cell in found[0]]
    return rows.by_header(rows.Table(heads, [None] * len(heads), found[0], found[1:]), definitions)


# --- labels -----------------------------------------------------------------------------------------------------------


def exchanged(line: Text, ready: Plan, definitions: Definitions) -> Iterator[Text]:
    """A line with its labels exchanged, each with its text on a line of its own; a line without any as it is."""
    found = list(ready.label.finditer(line.folded)) if ready.label else []
    if not found:
        yield line
        return
    if before := line.folded[: found[0].start()].strip():
        yield line.part(0, len(before))
    ends = [*(m.start() for m in found[1:]), len(line.folded)]
    for match, end in zip(found, ends, strict=True):
        if match["word"] in ready.begins:
            yield MARK
        value = tables.stripped(line.part(match.end(), end))
        yield relabelled(match, value, line, ready, definitions)


def relabelled(match: re.Match[str], value: Text, line: Text, ready: Plan, definitions: Definitions) -> Text:
    """A value behind our label; behind the written one where that only begins an order."""
    word = match["word"]
    if word in ready.labels:
        label = ours(ready.labels[word], match["unit"], definitions)
    else:
        label = line.part(match.start("word"), match.end("unit"))
    return Text(f"{label.shown}: {value.shown}", f"{label.folded}: {value.folded}")


def ours(label: str, unit: str, definitions: Definitions) -> Text:
    """A label of ours with the unit that stood behind the written one."""
    return Text(label + unit, folded(label + unit, definitions))
