"""Goods as they are found: names without their fillers, and figures with their units as written."""

from __future__ import annotations

import re
from dataclasses import replace

from ingestd.parsing import gazetteer, measures, naming, parties, prose
from ingestd.parsing.cargo import Event
from ingestd.parsing.cursor import Cursor, goes_somewhere, tidy
from ingestd.parsing.draft import VESSEL, Found
from ingestd.parsing.figures import Figure
from ingestd.parsing.items import Item, Kind
from ingestd.parsing.labels import ORDINALS

FIRM_SIGNS = 6  # of the shortest name that only a company has
NUMBERED = re.compile(rf"(?:\(?(?:\d{{1,2}}|[a-z]|[{ORDINALS}]{{1,2}})[.)\u3001]\s?(?!\d)|[^:\d]{{1,5}}:)")
LETTER = re.compile(r"[a-z\u3400-\u9fff]")


def add_goods(item: Item, cursor: Cursor, *, running: bool = False, rule: str = "goods.name") -> bool:
    """Note a goods name without its fillers; words that only introduce a figure are no name."""
    numbered = NUMBERED.match(cursor.folded(item))
    if numbered and numbered.end() < item.end - item.start:
        item = Item(item.kind, item.start + numbered.end(), item.end)
    item = behind_heading(item, cursor)
    folded = cursor.folded(item)
    if prose.counts_orders(folded, cursor.definitions):
        return True
    if prose.is_request(folded, cursor.definitions):
        return running
    if says_no_goods(item, cursor, running=running):
        return True
    name = name_in(item, cursor, running=running)
    named = any(event.kind is Kind.WORDS for event, _ in cursor.draft.goods)
    if name is None or folded in cursor.definitions.of("hints"):
        return False
    if named and prose.is_hint(folded, cursor.definitions) and not naming.ends_as_goods(folded, cursor.definitions):
        return False
    if not (named and name.vessel):
        start, end = item.start + name.start, item.start + name.end
        shown = tidy(cursor.text.shown[start:end])
        rule = VESSEL if name.vessel else rule
        cursor.draft.goods.append((Event(Kind.WORDS, shown), Found(shown, start, end, rule)))
    return True


def behind_heading(item: Item, cursor: Cursor) -> Item:
    """Words without a word for goods and a dash that head them: 东西-纸箱."""
    folded = cursor.folded(item)
    head = next((word for word in cursor.definitions.of("goods_generic") if folded.startswith(word)), "")
    dash = len(folded[len(head) :]) - len(folded[len(head) :].lstrip("-= \u2014~"))
    named = head and dash and len(head) + dash < len(folded)
    return Item(item.kind, item.start + len(head) + dash, item.end) if named else item


def says_no_goods(item: Item, cursor: Cursor, *, running: bool) -> bool:
    """Whether words are nothing but fillers, or say a size of the goods before them."""
    definitions, folded = cursor.definitions, cursor.folded(item)
    start, end = prose.trimmed(folded, definitions, prose=running)
    plain = folded[start:end]
    name = tidy(plain)
    silent = not name or name in definitions.of("verbs_head") or not LETTER.search(plain)
    if (plain in measures.grammar(definitions).sorts and plain.isascii()) or naming.is_aside(plain, definitions):
        return True
    if silent or prose.is_noise(plain, definitions) or prose.is_noise(folded, definitions):
        return True
    return bool(cursor.draft.goods) and prose.is_attribute(plain, definitions)


def name_in(item: Item, cursor: Cursor, *, running: bool) -> naming.Name | None:
    """Where the name of goods stands in words; None where running text names none."""
    folded = cursor.folded(item)
    start, end = prose.trimmed(folded, cursor.definitions, prose=running)
    if not running or folded.isascii():
        return None if is_firm(folded[start:end], cursor) else naming.Name(start, end)
    found = naming.named(folded[start:], cursor.definitions)
    if found is None or start + found.start >= end:
        return None
    name = folded[start + found.start : start + found.end]
    person = parties.person_start(name, cursor.definitions) == 0 and not naming.ends_as_goods(name, cursor.definitions)
    goes = goes_somewhere(Item(item.kind, item.start + start + found.start, item.end), cursor)
    if person or goes or gazetteer.is_place(name, cursor.definitions) or is_firm(name, cursor):
        return None
    return replace(found, start=start + found.start, end=min(start + found.end, end))


def is_firm(name: str, cursor: Cursor) -> bool:
    """Whether words are a company with all its name, rather than what companies are called after."""
    listed = "\u3001" in name or name.isascii()
    long = len(name) >= FIRM_SIGNS and not listed and not naming.ends_as_goods(name, cursor.definitions)
    return long and parties.is_company(name, cursor.definitions)


def add_figure(item: Item, cursor: Cursor) -> None:
    """Note a figure of the goods, its unit as written."""
    figure: Figure = item.value
    if figure.unit:
        figure = figure._replace(unit=cursor.text.shown[slice(*figure.at)] or figure.unit)
    found = Found(figure, item.start, item.end, item.rule)
    cursor.draft.goods.append((Event(item.kind, figure, item.rule == "measure.dimensions"), found))
