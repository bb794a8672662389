"""When an order was placed (domain.md §2): its mail's own Date where that is plausible, else the server's receipt."""

from __future__ import annotations

from datetime import datetime, timedelta

from ingestd.domain.order import OrderTime


def order_time(claimed_at: datetime | None, arrived_at: datetime, slack: timedelta) -> OrderTime:
    """The claim counts where it is not later than the receipt and at most `slack` before it."""
    if claimed_at is None:
        return OrderTime(arrived_at, "arrival", "no readable Date", None, arrived_at)
    if claimed_at > arrived_at:
        return OrderTime(arrived_at, "arrival", "Date is later than the receipt", claimed_at, arrived_at)
    if arrived_at - claimed_at > slack:
        return OrderTime(arrived_at, "arrival", "Date is too long before the receipt", claimed_at, arrived_at)
    return OrderTime(claimed_at, "claimed", "Date is plausible", claimed_at, arrived_at)
