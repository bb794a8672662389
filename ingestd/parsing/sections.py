"""Which stretch of a text belongs to which order, and where else than in the text the content may be."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from ingestd.parsing import (
    gazetteer,
    listings,
    mime,
    money,
    naming,
    parties,
    payers,
    phones,
    places,
    prose,
    receivers,
    sequels,
    signatures,
)
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.draft import Draft
from ingestd.parsing.items import Item, Kind
from ingestd.parsing.labels import Meaning
from ingestd.parsing.purposes import Purpose
from ingestd.parsing.quoting import Letter
from ingestd.parsing.rows import END_MARK, ORDER_MARK
from ingestd.parsing.scanning import PICTURES, STRONG
from ingestd.parsing.text import Text
from ingestd.parsing.wording import alternation

END = Item(Kind.BREAK, 0, 0, STRONG, "\n")
MAX_ORDERS = 200  # of one message
MAX_CAPTION = 40  # characters beside a picture that say nothing by themselves
MAX_POLITE = 12  # characters of a body that says no more than thanks
ENCRYPTED = "-----begin pgp message-----"
MAX_POINTER = 400  # characters that point to a file or link
NUMBER = re.compile(
    r"(?:^|(?<=[\s,;。!?:\)])|(?<=[\u3400-\u9fff])(?=\d{1,2}\) ))\(?(\d{1,2})(?:\)|[.\u3001,](?![\d\s]))[ \t]{0,2}"
)
PHRASE = re.compile(r"(?:^|[\n,;。!?])[ \t]{0,4}")
PHRASE_END = re.compile(r"[,;。!?\n]")
SAID_OF_ALL = ("pickup_time", "remark", "nothing")
ORIGIN = ("shipper.", "pickup.")
SUMMED = (Kind.COUNT, Kind.WEIGHT, Kind.VOLUME)
MAX_LOTS = 3  # characters of how many lots there are
FEWEST_MARKS = 2  # of a list of orders
RECEIVER = Meaning("consignee", "party", False)
FIGURE_LABELS, PARTY_LABELS = ("quantity", "weight"), ("consignee", "shipper", "pickup")
LINE_GAPS = (" ", ",", ":", "\t", "/", "|")
SENTENCE_END = re.compile(r"[;。!?\n]")
RULED = re.compile(r"(?m)^[ \t]{0,8}(?:[-_=*~\u2500] ?){3,80}[ \t]{0,8}\n")
BLANK = re.compile(r"\n[ \t]{0,8}\n\s{0,80}")
LINK = re.compile(r"https?://")
FILE = re.compile(r"\.(?:rar|zip|7z|tar|gz|xlsx?|docx?|pdf|csv|pptx?|et|wps|jpe?g|png|heic|tiff?)(?![a-z\d])")


@lru_cache(maxsize=4)
def enumerated(definitions: Definitions) -> re.Pattern[str]:
    """A number, letter or numeral at the head of a line."""
    return re.compile(rf"(?:^|\n)[ \t]{{0,4}}[{PICTURES}]{{0,3}} ?(?:{number_mark(definitions)}|[-*] )[ \t]*")


def number_mark(definitions: Definitions) -> str:
    """A pattern for a number, letter or numeral with its sign, or in brackets."""
    signs = "".join(sign for sign, value in definitions.numerals if value <= 10)
    number = rf"(?:\d{{1,2}}|[a-z]|[{signs}]{{1,2}})"
    return rf"(?:\(?{number}[.)\u3001:](?!\d)|[\[(]{number}[\])])"


@lru_cache(maxsize=4)
def spoken_marks(definitions: Definitions) -> re.Pattern[str]:
    """Words that begin one order of several in running text."""
    marks, kinds = (alternation(definitions.of(name)) for name in ("split_marks", "split_kinds"))
    signs = "".join(sign for sign, value in definitions.numerals if 0 < value <= 10)
    heads, going, ditto = (alternation(definitions.of(n)) for n in ("split_heads", "weak_destination", "ditto"))
    counted = rf"(?:\u7b2c|no\.? ?)(?:[{signs}]|\d{{1,2}})(?:{kinds})|(?:{heads})(?:{kinds})"
    begun = (
        rf"(?:^|(?<=[,;。!?\n()])|(?<=:)(?!\s{{0,3}}(?:{ditto})))"
        rf"\s{{0,3}}(?:[-=*#~]{{2,8}}\s{{0,3}})?\(?(?:{ditto})?(?:{marks}|{counted})"
    )
    ordinal = rf"\u7b2c(?:[{signs}]|\d{{1,2}})(?:{kinds})(?=[ \t:,])"
    return re.compile(rf"{begun}|(?<=[ \t])(?:{ordinal}|(?:{counted}|{marks})(?=(?:{going})))")


@lru_cache(maxsize=4)
def mark(definitions: Definitions) -> re.Pattern[str]:
    """What begins one order of several, with the word behind it that leads to what is told of it."""
    leads = alternation(definitions.of("split_leads"))
    words, numbered = spoken_marks(definitions).pattern, sequels.numbered_words(definitions).pattern
    signs = rf"[ \t]*{number_mark(definitions)}|{NUMBER.pattern}|[a-e](?=[ \t])"
    return re.compile(rf"(?:{numbered}|{words}|{signs})\)?(?:{leads}|[ \t:,]){{0,3}}")


def orders_of(text: Text, items: Sequence[Item], definitions: Definitions) -> list[list[Item]]:
    """The items of each order: what stands before the first counts for all, then each its own."""
    for starts in candidates(text, items, definitions) if enough(items) else ():
        parts = divided(unmarked(items, starts, text.folded, definitions), starts)
        head, own = parts[0], [p for p in parts[1:] if p]
        tail = with_text_behind if ORDER_MARK in text.folded[starts[0]] else with_tail
        head, own = tail(*with_common(head, own, text.folded, definitions), text.folded, definitions)
        if len(own) > 1 and sum(stands_alone(p) for p in own) >= max(2, len(own) - 1):
            own = [
                with_receiver(sequels.with_town(p, text.folded, definitions), head, text.folded, definitions)
                for p in own
            ]
            own = [receivers.told(head, part, text.folded, definitions) for part in own]
            head = without_sums(without_summary(head, text.folded, definitions), own)
            return [[*head, END, *part] for part in own]
    return [list(items)]


def enough(items: Sequence[Item]) -> bool:
    """Whether a text holds figures and somebody or somewhere for two orders (`stands_alone`)."""
    counted = sum(is_figure(i) for i in items)
    return counted >= FEWEST_MARKS and sum(is_party(i) for i in items) >= FEWEST_MARKS


def without_sums(head: list[Item], own: Sequence[Sequence[Item]]) -> list[Item]:
    """What stands before several orders, figures of a kind that each of them has taken back: they are of all."""
    each = [kind for kind in SUMMED if all(any(i.kind is kind for i in part) for part in own)]
    return [
        i._replace(value=i.value._replace(withdrawn=True)) if i.kind in each and i.value.per is None else i
        for i in head
    ]


def with_receiver(part: list[Item], head: Sequence[Item], folded: str, definitions: Definitions) -> list[Item]:
    """An order that begins with somebody and his number, behind a head that says who sends: he receives."""
    if sequels.receives(part) or sequels.receives(head) or sequels.names_sender(part) or not sequels.names_sender(head):
        return part
    told = [i for i in part if i.kind is not Kind.BREAK][:2]
    if [i.kind for i in told] != [Kind.WORDS, Kind.PHONE]:
        return part
    first = told[0]
    if not parties.names_somebody(folded[first.start : first.end], definitions):
        return part
    return [Item(Kind.LABEL, first.start, first.start, RECEIVER, "cue.consignee.party"), *part]


def town_lines(items: Sequence[Item], folded: str, definitions: Definitions) -> list[int]:
    """Where lines begin that open with a town and hold somebody's phone and a count of goods."""
    starts: list[int] = []
    position = 0
    for text in folded.split("\n"):
        end = position + len(text)
        start = position + len(text) - len(text.lstrip())
        town = gazetteer.end_of_places(folded, start, definitions) if text.strip() else None
        if town is not None and folded[town : town + 1] in LINE_GAPS and town < end:
            kinds = {i.kind for i in items if start <= i.start < end}
            if {Kind.PHONE, Kind.COUNT} <= kinds:
                starts.append(start)
        position = end + 1
    return starts


def without_summary(head: list[Item], folded: str, definitions: Definitions) -> list[Item]:
    """What stands before several orders without its list of them, such as "one goes to Chengdu, one to Xi'an"."""
    end = head[-1].end if head else 0
    marks = list(spoken_marks(definitions).finditer(folded, 0, end))
    if len(marks) < FEWEST_MARKS:
        return head
    behind = PHRASE_END.search(folded, marks[-1].end(), end)
    listed = marks[0].start(), behind.start() if behind else end
    if any(i.kind in (Kind.PHONE, Kind.COUNT) for i in head if listed[0] <= i.start < listed[1]):
        return head
    return [i for i in head if not listed[0] <= i.start < listed[1]]


def take_over(drafts: Sequence[Draft], parts: Sequence[Sequence[Item]], text: Text, definitions: Definitions) -> None:
    """Give an order that names no origin, or says "as above", the shipper and pickup of the one before it."""
    for (before, draft), items in zip(pairwise(drafts), parts[1:], strict=True):
        own = items[max((k + 1 for k, i in enumerate(items) if i is END), default=0) :]
        said = text.folded[own[0].start : own[-1].end] if own else ""
        again = any(word in said for word in definitions.of("ditto"))
        take_name(draft, before, text, definitions)
        if again or names_no_origin(draft):
            for path, finds in before.finds.items():
                if path.startswith(ORIGIN) and not draft.has(path):
                    draft.finds[path] = list(finds)


def take_name(draft: Draft, before: Draft, text: Text, definitions: Definitions) -> None:
    """Give goods that have figures and no name that of the order before, where it was said of all: two lots of tea."""
    names = [pair for pair in before.goods if pair[0].kind is Kind.WORDS]
    if len(names) != 1 or not draft.goods or any(event.kind is Kind.WORDS for event, _ in draft.goods):
        return
    _, found = names[0]
    beside = text.folded[max(0, found.start - MAX_LOTS) : found.end + MAX_LOTS]
    if naming.counts_lots(beside, definitions):
        draft.goods = [*names, *draft.goods]


def names_no_origin(draft: Draft) -> bool:
    """Whether an order says nothing of who sends and from where."""
    return not any(path.startswith(ORIGIN) for path in draft.finds)


def with_common(
    head: list[Item], own: list[list[Item]], folded: str, definitions: Definitions
) -> tuple[list[Item], list[list[Item]]]:
    """What a sentence behind the last order says of all, such as "both are prepaid", counts for all."""
    if len(own) < 2 or not own[-1]:
        return head, own
    found = of_all(definitions).search(folded, own[-1][0].end, own[-1][-1].end)
    if found is None:
        return head, own
    end = SENTENCE_END.search(folded, found.end())
    inside = found.start(), end.start() if end else len(folded)
    common = [i for i in own[-1] if inside[0] <= i.start < inside[1]]
    return [*head, END, *common], [*own[:-1], [i for i in own[-1] if not inside[0] <= i.start < inside[1]]]


@lru_cache(maxsize=4)
def of_all(definitions: Definitions) -> re.Pattern[str]:
    """Where a phrase begins to speak of all orders."""
    signs = "".join(sign for sign, value in definitions.numerals if 1 < value <= 10)
    kinds, all_of, every = (alternation(definitions.of(name)) for name in ("split_kinds", "all_orders", "every_order"))
    who = "|".join(payers.bearers(definitions.of(name), definitions) for name in ("payers_self", "payers_them"))
    verbs = alternation(definitions.of("paying"))
    paid = rf"(?:{every})(?:{alternation(money.payments(definitions))}|(?:{who})(?:{verbs}))"
    counted = rf"(?:[{signs}\u51e0]|\d)(?:{kinds})[^\n,;。]{{0,6}}?[\u90fd\u5747\u5168\u4e00\u7edf]"
    fees, freight = (alternation(definitions.of(name)) for name in ("fee_kinds", "paid_for"))
    freights = rf"(?:[{signs}\u51e0]|\d)(?:{fees})\u7684?(?:{freight})"  # both freights, the freight of all three
    return re.compile(rf"(?<=[,;。!?\n ])(?:{counted}|{all_of}|{paid}|{freights})")


def with_tail(
    head: list[Item], own: list[list[Item]], folded: str, definitions: Definitions
) -> tuple[list[Item], list[list[Item]]]:
    """What the last order ends with counts for all where it names a shipper that no other order has."""
    if len(own) > 1 and (common := fetched_with(own, folded, definitions)):
        return [*head, END, *own[-1][common:]], [*own[:-1], own[-1][:common]]
    if len(own) < 2 or any(i.kind is Kind.LABEL and i.value.role == "shipper" for part in own[:-1] for i in part):
        return head, own
    for index, item in enumerate(own[-1]):
        if (
            item.kind is Kind.LABEL
            and item.value.role in ("shipper", "pickup")
            and index
            and opens_sentence(folded, item.start)
        ):
            return [*head, *own[-1][index:]], [*own[:-1], own[-1][:index]]
    return head, own


def fetched_with(own: Sequence[Sequence[Item]], folded: str, definitions: Definitions) -> int:
    """The index in the last order of lines that say of all orders, of a line each, when to fetch them; else 0."""
    if any("\n" in folded[part[0].start : part[-1].end].strip() for part in own[:-1]):
        return 0
    index = next((i for i, item in enumerate(own[-1]) if item.kind is Kind.BREAK and item.rule == "\n"), 0)
    behind = own[-1][index:]
    if {i.kind for i in behind} - {Kind.WORDS, Kind.BREAK, Kind.LABEL} != {Kind.TIME}:
        return 0
    if any(i.kind is Kind.LABEL and i.value.slot not in SAID_OF_ALL for i in behind):
        return 0
    purposes = {i.value.purpose for i in behind if i.kind is Kind.TIME} - {Purpose.NONE}
    said = folded[behind[0].start : behind[-1].end]
    one = any(word in said for word in definitions.of("of_one_order"))
    return index if purposes == {Purpose.PICKUP} and not one else 0


def with_text_behind(
    head: list[Item], own: list[list[Item]], folded: str, _definitions: Definitions
) -> tuple[list[Item], list[list[Item]]]:
    """What stands behind a table of orders counts for all of them."""
    end = folded.rfind(END_MARK)
    if end < 0 or not own:
        return head, own
    last = [i for i in own[-1] if i.start < end]
    return [*head, END, *(i for i in own[-1] if i.start >= end)], [*own[:-1], last]


def candidates(text: Text, items: Sequence[Item], definitions: Definitions) -> list[list[int]]:
    """Places where several orders may begin, by the ways people set them apart."""
    folded = text.folded
    rows = [m.start() for m in re.finditer(ORDER_MARK, folded)]
    numbered = [m.start() + m.group().startswith("\n") for m in enumerated(definitions).finditer(folded)]
    spoken = [m.start() for m in spoken_marks(definitions).finditer(folded)]
    labels = [i for i in items if i.kind is Kind.LABEL]
    shippers = [i for i in labels if i.value.role == "shipper" and at_line_start(folded, i.start)]
    shippers = [i for i in shippers if i.value.slot != "either" or not leads_to_town(i, folded, definitions)]
    repeated = [i.start for i in shippers if i.value.slot == shippers[0].value.slot]
    targets = [
        i.start
        for i in labels
        if (i.value.role, i.value.slot) == ("consignee", "place") and at_line_start(folded, i.start)
    ]
    told = list(told_orders(folded, definitions))
    blocks = [in_blocks(sign, folded, items) for sign in (RULED, BLANK)]
    several = sum(i.kind is Kind.COUNT for i in items) >= FEWEST_MARKS  # lots of goods
    ways = (
        rows,
        town_lines(items, folded, definitions) if several else [],
        sequels.numbered(folded, definitions),
        numbered,
        in_sequence(folded),
        spoken,
        repeated,
        targets,
        told,
        further(folded, spoken, definitions),
        sequels.town_lines(folded, items, definitions) if several else [],
        *blocks,
        sequels.bare_blocks(folded, items) if several else [],
        *listings.ways(folded, items, definitions),
        sequels.cycles(folded, items, definitions) if several else [],
    )
    return [starts for starts in ways if 1 < len(starts) <= MAX_ORDERS]


def leads_to_town(label: Item, folded: str, definitions: Definitions) -> bool:
    """Whether a line says no more behind a label than a town."""
    line = folded[label.end :].lstrip(" \t").partition("\n")[0].rstrip(" .,。;")
    return bool(line) and gazetteer.is_place(line, definitions)


def unmarked(items: Sequence[Item], starts: list[int], folded: str, definitions: Definitions) -> Iterator[Item]:
    """The items with those words cut at each start that go on over it, and without the mark that begins there."""
    known = mark(definitions)
    marks = [(start, found.end() if (found := known.match(folded, start)) else start) for start in starts]
    for item in items:
        if item.kind is not Kind.WORDS:
            yield item
            continue
        start = item.start
        for begin, end in marks:
            if start < begin < item.end:
                yield Item(item.kind, start, begin, item.value, item.rule)
                start = begin
            if begin <= start < end:
                start = end
        if start < item.end:
            yield Item(item.kind, start, item.end, item.value, item.rule)


def in_blocks(sign: re.Pattern[str], folded: str, items: Sequence[Item]) -> list[int]:
    """Where blocks begin between rules or blank lines, each of which is a whole order; none where one is not."""
    cuts = [m.end() for m in sign.finditer(folded)][:MAX_ORDERS]
    for starts in ([0, *cuts], cuts) if cuts else ():
        parts = divided(items, starts)[1:]
        while parts and not any(i.kind in (Kind.PHONE, Kind.COUNT, Kind.LABEL) for i in parts[-1]):
            parts.pop()
        if len(parts) > 1 and all(stands_alone(p) and sequels.receives(p) for p in parts):
            return starts[: len(parts)]
    return []


def further(folded: str, spoken: list[int], definitions: Definitions) -> list[int]:
    """Where the one order of a text that is told as a further one begins, behind the start of the first."""
    found = spoken_marks(definitions).match(folded, spoken[0]) if len(spoken) == 1 else None
    said = found.group().strip(" \t\n(") if found else ""
    more = said.startswith(definitions.of("further_words")) or said.endswith(definitions.of("further_marks"))
    if not more:
        return []
    return [0, spoken[0]]


def in_sequence(folded: str) -> list[int]:
    """Numbers in running text that count from one."""
    starts: list[int] = []
    for match in NUMBER.finditer(folded):
        if int(match[1]) == len(starts) + 1:
            starts.append(match.start(1))
    return starts


def told_orders(folded: str, definitions: Definitions) -> Iterator[int]:
    """Where a phrase begins with a town and says that one of several orders goes there."""
    told = places.grammar(definitions).told
    if not told.search(folded):
        return
    for match in PHRASE.finditer(folded):
        end = gazetteer.end_of_places(folded, match.end(), definitions)
        if end is not None and told.match(folded, end):
            yield match.end()


def opens_sentence(folded: str, position: int) -> bool:
    """Whether a sentence or line begins at a place."""
    return at_line_start(folded, position) or folded[:position].rstrip()[-1:] in (".", "。", ";", "!")


def at_line_start(folded: str, position: int) -> bool:
    """Whether only signs stand before a place in its line."""
    line = folded[folded.rfind("\n", 0, position) + 1 : position]
    return not line.strip(" \t*-.[(")


def divided(items: Iterable[Item], starts: list[int]) -> list[list[Item]]:
    """The items before the first start, then those of each stretch."""
    parts: list[list[Item]] = [[] for _ in range(len(starts) + 1)]
    for item in items:
        parts[bisect_right(starts, item.start)].append(item)
    return parts


def stands_alone(part: Sequence[Item]) -> bool:
    """Whether a stretch is an order of its own: figures, and somebody or somewhere beside them."""
    return any(is_figure(i) for i in part) and any(is_party(i) for i in part)


def is_figure(item: Item) -> bool:
    """Whether an item counts or weighs goods, or is the label of a figure that does."""
    kind = item.kind
    return kind is Kind.COUNT or kind is Kind.WEIGHT or (kind is Kind.LABEL and item.value.slot in FIGURE_LABELS)


def is_party(item: Item) -> bool:
    """Whether an item is a phone, or the label of somebody or of a place."""
    return item.kind is Kind.PHONE or (item.kind is Kind.LABEL and item.value.role in PARTY_LABELS)


def points_to_subject(folded: str, definitions: Definitions) -> bool:
    """Whether a body is empty or only says "as the subject"."""
    plain = folded.strip(" .,。!\n")
    if not plain or (len(plain) <= MAX_POLITE and prose.is_noise(plain, definitions)):
        return True
    see = definitions.of("see_subject")
    first = re.split(r"[,。.!\s]", plain, maxsplit=1)[0]
    return first in see and len(plain) <= 20


def fill_from_signature(draft: Draft, letter: Letter, definitions: Definitions) -> None:
    """The signature names the shipper only where the text says "our company" and names nobody (ruling 3)."""
    if not letter.signature.folded or draft.has("shipper.name") or draft.has("shipper.company"):
        return
    if not any(word in letter.new.folded for word in definitions.of("self_words")):
        return
    for line in letter.signature.lines():
        if not signatures.closes(line.folded, definitions):
            fill_from_line(line, draft, definitions)


def fill_from_line(line: Text, draft: Draft, definitions: Definitions) -> None:
    """Name, company or phone of one signature line."""
    rule = "signature"
    for item in phones.find(line.folded, definitions):
        if item.kind is Kind.PHONE and not draft.has("shipper.phones"):
            draft.add_elsewhere("shipper.phones", item.value, line.shown[item.start : item.end].strip(), rule)
    for piece in parties.split(line):
        if parties.is_department(piece.folded, definitions):
            continue
        if parties.is_company(piece.folded, definitions) and not draft.has("shipper.company"):
            draft.add_elsewhere("shipper.company", piece.shown, piece.shown, rule)
        elif parties.is_person(piece.folded, definitions) and not draft.has("shipper.name"):
            draft.add_elsewhere("shipper.name", piece.shown, piece.shown, rule)


def content_elsewhere(body: mime.Body, folded: str, definitions: Definitions) -> bool:
    """Whether a message says next to nothing but brings a picture, a file, or a link to one, or is encrypted."""
    if (body.images_only and len(folded) < MAX_CAPTION) or ENCRYPTED in folded:
        return True
    named = bool(LINK.search(folded)) or bool(FILE.search(folded))
    linked = named and any(word in folded for word in definitions.of("cloud_words"))
    return len(folded) < MAX_POINTER and (bool(body.files) or linked)
