"""A second opinion on orders: what learned weights say of who, where and what, beside what the rules read.

The weights have heard what the rules took each word for (docs/adr/0015-the-weights-hear-the-rules.md), so that what is
likelier by them counts: it fills gaps and takes the place of what a rule went by; of what a label gave, and of places,
only where they are sure. What they contradict, or the same weights without the rules, stays in doubt
(`contradictions.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from ingestd.parsing import cargo, contradictions, descriptions, gazetteer, parties, places, tagging
from ingestd.parsing.cargo import Event
from ingestd.parsing.contradictions import (
    FIRMS,
    GOODS,
    LABELLED,
    NAMES,
    RULE,
    TAKEN,
    WHERE,
    bare,
    everything,
    overlapping,
    side_of,
    words,
)
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.draft import Draft, Found
from ingestd.parsing.forms import PHONES, behind_label, filled_out, label_ends, labelled
from ingestd.parsing.items import Item, Kind
from ingestd.parsing.tagging import Span

LATIN = re.compile(r"[A-Za-z]")
ANY_PARTY = "label.party"
NEVER = 2.0
NUMBERED = 0.5  # of every number, to sort them anew
# the least probability at which words are taken, by what they are taken for or instead of
FILLED, FIRM, UNKNOWN_FIRM, ROUNDED, MOVED, RENAMED, GOODS_NAMED = 0.3, 0.5, 0.8, 0.5, 0.95, 0.6, 0.5
PLACED = 0.9  # of an address that stands elsewhere than a rule's, or is less of it
PARTS = (
    "shipper.company", "shipper.name", "pickup.contact", "consignee.company", "consignee.name", "pickup.address",
    "consignee.address", "destination",
)  # fmt: skip
ADDRESSES = ("pickup.address", "consignee.address")
COMMON = ("shipper", "pickup")  # sides that several orders may share
OPTIONAL = {"shipper.name": ROUNDED, "pickup.contact": TAKEN}  # an order is whole without
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
    opinions = tagging.opinions(drafts, items, definitions)
    informed, alone = (shared_out(drafts, spans) for spans in opinions)
    told = contradictions.labelled_phones(items)
    out = tuple(replace(draft, finds=dict(draft.finds), goods=list(draft.goods), otherwise=set()) for draft in drafts)
    for draft, own, other, complete in zip(out, informed, alone, whole, strict=True):
        confused = complete and contradictions.misled(own, draft)
        for path in PARTS:
            said = [span for span in own if span.path == path]
            if not form or any(span.sure >= MOVED for span in said):
                consider(path, said, draft, definitions, complete=complete)
        if complete:
            lend(own, draft)
        else:
            number(own, items, draft)
        name_goods(own, draft)
        if not form and not confused and (complete or not labelled(draft, ends)):
            of_forms = {i.start for i in items if complete and behind_label(i.start, draft, ends)}
            doubted = set(contradictions.of_both(own, other, draft, told | of_forms, sure=complete))
            draft.otherwise.update(doubted - set(contradictions.named_in_full(draft, definitions)))
        if not form:
            draft.otherwise.update(contradictions.oddities(own, draft, definitions))
    return out


def least_for_firm(span: Span, draft: Draft, definitions: Definitions) -> float:
    """How sure the weights must be of a company; a trade, a description, a person, a known place, a market or what is
    somebody's is none however used."""
    folded = draft.text.folded[span.start : span.end]
    owned = any(word in folded for word in definitions.of("possessive"))
    if owned or len(folded) < SHORT or descriptions.is_description(folded, definitions):
        return NEVER
    if descriptions.is_generic(folded, definitions) or descriptions.is_talk(folded, definitions):
        return NEVER
    if parties.is_company(folded, definitions):
        return FIRM
    somewhere = gazetteer.is_place(folded, definitions) or places.is_market(folded, definitions)
    return NEVER if somewhere or parties.is_plainly_person(folded, definitions) else UNKNOWN_FIRM


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
        least = least_to_fill(span, draft, complete=complete)
    if span.sure >= max(least, firm):
        put(span, draft)


def least_to_fill(span: Span, draft: Draft, *, complete: bool) -> float:
    """How sure the weights must be to fill a field for which rules found nothing."""
    held = {path for path, _ in overlapping(span, draft) if path in PARTS}
    if held_by_label(span, draft):
        return NEVER
    if span.path in FIRMS and held:
        aside = any(side_of(path) != side_of(span.path) for path in held)
        if complete and (aside or not held <= set(NAMES)):
            return NEVER if aside else MOVED
        return RENAMED
    if complete and span.path not in FIRMS:
        return OPTIONAL.get(span.path, NEVER) if not held or lends_name(span, draft) else NEVER
    return TAKEN if span.path == "destination" else FILLED


def lends_name(span: Span, draft: Draft) -> bool:
    """Whether words may be the contact at the pickup, who is named as the shipper, and another is still named so."""
    return span.path in WHERE and (draft.has(FIRMS[0]) or len(draft.all(NAMES[0])) > 1)


def least_against(ruled: Found, span: Span, draft: Draft, *, complete: bool) -> float:
    """How sure the weights, which have heard the rules, must be to take other words than a rule took."""
    by_label = ruled.rule.startswith(LABELLED)
    if by_label and span.path in (*NAMES, *ADDRESSES):
        return NEVER
    if span.path == "destination" and not by_label:
        return NEVER
    if LATIN.search(str(ruled.value)) and bare(words(span, draft)) in bare(str(ruled.value)):
        return NEVER  # a part of a name of several words
    if complete and span.path in NAMES:
        alone = all(path not in PARTS or found is ruled for path, found in overlapping(span, draft))
        return MOVED if alone else NEVER
    if by_label or held_by_label(span, draft):
        return MOVED
    return PLACED if span.path in ADDRESSES else RENAMED


def balanced(text: str) -> bool:
    """Whether every bracket of a text is closed."""
    return all(text.count(one) == text.count(other) for one, other in BRACKETS.items())


def found_in(span: Span, draft: Draft) -> Found:
    """A find for the words of a span."""
    return Found(words(span, draft), span.start, span.end, RULE)


def held_by_label(span: Span, draft: Draft) -> bool:
    """Whether a label gave these words to another field; one of any party only where the weights are not sure."""
    rules = [f.rule for _, f in overlapping(span, draft)]
    return any(r.startswith(LABELLED) and (r != ANY_PARTY or span.sure < TAKEN) for r in rules)


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
    """Sort the numbers anew, where the weights know one of either party.

    A number that the weights know of nobody stays where rules put it.
    """
    dialled = {item.start: item for item in items if item.kind is Kind.PHONE}
    anew: dict[str, list[Found]] = {}
    for span in spans:
        item = dialled.get(span.start)
        if span.path in PHONES and item is not None and span.sure >= NUMBERED:
            anew.setdefault(span.path, []).append(Found(item.value, item.start, item.end, RULE))
    ruled = [f for path in PHONES for f in draft.all(path)]
    if any(f.elsewhere for f in ruled) or not {PHONES[0], PHONES[2]} <= anew.keys():
        return
    known = {f.value for finds in anew.values() for f in finds}
    for path in PHONES:
        after = [*anew.get(path, []), *(f for f in draft.all(path) if f.value not in known)]
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


def name_goods(spans: Iterable[Span], draft: Draft) -> None:
    """Goods by the names that the weights know, where none is lost by it: as many lines with the same figures."""
    named = [span for span in spans if span.path == GOODS and span.sure >= GOODS_NAMED and balanced(words(span, draft))]
    figures = [pair for pair in draft.goods if pair[0].kind is not Kind.WORDS]
    if not named:
        return
    anew = [*figures, *((Event(Kind.WORDS, words(span, draft)), found_in(span, draft)) for span in named)]
    anew.sort(key=lambda pair: pair[1].start)
    if names_of(anew) == names_of(draft.goods):
        return
    if len(figures) == len(draft.goods) or same_figures(draft.goods, anew):
        draft.goods = anew


def names_of(goods: Iterable[tuple[Event, Found]]) -> list[str]:
    """What goods are called, in their order."""
    return [bare(str(event.value)) for event, _ in goods if event.kind is Kind.WORDS]


def same_figures(goods: Sequence[tuple[Event, Found]], anew: Sequence[tuple[Event, Found]]) -> bool:
    """Whether goods under other names are as many lines with the same figures, all of them named."""
    before, after = (cargo.fold([event for event, _ in pairs]) for pairs in (goods, anew))
    lines = [[replace(line, name=None) for line in found.lines] for found in (before, after)]
    return lines[0] == lines[1] and all(line.name for line in after.lines) and before.ambiguous == after.ambiguous
