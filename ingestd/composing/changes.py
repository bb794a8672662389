"""What was changed of an order: each value as its reader knows it, and as it is now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from ingestd.composing.facts import Facts, Teller
from ingestd.composing.figures import clean, runs_together
from ingestd.composing.form import CARGO, known_fields
from ingestd.domain.order import OrderView
from ingestd.domain.reading import CargoLine, OrderReading

PRICED_BY = ("cargo", "destination", "delivery", "payment", "freight", "charges")  # what moves the amount to collect
Pair = tuple[CargoLine | None, CargoLine | None]


@dataclass(frozen=True, slots=True)
class Change:
    """A value that was changed: its label, the old and the new one ("" where there is none), and a sentence of it."""

    label: str
    old: str
    new: str
    words: str


def changed(order: OrderView, teller: Teller) -> Facts:
    """All of an order, and what of it was changed since its reader heard of it last."""
    changes = list(changes_of(order.before, order.content, teller)) if order.before else []
    return {**teller.facts(order), "changed": order.before is not None, "changes": changes}


def moves_money(order: OrderView) -> bool:
    """Whether what was changed may change what the driver collects."""
    before, now = order.before, order.content
    return before is not None and any(getattr(before, name) != getattr(now, name) for name in PRICED_BY)


def changes_of(before: OrderReading, now: OrderReading, teller: Teller) -> Iterator[Change]:
    """Each value that reads otherwise than before, goods first."""
    yield from goods_changes(before.cargo, now.cargo, teller)
    old, new = said(before, teller), said(now, teller)
    for label in {**new, **old}:
        yield from change(label, old.get(label, ""), new.get(label, ""), teller)


def change(label: str, old: str, new: str, teller: Teller) -> Iterator[Change]:
    """One value, where it is another one."""
    if old == new:
        return
    kind = "changed" if old and new else "added" if new else "removed"
    pattern = str(teller.wording["change"][kind])
    first = (new if kind == "added" else old)[:1]
    apart = "{label}{" in pattern and bool(label) and runs_together(label[-1], first)
    yield Change(label, old, new, pattern.format(label=f"{label} " if apart else label, old=old, new=new))


def said(content: OrderReading, teller: Teller) -> dict[str, str]:
    """All values but the goods as they are written, by their labels."""
    labels, times = teller.wording["changed"], teller.times
    fields = {
        **{field: values[0] for field, values in known_fields(content, teller).items()},
        "pickup.time": times.window(content.pickup.start, content.pickup.by),
        "deliver.time": times.window(content.deliver_from, content.deliver_by),
        "remarks": clean(content.remarks),
    }
    named = {labels[f]: fields[f] for f in labels if f in fields and f != "cargo" and f not in CARGO}
    numbers = several(
        (teller.codes["reference"].get(r.kind, clean(r.kind)), clean(r.value)) for r in content.references
    )
    charges = several((teller.word(c.name), teller.yuan(c.amount)) for c in content.charges)
    return {**named, **numbers, **charges}


def several(values: Iterator[tuple[str, str]]) -> dict[str, str]:
    """Values by their labels, those of one label in one text."""
    out: dict[str, str] = {}
    for label, value in values:
        out[label] = f"{out[label]}, {value}" if label in out else value
    return out


def goods_changes(before: Sequence[CargoLine], now: Sequence[CargoLine], teller: Teller) -> Iterator[Change]:
    """What was changed of the goods: figure by figure where they are of one kind, else line by line."""
    labels = teller.wording["changed"]
    if len(before) == len(now) == 1:
        for field in CARGO:
            yield from change(labels[field], figure(field, before[0], teller), figure(field, now[0], teller), teller)
        return
    for pair in paired(before, now):
        label, (old, new) = told_apart(pair, labels["cargo"])
        yield from change(label, whole_line(old, teller), whole_line(new, teller), teller)


def told_apart(pair: Pair, goods: str) -> tuple[str, Pair]:
    """A pair under its name and without it where both have the same one, else as it is under the word for goods."""
    old, new = pair
    if old and new and old.name and clean(old.name) == clean(new.name):
        return clean(new.name), (replace(old, name=None), replace(new, name=None))
    return goods, pair


def figure(field: str, line: CargoLine, teller: Teller) -> str:
    """The name of goods or one of their figures."""
    told = {
        "cargo.name": clean(line.name),
        "cargo.quantity": teller.quantity(line),
        "cargo.weight_kg": teller.measure(line.weight_kg, "weight"),
    }
    return told.get(field, teller.measure(line.volume_m3, "volume"))


def whole_line(line: CargoLine | None, teller: Teller) -> str:
    """Goods of one kind with their figures; empty where there are none."""
    return teller.goods_line(line) if line else ""


def paired(before: Sequence[CargoLine], now: Sequence[CargoLine]) -> list[Pair]:
    """Lines of the same name side by side, what is left of both in its order."""
    left, gone = list(now), []
    pairs: list[Pair] = []
    for line in before:
        same = next((new for new in left if clean(new.name) == clean(line.name)), None)
        if same is None:
            gone.append(line)
        else:
            left.remove(same)
            pairs.append((line, same))
    return [*pairs, *zip_longest(gone, left)]
