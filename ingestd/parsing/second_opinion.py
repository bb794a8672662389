"""A second opinion on orders: what learned weights say of who, where and what, beside what the rules read.

What a label says counts before the weights; these count before a rule that goes by frames or places where they are
sure, and fill what no rule found where they are less so. What each of them is worth was measured on orders that
neither had seen (docs/adr/0012-words-are-tagged-by-what-was-learned.md). What contradicts itself stays in doubt.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from ingestd.parsing import descriptions, parties, tagging
from ingestd.parsing.cargo import Event
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.draft import Draft, Found
from ingestd.parsing.forms import NAMED, PHONES, behind_label, filled_out, label_ends, labelled
from ingestd.parsing.items import Item, Kind
from ingestd.parsing.tagging import Span
from ingestd.parsing.text import fold

DIGITS = re.compile(r"\d+")
RULE = "learned.words"
LABELLED, ANY_PARTY = "label.", "label.party"
KNOWN, UNSURE, WEAK, WEAK_NUMBER = 0.7, 0.5, 0.8, 0.7  # of what is doubted, see `contradictions`
TAKEN = 0.9  # of words that stand elsewhere than those a rule took
NUMBERS_WHOLE = 0.99  # of whose a number is in an order that rules read whole
NEVER = 2.0
KNOWN_NAME = 0.98  # of words that look like nobody's name
NUMBERED = 0.5  # of every number, to sort them anew
# the least probability at which words are taken, by what they are taken for or instead of
FILLED, FIRM, UNKNOWN_FIRM, ROUNDED, MOVED, RENAMED, GOODS_NAMED = 0.3, 0.6, 0.97, 0.5, 0.95, 0.97, 0.8
PARTS = (
    "shipper.company", "shipper.name", "pickup.contact", "consignee.company", "consignee.name", "pickup.address",
    "consignee.address", "destination",
)  # fmt: skip
FIRMS = ("shipper.company", "consignee.company")
DOUBTED = NAMED[1:]  # a sender's name sends nothing to a wrong door
SIDED = (*FIRMS, *NAMED)
WHERE = ("pickup.contact",)
PHONE_SLOTS = ("phone", "party_phone")
PHONE_SIDES = ("shipper", "pickup", "consignee")
COMMON = ("shipper", "pickup")  # sides that several orders may share
NAMES, ADDRESSES = ("shipper.name", "consignee.name"), ("pickup.address", "consignee.address")
OPTIONAL = {"shipper.name": ROUNDED, "pickup.contact": TAKEN}  # an order is whole without
GOODS = "cargo.name"
SHORT = 3  # characters that a company has at least
BRACKETS = {"(": ")", "（": "）", "[": "]", "【": "】", "“": "”", "「": "」"}


def seconded(
    drafts: Sequence[Draft], whole: Sequence[bool], items: Sequence[Item], definitions: Definitions
) -> tuple[Draft, ...]:
    """The drafts of a text after the second opinion; of what rules read whole little is touched, and where everything
    stands behind labels nothing is doubted, and the weights are not asked where all words are taken."""
    ends = label_ends(items)
    form = all(whole) and all(labelled(draft, ends) for draft in drafts)
    if form and filled_out(drafts, items, definitions):
        return tuple(drafts)
    spans = tagging.spans(drafts[0].text, items, definitions)
    shares = shared_out(drafts, spans)
    told = labelled_phones(items)
    out = tuple(replace(draft, finds=dict(draft.finds), goods=list(draft.goods), otherwise=set()) for draft in drafts)
    for draft, share, complete in zip(out, shares, whole, strict=True):
        confused = complete and misled(share, draft)
        for path in PARTS:
            own = [span for span in share if span.path == path and (not form or span.sure >= MOVED)]
            consider(path, own, draft, definitions, complete=complete)
        if complete:
            lend(share, draft)
        else:
            number(share, items, ends, draft)
            name_goods([span for span in share if span.path == GOODS], draft)
        if not form and not confused and (complete or not labelled(draft, ends)):
            of_forms = {i.start for i in items if complete and behind_label(i.start, draft, ends)}
            draft.otherwise.update(contradictions(share, draft, told | of_forms, sure=complete))
        if not form:
            draft.otherwise.update(oddities(share, draft, definitions))
    return out


def misled(spans: Sequence[Span], draft: Draft) -> bool:
    """Whether the weights lost who is who: they give what a label gave to one side to the other."""
    return any(
        found.rule.startswith(LABELLED) and side_of(path) != side_of(span.path)
        for span in spans
        if span.path in SIDED
        for path, found in overlapping(span, draft)
        if path in SIDED
    )


def side_of(path: str) -> str:
    """The side that a field speaks of; the place of pickup is the shipper's."""
    return "consignee" if path.startswith("consignee") else "shipper"


def least_for_firm(span: Span, draft: Draft, definitions: Definitions) -> float:
    """How sure the weights must be of a company; a trade, a description or what is somebody's is none however used."""
    folded = draft.text.folded[span.start : span.end]
    owned = any(word in folded for word in definitions.of("possessive"))
    if owned or len(folded) < SHORT or descriptions.is_description(folded, definitions):
        return NEVER
    if descriptions.is_generic(folded, definitions) or descriptions.is_talk(folded, definitions):
        return NEVER
    return FIRM if parties.is_company(folded, definitions) else UNKNOWN_FIRM


def shared_out(drafts: Sequence[Draft], spans: Sequence[Span]) -> list[list[Span]]:
    """The spans of each order: from where its own finds begin to where the next one's do; what is said once of a
    side that orders share is everybody's."""
    if len(drafts) == 1:
        return [list(spans)]
    begins = [begin for draft in drafts if (begin := begin_of(draft, drafts)) is not None]
    if len(begins) < len(drafts) or begins != sorted(set(begins)):
        return [[] for _ in drafts]
    ends = [*begins[1:], len(drafts[0].text.folded)]
    said = {path: {words(s, drafts[0]) for s in spans if s.path == path} for path in PARTS}
    common = [s for s in spans if s.path.partition(".")[0] in COMMON and len(said.get(s.path, "  ")) == 1]
    return [
        [*common, *(s for s in spans if begin <= s.start < end and s not in common)]
        for begin, end in zip(begins, ends, strict=True)
    ]


def begin_of(draft: Draft, drafts: Sequence[Draft]) -> int | None:
    """Where the first find stands that is this order's alone; None where there is none."""
    others = {f.start for other in drafts if other is not draft for f in everything(other)}
    return min((f.start for f in everything(draft) if f.start not in others), default=None)


def everything(draft: Draft) -> Iterator[Found]:
    """All finds of a draft whose words stand in the text."""
    for found in (*(f for finds in draft.finds.values() for f in finds), *(f for _, f in draft.goods)):
        if found.end > found.start and not found.elsewhere:
            yield found


# --- parties and places -----------------------------------------------------------------------------------------------


def consider(path: str, own: Sequence[Span], draft: Draft, definitions: Definitions, *, complete: bool) -> None:
    """Fill a field, or take other words for it than a rule did."""
    if path in draft.ambiguous or len({words(span, draft) for span in own}) != 1:
        return
    span, ruled = max(own, key=lambda s: s.sure), draft.all(path)
    if not balanced(words(span, draft)) or any(bare(str(f.value)) == bare(words(span, draft)) for f in ruled[:1]):
        return
    if len(ruled) > 1 or any(found.elsewhere for found in ruled):
        return
    firm = least_for_firm(span, draft, definitions) if path in FIRMS else FILLED
    if ruled:
        least = least_against(ruled[0], span, draft, complete=complete)
    else:
        least = least_to_fill(span, draft, firm, complete=complete)
    if span.sure >= max(least, firm):
        put(span, draft)


def least_to_fill(span: Span, draft: Draft, firm: float, *, complete: bool) -> float:
    """How sure the weights must be to fill a field for which rules found nothing."""
    held = {path for path, _ in overlapping(span, draft) if path in PARTS}
    if held_by_label(span, draft):
        return NEVER
    if span.path in FIRMS and held:
        aside = any(side_of(path) != side_of(span.path) for path in held)
        if firm == FIRM:
            return NEVER if aside and complete else MOVED if complete else FILLED
        return NEVER if aside or not held <= set(NAMES) else RENAMED
    if complete and span.path not in FIRMS:
        return OPTIONAL.get(span.path, NEVER) if not held or lends_name(span, draft) else NEVER
    return TAKEN if span.path == "destination" else FILLED


def lends_name(span: Span, draft: Draft) -> bool:
    """Whether words may be the contact at the pickup, who is named as the shipper, and another is still named so."""
    return span.path in WHERE and (draft.has(FIRMS[0]) or len(draft.all(NAMES[0])) > 1)


def least_against(ruled: Found, span: Span, draft: Draft, *, complete: bool) -> float:
    """How sure the weights must be to take other words than a rule took."""
    by_label = ruled.rule.startswith(LABELLED)
    if ruled.start <= span.start and span.end <= ruled.end:
        if span.path in FIRMS:
            return FILLED
        shorter = bare(words(span, draft)) in bare(str(ruled.value))
        return MOVED if span.path in ADDRESSES and shorter and not by_label else NEVER
    if by_label or held_by_label(span, draft) or (meet(ruled, span) and span.path not in WHERE):
        return NEVER
    if complete and span.path not in WHERE:
        alone = all(path not in PARTS for path, _ in overlapping(span, draft))
        return MOVED if span.path in NAMES and alone else NEVER
    return TAKEN


def balanced(text: str) -> bool:
    """Whether every bracket of a text is closed."""
    return all(text.count(one) == text.count(other) for one, other in BRACKETS.items())


def bare(text: str) -> str:
    """A text without its signs and spaces."""
    return "".join(filter(str.isalnum, text)).lower()


def words(span: Span, draft: Draft) -> str:
    """The words of a span as they are put out."""
    return " ".join(draft.text.shown[span.start : span.end].split())


def found_in(span: Span, draft: Draft) -> Found:
    """A find for the words of a span."""
    return Found(words(span, draft), span.start, span.end, RULE)


def held_by_label(span: Span, draft: Draft) -> bool:
    """Whether a label gave these words to another field; one of any party only where the weights are not sure."""
    rules = [f.rule for _, f in overlapping(span, draft)]
    return any(r.startswith(LABELLED) and (r != ANY_PARTY or span.sure < TAKEN) for r in rules)


def overlapping(span: Span, draft: Draft) -> Iterator[tuple[str, Found]]:
    """The finds in the words of a span, with their fields."""
    for path, finds in draft.finds.items():
        for found in finds:
            if not found.elsewhere and found.start < span.end and span.start < found.end:
                yield path, found


def apart(found: Found, span: Span, draft: Draft) -> bool:
    """Whether a value itself stands outside a span, where its find says where the whole field of a party does."""
    value = str(found.value)
    start = draft.text.shown.find(value, found.start, found.end)
    return start >= 0 and (start + len(value) <= span.start or span.end <= start)


def put(span: Span, draft: Draft) -> None:
    """Give the words of a span to its field, and take them from others."""
    for path, found in list(overlapping(span, draft)):
        if path in PARTS and not apart(found, span, draft):
            keep(path, [f for f in draft.finds[path] if f is not found], draft)
    draft.finds[span.path] = [found_in(span, draft)]


def keep(path: str, finds: list[Found], draft: Draft) -> None:
    """Leave these finds to a field, or nothing."""
    draft.finds.pop(path, None)
    if finds:
        draft.finds[path] = finds


# --- numbers ----------------------------------------------------------------------------------------------------------


def number(spans: Iterable[Span], items: Sequence[Item], ends: Sequence[int], draft: Draft) -> None:
    """Sort the numbers anew, where the weights know of every one whose it is; in a form its order tells."""
    dialled = {item.start: item for item in items if item.kind is Kind.PHONE}
    if all(behind_label(start, draft, ends) for start in dialled):
        return
    anew: dict[str, list[Found]] = {}
    for span in spans:
        item = dialled.get(span.start)
        if span.path in PHONES and item is not None and span.sure >= NUMBERED:
            anew.setdefault(span.path, []).append(Found(item.value, item.start, item.end, RULE))
    known = {f.start for finds in anew.values() for f in finds}
    ruled = [f for path in PHONES for f in draft.all(path)]
    if any(f.elsewhere or f.start not in known for f in ruled) or not {PHONES[0], PHONES[2]} <= anew.keys():
        return
    for path in PHONES:
        after = anew.get(path, [])
        if {f.value for f in after} != {f.value for f in draft.all(path)}:
            keep(path, after, draft)


def lend(spans: Iterable[Span], draft: Draft) -> None:
    """Give the pickup a number that a rule took for one more of somebody else's."""
    lent = {span.start for span in spans if span.path == PHONES[1] and span.sure >= TAKEN}
    for path in (PHONES[0], PHONES[2]):
        stays = [f for f in draft.all(path) if f.start not in lent or f.elsewhere]
        goes = [f for f in draft.all(path) if f not in stays]
        if stays and goes:
            keep(path, stays, draft)
            draft.finds[PHONES[1]] = [*draft.all(PHONES[1]), *goes]


# --- goods ------------------------------------------------------------------------------------------------------------


def name_goods(spans: Sequence[Span], draft: Draft) -> None:
    """Goods by the names that the weights know, where rules found none."""
    if any(event.kind is Kind.WORDS for event, _ in draft.goods):
        return
    named = {words(span, draft): span for span in reversed(spans) if span.sure >= GOODS_NAMED}
    found = [(Event(Kind.WORDS, name), found_in(span, draft)) for name, span in named.items()]
    draft.goods = sorted([*draft.goods, *found], key=lambda pair: pair[1].start)


def meet(found: Found, span: Span) -> bool:
    """Whether a find and a span share words."""
    return found.start < span.end and span.start < found.end


# --- doubt ------------------------------------------------------------------------------------------------------------


def labelled_phones(items: Sequence[Item]) -> set[int]:
    """Where phones begin that stand right behind a label of their own, which says whose they are."""
    return {
        item.start
        for label, item in pairwise(items)
        if label.kind is Kind.LABEL and label.value.slot in PHONE_SLOTS and item.kind is Kind.PHONE
        if not label.value.framed and label.value.role in PHONE_SIDES
    }


def contradictions(spans: Sequence[Span], draft: Draft, told: Collection[int], *, sure: bool) -> Iterator[str]:
    """The fields of which the weights say otherwise than the draft that came of both, or are not sure themselves.

    Phones that begin where `told` has it are their label's. Where rules read an order whole only what the weights are
    `sure` of counts against it.
    """
    known = [s for s in spans if s.sure > (TAKEN if sure else KNOWN) and not (sure and doubled(s, spans, draft))]
    for path in DOUBTED:
        found = draft.first(path)
        if found is None or found.elsewhere or found.rule.startswith(LABELLED):
            continue
        own = [s for s in spans if s.path == path and s.sure > WEAK]
        weak = not sure and unsupported(found, path, spans)
        if weak or contradicted(found, path, known, draft) or (path in NAMES and misnamed(found, own, draft)):
            yield path
    taken = list(everything(draft))
    for span in known:
        if span.path in (*DOUBTED, *WHERE) and not any(meet(f, span) or said_by(f, span, draft) for f in taken):
            yield span.path
    names = [found for event, found in draft.goods if event.kind is Kind.WORDS]
    if not sure and any(s.path == GOODS and not any(meet(f, s) for f in names) for s in known):
        yield GOODS
    yield from misdialled(spans, draft, told, NUMBERS_WHOLE if sure else 0.0)


def doubled(span: Span, spans: Sequence[Span], draft: Draft) -> bool:
    """Whether the weights give one name twice, here and where the draft has it, too: they lost who is who."""
    found = draft.first(span.path)
    if found is None or span.path not in NAMES or said_by(found, span, draft):
        return False
    return any(s.path == span.path and said_by(found, s, draft) for s in spans)


def misdialled(spans: Sequence[Span], draft: Draft, told: Collection[int], against: float) -> Iterator[str]:
    """The fields of phones that the weights give to others, or to the same ones hardly; the pickup's where they do."""
    sent = any(s.path == NAMES[0] and s.sure > KNOWN for s in spans)  # by somebody else than who is at the pickup
    for path in PHONES:
        for found in draft.all(path):
            owner = next((s for s in spans if s.start == found.start), None)
            lent = owner is not None and owner.path == PHONES[1] and sent
            if owner is None or (not lent and (found.start in told or owner.sure <= against)):
                continue
            if owner.path != path or owner.sure < WEAK_NUMBER:
                yield path


def oddities(spans: Sequence[Span], draft: Draft, definitions: Definitions) -> Iterator[str]:
    """A receiver who is nobody by his looks and without a company, and a town of which the weights make goods."""
    named, town = draft.first(NAMES[1]), draft.first("destination")
    if named is not None and not named.elsewhere:
        own = [s for s in spans if s.path == NAMES[1] and s.sure > WEAK]
        firm = draft.has(FIRMS[1])
        if not firm and not looks_known(named, own, draft, definitions):
            yield NAMES[1]
    if town is not None and any(s.path == GOODS and s.sure > TAKEN and meet(town, s) for s in spans):
        yield "destination"


def misnamed(named: Found, own: Sequence[Span], draft: Draft) -> bool:
    """Whether the weights see more or less of a name."""
    if any(said_by(named, s, draft) for s in own):
        return False
    return any(meet(named, s) and misses(str(named.value), words(s, draft), s.path) for s in own)


def looks_known(named: Found, own: Sequence[Span], draft: Draft, definitions: Definitions) -> bool:
    """Whether a name is somebody's by its looks, or the weights know it well."""
    name = fold(str(named.value), definitions).folded
    sure = any(said_by(named, s, draft) and s.sure >= KNOWN_NAME for s in own)
    return sure or name.isascii() or parties.is_person(name, definitions)


def contradicted(found: Found, path: str, known: Sequence[Span], draft: Draft) -> bool:
    """Whether the weights give the words of a find to another field, or see more of a name or another figure."""
    if any(s.path == path and said_by(found, s, draft) for s in known):
        return False
    meeting = [s for s in known if meet(found, s) and not housed(s, path)]
    same = [s for s in meeting if s.path == path]
    if same:
        return all(misses(str(found.value), words(s, draft), path) for s in same)
    return bool(meeting)


def said_by(found: Found, span: Span, draft: Draft) -> bool:
    """Whether the words of a span are the value of a find, here or where they are said once more."""
    return bare(str(found.value)) == bare(words(span, draft))


def housed(span: Span, path: str) -> bool:
    """Whether a place and a firm of one side are meant, which a market or a terminal is at once."""
    return path.endswith(".address") and span.path in FIRMS and side_of(span.path) == side_of(path)


def unsupported(found: Found, path: str, spans: Sequence[Span]) -> bool:
    """Whether the weights hardly take the words of a find for what they are said to be."""
    agreed = max((s.sure for s in spans if s.path == path and meet(found, s)), default=0.0)
    return agreed < UNSURE or (found.rule == RULE and agreed < WEAK)


def misses(value: str, better: str, path: str) -> bool:
    """Whether other words for a value have another figure (another door), or more or less of a name."""
    if path.endswith(".name"):
        value, better = bare(value), bare(better)
        return value != better and (value in better or better in value)
    return DIGITS.findall(value) != DIGITS.findall(better)
