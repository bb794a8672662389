"""A message taken apart for people: its parts by whose they are, and what was seen in it but not taken, and why."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from ingestd.domain.reading import Channel, Code, Intent, Reading
from ingestd.parsing import composition, leftovers, phones, reader
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.draft import Draft
from ingestd.parsing.items import Item, Kind
from ingestd.parsing.quoting import Letter
from ingestd.parsing.text import Text
from ingestd.parsing.unread import Coverage

FIGURES = {
    Kind.COUNT: "cargo.quantity", Kind.WEIGHT: "cargo.weight_kg", Kind.VOLUME: "cargo.weight_kg",
    Kind.TIME: "deliver_by", Kind.CHARGE: "charges", Kind.FREIGHT: "freight", Kind.COD: "cod",
    Kind.DECLARED: "declared_value", Kind.CHOICE: "payment",
}  # fmt: skip
TOLD = (Intent.ORDER, Intent.AMENDMENT, Intent.CHANGE_LETTER, Intent.REPORT)  # intents that take figures
DIGITS = re.compile(r"\D")
SHORTEST, LONGEST = 7, 11  # digits of a number with its area code, or of a mobile


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a message: subject, remark, head, new, file, signature or quoted."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """Words that were seen and not taken; `kind` is phone, figure or words, `reason` a code."""

    kind: str
    words: str
    reason: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """A reading with the parts of its message and what was refused."""

    reading: Reading
    parts: tuple[Part, ...] = ()
    refused: tuple[Refusal, ...] = ()


def explain(channel: Channel, raw: bytes, definitions: Definitions, arrived_at: datetime | None = None) -> Explanation:
    """The reading of a message, explained; of a stored one as it was read when it had arrived."""
    found = reader.understood(channel, raw, definitions, evidence=True, arrived_at=arrived_at)
    if found is None:
        return Explanation(reader.unreadable(channel, raw, definitions))
    parts = [part for part in parts_of(found, definitions) if part.text.strip()]
    return Explanation(found.reading, tuple(parts), tuple(dict.fromkeys(refused(found, definitions))))


def parts_of(found: composition.Understood, definitions: Definitions) -> Iterator[Part]:
    """The parts of a message in the order in which a mail has them."""
    letter: Letter = found.message.letter
    yield Part("subject", found.message.subject.shown)
    yield Part("remark", letter.remark.shown)
    yield Part("head", letter.head.shown)
    yield Part("new", letter.new.shown)
    if from_file(found, definitions):
        yield Part("file", found.content.text.shown)
    yield Part("signature", letter.signature.shown)
    for earlier in letter.quoted:
        yield Part("quoted", earlier.shown)


def from_file(found: composition.Understood, definitions: Definitions) -> bool:
    """Whether the content was read in an attached file."""
    own = composition.content_text(found.message, definitions).part(0, composition.MAX_READ)
    return bool(found.message.body.files) and found.content.text.shown != own.shown


# --- what was not taken -----------------------------------------------------------------------------------------------


def refused(found: composition.Understood, definitions: Definitions) -> Iterator[Refusal]:
    """What was seen in a message and not taken."""
    yield from refused_phones(found)
    yield from phones_of_signature(found, definitions)
    if found.reading.intent in TOLD:
        yield from refused_figures(found)
    coverage = Coverage(found.content.items, found.content.drafts)
    for draft in found.content.drafts:
        for left in draft.leftovers:
            reason = "leftover_data" if leftovers.is_data(left, draft, coverage, definitions) else "no_field"
            yield Refusal("words", draft.words(left) or str(left.value), reason)


def refused_phones(found: composition.Understood) -> Iterator[Refusal]:
    """Digits that cannot be a phone, and phones that are nobody's."""
    text, taken = found.content.text, taken_words(found.reading)
    for item in found.content.items:
        words = shown(item, text)
        if item.kind is Kind.BAD_PHONE and not any(holds(evidence, words) for evidence in taken):
            yield Refusal("phone", words, phone_fault(words))
        elif item.kind is Kind.PHONE and found.reading.intent in TOLD and words not in taken:
            yield Refusal("phone", words, "nobodys" if item.value not in phones_in(found.reading) else "said_twice")


def holds(evidence: str, digits: str) -> bool:
    """Whether words hold digits as a number of their own."""
    return re.search(rf"(?<!\d){re.escape(digits)}(?!\d)", evidence) is not None


def phone_fault(written: str) -> str:
    """Why digits cannot be a phone."""
    digits = DIGITS.sub("", written)
    if len(digits) > LONGEST:
        return "too_long"
    if digits.startswith("1") and len(digits) < LONGEST:
        return "too_short"
    if SHORTEST <= len(digits) < LONGEST - 1 and not digits.startswith("0"):
        return "no_area_code"
    return "too_short" if len(digits) < SHORTEST else "no_such_number"


def phones_of_signature(found: composition.Understood, definitions: Definitions) -> Iterator[Refusal]:
    """The phones of the signature: they are nobody's but where the text speaks of "our company"."""
    signature = found.message.letter.signature
    for item in phones.find(signature.folded, definitions):
        if item.kind is Kind.PHONE and item.value not in phones_in(found.reading):
            yield Refusal("phone", shown(item, signature), "in_signature")


def phones_in(reading: Reading) -> set[str]:
    """All phones that a reading holds."""
    parties = [p for o in reading.orders for p in (o.shipper, o.pickup, o.consignee)]
    driver = reading.details.driver
    return {number for p in parties for number in p.phones} | ({driver.phone} if driver and driver.phone else set())


def refused_figures(found: composition.Understood) -> Iterator[Refusal]:
    """Figures, sums, times and choices that no value came from."""
    text, taken = found.content.text, taken_words(found.reading)
    for item in found.content.items:
        words = shown(item, text)
        if item.kind in FIGURES and words and not any(words in evidence for evidence in taken):
            yield Refusal("figure", words, figure_fault(item, found))


def figure_fault(item: Item, found: composition.Understood) -> str:
    """Why a figure was not taken."""
    if withdrawn(item, found.content.drafts, found.content.text):
        return "old_value"
    if getattr(item.value, "gross", None) is False:
        return "net_weight"
    field = item.value[0] if item.kind is Kind.CHOICE else FIGURES[item.kind]
    doubted = {p.field for p in found.reading.problems if p.code is Code.AMBIGUOUS}
    if field in doubted:
        return "ambiguous"
    return "total" if getattr(item.value, "total", False) else "no_field"


def withdrawn(item: Item, drafts: tuple[Draft, ...], text: Text) -> bool:
    """Whether a change takes a figure back: its draft was read without it."""
    blank = [d for d in drafts if d.text is not text and not d.text.shown[item.start : item.end].strip()]
    return bool(blank)


def taken_words(reading: Reading) -> set[str]:
    """The words that values came from."""
    return {words for e in reading.evidence if e.path != "intent" for words in e.words.split(" … ")}


def shown(item: Item, text: Text) -> str:
    """An item's words."""
    return text.shown[item.start : item.end].strip()
