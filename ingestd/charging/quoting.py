"""The freight and the transit time to a place by the site's tariff."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

from ingestd.charging.fees import WHOLE_YUAN
from ingestd.charging.load import Load
from ingestd.charging.scope import Spot
from ingestd.config.trade import Lane
from ingestd.domain.answer import Offer
from ingestd.domain.assessment import Basis, Quote


def lane_to(spot: Spot, lanes: Iterable[Lane]) -> tuple[Lane, str] | None:
    """The lane of the narrowest place that holds a spot, with that place; None where the tariff has none."""
    held = [(lane, place) for lane in lanes if (place := spot.reached(lane.to))]
    return max(held, key=lambda pair: spot.depth(pair[1]), default=None)


def quote(spot: Spot, load: Load, lanes: Iterable[Lane]) -> Quote | None:
    """What it costs and takes to carry a load to a spot: the greatest of weight, volume and minimum counts."""
    found = lane_to(spot, lanes)
    if found is None:
        return None
    lane, place = found
    freight, basis = freight_of(lane, load) if load.weighed else (None, None)
    return Quote(place, freight, basis, lane.days, lane.days_most or lane.days)


def offer(to: str, spot: Spot, load: Load, lanes: Iterable[Lane]) -> Offer:
    """The tariff's whole word on a place."""
    held = tuple(lanes)
    found = lane_to(spot, held)
    if found is None:
        return Offer(to)
    lane, _ = found
    return Offer(to, quote(spot, load, held), lane.per_kg, lane.per_m3, lane.minimum)


def freight_of(lane: Lane, load: Load) -> tuple[Decimal, Basis]:
    """The freight of a load, and what it was counted by."""
    counted = {
        Basis.WEIGHT: lane.per_kg * (load.kg or 0),
        Basis.VOLUME: lane.per_m3 * (load.m3 or 0),
        Basis.MINIMUM: lane.minimum,
    }
    basis = max(counted, key=lambda b: counted[b])
    return counted[basis].quantize(WHOLE_YUAN, ROUND_HALF_UP), basis
