"""What became of a message, as far as two ways of reading and deciding can be compared. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ingestd.domain.assessment import Assessment, Finding
from ingestd.domain.decision import Decision
from ingestd.domain.order import OrderState
from ingestd.domain.reading import OrderReading, Reading, as_json

KINDS = ("intent", "orders", "value", "state", "area", "charges", "reasons")
TOLD = (Finding.CHARGE, Finding.NOTE)  # findings that hold no order up, and so are no reasons of its state


@dataclass(frozen=True, slots=True)
class OrderOutcome:
    """Where an order stood after a message; area and assessment are None where nobody can tell any more."""

    state: OrderState | None
    area: str | None = None
    assessment: Assessment | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a message was read as, and what became of it and of the orders that it touched."""

    reading: Reading
    state: str
    reasons: frozenset[str]
    orders: Mapping[str, OrderOutcome] = field(default_factory=dict)  # by serial


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that would be otherwise; values as the contract's JSON has them."""

    kind: str  # one of KINDS
    path: str
    before: Any
    after: Any


def outcome_of(reading: Reading, decision: Decision, states: Mapping[str, OrderState | None]) -> Outcome:
    """The outcome of a decision; `states` are of the orders it names as they stood before, which some of them keep."""
    touched = {serial: OrderOutcome(states.get(serial)) for serial in serials_in(decision)}
    changed = {
        c.order.serial: OrderOutcome(c.state, c.area, c.assessment) if c.content else OrderOutcome(c.state)
        for c in decision.changes
    }
    made = {o.serial: OrderOutcome(o.state, o.area, o.assessment) for o in decision.new_orders}
    reasons = reasons_in((why for _, why in decision.reviews), (e.data or {} for e in decision.events))
    if not decision.events:  # nothing was done: the rule that says so is the reason
        reasons |= {decision.reason}
    return Outcome(reading, decision.state, reasons, {**touched, **changed, **made})


def serials_in(decision: Decision) -> frozenset[str]:
    """The orders that a decision says something about."""
    return frozenset(e.serial for e in decision.events if e.serial)


def reasons_in(reviews: Iterable[str], events: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """The single reasons of reviews, which hold several, and of what a shipper was asked for or refused."""
    said = [part for why in reviews for part in why.split("; ")]
    for data in events:
        said += [str(part) for part in data.get("for", ())] + str(data.get("reason", "")).split("; ")
    return frozenset(said) - {""}


def differences(before: Outcome, after: Outcome) -> Iterator[Difference]:
    """Everything in which two outcomes of one message differ."""
    if before.reading.intent != after.reading.intent:
        yield Difference("intent", "intent", str(before.reading.intent), str(after.reading.intent))
    yield from of_values(before.reading.orders, after.reading.orders)
    if before.state != after.state:
        yield Difference("state", "message", str(before.state), str(after.state))
    for serial in sorted({*before.orders, *after.orders}):
        yield from of_order(serial, before.orders.get(serial), after.orders.get(serial))
    if before.reasons != after.reasons:
        gone, new = sorted(before.reasons - after.reasons), sorted(after.reasons - before.reasons)
        yield Difference("reasons", "reasons", gone, new)


def of_values(before: tuple[OrderReading, ...], after: tuple[OrderReading, ...]) -> Iterator[Difference]:
    """How many orders were read, and each value of those that both have."""
    if len(before) != len(after):
        yield Difference("orders", "orders", len(before), len(after))
    for index, (old, new) in enumerate(zip(before, after, strict=False)):
        was, now = leaves(as_json(old)), leaves(as_json(new))
        for path in dict.fromkeys((*was, *now)):
            if was.get(path) != now.get(path):
                yield Difference("value", f"orders[{index}].{path}", was.get(path), now.get(path))


def of_order(serial: str, before: OrderOutcome | None, after: OrderOutcome | None) -> Iterator[Difference]:
    """Where one order stands, in which area, at what charges; what is unknown on one side says nothing."""
    old, new = (one.state if one else None for one in (before, after))
    if old != new:
        yield Difference("state", serial, str(old) if old else None, str(new) if new else None)
    if not before or not after:
        return
    if before.area is not None is not after.area and before.area != after.area:
        yield Difference("area", serial, before.area, after.area)
    if before.assessment is not None is not after.assessment:
        for kind, said in (("charges", charges), ("reasons", notes)):
            was, now = said(before.assessment), said(after.assessment)
            if was != now:
                yield Difference(kind, serial, sorted(was - now), sorted(now - was))


def charges(assessment: Assessment) -> frozenset[str]:
    """What is charged, each with its amount in yuan."""
    quoted = assessment.quote.freight if assessment.quote else None
    freight = {f"freight {quoted}"} if quoted is not None else set()
    return frozenset({f"{due.name} {due.amount}" for due in assessment.dues} | freight)


def notes(assessment: Assessment) -> frozenset[str]:
    """What the checks saw and let pass."""
    return frozenset(assessment.saw(*TOLD))


def leaves(value: Any, path: str = "") -> dict[str, Any]:
    """The single values of a JSON object by their paths: `cargo[0].name`; lists of scalars stay whole."""
    if isinstance(value, dict):
        return {
            p: v for key, inner in value.items() for p, v in leaves(inner, f"{path}.{key}" if path else key).items()
        }
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return {p: v for i, inner in enumerate(value) for p, v in leaves(inner, f"{path}[{i}]").items()}
    return {path: value} if value not in (None, [], "") else {}
