"""Changes: old values taken out of the text, so that only what is new is read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ingestd.domain.reading import Intent
from ingestd.parsing import changes, restated, undersigned
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.items import Item, Kind
from ingestd.parsing.purposes import Purpose
from ingestd.parsing.text import Text
from ingestd.parsing.wording import alternation, expanded, phrases

STOPS = ",;\u3002!?\n"
PAUSE = re.compile(r"(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])")  # between two clauses of a hasty thumb
CLAUSE = re.compile(r"(?:[^,;。!?\n]|(?<=\d),(?=\d{3}))+")
ASIDE = re.compile(r"\s?\([^()\n]{2,80}\)")
QUOTED = re.compile(r"[\"'][^\"'\n]{1,30}[\"']")
FIGURES = (Kind.COUNT, Kind.WEIGHT, Kind.VOLUME)
REPLACED = (
    Kind.CHOICE,
    Kind.COUNT,
    Kind.WEIGHT,
    Kind.VOLUME,
    Kind.PHONE,
    Kind.BAD_PHONE,
    Kind.TIME,
    Kind.FREIGHT,
    Kind.COD,
)


@dataclass(frozen=True, slots=True)
class Grammar:
    """The compiled words of change."""

    change: re.Pattern[str]
    old: re.Pattern[str]
    source: re.Pattern[str]
    wrong: re.Pattern[str]
    unchanged: re.Pattern[str]
    kept: re.Pattern[str]  # a whole phrase that something stays as it was
    refused: re.Pattern[str]  # what was is not wanted
    reference: re.Pattern[str]
    increment: re.Pattern[str]
    total: re.Pattern[str]
    announced: re.Pattern[str]
    closed: re.Pattern[str]
    compared: re.Pattern[str]
    mistaken: re.Pattern[str]
    misnamed: re.Pattern[str]
    hindered: re.Pattern[str]
    identified: re.Pattern[str]
    beside: re.Pattern[str]  # an old value up to the new one, each announced as such


@lru_cache(maxsize=4)
def grammar(definitions: Definitions) -> Grammar:
    """The patterns made of the definitions' words."""
    of = definitions.of

    def words(name: str) -> str:
        """The words of a list with all choices in them."""
        return alternation(e for written in of(name) for e in expanded(written, of))

    change, gap = words("change_words"), r"[ ,:;]{0,2}"
    return Grammar(
        change=re.compile(change),
        old=re.compile("".join(rf"(?<!{sign})" for sign in of("before_no_old")) + f"(?:{words('old_words')})"),
        source=re.compile(alternation([*of("from_words"), *(e for w in of("old_words") for e in expanded(w, of))])),
        wrong=re.compile(rf"(?:{words('wrong_words')})\s*$"),
        mistaken=re.compile(rf"(?:{words('wrong_leads')})(?:{gap}(?:{words('new_leads')})){{1,3}}{gap}"),
        misnamed=re.compile(
            rf"(?<=[\u4e00-\u9fff])(?P<gap>(?:{words('wrong_leads')})[ ,;]{{3,}}(?:{words('new_leads')}))(?=\S)"
        ),
        hindered=re.compile(words("hindered_words")),
        identified=re.compile(words("shipment_words")),
        beside=re.compile(
            rf"\s*(?:{words('before_change')})[^|\t]{{0,60}}?\w[^|\t]{{0,60}}?(?:{words('after_change')})[ :]*(?=\S)"
        ),
        unchanged=re.compile(
            rf"(?:{alternation(of('unchanged_words'))})(?![^,;。\n]*(?:{alternation(of('suggesting'))}))"
        ),
        kept=re.compile(rf"(?<= )[\u4e00-\u9fff]{{1,8}}?(?:{alternation(of('unchanged_words'))})(?=[ ,;。\n]|$)"),
        refused=re.compile(alternation(of("refusing"))),
        reference=re.compile(
            phrases(of("reference_phrases"))
            + rf"|(?:{words('going_to')})[\u4e00-\u9fff]{{2,8}}?(?:{words('possessive')})(?=\s?[a-z]{{0,3}}\d{{6}})"
        ),
        increment=re.compile(rf"(?:{alternation(of('increments'))})\s?$"),
        announced=re.compile(rf"(?:{phrases(of('change_announced'))})[^\n:;。]{{0,4}}[:\n]"),
        closed=re.compile(rf"\n[^\n]{{0,40}}?(?:{phrases(of('change_closed'))})"),
        compared=re.compile(rf"(?:{alternation(of('compare_words'))})$"),
        total=re.compile(alternation(of("total"))),
    )


def without_old(text: Text, items: Sequence[Item], definitions: Definitions) -> Text:
    """The text with what a change withdraws blanked out; positions stay."""
    g, text = grammar(definitions), restated.settled(undersigned.without(text, definitions), definitions)
    text = without_before(text, items, g)
    shown, plain = list(text.shown), list(text.folded)
    blank = list(recalled(text.folded, g))
    blank += [m.span() for m in g.mistaken.finditer(text.folded)]
    blank += changes.unmarked(text.folded, definitions)
    blank += asides(text.folded, items)
    blank += [m.span() for m in g.kept.finditer(text.folded)]
    blank += put_off(text.folded, items, g)
    for clause in CLAUSE.finditer(text.folded):
        blank += withdrawn(clause, items, g)
    for start, end in blank:
        shown[start:end] = plain[start:end] = " " * (end - start)
    for match in g.misnamed.finditer("".join(plain)):  # the label, and behind what was blanked its new value
        start, end = match.span("gap")
        shown[start:end] = plain[start:end] = ":" + " " * (end - start - 1)
    return Text("".join(shown), "".join(plain))


def without_before(text: Text, items: Sequence[Item], g: Grammar) -> Text:
    """The text with each value "before the change" blanked, so that the one "after" stands behind what both are of."""
    labels = {item.start for item in items if item.kind is Kind.LABEL}
    shown, plain = list(text.shown), list(text.folded)
    for match in g.beside.finditer(text.folded):
        start, end = match.span()
        shown[start:end] = plain[start:end] = " " * (end - start)
        if end not in labels:  # what both are of stands before them
            shown[start] = plain[start] = ":"
    return Text("".join(shown), "".join(plain))


def asides(folded: str, items: Sequence[Item]) -> Iterator[tuple[int, int]]:
    """What stands in brackets right behind an order's number, which only says which order it is."""
    for item in items:
        if item.kind is Kind.SERIAL and (aside := ASIDE.match(folded, item.end)):
            yield aside.span()


def about(folded: str, intent: Intent, definitions: Definitions) -> str:
    """Whose the values of a change are that do not say it themselves: the receiver's once the goods have left."""
    if intent is Intent.CHANGE_LETTER:
        return "consignee"
    received = any(word in folded for word in definitions.of("receiving_ends"))
    return "consignee" if received and not fetched(folded, definitions) else ""


def fetched(folded: str, definitions: Definitions) -> bool:
    """Whether a change speaks of where goods are fetched or of who sends them."""
    return any(word in folded for word in definitions.of("sending_ends"))


def identifies(folded: str, definitions: Definitions) -> bool:
    """Whether words before a figure of a change only say which shipment it is of, and name no goods."""
    return grammar(definitions).identified.search(folded) is not None


def purposeful(items: Sequence[Item], before: Sequence[Item]) -> list[Item]:
    """The items of a change, each time with what it or the one that it replaces was for before old words went."""
    known = {i.start: i.value.purpose for i in before if i.kind is Kind.TIME}
    kept = {i.start for i in items if i.kind is Kind.TIME}
    gone = {purpose for start, purpose in known.items() if start not in kept} - {Purpose.NONE}

    def meant(item: Item) -> Purpose:
        """What a time without a purpose of its own is for."""
        found: Purpose = known.get(item.start, Purpose.NONE)
        return next(iter(gone)) if found is Purpose.NONE and len(gone) == 1 else found

    return [
        i._replace(value=i.value._replace(purpose=meant(i)))
        if i.kind is Kind.TIME and i.value.purpose is Purpose.NONE
        else i
        for i in items
    ]


def put_off(folded: str, items: Sequence[Item], g: Grammar) -> Iterator[tuple[int, int]]:
    """Times told before a word of change that names another for the same, in whatever clause they stand."""
    said = [i for i in items if i.kind is Kind.TIME]
    for change in g.change.finditer(folded):
        clause = CLAUSE.match(folded, change.end())
        end = clause.end() if clause else change.end()
        fresh = next((i for i in said if change.end() <= i.start < end), None)
        if fresh is None:
            continue
        for old in (i for i in said if i.end <= change.start()):
            start = max(folded.rfind(sign, 0, old.start) for sign in STOPS) + 1
            alike = Purpose.NONE in (old.value.purpose, fresh.value.purpose) or old.value.purpose == fresh.value.purpose
            if alike and not g.change.search(folded, start, old.start):
                yield old.start, old.end


def recalled(folded: str, g: Grammar) -> Iterator[tuple[int, int]]:
    """What stands before "changed as follows" only says which order it is, what closes the list who asks for it."""
    announced = g.announced.search(folded)
    if announced is None:
        return
    yield 0, announced.end() - 1
    closed = g.closed.search(folded, announced.end())
    if closed:
        yield closed.start(), len(folded)


def withdrawn(clause: re.Match[str], items: Sequence[Item], g: Grammar) -> Iterator[tuple[int, int]]:
    """The stretches of one clause that state an old value."""
    change = g.change.search(clause.string, clause.start(), clause.end())
    old = g.old.search(clause.string, clause.start(), clause.end())
    wrong = g.wrong.search(clause.string, clause.start(), clause.end())
    right = g.change.match(clause.string, clause.end() + 1)
    if wrong and right:
        yield wrong.start(), right.end()
        return
    for reference in g.reference.finditer(clause.string, clause.start(), clause.end()):
        yield reference.span()
    span = (clause.start(), clause.end())
    moot = wrong or g.unchanged.search(clause.string, *span) or g.hindered.search(clause.string, *span)
    if moot and not change:
        yield clause.span()
    elif change:
        source = g.source.search(clause.string, clause.start(), change.start())
        if source:
            yield source.start(), change.start()
        yield from replaced(clause, change, items)
    elif old and clause.string[old.end() : clause.end()].strip() and not compared(clause, old, g):
        refused = g.refused.match(old.group())
        pause = PAUSE.search(clause.string, old.end() + 1, clause.end()) if refused else None
        yield old.start(), pause.start() if pause else clause.end()


def compared(clause: re.Match[str], old: re.Match[str], g: Grammar) -> bool:
    """Whether an old value is only what a new one is compared with."""
    return g.compared.search(clause.string, clause.start(), old.start()) is not None


def replaced(clause: re.Match[str], change: re.Match[str], items: Sequence[Item]) -> Iterator[tuple[int, int]]:
    """The values before a word of change for which there are new ones behind it."""
    limit = change.start()
    if change.group().endswith(">"):  # an arrow: all that stands before it, behind a label
        label = max(clause.string.rfind(sign, clause.start(), limit) for sign in ":\t")
        if label >= 0:
            yield label + 1, change.end()
    renewed = {i.kind for i in items if i.start >= limit} | {Kind.CHOICE}
    for item in items:
        if clause.start() <= item.start and item.end <= limit and item.kind in REPLACED and item.kind in renewed:
            yield item.start, item.end
    for quoted in QUOTED.finditer(clause.string, clause.start(), limit):
        yield quoted.start(), change.end()


def increments(text: Text, items: Sequence[Item], definitions: Definitions) -> list[Item]:
    """The items without figures that only say by how much; without a new total beside it such a figure stays, open."""
    g = grammar(definitions)
    added = [i for i in items if i.kind in FIGURES and g.increment.search(text.folded, max(0, i.start - 5), i.start)]
    total = {i.kind for i in items if i.kind in FIGURES and i not in added}
    return [
        i._replace(value=i.value._replace(amount=None)) if i in added else i
        for i in items
        if i not in added or i.kind not in total
    ]
