"""Where an earlier mail begins in a text: rules, header lines, lines that say who wrote."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from ingestd.parsing.definitions import Definitions
from ingestd.parsing.text import Text
from ingestd.parsing.wording import alternation

MAX_HEADERS = 18  # lines
MAX_GAP = 1  # lines without a header among them, beside the first
MAX_LINE = 400  # characters of a line that introduces a mail
MAX_WRAPPED = 3  # lines that "on ... wrote" may take
HEADER = re.compile(r"[\s|*]{0,12}(?P<label>[^\s:|*@\d][^:|\t*@\d]{0,22}?)[ *]{0,6}[:|\t][\s*|]{0,8}(?P<value>.*)")
SPACED = re.compile(r"[\s*]{0,8}(?P<label>[^\s:|*@\d]{2,10})\*?(?:\s+(?P<value>.*))?$")
RULE = re.compile(r"\s{0,8}[-_=*~\u2500]{2,}+(?P<words>[^\n]{0,80}?)[-_=*~\u2500\s]{0,90}:?\s*$")
SPACES = re.compile(r"\s+")
CLOCK = re.compile(r"\d{1,2}[:.点时]\d\d")
DATED = re.compile(r"@|\d{1,2}[:.点时h]\d\d|(?:19|20)\d\d[-/.年]|\d月")
YEAR = re.compile(r"(?:19|20)\d\d")
ADDRESSED = re.compile(r".{0,200}(?:19|20)\d\d.{0,120}<[^<>\s]{1,80}@[^<>\s]{1,80}>\s{0,3}:\s*$")
MOBILE = re.compile(r"1[3-9]\d[ -]?\d{4}[ -]?\d{4}")


class Line(NamedTuple):
    """A line without the quote marks at its head."""

    depth: int  # how many marks it had
    text: Text

    @property
    def blank(self) -> bool:
        """Whether nothing stands in it."""
        return not self.text.folded.strip()


LONGEST_POINTER = 60  # characters of a text that only points to what is below it
FIGURE = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Boundary:
    """The lines that introduce an earlier mail."""

    size: int
    forward: bool = False
    headers: bool = False  # there are header lines among them


@dataclass(frozen=True, slots=True)
class Headers:
    """A block of header lines: how many lines it takes, and the values by their kind."""

    size: int
    values: Mapping[str, str]

    def convincing(self) -> bool:
        """Whether a mail program wrote them, and not somebody who fills in a form with a sender and a date."""
        sender = self.values.get("sender")
        if sender is None or (MOBILE.search(sender) and "@" not in sender):
            return False
        when, recipient = self.values.get("date"), self.values.get("recipient")
        if when is None:
            return recipient is not None and "subject" in self.values
        return "subject" in self.values or "@" in sender + (recipient or "") or bool(CLOCK.search(when))


@dataclass(frozen=True, slots=True)
class Signs:
    """The definitions' words, ready to be looked for."""

    anything: re.Pattern[str]
    labels: Mapping[str, str]
    history: frozenset[str]
    forward: frozenset[str]
    wrote: re.Pattern[str]
    wrote_whom: re.Pattern[str]
    openers: tuple[str, ...]
    forward_subject: re.Pattern[str]
    reply_subject: re.Pattern[str]
    ours: re.Pattern[str]


@lru_cache(maxsize=4)
def signs(definitions: Definitions) -> Signs:
    """The patterns and tables made of the definitions' words."""
    of = definitions.of
    openings = [*of("wrote"), *of("wrote_whom"), *of("forward_rules"), *(w for w in of("sender_labels") if len(w) > 2)]
    kinds = (
        ("header_labels", "other"), ("subject_labels", "subject"), ("recipient_labels", "recipient"),
        ("date_labels", "date"), ("sender_labels", "sender"),
    )  # fmt: skip
    return Signs(
        anything=re.compile(rf"^>|--|__|==|{alternation(openings)}", re.MULTILINE),
        labels={squeezed(word): kind for name, kind in kinds for word in of(name)},
        history=frozenset(map(squeezed, of("history_rules"))),
        forward=frozenset(map(squeezed, of("forward_rules"))),
        wrote=re.compile(rf".{{0,{MAX_LINE}}}?(?:{alternation(of('wrote'))})[\s:,-]{{0,12}}$"),
        wrote_whom=re.compile(rf".{{0,200}}?(?:{alternation(of('wrote_whom'))})\s.{{0,120}}:\s*$"),
        openers=of("attribution_heads"),
        forward_subject=subject_prefix(of("forward_subjects")),
        reply_subject=subject_prefix(of("reply_subjects")),
        ours=re.compile(alternation(of("our_letters"))),
    )


def subject_prefix(words: Sequence[str]) -> re.Pattern[str]:
    """The pattern of a subject that begins with one of `words`, perhaps behind a mark in brackets."""
    mark = r"\s{0,4}(?:\[[^\[\]\n]{1,20}\]\s{0,4})?"
    return re.compile(rf"{mark}[\[(]?(?:{alternation(words)})(?:[\[(]?\d{{1,2}}[\])]?|[\])])?\s{{0,2}}:")


def squeezed(words: str) -> str:
    """Words without the spaces that spread them."""
    return SPACES.sub("", words)


def possible(text: Text, definitions: Definitions) -> bool:
    """Whether anything in a text may introduce an earlier mail."""
    return bool(signs(definitions).anything.search(text.folded))


def forwards(subject: Text, definitions: Definitions) -> bool:
    """Whether a subject says that the mail forwards another."""
    return bool(signs(definitions).forward_subject.match(subject.folded))


def answers(subject: Text, definitions: Definitions) -> bool:
    """Whether a subject is that of the mail that is answered."""
    return bool(signs(definitions).reply_subject.match(subject.folded))


def points_below(text: Text, definitions: Definitions) -> bool:
    """Whether a short text says nothing but that what stands below it is wanted: "please ship as below"."""
    plain = text.folded.strip()
    if len(plain) > LONGEST_POINTER or FIGURE.search(plain):
        return False
    doubted = any(word in plain for word in definitions.of("not_below"))
    return not doubted and any(word in plain for word in definitions.of("below_words"))


def is_ours(text: Text, definitions: Definitions) -> bool:
    """Whether a text is a letter that the desk wrote: a work order, an acknowledgement, a question."""
    return bool(signs(definitions).ours.search(text.folded))


def find(body: Sequence[Line], index: int, definitions: Definitions) -> Boundary | None:
    """What introduces an earlier mail at a line; None where nothing does."""
    folded = body[index].text.folded
    if len(folded) > MAX_LINE or not folded.strip():
        return None
    known = signs(definitions)
    return rule(body, index, known) or heading(body, index, known) or attribution(body, index, known)


def rule(body: Sequence[Line], index: int, known: Signs) -> Boundary | None:
    """A line of dashes with words such as "original message", or any line of dashes above a mail's header lines."""
    folded = body[index].text.folded
    match = RULE.match(folded)
    words = squeezed(match["words"] if match else folded).strip(":.")
    told = words in known.history or words in known.forward
    if match is None and not told:
        return None
    under = headers(body, index + 1, known, loose=told)
    if (match is None or not told) and not under.convincing():
        return None
    return Boundary(1 + under.size, words in known.forward, under.size > 0)


def heading(body: Sequence[Line], index: int, known: Signs) -> Boundary | None:
    """The header lines of a mail without a rule above them."""
    if kind_of(body[index].text.folded, known, loose=False)[0] is None:
        return None
    found = headers(body, index, known, loose=False)
    return Boundary(found.size, headers=True) if found.convincing() else None


def headers(body: Sequence[Line], index: int, known: Signs, *, loose: bool) -> Headers:
    """The block of header lines from `index` on; blank lines and wrapped values may stand among them."""
    values: dict[str, str] = {}
    size = 0
    for offset, line in enumerate(body[index : index + MAX_HEADERS]):
        kind, value = kind_of(line.text.folded, known, loose=loose or bool(values))
        if kind is not None:
            values[kind] = value
            size = offset + 1
        elif offset - size > MAX_GAP or not (line.blank or (values and continued(line))):
            break
    return Headers(size, values)


def continued(line: Line) -> bool:
    """Whether a line goes on with a list of addresses."""
    return "@" in line.text.folded and len(line.text.folded) < MAX_LINE


def kind_of(folded: str, known: Signs, *, loose: bool) -> tuple[str | None, str]:
    """Which header a line is, and its value; with `loose` also without a colon."""
    match = HEADER.match(folded)
    if match is not None:
        kind = known.labels.get(squeezed(match["label"]))
        if kind is not None:
            return kind, match["value"]
    match = SPACED.match(folded)
    if match is None:
        return None, ""
    value = match["value"] or ""
    sure = loose or "@" in value or bool(CLOCK.search(value))
    return (known.labels.get(match["label"]) if sure else None), value


def attribution(body: Sequence[Line], index: int, known: Signs) -> Boundary | None:
    """A line, or up to three of them, that says who wrote when."""
    first = body[index].text.folded
    if wrote(first, known):
        return Boundary(1)
    if not (first.startswith(known.openers) or YEAR.search(first) or "@" in first):
        return None
    whole = first
    for count in range(2, MAX_WRAPPED + 1):
        line = body[index + count - 1] if index + count - 1 < len(body) else None
        if line is None or line.blank or len(whole) > MAX_LINE or whole_attribution(line.text.folded, known):
            return None
        whole += " " + line.text.folded.strip()
        if wrote(whole, known):
            return Boundary(count)
    return None


def whole_attribution(folded: str, known: Signs) -> bool:
    """Whether a line says by itself when somebody wrote, and so does not go on from the line above."""
    return bool(YEAR.search(folded) or ("@" in folded and CLOCK.search(folded))) and wrote(folded, known)


def wrote(folded: str, known: Signs) -> bool:
    """Whether a line says that somebody wrote, and when or from which address."""
    if not DATED.search(folded):
        return False
    return bool(known.wrote.match(folded) or known.wrote_whom.match(folded) or ADDRESSED.match(folded))
