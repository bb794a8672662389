"""Where a value ends and speech begins: words of fetching, times, leave and waiting behind a place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from ingestd.parsing.definitions import Definitions
from ingestd.parsing.kept import kept

LEAST = 2  # characters of a value before its speech
MAX_TAIL = 40  # characters at the end of a value that are looked into
GAPS = " ,()"


@dataclass(frozen=True, slots=True)
class Words:
    """The words of speech: those that no name ends in, all of them, and their lengths."""

    sure: frozenset[str]
    every: frozenset[str]
    lengths: tuple[int, ...]


@lru_cache(maxsize=4)
def words(definitions: Definitions) -> Words:
    """The words of speech of the definitions, and those of asking for whoever is there."""
    of = definitions.of
    asked = {finding + keeper for finding in of("speech_finding") for keeper in of("speech_keepers")}
    sure = frozenset((*of("speech_sure"), *asked))
    every = sure | frozenset(of("speech_near"))
    return Words(sure, every, tuple(sorted({len(word) for word in every})))


@kept
def spoken_starts(folded: str, definitions: Definitions) -> Mapping[int, bool]:
    """From where on a text is words of speech up to its end, the first place last, and whether a sure one is there."""
    known = words(definitions)
    end = len(folded.rstrip(GAPS))
    begin = max(LEAST, end - MAX_TAIL)
    found = {end: False}
    for start in range(end - 1, begin - 1, -1):
        if folded[start] in GAPS and start + 1 in found:
            found[start] = False
            continue
        for size in known.lengths:
            if start + size in found and folded[start : start + size] in known.every:
                found[start] = folded[start : start + size] in known.sure
                if found[start]:
                    break
    del found[end]
    return found


def speech_start(folded: str, ended: re.Pattern[str], definitions: Definitions) -> int | None:
    """Where the words of speech begin that end an address; None where none do.

    `ended` finds a token of an address at the end of a text. A single verb counts only behind such a token; words
    that no place is called by count everywhere.
    """
    starts = spoken_starts(folded, definitions)
    for start in reversed(starts):
        if folded[start] not in GAPS and ended.search(folded[:start].rstrip(GAPS)[-MAX_TAIL:]):
            return start
    return min((start for start, sure in starts.items() if sure), default=None)


def ends_in_speech(folded: str, definitions: Definitions) -> bool:
    """Whether a value of any kind ends in words that no name does."""
    return any(spoken_starts(folded, definitions).values())
