"""What the sender wants: evidence for and against each intent, added up."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from operator import concat, itemgetter

from ingestd.domain.reading import Intent, OrderReading
from ingestd.parsing.definitions import PLACES, Cue, Definitions
from ingestd.parsing.wording import alternation, needed, phrases

THRESHOLD = 2.5  # evidence below it says nothing
ORDER_THRESHOLD = 3.0
WHOLE_ORDER = 6.0  # structure of an order that other evidence hardly outweighs
UNCHANGED = 4.0  # against an amendment in which no value is new
SINGLE_EVENT = {Intent.REPORT}  # the strongest kind counts, not the sum: a report tells one thing
MAX_SEARCHED = 4000  # characters


@dataclass(frozen=True, slots=True)
class Evidence:
    """Scores by intent and, under it, by kind; and the cues that they come from."""

    scores: Mapping[Intent, float]
    kinds: Mapping[tuple[Intent, str], float] = field(default_factory=dict)
    cues: tuple[Cue, ...] = ()

    def kind(self, intent: Intent) -> str | None:
        """The best supported kind of an intent."""
        found = {k: w for (i, k), w in self.kinds.items() if i is intent}
        return max(found, key=lambda k: found[k]) if found else None


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What beside the words bears on the intent."""

    structure: float  # how much of an order is there
    serials: int
    machine: str | None
    length: int
    forwarded: bool = False
    labelled: int = 0  # labels with a separator that name a field of an order
    reply: bool = False
    repeats: bool = False  # every value is that of an order quoted below


@dataclass(frozen=True, slots=True)
class Ready:
    """A cue with its pattern; `pattern` is None where its words alone decide."""

    cue: Cue
    number: int
    pattern: re.Pattern[str] | None


@dataclass(frozen=True, slots=True)
class Register:
    """The cues by the two characters that one of their phrases opens with, each with what must stand in the text."""

    by_pair: Mapping[str, tuple[tuple[str, Ready], ...]]
    always: tuple[Ready, ...]


@lru_cache(maxsize=4)
def registers(definitions: Definitions) -> Mapping[str, Register]:
    """Each cue ready to be searched, by where it is; ASCII phrases match whole words only."""
    return {where: register([(n, c) for n, c in enumerate(definitions.cues) if c.where == where]) for where in PLACES}


def register(cues: Iterable[tuple[int, Cue]]) -> Register:
    """The register of the cues of one place."""
    by_pair: dict[str, list[tuple[str, Ready]]] = defaultdict(list)
    always: list[Ready] = []
    for number, cue in cues:
        ready = Ready(cue, number, pattern(cue))
        plain = Ready(cue, number, None)
        for written in cue.phrases:
            word = needed(written)
            decided = word == written and not word.isascii() and cue.where in ("text", "subject")
            if word:
                by_pair[word[:2]].append((word, plain if decided else ready))
            else:
                always.append(ready)
    return Register({pair: tuple(found) for pair, found in by_pair.items()}, tuple(always))


def pairs_of(text: str) -> set[str]:
    """All characters and pairs of neighbours of a text."""
    return {*text, *map(concat, text, text[1:])}


def candidates(register: Register, text: str, pairs: set[str]) -> dict[int, list[Ready]]:
    """The cues of which some needed words stand in a text, by their numbers."""
    found: dict[int, list[Ready]] = {}
    for ready in register.always:
        found.setdefault(ready.number, []).append(ready)
    for pair in register.by_pair.keys() & pairs:
        for word, ready in register.by_pair[pair]:
            if word in text:
                found.setdefault(ready.number, []).append(ready)
    return found


def holds(ready: list[Ready], where: str, text: str) -> bool:
    """Whether a cue is in a text that holds its words."""
    pattern = ready[0].pattern
    for one in ready:
        if one.pattern is None:
            return True
        pattern = one.pattern
    assert pattern is not None
    if where in ("text", "subject"):
        return pattern.search(text) is not None
    found = pattern.match(text)
    return found is not None and (where != "whole" or found.end() == len(text))


@lru_cache(maxsize=1024)
def pattern(cue: Cue) -> re.Pattern[str]:
    """The pattern of one cue."""
    han = [p for p in cue.phrases if not p.isascii()]
    latin = [p for p in cue.phrases if p.isascii()]
    parts = [phrases(han)] if han else []
    if latin:
        parts.append(
            rf"(?<![a-z])(?:{phrases(latin)})(?![a-z])" if all(p[-1:].isalpha() for p in latin) else loose(latin)
        )
    return re.compile("|".join(parts))


def loose(latin: Iterable[str]) -> str:
    """ASCII phrases of which some end in a sign."""
    return "|".join(rf"(?<![a-z])(?:{phrases([p])})" + (r"(?![a-z])" if p[-1:].isalpha() else "") for p in latin)


@lru_cache(maxsize=4)
def filler(definitions: Definitions) -> re.Pattern[str]:
    """What may stand around a message that is all one word."""
    return re.compile(
        rf"^(?:{alternation(definitions.of('polite'))}|[\s,.!。~、\[\]\d])+|(?:{alternation(definitions.of('polite'))}|[\s,.!。~、\[\]\d])+$"
    )


def weigh(text: str, subject: str, about: Circumstances, definitions: Definitions) -> Evidence:
    """All evidence of a message's folded new text and subject."""
    scores: dict[Intent, float] = defaultdict(float)
    kinds: dict[tuple[Intent, str], float] = defaultdict(float)
    bare = filler(definitions).sub("", text[:200]).strip() if len(text) < 60 else ""
    searched = {"text": text[:MAX_SEARCHED], "start": text[:MAX_SEARCHED].lstrip(), "whole": bare, "subject": subject}
    pairs = pairs_of(searched["text"])
    present = {"text": pairs, "start": pairs, "whole": pairs if bare else set(), "subject": pairs_of(subject)}
    found: list[tuple[int, Cue]] = []
    for where, register in registers(definitions).items():
        for number, ready in candidates(register, searched[where], present[where]).items():
            if holds(ready, where, searched[where]):
                found.append((number, ready[0].cue))
    for _, cue in sorted(found, key=itemgetter(0)):
        add(cue, scores, kinds)
    circumstantial(scores, about)
    return Evidence(scores, kinds, tuple(cue for _, cue in found))


def add(cue: Cue, scores: dict[Intent, float], kinds: dict[tuple[Intent, str], float]) -> None:
    """Count one cue."""
    intent = Intent(cue.intent)
    if cue.kind:
        kinds[intent, cue.kind] += cue.weight
    if intent in SINGLE_EVENT and cue.weight > 0:
        scores[intent] = max(scores[intent], cue.weight)
    else:
        scores[intent] += cue.weight


def circumstantial(scores: dict[Intent, float], about: Circumstances) -> None:
    """Evidence that is not in the words."""
    if about.repeats and scores.get(Intent.CONFIRMATION, 0) > 0:  # says yes to it, value by value
        about = replace(about, structure=0.0, labelled=0)
        scores[Intent.AMENDMENT] -= UNCHANGED
    scores[Intent.ORDER] += about.structure
    if about.serials:
        for intent in (Intent.REPORT, Intent.INQUIRY, Intent.COMPLAINT, Intent.AMENDMENT, Intent.CANCELLATION):
            if scores.get(intent, 0) > 0:
                scores[intent] += 1
        if about.structure < WHOLE_ORDER - 1:
            scores[Intent.ORDER] -= 2
    if about.structure >= WHOLE_ORDER - 1.5:
        scores[Intent.REPORT] -= 6
        scores[Intent.CONFIRMATION] -= 3
        scores[Intent.ORDER] += 2 if about.structure >= WHOLE_ORDER else 0
    scores[Intent.REPORT] -= 3 * (about.length > 200) + 2 * about.forwarded
    scores[Intent.AMENDMENT] += completing(about)
    for sign, intent, weight in MACHINE_SIGNS:
        if about.machine and sign in about.machine.lower():
            scores[intent] += weight


def completing(about: Circumstances) -> float:
    """How much speaks for a bare completion: labelled values, but no order; the more so in a reply."""
    if not about.labelled:
        return 0.0
    return 2.6 * (about.structure < WHOLE_ORDER - 3) + 2.0 * (about.reply and about.structure < WHOLE_ORDER - 1.5)


MACHINE_SIGNS = (
    ("auto-submitted: auto-replied", Intent.AUTOMATIC, 20.0),
    ("auto-submitted: auto-notified", Intent.AUTOMATIC, 4.0),
    ("x-autore", Intent.AUTOMATIC, 20.0),
    ("-autoreply", Intent.AUTOMATIC, 20.0),
    ("content-type: multipart/report", Intent.AUTOMATIC, 30.0),
    ("content-type: text/calendar", Intent.AUTOMATIC, 20.0),
    ("content-type: message/", Intent.AUTOMATIC, 20.0),
    ("from: mailer-daemon", Intent.AUTOMATIC, 20.0),
    ("from: postmaster", Intent.AUTOMATIC, 20.0),
    ("return-path: <>", Intent.AUTOMATIC, 4.0),
    ("list-", Intent.OTHER, 5.0),
    ("precedence:", Intent.OTHER, 4.0),
)


def decide(evidence: Evidence, definitions: Definitions, text: str) -> tuple[Intent, str | None]:
    """The intent with the most evidence and its kind; `other` where nothing speaks clearly."""
    scores = dict(evidence.scores)
    letter = scores.pop(Intent.CHANGE_LETTER, 0)
    changed = scores.get(Intent.AMENDMENT, 0)
    best = max(scores, key=lambda i: scores[i], default=Intent.OTHER)
    if letter and changed + letter >= scores.get(best, 0):
        return Intent.CHANGE_LETTER, None
    if best is Intent.ORDER and scores[best] < ORDER_THRESHOLD:
        return Intent.OTHER, None
    if scores.get(best, 0) < THRESHOLD:
        return Intent.OTHER, None
    if best is Intent.AMENDMENT and departed(definitions).search(text):
        return Intent.CHANGE_LETTER, None
    return best, evidence.kind(best)


@lru_cache(maxsize=4)
def departed(definitions: Definitions) -> re.Pattern[str]:
    """Words that say that the goods are under way."""
    return re.compile(phrases(definitions.of("departed")))


def structure(order: OrderReading) -> float:
    """How much of an order a text holds."""
    cargo = any(c.quantity is not None or c.weight_kg is not None for c in order.cargo)
    consignee = order.consignee
    return (
        1.5 * cargo
        + 1.0 * any(c.name for c in order.cargo)
        + 1.5 * bool(consignee.name or consignee.company or consignee.phones)
        + 1.0 * bool(order.destination or consignee.address)
        + 1.0 * bool(order.pickup.address)
        + 1.0 * bool(order.shipper.name or order.shipper.company or order.shipper.phones)
        + 0.5 * (order.payment is not None)
    )
