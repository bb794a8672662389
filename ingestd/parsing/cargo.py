"""Goods: a stream of names and figures folded into lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from itertools import zip_longest

from ingestd.domain.reading import CargoLine
from ingestd.parsing.figures import Figure
from ingestd.parsing.items import Kind
from ingestd.parsing.measures import VOLUME_PLACES

TOLERANCE = Decimal("0.02")  # between a total and pieces times one
EACH = "*"  # a unit that nobody counted
DENSEST = 5000  # kilograms in a cubic metre of packed goods
LIGHTEST, HEAVIEST = 20, 3000  # kilograms in a cubic metre that goods of all sorts have
ROUNDED = Decimal("0.08")  # between a volume stated and one computed from rounded sides


@dataclass(frozen=True, slots=True)
class Event:
    """One thing said about goods: a name or a figure."""

    kind: Kind  # WORDS for a name
    value: str | Figure
    dimensions: bool = False


@dataclass(slots=True)
class Line:
    """One kind of goods while it is gathered."""

    names: list[str] = field(default_factory=list)
    counts: list[Figure] = field(default_factory=list)
    weights: list[Figure] = field(default_factory=list)
    volumes: list[tuple[Figure, bool]] = field(default_factory=list)

    def figures(self) -> int:
        """How many figures the line has."""
        return len(self.counts) + len(self.weights) + len(self.volumes)

    def kinds(self) -> frozenset[Kind]:
        """The kinds of figures the line has."""
        own = ((Kind.COUNT, self.counts), (Kind.WEIGHT, self.weights), (Kind.VOLUME, self.volumes))
        return frozenset(kind for kind, figures in own if figures)


@dataclass(frozen=True, slots=True)
class Cargo:
    """The lines and the fields in doubt: field → problem by name of the contract."""

    lines: tuple[CargoLine, ...]
    ambiguous: frozenset[str] = frozenset()


def fold(events: Sequence[Event]) -> Cargo:
    """The cargo of one order from everything said about goods, in order."""
    lines = respectively(gather(events))
    doubts: set[str] = set()
    lines, common = without_totals(lines)
    done = [resolve(line, doubts) for line in lines]
    return Cargo(tuple(with_common(done, common, doubts)), frozenset(doubts))


def gather(events: Sequence[Event]) -> list[Line]:
    """Lines of names with their figures; what is said of a part of them is not told apart."""
    events = without_parts(events)
    lines = [Line()]
    named_late = count_first(events)
    for index, event in enumerate(events):
        line = lines[-1]
        if isinstance(event.value, str):
            put_name(event.value, lines, figures_behind(events, index))
        elif named_late and line.names and line.counts and event.kind is Kind.COUNT and name_behind(events, index):
            lines.append(Line(counts=[event.value]))
        else:
            add_figure(lines, event, event.value)
    return [line for line in lines if line.names or line.figures()]


def without_parts(events: Sequence[Event]) -> list[Event]:
    """The events without figures of a part of the goods that others count in all, and without the names of parts."""
    whole = {e.kind for e in events if isinstance(e.value, Figure) and not e.value.part}
    out: list[Event] = []
    for event, following in zip_longest(events, events[1:]):
        part = event.value if isinstance(event.value, Figure) else following.value if following else None
        if not (isinstance(part, Figure) and part.part and part_kind(event, following) in whole):
            out.append(event)
    return out


def part_kind(event: Event, following: Event | None) -> Kind:
    """The kind of figure that an event is or announces."""
    return event.kind if isinstance(event.value, Figure) or following is None else following.kind


def count_first(events: Sequence[Event]) -> bool:
    """Whether the goods are named behind their counts: twenty boxes of this, ten boxes of that."""
    return len(events) > 1 and events[0].kind is Kind.COUNT and name_behind(events, 0)


def name_behind(events: Sequence[Event], index: int) -> bool:
    """Whether a name follows a count at once."""
    return index + 1 < len(events) and isinstance(events[index + 1].value, str)


def figures_behind(events: Sequence[Event], index: int) -> frozenset[Kind]:
    """The kinds of figures that follow a name before the next one; per piece and totals count, too."""
    kinds: set[Kind] = set()
    for event in events[index + 1 :]:
        if isinstance(event.value, str):
            break
        kinds.add(event.kind)
    return frozenset(kinds)


def put_name(name: str, lines: list[Line], behind: frozenset[Kind]) -> None:
    """A name opens a line of its own where figures of its own follow."""
    line = lines[-1]
    known = next((x for x in lines if name in x.names), None)
    if known is not None and known.figures():
        lines.remove(known)
        lines.append(known)
    elif line.names and line.figures() and (behind & line.kinds()):
        lines.append(Line(names=[name]))
    elif line.names and not line.figures() and (name in line.names[-1] or line.names[-1] in name):
        line.names[-1] = name
    elif not line.names or not line.figures():
        line.names.append(name)


def add_figure(lines: list[Line], event: Event, figure: Figure) -> None:
    """Put a figure to the line it belongs to; one that is taken back goes nowhere."""
    line = lines[-1]
    if figure.withdrawn:
        return
    if figure.corrects:
        take_back(lines, event)
    if event.kind is Kind.COUNT:
        line.counts.append(figure)
    elif event.kind is Kind.WEIGHT:
        line.weights.append(figure)
    else:
        line.volumes.append((figure, event.dimensions))


def take_back(lines: list[Line], event: Event) -> None:
    """Remove the figure that a correction takes the place of: the last of its kind."""
    for line in reversed(lines):
        own = line.counts if event.kind is Kind.COUNT else line.weights
        if event.kind is Kind.VOLUME:
            stated = [v for v in line.volumes if not v[1]]
            if stated:
                line.volumes.remove(stated[-1])
                return
        elif own:
            own.pop()
            return


def respectively(lines: list[Line]) -> list[Line]:
    """Lines of which the last has as many weights or volumes as there are lines, and the others none: one for each."""
    if len(lines) < 2 or not all(line.counts for line in lines):
        return lines
    last, others = lines[-1], lines[:-1]
    if not any(x.volumes for x in others) and is_row([f for f, _ in last.volumes], len(lines)):
        for line, volume in zip(lines, last.volumes[:], strict=True):
            line.volumes = [volume]
    if not any(x.weights for x in others) and is_row(last.weights, len(lines)):
        for line, weight in zip(lines, last.weights[:], strict=True):
            line.weights = [weight]
    return lines


def is_row(figures: Sequence[Figure], count: int) -> bool:
    """Whether figures are as many as lines, each a plain amount of its own."""
    plain = all(f.per is None and not f.total and f.gross is None and f.amount is not None for f in figures)
    return plain and len(figures) == count and len({f.amount for f in figures}) == count


def without_totals(lines: list[Line]) -> tuple[list[Line], Line]:
    """Lines of goods, and the figures that are said of all of them together."""
    common = Line()
    if len(lines) < 2:
        return lines, common
    last, others = lines[-1], lines[:-1]
    for own, theirs, total in (
        (last.counts, [x.counts for x in others], common.counts),
        (last.weights, [x.weights for x in others], common.weights),
    ):
        marked = [f for f in own if f.total and not (own is last.weights and is_own(f, last, others))]
        if marked and (len(own) > len(marked) or not own or all(x.counts for x in lines) or not any(theirs)):
            move(own, marked, total, keep=own is last.counts and len(own) == len(marked))
    shared = [v for v in last.volumes if v[0].total]
    if shared and (len(shared) < len(last.volumes) or not any(x.volumes for x in others)):
        common.volumes.extend(shared)
        last.volumes = [v for v in last.volumes if not v[0].total]
    lone = last.weights if all(x.counts for x in lines) and not any(x.weights for x in others) else []
    if lone and all(f.per is None for f in lone):
        move(last.weights, list(lone), common.weights, keep=False)
    return lines, common


def is_own(total: Figure, last: Line, others: list[Line]) -> bool:
    """Whether a total can only be the last line's own: it has no other weight, and those before weigh more."""
    before = [resolve(line, set()).weight_kg for line in others]
    weighed = [weight for weight in before if weight is not None]
    alone = len(last.weights) == 1 and len(weighed) == len(before) and total.amount is not None
    return alone and total.amount is not None and total.amount < sum(weighed)


def move(own: list[Figure], marked: list[Figure], total: list[Figure], *, keep: bool) -> None:
    """Figures of a line noted as common; `keep` leaves them in the line as well."""
    total.extend(marked)
    if not keep:
        own[:] = [f for f in own if f not in marked]


def resolve(line: Line, doubts: set[str]) -> CargoLine:
    """One line with its figures settled."""
    count = pick_count(line.counts, doubts)
    quantity = count.amount if count else None
    by_unit = units_of(line.counts, count)
    weight = total_of(line.weights, by_unit, doubts)
    stated = total_of([f for f, sides in line.volumes if not sides], by_unit, doubts)
    volume = agreed(stated, from_sides([f for f, sides in line.volumes if sides], quantity, doubts), doubts)
    if sized_each(line, weight, volume, quantity) and volume is not None and quantity is not None:
        volume *= quantity
    name = "、".join(line.names) or None
    unit = (count.unit or None) if count else None
    return CargoLine(name, quantity or None, unit, weight or None, rounded(volume) or None)  # nothing is no figure


def units_of(counts: list[Figure], handed: Figure | None) -> dict[str, Decimal]:
    """How many there are of each unit; packages counted in each other are multiplied.

    "Each" alone means what is handed over; so does a unit that nobody counted, unless pallets are handed over.
    """
    known = {c.unit: c.amount for c in counts if c.amount is not None and c.per is None}
    for count in counts:
        if count.per in known and count.amount is not None:
            known.setdefault(count.unit, count.amount * known[count.per])
    if handed is not None and handed.amount is not None:
        known[""] = handed.amount
        if handed.sort != "pallet":
            known[EACH] = handed.amount
    return known


def sized_each(line: Line, weight: Decimal | None, volume: Decimal | None, quantity: Decimal | None) -> bool:
    """Whether a volume beside a weight of each piece is one of each, too: in all it would be denser than metal."""
    if not (weight and volume and quantity) or any(f.per is not None or f.total for f, _ in line.volumes):
        return False
    alike = len(line.volumes) == 1 and bool(line.weights) and all(f.per is not None for f in line.weights)
    return alike and weight / volume > DENSEST and LIGHTEST < weight / (volume * quantity) < HEAVIEST


def from_sides(figures: list[Figure], quantity: Decimal | None, doubts: set[str]) -> Decimal | None:
    """The volume that the sides give: of each piece where one set of sides is said, else of as many as are said."""
    amounts = [f.amount for f in figures if f.amount is not None]
    if not amounts:
        return None
    told = [f.per is None for f in figures]
    if all(told) or (len(figures) > 1 and quantity == len(figures) and not any(told)):
        return sum(amounts, Decimal(0))
    if len(set(amounts)) > 1 or any(told):
        doubts.add("cargo.weight_kg")
        return None
    return amounts[0] * (quantity or 1)


def pick_count(counts: list[Figure], doubts: set[str]) -> Figure | None:
    """The count that is handed over: what is said to count, else pallets, else packages, else pieces."""
    counts = [c for c in counts if c.per is None] or [c for c in counts if c.per == ""]
    counts = [c for c in counts if not (c.lone and any(o.unit == c.unit and not o.lone for o in counts))]
    settled = [c for c in counts if c.settled]
    if not settled and (whole := sum_of_others(counts)) is not None:
        return whole
    for group in (settled[-1:], *([c for c in counts if c.sort == sort] for sort in ("pallet", "package", "piece"))):
        if not group:
            continue
        if any(c.amount is None for c in group):
            doubts.add("cargo.quantity")
            return Figure(None, group[0].unit, group[0].sort)
        if len({c.amount for c in group}) == 1:
            return next((c for c in group if c.total), group[0])
        if (whole := sum_of_others(group)) is not None:
            return whole
        doubts.add("cargo.quantity")
        return Figure(None, group[0].unit, group[0].sort)
    return None


def sum_of_others(group: list[Figure]) -> Figure | None:
    """The count that is the sum of all others beside it."""
    if len(group) < 3 or any(c.amount is None for c in group):
        return None
    total = sum((c.amount for c in group if c.amount is not None), Decimal(0))
    return next((c for c in group if c.amount is not None and c.amount * 2 == total), None)


def total_of(figures: list[Figure], by_unit: dict[str, Decimal], doubts: set[str]) -> Decimal | None:
    """The one total that the figures of a line mean; None and a doubt where they contradict each other."""
    figures = chosen(figures)
    if any(f.amount is None for f in figures):
        doubts.add("cargo.weight_kg")
        return None
    totals = [f.amount for f in figures if f.per is None and f.amount is not None]
    single = [f for f in figures if f.per is not None]
    times = [(f.amount, by_unit.get(f.per or "", by_unit.get(EACH if f.per else ""))) for f in single]
    each = [amount * n for amount, n in times if amount is not None and n]
    if single and not each and not totals:
        doubts.add("cargo.weight_kg")
    values = [*totals, *each]
    if values and all(close(v, values[0], TOLERANCE) for v in values):
        return totals[0] if totals else each[0]
    if values:
        doubts.add("cargo.weight_kg")
    return None


def chosen(figures: list[Figure]) -> list[Figure]:
    """The figures that count: gross before net, what is said to count before all."""
    settled = [f for f in figures if f.settled]
    if settled and len(figures) > 1:
        return settled[-1:]
    gross = [f for f in figures if f.gross]
    if gross and any(f.gross is False for f in figures):
        return gross
    return [f for f in figures if f.gross is not False] or figures


def agreed(stated: Decimal | None, computed: Decimal | None, doubts: set[str]) -> Decimal | None:
    """The volume stated, unless the dimensions contradict it; without one the dimensions'."""
    if stated is None or computed is None:
        return computed if stated is None else stated
    if not close(computed, stated, ROUNDED):
        doubts.add("cargo.weight_kg")
        return None
    return stated


def close(a: Decimal, b: Decimal, tolerance: Decimal) -> bool:
    """Whether two figures mean the same."""
    return abs(a - b) <= tolerance * max(abs(a), abs(b))


def rounded(volume: Decimal | None) -> Decimal | None:
    """A volume to the contract's three places."""
    return None if volume is None else volume.quantize(VOLUME_PLACES, ROUND_HALF_UP).normalize() + 0


def with_common(done: list[CargoLine], common: Line, doubts: set[str]) -> list[CargoLine]:
    """Lines checked against common totals; a common weight that cannot be split is a doubt."""
    if len(done) < 2:
        return done
    total = next((f.amount for f in common.weights if f.amount is not None), None)
    own = [line.weight_kg for line in done]
    if total is not None and not (all(own) and close(sum((w for w in own if w), Decimal(0)), total, TOLERANCE)):
        doubts.add("cargo.weight_kg")
        return [CargoLine(c.name, c.quantity, c.unit, None, c.volume_m3) for c in done]
    if common.volumes and not any(own) and not any(line.volume_m3 for line in done):
        doubts.add("cargo.weight_kg")
    return done
