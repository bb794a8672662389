"""Orders told one after another: by numbered words, in bare blocks, by the towns that lines begin with, or in cycles.

A cycle is what each order of running text goes through: goods with their count, where they go, and whose number it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

from ingestd.parsing import gazetteer
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.items import Item, Kind
from ingestd.parsing.labels import Meaning
from ingestd.parsing.listings import COMMA, LINE_END, Stretch, grammar, stretches
from ingestd.parsing.wording import alternation

FEWEST = 2  # orders of a row
BLANK = re.compile(r"\n[ \t]{0,8}\n\s{0,80}")
LINE = re.compile(r"(?:^|\n)[ \t]{0,8}")
SIGNS = r"[ \t]{0,4}[-=*#~>]{0,6}[ \t]{0,3}[(\[]?"
ORIGIN = ("shipper", "pickup")
TOWARDS = Meaning("consignee", "place", False)


@lru_cache(maxsize=4)
def numbered_words(definitions: Definitions) -> re.Pattern[str]:
    """A word for an order or a customer with a number behind it, at the head of a line or phrase."""
    nouns, signs = alternation(definitions.of("numbered_nouns")), numerals(definitions)
    return re.compile(
        rf"(?:^|(?<=[\n,;。!?|])){SIGNS}(?P<noun>{nouns})[ :#]{{0,3}}(?P<number>\d{{1,2}}|[{signs}]|[a-e])"
        rf"(?:号|[)\].])?(?=[\s:,;|/\-\u3001]|$)"
    )


def numerals(definitions: Definitions) -> str:
    """The signs of the numbers up to ten."""
    return "".join(sign for sign, value in definitions.numerals if 0 < value <= 10)


def numbered(folded: str, definitions: Definitions) -> list[int]:
    """Where orders begin that a numbered word heads, counted from one on."""
    row: dict[str, list[int]] = {}
    for found in numbered_words(definitions).finditer(folded):
        starts = row.setdefault(found["noun"], [])
        if value_of(found["number"], definitions) == len(starts) + 1:
            starts.append(found.start())
    return max(row.values(), key=len, default=[])


def value_of(number: str, definitions: Definitions) -> int:
    """The number that a figure, a numeral or a letter counts."""
    if number.isdigit():
        return int(number)
    return int(dict(definitions.numerals).get(number, 0)) or ord(number) - ord("a") + 1


# --- blocks and lines -------------------------------------------------------------------------------------------------


def bare_blocks(folded: str, items: Sequence[Item]) -> list[int]:
    """Where blocks between blank lines begin that hold somebody's number and goods and no word of the sender."""
    cuts = [found.end() for found in BLANK.finditer(folded)]
    blocks = list(zip([0, *cuts], [*cuts, len(folded)], strict=True))
    whole = [bounds for bounds in blocks if is_bare_order([i for i in items if bounds[0] <= i.start < bounds[1]])]
    if len(whole) < FEWEST or whole[0] == blocks[0] or not names_sender([i for i in items if i.start < whole[0][0]]):
        return []
    return [start for start, _ in whole]


def is_bare_order(part: Sequence[Item]) -> bool:
    """Whether a block counts goods and dials somebody, whom no label of the sender announces."""
    kinds = {i.kind for i in part}
    return {Kind.PHONE, Kind.COUNT} <= kinds and not names_sender(part)


def names_sender(part: Sequence[Item]) -> bool:
    """Whether a label says who sends or from where."""
    return any(i.kind is Kind.LABEL and i.value.role in ORIGIN for i in part)


def town_lines(folded: str, items: Sequence[Item], definitions: Definitions) -> list[int]:
    """Where lines begin that say to which town each of several lots goes: to Chengdu, 20 boxes."""
    found: list[int] = []
    towns: set[str] = set()
    for stretch in stretches(folded, items, LINE_END):
        town = goes_first(folded, stretch, definitions)
        if town and any(i.kind is Kind.COUNT for i in stretch.items):
            found.append(stretch.start)
            towns.add(town)
    return found if len(towns) == len(found) >= FEWEST else []


def goes_first(folded: str, stretch: Stretch, definitions: Definitions) -> str:
    """The town that a line begins with, behind a word of going or before one for a lot; empty where there is none."""
    going = grammar(definitions).going.match(folded, stretch.start)
    start = going.end() if going else stretch.start
    end = gazetteer.end_of_places(folded, start, definitions)
    if end is None or end > stretch.end:
        return ""
    lot = lots(definitions).match(folded, end)
    return folded[start:end] if going or lot else ""


@lru_cache(maxsize=4)
def lots(definitions: Definitions) -> re.Pattern[str]:
    """Words for a lot of goods behind a town."""
    kinds = alternation(definitions.of("split_kinds"))
    return re.compile(rf"的?[这那一]?(?:{kinds})(?=[:,. ]|\u7684|$)")


def receives(part: Sequence[Item]) -> bool:
    """Whether a stretch names who receives, or where the goods go."""
    return any(i.kind is Kind.LABEL and i.value.role == "consignee" for i in part)


def with_town(part: list[Item], folded: str, definitions: Definitions) -> list[Item]:
    """An order whose first words are a town, by itself or as its heading: that is where it goes.

    A town by itself tells it only where nobody is named by a label.
    """
    first = next((i for i in part if i.kind is not Kind.BREAK), None)
    if first is None or first.kind is not Kind.WORDS or tells_place(part):
        return part
    end = gazetteer.end_of_places(folded, first.start, definitions)
    if end is None or end > first.end:
        return part
    lot = lots(definitions).match(folded, end)
    behind = lot.end() if lot else end
    headed = folded[behind : behind + 1] == ":"
    if not headed and (end < first.end or receives(part)):
        return part
    start = min(behind + headed, first.end)
    rest = [first._replace(start=start)] if start < first.end else []
    town = Item(Kind.LABEL, first.start, first.start, TOWARDS, "cue.consignee.place")
    return [town, first._replace(end=end), *rest, *(i for i in part if i is not first)]


def tells_place(part: Sequence[Item]) -> bool:
    """Whether a label in a stretch says where the goods go."""
    labels = [i.value for i in part if i.kind is Kind.LABEL]
    return any(m.town is not None or (m.role, m.slot) == ("consignee", "place") for m in labels)


# --- cycles -----------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Cycle:
    """What is told of one order, as far as it has been read."""

    start: int
    counts: set[tuple[object, str]] = field(default_factory=set)
    towns: list[str] = field(default_factory=list)
    phones: set[str] = field(default_factory=set)

    @property
    def whole(self) -> bool:
        """Whether goods, a town and a number have been told."""
        return bool(self.counts) and bool(self.towns) and bool(self.phones)


def cycles(folded: str, items: Sequence[Item], definitions: Definitions) -> list[int]:
    """Where the orders of running text begin: each counts goods, and then says where they go and whose number it is."""
    row: list[Cycle] = []
    for stretch in stretches(folded, items, COMMA):
        counted = [i.value for i in stretch.items if i.kind is Kind.COUNT and i.value.per is None]
        counts = {(figure.amount, figure.unit) for figure in counted}
        if counts and (not row or (row[-1].whole and not counts & row[-1].counts)):
            row.append(Cycle(stretch.start))
        if row:
            row[-1].counts |= counts
            row[-1].towns += towns_of(folded, stretch, definitions)
            row[-1].phones |= stretch.phones
    return [cycle.start for cycle in row] if are_orders(row) else []


def are_orders(row: Sequence[Cycle]) -> bool:
    """Whether cycles are whole, each with numbers of its own, and the first town of each is another one's."""
    if len(row) < FEWEST or not all(cycle.whole for cycle in row):
        return False
    if any(one.phones & other.phones for one, other in pairwise(row)):
        return False
    return len({cycle.towns[0] for cycle in row}) == len(row)


def towns_of(folded: str, stretch: Stretch, definitions: Definitions) -> Iterator[str]:
    """The towns to which a stretch says that something goes."""
    places = [found.end() for found in grammar(definitions).going.finditer(folded, stretch.start, stretch.end)]
    places += [i.end for i in stretch.items if i.kind is Kind.LABEL and i.value.slot == "place"]
    for start in sorted(set(places)):
        end = gazetteer.end_of_places(folded, start, definitions)
        if end is not None and end <= stretch.end:
            yield folded[start:end]
