"""Which options of a new configuration count at once, and which wait; turns between which things change."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from ingestd.config.load import Configuration
from ingestd.config.settings import Mode, Settings
from ingestd.config.tables import Tables
from ingestd.daemon.reload import (
    AT_START,
    Reloaded,
    Turns,
    changes,
    needs_restart,
    place_of_fault,
    read_result,
    running_settings,
    write_result,
)

OLD = Settings.model_validate(
    {"imap": [{"name": "orders", "host": "a.example"}, {"name": "gone", "host": "b.example"}]}
)
NEW = Settings.model_validate(
    {
        "site": {"mode": "shadow", "timezone": "Asia/Tokyo"},
        "imap": [{"name": "orders", "host": "a.example", "password": "x"}, {"name": "more", "host": "c.example"}],
        "chasing": {"quiet": ""},
        "relay": {"port": 465, "security": "tls"},
    }
)


def test_what_was_made_at_the_start_stays_and_the_rest_counts() -> None:
    now = running_settings(OLD, NEW)
    assert (now.site.mode, now.chasing.quiet) == (Mode.SHADOW, "")
    assert (now.site.timezone, now.relay, now.imap) == (OLD.site.timezone, OLD.relay, OLD.imap)


def test_both_are_told_by_name_and_never_by_value() -> None:
    waiting = ("site.timezone", "imap.gone", "imap.more", "imap.orders.password", "relay.port", "relay.security")
    assert needs_restart(OLD, NEW) == waiting
    tables = Tables.model_validate({"customer": [{"name": "甲"}]})
    before, after = Configuration(OLD, Tables(), Path()), Configuration(NEW, tables, Path())
    assert changes(before, after) == ("site.mode", "chasing.quiet", "customer")


def test_nothing_new_is_nothing_to_tell() -> None:
    same = Configuration(OLD, Tables(), Path())
    assert changes(same, same) == needs_restart(OLD, OLD) == ()


def test_every_section_that_is_kept_is_one_of_ours() -> None:
    assert set(AT_START) <= Settings.model_fields.keys()


def test_the_log_hears_of_the_place_of_a_fault_alone() -> None:
    fault = "/etc/ingestd/staff.toml: staff.0.phone: String should match (found '13800138000')"
    assert place_of_fault(fault) == "/etc/ingestd/staff.toml: staff.0.phone"


def test_what_came_of_it_is_found_again(tmp_path: Path) -> None:
    assert read_result(tmp_path) is None
    told = Reloaded(False, faults=("areas.toml: 区域",))
    write_result(tmp_path, told)
    assert read_result(tmp_path) == told


def test_things_change_only_between_steps_and_a_busy_part_does_not_keep_them_waiting() -> None:
    turns, inside, ended = Turns(), threading.Event(), threading.Event()

    def step() -> None:
        inside.set()
        time.sleep(0.002)
        inside.clear()

    turn = turns.taking(step)

    def work() -> None:
        while not ended.is_set():
            turn()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        for _ in range(20):
            with turns.nobody_working():
                assert not inside.is_set()
    finally:
        ended.set()
        thread.join(5)
    assert not thread.is_alive()
