"""Parts that say the same thing twice: which of them counts, and whether they agree."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import replace

from ingestd.parsing.leaves import Leaf

PLACEHOLDER = re.compile(
    r"\[(?:cid:|image|inline|图片|內嵌圖|内嵌图)[^\]\n]{0,200}\]|<https?://[^>\s]{0,500}>", re.IGNORECASE
)
LETTERS = re.compile(r"[A-Za-z]+")
INFORMATIVE = re.compile(r"[0-9\u3400-\u9fff]+")
HAN = re.compile("[\u3400-\u9fff]+")
ITEM_NUMBER = re.compile(
    r"(?m)^[ \t]*\d{1,2}[.、)）](?!\d)"
)  # which a plain copy of a list shows and its HTML does not
FIGURE = re.compile(r"\d+")
TELLING = 0.5  # a part that tells less than this share of what the best one does is a stub, and contradicts nothing
ODD_WORDS = 2  # Han characters of one part that another lacks before they are said to differ


def richest(parts: list[list[Leaf]]) -> list[Leaf]:
    """Of alternatives the one that says most; on a tie the last, which RFC 2046 prefers; files of all are kept."""
    if not parts:
        return []
    told = [information(part) for part in parts]
    best = max(range(len(parts)), key=lambda i: (told[i], i))
    rivals = (part for i, part in enumerate(parts) if i != best and told[i] >= TELLING * told[best])
    contested = any(contradicts(part, parts[best]) for part in rivals)
    chosen = [replace(found, contested=contested or found.contested) for found in parts[best]]
    return [
        found
        for i, part in enumerate(parts)
        for found in (chosen if i == best else [other for other in part if other.file])
    ]


def information(found: list[Leaf]) -> int:
    """How much leaves tell, counted in digits and Han characters without placeholders, then letters.

    What is struck out counts, as it stands unmarked in a plain copy, which would else seem to tell more.
    """
    told = shown(found) + "\n".join(leaf.struck for leaf in found)
    return 4 * sum(map(len, INFORMATIVE.findall(told))) + sum(map(len, LETTERS.findall(told))) // 8


def shown(found: list[Leaf]) -> str:
    """The text of leaves without what only stands for a picture or link."""
    return PLACEHOLDER.sub("", "\n".join(leaf.text for leaf in found if leaf.text))


def contradicts(part: list[Leaf], best: list[Leaf]) -> bool:
    """Whether a part that tells about as much as the best one has figures or words that the best one lacks."""
    mine = ITEM_NUMBER.sub("", plain(shown(part)))
    known = plain(shown(best)) + "\n" + plain("\n".join(leaf.struck for leaf in best))
    if not set(FIGURE.findall(mine)) <= set(FIGURE.findall(known)):
        return "".join(FIGURE.findall(mine)) not in "".join(FIGURE.findall(known))
    return (Counter("".join(HAN.findall(mine))) - Counter("".join(HAN.findall(known)))).total() >= ODD_WORDS


def plain(text: str) -> str:
    """Text in compatibility form."""
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


def once(found: list[Leaf]) -> list[Leaf]:
    """Leaves without texts that another leaf holds as well; some programs send a body twice, side by side."""
    texts = [bare(leaf) for leaf in found]
    if sum(map(bool, texts)) < 2:
        return found
    return [
        leaf for i, leaf in enumerate(found) if not (texts[i] and any(within(texts, i, j) for j in range(len(texts))))
    ]


def within(texts: list[str], one: int, other: int) -> bool:
    """Whether one text is part of another, or the same as an earlier one."""
    if one == other or texts[one] not in texts[other]:
        return False
    return texts[one] != texts[other] or other < one


def bare(leaf: Leaf) -> str:
    """A leaf's text without white space."""
    return "".join((leaf.text or "").split())
