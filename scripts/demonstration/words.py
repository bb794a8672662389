"""The demo's own words, in the language that the command line speaks too."""

from __future__ import annotations

import os
import tomllib
from functools import cache
from pathlib import Path

from ingestd.cli.words import language

FOLDER = Path(__file__).parent


@cache
def words(spoken: str) -> dict[str, str]:
    """All words of a language."""
    return tomllib.loads((FOLDER / f"words.{spoken}.toml").read_text("utf-8"))


def spoken() -> str:
    """`zh` or `en`, by the person's locale."""
    return language(os.environ)


def say(key: str, **values: object) -> str:
    """The text under a key with its values filled in."""
    return words(spoken())[key].format(**values)
