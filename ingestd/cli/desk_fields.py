"""Fields as an agent names them, by their path or their name in his language, with what he writes into them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from ingestd.cli.asking import NO
from ingestd.cli.trouble import WRONG_USE, Trouble
from ingestd.cli.words import word, words
from ingestd.composing.wording import LANGUAGES

SIGNS = "=＝"
GOODS = "cargo."
NUMBERED = re.compile(r"(?P<name>.*?\S)\s*(?P<line>[1-9]\d?)")
CHOSEN = ("payment", "delivery", "receipt")  # fields whose values the terminal has words for


def split(given: str) -> tuple[str, str]:
    """A field's path and what is to stand in it, of `FIELD=VALUE`; raises Trouble."""
    at = min((given.index(sign) for sign in SIGNS if sign in given), default=-1)
    if at < 1:
        raise Trouble(word("desk.wrong.no_equals", given=given), WRONG_USE)
    name, value = given[:at].strip(), given[at + 1 :].strip()
    path = path_of(name)
    return path, meant(path, value)


def path_of(name: str) -> str:
    """The path of a field's name; of one with a number behind it that line of the goods, as the desk shows them."""
    numbered = NUMBERED.fullmatch(name.lower())
    path = named("field").get(numbered["name"] if numbered else name.lower(), name)
    if numbered is None or not path.startswith(GOODS):
        return path
    return f"cargo[{int(numbered['line']) - 1}].{path.removeprefix(GOODS)}"


def meant(path: str, value: str) -> str:
    """What an answer stands for: the code of a word that the terminal shows; nothing where goods are not to be held."""
    if path == "hold" and value.lower() in NO:
        return ""
    return named(path).get(value.lower(), value) if path in CHOSEN else value


@cache
def named(group: str) -> dict[str, str]:
    """The codes of a group of words by what they are called, in every language."""
    return dict(names_of(group))


def names_of(group: str) -> Iterator[tuple[str, str]]:
    """Each code of a group behind each of its names."""
    for language in LANGUAGES:
        for key, name in words(language).items():
            if key.startswith(f"{group}."):
                yield name.lower(), key.removeprefix(f"{group}.")
