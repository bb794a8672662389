"""Fields as agents name them, and who may act at the desk."""

from __future__ import annotations

import pytest

from ingestd.cli.counter import desk_member
from ingestd.cli.desk_fields import meant, split
from ingestd.cli.trouble import Trouble
from ingestd.config.settings import Desk, Settings
from tests.unit.checks.cases import house


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


@pytest.mark.parametrize(
    ("given", "path", "value"),
    [
        ("pickup.address=深圳=南山", "pickup.address", "深圳=南山"),
        ("收货人电话＝13600136011", "consignee.phones", "13600136011"),
        ("重量 2=80斤", "cargo[1].weight_kg", "80斤"),
        ("goods 1=灯具", "cargo[0].name", "灯具"),
        ("Destination = 杭州 ", "destination", "杭州"),
        ("payment=Monthly account", "payment", "monthly"),
        ("payment=现付", "payment", "现付"),  # the reader knows it
        ("hold=否", "hold", ""),
        ("consignee.name=No", "consignee.name", "No"),
    ],
)
def test_a_field_has_its_path_and_its_names(given: str, path: str, value: str) -> None:
    named, written = split(given)
    assert (named, written) in ((path, value), (path, meant(path, value)))


@pytest.mark.parametrize("given", ["", "destination", "=杭州"])
def test_what_names_no_field_says_what_would_be_right(given: str) -> None:
    with pytest.raises(Trouble, match="FIELD=VALUE"):
        split(given)


def test_only_the_roles_of_the_desk_act_there() -> None:
    assert desk_member("8012", house()) == "8012"
    with pytest.raises(Trouble, match=r"8013 is 孙, driver: at the desk act agent, operations manager, fleet manager"):
        desk_member("8013", house())
    with pytest.raises(Trouble, match="8099 is no staff number"):
        desk_member("8099", house())
    drivers = house(settings=Settings(desk=Desk(roles=("driver",))))
    assert desk_member("8013", drivers) == "8013"
