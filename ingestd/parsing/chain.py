"""A linear chain of tags: the best row of them over some tokens, and how probable each tag of that row is.

Nearly all tags of a token are out of the question once its neighbours are known. So one way along the row leaves to
each token those that what stands before it and it itself allow, the way back those that what stands behind it allows,
too, with their chances; the best row is looked for among these few. What is dropped on the way changes a chance by one
hundredth in 1 of 150 tokens, and by three in 1 of 10,000.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import exp
from operator import add, mul
from struct import Struct
from typing import NamedTuple

from ingestd.parsing.definitions import TAG_LETTERS, Definitions, SpanWeights
from ingestd.parsing.traits import EDGE, SORT_RUNS, WORD_RUNS

LANE = 16  # bits of a sum of weights
HALF = 1 << (LANE - 1)
UNIT = 100.0  # a weight is written in hundredths
FARTHEST = 3000  # hundredths from nothing; no sum counts for more
WIDE = 64  # bits of a sum of shares
SHARES = 1 << 30  # in which the shares of a token's tags are written
AHEAD = 0.0002  # of the likeliest; a tag with a lesser share by what stands before it is dropped
BOTH = 0.001  # of all; a tag with a lesser chance by what stands on both sides is dropped
WEIGHT = re.compile(r"([A-Za-z])(-?\d+)")
# what a sum of weights comes to as a factor, by its lane
FACTORS = (
    *[exp(-FARTHEST / UNIT)] * (HALF - FARTHEST),
    *(exp(weight / UNIT) for weight in range(-FARTHEST, FARTHEST)),
    *[exp(FARTHEST / UNIT)] * (HALF - FARTHEST),
)
Column = dict[int, float]  # some tags of a token, each with its share or chance
Runs = dict[str, list["Near"]]  # what weighs a run of words for the tokens near it


@dataclass(frozen=True, slots=True)
class Chain:
    """The weights as they are used: each trait's row as one number, in which every tag has its lane."""

    tags: tuple[str, ...]
    rows: dict[str, int]
    runs: tuple[tuple[Runs, ...], ...]  # of words, of sorts, each by length
    zero: int  # a row in which every sum is lifted above nothing
    lanes: Struct
    follows: tuple[tuple[int, ...], ...]  # weights from tag to tag
    comings: tuple[tuple[float, ...], ...]  # the same as factors, to each tag from each
    spread: tuple[int, ...]  # from each tag the factors to all as one number
    wide: Struct


class Near(NamedTuple):
    """What a run weighs for a token: the run begins so many tokens behind it."""

    first: int
    row: int


@lru_cache(maxsize=4)
def chain(definitions: Definitions) -> Chain:
    """The weights of the definitions."""
    return of_weights(definitions.spans)


def of_weights(learned: SpanWeights) -> Chain:
    """Weights as they are used."""
    size = len(learned.tags)
    follows = [[dict(weights(row)).get(tag, 0) for tag in range(size)] for row in learned.follows]
    steps = [[exp(step / UNIT) for step in row] for row in follows]
    rows = {trait: packed(dict(weights(row)).items(), LANE) for trait, row in learned.rows.items()}
    unit = (1 << WIDE) // (2 * SHARES) / max(map(max, steps), default=1.0)  # so that no sum leaves its lane
    return Chain(
        tags=learned.tags,
        rows=rows,
        runs=(by_length(rows, WORD_RUNS), by_length(rows, SORT_RUNS)),
        zero=packed(enumerate([HALF] * size), LANE),
        lanes=Struct(f"<{size}H"),
        follows=tuple(map(tuple, follows)),
        comings=tuple(zip(*steps, strict=True)),
        spread=tuple(packed(enumerate(max(1, int(unit * step)) for step in row), WIDE) for row in steps),
        wide=Struct(f"<{size}Q"),
    )


def packed(numbers: Iterable[tuple[int, int]], width: int) -> int:
    """Numbers as one, each by its place in a lane of so many bits."""
    return sum(number << width * place for place, number in numbers)


def weights(row: str) -> Iterator[tuple[int, int]]:
    """The tags of a row by number, with their weights in hundredths."""
    for found in WEIGHT.finditer(row):
        yield TAG_LETTERS.index(found[1]), int(found[2])


def by_length(rows: Mapping[str, int], signs: Mapping[str, tuple[int, int]]) -> tuple[Runs, ...]:
    """The rows of traits that are runs, by the length of the run: one look-up finds them for all tokens around it."""
    out: tuple[Runs, ...] = tuple({} for _ in range(max(end - first for first, end in signs.values())))
    for trait, row in rows.items():
        if trait[:1] in signs:
            first, end = signs[trait[0]]
            out[end - first - 1].setdefault(trait[1:], []).append(Near(first, row))
    return out


def summed(around: Sequence[Sequence[str]], said: Iterable[Iterable[str]], known: Chain) -> list[Sequence[int]]:
    """What the traits of each token weigh for each tag together, lifted by `HALF`.

    `around` are words and sorts with the ends that `surrounded` gives them, `said` the other traits.
    """
    totals = [known.zero] * len(around[0])
    for row, runs in zip(around, known.runs, strict=True):
        add_runs(row, runs, totals)
    size, get = known.lanes.size, known.rows.get
    every = [sum(filter(None, map(get, of_one)), total) for of_one, total in zip(said, totals[EDGE:], strict=False)]
    return [known.lanes.unpack(total.to_bytes(size + 1, "little")[:size]) for total in every]


def add_runs(row: Sequence[str], runs: Sequence[Runs], totals: list[int]) -> None:
    """Add to each token what the runs around it weigh."""
    said: list[str] = [""] * len(row)
    for length, known in enumerate(runs):
        said = list(map(add, said, row[length:]))
        for place, near in enumerate(map(known.get, said)):
            if near:
                for first, weight in near:
                    totals[place - first] += weight


def best(lattice: Sequence[Sequence[int]], known: Chain) -> list[tuple[int, float]]:
    """The best row of tags over some tokens, each by its number with its chance.

    A token is given as what is `summed` for it.
    """
    columns = backward(forward(lattice, known), lattice, known)
    origins: list[dict[int, int]] = []
    before = {tag: lattice[0][tag] for tag in columns[0]}
    for sums, column in zip(lattice[1:], columns[1:], strict=True):
        if len(before) == len(column) == 1:  # nothing to weigh
            origins.append(dict.fromkeys(column, *before))
            before = dict.fromkeys(column, 0)
            continue
        come = {tag: max([(score + known.follows[one][tag], one) for one, score in before.items()]) for tag in column}
        origins.append({tag: one for tag, (_, one) in come.items()})
        before = {tag: score + sums[tag] for tag, (score, _) in come.items()}
    row = [max(before, key=before.__getitem__)]
    for origin in reversed(origins):
        row.append(origin[row[-1]])
    row.reverse()
    return [(tag, column[tag]) for tag, column in zip(row, columns, strict=True)]


def forward(lattice: Iterable[Sequence[int]], known: Chain) -> list[Column]:
    """For each token the tags that what stands before it leaves, with their shares.

    Which tags may come next is seen by their shares summed up as one number, each in its lane; the shares of the few
    that are left are counted exactly.
    """
    out: list[Column] = []
    coming: Sequence[int] = [1] * len(known.tags)
    for sums in lattice:
        rough = [come * FACTORS[weight] for come, weight in zip(coming, sums, strict=True)]
        least = max(rough) * AHEAD
        left = {tag: share for tag, share in enumerate(rough) if share >= least}
        shares = exactly(left, out[-1], sums, known) if out else left
        out.append(shares)
        unit = SHARES / sum(left.values())
        whole = sum([int(share * unit) * known.spread[tag] for tag, share in left.items()])
        coming = known.wide.unpack(whole.to_bytes(known.wide.size, "little"))
    return out


def exactly(left: Column, before: Column, sums: Sequence[int], known: Chain) -> Column:
    """The shares of the tags that are left by those of the token before; of a single one none needs counting."""
    if len(left) == 1:
        return left
    whole = sum(before.values())
    shares = before.items()
    return {
        tag: FACTORS[sums[tag]] / whole * sum([share * known.comings[tag][one] for one, share in shares])
        for tag in left
    }


def backward(shares: Sequence[Column], lattice: Sequence[Sequence[int]], known: Chain) -> list[Column]:
    """For each token the tags that what stands on both sides leaves, with their chances."""
    out: list[Column] = []
    behind = [1.0] * len(shares[-1])
    for number in range(len(shares) - 1, -1, -1):
        column = shares[number]
        both = list(map(mul, column.values(), behind))
        whole = sum(both)
        least = BOTH * whole
        kept = [found for found in zip(column, both, behind, strict=True) if found[1] >= least]
        out.append({tag: chance / whole for tag, chance, _ in kept})
        if number:
            behind = come_from(shares[number - 1], kept, lattice[number], known)
    out.reverse()
    return out


def come_from(
    before: Column, kept: Sequence[tuple[int, float, float]], sums: Sequence[int], known: Chain
) -> list[float]:
    """What speaks for each tag of a token by the tags behind it, which have their chances and what is behind them."""
    if len(kept) == 1:  # no share but of one: as it is come to
        return list(map(known.comings[kept[0][0]].__getitem__, before))
    top = max([back for _, _, back in kept])
    come = [(known.comings[tag], back / top * FACTORS[sums[tag]]) for tag, _, back in kept]
    return [sum([column[one] * factor for column, factor in come]) for one in before]
