"""An order's content: what is missing in it, how two states of it join, and what makes two of them the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from hashlib import sha256
from typing import Any, TypeVar

from ingestd.domain.reading import Code, OrderReading, Problem

Value = TypeVar("Value")
REQUIRED: tuple[tuple[str, Callable[[OrderReading], object]], ...] = (  # messages.md, "problems"
    ("shipper.name", lambda o: o.shipper.name or o.shipper.company),
    ("shipper.phones", lambda o: o.shipper.phones),
    ("pickup.address", lambda o: o.pickup.address),
    ("cargo.name", lambda o: bool(o.cargo) and all(line.name for line in o.cargo)),
    ("cargo.quantity", lambda o: o.vehicle or (bool(o.cargo) and all(line.quantity for line in o.cargo))),
    ("cargo.weight_kg", lambda o: bool(o.cargo) and all(line.weight_kg or line.volume_m3 for line in o.cargo)),
    ("destination", lambda o: o.destination or o.consignee.address),
    ("consignee.name", lambda o: o.consignee.name or o.consignee.company),
    ("consignee.phones", lambda o: o.consignee.phones),
    ("payment", lambda o: o.payment),
)


def problems_of(order: OrderReading, told: tuple[Problem, ...]) -> tuple[Problem, ...]:
    """What still stands in the way: the problems that the reader told, and every required field that is absent.

    One problem a field; the reader's more exact code is kept.
    """
    named = {p.field for p in told}
    absent = (
        Problem(Code.MISSING, field, 0) for field, present in REQUIRED if field not in named and not present(order)
    )
    return told + tuple(absent)


def joined(old: OrderReading, new: OrderReading) -> OrderReading:
    """The old content with what the new one says put in its place."""
    return overlaid(old, new)


def overlaid(old: Value, new: Value) -> Value:
    """The same value, taking each field of `new` that says something; a cargo of one line is joined field by field.

    An address that only lacks its end is the one before: who answers a question repeats it as far as he cares to.
    """
    changes: dict[str, Any] = {}
    for field in fields(new):  # type: ignore[arg-type]
        before, after = getattr(old, field.name), getattr(new, field.name)
        if is_dataclass(after):
            changes[field.name] = overlaid(before, after)
        elif field.name == "cargo" and len(before) == len(after) == 1:
            changes[field.name] = (overlaid(before[0], after[0]),)
        elif after not in (None, (), False) and not (field.name == "address" and begins_with(before, after)):
            changes[field.name] = after
    return replace(old, **changes)  # type: ignore[type-var]


def begins_with(before: str | None, after: str) -> bool:
    """Whether an address only lacks its end now: what was told of it before still holds."""
    return before is not None and before != after and before.startswith(after)


def remaining(old: tuple[Problem, ...], content: OrderReading, new: tuple[Problem, ...]) -> tuple[Problem, ...]:
    """The old problems that the new content leaves open, and the new ones; one a field."""
    by_field = dict(REQUIRED)
    said = {p.field for p in new}
    still = (p for p in old if p.field not in said and not (p.field in by_field and by_field[p.field](content)))
    return tuple(still) + new


def fingerprint(order: OrderReading) -> str:
    """Equal for two orders of the same content, whatever their wording's blanks."""
    said = (
        order.shipper.phones,
        order.pickup.address,
        order.cargo,
        order.destination,
        order.consignee,
        order.payment,
        order.pickup.start,
    )
    return sha256("".join(repr(said).split()).encode()).hexdigest()
