"""Where learned weights contradict what an order holds, or it is odd by them: reasons for a person to look."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise

from ingestd.parsing import parties
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.draft import Draft, Found
from ingestd.parsing.forms import NAMED, PHONES
from ingestd.parsing.items import Item, Kind
from ingestd.parsing.tagging import Span
from ingestd.parsing.text import fold

DIGITS = re.compile(r"\d+")
RULE = "learned.words"
LABELLED = "label."
KNOWN, UNSURE, WEAK, WEAK_NUMBER = 0.7, 0.5, 0.8, 0.7  # of what is doubted, see `contradictions`
TAKEN = 0.9  # of words that stand elsewhere than those a rule took
NUMBERS_WHOLE = 0.99  # of whose a number is in an order that rules read whole
SETTLED = 0.95  # of what weights that hear the rules leave no doubt of
KNOWN_NAME = 0.98  # of words that look like nobody's name
FIRMS, WHERE = ("shipper.company", "consignee.company"), ("pickup.contact",)
NAMES, GOODS, TOWN = ("shipper.name", "consignee.name"), "cargo.name", "destination"
DOUBTED = NAMED[1:]  # a sender's name sends nothing to a wrong door
SIDED = (*FIRMS, *NAMED)
FULL = 3  # signs of a surname with a given name of two
PHONE_SLOTS = ("phone", "party_phone")
PHONE_SIDES = ("shipper", "pickup", "consignee")


def misled(spans: Sequence[Span], draft: Draft) -> bool:
    """Whether the weights lost who is who: they give what a label gave to one side to the other."""
    return any(
        found.rule.startswith(LABELLED) and side_of(path) != side_of(span.path)
        for span in spans
        if span.path in SIDED
        for path, found in overlapping(span, draft)
        if path in SIDED
    )


def labelled_phones(items: Sequence[Item]) -> set[int]:
    """Where phones begin that stand right behind a label of their own, which says whose they are."""
    return {
        item.start
        for label, item in pairwise(items)
        if label.kind is Kind.LABEL and label.value.slot in PHONE_SLOTS and item.kind is Kind.PHONE
        if not label.value.framed and label.value.role in PHONE_SIDES
    }


def of_both(
    informed: Sequence[Span], alone: Sequence[Span], draft: Draft, told: Collection[int], *, sure: bool
) -> Iterator[str]:
    """The fields that are in doubt by the weights that hear the rules, or by those that don't and the others are not
    sure either."""
    yield from contradictions(informed, draft, told, sure=sure)
    yield from (path for path in contradictions(alone, draft, told, sure=sure) if not settled(path, informed, draft))
    if all(bound_elsewhere(spans, draft) for spans in (informed, alone)):
        yield TOWN


def bound_elsewhere(spans: Sequence[Span], draft: Draft) -> bool:
    """Whether the weights surely see another town that the goods go to."""
    found, own = draft.first(TOWN), [s for s in spans if s.path == TOWN and s.sure > TAKEN]
    return found is not None and bool(own) and not any(said_by(found, s, draft) for s in own)


def settled(path: str, spans: Sequence[Span], draft: Draft) -> bool:
    """Whether weights that hear the rules are sure of all that a field has."""
    own = [s for s in spans if s.path == path and s.sure >= SETTLED]
    if path in PHONES:
        return draft.has(path) and all(any(s.start == f.start for s in own) for f in draft.all(path))
    found = draft.first(path)
    return found is not None and any(said_by(found, s, draft) for s in own)


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


def named_in_full(draft: Draft, definitions: Definitions) -> Iterator[str]:
    """The fields of names that rules read with a given name of two signs before the title, which are not cut off."""
    titles = definitions.of("titles")
    for path in NAMES:
        found = draft.first(path)
        name = fold(str(found.value), definitions).folded if found is not None and found.rule != RULE else ""
        title = max((title for title in titles if name.endswith(title)), key=len, default="")
        before = name.removesuffix(title)
        if title and len(before) == FULL and parties.is_plainly_person(before, definitions):
            yield path


def misses(value: str, better: str, path: str) -> bool:
    """Whether other words for a value have another figure (another door), or more or less of a name."""
    if path.endswith(".name"):
        value, better = bare(value), bare(better)
        return value != better and (value in better or better in value)
    return DIGITS.findall(value) != DIGITS.findall(better)


# --- spans and finds --------------------------------------------------------------------------------------------------


def side_of(path: str) -> str:
    """The side that a field speaks of; the place of pickup is the shipper's."""
    return "consignee" if path.startswith("consignee") else "shipper"


def everything(draft: Draft) -> Iterator[Found]:
    """All finds of a draft whose words stand in the text."""
    for found in (*(f for finds in draft.finds.values() for f in finds), *(f for _, f in draft.goods)):
        if found.end > found.start and not found.elsewhere:
            yield found


def bare(text: str) -> str:
    """A text without its signs and spaces."""
    return "".join(filter(str.isalnum, text)).lower()


def words(span: Span, draft: Draft) -> str:
    """The words of a span as they are put out."""
    return " ".join(draft.text.shown[span.start : span.end].split())


def overlapping(span: Span, draft: Draft) -> Iterator[tuple[str, Found]]:
    """The finds in the words of a span, with their fields."""
    for path, finds in draft.finds.items():
        for found in finds:
            if not found.elsewhere and found.start < span.end and span.start < found.end:
                yield path, found


def meet(found: Found, span: Span) -> bool:
    """Whether a find and a span share words."""
    return found.start < span.end and span.start < found.end
