"""Every follow-up that we ship has its words in letters and at the terminal, in both languages."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from ingestd.cli.words import words
from ingestd.config.shipped import shipped
from ingestd.domain.order import OrderState

ROWS = tomllib.loads((shipped("config") / "follow_ups.toml").read_text("utf-8"))["follow_up"]


def labels(language: str) -> dict[str, Any]:
    return tomllib.loads((shipped("templates") / f"labels.{language}.toml").read_text("utf-8"))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_a_chase_asks_is_said_in_words(language: str) -> None:
    asked = {row["name"] for row in ROWS if row["letter"] in ("chase", "escalation")}
    assert asked - labels(language)["follow_up"].keys() == set()


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("kind", ["notice", "progress"])
def test_what_a_letter_is_about_has_its_words(language: str, kind: str) -> None:
    named = {row["letter"].partition(":")[2] for row in ROWS if row["letter"].startswith(f"{kind}:")}
    assert named - labels(language)[kind].keys() - {"daily"} == set()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_terminal_has_a_name_for_each(language: str) -> None:
    assert {f"follow_up.{row['name']}" for row in ROWS} - words(language).keys() == set()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_shipper_is_told_of_each_state_in_words(language: str) -> None:
    states = {str(state) for state in OrderState} - {"refused"}
    assert states - labels(language)["state"].keys() - {"cancelled"} == set()
