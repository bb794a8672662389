"""Orders as people tell them: each field that a way of telling once hid is read, and nothing is left in doubt."""

from __future__ import annotations

import tomllib
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingestd.domain.reading import Intent, OrderReading

from .conftest import Read

ORDERS = tomllib.loads(Path(__file__).with_name("told_orders.toml").read_text("utf-8"))["order"]


def plain(figure: Decimal | None) -> str:
    """A figure as it is written in the table, empty where there is none."""
    return "" if figure is None else format(figure.normalize(), "f")


def said(order: OrderReading, path: str) -> Any:
    """What an order says of a field, as it is written in the table; empty where it says nothing."""
    if path == "cargo":
        return [
            [c.name or "", plain(c.quantity), c.unit or "", plain(c.weight_kg), plain(c.volume_m3)] for c in order.cargo
        ]
    found: Any = order
    for part in path.split("."):
        found = getattr(found, part)
    if isinstance(found, datetime):
        return found.isoformat()
    return list(found) if isinstance(found, tuple) else found or ""


@pytest.mark.parametrize("told", ORDERS, ids=lambda told: told["name"])
def test_what_is_told_is_read(told: dict[str, Any], sms: Read) -> None:
    reading = sms(told["text"])
    assert reading.intent is Intent.ORDER
    wanted = told.get("orders") or [told["read"]]
    assert len(reading.orders) == len(wanted)
    for order, fields in zip(reading.orders, wanted, strict=True):
        assert {path: said(order, path) for path in fields} == fields
    assert reading.review == tuple(told.get("review", ()))
    assert [p.field for p in reading.problems] == told.get("problems", [])
