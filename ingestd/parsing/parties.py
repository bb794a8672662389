"""Who: persons and companies in a piece of text, told apart."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from ingestd.parsing import gazetteer
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.text import Text
from ingestd.parsing.wording import alternation

MAX_NAME = 4  # Han characters of a name without title
SPLIT = re.compile(r"[ /|、,;·\t]+")
BRACKETED = re.compile(r"(.{2,}?)\s?\(([^()]{1,12})\)$")
MAX_SPELT = 2  # words of a name in Latin letters behind a Chinese company
MAX_PERSON = 8  # characters of a person in running text
TRANSCRIBED = re.compile(r"[\u3400-\u9fff]+(?:\*[\u3400-\u9fff]+)?$")
HAN_ONLY = re.compile(r"[\u3400-\u9fff]+$")
NAME_END = re.compile(r"\s*[,/(]\s*|\s+[-\u2013]\s+")
CAPITALISED = re.compile(r"[A-Z][A-Za-z'.-]*(?: [A-Z][A-Za-z'.-]*){1,2}")
ENGLISH_SIGNS = " ,/(-"


@dataclass(frozen=True, slots=True)
class Who:
    """A person and a company as written, as far as a text names them."""

    name: str | None = None
    company: str | None = None


@dataclass(frozen=True, slots=True)
class Grammar:
    """The compiled patterns of people and companies."""

    titled: re.Pattern[str]
    nickname: re.Pattern[str]
    office: re.Pattern[str]
    surname: re.Pattern[str]
    company: re.Pattern[str]
    english_company: re.Pattern[str]
    english_person: re.Pattern[str]
    surnames: frozenset[str]
    not_names: frozenset[str]
    compound: tuple[str, ...]
    head: re.Pattern[str]
    led: re.Pattern[str]
    stop: re.Pattern[str]
    owner: re.Pattern[str]
    possessive: tuple[str, ...]
    foreign: re.Pattern[str]
    tail: re.Pattern[str]
    going_on: re.Pattern[str]
    given: re.Pattern[str]
    department: re.Pattern[str]
    related: re.Pattern[str]
    not_company: re.Pattern[str]
    branch: re.Pattern[str]
    everyday: frozenset[str]


@lru_cache(maxsize=4)
def grammar(definitions: Definitions) -> Grammar:
    """The patterns made of the definitions' names and titles."""
    of = definitions.of
    singles, doubles = "".join(of("surnames")), alternation(of("compound_surnames"))
    titles, possessive = alternation(of("titles")), alternation(of("possessive"))
    return Grammar(
        titled=re.compile(rf"(?:{titles})$"),
        nickname=re.compile(rf"(?:{alternation(of('nickname_heads'))})[\u4e00-\u9fff]{{1,2}}$"),
        office=re.compile(
            rf"(?:{alternation((*of('office_heads'), *(t for t in of('titles') if len(t) > 1)))})"
            rf"(?:{possessive})?(?=[\u4e00-\u9fff]{{2,4}}$)"
        ),
        surname=re.compile(rf"(?:{doubles}|[{singles}])"),
        company=re.compile(rf"(?:{alternation(of('company_tails'))})(?:\([^()]{{1,10}}\))?$"),
        english_company=re.compile(rf"(?:^|[\s(])(?:{alternation(of('english_company'))})(?=$|[\s.,)(])"),
        english_person=re.compile(rf"(?:{alternation(of('english_titles'))})\.?\s"),
        surnames=frozenset(singles),
        not_names=frozenset(of("not_names")),
        compound=of("compound_surnames"),
        stop=re.compile(alternation(of("not_in_names"))),
        owner=re.compile(rf"(.{{2,}})(?:{possessive})([\u4e00-\u9fff]{{2,4}})$"),
        possessive=of("possessive"),
        foreign=re.compile(
            rf"(?:{alternation(of('name_parts'))}).{{0,6}}$|.{{1,5}}(?:{alternation(of('name_parts'))})$"
        ),
        tail=re.compile(rf"(?:{alternation(of('party_tails'))})"),
        head=re.compile(rf"(?:(?>{alternation(of('party_heads'))})[\s:]*+)+(?=[a-z\u3400-\u9fff]{{2}})"),
        led=re.compile(rf"(?:^|[\s,])(?:{alternation(h for h in of('party_heads') if h.isascii())})$"),
        going_on=re.compile(alternation(t for t in of("party_tails") if len(t) > 1)),
        not_company=re.compile(alternation(of("not_in_companies"))),
        branch=re.compile(rf"(?:{alternation(of('company_tails'))}).{{0,5}}(?:{alternation(of('branches'))})$"),
        everyday=frozenset("".join(of("everyday_surnames"))),
        department=re.compile(rf".{{1,4}}(?:{alternation(of('departments'))})$"),
        related=re.compile(rf"(?:{alternation(of('possessive'))})(?:{alternation(of('kin'))})$"),
        given=re.compile(rf"[{singles}](?:{alternation(of('given_names'))})$"),
    )


def is_person(folded: str, definitions: Definitions) -> bool:
    """Whether a piece names a person, perhaps behind words such as "find" or "I am"."""
    piece = folded.strip()
    if is_bare_person(piece, definitions):
        return True
    head = grammar(definitions).head.match(piece)
    if head is None:
        return False
    named = piece[head.end() :]
    return is_bare_person(named, definitions) or said_person(named, definitions) is not None


def is_bare_person(piece: str, definitions: Definitions) -> bool:
    """Whether a piece by itself names a person: a title, a nickname, or a surname with one or two more characters."""
    g = grammar(definitions)
    transcribed = is_transcribed(piece, g)
    if transcribed or not HAN_ONLY.match(piece):
        return transcribed or bool(g.english_person.match(piece))
    office = g.office.match(piece)
    if office and is_bare_person(piece[office.end() :], definitions):
        return True
    if piece in g.not_names or len(piece) > 8 or g.stop.search(piece, 1):
        return False
    titled = person_start(piece, definitions)
    if titled == 0 or g.given.match(piece) or (g.nickname.match(piece) and not g.company.search(piece)):
        return True
    found = g.surname.match(piece)
    if found is None or g.company.search(piece):
        return False
    return 2 <= len(piece) <= (4 if found.end() == 2 else 3)


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


def is_company(folded: str, definitions: Definitions) -> bool:
    """Whether a piece by itself names a company."""
    g = grammar(definitions)
    piece = folded.strip()
    if len(piece) < 3 or g.not_company.search(piece):
        return False
    return bool(g.company.search(piece) or g.english_company.search(piece) or g.branch.search(piece))


def person_start(piece: str, definitions: Definitions) -> int | None:
    """Where a titled person begins in a piece that ends with one; None where it ends with none."""
    g = grammar(definitions)
    titled = g.titled.search(piece)
    if titled is None:
        return None
    head, title = piece[: titled.start()], titled.group()
    for length in (1, 2, 3):
        part = head[-length:]
        if len(part) == length and (part[0] in g.surnames or part in g.compound or part[:2] in g.compound):
            start = compound_start(head, len(head) - length, g)
            return 0 if start == 1 and len(title) > 1 else start
    if len(head) in (1, 2) and len(title) > 1:
        return 0
    return None


def compound_start(head: str, start: int, g: Grammar) -> int:
    """One character further left where the surname has two."""
    return start - 1 if start and head[start - 1 : start + 1] in g.compound else start


def who(text: Text, definitions: Definitions, *, labelled: bool) -> Who:
    """Person and company of a party's text; in a labelled field any short text is a name."""
    pieces = [without_head(p, definitions) for p in split(text)]
    if not pieces:
        return Who()
    spelt = next((i for i, p in enumerate(pieces) if p.folded.isascii()), len(pieces))
    if 0 < spelt == len(pieces) - MAX_SPELT and is_company(pieces[spelt - 1].folded, definitions):
        return Who(" ".join(p.shown for p in pieces[spelt:]), company_of(pieces[:spelt]))
    if grammar(definitions).english_person.search(text.folded):
        return english(text, definitions)
    if any(p.folded.isascii() and re.search("[a-z]", p.folded) for p in pieces) and text.folded.isascii():
        return english(text, definitions)
    return chinese(pieces, definitions, labelled)


def without_head(piece: Text, definitions: Definitions) -> Text:
    """A piece without words such as "find" or "I am" before it and a possessive behind it."""
    head = grammar(definitions).head.match(piece.folded)
    start = head.end() if head and not is_bare_person(piece.folded, definitions) else 0
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
        if is_person(pieces[index].folded, definitions):
            behind = [p for p in pieces[index + 1 :] if is_company(p.folded, definitions)]
            named = pieces[index].folded
            ahead = [part for p in pieces[:index] if (part := without_person(p, named, definitions))]
            return Who(pieces[index].shown, company_of([*ahead, *behind]))
    found = single(last, definitions, labelled)
    if found.name:
        return Who(found.name, company_of(pieces[:-1]) or found.company)
    first = single(pieces[0], definitions, labelled)
    if first.name and not first.company and not is_company(last.folded, definitions):
        return first
    if not labelled and not any(is_company(p.folded, definitions) for p in pieces):
        return Who()
    return Who(None, company_of(pieces))


def without_departments(pieces: list[Text], definitions: Definitions) -> list[Text]:
    """Pieces without the department and the relation that somebody is named by behind another piece."""
    g = grammar(definitions)
    kept = [
        p
        for index, p in enumerate(pieces)
        if not (index and g.department.match(p.folded)) and not (index + 1 < len(pieces) and g.related.search(p.folded))
    ]
    return kept or pieces


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


def company_of(pieces: list[Text]) -> str | None:
    """The company in the other pieces; a lone short piece is no company."""
    kept = [p for p in pieces if len(p.folded) > 1]
    if not kept:
        return None
    return " ".join(p.shown for p in kept) if any(p.folded.isascii() for p in kept) else "".join(p.shown for p in kept)


def single(piece: Text, definitions: Definitions, labelled: bool) -> Who:
    """Person, company or both in one piece without gaps."""
    folded = piece.folded.strip()
    bracketed = BRACKETED.match(folded)
    if bracketed and grammar(definitions).stop.search(bracketed[2]):
        return single(piece.part(0, bracketed.end(1)), definitions, labelled)
    if bracketed and (is_person(bracketed[2], definitions) or not is_company(folded, definitions)):
        return with_bracket(piece, bracketed, definitions, labelled)
    return joined(piece, definitions) or alone(piece, definitions, labelled)


def joined(piece: Text, definitions: Definitions) -> Who | None:
    """A company and its person written without a gap, None where there are not both."""
    g = grammar(definitions)
    folded = piece.folded.strip()
    owner = g.owner.match(folded)
    if owner and is_person(owner[2], definitions) and not g.office.match(folded):
        named = is_company(owner[1], definitions) or (len(owner[1]) >= MAX_NAME and not is_place(owner[1], definitions))
        return Who(piece.shown[owner.start(2) :], piece.shown[: owner.end(1)] if named else None)
    start = person_start(folded, definitions) if HAN_ONLY.search(folded) else None
    if start and start >= 2 and not g.office.match(folded):
        prefix = piece.part(0, start)
        if prefix.folded.endswith(g.possessive):
            prefix = piece.part(0, start - 1)
        repeated = prefix.folded.startswith(folded[start:])
        return Who(piece.shown[start:], None if repeated else prefix.shown)
    closed = re.match(r"(.{2,}[)])([\u4e00-\u9fff]{2,4})$", folded)
    if closed and is_person(closed[2], definitions):
        return Who(piece.shown[closed.start(2) :], piece.shown[: closed.start(2)])
    tail = tail_person(folded, definitions)
    return None if tail is None else Who(piece.shown[tail:], piece.shown[:tail])


def is_place(folded: str, definitions: Definitions) -> bool:
    """Whether words are a place and nothing more: where somebody is from."""
    return gazetteer.end_of_places(folded, 0, definitions) == len(folded)


def alone(piece: Text, definitions: Definitions, labelled: bool) -> Who:
    """A person or a company by itself; behind a label what is short is a name and what is long a company."""
    folded = piece.folded.strip()
    if is_person(folded, definitions):
        return Who(piece.shown or None, None)
    if is_company(folded, definitions):
        return Who(None, piece.shown)
    if not labelled or not folded:
        return Who()
    longest = MAX_NAME if HAN_ONLY.match(folded) else MAX_NAME + 2
    return Who(piece.shown, None) if len(folded) <= longest else Who(None, piece.shown)


def with_bracket(piece: Text, bracketed: re.Match[str], definitions: Definitions, labelled: bool) -> Who:
    """A party with a note in brackets behind it: the person there, or else only a note."""
    head = piece.part(0, bracketed.end(1))
    if is_person(bracketed[2], definitions) and bracketed[2] not in definitions.of("stamps"):
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
        if named and len(head) >= 4 and g.company.search(head) and not g.company.search(folded):
            return len(head)
    return None


def english(text: Text, definitions: Definitions) -> Who:
    """Person by Mr, Ms and the like, or by a capitalised name beside a company; else a company."""
    g = grammar(definitions)
    person = re.search(rf"(?:^|[\s,/(])(?={g.english_person.pattern})", text.folded)
    if person:
        name, sign, behind = cut(text.shown[person.end() :].strip(ENGLISH_SIGNS))
        behind = behind if sign == "(" or g.english_company.search(behind.lower()) else ""
        company = text.shown[: person.start()].strip(ENGLISH_SIGNS)
        led = g.led.search(company.lower())
        company = company[: led.start()].strip(ENGLISH_SIGNS) if led else company
        return Who(name or None, company or behind or None)
    whole = text.shown.strip(" ,/")
    return beside_company(whole, g) or one_of_both(whole, text, g)


def cut(shown: str) -> tuple[str, str, str]:
    """A name, the sign behind it, and what the sign sets apart, such as a company in brackets."""
    found = NAME_END.search(shown)
    if found is None:
        return shown, "", ""
    return shown[: found.start()], found.group().strip(), shown[found.end() :].strip(ENGLISH_SIGNS + ")")


def beside_company(whole: str, g: Grammar) -> Who | None:
    """A capitalised name without a title, before or behind a company and a sign; None where there are not both."""
    for gap in NAME_END.finditer(whole):
        ahead, behind = whole[: gap.start()].strip(ENGLISH_SIGNS), whole[gap.end() :].strip(ENGLISH_SIGNS)
        if "(" in gap.group() and behind.endswith(")"):
            behind = behind[:-1]
        if any(part.count("(") != part.count(")") for part in (ahead, behind)):
            continue
        for company, name in ((ahead, behind), (behind, ahead)):
            firms = [bool(g.english_company.search(part.lower())) for part in (name, company)]
            if CAPITALISED.fullmatch(name) and firms == [False, True]:
                return Who(name, company)
    return None


def one_of_both(whole: str, text: Text, g: Grammar) -> Who:
    """A company by its words or their number, or else a name."""
    words = whole.split()
    if g.english_company.search(text.folded) or len(words) > 3 or len(words) == 0:
        return Who(None, whole or None)
    return Who(whole, None)
