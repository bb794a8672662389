"""Which words of an order are whose name, which place, which goods: by weights learned from orders (`make learn`).

Rules read what somebody thought of; people say it in other ways. Here every token gets the tag that, with its
neighbours' tags, what is around it speaks for most (a linear chain). The weights lie in `parsers/spans.toml`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ingestd.parsing import chain
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.items import Item
from ingestd.parsing.text import Text
from ingestd.parsing.tokens import Token, tokens
from ingestd.parsing.traits import circumstances, surrounded

OUTSIDE = "O"


class Span(NamedTuple):
    """Words that are the value of a field, and how sure that is: the least probability of a token's tag."""

    path: str
    start: int
    end: int
    sure: float


def spans(text: Text, items: Iterable[Item], definitions: Definitions) -> tuple[Span, ...]:
    """The spans of a text in their order; empty where nothing was learned."""
    known = chain.chain(definitions)
    found = tokens(text.folded, items)
    if not known.tags or not found:
        return ()
    words, sorts = surrounded(found)
    sums = chain.summed((words, sorts), circumstances(text.folded, found, sorts, items, definitions), known)
    return tuple(joined(found, chain.best(sums, known), known.tags))


def joined(found: Sequence[Token], row: Iterable[tuple[int, float]], tags: Sequence[str]) -> Iterable[Span]:
    """The spans of a row of tags."""
    parted = [tag.partition(" ")[::2] for tag in tags]
    span: Span | None = None
    for token, (number, sure) in zip(found, row, strict=True):
        place, path = parted[number]
        if span and place == "I" and span.path == path:
            span = Span(path, span.start, token.end, min(span.sure, sure))
            continue
        if span:
            yield span
        span = Span(path, token.start, token.end, sure) if place != OUTSIDE else None
    if span:
        yield span
