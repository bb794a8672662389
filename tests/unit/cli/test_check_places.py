"""`ingestd check` tells which places of the tables are none."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingestd.cli.main import answer
from ingestd.config.shipped import shipped

DEMO = shipped("config") / "demo"


def test_a_place_that_is_none_is_told_with_its_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for file in DEMO.glob("*.toml"):
        (tmp_path / file.name).write_text(file.read_text("utf-8"), "utf-8")
    tariff = tmp_path / "tariff.toml"
    tariff.write_text(tariff.read_text("utf-8").replace('"广东省"', '"火星省"', 1), "utf-8")
    assert answer(["--config", str(tmp_path / "ingestd.toml"), "check"]) == 78
    assert "火星省" in capsys.readouterr().err
