"""An order's content as lines for people: one for each field that says something or is in doubt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import tzinfo
from decimal import Decimal

from ingestd.cli.output import moment
from ingestd.cli.words import term, word
from ingestd.composing.figures import number, phone
from ingestd.domain.reading import CargoLine, Details, Driver, OrderReading, Problem


@dataclass(frozen=True, slots=True)
class FieldLine:
    """A field with its value for people; `path` as evidence has it, `field` as problems have it."""

    path: str
    field: str
    label: str
    value: str
    problem: str = ""


def field_lines(order: OrderReading, problems: Sequence[Problem], zone: tzinfo | None) -> list[FieldLine]:
    """The fields of one order that say something or have a problem, in the order of the contract."""
    told: dict[str, list[str]] = {}
    for problem in problems:
        told.setdefault(problem.field, []).append(term("problem", problem.code))
    lines = []
    for path, label, value in values(order, zone):
        field = field_of(path)
        doubt = ", ".join(told.pop(field, ())) if path == first_path(field) or field in told else ""
        if value or doubt:
            lines.append(FieldLine(path, field, label, value, doubt))
    lines += [FieldLine(f, f, term("field", f), "", ", ".join(codes)) for f, codes in told.items()]
    return lines


def field_of(path: str) -> str:
    """The field that a path belongs to: `cargo[1].name` is `cargo.name`."""
    head, _, rest = path.partition("[")
    return head + rest.partition("]")[2] if rest else path


def first_path(field: str) -> str:
    """The first path of a field."""
    return field.replace("cargo.", "cargo[0].", 1)


def values(order: OrderReading, zone: tzinfo | None) -> Iterator[tuple[str, str, str]]:
    """Every field of an order: (path, label, value for people); what is unsaid is empty."""
    for path, value in (*parties(order, zone), *goods(order), *terms(order, zone)):
        yield path, label_of(path, len(order.cargo)), value


def label_of(path: str, cargo_lines: int) -> str:
    """A field's name; goods are numbered where there are several kinds."""
    label = term("field", field_of(path))
    if path.startswith("cargo[") and cargo_lines > 1:
        return f"{label} {int(path[6 : path.index(']')]) + 1}"
    return label


def parties(order: OrderReading, zone: tzinfo | None) -> Iterator[tuple[str, str]]:
    """Shipper and pickup."""
    yield "shipper.name", order.shipper.name or ""
    yield "shipper.company", order.shipper.company or ""
    yield "shipper.phones", phones(order.shipper.phones)
    yield "pickup.address", order.pickup.address or ""
    yield "pickup.contact", order.pickup.contact or ""
    yield "pickup.phones", phones(order.pickup.phones)
    yield "pickup.from", moment(order.pickup.start, zone)
    yield "pickup.by", moment(order.pickup.by, zone)


def goods(order: OrderReading) -> Iterator[tuple[str, str]]:
    """The goods, kind by kind."""
    for index, kind in enumerate(order.cargo or (CargoLine(),)):
        yield f"cargo[{index}].name", kind.name or ""
        yield f"cargo[{index}].quantity", f"{number(kind.quantity)}{kind.unit or ''}" if kind.quantity else ""
        yield f"cargo[{index}].weight_kg", f"{number(kind.weight_kg)} kg" if kind.weight_kg else ""
        yield f"cargo[{index}].volume_m3", f"{number(kind.volume_m3)} m³" if kind.volume_m3 else ""


def terms(order: OrderReading, zone: tzinfo | None) -> Iterator[tuple[str, str]]:
    """Where it goes, how, and who pays what."""
    yield "destination", order.destination or ""
    yield "consignee.name", order.consignee.name or ""
    yield "consignee.company", order.consignee.company or ""
    yield "consignee.phones", phones(order.consignee.phones)
    yield "consignee.address", order.consignee.address or ""
    yield "delivery", term("delivery", order.delivery) if order.delivery else ""
    yield "deliver_from", moment(order.deliver_from, zone)
    yield "deliver_by", moment(order.deliver_by, zone)
    yield "payment", term("payment", order.payment) if order.payment else ""
    yield "freight", yuan(order.freight)
    yield "charges", ", ".join(f"{c.name} {yuan(c.amount)}" for c in order.charges)
    yield "cod", yuan(order.cod)
    yield "declared_value", yuan(order.declared_value)
    yield "vehicle", order.vehicle or ""
    yield "hold", word("value.hold") if order.hold else ""
    yield "receipt", term("receipt", order.receipt) if order.receipt else ""
    yield "references", ", ".join(f"{term('reference', r.kind)} {r.value}" for r in order.references)
    yield "remarks", order.remarks or ""


def phones(numbers: Sequence[str]) -> str:
    """Phones as people write them."""
    return ", ".join(phone(n, word("value.extension")) for n in numbers)


def yuan(amount: Decimal | None) -> str:
    """An amount of money."""
    return word("value.yuan", amount=number(amount)) if amount is not None else ""


def detail_lines(details: Details, zone: tzinfo | None) -> list[tuple[str, str]]:
    """What an inquiry, complaint or report says beside its intent."""
    driver, actual = details.driver, details.actual
    said = (
        ("inquiry", term("inquiry", details.inquiry) if details.inquiry else ""),
        ("complaint", term("complaint", details.complaint) if details.complaint else ""),
        ("report", term("report", details.report) if details.report else ""),
        ("at", moment(details.at, zone)),
        ("signed_by", details.signed_by or ""),
        ("reason", details.reason or ""),
        ("eta", moment(details.eta, zone)),
        ("next_try", moment(details.next_try, zone)),
        ("driver", " ".join(told_of(driver)) if driver else ""),
        ("actual", " ".join(figures(actual.quantity, actual.weight_kg, actual.volume_m3)) if actual else ""),
    )
    return [(term("detail", name), value) for name, value in said if value]


def detail_names(details: Details) -> list[str]:
    """The names of the details that are said, in the order of `detail_lines`."""
    return [part.name for part in fields(details) if getattr(details, part.name) is not None]


def told_of(driver: Driver) -> Iterator[str]:
    """Name, phone and plate of a driver, those that are known."""
    for value in (driver.name, phones((driver.phone,)) if driver.phone else None, driver.plate):
        if value:
            yield value


def figures(quantity: Decimal | None, weight_kg: Decimal | None, volume_m3: Decimal | None) -> Iterator[str]:
    """Quantity, weight and volume, those that are known."""
    for value, unit in ((quantity, ""), (weight_kg, " kg"), (volume_m3, " m³")):
        if value is not None:
            yield f"{number(value)}{unit}"
