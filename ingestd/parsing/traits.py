"""What is said of each token of a text that learned weights go by: its words around, its line, what stands near."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ingestd.parsing import gazetteer, parties, places
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.items import Item, Kind
from ingestd.parsing.tokens import Token, starts
from ingestd.parsing.wording import alternation

EDGE = 4  # tokens looked at on either side
STOPS = frozenset(",;。!?、\n")
NONE = "-"
FAR_FIRM = 12  # tokens up to a word that companies end with
NEAR, BEHIND = 8, 5  # tokens before and behind a number whose words count by themselves
FEW = 4  # numbers; more are as many


@dataclass(frozen=True, slots=True)
class Grammar:
    """The words that are told of."""

    surnames: frozenset[str]
    title: re.Pattern[str]
    firm: re.Pattern[str]


@lru_cache(maxsize=4)
def grammar(definitions: Definitions) -> Grammar:
    """The words of the definitions' lists."""
    of = definitions.of
    return Grammar(
        surnames=frozenset("".join(of("surnames"))),
        title=re.compile(alternation(of("titles"))),
        firm=re.compile(alternation({*of("company_tails"), *of("generic_tails")})),
    )


def traits(folded: str, found: Sequence[Token], items: Iterable[Item], definitions: Definitions) -> list[list[str]]:
    """For each token what is said of it, each trait with a sign of its own before it."""
    g = grammar(definitions)
    words = ["^"] * EDGE + [t.word for t in found] + ["$"] * EDGE
    sorts = ["^"] * EDGE + [t.sort for t in found] + ["$"] * EDGE
    town = [NONE] * 2 + towns(folded, found, definitions) + [NONE] * 2
    titles = "-" * EDGE + told(folded, found, g.title) + "-" * EDGE
    firms = told(folded, found, g.firm)
    left, right, distance = neighbours(found)
    labels, lines, columns = lines_of(found)
    before, behind = clauses(found)
    dialled, numbers = phones(found)
    looks = looks_of(folded, found, items, definitions)
    out: list[list[str]] = []
    for n, token in enumerate(found):
        b3, b2, b1, w, f1, f2, f3 = words[n + 1 : n + 8]
        s2, s1, s0, r1, r2, r3 = sorts[n + 2 : n + 8]
        said = [
            "0" + w, "1" + b1, "2" + f1, "3" + b2, "4" + f2, "5" + b1 + w, "6" + w + f1, "7" + b2 + b1, "8" + f1 + f2,
            "9" + b2 + b1 + w, "A" + w + f1 + f2, "B" + b3 + b2 + b1, "C" + f1 + f2 + f3, "D" + b1 + w + f1,
            "E" + s1 + s0 + r1, "F" + s2 + s1 + s0 + r1 + r2, "G" + left[n] + right[n],
            f"H{right[n]}{distance[n]}", f"I{dialled[n]}/{numbers}", lines[n], columns[n], "L" + labels[n],
            f"M{min(before[n], 3)}{min(behind[n], 3)}", f"S{min(before[n] + behind[n], 15)}",
        ]  # fmt: skip
        known = town[n + 1 : n + 4]
        if known != [NONE] * 3:
            said.append("N" + "".join(known))
        if w in g.surnames:
            said += ("O", "O" + s1 + r2 + r3, "T" + titles[n + EDGE + 1 : n + EDGE + 3])
        if "t" in (near := titles[n + 1 : n + 2 * EDGE]):
            said.append("P" + near)
        if (firm := firms.find("t", n, n + FAR_FIRM)) >= 0:
            said.append(f"Q{firm - n}")
        said.append(looks[n])
        if token.about:
            said.append("R" + token.about)
        if n and found[n - 1].about:
            said.append("W" + found[n - 1].about)
        if token.kind is Kind.PHONE:
            said += ["U" + word for word in {t.word for t in found[max(n - NEAR, 0) : max(n - 2, 0)]}]
            said += ["V" + word for word in {t.word for t in found[n + 1 : n + 1 + BEHIND]}]
            said += (f"X{dialled[n]}/{numbers}", "Y" + labels[n])
        out.append(said)
    return out


def towns(folded: str, found: Sequence[Token], definitions: Definitions) -> list[str]:
    """For each token whether a known place begins there, goes on, ends, or is no longer than that; else nothing."""
    out = [NONE] * len(found)
    heads = gazetteer.gazetteer(definitions).heads
    number = 0
    while number < len(found):
        start = found[number].start
        end = gazetteer.end_of_places(folded, start, definitions) if folded[start : start + 2] in heads else None
        last = number
        while end is not None and last < len(found) and found[last].end <= end:
            out[last] = "i"
            last += 1
        if last > number:
            out[number], out[last - 1] = "b", "e" if last - 1 > number else "s"
        number = max(last, number + 1)
    return out


def told(folded: str, found: Sequence[Token], pattern: re.Pattern[str]) -> str:
    """A sign for each token: whether one of the words begins there."""
    at = starts(found)
    numbers = {at[m.start()] for m in pattern.finditer(folded) if m.start() in at}
    return "".join("t" if number in numbers else "-" for number in range(len(found)))


def neighbours(found: Sequence[Token]) -> tuple[list[str], list[str], list[int]]:
    """For each token the kind recognised last before it, the next behind it (`n`: on another line), and how far."""
    left, last = [], "^"
    for token in found:
        left.append(last)
        if token.kind is not None and token.kind is not Kind.LABEL:
            last = token.sort
    right, distance = [""] * len(found), [0] * len(found)
    following, away, line = "$", EDGE + 1, ""
    for number in range(len(found) - 1, -1, -1):
        right[number], distance[number] = following + line, min(away, EDGE + 1)
        away += 1
        if found[number].kind is not None:
            following, away, line = found[number].sort, 0, ""
        if found[number].word == "\n":
            line = "n"
    return left, right, distance


def lines_of(found: Sequence[Token]) -> tuple[list[str], list[str], list[str]]:
    """For each token the label before it (`+`: a line above, `*`: further up), its line and its place in the line."""
    labels, lines, columns = [], [], []
    label, above, line, column = NONE, 0, 0, 0
    for token in found:
        labels.append(label + ("", "+", "*")[min(above, 2)])
        lines.append(f"J{min(line, 6)}")
        columns.append(f"K{min(column, 3)}")
        column += 1
        if token.about:
            label, above = token.about, 0
        if token.word == "\n":
            line, column, above = line + 1, 0, above + 1
    return labels, lines, columns


def clauses(found: Sequence[Token]) -> tuple[list[int], list[int]]:
    """For each token how many stand before and behind it in its clause."""
    return counted(found), counted(found[::-1])[::-1]


def counted(found: Sequence[Token]) -> list[int]:
    """For each token how many came since the last stop."""
    out, count = [], 0
    for token in found:
        out.append(count)
        count = 0 if token.word in STOPS else count + 1
    return out


def phones(found: Sequence[Token]) -> tuple[list[int], int]:
    """For each token how many numbers came before it, and how many there are."""
    out, count = [], 0
    for token in found:
        out.append(min(count, FEW))
        count += token.kind is Kind.PHONE
    return out, min(count, FEW)


def looks_of(folded: str, found: Sequence[Token], items: Iterable[Item], definitions: Definitions) -> list[str]:
    """For each token what the phrase it stands in looks like by itself, and whether it opens or closes it."""
    at = starts(found)
    out = [NONE] * len(found)
    for item in items:
        if item.kind is not Kind.WORDS or item.start not in at:
            continue
        look = look_of(folded[item.start : item.end], definitions)
        number = at[item.start]
        while number < len(found) and found[number].end <= item.end:
            opens, closes = found[number].start == item.start, found[number].end == item.end
            out[number] = f"Z{look}{'b' if opens else ''}{'e' if closes else ''}"
            number += 1
    return out


def look_of(phrase: str, definitions: Definitions) -> str:
    """What words look like by themselves: a company, a person, an address."""
    looks = {
        "c": parties.is_company(phrase, definitions),
        "p": parties.is_plainly_person(phrase, definitions),
        "a": places.looks_like_address(phrase, definitions),
    }
    return "".join(sign for sign, true in looks.items() if true)
