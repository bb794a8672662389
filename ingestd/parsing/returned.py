"""The form of our question come back filled in: above the quote, in it, or with answers between its lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ingestd.parsing import boundaries, quoting
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.text import Text, folded
from ingestd.parsing.wording import alternation

QUOTED = re.compile(r"[>|\s]*")
OPEN = re.compile(r"\*\s*([^:*\n]{1,40}):\s*(.*)")  # a line that we left open, folded: mark, label, value
LABELLED = re.compile(r"\*?\s*[^:\n]{1,40}:")
LONGEST_PLEASANTRY = 40  # characters
MOST_LINES = 120  # of a form with blank lines between


def filled_in(shown: str, subject: str, letter: quoting.Letter, definitions: Definitions) -> quoting.Letter | None:
    """The letter with the form as its text; None where no form came back, or nothing was put into its open lines."""
    if not any(word in shown for word in definitions.of("form_marks")):
        return None
    lines = Text(shown, folded(shown, definitions)).lines()
    answers = boundaries.answers(Text(subject, folded(subject, definitions)), definitions)
    if (answers or letter.quoted) and any(answered(line) for line in letter.new.lines()):
        return replace(letter, new=unmarked(letter.new.lines()), form=True)
    if answers_by_label(letter, definitions):
        return replace(letter, form=True)
    for first, last in forms(lines, definitions):
        form = joined([bare(line) for line in lines[first:last]])
        if any(answered(line) for line in form):
            above = own(lines[:first], letter, definitions)
            return replace(letter, new=unmarked([*above, Text("", ""), *form]), forwarded=False, form=True)
    return None


def answers_by_label(letter: quoting.Letter, definitions: Definitions) -> bool:
    """Whether a new text above our question holds nothing but lines with their labels, or pleasantries."""
    openings = definitions.of("form_openings")
    if not any(word in text.folded for text in letter.quoted for word in openings):
        return False
    said = [line for line in letter.new.lines() if line.folded.strip() and not pleasantry(line, definitions)]
    return bool(said) and all(LABELLED.match(line.folded) for line in said)


def forms(lines: Sequence[Text], definitions: Definitions) -> list[tuple[int, int]]:
    """Where forms stand in a text: the lines between the words that we open and close them with."""
    openings, closings = definitions.of("form_openings"), definitions.of("form_closings")
    found, start = [], None
    for number, line in enumerate(lines):
        if any(word in line.folded for word in openings):
            start = number + 1
        elif start is not None and any(word in line.folded for word in closings):
            if number - start <= MOST_LINES:
                found.append((start, number))
            start = None
    return found


def own(above: Sequence[Text], letter: quoting.Letter, definitions: Definitions) -> list[Text]:
    """What the shipper wrote above the form: the lines of his own before the letter of ours begins."""
    written = {line.shown.strip() for line in letter.new.lines()}
    kept = []
    for line in above:
        if boundaries.is_ours(line, definitions):
            break
        if line.shown.strip() in written and not pleasantry(line, definitions):
            kept.append(line)
    return kept


def pleasantry(line: Text, definitions: Definitions) -> bool:
    """Whether a line only says that the form is filled in, or thanks."""
    if len(line.folded) > LONGEST_PLEASANTRY:
        return False
    return (
        re.fullmatch(rf"(?:(?:{alternation(definitions.of('form_courtesies'))})[\s,.!~。]{{0,4}})+", line.folded)
        is not None
    )


def bare(line: Text) -> Text:
    """A line without the marks of a quote."""
    marks = QUOTED.match(line.folded)
    return line.part(marks.end() if marks else 0, len(line.shown))


def joined(lines: Sequence[Text]) -> list[Text]:
    """The lines of a form without blank ones; what stands below the line that it belongs to is put behind it."""
    out: list[Text] = []
    for line in lines:
        if not line.folded.strip():
            continue
        before = out[-1] if out else None
        if before is not None and not LABELLED.match(line.folded) and continues(before):
            out[-1] = Text(before.shown + line.shown, before.folded + line.folded)
        else:
            out.append(line)
    return out


def continues(before: Text) -> bool:
    """Whether what stands below a line belongs to it: it is open and empty, or as wide as programs let lines be."""
    left_open = OPEN.match(before.folded)
    empty = left_open is not None and not left_open[2].strip()
    return empty or quoting.columns(before.shown) >= quoting.FULL_WIDTH


def answered(line: Text) -> bool:
    """Whether something was put into a line that we left open."""
    left_open = OPEN.match(line.folded)
    return left_open is not None and bool(left_open[2].strip())


def unmarked(lines: Sequence[Text]) -> Text:
    """Lines as one text, without the marks of those that were open."""
    return quoting.joined([line.part(1 if OPEN.match(line.folded) else 0, len(line.shown)) for line in lines])
