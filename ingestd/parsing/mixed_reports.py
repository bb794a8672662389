"""A report on several orders, cut into what is told of each: 221已提,222没货."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ingestd.parsing.text import Text

CLAUSE = re.compile(r"[^,;。\n]+[,;。\n]*")
SEPARATORS = ",;。 \n"
NOTHING = re.compile(r"[\s,;。:/&、和及跟与同\[\]()#.\-]*")
Place = tuple[int, int]


def segments(text: Text, places: Sequence[Place]) -> tuple[Text, ...]:
    """The text by the orders it speaks of, each part from where it begins to speak of some; `places` name orders."""
    starts = list(beginnings(text.folded, places))
    if not starts:
        return (text,)
    starts[0] = 0
    ends = (len(text.folded[:end].rstrip(SEPARATORS)) for end in [*starts[1:], len(text.folded)])
    return tuple(text.part(start, end) for start, end in zip(starts, ends, strict=True))


def beginnings(folded: str, places: Sequence[Place]) -> Iterator[int]:
    """Where it begins to speak of other orders: 221,222已提 and 已提221,222 speak of two, in one part."""
    only_named = ahead = False
    for clause in CLAUSE.finditer(folded):
        named = [(start, end) for start, end in places if clause.start() <= start < clause.end()]
        if not named:
            only_named = ahead = False
            continue
        before = says_something(folded[clause.start() : named[0][0]])
        behind = says_something("".join(folded[a:b] for a, b in gaps(named, clause.end())))
        goes_on = only_named or (ahead and not before and not behind)
        if not goes_on:
            yield clause.start()
        ahead = (before or (goes_on and ahead)) and not behind
        only_named = not before and not behind and not ahead


def gaps(named: Sequence[Place], end: int) -> Iterator[Place]:
    """What stands behind each named order, up to the next or the end."""
    for (_, behind), (following, _) in zip(named, [*named[1:], (end, end)], strict=True):
        yield behind, following


def says_something(words: str) -> bool:
    """Whether there is more than signs and words that join."""
    return NOTHING.fullmatch(words) is None
