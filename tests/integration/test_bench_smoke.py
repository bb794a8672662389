"""A tiny `make bench`: that it measures all it promises, checks every order, and can find fault."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ingestd.config.shipped import shipped
from ingestd.domain.reading import Channel, Intent
from ingestd.parsing.definitions import load_definitions
from ingestd.parsing.reader import read
from scripts.benchmark.orders import KINDS, content, order_mails
from scripts.benchmark.outcome import Passage, faults
from scripts.benchmark.runs import percentile
from tests.servers.fixtures import present
from tests.servers.programs import find_program

ROOT = Path(__file__).resolve().parents[2]
NEEDED = {"dovecot": "dovecot-core", "smtp-sink": "postfix", "mbsync": "isync"}
NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)
ORDERS, PACE, SECONDS = 30, 5, 2

pytestmark = pytest.mark.timeout(150)


def test_a_tiny_bench_finds_each_order_with_its_messages_and_measures_all_it_promises(tmp_path: Path) -> None:
    for program, package in NEEDED.items():
        present(lambda: find_program(program, package))  # noqa: B023  called at once
    sizes = ["--orders", str(ORDERS), "--pace", str(PACE), "--seconds", str(SECONDS), "--pieces", "30"]
    command = [sys.executable, str(ROOT / "scripts" / "bench.py"), *sizes, "--folder", str(tmp_path / "run")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=140, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    figures = json.loads((tmp_path / "run" / "bench.json").read_text("utf-8"))
    assert figures["faults"] == []
    assert figures["throughput"]["orders"] == ORDERS
    assert figures["throughput"]["per_second"] > 0
    assert figures["latency"]["orders"] == PACE * SECONDS
    assert 0 < figures["latency"]["p50_s"] <= figures["latency"]["p99_s"]
    peaks = {process["part"]: process["peak_mb"] for process in figures["processes"]}
    assert peaks["daemon"] > 20
    assert peaks["worker 1"] > 5
    assert [peer["mails"] for peer in figures["peers"]] == [ORDERS] * 3
    pieces = {piece["name"] for piece in figures["budget"]}
    assert {"fetch", "store", "read", "decide", "compose", "write the decision", "send (email)", "send (sms)"} <= pieces


def test_the_generated_orders_are_distinct_and_read_right_in_every_encoding() -> None:
    definitions = load_definitions((shipped("parsers"),))
    prints = set()
    for mail in order_mails(0, 3 * len(KINDS), NOON):
        reading = read(Channel.EMAIL, mail.raw, definitions)
        said, order = content(mail.number), reading.orders[0]
        assert (reading.intent, reading.problems, reading.review) == (Intent.ORDER, (), ())
        assert order.shipper.phones == (f"+86{said['shipper_phone']}",)
        assert order.consignee.phones == (f"+86{said['consignee_phone']}",)
        assert (order.pickup.address, order.cargo[0].quantity) == (said["pickup"], said["quantity"])
        prints.add(repr(order))
    assert len(prints) == 3 * len(KINDS)


GOOD = Passage(
    "a@shipper.example",
    NOON,
    NOON + timedelta(seconds=1),
    (("k1", "email"), ("k2", "email"), ("k3", "sms")),
    Counter({("acknowledgement", "email"): 1, ("work_order", "email"): 1, ("work_order", "sms"): 1}),
)
MAILS, TEXTS = Counter({"k1": 1, "k2": 1}), Counter({"k3": 1})


def test_an_order_with_all_its_messages_is_no_fault() -> None:
    assert list(faults([GOOD], MAILS, TEXTS)) == []


def test_a_mail_that_did_not_arrive_or_arrived_twice_is_a_fault() -> None:
    assert len(list(faults([GOOD], Counter({"k1": 1}), TEXTS))) == 1
    assert len(list(faults([GOOD], MAILS + Counter({"k1": 1}), TEXTS))) == 1


def test_a_text_message_of_no_order_is_a_fault() -> None:
    assert len(list(faults([GOOD], MAILS, TEXTS + Counter({"k9": 1})))) == 1


def test_an_order_without_its_work_order_is_a_fault() -> None:
    lacking = replace(GOOD, kinds=Counter({("acknowledgement", "email"): 1}))
    assert list(faults([lacking], MAILS, TEXTS))


@pytest.mark.parametrize(("share", "value"), [(0.5, 50), (0.99, 99), (1.0, 100)])
def test_a_percentile_is_the_smallest_value_that_so_many_do_not_exceed(share: float, value: int) -> None:
    assert percentile(range(1, 101), share) == value
