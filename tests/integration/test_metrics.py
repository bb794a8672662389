"""/metrics of a running daemon: the promise, the backlog, the mailboxes, and nothing about anybody."""

from __future__ import annotations

import json
import re
import socket
import urllib.request
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from ingestd.store.database import Database
from ingestd.store.gauges import DUE, UNREAD, gauges
from ingestd.store.upgrade import upgrade
from tests.daemon.orders import distinct_orders
from tests.daemon.process import RunningDaemon, running
from tests.daemon.site import Site
from tests.servers.dovecot import Mailbox
from tests.servers.relay import Relay

Samples = Mapping[tuple[str, frozenset[tuple[str, str]]], float]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as door:
        return int(door.getsockname()[1])


def page(port: int) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        return str(answer.read().decode())


def scraped(port: int) -> Samples:
    """Every sample of one scrape."""
    families = text_string_to_metric_families(page(port))
    return {(s.name, frozenset(s.labels.items())): s.value for family in families for s in family.samples}


def value(samples: Samples, name: str, **labels: str) -> float:
    return samples[name, frozenset(labels.items())]


def wait_for_look(daemon: RunningDaemon, port: int) -> None:
    """Return when the mailbox has been looked at just now."""
    daemon.wait_until(
        lambda: value(scraped(port), "ingestd_mailbox_look_age_seconds", mailbox="imap/orders") < 5, "a look"
    )


def test_a_running_daemon_is_scraped(tmp_path: Path, mailbox: Mailbox, relay: Relay) -> None:
    site, port = Site(tmp_path), free_port()
    *orders, another = distinct_orders(4)
    stranger = another.raw.replace(another.shipper.encode(), b"someone@nowhere.example")
    site.write(relay.port, mailbox, metrics={"enabled": True, "port": port}, imap={"poll": 0.2, "idle_slice": 1})
    with running(site) as daemon:
        daemon.wait_ready()
        before = scraped(port)
        assert value(before, "ingestd_dispatch_seconds_count") == 0
        for order in orders:
            mailbox.deliver(order.raw)
        mailbox.deliver(stranger)
        daemon.wait_quiet(len(orders) + 1)
        wait_for_look(daemon, port)
        after, shown = scraped(port), page(port)
        assert daemon.stop() == 0
    assert value(after, "ingestd_dispatch_seconds_count") == len(orders)
    assert value(after, "ingestd_dispatch_seconds_bucket", le="180.0") == len(orders)
    assert value(after, "ingestd_readings_total", intent="order", state="applied") == len(orders)
    labels = {"purpose": "work_order", "channel": "email", "outcome": "accepted"}
    assert value(after, "ingestd_sendings_total", **labels) == len(orders)
    assert value(after, "ingestd_unread_messages") == value(after, "ingestd_due_sendings") == 0
    reviews = site.records.rows("SELECT id FROM review WHERE state = 'open'")
    assert value(after, "ingestd_open_reviews") == len(reviews) > 0
    assert sum(v for (name, _), v in after.items() if name == "ingestd_findings_total") >= 1
    assert value(after, "ingestd_store_up") == 1
    assert [labels for name, labels in after if name == "ingestd_build_info"]
    assert_tells_of_nobody(shown, site)


def assert_tells_of_nobody(shown: str, site: Site) -> None:
    """Every label is a code, a number or a mailbox's own short name."""
    labels = set(re.findall(r'[a-z]+="([^"]*)"', shown))
    assert {label for label in labels if not re.fullmatch(r"[a-z_]+|imap/orders|[0-9.]+\w*|\+Inf", label)} == set()
    serials = [str(row["serial"]) for row in site.records.rows("SELECT serial FROM orders")]
    assert serials
    phones = [order.phone for order in distinct_orders(4)]
    assert [secret for secret in (*serials, "@", *phones) if secret in shown] == []


def test_a_port_that_is_taken_is_told_by_name(tmp_path: Path, relay: Relay) -> None:
    site = Site(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
        site.write(relay.port, metrics={"enabled": True, "port": port})
        with running(site) as daemon:
            assert daemon.wait_end() == 78
            assert f"metrics.port {port}" in daemon.said()


@pytest.mark.parametrize("statement", [UNREAD, DUE], ids=["unread", "due"])
def test_a_scrape_goes_by_partial_indexes_however_much_has_been_done(tmp_path: Path, statement: object) -> None:
    url = f"sqlite:///{tmp_path}/ingestd.db"
    upgrade(url)
    database = Database(url)
    with database.read() as connection:
        assert gauges(connection, datetime.now(UTC)).unread == 0
        explained = text(f"EXPLAIN QUERY PLAN {statement}")
        plan = connection.execute(explained, dict.fromkeys(explained.compile().params, 0)).all()
    database.close()
    steps = json.dumps([row[-1] for row in plan])
    assert re.findall(r"SCAN (?:message|sending)(?! USING INDEX)", steps) == []
