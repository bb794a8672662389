"""Regular expressions made of word lists, so that the words themselves stay in the parser definitions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from math import prod

GAP = "…"  # in a phrase: up to eight characters of the same clause
GAP_PATTERN = r"[^\n,。;!?]{0,8}"
FEW, FEW_BEHIND = 64, 8  # choices that are quickly tried one after the other, ahead and by a look behind
IN_WORD = re.compile(r"[a-z]{2}")
NOTHING = r"(?!)"  # matches nowhere


def alternation(words: Iterable[str]) -> str:
    """A pattern for any of `words`, the longest first, as a prefix tree so that a scan stays quick."""
    found = tree(words)
    if len(found) <= FEW:
        return branch(found) if found else NOTHING
    return sorted_by_first({char: branch(rest) for char, rest in found.items()})


def sorted_by_first(rests: Mapping[str, str]) -> str:
    """A pattern for a first character with its rest behind it, which does not try hundreds of them in turn."""
    return f"(?:[{signs(rests)}]{halved(list(rests.items()))})"


def halved(rests: list[tuple[str, str]]) -> str:
    """A pattern for what stands behind a first character, which is looked for in one half of the choices at a time."""
    if len(rests) <= FEW_BEHIND:
        return f"(?:{'|'.join(f'(?<={re.escape(char)}){rest}' for char, rest in rests)})"
    halves = rests[: len(rests) // 2], rests[len(rests) // 2 :]
    choices = (f"(?<=[{signs(char for char, _ in half)}]){halved(half)}" for half in halves)
    return f"(?:{'|'.join(choices)})"


def signs(chars: Iterable[str]) -> str:
    """Characters as they stand in a set."""
    return "".join(map(re.escape, chars))


def tree(words: Iterable[str]) -> dict[str, dict]:  # type: ignore[type-arg]
    """The prefix tree of some words."""
    root: dict[str, dict] = {}  # type: ignore[type-arg]
    for word in words:
        node = root
        for char in word:
            node = node.setdefault(char, {})
        if word:
            node[""] = {}
    return root


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
SIGNS = re.compile(r"[()|…]")


def phrases(written: Iterable[str]) -> str:
    """The pattern of any of several phrases, tried in the order of their length."""
    ordered = sorted(written, key=len, reverse=True)
    return "|".join(phrase(p) for p in ordered) if ordered else NOTHING


def literal(written: str) -> bool:
    """Whether a phrase is one literal, without choices and gaps, as most are."""
    return SIGNS.search(written) is None


def needed(written: str) -> str:
    """The longest literal that any text with this phrase holds; empty where there is none."""
    if literal(written):
        return written
    runs, depth = [""], 0
    for char in written:
        depth += (char == "(") - (char == ")")
        if char == "|" and not depth:
            return ""
        if char in PHRASE_SIGNS:
            runs.append("")
        elif not depth:
            runs[-1] += char
    return max(runs, key=len)


MAX_SPREAD = 256  # phrases that one is spread into
EXPANDED_PARTS = re.compile(r"<[a-z_]+>|\([^()]*\)")
EXPANDED = re.compile(r"<([a-z_]+)>|\(([^()]*)\)")


def expanded(written: str, words_of: Callable[[str], tuple[str, ...]]) -> tuple[str, ...]:
    """A phrase with each `<list>` replaced by each of the list's words, and each `(a|b)` by each of its choices."""
    part = EXPANDED.search(written)
    if part is None:
        return (written,)
    options = words_of(part[1]) if part[1] else part[2].split("|")
    rests = expanded(written[part.end() :], words_of)
    inner = (one for option in options for one in expanded(option, words_of))
    return tuple(written[: part.start()] + option + rest for option in inner for rest in rests)


def spread(written: str, words_of: Callable[[str], tuple[str, ...]]) -> tuple[str, ...]:
    """A phrase as so many phrases as are quickly looked up, each with a literal of some length where it can have one.

    One without a gap is expanded as a whole where that gives few; else its other choices are left to be searched.
    """
    parts = [re.split(EXPANDED_PARTS, written)[0]]
    groups: list[tuple[str, ...]] = []
    rest = written[len(parts[0]) :]
    while part := EXPANDED.match(rest):
        options = words_of(part[1]) if part[1] else part[2].split("|")
        found = {one for option in options for one in expanded(option, words_of)}
        groups.append(tuple(sorted(found, key=len, reverse=True)))
        literal = re.split(EXPANDED_PARTS, rest[part.end() :])[0]
        parts.append(literal)
        rest = rest[part.end() + len(literal) :]
    if written.isascii() or (GAP not in written and prod(map(len, groups)) <= MAX_SPREAD):
        return expanded(written, words_of)
    opened: set[int] = set()
    for index in reversed(range(len(groups))):  # what is said is rarer than of what
        done = joined(parts, groups, opened)
        if min(len(needed(one)) for one in done) > 1 or len(done) * len(groups[index]) > MAX_SPREAD:
            return done
        opened.add(index)
    return joined(parts, groups, opened)


def joined(parts: list[str], groups: list[tuple[str, ...]], opened: set[int]) -> tuple[str, ...]:
    """A phrase's parts with their groups between them, those that are opened choice by choice."""
    heads = [parts[0]]
    for index, (group, literal) in enumerate(zip(groups, parts[1:], strict=True)):
        choices = group if index in opened else (f"({'|'.join(group)})",)
        heads = [head + choice + literal for head in heads for choice in choices]
    return tuple(heads)


def classes(written: str) -> tuple[str, ...]:
    """The names of the word lists that a phrase refers to."""
    return tuple(part[1] for part in EXPANDED.finditer(written) if part[1])


def gate(written: Iterable[str]) -> re.Pattern[str]:
    """A quick pattern that is found in every text in which one of some phrases or words is."""
    openings = {needed(p)[:2] for p in written}
    return re.compile("" if "" in openings else alternation(openings))


def opens(written: str) -> set[str]:
    """The characters a phrase may begin with; none where that is not known."""
    found: set[str] = set()
    for index, part in enumerate(re.split(r"\(([^()]*)\)", written)):
        options = part.split("|") if index % 2 else [part]
        if any(o[:1] in PHRASE_SIGNS for o in options) or (not index % 2 and "|" in part):
            return set()
        found |= {o[0] for o in options if o}
        if all(options):
            return found
    return set()


def guard(written: Iterable[str], others: str = "") -> str:
    """A look ahead that lets a scan pass quickly over places where no phrase begins; `others` goes into its set."""
    sets = [opens(p) for p in written]
    if not all(sets):
        return ""
    signs = "".join(sorted(map(re.escape, set().union(*sets))))
    return rf"(?=[{signs}{others}])" if signs or others else ""


def matches_at(places: Iterable[int], pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """What `pattern.finditer` gives where a match can only begin at some places, which are in order."""
    position = 0
    for place in places:
        if place >= position and (match := pattern.match(text, place)):
            yield match
            position = match.end()


def within_word(text: str, start: int) -> bool:
    """Whether what begins at a place of a folded text is the end of a word in letters: "i pay" in "Shanghai pays"."""
    return IN_WORD.match(text, start - 1) is not None if start else False


def balanced(written: str) -> bool:
    """Whether a phrase's brackets are balanced."""
    depth = 0
    for char in written:
        depth += (char == "(") - (char == ")")
        if depth < 0:
            return False
    return depth == 0
