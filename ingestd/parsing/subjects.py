"""What only the subject of a mail says of its order, joined with the text where nothing there contradicts it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache

from ingestd.parsing import assigning, gazetteer, orders, scanning
from ingestd.parsing.cargo import Event
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.draft import Draft, Found
from ingestd.parsing.figures import Figure
from ingestd.parsing.items import Item, Kind
from ingestd.parsing.kept import LONGEST
from ingestd.parsing.scanning import WHO_PAYS
from ingestd.parsing.text import Text

RULE = "subject."  # before the rule of a value that the subject gave
CONSIGNEE = ("consignee.name", "consignee.company", "consignee.phones")
PAYMENT = (*WHO_PAYS, "fee_payment", "named_payer")
FIGURES = {Kind.COUNT: "quantity", Kind.WEIGHT: "weight_kg", Kind.VOLUME: "volume_m3"}


def joined(
    drafts: Sequence[Draft], subject: Text, sent_at: datetime | None, definitions: Definitions
) -> tuple[Draft, ...]:
    """Drafts with what the subject alone says: of several orders who pays, of a single one the goods and where to."""
    if not subject.folded or not drafts:
        return tuple(drafts)
    known = items_of if len(subject.folded) <= LONGEST else scanning.scan
    items = known(subject, definitions)
    told = assigning.read_fields(items, Draft(subject), definitions, assigning.Setting(sent_at))
    if not told.finds and not told.goods:
        return tuple(drafts)
    if len(drafts) > 1:
        return tuple(with_group(draft, told, WHO_PAYS) if unpaid(draft) else draft for draft in drafts)
    return (completed(drafts[0], told, definitions),)


@lru_cache(maxsize=256)
def items_of(subject: Text, definitions: Definitions) -> tuple[Item, ...]:
    """The items of a subject; many mails have the same."""
    return tuple(scanning.scan(subject, definitions))


def completed(draft: Draft, told: Draft, definitions: Definitions) -> Draft:
    """The one order of a text with what it leaves out taken from its subject."""
    if unpaid(draft):
        draft = with_group(draft, told, WHO_PAYS)
    if not draft.has("destination") and goes_there(draft, told, definitions):
        draft = with_group(draft, told, ("destination",))
    if not any(draft.has(path) for path in CONSIGNEE) and told.has("consignee.phones"):
        draft = with_group(draft, told, CONSIGNEE)
    return with_goods(draft, told)


def unpaid(draft: Draft) -> bool:
    """Whether nothing says who pays."""
    return not any(draft.has(path) for path in PAYMENT)


def goes_there(draft: Draft, told: Draft, definitions: Definitions) -> bool:
    """Whether the one place that the subject goes to is a town, and not where the text says that the goods are."""
    found = told.all("destination")
    if len(found) != 1 or gazetteer.end_of_places(str(found[0].value).lower(), 0, definitions) is None:
        return False
    going = str(found[0].value)
    return not any(going in str(place.value) for place in draft.all("pickup.address"))


def with_group(draft: Draft, told: Draft, paths: Sequence[str]) -> Draft:
    """A draft with the subject's finds of some fields."""
    if not any(map(told.has, paths)):
        return draft
    finds = dict(draft.finds)
    for path in paths:
        if told.has(path):
            finds[path] = [moved(found, told) for found in told.all(path)]
    return replace(draft, finds=finds)


def moved(found: Found, told: Draft) -> Found:
    """A find of the subject, whose words don't stand in the text."""
    return Found(found.value, 0, 0, RULE + found.rule, told.words(found))


def with_goods(draft: Draft, told: Draft) -> Draft:
    """A draft whose one line of goods has the name and the totals that only the subject tells."""
    if draft.ambiguous or not any(adds(event, draft) for event, _ in told.goods):
        return draft
    order, doubts = orders.settle(copy_of(draft))
    own, theirs = order.cargo, orders.settle(copy_of(told))[0].cargo
    if len(own) > 1 or len(theirs) != 1 or any(doubt.field == "cargo.quantity" for doubt in doubts):
        return draft  # whose figures leave each other in doubt for another reason than a count they lack
    line, goods = (own[0] if own else None), list(draft.goods)
    for event, found in told.goods:
        if isinstance(event.value, str):
            if line is None or line.name is None:
                goods.insert(0, (event, moved(found, told)))
        elif adds(event, draft):
            goods.insert(named(goods), (event, moved(found, told)))
    return replace(draft, goods=goods) if len(goods) > len(draft.goods) else draft


def adds(event: Event, draft: Draft) -> bool:
    """Whether the subject tells a name of goods, or a total of a kind that the text does not say."""
    return isinstance(event.value, str) or (is_total(event) and not says(draft, event.kind))


def is_total(event: Event) -> bool:
    """Whether a figure of the subject is said of all goods."""
    figure = event.value
    return isinstance(figure, Figure) and figure.per is None and not figure.withdrawn and event.kind in FIGURES


def says(draft: Draft, kind: Kind) -> bool:
    """Whether the text says a figure of a kind."""
    if kind is Kind.COUNT and draft.has("vehicle"):
        return True
    figures = (event.value for event, _ in draft.goods if event.kind is kind)
    return any(isinstance(figure, Figure) and not figure.lone for figure in figures)


def named(goods: Sequence[tuple[Event, Found]]) -> int:
    """Where figures go in behind the name that goods begin with."""
    return int(bool(goods) and isinstance(goods[0][0].value, str))


def copy_of(draft: Draft) -> Draft:
    """A draft that may be settled without touching the first."""
    return replace(draft, finds=dict(draft.finds), bad_phones=list(draft.bad_phones), adopted=set(draft.adopted))
