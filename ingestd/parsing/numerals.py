"""Numbers as people write them: digits with separators, and Chinese numerals."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from itertools import pairwise

from ingestd.parsing.definitions import Definitions

EUROPEAN = r"\d{1,3}(?:\.\d{3})+,\d{1,3}(?!\d)"  # 1.236,0 is 1236
DIGITS = rf"(?>{EUROPEAN}|\d{{1,3}}(?:,\d{{3}})+(?:\.\d{{1,4}})?|\d{{1,9}}(?:\.\d{{1,4}})?)"
DIGITS_AND_SIGN = re.compile(r"([\d.]+)([^\d.])")
MAX_SIGNS = 12  # of one Chinese numeral
TEN = 10
LARGE = 100  # the least sign that may follow digits


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
    joints = "".join(definitions.of("half_joints")) or "\0"
    return rf"{whole}(?:[{points}][{signs}]{{1,4}})?(?:[{joints}]?{halves})?|{halves}(?!\d)"


@lru_cache(maxsize=4)
def mixed(definitions: Definitions) -> str:
    """A pattern for digits with Chinese signs of hundreds and more, such as 3-thousand-5-hundred."""
    large = "".join(re.escape(sign) for sign, worth in values(definitions).items() if worth >= LARGE)
    return rf"(?:\d{{1,4}}(?:\.\d{{1,2}})?[{large}]){{1,3}}"


def number(written: str, definitions: Definitions) -> Decimal | None:
    """The value of digits, of a Chinese numeral or of a mixture; None where it is none of them."""
    if written.isdecimal() and written.isascii():
        return Decimal(written)
    if re.fullmatch(EUROPEAN, written.strip()):
        written = written.replace(".", "").replace(",", ".")
    plain = written.replace(",", "").strip()
    if plain[:1].isdigit() and re.fullmatch(mixed(definitions), plain):
        signs = values(definitions)
        return sum((Decimal(d) * signs[sign] for d, sign in DIGITS_AND_SIGN.findall(plain)), Decimal(0))
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
            written, half = written[:-1].rstrip("".join(definitions.of("half_joints"))), Decimal("0.5")
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


def is_vague(written: str, definitions: Definitions) -> bool:
    """Whether a numeral names two figures one behind the other, as seven-eight or five-six-ten do."""
    worth = [values(definitions).get(c, 0) for c in written]
    pairs = [(a, b) for a, b in pairwise(worth) if 0 < a < b < TEN]
    if not pairs:
        return False
    return len(worth) == 2 or any(w >= TEN for w in worth)


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
