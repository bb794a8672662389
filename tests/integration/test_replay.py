"""`ingestd replay` on the records of a day: the same rules differ in nothing, others in what they should."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from sqlalchemy import text

from ingestd.cli.main import answer
from ingestd.config.shipped import shipped
from ingestd.domain.message import Arrival
from ingestd.domain.reading import Channel
from ingestd.domain.sending import Outcome
from ingestd.store.database import Database
from ingestd.store.messages import store_arrivals
from ingestd.store.upgrade import upgrade
from tests.unit.cli.filled import CLEAN, INCOMPLETE, MORNING, SPAM, Morning, Site, bare_site, mail

pytestmark = pytest.mark.timeout(120)
Ask = Callable[..., tuple[int, Any]]


class LongDay(Morning):
    """A morning with whatever moves an order: answers, the same again, reports, changes."""

    def __init__(self, site: Site, database: Database) -> None:
        super().__init__(site.load(), database)
        self.at = MORNING

    def comes(self, *raws: bytes, channel: Channel = Channel.EMAIL) -> None:
        """Something arrives, is decided on, and what follows is sent; a minute each."""
        self.at += timedelta(minutes=1)
        self.number += 1
        way = "inlet" if channel is Channel.EMAIL else "gammu"
        arrivals = [
            Arrival(way, f"{way}/{self.number}/{i}", channel, raw, self.at, self.number) for i, raw in enumerate(raws)
        ]
        self.write(lambda c: store_arrivals(c, arrivals, None, self.at))
        self.decide(self.at + timedelta(seconds=1))
        self.send(self.at + timedelta(seconds=2), Outcome.ACCEPTED)

    def key_of(self, purpose: str) -> str:
        """The left part of the newest letter's Message-ID."""
        newest = text("SELECT key FROM sending WHERE purpose = :p ORDER BY id DESC LIMIT 1")
        with self.database.read() as connection:
            return str(connection.execute(newest, {"p": purpose}).scalar_one())


def answering(number: int, words: str, key: str) -> bytes:
    """A reply to a letter of ours."""
    head = f"In-Reply-To: <{key}@orders.shunchi.example>\r\n".encode()
    return head + mail(number, words, subject="Re: 补充")


def sms(words: str, sender: str = "+8613800138051") -> bytes:
    return f"From: {sender}\nDate: 2026-03-10T10:20:00+08:00\nTo: 10690000\n\n{words}".encode()


def long_day(site: Site, database: Database) -> None:
    day = LongDay(site, database)
    day.comes(mail(1, CLEAN), mail(2, INCOMPLETE), SPAM)
    day.comes(answering(3, "收货人电话：13600136022", day.key_of("question")))
    day.comes(mail(1, CLEAN))  # the same mail once more
    day.comes(mail(5, CLEAN))  # and its content in a new one
    day.comes(sms("收到"), channel=Channel.SMS)
    day.comes(sms("260310001已提"), channel=Channel.SMS)
    day.comes(answering(6, "改一下，送到宁波", day.key_of("acknowledgement")))
    day.comes(mail(7, "请问广州到成都多少钱一公斤？", subject="询价"))
    day.comes(mail(8, "谢谢！", subject="谢谢"))
    day.comes(mail(9, CLEAN.replace("音箱", "货物")))
    day.comes(mail(10, CLEAN.replace("音箱", "话筒")), mail(11, CLEAN.replace("音箱", "电视")))


@pytest.fixture
def site(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    site = bare_site(tmp_path / "site", database)
    upgrade(database)
    opened = Database(database)
    long_day(site, opened)
    opened.close()
    for name, value in {**site.environment(), "LC_ALL": "C.UTF-8"}.items():
        monkeypatch.setenv(name, value)
    return site


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Ask:
    def replayed(*arguments: object) -> tuple[int, Any]:
        code = answer(["replay", *(str(a) for a in arguments), "--json"])
        return code, json.loads(capsys.readouterr().out)

    return replayed


def other_site(site: Site, file: str, old: str, new: str) -> Path:
    """A copy of the site's folder with one thing changed."""
    folder = site.config.parent.parent / "other"
    shutil.copytree(site.config.parent, folder)
    said = (folder / file).read_text("utf-8")
    assert old in said
    (folder / file).write_text(said.replace(old, new, 1), "utf-8")
    return folder


def dump(site: Site) -> list[str]:
    """All of a SQLite database, nothing of another."""
    if not site.url.startswith("sqlite:///"):
        return []
    with sqlite3.connect(site.url.removeprefix("sqlite:///")) as connection:
        return list(connection.iterdump())


def test_by_the_same_rules_nothing_differs_and_nothing_is_written(site: Site, ask: Ask) -> None:
    before = dump(site)
    code, told = ask()
    assert told["differences"] == []
    assert (code, told["messages"], told["same"], told["differ"], told["failed"]) == (0, 14, 14, 0, 0)
    assert dump(site) == before


def test_another_confirmation_changes_what_it_decides_and_nothing_else(site: Site, ask: Ask) -> None:
    other = other_site(site, "customers.toml", 'confirmation = "automatic"', 'confirmation = "agent"')
    code, told = ask("--config", other)
    assert code == 1
    first = told["differences"][0]
    assert first["serials"] == ["260310001"]
    assert [(c["kind"], c["path"], c["before"], c["after"]) for c in first["changes"]] == [
        ("state", "message", "applied", "review"),
        ("state", "260310001", "confirmed", "review"),
        ("reasons", "reasons", [], ["agent_confirms"]),
    ]
    assert {c["kind"] for d in told["differences"] for c in d["changes"]} == {"state", "reasons"}
    # what came after goes by what was: the reports and the change still meet a confirmed order
    assert len(told["differences"]) == 4


def test_another_area_is_named_for_each_order(site: Site, ask: Ask) -> None:
    code, told = ask("--config", other_site(site, "areas.toml", "深圳关内", "深圳市区"))
    assert code == 1
    areas = [c for d in told["differences"] for c in d["changes"]]
    assert {(c["kind"], c["before"], c["after"]) for c in areas} == {("area", "深圳关内", "深圳市区")}
    assert told["kinds"]["area"] == told["differ"] > 4


def test_other_parsers_change_what_is_read(site: Site, ask: Ask, tmp_path: Path) -> None:
    own = tmp_path / "parsers"
    own.mkdir()
    said = (shipped("parsers") / "choices.toml").read_text("utf-8")
    assert 'phrases = ["现付", ' in said
    (own / "choices.toml").write_text(said.replace('phrases = ["现付", ', "phrases = ["), "utf-8")
    code, told = ask("--parsers", own)
    assert code == 1
    assert told["failed"] == 0
    gone = [c for d in told["differences"] for c in d["changes"] if c["path"] == "orders[0].payment"]
    assert {(c["before"], c["after"]) for c in gone} == {("prepaid", None)}
    assert {c["path"] for c in told["differences"][0]["changes"]} == {"orders[0].payment", "260310001", "reasons"}


def test_only_what_came_since_or_the_newest_is_gone_through(site: Site, ask: Ask) -> None:
    other = other_site(site, "areas.toml", "深圳关内", "深圳市区")
    assert ask("--since", "2026-03-10 10:11")[1]["messages"] == 2
    assert ask("--since", "2026-03-10T02:11:00+00:00")[1]["messages"] == 2
    assert ask("--since", "9m")[1]["messages"] == 2  # it is 10:20 at the site
    assert ask("--since", "2026-03-11")[1] | {"kinds": {}} == {
        "messages": 0, "same": 0, "differ": 0, "failed": 0, "kinds": {}, "differences": [],
    }  # fmt: skip
    _, told = ask("--limit", 1, "--config", other)
    assert (told["messages"], [d["message"] for d in told["differences"]]) == (1, [14])


def test_a_message_that_the_reader_fails_on_now_is_told_and_hinders_no_other(
    site: Site, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> object:
        raise ValueError("secret words")

    monkeypatch.setattr("ingestd.pipeline.replaying.decide", broken)
    code, told = ask("--limit", 2)
    assert (code, told["failed"], told["same"]) == (1, 2, 0)
    assert all("ValueError" in d["failure"] and "secret" not in d["failure"] for d in told["differences"])


def test_messages_whose_bytes_are_gone_are_left_out(site: Site, ask: Ask) -> None:
    database = Database(site.url)
    with database.write() as connection:
        connection.execute(text("DELETE FROM message_raw WHERE message_id IN (1, 2)"))
    database.close()
    assert ask()[1]["messages"] == 12


def test_people_see_what_was_and_what_would_be_within_80_columns(
    site: Site, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    other = other_site(site, "customers.toml", 'confirmation = "automatic"', 'confirmation = "agent"')
    assert answer(["replay", "--limit", "3"]) == 0
    assert capsys.readouterr().out == "3 messages gone through again: nothing differs\n"
    monkeypatch.setattr("ingestd.cli.output.is_terminal", lambda: True)
    monkeypatch.setattr("shutil.get_terminal_size", lambda *_: os.terminal_size((80, 24)))
    for locale, said in (("zh_CN.UTF-8", "该客户的订单由客服确认"), ("C.UTF-8", "an agent confirms")):
        monkeypatch.setenv("LC_ALL", locale)
        assert answer(["replay", "--config", str(other)]) == 1
        out = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out)
        assert said in out
        assert "260310001" in out
        assert max(cell_len(one) for one in out.splitlines()) <= 80


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--since", "yesterday"), 2, "--since yesterday is no time"),
        (("--parsers", "nowhere"), 78, "nowhere: there is no such folder"),
        (("--config", "nowhere"), 78, "nowhere: there is no such folder"),
        (("--limit", "0"), 2, "--limit is wrong"),
    ],
)
def test_wrong_use_is_a_sentence(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    code: int,
    said: str,
) -> None:
    url = f"sqlite:///{tmp_path}/ingestd.db"
    for name, value in {**bare_site(tmp_path / "site", url).environment(), "LC_ALL": "C.UTF-8"}.items():
        monkeypatch.setenv(name, value)
    upgrade(url)
    assert answer(["replay", *arguments]) == code
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line
