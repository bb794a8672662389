"""Trucks asked for, and number plates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from ingestd.parsing.definitions import Definitions
from ingestd.parsing.items import Item, Kind
from ingestd.parsing.wording import alternation, phrases


@lru_cache(maxsize=4)
def plate(definitions: Definitions) -> re.Pattern[str]:
    """A number plate: province, letter, and five or six signs."""
    heads, tails = ("".join(definitions.of(name)) for name in ("plate_heads", "plate_tails"))
    return re.compile(rf"(?P<plate>[{heads}][a-z][,.*\- ]?[a-z\d]{{4,5}}[a-z\d{tails}])(?![a-z\d])")


@lru_cache(maxsize=4)
def hint(definitions: Definitions) -> re.Pattern[str]:
    """What stands in every text that names a truck; quicker to look for than the truck."""
    of = definitions.of
    names, metres = alternation(of("vehicles")), alternation(of("metres"))
    return re.compile(rf"\d\s?(?:{metres})\s?(?:{alternation(of('vehicle_nouns'))}|{names})|{names}")


@lru_cache(maxsize=4)
def pattern(definitions: Definitions) -> re.Pattern[str]:
    """A truck by length and build, or by its name."""
    of = definitions.of
    joins, nouns, names = phrases(of("vehicle_joins")), alternation(of("vehicle_nouns")), alternation(of("vehicles"))
    length = rf"\d{{1,2}}(?:\.\d{{1,2}})?\s?(?:{alternation(of('metres'))})"
    return re.compile(
        rf"(?:{alternation(of('truck_counts'))})?\s?(?P<vehicle>(?:{length}\s?(?:{nouns})+|{length}\s?(?:{names})|(?:{names}))"
        rf"(?:[,\u3001]?\s?(?:{joins}))?)"
    )


def find(folded: str, definitions: Definitions) -> Iterator[Item]:
    """Plates, then vehicles."""
    for match in plate(definitions).finditer(folded):
        yield Item(Kind.PLATE, match.start("plate"), match.end("plate"), None, "plate")
    if not hint(definitions).search(folded):
        return
    for match in pattern(definitions).finditer(folded):
        yield Item(Kind.VEHICLE, match.start(), match.end(), match.span("vehicle"), "vehicle")
