"""Goods: a stream of names and figures folded into lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from ingestd.domain.reading import CargoLine
from ingestd.parsing.items import Kind
from ingestd.parsing.measures import VOLUME_PLACES, Figure

TOLERANCE = Decimal("0.02")  # between a total and pieces times one
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


@dataclass(frozen=True, slots=True)
class Cargo:
    """The lines and the fields in doubt: field → problem by name of the contract."""

    lines: tuple[CargoLine, ...]
    ambiguous: frozenset[str] = frozenset()


def fold(events: Sequence[Event]) -> Cargo:
    """The cargo of one order from everything said about goods, in order."""
    lines = gather(events)
    doubts: set[str] = set()
    lines, common = without_totals(lines)
    done = [resolve(line, doubts) for line in lines]
    return Cargo(tuple(with_common(done, common, doubts)), frozenset(doubts))


def gather(events: Sequence[Event]) -> list[Line]:
    """Lines of names with their figures."""
    lines = [Line()]
    for index, event in enumerate(events):
        line = lines[-1]
        if isinstance(event.value, str):
            known = next((x for x in lines if event.value in x.names), None)
            if known is not None and known.figures():
                lines.remove(known)
                lines.append(known)
                continue
            later = any(e.kind is Kind.COUNT for e in events[index + 1 :])
            if line.names and line.counts and later:
                lines.append(Line(names=[event.value]))
            elif line.names and not line.figures() and (event.value in line.names[-1] or line.names[-1] in event.value):
                line.names[-1] = event.value
            elif not line.names or not line.figures():
                line.names.append(event.value)
        else:
            add_figure(lines, event, event.value)
    return [line for line in lines if line.names or line.figures()]


def add_figure(lines: list[Line], event: Event, figure: Figure) -> None:
    """Put a figure to the line it belongs to."""
    line = lines[-1]
    if event.kind is Kind.COUNT:
        line.counts.append(figure)
    elif event.kind is Kind.WEIGHT:
        line.weights.append(figure)
    else:
        line.volumes.append((figure, event.dimensions))


def without_totals(lines: list[Line]) -> tuple[list[Line], Line]:
    """Lines of goods, and the figures that are said of all of them together."""
    common = Line()
    if len(lines) < 2:
        return lines, common
    for line in lines:
        for own, total in ((line.weights, common.weights), (line.counts, common.counts)):
            marked = [f for f in own if f.total]
            if marked and (len(own) > 1 or line is lines[-1]) and all(len(x.counts) for x in lines):
                total.extend(marked)
                own[:] = [f for f in own if not f.total] if own is line.weights or len(own) > len(marked) else own
        shared = [v for v in line.volumes if v[0].total]
        if shared and line is lines[-1] and not any(x.volumes for x in lines[:-1]):
            common.volumes.extend(shared)
            line.volumes = [v for v in line.volumes if not v[0].total]
    return lines, common


def resolve(line: Line, doubts: set[str]) -> CargoLine:
    """One line with its figures settled."""
    count = pick_count(line.counts, doubts)
    quantity = count.amount if count else None
    weight = total_of(line.weights, quantity, "cargo.weight_kg", doubts)
    stated = total_of([f for f, sides in line.volumes if not sides], quantity, "cargo.weight_kg", doubts)
    computed = [f.amount * (quantity or 1) for f, sides in line.volumes if sides and f.amount is not None]
    volume = agreed(stated, computed, doubts)
    name = "、".join(line.names) or None
    return CargoLine(name, quantity, (count.unit or None) if count else None, weight, rounded(volume))


def pick_count(counts: list[Figure], doubts: set[str]) -> Figure | None:
    """The count that is handed over: what is said to count, else pallets, else packages, else pieces."""
    if not counts:
        return None
    settled = [c for c in counts if c.settled]
    for group in (settled[-1:], *([c for c in counts if c.sort == sort] for sort in ("pallet", "package", "piece"))):
        if group:
            if len({c.amount for c in group}) > 1 or group[0].amount is None:
                doubts.add("cargo.quantity")
                return Figure(None, group[0].unit, group[0].sort)
            return group[0]
    return None


def total_of(figures: list[Figure], quantity: Decimal | None, name: str, doubts: set[str]) -> Decimal | None:
    """The one total that the figures of a line mean; None and a doubt where they contradict each other."""
    figures = chosen(figures)
    if any(f.amount is None for f in figures):
        doubts.add(name)
        return None
    totals = [f.amount for f in figures if f.per is None and f.amount is not None]
    each = [f.amount * quantity for f in figures if f.per is not None and f.amount is not None and quantity]
    if any(f.per is not None for f in figures) and quantity is None and not totals:
        doubts.add(name)
    values = [*totals, *each]
    if values and all(close(v, values[0], TOLERANCE) for v in values):
        return totals[0] if totals else each[0]
    if values:
        doubts.add(name)
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


def agreed(stated: Decimal | None, computed: list[Decimal], doubts: set[str]) -> Decimal | None:
    """The volume stated, unless the dimensions contradict it; without one the dimensions'."""
    if stated is None:
        return sum(computed, Decimal(0)) if computed else None
    if computed and not close(sum(computed, Decimal(0)), stated, ROUNDED):
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
    return done
