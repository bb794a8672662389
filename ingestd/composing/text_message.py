"""Text messages: how long a text is on the air, and how lines are packed into parts of at most 70."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

SINGLE = 70  # UTF-16 code units of one text message (3GPP TS 23.038, UCS-2)
SEGMENT = 67  # of each segment where a gateway cuts a longer text: the user data header takes three
SENTENCE_ENDS = re.compile(r"[。！？；!?][”」）)]?|[.;](?= )")  # a line is best cut behind one of these
SENTENCE_ENDINGS = "。！？；.;!?"
STOPS = "，。；、,;"  # else behind one of these
NEVER_FIRST = "，。；、！？：）”」,;:.!?)³%"  # a part begins with none of these
BRACKETS = str.maketrans("【】", "[]")  # gateways take what stands in 【】 for the signature
SMALLEST_PIECE = 8  # a shorter start of a line is not worth a part of its own


@dataclass(frozen=True, slots=True)
class TextMessage:
    """A text as it leaves: one entry of `parts` a message. No parts: what may never be cut does not fit."""

    parts: tuple[str, ...]
    gave_way: tuple[str, ...] = ()  # steps of domain.md §4 that part one took, in their order
    left_out: tuple[str, ...] = ()  # pieces that stand whole in no part; the mail has them

    @property
    def fits(self) -> bool:
        """Whether there is anything to send; if not: mail, and a call task."""
        return bool(self.parts)


def units(text: str) -> int:
    """The length in UTF-16 code units: characters beyond the basic plane count two."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def head(text: str, room: int) -> str:
    """The longest start of a text within `room` units that splits no surrogate pair and no combined character."""
    taken, at = 0, 0
    for at, character in enumerate(text):  # noqa: B007  the position of the first character too much
        taken += 1 + (character > "\uffff")
        if taken > room:
            break
    else:
        return text
    while at and unicodedata.category(text[at])[0] == "M":
        at -= 1
    return text[:at]


def packed(signature: str, lines: Iterable[str]) -> tuple[str, ...]:
    """Lines joined into as few parts as their order allows, each under one signature and at most 70 units."""
    room = SINGLE - units(signature)
    parts: list[str] = []
    for text in (line.translate(BRACKETS) for line in lines):
        rest = room - units(parts[-1]) if parts else 0
        unfinished = units(text) > room or (parts and parts[-1][-1:] not in SENTENCE_ENDINGS)
        begun = False
        if rest > room // 2 and units(text) > rest and unfinished:  # hardly begun: the line begins in it
            at = best_cut(text, len(head(text, rest)))
            parts[-1], text, begun = parts[-1] + text[:at], text[at:].lstrip(), True  # noqa: PLW2901
        for line in broken(text, room):
            if parts and not begun and units(parts[-1]) + units(line) <= room:
                parts[-1] += line
            else:
                parts.append(line.lstrip())
            begun = False
    return tuple(signature + part.rstrip() for part in parts)


def broken(line: str, room: int) -> list[str]:
    """A line in pieces that fit; a run of letters and digits (a phone, a serial) is kept together."""
    pieces: list[str] = []
    while units(line) > room:
        most = len(head(line, room))
        at = best_cut(line, most)
        pieces.append(line[:at])
        line = line[at:].lstrip()
    return [*pieces, line] if line else pieces


def best_cut(line: str, most: int) -> int:
    """Where to cut a line of which at most `most` characters fit.

    Behind a sentence, else behind a stop, else between words, else there.
    """
    ends = [found.end() for found in SENTENCE_ENDS.finditer(line, 0, most + 1) if most // 3 < found.end() <= most]
    if ends:
        return ends[-1]
    for at in range(most, most // 2, -1):
        if line[at - 1] in STOPS:
            return at
    for at in range(most, SMALLEST_PIECE, -1):
        if not torn(line, at):
            return at
    return most


def torn(line: str, at: int) -> bool:
    """Whether a cut before position `at` tears a word, a figure from its unit, an hour, or a stop from its words."""
    before, behind = line[at - 1], line[at]
    unit = before.isdigit() and (behind.isalpha() or behind == ":")
    return joined_here(line, at) or unit or (before == ":" and behind.isdigit()) or behind in NEVER_FIRST


def joined_here(line: str, at: int) -> bool:
    """Whether cutting before position `at` would tear a word or number."""
    return is_word(line[at - 1]) and is_word(line[at])


def is_word(character: str) -> bool:
    """Whether a character makes one word or number with its like."""
    return character.isascii() and (character.isalnum() or character in "-.+")
