"""The name of goods within a phrase: without what leads to it, and without what is told of it behind."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from ingestd.parsing import gazetteer
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.kept import kept
from ingestd.parsing.names import grammar as names_grammar
from ingestd.parsing.numerals import TEN
from ingestd.parsing.wording import alternation, phrases

SIGNS = " ,.:;-_*=~#()\u3001'\"!?\u3002&+"
CLOSING = ":\uff5e]\u3011"  # behind what heads a phrase
COUNTING = ("package", "pallet", "piece")
LEADS = ("goods_times", "goods_owners", "goods_adverbs", "goods_wishes", "goods_verbs", "goods_partitives")
ANNOUNCING = ("goods_wishes", "goods_verbs", "goods_partitives", "goods_copulas")
HERE = ("goods_owners",)
LETTER = re.compile(r"[a-z\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class Name:
    """Where the name of goods stands in a phrase, and how plainly the phrase says that it is one."""

    start: int
    end: int
    announced: bool = False  # a word of sending or of being leads to it
    told: bool = False  # what was done with them follows
    vessel: bool = False  # only what goods are put in or made of


@dataclass(frozen=True, slots=True)
class Grammar:
    """The compiled word lists."""

    lead: re.Pattern[str]
    announcing: re.Pattern[str]
    here: re.Pattern[str]
    generic: re.Pattern[str]
    taken: re.Pattern[str]
    predicate: re.Pattern[str]
    packed: re.Pattern[str]
    speech: re.Pattern[str]
    ends: re.Pattern[str]
    possessive: re.Pattern[str]
    copula: re.Pattern[str]
    particles: re.Pattern[str]
    ending: re.Pattern[str]
    linked: re.Pattern[str]
    verb: re.Pattern[str]
    actor: re.Pattern[str]
    topic: re.Pattern[str]
    things: re.Pattern[str]
    lots_behind: re.Pattern[str]
    lots_counted: re.Pattern[str]
    sized: re.Pattern[str]
    vessels: frozenset[str]
    asides: frozenset[str]


@lru_cache(maxsize=4)
def grammar(definitions: Definitions) -> Grammar:
    """The patterns made of the definitions' lists."""
    of = definitions.of
    begin = alternation((*of("goods_begin"), *of("not_verbs")))
    copula, whole = alternation(of("goods_copulas")), "".join((*of("before_fetch_verbs"), *of("goods_dress")))
    leads = [word for name in LEADS for word in of(name)]
    long, short = (alternation(word for word in leads if (len(word) > 1) is many) for many in (True, False))
    signs = "".join(sign for sign, value in definitions.numerals if value <= TEN)
    units = [word for unit in definitions.units if unit.kind in COUNTING for word in unit.words if not word.isascii()]
    later = alternation(word for word in of("goods_times") if len(word) > 1)
    kinds, counted = alternation((*of("order_kinds"), *of("goods_lots"))), alternation(units)
    few = rf"(?:\u7b2c[{signs}\d]{{1,2}}|[\u51e0\u90a3\u8fd9])"
    lots = rf"\u7b2c?[{signs}\d]{{1,2}}(?:{kinds})|{few}(?:{kinds}|{counted})"
    many = alternation(of("order_counts"))
    inside = "|".join(rf"(?<={word[0]}){word[1]}" for word in of("goods_inside"))
    return Grammar(
        lead=re.compile(rf"(?:{long}|(?!{begin})(?:{short})|{lots})\s*"),
        announcing=re.compile(alternation(word for name in ANNOUNCING for word in of(name))),
        here=re.compile(rf"\s*(?:{alternation(word for name in HERE for word in of(name))})"),
        generic=re.compile(rf"(?:{alternation(of('goods_generic'))})?\s*(?:{copula})\s*"),
        taken=re.compile(alternation(of("goods_takers"))),
        predicate=re.compile(rf"(?!{begin})(?:{phrases(of('goods_predicates'))}|(?<=..)(?:{later}))"),
        packed=re.compile(rf"(?:{alternation(of('goods_packed'))}|(?:{alternation(of('goods_vessels'))})\u88c5)$"),
        speech=re.compile(alternation(of("goods_speech"))),
        ends=re.compile(rf"(?:{alternation(of('goods_ends'))})$"),
        possessive=re.compile(alternation(of("possessive"))),
        copula=re.compile(copula),
        particles=re.compile(rf"(?:{alternation(of('goods_particles'))})+$"),
        linked=re.compile(rf"(?:{alternation(of('possessive'))})$"),
        ending=re.compile(rf"(?<![{whole}])(?:{alternation(of('goods_last_verbs'))})$"),
        verb=re.compile(rf"(?!{begin}|{inside})(?:{alternation(of('goods_sending'))})(?=..)"),
        actor=re.compile(rf"(?:{alternation(of('goods_modals'))})$|{alternation(of('goods_on_behalf'))}"),
        topic=re.compile(rf"(?:{copula}).{{2,30}}(?:{alternation(of('possessive'))})$"),
        things=re.compile(rf"(?:{alternation(of('possessive'))})(?:{alternation(of('goods_generic'))})$"),
        sized=re.compile(
            rf"\d+(?:\.\d+)?\s?(?:{alternation((*of('degrees'), *of('content_units')))}|(?:{alternation(units)})\u88c5)"
            rf"|(?:{alternation(of('goods_packing'))})(?:{alternation(of('goods_vessels'))})"
        ),
        lots_behind=re.compile(rf"(?:[{signs}\u51e0]|\d)(?:{kinds}|{many})(?:{alternation(of('every_order'))})?$"),
        lots_counted=re.compile(rf"(?<!\u7b2c)(?:[{signs}]|\d)(?:{many})"),
        vessels=frozenset((*of("goods_vessels"), *of("goods_vague"))),
        asides=frozenset((*of("goods_asides"), *of("goods_generic"))),
    )


@kept
def named(folded: str, definitions: Definitions) -> Name | None:
    """The name of goods in a phrase; None where it names none."""
    g = grammar(definitions)
    whole = len(folded.rstrip(SIGNS))
    first = max(folded.rfind(sign, 0, whole) for sign in CLOSING) + 1
    start, announced = begun(folded, first, definitions)
    taken = [m.end() for m in g.taken.finditer(folded, start, whole) if m.end() < whole]
    if taken:
        start, announced = begun(folded, taken[-1], definitions)[0], True
    told = g.predicate.search(folded, start, whole)
    link = g.possessive.search(folded, told.end(), whole) if told else None
    if link and (told is None or told.start() == start or ends_as_goods(folded[link.end() : whole], definitions)):
        start, told = link.end(), g.predicate.search(folded, link.end(), whole)  # what is needed for the feast
    if (told and told.start() == start) or start >= whole:
        return None
    topic = g.topic.search(folded, start + 1, whole)
    if topic is not None and (told is None or topic.start() < told.start()):
        told = topic  # the frames are what we hand back
    end = without_particles(folded, start, told.start() if told else whole, definitions)
    start = max((m.end() for m in g.possessive.finditer(folded, start, end) if m.end() < end), default=start)
    end = start + len(folded[start:end].rstrip(SIGNS))
    opened = folded.find("(", start + 1, end)
    if opened > 0 and ")" not in folded[opened:end]:
        end = opened  # which closes behind a figure
    start = acted(folded, start, end, definitions)
    start = end - len(folded[start:end].lstrip(SIGNS))
    name = folded[start:end]
    if name in g.asides or g.copula.search(name) or g.speech.search(name) or not LETTER.search(name):
        return None
    only_of = end < whole and not announced and g.possessive.fullmatch(folded, whole - 1, whole) is not None
    if end - start == 1 and not ends_as_goods(name, definitions):
        return None
    vessel = only_of or name in g.vessels or bool(g.packed.fullmatch(name))
    return Name(start, end, announced, told is not None, vessel)


def without_particles(folded: str, start: int, end: int, definitions: Definitions) -> int:
    """Where a name ends before particles, before how it is packed, and before a verb that ends the phrase."""
    g = grammar(definitions)
    plain = start + len(folded[start:end].rstrip(SIGNS))
    spoken = g.particles.search(folded, start, plain)
    end = spoken.start() if spoken else plain
    if (lots := g.lots_behind.search(folded, start + 1, end)) is not None:
        end = lots.start()
    if (thing := g.things.search(folded, start + 1, end)) is not None:
        whose = not ends_as_goods(folded[start : thing.start()], definitions)
        return start if whose else thing.start()
    packed = g.packed.search(folded, start, end)
    if packed is not None:
        return packed.start() if packed.start() > start else end
    verb = g.ending.search(folded, start, end)
    end = verb.start() if verb else end
    return end - len(linked[0]) if (linked := g.linked.search(folded, start, end)) else end


def begun(folded: str, start: int, definitions: Definitions) -> tuple[int, bool]:
    """Where a phrase begins behind words that lead to goods, and whether one of them announces some."""
    g = grammar(definitions)
    announced = False
    while start < len(folded):
        town = gazetteer.end_of_places(folded, start, definitions)
        here = g.here.match(folded, town) if town else None
        found = here or g.generic.match(folded, start) or g.lead.match(folded, start)
        if found is None:
            break
        announced = announced or bool(g.announcing.search(found.group()))
        start = found.end()
    return start, announced


def acted(folded: str, start: int, end: int, definitions: Definitions) -> int:
    """Where goods begin behind somebody and a verb of sending within words that end as goods; `start` without those."""
    g = grammar(definitions)
    for verb in reversed(list(g.verb.finditer(folded, start + 1, end))):
        if not ends_as_goods(folded[verb.end() : end], definitions):
            continue
        who, before = folded[start : verb.start()], folded[: verb.start()]
        placed = gazetteer.end_of_places(who, 0, definitions) is not None
        if placed or g.actor.search(before) or names_grammar(definitions).company.search(who):
            return verb.end()
    return start


def counts_lots(folded: str, definitions: Definitions) -> bool:
    """Whether a phrase counts the lots or places that goods are sent in or to, beside their name."""
    return grammar(definitions).lots_counted.search(folded) is not None


def is_aside(plain: str, definitions: Definitions) -> bool:
    """Whether words say something of goods that are named elsewhere: how many, how large, how they are packed."""
    g = grammar(definitions)
    return plain in g.asides or g.sized.fullmatch(plain) is not None


def ends_as_goods(name: str, definitions: Definitions) -> bool:
    """Whether words end as names of goods do."""
    return grammar(definitions).ends.search(name) is not None
