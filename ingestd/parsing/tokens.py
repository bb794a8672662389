"""A text as tokens: what was recognised is one, a word in Latin letters or a run of digits is one, each sign is one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ingestd.parsing.items import Item, Kind

MAX_TOKENS = 600  # of one text; what stands behind them is left to the rules
PIECE = re.compile(r"[a-z]+|\d+|\s|.", re.DOTALL)
PLAIN = frozenset({Kind.WORDS, Kind.NOISE, Kind.BREAK})
MAX_DIGITS = 5


class Token(NamedTuple):
    """`word` is what counts of it: its sign or word, zeros for digits, its kind in angles for what was recognised."""

    start: int
    end: int
    word: str
    sort: str  # one character: Han, letter, digit, blank, a sign itself, or the first of its kind
    kind: Kind | None = None
    about: str = ""  # role and slot of a label


def tokens(folded: str, items: Iterable[Item]) -> list[Token]:
    """The tokens of a text, at most `MAX_TOKENS`."""
    found: list[Token] = []
    position = 0
    for item in sorted((i for i in items if i.kind not in PLAIN), key=lambda i: (i.start, -i.end)):
        if item.start >= position and len(found) < MAX_TOKENS:
            found += pieces(folded, position, item.start)
            found.append(recognised(item))
            position = item.end
    found += pieces(folded, position, len(folded))
    return found[:MAX_TOKENS]


def recognised(item: Item) -> Token:
    """What was recognised as one token."""
    about = f"{item.value.role}.{item.value.slot}" if item.kind is Kind.LABEL else ""
    return Token(item.start, item.end, f"<{item.kind[:3]}>", item.kind[:3].upper(), item.kind, about)


def pieces(folded: str, start: int, end: int) -> Iterator[Token]:
    """What was not recognised, piece by piece."""
    for found in PIECE.finditer(folded, start, end):
        yield Token(found.start(), found.end(), *worded(found.group()))


def worded(piece: str) -> tuple[str, str]:
    """Word and sort of a piece."""
    if "\u3400" <= piece <= "\u9fff":
        return piece, "h"
    if piece.isdigit():
        return "0" * min(len(piece), MAX_DIGITS), "0"
    if piece.isalpha():
        return piece, "a"
    return piece, "\n" if piece == "\n" else " " if piece.isspace() else piece


def starts(found: Sequence[Token]) -> dict[int, int]:
    """The number of the token that begins at a position."""
    return {token.start: number for number, token in enumerate(found)}
