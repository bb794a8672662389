"""`ingestd parsers`: what there is, everything that is wrong, and what is read otherwise than it should be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ingestd.cli.main import answer
from ingestd.config.shipped import shipped

OWN = """
[[label]]
role = "pickup"
slot = "address"
words = ["货物所在"]

[[sample]]
text = "货物所在：深圳市龙岗区平湖街道新木路8号，五金配件12箱240公斤，发往武汉"
expect = { pickup = { address = "深圳市龙岗区平湖街道新木路8号" } }
"""
MESSAGE = "From: +8613800138000\nDate: 2026-03-10T10:02:03+08:00\nTo: 10690000\n\n260310221已签收"
Output = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site's folder with definitions of its own."""
    (tmp_path / "ingestd.toml").write_text("", "utf-8")
    (tmp_path / "parsers").mkdir()
    (tmp_path / "parsers" / "own.toml").write_text(OWN, "utf-8")
    return tmp_path


def asked(site: Path, *arguments: str) -> int:
    return answer(["--config", str(site / "ingestd.toml"), "parsers", *arguments])


def listed(site: Path, capsys: Output) -> dict[str, Any]:
    assert asked(site, "list", "--json") == 0
    return {entry["file"]: entry for entry in json.loads(capsys.readouterr().out)["files"]}


def errors(site: Path, capsys: Output) -> list[str]:
    assert asked(site, "check") == 78
    return capsys.readouterr().err.splitlines()


def test_list_shows_each_file_with_its_counts_and_the_sites_files_on_top(site: Path, capsys: Output) -> None:
    (site / "parsers" / "serials.toml").write_bytes((shipped("parsers") / "serials.toml").read_bytes())
    files = listed(site, capsys)
    assert (files["own.toml"]["site"], files["own.toml"]["label"], files["own.toml"]["sample"]) == (True, 1, 1)
    assert (files["serials.toml"]["site"], files["serials.toml"]["replaces"]) == (True, True)
    assert (files["units.toml"]["site"], files["units.toml"]["replaces"]) == (False, False)
    assert asked(site, "list") == 0
    table = capsys.readouterr().out
    assert "site, replaces" in table
    assert "own.toml" in table


def test_check_is_content_with_what_is_shipped_and_with_a_good_file(site: Path, capsys: Output) -> None:
    assert asked(site, "check") == 0
    assert "samples" in capsys.readouterr().out


def test_check_tells_every_fault_with_file_key_and_what_would_be_right(site: Path, capsys: Output) -> None:
    wrong = OWN.replace("words =", "wrods =").replace("expect =", "expct =")
    (site / "parsers" / "own.toml").write_text(wrong, "utf-8")
    (site / "parsers" / "bad.toml").write_text("[[label", "utf-8")
    told = errors(site, capsys)
    assert any("own.toml: [[label]] number 1: unknown key 'wrods'; did you mean 'words'?" in text for text in told)
    assert any("own.toml: [[sample]] number 1: unknown key 'expct'; did you mean 'expect'?" in text for text in told)
    assert any("bad.toml: not readable as TOML" in text for text in told)


@pytest.mark.parametrize(
    ("block", "told"),
    [
        ('[[label]]\nrole = "consignee"\nslot = "address"\nwords = ["货物所在"]', "label '货物所在'"),
        ('[[unit]]\nkind = "weight"\nfactor = "2"\nwords = ["公斤"]', "unit '公斤'"),
        ('[[choice]]\nfield = "payment"\nvalue = "collect"\nphrases = ["月结"]', "payment '月结'"),
    ],
)
def test_check_names_both_files_of_a_word_with_two_meanings(block: str, told: str, site: Path, capsys: Output) -> None:
    (site / "parsers" / "two.toml").write_text(block, "utf-8")
    (text,) = [text for text in errors(site, capsys) if told in text]
    assert "two.toml" in text
    assert "keep it in one of them" in text


def test_check_names_a_sample_that_is_read_otherwise(site: Path, capsys: Output) -> None:
    (site / "parsers" / "own.toml").write_text(OWN.replace('新木路8号" }', '新木路9号" }'), "utf-8")
    (text,) = errors(site, capsys)
    assert "own.toml" in text
    assert "should give pickup.address = 深圳市龙岗区平湖街道新木路9号" in text


def test_test_reads_the_sites_messages_beside_the_samples(site: Path, capsys: Output) -> None:
    folder = site / "parsers" / "messages"
    folder.mkdir()
    (folder / "a.sms").write_text(MESSAGE, "utf-8")
    (folder / "a.json").write_text('{"intent": "report", "refers_to": ["260310221"], "note": "short"}', "utf-8")
    assert asked(site, "test") == 0
    told = capsys.readouterr().out
    assert "pass  a.sms" in told
    assert "pass  own.toml" in told
    assert "failed 0" in told


def test_a_message_that_is_read_otherwise_fails_with_both_values(site: Path, capsys: Output) -> None:
    (site / "b.sms").write_text(MESSAGE, "utf-8")
    wanted = {"intent": "report", "details": {"report": "picked_up", "reason": None}, "orders": []}
    (site / "b.json").write_text(json.dumps(wanted), "utf-8")
    assert asked(site, "test", str(site / "b.sms")) == 1
    told = capsys.readouterr().out
    assert "FAIL  b.sms" in told
    assert "details.report" in told
    assert "picked_up" in told
    assert "delivered" in told
    assert asked(site, "test", "--json", str(site / "b.sms")) == 1
    (trial,) = json.loads(capsys.readouterr().out)["trials"]
    assert trial["faults"] == [{"path": "details.report", "expected": "picked_up", "found": "delivered"}]


def test_a_message_without_expected_values_is_trouble_that_says_what_to_write(site: Path, capsys: Output) -> None:
    (site / "c.sms").write_text(MESSAGE, "utf-8")
    assert asked(site, "test", str(site / "c.sms")) == 1
    assert "write the expected values there" in capsys.readouterr().err
