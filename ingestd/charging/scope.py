"""Whether a place that a table names is where an address lies: a division that holds it, or words in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ingestd.places.atlas import Atlas, Division

WORDS = 99  # deeper than any division: words of an address say more


@dataclass(frozen=True, slots=True)
class Spot:
    """An address and the division that it lies in, as far as is clear."""

    text: str
    where: Division | None
    atlas: Atlas

    def reached(self, places: Sequence[str]) -> str | None:
        """The narrowest of some places that this lies in; "" where none is asked for, None where it lies in none."""
        if not places:
            return ""
        held = [place for place in places if self.depth(place)]
        return max(held, key=self.depth, default=None)

    def depth(self, place: str) -> int:
        """How narrow a place is that this lies in: the length of its division's code; 0 where it does not."""
        depths = [len(d.code) for d in self.atlas.names.get(place, ()) if self.where and self.where.within(d)]
        return max(depths, default=WORDS if place and place not in self.atlas.names and place in self.text else 0)
