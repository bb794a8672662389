"""Names as people are called, without the town before them and the words of receiving at their edges."""

from __future__ import annotations

import re
from functools import lru_cache

from ingestd.parsing import gazetteer, parties
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.draft import Draft, Found
from ingestd.parsing.text import fold
from ingestd.parsing.wording import alternation

NAMES = ("shipper.name", "consignee.name", "pickup.contact")
SHORTEST = 2  # characters of a name


def settle(draft: Draft, definitions: Definitions) -> None:
    """Take from each name what is said before or behind it; a contact who writes himself is none."""
    contact = draft.first("pickup.contact")
    myself = contact is not None and draft.text.folded.startswith(definitions.of("calling_me"), contact.end)
    if contact is not None and myself and draft.has("shipper.name") and not contact.elsewhere:
        draft.finds.pop("pickup.contact")
    for path in NAMES:
        found = draft.first(path)
        if found is None or not isinstance(found.value, str):
            continue
        start, end = bounds(fold(found.value, definitions).folded, definitions)
        if (start, end) != (0, len(found.value)):
            draft.finds[path][0] = narrowed(found, found.value[start:end], draft)


def narrowed(found: Found, name: str, draft: Draft) -> Found:
    """A find of a name alone, where it stands by itself in what it was found in."""
    at = -1 if found.elsewhere else draft.text.shown.find(name, found.start, found.end)
    return found._replace(value=name) if at < 0 else found._replace(value=name, start=at, end=at + len(name))


def bounds(folded: str, definitions: Definitions) -> tuple[int, int]:
    """Where somebody's name stands in what was taken for it."""
    g = grammar(definitions)
    start, end = 0, len(folded)
    done = g[1].search(folded)
    if done and done.start() > SHORTEST - 1 and parties.is_person(folded[: done.start()], definitions):
        end = done.start()
    goes_on = g[2].search(folded)
    if goes_on and parties.person_start(folded[: goes_on.start()], definitions) == 0:
        end = goes_on.start()
    called = max((folded.rfind(word) + len(word) for word in definitions.of("called") if word in folded), default=0)
    if called and end - called >= SHORTEST and not folded[called:end].isascii():
        return called, end
    led = g[0].match(folded)
    town = gazetteer.end_of_town(folded, 0, definitions)
    if town is not None and parties.begins_like_town(folded, town, definitions):
        town = None
    for at in (led.end() if led else 0, town or 0):
        if at and end - at >= SHORTEST and parties.is_plainly_person(folded[at:end], definitions):
            return at, end
    return start, end


@lru_cache(maxsize=4)
def grammar(definitions: Definitions) -> tuple[re.Pattern[str], ...]:
    """What stands before a name, behind it, and behind a title alone, where a name may end so."""
    of = definitions.of
    heads, tails, behind = (alternation(of(name)) for name in ("calling_heads", "calling_tails", "titled_tails"))
    return re.compile(heads), re.compile(rf"(?:{tails})$"), re.compile(rf"(?:{behind})$")
