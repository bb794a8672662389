"""`follow_ups.toml`: the rows that are shipped, and what is said of rows that can't be."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from ingestd.config.follow_up import FollowUp
from ingestd.config.load import ConfigurationError, load, validated
from ingestd.config.settings import Settings
from ingestd.config.shipped import shipped
from ingestd.config.tables import Tables
from ingestd.domain.order import Happening

FILE = shipped("config") / "follow_ups.toml"
TEXT = FILE.read_text("utf-8")
ROW: dict[str, Any] = {"name": "asked", "after": "confirmed", "to": "dispatcher", "letter": "chase"}


def faults(**changes: object) -> str:
    """What is said of one row."""
    with pytest.raises(ConfigurationError) as error:
        validated(Tables, {"follow_up": [{**ROW, **changes}]}, {"follow_up": Path("follow_ups.toml")})
    return str(error.value)


def test_every_row_that_is_shipped_is_right_and_used() -> None:
    rows = Tables.model_validate(tomllib.loads(TEXT)).follow_up
    assert {"not_accepted", "pickup_overdue", "pickup_escalated", "delivery_overdue", "closing"} <= {
        r.name for r in rows
    }


def test_the_file_says_what_may_stand_in_a_row() -> None:
    head = TEXT.partition("[[follow_up]]")[0]
    assert [key for key in FollowUp.model_fields if not re.search(rf"\b{key}\b", head)] == []
    ends = {Happening.CANCELLED, Happening.CLOSED}  # end everything
    assert [one for one in Happening if one not in ends and one not in head] == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"to": "boss"}, "follow_ups.toml: follow_up.asked.to: Input should be 'dispatcher', 'depot'"),
        ({"afer": "x"}, "follow_ups.toml: follow_up.asked.afer: there is no such option"),
        (
            {"after": "lunch"},
            'after = "lunch" is neither the name of a follow-up above it nor one of confirmed, amended',
        ),
        ({"after": "asked"}, 'after = "asked" is neither the name of a follow-up above it'),
        ({"wait": -60}, 'wait is negative; only after = "pickup_by" or "deliver_by" has a time before it'),
        ({"times": 3}, "every = 1800 would be right"),
        ({"until": ["lunch"]}, "follow_ups.toml: follow_up.asked.until.0: Input should be 'confirmed'"),
        ({"to": "consignee"}, 'an announcement goes to = "consignee", and nothing else does'),
        ({"letter": "announcement"}, 'an announcement goes to = "consignee"'),
        ({"letter": "progress:daily"}, 'goes to = "shipper"'),
        ({"letter": "song"}, "follow_ups.toml: follow_up.asked.letter: String should match"),
        ({"to": "nobody"}, "goes to our own people"),
        ({"letter": "none"}, "it does nothing"),
        ({"escalates_to": ["shipper"]}, "our own people only"),
        ({"name": "Asked!"}, "follow_ups.toml: follow_up.Asked!.name"),
        ({"name": "taken"}, "is called like something that happens"),
    ],
)
def test_a_row_that_cannot_be_is_named_with_what_would_be_right(wrong: dict[str, object], said: str) -> None:
    assert said in faults(**wrong)


def test_a_name_that_stands_twice_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="follow-up asked stands twice"):
        validated(Tables, {"follow_up": [ROW, ROW]}, {})


def test_options_that_moved_say_where_they_are_now() -> None:
    with pytest.raises(
        ConfigurationError, match=r"pickup\.ask_after: .* wait of the follow-up pickup_asked in follow_up"
    ):
        validated(Settings, {"pickup": {"ask_after": 60}}, {"pickup": Path("ingestd.toml")})
    with pytest.raises(ConfigurationError, match=r"it is one_message_within in \[chasing\] now"):
        validated(Settings, {"pickup": {"one_message_within": 60}}, {"pickup": Path("ingestd.toml")})


@pytest.mark.parametrize(("rounds", "right"), [(["09:30", "14:30"], True), (["14:30", "09:30"], False), ([], False)])
def test_rounds_follow_one_another(rounds: list[str], right: bool) -> None:
    given = {"chasing": {"rounds": rounds}}
    if right:
        assert len(validated(Settings, given, {}).chasing.rounds) == 2
    else:
        with pytest.raises(ConfigurationError, match="rounds"):
            validated(Settings, given, {})


@pytest.mark.parametrize("quiet", ["22:00", "22:00-22:00", "night"])
def test_quiet_hours_are_hours(quiet: str) -> None:
    with pytest.raises(ConfigurationError, match="write hours like"):
        validated(Settings, {"chasing": {"quiet": quiet}}, {})


def test_a_site_has_the_shipped_rows_or_its_own_as_a_whole(tmp_path: Path) -> None:
    for file in (shipped("config") / "demo").glob("*.toml"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "follow_ups.toml").unlink(missing_ok=True)
    assert len(load(tmp_path / "ingestd.toml", {}).tables.follow_up) == TEXT.count("[[follow_up]]")
    (tmp_path / "follow_ups.toml").write_text(
        '[[follow_up]]\nname = "asked"\nafter = "confirmed"\nto = "dispatcher"\nletter = "chase"\n'
    )
    assert [row.name for row in load(tmp_path / "ingestd.toml", {}).tables.follow_up] == ["asked"]
