"""Who: persons and companies in a piece of text, told apart."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

from ingestd.parsing import descriptions, gazetteer, places
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.kept import kept
from ingestd.parsing.names import Grammar, Who, english, grammar
from ingestd.parsing.text import Text

MAX_NAME = 4  # Han characters of a name without title
IN_BRACKETS = re.compile(r"([^()]{2,8}) ?\(([^()]{4,30})\)")
SPLIT = re.compile(r"[ /|、,;·\t]+|(?<=[\u3400-\u9fff)])[-\u2013\u2014]+(?=[\u3400-\u9fff])")
BRACKETED = re.compile(r"(.{2,}?)\s?\(([^()]{1,12})\)?$")
MAX_SPELT = 2  # words of a name in Latin letters behind a Chinese company
GIVEN = re.compile(r"[a-z]+$")
MAX_TOLD = 48  # characters of a name with what is said of whom it names
TOLD_LENGTHS = (3, 4, 2, 5, 6, 7, 8)  # characters of a name, the likeliest first
SHORTEST = 2  # characters of a nickname
SHORTEST_SHOP = 3  # characters of a firm that ends as shops and workshops do
KEPT = 8192  # short texts of which it is kept what they are, as one is asked of many times in a message
MAX_PERSON = 8  # characters of a person in running text
TRANSCRIBED = re.compile(r"[\u3400-\u9fff]+(?:\*[\u3400-\u9fff]+)?$")
LONGEST_PLAIN = 3  # characters of a name with a surname of one
HAN_ONLY = re.compile(r"[\u3400-\u9fff]+$")


@lru_cache(maxsize=KEPT)
def is_person(folded: str, definitions: Definitions) -> bool:
    """Whether a piece names a person, perhaps behind words such as "find" or "I am"."""
    piece = folded.strip()
    if is_bare_person(piece, definitions):
        return True
    if (told := told_person(piece, definitions)) is not None and told[1] is None:
        return True
    head = grammar(definitions).head.match(piece)
    if head is None:
        return False
    named = piece[head.end() :]
    return is_bare_person(named, definitions) or said_person(named, definitions) is not None


@lru_cache(maxsize=KEPT)
def is_bare_person(piece: str, definitions: Definitions) -> bool:
    """Whether a piece by itself names a person: a title, a nickname, or a surname with one or two more characters."""
    g = grammar(definitions)
    piece = without_given(piece, definitions)
    transcribed = is_transcribed(piece, g)
    if transcribed or not HAN_ONLY.match(piece):
        return transcribed or bool(g.english_person.match(piece))
    office = g.office.match(piece)
    if office and is_bare_person(piece[office.end() :], definitions):
        return True
    short = len(piece) == SHORTEST and g.nickname.match(piece) and piece[1] in g.surnames
    if piece in g.not_names or len(piece) > 8 or (not short and g.stop.search(piece, 1)):
        return False
    titled = person_start(piece, definitions)
    nicknamed = g.nickname_tail.match(piece) or (g.nickname.match(piece) and not g.company.search(piece))
    if titled == 0 or g.given.match(piece) or nicknamed:
        return True
    found = g.surname.match(piece)
    if found is None or g.company.search(piece) or is_firm_of_town(piece, definitions):
        return False
    return 2 <= len(piece) <= (4 if found.end() == 2 else 3)


def is_nickname(folded: str, definitions: Definitions) -> bool:
    """Whether a short piece is a nickname by its first sign."""
    return grammar(definitions).nickname.match(folded) is not None


@lru_cache(maxsize=KEPT)
def told_person(
    folded: str, definitions: Definitions, *, spoken: bool = False
) -> tuple[int, tuple[int, int] | None] | None:
    """Where the name begins behind what somebody is said to be, and where his company stands; None without either.

    Where somebody says it of himself (`spoken`) the town that he is from is enough before a name.
    """
    if not 4 <= len(folded) <= MAX_TOLD:
        return None
    for length in TOLD_LENGTHS:
        start = len(folded) - length
        if start < 1 or not names_one(folded[start:], definitions):
            continue
        head = folded[:start]
        if is_part_of_name(head, folded[start:], definitions):
            return None
        found = descriptions.described(head, definitions)
        if found is not None and (found.company or found.telling or spoken):
            return start, found.company
    return None


def only_describes(folded: str, definitions: Definitions) -> bool:
    """Whether words would be taken for somebody but only say what he is."""
    return told_person(folded, definitions) is None and descriptions.only_describes(folded, definitions)


def is_apposition(folded: str, definitions: Definitions) -> bool:
    """Whether words only tell of which place and trade somebody is, and do not name him."""
    return descriptions.is_apposition(folded, definitions) and told_person(folded, definitions) is None


def is_part_of_name(head: str, name: str, definitions: Definitions) -> bool:
    """Whether an office belongs to a name of the house, as in Old Li of the store (仓库老李)."""
    office = head in definitions.of("office_heads") or head in definitions.of("titles")
    called = person_start(name, definitions) == 0 or grammar(definitions).nickname.match(name) is not None
    return office and called


def names_one(name: str, definitions: Definitions) -> bool:
    """Whether a piece is the name of one and no word for what he is."""
    g = grammar(definitions)
    if name[0] not in g.surnames and not g.nickname.match(name) and not is_transcribed(name, g):
        return False
    if name[-1] in definitions.of("possessive") or g.office.match(name) or descriptions.is_part(name, definitions):
        return False
    return is_bare_person(name, definitions) and not gazetteer.is_place(name, definitions)


def is_firm_of_town(piece: str, definitions: Definitions) -> bool:
    """Whether a piece begins with a town and goes on for longer than a name does."""
    return len(piece) > LONGEST_PLAIN and gazetteer.end_of_places(piece, 0, definitions) == LONGEST_PLAIN - 1


def without_given(piece: str, definitions: Definitions) -> str:
    """A piece without the English given name before a Chinese one."""
    head, gap, rest = piece.partition(" ")
    return rest if gap and rest and not rest.isascii() and head in definitions.of("english_given_names") else piece


def has_given_name(folded: str, definitions: Definitions) -> bool:
    """Whether a piece ends in an English given name, alone, behind 阿 or behind a department."""
    g, given = grammar(definitions), GIVEN.search(folded)
    if given is None or given.group() not in definitions.of("english_given_names"):
        return False
    head = folded[: given.start()]
    return not head or head in definitions.of("nickname_heads") or bool(g.department.match(head))


def is_plainly_person(folded: str, definitions: Definitions) -> bool:
    """Whether words are a person wherever they stand: not only by a surname that is also an everyday word."""
    doubtful = folded[:1] in grammar(definitions).everyday and person_start(folded, definitions) is None
    return not doubtful and is_person(folded, definitions)


def is_transcribed(piece: str, g: Grammar) -> bool:
    """Whether a piece is a name of another language of the country, by its usual parts."""
    shaped = 2 <= len(piece) <= 8 and TRANSCRIBED.match(piece) is not None and g.foreign.match(piece) is not None
    return shaped and not g.going_on.search(piece, 2) and not g.company.search(piece)


def said_person(text: str, definitions: Definitions) -> int | None:
    """Where a person ends whom the rest of a sentence follows."""
    tail = grammar(definitions).tail
    lengths = range(min(MAX_PERSON, len(text) - 1), 1, -1)
    return next((n for n in lengths if tail.match(text, n) and is_bare_person(text[:n], definitions)), None)


@kept
def person_end(text: str, definitions: Definitions) -> int | None:
    """Where the person ends that a text begins with; words that only go on the sentence may follow."""
    tail = grammar(definitions).tail
    for length in range(min(MAX_PERSON, len(text)) - 1, 1, -1):
        if tail.match(text, length) and person_start(text[:length], definitions) == 0:
            return length
    for length in range(min(MAX_PERSON, len(text)), 1, -1):
        if (length == len(text) or tail.match(text, length)) and is_person(text[:length], definitions):
            return length
    return None


@kept
def is_company(folded: str, definitions: Definitions) -> bool:
    """Whether a piece by itself names a company; a surname and a word that people are called by is somebody."""
    g = grammar(definitions)
    piece = folded.strip()
    if len(piece) < 3 or g.not_company.search(piece) or g.given.match(piece):
        return False
    spelt = " " in piece and g.english_company.search(piece)
    return bool(g.company.search(piece) or spelt or g.branch.search(piece))


def is_own_firm(folded: str, definitions: Definitions) -> bool:
    """Whether words that no label announces name a company, and not only a village with the kind of a yard in it."""
    return is_company(folded, definitions) and not places.is_locality(folded, definitions)


def names_somebody(folded: str, definitions: Definitions) -> bool:
    """Whether words are plainly a person or a company."""
    return is_plainly_person(folded, definitions) or is_company(folded, definitions)


def named_in_english(folded: str, definitions: Definitions) -> bool:
    """Whether an English phrase is somebody with a title, or a company without a number."""
    if not folded.isascii() or any(char.isdigit() for char in folded):
        return False
    return is_person(folded, definitions) or is_company(folded, definitions)


def is_talk(folded: str, definitions: Definitions) -> bool:
    """Whether words beside a party only talk of it."""
    return grammar(definitions).talk.match(folded) is not None


def is_department(folded: str, definitions: Definitions) -> bool:
    """Whether a short piece is a part of a company without its name."""
    return grammar(definitions).department.match(folded) is not None


@kept
def person_start(piece: str, definitions: Definitions) -> int | None:
    """Where a titled person begins in a piece that ends with one; None where it ends with none."""
    g = grammar(definitions)
    titled = g.titled.search(piece)
    if titled is None or piece.endswith(definitions.of("plain_trades")):
        return None
    head, title = piece[: titled.start()], titled.group()
    for length in (1, 2, 3):
        part = head[-length:]
        if (
            len(part) == length
            and not part.endswith(g.possessive)
            and (part[0] in g.surnames or part in g.compound or part[:2] in g.compound)
        ):
            start = compound_start(head, len(head) - length, g)
            return 0 if start == 1 and len(title) > 1 else start
    if len(head) in (1, 2) and len(title) > 1:
        return 0
    return None


def compound_start(head: str, start: int, g: Grammar) -> int:
    """One character further left where the surname has two."""
    return start - 1 if start and head[start - 1 : start + 1] in g.compound else start


def townsman(text: Text, definitions: Definitions) -> Who | None:
    """Somebody who says his town and his name in one; None where what is behind the town may be a firm's name."""
    end = gazetteer.end_of_places(text.folded, 0, definitions)
    named = end is not None and is_plainly_person(text.folded[end:], definitions)
    if end is None or not named:
        return None
    if begins_like_town(text.folded, end, definitions):
        return None
    return Who(text.shown[end:]) if is_of_town(text.folded[end:], definitions) else None


def is_of_town(behind: str, definitions: Definitions) -> bool:
    """Whether words behind a town are somebody from there, by a nickname, a name of three signs or a common surname."""
    g = grammar(definitions)
    known = g.townsman.match(behind) and not g.company.search(behind)
    return bool(known) or is_nickname(behind, definitions)


def begins_like_town(folded: str, end: int, definitions: Definitions) -> bool:
    """Whether the town that words begin with is only the beginning of a name of another language of the country."""
    return is_transcribed(folded[: end + 1], grammar(definitions))


def who(text: Text, definitions: Definitions, *, labelled: bool) -> Who:
    """Person and company of a party's text; in a labelled field any short text is a name."""
    plain = [p for p in split(text) if not is_apposition(p.folded, definitions)]
    parts = (part for piece in plain for part in beside_bracket(piece, definitions, labelled=labelled))
    pieces = with_english_names([without_head(p, definitions) for p in parts], text, definitions)
    if all(only_describes(p.folded, definitions) for p in pieces):
        return Who()
    spelt = next((i for i, p in enumerate(pieces) if p.folded.isascii()), len(pieces))
    if 0 < spelt == len(pieces) - MAX_SPELT and is_company(pieces[spelt - 1].folded, definitions):
        return Who(" ".join(p.shown for p in pieces[spelt:]), company_of(pieces[:spelt], definitions))
    if grammar(definitions).english_person.search(text.folded):
        return english(text, definitions)
    if any(p.folded.isascii() and re.search("[a-z]", p.folded) for p in pieces) and text.folded.isascii():
        return english(text, definitions)
    return chinese(pieces, definitions, labelled)


def beside_bracket(piece: Text, definitions: Definitions, *, labelled: bool) -> list[Text]:
    """A person and the company that stands in brackets behind him as two pieces; another piece as it is."""
    found = IN_BRACKETS.fullmatch(piece.folded)
    if found and is_person(found[1], definitions) and is_firm(found[2], definitions, labelled=labelled):
        return [piece.part(*found.span(1)), piece.part(*found.span(2))]
    return [piece]


def is_firm(folded: str, definitions: Definitions, *, labelled: bool) -> bool:
    """Whether words beside a person are his company: by their end or, in a labelled field, by the town before them."""
    return is_company(folded, definitions) or (labelled and places.is_more_than_town(folded, definitions))


def with_english_names(pieces: list[Text], text: Text, definitions: Definitions) -> list[Text]:
    """Pieces in which an English given name before a titled person belongs to him (Kenny 梁生)."""
    for index, (given, person) in enumerate(pairwise(pieces)):
        shown = f"{given.shown} {person.shown}"
        known = given.folded in definitions.of("english_given_names")
        if known and shown in text.shown and is_bare_person(person.folded, definitions):
            return [*pieces[:index], Text(shown, shown.lower()), *pieces[index + 2 :]]
    return pieces


def without_head(piece: Text, definitions: Definitions) -> Text:
    """A piece without words such as "find" or "I am" before it and a possessive behind it."""
    if told_person(piece.folded, definitions) is not None:
        return piece
    head = grammar(definitions).head.match(piece.folded)
    start = head.end() if head and not is_bare_person(piece.folded, definitions) else 0
    if surname := grammar(definitions).said_surname.match(piece.folded, start):
        start = surname.end()
    if head and not start and person_start(piece.folded[head.end() :], definitions) == 0:
        start = head.end() if piece.folded[head.end()] in grammar(definitions).surnames else 0
    office = grammar(definitions).office.match(piece.folded, start)
    if office and (
        office.group().endswith(grammar(definitions).possessive)
        or person_start(piece.folded[office.end() :], definitions) == 0
    ):
        start = office.end()
    owner = piece.folded.endswith(grammar(definitions).possessive) and len(piece.folded) - start > 2
    end = len(piece.folded) - owner
    said = person_end(piece.folded[start:end], definitions)
    return piece.part(start, start + said if said else end)


def split(text: Text) -> list[Text]:
    """The pieces of a party's text."""
    out, position = [], 0
    for gap in [*SPLIT.finditer(text.folded), None]:
        end = gap.start() if gap else len(text.folded)
        if end > position:
            out.append(text.part(position, end))
        position = gap.end() if gap else end
    return out


def chinese(pieces: list[Text], definitions: Definitions, labelled: bool) -> Who:
    """The last piece that is a person is the name; the rest before it is the company."""
    pieces = without_departments(pieces, definitions)
    last = pieces[-1]
    if len(pieces) == 1:
        return single(last, definitions, labelled)
    for index in range(len(pieces) - 1, -1, -1):
        told = told_person(pieces[index].folded, definitions)
        if told or is_person(pieces[index].folded, definitions):
            one = told_who(pieces[index], told) if told else Who(pieces[index].shown)
            behind = [p for p in pieces[index + 1 :] if is_firm(p.folded, definitions, labelled=labelled)]
            named = (one.name or "").lower()
            ahead = [part for p in pieces[:index] if (part := without_person(p, named, definitions))]
            return Who(one.name, one.company or company_of([*ahead, *behind], definitions))
    talk = labelled and grammar(definitions).talk.match(last.folded)
    if talk:
        return chinese(pieces[:-1], definitions, labelled)
    return first_or_last(pieces, definitions, labelled)


def first_or_last(pieces: list[Text], definitions: Definitions, labelled: bool) -> Who:
    """Who is named where no piece is plainly a person: the last or the first by its label, else a company."""
    last = pieces[-1]
    found = single(last, definitions, labelled)
    if found.name:
        return Who(found.name, company_of(pieces[:-1], definitions) or found.company)
    first = single(pieces[0], definitions, labelled)
    if first.name and not first.company and not is_company(last.folded, definitions):
        return first
    if not labelled and not any(is_company(p.folded, definitions) for p in pieces):
        return Who()
    return Who(None, company_of(pieces, definitions))


def without_departments(pieces: list[Text], definitions: Definitions) -> list[Text]:
    """Pieces without the department and the relation that somebody is named by behind another piece."""
    g, last = grammar(definitions), len(pieces) - 1
    parts = [
        is_office(p.folded, definitions)
        or (index and g.department.match(p.folded))
        or (index < last and g.related.search(p.folded))
        for index, p in enumerate(pieces)
    ]
    kept = [
        p
        for p, part in zip(pieces, parts, strict=True)
        if not part and not descriptions.is_description(p.folded, definitions)
    ]
    return [company_part(p, definitions) for p in kept] or pieces


def company_part(piece: Text, definitions: Definitions) -> Text:
    """The company alone of a piece that says where it is before it (成都的川味园食品)."""
    found = descriptions.described(piece.folded, definitions)
    if found is None or found.company is None or found.company[1] < len(piece.folded):
        return piece
    return piece.part(*found.company)


def told_who(piece: Text, told: tuple[int, tuple[int, int] | None]) -> Who:
    """Who a piece names behind what is said of him."""
    start, company = told
    return Who(piece.shown[start:], piece.shown[slice(*company)] if company else None)


def is_office(folded: str, definitions: Definitions) -> bool:
    """Whether a piece says what somebody is and not who: a keeper, the head of a warehouse."""
    g, offices = grammar(definitions), definitions.of("office_heads")
    titled = g.titled.search(folded)
    return folded in offices or (titled is not None and len(titled.group()) > 1 and folded[: titled.start()] in offices)


def without_person(piece: Text, named: str, definitions: Definitions) -> Text | None:
    """A piece without the person whom it names beside a company, as who is named twice does; None if none is left."""
    both = joined(piece, definitions)
    if both is None or not same_person((both.name or "").lower(), named, definitions):
        return piece
    start = piece.shown.find(both.company) if both.company else -1
    return piece.part(start, start + len(both.company or "")) if start >= 0 else None


def same_person(one: str, other: str, definitions: Definitions) -> bool:
    """Whether somebody at the end of a company may be who is named behind it, and not a trade like a surname."""
    titled = person_start(one, definitions) is not None or grammar(definitions).nickname.match(one)
    return bool(titled) or other[:1] in one


def company_of(pieces: list[Text], definitions: Definitions) -> str | None:
    """The company in the other pieces; a lone short piece is no company, nor where it is beside one."""
    kept = [p for p in pieces if len(p.folded) > 1]
    kept = [p for p in kept if not is_quarter(p.folded, definitions)] or kept
    if not kept:
        return None
    return " ".join(p.shown for p in kept) if any(p.folded.isascii() for p in kept) else "".join(p.shown for p in kept)


def single(piece: Text, definitions: Definitions, labelled: bool) -> Who:
    """Person, company or both in one piece without gaps."""
    folded = piece.folded.strip()
    if without_given(folded, definitions) != folded and is_bare_person(folded, definitions):
        return Who(piece.shown.strip())
    if labelled and has_given_name(folded, definitions):
        head = folded[: GIVEN.search(folded).start()]  # type: ignore[union-attr]
        return Who(piece.shown.strip()[len(head) :] if len(head) > 1 else piece.shown.strip())
    bracketed = BRACKETED.match(folded)
    if bracketed and grammar(definitions).stop.search(bracketed[2]):
        return single(piece.part(0, bracketed.end(1)), definitions, labelled)
    if bracketed and (is_person(bracketed[2], definitions) or not is_company(folded, definitions)):
        return with_bracket(piece, bracketed, definitions, labelled)
    both = joined(piece, definitions)
    if both and both.company and grammar(definitions).generic.match(both.company.lower()):
        return Who(both.name)  # a firm that is only called by its trade has no name
    return both or alone(piece, definitions, labelled)


def joined(piece: Text, definitions: Definitions) -> Who | None:
    """A company and its person written without a gap, None where there are not both."""
    g = grammar(definitions)
    folded = piece.folded.strip()
    if folded == piece.folded and (told := told_person(folded, definitions)) is not None:
        return told_who(piece, told)
    owner = g.owner.match(folded)
    if owner and is_person(owner[2], definitions) and not g.office.match(folded):
        trade = g.trading.match(owner[1]) and not gazetteer.end_of_town(owner[1], 0, definitions)
        if trade or is_quarter(owner[1], definitions):
            return Who(piece.shown[owner.start(2) :])
        named = is_company(owner[1], definitions) or (len(owner[1]) >= MAX_NAME and not is_place(owner[1], definitions))
        return Who(piece.shown[owner.start(2) :], piece.shown[: owner.end(1)] if named else None)
    start = person_start(folded, definitions) if HAN_ONLY.search(folded) else None
    if start and start >= 2 and not g.office.match(folded):
        prefix = piece.part(0, start)
        if prefix.folded.endswith(g.possessive):
            prefix = piece.part(0, start - 1)
        repeated = prefix.folded.startswith(folded[start:]) or is_department(prefix.folded, definitions)
        return Who(piece.shown[start:], None if repeated else prefix.shown)
    closed = re.match(r"(.{2,}[)])([\u4e00-\u9fff]{2,4})$", folded)
    if closed and is_person(closed[2], definitions):
        return Who(piece.shown[closed.start(2) :], piece.shown[: closed.start(2)])
    tail = tail_person(folded, definitions)
    return None if tail is None else Who(piece.shown[tail:], piece.shown[:tail])


def is_quarter(folded: str, definitions: Definitions) -> bool:
    """Whether words are a place with at most a quarter of it behind: 永嘉瓯北."""
    town = gazetteer.end_of_places(folded, 0, definitions)
    return town is not None and len(folded) - town <= SHORTEST and not is_company(folded, definitions)


def is_place(folded: str, definitions: Definitions) -> bool:
    """Whether words are a place and nothing more: where somebody is from."""
    return gazetteer.end_of_places(folded, 0, definitions) == len(folded)


def alone(piece: Text, definitions: Definitions, labelled: bool) -> Who:
    """A person or a company by itself; behind a label what is short is a name and what is long a company."""
    folded = piece.folded.strip()
    if is_person(folded, definitions):
        return Who(piece.shown or None, None)
    if is_company(folded, definitions) or (labelled and is_firm_of_town(folded, definitions)):
        return Who(None, piece.shown)
    if not labelled or not folded:
        return Who()
    if len(folded) >= SHORTEST_SHOP and folded.endswith(definitions.of("firm_ends")):
        return Who(None, piece.shown)
    longest = MAX_NAME if HAN_ONLY.match(folded) else MAX_NAME + 2
    return Who(piece.shown, None) if len(folded) <= longest else Who(None, piece.shown)


def with_bracket(piece: Text, bracketed: re.Match[str], definitions: Definitions, labelled: bool) -> Who:
    """A party with a note in brackets behind it: the person there, or else only a note."""
    head = piece.part(0, bracketed.end(1))
    told = is_person(bracketed[2], definitions) and not is_place(bracketed[2], definitions)
    if told and bracketed[2] not in definitions.of("stamps"):
        found = single(head, definitions, labelled)
        inner = piece.shown[bracketed.start(2) : bracketed.end(2)]
        return Who(inner, found.company or found.name)
    return single(head, definitions, labelled)


def tail_person(folded: str, definitions: Definitions) -> int | None:
    """Where a name begins that stands right behind a company's last word."""
    g = grammar(definitions)
    for length in (3, 2):
        head, tail = folded[:-length], folded[-length:]
        named = (g.surname.match(tail) or g.nickname.match(tail)) and tail not in g.not_names and HAN_ONLY.match(tail)
        if named and len(head) >= 3 and g.company.search(head) and not g.company.search(folded):
            return len(head)
    return None
