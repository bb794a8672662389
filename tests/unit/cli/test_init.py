"""`ingestd init`: a dozen answers become a configuration that `ingestd check` passes; nothing is half-written."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import stat
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ingestd.cli.first_files import FILES, rendered, write
from ingestd.cli.main import answer
from ingestd.cli.questions import QUESTIONS, Question, WrongAnswerError, answered, server_of
from ingestd.cli.words import words
from ingestd.config.load import ConfigurationError, load
from ingestd.config.peer import Security

COMMAND = str(Path(sys.executable).with_name("ingestd"))
FEWEST: Mapping[str, Any] = {
    "company": "顺驰物流",
    "address": "orders@shunchi.example",
    "dispatcher_name": "李调度",
}
FULL: Mapping[str, Any] = {
    **FEWEST,
    "address": "Shunchi_Orders@163.com",
    "domain": "shunchi.example",
    "password": "abcdefghijklmnop",
    "sms": True,
    "sms_number": "138 0000 0000",
    "dispatcher_email": "dispatch@shunchi.example",
    "dispatcher_phone": "13900000001",
    "staff_number": 8011,
    "districts": ["南山", "福田", "南山"],
    "customer_name": '古镇"灯饰"\\',
    "customer": "guzhen.example，sales@lamps.example 13822770518",
}


def answers_file(folder: Path, values: Mapping[str, Any]) -> Path:
    """A file of answers; JSON writes these values as TOML does."""
    file = folder / "answers.toml"
    file.write_text("".join(f"{k} = {json.dumps(v, ensure_ascii=False)}\n" for k, v in values.items()), "utf-8")
    return file


def set_up(folder: Path, values: Mapping[str, Any], *options: str) -> int:
    file = answers_file(folder, values)
    return answer(["init", str(folder / "site"), "--answers", str(file), *options])


def question(key: str) -> Question:
    return next(q for q in QUESTIONS if q.key == key)


# --- what is written --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("values", [FEWEST, FULL], ids=["fewest", "full"])
def test_what_is_written_passes_the_check(tmp_path: Path, language: str, values: Mapping[str, Any]) -> None:
    assert set_up(tmp_path, values, "--language", language) == 0
    assert answer(["--config", str(tmp_path / "site" / "ingestd.toml"), "check"]) == 0


def test_every_answer_is_where_the_daemon_looks_for_it(tmp_path: Path) -> None:
    assert set_up(tmp_path, FULL) == 0
    site = tmp_path / "site"
    configuration = load(site / "ingestd.toml", {})
    settings, tables = configuration.settings, configuration.tables
    (account,) = settings.imap
    assert (account.host, account.port, account.security) == ("imap.163.com", 993, Security.TLS)
    assert (settings.relay.host, settings.relay.port, settings.relay.senders) == ("smtp.163.com", 465, 1)
    assert account.username == settings.relay.username == settings.site.address == "shunchi_orders@163.com"
    assert (settings.site.domain, settings.site.mode, settings.site.agent) == ("shunchi.example", "shadow", "8011")
    assert settings.site.data_folder == site / "data"
    assert (settings.sms.enabled, settings.sms.number) == (True, "+8613800000000")
    (customer,), (staff,), (area,) = tables.customer, tables.staff, tables.area
    assert (customer.name, customer.confirmation) == ('古镇"灯饰"\\', "first_orders")
    assert (customer.addresses, customer.domains) == (("sales@lamps.example",), ("guzhen.example",))
    assert customer.phones == ("+8613822770518",)
    assert (staff.number, staff.phone, staff.email) == ("8011", "+8613900000001", "dispatch@shunchi.example")
    assert (area.places, area.default) == (("南山", "福田"), False)
    assert {d.channel for d in settings.alarms.destinations} == {"email", "sms"}


def test_both_languages_write_the_same_but_for_words(tmp_path: Path) -> None:
    given: dict[str, str] = {}
    for one in QUESTIONS:
        if one.key in FULL:
            given[one.key] = answered(one, str(FULL[one.key]).strip("[]").replace("'", ""), given)
        else:
            given[one.key] = answered(one, "", given)
    chinese, english = (rendered(given, language, None) for language in ("zh", "en"))
    for file in FILES:
        zh, en = tomllib.loads(chinese[file]), tomllib.loads(english[file])
        assert shape(zh) == shape(en)
        assert max(map(len, english[file].splitlines())) <= 130


def shape(value: Any) -> Any:
    """Keys, and values that are no words."""
    if isinstance(value, dict):
        return {key: shape(v) for key, v in value.items() if key not in ("language", "name")}
    return [shape(v) for v in value] if isinstance(value, list) else value


def test_the_password_is_for_its_owner_alone_and_in_no_other_file(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        assert set_up(tmp_path, FULL) == 0
    finally:
        os.umask(before)
    site = tmp_path / "site"
    assert (site / "mailbox").read_text() == "abcdefghijklmnop\n"
    assert stat.S_IMODE((site / "mailbox").stat().st_mode) == 0o600
    assert all("abcdefgh" not in (site / file).read_text("utf-8") for file in FILES)
    assert all(stat.S_IMODE((site / file).stat().st_mode) == 0o644 for file in FILES)


def test_a_password_may_come_from_a_file_or_later(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    secret = tmp_path / "secret"
    secret.write_text("from-a-file\n")
    assert set_up(tmp_path, {**FEWEST, "password_file": str(secret)}) == 0
    assert (tmp_path / "site" / "mailbox").read_text() == "from-a-file\n"
    capsys.readouterr()
    (tmp_path / "site" / "mailbox").unlink()
    assert set_up(tmp_path, FEWEST, "--force") == 0
    assert not (tmp_path / "site" / "mailbox").exists()
    assert str(tmp_path / "site" / "mailbox") in capsys.readouterr().err


def test_the_next_three_commands_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert set_up(tmp_path, FEWEST) == 0
    told = [text.split("#")[0].split() for text in capsys.readouterr().out.splitlines() if text.startswith("  ingestd")]
    start = ["ingestd", "--config", str(tmp_path / "site" / "ingestd.toml")]
    assert told == [[*start, "check"], [*start, "check", "--connect"], [*start, "run"]]


# --- what is not written ----------------------------------------------------------------------------------------------


def test_nothing_is_overwritten_without_force_and_the_old_files_are_kept_with_it(tmp_path: Path) -> None:
    site = tmp_path / "site"
    site.mkdir()
    (site / "staff.toml").write_text("# mine\n")
    assert set_up(tmp_path, FULL) == 1
    assert [file.name for file in site.iterdir()] == ["staff.toml"]
    assert set_up(tmp_path, FULL, "--force") == 0
    assert (site / "staff.toml.old").read_text() == "# mine\n"
    assert not list(site.glob(".ingestd-init-*"))


def test_all_faults_of_a_file_are_told_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = {
        **FEWEST,
        "address": "orders",
        "sms": "perhaps",
        "staff_number": "A1",
        "colour": "red",
        "imap": "imap.163.com",
    }
    assert set_up(tmp_path, bad) == 2
    said = capsys.readouterr().err.splitlines()
    assert {text.split(": ")[2] for text in said} == {"address", "sms", "staff_number", "colour", "imap"}
    assert not (tmp_path / "site").exists()


def test_a_file_that_is_no_toml_or_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "answers.toml").write_text("company 顺驰\n", "utf-8")
    assert answer(["init", str(tmp_path / "site"), "--answers", str(tmp_path / "answers.toml")]) == 2
    assert answer(["init", str(tmp_path / "site"), "--answers", str(tmp_path / "none.toml")]) == 2
    assert answer(["init", str(tmp_path / "site"), "--language", "de", "--answers", "x"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 3


def test_files_that_the_daemon_could_not_use_are_not_put_in_place(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    with pytest.raises(ConfigurationError):
        write(folder, {"ingestd.toml": "[site]\ncolour = 1\n"}, "secret")
    assert not folder.exists()


# --- answers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "text", "given", "kept"),
    [
        ("signature", "【顺驰】", {}, "顺驰"),
        ("signature", "", {"company": "顺驰物流"}, "顺驰物流"),
        ("provider", "企业微信", {}, "exmail"),
        ("provider", "163.com", {}, "163"),
        ("provider", "", {"address": "a@foxmail.com"}, "qq"),
        ("provider", "", {"address": "a@own.example"}, "exmail"),
        ("imap", "", {"provider": "qq"}, "imap.qq.com:993"),
        ("relay", "", {"provider": "other"}, "127.0.0.1:25"),
        ("sms", "是", {}, "true"),
        ("dispatcher_phone", "+852 9123 4567", {}, "+85291234567"),
        ("dispatcher_email", "", {"address": "a@own.example"}, "dispatch@own.example"),
        ("dispatcher_email", "", {"address": "a@163.com"}, ""),
        ("customer", "@Lamps.example、13822770518", {}, "lamps.example, +8613822770518"),
    ],
)
def test_an_answer_is_kept_as_the_files_need_it(key: str, text: str, given: Mapping[str, str], kept: str) -> None:
    assert answered(question(key), text, given) == kept


@pytest.mark.parametrize(
    ("key", "text", "given"),
    [
        ("company", "", {}),
        ("company", "顺驰\u202e物流", {}),
        ("signature", "深圳市顺驰国际物流有限公司广州分公司", {}),
        ("imap", "", {"provider": "other"}),
        ("imap", "imap.163.com:99999", {}),
        ("dispatcher_email", "orders@own.example", {"address": "orders@own.example"}),
        ("dispatcher_phone", "", {"dispatcher_email": ""}),
        ("dispatcher_phone", "12345678901", {}),
        ("districts", "南山，福", {}),
        ("customer", "qq.com", {}),
    ],
)
def test_an_answer_that_cannot_be_used_is_told(key: str, text: str, given: Mapping[str, str]) -> None:
    with pytest.raises(WrongAnswerError):
        answered(question(key), text, given)


SERVERS = ("a.example:993", "a.example:587", "127.0.0.1:25", "localhost:993")


def test_a_server_is_protected_as_is_usual_at_its_port() -> None:
    usual = {
        text: server_of(text).security for text in ("a.example:993", "a.example:587", "127.0.0.1:25", "localhost:993")
    }
    assert list(usual.values()) == [Security.TLS, Security.STARTTLS, Security.NONE, Security.TLS]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_question_has_its_words(language: str) -> None:
    missing = [q.key for q in QUESTIONS for kind in ("ask", "example") if f"init.{kind}.{q.key}" not in words(language)]
    assert missing == []


# --- at a terminal ----------------------------------------------------------------------------------------------------


class Terminal:
    """`ingestd init` as a person at a terminal sees it; in the background a shell would have it ignore Ctrl-C."""

    def __init__(self, folder: Path) -> None:
        self.master, slave = pty.openpty()
        environment = {**os.environ, "LC_ALL": "zh_CN.UTF-8", "PYTHONUTF8": "1", "TERM": "dumb"}
        self.process = subprocess.Popen(
            ["env", "--default-signal=INT", COMMAND, "init", str(folder)],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=environment,
            start_new_session=True,
        )
        os.close(slave)
        self.shown = ""

    def read_until(self, text: str) -> None:
        """Read on until a text is shown; fails where the command ends or says nothing more."""
        while text not in self.shown:
            ready, _, _ = select.select([self.master], [], [], 20)
            try:
                piece = os.read(self.master, 4096) if ready else b""
            except OSError:
                piece = b""
            assert piece, self.shown
            self.shown += piece.decode("utf-8", "replace")

    def reply(self, expected: str, text: str) -> None:
        """Wait for a piece of a question and answer it."""
        self.read_until(expected)
        self.read_until("> ")
        self.shown = ""
        os.write(self.master, text.encode() + b"\n")

    def end(self) -> int:
        code = self.process.wait(20)
        os.close(self.master)
        return code


def test_a_person_is_asked_until_the_answer_can_be_used(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path / "site")
    terminal.reply("公司名", "顺驰物流")
    terminal.reply("短信签名", "")
    terminal.reply("订单邮箱", "shunchi_orders")
    terminal.reply("不是邮箱地址", "shunchi_orders@163.com")
    for expected, text in [
        ("域名", ""), ("邮箱是谁家的", ""), ("IMAP", ""), ("授权码", "hush-hush"), ("发信服务器", ""), ("短信", ""),
        ("姓名", "李调度"), ("他的邮箱", "li@shunchi.example"), ("他的手机", ""), ("工号", ""), ("提货", "南山，福田"),
        ("第一个客户", ""),
    ]:  # fmt: skip
        terminal.reply(expected, text)
        assert "hush" not in terminal.shown
    terminal.read_until("check --connect")
    assert terminal.end() == 0
    configuration = load(tmp_path / "site" / "ingestd.toml", {})
    assert configuration.settings.imap[0].host == "imap.163.com"
    assert configuration.tables.area[0].places == ("南山", "福田")
    assert (tmp_path / "site" / "mailbox").read_text() == "hush-hush\n"


def test_ctrl_c_leaves_nothing(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path / "site")
    terminal.reply("公司名", "顺驰物流")
    terminal.read_until("短信签名")
    terminal.process.send_signal(signal.SIGINT)
    terminal.read_until("什么都没有写")
    assert terminal.end() == 1
    assert list(tmp_path.iterdir()) == []


def test_without_a_terminal_answers_are_wanted(tmp_path: Path) -> None:
    done = subprocess.run(
        [COMMAND, "init", str(tmp_path / "site")], stdin=subprocess.DEVNULL, capture_output=True, text=True,
        check=False, env={**os.environ, "LC_ALL": "C.UTF-8"}, timeout=20,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert "--answers" in done.stderr
    piped = subprocess.run(
        [COMMAND, "init", str(tmp_path / "site"), "--answers", "-"], input=answers_file(tmp_path, FULL).read_bytes(),
        capture_output=True, check=False, timeout=20,
    )  # fmt: skip
    assert piped.returncode == 0, piped.stderr


@pytest.mark.parametrize("document", ["operations.md", "operations.zh-CN.md"])
def test_the_answers_in_the_documents_are_good_ones(tmp_path: Path, document: str) -> None:
    text = (Path(__file__).parents[3] / "docs" / document).read_text("utf-8")
    (block,) = [block for block in re.findall(r"```toml\n(.*?)```", text, re.DOTALL) if "dispatcher_name" in block]
    (tmp_path / "code").write_text("abcdefghijklmnop\n")
    (tmp_path / "answers.toml").write_text(block.replace("/root/code", str(tmp_path / "code")), "utf-8")
    assert answer(["init", str(tmp_path / "site"), "--answers", str(tmp_path / "answers.toml")]) == 0
    assert answer(["--config", str(tmp_path / "site" / "ingestd.toml"), "check"]) == 0
