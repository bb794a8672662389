"""The names under which texts lie in gammu-smsd's spool."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestd.channels.spool.names import LONGEST, file_name, hidden, key_of
from tests.unit.channels.claims import TEXT

DEADLINE = TEXT.deadline

KEYS = st.text(st.characters(codec="ascii", categories=["L", "N", "P"]), min_size=1, max_size=20)
NUMBERS = st.from_regex(r"\+[0-9]{5,15}", fullmatch=True)


@given(KEYS, NUMBERS)
def test_a_name_gives_its_key_back_and_is_read_by_gammu_as_six_fields(key: str, number: str) -> None:
    name = file_name(key, number, DEADLINE)
    assert key_of(name) == key
    assert name.split("_")[3] == number
    assert len(name.split("_")) == 5
    assert name.count(".txt") >= 1
    assert name.endswith("_.txt")


@given(st.tuples(KEYS, NUMBERS), st.tuples(KEYS, NUMBERS))
def test_different_sendings_never_share_a_name(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert (file_name(*one, DEADLINE) == file_name(*other, DEADLINE)) == (one == other)


def test_the_earliest_deadline_comes_first_in_gammus_order_of_names() -> None:
    names = [file_name(key, "+8613800138000", DEADLINE + timedelta(seconds=s)) for key, s in (("z", 0), ("a", 1))]
    assert sorted(names) == names


def test_a_name_that_would_overrun_gammu_is_refused() -> None:
    longest = LONGEST - len(file_name("k", "+8613800138000", DEADLINE)) + 1
    assert len(file_name("k" * longest, "+8613800138000", DEADLINE)) == LONGEST
    with pytest.raises(ValueError, match="too long by 1 "):
        file_name("k" * (longest + 1), "+8613800138000", DEADLINE)


@pytest.mark.parametrize("number", ["", "+", "+86 138", "../../x", "+8613800138000\n", "13800138000_1"])
def test_what_is_no_number_gets_no_name(number: str) -> None:
    with pytest.raises(ValueError, match="number"):
        file_name("key", number, DEADLINE)


@pytest.mark.parametrize(
    "name", ["OUTC20261122_101500_00_+8613800138000_sms0.txt", "OUT+8613800138000.txt", "notes.txt"]
)
def test_a_file_that_is_not_ours_has_no_key(name: str) -> None:
    assert key_of(name) is None


def test_the_name_while_writing_is_hidden_and_is_not_ours() -> None:
    name = hidden(file_name("key", "+8613800138000", DEADLINE))
    assert name.startswith(".")
    assert key_of(name) is None
