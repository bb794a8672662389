"""What stands right beside a value and went into none: the rest of a place, somebody between two phones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from ingestd.parsing import edges, parties, places, prose
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.draft import Found
from ingestd.parsing.misfits import SITES, find_of
from ingestd.parsing.unread import Suspect
from ingestd.parsing.wording import alternation

HAN_WORD = re.compile(r"[\u3400-\u9fff]{2,}")
QUARTER = re.compile(r"[\u3400-\u9fff]{2,4}(?:\u7684[\u3400-\u9fff]{2,5})?")  # perhaps with whoever is of it
LEAST_HEAD = 3  # signs of a company by which it is known again
LEAST_TOWN = 2  # signs of a town
LEAD = 20  # characters before an English address
FAINT = ("subject.", "learned.")  # rules of a destination that no words beside it in the text announce
SIDES = ("shipper", "consignee")


@lru_cache(maxsize=4)
def grammar(definitions: Definitions) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """A clause that begins with a word of receiving; and a numbered part of an English address at the end of words."""
    receive, numbered = (alternation(definitions.of(name)) for name in ("receive", "english_numbered"))
    return re.compile(rf"[,;。\n] ?(?:{receive})[ :]"), re.compile(rf"(?:{numbered}) ?\d+, ?$")


def rests(suspect: Suspect) -> Iterator[str]:
    """A place of which a part stands unread beside it, or more is said elsewhere."""
    words, definitions = tuple(unread(suspect)), suspect.definitions
    text = suspect.draft.text.folded
    for path, value, plain in suspect.values:
        found = find_of(path, value, suspect.draft) if path in SITES else None
        if found is None:
            continue
        led = grammar(definitions)[1].search(text, max(0, found.start - LEAD), found.start)
        opened = plain.startswith(definitions.of("receive"))
        if led or opened or any(follows(rest, found, suspect) for rest in words):
            yield path
    town = suspect.draft.first("destination")
    if town is None or not town.rule.startswith(FAINT):
        return
    if any(says_more(suspect.draft.words(rest), str(town.value), definitions) for rest in words):
        yield "destination"


def unread(suspect: Suspect) -> Iterator[Found]:
    """The words that went into no value and are no mere talk."""
    for found in suspect.draft.leftovers:
        if not prose.is_noise(suspect.draft.words(found).lower(), suspect.definitions):
            yield found


def follows(rest: Found, found: Found, suspect: Suspect) -> bool:
    """Whether words right behind a place, at most a space between, name a site or a part of one."""
    folded = suspect.draft.text.folded
    word = HAN_WORD.match(folded, rest.start, rest.end)
    if word is None or rest.start < found.end or folded[found.end : rest.start] not in ("", " "):
        return False
    spoken = min(edges.spoken_starts(word.group(), suspect.definitions), default=len(word.group()))
    return places.is_part_of_site(word.group()[:spoken], suspect.definitions)


def says_more(words: str, town: str, definitions: Definitions) -> bool:
    """Whether words name a town with a quarter or market of it, and neither a company nor what is done there."""
    if not words.startswith(town) or QUARTER.fullmatch(words, len(town)) is None:
        return False
    there = (*definitions.of("over_there"), *definitions.of("hereabouts"))
    if words.startswith(there, len(town)) or words.endswith(definitions.of("receive")):
        return False
    return not parties.is_company(words, definitions)


def between_phones(suspect: Suspect) -> Iterator[str]:
    """Words that nobody read between two phones of one role: the second may be somebody else's."""
    second = suspect.definitions.of("second_phones")
    for role in SIDES:
        phones = sorted(suspect.draft.all(f"{role}.phones"), key=lambda f: f.start)
        for one, other in pairwise(phones):
            between = (f for f in unread(suspect) if one.end <= f.start and f.end <= other.start + 1)
            if any(not any(word in suspect.draft.words(f) for word in second) for f in between):
                yield f"{role}.phones"


def other_hands(suspect: Suspect) -> Iterator[str]:
    """A shipper in whose words somebody is told to receive: the sides may be exchanged."""
    received, _ = grammar(suspect.definitions)
    for path in ("shipper.name", "shipper.company"):
        found = suspect.draft.first(path)
        if found is not None and received.search(suspect.draft.text.folded, found.start, found.end):
            yield path


def no_town(suspect: Suspect) -> Iterator[str]:
    """A destination that is rather who or what is there, or that a market behind it goes on."""
    town, door = suspect.order.destination, suspect.order.consignee.address
    if town and (is_somebody(town, door, suspect) or runs_into(town, suspect) or stops_at_market(suspect)):
        yield "destination"


def is_somebody(town: str, door: str | None, suspect: Suspect) -> bool:
    """Whether an institution stands beside an address, or a town with more than a quarter beside the mere town."""
    definitions = suspect.definitions
    if door and town.endswith(definitions.of("institutions")):
        return True
    shorter = any(town != f.value and town.startswith(str(f.value)) for f in suspect.draft.all("destination"))
    placed = places.is_quarter(town[LEAST_TOWN:], definitions) or places.is_site(town, definitions)
    return shorter and not placed


def runs_into(town: str, suspect: Suspect) -> bool:
    """Whether a destination ends in what the receiver's company begins with."""
    company = suspect.order.consignee.company or ""
    heads = (company[:size] for size in range(LEAST_HEAD, len(company) + 1))
    return any(town.endswith(head) and town != head for head in heads)


def stops_at_market(suspect: Suspect) -> bool:
    """Whether the door is no street and stands right behind the destination, whose market it then is."""
    town, door = suspect.draft.first("destination"), suspect.draft.first("consignee.address")
    if town is None or door is None or door.rule.startswith("label.") or town.elsewhere or town.end > door.start:
        return False
    gap = suspect.draft.text.folded[town.end : door.start]
    return not gap.strip(" ") and not places.has_street(str(door.value), suspect.definitions)


def inverted(suspect: Suspect) -> Iterator[str]:
    """A window that ends before it begins."""
    pickup = suspect.order.pickup
    if pickup.start and pickup.by and pickup.by < pickup.start:
        yield "pickup.by"
