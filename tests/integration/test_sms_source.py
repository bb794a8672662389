"""The spool source: with a real gammu-smsd and its dummy phone, and with files as it writes them."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ingestd.config.settings import SmsGateway
from ingestd.domain.clock import SystemClock
from ingestd.domain.reading import Channel
from ingestd.sources.spool import source
from ingestd.sources.spool.source import SpoolSource
from tests.servers.gammu import GammuSmsd
from tests.servers.programs import wait_until
from tests.unit.sources.memory import MemoryHealth, MemoryInbox

ZONE = ZoneInfo("Asia/Shanghai")
PART = "sms/gammu"
NAME = "IN20261122_101500_00_+8613900139000_00.txt"
DRIVER = "+8613900139000"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An inbox folder without a daemon behind it."""
    (tmp_path / "inbox").mkdir()
    return tmp_path / "inbox"


Start = Callable[..., SpoolSource]


@pytest.fixture
def start(inbox: MemoryInbox, health: MemoryHealth, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Starts a source on a folder, with further settings; it is stopped with the test."""
    monkeypatch.setattr(source, "FAILED_WAIT_S", 0.1)
    with ExitStack() as sources:

        def run(inbox_folder: Path, **further: Any) -> SpoolSource:
            settings: dict[str, Any] = {"inbox": inbox_folder, "number": "10690000", "poll": 0.05, "join": 0.4}
            spool = SpoolSource(SmsGateway(**(settings | further)), inbox, health, SystemClock(), ZONE)
            spool.start()
            sources.callback(spool.stop)
            return spool

        yield run


def spooled(text: str) -> bytes:
    """The bytes of a text as smsd writes them."""
    units = text.encode("utf-16-be")
    return b"\xfe\xff" + units + b"\0" * len(units)


def text_of(raw: bytes) -> str:
    return raw.decode("utf-8").partition("\n\n")[2]


def wait_for_taken(folder: Path, count: int) -> list[Path]:
    """The files that were moved away, by name, as soon as there are so many and none is left."""
    taken = folder.parent / "taken"
    wait_until(lambda: len(list(taken.glob("*"))) == count and not list(folder.iterdir()), 5, "the files to be moved")
    return sorted(taken.iterdir())


class TestWithGammu:
    def test_a_text_message_comes_in_the_form_of_the_contract(
        self, gammu: GammuSmsd, inbox: MemoryInbox, start: Start
    ) -> None:
        start(gammu.spool.inbox)
        before = datetime.now(UTC) - timedelta(seconds=1)
        gammu.receive(DRIVER, "[260310221]已提😀")
        (arrival,) = inbox.wait_for(1)
        head, _, text = arrival.raw.decode("utf-8").partition("\n\n")
        assert re.fullmatch(rf"From: \{DRIVER}\nDate: 2\d{{3}}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00\nTo: 10690000", head)
        assert text == "[260310221]已提😀"
        assert before <= arrival.arrived_at <= datetime.now(UTC)
        assert (arrival.account, arrival.channel, arrival.trouble) == ("gammu", Channel.SMS, None)
        assert re.fullmatch(r"sms/gammu/2\d{7}_\d{6}/[0-9a-f]{20}", arrival.source_key)  # and not the number

    def test_a_long_text_comes_whole_even_where_a_part_ends_within_a_character(
        self, gammu: GammuSmsd, inbox: MemoryInbox, start: Start
    ) -> None:
        start(gammu.spool.inbox)
        told = "".join(chr(0x4E00 + number) for number in range(66)) + "😀" + "二" * 100
        gammu.receive(DRIVER, told)
        (arrival,) = inbox.wait_for(1)
        assert text_of(arrival.raw) == told
        assert arrival.trouble is None

    def test_several_senders_and_a_short_number_each_come_once_and_leave_the_inbox_empty(
        self, gammu: GammuSmsd, inbox: MemoryInbox, start: Start
    ) -> None:
        for sender, text in ((DRIVER, "收到"), ("13800138000", "已提"), ("10086", "Balance low"), (DRIVER, "已送达")):
            gammu.receive(sender, text)
        start(gammu.spool.inbox)
        arrivals = inbox.wait_for(4)
        came = {(arrival.raw.decode("utf-8").splitlines()[0][6:], text_of(arrival.raw)) for arrival in arrivals}
        assert came == {(DRIVER, "收到"), ("+8613800138000", "已提"), ("10086", "Balance low"), (DRIVER, "已送达")}
        wait_for_taken(gammu.spool.inbox, 4)
        assert list(gammu.spool.inbox.iterdir()) == []


class TestFiles:
    def test_a_file_that_is_still_written_is_waited_for(self, folder: Path, inbox: MemoryInbox, start: Start) -> None:
        start(folder, poll=0.2, join=30)
        whole = spooled("货物：轴承12箱，收货许小姐")
        with (folder / NAME).open("wb", buffering=0) as file:
            for at in range(0, len(whole), 4):
                file.write(whole[at : at + 4])
                time.sleep(0.05)
        (arrival,) = inbox.wait_for(1)
        assert text_of(arrival.raw) == "货物：轴承12箱，收货许小姐"

    def test_an_empty_file_may_still_be_filled(self, folder: Path, inbox: MemoryInbox, start: Start) -> None:
        start(folder, join=30)
        (folder / NAME).touch()
        time.sleep(0.3)
        assert inbox.all == []
        (folder / NAME).write_bytes(spooled("收到"))
        assert text_of(inbox.wait_for(1)[0].raw) == "收到"

    def test_parts_are_joined_in_order_even_when_the_first_comes_last(
        self, folder: Path, inbox: MemoryInbox, start: Start
    ) -> None:
        start(folder, join=30)
        for part, text in ((2, "三"), (1, "二"), (0, "一")):
            (folder / NAME.replace("_00.txt", f"_{part:02}.txt")).write_bytes(spooled(text))
            time.sleep(0.15)
        (arrival,) = inbox.wait_for(1)
        assert (text_of(arrival.raw), arrival.trouble) == ("一二三", None)

    def test_a_missing_part_is_waited_for_and_then_a_person_must_look(
        self, folder: Path, inbox: MemoryInbox, start: Start
    ) -> None:
        for part, text in ((0, "一"), (2, "三")):
            (folder / NAME.replace("_00.txt", f"_{part:02}.txt")).write_bytes(spooled(text))
        began = time.monotonic()
        start(folder, join=0.4)
        (arrival,) = inbox.wait_for(1)
        assert time.monotonic() - began >= 0.4
        assert text_of(arrival.raw) == "一三"
        assert arrival.trouble == "missing parts of a long text message: 2"

    def test_the_time_in_the_name_is_the_site_s_and_the_arrival_is_the_gateway_s(
        self, folder: Path, inbox: MemoryInbox, start: Start
    ) -> None:
        (folder / NAME).write_bytes(spooled("收到"))
        received_at = datetime(2026, 11, 22, 2, 16, 30, tzinfo=UTC)
        os.utime(folder / NAME, (received_at.timestamp(),) * 2)
        start(folder)
        (arrival,) = inbox.wait_for(1)
        assert b"\nDate: 2026-11-22T10:15:00+08:00\n" in arrival.raw
        assert arrival.arrived_at == received_at

    @pytest.mark.parametrize("written", ["收到".encode(), b"\xef\xbb\xbf" + "收到".encode(), "收到".encode("gb18030")])
    def test_other_encodings_are_read_too(self, folder: Path, inbox: MemoryInbox, start: Start, written: bytes) -> None:
        (folder / NAME).write_bytes(written)
        start(folder)
        assert text_of(inbox.wait_for(1)[0].raw) == "收到"

    def test_binary_messages_go_to_a_person_and_other_files_stay_where_they_are(
        self, folder: Path, inbox: MemoryInbox, start: Start
    ) -> None:
        (folder / "notes.tmp").write_bytes(b"not smsd's")
        (folder / NAME.replace(".txt", ".bin")).write_bytes(b"\x00\x01\x02\x03")
        start(folder)
        (arrival,) = inbox.wait_for(1)
        assert arrival.trouble == "not a text"
        wait_until(lambda: [path.name for path in folder.iterdir()] == ["notes.tmp"], 5, "the message to be moved")

    def test_a_message_whose_move_was_lost_is_not_stored_twice(
        self, folder: Path, inbox: MemoryInbox, start: Start
    ) -> None:
        (folder / NAME).write_bytes(spooled("收到"))
        first = start(folder)
        inbox.wait_for(1)
        (moved,) = wait_for_taken(folder, 1)
        first.stop()
        moved.rename(folder / NAME)
        start(folder)
        assert wait_for_taken(folder, 1) == [moved]
        assert len(inbox.all) == 1

    def test_a_crash_between_two_moves_leaves_what_is_known(
        self, folder: Path, inbox: MemoryInbox, start: Start
    ) -> None:
        second = NAME.replace("_00.txt", "_01.txt")
        for name, text in ((NAME, "一"), (second, "二")):
            (folder / name).write_bytes(spooled(text))
        first = start(folder)
        inbox.wait_for(1)
        moved, _ = wait_for_taken(folder, 2)
        first.stop()
        moved.rename(folder / NAME)  # the first part is moved last
        start(folder)
        wait_for_taken(folder, 2)
        assert [text_of(raw) for raw in inbox.raws] == ["一二"]

    def test_a_name_that_smsd_gives_again_is_another_message(
        self, folder: Path, inbox: MemoryInbox, start: Start
    ) -> None:
        start(folder)
        for count, text in enumerate(("已提", "已提", "少一件"), start=1):
            (folder / NAME).write_bytes(spooled(text))
            inbox.wait_for(count)
            wait_for_taken(folder, count)
        assert [text_of(raw) for raw in inbox.raws] == ["已提", "已提", "少一件"]


class TestTrouble:
    def test_a_folder_that_is_missing_is_told_and_watched_once_it_is_there(
        self, folder: Path, inbox: MemoryInbox, health: MemoryHealth, start: Start
    ) -> None:
        folder.rmdir()
        start(folder)
        health.wait_for(PART, "folder")
        assert health.details[0] == f"No such file or directory: {folder}"
        folder.mkdir()
        (folder / NAME).write_bytes(spooled("收到"))
        inbox.wait_for(1)
        health.wait_for(PART, "well")

    def test_a_file_that_cannot_be_moved_is_told_without_its_number_and_stored_once(
        self, folder: Path, inbox: MemoryInbox, health: MemoryHealth, start: Start
    ) -> None:
        (folder.parent / "taken").write_text("in the way of the folder")
        (folder / NAME).write_bytes(spooled("收到"))
        start(folder)
        health.wait_for(PART, "folder")
        assert DRIVER not in "".join(health.details)
        (folder.parent / "taken").unlink()
        wait_for_taken(folder, 1)
        assert len(inbox.all) == 1

    def test_a_store_that_fails_is_told_and_tried_again_before_anything_is_moved(
        self, folder: Path, inbox: MemoryInbox, health: MemoryHealth, start: Start
    ) -> None:
        failures = iter(range(2))

        def fail_twice() -> None:
            assert (folder / NAME).exists()
            if next(failures, None) is not None:
                raise RuntimeError("INSERT INTO message VALUES ('secret body')")

        inbox.before_store = fail_twice
        (folder / NAME).write_bytes(spooled("收到"))
        start(folder)
        inbox.wait_for(1)
        health.wait_for(PART, "well")
        assert health.told == [(PART, "well"), (PART, "store"), (PART, "store"), (PART, "well")]
        assert health.details == ["RuntimeError", "RuntimeError"]

    def test_it_stops_promptly_and_has_promised_to_be_back(
        self, folder: Path, health: MemoryHealth, start: Start
    ) -> None:
        running = start(folder, poll=30)
        health.wait_for(PART, "well")
        began = time.monotonic()
        running.stop()
        assert time.monotonic() - began < 1
        assert health.promises[0] == (PART, 60)
