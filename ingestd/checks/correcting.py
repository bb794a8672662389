"""A field of an order corrected by hand: its path, and its value as people write it. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, tzinfo
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, TypeVar

from ingestd.domain.reading import CargoLine, Delivery, OrderReading, Payment, Receipt
from ingestd.parsing.phones import e164

Choice = TypeVar("Choice", bound=StrEnum)
PATH = re.compile(r"(?P<part>[a-z_]+)(?:\[(?P<line>\d{1,2})\])?(?:\.(?P<field>[a-z0-9_]+))?")
SEPARATORS = re.compile(r"[,，;；、]+")
FIGURE = re.compile(r"(?P<figure>\d+(?:\.\d+)?)\s*(?P<unit>[^\d\s].*)?")
MONEY = re.compile(r"[¥￥]?\s*(?P<figure>\d+(?:\.\d+)?)\s*(?:元|yuan|rmb)?", re.IGNORECASE)
TIMES = ("%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y/%m/%d %H:%M")
YES, NO = ("yes", "y", "true", "是", "要"), ("no", "n", "false", "否", "不", "不要")
PER_KILOGRAM: Mapping[str, Decimal] = {
    "": Decimal(1), "kg": Decimal(1), "公斤": Decimal(1), "千克": Decimal(1), "斤": Decimal("0.5"),
    "t": Decimal(1000), "吨": Decimal(1000),
}  # fmt: skip
CUBIC_METRES = ("", "m3", "m³", "方", "立方", "立方米", "cbm")


class WrongValueError(Exception):
    """A value that the field can't take; `what` says what would be right: a code of the command line's words."""

    permanent = True

    def __init__(self, field: str, what: str, value: str = "") -> None:
        super().__init__(f"{field}: {what}")
        self.field, self.what, self.value = field, what, value


def with_field(order: OrderReading, path: str, written: str, zone: tzinfo) -> OrderReading:
    """The order with one field as a person writes it; an empty value takes it away. Raises WrongValueError."""
    found = PATH.fullmatch(path)
    if found is None:
        raise WrongValueError(path, "no_field")
    part, line, field, text = found["part"], found["line"], found["field"], written.strip()
    if part == "cargo":
        return replace(order, cargo=with_goods(order.cargo, int(line or 0), field or "", text))
    whole = f"{part}.{field}" if field else part
    if whole not in FIELDS or line is not None:
        raise WrongValueError(path, "no_field")
    value = FIELDS[whole](whole, text, zone) if text else (() if whole.endswith("phones") else EMPTY.get(whole))
    changes: dict[str, Any] = {part: value}
    if field is not None:
        inner: dict[str, Any] = {{"from": "start"}.get(field, field): value}
        changes = {part: replace(getattr(order, part), **inner)}
    return replace(order, **changes)


def with_goods(lines: tuple[CargoLine, ...], index: int, field: str, text: str) -> tuple[CargoLine, ...]:
    """The goods with one figure or name of one line set; the line behind the last is a new one."""
    if field not in GOODS:
        raise WrongValueError(f"cargo.{field}", "no_field")
    if index > len(lines):
        raise WrongValueError(f"cargo[{index}]", "no_line", str(len(lines)))
    line = lines[index] if index < len(lines) else CargoLine()
    changed = GOODS[field](line, text)
    return (*lines[:index], changed, *lines[index + 1 :])


# --- values as people write them --------------------------------------------------------------------------------------


def words(field: str, text: str, zone: tzinfo) -> str:
    """A name or an address."""
    return " ".join(text.split())


def phones(field: str, text: str, zone: tzinfo) -> tuple[str, ...]:
    """One or more phones."""
    return tuple(phone(field, part.strip()) for part in SEPARATORS.split(text) if part.strip())


def phone(field: str, text: str) -> str:
    """A phone as E.164."""
    known = e164(text)
    if known is None:
        raise WrongValueError(field, "phone", text)
    return known


def at(field: str, text: str, zone: tzinfo) -> datetime:
    """A moment in the site's zone."""
    for form in TIMES:
        try:
            return datetime.strptime(text, form).replace(tzinfo=zone)
        except ValueError:
            continue
    raise WrongValueError(field, "time", text)


def money(field: str, text: str, zone: tzinfo) -> Decimal:
    """An amount in yuan."""
    found = MONEY.fullmatch(text)
    if found is None:
        raise WrongValueError(field, "money", text)
    return Decimal(found["figure"])


def yes(field: str, text: str, zone: tzinfo) -> bool:
    """Yes or no."""
    if text.lower() not in YES + NO:
        raise WrongValueError(field, "yes", text)
    return text.lower() in YES


def choice(kind: type[Choice], spoken: Mapping[str, Choice]) -> Callable[[str, str, tzinfo], Choice]:
    """One of a few words, by its code or as the trade says it."""

    def chosen(field: str, text: str, zone: tzinfo) -> Choice:
        if text in spoken:
            return spoken[text]
        try:
            return kind(text.lower())
        except ValueError:
            raise WrongValueError(field, "choice", ", ".join((*kind, *spoken))) from None

    return chosen


PAYMENTS = {"现付": Payment.PREPAID, "到付": Payment.COLLECT, "月结": Payment.MONTHLY, "回单付": Payment.ON_RECEIPT}
DELIVERIES = {"自提": Delivery.SELF_COLLECT, "送货": Delivery.DOOR, "送货上门": Delivery.DOOR,
              "送货上楼": Delivery.UPSTAIRS, "送货进仓": Delivery.WAREHOUSE}  # fmt: skip
RECEIPTS = {"原件": Receipt.ORIGINAL, "拍照": Receipt.PHOTO}
FIELDS: Mapping[str, Callable[[str, str, tzinfo], Any]] = {
    "shipper.name": words, "shipper.company": words, "shipper.phones": phones,
    "pickup.address": words, "pickup.contact": words, "pickup.phones": phones, "pickup.from": at, "pickup.by": at,
    "destination": words,
    "consignee.name": words, "consignee.company": words, "consignee.phones": phones, "consignee.address": words,
    "delivery": choice(Delivery, DELIVERIES), "deliver_from": at, "deliver_by": at,
    "payment": choice(Payment, PAYMENTS), "freight": money, "cod": money, "declared_value": money,
    "vehicle": words, "hold": yes, "receipt": choice(Receipt, RECEIPTS), "remarks": words,
}  # fmt: skip
EMPTY: Mapping[str, Any] = {"hold": False}


def quantity(line: CargoLine, text: str) -> CargoLine:
    """Packages with their unit: 15箱."""
    if not text:
        return replace(line, quantity=None, unit=None)
    figure, unit = figure_of("cargo.quantity", text)
    return replace(line, quantity=figure, unit=unit or line.unit)


def weight(line: CargoLine, text: str) -> CargoLine:
    """Kilograms, or another unit of weight that is named."""
    if not text:
        return replace(line, weight_kg=None)
    figure, unit = figure_of("cargo.weight_kg", text)
    if unit.lower() not in PER_KILOGRAM:
        raise WrongValueError("cargo.weight_kg", "weight", text)
    return replace(line, weight_kg=figure * PER_KILOGRAM[unit.lower()])


def volume(line: CargoLine, text: str) -> CargoLine:
    """Cubic metres."""
    if not text:
        return replace(line, volume_m3=None)
    figure, unit = figure_of("cargo.volume_m3", text)
    if unit.lower() not in CUBIC_METRES:
        raise WrongValueError("cargo.volume_m3", "volume", text)
    return replace(line, volume_m3=figure)


def figure_of(field: str, text: str) -> tuple[Decimal, str]:
    """A positive figure and the unit behind it."""
    found = FIGURE.fullmatch(text)
    try:
        figure = Decimal(found["figure"]) if found else Decimal(0)
    except InvalidOperation:
        figure = Decimal(0)
    if found is None or figure <= 0:
        raise WrongValueError(field, "figure", text)
    return figure, (found["unit"] or "").strip()


GOODS: Mapping[str, Callable[[CargoLine, str], CargoLine]] = {
    "name": lambda line, text: replace(line, name=" ".join(text.split()) or None),
    "quantity": quantity,
    "weight_kg": weight,
    "volume_m3": volume,
}
