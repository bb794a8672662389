"""An administrator on a clean folder: init, check, check --connect, run in shadow mode, a first order."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from imapclient import IMAPClient

from tests.daemon.orders import distinct_orders
from tests.daemon.process import COMMAND
from tests.daemon.records import Records
from tests.servers.dovecot import Dovecot
from tests.servers.smtp_sink import SmtpSink

ADDRESS = "orders@newcomer.example"
DISPATCHER = "li@newcomer.example"


@pytest.mark.long
@pytest.mark.timeout(400)  # half a dozen commands as processes of their own
def test_from_a_clean_folder_to_the_first_work_order(tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink) -> None:
    site = tmp_path / "desk"
    records = Records(f"sqlite:///{site}/data/ingestd.db")
    shadowed, first = distinct_orders(2)
    answers = {
        "company": "顺驰物流",
        "address": ADDRESS,
        "provider": "other",
        "imap": f"127.0.0.1:{dovecot.ports.imap}",
        "password": dovecot.password,
        "relay": f"127.0.0.1:{smtp_sink.port}",
        "dispatcher_name": "李调度",
        "dispatcher_email": DISPATCHER,
        "staff_number": "8011",
        "districts": "中山",
        "customer_name": "顺德机电",
        "customer": "shipper.example",
    }
    given = "".join(f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in answers.items())
    done("init", str(site), "--answers", "-", given=given)
    own = ("--config", str(site / "ingestd.toml"))
    done(*own, "check")
    told = done(*own, "check", "--connect")
    assert "logged in" in told
    assert f"may send as {ADDRESS}" in told
    with (tmp_path / "log").open("wb") as log:
        daemon = subprocess.Popen([COMMAND, *own, "run"], stdout=log, stderr=log)
    try:
        wait_for(lambda: "imap.first_sight" in (tmp_path / "log").read_text("utf-8"))
        put(dovecot, shadowed.raw)
        wait_for(lambda: bool(records.rows("SELECT id FROM orders")))
        assert smtp_sink.messages() == []
        edit(site / "ingestd.toml", 'mode = "shadow"', 'mode = "live"')
        edit(site / "customers.toml", 'confirmation = "first_orders"', 'confirmation = "automatic"')
        edit(site / "customers.toml", '"collect"]', '"collect", "monthly", "on_receipt"]')
        assert "site.mode" in done(*own, "reload")
        put(dovecot, first.raw)
        wait_for(lambda: any(DISPATCHER in mail.recipients for mail in smtp_sink.messages()))
    finally:
        daemon.terminate()
        assert daemon.wait(60) == 0
    assert {r for mail in smtp_sink.messages() for r in mail.recipients} == {DISPATCHER, first.shipper}


def done(*arguments: str, given: str = "") -> str:
    """What a command says, which must succeed."""
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    ended = subprocess.run(
        [COMMAND, *arguments], input=given, capture_output=True, text=True, check=False, env=environment, timeout=150
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def put(dovecot: Dovecot, raw: bytes) -> None:
    """A mail into the order mailbox."""
    with IMAPClient("127.0.0.1", dovecot.ports.imap, ssl=False) as client:
        client.login(ADDRESS, dovecot.password)
        client.append("INBOX", raw)


def edit(file: Path, before: str, after: str) -> None:
    """Change one place of a file that init wrote."""
    text = file.read_text("utf-8")
    assert text.count(before) == 1
    file.write_text(text.replace(before, after), "utf-8")


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until a condition holds; two minutes are too long."""
    until = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.1)
