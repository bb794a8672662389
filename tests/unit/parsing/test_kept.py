"""Answers about phrases that are kept."""

from __future__ import annotations

from ingestd.parsing.definitions import Definitions
from ingestd.parsing.kept import LONGEST, kept


def test_a_short_phrase_is_answered_once_and_a_long_one_is_not_kept(definitions: Definitions) -> None:
    asked: list[str] = []

    @kept
    def length(folded: str, _definitions: Definitions) -> int:
        asked.append(folded)
        return len(folded)

    long = "a" * (LONGEST + 1)
    assert [length(phrase, definitions) for phrase in ("ab", "ab", long, long)] == [2, 2, LONGEST + 1, LONGEST + 1]
    assert asked == ["ab", long, long]
