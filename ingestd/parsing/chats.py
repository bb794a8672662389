"""Pasted chats: the lines that only name a speaker and a time are no data, nor is what only asks or thanks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from ingestd.parsing.definitions import Definitions
from ingestd.parsing.text import Text
from ingestd.parsing.wording import alternation

FEWEST = 2  # lines of speakers that make a text a chat


@dataclass(frozen=True, slots=True)
class Turn:
    """A speaker's line and the stretch of what is said under it."""

    speaker: str
    start: int
    said: int
    end: int


@lru_cache(maxsize=4)
def speaker_line(definitions: Definitions) -> re.Pattern[str]:
    """A line of a name and a time, in either order."""
    days = alternation(definitions.of("chat_days"))
    date = r"(?:\d{2,4}[-/.\u5e74])?\d{1,2}[-/.\u6708]\d{1,2}\S?[ \t]{1,4}"
    clock = rf"(?:{date}|(?:{days})\s?){{0,2}}\d{{1,2}}:\d\d(?::\d\d)?"
    first = rf"(?P<who>[^\n:]{{1,30}}?)[ \t]{{1,8}}{clock}"
    second = rf"{clock}[ \t]{{1,8}}(?P<behind>[^\n:]{{1,30}}?)"
    return re.compile(rf"(?m)^[ \t]{{0,8}}(?:{first}|{second})[ \t]{{0,8}}:?[ \t]{{0,8}}$")


def plain(text: Text, definitions: Definitions) -> Text:
    """A text without the speakers of a chat and those who say nothing with a figure in it; others stay as they are."""
    marks = [m.span() for m in placeholders(definitions).finditer(text.folded)]
    turns = list(turns_of(text.folded, definitions))
    telling = {t.speaker for t in turns if re.search(r"\d", text.folded[t.said : t.end])}
    blanks = [(t.start, t.said if t.speaker in telling or not telling else t.end) for t in turns]
    return blanked(text, [*marks, *blanks])


def turns_of(folded: str, definitions: Definitions) -> Iterator[Turn]:
    """The turns of a chat; none where the text is none."""
    found = list(speaker_line(definitions).finditer(folded))
    if len(found) < FEWEST:
        return
    ends = [m.start() for m in found[1:]] + [len(folded)]
    for match, end in zip(found, ends, strict=True):
        yield Turn(match["who"] or match["behind"], match.start(), match.end(), end)


@lru_cache(maxsize=4)
def placeholders(definitions: Definitions) -> re.Pattern[str]:
    """What a chat writes in place of a picture, a voice or a place."""
    return re.compile(rf"\[(?:{alternation(definitions.of('chat_marks'))})\]")


def blanked(text: Text, spans: list[tuple[int, int]]) -> Text:
    """A text with blanks in place of some stretches, its line ends kept."""
    if not spans:
        return text
    shown, folded = list(text.shown), list(text.folded)
    for start, end in spans:
        for position in range(start, end):
            if folded[position] != "\n":
                shown[position] = folded[position] = " "
    return Text("".join(shown), "".join(folded))
