"""Pasted chats: who spoke and when is no data, nor is what only asks or thanks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from ingestd.parsing.definitions import Definitions
from ingestd.parsing.text import Text
from ingestd.parsing.wording import alternation

FEWEST = 2  # lines of speakers that make a text a chat
FEWEST_BARE = 4  # the same where no time stands beside the speakers
MOST_SPEAKERS = 4  # of a chat without times
CLOCK = re.compile(r"\d:\d\d")
DIALLED = re.compile(r"\d{7}|\d[\d -]{8}\d")
SIDES = {"shipper": ("shipper", "pickup"), "consignee": ("consignee",)}  # whose labels a question may hold
ASKED = ("party", "person", "company", "phone", "party_phone", "address")  # slots of those
HEAD = re.compile(r"(?m)^[ \t]{0,8}(?P<who>[^\s:\d,;。\[\](][^\n:,;。]{0,9}?)[ \t]{0,2}:(?=[ \t]{0,4}\S)")


@dataclass(frozen=True, slots=True)
class Turn:
    """A speaker's name and the stretch of what he says."""

    speaker: str
    start: int
    said: int
    end: int


@dataclass(frozen=True, slots=True)
class Grammar:
    """The patterns and words of chats."""

    line: re.Pattern[str]  # a speaker and a time
    day: re.Pattern[str]  # a line of nothing but a day or time
    mark: re.Pattern[str]  # what stands for something that is no text
    labels: frozenset[str]


@lru_cache(maxsize=4)
def grammar(definitions: Definitions) -> Grammar:
    """The patterns made of the definitions' words."""
    days = alternation(definitions.of("chat_days"))
    date = r"(?:\d{2,4}[-/.\u5e74])?\d{1,2}[-/.\u6708]\d{1,2}(?:[-/.]\d{2,4}|[\u65e5\u53f7])?"
    clock = rf"(?:(?:{date}|{days})[ \t,]{{0,4}}){{0,3}}\d{{1,2}}:\d\d(?::\d\d)?(?:[ \t]?[ap]\.?m\b\.?)?"
    stamp = rf"[\[(]?{clock}[\])]?"
    name = rf"(?!{date})[^\n:\[\]]{{1,30}}?"
    first = rf"(?P<who>{name})[ \t(\[]{{1,8}}{stamp}(?:[ \t]{{0,4}}:(?!\d)|[ \t]{{0,8}}$)"
    second = rf"{stamp}[ \t]{{1,8}}(?:-[ \t])?(?P<behind>{name})(?:[ \t]{{0,2}}:|[ \t]{{0,8}}$)"
    below = rf"(?P<above>(?!{date})[^\n:\[\]\d,;。!?]{{1,12}})\n[ \t]{{0,4}}{clock}[ \t]{{0,8}}$"
    rule = r"[-_=* \t]{0,40}"
    skipped = [word for label in definitions.labels if label.role != "client" for word in label.words]
    return Grammar(
        line=re.compile(rf"(?m)^[ \t]{{0,8}}(?:{first}|{second}|{below})"),
        day=re.compile(rf"(?m)^{rule}(?:{date}|{clock}){rule}$"),
        mark=re.compile(rf"\[(?:{alternation(definitions.of('chat_marks'))})\]"),
        labels=frozenset(skipped) - frozenset(definitions.of("chat_speakers")),
    )


def plain(text: Text, definitions: Definitions) -> Text:
    """A text without the speakers of a chat and those who say nothing with a figure in it; others stay as they are."""
    known = grammar(definitions)
    folded = text.folded
    spans = [m.span() for m in known.mark.finditer(folded)] if "[" in folded else []
    turns = list(turns_of(folded, definitions))
    if turns:
        spans += [m.span() for m in known.day.finditer(folded)]
    telling = {t.speaker for t in turns if re.search(r"\d", folded[t.said : t.end])}
    spans += [(t.start, t.said if t.speaker in telling or not telling else t.end) for t in turns]
    silent = blanked(text, spans)
    for asked, answer in pairwise(turns):
        if telling and asked.speaker not in telling and answer.speaker in telling:
            silent = headed(silent, folded, asked, answer, definitions)
    return silent


def headed(text: Text, folded: str, asked: Turn, answer: Turn, definitions: Definitions) -> Text:
    """A text in which an answer with a number stands under the label of whom a question that is blank now asked for.

    What says itself of whom it speaks stays as it is.
    """
    sides = {side for side, words in side_labels(definitions) if words.search(folded, asked.said, asked.end)}
    told = any(words.search(folded, answer.said, answer.end) for _, words in side_labels(definitions))
    if len(sides) != 1 or told or not DIALLED.search(folded, answer.said, answer.end):
        return text
    named = ((x.role, x.slot) == (*sides, "party") and x.words for x in definitions.labels)
    label = next((words[0] for words in named if words), "") + ":"
    start, end = answer.said - len(label), answer.said
    if start < asked.said or folded[end : end + 1] == "\n":
        return text
    return text._replace(folded=text.folded[:start] + label + text.folded[end:])  # nobody wrote it: it is not shown


@lru_cache(maxsize=4)
def side_labels(definitions: Definitions) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """The labels of who is on each side and where; those of the pickup are the shipper's."""
    asked = [label for label in definitions.labels if label.slot in ASKED]
    words = {
        side: [word for label in asked if label.role in roles for word in label.words if len(word) > 1]
        for side, roles in SIDES.items()
    }
    return tuple((side, re.compile(alternation(known))) for side, known in words.items())


def last_speaker(folded: str, definitions: Definitions) -> int:
    """Where the last speaker of a chat begins to speak, 0 where a text is none."""
    return max((turn.said for turn in turns_of(folded, definitions)), default=0)


def turns_of(folded: str, definitions: Definitions) -> Iterator[Turn]:
    """The turns of a chat; none where the text is none."""
    found = heads(folded, definitions)
    for index, (speaker, start, said) in enumerate(found):
        end = found[index + 1][1] if index + 1 < len(found) else len(folded)
        yield Turn(speaker, start, said, end)


@lru_cache(maxsize=4)
def heads(folded: str, definitions: Definitions) -> list[tuple[str, int, int]]:
    """The speakers of a chat in turn, asked for twice of a message: name, start and end of each."""
    return timed(folded, definitions) or untimed(folded, definitions)


def timed(folded: str, definitions: Definitions) -> list[tuple[str, int, int]]:
    """Speakers with a time beside their names: name, start and end of each."""
    if len(CLOCK.findall(folded)) < FEWEST:
        return []
    known = grammar(definitions)
    found = [((m["who"] or m["behind"] or m["above"]).strip(" (-<"), *m.span()) for m in known.line.finditer(folded)]
    found = [head for head in found if head[0] and head[0] not in known.labels]
    return found if len(found) >= FEWEST else []


def untimed(folded: str, definitions: Definitions) -> list[tuple[str, int, int]]:
    """Speakers who take turns line by line, a colon behind their names: few, no label, and they ask and answer."""
    if folded.count(":") < FEWEST_BARE:
        return []
    known = grammar(definitions)
    found = [(m["who"], *m.span()) for m in HEAD.finditer(folded)]
    often = Counter(who for who, *_ in found if who not in known.labels)
    speakers = {who for who, count in often.items() if count >= FEWEST}
    turns = [head for head in found if head[0] in speakers]
    if not FEWEST <= len(speakers) <= MOST_SPEAKERS or len(turns) < FEWEST_BARE:
        return []
    lines = sum(bool(line.strip()) for line in folded.split("\n"))
    said = [folded[start:].split("\n", 1)[0].strip() for _, _, start in turns]
    asks = definitions.of("chat_asks")
    answered = any(words.endswith(asks) or words in definitions.of("chat_answers") for words in said)
    return turns if answered and lines - len(turns) <= FEWEST else []


def blanked(text: Text, spans: list[tuple[int, int]]) -> Text:
    """A text with blanks in place of some stretches, its line ends kept."""
    if not spans:
        return text
    shown, folded = list(text.shown), list(text.folded)
    for start, end in spans:
        for position in range(start, end):
            if folded[position] != "\n":
                shown[position] = folded[position] = " "
    return Text("".join(shown), "".join(folded))
