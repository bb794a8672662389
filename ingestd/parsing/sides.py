"""Whose an address is, weighed once an order is read: by its street, its town, and where the goods go."""

from __future__ import annotations

import re
from functools import lru_cache

from ingestd.parsing import gazetteer, places
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.draft import Draft, Found
from ingestd.parsing.text import fold
from ingestd.parsing.wording import alternation

PICKUP, RECEIVER = "pickup.address", "consignee.address"
SURE = ("label.", "frame.pickup")
UNTOLD = ("address", "frame.site")  # by its look, or where it was said to be unloaded
TAKERS = ("consignee.name", "consignee.company", "consignee.phones")
MAX_GAP = 3  # characters between a word of receiving and a name
MAX_WORD = 3  # characters of a word that is no address
MAX_LEAD = 12  # characters before a place that tell of a shop
WORD_BEFORE = re.compile(r"(?<![\u3400-\u9fffa-z])([\u3400-\u9fff]{2,10}) {1,2}\Z")
DIGIT = re.compile(r"\d")


def settle(draft: Draft, definitions: Definitions) -> None:
    """Leave out what is no address beside one, and move one that stands on the wrong side."""
    with_towns(draft, definitions)
    for path in (PICKUP, RECEIVER):
        without_talk(draft, path, definitions)
    leave_to_fetched(draft, definitions)
    give_to_taker(draft, definitions)
    give_to_receiver(draft, definitions)
    give_to_sender(draft, definitions)
    take_for_destination(draft, definitions)


def take_for_destination(draft: Draft, definitions: Definitions) -> None:
    """A mere market that stands where the goods go, and not with whoever receives them, is the destination."""
    found = draft.all(RECEIVER)
    if draft.has("destination") or len(found) != 1 or found[0].rule not in UNTOLD:
        return
    folded = plain(found[0], definitions)
    if places.is_market(folded, definitions) and not DIGIT.search(folded):
        draft.finds["destination"] = draft.finds.pop(RECEIVER)


def leave_to_fetched(draft: Draft, definitions: Definitions) -> None:
    """Leave out the market in which somebody says that his shop is, where goods are fetched in a street elsewhere."""
    found = draft.all(PICKUP)
    if any(f.rule == "frame.pickup" and places.has_street(plain(f, definitions), definitions) for f in found):
        draft.finds[PICKUP] = [f for f in found if f.rule != "frame.site" or not houses_shop(f, draft, definitions)]


def houses_shop(found: Found, draft: Draft, definitions: Definitions) -> bool:
    """Whether words before a place say that the writer's shop is there, which says nothing of the goods."""
    return shop(definitions).search(draft.text.folded[max(0, found.start - MAX_LEAD) : found.start]) is not None


@lru_cache(maxsize=4)
def shop(definitions: Definitions) -> re.Pattern[str]:
    """Words of the writer's own shop, up to the place where it is."""
    ours, possessive, firm, at = (
        alternation(definitions.of(name)) for name in ("self", "possessive", "plain_firms", "at")
    )
    return re.compile(rf"(?:{ours})(?:{possessive})?(?:{firm})(?:{at})$")


def with_towns(draft: Draft, definitions: Definitions) -> None:
    """Put the town that stands a blank before an address, and was taken for nothing, into it: 佛山 跃进路128号."""
    taken = {(f.start, f.end) for finds in draft.finds.values() for f in finds if not f.elsewhere}
    for path in (PICKUP, RECEIVER):
        if draft.has(path):
            draft.finds[path] = [with_town(f, taken, draft, definitions) for f in draft.all(path)]


def with_town(found: Found, taken: set[tuple[int, int]], draft: Draft, definitions: Definitions) -> Found:
    """One address with its town, if nothing else is made of that."""
    folded = draft.text.folded
    head = WORD_BEFORE.search(folded, max(0, found.start - MAX_LEAD), found.start)
    if found.rule != "address" or head is None or any(s < head.end(1) and e > head.start(1) for s, e in taken):
        return found
    if gazetteer.end_of_places(folded, head.start(1), definitions) != head.end(1):
        return found
    start = head.start(1)
    return found._replace(value=draft.text.shown[start : head.end(1)] + found.value, start=start)


def without_talk(draft: Draft, path: str, definitions: Definitions) -> None:
    """Leave out words that only name a kind of place, or a day, where a whole address was found."""
    found = draft.all(path)
    whole = [f for f in found if is_whole(plain(f, definitions), definitions)]
    if not whole or len(whole) == len(found):
        return
    kept = [f for f in found if f in whole or is_place(f, definitions)]
    draft.finds[path] = kept


def is_whole(folded: str, definitions: Definitions) -> bool:
    """Whether an address names its town and a street, a village or a number in it."""
    if not places.begins_with_place(folded, definitions):
        return False
    return places.has_street(folded, definitions) or bool(
        places.grammar(definitions).admin.search(folded) and DIGIT.search(folded)
    )


def is_place(found: Found, definitions: Definitions) -> bool:
    """Whether words that are no whole address name a place by itself: a road, a quarter, a market with its town."""
    folded = plain(found, definitions)
    if found.rule.startswith("label."):
        return len(folded) > MAX_WORD or DIGIT.search(folded) is not None
    town = gazetteer.end_of_places(folded, 0, definitions)
    if town is not None:
        return len(folded) - town > MAX_WORD and places.is_site(folded, definitions)
    return places.grammar(definitions).admin.search(folded) is not None or road(definitions).search(folded) is not None


@lru_cache(maxsize=4)
def road(definitions: Definitions) -> re.Pattern[str]:
    """A road by its name."""
    roads, others = (alternation(definitions.of(name)) for name in ("road_tokens", "not_roads"))
    return re.compile(rf"[\u4e00-\u9fff](?:{roads})(?!{others})")


def is_street(found: Found, definitions: Definitions) -> bool:
    """Whether a place is sure to be an address: under a label of one, or with its town and street."""
    return found.rule.startswith("label.") or is_whole(plain(found, definitions), definitions)


def give_to_taker(draft: Draft, definitions: Definitions) -> None:
    """Of two places to fetch from, that before a word of receiving and a name is his: 太和镇大源南路63号 收 阿珍."""
    found = draft.all(PICKUP)
    if draft.has(RECEIVER) or len(found) < 2:
        return
    taken = [f for f in found if f.rule == "address" and is_taken(f, draft, definitions)]
    if taken and len(taken) < len(found):
        draft.finds[PICKUP] = [f for f in found if f not in taken]
        draft.finds[RECEIVER] = taken


def is_taken(place: Found, draft: Draft, definitions: Definitions) -> bool:
    """Whether the words behind an address, on its line, say who receives there."""
    if not places.has_street(plain(place, definitions), definitions):
        return False
    found = taker(definitions).match(draft.text.folded, place.end)
    names = [f.start for path in TAKERS for f in draft.all(path)]
    return found is not None and any(0 <= start - found.end() <= MAX_GAP for start in names)


@lru_cache(maxsize=4)
def taker(definitions: Definitions) -> re.Pattern[str]:
    """What stands between a place and who receives there."""
    return re.compile(rf"[ ,()]{{0,3}}(?:{alternation(definitions.of('receive'))})")


def give_to_receiver(draft: Draft, definitions: Definitions) -> None:
    """Of two places to fetch from, that in the destination's province is the receiver's, if the other is elsewhere."""
    found = draft.all(PICKUP)
    going = draft.first("destination")
    if draft.has(RECEIVER) or going is None or len({f.value for f in found}) < 2:
        return
    theirs = [f for f in found if not is_apart(f, going, definitions) and not f.rule.startswith(SURE)]
    ours = [f for f in found if is_apart(f, going, definitions)]
    if ours and theirs and len(ours) + len(theirs) == len(found):
        draft.finds[PICKUP], draft.finds[RECEIVER] = ours, theirs


def give_to_sender(draft: Draft, definitions: Definitions) -> None:
    """A receiver's address in another province than the destination is where the goods are, if nothing else is."""
    found, going = draft.all(RECEIVER), draft.first("destination")
    if draft.has(PICKUP) or going is None or not found:
        return
    if all(is_apart(f, going, definitions) and not f.rule.startswith(SURE) for f in found):
        draft.finds[PICKUP] = draft.finds.pop(RECEIVER)


def is_apart(one: Found, other: Found, definitions: Definitions) -> bool:
    """Whether two places are in different provinces."""
    return gazetteer.apart(plain(one, definitions), plain(other, definitions), definitions)


def plain(found: Found, definitions: Definitions) -> str:
    """A value in folded form."""
    return fold(found.value, definitions).folded
