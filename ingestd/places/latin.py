"""Where an address in Latin letters lies: it goes from the narrow to the wide, and words of roads name no place."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingestd.places.atlas import Atlas, Division
from ingestd.places.locating import Located, Mention, at_home, same_mention, supported

WORD = re.compile(r"[A-Za-z]+(?:['\u2019][A-Za-z]+)*")
ROAD = re.compile(
    r"\s*(?:(?:east|west|north|south|middle|central|second|third|\d(?:st|nd|rd|th))\s+)*"
    r"(?:road|rd|street|st|avenue|ave|boulevard|blvd|lane|highway|expressway|river|lake|mountain)\b",
    re.IGNORECASE,
)
NUMBERED = re.compile(r"\d|\b(?:town|village|subdistrict|district|road|street)\b", re.IGNORECASE)
MOST_WORDS = 3  # of a name: Hong Kong, Inner Mongolia


def locate_latin(text: str, atlas: Atlas, home: Division | None = None) -> Located:
    """The place that a text in Latin letters names."""
    found = list(mentions(text, atlas))
    best = supported(found)
    if len(best) == 1:
        return Located(best[0])
    if len(best) > 1 and same_mention(best, found):
        near = at_home(best, home)
        return Located(near, by_home=True) if near else Located(candidates=best)
    if len(best) > 1 and NUMBERED.search(text) and len(found[-1].meant) == 1:
        return Located(found[-1].meant[0])  # an address ends with its city; what stands before is a town of that name
    return Located(candidates=best)


def mentions(text: str, atlas: Atlas) -> Iterator[Mention]:
    """The names of places among the words of a text, the longest at each place, but those of roads."""
    words = list(WORD.finditer(text))
    position = 0
    while position < len(words):
        length = next((n for n in range(MOST_WORDS, 0, -1) if joined(words[position : position + n]) in atlas.latin), 0)
        if length:
            first, last = words[position], words[min(position + length, len(words)) - 1]
            name = joined(words[position : position + length])
            if not ROAD.match(text, last.end()):
                yield Mention(first.start(), last.end(), name, atlas.latin[name])
        position += length or 1


def joined(words: list[re.Match[str]]) -> str:
    """Words as one, as the table has them."""
    return "".join(filter(str.isalpha, "".join(w.group() for w in words))).lower()
