"""The form of a question: an order field by field in the prescribed sequence, what is asked for left open."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from ingestd.composing.facts import Teller
from ingestd.composing.figures import clean, number
from ingestd.domain.asked import open_fields
from ingestd.domain.order import OrderView
from ingestd.domain.reading import CargoLine, OrderReading

ALWAYS = (  # the lines that every form has, also where nothing is known (domain.md §2)
    *("shipper.name", "shipper.phones", "cargo.name", "cargo.quantity", "cargo.weight_kg", "cargo.volume_m3"),
    *("pickup.address", "destination", "consignee.name", "consignee.phones", "consignee.address", "payment"),
)
WEIGHED = ("cargo.weight_kg", "cargo.volume_m3")  # one of them is enough
CARGO = ("cargo.name", "cargo.quantity", *WEIGHED)


@dataclass(frozen=True, slots=True)
class FormLine:
    """A line of the form: its label, what is known, and whether it is to be filled in."""

    label: str
    value: str
    open: bool = False


def form_of(order: OrderView, teller: Teller) -> list[FormLine]:
    """All lines of an order's form, in the sequence of the wording's `[form]` table."""
    asked = open_fields(order)
    labels = teller.wording["form"]
    known = known_fields(order.content, teller)
    apart = len(order.content.cargo) > 1 and not asked.isdisjoint(CARGO)
    lines = []
    for field, label in labels.items():
        if apart and field in ("cargo", *CARGO):
            lines += numbered(order.content.cargo, asked, teller) if field == "cargo" else []
            continue
        values = [""] if field in asked else known.get(field, [])
        if not values and field in ALWAYS and not (field in CARGO and known.get("cargo")):
            values = [""]
        lines += [FormLine(label, value, field in asked) for value in values]
    return lines + numbers(order.content, teller)


def numbered(goods: tuple[CargoLine, ...], asked: set[str], teller: Teller) -> list[FormLine]:
    """Goods of several kinds of which something is asked: the lines of each with its number."""
    labels, pattern = teller.wording["form"], teller.goods["numbered"]
    names = {**{field: labels[field] for field in CARGO}, "cargo.name": labels["cargo"]}
    wanted = {field: lacking(field, goods) if field in asked else set() for field in CARGO}
    lines = []
    for number_of, line in enumerate(goods):
        said = cargo((line,), teller)
        for field in CARGO:
            left_open = number_of in wanted[field]
            value = "" if left_open else str(said[field])
            if value or left_open:
                lines.append(FormLine(pattern.format(names[field], number_of + 1), value, left_open))
    return lines


def lacking(field: str, goods: tuple[CargoLine, ...]) -> set[int]:
    """Which of the goods a field is asked of: those that lack it, else all, for one of them is in doubt."""
    names = ("weight_kg", "volume_m3") if field in WEIGHED else (field.removeprefix("cargo."),)
    every = set(range(len(goods)))
    return {n for n in every if not any(getattr(goods[n], name) for name in names)} or every


def numbers(content: OrderReading, teller: Teller) -> list[FormLine]:
    """The lines of references, whose labels are their kinds."""
    kinds = teller.wording["form_reference"]
    return [FormLine(kinds.get(r.kind, clean(r.kind)), clean(r.value)) for r in content.references]


def known_fields(content: OrderReading, teller: Teller) -> dict[str, list[str]]:
    """What is known of each field, as it is written into a form: a text for each line of it."""
    words, times = teller.wording["form_value"], teller.form_times
    said = {
        **parties(content, teller),
        "pickup.time": times.window(content.pickup.start, content.pickup.by),
        **cargo(content.cargo, teller),
        "destination": clean(content.destination),
        "delivery": words.get(content.delivery, "") if content.delivery else "",
        "deliver.time": times.window(content.deliver_from, content.deliver_by),
        "payment": words[content.payment] if content.payment else "",
        **{field: money(value, teller) for field, value in sums(content)},
        "vehicle": clean(content.vehicle),
        "hold": words["hold"] if content.hold else "",
        "receipt": words[content.receipt] if content.receipt else "",
    }
    return {field: [value] if isinstance(value, str) else value for field, value in said.items() if value}


def parties(content: OrderReading, teller: Teller) -> dict[str, str]:
    """Who sends, hands over and receives, and where."""
    shipper, pickup, consignee = content.shipper, content.pickup, content.consignee
    return {
        "shipper.name": clean(shipper.name),
        "shipper.company": clean(shipper.company),
        "shipper.phones": teller.phones(shipper.phones),
        "pickup.address": clean(pickup.address),
        "pickup.contact": clean(pickup.contact),
        "pickup.phones": teller.phones(pickup.phones),
        "consignee.name": clean(consignee.name),
        "consignee.company": clean(consignee.company),
        "consignee.phones": teller.phones(consignee.phones),
        "consignee.address": clean(consignee.address),
    }


def cargo(lines: tuple[CargoLine, ...], teller: Teller) -> dict[str, str | list[str]]:
    """Goods of one kind in lines of their own, several kinds in a line each."""
    if len(lines) != 1:
        return {"cargo": [teller.goods_line(line) for line in lines]}
    (line,) = lines
    return {
        "cargo.name": clean(line.name),
        "cargo.quantity": teller.quantity(line),
        "cargo.weight_kg": teller.measure(line.weight_kg, "weight"),
        "cargo.volume_m3": teller.measure(line.volume_m3, "volume"),
    }


def sums(content: OrderReading) -> tuple[tuple[str, Decimal | None], ...]:
    """The sums of money that have a line each."""
    return (("freight", content.freight), ("cod", content.cod), ("declared_value", content.declared_value))


def money(value: Decimal | None, teller: Teller) -> str:
    """A sum, empty where there is none."""
    return str(teller.money["yuan"]).format(number(value)) if value is not None else ""
