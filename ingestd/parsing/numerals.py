"""Numbers as people write them: digits with separators, and Chinese numerals."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from ingestd.parsing.definitions import Definitions

DIGITS = r"\d{1,3}(?:,\d{3})+(?:\.\d{1,4})?|\d{1,9}(?:\.\d{1,4})?"
MAX_SIGNS = 12  # of one Chinese numeral


@lru_cache(maxsize=4)
def values(definitions: Definitions) -> dict[str, int]:
    """What each numeral sign is worth."""
    return dict(definitions.numerals)


@lru_cache(maxsize=4)
def spelt(definitions: Definitions) -> str:
    """A pattern for a Chinese numeral; nobody counts from zero, which is the first sign of words such as "parts"."""
    signs = "".join(map(re.escape, values(definitions)))
    first = "".join(re.escape(sign) for sign, worth in values(definitions).items() if worth)
    points = "".join(definitions.of("points")) or "\0"
    halves = "".join(definitions.of("halves")) or "\0"
    whole = rf"(?:[{first}][{signs}]{{0,{MAX_SIGNS - 1}}}|[{signs}](?=[{points}]))"
    return rf"{whole}(?:[{points}][{signs}]{{1,4}})?{halves}?|{halves}(?!\d)"


def number(written: str, definitions: Definitions) -> Decimal | None:
    """The value of digits or of a Chinese numeral, None where it is neither."""
    plain = written.replace(",", "").strip()
    if plain[:1].isdigit() and plain.isascii():
        try:
            return Decimal(plain)
        except InvalidOperation:
            return None
    return numeral(plain, definitions)


def numeral(written: str, definitions: Definitions) -> Decimal | None:
    """The value of a Chinese numeral such as ten-five, two-half or one-point-five."""
    half = Decimal(0)
    for sign in definitions.of("halves"):
        if written == sign:
            return Decimal("0.5")
        if written.endswith(sign):
            written, half = written[:-1], Decimal("0.5")
    for point in definitions.of("points"):
        whole, found, rest = written.partition(point)
        if found:
            return fraction(whole, rest, definitions)
    value = whole_number(written, definitions)
    return None if value is None else value + half


def fraction(whole: str, rest: str, definitions: Definitions) -> Decimal | None:
    """A numeral with a spoken decimal point."""
    base, signs = whole_number(whole, definitions), values(definitions)
    if base is None or not rest or any(signs.get(c, 10) > 9 for c in rest):
        return None
    return base + Decimal("0." + "".join(str(signs[c]) for c in rest))


def whole_number(written: str, definitions: Definitions) -> Decimal | None:
    """A whole Chinese numeral; signs read out one by one (one-two-three) count as digits."""
    signs = values(definitions)
    if not written or any(c not in signs for c in written):
        return None
    worth = [signs[c] for c in written]
    if all(w < 10 for w in worth):
        return Decimal(int("".join(map(str, worth))))
    return grouped(worth)


def grouped(worth: list[int]) -> Decimal | None:
    """The value of signs with tens, hundreds and so on; a last digit stands for the next lower unit."""
    total = section = digit = 0
    last_unit = 1
    for index, value in enumerate(worth):
        if value < 10:
            digit, last_unit = value, last_unit if value else 1
        elif value in (20, 30):
            section += value
        else:
            if not digit and value > 10:
                return None  # a bare hundred is no number but part of a word
            total, section = scaled(total, section, digit or 1, value)
            digit, last_unit = 0, value
        if index == len(worth) - 1 and value < 10 and last_unit >= 100 and worth[index - 1] >= 100:
            digit *= last_unit // 10
    return Decimal(total + section + digit)


def scaled(total: int, section: int, digit: int, unit: int) -> tuple[int, int]:
    """Total and section after a unit: ten thousand closes a section."""
    if unit < 10_000:
        return total, section + digit * unit
    return (total + section + (digit if section == 0 or digit > 1 else 0)) * unit, 0
