"""What of a mail's text is new, what is quoted history, what is forwarded, and what is signature."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from ingestd.parsing import parties
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.text import Text, fold
from ingestd.parsing.wording import alternation

NO_TEXT = Text("", "")
MAX_HEADER_GAP = 4  # lines between a quoted sender line and its date line
MAX_SIGNATURE_LINES = 12
SUBSTANCE = re.compile(r"\d{7,}|\d[\d -]{8,}\d|\d\s{0,2}[a-z\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail's text by whose it is."""

    new: Text
    quoted: str = ""
    signature: Text = NO_TEXT
    forwarded: bool = False
    head: Text = NO_TEXT  # the header lines of what was forwarded
    remark: Text = NO_TEXT  # what a forwarder wrote above


@dataclass(frozen=True, slots=True)
class Marks:
    """The patterns that tell the parts of a letter, over one folded line."""

    anything: re.Pattern[str]
    rule: re.Pattern[str]
    forward: re.Pattern[str]
    sender: re.Pattern[str]
    date: re.Pattern[str]
    header: re.Pattern[str]
    wrote: re.Pattern[str]
    forward_subject: re.Pattern[str]
    signature: re.Pattern[str]
    disclaimer: re.Pattern[str]
    closing: re.Pattern[str]
    contact: re.Pattern[str]
    attribution: tuple[str, ...]
    definitions: Definitions


@lru_cache(maxsize=4)
def marks(definitions: Definitions) -> Marks:
    """The patterns made of the definitions' words."""

    def of(name: str) -> str:
        return alternation(definitions.of(name))

    head = r"[> \t*]{0,12}"
    signs = [*definitions.of("sender_labels"), *(words.split()[-1] for words in definitions.of("wrote"))]
    return Marks(
        anything=re.compile(alternation(["--", "begin forwarded", *signs])),
        rule=re.compile(rf"{head}-{{2,}}[ -]{{0,40}}(?:{of('history_rules')})[ -]{{0,80}}:?$"),
        forward=re.compile(
            rf"{head}(?:-{{2,}}[ -]{{0,40}}(?:{of('forward_rules')})[ -]{{0,80}}:?|begin forwarded message:)$"
        ),
        sender=re.compile(rf"{head}(?:{of('sender_labels')})\s{{0,4}}\*?[: ]"),
        date=re.compile(rf"{head}(?:{of('date_labels')})\s{{0,4}}\*?[: ]"),
        header=re.compile(rf"{head}(?:{of('header_labels')})\s{{0,4}}\*?(?::|\s(?=\S{{0,60}}(?:@|\d\d|$)))"),
        wrote=re.compile(rf"{head}(?=.{{0,300}}(?:@|\d)).{{0,300}}(?:{of('wrote')})\s{{0,3}}:?\s{{0,3}}$"),
        forward_subject=re.compile(rf"\s{{0,4}}[\[(]?(?:{of('forward_subjects')})[\])]?\s{{0,2}}:"),
        signature=re.compile(rf"\s{{0,8}}(?:{of('signature_lines')})"),
        disclaimer=re.compile(rf"[\s*_(]{{0,40}}(?:{of('disclaimers')})"),
        closing=re.compile(rf"\s{{0,8}}(?:{of('closings')})[\s,.!~;:。]{{0,8}}$"),
        contact=re.compile(rf"[\s*\-\d.)]{{0,6}}\S{{0,3}}(?:{of('contact_labels')})"),
        attribution=definitions.of("attribution_heads"),
        definitions=definitions,
    )


def letter(raw: str, subject: str, names: tuple[str, ...], definitions: Definitions) -> Letter:
    """The parts of a mail's text; `names` are the sender's display name and its pieces."""
    text = fold(raw, definitions)
    whole = lines(text)
    quoting = marks(definitions).anything.search(text.folded)
    segments, heads, forward_rule = cut(whole, marks(definitions)) if quoting else ([whole], [], False)
    forward = forward_rule or bool(marks(definitions).forward_subject.match(subject.lower().replace("：", ":")))
    head, rest = segments[0], segments[1:]
    if forward and rest:
        index = forwarded_part(rest)
        new, signature = signed([unmarked(line) for line in rest[index]], (), marks(definitions))
        above, _ = signed(head, names, marks(definitions))
        return Letter(joined(new), "", joined(signature), True, joined(heads[index]), joined(above))
    head = [line for line in head if not line.folded.startswith(">")]
    new, signature = signed(head, names, marks(definitions))
    quoted = "\n".join(line.shown for segment in segments for line in segment if segment is not segments[0])
    return Letter(joined(new), quoted, joined(signature))


def lines(text: Text) -> list[Text]:
    """The lines of a text."""
    shown, plain = text.shown.split("\n"), text.folded.split("\n")
    return [Text(a, b) for a, b in zip(shown, plain, strict=True)]


def joined(parts: list[Text]) -> Text:
    """Lines as one text again, blank ends dropped."""
    start, end = 0, len(parts)
    while start < end and not parts[start].folded.strip():
        start += 1
    while end > start and not parts[end - 1].folded.strip():
        end -= 1
    return Text("\n".join(p.shown for p in parts[start:end]), "\n".join(p.folded for p in parts[start:end]))


def cut(parts: list[Text], marks: Marks) -> tuple[list[list[Text]], list[list[Text]], bool]:
    """The new text and each quoted mail below it, their header lines apart; and whether a rule said "forwarded"."""
    segments: list[list[Text]] = [[]]
    heads: list[list[Text]] = []
    forward, index = False, 0
    while index < len(parts):
        line = parts[index].folded.rstrip()
        forward = forward or bool(marks.forward.match(line))
        skip = boundary(parts, index, marks)
        if skip:
            index += skip
            if resumes(parts, index, skip):
                index = after_quote(parts, index)
            else:
                segments.append([])
                heads.append(parts[index - skip : index])
        else:
            segments[-1].append(parts[index])
            index += 1
    return segments, heads, forward


def resumes(parts: list[Text], index: int, skip: int) -> bool:
    """Whether what an attribution introduces is marked line by line, so that text behind it is new again."""
    following = [p.folded for p in parts[index:] if p.folded.strip()]
    return (
        skip <= 2 and bool(following) and following[0].startswith(">") and not parts[index - 1].folded.startswith(">")
    )


def after_quote(parts: list[Text], index: int) -> int:
    """The first line behind the marked lines."""
    while index < len(parts) and (parts[index].folded.startswith(">") or not parts[index].folded.strip()):
        index += 1
    return index


def boundary(parts: list[Text], index: int, marks: Marks) -> int:
    """How many lines from here on are the beginning of an earlier mail; 0 for none."""
    line = parts[index].folded.rstrip()
    if marks.rule.match(line) or marks.forward.match(line):
        return 1 + header_lines(parts, index + 1, marks)
    if marks.sender.match(line) and dated_soon(parts, index, marks):
        return header_lines(parts, index, marks)
    if marks.wrote.match(line):
        return 1
    if index + 1 < len(parts) and line.startswith(marks.attribution) and len(line) < 300:
        both = line + " " + parts[index + 1].folded.strip()
        return 2 if marks.wrote.match(both) else 0
    return 0


def dated_soon(parts: list[Text], index: int, marks: Marks) -> bool:
    """Whether a date line follows within a few lines: then the sender line is a quoted header."""
    return any(marks.date.match(p.folded) for p in parts[index + 1 : index + 2 + MAX_HEADER_GAP])


def header_lines(parts: list[Text], index: int, marks: Marks) -> int:
    """How many of the lines from `index` are quoted header lines."""
    count = 0
    for part in parts[index : index + 14]:
        line = part.folded.rstrip()
        if marks.header.match(line) or (count == 0 and not line.strip("> ")):
            count += 1
        else:
            break
    return count


def forwarded_part(segments: list[list[Text]]) -> int:
    """Which of the mails below a forward is the first that says something."""
    for index, segment in enumerate(segments):
        if len(SUBSTANCE.findall("\n".join(line.folded for line in segment))) >= 3:
            return index
    return 0


def unmarked(line: Text) -> Text:
    """A line without quote marks."""
    stripped = line.folded.lstrip("> ") if line.folded.startswith(">") else line.folded
    return line.part(len(line.folded) - len(stripped), len(line.folded))


def signed(parts: list[Text], names: tuple[str, ...], marks: Marks) -> tuple[list[Text], list[Text]]:
    """The lines of a letter without its signature, and the signature."""
    body = [p for p in parts if not marks.signature.match(p.folded)]
    end = next((i for i, p in enumerate(body) if marks.disclaimer.match(p.folded)), len(body))
    body = body[:end]
    start = signature_start([p.folded for p in body], names, marks)
    return body[:start], body[start:]


def signature_start(folded: list[str], names: tuple[str, ...], marks: Marks) -> int:
    """The index of the first signature line; the number of lines where there is none."""
    last = max((i for i, line in enumerate(folded) if line.strip()), default=-1)
    first = next((i for i, line in enumerate(folded) if line.strip()), len(folded))
    for index in range(max(0, last - MAX_SIGNATURE_LINES), last + 1):
        line = folded[index]
        if line.rstrip() in ("--", "---", "____") and not labelled(folded[index + 1 :], marks):
            return index
        if first < index and opens_signature(folded, index, names, marks) and not labelled(folded[index:], marks):
            return index
    return len(folded)


def opens_signature(folded: list[str], index: int, names: tuple[str, ...], marks: Marks) -> bool:
    """Whether a line begins with the sender's name, or stands first behind a closing formula."""
    line = folded[index].strip()
    if not line:
        return False
    if any(line.startswith(name) for name in names) and not MEASURED.search(line):
        return True
    if (
        index
        and not folded[index - 1].strip()
        and bool(HAN_NAME.match(line))
        and parties.is_person(line, marks.definitions)
    ):
        return True
    if len(line) > 40:
        return False
    before = next((folded[i] for i in range(index - 1, -1, -1) if folded[i].strip()), "")
    return bool(marks.closing.match(before)) and not MEASURED.search(line)


HAN_NAME = re.compile(r"[\u4e00-\u9fff]{2,4}$")
MEASURED = re.compile(r"\d\s?(?:kg|kgs|cbm|m3|ctns|t\b|[\u4e00-\u9fff]{1,2}\s{0,2}\d)")
LABELLED = re.compile(r"^[\s*\-\d.)]{0,6}[\u4e00-\u9fff ]{2,8}[:=\]]", re.MULTILINE)


def labelled(folded: list[str], marks: Marks) -> bool:
    """Whether lines hold the labels of an order form, those of a signature not counted."""
    text = "\n".join(folded)
    return any(not marks.contact.match(m.group()) for m in LABELLED.finditer(text))
