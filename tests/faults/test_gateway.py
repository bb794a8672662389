"""Text messages whose gateway fails: gammu-smsd stopped, killed between two steps, giving up, its folders gone.

A gateway by HTTP or SMPP can time out, report out of order and limit its flow; a spool can't. What corresponds to it
here is named at each test.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ingestd.channels.spool.driver import SpoolChannel
from ingestd.config.settings import SmsGateway
from ingestd.daemon.alarms import AlarmTicker
from ingestd.domain.reading import Channel
from ingestd.domain.sending import ChannelDriver, Claim, Outcome
from ingestd.store.sendings import claim_due
from tests.faults.outbox import Outbox
from tests.servers.gammu import GammuSmsd
from tests.servers.programs import wait_until
from tests.unit.channels.claims import unheard

PHONES = [f"+861390000000{number}" for number in range(4)]


@pytest.fixture
def spool(tmp_path: Path) -> SmsGateway:
    """A spool that nobody empties."""
    folders: dict[str, Any] = {name: tmp_path / "spool" / name for name in ("inbox", "outbox", "sent", "error")}
    for folder in folders.values():
        folder.mkdir(parents=True)
    return SmsGateway(**folders)


def spool_of(gammu: GammuSmsd) -> SmsGateway:
    """The spool of a real gammu-smsd."""
    folders = gammu.spool
    return SmsGateway(inbox=folders.inbox, outbox=folders.outbox, sent=folders.sent, error=folders.error)


def left_behind(outbox: Outbox) -> Sequence[Claim]:
    """Sendings that a sender took, which then was gone: their lease has run out."""
    terms = (timedelta(seconds=-1), 50)
    return outbox.writer.run(lambda c: claim_due(c, Channel.SMS, "gone", outbox.shop.clock.now(), terms))


def look(outbox: Outbox, *drivers: ChannelDriver) -> None:
    """One look at the gateways, as the daemon takes it every two seconds."""
    AlarmTicker(outbox.shop, outbox.health, drivers).look_at_gateways()


@pytest.mark.fault("F35", "F40")
def test_what_a_standing_gateway_has_is_never_given_to_it_twice_and_its_standing_is_told(
    outbox: Outbox, gammu: GammuSmsd, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A gateway that took a text and says nothing more: gammu-smsd is stopped, and the sender is gone unrecorded."""
    gammu.stop()
    channel = SpoolChannel(spool_of(gammu), outbox.shop.clock)
    outbox.add(PHONES[:3], Channel.SMS)
    for claim in left_behind(outbox):
        assert channel.sender().send(claim, unheard).outcome is Outcome.ACCEPTED
    with outbox.working((channel, 2)):
        outbox.wait_for("accepted")
    assert [row["detail"] for row in outbox.rows()] == ["found by lookup"] * 3
    monkeypatch.setattr("ingestd.daemon.alarms.STANDS_STILL_AFTER", timedelta(seconds=-1))
    look(outbox, channel)
    assert ("channel sms queue", "gateway") in outbox.health.troubles
    gammu.start()
    assert len(gammu.wait_for_sent(3)) == 3
    look(outbox, channel)
    assert not outbox.health.troubles


@pytest.mark.fault("F36")
def test_a_text_that_never_got_into_the_spool_goes_into_it_once(outbox: Outbox, spool: SmsGateway) -> None:
    """A gateway that broke off before it took the text: the sender is gone before the rename."""
    channel = SpoolChannel(spool, outbox.shop.clock)
    outbox.add(PHONES, Channel.SMS)
    (spool.outbox / ".OUTC20261123_0_half_+8613900000000_.txt.new").write_bytes(b"\xfe\xff")
    assert len(left_behind(outbox)) == len(PHONES)
    with outbox.working((channel, 2)):
        outbox.wait_for("accepted")
    assert len(list(spool.outbox.glob("OUT*.txt"))) == len(PHONES)


@pytest.mark.fault("F37")
def test_while_the_spool_cannot_be_looked_into_a_doubt_is_kept_and_then_settled_by_what_is_there(
    outbox: Outbox, spool: SmsGateway
) -> None:
    channel = SpoolChannel(spool, outbox.shop.clock)
    outbox.add(PHONES[:2], Channel.SMS)
    there, _ = left_behind(outbox)
    channel.sender().send(there, unheard)
    away = spool.outbox.with_name("away")
    spool.outbox.rename(away)
    with outbox.working((channel, 1)):
        wait_until(lambda: outbox.states() == ["uncertain"] * 2, 20, "both to be in doubt")
        away.rename(spool.outbox)
        outbox.wait_for("accepted")
    assert [row["repeated"] for row in outbox.rows()] == [False, True]
    assert len(list(spool.outbox.glob("OUT*.txt"))) == 2
    assert outbox.alarms() == []


@pytest.mark.fault("F37")
def test_where_it_can_never_be_looked_into_nothing_is_repeated_blindly_and_a_person_is_told(
    outbox: Outbox, spool: SmsGateway
) -> None:
    channel = SpoolChannel(spool, outbox.shop.clock)
    outbox.add(PHONES[:1], Channel.SMS)
    (claim,) = left_behind(outbox)
    channel.sender().send(claim, unheard)
    spool.outbox.rename(spool.outbox.with_name("away"))
    with outbox.working((channel, 1)):
        outbox.wait_for("failed")
    (row,) = outbox.rows()
    assert (row["attempts"], row["repeated"]) == (1, False)
    assert outbox.alarms() == [(f"sending {row['id']}", "uncertain")]


@pytest.mark.fault("F39")
def test_what_the_gateway_gives_up_is_told_and_its_sending_has_bounced(outbox: Outbox, spool: SmsGateway) -> None:
    """A gateway that refuses after it took a text: gammu-smsd moves it into its error folder."""
    channel = SpoolChannel(spool, outbox.shop.clock)
    outbox.add(PHONES, Channel.SMS)
    with outbox.working((channel, 1)):
        outbox.wait_for("accepted")
    first, *others = sorted(spool.outbox.glob("OUT*.txt"))
    first.rename(spool.error / first.name)
    for path in others:
        path.rename(spool.sent / path.name)
    for _ in range(2):
        look(outbox, channel)
    assert sorted(outbox.states()) == ["accepted"] * 3 + ["bounced"]
    (bounced,) = (row for row in outbox.rows() if row["state"] == "bounced")
    assert outbox.alarms() == [(f"sending {bounced['id']}", "bounced")]


@pytest.mark.fault("F34")
def test_a_spool_that_cannot_be_written_is_trouble_of_the_channel_and_loses_nothing(
    outbox: Outbox, spool: SmsGateway
) -> None:
    away = spool.outbox.with_name("away")
    spool.outbox.rename(away)
    channel = SpoolChannel(spool, outbox.shop.clock)
    outbox.add(PHONES, Channel.SMS)
    with outbox.working((channel, 2)):
        wait_until(lambda: all(row["attempts"] > 1 for row in outbox.rows()), 20, "each to be tried again")
        assert set(outbox.health.troubles) == {("channel sms", "channel")}
        away.rename(spool.outbox)
        outbox.wait_for("accepted")
    assert not outbox.health.troubles
    assert len(list(spool.outbox.glob("OUT*.txt"))) == len(PHONES)
