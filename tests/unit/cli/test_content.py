"""An order's content as people see it, field by field."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from ingestd.cli.content import detail_lines, field_lines
from ingestd.composing.sample import FULL_CONTENT
from ingestd.domain.reading import Actual, CargoLine, Code, Details, Driver, OrderReading, Party, Problem

ZONE = ZoneInfo("Asia/Shanghai")


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


def test_a_field_that_says_nothing_is_left_out_and_one_in_doubt_is_shown() -> None:
    lines = field_lines(OrderReading(shipper=Party("王敏")), [Problem(Code.MISSING, "shipper.phones", 0)], ZONE)
    assert [(row.label, row.value, row.problem) for row in lines] == [
        ("shipper", "王敏", ""),
        ("shipper's phone", "", "missing"),
    ]


def test_a_full_order_shows_every_field_with_a_name() -> None:
    lines = field_lines(FULL_CONTENT, [], ZONE)
    assert len(lines) == 34
    assert [row.path for row in lines if row.label == row.field and "." in row.field] == []


def test_several_kinds_of_goods_are_numbered_and_a_doubt_stands_once() -> None:
    goods = (CargoLine("配件", Decimal(15), "件"), CargoLine("轮胎", None, None))
    lines = field_lines(OrderReading(cargo=goods), [Problem(Code.AMBIGUOUS, "cargo.weight_kg", 0)], ZONE)
    assert [(row.label, row.value, row.problem) for row in lines] == [
        ("goods 1", "配件", ""),
        ("quantity 1", "15件", ""),
        ("weight 1", "", "ambiguous"),
        ("goods 2", "轮胎", ""),
    ]


def test_a_doubt_about_a_field_that_nobody_knows_is_not_lost() -> None:
    assert [row.label for row in field_lines(OrderReading(), [Problem(Code.MISSING, "new.field", 0)], ZONE)] == [
        "new.field"
    ]


def test_two_doubts_about_one_field_both_show() -> None:
    twice = [Problem(Code.INVALID_PHONE, "shipper.phones", 0), Problem(Code.MISSING, "shipper.phones", 0)]
    assert [row.problem for row in field_lines(OrderReading(), twice, ZONE)] == ["invalid phone, missing"]


def test_an_amount_of_nothing_is_told() -> None:
    free = replace(FULL_CONTENT, freight=Decimal(0))
    assert next(row.value for row in field_lines(free, [], ZONE) if row.field == "freight") == "¥0"


def test_details_of_a_report_are_told() -> None:
    details = Details(
        report="assigned",
        at=datetime(2026, 3, 10, 2, tzinfo=UTC),
        driver=Driver("何师傅", "+8613800138053", "粤B12345"),
        actual=Actual(Decimal(14), Decimal(190), None),
    )
    assert detail_lines(details, ZONE) == [
        ("Status report", "vehicle assigned"),
        ("At", "2026-03-10 10:00:00"),
        ("Driver", "何师傅 13800138053 粤B12345"),
        ("Really there", "14 190 kg"),
    ]
