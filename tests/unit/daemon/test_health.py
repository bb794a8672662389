"""What the daemon knows of its own parts."""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from ingestd.config.load import ConfigurationError
from ingestd.config.settings import Logging, Site
from ingestd.daemon.health import HealthBoard
from ingestd.daemon.journal import JsonLines, set_up_log
from ingestd.daemon.lock import AlreadyRunningError, RunLock
from ingestd.daemon.loop import Loop, Wake
from ingestd.daemon.notify import Notifier
from ingestd.daemon.secret import site_secret
from ingestd.daemon.service import owner_of
from ingestd.domain.event import log, place_of
from ingestd.domain.failpoint import FailpointError, armed, nothing
from ingestd.domain.keys import Keys


class Hand:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class TestHealthBoard:
    def test_a_part_is_late_when_its_promise_has_passed(self) -> None:
        clock = Hand()
        board = HealthBoard(clock)
        board.alive("reader", 5)
        clock.now = 5.1
        assert board.late() == ["reader"]
        board.alive("reader", 5)
        assert board.late() == []

    def test_trouble_lasts_from_its_first_word_and_keeps_the_newest_detail(self) -> None:
        clock = Hand()
        board = HealthBoard(clock)
        board.trouble("imap/orders", "login", "first")
        clock.now = 61
        board.trouble("imap/orders", "login", "second")
        (lasting,) = board.lasting(lambda _: 60)
        assert (lasting.detail, lasting.since) == ("second", 0)
        assert board.lasting(lambda _: 62) == []

    def test_a_part_that_is_well_again_is_told_once(self) -> None:
        board = HealthBoard()
        board.trouble("relay", "channel", "refused")
        board.well("relay")
        assert board.lasting(lambda _: 0) == []
        assert board.take_recovered() == {"relay"}
        assert board.take_recovered() == set()

    def test_an_alarm_that_a_run_before_left_open_ends_when_its_part_is_well(self) -> None:
        board = HealthBoard()
        board.remember([("relay", "channel"), ("imap/orders", "login"), ("imap/orders", "disk")])
        assert board.take_recovered() == set()
        board.well("relay")
        board.well("inlet")
        assert board.take_recovered() == {"relay"}
        board.well("relay")
        assert board.take_recovered() == set()

    def test_an_open_alarm_of_a_full_disk_is_known_by_its_kind_until_its_part_is_well(self) -> None:
        board = HealthBoard()
        board.remember([("smtp/inlet", "disk"), ("relay", "channel")])
        assert board.troubled("disk") == ["smtp/inlet"]
        board.well("smtp/inlet")
        assert board.troubled("disk") == []

    def test_an_alarm_stays_where_its_part_is_in_trouble_again(self) -> None:
        board = HealthBoard()
        board.trouble("relay", "channel", "refused")
        board.remember([("relay", "channel")])
        assert board.take_recovered() == set()
        board.well("relay")
        board.trouble("relay", "channel", "refused")
        board.put_back(["relay", "inlet"])
        assert board.take_recovered() == {"inlet"}
        board.well("relay")
        assert board.take_recovered() == {"relay"}


class TestLoop:
    def test_an_error_is_told_and_the_loop_goes_on(self) -> None:
        board, done = HealthBoard(), threading.Event()
        steps = iter([ValueError("secret words"), None])

        def step() -> bool:
            error = next(steps, None)
            if error:
                raise error
            done.set()
            return False

        loop = Loop("reader", step, board, Wake())
        loop.start()
        assert done.wait(5)
        loop.stop()
        assert loop.join(5)
        assert board.lasting(lambda _: 0) == []

    def test_the_first_step_that_goes_well_ends_an_alarm_that_a_run_before_left_open(self) -> None:
        board, loop_stepped = HealthBoard(), threading.Event()
        board.remember([("reader", "loop")])
        steps = iter([ValueError(), None, None])

        def step() -> bool:
            error = next(steps, None)
            if error:
                raise error
            loop_stepped.set()
            return False

        loop = Loop("reader", step, board, Wake())
        loop.start()
        assert loop_stepped.wait(5)
        loop.stop()
        assert loop.join(5)
        assert board.take_recovered() == {"reader"}

    def test_a_woken_loop_does_not_sleep_on(self) -> None:
        wake, ran = Wake(), threading.Semaphore(0)

        def step() -> bool:
            ran.release()
            return False

        loop = Loop("sender", step, HealthBoard(), wake)
        loop.pause = 60
        loop.start()
        assert ran.acquire(timeout=5)
        wake()
        assert ran.acquire(timeout=5)
        loop.stop()
        assert loop.join(5)


def test_an_errors_place_is_told_without_its_words() -> None:
    with pytest.raises(ValueError, match="138") as raised:
        int("13800138000x")
    place = place_of(raised.value)
    assert place.startswith("ValueError at test_health.py:")
    assert "138" not in place


def test_a_second_daemon_on_the_same_folder_is_told_who_runs(tmp_path: Path) -> None:
    lock = RunLock(tmp_path)
    with pytest.raises(AlreadyRunningError, match=f"process {os.getpid()}"):
        RunLock(tmp_path)
    lock.release()
    RunLock(tmp_path).release()


def test_systemd_hears_datagrams(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        notifier = Notifier({"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "30000000"})
        notifier.tell("READY=1", "STATUS=2 个来源")
        assert listener.recv(100).decode() == "READY=1\nSTATUS=2 个来源"
        assert notifier.watchdog is not None
        assert notifier.watchdog.total_seconds() == 30


def test_without_systemd_nobody_is_told() -> None:
    notifier = Notifier({})
    notifier.tell("READY=1")
    assert notifier.watchdog is None


class TestSecret:
    def test_it_is_made_once_for_our_eyes_only(self, tmp_path: Path) -> None:
        site = Site(data_folder=tmp_path)
        secret = site_secret(site)
        assert len(secret) == 64
        assert site_secret(site) == secret
        assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600

    def test_a_named_one_that_is_missing_or_short_is_a_clear_error(self, tmp_path: Path) -> None:
        site = Site(data_folder=tmp_path, secret_file=tmp_path / "named")
        with pytest.raises(ConfigurationError, match="can't be read"):
            site_secret(site)
        (tmp_path / "named").write_text("short")
        with pytest.raises(ConfigurationError, match="holds 5 bytes; at least 16"):
            site_secret(site)

    def test_keys_differ_by_every_part_and_by_the_secret(self) -> None:
        parts = ("work_order", "order:1/1", "email", "a@b.example")
        keys = {Keys(b"one").sending(*parts), Keys(b"two").sending(*parts)}
        keys |= {Keys(b"one").sending(*(*parts[:i], "x", *parts[i + 1 :])) for i in range(4)}
        assert len(keys) == 6
        assert Keys(b"one").sending(*parts) == Keys(b"one").sending(*parts)
        assert Keys(b"one").token("260310001") != Keys(b"one").token("260310002")


def test_daemons_on_one_machine_have_names_of_their_own_however_long_their_folders_are() -> None:
    long = Path("/srv") / ("very-long-name-" * 8)
    names = {owner_of("desk1", folder) for folder in (Path("/srv/a"), long / "a", long / "b")}
    names.add(owner_of("desk2", long / "a"))
    assert len(names) == 4
    assert all(len(name) <= 80 for name in names)
    assert owner_of("desk1", long / "a") in names


class TestFailpoints:
    def test_they_are_refused_without_the_test_flag(self) -> None:
        with pytest.raises(ValueError, match="set INGESTD_TEST=1"):
            armed({"INGESTD_FAILPOINT": "out.after_dot:raise"})

    def test_a_wrong_action_is_refused(self) -> None:
        with pytest.raises(ValueError, match="should be NAME:ACTION"):
            armed({"INGESTD_FAILPOINT": "out.after_dot:explode", "INGESTD_TEST": "1"})

    def test_unarmed_they_do_nothing(self) -> None:
        assert armed({}) is nothing

    def test_the_nth_passing_acts(self) -> None:
        point = armed({"INGESTD_FAILPOINT": "a@2:raise,b:enospc", "INGESTD_TEST": "1"})
        point("a")
        point("c")
        with pytest.raises(FailpointError):
            point("a")
        with pytest.raises(OSError, match="Errno 28"):
            point("b")

    def test_some_passings_act_and_those_behind_them_do_not(self) -> None:
        point = armed({"INGESTD_FAILPOINT": "a@2-3:raise", "INGESTD_TEST": "1"})
        point("a")
        for _ in range(2):
            with pytest.raises(FailpointError):
                point("a")
        point("a")

    def test_kill9_is_a_real_kill(self) -> None:
        code = "from ingestd.domain.failpoint import failpoint; failpoint('x'); print('alive')"
        environment = {**os.environ, "INGESTD_FAILPOINT": "x:kill9", "INGESTD_TEST": "1"}
        done = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, timeout=30, check=False
        )
        assert (done.returncode, done.stdout) == (-signal.SIGKILL, b"")


def test_a_log_line_is_one_json_object_with_its_ids(capsys: pytest.CaptureFixture[str]) -> None:
    root, before = logging.getLogger(), logging.getLogger().handlers[:]
    try:
        set_up_log(Logging())
        log("message.stored", message=7, account="订单")
        line = json.loads(capsys.readouterr().out)
    finally:
        root.handlers[:] = before
    assert (line["event"], line["message"], line["account"], line["level"]) == ("message.stored", 7, "订单", "INFO")
    assert isinstance(root.handlers[:1], list)
    assert JsonLines().format(logging.makeLogRecord({"msg": "a\nb"})).count("\n") == 0
