"""Trucks asked for, and number plates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from ingestd.parsing import wording
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.items import Item, Kind
from ingestd.parsing.numerals import TEN
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
    tenths = "".join(sign for sign, value in definitions.numerals if 0 < value < TEN)
    builds = rf"(?:{alternation(of('vehicle_nouns'))}|{names})"
    return re.compile(rf"[\d{tenths}]\s?(?:{metres})[\d{tenths}]?\s?{builds}|{names}")


@lru_cache(maxsize=4)
def pattern(definitions: Definitions) -> re.Pattern[str]:
    """A truck by length and build, or by its name."""
    of = definitions.of
    joins, nouns, names = phrases(of("vehicle_joins")), alternation(of("vehicle_nouns")), alternation(of("vehicles"))
    tenths = "".join(sign for sign, value in definitions.numerals if 0 < value < TEN)
    spelt = "".join(sign for sign, value in definitions.numerals if 0 < value <= TEN)
    heads = alternation(of("vehicle_heads"))
    behind = alternation(word for word in of("truck_counts") if len(word) > 1)
    length = rf"(?:\d{{1,2}}(?:\.\d{{1,2}})?|[{spelt}]{{1,3}})\s?(?:{alternation(of('metres'))})[\d{tenths}]?"
    return re.compile(
        rf"(?:{alternation(of('truck_counts'))})?\s?(?P<vehicle>(?:(?:{heads})?\s?{length}\s?(?:{nouns})+|{length}\s?(?:{names})|(?:{names})(?:\s?{length}(?!\d))?)"
        rf"(?:[,\u3001]?\s?(?:{joins}))?)(?: ?(?:{behind}))?(?!(?:{nouns})?(?:{alternation(of('vehicle_refused'))}))"
    )


def find(folded: str, definitions: Definitions) -> Iterator[Item]:
    """Plates, then vehicles."""
    for match in plate(definitions).finditer(folded):
        yield Item(Kind.PLATE, match.start("plate"), match.end("plate"), None, "plate")
    if not hint(definitions).search(folded):
        return
    for match in pattern(definitions).finditer(folded):
        if wording.within_word(folded, match.start("vehicle")):
            continue  # ftl in Softline
        yield Item(Kind.VEHICLE, match.start(), match.end(), match.span("vehicle"), "vehicle")
