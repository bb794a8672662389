"""Who is at the pickup, once an order is read: the office that he is called by, and the number behind his name."""

from __future__ import annotations

import re
from functools import lru_cache

from ingestd.parsing.definitions import Definitions
from ingestd.parsing.draft import Draft, Found
from ingestd.parsing.text import fold
from ingestd.parsing.wording import alternation

CONTACT, PHONES = "pickup.contact", "pickup.phones"
SIDES = ("shipper.phones", "consignee.phones")
MAX_APART = 14  # characters between a name and its number
SENTENCE = re.compile(r"[。;!?\n]")


def settle(draft: Draft, definitions: Definitions) -> None:
    """Leave the contact at the pickup the office before his name: the keeper Meng of the store."""
    found = draft.first(CONTACT)
    if found is None or found.elsewhere:
        return
    name = fold(str(found.value), definitions).folded
    at = draft.text.folded.find(name, found.start, found.end + len(name))
    office = offices(definitions).search(draft.text.folded, max(0, at - MAX_APART), at) if at > 0 else None
    if office is None:
        return
    shown = draft.text.shown[office.start(1) : at + len(name)]
    draft.finds[CONTACT][0] = Found(shown, office.start(1), at + len(name), found.rule)


@lru_cache(maxsize=4)
def offices(definitions: Definitions) -> re.Pattern[str]:
    """An office at the end of a text, behind a sign or a word that leads to somebody."""
    of = definitions.of
    heads = alternation(of("contact_offices"))
    return re.compile(rf"(?:^|[^\u3400-\u9fff]|{alternation((*of('find'), *of('contact_leads')))})((?:{heads})$)")


def take_phone(draft: Draft) -> None:
    """Give the contact at the pickup the number right behind his name where another has it beside his own."""
    contact = draft.first(CONTACT)
    if contact is None or contact.elsewhere or draft.has(PHONES):
        return
    for path in SIDES:
        found = draft.all(path)
        behind = [f for f in found if not f.elsewhere and is_behind(f, contact, draft)]
        others = [f for f in found if f not in behind]
        if len(behind) == 1 and others and behind[0].value not in {f.value for f in others}:
            draft.finds[path], draft.finds[PHONES] = others, behind


def is_behind(phone: Found, contact: Found, draft: Draft) -> bool:
    """Whether a number stands behind a name in its sentence with hardly a word between."""
    between = draft.text.folded[contact.end : phone.start]
    return 0 <= phone.start - contact.end <= MAX_APART and not SENTENCE.search(between)
