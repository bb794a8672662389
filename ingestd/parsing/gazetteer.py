"""The gazetteer: towns that are known by name, and where their names end in a text."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from operator import concat

from ingestd.parsing.definitions import Definitions
from ingestd.parsing.kept import kept

QUARTER = "\u533a"  # behind the name of a quarter
MAX_LINKS = 4  # province, city, county, quarter


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """The names of places; `parts` need their 区 or 县, or the city that they belong to before them."""

    towns: frozenset[str]
    parts: frozenset[str]
    suffixes: tuple[str, ...]
    known: frozenset[str]  # both
    heads: dict[str, tuple[int, ...]]  # the first two characters of any name → the lengths of such names, longest first


@lru_cache(maxsize=4)
def gazetteer(definitions: Definitions) -> Gazetteer:
    """The gazetteer of the definitions' lists."""
    everyday = names(definitions, "everyday")
    towns = (names(definitions, "cities") | names(definitions, "provinces") | names(definitions, "counties")) - everyday
    parts = names(definitions, "districts") | everyday | {t for t in towns if len(t) > 1}
    known = towns | parts
    suffixes = tuple(sorted(definitions.of("admin_suffixes"), key=len, reverse=True))
    heads: dict[str, set[int]] = {}
    for name in known:
        heads.setdefault(name[:2], set()).add(len(name))
    return Gazetteer(
        towns=frozenset(towns),
        parts=frozenset(parts),
        suffixes=suffixes,
        known=frozenset(known),
        heads={head: tuple(sorted(lengths, reverse=True)) for head, lengths in heads.items()},
    )


def names(definitions: Definitions, which: str) -> set[str]:
    """The names of one list, each line of which holds several."""
    return {name for line in definitions.of(which) for name in line.split() if len(name) > 1}


def end_of_town(folded: str, start: int, definitions: Definitions) -> int | None:
    """Where a place ends that begins at `start` and stands by itself, with its 市 or 县; None if none does."""
    g = gazetteer(definitions)
    return longest(folded, start, g, linked=False)


def end_of_goal(folded: str, start: int, definitions: Definitions) -> int | None:
    """Where a place ends behind a word of going: also one called like an ordinary word, if the phrase ends with it."""
    end = end_of_town(folded, start, definitions)
    if end is not None:
        return end
    end = longest(folded, start, gazetteer(definitions), linked=True)
    parted = end is not None and (
        not folded[end : end + 1].isalpha() or folded.startswith(definitions.of("behind_goal"), end)
    )
    return end if parted and folded[start:end] in everyday(definitions) else None


def begins_part(folded: str, start: int, definitions: Definitions) -> bool:
    """Whether a quarter or county with its 区 or 县 begins at a place, which may begin like a verb (堆龙德庆区)."""
    g = gazetteer(definitions)
    end = longest(folded, start, g, linked=True) if folded[start : start + 2] in g.heads else None
    return end is not None and folded.endswith(g.suffixes, start, end)


@lru_cache(maxsize=4)
def everyday(definitions: Definitions) -> frozenset[str]:
    """The names of towns that are ordinary words, too."""
    return frozenset(names(definitions, "everyday"))


def end_of_places(folded: str, start: int, definitions: Definitions) -> int | None:
    """Where a row of places ends, the larger before the smaller (辽宁铁岭, 潍坊坊子区); None if none begins."""
    g = gazetteer(definitions)
    end = end_of_town(folded, start, definitions)
    for _ in range(MAX_LINKS):
        following = longest(folded, end, g, linked=True) if end is not None else None
        if following is None:
            break
        end = following
    return end


@lru_cache(maxsize=4)
def regions(definitions: Definitions) -> dict[str, frozenset[str]]:
    """The provinces of every town: the first names of the lines in which it stands."""
    found: dict[str, set[str]] = {}
    for line in (*definitions.of("cities"), *definitions.of("counties")):
        head, *rest = line.split()
        for name in (head, *rest):
            found.setdefault(name, set()).add(head)
    return {name: frozenset(heads) for name, heads in found.items()}


@lru_cache(maxsize=4)
def districts(definitions: Definitions) -> frozenset[str]:
    """The names of quarters of cities, many of which towns elsewhere have, too."""
    return frozenset(names(definitions, "districts"))


def provinces_of(folded: str, definitions: Definitions) -> frozenset[str]:
    """The provinces in which the places may lie that a text begins with; none where that is not known."""
    g, known, quarters = gazetteer(definitions), regions(definitions), districts(definitions)
    start, end = 0, end_of_town(folded, 0, definitions)
    found: frozenset[str] = frozenset()
    while end is not None:
        name = folded[start:end]
        here = next((known[name[:n]] for n in range(len(name), 1, -1) if name[:n] in known), frozenset())
        here = frozenset() if name.endswith(QUARTER) and name[: -len(QUARTER)] in quarters else here
        found = (found & here) or found or here
        start, end = end, longest(folded, end, g, linked=True)
    return found


def apart(one: str, other: str, definitions: Definitions) -> bool:
    """Whether two texts begin with places in different provinces."""
    here, there = provinces_of(one, definitions), provinces_of(other, definitions)
    return bool(here and there) and not here & there


@kept
def is_place(folded: str, definitions: Definitions) -> bool:
    """Whether words are places, the larger before the smaller, or one part of a city, and nothing else."""
    g = gazetteer(definitions)
    whole = end_of_places(folded, 0, definitions) or longest(folded, 0, g, linked=True)
    return whole == len(folded)


def longest(folded: str, start: int, g: Gazetteer, *, linked: bool) -> int | None:
    """The end of the longest name at a place; a part of a city counts by itself only behind its city."""
    for length in g.heads.get(folded[start : start + 2], ()):
        name = folded[start : start + length]
        end = start + len(name)
        if name in g.known:
            suffix = ""
            if folded.startswith(g.suffixes, end):
                suffix = next(s for s in g.suffixes if folded.startswith(s, end))
            if linked or suffix or name in g.towns:
                return end + len(suffix)
    return None


def first_town(folded: str, definitions: Definitions, start: int = 0) -> tuple[int, int] | None:
    """The first place in a text and where its row ends."""
    heads = gazetteer(definitions).heads
    for position, pair in enumerate(map(concat, folded[start:], folded[start + 1 :]), start):
        if pair in heads:
            end = end_of_places(folded, position, definitions)
            if end is not None:
                return position, end
    return None
