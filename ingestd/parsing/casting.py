"""Who plays which part: each phone with the person and the firm before it, put on a side by the words around them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
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
UNTOLD = "none"
ASKED = ("asked", "shipper")  # who is to be asked for where the goods are
PARTY_SLOTS = ("party", "person", "company", "party_phone", "phone", "either")
NAMED_SLOTS = ("party", "person")  # of frames that announce somebody
PHONES = (Kind.PHONE, Kind.BAD_PHONE)
CLAUSE = re.compile("[,;。!?]")
SENTENCE = re.compile("[。!?]")
PHRASE_SIGNS = ", \t"
MAX_SEGMENTS = 4  # phrases before a phone in which its owner is looked for
MAX_BEHIND = 8  # characters behind a name or phone that tell his side
MAX_LINK = 2  # characters between "me" and one's own name
MAX_FRAMED = 24  # characters between a frame and whom it led to
MAX_CONTEXT = 120  # characters before a name that tell his side


@dataclass(frozen=True, slots=True)
class Cast(Meaning):
    """A label that has been read already: whose phones these are, with the places of his name and his firm."""

    name: Span | None = None
    company: Span | None = None
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

    @property
    def cast(self) -> bool:
        """Whether somebody is named whose side no label tells; without words for it, it is where the cursor stands."""
        if self.owner is None or self.labelled:
            return False
        return bool(self.side) or self.owner.company is not None


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
            rf"(?P<kin>{owners.kin(definitions)})|(?P<mute>{of('cast_mute')}|(?<=[\u3400-\u9fff])(?:{of('cast_beside')}))"
            rf"|(?P<consignee>(?:{of('cast_buying')})[\u3400-\u9fff]{{0,5}}?(?:{of('possessive')})|{of('cast_receives')})|(?P<shipper>{of('cast_sends')})"
            rf"|(?P<asked>{of('cast_asked')})|(?P<fetched>{of('cast_fetched')})|(?P<self>{of('cast_self')})"
            rf"|(?P<going>{of('cast_going')})(?:{of('possessive')}|[ ,:>?\n-])*"
        ),
        behind=re.compile(
            rf"(?P<gap>[ (]{{0,2}})"
            rf"(?:(?P<consignee>{of('cast_behind_receives')})|,?(?P<shipper>{of('cast_behind_sends')}))"
            rf"(?:(?=[,.;。)!\n]|$)|(?(gap)(?!)|(?= )))"
        ),
    )


@lru_cache(maxsize=4)
def own_kin(definitions: Definitions) -> re.Pattern[str]:
    """What somebody is to who writes or to another, which a pronoun begins and tells nothing of his side."""
    return re.compile(owners.kin(definitions))


def cast(items: Sequence[Item], folded: str, definitions: Definitions) -> list[Item]:
    """The items with those of whoever's side is told put under a label that says so."""
    plain = without_frames(items, folded)
    found = [
        Item(Kind.LABEL, *cast_of(block, plain, folded, definitions))
        for block in sided(blocks_of(plain, folded, definitions))
        if block.cast
    ]
    if not found:
        return list(items)
    out = [kept for item in items for kept in outside(item, found, folded)]
    return sorted([*out, *found], key=lambda item: item.start)


def cast_of(block: Block, items: Sequence[Item], folded: str, definitions: Definitions) -> tuple[int, int, Cast, str]:
    """Where a block stands, what it says as a label, and by which rule."""
    owner = block.owner or Owner(block.phone, items[block.phone].start)
    taken = items[owner.first : block.last + 1]
    phones = tuple(i for i in taken if i.kind in PHONES)
    town = owner.town if block.side == "consignee" else None
    ahead = next((item for item in reversed(items[: owner.first]) if item.kind is not Kind.BREAK), None)
    led = ahead is not None and ahead.kind is Kind.LABEL and ahead.value.slot == "place"
    town = town or town_led_to(owner, folded, definitions, announced=led)
    role, end = block.side or UNTOLD, items[block.last].end
    behind = owners.firm_behind(folded, end, definitions) if owner.company is None else None
    company, end = owner.company or behind, behind[1] if behind is not None else end
    meaning = Cast(role, SLOT, framed=True, name=owner.name, company=company, town=town, phones=phones)
    return owner.start, end, meaning, f"cast.{role}"


def town_led_to(owner: Owner, folded: str, definitions: Definitions, *, announced: bool) -> Span | None:
    """The town in the words that lead to an owner, if a label announces it or a word of going stands there."""
    named = [span[0] for span in (owner.company, owner.name) if span is not None]
    going = weak_cue(definitions).match(folded, owner.start, min(named, default=owner.start))
    start = going.end() if going is not None else owner.start
    end = gazetteer.end_of_places(folded, start, definitions) if going is not None or announced else None
    return (start, end) if end is not None and end <= min(named, default=end) else None


def outside(item: Item, found: Sequence[Item], folded: str) -> Iterator[Item]:
    """What is left of an item beside what was cast; a frame that led to somebody who was cast has been heeded."""
    for label in found:
        if item.start < label.end and label.start < item.end:
            if item.start < label.start and item.kind is not Kind.LABEL:
                yield item._replace(end=label.start)
            return
        if (
            leads(item)
            and not CLAUSE.search(folded, item.end, label.start)
            and label.start - MAX_FRAMED <= item.end <= label.start
            and item.value.role == label.value.role
        ):
            yield item._replace(value=replace(item.value, slot=SLOT))
            return
    yield item


def leads(item: Item) -> bool:
    """Whether an item is a frame that announces somebody in running text."""
    return item.kind is Kind.LABEL and item.value.framed and item.value.slot in NAMED_SLOTS


def without_frames(items: Sequence[Item], folded: str) -> list[Item]:
    """The items with frames of somebody as words, one with those right behind, which keep the role as their value."""
    out: list[Item] = []
    for item in items:
        if leads(item):
            said = max(folded.rfind(sign, item.start, item.end - 1) + 1 for sign in PHRASE_SIGNS)
            town_end = item.value.town[1] if item.value.town else 0  # which is no part of a name
            out.append(Item(Kind.WORDS, max(item.start, said, town_end), item.end, item.value))
        elif out and item.kind is out[-1].kind is Kind.WORDS and out[-1].value and out[-1].end == item.start:
            behind_sign = folded[item.start - 1] in PHRASE_SIGNS
            out[-1] = out[-1]._replace(start=item.start if behind_sign else out[-1].start, end=item.end)
        else:
            out.append(item)
    return out


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
    if "shipper" in told:
        return [replace(b, side="pickup") if not b.side and b.hint in ASKED else b for b in blocks]
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
    loose = True
    for index in range(block.phone - 1, floor - 1, -1):
        item = items[index]
        if item.kind is Kind.LABEL and item.value.slot in PARTY_SLOTS:
            if item.value.role != "current":
                return replace(block, side=item.value.role, labelled=True)
        elif item.kind is Kind.WORDS and len(segments) < MAX_SEGMENTS:
            segments.insert(0, index)
            if item.value and item.value.role in SIDES and not own_kin(definitions).match(folded, item.start):
                owner = announced(owners.named(segments, items, folded, definitions), index, item)
                return replace(block, side=item.value.role, owner=owner, labelled=owner is None)
        elif item.kind is not Kind.BREAK or (item.value == STRONG and (segments or not item.rule)):
            if item.rule and (heading := heading_above(items, index)) is not None:
                return replace(block, side=heading, labelled=True)
            loose = item.kind is not Kind.LABEL
            break
    owner = owners.named(segments, items, folded, definitions, loose=loose)
    if owner is None:
        return block
    line = folded.rfind("\n", 0, items[segments[-1]].start) + 1
    begin = max(items[floor].start if floor else 0, items[block.phone].start - MAX_CONTEXT, line)
    return evident(replace(block, owner=owner), begin, items[block.last].end, folded, definitions)


def announced(owner: Owner | None, index: int, framed: Item) -> Owner | None:
    """An owner with all that a frame says of him as said of him, and the town that it names."""
    if owner is None or owner.first != index:
        return owner
    start = framed.start if owner.company is None else owner.start
    return replace(owner, start=start, town=owner.town or framed.value.town)


def heading_above(items: Sequence[Item], index: int) -> str | None:
    """The role of a label that stands alone above a line."""
    above = next((item for item in reversed(items[:index]) if item.kind is not Kind.BREAK), None)
    if above is None or above.kind is not Kind.LABEL or above.value.slot not in PARTY_SLOTS:
        return None
    role: str = above.value.role
    return None if role == "current" else role


def evident(block: Block, begin: int, end: int, folded: str, definitions: Definitions) -> Block:
    """A block with its side by the words behind the name or phone, or by the last that speak of one before them."""
    g, owner = grammar(definitions), block.owner
    name = (owner.name or owner.company) if owner is not None else None
    if name is None or owner is None:
        return block
    for place in (name[1], end):
        found = g.behind.match(folded, place, place + MAX_BEHIND)
        if found and found.lastgroup:
            return replace(block, side=found.lastgroup)
    side, hint = last_cue(folded, (begin, name[0]), owner.company, definitions)
    return replace(block, side=side, hint=hint)


def last_cue(folded: str, place: Span, firm: Span | None, definitions: Definitions) -> tuple[str, str]:
    """The side that the last words of a place tell, and the side that they only hint at; a firm's name tells none."""
    side, hint, asked = "", "", -1
    for cue in grammar(definitions).cues.finditer(folded, *place):
        kind = cue.lastgroup or ""
        if kind == "self" and asked == cue.start() and place[1] - cue.end() > MAX_LINK:
            kind = "kin"  # ask for our keeper
        asked = cue.end() if kind == "asked" else -1
        if firm and firm[0] <= cue.start() < firm[1]:
            continue
        if kind == "going" and gazetteer.end_of_town(folded, cue.end(), definitions) is not None:
            side, hint = "", "" if SENTENCE.search(folded, cue.end(), place[1]) else "consignee"
        elif kind in ("consignee", "shipper", "self"):
            side, hint = "shipper" if kind == "self" else kind, ""
        elif kind == "fetched":
            side, hint = "", "shipper"
        elif kind == "asked" and "consignee" not in (side, hint):
            side, hint = "", "asked"
    return side, hint
