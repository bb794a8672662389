"""What each label's text is read as; what a slot has no use for is handed back."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from ingestd.parsing import descriptions, gazetteer, money, numerals, parties, places
from ingestd.parsing.cargo import Event
from ingestd.parsing.cursor import (
    FIGURES,
    Cursor,
    Field,
    add_address,
    add_destination,
    add_figure,
    add_goods,
    add_party,
    add_phone,
    add_time,
    before_speech,
    goes_somewhere,
    keep_order,
    name_path,
    outrank,
    party_role,
    split_run,
    tidy,
    told_in_english,
    weak_cue,
)
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.draft import Found
from ingestd.parsing.items import Item, Kind
from ingestd.parsing.labels import Meaning
from ingestd.parsing.measures import LOOK_BACK, Figure
from ingestd.parsing.measures import grammar as measure_grammar
from ingestd.parsing.purposes import Purpose
from ingestd.parsing.scanning import MIDDLE, SOFT, STRONG, choices, labelled_choice
from ingestd.parsing.text import Text

ORIGIN = ("shipper", "pickup")
ANY_NAME = re.compile(r"[\u3400-\u9fff]{2,3}")
SPACES = re.compile(r"[ /]+")
MAX_NAMED = 6  # items between a bracket and the phone of who is named in it
TOO_SHORT = re.compile(r"[\d(][\d() \-]{3,}\d")
NUMBER_ONLY = re.compile(rf"[^\d\n]{{0,6}}({numerals.DIGITS})")


def read_party(part: Field, cursor: Cursor) -> list[Item]:
    """Names, company, phones and an address in one field."""
    run, rest = split_run(part.items, (Kind.WORDS, Kind.PHONE, Kind.BAD_PHONE))
    run, rest = without_heading(without_talk(run, cursor), rest, cursor)
    role = party_role(cursor)
    if part.meaning.framed:
        run, rest = first_phrase(run, rest, part.items, cursor)
    before, behind = around_phone(run)
    texts = before or behind[: first_break(behind)]
    if len(texts) == 1 and leads_to_name(cursor.folded(texts[0]), cursor.definitions):
        return part.items
    sure = part.meaning.sure or dialled(texts, run, cursor)
    named = add_party(texts, role, cursor, labelled=sure, framed=spoken_of_oneself(part.meaning))
    for item in run:
        add_phone(item, role, cursor)
    left = [i for i in run if i.kind is Kind.WORDS and i not in texts] if named or before else behind
    return keep_order([*left, *rest], part.items)


def leads_to_name(folded: str, definitions: Definitions) -> bool:
    """Whether words only say whose name follows: "my apprentice's"."""
    return folded.endswith(definitions.of("possessive")) and descriptions.is_description(folded, definitions)


def dialled(texts: list[Item], run: list[Item], cursor: Cursor) -> bool:
    """Whether a party is one short word right before a phone, so that it is a name even without a known surname."""
    if len(texts) != 1:
        return False
    folded = cursor.folded(texts[0])
    if not ANY_NAME.fullmatch(folded) and not parties.has_given_name(folded, cursor.definitions):
        return False
    following = run[run.index(texts[0]) + 1 :]
    return bool(following) and following[0].kind is Kind.PHONE and following[0].start - texts[0].end <= 1


def spoken_of_oneself(meaning: Meaning) -> bool:
    """Whether a frame says who writes, who need not be the party that a label or another frame names."""
    return meaning.framed and meaning.slot == "person"


def first_phrase(run: list[Item], rest: list[Item], items: list[Item], cursor: Cursor) -> tuple[list[Item], list[Item]]:
    """What a frame announces: its phrase, further ones only where they name somebody or lead to a phone."""
    commas = [i.start for i in items if i.kind is Kind.BREAK and i.value == MIDDLE]
    for index, item in enumerate(run[1:], 1):
        parted = any(run[index - 1].end <= comma < item.start for comma in commas)
        folded = cursor.folded(item)
        if parted and item.kind is Kind.WORDS and not parties.is_person(folded, cursor.definitions):
            phone = index + 1 < len(run) and run[index + 1].kind is not Kind.WORDS
            if not (phone and parties.is_company(folded, cursor.definitions)):
                return run[:index], keep_order([*run[index:], *rest], items)
    return run, rest


def first_break(items: list[Item]) -> int:
    """How many words belong together as the first phrase."""
    return min(2, len(items))


def around_phone(run: list[Item]) -> tuple[list[Item], list[Item]]:
    """The words before the first phone and those behind it."""
    index = next((i for i, item in enumerate(run) if item.kind is not Kind.WORDS), len(run))
    return run[:index], [i for i in run[index:] if i.kind is Kind.WORDS]


def read_either(part: Field, cursor: Cursor) -> list[Item]:
    """A label that may mean the shipper or the destination: a town by itself is where the goods go."""
    words = next((i for i in part.items if i.kind is not Kind.BREAK), None)
    phone = any(i.kind in (Kind.PHONE, Kind.BAD_PHONE) for i in part.items)
    town = words is not None and not phone and places.begins_with_place(cursor.folded(words), cursor.definitions)
    line = [i for i in until_line_end(part.items) if i.kind is Kind.WORDS and i is not words]
    firm = any(parties.is_company(cursor.folded(i), cursor.definitions) for i in line)
    if town and not firm and words is not None and not parties.is_company(cursor.folded(words), cursor.definitions):
        return read_place(part, cursor)
    cursor.role = "shipper"
    return read_party(part, cursor)


def without_talk(run: list[Item], cursor: Cursor) -> list[Item]:
    """A run whose first words begin behind a colon where those before it only talk (it is somebody else: Mr Luo)."""
    if not run or run[0].kind is not Kind.WORDS:
        return run
    head, colon, name = cursor.folded(run[0]).partition(":")
    if not colon or not name or not parties.is_talk(head, cursor.definitions):
        return run
    return [replace(run[0], start=run[0].start + len(head) + 1), *run[1:]]


def without_heading(run: list[Item], rest: list[Item], cursor: Cursor) -> tuple[list[Item], list[Item]]:
    """A run up to a word that a colon follows: that is a label nobody knows, and no name."""
    for index, item in enumerate(run):
        if item.kind is Kind.WORDS and cursor.text.folded[item.end : item.end + 1] == ":":
            return run[:index], [*run[index:], *rest]
    return run, rest


def read_person(part: Field, cursor: Cursor) -> list[Item]:
    """A person, perhaps with phone."""
    return read_party(part, cursor)


def read_company(part: Field, cursor: Cursor) -> list[Item]:
    """A company's name."""
    run, rest = split_run(part.items, (Kind.WORDS,))
    role = party_role(cursor)
    if run and part.meaning.framed:
        head, bracket, _ = cursor.folded(run[0]).partition(")")
        end = run[0].start + len(head)
        behind = [Item(Kind.WORDS, end + 1, run[0].end)] if bracket else []
        run, rest = [Item(Kind.WORDS, run[0].start, end)], [*behind, *run[1:], *rest]
        part = replace(part, items=[*run, *rest])
    if run:
        end = run[-1].end if part.meaning.sure else run[0].end
        who = parties.who(cursor.part(run[0].start, end), cursor.definitions, labelled=True)
        company = who.company or (who.name if not who.company else None)
        if company and part.meaning.framed:
            company = parties.company_part(Text(company, company.lower()), cursor.definitions).shown
            company = None if descriptions.is_generic(company.lower(), cursor.definitions) else company
        if company and part.meaning.sure:
            outrank(f"{role}.company", cursor)
        cursor.draft.add(f"{role}.company", tidy(company or ""), run[0].start, end, "label.company")
        if who.company and who.name and not cursor.draft.has(name_path(role)):
            cursor.draft.add(name_path(role), tidy(who.name), run[0].start, end, "party.name")
        run = [i for i in run if i.start >= end]
    return keep_order([*run, *rest], part.items)


def read_phone(part: Field, cursor: Cursor) -> list[Item]:
    """Phones; words before one name whose it is."""
    role = party_role(cursor)
    if (
        part.meaning.role == "current"
        and role == "pickup"
        and not cursor.draft.has("shipper.phones")
        and not cursor.contact
    ):
        role = "shipper" if not cursor.draft.has("pickup.contact") else "pickup"
    run, rest = split_run(part.items, (Kind.WORDS, Kind.PHONE, Kind.BAD_PHONE))
    if not any(i.kind is not Kind.WORDS for i in run):
        if part.meaning.sure and run and TOO_SHORT.fullmatch(cursor.folded(run[0])):
            add_phone(replace(run[0], kind=Kind.BAD_PHONE, rule="phone.short"), role, cursor)
            run = run[1:]
        return keep_order([*run, *rest], part.items)
    last = max(i for i, item in enumerate(run) if item.kind is not Kind.WORDS)
    for item in run[: last + 1]:
        add_phone(item, role, cursor)
    words = [i for i in run if i.kind is Kind.WORDS]
    people = [i for i in words if parties.is_person(cursor.folded(i), cursor.definitions)]
    if people and not cursor.draft.has(name_path(role)):
        named = parties.who(cursor.part(people[0].start, people[0].end), cursor.definitions, labelled=False).name
        cursor.draft.add(name_path(role), tidy(named or ""), people[0].start, people[0].end, "party.name")
        words.remove(people[0])
    return keep_order([*words, *rest], part.items)


def read_address(part: Field, cursor: Cursor) -> list[Item]:
    """An address up to the end of its phrase; a person before a phone behind it is the contact."""
    role = part.meaning.role if part.meaning.role != "current" else party_role(cursor)
    add_manner(part, cursor)
    if role == "pickup" and counts_goods(part.items, cursor):
        return part.items
    run, rest = address_run(part.items, cursor.text, cursor.definitions, sure=part.meaning.sure)
    if part.meaning.framed:
        run, rest = spoken_run(run, rest, part.items, cursor)
    run, rest = before_bracket(run, rest, cursor)
    run = behind_party(run, role, cursor)
    people = contact_of(run, rest, cursor)
    if people:
        rest = keep_order([people, *rest], part.items)
        run = without_company([i for i in run if i.start < people.start], role, cursor)
    if not run:
        return rest
    if part.meaning.sure and begins_with_firm(run[-1], cursor):
        run = without_company(run, role, cursor)
    start, end = run[0].start, run[-1].end
    if not part.meaning.sure or role in ORIGIN:
        start += led_to(cursor.folded(run[0]), cursor)
    closed = places.pickup_closed(cursor.text.folded[start:end], cursor.definitions) if role in ORIGIN else None
    done = start + closed if closed else start + places.closing(cursor.text.folded[start:end], 0, cursor.definitions)
    done = min(done, before_speech(start, end, cursor))
    add_address(start, done, role, cursor, rule_of(start, done, part.meaning, cursor))
    if closed is None and done < end:
        return [Item(Kind.WORDS, max(done, run[-1].start), end), *rest]
    return rest


def before_bracket(run: list[Item], rest: list[Item], cursor: Cursor) -> tuple[list[Item], list[Item]]:
    """An address up to a bracket in which somebody is named, who is read behind it."""
    for index, item in enumerate(run):
        head, bracket, inner = cursor.folded(item).partition("(")
        who = SPACES.split(inner.rstrip(")"))[0]
        named = parties.is_company(who, cursor.definitions) or parties.is_person(who, cursor.definitions)
        last = index == len(run) - 1 and ")" not in inner
        if bracket and head.strip() and (named or (last and dialled_soon(rest))):
            cut = item.start + len(head)
            behind = replace(item, start=cut + 1)
            return [*run[:index], replace(item, end=cut)], [behind, *run[index + 1 :], *rest]
    return run, rest


def begins_with_firm(item: Item, cursor: Cursor) -> bool:
    """Whether words are a company with its town before it, so that they go on no address that stands before them."""
    folded = cursor.folded(item)
    return places.begins_with_place(folded, cursor.definitions) and parties.is_company(folded, cursor.definitions)


def dialled_soon(rest: list[Item]) -> bool:
    """Whether a phone follows within a few words."""
    return any(item.kind is Kind.PHONE for item in rest[:MAX_NAMED])


def behind_party(run: list[Item], role: str, cursor: Cursor) -> list[Item]:
    """An English address without the person or company before it, who is noted as its role's."""
    if not run or not parties.named_in_english(cursor.folded(run[0]), cursor.definitions):
        return run
    told = told_in_english(run, cursor)
    if told is None:
        return run
    who, where = told
    add_party(who, "shipper" if role == "pickup" else role, cursor, labelled=True)
    return where


def add_manner(part: Field, cursor: Cursor) -> None:
    """Note the manner of delivery that the very label of an address names, such as one into a warehouse."""
    if part.meaning.role != "consignee" or part.meaning.framed:
        return
    label = cursor.text.folded[max(0, part.start - MAX_LABEL) : part.start].rstrip(" :=\t")
    label = re.split(r"[\s,;。]", label)[-1]
    if label not in cursor.definitions.of("manner_labels"):
        return
    for found in choices(label, cursor.definitions):
        if found.value[0] == "delivery":
            cursor.draft.add("delivery", found.value[1], part.start - len(label), part.start, found.rule)


def counts_goods(items: list[Item], cursor: Cursor) -> bool:
    """Whether goods and their count stand behind a word of fetching, and no place."""
    told = [i for i in items if i.kind is not Kind.BREAK][:2]
    if len(told) < 2 or told[0].kind is not Kind.WORDS or told[1].kind is not Kind.COUNT:
        return False
    folded = cursor.folded(told[0])
    return not (
        places.looks_like_address(folded, cursor.definitions) or places.begins_with_place(folded, cursor.definitions)
    )


def spoken_run(run: list[Item], rest: list[Item], items: list[Item], cursor: Cursor) -> tuple[list[Item], list[Item]]:
    """An address that a frame announced, up to a gap behind which somebody goes on speaking."""
    for index, item in enumerate(run[1:], 1):
        folded = cursor.folded(item)
        apart = item.start > run[index - 1].end and item.kind is Kind.WORDS
        if apart and places.is_talk(folded, cursor.definitions):
            return run[:index], keep_order([*run[index:], *rest], items)
    return run, rest


def rule_of(start: int, end: int, meaning: Meaning, cursor: Cursor) -> str:
    """The rule that an address was read by: its label, or a frame, and that without a street or house."""
    if not meaning.framed:
        return "label.address"
    return "frame.address" if places.has_street(cursor.text.folded[start:end], cursor.definitions) else "frame.site"


def led_to(folded: str, cursor: Cursor) -> int:
    """Where the address begins in a phrase that leads to it with words such as "drive to", or tells it in brackets."""
    bracket = folded.find("(")
    if bracket > 0 and folded.endswith(")") and places.is_housed(folded[bracket + 1 :], cursor.definitions):
        return bracket + 1 if not places.has_street(folded[:bracket], cursor.definitions) else 0
    found = places.span(folded, cursor.definitions)
    return found[0] if found else 0


def does(folded: str, definitions: Definitions) -> bool:
    """Whether words behind a gap say what is done or where things go, and are no part of an address."""
    return places.begins_doing(folded, definitions) and not places.looks_like_address(folded, definitions)


def goes_on(items: list[Item], index: int, text: Text, definitions: Definitions) -> bool:
    """Whether the words behind a comma are still the address."""
    following = next((i for i in items[index + 1 :] if i.kind is not Kind.BREAK), None)
    if following is None or following.kind is not Kind.WORDS:
        return False
    folded = text.folded[following.start : following.end]
    return folded.isascii() or places.looks_like_address(folded, definitions)


def without_company(run: list[Item], role: str, cursor: Cursor) -> list[Item]:
    """An address without the company that stands between its house number and a person."""
    if len(run) < 2:
        return run
    last, before = cursor.folded(run[-1]), cursor.folded(run[-2])
    if places.looks_like_address(last, cursor.definitions) or not places.has_street(before, cursor.definitions):
        return run
    path = "consignee.company" if role == "consignee" else "pickup.company"
    shown = tidy(cursor.text.shown[run[-1].start : run[-1].end])
    if not cursor.draft.has(path):
        cursor.draft.add(path, shown, run[-1].start, run[-1].end, "party.company")
    return run[:-1]


def address_run(
    items: list[Item], text: Text, definitions: Definitions, *, sure: bool
) -> tuple[list[Item], list[Item]]:
    """The words of an address and the rest; figures inside belong to it where nothing separates them."""
    run: list[Item] = []
    for index, item in enumerate(items):
        if item.kind is Kind.BREAK:
            spelt = text.folded[run[-1].start : run[-1].end].isascii() if run else False
            if run and (item.value == STRONG or (not sure and item.value != SOFT and not spelt)):
                return run, items[index:]
            if run and item.value == MIDDLE and not goes_on(items, index, text, definitions):
                return run, items[index:]
            if run and not continues_address(items, index, sure=sure):
                return run, items[index:]
            continue
        if run and item.kind is Kind.WORDS and does(text.folded[item.start : item.end], definitions):
            return run, items[index:]
        glued = bool(run) and item.start == run[-1].end
        if item.kind is Kind.WORDS or (
            glued
            and (item.kind is Kind.COUNT or (item.kind is Kind.TIME and item.value.purpose is Purpose.NONE))
            and index + 1 < len(items)
            and items[index + 1].kind is Kind.WORDS
        ):
            run.append(item)
        else:
            return run, items[index:]
    return run, []


def continues_address(items: list[Item], index: int, *, sure: bool) -> bool:
    """Whether the word behind a gap still belongs to the address: nothing countable and no phone follows it."""
    following = [i for i in items[index + 1 : index + 6] if i.kind is not Kind.BREAK]
    others = (*FIGURES, Kind.TIME) if sure else (*FIGURES, Kind.TIME, Kind.PHONE, Kind.BAD_PHONE)
    return len(following) < 2 or following[1].kind not in others


def contact_of(run: list[Item], rest: list[Item], cursor: Cursor) -> Item | None:
    """The person that stands last in an address, before a phone."""
    following = next((i for i in rest if i.kind is not Kind.BREAK), None)
    if len(run) < 2 or following is None or following.kind not in (Kind.PHONE, Kind.BAD_PHONE):
        return None
    return run[-1] if parties.is_person(cursor.folded(run[-1]), cursor.definitions) else None


def read_place(part: Field, cursor: Cursor) -> list[Item]:
    """The destination: a town as such, a street address as the consignee's."""
    cursor.role = "consignee"
    words = next((i for i in part.items if i.kind is not Kind.BREAK and not only_goes(i, cursor)), None)
    if words is None or words.kind is not Kind.WORDS:
        return part.items
    line = until_line_end(part.items)
    folded = cursor.text.folded[words.start : line[-1].end]
    if folded.isascii() and places.has_street(folded, cursor.definitions):
        numbered = any(c.isdigit() for c in folded.split(",")[0])
        read = read_address if numbered else read_party  # a name before the house is the party's
        return read(replace_role(part, "consignee"), cursor)
    if receives(part, words, cursor) or houses_party(line, words, cursor):
        return read_party(part, cursor)
    head, bracket, _ = cursor.folded(words).partition("(")
    if bracket and places.has_street(head, cursor.definitions):
        return read_address(replace_role(part, "consignee"), cursor)
    index = part.items.index(words)
    if not part.meaning.sure and is_counted(part.items, index, cursor):
        return part.items
    end, index = place_end(part.items, index, sure=part.meaning.sure, cursor=cursor)
    add_destination(words.start, end, cursor, part.meaning)
    return part.items[index:]


def houses_party(line: list[Item], words: Item, cursor: Cursor) -> bool:
    """Whether a stroke parts who stands first in a line from where he is: Liuzhou Yuchai / 88 Tianqiao Road."""
    told = [i for i in line if i.kind is Kind.WORDS and i.start >= words.start]
    if len(told) < 2 or "/" not in cursor.text.folded[told[0].end : told[1].start]:
        return False
    first, second = cursor.folded(told[0]), cursor.folded(told[1])
    somebody = not places.has_street(first, cursor.definitions) and not gazetteer.is_place(first, cursor.definitions)
    return (
        somebody
        and places.begins_with_place(second, cursor.definitions)
        and places.has_street(second, cursor.definitions)
    )


def is_counted(items: list[Item], index: int, cursor: Cursor) -> bool:
    """Whether words that no town begins stand right before a count, so that they are goods to be sent."""
    behind = next((i for i in items[index + 1 :] if i.kind is not Kind.BREAK), None)
    town = places.begins_with_place(cursor.folded(items[index]), cursor.definitions)
    return behind is not None and behind.kind is Kind.COUNT and not town


def only_goes(item: Item, cursor: Cursor) -> bool:
    """Whether words are a word of going and nothing else."""
    return item.kind is Kind.WORDS and weak_cue(cursor.definitions).fullmatch(cursor.folded(item)) is not None


def replace_role(part: Field, role: str) -> Field:
    """A field with another role."""
    return Field(replace(part.meaning, role=role), part.start, part.items, part.filled)


def receives(part: Field, words: Item, cursor: Cursor) -> bool:
    """Whether what stands behind a word of going is a company with its person or phone, and no town."""
    line = [i for i in until_line_end(part.items) if i.kind is not Kind.BREAK]
    beside = line[1:2] and (line[1].kind is Kind.PHONE or parties.is_person(cursor.folded(line[1]), cursor.definitions))
    folded = cursor.folded(words)
    named = parties.is_company(folded, cursor.definitions) or (folded.isascii() and folded.count(" ") > 1)
    town = not folded.isascii() and places.begins_with_place(folded, cursor.definitions)
    if parties.is_person(folded, cursor.definitions) and folded.isascii():
        return True
    site = folded.endswith(cursor.definitions.of("english_sites"))
    somewhere = site or places.town_behind(folded, cursor.definitions) > 0
    spelt = folded.isascii() and parties.is_company(folded, cursor.definitions) and not somewhere
    return bool(part.meaning.sure and (spelt or (beside and named))) and not town


def until_line_end(items: list[Item]) -> list[Item]:
    """The items of the first line that holds any."""
    for index, item in enumerate(items):
        if item.kind is Kind.BREAK and item.rule == "\n" and any(i.kind is not Kind.BREAK for i in items[:index]):
            return items[:index]
    return items


def place_end(items: list[Item], index: int, *, sure: bool, cursor: Cursor) -> tuple[int, int]:
    """Where the phrase of a place ends, and the index of the next item."""
    end = items[index].end
    index += 1
    while sure and index + 1 < len(items) and items[index].kind is Kind.BREAK and items[index].value == SOFT:
        following = items[index + 1]
        folded = cursor.folded(following)
        if (
            following.kind is not Kind.WORDS
            or parties.is_person(folded, cursor.definitions)
            or not (folded.isascii() or places.looks_like_address(folded, cursor.definitions))
        ):
            break
        end, index = following.end, index + 2
    return end, index


def read_goods(part: Field, cursor: Cursor) -> list[Item]:
    """Goods: names and figures in their order; other finds keep their meaning."""
    rest: list[Item] = []
    part = Field(part.meaning, part.start, with_translations(part.items, cursor), part.filled)
    for index, item in enumerate(part.items):
        if item.kind is Kind.WORDS:
            if goes_somewhere(item, cursor) or not add_goods(item, cursor):
                rest.append(item)
        elif item.kind in FIGURES:
            add_figure(item, cursor)
        elif (
            item.kind is Kind.BREAK and item.rule == "\n" and any(i.kind is not Kind.BREAK for i in part.items[:index])
        ):
            return [*rest, *part.items[index:]]
        else:
            rest.append(item)
    return rest


def with_translations(items: list[Item], cursor: Cursor) -> list[Item]:
    """The items with a name and its translation, which only a space parts, as one name."""
    out: list[Item] = []
    for item in items:
        parted = len(out) > 1 and out[-1].kind is Kind.BREAK and out[-2].kind is item.kind is Kind.WORDS
        if parted and not cursor.text.folded[out[-2].end : item.start].strip(" ") and translated(out[-2], item, cursor):
            out[-2:] = [Item(Kind.WORDS, out[-2].start, item.end)]
        else:
            out.append(item)
    return out


def translated(one: Item, other: Item, cursor: Cursor) -> bool:
    """Whether one of two names is spelt in letters, and the other in Chinese signs."""
    words = [cursor.folded(item) for item in (one, other)]
    return words[0].isascii() != words[1].isascii() and all(re.search(r"[a-z\u3400-\u9fff]{2}", w) for w in words)


def read_figure(part: Field, cursor: Cursor) -> list[Item]:
    """A figure whose unit may stand in the label or be understood."""
    items = [i for i in part.items if i.kind is not Kind.BREAK]
    if items and items[0].kind in FIGURES:
        add_figure(marked(items[0], part.meaning), cursor)
        return part.items[part.items.index(items[0]) + 1 :]
    if items and items[0].kind in (Kind.WORDS, Kind.BAD_PHONE, Kind.TIME):
        found = NUMBER_ONLY.match(cursor.text.folded, items[0].start, items[0].start + MAX_NUMBER)
        if found and any(i.kind in FIGURES and i.start < found.end() for i in items):
            unnamed = [i for i in part.items if not (cursor.strict and i.kind is Kind.WORDS and i.end <= found.end())]
            return read_goods(Field(part.meaning, part.start, unnamed), cursor)  # a name or "gross" stands before it
        amount = numerals.number(found[1], cursor.definitions) if found else None
        if found and amount is not None:
            figure = understood(amount, part, cursor)
            kind = KINDS_OF_SLOTS.get(part.meaning.slot, Kind.COUNT)
            rule = "label." + part.meaning.slot
            cursor.draft.goods.append((Event(kind, figure), Found(figure, items[0].start, found.end(), rule)))
            return [i for i in part.items if i.end > found.end() and i.start >= found.end()]
    return part.items


SUMS = (Kind.CHARGE, Kind.COD, Kind.DECLARED, Kind.FREIGHT)  # sums that say themselves what they are for
MAX_AMOUNT = 40  # characters behind a label in which its sum stands
MAX_LABEL = 12  # characters of a label before its text
MAX_NUMBER = 24  # characters in which a number stands that is a field's whole text
KINDS_OF_SLOTS = {"weight": Kind.WEIGHT, "net_weight": Kind.WEIGHT, "volume": Kind.VOLUME}


def marked(item: Item, meaning: Meaning) -> Item:
    """A weight under a label of net weight is net."""
    if meaning.slot != "net_weight":
        return item
    return Item(item.kind, item.start, item.end, replace(item.value, gross=False), item.rule)


def understood(amount: Decimal, part: Field, cursor: Cursor) -> Figure:
    """A bare number under a label, in its unit or the field's usual one; of each piece where the label says so."""
    meaning, g = part.meaning, measure_grammar(cursor.definitions)
    label = cursor.text.folded[max(0, part.start - LOOK_BACK) : part.start].rstrip(" :=\t")
    heading = g.weight_heads.search(label) if meaning.slot in ("weight", "net_weight") else None
    kind, factor = g.units.get(meaning.unit or (heading["unit"] if heading else ""), ("", Decimal(1)))
    each = g.per_before.search(label) if meaning.slot != "quantity" else None
    named = g.unit_heads.search(label)
    unit = meaning.unit or (named["unit"] if named else "")
    return Figure(
        amount * factor if kind else amount,
        unit if meaning.slot == "quantity" else "",
        g.sorts.get(unit, "package") if meaning.slot == "quantity" else "",
        per=next(filter(None, each.groups()), "") if each else None,
        total=bool(g.total.search(label.partition("(")[0])),
        gross=False if meaning.slot == "net_weight" else None,
    )


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
        value = labelled_choice("payment", cursor.folded(words[0]), cursor.definitions) if words else None
        if value is not None:
            cursor.draft.add("payment", value, words[0].start, words[0].end, "label.payment")
            return [i for i in part.items if i is not words[0]]
        if words and not re.match(r"[\s\d.]*$", cursor.folded(words[0])):
            cursor.draft.unreadable.add("payment")
            return [i for i in part.items if i is not words[0]]
    return part.items


def read_choice(part: Field, cursor: Cursor) -> list[Item]:
    """A manner of delivery, a receipt or a hold by the one word behind its label."""
    field = part.meaning.slot
    words = next((i for i in part.items if i.kind is not Kind.BREAK), None)
    if words is None or words.kind not in (Kind.WORDS, Kind.COUNT):
        return part.items
    value = labelled_choice(field, cursor.folded(words), cursor.definitions)
    said = next((i.value[1] for i in choices(cursor.folded(words), cursor.definitions) if i.value[0] == field), None)
    value = value or said
    if value is None:
        return part.items
    cursor.draft.add(field, value, words.start, words.end, "label." + field)
    return [i for i in part.items if i is not words]


def read_amount(part: Field, cursor: Cursor) -> list[Item]:
    """A sum under a label of freight, cash on delivery or declared value."""
    words = next((i for i in part.items if i.kind not in (Kind.BREAK, Kind.CHOICE)), None)
    if words is None or words.kind not in (Kind.WORDS, Kind.TIME, Kind.COUNT):
        return part.items
    payer = next(choices("freight " + cursor.folded(words), cursor.definitions), None)
    if part.meaning.slot == "freight" and payer is not None and words.kind is Kind.WORDS:
        cursor.draft.add(payer.value[0], payer.value[1], words.start, words.end, payer.rule)
        return [i for i in part.items if i is not words]
    alone = part.meaning.slot == "freight" and not any(i.kind is Kind.CHOICE for i in part.items)
    bearer = labelled_choice("payment", cursor.folded(words), cursor.definitions)
    if alone and bearer is not None and words.kind is Kind.WORDS:
        cursor.draft.add("payment", bearer, words.start, words.end, "label.payment")
        return [i for i in part.items if i is not words]
    folded = cursor.text.folded
    line_end = folded.find("\n", words.start)
    others = [i.start for i in part.items if i.kind in SUMS and i.start > words.start]
    last = min(words.start + MAX_AMOUNT, line_end if line_end >= 0 else len(folded), *others)
    found = money.grammar(cursor.definitions).amount.search(folded, words.start, last)
    value = money.yuan(found.group(), cursor.definitions) if found else None
    if found is None or value is None:
        return part.items
    cursor.draft.add(part.meaning.slot, value, words.start, found.end(), "label." + part.meaning.slot)
    return [i for i in part.items if i.start >= found.end() or (i.kind is Kind.CHOICE and i.end <= words.start)]


def read_time(part: Field, cursor: Cursor) -> list[Item]:
    """A wish for pickup or delivery under its label."""
    wanted = Purpose.PICKUP if part.meaning.slot == "pickup_time" else Purpose.DELIVERY
    spoken = next((i for i in part.items if i.kind is Kind.TIME), None)
    if spoken is None:
        return part.items
    add_time(spoken, wanted, cursor)
    return [i for i in part.items if i is not spoken]


def read_vehicle(part: Field, cursor: Cursor) -> list[Item]:
    """The vehicle asked for, as written under its label."""
    run, rest = split_run(part.items, (Kind.WORDS, Kind.VEHICLE, Kind.COUNT))
    asked = run and run[0].kind is Kind.WORDS and cursor.folded(run[0]) in cursor.definitions.of("asking")
    run = run[1:] if asked and len(run) > 1 else run
    if run:
        cursor.draft.add(
            "vehicle", tidy(cursor.text.shown[run[0].start : run[-1].end]), run[0].start, run[-1].end, "label.vehicle"
        )
    return rest


def read_remark(part: Field, cursor: Cursor) -> list[Item]:
    """Remarks: what is data in them keeps its meaning, the rest is kept as a hint."""
    out = []
    for index, item in enumerate(part.items):
        if item.kind is Kind.WORDS:
            if remnant(part.items, index, cursor):
                continue
            cursor.draft.remarks.append(tidy(cursor.text.shown[item.start : item.end]))
        elif item.kind is Kind.WEIGHT and item.value.total and item.value.per is None:
            add_figure(item, cursor)  # another weight of the whole: both cannot be right
        elif item.kind not in FIGURES and item.kind is not Kind.BAD_PHONE and item.kind is not Kind.PHONE:
            out.append(item)
    return out


def remnant(items: list[Item], index: int, cursor: Cursor) -> bool:
    """Whether words only ask for the choice that stands right behind them."""
    item = items[index]
    following = items[index + 1] if index + 1 < len(items) else None
    if following is None or following.kind is not Kind.CHOICE or following.start > item.end:
        return False
    return cursor.folded(item) in cursor.definitions.of("asking")


def read_nothing(part: Field, _cursor: Cursor) -> list[Item]:
    """A field that is no data of the order, up to the end of its line."""
    for index, item in enumerate(part.items):
        if item.kind is Kind.BREAK and item.value == STRONG and index:
            return part.items[index:]
    return []


SLOTS: dict[str, Callable[[Field, Cursor], list[Item]]] = {
    "party": read_party, "party_phone": read_party, "person": read_person, "company": read_company, "phone": read_phone,
    "address": read_address, "place": read_place, "goods": read_goods, "quantity": read_figure, "weight": read_figure,
    "net_weight": read_figure, "volume": read_figure, "weight_volume": read_goods, "dimensions": read_goods,
    "unit": read_unit, "either": read_either, "payment": read_payment, "freight": read_amount, "cod": read_amount,
    "declared": read_amount, "delivery": read_choice, "receipt": read_choice, "hold": read_choice,
    "pickup_time": read_time, "deliver_time": read_time, "vehicle": read_vehicle, "remark": read_remark,
    "nothing": read_nothing,
}  # fmt: skip
