"""New values that a change tells in a sentence of its own, as labels and figures that any other field is read by."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ingestd.parsing import drivers, labels, money, naming, parties, places
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.items import Item, Kind
from ingestd.parsing.text import Text
from ingestd.parsing.wording import alternation, expanded, phrases

FIGURES = (Kind.COUNT, Kind.WEIGHT, Kind.VOLUME)
SUMS = ((Kind.COD, "cod"), (Kind.FREIGHT, "freight"), (Kind.DECLARED, "declared"))
MAX_NAME = 12  # characters in which somebody is named
MAX_LEAD = 6  # characters before an increment that only lead to it
MAX_UNITS = 4  # characters of what a length or a weight is of: "six metres each"
PARTIES, ROLES = ("party", "person"), ("shipper", "consignee")
LEAST_SUM = 10  # yuan
STOPS = ",;\u3002!?\n"


@dataclass(frozen=True, slots=True)
class Grammar:
    """The compiled words of renewal."""

    person: re.Pattern[str]  # behind it stands who takes over
    receives: re.Pattern[str]
    replaced: re.Pattern[str]  # in English: the field and its new value
    sums: tuple[tuple[Kind, re.Pattern[str]], ...]
    figure: re.Pattern[str]
    lead: re.Pattern[str]
    each: re.Pattern[str]
    numbered: re.Pattern[str]
    told_phone: re.Pattern[str]  # a clause up to a colon that announces a phone, an address
    told_place: re.Pattern[str]
    parties: Mapping[str, str]  # roles by the words for them


@lru_cache(maxsize=4)
def grammar(definitions: Definitions) -> Grammar:
    """The patterns made of the definitions' words."""
    of = definitions.of

    def words(name: str) -> str:
        """The words of a list with all choices in them."""
        return alternation(e for written in of(name) for e in expanded(written, of))

    parties = {
        w: label.role for label in definitions.labels if label.slot in PARTIES for w in (*label.words, *label.bare)
    }
    parties = {w: role for w, role in parties.items() if role in ROLES and not w.isascii() and len(w) > 1}
    told = r"[^,;。:\n]{0,6}"
    named = alternation(w for label in definitions.labels for w in label.words if w.isascii() and w.isprintable())
    return Grammar(
        person=re.compile(words("renewed_person")),
        receives=re.compile(words("takes_over")),
        replaced=re.compile(
            rf"\b(?:{words('replace_words')})\s(?:the |our |this )?(?P<field>{named})\b"
            r"[^,;.\n]{0,40}?\b(?:by|with|to|into)\s"
        ),
        sums=tuple((kind, re.compile(phrases(of(name)))) for kind, name in SUMS),
        figure=re.compile(rf"(?:{words('new_sum')})\s?(?P<sum>{money.grammar(definitions).amount.pattern})(?![\d.])"),
        lead=re.compile(rf"(?:{words('increment_leads')})[\u4e00-\u9fff]{{0,{MAX_LEAD}}}$"),
        each=re.compile(rf"(?:{alternation(of('per_piece_units'))})\s?$"),
        numbered=re.compile(phrases(of("number_added"))),
        told_phone=re.compile(
            rf"(?P<party>{alternation(parties)}){told}(?:{words('spoken_phones')}){told}: ?(?=[+\d])"
        ),
        told_place=re.compile(
            rf"(?:{words('spoken_ways')})[到至去往]{told}(?:{words('spoken_places')})[^,;。:\n]{{0,2}}: ?(?=\S)"
        ),
        parties=parties,
    )


def told(text: Text, items: Sequence[Item], definitions: Definitions) -> list[Item]:
    """The items of a change with labels where it names a person anew, and its new sums."""
    out = list(without_leads(text.folded, items, definitions))
    announced = (*spelt(text.folded, definitions), *spoken(text.folded, definitions))
    for found in (*announced, *persons(text, out, definitions), *sums(text, out, definitions)):
        out = inserted(found, out)
    return out


def adds_number(folded: str, definitions: Definitions) -> bool:
    """Whether a change brings a number of the customer's that is still to be written on the order."""
    return grammar(definitions).numbered.search(folded) is not None


def counting(text: Text, items: Sequence[Item], definitions: Definitions) -> list[Item]:
    """The items without what counts nothing."""
    return [i for i in items if not counts_nothing(text.folded, i, definitions)]


def counts_nothing(folded: str, item: Item, definitions: Definitions) -> bool:
    """Whether a count only speaks of what is said (one more point), or of what one piece measures."""
    if item.kind is not Kind.COUNT or item.value.amount != 1 or folded[item.start].isdigit():
        return False
    point = item.value.unit in definitions.of("spoken_units") and folded[item.end : item.end + 1].strip() in STOPS
    each = grammar(definitions).each.search(folded, max(0, item.start - MAX_UNITS), item.start)
    return bool(point or each)


def without_leads(folded: str, items: Sequence[Item], definitions: Definitions) -> Iterator[Item]:
    """The items; the words right before a figure lose what only says that it is more or less, and are no goods then."""
    for index, item in enumerate(items):
        behind = items[index + 1] if index + 1 < len(items) else None
        counted = behind is not None and behind.start == item.end and (behind.kind in FIGURES or is_phone(behind))
        if item.kind is Kind.WORDS and counted:
            lead = grammar(definitions).lead.search(folded, item.start, item.end)
            if lead:
                if naming.ends_as_goods(folded[item.start : lead.start()], definitions):
                    yield item._replace(end=lead.start())
                continue
        yield item


def is_phone(item: Item) -> bool:
    """Whether an item is a phone or its label."""
    return item.kind is Kind.PHONE or (item.kind is Kind.LABEL and item.value.slot == "phone")


def spelt(folded: str, definitions: Definitions) -> Iterator[Item]:
    """Labels for "replace the consignee by"."""
    for match in grammar(definitions).replaced.finditer(folded):
        meaning = labels.words_of(match["field"], definitions)
        if meaning:
            yield Item(Kind.LABEL, match.start("field"), match.end(), labels.Meaning(*meaning), "change.replaced")


def spoken(folded: str, definitions: Definitions) -> Iterator[Item]:
    """Labels for clauses that announce a phone of somebody, or the place to bring the goods to, up to a colon."""
    g = grammar(definitions)
    for match in g.told_phone.finditer(folded):
        meaning = labels.Meaning(g.parties[match["party"]], "phone")
        yield Item(Kind.LABEL, match.start(), match.end(), meaning, "change.announced")
    for match in g.told_place.finditer(folded):
        line = folded[match.end() : folded.find("\n", match.end()) if "\n" in folded[match.end() :] else None]
        if places.looks_like_address(line, definitions):
            yield Item(
                Kind.LABEL, match.start(), match.end(), labels.Meaning("consignee", "address"), "change.announced"
            )


def persons(text: Text, items: Sequence[Item], definitions: Definitions) -> Iterator[Item]:
    """Labels for whoever takes over (now ask for NAME; changed to NAME who receives), where none stands before him."""
    g = grammar(definitions)
    for match in g.person.finditer(text.folded):
        end = match.end() + len(text.folded[match.end() :]) - len(text.folded[match.end() :].lstrip(" :"))
        behind = text.part(end, end + MAX_NAME)
        name = next((n for n in persons_at(behind, definitions)), None)
        start = max(text.folded.rfind(sign, 0, match.start()) for sign in STOPS) + 1
        labelled = any(i.kind is Kind.LABEL and start <= i.start and i.end <= match.end() for i in items)
        if name is None or labelled:
            continue
        fetched = any(word in text.folded for word in definitions.of("fetch_places"))
        received = any(word in text.folded for word in definitions.of("receive_places"))
        role = "pickup" if fetched and not received else "consignee"
        yield Item(Kind.LABEL, match.start(), end, labels.Meaning(role, "person"), "change.person")
        over = g.receives.match(text.folded, end + len(name))
        if over:
            yield Item(Kind.NOISE, end + len(name), over.end(), None, "change.receives")


def persons_at(text: Text, definitions: Definitions) -> Iterator[str]:
    """The persons that a text may begin with, in Chinese signs or Latin letters; one who receives is a person."""
    g = grammar(definitions)
    names = list(drivers.persons_in(text, definitions))
    yield from (n for n in names if g.receives.match(text.folded, len(n)))
    yield from names
    first = re.match(r"[a-z.]+(?: [a-z.]+){0,2}", text.folded)
    if first and parties.is_person(first.group(), definitions):
        yield first.group()


def sums(text: Text, items: Sequence[Item], definitions: Definitions) -> Iterator[Item]:
    """A new sum of what was named in a clause before it, where nothing else is told of that."""
    g = grammar(definitions)
    for kind, named in g.sums:
        if any(i.kind is kind for i in items):
            continue
        name = named.search(text.folded)
        for found in g.figure.finditer(text.folded, name.end()) if name else ():
            free = all(gives_way(i, kind) for i in items if i.start < found.end() and i.end > found.start())
            value = money.yuan(found["sum"], definitions) if free else None
            if value is not None and value >= LEAST_SUM:
                yield Item(kind, found.start(), found.end(), value, f"change.{kind.value}")
                return


def gives_way(item: Item, kind: Kind) -> bool:
    """Whether what was found is no more than words where a new sum stands; what is "taken" then is no freight."""
    return item.kind in (Kind.WORDS, Kind.BREAK) or (item.kind is Kind.FREIGHT and kind is Kind.COD)


def inserted(new: Item, items: Sequence[Item]) -> list[Item]:
    """The items with a new one in the place of the words that it covers; nothing else gives way to it."""
    covered = [i for i in items if i.start < new.end and i.end > new.start]
    if not all(gives_way(i, new.kind) or i.kind in (Kind.LABEL, Kind.SERIAL) for i in covered):
        return list(items)
    out = [new]
    for item in items:
        if item.kind is Kind.FREIGHT and item in covered:
            continue
        if item.end <= new.start or item.start >= new.end or item.kind is Kind.SERIAL:
            out.append(item)
            continue
        if item.start < new.start:
            out.append(item._replace(end=new.start))
        if item.end > new.end and item.kind is not Kind.LABEL:
            out.append(item._replace(start=new.end))
    return sorted(out, key=lambda i: (i.start, i.end))
