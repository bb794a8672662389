"""Volumes from the sides of a piece: length by width by height, signs, words or letters between them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from ingestd.parsing.definitions import Definitions
from ingestd.parsing.wording import alternation

CENTIMETRE, MILLIMETRE = Decimal("0.01"), Decimal("0.001")
LONGEST_METRES = 20  # sides without a unit that are all shorter are metres
LARGEST = Decimal(60)  # cubic metres; sides without a unit that give more as centimetres are millimetres


@dataclass(frozen=True, slots=True)
class Block:
    """The volume of one piece in cubic metres, where its words stand, and of how many pieces it is said."""

    start: int
    end: int
    volume: Decimal
    pieces: Decimal | None


@dataclass(frozen=True, slots=True)
class Grammar:
    """The compiled patterns over units of length."""

    signs: re.Pattern[str]
    words: re.Pattern[str]
    gate: re.Pattern[str]
    lengths: dict[str, Decimal]


@lru_cache(maxsize=4)
def grammar(definitions: Definitions) -> Grammar:
    """The patterns made of the definitions' units of length."""
    lengths = {w: u.factor for u in definitions.units if u.kind == "length" for w in u.words}
    by = alternation(definitions.of("multiplied"))
    return Grammar(
        signs=re.compile(sign_pattern(definitions, lengths)),
        words=re.compile(word_pattern(definitions, lengths)),
        gate=re.compile(
            rf"\d\D{{0,6}}(?:{by})|(?:{alternation(w for n in SIDES for w in definitions.of(n))})[^\d\n]{{0,4}}\d"
        ),
        lengths=lengths,
    )


SIDES = ("length_words", "width_words", "height_words")


def sign_pattern(definitions: Definitions, lengths: dict[str, Decimal]) -> str:
    """Length by width by height, the unit behind the last or behind each, perhaps "by" a number of pieces."""
    of = definitions.of
    unit, words = alternation(lengths), alternation(w for name in SIDES for w in of(name))
    multiplied = rf"\s{{0,2}}(?:{alternation(of('multiplied'))})\s{{0,2}}"
    packages = alternation(w for u in definitions.units if u.kind in ("package", "pallet", "piece") for w in u.words)

    def side(name: str) -> str:
        return (
            rf"(?:(?:{words})[:\s]?)?(?P<{name}>\d{{1,5}}(?:\.\d{{1,3}})?)\s?{measure(name, unit)}"
            rf"(?:\s?\(?(?:{words})\)?)?"
        )

    pieces = rf"(?:{multiplied}(?P<pieces>\d{{1,4}})(?![\d.])\s?(?:{packages})?)?"
    return rf"(?<![\d.])(?<!\dx)(?<!\d\*){multiplied.join((side('a'), side('b'), side('c')))}(?![\d.]){pieces}"


def word_pattern(definitions: Definitions, lengths: dict[str, Decimal]) -> str:
    """Three figures, each with its word before or behind: length 1.2 width 0.9 height 1.5."""
    of = definitions.of
    unit, about = alternation(lengths), alternation(of("about"))
    word = alternation(w for name in SIDES for w in of(name))
    joint = rf"[ ,\u3001/;]{{0,3}}(?:{alternation(of('multiplied'))})?[ ,]?"

    def side(name: str) -> str:
        figure = rf"(?P<{name}>\d{{1,5}}(?:\.\d{{1,3}})?)"
        return rf"(?<![a-z])(?:{word})\s?:?(?:{about})?\s?{figure}\s?{measure(name, unit)}"

    return joint.join(map(side, "abc"))


def measure(name: str, unit: str) -> str:
    """A unit of length behind a side, perhaps with the spoken rest of one-metre-two; a sign of multiplying is an x."""
    return rf"(?:(?P<u{name}>{unit})(?![a-wyz])(?P<r{name}>\d{{1,2}}(?![\d.]))?)?"


def find(folded: str, definitions: Definitions) -> Iterator[Block]:
    """All blocks of sides in a text."""
    g = grammar(definitions)
    if not g.gate.search(folded):
        return
    taken = 0
    for pattern in (g.signs, g.words):
        for match in pattern.finditer(folded):
            if pattern is g.words and match.start() < taken:
                continue
            taken = max(taken, match.end())
            yield block(match, g)


def block(match: re.Match[str], g: Grammar) -> Block:
    """One piece's volume; sides without any unit are metres where short, else centimetres, else millimetres."""
    found = match.groupdict()
    sides = [Decimal(match[s]) for s in "abc"]
    units = [match["u" + s] for s in "abc"]
    factors = unit_factors(sides, units, g)
    volume = Decimal(1)
    for name, side, factor in zip("abc", sides, factors, strict=True):
        rest = found.get("r" + name)
        volume *= side * factor + (Decimal("0." + rest) * factor if rest else 0)
    pieces = found.get("pieces")
    return Block(match.start(), match.end(), volume, Decimal(pieces) if pieces else None)


def unit_factors(sides: list[Decimal], units: list[str | None], g: Grammar) -> list[Decimal]:
    """The factor to metres of each side; a unit behind one side counts for those without."""
    common = next((u for u in reversed(units) if u), None)
    if common is not None:
        return [g.lengths[u or common] for u in units]
    if max(sides) < LONGEST_METRES:
        return [Decimal(1)] * 3
    cubic = sides[0] * sides[1] * sides[2] * CENTIMETRE**3
    return [MILLIMETRE if cubic > LARGEST else CENTIMETRE] * 3
