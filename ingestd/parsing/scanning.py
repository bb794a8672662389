"""Everything the recognisers find in a text, in one row of items without overlaps."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from ingestd.parsing import (
    frames,
    gazetteer,
    labels,
    measures,
    money,
    payers,
    phones,
    places,
    prose,
    residents,
    serials,
    times,
    towns,
    vehicles,
)
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.items import Finds, Item, Kind
from ingestd.parsing.text import Text
from ingestd.parsing.wording import alternation, gate, guard, phrases, within_word
from ingestd.parsing.wording import signs as signs_of

PICTURES = "\u2600-\u2604\u2607-\u260f\u2614-\u263f\u2660-\u2712\u2716-\u27bf\U0001f000-\U0001faff"
MAX_HOUSED = 80  # characters of an address with somebody behind it
MIN_BEHIND = 3  # characters behind a town that say more than where one goes
MAX_SITE = 8  # characters of the road or house before a number
STRONG, MIDDLE, SOFT = 3, 2, 1
REFERENCES = {f"reference_{kind}": kind for kind in ("entry", "customer", "booking", "waybill")}


@dataclass(frozen=True, slots=True)
class Chooser:
    """One pattern over all phrases of a field's values."""

    field: str
    gate: re.Pattern[str]
    pattern: re.Pattern[str]
    values: dict[str, str]


@lru_cache(maxsize=4)
def choosers(definitions: Definitions) -> tuple[Chooser, ...]:
    """A chooser for each field with a fixed set of values."""
    fields = dict.fromkeys(c.field for c in definitions.choices)
    out = []
    for name in fields:
        parts, values = [], {}
        written = [p for c in definitions.choices if c.field == name for p in c.phrases]
        for number, choice in enumerate(c for c in definitions.choices if c.field == name and c.phrases):
            group = f"v{number}"
            parts.append(f"(?P<{group}>{phrases(choice.phrases)})")
            values[group] = choice.value
        out.append(Chooser(name, gate(written), re.compile(f"{guard(written)}(?:{'|'.join(parts)})"), values))
    return tuple(out)


def choices(folded: str, definitions: Definitions) -> Iterator[Item]:
    """Payments, delivery manners, receipts and holds by their phrases, and whoever is said to pay."""
    yield from (item for item in payers.find(folded, definitions) if item.kind is Kind.CHOICE)
    yield from chosen(folded, definitions)


def chosen(folded: str, definitions: Definitions) -> Iterator[Item]:
    """Payments, delivery manners, receipts and holds by their phrases."""
    boxes = bool(CHECKED.search(folded))
    for chooser in choosers(definitions):
        if not chooser.gate.search(folded):
            continue
        for match in chooser.pattern.finditer(folded):
            if within_word(folded, match.start()) or (boxes and not ticked(folded, match.start(), match.end())):
                continue
            if chooser.field != "hold" and folded[max(0, match.start() - 4) : match.start()].endswith(
                definitions.of("negations")
            ):
                continue
            of_freight = match.group().startswith(definitions.of("freight"))
            if chooser.field in WHO_PAYS and not of_freight and pays_fee(folded, match.start(), definitions):
                if chooser.field != "payment" or not APART.match(folded, match.start() - 1):
                    continue
                field = FEE_PAYMENT
            else:
                field = chooser.field
            value = chooser.values[match.lastgroup or ""]
            yield Item(Kind.CHOICE, match.start(), match.end(), (field, value), f"choice.{chooser.field}.{value}")


@lru_cache(maxsize=4)
def breaks(definitions: Definitions) -> re.Pattern[str]:
    """What separates phrases: signs, and the particles of spoken text."""
    particles, signs = alternation(definitions.of("particles")), alternation(definitions.of("house_signs"))
    roads = "".join(dict.fromkeys(word[-1] for word in definitions.of("road_tokens")))
    english = alternation(definitions.of("english_roads"))
    numbered = "|".join(rf"(?<={re.escape(word)}) (?=[\da-z]{{1,4}}\b)" for word in definitions.of("english_numbered"))
    spelt = rf"(?<=\d) (?=(?:[a-z'\d]{{1,14}} ){{1,3}}(?:{english})\b)|{numbered}"
    ends = [w for w in definitions.of("english_address") if w.isalpha() and len(w) > 1]
    onward = rf"(?:[a-z']{{1,14}} ){{0,2}}(?:{alternation(ends)}|{alternation(definitions.of('english_cities'))})\b"
    after, comma = ("|".join(f"(?<={word}{sign})" for word in ends) for sign in ("", ","))
    onward_comma = rf"(?:{after}),(?= {onward})"
    spelt += rf"|(?:{comma}) (?={onward})"
    legal = rf"(?:{alternation(definitions.of('english_legal_forms'))})\b"
    short = "".join(f"(?<!{word})" for word in definitions.of("english_abbreviations"))
    spelt_ends = signs_of(word[-1] for word in (*definitions.of("english_numbered"), *ends, "co."))
    onward_comma = rf"(?<=[{spelt_ends}])(?:{onward_comma}|(?:(?<=\bco)|(?<=\bco\.)),(?= ?{legal}))"
    opening = re.escape("".join({word[0] for word in definitions.of("particles")}))
    spelt = rf" (?=\d{{1,2}}(?:st|nd|rd|th) )|(?<=[{spelt_ends},\d])(?:{spelt})"
    housed = rf"{spelt}|(?<=[{roads}]) (?=\d{{1,5}} ?(?:{signs}))|(?<=\d) (?={signs})"
    return re.compile(
        rf"(?=[\n;。!?., \t|/>*~=-{PICTURES}{opening}])"  # passes quickly over other places
        rf"(?:(?P<strong>[\n;。!?]+|(?=\.)(?<=[a-z\d]{{4}}){short}\.(?=\s))|(?P<middle>(?=,)(?!{onward_comma}),|[-=]?>+|-{{2,}}|\.{{3,}}|~{{2,}}|\*{{2,}}|{particles})"
        rf"|(?=[ \t|/{PICTURES}])(?!(?= )(?:{housed}))(?P<soft>[ \t|/]*[\t|/][ \t|/]*|(?<![a-z.)&'-]) +| +(?![a-z(&])"
        rf"|[ ]*[{PICTURES}][ {PICTURES}]*))"
    )


def labelled_choice(field: str, folded: str, definitions: Definitions) -> str | None:
    """The value that a word stands for as the whole text behind the label of a field."""
    plain = folded.strip(" .,:;!()")
    return next((c.value for c in definitions.choices if c.field == field and plain in c.labelled), None)


HAN = re.compile("[\u3400-\u9fff]")
LISTED = re.compile(rf"[ \t]*\(?(?:\d{{1,2}}|[a-z]|[{labels.ORDINALS}]{{1,2}})[.)\u3001][ \t]*")
WING = re.compile(r"(?<=[\u3400-\u9fff])[a-z]$")  # of a building: B2座
HOUSE = re.compile(r"\d{1,3} ?\u53f7")
CLOSES = re.compile(r"[\d+\- ]{5,20}\)")  # a number stands last in the bracket
SHORTENED = re.compile(r".?[ ,](?:ltd|inc|co)\.$")  # its stop belongs to it
TIMES = re.compile("[\u3400-\u9fff) ][x\u00d7]$")  # multiplies the count behind it
MAX_CARRIER = 14  # characters before a number in which another carrier is named
WHO_PAYS = ("payment", "payer")
FEE_PAYMENT = "fee_payment"  # of a fee, or of the freight if nothing else is said of that
APART = re.compile(r"[\s,;]")
CHECKED = re.compile("[☑√✓✔☒■]")
SUM_BEFORE = re.compile(r"[\d.]+\S?$")
BOXES = re.compile("[□☐○◯☑√✓✔☒■]")


def ticked(folded: str, start: int, end: int) -> bool:
    """Whether a choice among boxes is the one that is ticked; one without a box by it counts."""
    before, behind = folded[max(0, start - 3) : start], folded[end : end + 2]
    box = BOXES.findall(before)
    if box:
        return bool(CHECKED.match(box[-1]))
    return bool(CHECKED.search(behind)) or not BOXES.search(behind)


def pays_fee(folded: str, start: int, definitions: Definitions) -> bool:
    """Whether who pays is said of another fee than the freight."""
    before = folded[max(0, start - 10) : start].rstrip()
    for word in definitions.of("borne_by"):
        before = before.removesuffix(word)
    before = SUM_BEFORE.sub("", before)
    tail = definitions.of("fee_tail")
    return bool(tail) and before.endswith(tail) and not before.endswith(definitions.of("freight"))


def scan(text: Text, definitions: Definitions) -> list[Item]:
    """The items of a text in its order; who comes first in this list of recognisers keeps a disputed place."""
    folded = text.folded
    finds = Finds(len(folded))
    found = list(labels.find(folded, definitions))
    finds.claim(i for i in found if i.value.slot.startswith(("reference", "serial")))
    finds.claim(references(list(finds.items), folded, definitions))
    finds.claim(serials.of_others(folded, definitions))
    numbers = list(phones.find(folded, definitions))
    finds.claim(i for i in numbers if i.kind is Kind.PHONE)
    finds.claim(serials.find(folded, definitions))
    finds.claim(numbers)
    framed = list(frames.find(folded, found, definitions))
    places_named = list(towns.rows(folded, definitions))
    found = towns.joined(found, folded, places_named, definitions)
    framed = towns.joined(framed, folded, places_named, definitions)
    told = list(towns.find(text, places_named, definitions))
    finds.claim(longest([i for i in found if i.value.sure], [*told, *(i for i in framed if i.value.sure)]))
    finds.claim(vehicles.find(folded, definitions))
    figures = [i for i in measures.find(folded, definitions) if not houses(i, folded, definitions)]
    finds.claim(i for i in figures if i.value.per is not None)
    paid = list(payers.find(folded, definitions))
    finds.claim(paid)
    finds.claim(money.find(folded, definitions))
    finds.claim(figures)
    finds.claim(i for i in times.find(folded, definitions) if not is_house_number(i, folded, definitions))
    finds.claim(i for i in paid if i.kind is Kind.CHOICE)
    finds.claim(chosen(folded, definitions))
    finds.claim(longest(framed, found))
    finds.claim(list(rest(finds, folded, definitions)))
    return sorted(finds.items, key=lambda i: i.start)


def longest(first: list[Item], second: list[Item]) -> list[Item]:
    """Items in the order of the text, of two that begin together the longer first, then one of `first`."""
    return sorted([*first, *second], key=lambda i: (i.start, -i.end))


def houses(item: Item, folded: str, definitions: Definitions) -> bool:
    """Whether a count numbers a house, a floor or a gate: it stands right behind a road, a house or a site.

    What is part of a town's or village's name (七台河, 凯里市三棵树镇) counts nothing either, nor does what a surname
    begins behind (令狐).
    """
    if item.kind is not Kind.COUNT:
        return False
    named = item.value.at[1] > 0 and folded.startswith(definitions.of("compound_surnames"), item.value.at[0])
    inside = folded.endswith(definitions.of("admin_tokens"), 0, item.start)
    village = inside and folded.startswith(definitions.of("villages"), item.end + 1)
    if village or (gazetteer.end_of_town(folded, item.start, definitions) or 0) > item.end:
        return True
    if named or item.value.unit not in definitions.of("house_units"):
        return named
    before = folded[max(0, item.start - MAX_SITE) : item.start]
    if item.value.lone:  # one of a village's groups, and else one of the goods
        return item.value.unit in definitions.of("village_parts") and before.endswith(definitions.of("hamlets"))
    if before.endswith(gazetteer.QUARTER) and item.value.unit in definitions.of("house_tokens"):
        return True  # of a park or market in parts
    return places.ends_address(WING.sub("", before), definitions)


def is_house_number(item: Item, folded: str, definitions: Definitions) -> bool:
    """Whether what looks like a day of the month is the number of a house: it stands right behind a road."""
    if HOUSE.fullmatch(folded, item.start, item.end) is None:
        return False
    return places.ends_address(folded[max(0, item.start - MAX_SITE) : item.start].rstrip(" "), definitions)


def references(heads: list[Item], folded: str, definitions: Definitions) -> Iterator[Item]:
    """The numbers behind labels of references and serials."""
    for head in heads:
        found = serials.REFERENCE.match(folded, head.end)
        if found and any(c.isdigit() for c in found[1]):
            before = folded[max(0, head.start - MAX_CARRIER) : head.end]
            others = any(word in before for word in definitions.of("other_carriers"))
            ours = head.value.slot == "serial" and "-" not in found[1] and not others  # hyphens: the customer's own
            kind = Kind.SERIAL if ours else Kind.REFERENCE
            sort = REFERENCES.get(head.value.slot, "waybill" if others else "customer")
            yield Item(
                kind, found.start(1), found.end(1), found[1].upper() if ours else sort, f"label.{head.value.slot}"
            )


def rest(finds: Finds, folded: str, definitions: Definitions) -> Iterator[Item]:
    """Breaks and words in what nobody recognised."""
    pattern = breaks(definitions)
    for start, end in finds.gaps():
        position = start
        if end - start == 1 and folded[start] == "\n":
            yield Item(Kind.BREAK, start, end, STRONG, "\n")
            continue
        for match in pattern.finditer(folded, start, end):
            if match.start() > position:
                yield from words(folded, position, match.start(), definitions)
            strength = {"strong": STRONG, "middle": MIDDLE}.get(match.lastgroup or "", SOFT)
            yield Item(Kind.BREAK, match.start(), match.end(), strength, "\n" if "\n" in match.group() else "")
            position = match.end()
        if position < end:
            yield from words(folded, position, end, definitions)


def words(folded: str, start: int, end: int, definitions: Definitions) -> Iterator[Item]:
    """A stretch of words without its outer punctuation; a bracket that closes elsewhere begins another one."""
    listed = LISTED.match(folded, start, end)
    at_head = not folded[folded.rfind("\n", 0, start) + 1 : start].strip()
    if listed and listed.end() == end and (at_head or numbers_next(folded, start, end)):
        return  # only numbers what follows
    if listed and at_head and HAN.match(folded, listed.end()):
        start = listed.end()
    opened = folded.find("(", start + 1, end - 1)
    if opened > 0 and ")" not in folded[opened:end] and CLOSES.match(folded, end):
        yield from words(folded, start, opened, definitions)
        start = opened
    while start < end and folded[start] in EDGE_SIGNS and not (folded[start] == "(" and ")" in folded[start:end]):
        start += 1
    while (
        end > start
        and (folded[end - 1] in EDGE_SIGNS or TIMES.match(folded, end - 2, end))
        and not SHORTENED.match(folded, max(0, end - 5), end)
        and not (folded[end - 1] == ")" and "(" in folded[start:end])
    ):
        end -= 1
    if end > start:
        inner = going(folded, start + 1, end, definitions)
        if inner is not None:
            yield Item(Kind.WORDS, start, inner)
            start = inner
        colon = folded.find(":", start, end)
        head = folded[start:colon] if colon > 0 else ""
        fetched = places.looks_like_address(head[: places.pickup_closed(head, definitions) or 0], definitions)
        asked = bool(head) and (prose.is_request(head, definitions) or prose.is_noise(head, definitions) or fetched)
        leads = asked and not places.looks_like_address(folded[colon + 1 : end], definitions)
        if leads or (colon > 0 and going(folded, start, colon, definitions) == start):
            yield Item(Kind.WORDS, start, colon)
            start = colon + 1
        town = behind_town(folded, start, end, definitions)
        if town < end:
            yield Item(Kind.WORDS, start, town)
            start = town
        yield from with_resident(folded, start, end, definitions)


def numbers_next(folded: str, start: int, end: int) -> bool:
    """Whether a number within a line stands between a gap and the word that it counts."""
    return folded[start - 1] in " ,;" and folded[end : end + 1].isalpha()


def behind_town(folded: str, start: int, end: int, definitions: Definitions) -> int:
    """Where a sentence goes on behind a word of going and its town; the end where it does not."""
    found = goes(definitions).match(folded, start, end)
    if found is None or gazetteer.end_of_town(folded, found.end(), definitions) is None:
        return end
    cut = found.end() + places.place_end(folded[found.end() : end], definitions, sure=False)
    return cut if end - cut >= MIN_BEHIND and not places.has_street(folded[cut:end], definitions) else end


def with_resident(folded: str, start: int, end: int, definitions: Definitions) -> Iterator[Item]:
    """Words, those of an address and of the person behind it apart where his phone follows."""
    if end - start > MAX_HOUSED:
        yield Item(Kind.WORDS, start, end)
        return
    called = residents.dialled(folded, end, definitions)
    who = (residents.start_of if called else residents.firm_start)(folded[start:end], definitions)
    if who is not None:
        yield Item(Kind.WORDS, start, start + who)
        start += who
    yield Item(Kind.WORDS, start, end)


def going(folded: str, start: int, end: int, definitions: Definitions) -> int | None:
    """Where a word of going with a known town behind it begins between two places."""
    for match in goes(definitions).finditer(folded, start, end):
        if folded.startswith(definitions.of("arriving"), match.start()) and folded[: match.start()].endswith(
            definitions.of("before_arriving")
        ):
            continue
        if folded.endswith(definitions.of("sending_nouns"), start, match.start() + 1):
            continue
        if gazetteer.end_of_goal(folded, match.end(), definitions) is not None:
            return match.start()
    return None


@lru_cache(maxsize=4)
def goes(definitions: Definitions) -> re.Pattern[str]:
    """Words of going."""
    cue, home = (alternation(definitions.of(name)) for name in ("weak_destination", "home_words"))
    return re.compile(rf"(?:{cue})(?:{home})?")


EDGE_SIGNS = " .:-_*=~()[]{}\"'<>#、&+^`\x1c\x1d\x1e\x1f\u25b2\u25b3\u25c6\u25c7\u25cf\u2605\u2606\u203b\u25ba\u25b6"
