"""Patterns made of word lists."""

from __future__ import annotations

import random
import re

import pytest

from ingestd.parsing.wording import FEW, alternation, matches_at, within_word


@pytest.mark.parametrize("firsts", [3, FEW, FEW + 1, 9 * FEW])
def test_an_alternation_finds_the_longest_word_whatever_their_number(firsts: int) -> None:
    chance = random.Random(firsts)
    signs = [chr(0x4E00 + number) for number in range(firsts)]
    words = {"".join(chance.choices(signs, k=chance.randint(1, 3))) for _ in range(4 * firsts)} | set(signs)
    text = "".join(chance.choices([*signs, "\n", "a"], k=2000))
    plain = re.compile("|".join(sorted(words, key=len, reverse=True)))
    assert re.findall(alternation(words), text) == plain.findall(text)


def test_matches_at_places_are_those_of_a_whole_search() -> None:
    text = "aab ab aaab b"
    pattern = re.compile("a+b")
    found = matches_at([m.start() for m in re.finditer("a", text)], pattern, text)
    assert [m.span() for m in found] == [m.span() for m in pattern.finditer(text)] == [(0, 3), (4, 6), (7, 11)]


def test_letters_within_a_word_are_no_phrase() -> None:
    assert within_word("shanghai pays", 7)
    assert not within_word("so i pay", 3)
    assert not within_word("i pay", 0)
