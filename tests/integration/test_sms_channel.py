"""Text messages through the real gammu-smsd with its dummy phone."""

from __future__ import annotations

import pytest

from ingestd.channels.spool.driver import SpoolChannel
from ingestd.channels.spool.names import file_name
from ingestd.config.settings import SmsGateway
from ingestd.domain.clock import SystemClock
from ingestd.domain.sending import Outcome
from tests.servers.gammu import GammuSmsd
from tests.unit.channels.claims import TEXT, text, unheard
from tests.unit.channels.one_sending import run

SEVENTY = "【示例物流】260310221提" + "货" * 54
TEXTS = {
    "seventy": SEVENTY,
    "seventy-one": SEVENTY + "物",
    "two-parts": SEVENTY + "物" * 64,
    "emoji": "提货😀" * 10,
    "lines": "提货\n地址:外高桥\r\n联系人",
}
PARTS = {"seventy": 1, "seventy-one": 2, "two-parts": 2, "emoji": 1, "lines": 1}


@pytest.fixture
def gateway(gammu: GammuSmsd) -> SmsGateway:
    return SmsGateway(
        inbox=gammu.spool.inbox, outbox=gammu.spool.outbox, sent=gammu.spool.sent, error=gammu.spool.error
    )


@pytest.fixture
def channel(gateway: SmsGateway) -> SpoolChannel:
    return SpoolChannel(gateway, SystemClock())


def outgoing(gammu: GammuSmsd) -> list[str]:
    """What the daemon said of each text that it sent, `NAME (total: PARTS)`."""
    lines = (gammu.folder / "smsd.log").read_text(errors="replace").splitlines()
    return [line.partition("Transmitted ")[2].partition(" to ")[0] for line in lines if "Transmitted " in line]


def test_texts_of_all_kinds_are_sent_whole_and_in_the_parts_that_they_need(
    gammu: GammuSmsd, channel: SpoolChannel
) -> None:
    assert len(SEVENTY) == 70
    sender = channel.sender()
    for key, content in TEXTS.items():
        assert sender.send(text(content, key), unheard).outcome is Outcome.ACCEPTED
    sent = gammu.wait_for_sent(len(TEXTS))
    assert sorted(sent) == sorted(("+8613800138000", content) for content in TEXTS.values())
    totals = {line for line in outgoing(gammu) if "(total" in line}
    names = {key: file_name(key, TEXT.recipient, TEXT.deadline) for key in PARTS}
    assert totals == {f"{names[key]} (total: {parts})" for key, parts in PARTS.items()}
    assert all(channel.lookup(text(content, key)) for key, content in TEXTS.items())
    assert channel.undelivered() == []


def test_a_text_that_was_sent_is_never_sent_again(gammu: GammuSmsd, channel: SpoolChannel) -> None:
    sender = channel.sender()
    sender.send(text(), unheard)
    gammu.wait_for_sent(1)
    assert sender.send(text(), unheard).detail == "in sent already"
    sender.send(text("后一条", "zz-later"), unheard)
    gammu.wait_for_sent(2)
    assert [line.split("_")[2] for line in outgoing(gammu)] == [text().key, "zz-later"]


@pytest.mark.fault("F36", "F40")
@pytest.mark.parametrize(("failpoint", "sent_meanwhile"), [("sms.after_write:kill9", 0), ("sms.after_reply:kill9", 1)])
def test_killed_between_write_and_rename_or_after_it_and_repeated_sends_one_text(
    gammu: GammuSmsd, gateway: SmsGateway, channel: SpoolChannel, failpoint: str, sent_meanwhile: int
) -> None:
    content = text().body.decode()
    assert run(gateway, content, failpoint)[0] == -9
    channel.sender().send(text("隔在中间", "zz-between"), unheard)
    assert len(gammu.wait_for_sent(1 + sent_meanwhile)) == 1 + sent_meanwhile
    assert channel.sender().send(text(content), unheard).outcome is Outcome.ACCEPTED
    channel.sender().send(text("后一条", "zzz-later"), unheard)
    gammu.wait_for_sent(3)
    assert sorted(line.split("_")[2] for line in outgoing(gammu)) == [text().key, "zz-between", "zzz-later"]
    assert not list(gateway.outbox.iterdir())


def test_gammu_tries_the_texts_in_the_order_of_their_keys(gammu: GammuSmsd, channel: SpoolChannel) -> None:
    gammu.stop()
    sender = channel.sender()
    for key, number in (("3", "+8613100131000"), ("1", "+8613900139000"), ("2", "+8613800138000")):
        sender.send(text(key=key, number=number), unheard)
    gammu.start()
    gammu.wait_for_sent(3)
    assert [line.split("_")[2] for line in outgoing(gammu)] == ["1", "2", "3"]
