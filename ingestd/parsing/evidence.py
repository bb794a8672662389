"""The words and the rule behind each value of a reading, from what was noted while it was read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from decimal import Decimal
from typing import Any

from ingestd.domain.reading import JSON_NAMES, CargoLine, Charge, Evidence, Intent, Reading
from ingestd.parsing import cues, intents, learned, times
from ingestd.parsing.definitions import Cue, Definitions
from ingestd.parsing.draft import Draft, Found
from ingestd.parsing.items import Item, Kind
from ingestd.parsing.purposes import Purpose
from ingestd.parsing.text import Text

DRAFT_PATHS = {
    "declared_value": ("declared",),
    "receipt": ("receipt", "proof"),
    "payment": ("payment", "payer", "payer_named", "fee_payment"),
}  # where a draft calls a field otherwise
FIGURE_KINDS = {"quantity": Kind.COUNT, "weight_kg": Kind.WEIGHT, "volume_m3": Kind.VOLUME}
PIECES = re.compile(r"[;,、]")
MAX_LOCATED = 400  # characters of a value that is looked for in the text


@dataclass(frozen=True, slots=True)
class Sources:
    """What a reading was made of."""

    text: Text
    subject: Text
    items: tuple[Item, ...]
    drafts: tuple[Draft, ...]
    cues: tuple[Cue, ...]
    definitions: Definitions
    layout: str | None = None  # by which fixed layout the text was read


def of(reading: Reading, sources: Sources) -> tuple[Evidence, ...]:
    """The evidence of every value that a reading holds."""
    out = [of_intent(reading, sources)]
    out += [of_serial(f"refers_to[{n}]", number, sources) for n, number in enumerate(reading.refers_to)]
    for index, order in enumerate(reading.orders):
        if index < len(sources.drafts):
            found = of_order(f"orders[{index}].", order, sources.drafts[index])
            out += [replace(e, rule=f"layout.{sources.layout}, {e.rule}") for e in found] if sources.layout else found
    out += of_details(reading, sources)
    return tuple(out)


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Each value that says something, with its path."""
    if is_dataclass(value):
        for part in fields(value):
            name = JSON_NAMES.get(part.name, part.name)
            yield from leaves(getattr(value, part.name), f"{path}.{name}" if path else name)
    elif isinstance(value, tuple):
        for index, part in enumerate(value):
            yield from leaves(part, f"{path}[{index}]")
    elif value is not None and value is not False:
        yield path, value


# --- an order ---------------------------------------------------------------------------------------------------------


def of_order(prefix: str, order: Any, draft: Draft) -> Iterator[Evidence]:
    """The evidence of one order's values."""
    goods = list(of_cargo(prefix, order.cargo, draft))
    for path, value in leaves(order):
        if path.startswith("cargo["):
            continue
        if path == "remarks":
            yield of_words(prefix + path, value, draft.text, "remark")
        else:
            yield of_find(prefix, path, value, order, draft)
    yield from goods


def of_find(prefix: str, path: str, value: Any, order: Any, draft: Draft) -> Evidence:
    """The evidence of a value that a draft noted under its field."""
    field, found = path.partition("[")[0], None
    finds = [f for name in DRAFT_PATHS.get(field, (field,)) for f in draft.all(name)]
    if field in ("charges", "references"):
        entry = getattr(order, field)[int(path[len(field) + 1 : path.index("]")])]
        found = next((f for f in finds if same_entry(f.value, entry)), None)
    else:
        found = next((f for f in finds if f.value == value), None) or next(iter(finds), None)
    if found is None:
        return of_words(prefix + path, value, draft.text, "text")
    return Evidence(prefix + path, draft.words(found), found.rule, multiplied(found, value))


def same_entry(noted: Any, entry: Any) -> bool:
    """Whether a charge or reference is the one noted; a charge per piece has another amount by then."""
    return bool(noted == entry) or (isinstance(entry, Charge) and getattr(noted, "name", None) == entry.name)


def multiplied(found: Found, value: Any) -> str | None:
    """What an amount was multiplied from."""
    if getattr(found.value, "each", False) and isinstance(value, Decimal) and found.value.amount != value:
        return "cargo.quantity"
    return None


def of_cargo(prefix: str, lines: Sequence[CargoLine], draft: Draft) -> Iterator[Evidence]:
    """The evidence of the goods; of equal figures each line takes the next one behind."""
    used: set[int] = set()
    for index, line in enumerate(lines):
        path = f"{prefix}cargo[{index}]."
        names = [f for e, f in draft.goods if e.kind is Kind.WORDS and isinstance(f.value, str) and line.name]
        behind = [f for f in names if f.value in PIECES.split(line.name or "") or f.value in (line.name or "")]
        if line.name:
            yield joined(path + "name", behind, draft) or of_words(path + "name", line.name, draft.text, "goods.name")
        for field, kind in FIGURE_KINDS.items():
            value = getattr(line, field)
            if value is not None:
                yield of_figure(path + field, value, line, [f for e, f in draft.goods if e.kind is kind], (draft, used))
        if line.unit:
            yield of_unit(path + "unit", line.unit, draft, used)


def of_figure(
    path: str, value: Decimal, line: CargoLine, finds: Sequence[Found], at: tuple[Draft, set[int]]
) -> Evidence:
    """The evidence of a figure: the words that state it, or those that it was computed from."""
    draft, used = at
    counted = path.endswith(".quantity")  # a count is the count, whatever it is said to be packed in
    stated = [f for f in finds if f.value.amount == value and (counted or f.value.per is None)]
    for found in [*(f for f in stated if f.start not in used), *stated][:1]:
        used.add(found.start)
        return Evidence(path, draft.words(found), found.rule)
    each = [f for f in finds if line.quantity and f.value.amount and near(f.value.amount * line.quantity, value)]
    each = each or [f for f in finds if f.value.amount is not None] or list(finds)
    evidence = joined(path, each[:1] if each and each[0].value.per else each, draft, "cargo.quantity")
    return evidence or Evidence(path, "", "derived", "text")


def near(computed: Decimal, value: Decimal) -> bool:
    """Whether a computed figure is the value, rounding aside."""
    return abs(computed - value) <= Decimal("0.01") * abs(value)


def of_unit(path: str, unit: str, draft: Draft, used: set[int]) -> Evidence:
    """The evidence of a unit: the count's own words, or those of a label or field."""
    counts = [f for e, f in draft.goods if e.kind is Kind.COUNT and f.value.unit == unit]
    stated = [*(f for f in counts if f.start in used), *counts, *draft.all("unit")]
    for found in stated:
        if unit.lower() in draft.words(found).lower():
            return Evidence(path, draft.words(found), found.rule)
    in_label = located(unit, draft.text)
    if in_label is None and stated:  # written in other characters
        return Evidence(path, draft.words(stated[0]), stated[0].rule)
    return of_words(path, unit, draft.text, "label.unit")


def joined(path: str, finds: Sequence[Found], draft: Draft, derived: str | None = None) -> Evidence | None:
    """One piece of evidence from several finds; None where there is none."""
    if not finds:
        return None
    words = " … ".join(dict.fromkeys(draft.words(f) for f in finds))
    return Evidence(path, words, ", ".join(dict.fromkeys(f.rule for f in finds)), derived)


def of_words(path: str, value: Any, text: Text, rule: str) -> Evidence:
    """The evidence of a value that stands in the text as written, perhaps in pieces."""
    whole = located(str(value), text)
    if whole is not None:
        return Evidence(path, whole, rule)
    pieces = [w for p in PIECES.split(str(value)) if (w := located(p.strip(), text)) is not None]
    return Evidence(path, " … ".join(pieces), rule, None if pieces else "text")


def located(value: str, text: Text) -> str | None:
    """The words of a text that are a value, spaces and case aside."""
    if not value or value in text.shown:
        return value or None
    signs = [re.escape(c) for c in value[:MAX_LOCATED] if not c.isspace()]
    found = re.search(r"[\s·\-]{0,4}".join(signs), text.shown, re.IGNORECASE) if signs else None
    return found.group() if found else None


# --- the message as a whole -------------------------------------------------------------------------------------------


def of_intent(reading: Reading, sources: Sources) -> Evidence:
    """The words that speak for the intent; the shape of an order or the headers where no words do."""
    machine = reading.envelope.machine
    if machine and reading.intent in (Intent.AUTOMATIC, Intent.OTHER):
        return Evidence("intent", machine, "header.machine", "envelope")
    words = cue_words([c for c in sources.cues if c.intent == reading.intent], sources)
    if words:
        return Evidence("intent", words, f"cue.{reading.intent}")
    left = intents.departed(sources.definitions).search(sources.text.folded)
    if left and reading.intent is Intent.CHANGE_LETTER:
        return Evidence("intent", sources.text.shown[left.start() : left.end()], "departed")
    if reading.intent is not Intent.ORDER and (signs := weighty(reading.intent, None, sources)):
        return Evidence("intent", signs, f"learned.{reading.intent}")
    return Evidence("intent", "", "structure", "orders" if reading.orders else "message")


def weighty(intent: Intent, kind: str | None, sources: Sources) -> str | None:
    """The signs of the text that say most for an intent or a kind of it, by what was learned."""
    pair = learned.telling(sources.text.folded[: learned.MAX_TEXT], intent, kind, sources.definitions)
    start = sources.text.folded.find(pair) if pair else -1
    return sources.text.shown[start : start + len(pair)] if pair and start >= 0 else None


def cue_words(counted: Sequence[Cue], sources: Sources) -> str:
    """The words of some cues as the message has them, the weightiest cue first."""
    found = [cue_word(cue, sources) for cue in sorted(counted, key=lambda c: -c.weight) if cue.weight > 0]
    return " … ".join(dict.fromkeys(w for w in found if w))


def cue_word(cue: Cue, sources: Sources) -> str | None:
    """The words of one cue."""
    text = sources.subject if cue.where == "subject" else sources.text
    found = cues.first(cue, text.folded, sources.definitions)
    return text.shown[found[0] : found[1]].strip() if found else None


def of_serial(path: str, number: str, sources: Sources) -> Evidence:
    """The evidence of an order that is referred to."""
    for item in sources.items:
        if item.kind is Kind.SERIAL and item.value == number:
            return Evidence(path, sources.text.shown[item.start : item.end].strip(), item.rule)
    text = sources.text if located(number, sources.text) else sources.subject
    return of_words(path, number, text, "serial.short" if len(number) <= 3 else "serial")


def of_details(reading: Reading, sources: Sources) -> Iterator[Evidence]:
    """The evidence of what an inquiry, complaint or report says beside its intent."""
    for path, value in leaves(reading.details, "details"):
        name = path.removeprefix("details.")
        if name in ("inquiry", "complaint", "report"):
            yield of_kind(path, reading, value, sources)
        elif name in ("at", "eta", "next_try"):
            yield of_moment(path, value, reading, sources)
        elif name.startswith("actual.") or name == "driver.phone":
            yield of_item(path, value, sources)
        else:
            yield of_words(path, value, sources.text, f"report.{name}")


def of_kind(path: str, reading: Reading, kind: str, sources: Sources) -> Evidence:
    """The words that speak for a kind; a kind that none speaks for follows from the intent or from the driver told."""
    words = cue_words([c for c in sources.cues if c.intent == reading.intent and c.kind == kind], sources)
    if words:
        return Evidence(path, words, f"cue.{reading.intent}.{kind}")
    if signs := weighty(reading.intent, kind, sources):
        return Evidence(path, signs, f"learned.{reading.intent}.{kind}")
    return Evidence(path, "", "derived", "details.driver" if kind == "assigned" else "intent")


def of_moment(path: str, value: Any, reading: Reading, sources: Sources) -> Evidence:
    """The words of a time in a report."""
    spoken = [i for i in sources.items if i.kind is Kind.TIME]
    for item in spoken:
        if reading.sent_at and value in moments(item.value, reading.sent_at):
            return Evidence(path, sources.text.shown[item.start : item.end].strip(), "time")
    words = " … ".join(sources.text.shown[i.start : i.end].strip() for i in spoken)
    return Evidence(path, words, "time", None if words else "sent_at")


def moments(spoken: Any, sent_at: Any) -> Iterator[Any]:
    """The moments that words of time may mean."""
    yield times.event(spoken, sent_at)
    window = times.resolved(spoken, sent_at, Purpose.NONE)
    if window is not None:
        yield from (window.start, window.end)


def of_item(path: str, value: Any, sources: Sources) -> Evidence:
    """The evidence of a phone or figure of a report."""
    for item in sources.items:
        if value == (item.value if item.kind is Kind.PHONE else getattr(item.value, "amount", None)):
            return Evidence(path, sources.text.shown[item.start : item.end].strip(), item.rule)
    return of_words(path, value, sources.text, "text")
