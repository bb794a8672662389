"""All divisions of the country by their names, loaded once from `config/places/`."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property
from pathlib import Path

PEOPLES = (
    "壮族|回族|维吾尔|藏族|苗族|彝族|侗族|土家族|布依族|朝鲜族|满族|白族|傣族|哈尼族|瑶族|黎族|傈僳族|景颇族|蒙古族?"
    "|哈萨克族?|柯尔克孜|羌族|仡佬族|水族|土族|撒拉族|保安族|东乡族|裕固族|畲族|毛南族|仫佬族|佤族|拉祜族|纳西族|独龙族"
    "|怒族|普米族|布朗族|锡伯族?|达斡尔族?|塔吉克|各族|鄂温克族?|鄂伦春|俄罗斯族"
)
SELF_GOVERNED = re.compile(f"(?:{PEOPLES})+(?:自治)?[区州县旗]$|自治[区州县旗]$|特别行政区$")
SUFFIX = re.compile("(?:(?<=..)(?:地区|林区|特区|新区|矿区|街道|苏木)|[省市县区盟旗镇乡])$")
BEYOND = ("71", "81", "82")
LEAST_SHORT = 2  # signs that a short name has at least


class Level(IntEnum):
    """How far down a division lies; the number is the length of its code."""

    PROVINCE = 2
    CITY = 4
    DISTRICT = 6
    TOWN = 9


@dataclass(frozen=True, slots=True)
class Division:
    """A province, city, district or town; its code begins with those that it lies in."""

    code: str
    name: str
    latin: str = ""  # the short name as one word in Latin letters

    @property
    def level(self) -> Level:
        return Level(len(self.code))

    @property
    def short(self) -> str:
        """The name as it is said, without what kind of division it is: 深圳, 恩施, 容桂."""
        plain = SELF_GOVERNED.sub("", self.name)
        bare = SUFFIX.sub("", plain) if plain == self.name else plain
        return bare if len(bare) >= LEAST_SHORT else self.name

    @property
    def names(self) -> tuple[str, ...]:
        """What it is called: by its full name, in short, and in short with its kind (管城区 for 管城回族区)."""
        short = self.short
        return tuple(dict.fromkeys((self.name, short, short + self.name[-1] if self.name != short else short)))

    @property
    def beyond(self) -> bool:
        """Whether it lies in Hong Kong, Macau or Taiwan, whose districts share many names with others."""
        return self.code[: Level.PROVINCE] in BEYOND

    def within(self, other: Division) -> bool:
        """Whether this is the other one or lies in it."""
        return self.code.startswith(other.code)

    def meets(self, other: Division) -> bool:
        """Whether one of both lies in the other."""
        return self.within(other) or other.within(self)


@dataclass(frozen=True)
class Atlas:
    """Every division by its code, what else they are called, and the towns of each district."""

    divisions: Mapping[str, Division]  # provinces, cities and districts
    written: Mapping[str, str]  # the names of its towns, by the code of their district
    called: Mapping[str, tuple[Division, ...]]  # other names: nicknames, names of old
    simple: Mapping[int, int] = field(default_factory=dict)  # traditional characters as simplified ones
    towns_begun: dict[str, dict[str, list[Division]]] = field(default_factory=dict, compare=False, repr=False)

    def simplified(self, text: str) -> str:
        """A text in the characters that the names are written in."""
        return text if text.isascii() else text.translate(self.simple)

    @cached_property
    def names(self) -> dict[str, tuple[Division, ...]]:
        """Whom each name means, full, short or other; towns are looked for in their districts only."""
        found: dict[str, list[Division]] = defaultdict(list)
        for division in self.divisions.values():
            for name in division.names:
                found[name].append(division)
        for name, divisions in self.called.items():
            found[name] += divisions
        return {name: tuple(divisions) for name, divisions in found.items()}

    @cached_property
    def starts(self) -> dict[str, tuple[str, ...]]:
        """The names that begin with two signs, the longest first."""
        found: dict[str, list[str]] = defaultdict(list)
        for name in self.names:
            found[name[:2]].append(name)
        return {start: tuple(sorted(names, key=len, reverse=True)) for start, names in found.items()}

    @cached_property
    def latin(self) -> dict[str, tuple[Division, ...]]:
        """Whom each name in Latin letters means, a city rather than a district; an other name is the only one meant."""
        found: dict[str, list[Division]] = defaultdict(list)
        for division in self.divisions.values():
            if not division.beyond or division.level is not Level.DISTRICT:
                found[division.latin].append(division)
        plain = {name: widest(divisions) for name, divisions in found.items() if name}
        return plain | {name: called for name, called in self.called.items() if name.isascii()}

    @cached_property
    def town_names(self) -> dict[str, tuple[Division, ...]]:
        """All towns by their full names."""
        found: dict[str, list[Division]] = defaultdict(list)
        for code in self.written:
            for town in self.towns_of(code):
                found[town.name].append(town)
        return {name: tuple(towns) for name, towns in found.items()}

    @cached_property
    def town_shorts(self) -> dict[str, tuple[Division, ...]]:
        """All towns by their names without their kind."""
        found: dict[str, list[Division]] = defaultdict(list)
        for towns in self.town_names.values():
            for town in towns:
                found[town.short].append(town)
        return {name: tuple(towns) for name, towns in found.items()}

    def towns_beginning(self, division: Division, start: str) -> list[Division]:
        """The towns of a district or city whose names begin with two signs; kept once asked for."""
        if division.code not in self.towns_begun:
            found: dict[str, list[Division]] = defaultdict(list)
            for town in self.towns_in(division):
                found[town.name[:2]].append(town)
            self.towns_begun[division.code] = dict(found)
        return self.towns_begun[division.code].get(start, [])

    def towns_in(self, division: Division) -> Iterator[Division]:
        """The towns of a district, or of a whole city."""
        if division.level is Level.DISTRICT:
            yield from self.towns_of(division.code)
        elif division.level is Level.CITY:
            yield from (town for code in self.written if code.startswith(division.code) for town in self.towns_of(code))

    def towns_of(self, code: str) -> Iterator[Division]:
        """The towns of the district with a code."""
        for number, name in enumerate(self.written.get(code, "").split(), 1):
            yield Division(f"{code}{number:03}", name)

    def upward(self, division: Division) -> tuple[Division, ...]:
        """The divisions that one lies in, the widest first, and itself."""
        above = (self.divisions.get(division.code[:level]) for level in Level if level < len(division.code))
        return (*(d for d in above if d is not None), division)

    def spoken(self, division: Division) -> str:
        """A division with those above it, as it is written: 广东省深圳市宝安区."""
        chain = self.upward(division)
        return "".join(d.name for n, d in enumerate(chain) if n == 0 or d.name != chain[n - 1].name)


def widest(divisions: Sequence[Division]) -> tuple[Division, ...]:
    """The cities of some divisions, or all of them where there is none."""
    return tuple(d for d in divisions if d.level is Level.CITY) or tuple(divisions)


def load_atlas(folder: Path, traditional: tuple[str, str] = ("", "")) -> Atlas:
    """Read `divisions.csv` and `other_names.csv` of a folder; ValueError says what is wrong where.

    `traditional` are characters and what each is in simplified writing, in step.
    """
    divisions: dict[str, Division] = {}
    towns: dict[str, str] = {}
    for number, row in table(folder / "divisions.csv"):
        code, name = row["code"], row["name"]
        if not code.isdecimal() or len(code) not in (Level.PROVINCE, Level.CITY, Level.DISTRICT) or not name:
            raise ValueError(f"divisions.csv, line {number}: a code of 2, 4 or 6 digits and a name would be right")
        divisions[code] = Division(code, name, row["latin"])
        if row["towns"]:
            towns[code] = row["towns"]
    called: dict[str, list[Division]] = defaultdict(list)
    for number, row in table(folder / "other_names.csv"):
        if row["code"] not in divisions:
            raise ValueError(f"other_names.csv, line {number}: {row['code']} is no code of divisions.csv")
        called[row["name"]].append(divisions[row["code"]])
    twins = {code for code, d in divisions.items() if len(code) == Level.DISTRICT and same_as_city(d, divisions)}
    return Atlas(
        {code: d for code, d in divisions.items() if code not in twins},
        towns,
        {name: tuple(found) for name, found in called.items()},
        str.maketrans(*traditional),
    )


def same_as_city(division: Division, divisions: Mapping[str, Division]) -> bool:
    """Whether a district is its whole city, which has none: 东莞市, 中山市."""
    city = divisions.get(division.code[: Level.CITY])
    return city is not None and city.name == division.name


def table(path: Path) -> Iterable[tuple[int, dict[str, str]]]:
    """The rows of a table with their line numbers; lines that begin with # are remarks."""
    lines = path.read_text("utf-8").splitlines()
    kept = [(n, line) for n, line in enumerate(lines, 1) if line and not line.startswith("#")]
    reader = csv.DictReader(line for _, line in kept)
    return zip((n for n, _ in kept[1:]), reader, strict=True)
