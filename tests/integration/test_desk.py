"""The desk at the terminal beside a running daemon: what an agent does leaves at once, and of two agents one wins."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from tests.daemon.orders import distinct_orders
from tests.daemon.process import COMMAND, RunningDaemon, running
from tests.daemon.site import DISPATCHER, Site
from tests.servers.dovecot import Mailbox
from tests.servers.relay import Relay

AGENTS = ("8012", "8013")
LEAVES_WITHIN_S = 10.0
ROUNDS = 3


@pytest.fixture
def site(tmp_path: Path, relay: Relay, mailbox: Mailbox) -> Site:
    """A site where an agent confirms every order."""
    site = Site(tmp_path)
    site.write(relay.port, mailbox)
    customers = site.configuration.with_name("customers.toml")
    customers.write_text(customers.read_text().replace('"automatic"', '"agent"'))
    return site


@pytest.fixture
def daemon(site: Site) -> Iterator[RunningDaemon]:
    """The daemon of that site."""
    with running(site) as daemon:
        daemon.wait_ready()
        yield daemon


def agent(site: Site, *arguments: str, number: str = AGENTS[0]) -> subprocess.Popen[str]:
    """An agent's command, on its way."""
    return subprocess.Popen(
        [COMMAND, "--config", str(site.configuration), *arguments],
        env={**os.environ, "LC_ALL": "C.UTF-8", "INGESTD_STAFF": number},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def said(site: Site, *arguments: str) -> Any:
    """What a command answers as JSON."""
    out, err = agent(site, *arguments, "--json").communicate(timeout=60)
    assert err == ""
    return json.loads(out)


def with_notice(raw: bytes) -> bytes:
    """The order with a warehouse's entry notice."""
    mail = message_from_bytes(raw, policy=policy.SMTP)
    assert isinstance(mail, EmailMessage)
    mail.add_attachment(b"%PDF-1.4 entry", maintype="application", subtype="pdf", filename="notice.pdf")
    return mail.as_bytes()


def waiting(site: Site, daemon: RunningDaemon, count: int) -> list[str]:
    """The serials that wait for a person, once there are so many."""
    query = "SELECT serial FROM orders WHERE state = 'review' ORDER BY id"
    daemon.wait_until(lambda: len(site.records.rows(query)) >= count, f"{count} orders for a person")
    return [row["serial"] for row in site.records.rows(query)]


def work_orders(relay: Relay, serial: str) -> list[str]:
    """The work orders that dispatch got for an order, as plain text with the names of their files."""
    mails = [message_from_bytes(m.raw, policy=policy.default) for m in relay.messages() if DISPATCHER in m.recipients]
    mine = [m for m in mails if isinstance(m, EmailMessage) and serial in str(m["Subject"])]
    return [" ".join(str(a.get_filename()) for a in mail.iter_attachments()) for mail in mine]


def test_of_two_agents_one_confirms_and_the_work_order_leaves_with_its_files(
    site: Site, daemon: RunningDaemon, relay: Relay, mailbox: Mailbox
) -> None:
    for order in distinct_orders(ROUNDS):
        mailbox.deliver(with_notice(order.raw))
    serials = waiting(site, daemon, ROUNDS)
    assert {w["handle"] for w in said(site, "desk", "list")["waiting"]} == set(serials)
    for serial in serials:
        both = [agent(site, "desk", "confirm", serial, "--anyway", number=number) for number in AGENTS]
        ended = [process.communicate(timeout=60) for process in both]
        codes = sorted(process.returncode for process in both)
        assert codes in ([0, 1], [0, 75]), ended
        until = time.monotonic() + LEAVES_WITHIN_S
        while not work_orders(relay, serial) and time.monotonic() < until:
            time.sleep(0.1)
        assert work_orders(relay, serial) == ["notice.pdf"]
    acts = site.records.rows("SELECT who FROM event WHERE kind = 'confirmed'")
    assert len(acts) == ROUNDS
    assert {row["who"] for row in acts} <= {f"agent {number}" for number in AGENTS}
    closed = site.records.rows("SELECT closed_by FROM review WHERE state = 'closed'")
    assert len(closed) == ROUNDS
    assert all(row["closed_by"] for row in closed)
    assert said(site, "desk", "list")["waiting"] == []


def test_a_phone_order_is_entered_corrected_and_goes_out(site: Site, daemon: RunningDaemon, relay: Relay) -> None:
    fields = [
        "shipper.name=王敏", "shipper.phones=13800138011", "提货地址=中山市古镇灯饰广场3栋", "cargo.name=灯具",
        "cargo.quantity=15箱", "cargo.weight_kg=200", "destination=杭州", "consignee.name=马先生", "payment=现付",
    ]  # fmt: skip
    entered = said(site, "orders", "new", "--customer", "古镇灯饰", *fields)
    assert (entered["state"], entered["open"], entered["sendings"]) == ("review", ["consignee.phones"], [])
    serial = entered["order"]
    refused = agent(site, "desk", "confirm", serial)
    assert "still open" in refused.communicate(timeout=60)[1]
    assert refused.returncode == 1
    said(site, "desk", "set", serial, "consignee.phones=13600136011")
    said(site, "desk", "confirm", serial)
    daemon.wait_until(lambda: len(work_orders(relay, serial)) == 1, "the work order")
    (order,) = site.records.rows("SELECT state, order_time_source FROM orders")
    assert order["order_time_source"] == "entry"
    assert said(site, "desk", "show", serial)["assessment"]["hits"] is not None
