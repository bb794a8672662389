"""The cursor over a text: who is spoken of, and how what is found is noted in the draft."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import zip_longest

from ingestd.parsing import descriptions, gazetteer, parties, places, times
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.draft import Draft, Found
from ingestd.parsing.items import Item, Kind
from ingestd.parsing.labels import Meaning
from ingestd.parsing.names import Who
from ingestd.parsing.purposes import Purpose
from ingestd.parsing.scanning import MIDDLE, SOFT, STRONG
from ingestd.parsing.spoken import Spoken
from ingestd.parsing.text import Text
from ingestd.parsing.wording import alternation

PICKUP_WINDOW = ("pickup.from", "pickup.by")
HALF_DAY = timedelta(hours=5)
MAX_TOWN = 8  # characters of a town and no more
MAX_PHONES = 12  # of one role that are noted
FIGURES = (Kind.COUNT, Kind.WEIGHT, Kind.VOLUME)
SPACES = re.compile(r"\s+")
STALL = re.compile(r"[a-z]?\d{1,4}(?:-[a-z]?\d{1,4}){0,2}")  # in a market
IN_BRACKETS = re.compile(r"\([^()]*\)$")
SHORTENED = re.compile(r"\b(?:ltd|inc|co|corp)$", re.IGNORECASE)
OPENED = re.compile("[(（]")
HAN_GAP = re.compile(r"(?<=[\u3400-\u9fff\d)\uff09]) +(?=[\u3400-\u9fff(\uff08])|(?<=[\u3400-\u9fff]) +(?=[\dA-Za-z])")
UNLABELLED = Meaning("none", "free", False)


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
    client: str = ""  # the role of a customer, where it is known
    strict: bool = False  # who and where count only behind a label
    numbered: bool = True  # the sender's own numbers are data of the order
    about: str = ""  # of changes: the role of labels that do not say whose they are
    bare_address: bool = False  # of changes: an address that does not say whose it is is the receiver's
    dated: bool = True  # what is said relative to the day of writing can be resolved
    named: tuple[tuple[str, int], ...] = ()  # parties that labels name, and where
    read_to: int = 0  # what begins before this place has been read with what stands before it
    goal: str = ""  # where the goods go, said without a name
    ahead: str = ""  # the role of whom the words behind the field tell
    expecting: bool = False  # a word of going has just announced a place
    contact: bool = False  # the next generic person or phone belongs to the pickup place

    @property
    def text(self) -> Text:
        """The text under the cursor."""
        return self.draft.text

    def folded(self, item: Item) -> str:
        """An item's words in folded form."""
        return self.draft.text.folded[item.start : item.end]

    def part(self, start: int, end: int) -> Text:
        """A stretch of the text."""
        return self.text.part(start, end)


def party_role(cursor: Cursor) -> str:
    """The role a person or phone belongs to."""
    if cursor.role == "none":
        return "consignee" if cursor.draft.has("destination") and cursor.draft.has("shipper.phones") else "shipper"
    return cursor.role


def name_path(role: str) -> str:
    """Where a person's name goes for a role."""
    return "pickup.contact" if role == "pickup" else f"{role}.name"


def keep_order(kept: list[Item], items: list[Item]) -> list[Item]:
    """The kept items with the breaks between them."""
    chosen = {id(i) for i in kept}
    return (
        [i for i in items if id(i) in chosen or (i.kind is Kind.BREAK and kept and i.start >= kept[0].start)]
        if kept
        else []
    )


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


def split_run(items: list[Item], kinds: tuple[Kind, ...]) -> tuple[list[Item], list[Item]]:
    """The leading items of some kinds, up to a strong break behind the first of them, and the rest."""
    run: list[Item] = []
    for index, item in enumerate(items):
        if item.kind is Kind.BREAK:
            done = item.value == STRONG or (item.value == MIDDLE and run and run[-1].kind is Kind.PHONE)
            if done and run:
                return run, items[index:]
            continue
        if item.kind not in kinds:
            return run, items[index:]
        run.append(item)
    return run, []


def add_party(words: list[Item], role: str, cursor: Cursor, *, labelled: bool, framed: bool = False) -> bool:
    """Note person, company and address of a party's words; whether any were found. A label outranks a frame."""
    definitions = cursor.definitions
    words = [w for w in words if cursor.folded(w) not in definitions.of("same_words")]
    who_words, places_found = told_apart(without_towns(words, role, cursor), cursor)
    for item in places_found:
        add_address(item.start, item.end, role, cursor, "party.address")
    if not who_words:
        return bool(places_found)
    start, end = who_words[0].start, who_words[-1].end
    named = cursor.part(start, end) if not places_found else joined([cursor.part(i.start, i.end) for i in who_words])
    who = self_told(named, cursor) if framed else parties.who(named, definitions, labelled=labelled)
    if who.company and not who.name and who.company not in named.shown:  # put together of what signs keep apart
        who = parties.who(cursor.part(who_words[0].start, who_words[0].end), definitions, labelled=labelled)
    path = name_path(role)
    if who.name and labelled and not framed:
        give_way(path, role, cursor)
        unframe((path, f"{role}.company"), cursor)
    if who.name and not cursor.draft.has(path):
        cursor.draft.add(path, tidy(who.name), start, end, "frame.name" if framed else "party.name")
    if who.company and (role == "consignee" or who.name) and is_only_town(who.company, cursor.definitions):
        going = cursor.draft.first("destination")
        if role == "consignee" and (going is None or going.value[:2] != who.company[:2]):
            cursor.draft.add("destination", tidy(who.company), start, end, "party.town")
        who = replace(who, company=None)
    if who.company and labelled and not framed:
        outrank(f"{role}.company", cursor)
    if who.company and not cursor.draft.has(f"{role}.company"):
        rule = "frame.company" if framed else "label.party" if labelled else "party.company"
        cursor.draft.add(f"{role}.company", tidy(who.company), start, end, rule)
    return bool(who.name or who.company)


def without_towns(words: list[Item], role: str, cursor: Cursor) -> list[Item]:
    """A receiver's words without a mere town before or behind him, which is where the goods go."""
    if role != "consignee" or not words:
        return words
    last = words[-1]
    if is_only_town(cursor.folded(last), cursor.definitions) and (len(words) > 1 or fills_line(last, cursor)):
        add_town(last.start, last.end, cursor)
        words = words[:-1]
        if not words:
            return []
    first, folded = words[0], cursor.folded(words[0])
    if len(words) > 1 and is_only_town(folded, cursor.definitions):
        behind, gap = cursor.folded(words[1]), cursor.text.folded[first.end : words[1].start]
        market = not gap.strip() and behind.endswith(cursor.definitions.of("market_tails"))
        if market or places.is_quarter(behind, cursor.definitions):
            return words
        add_town(first.start, first.end, cursor)
        return words[1:]
    end = gazetteer.end_of_places(folded, 0, cursor.definitions) or 0
    whose = next((w for w in cursor.definitions.of("possessive") if end and folded.startswith(w, end)), "")
    if whose and len(folded) - end > len(whose) + 1:
        add_town(first.start, first.start + end, cursor)
        return [first._replace(start=first.start + end + len(whose)), *words[1:]]
    return words


def fills_line(item: Item, cursor: Cursor) -> bool:
    """Whether words have a line to themselves."""
    folded = cursor.text.folded
    begin, end = folded.rfind("\n", 0, item.start) + 1, folded.find("\n", item.end)
    return not (folded[begin : item.start].strip() or folded[item.end : end if end >= 0 else None].strip())


def self_told(named: Text, cursor: Cursor) -> Who:
    """Who somebody says he is, without what nobody understands and without a firm that has no name of its own."""
    definitions = cursor.definitions
    who = parties.townsman(named, definitions) or parties.who(named, definitions, labelled=True)
    company = (who.company or "").lower()
    unknown = not who.name and not parties.is_company(company, definitions)
    return replace(who, company=None) if unknown or descriptions.is_generic(company, definitions) else who


def unframe(paths: tuple[str, str], cursor: Cursor) -> None:
    """Drop somebody whom a frame announced, such as who writes, where a label names another with a phone or company."""
    named = cursor.draft.first(paths[0])
    if named is not None and named.rule.startswith("frame."):
        for path in paths:
            cursor.draft.finds.pop(path, None)


def outrank(path: str, cursor: Cursor) -> None:
    """Drop what was found for a field without a label, such as a company in a title."""
    found = cursor.draft.first(path)
    if found is not None and not found.rule.startswith("label."):
        cursor.draft.finds.pop(path)


def give_way(path: str, role: str, cursor: Cursor) -> None:
    """A name that a labelled person follows was the company's, or a department's, where nobody is called so."""
    found = cursor.draft.first(path)
    if found is None or cursor.draft.has(f"{role}.company"):
        return
    if (town := town_of_firm(found, role, cursor)) is not None:
        cursor.draft.finds.pop(path)
        cursor.draft.add(f"{role}.company", tidy(cursor.text.shown[town : found.end]), town, found.end, "label.party")
        return
    label = cursor.text.folded[max(0, found.start - MAX_TOWN) : found.start].rstrip(" :\t]")
    firm = label.endswith(cursor.definitions.of("firm_tails"))
    office = firm or found.value.endswith(cursor.definitions.of("departments"))
    if not office and (not found.value.isascii() or " " not in found.value):
        return
    if not parties.is_person(found.value.lower(), cursor.definitions):
        cursor.draft.finds[f"{role}.company"] = cursor.draft.finds.pop(path)


def town_of_firm(found: Found, role: str, cursor: Cursor) -> int | None:
    """Where the town begins that stands between a label and a name of two signs that few bear, without a number.

    Whoever is named by a label of his own behind such words is somebody of that firm (Wuhan Huasu, then engineer Duan).
    """
    folded = cursor.text.folded
    if cursor.draft.has(f"{role}.phones") or parties.is_of_town(str(found.value).lower(), cursor.definitions):
        return None
    starts = range(max(0, found.start - MAX_TOWN), found.start)
    ends = ((start, gazetteer.end_of_town(folded, start, cursor.definitions)) for start in starts)
    town = next((start for start, end in ends if end == found.start), None)
    return town if town is not None and folded[:town].rstrip(" ").endswith(":") else None


def joined(parts: list[Text]) -> Text:
    """Parts of a text with spaces between them."""
    gap = ", " if all(p.folded.isascii() for p in parts) else " "
    return Text(gap.join(p.shown for p in parts), gap.join(p.folded for p in parts))


def told_apart(words: list[Item], cursor: Cursor) -> tuple[list[Item], list[Item]]:
    """A party's words: those of who it is, and those of where."""
    if (spelt := told_in_english(words, cursor)) is not None:
        return spelt
    who: list[Item] = []
    where: list[Item] = []
    for item, behind in zip_longest(words, words[1:]):
        folded = IN_BRACKETS.sub("", cursor.folded(item))
        if where and (goes_on_in_english(where[-1], item, cursor) or goes_on_in_site(where[-1], item, cursor)):
            where[-1] = Item(Kind.WORDS, where[-1].start, item.end)
            continue
        located = places.stands_with_party(folded, cursor.definitions)
        housed = (
            located
            and places.begins_with_place(folded, cursor.definitions)
            and places.has_street(folded, cursor.definitions)
        )
        market = len(words) > 1 and places.is_market(folded, cursor.definitions)
        alone = len(words) == 1 and not any(c.isdigit() for c in folded)  # nobody else is named: that is who
        person = behind is not None and parties.is_person(cursor.folded(behind), cursor.definitions)
        told = parties.told_person(folded, cursor.definitions)
        firm = not alone and (places.bears_province(folded, cursor.definitions) or called_by_road(folded, cursor))
        if told or firm or (person and places.is_in_town(folded, cursor.definitions)):
            who.append(item)
        elif housed or market or (located and not alone and not names_somebody(folded, cursor)):
            where.append(item)
        else:
            who.append(item)
    if where and who and leads_on(who[0], where[0], cursor):
        return who[1:], [Item(Kind.WORDS, who[0].start, where[0].end), *where[1:]]
    return who, where


def called_by_road(folded: str, cursor: Cursor) -> bool:
    """Whether a company is called by its road: no figure and no quarter says where it is."""
    if any(char.isdigit() for char in folded) or places.grammar(cursor.definitions).admin.search(folded):
        return False
    return parties.is_own_firm(folded, cursor.definitions)


def told_in_english(words: list[Item], cursor: Cursor) -> tuple[list[Item], list[Item]] | None:
    """English words behind one another, those from the first house or street on as one address; None without any."""
    if not all(cursor.folded(item).isascii() for item in words):
        return None
    start = next(
        (i for i, item in enumerate(words) if i and places.begins_in_english(cursor.folded(item), cursor.definitions)),
        0,
    )
    if not start:
        return None
    return words[:start], [Item(Kind.WORDS, words[start].start, words[-1].end)]


def leads_on(town: Item, where: Item, cursor: Cursor) -> bool:
    """Whether a town right before an address belongs to it: the address does not name the town or province again."""
    folded, address = cursor.folded(town), cursor.folded(where)
    between = cursor.text.folded[town.end : where.start]
    if town.end >= where.start or between.strip() or not is_town(folded, cursor.definitions):
        return False
    return folded[:2] not in address and not address.startswith(cursor.definitions.of("provinces"))


def goes_on_in_english(before: Item, item: Item, cursor: Cursor) -> bool:
    """Whether words are the next part of an English address: nobody, and behind a comma."""
    folded = cursor.folded(item)
    between = cursor.text.folded[before.end : item.start]
    english = folded.isascii() and cursor.folded(before).isascii() and between.strip() == ","
    return english and not parties.is_person(folded, cursor.definitions)


def goes_on_in_site(before: Item, item: Item, cursor: Cursor) -> bool:
    """Whether words behind a mere gap are the house within a market, which no town begins."""
    folded = cursor.folded(item)
    if cursor.text.folded[before.end : item.start].strip() or places.begins_with_place(folded, cursor.definitions):
        return False
    if STALL.fullmatch(folded):
        return places.is_site(cursor.folded(before), cursor.definitions)
    part = folded.endswith(cursor.definitions.of("market_parts")) and places.is_site(
        cursor.folded(before), cursor.definitions
    )
    if part and len(folded) <= MAX_TOWN:
        return not names_somebody(folded, cursor)
    housed = any(char.isdigit() for char in folded) and not names_somebody(folded, cursor)
    return housed and places.looks_like_address(folded, cursor.definitions)


def is_town(folded: str, definitions: Definitions) -> bool:
    """Whether words are a town or quarter that an address goes on from."""
    return (
        len(folded) <= 6
        and places.begins_with_place(folded, definitions)
        and not parties.is_company(folded, definitions)
    )


def is_only_town(shown: str, definitions: Definitions) -> bool:
    """Whether words are a town and nothing else."""
    return gazetteer.is_place(shown.lower(), definitions)


def names_somebody(folded: str, cursor: Cursor) -> bool:
    """Whether words name a person or a company."""
    if parties.is_person(folded, cursor.definitions) or parties.is_company(folded, cursor.definitions):
        return True
    if parties.person_end(folded, cursor.definitions):
        return True
    both = parties.joined(Text(folded, folded), cursor.definitions)
    return both is not None and folded.endswith(both.name or "")


def add_phone(item: Item, role: str, cursor: Cursor) -> None:
    """Note a phone of a role, or that its number cannot be one."""
    if len(cursor.draft.all(f"{role}.phones")) >= MAX_PHONES:
        return
    if item.kind is Kind.PHONE:
        if cursor.draft.has(f"{role}.phones") and item.value in known_elsewhere(role, cursor):
            return  # said again, such as below a signing name
        if item.value not in [f.value for f in cursor.draft.all(f"{role}.phones")]:
            cursor.draft.add(f"{role}.phones", item.value, item.start, item.end, item.rule)
    elif item.kind is Kind.BAD_PHONE:
        cursor.draft.bad_phones.append((role, Found(item.value, item.start, item.end, item.rule)))


def known_elsewhere(role: str, cursor: Cursor) -> set[str]:
    """The phones of the other roles."""
    others = (other for other in ("shipper", "pickup", "consignee") if other != role)
    return {found.value for other in others for found in cursor.draft.all(f"{other}.phones")}


def add_address(start: int, end: int, role: str, cursor: Cursor, rule: str) -> None:
    """Note an address of a role's side."""
    path = "consignee.address" if role == "consignee" else "pickup.address"
    start = max(start, cursor.text.folded.rfind(":", start, end) + 1)
    end = before_speech(start, end, cursor)
    led = (word for word in cursor.definitions.of("english_leads") if cursor.text.folded.startswith(word, start))
    start += len(next(led, ""))
    start = behind_firm(start, end, role, cursor)
    end = without_firm(start, end, cursor)
    shown = tidy(cursor.text.shown[start:end])
    if any(word in shown.lower() for word in cursor.definitions.of("told_later")) and not places.has_street(
        shown.lower(), cursor.definitions
    ):
        return
    known, found = cursor.draft.first(path), Found(shown, start, end, rule)
    if known and goes_on(known, start, cursor):
        shown, start = tidy(cursor.text.shown[known.start : end]), known.start
        cursor.draft.finds.pop(path)
    elif known and known.value in shown and is_town(known.value.lower(), cursor.definitions) and len(shown) > MAX_TOWN:
        cursor.draft.finds.pop(path)  # the station that the goods leave from, said before where they stand
    elif known and known.value in shown and told_better(known.value, shown, cursor.definitions):
        cursor.draft.finds.pop(path)  # "the warehouse", or its county, spoken of before its label
    elif known and (shown in known.value or known.value in shown or depot_named(known, found, path, cursor)):
        return
    cursor.draft.add(path, shown, start, end, rule)


def behind_firm(start: int, end: int, role: str, cursor: Cursor) -> int:
    """Where an English address begins behind whoever it belongs to, who is noted as its role's company."""
    found = places.firm_before_house(cursor.text.folded[start:end], cursor.definitions)
    if found is None:
        return start
    path = f"{'consignee' if role == 'consignee' else 'pickup'}.company"
    if not cursor.draft.has(path):
        firm = start, start + found[0]
        cursor.draft.add(path, tidy(cursor.text.shown[slice(*firm)]), *firm, "party.company")
    return start + found[1]


def told_better(known: str, shown: str, definitions: Definitions) -> bool:
    """Whether a place without a street is told in full where it is named again."""
    if places.has_street(known.lower(), definitions):
        return False
    return known in shown[1:] or (known != shown and places.has_street(shown.lower(), definitions))


def without_firm(start: int, end: int, cursor: Cursor) -> int:
    """Where an address ends behind which a bracket only names a firm by its town."""
    head, bracket, inner = cursor.text.folded[start:end].partition("(")
    firm = places.begins_with_place(inner, cursor.definitions) and not places.looks_like_address(
        inner.rstrip(") "), cursor.definitions
    )
    housed = bool(bracket) and firm and places.has_street(head, cursor.definitions)
    return start + len(head.rstrip()) if housed else end


def goes_on(known: Found, start: int, cursor: Cursor) -> bool:
    """Whether the house within a park or yard stands behind an address and a mere gap."""
    between = cursor.text.folded[known.end : start]
    last = known.start < known.end < start and not between.strip(" ")
    return (
        last
        and not known.rule.startswith("label.")
        and not places.begins_with_place(cursor.text.folded[start:], cursor.definitions)
    )


def before_speech(start: int, end: int, cursor: Cursor) -> int:
    """Where an address ends that words of speech may follow."""
    return start + places.spoken_from(cursor.text.folded[start:end], 0, cursor.definitions)


def is_numbered_store(shown: str, definitions: Definitions) -> bool:
    """Whether a place is only the number of a store, such as the first one of a town."""
    return len(shown) <= MAX_TOWN and shown.endswith(definitions.of("storehouses"))


def depot_named(known: Found, found: Found, path: str, cursor: Cursor) -> bool:
    """Whether one of two labelled pickup places only names the shipper's depot, whose address the other is."""
    if path != "pickup.address" or not known.rule == found.rule == "label.address":
        return False
    numbered = [is_numbered_store(place.value, cursor.definitions) for place in (known, found)]
    if numbered.count(True) == 1:
        cursor.draft.finds[path] = [found if numbered[0] else known]
        return True
    housed = [places.has_street(place.value.lower(), cursor.definitions) for place in (known, found)]
    name, place = (found, known) if housed[0] else (known, found)
    depot = name.value.endswith(cursor.definitions.of("house_companies"))
    if housed.count(True) != 1 or not depot or any(char.isdigit() for char in name.value):
        return False
    cursor.draft.finds[path] = [place]
    if not cursor.draft.has("shipper.company"):
        cursor.draft.add("shipper.company", name.value, name.start, name.end, "label.depot")
    return True


def tidy(shown: str) -> str:
    """A value as written, without outer signs, spaces inside dropped between Chinese characters."""
    value = SPACES.sub(" ", shown).strip(" ,.;:，。；：、-*|/\"'“”‘’!！~=+")
    if SHORTENED.search(value) and value + "." in SPACES.sub(" ", shown):
        value += "."
    if value.startswith(("(", "（")) and value.endswith((")", "）")):
        value = value[1:-1].strip()
    if value.endswith((")", "）")) and not OPENED.search(value):
        value = value[:-1].rstrip()
    value = value.rstrip("(（ ")
    return HAN_GAP.sub("", value) if " " in value else value


def add_destination(start: int, end: int, cursor: Cursor, meaning: Meaning) -> int:
    """Note a destination, or a consignee's address where a street is named; where it ends."""
    start += places.town_behind(cursor.text.folded[start:end], cursor.definitions)
    counted = cursor.text.folded[end : end + 1].isdigit()  # what stands right before a count is goods
    end = start + places.place_end(
        cursor.text.folded[start:end], cursor.definitions, sure=meaning.sure, counted=counted
    )
    end = before_speech(start, end, cursor)
    folded = cursor.text.folded[start:end]
    shown = tidy(cursor.text.shown[start:end])
    if folded.startswith(cursor.definitions.of("told_later")):
        return end
    if places.has_street(folded, cursor.definitions) and len(folded) > 6:
        end = start + places.closing(folded, 0, cursor.definitions)
        add_address(start, end, "consignee", cursor, "place.address")
    else:
        if folded in cursor.definitions.of("unnamed_goals"):
            cursor.goal = folded
            return end
        known = cursor.draft.first("destination")
        if known is not None and known.value in cursor.definitions.of("provinces") and known.value != shown:
            cursor.draft.finds.pop("destination")  # said more closely now
        cursor.draft.add("destination", shown, start, end, "label.place" if meaning.sure else "cue.place")
    return end


def add_town(start: int, end: int, cursor: Cursor) -> None:
    """Note the town that the goods go to; a province gives way to what is said more closely."""
    known, shown = cursor.draft.first("destination"), tidy(cursor.text.shown[start:end])
    if known is not None and known.value in cursor.definitions.of("provinces") and known.value != shown:
        cursor.draft.finds.pop("destination")
    elif known is not None and (shown in known.value or known.value in shown):
        return
    cursor.draft.add("destination", shown, start, end, "town.announced")


def goes_somewhere(item: Item, cursor: Cursor) -> bool:
    """Whether words begin with a word of going and a town."""
    folded = cursor.folded(item)
    found = weak_cue(cursor.definitions).match(folded)
    return found is not None and places.begins_with_place(folded[found.end() :].lstrip(), cursor.definitions)


def add_time(item: Item, purpose: Purpose, cursor: Cursor) -> None:
    """Note the window of a wish; a time past is in doubt."""
    spoken: Spoken = item.value
    if cursor.sent_at is None or purpose is Purpose.NONE or (spoken.offset or 0) < 0:
        return
    if not cursor.dated and times.relative(spoken):
        if purpose is Purpose.DELIVERY:
            cursor.draft.ambiguous.add("deliver_by")
        return
    window = times.resolved(item.value, cursor.sent_at, purpose)
    spot = (item.start, item.end, "time")
    if purpose is Purpose.PICKUP:
        if window and not past(window, cursor.sent_at):
            add_pickup(window, spot, cursor)
        return
    if window is None or past(window, cursor.sent_at):
        cursor.draft.ambiguous.add("deliver_by")
        return
    if window.end is None or spoken.until is not None or spoken.until_day is not None:
        cursor.draft.add("deliver_from", window.start, *spot)
    if window.end is not None:
        cursor.draft.add("deliver_by", window.end, *spot)


def add_pickup(window: times.Window, spot: tuple[int, int, str], cursor: Cursor) -> None:
    """Note when the goods may be fetched; an hour of a day that was named before is more exact than the day."""
    start, end = (found.value if found else None for found in map(cursor.draft.first, PICKUP_WINDOW))
    moment = window.start or window.end
    if end is not None and moment is not None and window != times.Window(start, end):
        within = moment <= end and (start <= moment if start else moment.date() == end.date())
        if within and (start is None or end - start >= HALF_DAY):
            for path in PICKUP_WINDOW:
                cursor.draft.finds.pop(path, None)
    cursor.draft.add(PICKUP_WINDOW[0], window.start, *spot)
    cursor.draft.add(PICKUP_WINDOW[1], window.end, *spot)


def past(window: times.Window, sent_at: datetime) -> bool:
    """Whether a window closed before the message was sent."""
    return window.end is not None and window.end < sent_at


@lru_cache(maxsize=4)
def weak_cue(definitions: Definitions) -> re.Pattern[str]:
    """The words of going that need a town behind them."""
    before, cue, home = (alternation(definitions.of(n)) for n in ("weak_prefix", "weak_destination", "home_words"))
    return re.compile(rf"(?:{before})*(?:{cue})(?:{home})?")
