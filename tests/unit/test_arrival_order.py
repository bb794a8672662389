"""Which of two messages came first, as far as anybody can tell."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ingestd.domain.message import came_before

SECOND = datetime(2026, 3, 10, 2, 0, 5, tzinfo=UTC)  # as a mailbox tells it
WITHIN = SECOND + timedelta(microseconds=332_713)  # as the inlet does


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((SECOND, 12), (SECOND, 13)),  # of one mailbox
        ((SECOND, 13), (SECOND + timedelta(seconds=1), 12)),
        ((WITHIN, 0), (WITHIN + timedelta(microseconds=1), 0)),  # both by the inlet
        ((WITHIN, 0), (SECOND + timedelta(seconds=1), 12)),
        ((SECOND - timedelta(microseconds=1), 0), (SECOND, 12)),
    ],
)
def test_what_came_before_is_known(one: tuple[datetime, int], other: tuple[datetime, int]) -> None:
    assert came_before(one, other)
    assert not came_before(other, one)


@pytest.mark.parametrize("other", [(WITHIN, 0), (SECOND, 0), (SECOND, 12)])
def test_within_a_second_a_mailbox_and_the_inlet_tell_no_order(other: tuple[datetime, int]) -> None:
    assert not came_before((SECOND, 12), other)
    assert not came_before(other, (SECOND, 12))
