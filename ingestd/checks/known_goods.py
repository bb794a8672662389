"""The site's names of goods, found in the names that shippers write: the longest at each place, harmless ones too."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from ingestd.config.tables import Tables
from ingestd.config.trade import Goods

SHORTEST_PART = 2  # signs of a name that counts as a part of another; 钾 is one, 钾肥 is not it
BETWEEN = re.compile("[、，,；;]")  # goods of one line; not a blank: 打火机 外壳 is one thing
LETTER = "[a-z0-9]"
PACKED = "(?!装)"  # 打火机盒装: in boxes, not boxes


@dataclass(frozen=True)
class KnownGoods:
    """The names of some goods, and of others that hold one of them and are none: 打火机盒."""

    goods: tuple[Goods, ...]
    harmless: tuple[str, ...]

    @cached_property
    def kinds(self) -> dict[str, Goods]:
        """Whose each name is, sure or doubtful."""
        return {plainly(name): goods for goods in self.goods for name in (*goods.names, *goods.doubtful)}

    @cached_property
    def sure(self) -> frozenset[str]:
        """The names that leave no doubt."""
        return frozenset(plainly(name) for goods in self.goods for name in goods.names)

    @cached_property
    def marks(self) -> tuple[tuple[re.Pattern[str], Goods], ...]:
        """What goods without a name are known by."""
        return tuple((re.compile(mark), goods) for goods in self.goods for mark in goods.marks)

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Any of the names, the longest first; those in Latin letters as whole words."""
        names = {name: bounded(name) for name in self.kinds if len(name) >= SHORTEST_PART}
        names |= {name: bounded(name) + PACKED for name in self.spared}
        return re.compile("|".join(names[name] for name in sorted(names, key=len, reverse=True)) or "(?!)")

    def parts(self, plain: str) -> Iterator[tuple[str, Goods]]:
        """The goods whose names stand in one, each where no longer name holds it; harmless names are passed over."""
        for name in map(str.strip, BETWEEN.split(plain)):
            named = [name] if name in self.kinds else [found.group() for found in self.pattern.finditer(name)]
            yield from ((part, self.kinds[part]) for part in named if part in self.kinds and part not in self.spared)
        for mark, goods in self.marks:
            yield from ((found.group(), goods) for found in mark.finditer(plain))

    def itself(self, plain: str) -> Iterator[tuple[str, Goods]]:
        """The goods of a line that are surely these, by their whole name."""
        yield from ((name, self.kinds[name]) for name in map(str.strip, BETWEEN.split(plain)) if name in self.sure)

    @cached_property
    def spared(self) -> frozenset[str]:
        """The harmless names as compared."""
        return frozenset(map(plainly, self.harmless))


def prohibited_of(tables: Tables) -> KnownGoods:
    """What must not be carried."""
    return KnownGoods(tables.prohibited, tables.harmless)


def sensitive_of(tables: Tables) -> KnownGoods:
    """What a person or the driver looks at."""
    return KnownGoods(tables.sensitive, tables.harmless)


def plainly(name: str) -> str:
    """A name as it is compared: without forms, case and the blanks of one that is spaced out (打 火 机)."""
    words = unicodedata.normalize("NFKC", name).lower().split()
    return ("" if all(len(word) == 1 for word in words) else " ").join(words)


def bounded(name: str) -> str:
    """A name as a pattern; letters of the Latin alphabet at its ends are no part of a longer word."""
    before = f"(?<!{LETTER})" if name[0].isascii() else ""
    behind = f"(?!{LETTER})" if name[-1].isascii() else ""
    return before + re.escape(name) + behind


def distinct(found: Iterable[tuple[str, Goods]]) -> Iterator[tuple[str, Goods]]:
    """Each kind of goods once, by the longest of its names that was found."""
    by_kind: dict[str, tuple[str, Goods]] = {}
    for name, goods in found:
        if goods.kind not in by_kind or len(name) > len(by_kind[goods.kind][0]):
            by_kind[goods.kind] = (name, goods)
    yield from by_kind.values()
