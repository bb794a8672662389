"""A field of an order corrected by hand: its path, and its value as people say it. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from ingestd.domain.reading import CargoLine, Delivery, OrderReading, Payment, Receipt
from ingestd.parsing import money, scanning, times
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.figures import Figure
from ingestd.parsing.items import Kind
from ingestd.parsing.numerals import number
from ingestd.parsing.phones import e164
from ingestd.parsing.purposes import Purpose
from ingestd.parsing.text import fold

Code = TypeVar("Code", bound=StrEnum)
PATH = re.compile(r"(?P<part>[a-z_]+)(?:\[(?P<line>\d{1,2})\])?(?:\.(?P<field>[a-z0-9_]+))?")
SEPARATORS = re.compile(r"[,，;；、]+")


@dataclass(frozen=True, slots=True)
class Speech:
    """How a value is understood: the words of the reader, and the moment, in the site's zone, that it is said."""

    definitions: Definitions
    now: datetime

    def whole(self, text: str, kind: Kind) -> Any:
        """The value of a text that is one thing of that kind and nothing else; None otherwise."""
        plain = fold(text, self.definitions)
        items = scanning.scan(plain, self.definitions)
        fits = len(items) == 1 and items[0].kind is kind and (items[0].start, items[0].end) == (0, len(plain.folded))
        return items[0].value if fits else None

    def chosen(self, text: str, field: str) -> str | None:
        """Which of a field's few values a text stands for."""
        of_field, value = self.whole(text, Kind.CHOICE) or ("", None)
        if of_field == field:
            return str(value)
        return scanning.labelled_choice(field, fold(text, self.definitions).folded, self.definitions)


class WrongValueError(Exception):
    """A value that the field can't take; `what` says what would be right: a code of the command line's words."""

    permanent = True

    def __init__(self, field: str, what: str, value: str = "") -> None:
        super().__init__(f"{field}: {what}")
        self.field, self.what, self.value = field, what, value


def with_field(order: OrderReading, path: str, written: str, speech: Speech) -> OrderReading:
    """The order with one field as a person says it; an empty value takes it away. Raises WrongValueError."""
    found = PATH.fullmatch(path)
    if found is None:
        raise WrongValueError(path, "no_field")
    part, line, field, text = found["part"], found["line"], found["field"], written.strip()
    if part == "cargo":
        return replace(order, cargo=with_goods(order.cargo, int(line or 0), field or "", (text, speech)))
    whole = f"{part}.{field}" if field else part
    if whole not in FIELDS or line is not None:
        raise WrongValueError(path, "no_field")
    value = FIELDS[whole](whole, text, speech) if text else (() if whole.endswith("phones") else EMPTY.get(whole))
    changes: dict[str, Any] = {part: value}
    if field is not None:
        inner: dict[str, Any] = {{"from": "start"}.get(field, field): value}
        changes = {part: replace(getattr(order, part), **inner)}
    return replace(order, **changes)


def with_goods(lines: tuple[CargoLine, ...], index: int, field: str, said: tuple[str, Speech]) -> tuple[CargoLine, ...]:
    """The goods with one figure or name of one line set; the line behind the last is a new one."""
    if field not in GOODS:
        raise WrongValueError(f"cargo.{field}", "no_field")
    if index > len(lines):
        raise WrongValueError(f"cargo[{index}]", "no_line", str(len(lines)))
    line = lines[index] if index < len(lines) else CargoLine()
    return (*lines[:index], GOODS[field](line, *said), *lines[index + 1 :])


# --- values as people say them ----------------------------------------------------------------------------------------


def words(field: str, text: str, speech: Speech) -> str:
    """A name or an address."""
    return " ".join(text.split())


def phones(field: str, text: str, speech: Speech) -> tuple[str, ...]:
    """One or more phones."""
    return tuple(phone(field, part.strip()) for part in SEPARATORS.split(text) if part.strip())


def phone(field: str, text: str) -> str:
    """A phone as E.164."""
    known = e164(text)
    if known is None:
        raise WrongValueError(field, "phone", text)
    return known


def at(field: str, text: str, speech: Speech) -> datetime:
    """A moment: a date with its hour, or as people say it; of a window the bound that the field is about."""
    try:
        written = datetime.fromisoformat(text)
        return written if written.tzinfo else written.replace(tzinfo=speech.now.tzinfo)
    except ValueError:
        spoken = speech.whole(text, Kind.TIME)
    purpose = Purpose.PICKUP if field.startswith("pickup") else Purpose.DELIVERY
    window = times.resolved(spoken, speech.now, purpose) if spoken else None
    bound = getattr(window, "start" if field.endswith("from") else "end", None)
    if not isinstance(bound, datetime):
        raise WrongValueError(field, "time", text)
    return bound


def amount(field: str, text: str, speech: Speech) -> Decimal:
    """An amount in yuan."""
    known = money.yuan(fold(text, speech.definitions).folded, speech.definitions)
    if known is None:
        raise WrongValueError(field, "money", text)
    return known


def held(field: str, text: str, speech: Speech) -> bool:
    """Yes: the goods are held."""
    if speech.chosen(text, "hold") is None:
        raise WrongValueError(field, "yes", text)
    return True


def choice(kind: type[Code]) -> Callable[[str, str, Speech], Code]:
    """One of a few words, by its code or as the trade says it."""

    def chosen(field: str, text: str, speech: Speech) -> Code:
        code = text.lower() if text.lower() in tuple(kind) else speech.chosen(text, field)
        if code is None:
            raise WrongValueError(field, "choice", ", ".join(kind))
        return kind(code)

    return chosen


FIELDS: Mapping[str, Callable[[str, str, Speech], Any]] = {
    "shipper.name": words, "shipper.company": words, "shipper.phones": phones,
    "pickup.address": words, "pickup.contact": words, "pickup.phones": phones, "pickup.from": at, "pickup.by": at,
    "destination": words,
    "consignee.name": words, "consignee.company": words, "consignee.phones": phones, "consignee.address": words,
    "delivery": choice(Delivery), "deliver_from": at, "deliver_by": at,
    "payment": choice(Payment), "freight": amount, "cod": amount, "declared_value": amount,
    "vehicle": words, "hold": held, "receipt": choice(Receipt), "remarks": words,
}  # fmt: skip
EMPTY: Mapping[str, Any] = {"hold": False}


# --- goods ------------------------------------------------------------------------------------------------------------


def name(line: CargoLine, text: str, speech: Speech) -> CargoLine:
    """What they are called."""
    return replace(line, name=" ".join(text.split()) or None)


def quantity(line: CargoLine, text: str, speech: Speech) -> CargoLine:
    """Packages with their unit."""
    if not text:
        return replace(line, quantity=None, unit=None)
    figure = figure_of("cargo.quantity", text, Kind.COUNT, speech)
    return replace(line, quantity=figure.amount, unit=figure.unit or line.unit)


def weight(line: CargoLine, text: str, speech: Speech) -> CargoLine:
    """Kilograms, or another unit of weight that is named."""
    if not text:
        return replace(line, weight_kg=None)
    return replace(line, weight_kg=figure_of("cargo.weight_kg", text, Kind.WEIGHT, speech).amount)


def volume(line: CargoLine, text: str, speech: Speech) -> CargoLine:
    """Cubic metres."""
    if not text:
        return replace(line, volume_m3=None)
    return replace(line, volume_m3=figure_of("cargo.volume_m3", text, Kind.VOLUME, speech).amount)


def figure_of(field: str, text: str, kind: Kind, speech: Speech) -> Figure:
    """A positive figure, in the field's own unit or with one that is said."""
    bare = number(fold(text, speech.definitions).folded, speech.definitions)
    figure: Figure | None = Figure(bare) if bare is not None else speech.whole(text, kind)
    if figure is None or figure.amount is None or figure.amount <= 0:
        raise WrongValueError(field, kind, text)
    return figure


GOODS: Mapping[str, Callable[[CargoLine, str, Speech], CargoLine]] = {
    "name": name, "quantity": quantity, "weight_kg": weight, "volume_m3": volume,
}  # fmt: skip
