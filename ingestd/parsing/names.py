"""The patterns of people and companies, and who an English text names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from ingestd.parsing.definitions import Definitions
from ingestd.parsing.text import Text
from ingestd.parsing.wording import alternation

NAME_END = re.compile(r"\s*[,/(]\s*|\s+(?:[-\u2013]|of|from|at|with)\s+")
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
    talk: re.Pattern[str]
    english_place: re.Pattern[str]
    dialled: re.Pattern[str]
    related: re.Pattern[str]
    not_company: re.Pattern[str]
    branch: re.Pattern[str]
    everyday: frozenset[str]
    said_surname: re.Pattern[str]
    nickname_tail: re.Pattern[str]
    trading: re.Pattern[str]
    generic: re.Pattern[str]
    townsman: re.Pattern[str]


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
            rf"(?:{alternation(of('departments'))})?(?:{possessive})?(?=[\u4e00-\u9fff]{{2,4}}$)"
        ),
        surname=re.compile(rf"(?:{doubles}|[{singles}])"),
        company=re.compile(
            rf"(?:{alternation(of('company_tails'))})(?:\([^()]{{1,10}}\))?$"
            rf"|..(?<![{''.join(of('before_shop_marks'))}])(?:{alternation(of('shop_marks'))})$"
        ),
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
        head=re.compile(
            rf"(?:(?>{alternation((*of('party_heads'), *relatives(definitions)))})[\s:]*+)+(?=[a-z\u3400-\u9fff]{{2}})"
        ),
        led=re.compile(rf"(?:^|[\s,])(?:{alternation(h for h in of('party_heads') if h.isascii())})$"),
        going_on=re.compile(alternation(t for t in of("party_tails") if len(t) > 1)),
        not_company=re.compile(alternation(of("not_in_companies"))),
        branch=re.compile(
            rf".{{2,}}(?:{alternation(of('company_tails'))})"
            rf".{{0,5}}(?:{alternation((*of('branches'), *of('departments')))})$"
        ),
        everyday=frozenset("".join(of("everyday_surnames"))),
        said_surname=re.compile(rf"(?:{alternation(of('surname_words'))})([\u4e00-\u9fff]{{1,2}}?)(?=\1)"),
        nickname_tail=re.compile(rf"[\u4e00-\u9fff](?:{alternation(of('nickname_tails'))})$"),
        trading=re.compile(alternation(of("trading_words"))),
        generic=re.compile(rf"(?:{alternation(of('trades'))}){{1,2}}(?:{alternation(of('generic_tails'))})$"),
        townsman=re.compile(rf"(?:[{singles}][\u4e00-\u9fff]{{2}}|[{''.join(of('common_surnames'))}][\u4e00-\u9fff])$"),
        department=re.compile(rf".{{1,4}}(?:{alternation(of('departments'))})$"),
        talk=re.compile(alternation(of("party_talk"))),
        english_place=re.compile(rf"\b(?:{alternation((*of('english_address'), *of('english_areas')))})(?![a-z])"),
        dialled=re.compile(rf"[ ,]+(?i:{alternation(phone_words(definitions))})[.:]?$"),
        related=re.compile(
            rf"(?:(?:{possessive})|^(?:{alternation(of('self'))})?(?:{possessive})?)(?:{alternation(of('kin'))})$"
        ),
        given=re.compile(rf"[{singles}](?:{alternation(of('given_names'))})$"),
    )


def relatives(definitions: Definitions) -> list[str]:
    """What somebody may be to who writes, before his name: my younger brother, a friend."""
    kin = [word for word in definitions.of("kin") if len(word) > 1 and word not in definitions.of("titles")]
    return [*kin, *(one + word for one in definitions.of("self") for word in definitions.of("kin"))]


def phone_words(definitions: Definitions) -> list[str]:
    """The English words before a number."""
    return [w for label in definitions.labels if label.slot == "phone" for w in label.words if w.isascii()]


def english(text: Text, definitions: Definitions) -> Who:
    """Person by Mr, Ms and the like, or by a capitalised name beside a company; else a company."""
    g = grammar(definitions)
    person = re.search(rf"(?:^|[\s,/(])(?={g.english_person.pattern})", text.folded)
    if person:
        name, sign, behind = cut(text.shown[person.end() :].strip(ENGLISH_SIGNS))
        firm = CAPITALISED.fullmatch(behind) and not g.english_place.search(behind.lower())
        told = sign == "(" or firm or (sign.isalpha() and behind[:1].isupper() and " " in behind)
        behind = behind if told or g.english_company.search(behind.lower()) else ""
        company = text.shown[: person.start()].strip(ENGLISH_SIGNS)
        behind = "" if behind.lower().split(" ")[0] in definitions.of("english_no_name") else g.dialled.sub("", behind)
        led = g.led.search(company.lower().rstrip(".:"))
        company = company[: led.start()].strip(ENGLISH_SIGNS) if led else company
        return Who(name or None, company or behind or None)
    whole = g.dialled.sub("", text.shown.strip(" ,/"))
    return beside_company(whole, g, definitions.of("english_given_names")) or one_of_both(whole, text, g)


def cut(shown: str) -> tuple[str, str, str]:
    """A name, the sign behind it, and what the sign sets apart, such as a company in brackets."""
    found = NAME_END.search(shown)
    if found is None:
        return shown, "", ""
    return shown[: found.start()], found.group().strip(), shown[found.end() :].strip(ENGLISH_SIGNS + ")")


def beside_company(whole: str, g: Grammar, given: tuple[str, ...]) -> Who | None:
    """A capitalised name without a title, before or behind a company and a sign; None where there are not both.

    Behind a sign a known given name is enough.
    """
    for gap in NAME_END.finditer(whole):
        ahead, behind = whole[: gap.start()].strip(ENGLISH_SIGNS), whole[gap.end() :].strip(ENGLISH_SIGNS)
        if "(" in gap.group() and behind.endswith(")"):
            behind = behind[:-1]
        if any(part.count("(") != part.count(")") for part in (ahead, behind)):
            continue
        for company, name in ((ahead, behind), (behind, ahead)):
            firms = [bool(g.english_company.search(part.lower())) for part in (name, company)]
            known = name.lower().split(" ")[0] in given and not firms[0] and company != behind
            person = CAPITALISED.fullmatch(name) and not g.english_place.search(name.lower())
            if person and (firms == [False, True] or known):
                return Who(name, company)
    return None


def one_of_both(whole: str, text: Text, g: Grammar) -> Who:
    """A company by its words or their number, or else a name."""
    words = whole.split()
    if g.english_company.search(text.folded) or len(words) > 3 or len(words) == 0:
        return Who(None, whole or None)
    return Who(whole, None)
