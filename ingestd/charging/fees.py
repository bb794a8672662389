"""Extra charges of an order by its places, weight and manner of delivery (domain.md §3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import ROUND_HALF_UP, Decimal

from ingestd.charging.load import Load
from ingestd.charging.scope import Spot
from ingestd.config.trade import Fee
from ingestd.domain.assessment import Due
from ingestd.domain.reading import Delivery

WHOLE_YUAN = Decimal(1)


def fees_due(fees: Iterable[Fee], spot: Spot, load: Load, manner: Delivery | None) -> Iterator[Due]:
    """The fees that a pickup or delivery at a spot costs; of several of one name the one for the narrowest place."""
    narrowest: dict[str, tuple[int, Fee, str]] = {}
    for fee in fees:
        place = spot.reached(fee.places)
        if place is None or not concerns(fee, load, manner):
            continue
        depth = spot.depth(place)
        if fee.name not in narrowest or depth > narrowest[fee.name][0]:
            narrowest[fee.name] = (depth, fee, place)
    for _, fee, place in narrowest.values():
        yield Due(fee.name, amount_of(fee, load), place or (manner.value if manner and fee.manners else ""))


def concerns(fee: Fee, load: Load, manner: Delivery | None) -> bool:
    """Whether a fee is for this manner of delivery and so heavy a load."""
    if fee.manners and manner not in fee.manners:
        return False
    return not fee.above_kg or (load.kg is not None and load.kg > fee.above_kg)


def amount_of(fee: Fee, load: Load) -> Decimal:
    """The yuan of a fee for a load, whole; what a load does not say costs nothing."""
    exact = fee.amount + fee.per_kg * (load.kg or 0) + fee.per_m3 * (load.m3 or 0)
    return max(exact, fee.minimum).quantize(WHOLE_YUAN, ROUND_HALF_UP)
