"""Numbers of orders: ours, by their date and sequence, and those of others."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from ingestd.parsing.definitions import Definitions
from ingestd.parsing.items import Item, Kind
from ingestd.parsing.wording import alternation

STAFF = re.compile(r"\[\s?(\d{3,6})\s?\]\s*$")
SEQUENCE = r"\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3,5}"
SHAPE = re.compile(SEQUENCE)
REFERENCE = re.compile(r"[ #:]{0,3}([a-z0-9][a-z0-9\-_/.]{2,30})")

MAX_CORRECTION = 16  # characters between a wrong number and the right one


@lru_cache(maxsize=4)
def pattern(definitions: Definitions) -> re.Pattern[str]:
    """A carrier number: prefix, date, and a sequence of at least three digits."""
    prefixes = alternation(definitions.of("serial_prefixes"))
    return re.compile(rf"(?<![a-z\d.\-])\[?\s?(?P<number>(?:{prefixes})?{SEQUENCE})\s?\]?(?![\d\-]|\.\d)")


def find(folded: str, definitions: Definitions) -> Iterator[Item]:
    """Order numbers, and the agent's staff number at the end of the short form."""
    for match in pattern(definitions).finditer(folded) if SHAPE.search(folded) else ():
        yield Item(Kind.SERIAL, match.start(), match.end(), match["number"].upper(), "serial")
    staff = STAFF.search(folded)
    if staff:
        yield Item(Kind.STAFF, staff.start(), staff.end(), staff[1], "serial.staff")


@lru_cache(maxsize=4)
def papers(definitions: Definitions) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """The numbers of others that stand right behind words for a paper or a carrier, without a sign of a label."""
    of = definitions.of
    carriers, kinds = alternation(of("carriers")), alternation(of("waybill_tails"))
    heads, tails = alternation(of("paper_heads")), alternation(of("number_tails"))
    waybill = r"(?P<number>(?=[a-z\d\-]*\d{6})[a-z]{0,4}[\d\-]{8,24})(?![a-z\d])"
    return (
        ("waybill", re.compile(rf"(?:{carriers})(?:{kinds})?[\s:#]{{0,3}}{waybill}")),
        ("customer", re.compile(rf"(?:{heads})(?:{tails})#?(?P<number>[a-z]{{1,6}}[\-_]?\d[a-z\d\-_/]{{3,30}})")),
    )


def of_others(folded: str, definitions: Definitions) -> Iterator[Item]:
    """References that running text names."""
    for sort, paper in papers(definitions):
        for match in paper.finditer(folded):
            yield Item(Kind.REFERENCE, *match.span("number"), sort, f"paper.{sort}")


@lru_cache(maxsize=4)
def corrections(definitions: Definitions) -> re.Pattern[str]:
    """Words that withdraw the number before them."""
    return re.compile(rf"[^\n;]{{0,6}}?(?:{alternation(definitions.of('serial_corrections'))})[^\n;\d]{{0,6}}$")


def standing(folded: str, found: Sequence[Item], definitions: Definitions) -> list[Item]:
    """The numbers that hold: one that the next takes the place of is none."""
    kept = []
    for item, following in zip(found, [*found[1:], None], strict=False):
        between = folded[item.end : following.start] if following else ""
        if not (following and len(between) <= MAX_CORRECTION and corrections(definitions).match(between)):
            kept.append(item)
    return kept
