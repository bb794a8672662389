"""Where an address or a destination lies: the division that its words name, what is unclear, what contradicts itself.

Only names that stand side by side at the first place named (广东省 深圳 宝安区 西乡) say where it is; later ones may be
of a road, a market or a company (南京路, 义乌小商品城).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ingestd.places.atlas import Atlas, Division, Level

ROAD = re.compile(
    r"[东南西北中前后]?[一二三四五六七八九十\d]{0,3}(?:大?道|路|街(?!道)|巷|弄|胡同|大桥|立交|高速|国道|广场|大厦|大楼|酒店|宾馆|商会)"
)
MARKET = re.compile("市场")
BETWEEN = re.compile(r"[\s,，、·.\-/()（）|]{0,3}")
LONGEST_SHORT = 4  # signs of a town's name without its kind
MOST_NAMESAKES = 4  # towns of a name that still says something by itself; of 凤凰 there are dozens
EVERYDAY = 2  # signs of a district's full name that says nothing by itself: 东区, 郊区


@dataclass(frozen=True, slots=True)
class Mention:
    """Words that name one of some divisions."""

    start: int
    end: int
    words: str
    meant: tuple[Division, ...]

    @property
    def full(self) -> bool:
        """Whether the kind of division is said: 宝安区, not 宝安."""
        return any(self.words in d.names and self.words != d.short for d in self.meant)


@dataclass(frozen=True, slots=True)
class Located:
    """Where a text says that something is."""

    where: Division | None = None  # the narrowest that is clear
    candidates: tuple[Division, ...] = ()  # where several are meant and nothing tells which
    against: tuple[Mention, Mention] | None = None  # names side by side that do not belong together
    by_home: bool = False  # told by where the customer is at home

    @property
    def clear(self) -> bool:
        return self.where is not None and self.against is None


def locate(text: str, atlas: Atlas, home: Division | None = None) -> Located:
    """The place that a text in simplified characters names; `home` decides between places of the same name."""
    run = first_run(mentions(text, atlas))
    best = supported(run)
    if not best:
        return by_town(text, atlas, home)
    if len(best) == 1:
        return only_one(best[0], run, text, atlas, home)
    if not same_mention(best, run):
        return Located(candidates=best, against=disagreeing(run))
    near = at_home(best, home)
    if near is not None:
        return Located(narrowed(near, run[-1].end, text, atlas), by_home=True)
    known = None if any(m.full for m in run) else well_known_town(text, atlas, home)
    return Located(known, by_home=True) if known else Located(candidates=best)


def only_one(where: Division, run: Sequence[Mention], text: str, atlas: Atlas, home: Division | None) -> Located:
    """The one division that a run speaks for, and its town; nothing where it may be no place, or its names quarrel."""
    apart = next((m for m in run if not any(d.meets(where) for d in m.meant)), None)
    if apart is not None:
        kept = next(m for m in run if any(d.meets(where) for d in m.meant))
        return Located(where, against=(kept, apart) if kept.start < apart.start else (apart, kept))
    town = narrowed(where, run[-1].end, text, atlas)
    if town is where and is_word(where, run, text) and not (home and where.within(city_of(home, atlas))):
        return by_town(text, atlas, home)
    return Located(town)


def mentions(text: str, atlas: Atlas) -> Iterator[Mention]:
    """The names of provinces, cities and districts in a text, the longest at each place, but those of roads."""
    position = 0
    while position < len(text) - 1:
        name = next(
            (n for n in atlas.starts.get(text[position : position + 2], ()) if text.startswith(n, position)), ""
        )
        if not name:
            position += 1
            continue
        mention = Mention(position, position + len(name), name, readings(name, atlas))
        position = mention.end
        if not (ROAD.match(text, position) and not mention.full) and not MARKET.match(text, position - 1):
            yield mention


def readings(name: str, atlas: Atlas) -> tuple[Division, ...]:
    """What a name may mean; a name without its kind means a city rather than a district of another, or than the county
    around it (伊宁)."""
    meant = atlas.names[name]
    towered = {d.code[:-2] for d in meant if name == d.short and d.name == name + "市"}
    meant = tuple(d for d in meant if d.name == name + "市" or d.name != name + "县" or d.code[:-2] not in towered)
    widest = min(d.level for d in meant)
    if widest is Level.CITY and all(name == d.short for d in meant):
        return tuple(d for d in meant if d.level is Level.CITY or any(d.within(e) for e in meant if e is not d))
    return meant


def first_run(found: Iterable[Mention]) -> list[Mention]:
    """The mentions that stand side by side from the first one on, as far as they say where something is.

    Behind a district only what lies in it still does: the rest are names of towns, roads and firms (九江 in
    双流区九江街道); but for another district of the same city (都匀市独山县), which is meant then.
    """
    run: list[Mention] = []
    for mention in found:
        if run and mention.start - run[-1].end > 1:
            break
        if run and not any(d.meets(e) for d in mention.meant for e in run[-1].meant):
            if mention.full and any(same_city(d, e) for d in mention.meant for e in run[-1].meant):
                run.pop()
            elif not widely(run[-1]) or not (mention.full or widely(mention)):
                break
        run.append(mention)
    return run


def widely(mention: Mention) -> bool:
    """Whether words may mean a city or province."""
    return any(d.level <= Level.CITY for d in mention.meant)


def same_city(one: Division, other: Division) -> bool:
    """Whether both are districts of one city."""
    return one.level is other.level is Level.DISTRICT and one.code[: Level.CITY] == other.code[: Level.CITY]


def supported(run: Sequence[Mention]) -> tuple[Division, ...]:
    """The divisions that most mentions of a run speak for; of one and another that lies in it, the wider."""
    alone = len(run) == 1
    candidates = dict.fromkeys(d for m in run for d in m.meant if not (alone and says_nothing(d)))
    support = {d: sum(any(d.within(e) for e in m.meant) for m in run) for d in candidates}
    most = max(support.values(), default=0)
    best = [d for d in candidates if support[d] == most]
    return tuple(d for d in best if not any(d is not e and d.within(e) for e in best))


def says_nothing(division: Division) -> bool:
    """Whether a district's name means it only beside that of its city: 东区, 郊区, those of Taiwan."""
    everyday = len(division.name) <= EVERYDAY and division.name.endswith("区")
    return division.level is Level.DISTRICT and (everyday or division.beyond)


def same_mention(best: Iterable[Division], run: Sequence[Mention]) -> bool:
    """Whether divisions are readings of the same words."""
    return any(all(d in m.meant for d in best) for m in run)


def disagreeing(run: Sequence[Mention]) -> tuple[Mention, Mention] | None:
    """The first two neighbours of a run that cannot both be right."""
    return next(((a, b) for a, b in pairwise(run) if not any(d.meets(e) for d in a.meant for e in b.meant)), None)


def at_home(candidates: Sequence[Division], home: Division | None) -> Division | None:
    """The one candidate in the city, else in the province, of home."""
    for level in (Level.CITY, Level.PROVINCE):
        near = [d for d in candidates if home and d.code[:level] == home.code[:level]]
        if len(near) == 1:
            return near[0]
    return None


def city_of(division: Division, atlas: Atlas) -> Division:
    """The city that a division lies in, or the province where it has none."""
    return next((d for d in reversed(atlas.upward(division)) if d.level <= Level.CITY), division)


def is_word(where: Division, run: Sequence[Mention], text: str) -> bool:
    """Whether a short name stands alone before other words, where it may be no place (大观 in 大观园)."""
    alone = len(run) == 1 and not run[0].full
    return alone and where.level is Level.DISTRICT and where.name.endswith("区") and run[0].end < len(text.strip())


def narrowed(where: Division, position: int, text: str, atlas: Atlas) -> Division:
    """The town of a division that is named next, else the division."""
    gap = BETWEEN.match(text, position)
    start = gap.end() if gap else position
    named = [t for t in atlas.towns_beginning(where, text[start : start + 2]) if is_named(t, start, text)]
    longest = max((t for t in named), key=lambda t: (text.startswith(t.name, start), len(t.short)), default=None)
    return longest or where


def is_named(town: Division, start: int, text: str) -> bool:
    """Whether a town stands at a place of a text, and not a road of its name."""
    short = text.startswith(town.short, start) and not ROAD.search(text[start : start + len(town.short) + 2])
    return short or text.startswith(town.name, start)


def by_town(text: str, atlas: Atlas, home: Division | None) -> Located:
    """A town that is named at the beginning: by its full name, if there is but one, or one near home."""
    found = next((t for n in range(8, 2, -1) if (t := atlas.town_names.get(text[:n]))), ())
    if len(found) == 1:
        return Located(found[0])
    near = at_home(found, home) or (None if found else well_known_town(text, atlas, home))
    return Located(near, by_home=True) if near else Located(candidates=found)


def well_known_town(text: str, atlas: Atlas, home: Division | None) -> Division | None:
    """The town near home that a text begins with, without its kind, where few others are called so: 坂田, 樟木头."""
    for length in range(LONGEST_SHORT, 1, -1):
        found = atlas.town_shorts.get(text[:length], ())
        if (
            found
            and len(found) <= MOST_NAMESAKES
            and not ROAD.match(text, length)
            and not MARKET.match(text, length - 1)
        ):
            return at_home(found, home)
    return None
