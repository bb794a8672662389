"""Which words of an order are whose name, which place, which goods: by weights learned from orders (`make learn`).

Rules read what somebody thought of; people say it in other ways. Here every token gets the tag that, with its
neighbours' tags, what is around it speaks for most (a linear chain). The weights lie in `parsers/spans.toml`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import exp
from operator import mul
from struct import unpack
from typing import NamedTuple

from ingestd.parsing.definitions import TAG_LETTERS, Definitions, SpanWeights
from ingestd.parsing.items import Item
from ingestd.parsing.text import Text
from ingestd.parsing.tokens import Token, tokens
from ingestd.parsing.traits import traits

LANE = 16  # bits of a sum
HALF = 1 << (LANE - 1)
UNIT = 100.0  # a weight is written in hundredths
WITHIN = 800  # hundredths; a tag that lies further behind the best of a token by its traits alone is not tried
PARTS = tuple(exp(-behind / UNIT) for behind in range(WITHIN + 1))  # of a chance, by hundredths behind the best
OUTSIDE = "O"
TAG_BITS = 6  # in which the number of a tag has its place
TAG_MASK = (1 << TAG_BITS) - 1
NEVER = -1 << 50
WEIGHT = re.compile(r"([A-Za-z])(-?\d+)")
Column = list[tuple[int, int]]  # tags of a token, each with its sum


class Span(NamedTuple):
    """Words that are the value of a field, and how sure that is: the least probability of a token's tag."""

    path: str
    start: int
    end: int
    sure: float


@dataclass(frozen=True, slots=True)
class Model:
    """The weights as they are used: each trait's row as one number, in which every tag has its bits."""

    rows: dict[str, int]
    arrivals: tuple[Arrival, ...]  # by the tag that is come to
    steps: tuple[tuple[float, ...], ...]  # from tag to tag, as factors
    comings: tuple[tuple[float, ...], ...]  # the same to each tag from each
    tags: tuple[str, ...]
    zero: int  # a row in which every sum is lifted above nothing


@dataclass(frozen=True, slots=True)
class Arrival:
    """What it weighs to come to a tag from each, with room for the number of a tag below it."""

    weights: tuple[int, ...]
    likely: tuple[int, int]  # the two tags that it is come to from most easily
    most: int  # what coming from any other weighs at most


@lru_cache(maxsize=4)
def model(definitions: Definitions) -> Model:
    """The weights of the definitions."""
    return chain(definitions.spans)


def chain(learned: SpanWeights) -> Model:
    """Weights as they are used."""
    rows = {trait: sum(w << LANE * tag for tag, w in weights(row)) for trait, row in learned.rows.items()}
    size = len(learned.tags)
    follows = [[dict(weights(row)).get(tag, 0) for tag in range(size)] for row in learned.follows]
    comings = tuple(zip(*follows, strict=True))
    return Model(
        rows=rows,
        arrivals=tuple(map(arrival, comings)),
        steps=tuple(tuple(exp(step / UNIT) for step in row) for row in follows),
        comings=tuple(tuple(exp(step / UNIT) for step in row) for row in comings),
        tags=learned.tags,
        zero=sum(HALF << LANE * tag for tag in range(size)),
    )


def arrival(column: Sequence[int]) -> Arrival:
    """What it weighs to come to one tag, in the order of those that it is come to from."""
    ranked = sorted(range(len(column)), key=lambda tag: -column[tag])
    most = max((column[tag] for tag in ranked[2:]), default=0)
    return Arrival(tuple(w << TAG_BITS for w in column), (ranked[0], ranked[:2][-1]), most << TAG_BITS)


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
    row = best(lattice, known)
    if all(known.tags[tag].startswith(OUTSIDE) for tag in row):
        return ()
    return tuple(joined(found, zip(row, chances(lattice, row, known), strict=True), known))


def scored(said: Iterable[str], known: Model) -> Column:
    """The tags of a token that are worth a try, each with its sum."""
    total = sum(filter(None, map(known.rows.get, said)), known.zero)
    size = len(known.tags)
    sums = unpack(f"<{size}H", total.to_bytes(2 * size + 2, "little")[: 2 * size])
    least = max(sums) - WITHIN
    return [(tag, lane) for tag, lane in enumerate(sums) if lane >= least]


def best(lattice: Sequence[Column], known: Model) -> list[int]:
    """The best row of tags.

    Each sum has the number of its tag in its last bits. From the best sum before on, others are tried for as long as
    they can come to more.
    """
    before = [NEVER] * len(known.tags)
    for tag, score in lattice[0]:
        before[tag] = (score << TAG_BITS) + tag
    origins: list[dict[int, int]] = []
    for column in lattice[1:]:
        ranked = sorted(before, reverse=True)
        after = [NEVER] * len(before)
        origin: dict[int, int] = {}
        for tag, score in column:
            to = known.arrivals[tag]
            come = to.weights
            one, two = to.likely
            top = max(before[one] + come[one], before[two] + come[two])
            for value in ranked:
                if value + to.most < top:
                    break
                top = max(top, value + come[value & TAG_MASK])
            origin[tag] = top & TAG_MASK
            after[tag] = (((top >> TAG_BITS) + score) << TAG_BITS) + tag
        origins.append(origin)
        before = after
    row = [max(range(len(before)), key=lambda tag: before[tag] >> TAG_BITS)]
    for origin in reversed(origins):
        row.append(origin[row[-1]])
    row.reverse()
    return row


def chances(lattice: Sequence[Column], row: Sequence[int], known: Model) -> list[float]:
    """The probability of each tag of a row, from all rows.

    A token with one tag parts what stands before it from what stands behind; stretches without a value are passed over.
    """
    out = [1.0] * len(row)
    fixed = [number for number, column in enumerate(lattice) if len(column) == 1]
    for first, last in pairwise([0, *fixed, len(row) - 1]):
        if last > first and any(known.tags[tag] != OUTSIDE for tag in row[first : last + 1]):
            out[first : last + 1] = chances_between(lattice[first : last + 1], row[first : last + 1], known)
    return out


def chances_between(lattice: Sequence[Column], row: Sequence[int], known: Model) -> list[float]:
    """The probability of each tag in a stretch of a row."""
    local = [chances_by_itself(column) for column in lattice]
    nothing = [0.0] * len(known.tags)
    now = nothing.copy()
    for tag, value in local[0]:
        now[tag] = value
    forward = [now]
    for column in local[1:]:
        before, scale, now = now, 1 / sum(now), nothing.copy()
        for tag, value in column:
            now[tag] = value * scale * sum(map(mul, before, known.comings[tag]))
        forward.append(now)
    behind = [1.0] * len(nothing)
    out = [0.0] * len(row)
    for number in range(len(row) - 1, -1, -1):
        both = list(map(mul, forward[number], behind))
        out[number] = both[row[number]] / sum(both)
        if number:
            ahead = nothing.copy()
            for tag, value in local[number]:
                ahead[tag] = value * behind[tag]
            scale, behind = 1 / sum(ahead), nothing.copy()
            for tag, _ in local[number - 1]:
                behind[tag] = scale * sum(map(mul, known.steps[tag], ahead))
    return out


def chances_by_itself(column: Column) -> list[tuple[int, float]]:
    """The tags of a token in proportion to what speaks for each by its traits alone."""
    top = max([score for _, score in column])
    return [(tag, PARTS[top - score]) for tag, score in column]


def joined(found: Sequence[Token], row: Iterable[tuple[int, float]], known: Model) -> Iterable[Span]:
    """The spans of a row of tags."""
    span: Span | None = None
    for token, (number, sure) in zip(found, row, strict=True):
        place, _, path = known.tags[number].partition(" ")
        if span and place == "I" and span.path == path:
            span = Span(path, span.start, token.end, min(span.sure, sure))
            continue
        if span:
            yield span
        span = Span(path, token.start, token.end, sure) if place != OUTSIDE else None
    if span:
        yield span
