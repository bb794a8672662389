"""What of a mail's text is new, what is quoted history, what is forwarded, and what is signature."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ingestd.parsing import boundaries, signatures
from ingestd.parsing.boundaries import Line
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.text import Text, fold, folded

NO_TEXT = Text("", "")
MAX_MAILS = 30  # of one chain that are told apart; what is below them stays in one piece
FULL_WIDTH = 60  # columns from which on a marked line may have been broken by a program
ENOUGH = 3  # figures from which on a text may be an order
SUBSTANCE = re.compile(r"\d{7,}|\d[\d -]{8,}\d|\d\s{0,2}[a-z\u4e00-\u9fff]")
MARKED = re.compile(r"(?:>[ \t\xa0]?){1,40}")


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail's text by whose it is."""

    new: Text
    quoted: tuple[Text, ...] = ()  # the mails below it, the nearest first, without signatures
    signature: Text = NO_TEXT
    forwarded: bool = False
    head: Text = NO_TEXT  # the header lines of what was forwarded
    remark: Text = NO_TEXT  # what forwarders wrote above
    form: bool = False  # the new text is the form of our question, filled in


@dataclass(frozen=True, slots=True)
class Stretch:
    """Lines that belong to an earlier mail, the lines that introduce it apart."""

    head: list[Line]
    body: list[Line]
    forward: bool = False


def letter(raw: str, subject: str, names: tuple[str, ...], definitions: Definitions) -> Letter:
    """The parts of a mail's clean text; `names` are the sender's display name and its pieces."""
    text = Text(raw, folded(raw, definitions))
    whole = [line_of(part) for part in text.lines()]
    own, *below = chain(whole, definitions) if boundaries.possible(text, definitions) else [Stretch([], whole)]
    new, signature = signed(own, names, definitions)
    if below and (
        below[0].forward
        or boundaries.forwards(fold(subject, definitions), definitions)
        or boundaries.points_below(new, definitions)
    ):
        found = forwarded(new, below, definitions)
        if found is not None:
            return found
    return Letter(new, tuple(signed(mail, (), definitions)[0] for mail in below), signature)


def forwarded(above: Text, below: Sequence[Stretch], definitions: Definitions) -> Letter | None:
    """The letter of a forward, whose content is the first mail that says something.

    None where the forwarder's own words are the content, or where what is forwarded is a letter of ours, which orders
    nothing.
    """
    texts = [signed(mail, (), definitions) for mail in below]
    index = next((i for i, (text, _) in enumerate(texts) if substance(text) >= ENOUGH), 0)
    new, signature = texts[index]
    if substance(above) > ENOUGH or boundaries.is_ours(new, definitions):
        return None
    head = joined([line.text for line in below[index].head])
    remarks = [above, *(text for text, _ in texts[:index])]
    rest = tuple(text for text, _ in texts[index + 1 :])
    return Letter(new, rest, signature, True, head, joined([r for r in remarks if r.folded]))


def substance(text: Text) -> int:
    """How many figures a text has."""
    return len(SUBSTANCE.findall(text.folded))


def signed(mail: Stretch, names: tuple[str, ...], definitions: Definitions) -> tuple[Text, Text]:
    """A mail's own text without its signature, and the signature."""
    body, signature = signatures.parted([line.text for line in mail.body], names, definitions)
    return joined(body), joined(signature)


def line_of(part: Text) -> Line:
    """A line with its quote marks counted; only ">" itself is one, not the arrows that are folded into it."""
    marked = MARKED.match(part.shown)
    if marked is None:
        return Line(0, part)
    return Line(marked.group().count(">"), part.part(marked.end(), len(part.shown)))


def joined(parts: Sequence[Text]) -> Text:
    """Lines as one text again, blank ends dropped."""
    start, end = 0, len(parts)
    while start < end and not parts[start].folded.strip():
        start += 1
    while end > start and not parts[end - 1].folded.strip():
        end -= 1
    return Text.of_lines(parts[start:end])


def chain(whole: list[Line], definitions: Definitions) -> list[Stretch]:
    """The mail itself and each mail quoted in it, as they stand in the text, each without those that it quotes."""
    found: list[Stretch] = []
    waiting = [Stretch([], whole)]
    while waiting:
        mail = waiting.pop()
        if len(found) + len(waiting) >= MAX_MAILS:
            found.append(mail)
            continue
        own, below = split(mail.body, lowest(mail.body) if found else 0, definitions)
        found.append(replace(mail, body=own))
        waiting.extend(reversed(below))
    return found


def lowest(body: Sequence[Line]) -> int:
    """The depth of the lines that a mail's writer wrote."""
    return min((line.depth for line in body if not line.blank), default=0)


def split(body: list[Line], base: int, definitions: Definitions) -> tuple[list[Line], list[Stretch]]:
    """The lines that are a mail's own, at depth `base`, and the stretches that are history."""
    own: list[Line] = []
    below: list[Stretch] = []
    index = 0
    while index < len(body):
        found = boundaries.find(body, index, definitions)
        if found is None and body[index].depth <= base:
            own.append(body[index])
            index += 1
            continue
        start = index + (found.size if found else 0)
        empty = all(line.blank for line in own)
        history = quoted_until_end(body, index, start, base, below_headers=bool(found and found.headers) and not empty)
        rest = body[start:] if history else marked_lines(body, start, base)
        below.append(Stretch(body[index:start], rest, bool(found and found.forward)))
        index = start + len(rest)
    return own, below


def quoted_until_end(body: list[Line], index: int, start: int, base: int, *, below_headers: bool) -> bool:
    """Whether everything from `start` on is history: its lines bear no marks, or stand below unmarked header lines."""
    if any(line.depth > base for line in body[index:start]):
        return False
    following = next((line for line in body[start:] if not line.blank), None)
    return following is None or following.depth <= base or (start > index and below_headers)


def marked_lines(body: list[Line], start: int, base: int) -> list[Line]:
    """The lines from `start` on that bear marks, with blank ones among them and the ends of lines broken in two."""
    out: list[Line] = []
    last = 0
    for index in range(start, len(body)):
        line = body[index]
        if line.depth <= base and not line.blank:
            if not (out and broken(body, index, base)):
                break
            line = line._replace(depth=out[-1].depth)
        out.append(line)
        last = len(out) if not line.blank or line.depth > base else last
    return out[:last]


def broken(body: list[Line], index: int, base: int) -> bool:
    """Whether an unmarked line is the end of the marked line above it, which a program broke in two."""
    if index + 1 >= len(body) or body[index - 1].depth <= base or body[index + 1].depth <= base:
        return False
    return columns(body[index - 1].text.shown) >= FULL_WIDTH


def columns(shown: str) -> int:
    """How wide a line is, Chinese characters taking two columns."""
    return sum(2 if char > "\u2e7f" else 1 for char in shown)
