"""A few random runs in the normal tests; `make chaos` plays as many as are wanted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.chaos.peers import OwnPeers
from tests.chaos.play import play
from tests.chaos.schedule import Kind, Strike, draw
from tests.servers.fixtures import present


@pytest.fixture(scope="module")
def peers() -> Iterator[OwnPeers]:
    """Servers that may be stopped and started without harm to other tests."""
    with OwnPeers() as own:
        present(lambda: own.dovecot)
        yield own


@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", [pytest.param(101, marks=pytest.mark.long), 104])  # 104 is on PostgreSQL
def test_a_random_run_gives_no_cause_for_complaint(seed: int, peers: OwnPeers) -> None:
    verdict = play(draw(seed), peers)
    assert verdict.complaints == (), verdict.folder


@pytest.mark.long
@pytest.mark.timeout(300)
@pytest.mark.parametrize("how", ["cut after", "cut behind dot"])
def test_a_wire_that_eats_mail_for_long_leaves_nothing_of_which_nobody_was_told(how: str, peers: OwnPeers) -> None:
    """Two attempts in doubt are the last: who is told of them phones, and repeats what did not come (seed 870280)."""
    eaten = Strike(0.5, Kind.RELAY_WIRE, 10.0, how, 6973)
    verdict = play(replace(draw(870280), starts=(), strikes=(eaten,)), peers)
    assert verdict.complaints == (), verdict.folder
