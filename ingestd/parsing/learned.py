"""What the signs of a message say of its intent, by weights learned from a few thousand examples (`make learn`).

Cues are words that somebody thought of; people use others. Signs and pairs of signs that stand in messages of one
intent more often than in those of others speak for it. The weights lie in `parsers/learned.toml`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from math import exp, log
from operator import concat
from struct import unpack

from ingestd.domain.reading import Intent
from ingestd.parsing.definitions import HEAVIEST, LEVEL, Definitions
from ingestd.parsing.items import Item, Kind

MAX_TEXT, MAX_SUBJECT = 300, 60  # characters that are weighed
LANE = 16  # bits of a sum: more than all traits of a message can make together
SPACES = re.compile(r"\s+")
DIGITS = re.compile(r"\d+")
MARKS = {
    Kind.PHONE: "P", Kind.BAD_PHONE: "P", Kind.COUNT: "Q", Kind.WEIGHT: "W", Kind.VOLUME: "V", Kind.CHOICE: "C",
    Kind.CHARGE: "F", Kind.FREIGHT: "F", Kind.COD: "D", Kind.DECLARED: "D", Kind.TIME: "T", Kind.SERIAL: "N",
    Kind.STAFF: "N", Kind.VEHICLE: "H", Kind.PLATE: "H", Kind.REFERENCE: "R",
}  # fmt: skip
Label = tuple[Intent, str | None]


def marked(folded: str, items: Sequence[Item]) -> str:
    """A folded text in which a capital stands for each thing that was recognised: what it is counts, not its value."""
    out: list[str] = []
    position = 0
    for item in items:
        if item.kind in MARKS and item.start >= position:
            out += (folded[position : item.start], MARKS[item.kind])
            position = item.end
            if position > MAX_TEXT * 2:
                break
    return "".join([*out, folded[position : position + MAX_TEXT]])


def traits(plain: str, subject: str, circumstances: Iterable[str]) -> list[str]:
    """What is weighed of a message: signs and their pairs in its marked text and its subject, and what is around it."""
    about = ("#" + name for name in circumstances)
    return [*pieces(plain, MAX_TEXT), *("s:" + piece for piece in pieces(subject, MAX_SUBJECT)), *about]


def pieces(text: str, limit: int) -> set[str]:
    """The signs of a text and their neighbours by twos, its ends marked."""
    plain = f"^{DIGITS.sub('0', SPACES.sub(' ', text[: 2 * limit]))[:limit]}$"
    return {*plain, *map(concat, plain, plain[1:])}


def odds(found: Iterable[str], definitions: Definitions) -> dict[Label, float]:
    """The natural logarithm of each intent's (and kind's) probability; empty where nothing was learned."""
    labels = definitions.learned.labels
    if not labels:
        return {}
    total = sum(filter(None, map(packed(definitions).get, found)))
    *lanes, nothing = unpack(f"<{len(labels) + 1}H", total.to_bytes(2 * len(labels) + 2, "little"))
    sums = [(lane - nothing) / 10 for lane in lanes]
    top = max(sums)
    whole = top + log(sum(exp(s - top) for s in sums))
    return {label: s - whole for label, s in zip(labels, sums, strict=True)}


@lru_cache(maxsize=4)
def packed(definitions: Definitions) -> dict[str, int]:
    """Each trait's row as one number, in which every label has its bits: rows are added by one addition.

    The last ones say what each label has where nothing speaks for or against it.
    """
    return {
        trait: sum((ord(sign) - LEVEL + HEAVIEST) << LANE * n for n, sign in enumerate(row + chr(LEVEL)))
        for trait, row in definitions.learned.rows.items()
    }


def telling(text: str, intent: Intent, kind: str | None, definitions: Definitions) -> str | None:
    """The pair of signs in a folded text that says most for an intent, or for a kind of it; None where none does."""
    learned = definitions.learned
    numbers = [n for n, (i, k) in enumerate(learned.labels) if i is intent and (kind is None or k == kind)]
    if not numbers:
        return None
    pairs = {text[start : start + 2] for start in range(len(text) - 1)} & learned.rows.keys()
    weights = {
        pair: max(ord(learned.rows[pair][n]) - LEVEL for n in numbers) for pair in sorted(pairs) if pair.isalnum()
    }
    best = max(weights, key=lambda pair: weights[pair], default=None)
    return best if best and weights[best] > 0 else None
