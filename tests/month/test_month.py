"""Simulated months: every deadline, chase and escalation in its time, none twice, none for what is over."""

from __future__ import annotations

import pytest

from tests.month.play import ORDERS, Month, play

SOME = 110  # orders


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    "seed",  # both calendars with standstills; those without for `make long`
    [2, 3, *(pytest.param(seed, marks=pytest.mark.long) for seed in (0, 1))],
)
def test_a_month_gives_no_cause_for_complaint(seed: int) -> None:
    played = play(Month(seed, orders=SOME))
    assert [str(one) for one in played.verdict.complaints] == []
    assert played.verdict.escalations > 50


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", range(4, 8))
def test_a_full_month_gives_no_cause_for_complaint(seed: int) -> None:
    played = play(Month(seed, ORDERS))
    assert [str(one) for one in played.verdict.complaints] == []
    assert played.verdict.orders > ORDERS * 0.95
