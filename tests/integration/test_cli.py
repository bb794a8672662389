"""The command line against real databases: what it shows, what it changes, and how it ends."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from sqlalchemy import make_url, text

from ingestd.cli.export import shown
from ingestd.cli.main import answer
from ingestd.parsing import reader
from ingestd.store import database as database_module
from ingestd.store.database import Database
from ingestd.store.messages import raw_of
from ingestd.store.schema import metadata
from ingestd.store.upgrade import HEAD
from tests.servers.fixtures import DATABASES
from tests.unit.cli.filled import CLEAN, POISON, Site, bare_site, filled_site, mail

INGESTD = str(Path(sys.executable).with_name("ingestd"))
UNUSED = "sqlite:////nowhere/ingestd.db"
CONFIGURATION, TEMPORARY = 78, 75


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Ended]


@pytest.fixture(scope="module", params=list(DATABASES))
def morning(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A filled site that tests only look at."""
    folder = tmp_path_factory.mktemp("morning")
    if request.param == "sqlite":
        yield filled_site(folder, f"sqlite:///{folder}/ingestd.db")
        return
    server = request.getfixturevalue("postgres")
    url = server.fresh()
    yield filled_site(folder, url)
    server.drop(url)


@pytest.fixture
def site(database: str, tmp_path: Path) -> Site:
    """A filled site of a test's own."""
    return filled_site(tmp_path / "site", database)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command in this process, at a site, in a language."""

    def command(site: Site | None, *arguments: object, locale: str = "C.UTF-8") -> Ended:
        monkeypatch.setenv("LC_ALL", locale)
        for name, value in (site.environment() if site else {}).items():
            monkeypatch.setenv(name, value)
        capsys.readouterr()
        code = answer([str(a) for a in arguments])
        out, err = capsys.readouterr()
        return Ended(code, out, err)

    return command


def process(*arguments: object, environment: dict[str, str] | None = None) -> Ended:
    """Run the installed command."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("INGESTD_", "LC_", "LANG"))}
    done = subprocess.run(
        [INGESTD, *(str(a) for a in arguments)],
        env=inherited | {"LC_ALL": "C.UTF-8"} | (environment or {}),
        capture_output=True,
        timeout=30,
        check=False,
    )
    return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())


def one_line(ended: Ended) -> str:
    """The only line on standard error, which names the program."""
    (said,) = ended.err.splitlines()
    assert said.startswith("ingestd: ")
    return said


# --- looking ----------------------------------------------------------------------------------------------------------


def test_status_tells_backlog_promise_reviews_and_alarms(morning: Site, run: Run) -> None:
    ended = run(morning, "status", "--json")
    status = ended.data
    assert ended.code == 1  # an alarm is open, and an order late
    assert (status["mode"], status["revision"], status["process"], status["held"]) == ("live", HEAD, None, False)
    assert (status["messages"]["quarantined"], status["messages"]["baseline"]) == (1, 0)
    assert (status["orders"]["dispatched"], status["orders"]["asked"]) == (1, 1)
    assert status["sendings"]["refused"] >= 3
    assert (status["unread"]["count"], status["unread"]["oldest_seconds"]) == (1, 60.0)
    assert (status["unsent"]["count"], status["unsent"]["oldest_seconds"]) == (0, None)
    hour = status["last_hour"]
    assert (hour["orders"], hour["dispatched"], hour["median_seconds"], hour["longest_seconds"]) == (2, 1, 2.0, 2.0)
    assert hour["promise_seconds"] == 180.0
    assert len(hour["late"]) == 1
    assert [(r["reason"], r["age_seconds"]) for r in status["reviews"]] == [("unknown_sender", 1199.0)]
    assert [(c["reason"], c["age_seconds"]) for c in status["calls"]] == [("answer_refused", 598.0)]
    assert [(a["kind"], a["age_seconds"]) for a in status["alarms"]] == [("refused", 598.0), ("quarantine", 240.0)]


def test_status_is_one_screen_in_either_language(morning: Site, run: Run) -> None:
    english, chinese = run(morning, "status"), run(morning, "status", locale="zh_CN.UTF-8")
    assert "Last hour     2 confirmed, 1 dispatched: median 2.0 s, longest 2.0 s of 180 s; late 1" in english.out
    assert "近一小时  确认 2 单，已派 1 单：中位用时 2.0 秒，最长 2.0 秒，时限 180 秒；超时 1 单" in chinese.out
    assert len(english.out.splitlines()) == len(chinese.out.splitlines()) <= 24
    assert english.err == chinese.err == ""


def test_a_password_in_the_database_url_is_never_shown(postgres_database: str, run: Run, tmp_path: Path) -> None:
    url = make_url(postgres_database).set(password="topsecret").render_as_string(hide_password=False)
    site = bare_site(tmp_path / "site", url)
    for command in (("status",), ("db", "upgrade"), ("db", "upgrade"), ("status",), ("status", "--json"), ("check",)):
        ended = run(site, *command)
        assert "topsecret" not in ended.out + ended.err
        assert command == ("check",) or ":***@" in ended.out + ended.err


def test_orders_are_listed_the_newest_first_in_straight_columns(morning: Site, run: Run) -> None:
    for locale in ("C.UTF-8", "zh_CN.UTF-8"):
        title, *lines = run(morning, "orders", "list", locale=locale).out.splitlines()
        assert len(lines) == 3
        assert {cell_len(text[: text.index("03-10 10:00")]) for text in lines} == {
            cell_len(title[: re.search("Order time|下单时间", title).start()])  # type: ignore[union-attr]
        }
    listed = run(morning, "orders", "list", "--json").data["orders"]
    assert [o["state"] for o in listed] == ["confirmed", "asked", "dispatched"]
    assert listed[-1]["order_time"] == "2026-03-10T02:00:00+00:00"


def test_lists_can_be_narrowed_by_state_in_code_or_word_and_by_number(morning: Site, run: Run) -> None:
    assert len(run(morning, "orders", "list", "--state", "asked", "--json").data["orders"]) == 1
    chinese = run(morning, "orders", "list", "--state", "询补中", "--json", locale="zh_CN.UTF-8")
    assert [o["state"] for o in chinese.data["orders"]] == ["asked"]
    assert len(run(morning, "orders", "list", "--limit", 2, "--json").data["orders"]) == 2
    sendings = run(morning, "outbox", "list", "--state", "refused", "--json").data["sendings"]
    assert {s["state"] for s in sendings} == {"refused"}
    wrong = run(morning, "outbox", "list", "--state", "lost")
    assert wrong.code == 2
    assert "known are due, sending, accepted" in one_line(wrong)


def test_an_empty_list_is_no_trouble(morning: Site, run: Run) -> None:
    ended = run(morning, "orders", "list", "--state", "cancelled")
    assert (ended.code, ended.out, ended.err) == (0, "no orders\n", "")


def test_the_story_of_an_order_is_told_in_order_of_time(morning: Site, run: Run) -> None:
    serial = run(morning, "orders", "list", "--state", "dispatched", "--json").data["orders"][0]["serial"]
    out = run(morning, "orders", "show", serial).out
    wanted = [
        r"Order time +2026-03-10 10:00:00 \(the mail's own Date\)",
        r"Dispatched +2026-03-10 10:00:02, after 2\.0 s",
        r"shipper's phone +13800138011",
        r"quantity +15箱",
        r"payment +prepaid",
        r"03-10 10:00:00 +message 1 by mail +wang@yuanda\.example",
        r"03-10 10:00:01 +ordered +customer 远达电子 +its Date is plausible",
        r"03-10 10:00:01 +confirmed +ingestd",
        r"03-10 10:00:02 +work order by mail +li@shunchi\.example +accepted 2\.0/180 s",
        r"03-10 10:00:02 +dispatched +ingestd",
        r"What is to come",
        r"03-10 11:00:01 +picked up\?",
        r"03-10 15:00:00 +pickup overdue",
    ]
    positions = [re.search(pattern, out) for pattern in wanted]
    assert None not in positions, wanted[positions.index(None)]
    starts = [found.start() for found in positions if found]
    assert starts == sorted(starts)
    assert re.search(r"work order by SMS +\+8613800138051 +accepted 2\.0/180 s", out)


def test_tracking_records_are_exported_for_spreadsheets(morning: Site, run: Run) -> None:
    serial = run(morning, "orders", "list", "--state", "dispatched", "--json").data["orders"][0]["serial"]
    out = run(morning, "orders", "export", "--order", serial, locale="zh_CN.UTF-8").out
    assert out.startswith("\ufeff")
    head, *lines = list(csv.reader(io.StringIO(out.removeprefix("\ufeff"))))
    assert len(head) == 6
    assert {line[0] for line in lines} == {serial}
    whens = [datetime.fromisoformat(line[1]) for line in lines]
    assert whens == sorted(whens)
    assert {"下单", "业务单（邮件）", "已派单"} <= {line[2] for line in lines}
    everything = run(morning, "orders", "export", "--since", "2026-03-10").out
    assert len(everything.splitlines()) > len(out.splitlines())
    wrong = run(morning, "orders", "export", "--since", "10.3.2026")
    assert (wrong.code, "10.3.2026" in wrong.err) == (2, True)


@pytest.mark.parametrize(
    ("text", "cell"),
    [("=1+1", "'=1+1"), ("+8613800138011", "+8613800138011"), ("-2+3", "'-2+3"), ("@sum", "'@sum"), ("已提", "已提")],
)
def test_a_spreadsheet_reckons_nothing_that_somebody_wrote(text: str, cell: str) -> None:
    assert shown(text) == cell


def test_the_roster_says_who_gets_work_orders_today(morning: Site, run: Run) -> None:
    told = run(morning, "roster", "today", "--json").data
    assert [area["area"] for area in told["areas"]]
    assert all(area["first"] for area in told["areas"])
    shown_today = run(morning, "roster", "today").out
    assert all(area["name"] in shown_today for area in told["areas"])
    wrong = run(morning, "roster", "today", "--on", "tomorrow")
    assert (wrong.code, "tomorrow" in wrong.err) == (2, True)


def test_what_is_missing_stands_beside_its_field(morning: Site, run: Run) -> None:
    serial = run(morning, "orders", "list", "--state", "asked", "--json").data["orders"][0]["serial"]
    out = run(morning, "orders", "show", serial, locale="zh_CN.UTF-8").out
    assert re.search(r"收货人电话 +缺\n", out)
    assert "询补" in out


def test_the_story_for_programs_holds_everything(morning: Site, run: Run) -> None:
    story = run(morning, "orders", "show", "001", "--json").data
    assert list(story) == [
        "order", "content", "problems", "revisions", "messages", "events", "sendings", "follow_ups", "reviews",
    ]  # fmt: skip
    assert story["content"]["shipper"]["phones"] == ["+8613800138011"]
    assert story["content"] == story["revisions"][-1]["content"]
    used = {(s["purpose"], s["channel"]): s["seconds_used"] for s in story["sendings"]}
    assert used["work_order", "email"] == used["work_order", "sms"] == 2.0
    assert used["acknowledgement", "email"] is None
    assert {e["kind"] for e in story["events"]} >= {"ordered", "confirmed"}


def test_last_digits_are_enough_where_they_are_clear(morning: Site, run: Run) -> None:
    assert run(morning, "orders", "show", "001").code == 0
    several = run(morning, "orders", "show", "1")
    assert several.code == 1
    assert "give the whole serial" in one_line(several)
    unknown = run(morning, "orders", "show", "%")
    assert unknown.code == 1
    assert "there is no order %" in one_line(unknown)


def test_a_sendings_letter_is_shown_decoded(morning: Site, run: Run) -> None:
    sendings = run(morning, "outbox", "list", "--json").data["sendings"]
    by_mail = next(s["id"] for s in sendings if (s["purpose"], s["channel"]) == ("work_order", "email"))
    out = run(morning, "outbox", "show", by_mail).out
    assert re.search(r"Subject +业务单 \d{9}", out)
    assert "Message-ID" in out
    assert "地址：深圳市南山区科技园8栋" in out


def test_a_text_message_is_shown_with_its_units(morning: Site, run: Run) -> None:
    sendings = run(morning, "outbox", "list", "--json").data["sendings"]
    by_sms = next(s["id"] for s in sendings if (s["purpose"], s["channel"]) == ("work_order", "sms"))
    letter = run(morning, "outbox", "show", by_sms, "--json").data["letter"]
    assert letter["text"].startswith("【顺驰物流】")
    assert letter["units"] == len(letter["text"].encode("utf-16-le")) // 2 <= 70
    assert f"{letter['units']} UTF-16 units" in run(morning, "outbox", "show", by_sms).out


def test_a_quarantined_message_is_shown_without_harm_and_its_bytes_whole(morning: Site, run: Run) -> None:
    (row,) = run(morning, "quarantine", "list", "--json").data["messages"]
    assert row["reason"] == "ProcessExpired while reading, 3 times"
    shown = run(morning, "quarantine", "show", row["id"])
    assert re.search(r"Subject +毒 \[31m", shown.out)
    assert "\x1b" not in shown.out
    assert "gone" not in shown.out  # its body
    raw = process("quarantine", "show", row["id"], "--raw", environment=morning.environment())
    assert raw.out.encode() == POISON


def test_what_is_not_in_quarantine_says_where_it_is(morning: Site, run: Run) -> None:
    elsewhere, nowhere = run(morning, "quarantine", "show", 1), run(morning, "quarantine", "replay", 999)
    assert (elsewhere.code, nowhere.code) == (1, 1)
    assert "not in quarantine but applied" in one_line(elsewhere)
    assert "there is no message 999" in one_line(nowhere)


def test_reviews_are_listed_with_sender_and_reason(morning: Site, run: Run) -> None:
    assert re.search(
        r"19 min +3 +nobody@strange\.example \(mail\) +the sender is not among", run(morning, "review", "list").out
    )
    (review,) = run(morning, "review", "list", "--json").data["reviews"]
    assert (review["reason"], review["sender"], review["serial"]) == ("unknown_sender", "nobody@strange.example", None)


# --- changing ---------------------------------------------------------------------------------------------------------


def states_of(site: Site) -> dict[int, str]:
    database = Database(site.url)
    with database.read() as connection:
        rows = connection.execute(text("SELECT id, state FROM sending")).all()
    database.close()
    return {row.id: row.state for row in rows}


def first(site: Site, state: str) -> int:
    return min(i for i, s in states_of(site).items() if s == state)


def test_a_refused_sending_is_retried_held_and_released_one_by_one(site: Site, run: Run) -> None:
    refused, accepted = first(site, "refused"), first(site, "accepted")
    assert run(site, "outbox", "retry", refused, accepted).code == 1
    assert states_of(site)[refused] == "refused"  # all or none
    assert run(site, "outbox", "retry", refused).code == 0
    assert states_of(site)[refused] == "due"
    held = run(site, "outbox", "hold", refused, accepted)
    assert held.code == 1  # the accepted one can't be
    assert held.out.splitlines() == [
        f"sending {refused} is held",
        f"sending {accepted} is accepted and can't be held; only what is due can",
    ]
    again = run(site, "outbox", "retry", refused)
    assert again.code == 1
    assert f"`ingestd outbox release {refused}`" in one_line(again)
    assert run(site, "outbox", "release", refused).code == 0
    assert states_of(site)[refused] == "due"


def test_an_accepted_sending_is_not_sent_again(site: Site, run: Run) -> None:
    accepted = first(site, "accepted")
    ended = run(site, "outbox", "retry", accepted)
    assert ended.code == 1
    assert "a second copy" in one_line(ended)
    assert states_of(site)[accepted] == "accepted"


def test_holding_everything_shows_everywhere_until_it_is_released(site: Site, run: Run) -> None:
    before = states_of(site)
    assert run(site, "outbox", "hold").code == 0
    assert run(site, "status", "--json").data["held"] is True
    assert run(site, "outbox", "list", "--json").data["held"] is True
    assert "everything is held" in run(site, "outbox", "retry", first(site, "refused")).out
    assert run(site, "outbox", "release").code == 0
    assert run(site, "status", "--json").data["held"] is False
    assert {i for i, s in states_of(site).items() if s != before[i]} == {first(site, "due")}


def test_orders_of_shadow_mode_are_not_late(site: Site, run: Run) -> None:
    database = Database(site.url)
    with database.write() as connection:
        connection.execute(text("UPDATE sending SET state = 'shadow' WHERE state = 'refused'"))
    database.close()
    hour = run(site, "status", "--json").data["last_hour"]
    assert (hour["orders"], hour["dispatched"], hour["late"]) == (1, 1, [])


def test_an_unknown_sending_changes_nothing(site: Site, run: Run) -> None:
    before = states_of(site)
    ended = run(site, "outbox", "hold", first(site, "refused"), 999)
    assert ended.code == 1
    assert "no sending 999" in one_line(ended)
    assert states_of(site) == before


def test_a_replayed_message_is_unread_again_and_its_alarm_over(site: Site, run: Run) -> None:
    (row,) = run(site, "quarantine", "list", "--json").data["messages"]
    assert run(site, "quarantine", "replay", row["id"]).code == 0
    status = run(site, "status", "--json").data
    assert (status["messages"]["quarantined"], status["messages"]["stored"]) == (0, 2)
    assert [a["kind"] for a in status["alarms"]] == ["refused"]
    assert run(site, "quarantine", "replay", row["id"]).code == 1


def test_a_message_that_an_agent_has_seen_to_leaves_quarantine_with_his_words(site: Site, run: Run) -> None:
    (row,) = run(site, "quarantine", "list", "--json").data["messages"]
    close = ("quarantine", "close", row["id"], "--as", "8001")
    assert run(site, *close).code == 2
    assert run(site, *close, "--note", " ").code == 2
    assert run(site, "quarantine", "close", "x1", "--note", "?", "--as", "8001").code == 1
    assert len(run(site, "quarantine", "list", "--json").data["messages"]) == 1
    assert run(site, *close, "--note", "taken by phone").out == f"m{row['id']} is off the list\n"
    status = run(site, "status", "--json").data
    assert (status["messages"].get("quarantined", 0), [a["kind"] for a in status["alarms"]]) == (0, ["refused"])
    assert run(site, *close, "--note", "again").code == 1
    database = Database(site.url)
    with database.read() as connection:
        told = connection.execute(text(f"SELECT who, json FROM event WHERE message_id = {row['id']}")).all()[-1]
        assert raw_of(connection, row["id"]) == POISON
    database.close()
    assert told.who == "agent 8001"
    assert "taken by phone" in told.json


def test_a_submitted_message_is_stored_once_under_its_hash(site: Site, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "again.eml"
    file.write_bytes(mail(20, CLEAN))
    new = run(site, "submit", file, "--json").data
    assert (new["new"], new["state"]) == (True, "stored")
    again = run(site, "submit", file)
    assert (again.code, again.out) == (0, f"message {new['message']} is there already: unread\n")
    database = Database(site.url)
    with database.read() as connection:
        key = connection.execute(text("SELECT account, source_key, channel FROM message ORDER BY id DESC")).first()
    database.close()
    assert key is not None
    assert (key.account, key.channel) == ("submit", "email")
    assert re.fullmatch(r"submit/[0-9a-f]{64}", key.source_key)


def test_a_submitted_text_message_is_one(site: Site, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "order.SMS"
    file.write_text(f"From: +8613800138015\nDate: 2026-03-10T10:20:00+08:00\nTo: 10690000\n\n{CLEAN}", "utf-8")
    number = run(site, "submit", file, "--json").data["message"]
    database = Database(site.url)
    with database.read() as connection:
        row = connection.execute(text("SELECT channel FROM message WHERE id = :i"), {"i": number}).one()
    database.close()
    assert row.channel == "sms"


@pytest.mark.parametrize(
    ("name", "content", "code", "said"),
    [
        ("none.eml", None, 1, "No such file"),
        ("empty.eml", b" \r\n", 1, "is empty"),
        ("order.pdf", b"%PDF", 2, "neither .eml nor .sms"),
    ],
)
def test_what_cannot_be_submitted_says_why(
    name: str, content: bytes | None, code: int, said: str, run: Run, tmp_path: Path
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    ended = run(None, "submit", tmp_path / name)
    assert ended.code == code
    assert said in one_line(ended)


# --- the database -----------------------------------------------------------------------------------------------------


def test_an_empty_database_names_the_upgrade_which_then_makes_it_fine(database: str, run: Run, tmp_path: Path) -> None:
    site = bare_site(tmp_path / "site", database)
    before = run(site, "status")
    assert before.code == CONFIGURATION
    assert "`ingestd db upgrade`" in one_line(before)
    upgraded = run(site, "db", "upgrade")
    assert (upgraded.code, f"to revision {HEAD}" in upgraded.out) == (0, True)
    assert "nothing to do" in run(site, "db", "upgrade").out
    after = run(site, "status", "--json")
    assert (after.code, after.data["last_hour"]["orders"]) == (0, 0)
    assert run(site, "review", "list").out == "nothing waits for a person\n"


@pytest.mark.parametrize(
    ("revision", "said"), [("0000", "run `ingestd db upgrade`"), ("9999", "run `ingestd db upgrade`")]
)
def test_a_database_of_another_revision_is_not_touched(site: Site, run: Run, revision: str, said: str) -> None:
    database = Database(site.url)
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :r"), {"r": revision})
    database.close()
    ended = run(site, "outbox", "hold")
    assert ended.code == CONFIGURATION
    assert f"revision {revision}" in one_line(ended)
    assert said in ended.err


def test_a_newer_database_is_not_brought_down(site: Site, run: Run) -> None:
    database = Database(site.url)
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database.close()
    ended = run(site, "db", "upgrade")
    assert ended.code == 1
    assert "install the newer ingestd" in one_line(ended)


@pytest.fixture
def sqlite_site(sqlite_database: str, tmp_path: Path) -> Site:
    return filled_site(tmp_path / "site", sqlite_database)


def file_of(site: Site) -> Path:
    return Path(site.url.removeprefix("sqlite:///"))


def test_a_locked_database_is_a_passing_trouble(sqlite_site: Site, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_module, "BUSY_MS", 50)
    holder = sqlite3.connect(file_of(sqlite_site), isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    ended = run(sqlite_site, "outbox", "hold")
    assert ended.code == TEMPORARY
    assert "locked" in one_line(ended)
    assert run(sqlite_site, "status").code == 1  # looking needs no lock; 1 for its alarm
    holder.execute("ROLLBACK")
    holder.close()
    assert run(sqlite_site, "outbox", "hold").code == 0


def test_submitting_waits_for_a_short_write_of_the_daemon(sqlite_site: Site, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "again.eml"
    file.write_bytes(mail(21, CLEAN))
    holder = sqlite3.connect(file_of(sqlite_site), isolation_level=None, check_same_thread=False)
    holder.execute("BEGIN IMMEDIATE")
    release = threading.Timer(0.5, holder.execute, ("COMMIT",))
    release.start()
    ended = run(sqlite_site, "submit", file)
    release.join()
    holder.close()
    assert (ended.code, ended.err) == (0, "")


def test_a_damaged_database_is_told_in_a_line(sqlite_site: Site, run: Run) -> None:
    for leftover in file_of(sqlite_site).parent.glob("ingestd.db-*"):
        leftover.unlink()
    file_of(sqlite_site).write_bytes(b"no database at all, " * 500)
    ended = run(sqlite_site, "status")
    assert ended.code == CONFIGURATION
    assert "no SQLite database" in one_line(ended)


def test_a_database_server_that_does_not_answer_is_a_passing_trouble(run: Run, tmp_path: Path) -> None:
    site = bare_site(tmp_path / "site", "postgresql+psycopg://nobody@127.0.0.1:1/ingestd")
    ended = run(site, "status")
    assert ended.code == TEMPORARY
    assert "does not answer" in one_line(ended)


def test_looking_writes_nothing(sqlite_site: Site, run: Run) -> None:
    def everything() -> list[Any]:
        database = Database(sqlite_site.url)
        with database.read() as connection:
            rows = [connection.execute(table.select()).all() for table in metadata.sorted_tables]
        database.close()
        return rows

    before = everything()
    serial = run(sqlite_site, "orders", "list", "--json").data["orders"][0]["serial"]
    looks = (("status",), ("orders", "show", serial), ("outbox", "list"), ("outbox", "show", 1), ("quarantine", "list"))
    for arguments in looks:
        assert run(sqlite_site, *arguments).err == ""
    assert everything() == before


# --- reading files ----------------------------------------------------------------------------------------------------


@pytest.fixture
def messages(tmp_path: Path) -> list[Path]:
    """A good mail, one that lacks a phone, and a text message."""
    files = {"b.eml": mail(1, CLEAN), "a.eml": mail(2, CLEAN.replace("收货人电话：13600136011\n", ""))}
    files["c.sms"] = f"From: +8613800138015\nDate: 2026-03-10T10:20:00+08:00\nTo: 1069\n\n{CLEAN}".encode()
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    return [tmp_path / name for name in files]


def test_parse_gives_the_contracts_object_a_line_in_the_order_given(messages: list[Path], run: Run) -> None:
    ended = run(None, "parse", "--json", *messages)
    objects = [json.loads(text) for text in ended.out.splitlines()]
    assert ended.code == 0
    assert [next(iter(o)) for o in objects] == ["file"] * 3
    assert [o["file"] for o in objects] == ["b.eml", "a.eml", "c.sms"]
    assert set(objects[0]) == {
        "file", "channel", "sender", "sent_at", "intent", "refers_to", "orders", "details", "problems", "review",
    }  # fmt: skip
    assert objects[1]["problems"] == [{"code": "missing", "field": "consignee.phones", "order": 0}]
    assert (objects[2]["channel"], objects[2]["sender"]) == ("sms", "+8613800138015")


def test_parse_shows_people_a_table_with_problems_and_evidence(messages: list[Path], run: Run) -> None:
    plain = run(None, "parse", messages[1], locale="zh_CN.UTF-8").out
    assert re.search(r"来意 +订单", plain)
    assert re.search(r"发货人电话 +13800138011\n", plain)
    assert re.search(r"收货人电话 +缺\n", plain)
    reasoned = run(None, "parse", "--evidence", messages[0]).out
    assert re.search(r"shipper's phone +13800138011 +13800138011 +\S+\n", reasoned)
    assert "evidence" in json.loads(run(None, "parse", "--json", "--evidence", messages[0]).out)


def test_one_bad_file_hinders_no_other(messages: list[Path], run: Run, tmp_path: Path) -> None:
    ended = run(None, "parse", "--json", messages[0], tmp_path / "none.eml", tmp_path, messages[2])
    assert ended.code == 1
    assert [json.loads(text)["file"] for text in ended.out.splitlines()] == ["b.eml", "c.sms"]
    assert len(ended.err.splitlines()) == 2


def test_a_reader_that_fails_is_told_and_hinders_no_other(
    messages: list[Path], run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = reader.read

    def failing(channel: Any, raw: bytes, definitions: Any, *, evidence: bool = False) -> Any:
        if b"<2@yuanda" in raw:
            raise RuntimeError("13800138011 in the text of an error")
        return real(channel, raw, definitions, evidence=evidence)

    monkeypatch.setattr(reader, "read", failing)
    ended = run(None, "parse", "--json", *messages)
    assert (ended.code, len(ended.out.splitlines())) == (1, 2)
    assert re.search(r"a\.eml: the reader failed \(RuntimeError at test_cli\.py:\d+\)", one_line(ended))
    assert "13800138011" not in ended.err


def test_parse_uses_the_parsers_beside_the_configuration_that_is_named(
    messages: list[Path], run: Run, tmp_path: Path
) -> None:
    site = bare_site(tmp_path / "site", UNUSED)
    (tmp_path / "site/parsers").mkdir()
    (tmp_path / "site/parsers/labels.toml").write_text("[[label]]\nrole = 'nobody'\n")
    broken = run(None, "--config", site.config, "parse", messages[0])
    assert broken.code == CONFIGURATION
    assert "labels.toml" in one_line(broken)
    assert run(None, "parse", messages[0]).code == 0  # without it the shipped ones
    missing = run(None, "--config", tmp_path / "none.toml", "parse", messages[0])
    assert missing.code == CONFIGURATION


# --- checking ---------------------------------------------------------------------------------------------------------


def test_a_good_configuration_says_what_was_checked(run: Run, tmp_path: Path) -> None:
    site = bare_site(tmp_path / "site", UNUSED)
    ended = run(site, "check")
    assert (ended.code, ended.err) == (0, "")
    for part in (
        "ingestd.toml: mode live, sources inlet, gammu",
        "2 customers, 2 staff, 1 areas",
        "parsers: ",
        "templates: ",
    ):
        assert part in ended.out
    assert run(site, "check", "--json").data["ok"] is True


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        (
            "ingestd.toml",
            "[site]\nname",
            '[site]\nnaem = "x"\nname',
            "ingestd.toml: site.naem: there is no such option",
        ),
        ("ingestd.toml", "[site]", "[site", "ingestd.toml: is no TOML"),
        ("ingestd.toml", "enabled = true\naddresses", 'port = "x"\naddresses', "ingestd.toml: inlet.port"),
        ("staff.toml", 'number = "8011"', 'number = "8012"', "area 深圳关内 names staff 8011"),
        ("parsers/labels.toml", None, "[[label]]\nrole = 'nobody'\n", "labels.toml"),
        ("templates/alarm/email.zh.txt.j2", None, "{% if %}", "email.zh.txt.j2"),
        ("templates/alarm/email.zh.txt.j2", None, "{{ nothing }}", "email.zh.txt.j2"),
    ],
)
def test_each_fault_is_named_with_its_file_and_ends_with_78(
    file: str, old: str | None, new: str, said: str, run: Run, tmp_path: Path
) -> None:
    path = bare_site(tmp_path / "site", UNUSED).config.parent / file
    path.parent.mkdir(parents=True, exist_ok=True)
    if old is not None:
        before = path.read_text("utf-8")
        assert old in before
        new = before.replace(old, new, 1)
    path.write_text(new, "utf-8")
    ended = run(None, "--config", tmp_path / "site/ingestd.toml", "check")
    assert ended.code == CONFIGURATION
    assert said in ended.err
    assert all(text.startswith("ingestd: ") for text in ended.err.splitlines())
    assert run(None, "--config", tmp_path / "site/ingestd.toml", "check", "--json").data["ok"] is False


def test_a_missing_certificate_is_a_fault_and_a_secret_out_of_sight_only_outside_of_the_unit_a_warning(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = bare_site(tmp_path / "site", UNUSED)
    with site.config.open("a") as config:
        config.write('\n[relay]\npassword_file = "relay"\n')
    outside = run(site, "check")
    assert (outside.code, "relay.password_file" in outside.out) == (0, True)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    inside = run(site, "check")
    assert (inside.code, "relay.password_file" in one_line(inside)) == (CONFIGURATION, True)
    (tmp_path / "relay").write_text("x")
    assert run(site, "check").code == 0
    with site.config.open("a") as config:
        config.write('ca_file = "/none.pem"\n')
    assert "relay.ca_file: there is no file /none.pem" in one_line(run(site, "check"))


def test_options_are_listed_without_a_configuration(run: Run) -> None:
    ended = run(None, "check", "--options")
    assert ended.code == 0
    assert "outbox.promise = 180\n" in ended.out
    names = [o["name"] for o in run(None, "check", "--options", "--json").data["options"]]
    assert len(names) == len(set(names)) > 90


# --- arguments --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("frobnicate",), "frobnicate"),
        (("parse",), "FILE is missing"),
        (("orders", "show"), "SERIAL is missing"),
        (("parse", "--jsn", "x.eml"), "--jsn, perhaps --json"),
        (("status", "--config", "x"), "--config stands before the command"),
        (("orders", "list", "--limit", "0"), "--limit"),
        (("outbox", "show", "abc"), "ID is wrong"),
        (("status", "extra"), "extra"),
    ],
)
def test_wrong_use_is_told_in_a_line_that_names_the_help(arguments: tuple[str, ...], said: str, run: Run) -> None:
    ended = run(None, *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert said in one_line(ended)
    assert "--help`" in ended.err
    chinese = run(None, *arguments, locale="zh_CN.UTF-8")
    assert chinese.code == 2
    assert re.search("[\u4e00-\u9fff]", one_line(chinese))


def test_a_configuration_that_is_not_there_is_named(run: Run, tmp_path: Path) -> None:
    for command in (("status",), ("orders", "list"), ("run",), ("check",)):
        ended = run(None, "--config", tmp_path / "none.toml", *command)
        assert ended.code == CONFIGURATION
        assert "none.toml: there is no such file" in one_line(ended)


# --- the installed command --------------------------------------------------------------------------------------------


def test_a_data_folder_that_cannot_be_is_named_with_its_key(run: Run, tmp_path: Path) -> None:
    site = bare_site(tmp_path / "site", UNUSED)
    (site.config.parent / "data").write_text("a file where the folder should be")
    for command in (("run",), ("db", "upgrade")):
        ended = run(site, *command)
        assert ended.code == CONFIGURATION
        assert "site.data_folder" in one_line(ended)


def test_a_port_that_another_program_has_is_named_with_its_key(tmp_path: Path) -> None:
    site = bare_site(tmp_path / "site", f"sqlite:///{tmp_path}/ingestd.db")
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        config = site.config.read_text("utf-8").replace("[inlet]\n", f"[inlet]\nport = {port}\n")
        site.config.write_text(config.replace("[sms]\nenabled = true", "[sms]\nenabled = false"), "utf-8")
        ended = process("run", environment={"INGESTD_CONFIG": str(site.config)})
    assert ended.code == TEMPORARY
    assert f"inlet.port {port}" in one_line(ended)


def test_help_speaks_the_persons_language_and_documents_exit_codes() -> None:
    english, chinese = process("--help"), process("--help", environment={"LC_ALL": "zh_CN.UTF-8"})
    assert (english.code, chinese.code) == (0, 0)
    assert "Exit codes: 0 fine" in english.out
    assert "退出码：0 正常" in chinese.out
    assert "查看订单" in chinese.out
    assert not re.search(r"Options|Commands|Show this message", chinese.out)
    assert max(cell_len(text) for text in chinese.out.splitlines()) <= 80


def test_the_version_is_told() -> None:
    assert re.fullmatch(r"ingestd \d+\.\d+\.\d+\n", process("--version").out)


def test_help_and_version_load_nothing_heavy() -> None:
    program = (
        "import sys; from ingestd.cli.main import answer; answer(['--version']); answer(['parse', '--help']);"
        "print([m for m in ('sqlalchemy', 'alembic', 'pebble', 'jinja2', 'apscheduler', 'imapclient', 'mailparser')"
        " if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_reader_that_leaves_early_is_no_trouble(messages: list[Path]) -> None:
    many = [str(file) for file in messages] * 100
    with subprocess.Popen([INGESTD, "parse", "--json", *many], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.readline()
        child.stdout.close()
        assert (child.wait(30), child.stderr.read()) == (0, b"")


def test_a_locale_without_our_characters_loses_no_line(messages: list[Path]) -> None:
    ended = process("parse", messages[0], environment={"LC_ALL": "C.UTF-8", "PYTHONIOENCODING": "ascii"})
    assert (ended.code, ended.err) == (0, "")
    assert "\\u738b\\u654f" in ended.out
    assert json.loads(process("parse", "--json", messages[0], environment={"PYTHONIOENCODING": "ascii"}).out)["orders"]


def test_the_daemon_runs_until_it_is_told_to_stop_and_only_once(tmp_path: Path) -> None:
    site = bare_site(tmp_path / "site", f"sqlite:///{tmp_path}/ingestd.db")
    config = site.config.read_text("utf-8").replace("[inlet]\nenabled = true", "[inlet]\nport = 0")
    site.config.write_text(config.replace("[sms]\nenabled = true", "[sms]\nenabled = false"), "utf-8")
    environment = {**os.environ, "INGESTD_CONFIG": str(site.config), "LC_ALL": "C.UTF-8"}
    daemon = subprocess.Popen([INGESTD, "run"], env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert daemon.stdout is not None
        for said in daemon.stdout:
            if json.loads(said)["event"] == "daemon.ready":
                break
        status = process("status", "--json", environment={"INGESTD_CONFIG": str(site.config)})
        assert (status.code, status.data["process"]) == (0, daemon.pid)
        second = process("run", environment={"INGESTD_CONFIG": str(site.config)})
        assert second.code == TEMPORARY
        assert f"process {daemon.pid}" in one_line(second)
    finally:
        daemon.send_signal(signal.SIGTERM)
        rest = daemon.communicate(timeout=30)[0]
    assert daemon.returncode == 0
    assert json.loads(rest.splitlines()[-1])["event"] == "daemon.stopped"
