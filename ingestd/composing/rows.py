"""Rows of a letter: a label and a value each, chosen by name in the labels (`[row]`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from ingestd.composing.facts import Teller, pickup_contact
from ingestd.composing.figures import clean, number
from ingestd.composing.wording import BrokenTemplateError
from ingestd.domain.order import OrderView
from ingestd.domain.reading import Actual, CargoLine, Details, Driver, Payment

FIGURES = ("quantity", "weight_kg", "volume_m3")
Row = tuple[str, str]  # label, value


def rows_of(names: Iterable[str], order: OrderView, details: Details | None, teller: Teller) -> list[Row]:
    """Those rows about an order that have something to say; a name that there is not raises BrokenTemplateError."""
    labels, values = teller.wording["row"], values_of(order, details or Details(), teller)
    names = list(names)
    if unknown := [name for name in names if name not in values or name not in labels]:
        reason = f"there is no row {unknown[0]!r}; there are {', '.join(values)}"
        raise BrokenTemplateError(teller.wording.file, None, reason)
    return [(labels[name], values[name]) for name in names if values[name]]


def values_of(order: OrderView, details: Details, teller: Teller) -> dict[str, str]:
    """All that a row may say: of the order, and of what was reported."""
    content, times, told = order.content, teller.times, teller.facts(order)
    driver = details.driver or order.driver or Driver()
    return {
        "driver": spaced(clean(driver.name), teller.phones((driver.phone,) if driver.phone else ())),
        "plate": clean(driver.plate),
        "pickup_address": told["pickup_address"],
        "pickup_contact": spaced(pickup_contact(content), told["pickup_phones"]),
        "goods": told["goods"],
        "brief": teller.brief(content),
        "destination": told["destination"],
        "consignee": spaced(told["consignee"], told["consignee_phones"]),
        "consignee_short": spaced(clean(content.consignee.name) or told["consignee"], told["consignee_phones"]),
        "consignee_address": told["consignee_address"],
        "collect_now": told["collect_now"] if content.payment is Payment.PREPAID else "",
        "to_pay": to_pay(order, teller),
        "to_pay_whole": to_pay_whole(order, teller),
        "receipt": told["receipt"],
        "pickup_by": told["pickup_by"],
        "deliver_by": times.moment(order.deliver_by),
        "transit": told["transit"],
        "actual": actual(content.cargo, details.actual, teller),
        "at": times.moment(details.at),
        "eta": times.moment(details.eta),
        "next_try": times.moment(details.next_try),
        "reason": clean(details.reason),
        "signed_by": clean(details.signed_by),
    }


def actual(cargo: Sequence[CargoLine], found: Actual | None, teller: Teller) -> str:
    """The figures that were really there, as far as they are others than the order's."""
    if found is None:
        return ""
    ordered, there = whole(cargo), figures_of(found, whole(cargo))
    told = (difference(name, ordered, there, teller) for name in FIGURES)
    return str(teller.wording["actual"]["joint"]).join(filter(None, told))


def figures_of(found: Actual, like: CargoLine) -> CargoLine:
    """What was found, counted in the order's unit."""
    return CargoLine(None, found.quantity, like.unit, found.weight_kg, found.volume_m3)


def whole(cargo: Sequence[CargoLine]) -> CargoLine:
    """All goods of an order as one line, without the figures that some of them lack."""
    units = {line.unit for line in cargo}
    quantity, weight_kg, volume_m3 = (total([getattr(line, name) for line in cargo]) for name in FIGURES)
    return CargoLine(None, quantity, units.pop() if len(units) == 1 else None, weight_kg, volume_m3)


def total(values: Sequence[Decimal | None]) -> Decimal | None:
    """The sum of figures that are all given."""
    known = [value for value in values if value is not None]
    return sum(known, Decimal(0)) if known and len(known) == len(values) else None


def difference(name: str, ordered: CargoLine, there: CargoLine, teller: Teller) -> str:
    """One figure with the order's beside it; empty where they are the same."""
    found, expected = getattr(there, name), getattr(ordered, name)
    if found is None or found == expected:
        return ""
    words = teller.wording["actual"]
    shown, before = figure(name, there, teller), figure(name, ordered, teller)
    return str(words["other"]).format(shown, before) if before else shown


def figure(name: str, line: CargoLine, teller: Teller) -> str:
    """A figure of goods with its unit."""
    if name == "quantity":
        return teller.quantity(line)
    return teller.measure(getattr(line, name), {"weight_kg": "weight", "volume_m3": "volume"}[name])


def spaced(*parts: str) -> str:
    """What there is of a name and its phones, apart from each other."""
    return " ".join(filter(None, parts))


def to_pay(order: OrderView, teller: Teller) -> str:
    """What the consignee pays at the delivery: freight and charges where he bears them, and the goods' price."""
    sums = list(due_at_delivery(order, teller))
    told = [teller.amount(name, amount) for name, amount in sums]
    plus = str(teller.money["plus"])
    if freight_unknown(order):
        return plus.join([teller.money["unknown_collect"], *told])
    text = plus.join(told)
    whole_sum = number(sum((amount for _, amount in sums), Decimal(0)))
    return str(teller.money["total"]).format(text, whole_sum) if len(told) > 1 else text


def to_pay_whole(order: OrderView, teller: Teller) -> str:
    """The same as one figure; item by item where the freight is not known."""
    if freight_unknown(order):
        return to_pay(order, teller)
    whole_sum = sum((amount for _, amount in due_at_delivery(order, teller)), Decimal(0))
    return teller.yuan(whole_sum) if whole_sum else ""


def freight_unknown(order: OrderView) -> bool:
    """Whether the consignee pays a freight that nobody has named."""
    return order.content.payment is Payment.COLLECT and order.freight is None


def due_at_delivery(order: OrderView, teller: Teller) -> Iterator[tuple[str, Decimal]]:
    """All sums that the consignee pays, by their names."""
    yield from borne_by_consignee(order, teller)
    if order.content.cod is not None:
        yield teller.money["cod"], order.content.cod


def borne_by_consignee(order: OrderView, teller: Teller) -> Iterator[tuple[str, Decimal]]:
    """Freight and charges of an order that the consignee pays for."""
    if order.content.payment is not Payment.COLLECT:
        return
    if order.freight is not None:
        yield teller.money["collect_freight"], order.freight
    for charge in order.charges:
        yield teller.word(charge.name), charge.amount


def entry(table: str, name: str, teller: Teller) -> dict[str, Any]:
    """The words of one entry of a table of the labels; one that is not there raises BrokenTemplateError."""
    words = teller.wording[table]
    if name not in words:
        reason = f"there is no [{table}.{name}]; there are {', '.join(words)}"
        raise BrokenTemplateError(teller.wording.file, None, reason)
    return dict(words[name])
