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
from ingestd.parsing.items import Item, Kind
from ingestd.parsing.tagging import Span

DIGITS = re.compile(r"\d+")
RULE = "learned.words"
LABELLED, ANY_PARTY = "label.", "label.party"
KNOWN, UNSURE, WEAK, WEAK_NUMBER = 0.7, 0.6, 0.8, 0.7  # of what is doubted, see `contradictions`
FILLED = 0.3  # least probability of words that fill a gap
TAKEN = 0.9  # of words that stand elsewhere than those a rule took
NUMBERS_WHOLE = 0.97  # of whose a number is in an order that rules read whole
NEVER = 2.0
NUMBERED = 0.5  # of every number, to sort them anew
PARTS = (
    "shipper.company", "shipper.name", "pickup.contact", "consignee.company", "consignee.name", "pickup.address",
    "consignee.address", "destination",
)  # fmt: skip
FIRMS = ("shipper.company", "consignee.company")
CUT_SHORT = (*FIRMS, "shipper.name", "consignee.name")  # of which the weights may know a part as the whole
NAMED = ("shipper.name", "consignee.name", "pickup.address", "consignee.address")
SIDED = (*FIRMS, *NAMED)
WHERE = ("pickup.contact",)
PHONES = ("shipper.phones", "pickup.phones", "consignee.phones")
PHONE_SLOTS = ("phone", "party_phone")
PHONE_SIDES = ("shipper", "pickup", "consignee")
COMMON = ("shipper", "pickup")  # sides that several orders may share
OPTIONAL = (*FIRMS, "pickup.contact", "consignee.address")
GOODS = "cargo.name"
BRACKETS = {"(": ")", "（": "）", "[": "]", "【": "】", "“": "”", "「": "」"}


def seconded(
    drafts: Sequence[Draft], whole: Sequence[bool], items: Sequence[Item], definitions: Definitions
) -> tuple[Draft, ...]:
    """The drafts of a text after the second opinion; what rules read whole is left but for what is sure."""
    if all(whole) and all(labelled(draft, items) for draft in drafts):
        return tuple(drafts)
    spans = tagging.spans(drafts[0].text, items, definitions)
    shares = shared_out(drafts, spans)
    told = labelled_phones(items)
    out = tuple(replace(draft, finds=dict(draft.finds), goods=list(draft.goods), otherwise=set()) for draft in drafts)
    for draft, share, complete in zip(out, shares, whole, strict=True):
        confused = complete and misled(share, draft)
        own = [span for span in share if span.path not in FIRMS or is_firm(span, draft, definitions)]
        if complete:
            round_off([span for span in own if span.sure >= TAKEN], draft)
        else:
            amend([span for span in own if span.sure >= FILLED], items, draft)
        if not confused:
            draft.otherwise.update(contradictions(share, draft, told, sure=complete))
    return out


def labelled(draft: Draft, items: Sequence[Item]) -> bool:
    """Whether everybody, every place and every number stands behind a label on its line: rules need no witness."""
    finds = [f for path in (*NAMED, *PHONES) for f in draft.all(path) if not f.elsewhere]
    return all(behind_label(f.start, draft, items) for f in finds)


def behind_label(start: int, draft: Draft, items: Sequence[Item]) -> bool:
    """Whether a label stands before a place on its line."""
    line = draft.text.folded.rfind("\n", 0, start)
    return any(i.kind is Kind.LABEL and i.value.sure and line < i.end <= start for i in items)


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


def is_firm(span: Span, draft: Draft, definitions: Definitions) -> bool:
    """Whether words are a company by themselves, too; a trade or a description is none however it is used."""
    folded = draft.text.folded[span.start : span.end]
    return parties.is_company(folded, definitions) and not descriptions.is_description(folded, definitions)


def round_off(own: Sequence[Span], draft: Draft) -> None:
    """Fill what need not be said and was not read in an order that is whole without it."""
    for path in OPTIONAL:
        if not draft.has(path):
            consider(path, [span for span in own if span.path == path and not takes_pickup(span, draft)], draft)


def takes_pickup(span: Span, draft: Draft) -> bool:
    """Whether words that may be the receiver's address are the only one that rules have for the pickup."""
    return span.path == "consignee.address" and any(path == "pickup.address" for path, _ in overlapping(span, draft))


def amend(own: Sequence[Span], items: Sequence[Item], draft: Draft) -> None:
    """Fill and exchange what an order lacks that rules did not read whole."""
    for path in PARTS:
        consider(path, [span for span in own if span.path == path], draft)
    number(own, items, draft)
    name_goods([span for span in own if span.path == GOODS], draft)


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


def consider(path: str, own: Sequence[Span], draft: Draft) -> None:
    """Fill a field, or take other words for it than a rule did."""
    if path in draft.ambiguous or len({words(span, draft) for span in own}) != 1:
        return
    span, ruled = max(own, key=lambda s: s.sure), draft.all(path)
    if not balanced(words(span, draft)) or any(bare(str(f.value)) == bare(words(span, draft)) for f in ruled[:1]):
        return
    if not ruled:
        if not held_by_label(span, draft):
            put(span, draft)
    elif len(ruled) == 1 and not ruled[0].elsewhere and span.sure >= least_against(ruled[0], span):
        put(span, draft)


def least_against(ruled: Found, span: Span) -> float:
    """How sure the weights must be to take other words than a rule took; where a value ends rules know better."""
    within = ruled.start <= span.start and span.end <= ruled.end
    if ruled.rule.startswith(LABELLED):
        return TAKEN if within and span.path in FIRMS else NEVER
    if ruled.start < span.end and span.start < ruled.end:
        return TAKEN if within and span.path in CUT_SHORT else NEVER
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


def number(spans: Iterable[Span], items: Sequence[Item], draft: Draft) -> None:
    """Sort the numbers anew, where the weights know of every one whose it is; in a form its order tells."""
    dialled = {item.start: item for item in items if item.kind is Kind.PHONE}
    if all(behind_label(start, draft, items) for start in dialled):
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


# --- goods ------------------------------------------------------------------------------------------------------------


def name_goods(spans: Sequence[Span], draft: Draft) -> None:
    """Goods by the names that the weights know: cut to them, or put in the place of words that they take for none."""
    named = [(event, found) for event, found in draft.goods if event.kind is Kind.WORDS]
    if any(found.rule.startswith(LABELLED) or found.elsewhere for _, found in named):
        return
    agreed = {n: span for n, (_, found) in enumerate(named) for span in spans if meet(found, span)}
    others = {words(s, draft): s for s in reversed(spans) if not any(meet(found, s) for _, found in named)}
    others = {name: s for name, s in others.items() if name not in {words(a, draft) for a in agreed.values()}}
    if named and (not others or len(agreed) == len(named)):
        others, dropped = {}, set()
    else:
        dropped = set(range(len(named))) - agreed.keys()
    out = [(event, found) for event, found in draft.goods if event.kind is not Kind.WORDS]
    for n, (event, found) in enumerate(named):
        if n in agreed and bare(str(event.value)) != bare(words(agreed[n], draft)) and agreed[n].sure >= KNOWN:
            out.append((Event(Kind.WORDS, words(agreed[n], draft)), found_in(agreed[n], draft)))
        elif n not in dropped:
            out.append((event, found))
    out += [(Event(Kind.WORDS, name), found_in(span, draft)) for name, span in others.items()]
    draft.goods = sorted(out, key=lambda pair: pair[1].start)


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
    known = [s for s in spans if s.sure > (TAKEN if sure else KNOWN)]
    for path in NAMED:
        found = draft.first(path)
        if found is None or found.elsewhere or found.rule.startswith(LABELLED):
            continue
        if contradicted(found, path, known, draft) or (not sure and unsupported(found, path, spans)):
            yield path
    taken = list(everything(draft))
    for span in known:
        if span.path in (*NAMED, *WHERE) and not any(meet(f, span) or said_by(f, span, draft) for f in taken):
            yield span.path
    names = [found for event, found in draft.goods if event.kind is Kind.WORDS]
    if not sure and any(s.path == GOODS and not any(meet(f, s) for f in names) for s in known):
        yield GOODS
    against = NUMBERS_WHOLE if sure else 0.0
    for path in PHONES:
        for found in draft.all(path):
            owner = next((s for s in spans if s.start == found.start and s.sure > against), None)
            if owner is not None and found.start not in told and (owner.path != path or owner.sure < WEAK_NUMBER):
                yield path


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
    """Whether other words for a value have another figure (another door), or more of a name."""
    if path.endswith(".name"):
        return bare(value) != bare(better) and bare(value) in bare(better)
    return DIGITS.findall(value) != DIGITS.findall(better)
