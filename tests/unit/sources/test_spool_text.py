"""What the names and bytes of gammu-smsd's files say."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestd.sources.spool.text import SpoolFile, e164, joined_text, missing_parts, sent_at, sms_form, spool_file

ZONE = ZoneInfo("Asia/Shanghai")


def part(number: int) -> SpoolFile:
    return SpoolFile(f"IN_{number}", "IN", "10086", "", number, is_text=True)


@pytest.mark.parametrize(
    ("name", "sender", "number", "is_text"),
    [
        ("IN20261122_101500_00_+8613900139000_00.txt", "+8613900139000", 0, True),
        ("IN20261122_101500_03_10086_02.txt", "10086", 2, True),
        ("IN20261122_101500_00_My_Bank_00.txt", "My_Bank", 0, True),
        ("IN20261122_101500_00__00.txt", "", 0, True),
        ("IN20261122_101500_00_10086_00.bin", "10086", 0, False),
    ],
)
def test_a_name_of_smsd_s_is_read(name: str, sender: str, number: int, is_text: bool) -> None:
    file = spool_file(name)
    assert file is not None
    assert (file.sender, file.part, file.is_text, file.sent_at) == (sender, number, is_text, "20261122_101500")


@pytest.mark.parametrize("name", ["notes.txt", "OUT+86139.txt", "IN20261122_101500_00_10086_00", "IN_00.txt", ""])
def test_any_other_name_is_not(name: str) -> None:
    assert spool_file(name) is None


def test_the_parts_of_one_text_share_their_group_and_no_other_does() -> None:
    names = [
        "IN20261122_101500_00_10086_00.txt",
        "IN20261122_101500_00_10086_01.txt",
        "IN20261122_101500_01_10086_00.txt",
    ]
    first, second, other = (file.group for file in map(spool_file, names) if file)
    assert first == second != other


@pytest.mark.parametrize(("numbers", "missing"), [([0], []), ([0, 1, 2], []), ([1], [0]), ([0, 3], [1, 2]), ([], [])])
def test_parts_left_out_below_the_last_are_missing(numbers: list[int], missing: list[int]) -> None:
    assert missing_parts(map(part, numbers)) == missing


@pytest.mark.parametrize(
    ("sender", "shown"),
    [
        ("13823033212", "+8613823033212"),
        ("8613823033212", "+8613823033212"),
        ("008613823033212", "+8613823033212"),
        ("+8613823033212", "+8613823033212"),
        ("+85291234567", "+85291234567"),
        ("075512345678", "075512345678"),
        ("12823033212", "12823033212"),
        ("10086", "10086"),
        ("106901234567890", "106901234567890"),
        ("My_Bank", "My_Bank"),
        ("x\nTo: y", "xTo: y"),
    ],
)
def test_chinese_mobiles_become_international_and_others_stay(sender: str, shown: str) -> None:
    assert e164(sender) == shown


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=200), st.integers(1, 80))
def test_a_text_cut_anywhere_and_padded_with_anything_is_whole_again(told: str, units: int) -> None:
    encoded = told.encode("utf-16-be")
    pieces = [encoded[at : at + 2 * units] for at in range(0, len(encoded), 2 * units)] or [b""]
    assert joined_text([b"\xfe\xff" + piece + b"\0\0" + b"\x61\xf1\x01" for piece in pieces]) == told


def test_half_a_character_at_the_end_does_not_stop_the_rest() -> None:
    assert joined_text([b"\xfe\xff" + "提货".encode("utf-16-be") + b"\xd8\x3d"]) == "提货\ufffd"


@pytest.mark.parametrize("stamp", ["20261322_101500", "20261122_250000"])
def test_a_stamp_that_is_no_time_is_none(stamp: str) -> None:
    assert sent_at(stamp, ZONE) is None


def test_the_form_is_that_of_the_contract() -> None:
    at = datetime(2026, 3, 10, 10, 2, 3, tzinfo=ZONE)
    assert sms_form("13823033212", at, "10690000", "收到\n谢谢") == (
        "From: +8613823033212\nDate: 2026-03-10T10:02:03+08:00\nTo: 10690000\n\n收到\n谢谢".encode()
    )
