"""Which words of an order are whose name, which place, which goods: by weights learned from orders (`make learn`).

Rules read what somebody thought of; people say it in other ways. Here every token gets the tag that, with its
neighbours' tags, what is around it speaks for most (a linear chain). The weights lie in `parsers/spans.toml`.

They are asked twice: once with what the rules took each word for among its traits, once without.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ingestd.parsing import chain
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.draft import Draft
from ingestd.parsing.items import Item
from ingestd.parsing.tokens import Token, tokens
from ingestd.parsing.traits import circumstances, readings, surrounded

OUTSIDE = "O"


class Span(NamedTuple):
    """Words that are the value of a field, and how sure that is: the least probability of a token's tag."""

    path: str
    start: int
    end: int
    sure: float


class Opinions(NamedTuple):
    """The spans of a text in their order, by weights that hear what the rules read, and by the same without."""

    informed: tuple[Span, ...] = ()
    independent: tuple[Span, ...] = ()


def opinions(drafts: Sequence[Draft], items: Sequence[Item], definitions: Definitions) -> Opinions:
    """The opinions of a text of which the rules made these drafts; empty where nothing was learned."""
    known, folded = chain.chain(definitions), drafts[0].text.folded
    found = tokens(folded, items)
    if not known.tags or not found:
        return Opinions()
    words, sorts = surrounded(found)
    alone = chain.summed((words, sorts), circumstances(folded, found, sorts, items, definitions), known)
    heard = chain.also(alone, readings(found, drafts), known)
    return Opinions(*(tuple(tagged(found, totals, known)) for totals in (heard, alone)))


def tagged(found: Sequence[Token], totals: Iterable[int], known: chain.Chain) -> Iterator[Span]:
    """The spans of the best row of tags for these sums."""
    return joined(found, chain.best(chain.unpacked(totals, known), known), known.tags)


def joined(found: Sequence[Token], row: Iterable[tuple[int, float]], tags: Sequence[str]) -> Iterator[Span]:
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
