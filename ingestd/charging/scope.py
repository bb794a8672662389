"""Whether a place that a table names is where an address lies: a division that holds it, or words in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter

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
        held = [(depth, place) for place in places if (depth := self.depth(place))]
        return max(held, key=itemgetter(0))[1] if held else None

    def depth(self, place: str) -> int:
        """How narrow a place is that this lies in: the length of its division's code; 0 where it does not.

        Where it is not clear where this lies, the words of the place in the text count, but hardly.
        """
        named = self.atlas.names.get(place) or self.atlas.town_names.get(place, ())
        depths = [len(d.code) for d in named if self.where and self.where.within(d)]
        if depths:
            return max(depths)
        if named and not (self.where is None or any(d.within(self.where) for d in named)):
            return 0
        told = bool(place) and place in self.text
        return int(told) if named else WORDS * told
