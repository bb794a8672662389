"""Words of running text: politeness taken off, hints told from data."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from ingestd.parsing import gazetteer, naming
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.kept import kept
from ingestd.parsing.wording import alternation

MAX_NAMED = 16  # characters before a number in which is said what it numbers
SIGNS = " ,.:;-_*=~#()、'\"!?。&+"


@dataclass(frozen=True, slots=True)
class Grammar:
    """The compiled word lists."""

    noise: re.Pattern[str]
    head: re.Pattern[str]
    tail: re.Pattern[str]
    instrument: re.Pattern[str]
    hint: re.Pattern[str]
    verb: re.Pattern[str]
    request: re.Pattern[str]
    stop: re.Pattern[str]
    announced: re.Pattern[str]
    listing: re.Pattern[str]
    attribute: re.Pattern[str]
    told: re.Pattern[str]
    finished: re.Pattern[str]
    title: re.Pattern[str]
    orders: re.Pattern[str]
    spoken: re.Pattern[str]


@lru_cache(maxsize=4)
def grammar(definitions: Definitions) -> Grammar:
    """The patterns made of the definitions' lists."""
    of = definitions.of
    numerals = "".join(sign for sign, value in definitions.numerals if value <= 10)
    return Grammar(
        noise=re.compile(rf"(?:(?>{alternation(of('noise'))})[\s,.!~。、…-]*+)++$"),
        head=re.compile(rf"(?:(?>{alternation(of('fillers_head'))})\s*+)++"),
        tail=re.compile(rf"(?:\s*(?>{alternation(of('fillers_tail'))})[\s:]*+)++$"),
        hint=re.compile(alternation(of("hints"))),
        verb=re.compile(
            rf"(?!{alternation(of('not_verbs'))})(?:{alternation(of('verbs_head'))})(?=[a-z\u3400-\u9fff]{{2}})"
        ),
        instrument=re.compile(alternation(of("instruments"))),
        request=re.compile(rf"(?:{alternation(of('request_tails'))})[\s,!。]*$"),
        stop=re.compile(alternation(of("goods_stops"))),
        told=re.compile(rf"(?!{alternation(of('not_verbs'))})(?:{alternation(of('goods_announced'))})"),
        finished=re.compile(rf"(?<=[\u4e00-\u9fff]{{2}})(?:{alternation(of('goods_finished'))}).*$"),
        announced=re.compile(rf"(?:{alternation(of('goods_heads'))})"),
        listing=re.compile(rf"(?:{alternation(of('listing'))})"),
        attribute=re.compile(rf"(?:{alternation(of('goods_attributes'))})[\s:]?[\da-z#*.]"),
        orders=re.compile(rf"(?:\d{{1,2}}|[{numerals}\u51e0]{{1,2}})(?:{alternation(of('order_kinds'))})"),
        spoken=re.compile(alternation(of("not_in_goods"))),
        title=re.compile(rf"[^\d,;。:\n]{{0,14}}?(?:{alternation(of('title_tails'))})(?:\s?[a-z][a-z /]{{0,30}})?$"),
    )


@kept
def is_noise(folded: str, definitions: Definitions) -> bool:
    """Whether words say nothing about the order."""
    plain = folded.strip(SIGNS)
    return not plain or bool(grammar(definitions).noise.match(plain)) or is_title(plain, definitions)


def is_title(plain: str, definitions: Definitions) -> bool:
    """Whether words are the title of a paper, such as a consignment note."""
    return bool(grammar(definitions).title.match(plain))


def counts_orders(folded: str, definitions: Definitions) -> bool:
    """Whether words begin with how many orders there are, and say nothing of goods before it."""
    found = grammar(definitions).orders.match(folded)
    rest = folded[found.end() :] if found else ""
    return found is not None and (not rest.strip(SIGNS) or is_noise(rest, definitions) or is_request(rest, definitions))


def announced_goods(folded: str, definitions: Definitions) -> tuple[int, int] | None:
    """Where goods stand that words such as "there is a lot of" announce, up to what is to be done with them."""
    g = grammar(definitions)
    head = g.announced.search(folded) or (g.listing.match(folded) if "、" in folded else None)
    if head is None or head.end() >= len(folded):
        return None
    if folded.startswith(definitions.of("no_goods"), head.end()):
        return None
    stop = g.stop.search(folded, head.end() + 1)
    return head.end(), stop.start() if stop else len(folded)


def is_attribute(folded: str, definitions: Definitions) -> bool:
    """Whether words say a size, make or colour of the goods before them."""
    return bool(grammar(definitions).attribute.match(folded))


@kept
def is_request(folded: str, definitions: Definitions) -> bool:
    """Whether words only ask to come and fetch."""
    return bool(grammar(definitions).request.search(folded))


def trimmed(folded: str, definitions: Definitions, *, prose: bool = False) -> tuple[int, int]:
    """Start and end of what remains of a goods name without fillers; never nothing of a word that is all filler."""
    g = grammar(definitions)
    start, end = 0, len(folded)
    head = g.head.match(folded)
    if head:
        start = head.end()
    if prose:
        start = max(start, told_from(folded, g))
    if prose and (verb := g.verb.match(folded, start)):
        start = verb.end()
    if prose and (done := g.finished.search(folded, start)):
        end = done.start()
    tail = g.tail.search(folded, start, end)
    if tail and tail.start() > start:
        whole = (name.end() for name in g.instrument.finditer(folded, start, end) if name.end() > tail.start())
        end = next(whole, tail.start())
    while start < end and folded[start] in SIGNS:
        start += 1
    while end > start and folded[end - 1] in SIGNS:
        end -= 1
    return start, end


def named_going(folded: str, definitions: Definitions) -> tuple[int, int]:
    """Start and end of the goods in a phrase that goes on with where they go, without their town; equal where none.

    Words that somebody speaks to somebody hold no goods.
    """
    start, end = trimmed(folded, definitions, prose=True)
    found = naming.named(folded[start:end], definitions)
    if found is None:
        return start, start
    start, end = start + found.start, start + found.end
    town = gazetteer.end_of_places(folded[start:end], 0, definitions)
    start += town or 0
    if grammar(definitions).spoken.search(folded, start, end) or is_noise(folded[start:end], definitions):
        return start, start
    return start, end


def is_description(folded: str, definitions: Definitions) -> bool:
    """Whether words only say what kind of goods the ones before them are."""
    return folded.startswith(definitions.of("attribute_heads")) and folded.endswith(definitions.of("possessive"))


def only_tells(folded: str, definitions: Definitions) -> bool:
    """Whether a phrase only tells what was done with goods that were named before."""
    return folded.startswith(definitions.of("told_heads")) and folded.endswith(definitions.of("told_tails"))


def told_from(folded: str, g: Grammar) -> int:
    """Where goods begin behind the last words that say whose they are or that there are some."""
    found = [m.end() for m in g.told.finditer(folded) if m.end() < len(folded)]
    return found[-1] if found else 0


@kept
def is_hint(folded: str, definitions: Definitions) -> bool:
    """Whether words are an instruction for the transport."""
    return bool(grammar(definitions).hint.search(folded))


def is_own_number(folded: str, start: int, definitions: Definitions) -> bool:
    """Whether a number is said to be one of goods or papers, such as a batch's, which are no data of an order."""
    return own_numbers(definitions).search(folded, max(0, start - MAX_NAMED), start) is not None


@lru_cache(maxsize=4)
def own_numbers(definitions: Definitions) -> re.Pattern[str]:
    """Words right before a number of goods or papers."""
    return re.compile(
        rf"(?:{alternation(definitions.of('own_numbers'))})[\s:#.\u662f\u4e3a]{{0,3}}[a-z\u3400-\u9fff-]{{0,4}}$"
    )
