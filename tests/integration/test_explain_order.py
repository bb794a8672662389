"""`ingestd explain SERIAL` of a morning's orders: messages read anew, checks, what went out, what is to come."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from rich.cells import cell_len
from sqlalchemy import text

from ingestd.cli.main import answer
from ingestd.store.database import Database
from tests.unit.cli.filled import CLEAN, MORNING, Site, filled_site, mail

ESCAPES = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture
def site(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    filled = filled_site(tmp_path / "site", database)
    for name, value in {**filled.environment(), "LC_ALL": "C.UTF-8"}.items():
        monkeypatch.setenv(name, value)
    return filled


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert answer(["explain", *arguments]) == 0
    return capsys.readouterr().out


def change(site: Site, statement: str) -> None:
    database = Database(site.url)
    with database.write() as connection:
        connection.execute(text(statement))
    database.close()


def test_an_order_is_told_from_its_message_to_what_is_to_come(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    out = said(capsys, "001")
    wanted = [
        r"^Order 260310001$",
        r"^message 1$",
        r"new +\| +发货人：王敏",
        r"shipper's phone +13800138011 +13800138011 +phone",
        r"^What the checks found$",
        r"03-10 10:00:01 +confirmed +automatic",
        r"^What went out$",
        r"03-10 10:00:02 +work order by mail +li@shunchi\.example +accepted 2\.0/180 s",
        r"03-10 10:00:02 +acknowledgement by mail +wang@yuanda\.example +accepted",
        r"^What is to come$",
        r"03-10 11:00:01 +picked up\?",
    ]
    found = [re.search(pattern, out, re.MULTILINE) for pattern in wanted]
    assert None not in found, wanted[found.index(None)]
    starts = [one.start() for one in found if one]
    assert starts == sorted(starts)


def test_what_the_checks_asked_for_is_named(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    assert re.search(r"shipper asked +a field is missing or unclear \(consignee's phone\)", said(capsys, "002"))


def test_a_call_is_to_come_until_it_is_made(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    change(site, "UPDATE call_task SET order_id = 1")
    assert re.search(r"a call to make +\S+ +the answer could not be delivered", said(capsys, "001"))
    change(site, "UPDATE call_task SET done_at = opened_at")
    assert "a call to make" not in said(capsys, "001")


def test_a_review_is_to_come_until_it_is_closed(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    change(site, "UPDATE review SET order_id = 1, reason = 'agent_confirms'")
    assert "a person decides" in said(capsys, "001")
    change(site, "UPDATE review SET state = 'closed'")
    assert "a person decides" not in said(capsys, "001")


def test_a_sending_that_has_not_left_is_to_come(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    change(site, "UPDATE sending SET state = 'held' WHERE purpose = 'acknowledgement' AND order_id = 1")
    _, _, ahead = said(capsys, "001").partition("What is to come")
    assert re.search(r"acknowledgement by mail +wang@yuanda\.example +held", ahead)


def test_no_line_is_wider_than_the_terminal(
    site: Site, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingestd.cli.output.is_terminal", lambda: True)
    monkeypatch.setattr("shutil.get_terminal_size", lambda *_: os.terminal_size((80, 24)))
    for locale in ("zh_CN.UTF-8", "C.UTF-8"):
        monkeypatch.setenv("LC_ALL", locale)
        for serial in ("001", "002"):
            lines = ESCAPES.sub("", said(capsys, serial)).splitlines()
            assert max(cell_len(one) for one in lines) <= 80


def test_for_programs_it_is_the_story_with_the_readings_and_the_checks(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    told = json.loads(said(capsys, "260310002", "--json"))
    assert told["order"]["serial"] == "260310002"
    (message,) = told["messages"]
    assert message["explained"]["intent"] == "order"
    assert message["explained"]["parts"][1]["text"].startswith("发货人：王敏")
    assert told["checks"][1]["kind"] == "asked"
    assert told["checks"][1]["found"] == {"for": ["missing_field:consignee.phones"]}
    assert told["assessment"]["pickup_place"] == "广东省深圳市南山区"
    assert told["assessment"]["hits"][0]["rule"] == "missing_field"
    assert [s["purpose"] for s in told["sendings"]] == ["question"]


def test_bytes_that_are_gone_hinder_nothing(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    change(site, "DELETE FROM message_raw WHERE message_id = 1")
    out = said(capsys, "001")
    assert "its bytes are not kept any more" in out
    assert "work order by mail" in out
    assert json.loads(said(capsys, "001", "--json"))["messages"][0]["explained"] is None


def test_an_unknown_serial_hinders_no_other_and_a_file_of_digits_is_a_file(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "again.eml").write_bytes(mail(9, CLEAN))
    assert answer(["explain", "999", str(tmp_path / "again.eml"), "001"]) == 1
    told = capsys.readouterr()
    assert "there is no order 999" in told.err
    assert told.out.index("again.eml") < told.out.index("Order 260310001")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "001").write_text("order")
    assert answer(["explain", "001"]) == 2
    assert "neither .eml nor .sms" in capsys.readouterr().err


def test_the_time_of_a_review_is_listed_for_programs(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    change(site, f"UPDATE review SET due_at = '{MORNING.isoformat().replace('+00:00', 'Z')}'")
    assert answer(["review", "list", "--json"]) == 0
    assert {r["due_at"] for r in json.loads(capsys.readouterr().out)["reviews"]} == {"2026-03-10T02:00:00+00:00"}
