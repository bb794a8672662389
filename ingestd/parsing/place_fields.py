"""What is read in the field of an address or a place, and where it ends."""

from __future__ import annotations

import re
from dataclasses import replace

from ingestd.parsing import gazetteer, parties, places
from ingestd.parsing.cursor import (
    FIGURES,
    Cursor,
    Field,
    add_address,
    add_destination,
    add_party,
    before_speech,
    keep_order,
    party_role,
    tidy,
    told_in_english,
    weak_cue,
)
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.items import Item, Kind
from ingestd.parsing.labels import Meaning
from ingestd.parsing.party_fields import read_party
from ingestd.parsing.purposes import Purpose
from ingestd.parsing.scanning import MIDDLE, SOFT, STRONG, choices
from ingestd.parsing.text import Text
from ingestd.parsing.whereabouts import turn_to_origin, turn_to_receiver

MAX_LABEL = 12  # characters of a label before its text
ORIGIN = ("shipper", "pickup")
HOUSED, FETCHED = "frame.address", "frame.pickup"  # rules of a framed address, alone and before a word of fetching
SPACES = re.compile(r"[ /]+")
MAX_NAMED = 6  # items between a bracket and the phone of who is named in it


def read_address(part: Field, cursor: Cursor) -> list[Item]:
    """An address up to the end of its phrase; a person before a phone behind it is the contact."""
    if part.meaning.role == "current" and part.items:
        words = next((i for i in part.items if i.kind is Kind.WORDS), part.items[0])
        turn_to_origin(words, cursor.folded(words), cursor)
        turn_to_receiver(cursor.folded(words), cursor)
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
    if (part.meaning.sure and begins_with_firm(run[-1], cursor)) or firm_behind_house(run, cursor):
        run = without_company(run, role, cursor)
    start, end = run[0].start, run[-1].end
    if not part.meaning.sure or role in ORIGIN:
        start += led_to(cursor.folded(run[0]), cursor)
    closed = places.pickup_closed(cursor.text.folded[start:end], cursor.definitions) if role in ORIGIN else None
    done = start + closed if closed else start + places.closing(cursor.text.folded[start:end], 0, cursor.definitions)
    done = min(done, before_speech(start, end, cursor))
    if role == "consignee" and names_destination(start, done, part, cursor):
        add_destination(start, done, cursor, part.meaning)
    else:
        rule = rule_of(start, done, part.meaning, cursor)
        add_address(start, done, role, cursor, FETCHED if closed and rule == HOUSED else rule)
    if closed is None and done < end:
        return [Item(Kind.WORDS, max(done, run[-1].start), end), *rest]
    return rest


def names_destination(start: int, end: int, part: Field, cursor: Cursor) -> bool:
    """Whether a label of unloading, and not one of an address, has only a town or market behind it."""
    folded, definitions = cursor.text.folded[start:end], cursor.definitions
    if not part.meaning.sure or cursor.draft.has("destination") or any(c.isdigit() for c in folded):
        return False
    label = cursor.text.folded[max(0, part.start - MAX_LABEL) : part.start].rstrip(" :=\t")
    if not label.endswith(definitions.of("unloading_words")):
        return False
    return gazetteer.is_place(folded, definitions) or places.is_market(folded, definitions)


def before_bracket(run: list[Item], rest: list[Item], cursor: Cursor) -> tuple[list[Item], list[Item]]:
    """An address up to a bracket in which somebody is named, who is read behind it."""
    for index, item in enumerate(run):
        head, bracket, inner = cursor.folded(item).partition("(")
        who = SPACES.split(inner.rstrip(")"))[0]
        named = parties.is_company(who, cursor.definitions) or parties.is_person(who, cursor.definitions)
        last = index == len(run) - 1 and ")" not in inner
        broken = all(i.kind is Kind.BREAK for i in rest)  # the bracket goes on behind another field
        opened = broken and places.has_street(head, cursor.definitions)
        if bracket and head.strip() and (named or (last and (opened or dialled_soon(rest)))):
            cut = item.start + len(head)
            behind = item._replace(start=cut + 1)
            return [*run[:index], item._replace(end=cut)], [behind, *run[index + 1 :], *rest]
    return run, rest


def begins_with_firm(item: Item, cursor: Cursor) -> bool:
    """Whether words are a company with its town before it, so that they go on no address that stands before them."""
    folded = cursor.folded(item)
    return places.begins_with_place(folded, cursor.definitions) and parties.is_company(folded, cursor.definitions)


def firm_behind_house(run: list[Item], cursor: Cursor) -> bool:
    """Whether the last words of an address are a company, behind a gap and a house number."""
    if len(run) < 2 or run[-1].start == run[-2].end:
        return False
    housed = any(c.isdigit() for c in cursor.folded(run[-2]))
    return housed and parties.is_company(cursor.folded(run[-1]), cursor.definitions)


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
    if part.meaning.role not in ("consignee", "order") or part.meaning.framed:
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
    return HOUSED if places.has_street(cursor.text.folded[start:end], cursor.definitions) else "frame.site"


def led_to(folded: str, cursor: Cursor) -> int:
    """Where the address begins in a phrase that leads to it with words such as "drive to", or tells it in brackets."""
    bracket = folded.find("(")
    if bracket > 0 and folded.endswith(")") and places.is_housed(folded[bracket + 1 :], cursor.definitions):
        return bracket + 1 if not places.has_street(folded[:bracket], cursor.definitions) else 0
    found = places.span(folded, cursor.definitions)
    return found[0] if found else 0


def does(folded: str, before: str, definitions: Definitions) -> bool:
    """Whether words behind a gap say what is done or where things go, and are no part of an address."""
    going = weak_cue(definitions).match(folded) if places.ends_place(before, definitions) else None
    if going is not None and places.begins_with_place(folded[going.end() :], definitions):
        return True
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
    if last.endswith(cursor.definitions.of("inside")):
        return run
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
        before = text.folded[run[-1].start : run[-1].end] if run else ""
        if run and item.kind is Kind.WORDS and does(text.folded[item.start : item.end], before, definitions):
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
    done = add_destination(words.start, end, cursor, part.meaning)
    behind = [Item(Kind.WORDS, done, end)] if end - done > 1 and not part.meaning.sure else []
    return [*behind, *part.items[index:]]


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
