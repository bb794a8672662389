"""What is said of each token of a text that learned weights go by: its words around, its line, what stands near."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
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
FAR_LINE, FAR_COLUMN, NEAR_STOP, FAR_STOP = 6, 3, 3, 15  # lines and tokens; more are as many
UNKNOWN = [NONE] * 3
# signs of the traits that are runs of words or sorts around a token: from which to before which
WORD_RUNS: Mapping[str, tuple[int, int]] = {
    "0": (0, 1), "1": (-1, 0), "2": (1, 2), "3": (-2, -1), "4": (2, 3), "5": (-1, 1), "6": (0, 2), "7": (-2, 0),
    "8": (1, 3), "9": (-2, 1), "A": (0, 3), "B": (-3, 0), "C": (1, 4), "D": (-1, 2),
}  # fmt: skip
SORT_RUNS: Mapping[str, tuple[int, int]] = {"E": (-1, 2), "F": (-2, 3)}
# traits by numbers
FAR = tuple(map(str, range(EDGE + 2)))
ABOVE = "+*"
PLACES = tuple(tuple((f"J{line}", f"K{column}") for column in range(FAR_COLUMN + 1)) for line in range(FAR_LINE + 1))
COUNTS = tuple(tuple(f"I{count}/{every}" for every in range(FEW + 1)) for count in range(FEW + 1))
CLAUSES = tuple(
    tuple((f"M{min(a, NEAR_STOP)}{min(b, NEAR_STOP)}", f"S{min(a + b, FAR_STOP)}") for b in range(FAR_STOP + 1))
    for a in range(FAR_STOP + 1)
)


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
    words, sorts = surrounded(found)
    return [
        [*around(words, n + EDGE, WORD_RUNS), *around(sorts, n + EDGE, SORT_RUNS), *said]
        for n, said in enumerate(circumstances(folded, found, sorts, items, definitions))
    ]


def surrounded(found: Sequence[Token]) -> tuple[list[str], list[str]]:
    """Words and sorts of tokens, with `EDGE` signs for none at either end."""
    before, behind = ["^"] * EDGE, ["$"] * EDGE
    return [*before, *[t.word for t in found], *behind], [*before, *[t.sort for t in found], *behind]


def around(row: Sequence[str], place: int, runs: Mapping[str, tuple[int, int]]) -> list[str]:
    """The runs of words or sorts around a place as traits."""
    return [sign + "".join(row[place + first : place + end]) for sign, (first, end) in runs.items()]


def circumstances(
    folded: str, found: Sequence[Token], sorts: Sequence[str], items: Iterable[Item], definitions: Definitions
) -> list[list[str]]:
    """For each token its traits that are no run of words or sorts around it."""
    g = grammar(definitions)
    town = [NONE] * 2 + towns(folded, found, definitions) + [NONE] * 2
    titles = "-" * EDGE + told(folded, found, g.title) + "-" * EDGE
    firms = told(folded, found, g.firm)
    labels, dialled, looks = labels_of(found), phones(found), looks_of(folded, found, items, definitions)
    placed = zip(neighbours(found), dialled, labels, lines_of(found), clauses(found), strict=True)
    out: list[list[str]] = []
    for n, (token, (near, number, label, line, clause)) in enumerate(zip(found, placed, strict=True)):
        said = [*near, number, *line, label, *clause]
        known = town[n + 1 : n + 4]
        if known != UNKNOWN:
            said.append("N" + "".join(known))
        if token.word in g.surnames:
            _, before, _, _, second, third = sorts[n + 2 : n + 8]
            said += ("O", "O" + before + second + third, "T" + titles[n + EDGE + 1 : n + EDGE + 3])
        if "t" in (title := titles[n + 1 : n + 2 * EDGE]):
            said.append("P" + title)
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
            said += ("X" + number[1:], "Y" + label[1:])
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


def neighbours(found: Sequence[Token]) -> list[tuple[str, str]]:
    """For each token the kind recognised last before it with the next behind it, and that one with how far it is.

    `n` stands behind the next one where it is on another line.
    """
    left, last = [], "G^"
    for token in found:
        left.append(last)
        if token.kind is not None and token.kind is not Kind.LABEL:
            last = "G" + token.sort
    out: list[tuple[str, str]] = []
    right, away, line = "$", EDGE + 1, ""
    for token, before in zip(reversed(found), reversed(left), strict=True):
        out.append((before + right + line, "H" + right + line + FAR[away]))
        if away <= EDGE:
            away += 1
        if token.kind is not None:
            right, away, line = token.sort, 0, ""
        if token.word == "\n":
            line = "n"
    out.reverse()
    return out


def labels_of(found: Sequence[Token]) -> list[str]:
    """For each token the label before it (`+`: a line above, `*`: further up)."""
    out: list[str] = []
    label, above = "L-", 0
    for token in found:
        out.append(label)
        if token.about:
            label, above = "L" + token.about, 0
        if token.word == "\n" and above < len(ABOVE):
            label, above = label.rstrip("+") + ABOVE[above], above + 1
    return out


def lines_of(found: Sequence[Token]) -> list[tuple[str, str]]:
    """For each token its line and its place in the line."""
    out: list[tuple[str, str]] = []
    line, column = 0, 0
    for token in found:
        out.append(PLACES[line][column])
        if column < FAR_COLUMN:
            column += 1
        if token.word == "\n":
            line, column = min(line + 1, FAR_LINE), 0
    return out


def clauses(found: Sequence[Token]) -> list[tuple[str, str]]:
    """For each token how many stand before and behind it in its clause."""
    behind = counted(found[::-1])[::-1]
    return [CLAUSES[before][after] for before, after in zip(counted(found), behind, strict=True)]


def counted(found: Sequence[Token]) -> list[int]:
    """For each token how many came since the last stop, at most `FAR_STOP`."""
    out, count = [], 0
    for token in found:
        out.append(count)
        count = 0 if token.word in STOPS else count + 1 if count < FAR_STOP else count
    return out


def phones(found: Sequence[Token]) -> list[str]:
    """For each token how many numbers came before it, and how many there are."""
    every = min(sum(token.kind is Kind.PHONE for token in found), FEW)
    out, count = [], 0
    for token in found:
        out.append(COUNTS[count][every])
        if token.kind is Kind.PHONE and count < FEW:
            count += 1
    return out


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
