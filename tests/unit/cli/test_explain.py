"""`ingestd explain` on a terminal of 80 columns, in Chinese and English, and as JSON."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from rich.cells import cell_len

from ingestd.cli.main import answer
from ingestd.config.shipped import shipped

HEAD = "From: +8613800138000\nDate: 2026-03-10T10:02:03+08:00\nTo: 10690000\n\n"
TEXT = (
    "客陈先生13751168806轴承12箱，每箱25公斤，布吉货场往义乌收货许小姐0579-85321466到付。"
    "老地方装货，司机知道怎么走，到了门口保安会开门，上次那位师傅就很好，麻烦还是派他来。另有联系1380013"
)


@pytest.fixture
def message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("ingestd.cli.output.is_terminal", lambda: True)
    monkeypatch.setattr("shutil.get_terminal_size", lambda *_: os.terminal_size((80, 24)))
    file = tmp_path / "a.sms"
    file.write_text(HEAD + TEXT, "utf-8")
    return file


def explained(file: Path, locale: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    monkeypatch.setenv("LC_ALL", locale)
    assert answer(["explain", str(file)]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("locale", ["zh_CN.UTF-8", "en_GB.UTF-8"])
def test_no_line_is_wider_than_the_terminal(
    message: Path, locale: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = explained(message, locale, monkeypatch, capsys).replace("\x1b[1m", "").replace("\x1b[0m", "").splitlines()
    assert max(cell_len(text) for text in lines) <= 80
    assert any("|  客陈先生" in text for text in lines)


def test_it_speaks_the_language_of_the_person(
    message: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    chinese = explained(message, "zh_CN.UTF-8", monkeypatch, capsys)
    assert "新写" in chinese
    assert "位数不足，不是电话" in chinese
    english = explained(message, "C", monkeypatch, capsys)
    assert "too few digits for a phone" in english
    assert "(from the" in english


def test_as_json_it_is_the_reading_with_its_evidence_parts_and_refusals(
    message: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert answer(["explain", "--json", str(message)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["intent"] == "order"
    assert told["parts"] == [{"kind": "new", "text": TEXT}]
    assert {"kind": "phone", "words": "1380013", "reason": "too_short"} in told["refused"]
    paths = {e["path"] for e in told["evidence"]}
    assert {"orders[0].cargo[0].weight_kg", "orders[0].shipper.phones[0]"} <= paths


ORDER = (
    "发货人：{name}\n联系方式：13800138011\n货物名称：{goods}\n数量：12箱\n重量：300公斤\n体积：1.2方\n"
    "提货地址：深圳市南山区西丽街道创科路12号\n发往：义乌\n收货人：许文静\n联系方式：0579-85321466\n付费方式：到付\n"
)


@pytest.mark.parametrize(
    ("name", "goods", "state", "found", "sendings"),
    [
        ("王敏", "轴承", "confirmed", [], ["work_order", "work_order", "acknowledgement"]),
        ("王敏", "打火机", "refused", ["prohibited_goods"], ["refusal", "review_notice"]),
        ("王敏", "货物", "asked", ["too_general_goods"], ["question"]),
    ],
)
def test_by_a_sites_configuration_it_tells_what_would_become_of_a_message(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, goods: str, state: str, found: list[str],
    sendings: list[str],
) -> None:  # fmt: skip
    file = tmp_path / "a.sms"
    file.write_text("From: +8613800138011\n" + HEAD.split("\n", 1)[1] + ORDER.format(name=name, goods=goods), "utf-8")
    demo = str(shipped("config") / "demo" / "ingestd.toml")
    assert answer(["--config", demo, "explain", "--json", str(file)]) == 0
    told = json.loads(capsys.readouterr().out)["foreseen"]
    (order,) = told["orders"]
    assert order["state"] == state
    assert [hit["rule"] for hit in order["assessment"]["hits"] if hit["finding"] not in ("note", "charge")] == found
    assert [s["purpose"] for s in told["sendings"]] == sendings
    assert answer(["--config", demo, "explain", str(file)]) == 0
    assert "+8613800138011" in capsys.readouterr().out.split("now", 1)[1]  # who would be told


def test_a_file_that_cannot_be_read_hinders_no_other(
    message: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert answer(["explain", str(tmp_path / "none.sms"), str(message)]) == 1
    told = capsys.readouterr()
    assert "none.sms" in told.err
    assert "a.sms" in told.out
