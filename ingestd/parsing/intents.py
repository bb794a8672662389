"""What the sender wants: evidence for and against each intent, added up."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from math import exp, log

from ingestd.domain.reading import Intent, OrderReading
from ingestd.parsing import cues, learned
from ingestd.parsing.definitions import Cue, Definitions
from ingestd.parsing.wording import alternation, phrases

THRESHOLD = 2.5  # evidence below it says nothing
ORDER_THRESHOLD = 3.0
LEAST_ORDER = 1.0  # the same where the weights are sure of an order
SHORT, LONG = 40, 200  # characters
CERTAINLY_NOT, SURE = -100.0, log(0.99)
LEAST_TEXT = 2  # characters that say anything
LEAST = 0.01  # a chance that is none
CLEAR = log(0.8)  # of lines not learned from, half of what was wrong lay below it, and one in twenty of what was right
CERTAIN = 15.0  # evidence of headers that only a machine writes
LEARNED = 5.0  # what a natural unit of the learned odds weighs beside the cues; tried on messages not learned from
WHOLE_ORDER = 6.0  # structure of an order that other evidence hardly outweighs
UNCHANGED = 4.0  # against an amendment in which no value is new
SINGLE_EVENT = (Intent.REPORT,)  # the strongest kind counts, not the sum: a report tells one thing
CHANGING = (Intent.AMENDMENT, Intent.CHANGE_LETTER)
ANNOUNCED = 8.0  # evidence of words that a whole order is a changed one
ASSIGNING = 4.5  # a number plate in a message
NUMBERED = {"status": 1.5, "arrival": 1.5, "urge": 1.0, "coverage": -1.5, "price": -1.0}  # asked of one order, or not
MAX_SEARCHED = 4000  # characters


@dataclass(frozen=True)
class Evidence:
    """Scores by intent and, under it, by kind; and the cues that they come from."""

    scores: Mapping[Intent, float]
    kinds: Mapping[tuple[Intent, str], float] = field(default_factory=dict)
    cues: tuple[Cue, ...] = ()
    odds: Mapping[learned.Label, float] = field(default_factory=dict)  # what the learned weights say

    @cached_property
    def chances(self) -> dict[Intent, float]:
        """The logarithm of each intent's chance by the learned weights, over all its kinds."""
        chances: dict[Intent, float] = defaultdict(float)
        for (intent, _), chance in self.odds.items():
            chances[intent] += exp(chance)
        return {intent: log(max(chances[intent], LEAST)) for intent in Intent}

    def kind(self, intent: Intent) -> str | None:
        """The best supported kind of an intent."""
        told = {k: w for (i, k), w in self.kinds.items() if i is intent}
        odds = {k: LEARNED * w for (i, k), w in self.odds.items() if i is intent and k}
        found = {k: told.get(k, 0.0) + odds.get(k, 0.0) for k in (*told, *odds)}
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
    plates: int = 0
    answer: bool = False  # its subject is that of the message it answers
    repeats: bool = False  # every value is that of an order quoted below
    message: bool = False  # sent by phone, not as a mail

    @property
    def traits(self) -> Iterator[str]:
        """What is weighed beside the words."""
        yield "always"
        yield f"structure {min(round(self.structure), 8)}"
        yield f"labelled {min(self.labelled, 5)}"
        told = {
            "serial": self.serials > 0, "machine": self.machine is not None, "reply": self.reply, "phone": self.message,
            "forwarded": self.forwarded, "short": self.length < SHORT, "long": self.length > LONG,
        }  # fmt: skip
        yield from (name for name, holds in told.items() if holds)


@lru_cache(maxsize=4)
def filler(definitions: Definitions) -> re.Pattern[str]:
    """What may stand around a message that is all one word."""
    return re.compile(
        rf"^(?:{alternation(definitions.of('polite'))}|[\s,.!。~、\[\]\d])+|(?:{alternation(definitions.of('polite'))}|[\s,.!。~、\[\]\d])+$"
    )


def weigh(text: str, plain: str, subject: str, about: Circumstances, definitions: Definitions) -> Evidence:
    """All evidence of a message's folded new text, the same with its finds marked (`learned.marked`), and subject.

    A whole order whose words are those of orders is one: cues, which take longer, are not looked for then.
    """
    odds = learned.odds(learned.traits(plain, subject, about.traits), definitions) if len(plain) >= LEAST_TEXT else {}
    if about.repeats:  # what repeats every value changes none
        odds = {known: chance for known, chance in odds.items() if known[0] not in CHANGING}
    if about.structure >= WHOLE_ORDER and not about.machine and odds.get((Intent.ORDER, None), CERTAINLY_NOT) > SURE:
        return Evidence({Intent.ORDER: about.structure}, odds=odds)
    scores: dict[Intent, float] = defaultdict(float)
    kinds: dict[tuple[Intent, str], list[float]] = defaultdict(list)
    bare = filler(definitions).sub("", text[:200]).strip() if len(text) < 60 else ""
    searched = {"text": text[:MAX_SEARCHED], "start": text[:MAX_SEARCHED].lstrip(), "whole": bare, "subject": subject}
    counted = [cue for cue in cues.found(searched, definitions) if not (about.answer and tells_in_subject(cue))]
    for cue in counted:
        add(cue, scores, kinds)
    tell(kinds, about)
    for intent in SINGLE_EVENT:
        told = single_event(kinds, intent)
        scores[intent] = scores[intent] + told if told else min(scores[intent], 0.0)
    circumstantial(scores, about)
    summed = {key: sum(weights) for key, weights in kinds.items()}
    return Evidence(scores, summed, tuple(counted), {} if plainly_order(scores, about) else odds)


def plainly_order(scores: Mapping[Intent, float], about: Circumstances) -> bool:
    """Whether a text holds a whole order and no cue speaks for anything else: then its other words are not weighed."""
    others = max((score for intent, score in scores.items() if intent is not Intent.ORDER), default=0.0)
    return about.structure >= WHOLE_ORDER and others <= 0


def tells_in_subject(cue: Cue) -> bool:
    """Whether a cue reads an event in the subject, which in an answer is that of an earlier message."""
    return cue.where == "subject" and cue.intent in SINGLE_EVENT


def tell(kinds: dict[tuple[Intent, str], list[float]], about: Circumstances) -> None:
    """What beside the words bears on the kind: a plate told, a number named or none."""
    if about.plates and (Intent.REPORT, "assigned") not in kinds:
        kinds[Intent.REPORT, "assigned"].append(ASSIGNING)
    for kind, bearing in NUMBERED.items():
        if (Intent.INQUIRY, kind) in kinds:
            kinds[Intent.INQUIRY, kind].append(bearing if about.serials else -bearing)


def add(cue: Cue, scores: dict[Intent, float], kinds: dict[tuple[Intent, str], list[float]]) -> None:
    """Count one cue."""
    intent = Intent(cue.intent)
    if cue.kind:
        kinds[intent, cue.kind].append(cue.weight)
    if not (cue.kind and intent in SINGLE_EVENT):
        scores[intent] += cue.weight


def single_event(kinds: Mapping[tuple[Intent, str], list[float]], intent: Intent) -> float:
    """What speaks for an intent that tells one event: the strongest cue of its best kind."""
    best = max((weights for (i, _), weights in kinds.items() if i is intent), key=sum, default=[0.0])
    return min(max(best), sum(best))


def circumstantial(scores: dict[Intent, float], about: Circumstances) -> None:
    """Evidence that is not in the words."""
    if about.repeats and scores.get(Intent.CONFIRMATION, 0) > 0:  # says yes to it, value by value
        about = replace(about, structure=0.0, labelled=0)
        scores[Intent.AMENDMENT] -= UNCHANGED
    shaped(scores, about)
    if scores.get(Intent.CANCELLATION, 0) >= THRESHOLD:
        scores[Intent.COMPLAINT] -= 4  # who calls an order off in anger calls it off
        scores[Intent.INQUIRY] -= 3  # and does not press for it
    if about.answer and scores.get(Intent.CONFIRMATION, 0) >= THRESHOLD:
        scores[Intent.INQUIRY] -= 3  # says yes first, then presses
    scores[Intent.REPORT] -= 3 * (about.length > 200) + 3 * (about.length > 350) + 2 * about.forwarded
    scores[Intent.AMENDMENT] += completing(about)
    for sign, intent, weight in MACHINE_SIGNS:
        if sign == CALENDAR and about.structure >= WHOLE_ORDER:
            continue  # an order with an appointment beside it (faults B30)
        if about.machine and sign in about.machine.lower():
            scores[intent] += weight


def shaped(scores: dict[Intent, float], about: Circumstances) -> None:
    """What the shape of an order, and the number of one, speak for and against."""
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
        scores[Intent.INQUIRY] -= 5 if about.structure >= WHOLE_ORDER else 3
    if about.structure >= WHOLE_ORDER:
        scores[Intent.ORDER] += 2
        scores[Intent.COMPLAINT] -= 4  # "don't crush them" is said of what is to be carried
        if not (about.serials or about.answer) and scores.get(Intent.AMENDMENT, 0) < ANNOUNCED:
            scores[Intent.AMENDMENT] -= 4  # it corrects itself, and no order sent before


def completing(about: Circumstances) -> float:
    """How much speaks for a bare completion: labelled values, but no order; the more so in a reply."""
    if not about.labelled:
        return 0.0
    return 2.6 * (about.structure < WHOLE_ORDER - 3) + 2.0 * (about.reply and about.structure < WHOLE_ORDER - 1.5)


CALENDAR = "content-type: text/calendar"
MACHINE_SIGNS = (
    ("auto-submitted: auto-replied", Intent.AUTOMATIC, 20.0),
    ("auto-submitted: auto-notified", Intent.AUTOMATIC, 4.0),
    ("x-autore", Intent.AUTOMATIC, 20.0),
    ("-autoreply", Intent.AUTOMATIC, 20.0),
    ("content-type: multipart/report", Intent.AUTOMATIC, 30.0),
    (CALENDAR, Intent.AUTOMATIC, 20.0),
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
    changed = scores.get(Intent.AMENDMENT, 0) > 0
    if scores.get(Intent.CHANGE_LETTER) or (changed and departed(definitions).search(text)):
        scores[Intent.CHANGE_LETTER] = scores.get(Intent.CHANGE_LETTER, 0) + scores.pop(Intent.AMENDMENT, 0)
    if scores.get(Intent.AUTOMATIC, 0) >= CERTAIN:
        return Intent.AUTOMATIC, None
    if evidence.odds:
        totals = {intent: scores.get(intent, 0) + LEARNED * chance for intent, chance in evidence.chances.items()}
    else:
        totals = {intent: score for intent, score in scores.items() if score >= THRESHOLD}
    best = max(totals, key=lambda i: totals[i], default=Intent.OTHER)
    if best in CHANGING:  # which of both, its words tell: the goods have left
        left = departed(definitions).search(text) is not None or bool(scores.get(Intent.CHANGE_LETTER))
        known = best is Intent.CHANGE_LETTER and evidence.chances[best] > SURE
        best = Intent.CHANGE_LETTER if left or known else Intent.AMENDMENT
    sure = evidence.odds.get((best, None), CERTAINLY_NOT) > SURE and scores.get(best, 0) >= LEAST_ORDER
    if best is Intent.ORDER and scores.get(best, 0) < ORDER_THRESHOLD and not sure:
        others = {intent: score for intent, score in scores.items() if intent is not best and score >= THRESHOLD}
        best = max(others, key=lambda i: others[i], default=Intent.OTHER)
    return best, evidence.kind(best)


def unclear(evidence: Evidence, intent: Intent) -> bool:
    """Whether a person should say what is wanted.

    Neither words nor weights speak clearly; or it has the goods of an order, and words or weights speak for something
    else; or nothing would be done about a message that only the weights call a machine's, or that holds data of an
    order.
    """
    if not evidence.odds:
        return False
    told, sure = evidence.scores.get(intent, 0) >= THRESHOLD, evidence.chances[intent] >= CLEAR
    if intent is Intent.AUTOMATIC:
        return not told
    if intent is Intent.OTHER:
        return not sure or evidence.scores.get(Intent.ORDER, 0) >= ORDER_THRESHOLD
    if intent is Intent.ORDER:
        likelier = max(evidence.chances, key=lambda i: evidence.chances[i]) is not intent
        rival = any(s >= THRESHOLD for other, s in evidence.scores.items() if other is not intent)
        return not sure and (likelier or rival)
    return not told and not sure


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
