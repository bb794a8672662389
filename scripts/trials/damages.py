"""What happens to the text of an order on its way: lines joined, punctuation lost, labels misspelt, and the like."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from random import Random

COLONS = re.compile("[:：]")
PUNCTUATION = re.compile(r"[,，。;；、!！()（）:：\[\]【】]")
LABEL = re.compile(r"^[ \t]*([\u4e00-\u9fff]{2,8})(?=\s*[:：])", re.MULTILINE)
SLIPS = "的一是在不了有人这中大为上个国我以要他时"  # frequent characters, none of which belongs into a label
UNITS = "件|箱|桶|卷|托|袋|包|捆|台|公斤|千克|kg|斤|吨|方|立方"
COUNTED = re.compile(rf"(?<![\d.\-+])([1-9]\d{{0,3}})(?=(?:{UNITS}))", re.IGNORECASE)
DIGITS = "零一二三四五六七八九"
PLACES = ((1000, "千"), (100, "百"), (10, "十"))

Damage = Callable[[str, Random], Iterator[str]]


def joined(text: str, _: Random) -> Iterator[str]:
    """All lines run together, without a space and with one."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    yield "".join(lines)
    yield " ".join(lines)


def without_colons(text: str, _: Random) -> Iterator[str]:
    """Labels and values with a space between them at most."""
    yield COLONS.sub(" ", text)
    yield COLONS.sub("", text)


def without_punctuation(text: str, _: Random) -> Iterator[str]:
    """Spaces where marks stood."""
    yield PUNCTUATION.sub(" ", text)


def upside_down(text: str, _: Random) -> Iterator[str]:
    """The last line first."""
    yield "\n".join(reversed(text.splitlines()))


def line_lost(text: str, _: Random) -> Iterator[str]:
    """Each line missing in its turn."""
    lines = text.splitlines()
    for number, line in enumerate(lines):
        if line.strip():
            yield "\n".join(lines[:number] + lines[number + 1 :])


def labels_misspelt(text: str, chance: Random) -> Iterator[str]:
    """One wrong character in every label."""

    def slip(label: re.Match[str]) -> str:
        start, end = label.span(1)
        at = chance.randrange(end - start)
        word = label[1]
        return label[0].replace(word, word[:at] + chance.choice(SLIPS) + word[at + 1 :])

    yield LABEL.sub(slip, text)


def numbers_spelt(text: str, _: Random) -> Iterator[str]:
    """Figures before a unit in words: 十二件, 三百公斤."""
    yield COUNTED.sub(lambda m: spelt(int(m[1])), text)


def spelt(number: int) -> str:
    """A number from 1 to 9999 in words, 10 to 19 the short way."""
    words, rest, gap = "", number, False
    for worth, name in PLACES:
        digit, rest = divmod(rest, worth)
        if digit:
            words += ("零" if gap else "") + DIGITS[digit] + name
        gap = bool(words) and not digit
    if rest:
        words += ("零" if gap else "") + DIGITS[rest]
    return words[1:] if words.startswith("一十") else words


DAMAGES: dict[str, Damage] = {
    "lines joined": joined,
    "colons lost": without_colons,
    "punctuation lost": without_punctuation,
    "lines upside down": upside_down,
    "a line lost": line_lost,
    "labels misspelt": labels_misspelt,
    "numbers in words": numbers_spelt,
}
