"""Who writes a change, below its last sentence: a firm, an office, a name, a date; none of them is new."""

from __future__ import annotations

import re

from ingestd.parsing import parties, times
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.text import Text

MAX_LINES = 4
MAX_LINE = 30  # characters
SENTENCE_ENDS = tuple("。.!?~")
PHONE = re.compile(r"[+\d][\d\- ()]{6,18}$")
SURNAME = re.compile(r"[\u4e00-\u9fff]$")
DATED = re.compile(
    r"[\d\s./\-\u5e74\u6708\u65e5\u3007\u96f6\u4e00-\u5341\u4e8c\u4e09\u56db\u516d\u4e03\u516b\u4e5d]{6,14}$"
)


def without(text: Text, definitions: Definitions) -> Text:
    """A text whose last lines are blanked out where they only say who wrote it."""
    lines = text.folded.split("\n")
    last = max((i for i, line in enumerate(lines) if line.strip()), default=0)
    start = last + 1
    while start > max(1, last + 1 - MAX_LINES) and is_of_writer(lines[start - 1].strip(), definitions):
        start -= 1
    above = next((line.rstrip() for line in reversed(lines[:start]) if line.strip()), "")
    signed = any(names_writer(line.strip(), definitions) for line in lines[start : last + 1])
    if not signed or not (above.endswith(SENTENCE_ENDS) or ends_letter(above, definitions)):
        return text
    place = sum(len(line) + 1 for line in lines[:start])
    gap = " " * (len(text.folded) - place)
    return Text(text.shown[:place] + gap, text.folded[:place] + gap)


def ends_letter(line: str, definitions: Definitions) -> bool:
    """Whether a line is the last of a formal letter, or thanks."""
    return line.strip(" ,!").endswith((*definitions.of("change_closed"), *definitions.of("polite")))


def is_of_writer(line: str, definitions: Definitions) -> bool:
    """Whether a line holds nothing but a writer, his number or a date; or nothing at all."""
    plain = not line or PHONE.match(line) or times_only(line, definitions)
    return bool(plain) or names_writer(line, definitions)


def times_only(line: str, definitions: Definitions) -> bool:
    """Whether a line is a date."""
    found = list(times.find(line, definitions))
    return bool(DATED.match(line)) or (len(found) == 1 and found[0].end - found[0].start >= len(line) - 1)


def names_writer(line: str, definitions: Definitions) -> bool:
    """Whether a line is a firm, perhaps its office and somebody there; or somebody alone."""
    if not line or len(line) > MAX_LINE or any(c in ",;:。!?" or c.isdigit() for c in line):
        return False
    words = re.split(r"[\s(),]+", line.rstrip(" ()"))
    last = words[-1]
    if len(words) == 1:
        return parties.is_company(last, definitions) or parties.is_plainly_person(last, definitions)
    named = parties.is_person(last, definitions) or bool(SURNAME.match(last)) or last.isascii()
    sealed = last in definitions.of("seals")
    return named or sealed or parties.is_company(words[0], definitions)
