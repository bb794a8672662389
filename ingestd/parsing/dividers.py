"""Signs that somebody puts between all his words, such as stars or full stops: they part as a space does."""

from __future__ import annotations

import re

from ingestd.parsing.text import Text

DIVIDERS = "*.#+_~^&@"
FEWEST = 3  # between words, of a sign that divides them
BULLETS = re.compile(r"(?m)^([ \t]*\*[ \t]+[^\s*]{1,8}[ \t]+)\*(?=[ \t]+\S)")
HAN = r"[\u3400-\u9fff]"


def plain(text: Text) -> Text:
    """A text whose dividing signs are spaces in what is searched; what is put out stays as written.

    A bullet behind a word that a bullet heads stands where a colon does elsewhere.
    """
    folded = BULLETS.sub(r"\1:", text.folded) if "*" in text.folded else text.folded
    for sign in DIVIDERS:
        if folded.count(sign) >= FEWEST and divides(sign, folded):
            folded = re.sub(rf"(?<!\d){re.escape(sign)}|{re.escape(sign)}(?!\d)", " ", folded)
    return text if folded is text.folded else text._replace(folded=folded)


def divides(sign: str, folded: str) -> bool:
    """Whether a sign stands between words again and again."""
    return len(re.findall(rf"{HAN}{re.escape(sign)}(?={HAN})", folded)) >= FEWEST
