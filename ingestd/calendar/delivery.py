"""When goods are to be delivered at the latest (domain.md §6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ingestd.domain.reading import OrderReading

MIDNIGHT = time.min


@dataclass(frozen=True, slots=True)
class DeliveryRules:
    """The time of day by which goods are there, and the site's zone."""

    by: time
    zone: ZoneInfo


def delivery_deadline(
    picked_up_at: datetime, content: OrderReading, days_most: int | None, rules: DeliveryRules
) -> datetime | None:
    """The latest delivery in UTC: the customer's own, else so many days on the way after the day of the pickup.

    A customer's day without a time of day means until `by`. None where neither he nor the tariff (`days_most` of the
    quote) says anything.
    """
    own = content.deliver_by.astimezone(rules.zone) if content.deliver_by else None
    if own is not None:
        return (datetime.combine(own, rules.by, rules.zone) if own.time() == MIDNIGHT else own).astimezone(UTC)
    if days_most is None:
        return None
    day = picked_up_at.astimezone(rules.zone).date() + timedelta(days=days_most)
    return datetime.combine(day, rules.by, rules.zone).astimezone(UTC)
