"""When an order was placed: domain.md §2."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from ingestd.checks.order_time import order_time
from tests.unit.checks.cases import NOW

SLACK = timedelta(minutes=15)


@pytest.mark.parametrize(
    ("claimed", "at", "source"),
    [
        (None, NOW, "arrival"),
        (NOW, NOW, "claimed"),
        (NOW - timedelta(minutes=5), NOW - timedelta(minutes=5), "claimed"),
        (NOW - SLACK, NOW - SLACK, "claimed"),
        (NOW - SLACK - timedelta(seconds=1), NOW, "arrival"),
        (NOW + timedelta(seconds=1), NOW, "arrival"),
        (NOW - timedelta(days=365), NOW, "arrival"),
    ],
)
def test_the_claim_counts_where_it_is_plausible(claimed: datetime | None, at: datetime, source: str) -> None:
    found = order_time(claimed, NOW, SLACK)
    assert (found.at, found.source, found.claimed_at, found.arrived_at) == (at, source, claimed, NOW)
