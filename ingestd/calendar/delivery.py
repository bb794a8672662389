"""stub until the follow-ups land"""

from __future__ import annotations

from datetime import datetime

from ingestd.domain.reading import OrderReading


def delivery_deadline(
    picked_up_at: datetime, content: OrderReading, days: int | None, rules: object
) -> datetime | None:
    return content.deliver_by
