"""What closes a mail without being part of what it says: signatures, app lines, confidentiality notices."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from ingestd.parsing import chats, labels, money, parties
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.text import Text
from ingestd.parsing.wording import alternation

MAX_SIGNATURE = 12  # lines
MAX_BANNER = 4  # lines of a notice that stands above what somebody wrote
MIN_CELLS = 3  # of a card that stands on one line
MAX_NAME = 40  # characters of a line that stands alone behind a closing formula
RULE = re.compile(r"\s{0,4}(?:[-_=*~\u2500] ?){2,80}$")
HAN_NAME = re.compile(r"[\u4e00-\u9fff]{2,4}$")
LAST_NAME = re.compile(r"[\u4e00-\u9fff]{1,4}$")
SENTENCE_ENDS = ("。", "!", "?", "~", ".")
SIGNED_OFF = re.compile(r"\s{0,20}-{2,3}\s{0,3}(?=[^\s\d-])[^:=\n]{2,30}$")
LABELLED = re.compile(
    r"[\s*\-\d.)]{0,6}(?:[\u4e00-\u9fff][\u4e00-\u9fff /]{1,9}(?:[a-z][a-z ./-]{1,20})?|[a-z][a-z /-]{2,24})[:=\]]"
)
ORDERED = ("shipper", "pickup", "consignee", "order")  # roles of labels that no signature has
UNTELLING = ("nothing", "remark", "serial")
GOODS = ("weight", "volume", "package", "pallet", "piece")
FIGURES = re.compile(r"\d{5}")
SPACES = re.compile(r"[\s,.!~;:。、]+")


@dataclass(frozen=True, slots=True)
class Signs:
    """The definitions' words, ready to be looked for."""

    app: re.Pattern[str]
    elsewhere: re.Pattern[str]  # what points to a file
    notice: re.Pattern[str]
    closings: frozenset[str]
    contact: re.Pattern[str]
    measured: re.Pattern[str]
    paid: re.Pattern[str]  # a word of payment by itself, which no signature has
    office: re.Pattern[str]
    strong: re.Pattern[str]
    labels: frozenset[str]
    title: str  # what makes a name of a surname
    definitions: Definitions


@lru_cache(maxsize=4)
def signs(definitions: Definitions) -> Signs:
    """The patterns made of the definitions' words."""

    def of(name: str) -> str:
        return alternation(definitions.of(name))

    units = [word for unit in definitions.units if unit.kind in GOODS for word in unit.words]
    strong = definitions.of("card_signs")
    return Signs(
        app=re.compile(
            rf"[\s\[(]{{0,8}}(?:{of('signature_lines')}|(?:{of('app_heads')})\s?[^\n]{{0,16}}?(?:{of('app_words')})[^\n]{{0,16}}$)"
        ),
        elsewhere=re.compile(of("cloud_words")),
        notice=re.compile(rf"[\s*_(\[]{{0,40}}(?:{of('disclaimers')})"),
        closings=frozenset(SPACES.sub("", words) for words in definitions.of("closings")),
        contact=re.compile(rf"[\s*\-\d.)]{{0,6}}\S{{0,3}}(?:{of('contact_labels')})"),
        measured=re.compile(rf"\d\s?(?:{alternation(units)})(?![a-z])"),
        paid=re.compile(
            rf"(?:^|[\s,;。])(?:(?:{of('freight')})[:\s]?)?(?:{alternation(money.payments(definitions))})(?=$|[\s,;。])"
        ),
        office=re.compile(alternation([*strong, *definitions.of("office_signs")])),
        strong=re.compile(alternation(strong)),
        labels=frozenset(word for label in definitions.labels for word in label.words),
        title=next(iter(definitions.of("titles")), ""),
        definitions=definitions,
    )


def parted(parts: Sequence[Text], names: tuple[str, ...], definitions: Definitions) -> tuple[list[Text], list[Text]]:
    """The lines of a mail without its signature, and the signature; `names` may open it."""
    known = signs(definitions)
    body = without_notices([p for p in parts if not is_app_line(p.folded, known)], known)
    start = signature_start([p.folded for p in body], names, known)
    return body[:start], body[start:]


def is_app_line(folded: str, known: Signs) -> bool:
    """Whether a mail program wrote a line to praise itself."""
    return bool(known.app.match(folded)) and not FIGURES.search(folded) and not known.elsewhere.search(folded)


def without_notices(body: list[Text], known: Signs) -> list[Text]:
    """The lines above a confidentiality notice; a notice on top of what somebody wrote is left out alone."""
    start = next((i for i, p in enumerate(body) if known.notice.match(p.folded)), None)
    if start is None:
        return body
    if any(p.folded.strip() for p in body[:start]):
        return body[:start]
    blank = (i for i in range(start, len(body)) if not body[i].folded.strip())
    return body[next(blank, min(start + MAX_BANNER, len(body))) :]


def signature_start(folded: list[str], names: tuple[str, ...], known: Signs) -> int:
    """The index of the first signature line; the number of lines where there is none."""
    last = max((i for i, line in enumerate(folded) if line.strip()), default=-1)
    first = next((i for i, line in enumerate(folded) if line.strip()), len(folded))
    start = max(0, last - MAX_SIGNATURE, spoken_to(folded, known))
    start = 1 + next((i for i in range(last, start - 1, -1) if says_something(folded[i], known)), start - 1)
    for index in range(start, last + 1):
        begins = separates(folded, index, names, known) or (first < index and opens(folded, index, names, known))
        if begins and not any(is_of_order(line, known) for line in folded[index : last + 1]):
            return with_closing(folded, index, known)
    return len(folded)


def spoken_to(folded: list[str], known: Signs) -> int:
    """The first line behind the last speaker of a chat, 0 where a text is none."""
    text = "\n".join(folded)
    return 1 + text.count("\n", 0, end) if (end := chats.last_speaker(text, known.definitions)) else 0


def with_closing(folded: list[str], index: int, known: Signs) -> int:
    """The index of the closing formula above a signature; its own where there is none."""
    above = index - 1
    while above >= 0 and not folded[above].strip():
        above -= 1
    return above if above > 0 and is_closing(folded[above], known) else index


def separates(folded: list[str], index: int, names: tuple[str, ...], known: Signs) -> bool:
    """Whether a line is the separator of RFC 3676, or any rule above somebody's name, company or card."""
    if not RULE.match(folded[index]):
        return False
    if folded[index].strip() == "--":
        return True
    below = [line.strip() for line in folded[index + 1 :] if line.strip()]
    if not below:
        return True
    return (
        below[0].startswith(names)
        or any(parties.is_person(p, known.definitions) for p in (below[0], below[0].split()[0]))
        or parties.is_company(below[0], known.definitions)
        or any(known.contact.match(line) for line in below)
    )


def says_something(line: str, known: Signs) -> bool:
    """Whether a line holds an order's label, figure or payment; those of a signature don't count."""
    if known.contact.match(line):
        return False
    return bool(LABELLED.match(line) or known.measured.search(line) or known.paid.search(line))


def is_of_order(line: str, known: Signs) -> bool:
    """Whether a line has a label that orders have and signatures don't."""
    if known.contact.match(line):
        return False
    found = (item.value for item in labels.find(line, known.definitions))
    return any(m.role in ORDERED and m.slot not in UNTELLING and (m.sure or m.role == "consignee") for m in found)


def opens(folded: list[str], index: int, names: tuple[str, ...], known: Signs) -> bool:
    """Whether a line begins with the sender's name, follows a closing formula, or heads the card of an office."""
    line = folded[index].strip()
    if not line:
        return False
    if line.startswith(names) or SIGNED_OFF.match(line):
        return True
    apart = index > 0 and not folded[index - 1].strip()
    if apart and HAN_NAME.match(line) and parties.is_person(line, known.definitions):
        return True
    if is_last_name(folded, index, known):
        return True
    if apart and (is_card(folded[index:], known) or is_clerk(folded[index:], known)):
        return True
    before = next((folded[i] for i in range(index - 1, -1, -1) if folded[i].strip()), "")
    return len(line) <= MAX_NAME and is_closing(before, known)


def is_last_name(folded: list[str], index: int, known: Signs) -> bool:
    """Whether a text ends with no more than a name, if only a surname, behind a finished sentence or a blank line."""
    line = folded[index].strip()
    thanked = next(
        (line[end:] for end in (m.end() for m in SPACES.finditer(line)) if is_closing(line[:end], known)), ""
    )
    line = thanked or line
    if not LAST_NAME.match(line) or any(below.strip() for below in folded[index + 1 :]):
        return False
    if not parties.is_person(line if len(line) > 1 else line + known.title, known.definitions):
        return False
    above = folded[index - 1].rstrip() if index and not thanked else ""
    return not above or above.endswith(SENTENCE_ENDS)


def is_closing(folded: str, known: Signs) -> bool:
    """Whether a line is a closing formula and nothing else."""
    return len(folded) <= MAX_NAME and SPACES.sub("", folded) in known.closings


def closes(folded: str, definitions: Definitions) -> bool:
    """Whether a line is a closing formula and nothing else."""
    return is_closing(folded, signs(definitions))


def is_card(lines: list[str], known: Signs) -> bool:
    """Whether lines are an office's card: a sign that only cards have, such as a fax number, and one more."""
    text = "\n".join(lines)
    if is_barred_card(lines, known):
        return True
    if (
        lines[0].strip(" :") in known.labels
        or lines[0].rstrip().endswith(SENTENCE_ENDS[:3])
        or not known.strong.search(text)
    ):
        return False
    return len(set(known.office.findall(text))) > 1


def is_clerk(lines: list[str], known: Signs) -> bool:
    """Whether lines are somebody with his department, and nothing below but how to reach him."""
    below = [line for line in lines[1:] if line.strip()]
    if not below or not all(known.contact.match(line) for line in below):
        return False
    words = lines[0].split()
    named = [word for word in words if parties.is_person(word, known.definitions)]
    offices = [word for word in words if word.endswith(known.definitions.of("departments"))]
    return len(words) == len(named) + len(offices) > 1 == len(named)


def is_barred_card(lines: list[str], known: Signs) -> bool:
    """Whether the last line of all is a card between bars: a company, a number, and no field of an order."""
    cells = [cell.strip() for cell in lines[0].split("|")]
    if len(cells) < MIN_CELLS or any(line.strip() for line in lines[1:]):
        return False
    if any(cell.split(" ")[0].split(":")[0] in known.labels for cell in cells if not known.contact.match(cell)):
        return False
    return bool(FIGURES.search(lines[0])) and any(parties.is_company(cell, known.definitions) for cell in cells)
