"""Heads of columns and rows: what a cell that is a label says of the cells beside or below it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from ingestd.parsing import dimensions, labels, measures, numerals
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.text import Text

EACH = {"weight": "each_weight", "volume": "each_volume"}  # heads of a figure of one package
GOODS_SLOTS = ("goods", "quantity", "unit", "weight", "net_weight", "volume", "weight_volume", "dimensions")
MEASURED = ("weight", "net_weight", "volume")
FIGURED = ("quantity", *MEASURED, "weight_volume", "dimensions")
WHO_SLOTS = ("party", "person", "company", "phone", "party_phone")
GOODS_ORDER = {slot: rank for rank, slot in enumerate(GOODS_SLOTS)}
MAX_HEAD = 24  # characters of a cell that may be a head
BRACKETED = re.compile(r"[(\[]([^()\[\]]{0,14})[)\]]?$")
TWINS = re.compile(r"\s*[/、&+]\s*|\s*\n\s*|(?<=[\u4e00-\u9fff])\s*(?=[a-z])|(?<=[a-z.])\s*(?=[\u4e00-\u9fff])")
GAPS = re.compile(r"(?<=[\u4e00-\u9fff]) +(?=[\u4e00-\u9fff])")
JOINT = re.compile(r"\s*[/\u3001&+\u53ca\u548c\u4e0e]\s*")
TURNS = (re.compile(r"\s*/\s*"), re.compile(r"\s*\u3001\s*"))
INNER = re.compile(r"([^:\n]{1,24}?)\s*:")
NUMBER = re.compile(rf"(?:{numerals.DIGITS})$")
SIGNS = " *:#.?!"
ORDINAL = re.compile(rf" ?(?:[{labels.ORDINALS}]|\(?\d{{1,2}}\)?|[a-e])$")


@dataclass(frozen=True, slots=True)
class Head:
    """What a label cell says; `word` is the label to write before a value, `unit` that of bare figures."""

    role: str
    slot: str
    word: str
    unit: str = ""
    each: bool = False  # its figures are meant for one package


@dataclass(frozen=True, slots=True)
class Grammar:
    """The words of heads that count in tables only."""

    cells: dict[str, tuple[str, str]]
    units: dict[str, str]  # unit word → slot
    words: dict[tuple[str, str], str]  # a label for each role and slot
    each: tuple[str, ...]
    each_short: dict[str, str]


@lru_cache(maxsize=4)
def grammar(definitions: Definitions) -> Grammar:
    """The heads made of the definitions' labels and units."""
    slots = {"weight": "weight", "volume": "volume", "package": "quantity", "pallet": "quantity", "piece": "quantity"}
    cells = {w.lower(): (label.role, label.slot) for label in definitions.labels for w in label.cells}
    words: dict[tuple[str, str], str] = {}
    all_bare = [(e, w) for e in definitions.labels for w in e.bare]
    for label, word in [*all_bare, *((e, w) for e in definitions.labels for w in e.words)]:
        if not word.isascii() and len(word) > 1:
            words.setdefault((label.role, label.slot), word)
    for word, meaning in labels.grammar(definitions).words.items():
        words.setdefault(meaning, word)
    short = {w: slot for slot, name in EACH.items() for w in definitions.of(name)}
    return Grammar(
        cells, {w: slots[u.kind] for u in definitions.units if u.kind in slots for w in u.words}, words,
        tuple(sorted(definitions.of("each_heads"), key=len, reverse=True)), short,
    )  # fmt: skip


def head_of(cell: Text, definitions: Definitions, *, heading: bool = False) -> Head | None:
    """What a cell says as a label, None where it is none; `heading` in a row of heads, where short words count."""
    if not cell.folded or len(cell.folded) > MAX_HEAD:
        return None
    return cached_head(cell.folded, definitions, heading)


def split(part: Text, pattern: re.Pattern[str]) -> list[Text]:
    """The cells of a line between a pattern's matches."""
    out, position = [], 0
    for gap in pattern.finditer(part.folded):
        out.append(part.part(position, gap.start()))
        position = gap.end()
    out.append(part.part(position, len(part.folded)))
    return out


def several(label: Text, value: Text, definitions: Definitions) -> list[tuple[Text, Text]]:
    """Several labels joined in one with as many values between signs, each with its own; empty where they are not."""
    labels_of = split(label, JOINT)
    if len(labels_of) < 2 or not all(head_of(part, definitions) for part in labels_of):
        return []
    values = next((found for sign in TURNS if len(found := split(value, sign)) == len(labels_of)), [])
    return list(zip(labels_of, values, strict=True)) if values else []


def inner_head(cell: Text, definitions: Definitions) -> Head | None:
    """The label that a cell begins with, its value behind a colon."""
    found = INNER.match(cell.folded)
    return head_of(cell.part(found.start(1), found.end(1)), definitions) if found else None


@lru_cache(maxsize=4096)
def cached_head(folded: str, definitions: Definitions, heading: bool) -> Head | None:
    """What a folded cell says as a label."""
    plain = GAPS.sub("", folded.strip(SIGNS))
    return simple(plain, definitions, heading) or of_twins(plain, definitions, heading)


def simple(plain: str, definitions: Definitions, heading: bool) -> Head | None:
    """A head of one label, perhaps with a unit or a note in brackets."""
    unit = ""
    noted = BRACKETED.search(plain)
    each = noted is not None and said_each(noted[1], definitions)
    if noted:
        unit, plain = unit_in(noted[1], definitions), plain[: noted.start()].rstrip(" :")
    found = (of_unit(plain, definitions) if heading else None) or spelt(plain, definitions, heading)
    if found is None:
        return None
    return Head(found.role, found.slot, found.word, unit or found.unit, each or found.each)


def spelt(plain: str, definitions: Definitions, heading: bool) -> Head | None:
    """A head by its words: a label, one with a unit behind it, or one that says "each" before it."""
    g = grammar(definitions)
    if plain in g.each_short:
        return Head("order", g.each_short[plain], "", each=True)
    meaning = labels.words_of(plain, definitions) or (g.cells.get(plain) if heading else None)
    if meaning:
        each = meaning[1] in MEASURED and plain.startswith(g.each)
        return Head(*meaning, g.words.get(meaning, plain), counted_in(plain, definitions), each)
    numbered = ORDINAL.search(plain)
    meaning = labels.words_of(plain[: numbered.start()], definitions) if numbered else None
    if meaning and meaning[1] in labels.NUMBERED_SLOTS:
        return Head(*meaning, g.words.get(meaning, plain))
    for word in g.each:
        if plain.startswith(word) and len(plain) > len(word):
            found = spelt(plain[len(word) :].lstrip(" "), definitions, heading=True)
            if found and (found.slot in MEASURED or found.slot == "dimensions"):
                return Head(found.role, found.slot, found.word, found.unit, found.slot != "dimensions")
    return with_unit(plain, definitions)


def with_unit(plain: str, definitions: Definitions) -> Head | None:
    """A label with its unit right behind it, as in gross-kg."""
    for cut in range(len(plain) - 1, max(0, len(plain) - 5), -1):
        tail = plain[cut:]
        head = plain[:cut].rstrip(" -_/,.:")
        if unit_in(tail, definitions) == tail and (meaning := labels.words_of(head, definitions)):
            each = head in grammar(definitions).each_short or head.startswith(grammar(definitions).each)
            return Head(*meaning, grammar(definitions).words.get(meaning, head), tail, each and meaning[1] in MEASURED)
    return None


def of_unit(plain: str, definitions: Definitions) -> Head | None:
    """A head that is a unit and nothing else."""
    slot = grammar(definitions).units.get(plain)
    return Head("order", slot, grammar(definitions).words[("order", slot)], plain) if slot else None


def of_twins(plain: str, definitions: Definitions, heading: bool) -> Head | None:
    """A head of two labels: the same thing in two languages, or two things in one cell."""
    parts = [p for p in TWINS.split(plain) if p]
    if len(parts) < 2 or len(parts) > 4:
        return None
    found = [h for h in (simple(p, definitions, heading) for p in parts) if h]
    if not found or (len(found) < len(parts) and not heading and len(parts) > 2):
        return None
    first = found[0]
    if any(h.slot == "phone" for h in found[1:]) and first.slot in ("party", "person", "company"):
        slot = "party_phone"
        return Head(first.role, slot, word_for(first.role, slot, first.word, definitions))
    if first.slot == "goods" and len(found) > 1:
        return Head(first.role, "goods", first.word)
    return first


def word_for(role: str, slot: str, otherwise: str, definitions: Definitions) -> str:
    """A label for a role and slot."""
    return grammar(definitions).words.get((role, slot), otherwise)


def unit_in(noted: str, definitions: Definitions) -> str:
    """The unit that a note beside a head names; empty where it names none."""
    g = grammar(definitions)
    plain = noted.strip(" :")
    if plain in g.units or plain in dimensions.grammar(definitions).lengths:
        return plain
    first = re.split(r"[/每\s]", plain, maxsplit=1)[0]
    return first if first in g.units else ""


def said_each(noted: str, definitions: Definitions) -> bool:
    """Whether a note beside a head says that figures are meant for one package, such as kg/ctn."""
    parts = re.split(r"[/每]", noted.strip())
    return len(parts) == 2 and parts[0] in grammar(definitions).units and parts[1] in grammar(definitions).units


def counted_in(plain: str, definitions: Definitions) -> str:
    """The unit in a head that counts packages by their name, such as cartons."""
    sorts = measures.grammar(definitions).sorts
    tails = definitions.of("counting_tails")
    for tail in tails:
        if plain.endswith(tail):
            word = plain.removesuffix(tail)
            found = next((word[i:] for i in range(len(word)) if word[i:] in sorts), "")
            return "" if found in definitions.of("any_package") else found
    return ""


def label_of(head: Head, label: Text, cell: Text, unit: str, definitions: Definitions) -> Text:
    """The label to write before a value: the cell itself where it is known as it stands, with a bare figure's unit."""
    unit = unit or head.unit
    if NUMBER.match(cell.folded) and unit and head.slot in FIGURED:
        word = word_for_figure(head, definitions)
        return Text(f"{word}({unit})", f"{word}({unit})")
    plain = label.folded.strip(" *:")
    if plain and labels.words_of(plain, definitions) == (head.role, head.slot):
        start = label.folded.find(plain)
        return label.part(start, start + len(plain))
    word = word_for_figure(head, definitions)
    return Text(word, word)


def word_for_figure(head: Head, definitions: Definitions) -> str:
    """A label for a head; one that says so where its figures are meant for one package."""
    each = next(iter(definitions.of(EACH.get(head.slot, ""))), "") if head.each else ""
    return each or word_for(head.role, head.slot, head.word, definitions)
