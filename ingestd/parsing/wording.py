"""Regular expressions made of word lists, so that the words themselves stay in the parser definitions."""

from __future__ import annotations

import re
from collections.abc import Iterable

GAP = "…"  # in a phrase: up to eight characters of the same clause
GAP_PATTERN = r"[^\n,。;!?]{0,8}"
NOTHING = r"(?!)"  # matches nowhere


def alternation(words: Iterable[str]) -> str:
    """A pattern for any of `words`, the longest first, as a prefix tree so that a scan stays quick."""
    tree: dict[str, dict] = {}  # type: ignore[type-arg]
    for word in words:
        node = tree
        for char in word:
            node = node.setdefault(char, {})
        if word:
            node[""] = {}
    return branch(tree) if tree else NOTHING


def branch(node: dict) -> str:  # type: ignore[type-arg]
    """The pattern of one node of the prefix tree."""
    paths = [re.escape(char) + branch(rest) for char, rest in node.items() if char]
    if not paths:
        return ""
    joined = paths[0] if len(paths) == 1 and "" not in node else "(?:" + "|".join(paths) + ")"
    return joined + "?" if "" in node else joined


def phrase(written: str) -> str:
    """The pattern of a phrase: literal words, `(a|b)` for a choice and `…` for a short gap."""
    parts = re.split(r"([()|]|…)", written)
    return "".join(PHRASE_SIGNS.get(part) or re.escape(part) for part in parts)


PHRASE_SIGNS = {"(": "(?:", ")": ")", "|": "|", GAP: GAP_PATTERN}


def phrases(written: Iterable[str]) -> str:
    """The pattern of any of several phrases, tried in the order of their length."""
    ordered = sorted(written, key=len, reverse=True)
    return "|".join(phrase(p) for p in ordered) if ordered else NOTHING


def balanced(written: str) -> bool:
    """Whether a phrase's brackets are balanced."""
    depth = 0
    for char in written:
        depth += (char == "(") - (char == ")")
        if depth < 0:
            return False
    return depth == 0
