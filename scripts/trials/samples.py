"""The messages of the corpora with their truths, and whether a reading of one may be dispatched, and wrongly."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations
from pathlib import Path
from typing import Any

from ingestd.domain.reading import Channel, Intent, Reading, contract
from tests.corpus.score import CRITICAL, compare, family, norm

ROOT = Path(__file__).resolve().parents[2]
CORPUS = ROOT / "tests" / "corpus"
WHOLE = ("own", "shared")  # corpora of messages as they came; drills are plain texts
ENDINGS = {Channel.EMAIL: ".eml", Channel.SMS: ".sms"}
CONTRADICTED = {"wrong", "invented"}
MANY = 5  # orders; more of them are taken in the order they stand in


@dataclass(frozen=True, slots=True)
class Sample:
    """One message with what it truly says."""

    name: str
    channel: Channel
    raw: bytes
    truth: dict[str, Any]

    @property
    def complete(self) -> bool:
        """Whether a clerk could send every order of it to dispatch as it stands."""
        return self.truth["intent"] == Intent.ORDER and not self.truth.get("problems")


def samples(*corpora: str, held_out: bool) -> Iterator[Sample]:
    """The messages of some corpora, of all whole ones where none is named; those held out only where asked for."""
    hidden = set() if held_out else set((CORPUS / "held_out.txt").read_text("ascii").split())
    for truth in sorted(path for corpus in corpora or WHOLE for path in CORPUS.glob(f"{corpus}/*/*.json")):
        channel = Channel(truth.parent.name)
        if f"{channel}/{truth.stem}" not in hidden:
            raw = truth.with_suffix(ENDINGS[channel]).read_bytes()
            yield Sample(truth.stem, channel, raw, json.loads(truth.read_text("utf-8")))


def dispatchable(reading: Reading) -> bool:
    """Whether orders would go to dispatch without a person's look."""
    return reading.intent is Intent.ORDER and bool(reading.orders) and not reading.problems and not reading.review


def falsehoods(reading: Reading, truth: dict[str, Any]) -> list[str]:
    """What would send a truck wrongly: values that contradict the truth in a field that matters, or orders too many.

    Each order is held against the one it fits best and its goods against those of their names, so that neither their
    order counts nor what a damage took out as a whole, which nobody could have read.
    """
    read, true = contract(reading)["orders"], truth.get("orders") or []
    if len(read) > len(true):
        return [f"{len(read)} orders for {len(true)}"]
    arranged = permutations if len(true) <= MANY else combinations
    return min((contradictions(read, kept) for kept in arranged(true, len(read))), key=len)


def contradictions(read: Sequence[Any], true: Sequence[Any]) -> list[str]:
    """The values of some orders that contradict those they are held against."""
    return [
        f"orders[{number}].{field} {verdict}"
        for number, (said, meant) in enumerate(zip(read, true, strict=True))
        for field, verdict in compare({**meant, "cargo": lines_by_name(said, meant)}, said)
        if family(field) in CRITICAL and verdict in CONTRADICTED
    ]


def lines_by_name(said: dict[str, Any], meant: dict[str, Any]) -> list[Any]:
    """The true goods lines as the read ones stand, where each of these has the name of one; else in their own order."""
    lines = list(meant.get("cargo") or [])
    named: list[Any] = []
    for line in said.get("cargo") or []:
        fitting = next((true for true in lines if norm(true["name"]) == norm(line["name"])), None)
        if fitting is None:
            return list(meant.get("cargo") or [])
        lines.remove(fitting)
        named.append(fitting)
    return named
