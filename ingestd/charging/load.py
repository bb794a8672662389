"""How much there is to carry, as far as an order says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from ingestd.domain.reading import CargoLine


@dataclass(frozen=True, slots=True)
class Load:
    """Totals of an order's goods; None where not every line has the figure."""

    kg: Decimal | None = None
    m3: Decimal | None = None

    @property
    def weighed(self) -> bool:
        """Whether there is anything to charge by."""
        return self.kg is not None or self.m3 is not None


def load_of(cargo: Iterable[CargoLine]) -> Load:
    """The totals of some goods."""
    lines = tuple(cargo)
    return Load(total([line.weight_kg for line in lines]), total([line.volume_m3 for line in lines]))


def total(figures: list[Decimal | None]) -> Decimal | None:
    """The sum of figures that are all there."""
    known = [figure for figure in figures if figure is not None]
    return sum(known, Decimal(0)) if known and len(known) == len(figures) else None
