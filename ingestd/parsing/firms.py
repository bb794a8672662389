"""Firms that no label names: what stands right beside a person and his phone, and belongs to no other field."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from ingestd.parsing import descriptions, gazetteer, naming, parties, places, prose
from ingestd.parsing.cursor import tidy
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.draft import Draft
from ingestd.parsing.items import Item, Kind
from ingestd.parsing.names import grammar as names_grammar
from ingestd.parsing.wording import alternation

RULE = "party.beside"
PERSONS = (("shipper", "shipper.name"), ("consignee", "consignee.name"), ("pickup", "pickup.contact"))
PARTY_SLOTS = ("party", "person", "either", "party_phone", "phone")
MAX_PHONE = 16  # characters between a person and his phone
MAX_FIRM = 18  # characters of a firm that nothing but its place tells
MIN_MIXED = 6  # characters of a firm that is spelt in letters, too
MIN_FIRM = 4  # characters of a firm that does not end as firms do
LINKS = " ,、/·-\u2014\u2013:([\"'\u201c\u201d|~\t"
BRACKET = re.compile(r"[ ]?\(([^()\n]{3,24})\)")
FIRM_SHAPE = re.compile(
    r"(?=.*[\u3400-\u9fff]{2})[a-z\u3400-\u9fff&·]{3,20}(?:\([\u3400-\u9fff]{2,8}\)[\u3400-\u9fff]{0,6})?$"
)
SPELT = re.compile(r"[A-Z][\w&.'-]*(?: (?:[A-Z&][\w&.'-]*|of|and)){1,4}")
SHORTEST = 2  # characters of a firm's name behind its town
OPENED, CLOSED = re.compile("[(（]"), re.compile("[)）]")
HOUSED = re.compile(r".*\d\u53f7([\u3400-\u9fff]{4,8})")
HAN = re.compile(r"[\u3400-\u9fff]")


def settle(draft: Draft, items: Sequence[Item], definitions: Definitions) -> bool:
    """Give a person with a phone the firm beside him, where his side has none yet; whether any was given or cut."""
    cut = [close_bracket(draft, f"{role}.company") for role, _ in PERSONS[:2]]
    given = name_people(draft, items, definitions) or name_house(draft, definitions) or any(cut)
    for role, path in PERSONS:
        found = draft.first(path)
        if found is None or found.elsewhere or draft.has(f"{role}.company"):
            continue
        if role == "pickup" and (draft.has("shipper.name") or draft.has("shipper.phones")):
            continue
        start = draft.text.shown.find(found.value, found.start, found.end)
        end = start + len(found.value)
        if start < 0 or not dialled(role, end, draft):
            continue
        taken = [spot for spot in covered(draft) if spot != (found.start, found.end)]
        firm = before(start, items, draft, definitions) or behind(end, role, draft, definitions)
        if firm is not None and any(one < firm[1] and firm[0] < other for one, other in taken):
            continue
        if firm is not None:
            if found.value in definitions.of("titles") and firm[1] == start:
                draft.finds.pop(path)  # whose surname is the last sign of the words before it
            draft.add(f"{role}.company", tidy(draft.text.shown[slice(*firm)]), *firm, RULE)
            given = True
    return given


def close_bracket(draft: Draft, path: str) -> bool:
    """Cut a firm before a bracket that closes behind somebody else; whether it was."""
    found = draft.first(path)
    head, bracket, inner = (
        re.split("([(（])", found.value, maxsplit=1) if found and OPENED.search(found.value) else ("", "", "")
    )
    closes = found is not None and draft.text.folded.startswith(")", found.end)
    if found is None or not bracket or closes or CLOSED.search(inner) or len(head) <= SHORTEST:
        return False
    draft.finds[path][0] = found._replace(value=head.rstrip())
    return True


def name_people(draft: Draft, items: Sequence[Item], definitions: Definitions) -> bool:
    """Give a firm with a phone the person who opens its line, where its side names none; whether any was given."""
    given = False
    for role, path in PERSONS[:2]:
        firm = draft.first(f"{role}.company")
        if firm is None or firm.elsewhere or draft.has(path) or not dialled(role, firm.end, draft):
            continue
        folded = draft.text.folded
        line = folded.rfind("\n", 0, firm.start) + 1
        words = [i for i in items if line <= i.start < firm.start and i.kind is not Kind.BREAK]
        if len(words) != 1 or words[0].kind is not Kind.WORDS or folded[words[0].end : firm.start].strip(" ,"):
            continue
        spot = (words[0].start, words[0].end)
        name = folded[slice(*spot)]
        known = parties.is_plainly_person(name, definitions) or is_spelt(name, definitions)
        if known and spot not in covered(draft):
            draft.add(path, tidy(draft.text.shown[slice(*spot)]), *spot, RULE)
            given = True
    return given


def name_house(draft: Draft, definitions: Definitions) -> bool:
    """Give a shipper without a firm the one that stands behind the number of the house; whether any was given."""
    found = draft.first("pickup.address")
    if found is None or found.elsewhere or not draft.has("shipper.name") or draft.has("shipper.company"):
        return False
    house = HOUSED.fullmatch(found.value)
    firm = house[1] if house else ""
    if not parties.is_company(firm, definitions) or firm.endswith(definitions.of("household_ends")):
        return False
    start = draft.text.shown.find(firm, found.start, found.end)
    if start < 0 or is_talk(firm, definitions) or len(draft.all("pickup.address")) > 1:
        return False
    draft.finds["pickup.address"] = [found._replace(value=found.value[: -len(firm)], end=start)]
    draft.add("shipper.company", firm, start, start + len(firm), RULE)
    return True


def is_spelt(name: str, definitions: Definitions) -> bool:
    """Whether words are an English given name and one more."""
    given, _, surname = name.partition(" ")
    return given in definitions.of("english_given_names") and surname.isalpha() and surname.isascii()


def dialled(role: str, end: int, draft: Draft) -> bool:
    """Whether a phone of a role stands right behind its person."""
    return any(0 <= found.start - end <= MAX_PHONE for found in draft.all(f"{role}.phones"))


def covered(draft: Draft) -> list[tuple[int, int]]:
    """Where the fields and the goods of a draft stand in the text."""
    spots = [(f.start, f.end) for finds in draft.finds.values() for f in finds if not f.elsewhere]
    return spots + [(f.start, f.end) for _, f in draft.goods]


def before(start: int, items: Sequence[Item], draft: Draft, definitions: Definitions) -> tuple[int, int] | None:
    """Where a firm stands right before a person, over what only introduces him."""
    end = introduced(start, items, draft.text.folded, definitions)
    words = next((i for i in items if i.kind is Kind.WORDS and i.start < end <= i.end), None)
    if words is None:
        return None
    begin = max(words.start, draft.text.folded.rfind(":", words.start, end) + 1)
    town = gazetteer.end_of_places(draft.text.folded, begin, definitions)
    whose = next((w for w in definitions.of("possessive") if town and draft.text.folded.startswith(w, town)), "")
    begin = town + len(whose) if town and whose else begin
    begin, end = trimmed(begin, end, draft.text.folded, definitions)
    labelled = any(i.kind is Kind.LABEL and end <= i.start < start for i in items)
    if labelled and may_be_market(draft.text.folded[begin:end], definitions):
        return None
    return (begin, end) if is_firm(begin, end, draft, definitions) else None


def may_be_market(folded: str, definitions: Definitions) -> bool:
    """Whether words are a town and two more signs, as markets are called, before a label of who is there."""
    town = gazetteer.end_of_places(folded, 0, definitions)
    return town is not None and len(folded) - town <= SHORTEST


def introduced(start: int, items: Sequence[Item], folded: str, definitions: Definitions) -> int:
    """Where the words end before those that only introduce somebody: signs, his office, "I am called"."""
    heads = grammar(definitions)
    labels = {i.end: i.start for i in items if i.kind is Kind.LABEL and i.value.slot in PARTY_SLOTS}
    while True:
        end = len(folded[:start].rstrip(LINKS))
        label = next((begin for at, begin in labels.items() if end <= at <= start and begin < end), None)
        head = heads.introduces.search(folded, max(0, end - 12), end)
        if label is not None:
            start = label
        elif head is not None and head.start() < end:
            start = head.start()
        else:
            return end


def behind(end: int, role: str, draft: Draft, definitions: Definitions) -> tuple[int, int] | None:
    """Where a firm stands in brackets behind a person's phone."""
    phones = [f for f in draft.all(f"{role}.phones") if 0 <= f.start - end <= MAX_PHONE]
    found = BRACKET.match(draft.text.folded, phones[-1].end) if phones else None
    return found.span(1) if found is not None and is_firm(*found.span(1), draft, definitions, plain=False) else None


def trimmed(start: int, end: int, folded: str, definitions: Definitions) -> tuple[int, int]:
    """A stretch without the words that lead to a firm and those that lead on from it."""
    g = grammar(definitions)
    while (head := g.leads.match(folded, start, end)) is not None and head.end() < end:
        start = head.end()
    start = max((m.end() for m in g.called.finditer(folded, start, end) if m.end() < end), default=start)
    while (tail := g.goes_on.search(folded, start + 1, end)) is not None:
        end = tail.start()
    return start, end


def is_firm(start: int, end: int, draft: Draft, definitions: Definitions, *, plain: bool = True) -> bool:
    """Whether a stretch can only be a firm: no place, goods, office or talk; `plain` ones need no word of a firm."""
    folded = draft.text.folded[start:end]
    if len(folded) > MAX_FIRM or FIRM_SHAPE.match(folded) is None:
        return plain and SPELT.fullmatch(draft.text.shown, start, end) is not None
    if is_talk(folded, definitions) or is_somewhere(folded, definitions):
        return False
    if parties.is_company(folded, definitions):
        return True
    if grammar(definitions).talk.search(folded) or descriptions.is_description(folded, definitions):
        return False
    if is_of_town(folded, definitions):
        return True
    return plain and is_called(folded, definitions) and not is_goods(folded, draft, definitions)


def is_talk(folded: str, definitions: Definitions) -> bool:
    """Whether words say something, or what somebody is, rather than how a firm is called."""
    said = (prose.is_noise, prose.is_hint, prose.is_request, descriptions.is_generic, parties.is_department)
    if any(check(folded, definitions) for check in said) or parties.is_office(folded, definitions):
        return True
    g = names_grammar(definitions)
    return bool(g.not_company.search(folded) or g.talk.match(folded) or grammar(definitions).never.search(folded))


def is_somewhere(folded: str, definitions: Definitions) -> bool:
    """Whether words are a street, a village, a town or a market."""
    checks = (places.has_street, places.is_locality, gazetteer.is_place, places.is_market)
    return any(check(folded, definitions) for check in checks)


def is_called(folded: str, definitions: Definitions) -> bool:
    """Whether words are as long as a firm's name, and no person or address."""
    shop = folded.endswith(definitions.of("firm_ends"))
    if places.looks_like_address(folded, definitions) or (parties.is_person(folded, definitions) and not shop):
        return False
    signs = len(HAN.findall(folded))
    return signs >= MIN_FIRM - shop or (signs < len(folded) and len(folded) >= MIN_MIXED)


def is_of_town(folded: str, definitions: Definitions) -> bool:
    """Whether words are a town and a name behind it, which is more than the kind of a house."""
    town = gazetteer.end_of_places(folded, 0, definitions)
    if town is None or len(folded) - town < SHORTEST or places.stands_with_party(folded, definitions):
        return False
    return not descriptions.is_generic(folded[town:], definitions) and folded[town:] not in definitions.of(
        "office_heads"
    )


def is_goods(folded: str, draft: Draft, definitions: Definitions) -> bool:
    """Whether words may be the goods: they end so, and no others are named."""
    named = any(event.kind is Kind.WORDS for event, _ in draft.goods)
    return not named and naming.ends_as_goods(folded, definitions)


@dataclass(frozen=True, slots=True)
class Grammar:
    """The compiled words around firms."""

    introduces: re.Pattern[str]
    leads: re.Pattern[str]
    called: re.Pattern[str]
    goes_on: re.Pattern[str]
    talk: re.Pattern[str]
    never: re.Pattern[str]


@lru_cache(maxsize=4)
def grammar(definitions: Definitions) -> Grammar:
    """The patterns made of the definitions' words around firms."""
    of = definitions.of
    offices = [*of("office_heads"), *(t for t in of("titles") if len(t) > 1)]
    return Grammar(
        introduces=re.compile(rf"(?:{alternation((*of('firm_introduces'), *offices))})$"),
        leads=re.compile(rf"(?:{alternation(of('firm_leads'))})[:,]?"),
        called=re.compile(alternation(of("firm_called"))),
        goes_on=re.compile(rf"(?:{alternation(of('firm_goes_on'))})$"),
        talk=re.compile(alternation(of("firm_talk"))),
        never=re.compile(alternation(of("firm_never"))),
    )
