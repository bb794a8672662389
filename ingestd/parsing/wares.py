"""Goods in running text: what stands before or behind a figure, and what is said to be on its way."""

from __future__ import annotations

import re
from functools import lru_cache

from ingestd.parsing import cargo, naming, parties, places, prose
from ingestd.parsing.cursor import FIGURES, Cursor, party_role, weak_cue
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.draft import ANNOUNCED
from ingestd.parsing.goods import add_goods
from ingestd.parsing.items import Item, Kind
from ingestd.parsing.scanning import STRONG
from ingestd.parsing.whereabouts import few_signs
from ingestd.parsing.wording import alternation

LISTED = "、"
GOODS_SIGNS = range(2, 9)  # of a goods name that no figure follows at once
MAX_AHEAD = 8  # items that may stand between goods and their figure


def only_told(items: list[Item], index: int, cursor: Cursor) -> bool:
    """Words that only tell what was done with the goods named before."""
    named = any(e.kind is Kind.WORDS for e, _ in cursor.draft.goods)
    return named and prose.only_tells(cursor.folded(items[index]), cursor.definitions)


def goods_before_figure(items: list[Item], index: int, cursor: Cursor) -> bool:
    """Words right before a count, or before a weight where no count came, are the goods."""
    folded = cursor.folded(items[index])
    announced = prose.announced_goods(folded, cursor.definitions)
    if announced and not named_for_good(folded[slice(*announced)], cursor):
        start = items[index].start
        named = Item(Kind.WORDS, start + announced[0], start + announced[1])
        return add_goods(named, cursor, running=True, rule=ANNOUNCED)
    following = figure_ahead(items, index, cursor)
    if following is not None and folded.isascii() and counts_what_follows(items, following, cursor):
        return False
    if following is None or corrected(following, cursor):
        return following is not None
    if (
        following.kind is not Kind.COUNT
        and cursor.draft.goods
        and cursor.draft.goods[-1][0].kind in FIGURES
        and not named_late(cursor)
    ):
        return add_goods_if_filler(items[index], cursor) or named_again(items[index], cursor)
    if is_told_otherwise(items[index], following, items, cursor):
        return False
    return add_goods(items[index], cursor, running=True)


def named_for_good(announced: str, cursor: Cursor) -> bool:
    """Whether goods are named already; a list of what is in them takes the place of one only said to be going."""
    known = [pair for pair in cursor.draft.goods if pair[0].kind is Kind.WORDS]
    if LISTED in announced and len(known) == 1 and known[0][1].rule == ANNOUNCED:
        cursor.draft.goods.remove(known[0])
        return False
    return bool(known)


def named_again(item: Item, cursor: Cursor) -> bool:
    """Whether words are goods that were counted before and are weighed now; their line goes on then."""
    name = cursor.folded(item)
    known = [found for event, found in cursor.draft.goods if event.kind is Kind.WORDS]
    lines = {cursor.text.folded[found.start : found.end] for found in known}
    return len(lines) > 1 and name in lines and add_goods(item, cursor)


def counts_what_follows(items: list[Item], figure: Item, cursor: Cursor) -> bool:
    """Whether English goods stand right behind a count: 26 ctns speaker units, 4 pallets of pumps."""
    behind = items[items.index(figure) + 1] if figure is not items[-1] else None
    if figure.kind is not Kind.COUNT or behind is None or behind.kind is not Kind.WORDS:
        return False
    folded = cursor.folded(behind)
    return folded.isascii() and not prose.is_noise(folded, cursor.definitions)


def is_told_otherwise(item: Item, figure: Item, items: list[Item], cursor: Cursor) -> bool:
    """Whether words before a figure are no goods: a statement, an address, a person, or said of the weight alone."""
    folded, definitions = cursor.folded(item), cursor.definitions
    if folded.endswith(definitions.of("statement_tails")) and named_behind(items, figure, cursor):
        return True
    if places.looks_like_address(folded, definitions) and not few_signs(folded):
        return True
    weighed = figure.kind is not Kind.COUNT and named_late(cursor)  # the count has no name yet
    if weighed and not folded.isascii() and not naming.ends_as_goods(folded, definitions):
        return True
    if naming.ends_as_goods(folded, definitions) and not counts_ahead(figure, items, cursor):
        return False
    return parties.person_start(folded, definitions) == 0 and not cursor.draft.has(f"{party_role(cursor)}.name")


def counts_ahead(figure: Item, items: list[Item], cursor: Cursor) -> bool:
    """Whether a figure counts goods that are named behind it."""
    return figure.kind is Kind.COUNT and named_behind(items, figure, cursor)


def corrected(figure: Item, cursor: Cursor) -> bool:
    """Whether a figure takes the place of another of goods that are named, so that words before it name none."""
    return bool(figure.value.corrects) and any(e.kind is Kind.WORDS for e, _ in cursor.draft.goods)


def goods_going(items: list[Item], index: int, cursor: Cursor) -> bool:
    """Words right before a word of going and its town are the goods where nothing else names any."""
    item, definitions = items[index], cursor.definitions
    going = weak_cue(definitions).match(cursor.text.folded, item.end)
    named = cursor.draft.has("destination") or any(e.kind is Kind.WORDS for e, _ in cursor.draft.goods)
    if going is None or named or not places.begins_with_place(cursor.text.folded[going.end() :], definitions):
        return False
    start, end = prose.named_going(cursor.folded(item), definitions)
    if end - start not in GOODS_SIGNS or parties.person_start(cursor.folded(item)[start:end], definitions) is not None:
        return False
    return add_goods(Item(Kind.WORDS, item.start + start, item.start + end), cursor, rule=ANNOUNCED)


def named_behind(items: list[Item], figure: Item, cursor: Cursor) -> bool:
    """Whether goods stand right behind a count, so that they need not be looked for before it."""
    index = next(i for i, item in enumerate(items) if item is figure)
    behind = items[index + 1] if index + 1 < len(items) else None
    return (
        behind is not None
        and behind.kind is Kind.WORDS
        and not prose.is_noise(cursor.folded(behind), cursor.definitions)
    )


def figure_ahead(items: list[Item], index: int, cursor: Cursor) -> Item | None:
    """The figure that words lead to, over a comma and words that only introduce it."""
    for item in items[index + 1 : index + 1 + MAX_AHEAD]:
        if item.kind in FIGURES:
            return item
        if item.kind is Kind.BREAK and item.value < STRONG:
            continue
        if item.kind is not Kind.WORDS or not (
            prose.is_attribute(cursor.folded(item), cursor.definitions) or add_goods_if_filler(item, cursor)
        ):
            return None
    return None


def named_late(cursor: Cursor) -> bool:
    """Whether the last count has no name yet: nothing has, or all goods are named behind their counts."""
    events = [e for e, _ in cursor.draft.goods]
    if not events or events[-1].kind is not Kind.COUNT:
        return False
    return not any(e.kind is Kind.WORDS for e in events) or cargo.count_first(events)


def weighed_first(previous: Item, item: Item, cursor: Cursor) -> bool:
    """Whether words right behind the first figure, a weight, are the goods: thirty tons of steel."""
    if previous.kind is not Kind.WEIGHT or previous.end != item.start or len(cursor.draft.goods) != 1:
        return False
    return not prose.is_noise(cursor.folded(item), cursor.definitions)


def add_goods_if_filler(item: Item, cursor: Cursor) -> bool:
    """Whether words between figures only introduce the next figure."""
    start, end = prose.trimmed(cursor.folded(item), cursor.definitions)
    if prose.is_description(cursor.folded(item), cursor.definitions):
        return True
    return prose.is_noise(cursor.folded(item)[start:end], cursor.definitions)


def goods_stop(folded: str, definitions: Definitions) -> int:
    """Where goods behind a count end: before what says where they go or are, which a verb within a word does not."""
    for cue in goods_end(definitions).finditer(folded, 1):
        rest = folded[cue.end() :].lstrip()
        going = weak_cue(definitions).match(cue.group()) is not None and not cue.group().isascii()
        whither = places.begins_with_place(rest, definitions) or places.looks_like_address(rest, definitions)
        if not going or whither or (rest and len(cue.group()) > 1):
            return cue.start()
    return len(folded)


@lru_cache(maxsize=4)
def goods_end(definitions: Definitions) -> re.Pattern[str]:
    """Where goods behind a count end: at a word of going, or in English at a word that begins a clause."""
    origin = alternation(definitions.of("pickup_strong_openers"))
    return re.compile(
        rf"(?:{weak_cue(definitions).pattern})|(?<=[\u4e00-\u9fff]{{2}})(?:{origin})|\s(?:{alternation(definitions.of('english_stops'))})\b"
    )
