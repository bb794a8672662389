"""What each label's text is read as; what a slot has no use for is handed back."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

from ingestd.parsing import money, numerals, parties, places
from ingestd.parsing.cargo import Event
from ingestd.parsing.cursor import FIGURES, Cursor, Field, add_time, goes_somewhere, keep_order, split_run, tidy
from ingestd.parsing.draft import Found
from ingestd.parsing.figures import Figure
from ingestd.parsing.goods import add_figure, add_goods
from ingestd.parsing.items import Item, Kind
from ingestd.parsing.labels import Meaning
from ingestd.parsing.measures import LOOK_BACK
from ingestd.parsing.measures import grammar as measure_grammar
from ingestd.parsing.party_fields import read_cast, read_company, read_party, read_person, read_phone
from ingestd.parsing.place_fields import add_manner, read_address, read_place, until_line_end
from ingestd.parsing.purposes import Purpose
from ingestd.parsing.scanning import STRONG, choices, labelled_choice

TIMES_UNITS = re.compile(r"(?P<unit>[a-z\u3400-\u9fff]{1,8})\s?[x*]\s?(?P<n>\d{1,5})")
SHORT_REST = 4  # characters that a wish for holding the goods leaves of its sentence
NUMBER_ONLY = re.compile(rf"[^\d\n]{{0,6}}({numerals.DIGITS})")


def read_either(part: Field, cursor: Cursor) -> list[Item]:
    """A label that may mean the shipper or the destination: a town by itself is where the goods go."""
    words = next((i for i in part.items if i.kind is not Kind.BREAK), None)
    phone = any(i.kind in (Kind.PHONE, Kind.BAD_PHONE) for i in part.items)
    town = words is not None and not phone and places.begins_with_place(cursor.folded(words), cursor.definitions)
    line = [i for i in until_line_end(part.items) if i.kind is Kind.WORDS and i is not words]
    firm = any(parties.is_company(cursor.folded(i), cursor.definitions) for i in line) or clerk_of(words, line, cursor)
    if town and not firm and words is not None and not parties.is_company(cursor.folded(words), cursor.definitions):
        return read_place(part, cursor)
    cursor.role = "shipper"
    return read_party(part, cursor)


def clerk_of(words: Item | None, line: list[Item], cursor: Cursor) -> bool:
    """Whether a person stands behind words that begin with a town and say more, so that they are his firm."""
    if words is None or not line or not places.is_more_than_town(cursor.folded(words), cursor.definitions):
        return False
    return parties.is_plainly_person(cursor.folded(line[0]), cursor.definitions)


def read_goods(part: Field, cursor: Cursor) -> list[Item]:
    """Goods: names and figures in their order; other finds keep their meaning."""
    rest: list[Item] = []
    part = Field(part.meaning, part.start, joined_names(part.items, cursor), part.filled)
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


def joined_names(items: list[Item], cursor: Cursor) -> list[Item]:
    """The items with a name and what only a space parts from it, its translation or the number of its type, as one."""
    out: list[Item] = []
    for item in items:
        parted = len(out) > 1 and out[-1].kind is Kind.BREAK and out[-2].kind is item.kind is Kind.WORDS
        if parted and not cursor.text.folded[out[-2].end : item.start].strip(" ") and goes_on(out[-2], item, cursor):
            out[-2:] = [Item(Kind.WORDS, out[-2].start, item.end)]
        else:
            out.append(item)
    return out


def goes_on(name: Item, item: Item, cursor: Cursor) -> bool:
    """Whether a name goes on behind the space: in another language, or with a type as in 轴承 6205."""
    return bool(TYPE_NUMBER.fullmatch(cursor.folded(item))) or translated(name, item, cursor)


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
TYPE_NUMBER = re.compile("[0-9]{3,8}")
MAX_NUMBER = 24  # characters in which a number stands that is a field's whole text
KINDS_OF_SLOTS = {"weight": Kind.WEIGHT, "net_weight": Kind.WEIGHT, "volume": Kind.VOLUME}


def marked(item: Item, meaning: Meaning) -> Item:
    """A weight under a label of net weight is net."""
    if meaning.slot != "net_weight":
        return item
    return Item(item.kind, item.start, item.end, item.value._replace(gross=False), item.rule)


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
    times = TIMES_UNITS.fullmatch(cursor.folded(words)) if words is not None else None
    if words is not None and times and times["unit"] in measure_grammar(cursor.definitions).sorts:
        at = words.start, words.start + times.end("unit")
        sort = measure_grammar(cursor.definitions).sorts[times["unit"]]
        count = Figure(Decimal(times["n"]), times["unit"], sort, at=at)
        add_figure(Item(Kind.COUNT, words.start, words.end, count, "label.unit"), cursor)
        return [i for i in part.items if i is not words]
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
    add_manner(part, cursor)
    said = [i for i in part.items if i.kind is Kind.TIME]
    if not said or {Purpose.PICKUP, Purpose.DELIVERY} <= {i.value.purpose for i in said}:
        return part.items  # each says itself what it is for
    spoken = said[0]
    add_time(spoken, wanted, cursor)
    return [i for i in part.items if i is not spoken]


def read_vehicle(part: Field, cursor: Cursor) -> list[Item]:
    """The vehicle asked for, as written under its label."""
    run, rest = split_run(part.items, (Kind.WORDS, Kind.VEHICLE, Kind.COUNT))
    asked = run and run[0].kind is Kind.WORDS and cursor.folded(run[0]) in cursor.definitions.of("asking")
    run = run[1:] if asked and len(run) > 1 else run
    if run:
        last = next((index for index, item in enumerate(run) if item.kind is Kind.VEHICLE), len(run) - 1)
        while last + 1 < len(run) and run[last + 1].start == run[last].end:
            last += 1
        whole = run[last].value[1] if run[last].kind is Kind.VEHICLE else run[last].end
        spot = (run[0].start, whole)
        cursor.draft.add("vehicle", tidy(cursor.text.shown[slice(*spot)]), *spot, "label.vehicle")
        rest = keep_order([*run[last + 1 :], *rest], part.items)
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


def is_hold(item: Item) -> bool:
    """Whether words ask that the goods be held."""
    return item.kind is Kind.CHOICE and item.value[0] == "hold"


def touches(item: Item, other: Item) -> bool:
    """Whether one item stands right behind the other."""
    return item.end == other.start or other.end == item.start


def remnant(items: list[Item], index: int, cursor: Cursor) -> bool:
    """Whether words only ask for the choice that stands right behind them, or are what a wish to hold leaves over."""
    item = items[index]
    before = items[index - 1] if index else None
    following = items[index + 1] if index + 1 < len(items) else None
    beside = [other for other in (before, following) if other is not None and is_hold(other)]
    if item.end - item.start <= SHORT_REST and any(touches(item, other) for other in beside):
        return True
    if following is None or following.kind is not Kind.CHOICE or following.start > item.end:
        return False
    return cursor.folded(item) in cursor.definitions.of("asking")


def read_nothing(part: Field, cursor: Cursor) -> list[Item]:
    """A field that is no data of the order, up to the end of its line, unless it counts and weighs the goods."""
    figures = {i.kind for i in until_line_end(part.items) if i.kind in FIGURES}
    if Kind.COUNT in figures and len(figures) > 1 and not cursor.draft.goods and part.items[0].kind is Kind.WORDS:
        return read_goods(part, cursor)
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
    "nothing": read_nothing, "cast": read_cast,
}  # fmt: skip
