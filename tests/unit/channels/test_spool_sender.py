"""A text goes into the spool once, whatever happens on the way; gammu-smsd itself is played by moving files."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest

from ingestd.channels.spool.driver import SpoolChannel
from ingestd.channels.spool.folders import locked
from ingestd.channels.spool.names import file_name, hidden
from ingestd.config.settings import SmsGateway
from ingestd.domain.clock import HandClock
from ingestd.domain.sending import Claim, Outcome, Phase, Result
from tests.unit.channels.claims import NOW, TEXT, text, unheard
from tests.unit.channels.one_sending import run

NAME = file_name(text().key, text().recipient, text().deadline)


@pytest.fixture
def gateway(tmp_path: Path) -> SmsGateway:
    inbox, outbox, sent, error = (tmp_path / name for name in ("inbox", "outbox", "sent", "error"))
    for folder in (inbox, outbox, sent, error):
        folder.mkdir()
    return SmsGateway(inbox=inbox, outbox=outbox, sent=sent, error=error)


@pytest.fixture
def channel(gateway: SmsGateway) -> SpoolChannel:
    return SpoolChannel(gateway, HandClock(NOW))


def sent(channel: SpoolChannel, claim: Claim, phase: Callable[[Phase], None] = unheard) -> Result:
    return channel.sender().send(claim, phase)


def contents(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_text_lies_in_the_outbox_as_utf_16_with_its_byte_order(channel: SpoolChannel, gateway: SmsGateway) -> None:
    result = sent(channel, text("提货😀\n二"))
    assert (result.outcome, result.at, result.token) == (Outcome.ACCEPTED, NOW, 3)
    assert contents(gateway.outbox) == [NAME]
    assert (gateway.outbox / NAME).read_bytes() == b"\xfe\xff" + "提货😀\n二".encode("utf-16-be")


def test_the_phases_are_told_before_their_step(channel: SpoolChannel, gateway: SmsGateway) -> None:
    seen: list[tuple[Phase, list[str]]] = []
    sent(channel, text(), lambda phase: seen.append((phase, contents(gateway.outbox))))
    assert seen == [(Phase.BEGUN, [hidden(NAME)]), (Phase.WHOLE, [hidden(NAME)])]


@pytest.mark.parametrize("place", ["outbox", "sent"])
def test_a_repeat_is_accepted_without_a_second_file(channel: SpoolChannel, gateway: SmsGateway, place: str) -> None:
    sent(channel, text())
    folder: Path = getattr(gateway, place)
    (gateway.outbox / NAME).rename(folder / NAME)
    phases: list[Phase] = []
    result = sent(channel, text(), phases.append)
    assert (result.outcome, result.detail, phases) == (Outcome.ACCEPTED, f"in {place} already", [])
    assert contents(gateway.outbox) + contents(gateway.sent) == [NAME]


def test_a_text_that_gammu_gave_up_is_refused_at_a_repeat(channel: SpoolChannel, gateway: SmsGateway) -> None:
    sent(channel, text())
    (gateway.outbox / NAME).rename(gateway.error / NAME)
    assert sent(channel, text()).outcome is Outcome.REFUSED
    assert contents(gateway.outbox) == []


def test_the_same_key_to_another_number_is_another_text(channel: SpoolChannel, gateway: SmsGateway) -> None:
    sent(channel, text())
    assert sent(channel, text(number="+8613900139000")).detail == "in the outbox"
    assert len(contents(gateway.outbox)) == 2


def test_lookup_follows_a_text_through_the_spool(channel: SpoolChannel, gateway: SmsGateway) -> None:
    assert channel.lookup(text()) is False
    sent(channel, text())
    assert channel.lookup(text()) is True
    (gateway.outbox / NAME).rename(gateway.sent / NAME)
    assert channel.lookup(text()) is True
    (gateway.sent / NAME).rename(gateway.error / NAME)
    assert channel.lookup(text()) is False


@pytest.mark.parametrize("folder", ["outbox", "sent", "error"])
def test_without_one_of_its_folders_the_channel_neither_sends_nor_guesses(
    channel: SpoolChannel, gateway: SmsGateway, folder: str
) -> None:
    shutil.rmtree(getattr(gateway, folder))
    result = sent(channel, text())
    assert (result.outcome, result.channel_trouble) == (Outcome.RETRY, True)
    assert "ENOENT" in result.detail
    assert channel.lookup(text()) is None
    assert not gateway.outbox.exists() or NAME not in contents(gateway.outbox)
    getattr(gateway, folder).mkdir()
    assert sent(channel, text()).outcome is Outcome.ACCEPTED


def test_a_full_disk_is_trouble_of_the_channel_and_leaves_nothing_behind(gateway: SmsGateway) -> None:
    assert run(gateway, "text", "sms.after_write:enospc") == (0, ["begun", "retry", "trouble"])
    assert contents(gateway.outbox) == []


def test_names_that_are_not_on_the_disk_are_tried_again_and_found(channel: SpoolChannel, gateway: SmsGateway) -> None:
    sender = channel.sender()
    results = [sender.send(claim, unheard) for claim in (text(), text(key=""))]
    assert sender.settle(results) == results
    gateway.outbox.rename(gateway.outbox.with_name("away"))
    kept, refused = sender.settle(results)
    assert (kept.outcome, kept.channel_trouble, refused) == (Outcome.RETRY, True, results[1])
    gateway.outbox.with_name("away").rename(gateway.outbox)
    assert sender.send(text(), unheard).detail == "in outbox already"


@pytest.mark.parametrize(
    ("claim", "reason"),
    [
        (text(""), "empty"),
        (text("pickup\0rest"), "NUL"),
        (text(number="not a number"), "number"),
        (text(key="k" * 90), "too long"),
    ],
)
def test_what_gammu_would_mangle_is_refused(
    channel: SpoolChannel, gateway: SmsGateway, claim: Claim, reason: str
) -> None:
    result = sent(channel, claim)
    assert (result.outcome, reason in result.detail, contents(gateway.outbox)) == (Outcome.REFUSED, True, [])


def test_a_worker_stalled_before_the_rename_keeps_its_successor_out(channel: SpoolChannel, gateway: SmsGateway) -> None:
    stalled, woken = Event(), Event()

    def stall(phase: Phase) -> None:
        if phase is Phase.WHOLE:
            stalled.set()
            assert woken.wait(10)

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(sent, channel, text(), stall)
        assert stalled.wait(10)
        meanwhile = sent(channel, text())
        woken.set()
        assert first.result().outcome is Outcome.ACCEPTED
    assert (meanwhile.outcome, meanwhile.channel_trouble) == (Outcome.RETRY, False)
    assert sent(channel, text()).detail == "in outbox already"
    assert contents(gateway.outbox) == [NAME]


def test_a_text_published_by_another_meanwhile_is_left_alone(gateway: SmsGateway) -> None:
    path = gateway.outbox / hidden(NAME)
    with path.open("wb") as file:
        path.rename(gateway.outbox / NAME)
        assert not locked(file.fileno(), path)
        path.touch()
        assert not locked(file.fileno(), path)


def test_what_a_killed_worker_left_is_overwritten_whole(channel: SpoolChannel, gateway: SmsGateway) -> None:
    (gateway.outbox / hidden(NAME)).write_bytes(b"x" * 1000)
    sent(channel, text("短"))
    assert (gateway.outbox / NAME).read_bytes() == b"\xfe\xff" + "短".encode("utf-16-be")


def test_a_phase_that_cannot_be_recorded_leaves_the_text_unsent(channel: SpoolChannel, gateway: SmsGateway) -> None:
    def fenced(phase: Phase) -> None:
        if phase is Phase.WHOLE:
            raise LookupError("the lease is another's")

    with pytest.raises(LookupError):
        sent(channel, text(), fenced)
    assert NAME not in contents(gateway.outbox)
    assert sent(channel, text()).outcome is Outcome.ACCEPTED


@pytest.mark.parametrize(
    ("failpoint", "phases"), [("sms.after_write:kill9", ["begun"]), ("sms.after_reply:kill9", ["begun", "whole"])]
)
def test_killed_on_the_way_and_repeated_makes_one_text(
    channel: SpoolChannel, gateway: SmsGateway, failpoint: str, phases: list[str]
) -> None:
    assert run(gateway, "【示例物流】260310221", failpoint) == (-9, phases)
    assert sent(channel, text()).outcome is Outcome.ACCEPTED
    assert contents(gateway.outbox) == [NAME]
    assert (gateway.outbox / NAME).read_bytes() == b"\xfe\xff" + text().body.decode().encode("utf-16-be")


def test_what_gammu_gave_up_is_reported_once(channel: SpoolChannel, gateway: SmsGateway) -> None:
    (gateway.error / "OUTC20261122_101500_00_+8613800138000_sms0.txt").touch()
    assert channel.undelivered() == []
    for key in ("b", "a"):
        (gateway.error / file_name(key, "+8613800138000", TEXT.deadline)).touch()
    assert channel.undelivered() == ["a", "b"]
    assert channel.undelivered() == []
    (gateway.error / file_name("c_d", "+8613800138000", TEXT.deadline)).touch()
    assert channel.undelivered() == ["c_d"]


def test_what_gammu_gave_up_long_ago_is_not_reported(gateway: SmsGateway) -> None:
    (gateway.error / NAME).touch()
    assert SpoolChannel(gateway, HandClock(NOW), timedelta(0)).undelivered() == []


def test_an_unreadable_error_folder_reports_nothing(channel: SpoolChannel, gateway: SmsGateway) -> None:
    gateway.error.rmdir()
    assert channel.undelivered() == []


def test_the_oldest_waiting_text_tells_how_long_gammu_has_stood_still(
    channel: SpoolChannel, gateway: SmsGateway
) -> None:
    assert channel.oldest_waiting() is None
    sent(channel, text())
    sent(channel, text(key="second"))
    os.utime(gateway.outbox / NAME, (1, 1))
    waiting = channel.oldest_waiting()
    assert waiting is not None
    assert waiting > timedelta(days=365)
    (gateway.outbox / NAME).rename(gateway.sent / NAME)
    waiting = channel.oldest_waiting()
    assert waiting is not None
    assert waiting < timedelta(minutes=5)
