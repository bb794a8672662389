"""Tables and lines: straight with Chinese in them, whole in a pipe, harmless to a terminal."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from rich.cells import cell_len

from ingestd.cli.output import Column, json_line, moment, pairs, table, visible

LONG = "很长的说明" * 60


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Standard output claims to be a terminal of 60 columns."""
    monkeypatch.setattr("ingestd.cli.output.is_terminal", lambda: True)
    monkeypatch.setattr("shutil.get_terminal_size", lambda *_: os.terminal_size((60, 20)))


def column_of(text: str, line: str) -> int:
    return cell_len(line[: line.index(text)])


def test_columns_stay_straight_whatever_is_wide(capsys: pytest.CaptureFixture[str]) -> None:
    table(
        [Column("客户"), Column("State"), Column("号", figures=True)], [("远达电子", "x1", 5), ("Harbour", "x2", 12345)]
    )
    lines = capsys.readouterr().out.splitlines()
    assert column_of("State", lines[0]) == column_of("x1", lines[1]) == column_of("x2", lines[2])
    assert len({cell_len(text) for text in lines}) == 1  # figures end in one column


def test_what_is_piped_is_whole_on_one_line_and_without_colours(capsys: pytest.CaptureFixture[str]) -> None:
    table([Column("id"), Column("detail", wraps=True)], [("1", LONG)])
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == f"1   {LONG}"
    assert not any("\x1b" in text or text.endswith(" ") for text in lines)


@pytest.mark.usefixtures("terminal")
def test_on_a_terminal_nothing_is_lost_and_no_line_is_too_long(capsys: pytest.CaptureFixture[str]) -> None:
    pairs([("原因", LONG), ("状态", "正常")])
    lines = capsys.readouterr().out.splitlines()
    assert max(cell_len(text) for text in lines) <= 60
    assert "".join("".join(lines).split()) == f"原因{LONG}状态正常"


def test_nothing_that_a_terminal_obeys_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    table([Column("a")], [("\x1b[2J\x07evil\u202egnp.exe\nnext",)])
    assert capsys.readouterr().out == "a\n[2J evilgnp.exe next\n"
    assert visible("a\x1b[31m\r\nb\tc\u202e\x00") == "a[31m\nb       c"


def test_markup_in_values_is_not_obeyed(capsys: pytest.CaptureFixture[str]) -> None:
    table([Column("")], [("[bold]x[/bold] :smile:",)])
    assert capsys.readouterr().out == "[bold]x[/bold] :smile:\n"


def test_json_is_one_line_with_plain_values(capsys: pytest.CaptureFixture[str]) -> None:
    at = datetime(2026, 3, 10, 2, tzinfo=UTC)
    json_line({"at": at, "kg": Decimal("2.20"), "n": Decimal(15), "rows": [(1, None)], "名": "王"})
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    assert json.loads(out) == {"at": "2026-03-10T02:00:00+00:00", "kg": 2.2, "n": 15, "rows": [[1, None]], "名": "王"}


def test_a_moment_is_told_in_the_sites_zone_or_with_its_own_offset() -> None:
    at = datetime(2026, 3, 10, 2, tzinfo=UTC)
    assert moment(at, ZoneInfo("Asia/Shanghai")) == "2026-03-10 10:00:00"
    assert moment(at) == "2026-03-10 02:00:00+00:00"
    assert moment(None) == ""
