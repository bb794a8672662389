"""Words without a label: each read by its look and by what stands beside it."""

from __future__ import annotations

import re
from dataclasses import replace

from ingestd.domain.reading import Reference
from ingestd.parsing import amendments, parties, places, prose
from ingestd.parsing.cursor import (
    FIGURES,
    UNLABELLED,
    Cursor,
    Field,
    add_destination,
    add_party,
    add_phone,
    add_time,
    goes_somewhere,
    name_path,
    neighbour,
    party_role,
    tidy,
)
from ingestd.parsing.draft import Found
from ingestd.parsing.goods import add_figure, add_goods
from ingestd.parsing.items import Item, Kind
from ingestd.parsing.purposes import Purpose
from ingestd.parsing.scanning import MIDDLE, SOFT, STRONG, WHO_PAYS, choices
from ingestd.parsing.wares import (
    goods_before_figure,
    goods_going,
    goods_stop,
    named_late,
    only_told,
    weighed_first,
)
from ingestd.parsing.whereabouts import (
    begins_block,
    closed_address,
    free_address,
    inner_address,
    lone_origin,
    lone_town,
    pickup_place,
    told_town,
    weak_destination,
)

MIN_BEHIND = 2  # characters behind a town that may say more than that one goes there
MAX_GREETING = 40  # characters before or in which the reader is addressed
NUMBER_BELOW = re.compile(r"[ \t]*\n[ \t]*[+(]?\d{3}")
MAX_PHRASE = 200  # characters of a phrase that is looked into; longer ones are no data of an order
MAX_LEFTOVERS = 400  # of one order; what is behind them is not looked into, since no order has as many
MIN_BESIDE = 2  # a person and his phone beside a company
MAX_HEADING = 20  # characters of a label that may head the line below
PHONE_AHEAD = re.compile(r"\+?[\d(][\d\- ()]{6}")
MAX_CORRECTION = 20  # characters between what was wrong and what is right
SENTENCE_SIGNS = tuple(",;。!\n")
MAX_AHEAD = 8  # items that may stand between goods and their figure


def free(part: Field, cursor: Cursor) -> list[Item]:
    """Items without a label: each by its look and its neighbours."""
    items = part.items
    for index, item in enumerate(items):
        if item.start < cursor.read_to and item.kind in (Kind.WORDS, Kind.BREAK):
            continue
        if item.kind is Kind.WORDS:
            free_words(items, index, cursor)
        elif item.kind in FIGURES:
            add_figure(item, cursor)
        elif item.kind in (Kind.PHONE, Kind.BAD_PHONE):
            free_phone(item, cursor)
        elif item.kind is Kind.TIME and told_where_fetched(items, index, cursor):
            add_time(item, Purpose.PICKUP, cursor)
        elif item.kind is not Kind.BREAK and not pays_charge(items, index, cursor):
            add_find(item, cursor)
    return []


def told_where_fetched(items: list[Item], index: int, cursor: Cursor) -> bool:
    """Whether a time stands by itself, without a verb, right behind whom to ask for or where to fetch."""
    item = items[index]
    if item.value.purpose is not Purpose.NONE or cursor.role != "pickup":
        return False
    folded = cursor.text.folded
    behind = folded[item.end : item.end + 1]
    return folded[: item.start].rstrip(" ")[-1:] in SENTENCE_SIGNS and (not behind or behind in SENTENCE_SIGNS)


def pays_charge(items: list[Item], index: int, cursor: Cursor) -> bool:
    """Whether a payment is said of the charge right behind it, since who pays the freight was said before."""
    item = items[index]
    if item.kind is not Kind.CHOICE or item.value[0] not in WHO_PAYS or not cursor.draft.has("payment"):
        return False
    following = items[index + 1] if index + 1 < len(items) else None
    return following is not None and following.kind is Kind.CHARGE and following.start == item.end


def free_phone(item: Item, cursor: Cursor) -> None:
    """A phone without a label belongs to whom the cursor stands on."""
    if cursor.strict and cursor.role == "none":
        return
    add_phone(item, party_role(cursor), cursor)


def add_find(item: Item, cursor: Cursor) -> None:
    """Note a find that says by itself what it is."""
    draft, spot = cursor.draft, (item.start, item.end, item.rule)
    if item.kind is Kind.CHOICE:
        add_choice(item, cursor)
    elif item.kind in (Kind.FREIGHT, Kind.COD, Kind.DECLARED):
        draft.add(item.kind.value, item.value, *spot)
        for chosen in choices(cursor.folded(item), cursor.definitions):
            draft.add(chosen.value[0], chosen.value[1], *spot)
    elif item.kind is Kind.CHARGE:
        fee = item.value
        draft.add("charges", fee if fee.at is None else replace(fee, name=cursor.text.shown[slice(*fee.at)]), *spot)
        for chosen in choices(item.value.name, cursor.definitions):
            draft.add(chosen.value[0], chosen.value[1], *spot)
    elif item.kind is Kind.TIME:
        add_time(item, item.value.purpose, cursor)
    elif item.kind is Kind.VEHICLE:
        draft.add("vehicle", tidy(cursor.text.shown[slice(*item.value)]), *spot)
    elif item.kind is Kind.SERIAL:
        draft.add("serial", item.value, *spot)
    elif item.kind is Kind.REFERENCE and cursor.numbered:  # most changes only refer to them
        draft.add("references", Reference(item.value, tidy(cursor.text.shown[item.start : item.end])), *spot)


def add_choice(item: Item, cursor: Cursor) -> None:
    """Note a choice; who pays takes the place of what the words between take back."""
    if item.value[0] in WHO_PAYS and corrects(item, cursor):
        for field in WHO_PAYS:
            cursor.draft.finds.pop(field, None)
    cursor.draft.add(item.value[0], item.value[1], item.start, item.end, item.rule)


def corrects(item: Item, cursor: Cursor) -> bool:
    """Whether words between the last payment and this one take the former back."""
    said = [found for field in WHO_PAYS for found in cursor.draft.all(field)]
    end = max((found.end for found in said), default=item.start)
    between = cursor.text.folded[end : item.start]
    return 0 < len(between) <= MAX_CORRECTION and any(w in between for w in cursor.definitions.of("correcting"))


def free_words(items: list[Item], index: int, cursor: Cursor) -> None:
    """Words without a label: an address with its verb, goods before a figure, a party before a phone, ..."""
    item = items[index]
    if item.end - item.start > MAX_PHRASE or len(cursor.draft.leftovers) > MAX_LEFTOVERS:
        cursor.draft.leftovers.append(
            Found(cursor.text.shown[item.start : item.start + MAX_PHRASE], item.start, item.end, "leftover")
        )
        return
    if cursor.strict and cursor.role == "none":
        strict_words(items, index, cursor)
        return
    left = without_places(items, index, cursor)
    if left is not item:
        if left.end - left.start < MIN_BEHIND:
            return
        items, item = [*items[:index], left, *items[index + 1 :]], left
    if says_nothing(item, cursor) and not called(items, index, cursor):
        return
    for rule in FREE_RULES:
        if rule(items, index, cursor):
            return
    cursor.draft.leftovers.append(Found(cursor.text.shown[item.start : item.end], item.start, item.end, "leftover"))


def without_places(items: list[Item], index: int, cursor: Cursor) -> Item:
    """Words without the addresses and towns in them, which are noted by what is done there; perhaps nothing."""
    item = items[index]
    if cursor.expecting:
        cursor.expecting = False
        return Item(Kind.WORDS, add_destination(item.start, item.end, cursor, UNLABELLED), item.end)
    rest = inner_address(items, index, cursor) or told_town(items, index, cursor)
    if rest is not None:
        items, item = [*items[:index], rest, *items[index + 1 :]], rest
    if closed_address(items, index, cursor):
        return Item(Kind.WORDS, item.end, item.end)
    behind = weak_destination(items, index, cursor)
    return item if behind is None else behind


def called(items: list[Item], index: int, cursor: Cursor) -> bool:
    """Whether a person with a title is followed by a number, though his surname may mean something else, too."""
    following = neighbour(items, index, 1)
    titled = parties.person_start(cursor.folded(items[index]), cursor.definitions) == 0
    return titled and following is not None and following.kind is Kind.PHONE


def says_nothing(item: Item, cursor: Cursor) -> bool:
    """Whether words are politeness, address the reader, number a line or only describe the goods named before."""
    folded = cursor.folded(item)
    if prose.is_noise(folded, cursor.definitions) or salutation(item, cursor) or enumerator(item, cursor):
        return True
    return bool(cursor.draft.goods) and prose.is_description(folded, cursor.definitions)


def salutation(item: Item, cursor: Cursor) -> bool:
    """Whether words address the reader: they fill the first line, up to a colon or comma."""
    folded = cursor.text.folded
    above = folded[: item.start].strip()
    if item.start > MAX_GREETING or (above and not prose.is_noise(above, cursor.definitions)):
        return False
    if (
        len(folded) > 60
        and folded[item.end : item.end + 1] in ",，"
        and parties.is_person(cursor.folded(item), cursor.definitions)
    ):
        return True
    behind = folded[item.end : item.end + MAX_GREETING].split("\n", 1)[0].strip()
    return behind in (":", ",", ":,") and not re.search(r"\d", folded[item.start : item.end])


def enumerator(item: Item, cursor: Cursor) -> bool:
    """Whether words only number a line."""
    folded = cursor.folded(item)
    return (
        len(folded) <= 2
        and folded.isalnum()
        and cursor.text.folded[item.end : item.end + 1] in ".)、:"
        and folded.isascii()
    )


def strict_words(items: list[Item], index: int, cursor: Cursor) -> None:
    """Words of a change without a label: a destination behind its verb, or goods right before a figure."""
    if closed_address(items, index, cursor) or weak_destination(items, index, cursor) is not None:
        return
    following = neighbour(items, index, 1)
    counted = following is not None and following.kind is Kind.COUNT
    if counted and not amendments.identifies(cursor.folded(items[index]), cursor.definitions):
        add_goods(items[index], cursor, running=True)


def turn_to_writer(items: list[Item], index: int, cursor: Cursor) -> None:
    """Leave the consignee where a person with phone and address opens a line, and a label names or named the consignee.

    Only where nothing in the text says who sends: then it is he.
    """
    draft, item = cursor.draft, items[index]
    if cursor.role != "consignee" or any(role in ("shipper", "pickup") for role, _ in cursor.named):
        return
    if any(draft.has(f"shipper.{field}") for field in ("name", "company", "phones")) or draft.has("pickup.address"):
        return
    folded = cursor.text.folded
    opens = not folded[folded.rfind("\n", 0, item.start) + 1 : item.start].strip()
    settled = draft.has("consignee.name") and draft.has("consignee.phones")
    awaited = any(role == "consignee" and start > item.start for role, start in cursor.named)
    if not opens or not (settled or awaited) or not parties.is_person(cursor.folded(item), cursor.definitions):
        return
    behind = [i for i in items[index + 1 : index + MAX_AHEAD] if i.kind is Kind.WORDS]
    if any(places.has_street(cursor.folded(i), cursor.definitions) for i in behind[:1]):
        cursor.role = "none"


def fills_line(item: Item, cursor: Cursor) -> bool:
    """Whether words have a line to themselves, with a number at the head of the next."""
    folded = cursor.text.folded
    before = folded[folded.rfind("\n", 0, item.start) + 1 : item.start]
    return not before.strip() and NUMBER_BELOW.match(folded, item.end) is not None


def party_before_phone(items: list[Item], index: int, cursor: Cursor) -> bool:
    """Words right before a phone name whose it is."""
    folded = cursor.folded(items[index])
    alone = (
        parties.is_plainly_person(folded, cursor.definitions) or parties.person_start(folded, cursor.definitions) == 0
    )
    across = STRONG if alone and fills_line(items[index], cursor) else MIDDLE if alone else SOFT
    following = neighbour(items, index, 1, across=across)
    if following is None or following.kind not in (Kind.PHONE, Kind.BAD_PHONE):
        return False
    if (
        places.looks_like_address(folded, cursor.definitions)
        and not parties.is_person(folded, cursor.definitions)
        and not parties.is_own_firm(folded, cursor.definitions)
    ):
        return False
    turn_to_writer(items, index, cursor)
    role = party_role(cursor)
    previous = neighbour(items, index, -1)
    words = [items[index]]
    if (
        previous is not None
        and previous.kind is Kind.WORDS
        and not cursor.draft.has(f"{role}.company")
        and parties.is_own_firm(cursor.folded(previous), cursor.definitions)
    ):
        words = [previous, items[index]]
    return add_party(words, role, cursor, labelled=False)


def company_before_person(items: list[Item], index: int, cursor: Cursor) -> bool:
    """A company followed by a person, which the person's rule takes along."""
    following = neighbour(items, index, 1)
    if following is None or following.kind is not Kind.WORDS:
        return company_in_block(items, index, cursor)
    folded = cursor.folded(items[index])
    named = parties.is_own_firm(folded, cursor.definitions) or (
        places.is_more_than_town(folded, cursor.definitions)
        and parties.is_plainly_person(cursor.folded(following), cursor.definitions)
    )
    if not named or places.is_housed(folded, cursor.definitions) or cursor.role == "pickup":
        return False
    told = parties.is_person(cursor.folded(following), cursor.definitions)
    if not told and (goes_somewhere(following, cursor) or leads_to_figure(items, index)):
        return False  # where they come from is said of the goods
    if begins_block(items[index], folded, cursor):
        cursor.role, cursor.contact = "consignee", False
    role = party_role(cursor)
    if cursor.draft.has(f"{role}.name") and cursor.draft.has(f"{role}.phones"):
        return False  # whoever follows is another, such as who signs
    return add_company(items[index], cursor)


def leads_to_figure(items: list[Item], index: int) -> bool:
    """Whether the words behind some are goods: a figure follows them at once."""
    following = neighbour(items, index, 1)
    behind = neighbour(items, items.index(following), 1) if following is not None else None
    return behind is not None and behind.kind in FIGURES


def company_in_block(items: list[Item], index: int, cursor: Cursor) -> bool:
    """A company on a line of its own, or between commas, where the next phrase says who or where it is."""
    item = items[index]
    if not parties.is_own_firm(cursor.folded(item), cursor.definitions):
        firm = places.is_more_than_town(cursor.folded(item), cursor.definitions)
        return firm and told_behind(items, index, cursor) and add_company(item, cursor)
    if places.is_housed(cursor.folded(item), cursor.definitions):
        return False
    named = told_below(item, cursor) if alone_in_line(item, cursor) else told_behind(items, index, cursor)
    return named and add_company(item, cursor)


def told_behind(items: list[Item], index: int, cursor: Cursor) -> bool:
    """Whether a person and his phone stand behind words and a comma."""
    item = items[index]
    behind = [i for i in items[index + 1 : index + 1 + MAX_AHEAD] if i.kind is not Kind.BREAK and not office(i, cursor)]
    behind = behind[:MIN_BESIDE]
    if len(behind) < MIN_BESIDE or not cursor.text.folded[item.end : behind[0].start].lstrip().startswith(","):
        return False
    return behind[1].kind is Kind.PHONE and parties.is_person(cursor.folded(behind[0]), cursor.definitions)


def office(item: Item, cursor: Cursor) -> bool:
    """Whether words only say what somebody is."""
    return item.kind is Kind.WORDS and parties.is_office(cursor.folded(item), cursor.definitions)


def told_below(item: Item, cursor: Cursor) -> bool:
    """Whether the line below words holds an address, a person or a phone, perhaps behind a label."""
    line = cursor.text.folded[item.end : item.end + MAX_PHRASE].lstrip(" \t)\n").partition("\n")[0]
    head, colon, value = line.partition(":")
    text = value.strip() if colon and len(head) <= MAX_HEADING else line
    who = re.split(r"[\s,\d+(]", text, maxsplit=1)[0]
    return (
        places.looks_like_address(text, cursor.definitions)
        or parties.is_person(who if not text.isascii() else text, cursor.definitions)
        or PHONE_AHEAD.match(text) is not None
    )


def alone_in_line(item: Item, cursor: Cursor) -> bool:
    """Whether words fill their line."""
    folded = cursor.text.folded
    end = folded.find("\n", item.end)
    line = folded[folded.rfind("\n", 0, item.start) + 1 : item.start], folded[item.end : end if end >= 0 else None]
    return not any(part.strip(" \t*-.·()") for part in line)


def add_company(item: Item, cursor: Cursor) -> bool:
    """Note a company of whom the cursor stands on, unless one is known."""
    path = f"{party_role(cursor)}.company"
    if cursor.draft.has(path):
        return False
    cursor.draft.add(path, tidy(cursor.text.shown[item.start : item.end]), item.start, item.end, "party.company")
    return True


def goods_behind_count(items: list[Item], index: int, cursor: Cursor) -> bool:
    """Words right behind a count that had no name before it."""
    previous = neighbour(items, index, -1)
    item = items[index]
    folded = cursor.folded(item)
    if previous is None or not (
        (previous.kind is Kind.COUNT and named_late(cursor)) or weighed_first(previous, item, cursor)
    ):
        return False
    end = item.start + goods_stop(folded, cursor.definitions)
    if not add_goods(Item(Kind.WORDS, item.start, end), cursor, running=True):
        return False
    if end < item.end:
        rest = Item(Kind.WORDS, end, item.end)
        free_words([rest], 0, cursor)
    return True


def spelt_goods(items: list[Item], index: int, cursor: Cursor) -> bool:
    """English goods right behind a count, which end where the sentence goes on."""
    return cursor.folded(items[index]).isascii() and goods_behind_count(items, index, cursor)


def lone_person(items: list[Item], index: int, cursor: Cursor) -> bool:
    """A person by title or name without a phone right behind, where the role has none yet."""
    item = items[index]
    role = party_role(cursor)
    folded = cursor.folded(item)
    if cursor.draft.has(name_path(role)) or not parties.is_plainly_person(folded, cursor.definitions):
        return False
    if prose.is_hint(folded, cursor.definitions):
        return False
    following = neighbour(items, index, 1)
    named = following is not None and parties.is_person(cursor.folded(following), cursor.definitions)
    if parties.is_place(cursor.folded(item), cursor.definitions):
        return False
    if named and parties.is_office(cursor.folded(item), cursor.definitions):
        return True
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


def sent_to_kin(items: list[Item], index: int, cursor: Cursor) -> bool:
    """Words such as "to be sent to my daughter": what follows is said of who receives."""
    folded = cursor.folded(items[index])
    told = folded.endswith(cursor.definitions.of("kin")) and any(w in folded for w in cursor.definitions.of("to_whom"))
    if told and cursor.role != "consignee":
        cursor.role, cursor.contact = "consignee", False
    return told


def only_said_of_one(items: list[Item], index: int, cursor: Cursor) -> bool:
    """Words that only tell of which place and trade somebody is."""
    return parties.is_apposition(cursor.folded(items[index]), cursor.definitions)


FREE_RULES = (
    sent_to_kin, only_said_of_one, only_told, party_before_phone, spelt_goods, goods_before_figure, goods_behind_count,
    company_before_person, free_address, goods_going, lone_town, lone_origin, lone_person, pickup_place, hint,
)  # fmt: skip
