"""How much a sender takes at once: what it gets done in a moment, and never more than it can hold on to."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from ingestd.calendar.checking import checking_clock
from ingestd.config.settings import Outbox, Settings
from ingestd.domain.clock import SystemClock
from ingestd.domain.reading import Channel
from ingestd.domain.sending import Claim, Outcome, Phase, Purpose, Result, SendingDraft
from ingestd.pipeline.sending import SendStep, lot_after
from ingestd.pipeline.settling import SettleStep
from ingestd.pipeline.tally import NO_TALLY
from ingestd.store.database import Database
from ingestd.store.phases import PhaseNotes
from ingestd.store.schema import sending
from ingestd.store.sendings import take_over_sendings, write_sendings
from ingestd.store.upgrade import upgrade
from ingestd.store.writer import Writer
from tests.unit.sources.memory import MemoryHealth

MOST = 8
KILLED_AT = 5


class KilledError(BaseException):
    """The process is gone: nothing more of it runs."""


@dataclass
class Peer:
    """A channel whose peer takes its time."""

    seconds: float
    sent: list[str] = field(default_factory=list)
    name: Channel = Channel.EMAIL
    worst_case: timedelta = timedelta(seconds=1)

    def sender(self) -> Peer:
        return self

    def send(self, claim: Claim, phase: Callable[[Phase], None]) -> Result:
        phase(Phase.WHOLE)
        time.sleep(self.seconds)
        self.sent.append(claim.key)
        return Result(claim.sending_id, claim.token, Outcome.ACCEPTED, "250", SystemClock().now())

    def settle(self, results: Sequence[Result]) -> Sequence[Result]:
        return results

    def idle(self) -> None:
        """Keeps nothing."""


@dataclass
class LastPeer(Peer):
    """A peer whose sender is killed between an acceptance and its record."""

    def send(self, claim: Claim, phase: Callable[[Phase], None]) -> Result:
        result = super().send(claim, phase)
        if len(self.sent) == KILLED_AT:
            raise KilledError
        return result


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Any]:
    """What a sender needs of a workshop, with twenty mails that are due."""
    url = f"sqlite:///{tmp_path / 'lots.db'}"
    upgrade(url)
    database = Database(url)
    settings = Settings(outbox=Outbox(claim=MOST))
    writer = Writer(database)
    now = SystemClock().now()
    drafts = [
        SendingDraft(f"key{n}", Purpose.WORK_ORDER, f"order:{n}/1", Channel.EMAIL, "li@house.example", b"bytes", now)
        for n in range(20)
    ]
    writer.run(lambda c: write_sendings(c, [(None, None, draft) for draft in drafts], now))
    house = SimpleNamespace(settings=settings)
    yield SimpleNamespace(
        database=database,
        writer=writer,
        clock=SystemClock(),
        health=MemoryHealth(),
        house=house,
        owner="me",
        tally=NO_TALLY,
        checking=checking_clock(settings),
    )
    writer.close()
    database.close()


def step_for(shop: Any, peer: Peer, tmp_path: Path) -> tuple[SendStep, list[int]]:
    """A sender's step, and a list that grows by one whenever it wakes the next."""
    woken: list[int] = []
    notes = PhaseNotes(tmp_path / "phases", 1, MOST)
    notes.begin()
    step = SendStep(shop, peer, notes.row())  # type: ignore[arg-type]
    step.more = lambda: woken.append(1)
    return step, woken


def attempts(shop: Any) -> dict[str, list[int]]:
    """The counted attempts by state."""
    found: dict[str, list[int]] = {}
    with shop.database.read() as connection:
        for state, count in connection.execute(select(sending.c.state, sending.c.attempts)):
            found.setdefault(state, []).append(count)
    return found


def test_a_fast_peer_gets_the_most_by_one_sender(shop: Any, tmp_path: Path) -> None:
    peer = Peer(0.0)
    step, woken = step_for(shop, peer, tmp_path)
    assert [step.step() for _ in range(4)] == [True, True, False, False]
    assert attempts(shop) == {"accepted": [1] * 20}
    assert not woken


def test_the_next_lot_is_taken_in_the_transaction_that_records_the_one_before(
    shop: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    step, _ = step_for(shop, Peer(0.0), tmp_path)
    honest, jobs = shop.writer.run, []

    def counted(work: Any) -> Any:
        jobs.append(work)
        return honest(work)

    monkeypatch.setattr(shop.writer, "run", counted)
    while step.step():
        pass
    assert len(jobs) == 1 + 3  # the first claim, then a record and a claim for each of three lots


def test_what_is_held_at_the_end_is_due_again_uncounted(shop: Any, tmp_path: Path) -> None:
    step, _ = step_for(shop, Peer(0.0), tmp_path)
    step.step()
    assert attempts(shop) == {"accepted": [1] * MOST, "sending": [1] * MOST, "due": [0] * 4}
    step.give_back()
    assert attempts(shop) == {"accepted": [1] * MOST, "due": [0] * (20 - MOST)}
    step.give_back()
    assert step.step()


@pytest.mark.parametrize(
    ("error", "in_the_end"),
    [
        (OSError("disk full"), {"accepted": [1] * 20}),  # the store's fault: what is known is written down later
        (ValueError("a lot"), {"sending": [1] * MOST, "accepted": [1] * (20 - MOST)}),  # the lot's: its lease ends
    ],
)
def test_a_lot_that_could_not_be_recorded_takes_no_other_with_it(
    error: Exception, in_the_end: dict[str, list[int]], shop: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    peer = Peer(0.0)
    step, _ = step_for(shop, peer, tmp_path)

    def fail(*_: Any) -> None:
        raise error

    with monkeypatch.context() as broken:
        broken.setattr("ingestd.pipeline.sending.record_results", fail)
        with pytest.raises(type(error)):
            step.step()
    assert attempts(shop) == {"sending": [1] * MOST, "due": [0] * (20 - MOST)}
    while step.step():
        pass
    assert attempts(shop) == in_the_end
    assert len(peer.sent) == 20


def test_what_was_not_begun_when_the_store_refused_is_due_again_uncounted(
    shop: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingestd.pipeline.sending.RESULT_GROUP_SECONDS", 0.03)
    peer = Peer(0.02)
    step, _ = step_for(shop, peer, tmp_path)

    def fail(*_: Any) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as broken:
        broken.setattr("ingestd.pipeline.sending.record_results", fail)
        with pytest.raises(OSError, match="disk full"):
            step.step()
    assert attempts(shop) == {"sending": [1] * MOST, "due": [0] * (20 - MOST)}
    step.give_back()
    assert 0 < len(peer.sent) < MOST
    assert attempts(shop) == {"accepted": [1] * len(peer.sent), "due": [0] * (20 - len(peer.sent))}


def test_a_slow_peer_gets_few_at_once_and_the_next_sender_is_woken(
    shop: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingestd.pipeline.sending.LOT_SECONDS", 0.02)
    peer = Peer(0.02)
    step, woken = step_for(shop, peer, tmp_path)
    step.step()
    assert (len(peer.sent), len(woken)) == (MOST, 0)
    step.step()
    assert (len(peer.sent), len(woken)) == (MOST + 1, 1)


def test_what_is_left_of_a_lot_that_takes_too_long_is_due_again_uncounted(
    shop: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingestd.pipeline.sending.LONGEST_LOT_SECONDS", 0.03)
    step, woken = step_for(shop, Peer(0.02), tmp_path)
    step.step()
    step.give_back()
    assert attempts(shop) == {"accepted": [1, 1], "due": [0] * 18}
    assert woken


def test_a_kill_in_a_lot_repeats_each_mail_once_that_left_whole_unrecorded_and_no_other(
    shop: Any, tmp_path: Path
) -> None:
    killed, peer = LastPeer(0.0), Peer(0.0)
    step, _ = step_for(shop, killed, tmp_path)
    with pytest.raises(KilledError):
        step.step()
    notes = PhaseNotes(tmp_path / "phases", 1, MOST)
    now = shop.clock.now()
    took = shop.writer.run(lambda c: take_over_sendings(c, shop.owner, notes.left, now, now))
    assert took == (MOST - KILLED_AT, KILLED_AT)
    SettleStep(shop, [], lambda: None).step()
    again = SendStep(shop, peer, notes.row())  # type: ignore[arg-type]
    while again.step():
        pass
    with shop.database.read() as connection:
        repeated = set(connection.execute(select(sending.c.key).where(sending.c.repeated)).scalars())
    copies = Counter(killed.sent + peer.sent)
    assert attempts(shop).keys() == {"accepted"}
    assert copies == {f"key{n}": 2 if f"key{n}" in repeated else 1 for n in range(20)}
    assert repeated == set(killed.sent)


@pytest.mark.parametrize(
    ("sent", "seconds", "lot"), [(50, 0.1, 50), (50, 1.0, 12), (1, 30.0, 1), (0, 0.0, 1), (10, 0.0, 50)]
)
def test_a_lot_is_what_gets_done_in_a_moment(sent: int, seconds: float, lot: int) -> None:
    assert lot_after(sent, seconds, 50) == lot
