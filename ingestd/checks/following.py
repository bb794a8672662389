"""Follow-ups: which duties of the desk begin and end by what happens to an order. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ingestd.checks.dispatch import PICKUP_KINDS, pickup_follow_ups
from ingestd.checks.house import House
from ingestd.domain.decision import FollowUpDraft
from ingestd.domain.order import Happening, OrderView


@dataclass(frozen=True, slots=True)
class Duties:
    """What a happening changes in the due table, each duty by its serial and name."""

    begin: tuple[FollowUpDraft, ...] = ()
    end: tuple[tuple[str, str], ...] = ()
    retimed: tuple[FollowUpDraft, ...] = ()  # due at another time now, where they still wait


def duties(happening: Happening, order: OrderView, dispatcher: str | None, at: datetime, house: House) -> Duties:
    """What begins and ends when this happens to an order that a dispatcher (by staff number) looks after.

    `order` is as it stands afterwards. `AMENDED` only times anew what counts from a deadline that was moved.
    """
    if happening is Happening.CONFIRMED and dispatcher:
        area = house.areas[order.area]
        return Duties(begin=pickup_follow_ups(order, area, house))
    if happening in (Happening.PICKED_UP, Happening.CANCELLED):
        return Duties(end=tuple((order.serial, kind) for kind in PICKUP_KINDS))
    return Duties()
