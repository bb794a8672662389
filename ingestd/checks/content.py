"""An order's content: what is missing in it, how two states of it join, and what makes two of them the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import fields, is_dataclass, replace
from hashlib import sha256
from typing import Any, TypeVar

from ingestd.domain.decision import KnownOrder
from ingestd.domain.reading import CargoLine, Code, Consignee, OrderReading, Problem

Value = TypeVar("Value")
MARKS_OF_ANOTHER = 3  # of four: consignee, phones, goods, destination
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
    """The same value, taking each field of `new` that says something; goods line by line where they are the same.

    An address that only lacks its end is the one before: who answers a question repeats it as far as he cares to.
    """
    changes: dict[str, Any] = {}
    for field in fields(new):  # type: ignore[arg-type]
        before, after = getattr(old, field.name), getattr(new, field.name)
        if is_dataclass(after):
            changes[field.name] = overlaid(before, after)
        elif field.name == "cargo":
            changes[field.name] = goods_joined(before, after)
        elif after not in (None, (), False) and not (field.name == "address" and begins_with(before, after)):
            changes[field.name] = after
    return replace(old, **changes)  # type: ignore[type-var]


def goods_joined(old: tuple[CargoLine, ...], new: tuple[CargoLine, ...]) -> tuple[CargoLine, ...]:
    """The goods with what is told of some of them anew; other goods than the old are all of them from now on."""
    meant = same_goods(old, new)
    if meant is None:
        return new
    told = dict(zip(meant, new, strict=True))
    return tuple(overlaid(line, told[n]) if n in told else line for n, line in enumerate(old))


def same_goods(old: tuple[CargoLine, ...], new: tuple[CargoLine, ...]) -> list[int] | None:
    """Which of the old goods each new line tells of: of a single line the single one, else by their names."""
    if len(old) == len(new) == 1:
        return [0]
    names = ["".join((line.name or "").split()) for line in old]
    meant = ["".join((line.name or "").split()) for line in new]
    known = all(name and names.count(name) == 1 for name in meant) and len(set(meant)) == len(meant)
    return [names.index(name) for name in meant] if known else None


def goods_lost(old: OrderReading, new: OrderReading) -> bool:
    """Whether fewer goods are told than before, of which it is not clear which: the others may go as well, or not."""
    return 0 < len(new.cargo) < len(old.cargo) and same_goods(old.cargo, new.cargo) is None


def another_order(old: OrderReading, new: OrderReading) -> bool:
    """Whether an answer is an order by itself, of other goods for somebody else: the old one would be lost in it.

    Who restates his order corrects one or two of what tells orders apart; three are another order.
    """
    whole = all(present(new) for _, present in REQUIRED)
    pairs = zip(marks_of(old), marks_of(new), strict=True)
    return whole and sum(bool(before) and before != after for before, after in pairs) >= MARKS_OF_ANOTHER


def marks_of(order: OrderReading) -> tuple[object, ...]:
    """What tells orders of one shipper apart."""
    who = order.consignee
    return who.name or who.company, who.phones, goods_named(order), order.destination or who.address


def goods_named(order: OrderReading) -> frozenset[str]:
    """The names of the goods, without blanks."""
    return frozenset("".join(line.name.split()) for line in order.cargo if line.name)


def begins_with(before: str | None, after: str) -> bool:
    """Whether an address only lacks its end now: what was told of it before still holds."""
    return before is not None and before != after and before.startswith(after)


def remaining(old: tuple[Problem, ...], content: OrderReading, new: tuple[Problem, ...]) -> tuple[Problem, ...]:
    """The old problems that the new content leaves open, and the new ones; one a field."""
    by_field = dict(REQUIRED)
    said = {p.field for p in new}
    still = (p for p in old if p.field not in said and not (p.field in by_field and by_field[p.field](content)))
    return tuple(still) + new


def namesake(content: OrderReading, others: Iterable[KnownOrder]) -> str | None:
    """The serial of another order that bears the customer's reference of this one for the same consignee: the one that
    this changes, perhaps. To several consignees he may well send under one reference."""
    to = content.consignee

    def is_same(other: Consignee) -> bool:
        return bool(set(to.phones) & set(other.phones)) or (to.name is not None and to.name == other.name)

    return next((o.serial for o in others if o.content.called & content.called and is_same(o.content.consignee)), None)


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
