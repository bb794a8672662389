"""Figures, phones and plain words as people write them, from the values of the trade."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal
from string import ascii_letters, digits

BLANK = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")
SUSPECT = re.compile(
    r"[\x00-\x1f\x7f-\xa0\xad\u0600-\u0605\u061c\u070f\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\ufeff"
    r"\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]|  |^ | $"
)  # what may have to go; most values have none of it
UNSEEN = {"Cc", "Cf", "Cs"}  # controls, format and direction marks, lone surrogates
MOBILE = re.compile(r"\+86(1[3-9]\d{9})$")
SERVICE = re.compile(r"\+86([48]00)(\d{3})(\d{4})$")
LANDLINE = re.compile(r"\+86(10|2\d|[3-9]\d\d)(\d{7,8})$")
EXTENSION = ";ext="
RUN_ON = frozenset(ascii_letters + digits + ".-+")


def clean(text: str | None) -> str:
    """One line of visible text: no controls, direction marks or lone surrogates; every run of blanks is one space."""
    if not text:
        return ""
    if not SUSPECT.search(text):
        return text
    seen = "".join(c for c in BLANK.sub(" ", text) if unicodedata.category(c) not in UNSEEN)
    return BLANK.sub(" ", seen).strip()


def number(value: Decimal) -> str:
    """A figure without needless decimals: 200, 2.2, 1000."""
    whole = int(value)
    return str(whole) if whole == value else format(value, "f").rstrip("0")


def glued(pieces: Iterable[str]) -> str:
    """Pieces one behind the other, a space only where two figures or words would run together."""
    text = ""
    for piece in pieces:
        if text and piece and runs_together(text[-1], piece[0]):
            text += " "
        text += piece
    return text


def runs_together(last: str, first: str) -> bool:
    """Whether two neighbours would be read as one figure, word or house number."""
    return (last in RUN_ON and first in RUN_ON) or (last.isdigit() and first.isdigit())


def phone(e164: str, extension_word: str) -> str:
    """A phone as written in China (13823033212, 0571-25852654 with its extension), others with their country code."""
    digits, _, extension = e164.partition(EXTENSION)
    digits = clean(digits)
    if match := MOBILE.match(digits):
        shown = match[1]
    elif match := SERVICE.match(digits):
        shown = "-".join(match.groups())
    elif match := LANDLINE.match(digits):
        shown = f"0{match[1]}-{match[2]}"
    else:
        shown = digits
    return f"{shown}{extension_word}{clean(extension)}" if extension else shown
