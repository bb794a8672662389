"""Fields as an agent names them: by their path, or by their name in his language."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from ingestd.cli.trouble import WRONG_USE, Trouble
from ingestd.cli.words import word, words
from ingestd.composing.wording import LANGUAGES

SIGNS = "=＝"


def split(given: str) -> tuple[str, str]:
    """A field's path and what is to stand in it, of `FIELD=VALUE`; raises Trouble."""
    at = min((given.index(sign) for sign in SIGNS if sign in given), default=-1)
    if at < 1:
        raise Trouble(word("desk.wrong.no_equals", given=given), WRONG_USE)
    name = given[:at].strip()
    return spoken().get(name.lower(), name), given[at + 1 :].strip()


@cache
def spoken() -> dict[str, str]:
    """Paths by what they are called, in every language."""
    return dict(named())


def named() -> Iterator[tuple[str, str]]:
    """Each field with each of its names."""
    for language in LANGUAGES:
        for key, name in words(language).items():
            if key.startswith("field."):
                yield name.lower(), key.removeprefix("field.")
