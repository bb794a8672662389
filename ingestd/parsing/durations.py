"""How long it takes until something arrives: in forty minutes, an hour and a half."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from ingestd.parsing.definitions import Definitions
from ingestd.parsing.numerals import number, spelt
from ingestd.parsing.wording import alternation

LOOK_BACK = 4  # characters before a duration that say what it is of
LONGEST = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class Grammar:
    """The compiled words about durations."""

    until: re.Pattern[str]
    late: re.Pattern[str]
    half_more: tuple[str, ...]


@lru_cache(maxsize=4)
def grammar(definitions: Definitions) -> Grammar:
    """The patterns made of the definitions' words."""
    of = definitions.of
    figure = rf"(?:(?<![\d.:])\d{{1,3}}(?:\.\d)?|{spelt(definitions)})"
    hours, minutes = alternation(of("duration_hours")), alternation(of("duration_minutes"))
    span = (
        rf"(?:(?P<hours>{figure})\s?(?P<hour_unit>{hours}))?(?P<half>{alternation(of('halves'))})?"
        rf"\s?(?:(?P<minutes>{figure})\s?(?:{minutes}))?"
    )
    behind = rf"(?:\s?(?:{alternation(of('duration_behind'))})){{0,2}}\s?"
    return Grammar(
        until=re.compile(span + behind + rf"(?:{alternation(of('arrival_words'))})"),
        late=re.compile(alternation(of("lateness"))),
        half_more=of("half_more"),
    )


def until_arrival(folded: str, definitions: Definitions) -> timedelta | None:
    """How long until the arrival that a text tells; None where it tells none."""
    g = grammar(definitions)
    for match in g.until.finditer(folded):
        told = length(match, g, definitions)
        before = folded[max(0, match.start() - LOOK_BACK) : match.start()]
        if told and told <= LONGEST and not g.late.search(before):
            return told
    return None


def length(match: re.Match[str], g: Grammar, definitions: Definitions) -> timedelta | None:
    """The duration that a match spells."""
    hours, minutes = (number(match[name] or "0", definitions) for name in ("hours", "minutes"))
    if hours is None or minutes is None or not (hours or minutes):
        return None
    more = bool(match["half"]) or (match["hour_unit"] or "").startswith(g.half_more)
    return timedelta(minutes=int(60 * hours + 30 * more + minutes))
