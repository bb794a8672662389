"""Answers that are kept: one phrase is asked about many times in a message, and in the messages of one sender."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar

from ingestd.parsing.definitions import Definitions

KEPT = 4096  # answers to one question
LONGEST = 64  # characters of a phrase whose answer is kept; longer ones would fill the memory
Answer = TypeVar("Answer")


def kept(question: Callable[[str, Definitions], Answer]) -> Callable[[str, Definitions], Answer]:
    """A question about a folded phrase whose answers are kept; whoever asks must not change them."""
    known = lru_cache(maxsize=KEPT)(question)

    @wraps(question)
    def answer(folded: str, definitions: Definitions) -> Answer:
        return known(folded, definitions) if len(folded) <= LONGEST else question(folded, definitions)

    return answer
