"""`make learn`: learn from the corpora's orders which words are which value, and write parsers/spans.toml.

Every value of a truth is looked for in its message; the tokens that it covers get its tag. A linear chain of tags is
learned from them by python-crfsuite (L-BFGS). Held-out messages are left out; the same messages always give the same
weights.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from email import message_from_bytes
from pathlib import Path
from typing import Any

from ingestd.config.shipped import shipped
from ingestd.domain.reading import Channel, Intent
from ingestd.parsing import composition, reader
from ingestd.parsing.definitions import TAG_LETTERS, Definitions, load_definitions
from ingestd.parsing.items import Item, Kind
from ingestd.parsing.tagging import OUTSIDE, spans
from ingestd.parsing.text import Text
from ingestd.parsing.tokens import Token, tokens
from ingestd.parsing.traits import traits
from scripts.trials.samples import ROOT, WHOLE, Sample, samples

OUT = ROOT / "parsers" / "spans.toml"
PUNCTUATION = re.compile(r"[\s,，.。;；:：()（）\[\]【】<>《》\-—_/、\"'“”‘’|·]")
WORDS = (
    "pickup.address", "consignee.address", "shipper.company", "consignee.company", "shipper.name", "pickup.contact",
    "consignee.name", "cargo.name", "destination",
)  # fmt: skip
PHONES = ("shipper.phones", "pickup.phones", "consignee.phones")
SETTINGS = {"c1": 0.1, "c2": 0.02, "max_iterations": 80, "feature.possible_transitions": True}
NEGLIGIBLE = 2  # hundredths
Mark = tuple[int, int, str]  # start, end, path


@dataclass(frozen=True, slots=True)
class Example:
    """An order's message as it is learned from."""

    name: str
    text: Text
    items: Sequence[Item]
    tokens: Sequence[Token]
    traits: Sequence[Sequence[str]]
    tags: Sequence[str]


def examples(definitions: Definitions) -> Iterator[Example]:
    """The orders of the corpora that are not held out."""
    for sample in samples(*WHOLE, "drills", "fresh", held_out=False):
        if sample.truth["intent"] == Intent.ORDER:
            yield example(sample, definitions)


def example(sample: Sample, definitions: Definitions) -> Example:
    """One message as an example."""
    if sample.channel is Channel.SMS:
        message = reader.of_sms(sample.raw, definitions)
    else:
        message = reader.of_mail(message_from_bytes(sample.raw), definitions)
    content = composition.best_content(message, definitions)
    found = tokens(content.text.folded, content.items)
    marks = [*numbers(content.items, sample.truth), *values(content.text, sample.truth)]
    said = traits(content.text.folded, found, content.items, definitions)
    return Example(sample.name, content.text, content.items, found, said, remembering(tagged(found, marks)))


def numbers(items: Sequence[Item], truth: Mapping[str, Any]) -> Iterator[Mark]:
    """Where the numbers of each party stand, each at its first place."""
    done: set[int] = set()
    for order in truth["orders"]:
        for path in PHONES:
            for number in value(order, path) or ():
                at = (i for i in items if i.kind is Kind.PHONE and i.value == number and i.start not in done)
                if item := next(at, None):
                    done.add(item.start)
                    yield item.start, item.end, path


def values(text: Text, truth: Mapping[str, Any]) -> Iterator[Mark]:
    """Where the words of a truth stand, the longest first; of several places the one nearest to others of its party."""
    plain, places = without_signs(text.shown)
    taken = bytearray(len(text.shown))
    wanted = {(path, said) for order in truth["orders"] for path in WORDS for said in worded(order, path)}
    anchors: dict[str, list[int]] = {}
    for path, said in sorted(wanted, key=lambda pair: (-len(pair[1]), WORDS.index(pair[0]), pair[1])):
        sought, _ = without_signs(said)
        spots = [(places[at], places[at + len(sought) - 1] + 1) for at in found_at(plain, sought)]
        spots = [(start, end) for start, end in spots if not any(taken[start:end])]
        if not spots:
            continue
        near = anchors.setdefault(path.partition(".")[0], [])
        start, end = min(spots, key=lambda spot: min((abs(spot[0] - at) for at in near), default=0))
        taken[start:end] = b"\1" * (end - start)
        near.append(start)
        yield start, end, path


def found_at(text: str, sought: str) -> Iterator[int]:
    """Every place of some words."""
    at = text.find(sought) if sought else -1
    while at >= 0:
        yield at
        at = text.find(sought, at + 1)


def value(order: Mapping[str, Any], path: str) -> Any:
    """What an order says for a path."""
    found: Any = order
    for key in path.split("."):
        found = (found or {}).get(key)
    return found


def worded(order: Mapping[str, Any], path: str) -> list[str]:
    """The words that an order has for a path."""
    found = [line["name"] for line in order["cargo"]] if path == "cargo.name" else [value(order, path)]
    return [said for said in found if said]


def without_signs(text: str) -> tuple[str, list[int]]:
    """A text without its punctuation, in one width and case, and the place of each of its signs."""
    kept = [
        (plain, at)
        for at, char in enumerate(text)
        for plain in unicodedata.normalize("NFKC", char).lower()
        if not PUNCTUATION.match(plain)
    ]
    return "".join(plain for plain, _ in kept), [at for _, at in kept]


def tagged(found: Sequence[Token], marks: Sequence[Mark]) -> list[str]:
    """The tag of each token."""
    tags = [OUTSIDE] * len(found)
    for start, end, path in marks:
        place = "B"
        for number, token in enumerate(found):
            if (token.start >= start and token.end <= end) or (token.kind and token.start < end and token.end > start):
                tags[number] = f"{place} {path}"
                place = "I"
    return tags


def remembering(tags: Sequence[str]) -> list[str]:
    """The tags with what was last told behind each tag of nothing, so that the chain knows it further on."""
    out, told = [], ""
    for tag in tags:
        place, _, path = tag.partition(" ")
        told = path or told
        out.append(f"{place} {told}" if told else place)
    return out


# --- learning ---------------------------------------------------------------------------------------------------------


def learn(known: Sequence[Example]) -> tuple[dict[tuple[str, str], float], dict[tuple[str, str], float]]:
    """The weights of traits for tags, and from tag to tag."""
    import pycrfsuite  # noqa: PLC0415 (in a group of its own: only who learns needs it)

    trainer = pycrfsuite.Trainer(verbose=False)
    for entry in known:
        trainer.append([[json.dumps(trait) for trait in said] for said in entry.traits], entry.tags)
    trainer.set_params(SETTINGS)
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "spans.crf")
        trainer.train(path)
        tagger = pycrfsuite.Tagger()
        tagger.open(path)
        info = tagger.info()
        tagger.close()
    return {(json.loads(trait), tag): w for (trait, tag), w in info.state_features.items()}, info.transitions


def written(tags: Sequence[str], state: Mapping[tuple[str, str], float], steps: Mapping[tuple[str, str], float]) -> str:
    """The file: tags, the row from each to each, then each trait with its row."""
    rows: dict[str, dict[str, float]] = {}
    for (trait, tag), weight in state.items():
        rows.setdefault(trait, {})[tag] = weight
    out = ["# Learned by `make learn` from tests/corpus, not written by hand: see docs/parsers.md.", "[spans]"]
    out.append(f"tags = {json.dumps(list(tags))}")
    follows = [row({other: steps.get((tag, other), 0.0) for other in tags}, tags) or "a0" for tag in tags]
    out += ["follows = [", *(f"  '{weights}'," for weights in follows), "]"]
    out += ["", "[spans.rows]"]
    for trait in sorted(rows):
        if weights := row(rows[trait], tags):
            out.append(f"{json.dumps(trait, ensure_ascii=False)} = '{weights}'")
    return "\n".join(out) + "\n"


def row(weights: Mapping[str, float], tags: Sequence[str]) -> str:
    """Some weights, each behind the letter of its tag."""
    hundredths = {letter: round(100 * weights.get(tag, 0.0)) for letter, tag in zip(TAG_LETTERS, tags, strict=False)}
    return "".join(f"{letter}{weight}" for letter, weight in hundredths.items() if abs(weight) >= NEGLIGIBLE)


def main(apart: str = "") -> int:
    """Learn and write; where some first letters are named, leave their messages out and score them."""
    definitions = load_definitions([shipped("parsers")])
    found = list(examples(definitions))
    known = [e for e in found if not re.match(rf"(?:{apart})\d", e.name)] if apart else found
    tags = sorted({tag for e in known for tag in e.tags}, key=lambda tag: (tag != OUTSIDE, tag))
    OUT.write_text(written(tags, *learn(known)), "utf-8")
    definitions = load_definitions([shipped("parsers")])
    for name, some in (("learned", known), ("apart", [e for e in found if e not in known])):
        if some:
            right = sum(marked(e, definitions) == marks(e) for e in some)
            print(f"{name:8} {len(some):5} orders: every span right in {right / len(some):.3f}")
    return 0


def marked(entry: Example, definitions: Definitions) -> set[Mark]:
    """The spans that the weights find."""
    return {(s.start, s.end, s.path) for s in spans(entry.text, entry.items, definitions)}


def marks(entry: Example) -> set[Mark]:
    """The spans that are true."""
    out: list[Mark] = []
    for token, tag in zip(entry.tokens, entry.tags, strict=True):
        place, _, path = tag.partition(" ")
        if place == "B":
            out.append((token.start, token.end, path))
        elif place == "I":
            out[-1] = (out[-1][0], token.end, path)
    return set(out)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
