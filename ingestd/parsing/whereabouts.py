"""Where: addresses and towns without a label, by their look and by the words of fetching and going beside them."""

from __future__ import annotations

import re
from functools import lru_cache

from ingestd.parsing import gazetteer, parties, places, prose, sides
from ingestd.parsing.cursor import (
    FIGURES,
    UNLABELLED,
    Cursor,
    add_address,
    add_destination,
    before_speech,
    neighbour,
    tidy,
    weak_cue,
)
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.goods import add_goods
from ingestd.parsing.items import Item, Kind
from ingestd.parsing.scanning import STRONG
from ingestd.parsing.wording import alternation

SENTENCE_ENDS = ("\n", "。", "!", ";", "?")
MAX_QUARTER = 2  # characters behind a town that may be a quarter of it, where no market is named
THEIRS = ("consignee.name", "consignee.company", "consignee.phones", "consignee.address", "destination")
BLOCK = "block.address"  # the rule of an address that opens the receiver's block without a word of him
MAX_WISH = 30  # characters of a phrase that says where goods go


def weak_destination(items: list[Item], index: int, cursor: Cursor) -> Item | None:
    """Note the known town behind a word of going; the words behind it, None where there is no such town."""
    item = items[index]
    folded = cursor.folded(item)
    nothing = Item(Kind.WORDS, item.end, item.end)
    found = weak_cue(cursor.definitions).match(folded)
    if not found:
        return nothing if sent_next(items, index, cursor) else None
    rest = folded[found.end() :].lstrip()
    start = item.end - len(rest)
    if not rest:
        following = neighbour(items, index, 1)
        if (
            following is None
            or following.kind is not Kind.WORDS
            or not places.begins_with_place(cursor.folded(following), cursor.definitions)
        ):
            return None
        cursor.role, cursor.expecting = "consignee", True
        return nothing
    goal = places.begins_with_place(rest, cursor.definitions) or gazetteer.end_of_goal(rest, 0, cursor.definitions)
    if not goal or already(item.start, cursor):
        return None
    cursor.role = "consignee"
    return Item(Kind.WORDS, add_destination(start, item.end, cursor, UNLABELLED), item.end)


def sent_next(items: list[Item], index: int, cursor: Cursor) -> bool:
    """A request that ends in a word of sending, with a town behind a gap."""
    following = neighbour(items, index, 1)
    if following is None or following.kind is not Kind.WORDS:
        return False
    town = cursor.folded(following)
    if not cursor.folded(items[index]).endswith(cursor.definitions.of("sending")) or cursor.draft.has("destination"):
        return False
    if gazetteer.end_of_places(town, 0, cursor.definitions) != len(town):
        return False
    cursor.role, cursor.expecting = "consignee", True
    return True


def already(start: int, cursor: Cursor) -> bool:
    """Whether what is said from a place on has been done or is asked: then it is no wish."""
    folded = cursor.text.folded
    phrase = re.split(r"[,;。!?\n]", folded[start : start + MAX_WISH], maxsplit=1)[0]
    if any(word in phrase for word in cursor.definitions.of("asked_words")):
        return True
    return folded[max(0, start - 4) : start].rstrip().endswith(cursor.definitions.of("done_words"))


def told_town(items: list[Item], index: int, cursor: Cursor) -> Item | None:
    """Note the town of a phrase such as "the lot for Chengdu is"; what is behind, None where it is none."""
    item = items[index]
    folded = cursor.folded(item)
    end = places.town_end(folded, cursor.definitions)
    told = places.grammar(cursor.definitions).told.match(folded, end) if end is not None else None
    if told is None or end is None:
        return None
    town = item.start, item.start + end
    if told.group().startswith(cursor.definitions.of("there")):
        cursor.role = "consignee"
    if cursor.role != "consignee" or not cursor.draft.has("destination"):
        cursor.draft.add("destination", tidy(cursor.text.shown[slice(*town)]), *town, "town")
    return Item(Kind.WORDS, item.start + told.end(), item.end)


def lone_town(items: list[Item], index: int, cursor: Cursor) -> bool:
    """A known town by itself, once the goods go somewhere or nothing else is known of it."""
    item, folded = items[index], cursor.folded(items[index])
    town = places.town_end(folded.strip(), cursor.definitions)
    if town is None or cursor.draft.has("destination"):
        return False
    rest = folded[gazetteer.end_of_places(folded, 0, cursor.definitions) or town :]
    if len(rest) > MAX_QUARTER and not places.is_site(folded, cursor.definitions):
        return False
    received = places.grammar(cursor.definitions).received.match(cursor.text.folded, item.end)
    turned = rest == "" and cursor.role != "consignee" and origin_told(items, index, cursor)
    if cursor.role != "consignee" and not received and not turned:
        return False
    if (
        parties.is_own_firm(folded, cursor.definitions)
        or places.has_street(folded, cursor.definitions)
        or len(folded) > 10
    ):
        return False
    if turned:
        cursor.role, cursor.contact = "consignee", False
    cursor.draft.add("destination", tidy(cursor.text.shown[item.start : item.end]), item.start, item.end, "town")
    return True


def origin_told(items: list[Item], index: int, cursor: Cursor) -> bool:
    """Whether it is known what is sent and by whom or from where, so that a further town is where it goes."""
    draft, definitions = cursor.draft, cursor.definitions
    known = next(iter(draft.all("pickup.address")), None)
    sender = draft.has("shipper.phones") or (known is not None and draft.has("pickup.phones"))
    if not (sender or known is not None) or not (draft.goods or (sender and known is not None)):
        return False
    following = neighbour(items, index, 1)
    goes_on = (
        following is not None
        and following.kind is Kind.WORDS
        and places.is_quarter(cursor.folded(following), definitions)
    )
    town = cursor.folded(items[index])
    return not goes_on and (known is None or town[:2] not in sides.plain(known, definitions))


def inner_address(items: list[Item], index: int, cursor: Cursor) -> Item | None:
    """Note an address with words behind it that are no part of it; those words, None where there is no such."""
    item = items[index]
    folded = cursor.folded(item)
    found = places.span(folded, cursor.definitions)
    if found and found[1] == len(folded) and counted(items, index):
        found = found[0], places.last_token(folded, cursor.definitions)
    if found is None or found[1] == len(folded) or places.begins_doing(folded[found[0] :], cursor.definitions):
        return None
    start, end = found
    address = folded[start:end]
    if places.is_talk(address, cursor.definitions):
        return None
    if not (places.has_street(address, cursor.definitions) or places.is_site(address, cursor.definitions)):
        return None
    fetched = places.grammar(cursor.definitions).fetched.match(folded, end)
    if fetched and places.begins_doing(folded, cursor.definitions):
        return None
    if fetched or (cursor.role != "consignee" and places.opened_for_pickup(folded[:start], cursor.definitions)):
        cursor.role, cursor.contact = "pickup", True
    turn_to_origin(item, address, cursor)
    if not fetched:
        turn_to_receiver(address, cursor)
    role = "consignee" if cursor.role == "consignee" else "pickup"
    add_address(item.start + start, item.start + end, role, cursor, "frame.pickup" if fetched else "address")
    return Item(Kind.WORDS, item.start + end, item.end)


def turn_to_origin(item: Item, address: str, cursor: Cursor) -> None:
    """Move the cursor to the pickup where an address is in another province than the destination.

    Another town is enough where a new sentence names it and nothing is known of who receives; words of one's own place
    or of fetching right before it tell without either. Nothing moves where it is known where the goods are.
    """
    draft, definitions = cursor.draft, cursor.definitions
    if cursor.role != "consignee" or any(sides.is_street(found, definitions) for found in draft.all("pickup.address")):
        return
    begin = max(item.start, cursor.text.folded.rfind(":", item.start, item.end) + 1)
    told = own_place(definitions).search(cursor.text.folded, max(0, begin - MAX_WISH), begin)
    if told or leads_to_sender(item, cursor):
        cursor.role, cursor.contact = "pickup", True
    going = draft.first("destination")
    if going is None:
        return
    there = cursor.text.folded[going.start : going.end]
    known = any(draft.has(path) for path in ("consignee.name", "consignee.company", "consignee.phones"))
    sentence = cursor.text.folded[: item.start].rstrip(" \t")[-1:] in SENTENCE_ENDS
    other = sentence and not known and in_another_town(there, address, definitions)
    if other or gazetteer.apart(there, address, definitions):
        cursor.role, cursor.contact = "pickup", True


def leads_to_sender(item: Item, cursor: Cursor) -> bool:
    """Whether an address stands before whoever sends, once all is known of who receives, and not right behind him."""
    draft, phones = cursor.draft, cursor.draft.all("consignee.phones")
    known = bool(phones) and (draft.has("consignee.name") or draft.has("consignee.company"))
    if cursor.ahead != "shipper" or not known or draft.has("shipper.phones") or draft.has("pickup.address"):
        return False
    between = cursor.text.folded[phones[-1].end : item.start]
    return bool(between.strip(" ,")) or "\n" in between


@lru_cache(maxsize=4)
def own_place(definitions: Definitions) -> re.Pattern[str]:
    """Words of the writer's own place, or of coming to fetch, that an address follows."""
    of = definitions.of
    ours, place = alternation((*of("self"), *of("self_words"))), alternation(of("possessed"))
    return re.compile(
        rf"(?:(?:{ours})(?:这边的?|这里的?|的|)(?:{place})(?:{alternation(of('inside'))})?[^,;。!?\n]{{0,4}}"
        rf"|(?:{alternation(of('come_to'))})(?:{alternation(of('fetching'))})[^,;。!?\n]{{0,2}})[:, ]{{1,2}}$"
    )


def in_another_town(there: str, address: str, definitions: Definitions) -> bool:
    """Whether an address begins with another town than the one that is spoken of."""
    town = gazetteer.first_town(there, definitions)
    known = gazetteer.end_of_town(address, 0, definitions) is not None and town is not None
    return known and there[slice(*(town or (0, 0)))][:2] not in address and address[:2] not in there


def turn_to_receiver(address: str, cursor: Cursor) -> None:
    """Move the cursor to the receiver where an address is where the goods go and not where they are.

    While nothing is known of him or of the destination, another province than the goods are in is enough.
    """
    draft, definitions = cursor.draft, cursor.definitions
    known = next((f for f in draft.all("pickup.address") if sides.is_street(f, definitions)), None)
    if cursor.role == "consignee" or known is None or draft.has("consignee.address"):
        return
    here, going = sides.plain(known, definitions), draft.first("destination")
    fetched = known.rule == "frame.pickup" and in_another_town(here, address, definitions)
    if not gazetteer.apart(here, address, definitions) and not fetched:
        return
    there = sides.plain(going, definitions) if going else ""
    if (going and not gazetteer.apart(there, address, definitions)) or not any(draft.has(path) for path in THEIRS):
        cursor.role, cursor.contact = "consignee", False


def counted(items: list[Item], index: int) -> bool:
    """Whether a count stands right behind words."""
    following = neighbour(items, index, 1)
    return following is not None and following.kind is Kind.COUNT


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
        if (
            following is None
            or following.kind is not Kind.WORDS
            or not places.grammar(cursor.definitions).closer.fullmatch(cursor.folded(following))
        ):
            return False
        end = len(folded)
    start = opened_at(folded[:end], cursor)
    if not places.looks_like_address(folded[start:end], cursor.definitions):
        return False
    cursor.role, cursor.contact = "pickup", True
    quoted = item.start + without_quoted(item, start, end, cursor)
    end = min(quoted, before_speech(item.start + start, item.end, cursor))
    cursor.draft.add(
        "pickup.address",
        tidy(cursor.text.shown[item.start + start : end]),
        item.start,
        item.end,
        "frame.pickup",
    )
    return True


def without_quoted(item: Item, start: int, end: int, cursor: Cursor) -> int:
    """Where an address ends before a name in quotes, which is noted as the company's."""
    folded = cursor.folded(item)
    cut = start + places.closing(folded[start:end], 0, cursor.definitions)
    if cut >= end or folded[cut] != '"':
        return end
    named = cursor.text.shown[item.start + cut + 1 : item.start + end].strip('"“”「」 ')
    if named and not cursor.draft.has("pickup.company"):
        cursor.draft.add("pickup.company", named, item.start + cut + 1, item.start + end, "quoted.company")
    return cut


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
    inside, behind = (alternation(definitions.of(name)) for name in ("before_fetch_verbs", "not_verbs"))
    return re.compile(rf"(?!{behind})(?<!{inside})(?:{alternation(definitions.of('fetch_verbs'))})")


def opened_at(folded: str, cursor: Cursor) -> int:
    """Where an address begins behind words such as "come to" or "the goods are at"; one in brackets begins there."""
    bracket = folded.find("(")
    if bracket > 0 and folded.rstrip().endswith(")") and places.has_street(folded[bracket:], cursor.definitions):
        return bracket
    return places.opening(folded, cursor.definitions)


def few_signs(folded: str) -> bool:
    """Whether a text is too short for an address although a token is in it."""
    return len(folded) <= 4 and not re.search(r"\d", folded)


def free_address(items: list[Item], index: int, cursor: Cursor) -> bool:
    """An address by its look, on the side that the cursor stands on."""
    item = items[index]
    folded = cursor.folded(item)
    start = opened_at(folded, cursor)
    theirs = folded.startswith(cursor.definitions.of("third_person"))
    if start and not theirs and places.opened_for_pickup(folded[:start], cursor.definitions):
        cursor.role, cursor.contact = "pickup", True
    if not places.looks_like_address(folded[start:], cursor.definitions) or few_signs(folded):
        return False
    address = folded[start : places.spoken_from(folded, start, cursor.definitions)]
    if places.is_talk(address, cursor.definitions) or folded.endswith(cursor.definitions.of("possessive")):
        return False
    if places.only_mentions_site(address, cursor.definitions):
        return False
    if parties.is_own_firm(folded, cursor.definitions) and not places.has_street(folded, cursor.definitions):
        return False
    if prose.is_hint(folded, cursor.definitions) and not places.begins_with_place(folded[start:], cursor.definitions):
        return False
    turn_to_origin(item, folded[start:], cursor)
    turn_to_receiver(folded[start:], cursor)
    block = begins_block(item, folded[start:], cursor)
    if block:
        cursor.role, cursor.contact = "consignee", False
    role = "consignee" if cursor.role == "consignee" else "pickup"
    cursor.read_to = english_end(items, index, cursor)
    add_address(item.start + start, cursor.read_to, role, cursor, BLOCK if block else "address")
    return True


def begins_block(item: Item, address: str, cursor: Cursor) -> bool:
    """Whether an address in another town opens a line once who sends from where is known, and nothing names a receiver.

    Then a second block has begun, and it is the receiver's, though no word says so.
    """
    draft, definitions, folded = cursor.draft, cursor.definitions, cursor.text.folded
    known = draft.first("pickup.address")
    sender = draft.has("shipper.phones") and (draft.has("shipper.name") or draft.has("shipper.company"))
    if known is None or not sender or cursor.role == "consignee":
        return False
    if any(draft.has(path) for path in THEIRS) or any(role == "consignee" for role, _ in cursor.named):
        return False
    town = gazetteer.first_town(address, definitions)
    opens = not folded[folded.rfind("\n", 0, item.start) + 1 : item.start].strip()
    return opens and town is not None and town[0] == 0 and address[:2] not in known.value.lower()


def english_end(items: list[Item], index: int, cursor: Cursor) -> int:
    """Where an address ends; an English one goes on over commas until somebody is named or the sentence ends."""
    end = items[index].end
    if not cursor.folded(items[index]).isascii():
        return end
    for item in items[index + 1 :]:
        if item.kind is Kind.BREAK and item.value < STRONG:
            continue
        folded = cursor.folded(item)
        if item.kind is not Kind.WORDS or not folded.isascii() or parties.is_person(folded, cursor.definitions):
            break
        if parties.is_company(folded, cursor.definitions) or prose.is_noise(folded, cursor.definitions):
            break
        end = item.end
    return end


def lone_origin(items: list[Item], index: int, cursor: Cursor) -> bool:
    """A quarter of a known town by itself, before anything is said of where the goods go, is where they are."""
    item = items[index]
    folded = cursor.folded(item)
    town = places.town_end(folded, cursor.definitions)
    if (
        town is None
        or cursor.role == "consignee"
        or cursor.draft.has("pickup.address")
        or not 1 < len(folded) - town < 10
    ):
        return False
    if parties.is_own_firm(folded, cursor.definitions) or folded[town:] in cursor.definitions.of("hereabouts"):
        return False
    cursor.draft.add(
        "pickup.address", tidy(cursor.text.shown[item.start : item.end]), item.start, item.end, "town.pickup"
    )
    return True


def pickup_place(items: list[Item], index: int, cursor: Cursor) -> bool:
    """A short text behind the goods' figures and before the destination is the pickup place of the short form."""
    previous = neighbour(items, index, -1)
    if cursor.role == "consignee" or cursor.draft.has("pickup.address") or previous is None:
        return False
    if previous.kind not in FIGURES or (
        index + 1 < len(items) and neighbour(items, index, 1, across=STRONG) is not None
    ):
        return False
    item = items[index]
    if prose.is_hint(cursor.folded(item), cursor.definitions) or len(cursor.folded(item)) < 2:
        return False
    cursor.draft.add(
        "pickup.address", tidy(cursor.text.shown[item.start : item.end]), item.start, item.end, "short.pickup"
    )
    return True
