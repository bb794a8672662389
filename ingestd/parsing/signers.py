"""Who signed for a delivery: named as such, before or behind the words of signing, or who was handed the goods."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from ingestd.parsing import drivers, parties
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.text import Text
from ingestd.parsing.wording import alternation, phrases


@dataclass(frozen=True, slots=True)
class Grammar:
    """The compiled words about signing."""

    named: re.Pattern[str]  # "the name on it is"
    signed: re.Pattern[str]
    taken: re.Pattern[str]  # handed to NAME, NAME took it
    listed: re.Pattern[str]  # signed, NAME
    head: re.Pattern[str]
    nobody: re.Pattern[str]


@lru_cache(maxsize=4)
def grammar(definitions: Definitions) -> Grammar:
    """The patterns made of the definitions' words."""
    of = definitions.of
    link, nobody = alternation(of("link_words")), alternation(of("not_signers"))
    before, behind = alternation(of("signed_before")), alternation([*of("signed_behind"), *of("signer_ends")])
    return Grammar(
        named=re.compile(rf"(?:{phrases(of('signer_named'))})[\s:]{{0,2}}(?P<who>[\u4e00-\u9fff]{{2,6}})"),
        signed=re.compile(
            rf"(?:{before})(?:[\s:]|{link}){{0,3}}(?!{nobody})(?P<who>[\u4e00-\u9fff]{{2,6}}?)(?=(?:{behind})|[^\u4e00-\u9fff]|$)"
            rf"|(?:{before})(?:[\s:]|{link}){{0,3}}(?!{nobody})(?P<whoever>[\u4e00-\u9fff]{{2,6}})"
            rf"|(?:{alternation(of('signed_by'))})(?P<spelt>[a-z][a-z'-]*\.?(?: [a-z][a-z'-]+){{0,2}})"
            rf"|(?P<proxy>[\u4e00-\u9fff]{{1,6}}?)\s?(?:{alternation(of('signed_behind'))})"
        ),
        taken=re.compile(
            rf"(?:{alternation(of('handed_words'))})\s?(?P<who>[\u4e00-\u9fff]{{2,4}})(?=[^\u4e00-\u9fff]|$)"
            rf"|(?<![\u4e00-\u9fff])(?P<taker>[\u4e00-\u9fff]{{2,4}})(?:{alternation(of('taken_words'))})(?=[^\u4e00-\u9fff]|$)"
        ),
        listed=re.compile(
            rf"(?:{alternation(of('signed_words'))}),\s?(?P<who>[\u4e00-\u9fff]{{2,4}})(?=[^\u4e00-\u9fff]|$)"
        ),
        head=re.compile(rf"(?:{nobody}|{link}|\s)+|[\u4e00-\u9fff]*(?:{alternation(of('let_words'))})"),
        nobody=re.compile(rf"(?:{nobody})"),
    )  # fmt: skip


def told(text: Text, definitions: Definitions) -> str | None:
    """Who signed, as written."""
    found = (*named(text, definitions), *signed(text, definitions), *taken(text, definitions))
    persons = (name for name in found if parties.is_plainly_person(name.lower(), definitions))
    return next(persons, next(iter(found), None))


def named(text: Text, definitions: Definitions) -> Iterator[str]:
    """Whose name it is said to be on the paper."""
    for match in grammar(definitions).named.finditer(text.folded):
        yield from drivers.persons_in(text.part(*match.span("who")), definitions)


def signed(text: Text, definitions: Definitions) -> Iterator[str]:
    """Who stands beside a word of signing."""
    g = grammar(definitions)
    for match in g.signed.finditer(text.folded):
        group = match.lastgroup or "proxy"
        if group == "spelt":
            spelt = drivers.CAPITALISED.match(text.shown, match.start(group), match.end(group))
            if spelt:
                yield spelt.group()
            continue
        head = g.head.match(match[group]) if group == "proxy" else None
        start = match.start(group) + (head.end() if head else 0)
        shown = text.shown[start : match.end(group)].strip()
        if shown and not g.nobody.match(text.folded, start):
            yield shown


def taken(text: Text, definitions: Definitions) -> Iterator[str]:
    """The person who was handed the goods, or is named right behind the signing."""
    g = grammar(definitions)
    for match in (*g.taken.finditer(text.folded), *g.listed.finditer(text.folded)):
        part = text.part(*match.span(match.lastgroup or "who"))
        name = drivers.person_in(part, definitions)
        if name is not None and len(name) == len(part.shown):
            yield name
