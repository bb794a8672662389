"""A running daemon takes a new configuration, refuses a faulty one, and loses nothing on the way."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingestd.daemon.lock import RunLock
from tests.daemon.orders import ShippedOrder, distinct_orders
from tests.daemon.process import COMMAND, ROOT, running
from tests.daemon.site import CUSTOMER_ROWS, DISPATCHER, Site, table
from tests.servers.dovecot import Mailbox
from tests.servers.relay import Relay

NEWCOMER = "new@newcomer.example"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def reload(site: Site) -> subprocess.CompletedProcess[str]:
    """`ingestd reload` as a person calls it."""
    whole = [COMMAND, "--config", str(site.configuration), "reload"]
    return subprocess.run(whole, capture_output=True, text=True, check=False, timeout=60)


def from_newcomer(order: ShippedOrder) -> bytes:
    """The order, of somebody whom the tables do not know at first."""
    return order.raw.replace(order.shipper.encode(), NEWCOMER.encode())


def add_customer(site: Site) -> None:
    row = {**CUSTOMER_ROWS[0], "name": "新客户", "addresses": [NEWCOMER], "phones": []}
    with (site.folder / "customers.toml").open("a") as file:
        file.write(table("[[customer]]", row))


def work_orders(relay: Relay) -> int:
    """Mails to the dispatcher."""
    return sum(DISPATCHER in mail.recipients for mail in relay.messages())


def test_a_new_customer_counts_from_the_reload_on(site: Site, mailbox: Mailbox, relay: Relay) -> None:
    site.write(relay.port, mailbox)
    before, after = distinct_orders(2)
    with running(site) as daemon:
        daemon.wait_ready()
        mailbox.deliver(from_newcomer(before))
        daemon.wait_quiet(1)
        assert work_orders(relay) == 0
        add_customer(site)
        done = reload(site)
        assert (done.returncode, done.stderr) == (0, "")
        assert "customer" in done.stdout
        mailbox.deliver(from_newcomer(after))
        daemon.wait_quiet(2)
        assert work_orders(relay) == 1
        assert daemon.stop() == 0


def test_a_faulty_configuration_is_refused_and_the_one_before_goes_on(
    site: Site, mailbox: Mailbox, relay: Relay
) -> None:
    site.write(relay.port, mailbox)
    (order,) = distinct_orders(1)
    with running(site) as daemon:
        daemon.wait_ready()
        with (site.folder / "customers.toml").open("a") as file:
            file.write(table("[[customer]]", {"name": "甲", "phones": ["+8613899990000"]}) * 2)
        done = reload(site)
        assert done.returncode == 78
        assert "customers.toml" in done.stderr or "stands twice" in done.stderr
        assert not daemon.events("daemon.reload_refused")  # it was not even asked
        daemon.tell(signal.SIGHUP)
        daemon.wait_until(lambda: bool(daemon.events("daemon.reload_refused")), "the refusal")
        assert "13899990000" not in daemon.said()
        mailbox.deliver(order.raw)
        daemon.wait_quiet(1)
        assert work_orders(relay) == 1
        site.write(relay.port, mailbox)
        assert reload(site).returncode == 0
        assert daemon.events("trouble.over")
        assert daemon.stop() == 0


@pytest.mark.long
def test_what_needs_a_restart_is_said_by_name(site: Site, mailbox: Mailbox, relay: Relay) -> None:
    site.write(relay.port, mailbox)
    (order,) = distinct_orders(1)
    with running(site) as daemon:
        daemon.wait_ready()
        site.write(1, mailbox, imap={"poll": 3}, site={"phone": "0755-1234"}, metrics={"enabled": True})
        done = reload(site)
        assert done.returncode == 0
        now, later = done.stdout.splitlines()
        assert "site.phone" in now
        assert {"relay.port", "imap.orders.poll", "metrics.enabled"} == {
            n.strip() for n in later.split(": ")[1].split(",")
        }
        mailbox.deliver(order.raw)
        daemon.wait_quiet(1)
        assert work_orders(relay) == 1  # by the relay that it has known from the start
        assert daemon.stop() == 0


@pytest.mark.long
@pytest.mark.timeout(180)  # each of four reloads checks the configuration twice, samples and all: ten seconds
def test_nothing_in_flight_is_lost_while_words_and_templates_change(site: Site, mailbox: Mailbox, relay: Relay) -> None:
    site.write(relay.port, mailbox)
    orders = distinct_orders(40)
    with running(site) as daemon:
        daemon.wait_ready()
        for number, order in enumerate(orders):
            mailbox.deliver(order.raw)
            if number % 10 == 5:
                change_words(site, number)
                assert reload(site).returncode == 0
        daemon.wait_quiet(len(orders))
        reloaded = daemon.events("daemon.reloaded")
        assert len(reloaded) == 4
        assert all("parsers" in event["changed"] for event in reloaded)
        assert not daemon.events("message.struck")
        assert daemon.stop() == 0
    assert work_orders(relay) == len(orders)
    digests = site.records.rows("SELECT DISTINCT parsers_digest FROM reading")
    assert len(digests) > 1


def change_words(site: Site, number: int) -> None:
    """Definitions and a template of the site's own, other ones each time."""
    own = site.folder / "parsers"
    own.mkdir(exist_ok=True)
    (own / "own.toml").write_text(f'about = "number {number}"\n[words]\n', "utf-8")
    templates = site.folder / "templates" / "acknowledgement"
    if not templates.exists():
        shutil.copytree(ROOT / "templates" / "acknowledgement", templates)


@pytest.fixture
def notifications(tmp_path: Path) -> Iterator[socket.socket]:
    """What systemd would hear."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(str(tmp_path / "notify"))
        heard.settimeout(20)
        yield heard


def test_systemd_is_told_that_it_reloads_and_that_it_is_ready_again(
    site: Site, relay: Relay, notifications: socket.socket
) -> None:
    site.write(relay.port)
    with running(site, environment={"NOTIFY_SOCKET": str(site.folder / "notify")}) as daemon:
        daemon.wait_ready()
        daemon.tell(signal.SIGHUP)
        told: list[list[str]] = []
        while sum(lines[0] == "READY=1" for lines in told) < 2:
            lines = notifications.recv(4096).decode().splitlines()
            if not lines[0].startswith("WATCHDOG"):
                told.append(lines)
        assert [lines[0] for lines in told] == ["READY=1", "RELOADING=1", "READY=1"]
        assert told[1][1].startswith("MONOTONIC_USEC=")


@pytest.mark.long
def test_without_a_daemon_there_is_nobody_to_ask_and_no_stranger_is_signalled(site: Site, relay: Relay) -> None:
    site.write(relay.port)
    assert reload(site).returncode == 1
    sleeper = subprocess.Popen(["sleep", "60"])
    try:
        site.data.mkdir(exist_ok=True)
        (site.data / "ingestd.lock").write_text(str(sleeper.pid))  # left by a run before
        assert RunLock.holder(site.data) is None
        assert reload(site).returncode == 1
        assert sleeper.poll() is None
    finally:
        sleeper.kill()
        sleeper.wait()


@pytest.mark.long
def test_what_came_of_it_is_told_to_programs(site: Site, relay: Relay) -> None:
    site.write(relay.port)
    with running(site) as daemon:
        daemon.wait_ready()
        whole = [COMMAND, "--config", str(site.configuration), "reload", "--json"]
        told = json.loads(subprocess.run(whole, capture_output=True, text=True, check=True, timeout=60).stdout)
        assert told == {"ok": True, "changed": [], "restart": [], "faults": []}


@pytest.mark.long
def test_a_stop_soon_after_a_reload_is_in_good_order(site: Site, mailbox: Mailbox, relay: Relay) -> None:
    site.write(relay.port, mailbox)
    with running(site) as daemon:
        daemon.wait_ready()
        for order in distinct_orders(10):
            mailbox.deliver(order.raw)
        change_words(site, 1)
        assert reload(site).returncode == 0
        assert daemon.stop() == 0
        until = time.monotonic() + 10
        while daemon.has_processes:  # the server that workers are forked from sees the end a moment later
            assert time.monotonic() < until
            time.sleep(0.05)
