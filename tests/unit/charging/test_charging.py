"""Fees and quotes by place, weight and manner."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ingestd.charging.fees import fees_due
from ingestd.charging.load import Load, load_of
from ingestd.charging.quoting import quote
from ingestd.charging.scope import Spot
from ingestd.config.shipped import shipped
from ingestd.config.trade import Fee, Lane
from ingestd.domain.assessment import Basis
from ingestd.domain.reading import CargoLine, Delivery
from ingestd.places.atlas import Atlas, load_atlas
from ingestd.places.locating import locate


@pytest.fixture(scope="session")
def atlas() -> Atlas:
    return load_atlas(shipped("config") / "places")


def spot(text: str, atlas: Atlas) -> Spot:
    return Spot(text, locate(text, atlas).where, atlas)


LANES = (
    Lane(to=("浙江省",), per_kg=Decimal("1.2"), per_m3=Decimal(260), minimum=Decimal(60), days=2, days_most=3),
    Lane(to=("义乌市",), per_kg=Decimal(1), per_m3=Decimal(230), minimum=Decimal(50), days=2),
)


@pytest.mark.parametrize(
    ("to", "kg", "m3", "freight", "basis", "days"),
    [
        ("杭州", 500, 1, 600, Basis.WEIGHT, (2, 3)),
        ("杭州", 200, 4, 1040, Basis.VOLUME, (2, 3)),
        ("杭州", 10, None, 60, Basis.MINIMUM, (2, 3)),
        ("义乌国际商贸城", 500, None, 500, Basis.WEIGHT, (2, 2)),
        ("宁波", 101, None, 121, Basis.WEIGHT, (2, 3)),  # 121.2
    ],
)
def test_the_greatest_of_weight_volume_and_minimum_counts(
    to: str, kg: int, m3: int | None, freight: int, basis: Basis, days: tuple[int, int], atlas: Atlas
) -> None:
    found = quote(spot(to, atlas), Load(Decimal(kg), Decimal(m3) if m3 else None), LANES)
    assert found is not None
    assert found.freight == freight
    assert (found.basis, (found.days, found.days_most)) == (basis, days)


def test_where_the_tariff_does_not_reach_there_is_no_quote(atlas: Atlas) -> None:
    assert quote(spot("乌鲁木齐", atlas), Load(Decimal(1)), LANES) is None


def test_without_a_figure_the_time_is_told_and_no_freight(atlas: Atlas) -> None:
    found = quote(spot("杭州", atlas), Load(), LANES)
    assert found is not None
    assert found.freight is None
    assert found.days == 2


FEES = (
    Fee(name="提货费", places=("深圳市",), amount=Decimal(30)),
    Fee(name="提货费", places=("坪山区",), amount=Decimal(80)),
    Fee(name="装卸费", places=("华南城",), per_kg=Decimal("0.05"), minimum=Decimal(30)),
    Fee(name="上楼费", manners=(Delivery.UPSTAIRS,), per_kg=Decimal("0.3"), minimum=Decimal(50)),
    Fee(name="叉车费", above_kg=Decimal(1000), amount=Decimal(100)),
)


@pytest.mark.parametrize(
    ("text", "kg", "manner", "due"),
    [
        ("深圳市坪山区龙田街道", 100, None, {"提货费": 80}),
        ("深圳市龙岗区平湖华南城P02栋", 1200, None, {"提货费": 30, "装卸费": 60, "叉车费": 100}),
        ("深圳市福田区", 400, Delivery.UPSTAIRS, {"提货费": 30, "上楼费": 120}),
        ("广州", 400, Delivery.DOOR, {}),
    ],
)
def test_fees_are_due_by_place_words_weight_and_manner(
    text: str, kg: int, manner: Delivery | None, due: dict[str, int], atlas: Atlas
) -> None:
    found = fees_due(FEES, spot(text, atlas), Load(Decimal(kg)), manner)
    assert {c.name: c.amount for c in found} == due


def test_goods_of_which_one_line_has_no_weight_have_none() -> None:
    lines = (CargoLine("轴承", weight_kg=Decimal(300), volume_m3=Decimal(1)), CargoLine("螺丝", volume_m3=Decimal(2)))
    assert load_of(lines) == Load(None, Decimal(3))


def test_a_fee_that_charges_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="charges nothing"):
        Fee(name="提货费")
