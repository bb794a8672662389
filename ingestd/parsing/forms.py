"""Forms: orders in which everybody, every place and every number stands behind a label."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ingestd.parsing import prose
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.draft import Draft, Found
from ingestd.parsing.items import Item, Kind

WORD = re.compile(r"[^\W\d_]{2}")
NAMED = ("shipper.name", "consignee.name", "pickup.address", "consignee.address")
PHONES = ("shipper.phones", "pickup.phones", "consignee.phones")


def label_ends(items: Sequence[Item]) -> list[int]:
    """Where the sure labels of a text end."""
    return [item.end for item in items if item.kind is Kind.LABEL and item.value.sure]


def behind_label(start: int, draft: Draft, ends: Sequence[int]) -> bool:
    """Whether a label that ends at one of these places stands before a place on its line."""
    line = draft.text.folded.rfind("\n", 0, start)
    return any(line < end <= start for end in ends)


def labelled(draft: Draft, ends: Sequence[int]) -> bool:
    """Whether everybody, every place and every number stands behind a label on its line: rules need no witness."""
    finds = [f for path in (*NAMED, *PHONES) for f in draft.all(path) if not f.elsewhere]
    return all(behind_label(f.start, draft, ends) for f in finds)


def filled_out(drafts: Sequence[Draft], items: Sequence[Item], definitions: Definitions) -> bool:
    """Whether each word of forms is part of a value or says nothing, and nobody has two numbers.

    Then no field can be filled with more, and no number be somebody else's.
    """
    if any(len(draft.all(path)) > 1 for draft in drafts for path in PHONES):
        return False
    folded = drafts[0].text.folded
    left = [folded[start:end] for start, end in gaps(drafts, items)]
    return all(prose.is_noise(words, definitions) for words in left if WORD.search(words))


def gaps(drafts: Sequence[Draft], items: Sequence[Item]) -> Iterator[tuple[int, int]]:
    """The stretches of a text in which nothing was recognised and no value stands."""
    taken = [(item.start, item.end) for item in items if item.kind is not Kind.WORDS]
    for draft in drafts:
        finds = [*(f for found in draft.finds.values() for f in found), *(f for _, f in draft.goods)]
        taken += [place_of(found, draft) for found in finds if not found.elsewhere]
    position = 0
    for start, end in sorted(taken):
        if start > position:
            yield position, start
        position = max(position, end)
    yield position, len(drafts[0].text.folded)


def place_of(found: Found, draft: Draft) -> tuple[int, int]:
    """Where the value of a find itself stands, which may be part of what its find takes."""
    value = str(found.value)
    start = draft.text.shown.find(value, found.start, found.end)
    return (start, start + len(value)) if start >= 0 else (found.start, found.end)
