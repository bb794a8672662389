"""The random runs can fail: builds that are broken on purpose are caught, and the honest one passes the same faults."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.chaos.peers import OwnPeers
from tests.chaos.play import play
from tests.chaos.schedule import ANOTHER, Act, Kind, Schedule, Step, Strike, Way
from tests.daemon.broken import BUILDS
from tests.servers.fixtures import present

ORDERS = tuple(
    Step(0.05 * number, Act.ORDER, number, way)
    for number, way in enumerate((*[Way.INLET] * 3, *[Way.MAILBOX] * 4, Way.TEXT, *[Way.MAILBOX] * 4))
)
LATER = (Step(3.1, Act.ORDER, 12, Way.MAILBOX), Step(0.9, Act.RESEND, 1, Way.INLET))
SAME_ID = Step(0.7, Act.SAME_ID, ANOTHER[Act.SAME_ID] + 3, Way.MAILBOX)


def directed(starts: tuple[str, ...], *strikes: Strike, put_away: bool = False) -> Schedule:
    """A short run with these faults and no others."""
    return Schedule(0, "sqlite", "scripted", put_away, starts, False, (*ORDERS, *LATER, SAME_ID), strikes)


KILLS = directed(("fetch.after_body:kill9", "out.after_rcpt@3:kill9"), put_away=True)
PEERS = directed(
    ("store.before_commit@3-14:enospc",),
    Strike(0.0, Kind.RELAY_DROPS, amount=3),
    Strike(2.8, Kind.KILL, 0.4),
    Strike(3.2, Kind.MARK_READ),
)
CAUGHT_BY = {
    "moves_before_commit": KILLS,
    "answers_before_commit": KILLS,
    "marks_before_sending": KILLS,
    "advances_past_a_failure": PEERS,
    "knows_mails_by_their_id": PEERS,
    "trusts_seen": PEERS,
    "repeats_blindly": PEERS,
}
SHOWN_BY = {
    "moves_before_commit": "stored 0 times",
    "answers_before_commit": "stored 0 times",
    "marks_before_sending": "accepted and at no sink",
    "advances_past_a_failure": "stored 0 times",
    "knows_mails_by_their_id": "stored 0 times",
    "trusts_seen": "stored 0 times",
    "repeats_blindly": "copies where 1 may be",
}


@pytest.fixture(scope="module")
def peers() -> Iterator[OwnPeers]:
    """Servers that may be stopped and started without harm to other tests."""
    with OwnPeers() as own:
        present(lambda: own.dovecot)
        yield own


def test_every_broken_build_has_a_run_that_catches_it() -> None:
    assert BUILDS.keys() == CAUGHT_BY.keys() == SHOWN_BY.keys()


@pytest.mark.long
@pytest.mark.timeout(300)
@pytest.mark.parametrize("build", BUILDS)
def test_a_build_that_is_broken_on_purpose_is_caught(build: str, peers: OwnPeers) -> None:
    verdict = play(CAUGHT_BY[build], peers, build, keeps=False)
    assert any(SHOWN_BY[build] in sentence for sentence in verdict.complaints), verdict.complaints


@pytest.mark.long
@pytest.mark.timeout(300)
@pytest.mark.parametrize("schedule", [KILLS, PEERS], ids=["kills", "peers"])
def test_the_honest_build_passes_what_catches_the_broken_ones(schedule: Schedule, peers: OwnPeers) -> None:
    verdict = play(schedule, peers)
    assert verdict.complaints == (), verdict.folder
