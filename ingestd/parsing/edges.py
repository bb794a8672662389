"""Where a value ends and speech begins: words of fetching, times, leave and waiting behind a place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from ingestd.parsing import places
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.wording import alternation

LEAST = 2  # characters of a value before its speech
MAX_TAIL = 40  # characters at the end of a value that are looked into


@dataclass(frozen=True, slots=True)
class Grammar:
    """The compiled patterns of speech."""

    sure: re.Pattern[str]
    spoken: re.Pattern[str]  # words of speech up to the end


@lru_cache(maxsize=4)
def grammar(definitions: Definitions) -> Grammar:
    """The patterns made of the definitions' words of speech."""
    sure, near, keepers, finding = (
        alternation(definitions.of(f"speech_{name}")) for name in ("sure", "near", "keepers", "finding")
    )
    asked = rf"(?:{finding})(?:{keepers})"
    return Grammar(
        sure=re.compile(rf"{sure}|{asked}"),
        spoken=re.compile(rf"(?:[ ,(]{{0,2}}(?:{asked}|{sure}|{near}))++[ )]?$"),
    )


def speech_start(folded: str, definitions: Definitions) -> int | None:
    """Where the words of speech begin that end an address; None where none do.

    A single verb counts only behind a token of an address; words that no place is called by count everywhere.
    """
    g = grammar(definitions)
    unsure: int | None = None
    for start in range(max(LEAST, len(folded) - MAX_TAIL), len(folded)):
        if not g.spoken.match(folded, start):
            continue
        if places.ends_in_token(folded[:start], definitions):
            return start
        if unsure is None and g.sure.match(folded, start):
            unsure = start
    return unsure


def ends_in_speech(folded: str, definitions: Definitions) -> bool:
    """Whether a value of any kind ends in words that no name does."""
    g = grammar(definitions)
    begin = max(0, len(folded) - MAX_TAIL)
    return any(found.end() == len(folded) for found in g.sure.finditer(folded, begin)) or any(
        g.spoken.match(folded, found.start()) for found in g.sure.finditer(folded, max(LEAST, begin))
    )
