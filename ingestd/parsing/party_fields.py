"""What is read in the field of somebody: name, company, phones, and what else stands among them."""

from __future__ import annotations

import re
from dataclasses import replace

from ingestd.parsing import descriptions, parties
from ingestd.parsing.casting import UNTOLD, Cast
from ingestd.parsing.cursor import (
    Cursor,
    Field,
    add_party,
    add_phone,
    keep_order,
    name_path,
    outrank,
    party_role,
    split_run,
    tidy,
    unframe,
)
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.items import Item, Kind
from ingestd.parsing.labels import Meaning
from ingestd.parsing.scanning import MIDDLE
from ingestd.parsing.text import Text

ANY_NAME = re.compile(r"[\u3400-\u9fff]{2,3}")
SHORT_FIRM = re.compile(r"[\u3400-\u9fff]{3,4}")
TOO_SHORT = re.compile(r"[\d(][\d() \-]{3,}\d")


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
    if len(texts) == 1 and not cursor.draft.has(f"{role}.company") and asks_for_firm(part, texts[0], cursor):
        shown, spot = tidy(cursor.text.shown[texts[0].start : texts[0].end]), (texts[0].start, texts[0].end)
        cursor.draft.add(f"{role}.company", shown, *spot, "label.company")
        named = True
    else:
        named = add_party(texts, role, cursor, labelled=sure, framed=spoken_of_oneself(part.meaning))
    for item in run:
        add_phone(item, role, cursor)
    left = [i for i in run if i.kind is Kind.WORDS and i not in texts] if named or before else behind
    return keep_order([*left, *rest], part.items)


def asks_for_firm(part: Field, words: Item, cursor: Cursor) -> bool:
    """Whether a label asks for a firm, and short words under it are a name that nobody has."""
    folded = cursor.folded(words)
    label = cursor.text.folded[: part.start].rstrip(" :\t|=")
    if not part.meaning.sure or part.meaning.framed or not label.endswith(cursor.definitions.of("firm_labels")):
        return False
    return SHORT_FIRM.fullmatch(folded) is not None and not parties.is_person(folded, cursor.definitions)


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


def without_talk(run: list[Item], cursor: Cursor) -> list[Item]:
    """A run whose first words begin behind a colon where those before it only talk (it is somebody else: Mr Luo)."""
    if not run or run[0].kind is not Kind.WORDS:
        return run
    head, colon, name = cursor.folded(run[0]).partition(":")
    if not colon or not name or not parties.is_talk(head, cursor.definitions):
        return run
    return [run[0]._replace(start=run[0].start + len(head) + 1), *run[1:]]


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
            add_phone(run[0]._replace(kind=Kind.BAD_PHONE, rule="phone.short"), role, cursor)
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


def read_cast(part: Field, cursor: Cursor) -> list[Item]:
    """Somebody whom the words around his phone have put on a side."""
    meaning = part.meaning
    if not isinstance(meaning, Cast):
        return part.items
    told = meaning.role != UNTOLD
    role = meaning.role if told else party_role(cursor)
    if told:
        cursor.role, cursor.contact = role, False
    if meaning.name is not None and told:
        unframe((name_path(role), f"{role}.company"), cursor)
    for path, place in ((name_path(role), meaning.name), (f"{role}.company", meaning.company)):
        if place is not None and not cursor.draft.has(path):
            shown = tidy(cursor.text.shown[slice(*place)])
            cursor.draft.add(path, shown, *place, f"cast.{path.rpartition('.')[2]}")
    for phone in meaning.phones:
        add_phone(phone, role, cursor)
    return part.items
