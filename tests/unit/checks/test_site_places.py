"""Tables that name places wrongly are refused, with what would be right."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ingestd.config.load import ConfigurationError
from ingestd.config.tables import Area, Tables
from ingestd.config.trade import Depot, Lane
from tests.unit.checks.cases import TABLES, house


def area(name: str, *places: str) -> Area:
    return Area(name=name, kind="urban", places=places, dispatcher="8011")


def lane(*places: str) -> Lane:
    return Lane(to=places, per_kg=Decimal(1), per_m3=Decimal(200), days=2)


def site(**tables: object) -> Tables:
    return Tables(**{**dict(TABLES), **tables})


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        (
            site(area=(area("西", "宝安"), area("北", "龙华", "宝安区"))),
            "areas.toml: 宝安区 in area 北 is 宝安 in area 西; keep it in one of them",
        ),
        (
            site(lane=(lane("浙江省", "浙东"),)),
            "tariff.toml: a lane goes to 浙东, which is no province, city, district or town of China; "
            "浙江省, 杭州市 or 义乌市 would be right",
        ),
        (
            site(depot=(Depot(name="长春", places=("朝阳区",)),)),
            "depots.toml: depot 长春 goes to 朝阳区, which may be 北京市朝阳区, 吉林省长春市朝阳区; "
            "its full name would be right",
        ),
        (
            site(lane=(lane("浙江省"),), depot=(Depot(name="拉萨", places=("西藏自治区",)),)),
            "depots.toml: depot 拉萨 delivers to 西藏自治区, which no lane of tariff.toml reaches; "
            "add a lane to it, or take it out",
        ),
    ],
)
def test_a_place_that_is_named_wrongly_is_told_with_what_would_be_right(tables: Tables, said: str) -> None:
    with pytest.raises(ConfigurationError) as told:
        house(tables)
    assert str(told.value) == said


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(ConfigurationError) as told:
        house(site(lane=(lane("浙东", "浙西"),)))
    assert len(str(told.value).splitlines()) == 2


@pytest.mark.parametrize(
    "tables",
    [
        site(area=(area("西", "宝安", "宝安区"), area("北", "福田保税区"), area("东", "福田保税区龙岗仓"))),
        site(lane=(lane("浙江省", "杭州市"),), depot=(Depot(name="萧山", places=("浙江省",)),)),
        site(lane=(lane("杭州市"),), depot=(Depot(name="萧山", places=("浙江省",)),)),
        site(depot=(Depot(name="萧山", places=("浙江省",)),)),  # no tariff, nothing to reach by
    ],
)
def test_places_named_rightly_pass(tables: Tables) -> None:
    assert house(tables).tables is tables
