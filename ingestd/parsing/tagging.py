"""Which words of an order are whose name, which place, which goods: by weights learned from orders (`make learn`).

Rules read what somebody thought of; people say it in other ways. Here every token gets the tag that, with its
neighbours' tags, what is around it speaks for most (a linear chain). The weights lie in `parsers/spans.toml`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import exp
from struct import unpack

from ingestd.parsing.definitions import TAG_LETTERS, Definitions
from ingestd.parsing.items import Item
from ingestd.parsing.text import Text
from ingestd.parsing.tokens import Token, tokens
from ingestd.parsing.traits import traits

LANE = 16  # bits of a sum
HALF = 1 << (LANE - 1)
UNIT = 100.0  # a weight is written in hundredths
WITHIN = 800  # hundredths; a tag that lies further behind the best of a token by its traits alone is not tried
OUTSIDE = "O"
WEIGHT = re.compile(r"([A-Za-z])(-?\d+)")


@dataclass(frozen=True, slots=True)
class Span:
    """Words that are the value of a field, and how sure that is: the least probability of a token's tag."""

    path: str
    start: int
    end: int
    sure: float


@dataclass(frozen=True, slots=True)
class Model:
    """The weights as they are used: each trait's row as one number, in which every tag has its bits."""

    rows: dict[str, int]
    follows: tuple[tuple[int, ...], ...]  # from tag to tag
    steps: tuple[tuple[float, ...], ...]  # the same as factors
    tags: tuple[str, ...]
    zero: int  # a row in which every sum is lifted above nothing


@lru_cache(maxsize=4)
def model(definitions: Definitions) -> Model:
    """The weights of the definitions."""
    learned = definitions.spans
    rows = {trait: sum(w << LANE * tag for tag, w in weights(row)) for trait, row in learned.rows.items()}
    size = len(learned.tags)
    follows = tuple(tuple(dict(weights(row)).get(tag, 0) for tag in range(size)) for row in learned.follows)
    steps = tuple(tuple(exp(step / UNIT) for step in row) for row in follows)
    return Model(rows, follows, steps, learned.tags, sum(HALF << LANE * tag for tag in range(size)))


def weights(row: str) -> Iterator[tuple[int, int]]:
    """The tags of a row by number, with their weights in hundredths."""
    for found in WEIGHT.finditer(row):
        yield TAG_LETTERS.index(found[1]), int(found[2])


def spans(text: Text, items: Iterable[Item], definitions: Definitions) -> tuple[Span, ...]:
    """The spans of a text in their order; empty where nothing was learned."""
    known = model(definitions)
    found = tokens(text.folded, items)
    if not known.tags or not found:
        return ()
    lattice = [scored(said, known) for said in traits(text.folded, found, items, definitions)]
    return tuple(joined(found, best(lattice, known), known))


def scored(said: Iterable[str], known: Model) -> list[tuple[int, int]]:
    """The tags of a token that are worth a try, each with its sum."""
    total = sum(row for row in map(known.rows.get, said) if row is not None) + known.zero
    size = len(known.tags)
    sums = unpack(f"<{size}H", total.to_bytes(2 * size + 2, "little")[: 2 * size])
    least = max(sums) - WITHIN
    return [(tag, lane - HALF) for tag, lane in enumerate(sums) if lane >= least]


def best(lattice: Sequence[Sequence[tuple[int, int]]], known: Model) -> list[tuple[int, float]]:
    """The best row of tags, each with its probability."""
    ahead: list[dict[int, int]] = [dict(lattice[0])]
    back: list[dict[int, int]] = [{}]
    for column in lattice[1:]:
        before = ahead[-1]
        scores: dict[int, int] = {}
        origin: dict[int, int] = {}
        for tag, score in column:
            top, origin[tag] = max((value + known.follows[other][tag], other) for other, value in before.items())
            scores[tag] = top + score
        ahead.append(scores)
        back.append(origin)
    tag = max(ahead[-1], key=lambda t: ahead[-1][t])
    row = [tag]
    for origin in back[:0:-1]:
        tag = origin[tag]
        row.append(tag)
    row.reverse()
    return list(zip(row, chances(lattice, row, known), strict=True))


def chances(lattice: Sequence[Sequence[tuple[int, int]]], row: Sequence[int], known: Model) -> list[float]:
    """The probability of each tag of a row, from all rows."""
    steps = known.steps
    local = [chances_by_itself(column) for column in lattice]
    forward = [normal(local[0])]
    for column in local[1:]:
        before = forward[-1]
        forward.append(normal({t: v * sum(b * steps[o][t] for o, b in before.items()) for t, v in column.items()}))
    behind = dict.fromkeys(local[-1], 1.0)
    out = [0.0] * len(row)
    for number in range(len(row) - 1, -1, -1):
        both = {tag: value * behind[tag] for tag, value in forward[number].items()}
        out[number] = both[row[number]] / sum(both.values())
        if number:
            ahead = {t: v * behind[t] for t, v in local[number].items()}
            behind = normal({o: sum(v * steps[o][t] for t, v in ahead.items()) for o in local[number - 1]})
    return out


def chances_by_itself(column: Sequence[tuple[int, int]]) -> dict[int, float]:
    """The tags of a token in proportion to what speaks for each by its traits alone."""
    top = max(score for _, score in column)
    return {tag: exp((score - top) / UNIT) for tag, score in column}


def normal(values: dict[int, float]) -> dict[int, float]:
    """Values in proportion, their sum one."""
    whole = sum(values.values())
    return {tag: value / whole for tag, value in values.items()}


def joined(found: Sequence[Token], row: Sequence[tuple[int, float]], known: Model) -> Iterable[Span]:
    """The spans of a row of tags."""
    span: Span | None = None
    for token, (number, sure) in zip(found, row, strict=True):
        place, _, path = known.tags[number].partition(" ")
        if span and place == "I" and span.path == path:
            span = Span(path, span.start, token.end, min(span.sure, sure))
            continue
        if span:
            yield span
        span = Span(path, token.start, token.end, sure) if path else None
    if span:
        yield span
