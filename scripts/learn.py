"""`make learn`: learn from the examples what signs speak for which intent, and write parsers/learned.toml.

The examples are the lines of tests/corpus/lines and the messages of the corpora; those held out, and the lines of
`unlearned.jsonl`, are left out and scored at the end. The same examples always give the same weights.
"""

from __future__ import annotations

import json
import random
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from math import exp, sqrt
from pathlib import Path
from typing import Any

from ingestd.config.shipped import shipped
from ingestd.domain.reading import Channel
from ingestd.parsing import composition, orders, reader
from ingestd.parsing.definitions import HEAVIEST, LEVEL, Definitions, load_definitions
from ingestd.parsing.learned import marked, odds, traits
from ingestd.parsing.quoting import Letter
from ingestd.parsing.text import fold
from scripts.trials.samples import CORPUS, ROOT, WHOLE, samples

LINES = CORPUS / "lines"
UNLEARNED = "unlearned"
OUT = ROOT / "parsers" / "learned.toml"
WRITTEN_AT = datetime(2026, 3, 10, 10, tzinfo=UTC)
KINDS = ("details.inquiry", "details.complaint", "details.report")
SEED = 1
PASSES, SETTLED = 10, 4  # over all examples; and after how many the weights are averaged
RATE, DECAY = 0.1, 1e-3
LEAST_SEEN = 2  # examples that a trait must stand in
KEPT = 6000  # traits, those that say most
NEGLIGIBLE = 0.002  # of a probability that is wrong


@dataclass(frozen=True, slots=True)
class Example:
    """What is weighed of a message, and the intent (and kind) that it has."""

    found: frozenset[str]
    label: str


Weights = dict[str, list[float]]


def lines(path: Path, definitions: Definitions) -> Iterator[Example]:
    """The examples of a file of lines."""
    for line in path.read_text("utf-8").splitlines():
        entry = json.loads(line)
        message = plain_message(entry["channel"], entry.get("subject", ""), entry["text"], definitions)
        yield example(message, label(entry["intent"], entry.get("kind")), definitions)


def messages(definitions: Definitions) -> Iterator[Example]:
    """The messages of the corpora that are not held out."""
    for sample in samples(*WHOLE, "intents", held_out=False):
        truth: dict[str, Any] = sample.truth
        details = truth.get("details") or {}
        kind = next((details[key] for key in ("inquiry", "complaint", "report") if details.get(key)), None)
        if sample.channel is Channel.SMS:
            message = reader.of_sms(sample.raw, definitions)
        else:
            message = reader.of_mail(message_from_bytes(sample.raw), definitions)
        yield example(message, label(truth["intent"], kind), definitions)


def shipped_samples(definitions: Definitions) -> Iterator[Example]:
    """The samples of the parser definitions that say an intent."""
    for sample in definitions.samples:
        said = dict(sample.expect)
        if "intent" in said:
            kind = next((v for k, v in said.items() if k in KINDS), None)
            message = plain_message(sample.channel, sample.subject, sample.text, definitions)
            yield example(message, label(said["intent"], kind), definitions)


def plain_message(channel: str, subject: str, text: str, definitions: Definitions) -> composition.Message:
    """A message of nothing but its new text."""
    letter = Letter(fold(text, definitions))
    return composition.Message(Channel(channel), None, WRITTEN_AT, fold(subject, definitions), letter)


def label(intent: str, kind: str | None) -> str:
    """How an intent with its kind is written."""
    return f"{intent}.{kind}" if kind else intent


def example(message: composition.Message, written: str, definitions: Definitions) -> Example:
    """One message as an example."""
    content = composition.best_content(message, definitions)
    settled = [orders.settle(composition.copy_of(draft))[0] for draft in content.drafts]
    about = composition.circumstances(message, content, settled, definitions)
    found = traits(marked(content.text.folded, content.items), message.subject.folded, about.traits)
    return Example(frozenset(found), written)


def learn(examples: Sequence[Example], labels: Sequence[str], kept: Iterable[str]) -> Weights:
    """Weights by multinomial logistic regression: stochastic descent whose steps shrink as a weight has moved.

    They are averaged over the later passes, so that one more example moves few of them.
    """
    known = set(kept)
    weights: Weights = {trait: [0.0] * len(labels) for trait in known}
    moved: Weights = {trait: [1e-4] * len(labels) for trait in known}
    rows = [(sorted(e.found & known), labels.index(e.label)) for e in examples]
    shuffled = random.Random(SEED)  # noqa: S311 (no secret)
    averaged: Weights = {trait: [0.0] * len(labels) for trait in known}
    for done in range(PASSES):
        shuffled.shuffle(rows)
        for found, true in rows:
            wrong = errors(found, true, weights, len(labels))
            for trait in found:
                row, paid = weights[trait], moved[trait]
                for number, error in wrong:
                    slope = error + DECAY * row[number]
                    paid[number] += slope * slope
                    row[number] -= RATE * slope / sqrt(paid[number])
        if done >= SETTLED:
            for trait, row in weights.items():
                averaged[trait] = [a + w / (PASSES - SETTLED) for a, w in zip(averaged[trait], row, strict=True)]
    return averaged


def errors(found: Sequence[str], true: int, weights: Weights, size: int) -> list[tuple[int, float]]:
    """By how much the probability of each label is wrong, where it is by more than a little."""
    sums = [sum(column) for column in zip([0.0] * size, *(weights[trait] for trait in found), strict=True)]
    top = max(sums)
    chances = [exp(s - top) for s in sums]
    whole = sum(chances)
    wrong = ((number, chance / whole - (number == true)) for number, chance in enumerate(chances))
    return [(number, error) for number, error in wrong if abs(error) > NEGLIGIBLE]


def frequent(examples: Sequence[Example]) -> list[str]:
    """The traits that stand in more than one example."""
    seen = Counter(trait for e in examples for trait in e.found)
    return sorted(trait for trait, count in seen.items() if count >= LEAST_SEEN)


def written(labels: Sequence[str], weights: Weights) -> str:
    """The file: labels, then each trait with its row."""
    out = ["# Learned by `make learn` from tests/corpus, not written by hand: see docs/parsers.md.", "[learned]"]
    out += [f"labels = {json.dumps(list(labels))}", "", "[learned.rows]"]
    nothing = chr(LEVEL) * len(labels)
    rows = {trait: "".join(map(sign, weights[trait])) for trait in sorted(weights)}
    out += [f"{json.dumps(trait, ensure_ascii=False)} = '{row}'" for trait, row in rows.items() if row != nothing]
    return "\n".join(out) + "\n"


def sign(weight: float) -> str:
    """The sign of a weight in tenths."""
    return chr(LEVEL + max(-HEAVIEST, min(HEAVIEST, round(10 * weight))))


def right(examples: Sequence[Example], definitions: Definitions) -> tuple[float, float]:
    """The share of examples whose intent is the likeliest one, and whose kind is, too."""
    intents = kinds = 0
    for e in examples:
        chances = odds(e.found, definitions)
        best = label(*max(chances, key=lambda known: chances[known]))
        intents += best.partition(".")[0] == e.label.partition(".")[0]
        kinds += best == e.label
    return intents / len(examples), kinds / len(examples)


def main() -> int:
    """Learn, write, and score what was not learned from."""
    definitions = load_definitions([shipped("parsers")])
    files = sorted(LINES.glob("*.jsonl"))
    known = [e for path in files if path.stem != UNLEARNED for e in lines(path, definitions)]
    known += [*messages(definitions), *shipped_samples(definitions)]
    labels = sorted({e.label for e in known})
    first = learn(known, labels, frequent(known))
    kept = sorted(first, key=lambda trait: (-max(map(abs, first[trait])), trait))[:KEPT]
    weights = learn(known, labels, kept)
    OUT.write_text(written(labels, weights), "utf-8")
    definitions = load_definitions([shipped("parsers")])
    for name, found in (("learned", known), ("unlearned", list(lines(LINES / f"{UNLEARNED}.jsonl", definitions)))):
        intents, kinds = right(found, definitions)
        print(
            f"{name:10} {len(found):5} examples: intent {intents:.3f}, with its kind {kinds:.3f} by the weights alone"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
