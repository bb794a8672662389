"""The cursor: each stretch of text is read under what the last label or cue announced."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import lru_cache

from ingestd.domain.reading import Charge, Reference
from ingestd.parsing import money, numerals, parties, places, prose, times
from ingestd.parsing.cargo import Event
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.draft import Draft, Found
from ingestd.parsing.items import Item, Kind
from ingestd.parsing.labels import Meaning
from ingestd.parsing.measures import Figure
from ingestd.parsing.measures import grammar as measure_grammar
from ingestd.parsing.scanning import MIDDLE, SOFT, STRONG, choices
from ingestd.parsing.text import Text
from ingestd.parsing.wording import alternation

MAX_GREETING = 40  # characters before or in which the reader is addressed
MAX_PHRASE = 200  # characters of a phrase that is looked into; longer ones are no data of an order
MAX_AHEAD = 8  # items that may stand between goods and their figure
MAX_PHONES = 12  # of one role that are noted
NUMBERED = re.compile(r"(?:\(?(?:\d{1,2}|[a-z])[.)、]\s?(?!\d)|[^:\d]{1,5}:)")
ORIGIN = ("shipper", "pickup")
HAN_GAP = re.compile(r"(?<=[\u3400-\u9fff\d号)）]) +(?=[\u3400-\u9fff(（])|(?<=[\u3400-\u9fff]) +(?=[\dA-Za-z])")
FIGURES = (Kind.COUNT, Kind.WEIGHT, Kind.VOLUME)
NUMBER_ONLY = re.compile(rf"[^\d]{{0,6}}({numerals.DIGITS})")
NO_ORDER = Meaning("none", "free", False)


@dataclass(slots=True)
class Field:
    """A label and the items behind it, up to the next label or the end of its line."""

    meaning: Meaning
    start: int
    items: list[Item] = field(default_factory=list)
    filled: bool = False  # holds more than breaks

    def put(self, item: Item) -> None:
        """Add an item."""
        self.items.append(item)
        self.filled = self.filled or item.kind is not Kind.BREAK


@dataclass(slots=True)
class Cursor:
    """Who is spoken of while the fields are read."""

    draft: Draft
    definitions: Definitions
    sent_at: datetime | None
    role: str = "none"
    strict: bool = False  # who and where count only behind a label
    expecting: bool = False  # a word of going has just announced a place
    contact: bool = False  # the next generic person or phone belongs to the pickup place

    @property
    def text(self) -> Text:
        """The text under the cursor."""
        return self.draft.text

    def folded(self, item: Item) -> str:
        """An item's words in folded form."""
        return self.text.folded[item.start : item.end]

    def part(self, start: int, end: int) -> Text:
        """A stretch of the text."""
        return self.text.part(start, end)


def read_fields(
    items: Sequence[Item], draft: Draft, definitions: Definitions, sent_at: datetime | None, *, changes_only: bool = False
) -> Draft:
    """Fill a draft from the items of its text; of changes only what is said of somebody is read, nothing is guessed."""
    cursor = Cursor(draft, definitions, sent_at, strict=changes_only)
    for part in fields_of(items):
        read_field(part, cursor)
    return draft


def fields_of(items: Sequence[Item]) -> list[Field]:
    """The items grouped under their labels; a label's field ends with its line once it has text."""
    fields = [Field(NO_ORDER, 0)]
    for item in items:
        current = fields[-1]
        if item.kind is Kind.LABEL:
            fields.append(Field(item.value, item.end))
        elif item.kind is Kind.BREAK and item.rule == "\n" and current.filled:
            current.put(item)
            if current.meaning.slot != "free":
                fields.append(Field(NO_ORDER, item.end))
        else:
            current.put(item)
    return [f for f in fields if f.items or f.meaning.slot != "free"]


def read_field(part: Field, cursor: Cursor) -> None:
    """Read one field under its meaning; what its slot has no use for is read freely."""
    meaning = part.meaning
    role = cursor.role
    if meaning.role in ("shipper", "pickup", "consignee"):
        cursor.role, cursor.contact = meaning.role, meaning.role == "pickup" and meaning.slot in ("person", "phone")
    elif meaning.role == "current" and role == "none":
        if cursor.strict:
            return  # a change that does not say whose it is
        cursor.role = "shipper"
    read = SLOTS.get(meaning.slot, free)
    rest = read(part, cursor)
    if rest:
        free(Field(NO_ORDER, rest[0].start, rest), cursor)


def party_role(cursor: Cursor) -> str:
    """The role a person or phone belongs to."""
    if cursor.role == "none":
        return "consignee" if cursor.draft.has("destination") and cursor.draft.has("shipper.phones") else "shipper"
    return cursor.role


def name_path(role: str) -> str:
    """Where a person's name goes for a role."""
    return "pickup.contact" if role == "pickup" else f"{role}.name"


def read_party(part: Field, cursor: Cursor) -> list[Item]:
    """Names, company, phones and an address in one field."""
    run, rest = split_run(part.items, (Kind.WORDS, Kind.PHONE, Kind.BAD_PHONE))
    role = party_role(cursor)
    before, behind = around_phone(run)
    texts = before or behind[: first_break(behind)]
    named = add_party(texts, role, cursor, labelled=part.meaning.sure)
    for item in run:
        add_phone(item, role, cursor)
    left = [i for i in run if i.kind is Kind.WORDS and i not in texts] if named or before else behind
    return keep_order([*left, *rest], part.items)


def keep_order(kept: list[Item], items: list[Item]) -> list[Item]:
    """The kept items with the breaks between them."""
    chosen = {id(i) for i in kept}
    return [i for i in items if id(i) in chosen or (i.kind is Kind.BREAK and kept and i.start >= kept[0].start)] if kept else []


def first_break(items: list[Item]) -> int:
    """How many words belong together as the first phrase."""
    return min(2, len(items))


def split_run(items: list[Item], kinds: tuple[Kind, ...]) -> tuple[list[Item], list[Item]]:
    """The leading items of some kinds, up to a strong break behind the first of them, and the rest."""
    run: list[Item] = []
    for index, item in enumerate(items):
        if item.kind is Kind.BREAK:
            if item.value == STRONG and run:
                return run, items[index:]
            continue
        if item.kind not in kinds:
            return run, items[index:]
        run.append(item)
    return run, []


def around_phone(run: list[Item]) -> tuple[list[Item], list[Item]]:
    """The words before the first phone and those behind it."""
    index = next((i for i, item in enumerate(run) if item.kind is not Kind.WORDS), len(run))
    return run[:index], [i for i in run[index:] if i.kind is Kind.WORDS]


def add_party(words: list[Item], role: str, cursor: Cursor, *, labelled: bool) -> bool:
    """Note person, company and address of a party's words; whether any were found."""
    definitions = cursor.definitions
    who_words, places_found = told_apart(words, role, cursor)
    for item in places_found:
        add_address(item.start, item.end, role, cursor, "party.address")
    if not who_words:
        return bool(places_found)
    start, end = who_words[0].start, who_words[-1].end
    who = parties.who(cursor.part(start, end), definitions, labelled=labelled)
    path = name_path(role)
    if who.name and not cursor.draft.has(path):
        cursor.draft.add(path, tidy(who.name), start, end, "party.name")
    if who.company and not cursor.draft.has(f"{role}.company") and role != "pickup":
        cursor.draft.add(f"{role}.company", tidy(who.company), start, end, "party.company")
    return bool(who.name or who.company)


def told_apart(words: list[Item], role: str, cursor: Cursor) -> tuple[list[Item], list[Item]]:
    """A party's words: those of who it is, and those of where."""
    who: list[Item] = []
    where: list[Item] = []
    for item in words:
        folded = re.sub(r"\([^()]*\)$", "", cursor.folded(item))
        located = places.stands_with_party(folded, cursor.definitions)
        housed = located and places.begins_with_place(folded, cursor.definitions) and places.has_street(folded, cursor.definitions)
        if housed or (located and not names_somebody(folded, cursor)):
            where.append(item)
        else:
            who.append(item)
    if where and who and places.begins_with_place(cursor.folded(who[0]), cursor.definitions) and who[0].end < where[0].start:
        if not parties.is_company(cursor.folded(who[0]), cursor.definitions) and len(cursor.folded(who[0])) <= 6:
            merged = Item(Kind.WORDS, who[0].start, where[0].end)
            return who[1:], [merged, *where[1:]]
    return who, where


def names_somebody(folded: str, cursor: Cursor) -> bool:
    """Whether words name a person or a company."""
    return parties.is_person(folded, cursor.definitions) or parties.is_company(folded, cursor.definitions)


def add_phone(item: Item, role: str, cursor: Cursor) -> None:
    """Note a phone of a role, or that its number cannot be one."""
    if len(cursor.draft.all(f"{role}.phones")) >= MAX_PHONES:
        return
    if item.kind is Kind.PHONE:
        if item.value not in [f.value for f in cursor.draft.all(f"{role}.phones")]:
            cursor.draft.add(f"{role}.phones", item.value, item.start, item.end, item.rule)
    elif item.kind is Kind.BAD_PHONE:
        cursor.draft.bad_phones.append((role, Found(item.value, item.start, item.end, item.rule)))


def add_address(start: int, end: int, role: str, cursor: Cursor, rule: str) -> None:
    """Note an address of a role's side."""
    path = "consignee.address" if role == "consignee" else "pickup.address"
    start = max(start, cursor.text.folded.rfind(":", start, end) + 1)
    shown = tidy(cursor.text.shown[start:end])
    known = cursor.draft.first(path)
    if known and (shown in known.value or known.value in shown):
        return
    cursor.draft.add(path, shown, start, end, rule)


def tidy(shown: str) -> str:
    """A value as written, without outer signs, spaces inside dropped between Chinese characters."""
    value = re.sub(r"[\s]+", " ", shown).strip(" ,.;:，。；：、-*|/\"'“”‘’!！~=+")
    if value.startswith(("(", "（")) and value.endswith((")", "）")):
        value = value[1:-1].strip()
    return HAN_GAP.sub("", value)


def read_either(part: Field, cursor: Cursor) -> list[Item]:
    """A label that may mean the shipper or the destination: a town by itself is where the goods go."""
    words = next((i for i in part.items if i.kind is not Kind.BREAK), None)
    phone = any(i.kind in (Kind.PHONE, Kind.BAD_PHONE) for i in part.items)
    town = words is not None and not phone and places.begins_with_place(cursor.folded(words), cursor.definitions)
    if town and words is not None and not parties.is_company(cursor.folded(words), cursor.definitions):
        return read_place(part, cursor)
    cursor.role = "shipper"
    return read_party(part, cursor)


def read_person(part: Field, cursor: Cursor) -> list[Item]:
    """A person, perhaps with phone."""
    return read_party(part, cursor)


def read_company(part: Field, cursor: Cursor) -> list[Item]:
    """A company's name."""
    run, rest = split_run(part.items, (Kind.WORDS,))
    role = party_role(cursor)
    if run:
        end = run[-1].end if part.meaning.sure else run[0].end
        who = parties.who(cursor.part(run[0].start, end), cursor.definitions, labelled=True)
        company = who.company or (who.name if not who.company else None)
        cursor.draft.add(f"{role}.company", tidy(company or ""), run[0].start, end, "label.company")
        if who.company and who.name and not cursor.draft.has(name_path(role)):
            cursor.draft.add(name_path(role), tidy(who.name), run[0].start, end, "party.name")
        run = [i for i in run if i.start >= end]
    return keep_order([*run, *rest], part.items)


def read_phone(part: Field, cursor: Cursor) -> list[Item]:
    """Phones; words before one name whose it is."""
    role = party_role(cursor)
    if part.meaning.role == "current" and role == "pickup" and not cursor.draft.has("shipper.phones") and not cursor.contact:
        role = "shipper" if not cursor.draft.has("pickup.contact") else "pickup"
    run, rest = split_run(part.items, (Kind.WORDS, Kind.PHONE, Kind.BAD_PHONE))
    if not any(i.kind is not Kind.WORDS for i in run):
        return keep_order([*run, *rest], part.items)
    last = max(i for i, item in enumerate(run) if item.kind is not Kind.WORDS)
    for item in run[: last + 1]:
        add_phone(item, role, cursor)
    words = [i for i in run if i.kind is Kind.WORDS]
    people = [i for i in words if parties.is_person(cursor.folded(i), cursor.definitions)]
    if people and not cursor.draft.has(name_path(role)):
        cursor.draft.add(name_path(role), tidy(cursor.text.shown[people[0].start : people[0].end]), people[0].start, people[0].end, "party.name")
        words.remove(people[0])
    return keep_order([*words, *rest], part.items)


def read_address(part: Field, cursor: Cursor) -> list[Item]:
    """An address up to the end of its phrase; a person before a phone behind it is the contact."""
    role = part.meaning.role if part.meaning.role != "current" else party_role(cursor)
    run, rest = address_run(part.items, cursor.text, cursor.definitions, sure=part.meaning.sure)
    people = contact_of(run, rest, cursor)
    if people:
        rest = keep_order([people, *rest], part.items)
        run = [i for i in run if i.start < people.start]
    if not run:
        return rest
    start, end = run[0].start, run[-1].end
    closed = places.pickup_closed(cursor.text.folded[start:end], cursor.definitions) if role in ORIGIN else None
    add_address(start, start + closed if closed else end, role, cursor, "label.address")
    return rest


def goes_on(items: list[Item], index: int, text: Text, definitions: Definitions) -> bool:
    """Whether the words behind a comma are still the address."""
    following = next((i for i in items[index + 1 :] if i.kind is not Kind.BREAK), None)
    if following is None or following.kind is not Kind.WORDS:
        return False
    folded = text.folded[following.start : following.end]
    return folded.isascii() or places.looks_like_address(folded, definitions)


def address_run(
    items: list[Item], text: Text, definitions: Definitions, *, sure: bool
) -> tuple[list[Item], list[Item]]:
    """The words of an address and the rest; figures inside belong to it where nothing separates them."""
    run: list[Item] = []
    for index, item in enumerate(items):
        if item.kind is Kind.BREAK:
            if run and (item.value == STRONG or (not sure and item.value != SOFT)):
                return run, items[index:]
            if run and item.value == MIDDLE and not goes_on(items, index, text, definitions):
                return run, items[index:]
            if run and not sure and not continues_address(items, index):
                return run, items[index:]
            continue
        glued = bool(run) and item.start == run[-1].end
        if item.kind is Kind.WORDS or (glued and item.kind in (Kind.COUNT, Kind.TIME) and index + 1 < len(items) and items[index + 1].kind is Kind.WORDS):
            run.append(item)
        else:
            return run, items[index:]
    return run, []


def continues_address(items: list[Item], index: int) -> bool:
    """Whether the word behind a gap still belongs to the address: nothing countable follows it."""
    following = [i for i in items[index + 1 :] if i.kind is not Kind.BREAK]
    return len(following) < 2 or following[1].kind not in (*FIGURES, Kind.PHONE, Kind.BAD_PHONE)


def contact_of(run: list[Item], rest: list[Item], cursor: Cursor) -> Item | None:
    """The person that stands last in an address, before a phone."""
    following = next((i for i in rest if i.kind is not Kind.BREAK), None)
    if len(run) < 2 or following is None or following.kind not in (Kind.PHONE, Kind.BAD_PHONE):
        return None
    return run[-1] if parties.is_person(cursor.folded(run[-1]), cursor.definitions) else None


def read_place(part: Field, cursor: Cursor) -> list[Item]:
    """The destination: a town as such, a street address as the consignee's."""
    cursor.role = "consignee"
    words = next((i for i in part.items if i.kind is not Kind.BREAK), None)
    if words is None or words.kind is not Kind.WORDS:
        return part.items
    index = part.items.index(words)
    end, index = place_end(part.items, index, sure=part.meaning.sure, cursor=cursor)
    add_destination(words.start, end, cursor, part.meaning)
    return part.items[index:]


def place_end(items: list[Item], index: int, *, sure: bool, cursor: Cursor) -> tuple[int, int]:
    """Where the phrase of a place ends, and the index of the next item."""
    end = items[index].end
    index += 1
    while sure and index + 1 < len(items) and items[index].kind is Kind.BREAK and items[index].value == SOFT:
        following = items[index + 1]
        folded = cursor.folded(following)
        if following.kind is not Kind.WORDS or parties.is_person(folded, cursor.definitions) or not (folded.isascii() or places.looks_like_address(folded, cursor.definitions)):
            break
        end, index = following.end, index + 2
    return end, index


def add_destination(start: int, end: int, cursor: Cursor, meaning: Meaning) -> None:
    """Note a destination, or a consignee's address where a street is named."""
    folded = cursor.text.folded[start:end]
    shown = tidy(cursor.text.shown[start:end])
    if places.has_street(folded, cursor.definitions) and len(folded) > 6:
        add_address(start, end, "consignee", cursor, "place.address")
    else:
        cursor.draft.add("destination", shown, start, end, "label.place" if meaning.sure else "cue.place")


def read_goods(part: Field, cursor: Cursor) -> list[Item]:
    """Goods: names and figures in their order; other finds keep their meaning."""
    rest: list[Item] = []
    for index, item in enumerate(part.items):
        if item.kind is Kind.WORDS:
            if goes_somewhere(item, cursor) or not add_goods(item, cursor):
                rest.append(item)
        elif item.kind in FIGURES:
            add_figure(item, cursor)
        elif item.kind is Kind.BREAK and item.value == STRONG and item.rule == "\n":
            return [*rest, *part.items[index:]]
        else:
            rest.append(item)
    return rest


def goes_somewhere(item: Item, cursor: Cursor) -> bool:
    """Whether words begin with a word of going and a town."""
    folded = cursor.folded(item)
    found = weak_cue(cursor.definitions).match(folded)
    return bool(found) and places.begins_with_place(folded[found.end() :].lstrip(), cursor.definitions) if found else False


def add_goods(item: Item, cursor: Cursor, *, running: bool = False) -> bool:
    """Note a goods name without its fillers; words that only introduce a figure are no name."""
    numbered = NUMBERED.match(cursor.folded(item))
    if numbered and numbered.end() < item.end - item.start:
        item = Item(item.kind, item.start + numbered.end(), item.end)
    folded = cursor.folded(item)
    start, end = prose.trimmed(folded, cursor.definitions, prose=running)
    name = tidy(cursor.text.shown[item.start + start : item.start + end])
    if prose.is_request(folded, cursor.definitions):
        return running
    if not name or name in cursor.definitions.of("verbs_head") or prose.is_noise(folded[start:end], cursor.definitions) or not re.search(r"[a-z\u3400-\u9fff]", folded[start:end]):
        return True
    if prose.is_hint(folded, cursor.definitions) and cursor.draft.goods:
        return False
    found = Found(name, item.start + start, item.start + end, "goods.name")
    cursor.draft.goods.append((Event(Kind.WORDS, name), found))
    return True


def add_figure(item: Item, cursor: Cursor) -> None:
    """Note a figure of the goods."""
    figure: Figure = item.value
    found = Found(figure, item.start, item.end, item.rule)
    cursor.draft.goods.append((Event(item.kind, figure, item.rule == "measure.dimensions"), found))


def read_figure(part: Field, cursor: Cursor) -> list[Item]:
    """A figure whose unit may stand in the label or be understood."""
    items = [i for i in part.items if i.kind is not Kind.BREAK]
    if items and items[0].kind in FIGURES:
        add_figure(marked(items[0], part.meaning), cursor)
        return part.items[part.items.index(items[0]) + 1 :]
    if items and items[0].kind in (Kind.WORDS, Kind.BAD_PHONE) and (found := NUMBER_ONLY.match(cursor.folded(items[0]))):
        item = items[0]
        figure = understood(Decimal(found[1].replace(",", "")), part.meaning, cursor)
        kind = {"weight": Kind.WEIGHT, "net_weight": Kind.WEIGHT, "volume": Kind.VOLUME}.get(part.meaning.slot, Kind.COUNT)
        cursor.draft.goods.append((Event(kind, figure), Found(figure, item.start, item.end, "label." + part.meaning.slot)))
        return part.items[part.items.index(item) + 1 :]
    return part.items


def marked(item: Item, meaning: Meaning) -> Item:
    """A weight under a label of net weight is net."""
    if meaning.slot != "net_weight":
        return item
    f: Figure = item.value
    return Item(item.kind, item.start, item.end, Figure(f.amount, f.unit, f.sort, f.per, f.total, f.settled, False), item.rule)


def understood(amount: Decimal, meaning: Meaning, cursor: Cursor) -> Figure:
    """A bare number under a label, in the label's unit or the field's usual one."""
    kind, factor = measure_grammar(cursor.definitions).units.get(meaning.unit, ("", Decimal(1)))
    gross = False if meaning.slot == "net_weight" else None
    unit = meaning.unit if meaning.slot == "quantity" else ""
    return Figure(amount * factor if kind else amount, unit, "package" if meaning.slot == "quantity" else "", gross=gross)


def read_unit(part: Field, cursor: Cursor) -> list[Item]:
    """The unit of a count that stands in a field of its own."""
    words = next((i for i in part.items if i.kind is Kind.WORDS), None)
    if words is not None and cursor.folded(words) in measure_grammar(cursor.definitions).sorts:
        cursor.draft.add("unit", tidy(cursor.text.shown[words.start : words.end]), words.start, words.end, "label.unit")
        return [i for i in part.items if i is not words]
    return part.items


def read_payment(part: Field, cursor: Cursor) -> list[Item]:
    """Who pays; words that no choice knows make the field unreadable."""
    if not any(i.kind is Kind.CHOICE for i in part.items):
        words = [i for i in part.items if i.kind is Kind.WORDS]
        if words and not re.match(r"[\s\d.]*$", cursor.folded(words[0])):
            cursor.draft.unreadable.add("payment")
            return [i for i in part.items if i is not words[0]]
    return part.items


def read_amount(part: Field, cursor: Cursor) -> list[Item]:
    """A sum under a label of freight, cash on delivery or declared value."""
    words = next((i for i in part.items if i.kind not in (Kind.BREAK, Kind.CHOICE)), None)
    if words is None or words.kind not in (Kind.WORDS, Kind.TIME, Kind.COUNT):
        return part.items
    payer = next(choices("freight " + cursor.folded(words), cursor.definitions), None)
    if part.meaning.slot == "freight" and payer is not None and words.kind is Kind.WORDS:
        cursor.draft.add(payer.value[0], payer.value[1], words.start, words.end, payer.rule)
        return [i for i in part.items if i is not words]
    found = money.grammar(cursor.definitions).amount.search(cursor.folded(words))
    value = money.yuan(found.group(), cursor.definitions) if found else None
    if value is None:
        return part.items
    cursor.draft.add(part.meaning.slot, value, words.start, words.end, "label." + part.meaning.slot)
    return [i for i in part.items if i is not words]


def read_time(part: Field, cursor: Cursor) -> list[Item]:
    """A wish for pickup or delivery under its label."""
    wanted = times.Purpose.PICKUP if part.meaning.slot == "pickup_time" else times.Purpose.DELIVERY
    spoken = next((i for i in part.items if i.kind is Kind.TIME), None)
    if spoken is None:
        return part.items
    add_time(spoken, wanted, cursor)
    return [i for i in part.items if i is not spoken]


def add_time(item: Item, purpose: times.Purpose, cursor: Cursor) -> None:
    """Note the window of a wish; a time past is in doubt."""
    spoken: times.Spoken = item.value
    if cursor.sent_at is None or purpose is times.Purpose.NONE or (spoken.offset or 0) < 0:
        return
    window = times.resolved(item.value, cursor.sent_at, purpose)
    spot = (item.start, item.end, "time")
    if purpose is times.Purpose.PICKUP:
        if window and not past(window, cursor.sent_at):
            cursor.draft.add("pickup.from", window.start, *spot)
            cursor.draft.add("pickup.by", window.end, *spot)
        return
    if window is None or past(window, cursor.sent_at):
        cursor.draft.ambiguous.add("deliver_by")
        return
    if window.end is None:
        cursor.draft.add("deliver_from", window.start, *spot)
    else:
        cursor.draft.add("deliver_by", window.end, *spot)


def past(window: times.Window, sent_at: datetime) -> bool:
    """Whether a window closed before the message was sent."""
    return window.end is not None and window.end < sent_at


def read_vehicle(part: Field, cursor: Cursor) -> list[Item]:
    """The vehicle asked for, as written under its label."""
    run, rest = split_run(part.items, (Kind.WORDS, Kind.VEHICLE, Kind.COUNT))
    if run:
        cursor.draft.add("vehicle", tidy(cursor.text.shown[run[0].start : run[-1].end]), run[0].start, run[-1].end, "label.vehicle")
    return rest


def read_remark(part: Field, cursor: Cursor) -> list[Item]:
    """Remarks: what is data in them keeps its meaning, the rest is kept as a hint."""
    out = []
    for item in part.items:
        if item.kind is Kind.WORDS:
            cursor.draft.remarks.append(tidy(cursor.text.shown[item.start : item.end]))
        elif item.kind not in FIGURES and item.kind is not Kind.BAD_PHONE and item.kind is not Kind.PHONE:
            out.append(item)
    return out


def read_nothing(part: Field, cursor: Cursor) -> list[Item]:
    """A field that is no data of the order, up to the end of its line."""
    for index, item in enumerate(part.items):
        if item.kind is Kind.BREAK and item.value == STRONG and index:
            return part.items[index:]
    return []


def free(part: Field, cursor: Cursor) -> list[Item]:
    """Items without a label: each by its look and its neighbours."""
    items = part.items
    for index, item in enumerate(items):
        if item.kind is Kind.WORDS:
            free_words(items, index, cursor)
        elif item.kind in FIGURES:
            add_figure(item, cursor)
        elif item.kind in (Kind.PHONE, Kind.BAD_PHONE):
            free_phone(item, cursor)
        else:
            add_find(item, cursor)
    return []


def free_phone(item: Item, cursor: Cursor) -> None:
    """A phone without a label belongs to whom the cursor stands on."""
    if cursor.strict and cursor.role == "none":
        return
    add_phone(item, party_role(cursor), cursor)


def add_find(item: Item, cursor: Cursor) -> None:
    """Note a find that says by itself what it is."""
    draft, spot = cursor.draft, (item.start, item.end, item.rule)
    if item.kind is Kind.CHOICE:
        draft.add(item.value[0], item.value[1], *spot)
    elif item.kind in (Kind.FREIGHT, Kind.COD, Kind.DECLARED):
        draft.add(item.kind.value, item.value, *spot)
        for chosen in choices(cursor.folded(item), cursor.definitions):
            draft.add(chosen.value[0], chosen.value[1], *spot)
    elif item.kind is Kind.CHARGE:
        draft.add("charges", item.value, *spot)
        for chosen in choices(item.value.name, cursor.definitions):
            draft.add(chosen.value[0], chosen.value[1], *spot)
    elif item.kind is Kind.TIME:
        add_time(item, item.value.purpose, cursor)
    elif item.kind is Kind.VEHICLE:
        draft.add("vehicle", tidy(cursor.text.shown[slice(*item.value)]), *spot)
    elif item.kind is Kind.SERIAL:
        draft.add("serial", item.value, *spot)
    elif item.kind is Kind.REFERENCE:
        draft.add("references", Reference(item.value, tidy(cursor.text.shown[item.start : item.end])), *spot)


def free_words(items: list[Item], index: int, cursor: Cursor) -> None:
    """Words without a label: an address with its verb, goods before a figure, a party before a phone, ..."""
    item = items[index]
    if item.end - item.start > MAX_PHRASE:
        cursor.draft.leftovers.append(Found(cursor.text.shown[item.start : item.start + MAX_PHRASE], item.start, item.end, "leftover"))
        return
    if cursor.strict and cursor.role == "none":
        strict_words(items, index, cursor)
        return
    if cursor.expecting:
        cursor.expecting = False
        add_destination(items[index].start, items[index].end, cursor, NO_ORDER)
        return
    if closed_address(items, index, cursor) or weak_destination(items, index, cursor):
        return
    if prose.is_noise(cursor.folded(item), cursor.definitions) or salutation(item, cursor) or enumerator(item, cursor):
        return
    for rule in FREE_RULES:
        if rule(items, index, cursor):
            return
    cursor.draft.leftovers.append(Found(cursor.text.shown[item.start : item.end], item.start, item.end, "leftover"))


def salutation(item: Item, cursor: Cursor) -> bool:
    """Whether words address the reader: they fill the first line, up to a colon or comma."""
    folded = cursor.text.folded
    if item.start > MAX_GREETING or folded[: item.start].strip():
        return False
    if len(folded) > 60 and folded[item.end : item.end + 1] in ",，" and parties.is_person(cursor.folded(item), cursor.definitions):
        return True
    behind = folded[item.end : item.end + MAX_GREETING].split("\n", 1)[0].strip()
    return behind in (":", ",", ":,") and not re.search(r"\d", folded[item.start : item.end])


def enumerator(item: Item, cursor: Cursor) -> bool:
    """Whether words only number a line."""
    folded = cursor.folded(item)
    return len(folded) <= 2 and folded.isalnum() and cursor.text.folded[item.end : item.end + 1] in ".)、:" and folded.isascii()


def strict_words(items: list[Item], index: int, cursor: Cursor) -> None:
    """Words of a change without a label: a destination behind its verb, or goods right before a figure."""
    if weak_destination(items, index, cursor):
        return
    following = neighbour(items, index, 1)
    if following is not None and following.kind is Kind.COUNT:
        add_goods(items[index], cursor, running=True)


def neighbour(items: list[Item], index: int, step: int, *, across: int = SOFT) -> Item | None:
    """The next item in a direction, over breaks not stronger than `across`."""
    index += step
    while 0 <= index < len(items):
        if items[index].kind is not Kind.BREAK:
            return items[index]
        if items[index].value > across:
            return None
        index += step
    return None


def weak_destination(items: list[Item], index: int, cursor: Cursor) -> bool:
    """A word of going with a known town behind it."""
    item = items[index]
    folded = cursor.folded(item)
    found = weak_cue(cursor.definitions).match(folded)
    if not found:
        return False
    start = item.start + found.end()
    rest = cursor.text.folded[start : item.end].lstrip()
    start = item.end - len(rest)
    end = item.end
    if not rest:
        following = neighbour(items, index, 1)
        if following is None or following.kind is not Kind.WORDS or not places.begins_with_place(cursor.folded(following), cursor.definitions):
            return False
        cursor.role, cursor.expecting = "consignee", True
        return True
    if not places.begins_with_place(rest, cursor.definitions):
        return False
    cursor.role = "consignee"
    add_destination(start, end, cursor, NO_ORDER)
    return True


@lru_cache(maxsize=4)
def weak_cue(definitions: Definitions) -> re.Pattern[str]:
    """The words of going that need a town behind them."""
    before, cue = (alternation(definitions.of(name)) for name in ("weak_prefix", "weak_destination"))
    return re.compile(rf"(?:{before})*(?:{cue})")


def lone_town(items: list[Item], index: int, cursor: Cursor) -> bool:
    """A known town by itself, once the goods go somewhere or nothing else is known of it."""
    folded = cursor.folded(items[index])
    town = places.town_of(folded.strip(), cursor.definitions)
    if town is None or cursor.draft.has("destination") or cursor.role != "consignee":
        return False
    if parties.is_company(folded, cursor.definitions) or places.has_street(folded, cursor.definitions) or len(folded) > 10:
        return False
    item = items[index]
    cursor.draft.add("destination", tidy(cursor.text.shown[item.start : item.end]), item.start, item.end, "town")
    return True


def closed_address(items: list[Item], index: int, cursor: Cursor) -> bool:
    """An address that ends with a word of fetching, or is followed by one, is the pickup's."""
    item = items[index]
    folded = cursor.folded(item)
    end = places.pickup_closed(folded, cursor.definitions)
    colon = folded.find(":")
    if colon > 0 and places.pickup_closed(folded[:colon], cursor.definitions) is not None:
        cursor.role, cursor.contact = "pickup", True
        add_address(item.start + colon + 1, item.end, "pickup", cursor, "frame.pickup")
        return True
    if end is None and fetched_goods(item, cursor):
        return True
    if end is None:
        following = neighbour(items, index, 1)
        if following is None or following.kind is not Kind.WORDS or not places.grammar(cursor.definitions).closer.fullmatch(cursor.folded(following)):
            return False
        end = len(folded)
    start = opened_at(folded[:end], cursor)
    if not places.looks_like_address(folded[start:end], cursor.definitions):
        return False
    cursor.role, cursor.contact = "pickup", True
    cursor.draft.add("pickup.address", tidy(cursor.text.shown[item.start + start : item.start + end]), item.start, item.end, "frame.pickup")
    return True


def fetched_goods(item: Item, cursor: Cursor) -> bool:
    """An address, a verb of fetching and the goods in one phrase without a gap."""
    folded = cursor.folded(item)
    for verb in reversed(list(fetching(cursor.definitions).finditer(folded))):
        start = opened_at(folded[: verb.start()], cursor)
        goods = folded[verb.end() :]
        if places.looks_like_address(folded[start : verb.start()], cursor.definitions) and 1 < len(goods) <= 12:
            if places.looks_like_address(goods, cursor.definitions):
                return False
            cursor.role, cursor.contact = "pickup", True
            add_address(item.start + start, item.start + verb.start(), "pickup", cursor, "frame.pickup")
            return add_goods(Item(Kind.WORDS, item.start + verb.end(), item.end), cursor, running=True)
    return False


@lru_cache(maxsize=4)
def fetching(definitions: Definitions) -> re.Pattern[str]:
    """Verbs of fetching that goods may follow."""
    return re.compile(alternation(definitions.of("fetch_verbs")))


def opened_at(folded: str, cursor: Cursor) -> int:
    """Where an address begins behind words such as "come to" or "the goods are at"; one in brackets begins there."""
    bracket = folded.find("(")
    if bracket > 0 and folded.rstrip().endswith(")") and places.has_street(folded[bracket:], cursor.definitions):
        return bracket
    opener = places.grammar(cursor.definitions).opener.match(folded)
    return opener.end() if opener and opener.end() < len(folded) else 0


def goods_before_figure(items: list[Item], index: int, cursor: Cursor) -> bool:
    """Words right before a count, or before a weight where no count came, are the goods."""
    folded = cursor.folded(items[index])
    announced = prose.announced_goods(folded, cursor.definitions)
    if announced and not any(e.kind is Kind.WORDS for e, _ in cursor.draft.goods):
        start = items[index].start
        return add_goods(Item(Kind.WORDS, start + announced[0], start + announced[1]), cursor, running=True)
    following = figure_ahead(items, index, cursor)
    if following is None:
        return False
    if following.kind is not Kind.COUNT and cursor.draft.goods and cursor.draft.goods[-1][0].kind in FIGURES and not named_late(cursor):
        return add_goods_if_filler(items[index], cursor)
    if places.looks_like_address(folded, cursor.definitions) and not few_signs(folded, cursor):
        return False
    if parties.person_start(folded, cursor.definitions) == 0 and not cursor.draft.has(f"{party_role(cursor)}.name"):
        return False
    return add_goods(items[index], cursor, running=True)


def figure_ahead(items: list[Item], index: int, cursor: Cursor) -> Item | None:
    """The figure that words lead to, over a comma and words that only introduce it."""
    for item in items[index + 1 : index + 1 + MAX_AHEAD]:
        if item.kind in FIGURES:
            return item
        if item.kind is Kind.BREAK and item.value < STRONG:
            continue
        if item.kind is not Kind.WORDS or not add_goods_if_filler(item, cursor):
            return None
    return None


def named_late(cursor: Cursor) -> bool:
    """Whether the last goods line has a count but no name yet."""
    last = cursor.draft.goods[-1][0] if cursor.draft.goods else None
    names = [e for e, _ in cursor.draft.goods if e.kind is Kind.WORDS]
    return last is not None and last.kind is Kind.COUNT and not names


def add_goods_if_filler(item: Item, cursor: Cursor) -> bool:
    """Whether words between figures only introduce the next figure."""
    start, end = prose.trimmed(cursor.folded(item), cursor.definitions)
    return prose.is_noise(cursor.folded(item)[start:end], cursor.definitions)


def few_signs(folded: str, cursor: Cursor) -> bool:
    """Whether a text is too short for an address although a token is in it."""
    return len(folded) <= 4 and not re.search(r"\d", folded)


def party_before_phone(items: list[Item], index: int, cursor: Cursor) -> bool:
    """Words right before a phone name whose it is."""
    following = neighbour(items, index, 1)
    if following is None or following.kind not in (Kind.PHONE, Kind.BAD_PHONE):
        return False
    folded = cursor.folded(items[index])
    if places.looks_like_address(folded, cursor.definitions) and not parties.is_person(folded, cursor.definitions) and not parties.is_company(folded, cursor.definitions):
        return False
    role = party_role(cursor)
    previous = neighbour(items, index, -1)
    words = [items[index]]
    if previous is not None and previous.kind is Kind.WORDS and not cursor.draft.has(f"{role}.company") and parties.is_company(cursor.folded(previous), cursor.definitions):
        words = [previous, items[index]]
    return add_party(words, role, cursor, labelled=False)


def company_before_person(items: list[Item], index: int, cursor: Cursor) -> bool:
    """A company followed by a person, which the person's rule takes along."""
    following = neighbour(items, index, 1)
    if following is None or following.kind is not Kind.WORDS:
        return False
    if not parties.is_company(cursor.folded(items[index]), cursor.definitions):
        return False
    role = party_role(cursor)
    if cursor.draft.has(f"{role}.company") or role == "pickup":
        return False
    item = items[index]
    cursor.draft.add(f"{role}.company", tidy(cursor.text.shown[item.start : item.end]), item.start, item.end, "party.company")
    return True


def free_address(items: list[Item], index: int, cursor: Cursor) -> bool:
    """An address by its look, on the side that the cursor stands on."""
    item = items[index]
    folded = cursor.folded(item)
    start = opened_at(folded, cursor)
    if start and places.opened_for_pickup(folded[:start], cursor.definitions):
        cursor.role, cursor.contact = "pickup", True
    if not places.looks_like_address(folded[start:], cursor.definitions) or few_signs(folded, cursor):
        return False
    if parties.is_company(folded, cursor.definitions) and not places.has_street(folded, cursor.definitions):
        return False
    role = "consignee" if cursor.role == "consignee" else "pickup"
    add_address(item.start + start, item.end, role, cursor, "address")
    return True


def lone_origin(items: list[Item], index: int, cursor: Cursor) -> bool:
    """A quarter of a known town by itself, before anything is said of where the goods go, is where they are."""
    item = items[index]
    folded = cursor.folded(item)
    town = places.town_of(folded, cursor.definitions)
    if town is None or cursor.role == "consignee" or cursor.draft.has("pickup.address") or not 1 < len(folded) - town.end() < 10:
        return False
    if parties.is_company(folded, cursor.definitions):
        return False
    cursor.draft.add("pickup.address", tidy(cursor.text.shown[item.start : item.end]), item.start, item.end, "town.pickup")
    return True


def goods_behind_count(items: list[Item], index: int, cursor: Cursor) -> bool:
    """Words right behind a count that had no name before it."""
    previous = neighbour(items, index, -1)
    if previous is None or previous.kind is not Kind.COUNT or not named_late(cursor):
        return False
    item = items[index]
    folded = cursor.folded(item)
    cue = goods_end(cursor.definitions).search(folded)
    end = item.start + cue.start() if cue and cue.start() > 0 else item.end
    add_goods(Item(Kind.WORDS, item.start, end), cursor)
    if end < item.end:
        rest = Item(Kind.WORDS, end, item.end)
        free_words([rest], 0, cursor)
    return True


def goods_end(definitions: Definitions) -> re.Pattern[str]:
    """Where goods behind a count end: at a word of going with a town behind it."""
    return weak_cue(definitions)


def pickup_place(items: list[Item], index: int, cursor: Cursor) -> bool:
    """A short text behind the goods' figures and before the destination is the pickup place of the short form."""
    previous = neighbour(items, index, -1)
    if cursor.role == "consignee" or cursor.draft.has("pickup.address") or previous is None:
        return False
    if previous.kind not in FIGURES or index + 1 < len(items) and neighbour(items, index, 1, across=STRONG) is not None:
        return False
    item = items[index]
    if prose.is_hint(cursor.folded(item), cursor.definitions) or len(cursor.folded(item)) < 2:
        return False
    cursor.draft.add("pickup.address", tidy(cursor.text.shown[item.start : item.end]), item.start, item.end, "short.pickup")
    return True


def lone_person(items: list[Item], index: int, cursor: Cursor) -> bool:
    """A person by title or name without a phone right behind, where the role has none yet."""
    item = items[index]
    role = party_role(cursor)
    if cursor.draft.has(name_path(role)) or not parties.is_person(cursor.folded(item), cursor.definitions):
        return False
    if not cursor.draft.has(f"{role}.company") and not cursor.draft.has(f"{role}.phones") and cursor.role == "none":
        return False
    return add_party([item], role, cursor, labelled=False)


def hint(items: list[Item], index: int, cursor: Cursor) -> bool:
    """An instruction for the transport."""
    item = items[index]
    if not prose.is_hint(cursor.folded(item), cursor.definitions):
        return False
    cursor.draft.remarks.append(tidy(cursor.text.shown[item.start : item.end]))
    return True


FREE_RULES = (
    party_before_phone, goods_before_figure, goods_behind_count, company_before_person,
    free_address, lone_origin, lone_person, pickup_place, lone_town, hint,
)  # fmt: skip

SLOTS = {
    "party": read_party, "party_phone": read_party, "person": read_person, "company": read_company, "phone": read_phone,
    "address": read_address, "place": read_place, "goods": read_goods, "quantity": read_figure, "weight": read_figure,
    "net_weight": read_figure, "volume": read_figure, "weight_volume": read_goods, "dimensions": read_goods,
    "unit": read_unit, "either": read_either, "payment": read_payment, "freight": read_amount, "cod": read_amount, "declared": read_amount,
    "pickup_time": read_time, "deliver_time": read_time, "vehicle": read_vehicle, "remark": read_remark,
    "nothing": read_nothing,
}  # fmt: skip

__all__ = ["Charge", "read_fields"]
