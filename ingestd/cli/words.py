"""The words that the command line speaks, Chinese or English by the person's locale; they live in `words.*.toml`.

Reasons and what a freight goes by are called as the letters call them: their words are read from `templates`.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any

from ingestd.config.shipped import shipped

FOLDER = Path(__file__).parent
OF_LETTERS = ("review", "basis")  # tables that the terminal has from the letters' own words
CHOSEN: ContextVar[str] = ContextVar("CHOSEN", default="")  # by an option, which wins over the locale
VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")  # the first that is set counts, as POSIX has it


def language(environment: Mapping[str, str]) -> str:
    """`zh` where the person's locale is Chinese, else `en`."""
    locale = next((environment[name] for name in VARIABLES if environment.get(name)), "")
    return "zh" if locale.lower().startswith("zh") else "en"


@cache
def words(spoken: str) -> Mapping[str, str]:
    """All words of a language by their dotted keys."""
    of_letters = tomllib.loads((shipped("templates") / f"labels.{spoken}.toml").read_text("utf-8"))
    shared = {group: of_letters[group] for group in OF_LETTERS}
    return dict(flat(shared)) | dict(flat(tomllib.loads((FOLDER / f"words.{spoken}.toml").read_text("utf-8"))))


def flat(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """The texts of nested tables with their dotted keys."""
    for key, value in table.items():
        if isinstance(value, dict):
            yield from flat(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


def language_now() -> str:
    """The language of whoever types."""
    return CHOSEN.get() or language(os.environ)


@contextmanager
def speaking(spoken: str) -> Iterator[None]:
    """Speak a language whatever the locale says."""
    before = CHOSEN.set(spoken)
    try:
        yield
    finally:
        CHOSEN.reset(before)


def word(key: str, /, **values: object) -> str:
    """The text under a dotted key with its values filled in."""
    text = words(language_now())[key]
    return text.format(**values) if values else text


def term(group: str, code: str) -> str:
    """What a code is called, such as a state; the code itself where it has no name."""
    return words(language_now()).get(f"{group}.{code}", code)


def span(seconds: float) -> str:
    """A length of time as people say it: 4.2 s, 12 min, 3 h 05 min, 2 d 4 h."""
    if seconds < 60:
        return word("span.seconds", s=f"{max(seconds, 0):.1f}" if seconds < 10 else f"{seconds:.0f}")
    minutes = int(seconds // 60)
    if minutes < 60:
        return word("span.minutes", m=minutes)
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return word("span.hours", h=hours, m=f"{minutes:02d}")
    return word("span.days", d=hours // 24, h=hours % 24)
