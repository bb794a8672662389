"""Trucks asked for, and number plates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from ingestd.parsing.definitions import Definitions
from ingestd.parsing.items import Item, Kind
from ingestd.parsing.wording import alternation, phrases

PLATE = re.compile(
    r"(?<![\u4e00-\u9fffa-z\d])?(?P<plate>[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼港][a-z][·\- ]?[a-z\d]{4,5}[a-z\d挂学警港澳])(?![a-z\d])"
)


@lru_cache(maxsize=4)
def pattern(definitions: Definitions) -> re.Pattern[str]:
    """A truck by length and build, or by its name."""
    of = definitions.of
    joins, nouns, names = phrases(of("vehicle_joins")), alternation(of("vehicle_nouns")), alternation(of("vehicles"))
    length = r"\d{1,2}(?:\.\d{1,2})?\s?(?:米|m)"
    return re.compile(
        rf"(?:[一1两2]\s?[台辆部]\s?)?(?P<vehicle>(?:{length}\s?(?:的)?(?:(?:{nouns})|车)+|{length}\s?(?:的)?(?:{names})|(?:{names}))(?:[和,、及]?\s?(?:{joins}))?)"
    )


def find(folded: str, definitions: Definitions) -> Iterator[Item]:
    """Plates, then vehicles."""
    for match in PLATE.finditer(folded):
        yield Item(Kind.PLATE, match.start("plate"), match.end("plate"), None, "plate")
    for match in pattern(definitions).finditer(folded):
        yield Item(Kind.VEHICLE, match.start(), match.end(), match.span("vehicle"), "vehicle")
