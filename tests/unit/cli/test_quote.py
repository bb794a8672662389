"""`ingestd quote` on the demo site's tariff."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ingestd.cli.main import answer
from ingestd.config.shipped import shipped

DEMO = shipped("config") / "demo" / "ingestd.toml"


def quoted(*arguments: str, config: Path = DEMO) -> int:
    return answer(["--config", str(config), "quote", *arguments])


def test_the_dearer_of_weight_and_volume_counts(capsys: pytest.CaptureFixture[str]) -> None:
    assert quoted("--to", "义乌", "--from", "深圳坪山", "--kg", "600", "--m3", "3.5", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["from"] == "广东省深圳市坪山区"
    assert [(o["quote"]["freight"], o["quote"]["basis"]) for o in told["offers"]] == [(805, "volume")]
    assert [(due["name"], due["amount"]) for due in told["charges"]] == [("提货费", 60)]


def test_the_manner_of_delivery_has_its_charge_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert quoted("--to", "义乌", "--to", "武汉", "--kg", "600", "--manner", "door") == 0
    out = capsys.readouterr().out
    assert out.count("送货费") == 1
    assert "¥72" in out


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--to", "朝阳区"), 2, "吉林省长春市朝阳区"), (("--to", "火星"), 2, "火星"),
        (("--to", "义乌", "--kg", "many"), 2, "many"), (("--to", "台北市"), 1, ""), ((), 2, "--to"),
    ],
)  # fmt: skip
def test_what_cannot_be_quoted_is_said(
    arguments: tuple[str, ...], code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert quoted(*arguments) == code
    assert said in capsys.readouterr().err


def test_a_site_without_a_tariff_is_told_what_it_lacks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("ingestd.toml", "customers.toml", "staff.toml", "areas.toml"):
        (tmp_path / name).write_text((DEMO.parent / name).read_text("utf-8"), "utf-8")
    assert quoted("--to", "义乌", config=tmp_path / "ingestd.toml") == 2
    assert "tariff.toml" in capsys.readouterr().err
