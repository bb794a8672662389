"""From where and to where: the places that a question names, told apart by the words before them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingestd.places import latin, locating
from ingestd.places.atlas import Atlas, Division
from ingestd.places.locating import Mention

NEAR = 6  # characters before a place in which a word says whether it is the start or the end
JOINTS = ("、", ",", "，", "和", "及", "与", "/", "or", "and")
MOST_ENDS = 5  # places that one question asks about


@dataclass(frozen=True, slots=True)
class Journey:
    """Where goods would be fetched, and where they would go: one place, or some that are asked about together."""

    start: Division | None = None
    ends: tuple[Division, ...] = ()


@dataclass(frozen=True, slots=True)
class Stop:
    """A place of a text and what it means."""

    begin: int
    end: int
    where: Division


@dataclass(frozen=True, slots=True)
class Marks:
    """The words before a place that say what it is."""

    start: tuple[str, ...]  # 从, 由, from
    end: tuple[str, ...]  # 到, 往, 发, to


def journey(text: str, atlas: Atlas, marks: Marks, home: Division | None = None) -> Journey:
    """The journey that a simplified text asks about; of two places without a word the first is the start."""
    stops = list(stops_of(text, atlas, home))
    told = [mark_before(text, stop.begin, marks) for stop in stops]
    if "start" not in told and len(stops) > 1 and told[0] is None:
        told[0] = "start"
    for at, stop in enumerate(stops[1:], 1):
        if told[at] is None and told[at - 1] == "end" and text[stops[at - 1].end : stop.begin].strip() in JOINTS:
            told[at] = "end"
    sure = "end" in told  # then what stands without a word is a signature, a market, somebody's name
    ends = [s.where for s, mark in zip(stops, told, strict=True) if mark == "end" or (mark is None and not sure)]
    starts = [s.where for s, mark in zip(stops, told, strict=True) if mark == "start"]
    return Journey(starts[0] if starts else None, tuple(dict.fromkeys(ends))[:MOST_ENDS])


def stops_of(text: str, atlas: Atlas, home: Division | None) -> Iterator[Stop]:
    """Each place that a text names clearly."""
    for run in runs(mentions(text, atlas), text):
        best = locating.supported(run)
        near = locating.at_home(best, home)
        if len(best) == 1 or near is not None:
            where = best[0] if len(best) == 1 else near
            if where is not None:
                yield Stop(run[0].start, run[-1].end, locating.narrowed(where, run[-1].end, text, atlas))


def mentions(text: str, atlas: Atlas) -> list[Mention]:
    """The places named in either writing, in the order of the text."""
    found = [*locating.mentions(text, atlas), *latin.mentions(text, atlas)]
    return sorted(found, key=lambda mention: mention.start)


def runs(found: Sequence[Mention], text: str) -> Iterator[list[Mention]]:
    """Mentions that stand side by side and belong together: 东莞厚街 is one place, 成都、绵阳 are two."""
    run: list[Mention] = []
    for mention in found:
        between = text[run[-1].end : mention.start] if run else ""
        if run and not (between.strip(" ,") == "" and len(between) <= 2 and belongs(mention, run[-1])):
            yield run
            run = []
        run.append(mention)
    if run:
        yield run


def belongs(mention: Mention, before: Mention) -> bool:
    """Whether two names may mean one place."""
    return any(d is not e and d.meets(e) for d in mention.meant for e in before.meant)


def mark_before(text: str, begin: int, marks: Marks) -> str | None:
    """What the word that stands last before a place says of it."""
    before = text[max(0, begin - NEAR) : begin].lower()
    told = [("start", word) for word in marks.start] + [("end", word) for word in marks.end]
    found = [(before.rfind(word) + len(word), kind) for kind, word in told if word in before]
    return max(found)[1] if found else None
