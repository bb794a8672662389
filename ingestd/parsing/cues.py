"""Which cues stand in a text: literal words are looked up, phrases with gaps are searched, the longer one wins."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import islice
from operator import concat
from typing import NamedTuple

from ingestd.parsing.definitions import PLACES, Cue, Definitions
from ingestd.parsing.wording import literal, needed, phrases, spread

SEARCHED = ("text", "subject")  # places in which a phrase may stand anywhere
MAX_COMPARED = 1500  # characters of a text whose phrases are compared with each other
OPENING = 3  # characters of a literal by which it is looked up
MAX_SPANS = 12  # places of one cue that are compared


@dataclass(frozen=True)
class Ready:
    """A cue with the literal words that decide by themselves, and its other phrases."""

    cue: Cue
    words: tuple[str, ...]
    others: tuple[str, ...]

    @cached_property
    def pattern(self) -> re.Pattern[str] | None:
        """The pattern of the other phrases; made where it is needed, as those of all cues take seconds."""
        return pattern(self.others) if self.others else None


@dataclass(frozen=True)
class Sought:
    """Phrases of one cue that hold the same literal, which must stand in a text before they are searched."""

    literal: str
    number: int  # of the cue
    phrases: tuple[str, ...]  # none where the literal decides

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The pattern of the phrases."""
        return pattern(self.phrases)


@dataclass(frozen=True, slots=True)
class Register:
    """The cues of one place, and their phrases by the characters that their literals open with."""

    cues: Mapping[int, Ready]
    by_opening: Mapping[str, tuple[Sought, ...]]
    always: tuple[Sought, ...]  # phrases without a literal


class Span(NamedTuple):
    """Where a phrase of a cue stands."""

    start: int
    end: int
    number: int
    literal: bool


@lru_cache(maxsize=4)
def registers(definitions: Definitions) -> Mapping[str, Register]:
    """Each cue ready to be searched, by where it is; ASCII phrases match whole words only."""
    cues = list(enumerate(definitions.cues))
    return {where: register([(n, c) for n, c in cues if c.where == where], definitions.of) for where in PLACES}


def register(cues: Iterable[tuple[int, Cue]], words_of: Callable[[str], tuple[str, ...]]) -> Register:
    """The register of the cues of one place."""
    ready: dict[int, Ready] = {}
    sought: list[Sought] = []
    for number, cue in cues:
        written = dict.fromkeys(one for phrase in cue.phrases for one in spread(phrase, words_of))
        looked_up = [p for p in written if cue.where in SEARCHED and not p.isascii() and literal(p)]
        searched = set(looked_up)
        others = [p for p in written if p not in searched]
        ready[number] = Ready(cue, tuple(looked_up), tuple(others))
        sought += [Sought(word, number, ()) for word in looked_up]
        by_literal: dict[str, list[str]] = defaultdict(list)
        for one in others:
            by_literal[needed(one)].append(one)
        sought += [Sought(word, number, tuple(found)) for word, found in by_literal.items()]
    by_opening: dict[str, list[Sought]] = defaultdict(list)
    for part in sought:
        by_opening[part.literal[:OPENING]].append(part)
    always = tuple(by_opening.pop("", ()))
    return Register(ready, {opening: tuple(found) for opening, found in by_opening.items()}, always)


def pattern(written: Iterable[str]) -> re.Pattern[str]:
    """The pattern of phrases; ASCII ones match whole words only."""
    latin = [p for p in written if p.isascii()]
    han = [p for p in written if not p.isascii()]
    bounded = [rf"(?<![a-z])(?:{phrases([p])})" + (r"(?![a-z])" if p[-1:].isalpha() else "") for p in latin]
    return re.compile("|".join([phrases(han)] * bool(han) + bounded))


def openings(text: str) -> set[str]:
    """All that a literal in a text may open with: its characters, and its neighbours by twos and threes."""
    pairs = list(map(concat, text, text[1:]))
    return {*text, *pairs, *map(concat, pairs, text[2:])}


def found(text: Mapping[str, str], definitions: Definitions) -> Iterator[Cue]:
    """The cues of all places in their order; `text` has one text for each place."""
    anywhere = openings(text["text"])
    numbers: dict[int, Cue] = {}
    for where, here in registers(definitions).items():
        if text[where]:
            present = anywhere if where in ("text", "start") else openings(text[where])
            numbers |= {n: here.cues[n].cue for n in standing(here, where, text[where], present)}
    for number in sorted(numbers):
        yield numbers[number]


def standing(here: Register, where: str, text: str, present: set[str]) -> set[int]:
    """The numbers of one place's cues that hold in a text."""
    sure: dict[int, list[str]] = defaultdict(list)
    likely: dict[int, list[Sought]] = defaultdict(list)
    for one in here.always:
        likely[one.number].append(one)
    for opening in here.by_opening.keys() & present:
        for one in here.by_opening[opening]:
            if one.literal == opening or one.literal in text:
                if one.phrases:
                    likely[one.number].append(one)
                else:
                    sure[one.number].append(one.literal)
    gapped = (n for n, sought in likely.items() if n not in sure and holds(here.cues[n], sought, where, text))
    both = {*sure, *gapped}
    if where == "text" and len(text) <= MAX_COMPARED:
        both -= {n for group in groups(both, here) for n in outdone(group, here, sure, likely, text)}
    return both


def groups(numbers: set[int], here: Register) -> Iterator[list[int]]:
    """The cues of each intent, where there are several."""
    by_intent: dict[str, list[int]] = defaultdict(list)
    for number in numbers:
        by_intent[here.cues[number].cue.intent].append(number)
    return (found for found in by_intent.values() if len(found) > 1)


def outdone(
    group: list[int], here: Register, sure: Mapping[int, list[str]], likely: Mapping[int, list[Sought]], text: str
) -> Iterator[int]:
    """The cues of a group whose every phrase is part of a longer one that says something else."""
    spans = [
        span for n in group for span in islice(spans_of(n, here.cues[n], sure.get(n, []), n in likely, text), MAX_SPANS)
    ]
    left = {span.number for span in spans if not any(beats(other, span, here.cues) for other in spans)}
    yield from set(group) - left


def holds(ready: Ready, sought: Iterable[Sought], where: str, text: str) -> bool:
    """Whether one of a cue's searched phrases is in its place."""
    if where in SEARCHED:
        return any(one.pattern.search(text) for one in sought)
    match = ready.pattern.match(text) if ready.pattern else None
    return match is not None and (where != "whole" or match.end() == len(text))


def spans_of(number: int, ready: Ready, words: list[str], searched: bool, text: str) -> Iterator[Span]:
    """Where the phrases of a cue stand."""
    for word in words:
        start = text.find(word)
        while start >= 0:
            yield Span(start, start + len(word), number, literal=True)
            start = text.find(word, start + 1)
    if searched and ready.pattern is not None:
        for match in ready.pattern.finditer(text):
            yield Span(match.start(), match.end(), number, literal=False)


def beats(other: Span, span: Span, cues: Mapping[int, Ready]) -> bool:
    """Whether words belong to another phrase: it holds them all, or a literal one begins before and takes some."""
    if not rivals(cues[other.number].cue, cues[span.number].cue):
        return False
    if other.start <= span.start and span.end <= other.end:
        return other.end - other.start > span.end - span.start
    return other.literal and span.literal and other.start < span.start < other.end


def rivals(first: Cue, second: Cue) -> bool:
    """Whether two cues of an intent say different things: of other kinds, or for and against."""
    if first.weight * second.weight <= 0:
        return first.weight != second.weight and (first.kind == second.kind or not (first.kind and second.kind))
    return bool(first.kind and second.kind and first.kind != second.kind)


def first(cue: Cue, text: str, definitions: Definitions) -> tuple[int, int] | None:
    """Where the first phrase of a cue stands in a text."""
    ready = by_cue(definitions)[cue]
    places = [(text.find(word), -len(word)) for word in ready.words if word in text]
    searched = ready.pattern.search(text) if ready.pattern else None
    if searched:
        places.append((searched.start(), searched.start() - searched.end()))
    if not places:
        return None
    start, length = min(places)
    return start, start - length


@lru_cache(maxsize=4)
def by_cue(definitions: Definitions) -> Mapping[Cue, Ready]:
    """Each cue's words and pattern."""
    return {ready.cue: ready for here in registers(definitions).values() for ready in here.cues.values()}
