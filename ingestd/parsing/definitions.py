"""The words of the trade as the reader uses them, loaded from folders of TOML files and checked on the way."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from ingestd.domain.reading import Delivery, Intent, Payment, Receipt
from ingestd.parsing.wording import balanced, classes

ROLES = ("shipper", "pickup", "consignee", "current", "order", "client", "warehouse", "carrier")
SLOTS = (
    "party", "person", "company", "phone", "address", "place", "party_phone", "either", "goods", "quantity", "unit",
    "weight", "net_weight", "volume", "weight_volume", "dimensions", "payment", "freight", "cod", "declared", "charge",
    "delivery",
    "vehicle", "receipt", "hold", "pickup_time", "deliver_time", "reference_entry", "reference_customer",
    "reference_booking", "reference_waybill", "serial", "remark", "nothing",
)  # fmt: skip
UNIT_KINDS = ("weight", "volume", "length", "package", "pallet", "piece")
CHOICES: Mapping[str, tuple[str, ...]] = {
    "payment": tuple(Payment),
    "payer": (Payment.PREPAID, Payment.COLLECT),
    "delivery": tuple(Delivery),
    "receipt": tuple(Receipt),
    "proof": tuple(Receipt),
    "hold": ("true",),
}
Made = TypeVar("Made")
SAMPLE_SENDER = {"email": "sample@example.com", "sms": "+8613800000000"}
PLACES = ("text", "subject", "start", "whole")


class DefinitionError(ValueError):
    """A parser definition that cannot be used; says the file, the key and what would be right."""


@dataclass(frozen=True, slots=True)
class Label:
    """Words that say whose and what the text behind them is."""

    role: str
    slot: str
    words: tuple[str, ...]
    bare: tuple[str, ...] = ()
    glue: tuple[str, ...] = ()
    frames: tuple[str, ...] = ()
    cells: tuple[str, ...] = ()  # words that count only as a whole cell of a table


@dataclass(frozen=True, slots=True)
class Compound:
    """Labels made of two parts, each a list of words: whose it is, and what."""

    role: str
    slot: str
    heads: str
    tails: str


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit's words, its kind, and its factor to kilograms, cubic metres or metres."""

    kind: str
    factor: Decimal
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """Phrases that stand for one value of a field, and words that do so as the whole text behind the field's label."""

    field: str
    value: str
    phrases: tuple[str, ...]
    labelled: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cue:
    """Phrases that speak for an intent (and a kind of it), or against it where the weight is negative."""

    intent: str
    kind: str | None
    weight: float
    where: str
    phrases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Learned:
    """What was learned of intents: for each trait of a message, how much it speaks for each label.

    `rows` are written as in the file: one sign for each label, as many behind `LEVEL` as the weight has tenths.
    """

    labels: tuple[tuple[Intent, str | None], ...] = ()
    rows: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SpanWeights:
    """What was learned of which words are which value: for each trait of a token, how much it speaks for each tag.

    A tag is `O`, or `B` or `I` with a path: the first token of a value, or a further one. `rows` and `follows` (from
    each tag to each) are written as in the file: for each tag that has a weight its letter, and hundredths.
    """

    tags: tuple[str, ...] = ()
    follows: tuple[str, ...] = ()
    rows: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Layout:
    """A fixed layout of one system: whose messages have it, and which field each of its labels and heads stands for."""

    name: str
    senders: tuple[str, ...]  # an address, a number, or a domain with its @
    heads: tuple[str, ...]  # words that all stand in the subject or the text
    begins: tuple[str, ...]  # labels of which a line begins another order
    labels: tuple[tuple[str, str], ...]  # label → field
    columns: tuple[tuple[str, str], ...]  # column head → field


@dataclass(frozen=True, slots=True)
class Sample:
    """A text and what must be read in it, by dotted path."""

    file: str
    text: str
    channel: str
    subject: str
    sent_at: str
    sender: str
    expect: tuple[tuple[str, Any], ...]


@dataclass(frozen=True, eq=False)
class Definitions:
    """All definitions of a site; of equal files there is one only, as what is made of it is kept under it."""

    labels: tuple[Label, ...]
    compounds: tuple[Compound, ...]
    units: tuple[Unit, ...]
    choices: tuple[Choice, ...]
    cues: tuple[Cue, ...]
    words: Mapping[str, tuple[str, ...]]
    numerals: tuple[tuple[str, int], ...]
    traditional: tuple[tuple[str, str], ...]
    samples: tuple[Sample, ...]
    fields: Mapping[str, str]  # field of a layout → the label of ours that it is read as
    layouts: tuple[Layout, ...]
    learned: Learned
    spans: SpanWeights
    digest: str
    files: tuple[str, ...] = field(default=())

    def of(self, name: str) -> tuple[str, ...]:
        """The word list called `name`; empty where no file has one."""
        return self.words.get(name, ())


LEVEL = ord("O")  # the sign of a learned weight of nothing
HEAVIEST = 30  # tenths of a learned weight
TAG_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"  # of the tags of spans, in their order
LOADED: WeakValueDictionary[str, Definitions] = WeakValueDictionary()  # by digest


def load_definitions(folders: Sequence[Path]) -> Definitions:
    """All definitions of `folders`; of two files with one name the first folder's counts alone."""
    sources = {path.name: path for folder in reversed(folders) for path in sorted(Path(folder).glob("*.toml"))}
    if not sources:
        raise DefinitionError(f"no parser definitions (*.toml) in {', '.join(map(str, folders)) or 'no folder at all'}")
    raw = {name: sources[name].read_bytes() for name in sorted(sources)}
    digest = hashlib.sha256(b"".join(name.encode() + b"\0" + content + b"\0" for name, content in raw.items()))
    known = LOADED.get(digest.hexdigest())
    if known is None:
        tables = {name: parsed(name, content) for name, content in raw.items()}
        known = LOADED[digest.hexdigest()] = assembled(tables, digest.hexdigest())
    return known


def parsed(name: str, content: bytes) -> dict[str, Any]:
    """A file's tables, its top-level keys checked."""
    try:
        tables = tomllib.loads(content.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DefinitionError(f"{name}: not readable as TOML in UTF-8: {error}") from error
    check_keys(name, "the file", tables, tuple(TOP_LEVEL))
    return tables


def assembled(tables: Mapping[str, dict[str, Any]], digest: str) -> Definitions:
    """One value from the tables of all files."""
    labels = tuple(made(tables, "label", label))
    check_unique(labels)
    words = merged_words(tables)
    compounds = tuple(made(tables, "compound", compound))
    check_lists(compounds, words)
    cues = tuple(made(tables, "cue", cue))
    check_classes(cues, words)
    fields = {k: v for name, t in tables.items() for k, v in field_labels(name, t, labels)}
    return Definitions(
        labels=labels,
        compounds=compounds,
        units=tuple(made(tables, "unit", unit)),
        choices=tuple(made(tables, "choice", choice)),
        cues=cues,
        words=words,
        numerals=tuple((k, v) for name, t in tables.items() for k, v in numerals(name, t)),
        traditional=tuple(pair for name, t in tables.items() for pair in pairs(name, t)),
        samples=tuple(made(tables, "sample", sample)),
        fields=fields,
        layouts=tuple(made(tables, "layout", lambda name, where, entry: layout(name, where, entry, tuple(fields)))),
        learned=learned(tables),
        spans=span_weights(tables),
        digest=digest,
        files=tuple(tables),
    )


def made(
    tables: Mapping[str, dict[str, Any]], key: str, make: Callable[[str, str, dict[str, Any]], Made]
) -> Iterator[Made]:
    """The entries `[[key]]` of every file as values."""
    for name, table in tables.items():
        entries = table.get(key, [])
        if not isinstance(entries, list) or not all(isinstance(e, dict) for e in entries):
            raise DefinitionError(f"{name}: '{key}' must be written as [[{key}]] blocks")
        for number, entry in enumerate(entries, 1):
            yield make(name, f"[[{key}]] number {number}", entry)


def label(name: str, where: str, entry: dict[str, Any]) -> Label:
    """A label block."""
    check_keys(name, where, entry, ("role", "slot", "words", "bare", "glue", "frames", "cells"))
    return Label(
        one_of(name, where, entry, "role", ROLES),
        one_of(name, where, entry, "slot", SLOTS),
        tuple(dict.fromkeys((*word_list(name, where, entry, "words"), *word_list(name, where, entry, "bare")))),
        word_list(name, where, entry, "bare"),
        word_list(name, where, entry, "glue"),
        frame_list(name, where, entry),
        word_list(name, where, entry, "cells"),
    )


def compound(name: str, where: str, entry: dict[str, Any]) -> Compound:
    """A block of labels made of two parts."""
    check_keys(name, where, entry, ("role", "slot", "heads", "tails"))
    heads, tails = str(entry.get("heads")), str(entry.get("tails"))
    return Compound(one_of(name, where, entry, "role", ROLES), one_of(name, where, entry, "slot", SLOTS), heads, tails)


def check_lists(compounds: Sequence[Compound], words: Mapping[str, tuple[str, ...]]) -> None:
    """Refuse a compound whose list nobody wrote."""
    for entry in compounds:
        for part in (entry.heads, entry.tails):
            if part not in words:
                raise DefinitionError(f"[[compound]] {entry.role} {entry.slot}: no list '{part}' under [words]")


def unit(name: str, where: str, entry: dict[str, Any]) -> Unit:
    """A unit block."""
    check_keys(name, where, entry, ("kind", "factor", "words"))
    try:
        factor = Decimal(str(entry.get("factor", "1")))
    except InvalidOperation as error:
        raise DefinitionError(f'{name}: {where}: factor must be a number such as "0.5"') from error
    return Unit(one_of(name, where, entry, "kind", UNIT_KINDS), factor, word_list(name, where, entry, "words"))


def choice(name: str, where: str, entry: dict[str, Any]) -> Choice:
    """A choice block."""
    check_keys(name, where, entry, ("field", "value", "phrases", "labelled"))
    chosen = one_of(name, where, entry, "field", tuple(CHOICES))
    value = one_of(name, where, entry, "value", CHOICES[chosen])
    labelled = word_list(name, where, entry, "labelled")
    return Choice(
        chosen, value, () if labelled and "phrases" not in entry else phrase_list(name, where, entry), labelled
    )


def cue(name: str, where: str, entry: dict[str, Any]) -> Cue:
    """A cue block."""
    check_keys(name, where, entry, ("intent", "kind", "weight", "where", "phrases"))
    weight = entry.get("weight", 1)
    if not isinstance(weight, (int, float)):
        raise DefinitionError(f"{name}: {where}: weight must be a number, not {weight!r}")
    place = one_of(name, where, {"where": "text", **entry}, "where", PLACES)
    intent = one_of(name, where, entry, "intent", tuple(Intent))
    return Cue(intent, entry.get("kind"), float(weight), place, phrase_list(name, where, entry))


def layout(name: str, where: str, entry: dict[str, Any], fields: tuple[str, ...]) -> Layout:
    """A layout block."""
    check_keys(name, where, entry, ("name", "senders", "heads", "begins", "labels", "columns"))
    called = entry.get("name")
    if not isinstance(called, str) or not called.strip():
        raise DefinitionError(f'{name}: {where}: name is missing; write one such as name = "yuanda-erp"')
    senders, heads = (word_list(name, where, entry, key) for key in ("senders", "heads"))
    if not senders and not heads:
        raise DefinitionError(f"{name}: {where}: needs senders or heads, else it would claim every message")
    if bare := [s for s in senders if "@" not in s and not s.startswith("+")]:
        raise DefinitionError(f"{name}: {where}: sender '{bare[0]}' is no address, no @domain and no +number")
    labels, columns = (words_of_fields(name, where, entry, key, fields) for key in ("labels", "columns"))
    if not labels and not columns:
        raise DefinitionError(f"{name}: {where}: needs [layout.labels] or [layout.columns]")
    return Layout(called, senders, heads, word_list(name, where, entry, "begins"), labels, columns)


def words_of_fields(
    name: str, where: str, entry: Mapping[str, Any], key: str, fields: tuple[str, ...]
) -> tuple[tuple[str, str], ...]:
    """The words of a layout with the field that each stands for; a word may stand for one only."""
    table = entry.get(key, {})
    if not isinstance(table, dict):
        raise DefinitionError(f'{name}: {where}: {key} must be a table of fields such as "pickup.address" = ["..."]')
    check_keys(name, f"{where}: {key}", table, fields)
    found: dict[str, str] = {}
    for field_name in table:
        for word in word_list(name, f"{where}: {key}", table, field_name):
            if found.setdefault(word, field_name) != field_name:
                raise DefinitionError(f"{name}: {where}: '{word}' stands for both {found[word]} and {field_name}")
    return tuple(found.items())


def field_labels(name: str, table: Mapping[str, Any], labels: Sequence[Label]) -> Iterator[tuple[str, str]]:
    """The entries of `[fields]`; each names a label that there is."""
    known = {w for entry in labels for w in entry.words}
    for field_name, word in table.get("fields", {}).items():
        if word not in known:
            raise DefinitionError(f"{name}: [fields]: '{field_name}' = {word!r} is no label; name one of [[label]]")
        yield field_name, word


def sample(name: str, where: str, entry: dict[str, Any]) -> Sample:
    """A sample block."""
    check_keys(name, where, entry, ("text", "channel", "subject", "sent_at", "sender", "expect"))
    channel = one_of(name, where, {"channel": "sms", **entry}, "channel", ("email", "sms"))
    expect = entry.get("expect")
    if not isinstance(expect, dict) or not expect or not isinstance(entry.get("text"), str):
        raise DefinitionError(f"{name}: {where}: needs 'text' and a table 'expect' such as {{intent = \"order\"}}")
    when = str(entry.get("sent_at", "2026-03-10T10:00:00+08:00"))
    sender = entry.get("sender", SAMPLE_SENDER[channel])
    return Sample(name, entry["text"], channel, entry.get("subject", ""), when, sender, tuple(flat(expect)))


def learned(tables: Mapping[str, dict[str, Any]]) -> Learned:
    """The table `[learned]`: `labels` such as "report.arrived", and a row for each trait under `[learned.rows]`."""
    name, table = only(tables, "learned")
    check_keys(name, "[learned]", table, ("labels", "rows"))
    labels = tuple(intent_label(name, written) for written in word_list(name, "[learned]", table, "labels"))
    rows = table.get("rows", {})
    right = re.compile(f"[{chr(LEVEL - HEAVIEST)}-{chr(LEVEL + HEAVIEST)}]{{{len(labels)}}}")
    for trait, row in rows.items():
        if not isinstance(row, str) or not right.fullmatch(row):
            raise DefinitionError(f"{name}: [learned.rows]: the row of '{trait}' is not as `make learn` writes it")
    return Learned(labels, rows)


def span_weights(tables: Mapping[str, dict[str, Any]]) -> SpanWeights:
    """The table `[spans]`: `tags`, a row from each to each under `follows`, a row for each trait in `[spans.rows]`."""
    name, table = only(tables, "spans")
    check_keys(name, "[spans]", table, ("tags", "follows", "rows"))
    tags = word_list(name, "[spans]", table, "tags")
    follows, rows = word_list(name, "[spans]", table, "follows"), table.get("rows", {})
    if len(tags) > len(TAG_LETTERS) or len(follows) != len(tags):
        raise DefinitionError(f"{name}: [spans]: {len(tags)} tags and {len(follows)} rows of 'follows'")
    right = re.compile(rf"(?:[{TAG_LETTERS[: len(tags)] or '?'}]-?\d{{1,4}})*")
    for trait, row in (*zip(tags, follows, strict=True), *rows.items()):
        if not isinstance(row, str) or not right.fullmatch(row):
            raise DefinitionError(f"{name}: [spans]: the row of '{trait}' is not as `make learn` writes it")
    return SpanWeights(tags, follows, rows)


def only(tables: Mapping[str, dict[str, Any]], key: str) -> tuple[str, dict[str, Any]]:
    """The one table of learned weights with its file; an empty one where no file has one."""
    found = [(name, table[key]) for name, table in tables.items() if key in table]
    if len(found) > 1:
        (first, _), (name, _) = found[:2]
        raise DefinitionError(f"{name}: [{key}]: {first} has one, too; weights of two files don't go together")
    return found[0] if found else ("", {})


def intent_label(name: str, written: str) -> tuple[Intent, str | None]:
    """An intent, perhaps with its kind behind a point."""
    intent, _, kind = written.partition(".")
    return Intent(one_of(name, "[learned] labels", {"intent": intent}, "intent", tuple(Intent))), kind or None


def flat(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """A nested table as pairs of dotted path and value."""
    for key, value in table.items():
        if isinstance(value, dict):
            yield from flat(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


def check_keys(name: str, where: str, entry: Mapping[str, Any], known: tuple[str, ...]) -> None:
    """Refuse a key that nobody reads: most likely it is misspelt."""
    for key in entry:
        if key not in known:
            near = get_close_matches(key, known, 1)
            hint = f"did you mean '{near[0]}'?" if near else f"known are {', '.join(known)}"
            raise DefinitionError(f"{name}: {where}: unknown key '{key}'; {hint}")


def one_of(name: str, where: str, entry: Mapping[str, Any], key: str, known: Sequence[str]) -> str:
    """The value of `key`, which must be one of `known`."""
    value = entry.get(key)
    if value not in known:
        near = get_close_matches(str(value), known, 1)
        hint = f"did you mean '{near[0]}'?" if near else f"one of {', '.join(known)}"
        raise DefinitionError(f"{name}: {where}: {key} = {value!r} is not known; {hint}")
    return str(value)


def word_list(name: str, where: str, entry: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """A list of words, none of them empty."""
    words = entry.get(key, [])
    if not isinstance(words, list) or not all(isinstance(w, str) for w in words):
        raise DefinitionError(f"{name}: {where}: {key} must be a list of words in quotes")
    if any(not w.strip() for w in words):
        raise DefinitionError(f"{name}: {where}: {key} holds an empty word; remove it")
    return tuple(words)


def frame_list(name: str, where: str, entry: Mapping[str, Any]) -> tuple[str, ...]:
    """A list of frames with balanced brackets."""
    listed = word_list(name, where, entry, "frames")
    for written in listed:
        if not balanced(written) or written.count("<") != written.count(">"):
            raise DefinitionError(f"{name}: {where}: frame '{written}': brackets do not match")
    return listed


def phrase_list(name: str, where: str, entry: Mapping[str, Any]) -> tuple[str, ...]:
    """A list of phrases with balanced brackets."""
    listed = word_list(name, where, entry, "phrases")
    if not listed:
        raise DefinitionError(f"{name}: {where}: phrases is missing or empty")
    for written in listed:
        if not balanced(written):
            raise DefinitionError(f"{name}: {where}: phrase '{written}': brackets do not match")
    return listed


def check_unique(labels: Sequence[Label]) -> None:
    """Refuse a word that is a label of two meanings."""
    meaning: dict[str, tuple[str, str]] = {}
    for entry in labels:
        for word in entry.words:
            if meaning.setdefault(word, (entry.role, entry.slot)) != (entry.role, entry.slot):
                first, second = ".".join(meaning[word]), f"{entry.role}.{entry.slot}"
                raise DefinitionError(f"label '{word}' stands for both {first} and {second}; keep it in one of them")


def check_classes(cues: Sequence[Cue], words: Mapping[str, tuple[str, ...]]) -> None:
    """Refuse a phrase with a `<list>` that no `[words]` has."""
    for entry in cues:
        for written in entry.phrases:
            for name in classes(written):
                if name not in words:
                    raise DefinitionError(f"[[cue]] phrase '{written}': there is no list '{name}' in [words]")


def merged_words(tables: Mapping[str, dict[str, Any]]) -> dict[str, tuple[str, ...]]:
    """The lists of `[words]`; two files that name the same list add to it."""
    merged: dict[str, tuple[str, ...]] = {}
    for name, table in tables.items():
        for key, value in table.get("words", {}).items():
            words = (value,) if isinstance(value, str) else word_list(name, "[words]", {key: value}, key)
            merged[key] = merged.get(key, ()) + words
    return merged


def numerals(name: str, table: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    """The signs of `[numerals]` with their values."""
    for sign, value in table.get("numerals", {}).items():
        if len(sign) != 1 or not isinstance(value, int):
            raise DefinitionError(f"{name}: [numerals]: '{sign}' must be one character with a whole number")
        yield sign, value


def pairs(name: str, table: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The pairs of `[traditional]`."""
    entry = table.get("traditional", {})
    check_keys(name, "[traditional]", entry, ("from", "to"))
    written, simple = entry.get("from", ""), entry.get("to", "")
    if len(written) != len(simple):
        raise DefinitionError(f"{name}: [traditional]: 'from' has {len(written)} characters, 'to' {len(simple)}")
    return zip(written, simple, strict=True)


TOP_LEVEL = (
    "about", "label", "compound", "unit", "choice", "cue", "words", "numerals", "traditional", "fields", "layout",
    "learned", "spans", "sample",
)  # fmt: skip
