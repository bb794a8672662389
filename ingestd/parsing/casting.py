"""Who plays which part: each phone with the person and the firm before it, put on a side by the words around them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from ingestd.parsing import gazetteer, owners
from ingestd.parsing.cursor import weak_cue
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.items import Item, Kind
from ingestd.parsing.labels import Meaning
from ingestd.parsing.owners import Owner, Span
from ingestd.parsing.scanning import STRONG
from ingestd.parsing.wording import alternation

SLOT = "cast"
SIDES = ("shipper", "consignee")
PARTY_SLOTS = ("party", "person", "company", "party_phone", "phone", "either")
PHONES = (Kind.PHONE, Kind.BAD_PHONE)
MAX_SEGMENTS = 4  # phrases before a phone in which its owner is looked for
MAX_BEHIND = 8  # characters behind a name or phone that tell his side
MAX_CONTEXT = 120  # characters before a name that tell his side


@dataclass(frozen=True, slots=True)
class Cast(Meaning):
    """A label that has been read already: whose phones these are, with the places of his name and his firm."""

    name: Span | None = None
    company: Span | None = None
    town: Span | None = None
    phones: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """A run of phones and who is named before it; his side as words tell it, or only as `hint` has it."""

    phone: int  # index of the first phone
    last: int  # index of the last phone
    owner: Owner | None = None
    side: str = ""
    hint: str = ""
    labelled: bool = False


@dataclass(frozen=True, slots=True)
class Grammar:
    """The compiled word lists."""

    cues: re.Pattern[str]
    behind: re.Pattern[str]


@lru_cache(maxsize=4)
def grammar(definitions: Definitions) -> Grammar:
    """The patterns made of the definitions' lists."""

    def of(name: str) -> str:
        return alternation(definitions.of(name))

    return Grammar(
        cues=re.compile(
            rf"(?P<kin>{owners.kin(definitions)})|(?P<consignee>{of('cast_receives')})|(?P<shipper>{of('cast_sends')})"
            rf"|(?P<asked>{of('cast_asked')})|(?P<fetched>{of('cast_fetched')})|(?P<self>{of('cast_self')})"
            rf"|(?P<going>{of('cast_going')})(?:{of('possessive')}|[ ,:>?\n-])*"
        ),
        behind=re.compile(
            rf"(?P<gap>[ (]{{0,2}})"
            rf"(?:(?P<consignee>{of('cast_behind_receives')})|,?(?P<shipper>{of('cast_behind_sends')}))"
            rf"(?:(?=[,.;。)!\n]|$)|(?(gap)(?!)|(?= )))"
        ),
    )


def cast(items: Sequence[Item], folded: str, definitions: Definitions) -> list[Item]:
    """The items with those of whoever's side is told put under a label that says so."""
    out: list[Item] = []
    index = 0
    for block in sided(blocks_of(items, folded, definitions)):
        owner = block.owner
        if block.labelled or block.side not in SIDES or owner is None:
            continue
        taken = items[owner.first : block.last + 1]
        out += [*items[index : owner.first], *before(taken, owner.start)]
        phones = tuple(i for i in taken if i.kind in PHONES)
        announced = bool(out) and out[-1].kind is Kind.LABEL and out[-1].value.slot == "place"
        town = owner.town or town_led_to(owner, folded, definitions, announced=announced)
        meaning = Cast(block.side, SLOT, framed=True, name=owner.name, company=owner.company, town=town, phones=phones)
        out.append(Item(Kind.LABEL, owner.start, items[block.last].end, meaning, f"cast.{block.side}"))
        index = block.last + 1
    return [*out, *items[index:]]


def town_led_to(owner: Owner, folded: str, definitions: Definitions, *, announced: bool) -> Span | None:
    """The town in the words that lead to an owner, if a label announces it or a word of going stands there."""
    named = [span[0] for span in (owner.company, owner.name) if span is not None]
    going = weak_cue(definitions).match(folded, owner.start, min(named, default=owner.start))
    start = going.end() if going is not None else owner.start
    end = gazetteer.end_of_places(folded, start, definitions) if going is not None or announced else None
    return (start, end) if end is not None and end <= min(named, default=end) else None


def before(items: Sequence[Item], start: int) -> list[Item]:
    """The items that stand before a place, the last cut off there."""
    return [replace(i, end=min(i.end, start)) for i in items if i.start < start]


def sided(blocks: list[Block]) -> list[Block]:
    """The blocks with their sides: what words tell, then what places hint at, then whom the others leave over."""
    told = [block.side for block in blocks]
    for side in SIDES:
        hinted = [n for n, block in enumerate(blocks) if not block.side and block.hint == side]
        if side not in told and (side == "consignee" or len(hinted) == 1):
            for number in hinted:
                blocks[number] = replace(blocks[number], side=side)
    told = [block.side for block in blocks]
    left = [n for n, side in enumerate(told) if not side and not blocks[n].hint]
    if len(blocks) == len(SIDES) and len(left) == 1:
        other = next(side for side in SIDES if side not in told)
        blocks[left[0]] = replace(blocks[left[0]], side=other)
    return blocks


def blocks_of(items: Sequence[Item], folded: str, definitions: Definitions) -> list[Block]:
    """The phones of a text, those beside each other as one, each with its owner as far as the text names him."""
    out: list[Block] = []
    index = 0
    while index < len(items):
        if items[index].kind in PHONES:
            last = run_end(items, index)
            floor = out[-1].last + 1 if out else 0
            out.append(owned(Block(index, last), floor, items, folded, definitions))
            index = last
        index += 1
    return out


def run_end(items: Sequence[Item], index: int) -> int:
    """The index of the last of the phones that only commas and spaces part."""
    last = index
    for position in range(index + 1, len(items)):
        if items[position].kind in PHONES:
            last = position
        elif items[position].kind is not Kind.BREAK or items[position].value == STRONG:
            break
    return last


def owned(block: Block, floor: int, items: Sequence[Item], folded: str, definitions: Definitions) -> Block:
    """A block with its owner by the phrases before it, the label they stand under, and the words around."""
    segments: list[int] = []
    for index in range(block.phone - 1, floor - 1, -1):
        item = items[index]
        if item.kind is Kind.LABEL and item.value.slot in PARTY_SLOTS:
            if item.value.role != "current":
                return replace(block, side=item.value.role, labelled=True)
        elif item.kind is Kind.WORDS and len(segments) < MAX_SEGMENTS:
            segments.insert(0, index)
        elif item.kind is not Kind.BREAK or (item.value == STRONG and (segments or not item.rule)):
            if item.rule and (heading := heading_above(items, index)) is not None:
                return replace(block, side=heading, labelled=True)
            break
    owner = owners.named(segments, items, folded, definitions)
    if owner is None:
        return block
    line = folded.rfind("\n", 0, items[segments[-1]].start) + 1
    begin = max(items[floor].start if floor else 0, items[block.phone].start - MAX_CONTEXT, line)
    return evident(replace(block, owner=owner), begin, items[block.last].end, folded, definitions)


def heading_above(items: Sequence[Item], index: int) -> str | None:
    """The role of a label that stands alone above a line."""
    above = next((item for item in reversed(items[:index]) if item.kind is not Kind.BREAK), None)
    if above is None or above.kind is not Kind.LABEL or above.value.slot not in PARTY_SLOTS:
        return None
    role: str = above.value.role
    return None if role == "current" else role


def evident(block: Block, begin: int, end: int, folded: str, definitions: Definitions) -> Block:
    """A block with its side by the words behind the name or phone, or by the last that speak of one before them."""
    g, name = grammar(definitions), block.owner.name if block.owner else None
    if name is None:
        return block
    for place in (name[1], end):
        found = g.behind.match(folded, place, place + MAX_BEHIND)
        if found and found.lastgroup:
            return replace(block, side=found.lastgroup)
    side, hint = last_cue(folded, begin, name[0], definitions)
    return replace(block, side=side, hint=hint)


def last_cue(folded: str, begin: int, end: int, definitions: Definitions) -> tuple[str, str]:
    """The side that the last words of one between two places tell, and the side that they only hint at."""
    side, hint = "", ""
    for cue in grammar(definitions).cues.finditer(folded, begin, end):
        kind = cue.lastgroup or ""
        if kind == "going" and gazetteer.end_of_town(folded, cue.end(), definitions) is not None:
            side, hint = "", "consignee"
        elif kind in ("consignee", "shipper", "self"):
            side, hint = "shipper" if kind == "self" else kind, ""
        elif kind == "fetched":
            side, hint = "", "shipper"
        elif kind == "asked":
            side, hint = "", hint or "asked"
    return side, hint
