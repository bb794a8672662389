"""Who pays, weighed once an order is read: whoever of it a clause says to pay, by name, firm or town."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ingestd.domain.reading import Payment
from ingestd.parsing import bearing, payers
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.draft import Draft, Found
from ingestd.parsing.items import Item
from ingestd.parsing.scanning import labelled_choice
from ingestd.parsing.text import fold
from ingestd.parsing.wording import alternation, phrases

PAYER = payers.PAYER
SAID = ("payment", PAYER)
KNOWN = (*SAID, "fee_payment")
SIDES = {
    Payment.PREPAID: ("shipper.name", "shipper.company"),
    Payment.COLLECT: ("consignee.name", "consignee.company", "destination"),
}
RULE = "payer.told"
RULES = (RULE, bearing.RULE)
PHRASE, GAP = re.compile(r"[,;。!?\n:()]"), re.compile(r"[,;。!?\n:()\s]")
MAX_BEFORE = 8  # characters before words that explain another way to say who pays
MAX_LEAD = 24  # characters of a clause before whoever pays
SHORTEST_FIRM = 4  # characters of a firm that is called by its last two
CALLED_BY = 2


def settle(draft: Draft, items: Sequence[Item], definitions: Definitions) -> None:
    """Note who pays where a label's party or a clause about somebody of the order tells it and nothing else does."""
    take_explained(draft, definitions)
    if any(draft.has(path) for path in KNOWN):
        return
    draft.spots = tuple((item.start, item.end) for item in items)
    if name(draft, definitions):
        draft.unreadable.discard("payment")


def name(draft: Draft, definitions: Definitions) -> bool:
    """Note the side of whoever of the order is named as paying; whether one was."""
    found = labelled(draft, definitions) or bearing.named(draft, definitions) or told(draft, definitions)
    if found is not None:
        draft.finds[PAYER] = [found]
    return found is not None


def resettle(draft: Draft, definitions: Definitions) -> bool:
    """Weigh who is named as paying once more, after the parties of an order were; whether anything is new."""
    before = draft.first(PAYER)
    if before is not None and before.rule in RULES:
        draft.finds.pop(PAYER)
    if not draft.spots or any(draft.has(path) for path in KNOWN):
        return False
    name(draft, definitions)
    if draft.has(PAYER):
        draft.unreadable.discard("payment")
    return draft.first(PAYER) != before


def take_explained(draft: Draft, definitions: Definitions) -> None:
    """Leave out who pays where it is explained what that amounts to: we pay it, that is, collect."""
    folded, words = draft.text.folded, definitions.of("amounting_to")
    for path in SAID:
        for found in draft.all(path):
            before = folded[max(0, found.start - MAX_BEFORE) : found.start].rstrip(" ")
            explains = before.endswith(words) or (bool(before) and folded.startswith(words, found.start))
            if not found.elsewhere and explains and draft.has(PAYER):
                draft.finds.pop(PAYER)
                draft.finds[path] = [found]
                return


def labelled(draft: Draft, definitions: Definitions) -> Found | None:
    """A party behind a label of payment on its line, such as consignee behind paid by."""
    for found in label(definitions).finditer(draft.text.folded):
        value = labelled_choice("payment", found["who"], definitions)
        if value is not None:
            return Found(value, found.start("who"), found.end("who"), RULE)
    return None


@lru_cache(maxsize=4)
def label(definitions: Definitions) -> re.Pattern[str]:
    """A label of payment at the head of a line or clause with one word behind it."""
    words = [w for label in definitions.labels if label.slot == "payment" for w in (*label.words, *label.bare)]
    return re.compile(
        rf"(?:^|(?<=[\n,;。]))[ \t]{{0,3}}(?:[(\[](?:{alternation(words)})[)\]]|(?:{alternation(words)})[ \t:>/|=-])"
        rf"[ \t:>/|=-]{{0,3}}(?P<who>[a-z\u4e00-\u9fff]{{1,6}})[ \t]{{0,3}}(?=[\n,;。]|$)"
    )


def told(draft: Draft, definitions: Definitions) -> Found | None:
    """The side of somebody of the order whom a clause says to pay; None where both sides are, or none."""
    found: dict[Payment, Found] = {}
    for side, paths in SIDES.items():
        names = [name for path in paths for name in called(path, draft, definitions)]
        match = clause(names, draft, definitions)
        if match is not None:
            found[side] = Found(side, *match, RULE)
    return next(iter(found.values())) if len(found) == 1 else None


def called(path: str, draft: Draft, definitions: Definitions) -> Iterator[str]:
    """How a clause may call whom or what a field holds: a firm also by its end, or as the firm's people."""
    value = draft.first(path)
    plain = fold(str(value.value), definitions).folded if value is not None else ""
    if len(plain) < CALLED_BY or plain.isascii():
        return
    yield plain
    if path.endswith("company") and len(plain) >= SHORTEST_FIRM:
        yield plain[-CALLED_BY:]
        yield from (plain[-1] + word for word in definitions.of("inside") if len(word) == 1)


def clause(names: Iterable[str], draft: Draft, definitions: Definitions) -> tuple[int, int] | None:
    """Where a clause of an order says that somebody called so pays, and no more."""
    g, folded = grammar(definitions), draft.text.folded
    for name in sorted(set(names), key=len, reverse=True):
        for start in starts_of(name, folded):
            found = g.behind.match(folded, start + len(name))
            before = folded[max(0, start - MAX_LEAD) : start]
            led = any(g.lead.fullmatch(stops.split(before)[-1].strip()) for stops in (PHRASE, GAP))
            if (
                found
                and led
                and draft.holds(start, found.end())
                and (found["sure"] is not None or g.paid.search(PHRASE.split(before)[-1]))
            ):
                return start, found.end()
    return None


def starts_of(name: str, folded: str) -> Iterator[int]:
    """Where a name stands in a text."""
    start = folded.find(name)
    while start >= 0:
        yield start
        start = folded.find(name, start + 1)


@dataclass(frozen=True, slots=True)
class Grammar:
    """The compiled patterns of a clause about who pays."""

    behind: re.Pattern[str]  # what follows whoever pays up to the end of the clause
    lead: re.Pattern[str]  # what may stand before him
    paid: re.Pattern[str]  # what is paid, or when


@lru_cache(maxsize=4)
def grammar(definitions: Definitions) -> Grammar:
    """The patterns made of the definitions' words."""
    of = definitions.of
    modes, tails, sure, weak = (
        alternation(of(name)) for name in ("paying_modes", "paying_tails", "paying_plainly", "paying")
    )
    freight, leads, town = alternation(of("paid_for")), alternation(of("paying_leads")), alternation(of("there"))
    there, yuan, of_whom = phrases(of("paid_there")), alternation(of("yuan")), f"(?:{alternation(of('possessive'))})"
    given = alternation(of("given_to"))
    told = rf"(?:(?P<sure>{sure})|(?:{weak}))(?:{given})?(?:{tails}|{freight}){{0,2}}"
    return Grammar(
        behind=re.compile(rf"(?:{modes}|{town}){{0,3}}{told}(?=[\s,;。!)]|$)"),
        lead=re.compile(rf"(?:{freight}|{there}|{leads}|[\d. ]|{yuan}|[\u4e00-\u9fff]{{2,4}}{of_whom})*"),
        paid=re.compile(rf"{freight}|{there}"),
    )
