"""Values that do not look like what their field holds: words of speech, labels, figures, halves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import takewhile

from ingestd.parsing import edges, gazetteer, labels, parties, places, prose
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.draft import Draft, Found
from ingestd.parsing.items import Item, Kind
from ingestd.parsing.measures import TON
from ingestd.parsing.measures import grammar as measure_grammar
from ingestd.parsing.numerals import MAX_SIGNS, TEN
from ingestd.parsing.numerals import values as values_of_signs
from ingestd.parsing.text import folded
from ingestd.parsing.unread import DIGITS, Suspect
from ingestd.parsing.wording import alternation

FIGURES, MEASURED = (Kind.COUNT, Kind.WEIGHT, Kind.VOLUME), (Kind.WEIGHT, Kind.VOLUME)
TIMED = re.compile(r"\d ?[前后後]$")  # "17 30 before", while a place before or behind something has a name there
TOWN_SIGNS = (2, 3, 4)
LEAST_TOWN = 2  # signs
MAX_DESTINATION = 16
MAX_NAME = 14
MAX_GOODS, FEW_SIGNS = 30, 6
LABEL_SIGNS = range(2, 9)  # of a Chinese label that stands at an end of a value
MISSPELT_SIGNS = range(3, 8)  # of a label whose last signs pass for a name
LEAST_ADDRESS = 4  # a floor or a gate alone is shorter
HAN = re.compile(r"[\u4e00-\u9fff]+$")
SPLIT_THOUSANDS = re.compile(r"(?<![\d.])\d{1,3}[ '] ?$")
LEAD = 6  # characters before a figure
MAX_GAP = 3  # characters between an address and how it goes on
STUCK = re.compile(r"[a-z]([A-Z][a-z]+)$")
ALPHANUMERIC = re.compile(r"[a-z\d]")
ENUMERATED = re.compile(r"(?<=[^\s,;。])([一二三四五六七八九十]{1,2})\u3001(?=[\u4e00-\u9fff]{1,6}:)")
COUNTED = re.compile(r"(?<=[^\s,;。\d]) ?(\d{1,2})[)\u3001]")
FEWEST_LINES = 2  # so numbered; one may be anything
PERSONAL = ("person", "phone", "party_phone")  # slots of labels that no company is called by
PLACING = ("address", "party", "company")  # slots of labels such as warehouse, stall and shop
SITES = ("pickup.address", "consignee.address", "destination")


def find_of(path: str, value: str, draft: Draft) -> Found | None:
    """The find that a value of an order is; None where it stands outside of the text."""
    return next((f for f in draft.all(path) if f.value == value and not f.elsewhere), None)


def misplaced_words(suspect: Suspect) -> Iterator[str]:
    """Words that stand in no field; digits in a name, and values too long for theirs."""
    verbs = misplaced(suspect.definitions)
    for path, value, plain in suspect.values:
        long = MAX_NAME if path.endswith(".name") else MAX_DESTINATION if path == "destination" else len(value)
        digits = path.endswith(".name") and DIGITS.search(value)
        firm = path.endswith(".name") and plain.isascii() and parties.is_company(plain, suspect.definitions)
        if verbs.search(plain) or digits or firm or (len(value) > long and not value.isascii()):
            yield path
    for line in suspect.order.cargo:
        name = line.name or ""
        if len(name) > MAX_GOODS or (len(name) > FEW_SIGNS and places.has_street(name, suspect.definitions)):
            yield "cargo.name"


@lru_cache(maxsize=4)
def misplaced(definitions: Definitions) -> re.Pattern[str]:
    """Words that stand in no field."""
    return re.compile(alternation(definitions.of("not_in_fields")))


def labels_inside(suspect: Suspect) -> Iterator[str]:
    """A name or place that begins or ends with a label, or is the end of a misspelt one."""
    known = labels.grammar(suspect.definitions).words
    for path, value, plain in suspect.values:
        company = path.endswith("company")  # companies call themselves by words that labels use, too
        ended = glued_label(value, known) or (not company and label_at_end(plain, known, site=path in SITES))
        depot = company and any(found.rule == "label.depot" for found in suspect.draft.all(path))
        personal = company and not depot  # a depot may be called after whose it is
        ended = ended or (personal and any(known.get(plain[-n:], ("", ""))[1] in PERSONAL for n in LABEL_SIGNS))
        if ended or (not company and ends_misspelt(path, value, suspect)):
            yield path


def glued_label(value: str, known: dict[str, tuple[str, str]]) -> bool:
    """Whether an English label is stuck to the end of a value, its capital in the middle of a word."""
    found = STUCK.search(value)
    return found is not None and found[1].lower() in known


def label_at_end(plain: str, known: dict[str, tuple[str, str]], *, site: bool) -> bool:
    """Whether a value begins or ends with a label; a place may end in a warehouse or a stall."""
    if plain.isascii():
        first, _, rest = plain.partition(" ")
        last = rest.rpartition(" ")[2]
        opens = first.isalpha() and first in known and not (site and rest[:1].isdigit())  # "unit 5" is of a place
        return bool(rest) and (opens or last in known)
    sizes = [n for n in LABEL_SIGNS if n < len(plain)]
    return any(plain[:n] in known or (plain[-n:] in known and not (site and is_part(plain, n, known))) for n in sizes)


def is_part(plain: str, size: int, known: dict[str, tuple[str, str]]) -> bool:
    """Whether a label of some size belongs to the place that it ends: it tells of a site itself, or has a number."""
    return known[plain[-size:]][1] in PLACING or ALPHANUMERIC.match(plain[-size - 1]) is not None


def ends_misspelt(path: str, value: str, suspect: Suspect) -> bool:
    """Whether a name is the end of a label with one wrong character."""
    found = find_of(path, value, suspect.draft) if path.endswith(".name") else None
    if found is None:
        return False
    g, text = labels.grammar(suspect.definitions), suspect.draft.text.folded
    heads = (text[max(0, found.end - n) : found.end] for n in MISSPELT_SIGNS if n > len(value))
    return any(HAN.match(word) and labels.near(word, g) for word in heads)


def figures_inside(suspect: Suspect) -> Iterator[str]:
    """A name or place that begins with a figure of the goods."""
    figure = measure_grammar(suspect.definitions).figure
    for path, value, plain in suspect.values:
        if path in SITES and not value.isascii():
            found = figure.match(plain)
            if found and found.end() < len(value) and not value[0].isdigit():
                yield path


def talk_inside(suspect: Suspect) -> Iterator[str]:
    """A place without a street, taken by its look, that holds words of speech: "the goods in Zhengzhou are ready"."""
    talk = talking(suspect.definitions)
    yield from spoken_ends(suspect)
    for path, value, plain in suspect.values:
        found = find_of(path, value, suspect.draft) if path in SITES else None
        if found is None or found.rule.startswith("label."):
            continue
        if talk.search(plain) and not places.has_street(plain, suspect.definitions):
            yield path


def spoken_ends(suspect: Suspect) -> Iterator[str]:
    """A place, somebody or goods with words of speech at the end, whatever they were read by."""
    for path, _, plain in suspect.values:
        named = path.endswith(".name") and parties.is_person(plain, suspect.definitions)
        if not named and edges.ends_in_speech(plain, suspect.definitions):
            yield path
    for line in suspect.order.cargo:
        if line.name and edges.ends_in_speech(folded(line.name, suspect.definitions), suspect.definitions):
            yield "cargo.name"


def odd_ends(suspect: Suspect) -> Iterator[str]:
    """An address that ends with no sign that addresses end with, and with no town or company: words may be in it."""
    usual, definitions = "".join(suspect.definitions.of("address_ends")), suspect.definitions
    for path, _, whole in suspect.values:
        plain = whole.rstrip(" .)")
        odd = HAN.search(plain[-1:]) and (plain[-1] not in usual or TIMED.search(plain))
        named = odd and (parties.is_company(plain, definitions) or ends_in_town(plain, definitions))
        if path.endswith(".address") and odd and not named:
            yield path


def ends_in_town(plain: str, definitions: Definitions) -> bool:
    """Whether the last signs of an address are a town's name."""
    return any(gazetteer.is_place(plain[-size:], definitions) for size in TOWN_SIGNS)


@lru_cache(maxsize=4)
def talking(definitions: Definitions) -> re.Pattern[str]:
    """Words that are spoken about a place."""
    return re.compile(alternation(definitions.of("talk_in_places")))


def begins_twice(suspect: Suspect) -> Iterator[str]:
    """A place with its town once more behind a house number, or with any town behind a word of fetching."""
    leading, housed = leads(suspect.definitions)
    for path, _, plain in suspect.values:
        if path not in SITES:
            continue
        again = any(plain.startswith(plain[:2], house.end()) for house in housed.finditer(plain))
        ends = (found.end() for found in leading.finditer(plain))
        again = again or f",{plain[:LEAST_TOWN]}" in plain  # somebody of the town, and behind a comma his address
        if again or any(gazetteer.end_of_town(plain, end, suspect.definitions) for end in ends):
            yield path


def cut_short(suspect: Suspect) -> Iterator[str]:
    """Half of something: one bracket of two, an English address that goes on, a figure without its thousands."""
    for path, value, plain in suspect.values:
        spelt = path in SITES and plain.isascii()
        if plain.count("(") != plain.count(")") or (spelt and goes_on(find_of(path, value, suspect.draft), suspect)):
            yield path
    text = suspect.draft.text.folded
    for event, found in suspect.draft.goods:
        if event.kind is not Kind.WORDS and SPLIT_THOUSANDS.search(text, max(0, found.start - LEAD), found.start):
            yield "cargo.quantity" if event.kind is Kind.COUNT else "cargo.weight_kg"
    items = suspect.coverage.items
    figures = {item.start for item in items if item.kind in FIGURES}
    measured = (item for item in items if item.kind in MEASURED)
    if any(runs_on(item, text, figures, suspect.definitions) for item in measured):
        yield "cargo.weight_kg"


def runs_on(item: Item, text: str, figures: set[int], definitions: Definitions) -> bool:
    """Whether signs of numbers stand right behind tons or cubic metres, so that nobody knows where the next begins."""
    if not text.endswith(item.value.unit or "\0", 0, item.end):
        return False
    kind, factor = measure_grammar(definitions).units.get(item.value.unit, ("", TON))
    worth = values_of_signs(definitions)
    run = [worth[sign] for sign in takewhile(worth.__contains__, text[item.end : item.end + MAX_SIGNS])]
    halved = any(sign in text[item.start : item.end] for sign in definitions.of("halves"))
    if not run or halved or run[0] >= TEN or (kind == "weight" and factor < TON):
        return False
    return len(run) > 1 or item.end not in figures


def goes_on(found: Found | None, suspect: Suspect) -> bool:
    """Whether a name that went into no value stands right behind a find."""
    if found is None:
        return False
    text = suspect.draft.text
    for item in suspect.coverage.open:
        near = found.end <= item.start <= found.end + MAX_GAP and not text.folded[found.end : item.start].strip(" ,")
        if near and item.kind is Kind.WORDS and text.shown[item.start : item.start + 1].isupper():
            return not prose.is_noise(suspect.folded(item), suspect.definitions)
    return False


def weak_places(suspect: Suspect) -> Iterator[str]:
    """An address of a floor or gate alone, or of a town and a name; a town that other words than a quarter follow."""
    for path, value, plain in suspect.values:
        found = find_of(path, value, suspect.draft) if path in SITES else None
        if found is None or found.rule.startswith("label."):
            continue
        short = path != "destination" and len(value) < LEAST_ADDRESS
        if found.rule == "party.address" and not places.has_street(plain, suspect.definitions):
            short = short or not places.is_site(plain, suspect.definitions)  # as well a company with its town
        if short or (path == "destination" and found.rule == "town" and not only_place(plain, suspect.definitions)):
            yield path


def only_place(plain: str, definitions: Definitions) -> bool:
    """Whether words are a town, perhaps with a quarter or a site in it."""
    end = gazetteer.end_of_places(plain, 0, definitions) or places.town_end(plain, definitions)
    if end is None:
        return False
    quarter = places.grammar(definitions).admin.search(plain, max(0, end - 1))
    return end == len(plain) or bool(quarter) or places.is_site(plain, definitions)


@lru_cache(maxsize=4)
def leads(definitions: Definitions) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Words of fetching, and the ends of house numbers."""
    of = definitions.of
    fetching = alternation((*of("fetch_verbs"), *of("pickup_closers")))
    return re.compile(fetching), re.compile(rf"(?:\d|{alternation((*of('house_tokens'), *of('house_units')))})")


def numbered(suspect: Suspect) -> Iterator[str]:
    """A place or figure that ends in the number of the next line: the lines ran together."""
    text = suspect.draft.text.folded
    marks = {found.start(1) for pattern in (ENUMERATED, COUNTED) for found in pattern.finditer(text)}
    if len(marks) < FEWEST_LINES:
        return
    for path in SITES:
        yield from (path for found in suspect.draft.all(path) if any(found.start < m < found.end for m in marks))
    for _, found in suspect.draft.goods:
        if any(found.start < m < found.end for m in marks):
            yield "cargo.weight_kg"


def net_only(suspect: Suspect) -> Iterator[str]:
    """A weight that is said to be net, and no gross one: what is carried weighs more."""
    said = [found.value for event, found in suspect.draft.goods if event.kind is Kind.WEIGHT]
    if said and all(figure.gross is False for figure in said):
        yield "cargo.weight_kg"
