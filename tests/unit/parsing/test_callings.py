"""Names without what stands at their edges."""

from __future__ import annotations

import pytest

from ingestd.parsing import callings
from ingestd.parsing.definitions import Definitions


@pytest.mark.parametrize(
    ("taken", "name"),
    [
        ("小侯收", "小侯"), ("件丁先生", "丁先生"), ("西安小侯", "小侯"), ("买主罗老师", "罗老师"),
        ("马晓签收", "马晓"), ("王小明", "王小明"), ("关先生", "关先生"), ("乌兰其其格", "乌兰其其格"),
        ("李要", "李要"), ("老白", "老白"),
    ],
)  # fmt: skip
def test_a_name_is_left_of_what_was_taken_for_one(taken: str, name: str, definitions: Definitions) -> None:
    start, end = callings.bounds(taken, definitions)
    assert taken[start:end] == name
