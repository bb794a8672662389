"""Whose a phone is by the phrases right before it: the person, his firm, and the words that lead to them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from ingestd.parsing import descriptions, gazetteer, parties, places, prose
from ingestd.parsing.cursor import weak_cue
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.descriptions import Description
from ingestd.parsing.items import Item
from ingestd.parsing.names import grammar as grammar_of_names
from ingestd.parsing.wording import alternation

Span = tuple[int, int]
NAME_LENGTHS = (3, 4, 2, 5, 6, 7, 8)  # characters of a name, the likeliest first
LONGEST_PLAIN = 3  # characters of a name with a surname of one
MIN_FIRM, MAX_FIRM = 3, 16  # characters
HAN = re.compile(r"[\u3400-\u9fff]+$")
FIRM = re.compile(r"[\u3400-\u9fff]+(?:\([\u3400-\u9fff]{2,6}\))?[\u3400-\u9fff]*$")
ANY_NAME = re.compile(r"[\u3400-\u9fff]{2,4}")
BEHIND = re.compile(r"[ ]?\(([\u3400-\u9fff]{3,16})\)|[ ]([\u3400-\u9fff]{3,16})(?=[ ]?(?:\n|[。;]|$))")
QUOTED = re.compile(r'"([\u3400-\u9fff]{2,12})"[\u3400-\u9fff]{0,3}$')
SIGNS = " ,.:;()[]\"'*-/|"
GAPS = " ,/|"


@dataclass(frozen=True, slots=True)
class Owner:
    """Who is named before a phone: places in the text, `start` where what is said of him begins."""

    first: int  # index of the first item that names him
    start: int
    name: Span | None = None
    company: Span | None = None
    town: Span | None = None


@dataclass(frozen=True, slots=True)
class Grammar:
    """The compiled word lists."""

    naming: re.Pattern[str]
    lead: re.Pattern[str]
    ends: re.Pattern[str]
    behind: re.Pattern[str]
    number_talk: re.Pattern[str]
    no_firm: re.Pattern[str]
    titles: re.Pattern[str]


@lru_cache(maxsize=4)
def grammar(definitions: Definitions) -> Grammar:
    """The patterns made of the definitions' lists."""

    def of(*names: str) -> str:
        return alternation(word for name in names for word in definitions.of(name))

    naming = of("cast_naming", "cast_sends", "cast_receives", "cast_asked", "possessive", "cast_persons")
    sides = of("cast_receives", "cast_sends", "cast_naming", "cast_asked", "cast_self", "possessive", "cast_persons")
    return Grammar(
        naming=re.compile(rf"(?:{naming}|{kin(definitions)}|姓.),?$"),
        lead=re.compile(rf"(?:(?:{sides}|{of('cast_self_links')})[ :,-]?)+"),
        ends=re.compile(rf"(?:(?:{sides})[ :,-]?)+$"),
        behind=re.compile(rf"(?:{of('cast_behind', 'cast_behind_receives', 'cast_behind_sends')})$"),
        number_talk=re.compile(rf"[的他她我俩两]*(?:{of('cast_number_talk')})"),
        no_firm=re.compile(of("cast_no_firm")),
        titles=re.compile(rf"(?:{of('titles')})$"),
    )


def kin(definitions: Definitions) -> str:
    """The pattern of what somebody is to another: my apprentice, her brother."""
    owners, relations = (alternation(definitions.of(name)) for name in ("cast_kin_owners", "kin"))
    return rf"(?:{owners})(?:的)?(?:{relations})"


def named(
    segments: Sequence[int], items: Sequence[Item], folded: str, definitions: Definitions, *, loose: bool = True
) -> Owner | None:
    """The person and the firm that the last phrases before a phone name; None where they name nobody.

    Where `loose` is set any short phrase that is nothing else may be what somebody is called.
    """
    cut = without_number_talk(segments, items, folded, definitions)
    if cut is None:
        return None
    segments, end = cut
    start = items[segments[-1]].start
    words = folded[start:end].rstrip(SIGNS)
    who = person(words, definitions) or (any_name(words, definitions) if loose else None)
    if who is None or is_firm_alone(words, definitions):
        return firm_alone(segments[-1], start, words, definitions)
    name = (start + who[0], start + who[1])
    owner = with_head(Owner(segments[-1], name[0], name), start, folded, definitions)
    begins = owner.start <= start + leading(folded[start:end])
    if owner.company is None and begins and len(segments) > 1:
        return with_phrase_before(owner, segments[-2], items, folded, definitions)
    return owner


def is_firm_alone(words: str, definitions: Definitions) -> bool:
    """Whether a phrase is a firm with its own name, of whom nobody is named."""
    firm = firm_in(words, definitions)
    return firm is not None and parties.is_own_firm(words[slice(*firm)], definitions)


def firm_alone(index: int, start: int, words: str, definitions: Definitions) -> Owner | None:
    """The firm that a phrase before a phone names, and nobody with it."""
    firm = firm_in(words, definitions) if is_firm_alone(words, definitions) else None
    if firm is None:
        return None
    return Owner(index, start + firm[0], company=(start + firm[0], start + firm[1]))


def firm_behind(folded: str, begin: int, definitions: Definitions) -> Span | None:
    """Where a firm stands right behind a phone and fills the rest of its line, or brackets; None where none does."""
    found = BEHIND.match(folded, begin)
    if found is None:
        return None
    place = found.span(1) if found[1] else found.span(2)
    text = folded[slice(*place)]
    house = parties.is_own_firm(text, definitions) or places.is_more_than_town(text, definitions)
    return place if house and is_firm(text, definitions) else None


def without_number_talk(
    segments: Sequence[int], items: Sequence[Item], folded: str, definitions: Definitions
) -> tuple[Sequence[int], int] | None:
    """The phrases without those that only talk of the number, and where the last ends; None where none is left."""
    talk = grammar(definitions).number_talk
    while segments:
        item = items[segments[-1]]
        found = talk.search(folded, item.start, item.end)
        if found is None:
            return segments, item.end
        if found.start() > item.start + 1:
            return segments, found.start()
        segments = segments[:-1]
    return None


def leading(words: str) -> int:
    """How many signs stand before words."""
    return len(words) - len(words.lstrip(SIGNS))


def with_phrase_before(owner: Owner, index: int, items: Sequence[Item], folded: str, definitions: Definitions) -> Owner:
    """An owner with the firm that the phrase before his own names, which only a gap parts from it."""
    ahead = items[index]
    if folded[ahead.end : items[owner.first].start].strip(GAPS):
        return owner
    if (quoted := QUOTED.search(folded, ahead.start, ahead.end)) is not None:
        return replace(owner, company=quoted.span(1))
    words = folded[ahead.start : ahead.end]
    if (called := nickname(words, definitions)) is not None:  # and behind it the name
        known = with_head(Owner(index, ahead.start + called), ahead.start, folded, definitions)
        return replace(owner, first=index, start=known.start, company=known.company)
    firm = firm_in(words, definitions)
    if firm is None:
        return owner
    place = (ahead.start + firm[0], ahead.start + firm[1])
    return replace(owner, first=index, start=place[0], company=place)


def nickname(words: str, definitions: Definitions) -> int | None:
    """Where words end in a nickname or in somebody with a title; None where they do not."""
    who = person(words, definitions)
    if who is None:
        return None
    named_so = words[slice(*who)]
    titled = parties.person_start(named_so, definitions) == 0
    return who[0] if titled or parties.is_nickname(named_so, definitions) else None


def with_head(owner: Owner, start: int, folded: str, definitions: Definitions) -> Owner:
    """An owner with the firm that stands in the same phrase before the name, and where what is said of him begins."""
    g = grammar(definitions)
    head = folded[start : owner.start]
    lead = g.lead.match(head)
    begin = lead.end() if lead else 0
    end = ends.start() if (ends := g.ends.search(head, begin)) else len(head)
    rest = head[begin:end].rstrip(SIGNS)
    if not rest:
        return replace(owner, start=start)
    if gazetteer.is_place(rest, definitions):
        return replace(owner, start=start, town=(start + begin, start + begin + len(rest)))
    told = descriptions.described(head[begin:].rstrip(SIGNS), definitions)
    if (firm := firm_told(rest, told, definitions)) is not None:
        place = (start + begin + firm[0], start + begin + firm[1])
        return replace(owner, start=start + begin if told and firm == told.company else place[0], company=place)
    if told is None and head.endswith(definitions.of("possessive")) and owns(rest, definitions):
        return replace(owner, start=start + begin, company=(start + begin, start + begin + len(rest)))
    return replace(owner, start=start) if told is not None else owner


def firm_told(rest: str, told: Description | None, definitions: Definitions) -> Span | None:
    """Where the firm stands in words before a name; none in those that only describe, and not what leads to it."""
    firm = firm_in(rest, definitions)
    if told is None or firm is None:
        return told.company if told is not None else firm
    if told.company is None:
        return None if told.telling else firm
    inner = firm[0] <= told.company[0] and told.company[1] <= firm[1]
    return told.company if inner and parties.is_company(rest[slice(*told.company)], definitions) else firm


def owns(text: str, definitions: Definitions) -> bool:
    """Whether words before a possessive may be a firm whose person follows, though a market or yard ends them."""
    place = gazetteer.end_of_places(text, 0, definitions) or 0
    plain = MIN_FIRM < len(text) <= MAX_FIRM and HAN.match(text) and not grammar(definitions).no_firm.search(text)
    return bool(plain) and place < len(text) - 1 and not places.has_street(text, definitions)


def firm_in(words: str, definitions: Definitions) -> Span | None:
    """Where the name of a firm stands in a phrase, behind words that lead to it; None where none does."""
    begin, end = leading(words), len(words.rstrip(SIGNS.replace(")", "")))
    place = gazetteer.end_of_places(words, begin, definitions)
    g = grammar(definitions)
    lead = g.lead.match(words, begin) or (g.lead.match(words, place) if place is not None else None)
    begin = lead.end() if lead else begin
    end -= words.endswith(definitions.of("possessive"), begin, end)
    return (begin, end) if is_firm(words[begin:end], definitions) else None


def is_firm(text: str, definitions: Definitions) -> bool:
    """Whether words before a person may be the name of his firm: no place, no trade alone, nothing of a sentence."""
    g = grammar(definitions)
    if not MIN_FIRM <= len(text) <= MAX_FIRM or not FIRM.match(text) or is_somewhere(text, definitions):
        return False
    if descriptions.is_generic(text, definitions) or goes(text, definitions):
        return False
    trade = gazetteer.end_of_places(text, 0, definitions) or 0
    plies = grammar_of_names(definitions).trading.match(text, trade) or descriptions.plies_trade(text, definitions)
    if plies or not descriptions.possessive_free(text, definitions):
        return False
    if parties.is_own_firm(text, definitions) or text[1:].startswith(definitions.of("house_marks")):
        return True
    if g.ends.search(text) or parties.is_person(text, definitions) or places.looks_like_address(text, definitions):
        return False
    return len(text) > MIN_FIRM and not g.no_firm.search(text) and not descriptions.is_description(text, definitions)


def is_somewhere(text: str, definitions: Definitions) -> bool:
    """Whether words are a town or a street, or tell beside what something is."""
    if gazetteer.is_place(text, definitions) or places.has_street(text, definitions):
        return True
    return text.endswith(definitions.of("beside"))


def goes(text: str, definitions: Definitions) -> bool:
    """Whether words say to which town something goes."""
    going = weak_cue(definitions).match(text)
    return going is not None and places.begins_with_place(text[going.end() :], definitions)


def person(words: str, definitions: Definitions) -> Span | None:
    """Where a person is named at the end of a phrase, perhaps before a word of receiving; None where nobody is."""
    tail = grammar(definitions).behind.search(words)
    ends = [tail.start(), len(words)] if tail is not None and tail.start() > 1 else [len(words)]
    for end in ends:
        plain = words[:end]
        titled = titled_start(plain, definitions)
        if titled is not None and HAN.match(plain[titled:]):
            return full_name(plain, titled, definitions), end
        named_at = [end - n for n in NAME_LENGTHS if end >= n and is_name(plain[end - n :], definitions)]
        starts = [start for start in named_at if leads(plain[:start], definitions)]
        if starts:
            return min((s for s in starts if is_spelt(plain[s:], starts[0] - s, definitions)), default=starts[0]), end
    return None


def any_name(words: str, definitions: Definitions) -> Span | None:
    """Where a short phrase stands that is no place, firm or word known to be something else: what people are called."""
    lead = grammar(definitions).lead.match(words)
    tail = grammar(definitions).behind.search(words)
    start, end = lead.end() if lead else 0, tail.start() if tail is not None else len(words)
    piece = words[start:end]
    if not ANY_NAME.fullmatch(piece) or gazetteer.is_place(piece, definitions):
        return None
    g, spoken = grammar_of_names(definitions), grammar(definitions).no_firm.search(piece)
    known = piece in g.not_names or g.department.match(piece) or descriptions.is_part(piece, definitions)
    known = known or parties.is_company(piece, definitions) or parties.is_office(piece, definitions)
    known = known or places.looks_like_address(piece, definitions) or prose.is_noise(piece, definitions)
    return None if known or spoken or descriptions.is_generic(piece, definitions) else (start, end)


def titled_start(words: str, definitions: Definitions) -> int | None:
    """Where somebody with a title is named; behind his firm or a word that leads to him any sign is a surname."""
    start = parties.person_start(words, definitions)
    if start is not None:
        return start
    title = grammar(definitions).titles.search(words)
    if title is None or title.start() < 1 or len(title.group()) == 1:
        return None
    start = title.start() - 1
    return start if not start or grammar(definitions).naming.search(words[:start]) else None


def full_name(words: str, start: int, definitions: Definitions) -> int:
    """Where a titled person is named, with the given name before the title and without a word that leads to him."""
    g = grammar(definitions)
    title = g.titles.search(words)
    short = title is not None and len(title.group()) == 1  # which may end a name as well (梁生, 李梁生)
    end = len(words) if short or title is None else title.start()
    for further in (1,) if short else (2, 1):
        named_so = words[start - further : end] if start >= further else ""
        announced = start == further or g.naming.search(words[: max(0, start - further)])
        if 1 < len(named_so) <= LONGEST_PLAIN and announced and is_plain_name(named_so, definitions):
            return start - further
    for lead in (1, 2):
        announced = g.naming.search(words, start, start + lead)
        if announced and parties.person_start(words[start + lead :], definitions) == 0:
            return start + lead
    return start


def is_spelt(name: str, further: int, definitions: Definitions) -> bool:
    """Whether a piece is a name of another language of the country, none of whose signs before `further` leads on."""
    if gazetteer.end_of_town(name, 0, definitions) is not None:
        return False
    led = grammar(definitions).naming.search(name[:further]) or grammar(definitions).lead.match(name)
    return parties.is_transcribed(name, grammar_of_names(definitions)) and led is None


def is_plain_name(name: str, definitions: Definitions) -> bool:
    """Whether a piece is a name, and no word that leads to one."""
    g = grammar(definitions)
    return is_name(name, definitions) and parties.is_plainly_person(name, definitions) and not g.lead.match(name)


def is_name(name: str, definitions: Definitions) -> bool:
    """Whether a piece is the name of somebody and no word for what he is."""
    return HAN.match(name) is not None and parties.names_one(name, definitions)


def leads(head: str, definitions: Definitions) -> bool:
    """Whether a name may stand behind words: nothing, a word that announces one, what he is, or his firm."""
    plain = head.rstrip(SIGNS)
    if not plain or grammar(definitions).naming.search(plain):
        return True
    return parties.is_company(plain, definitions) or descriptions.described(plain, definitions) is not None
