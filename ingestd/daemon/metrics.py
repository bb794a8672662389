"""`/metrics` for Prometheus, on this machine only: counters of the pipeline, and gauges from one look at the store.

No label holds a phone, an address, a name or a serial: what is told apart has a fixed set of codes, or a name that the
configuration gives to a mailbox.
"""

from __future__ import annotations

import errno
import platform
from collections.abc import Iterator, Sequence
from datetime import datetime
from importlib import metadata
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, start_http_server
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from ingestd.config.load import ConfigurationError
from ingestd.config.settings import Metrics as MetricsSettings
from ingestd.daemon.health import HealthBoard
from ingestd.domain.clock import Clock
from ingestd.domain.decision import Decision
from ingestd.domain.event import log
from ingestd.domain.reading import Channel, Intent
from ingestd.domain.sending import Outcome, Purpose
from ingestd.pipeline.tally import Tally, findings
from ingestd.store.database import Database
from ingestd.store.gauges import Gauges, gauges

PROMISE_BUCKETS = (1, 2, 5, 15, 30, 60, 120, 150, 180, 300, 600)  # seconds; the promise is 180


class Metrics(Tally):
    """The daemon's tally, and the server that shows it."""

    def __init__(self) -> None:
        self.registry = own = CollectorRegistry()
        self.took = Histogram(
            "ingestd_dispatch_seconds",
            "From the start of an order's clock until its work order was accepted",
            buckets=PROMISE_BUCKETS,
            registry=own,
        )
        self.readings = Counter("ingestd_readings", "Messages decided on", ["intent", "state"], registry=own)
        self.found = Counter(
            "ingestd_findings", "Messages that a check found something in", ["check", "finding"], registry=own
        )
        self.attempts = Counter(
            "ingestd_sendings", "What attempts to send came to", ["purpose", "channel", "outcome"], registry=own
        )
        self.strikes = Counter("ingestd_strikes", "Messages that a worker died or hung on", registry=own)
        self.aside = Counter("ingestd_quarantined", "Messages put into quarantine", registry=own)
        ProcessCollector(registry=own)
        self.server: Any = None

    # --- the tally ---

    def decided(self, intent: Intent, decision: Decision) -> None:
        self.readings.labels(str(intent), str(decision.state)).inc()
        for check, finding in findings(decision):
            self.found.labels(check, finding).inc()

    def sent(self, purpose: Purpose, channel: Channel, outcome: Outcome) -> None:
        self.attempts.labels(str(purpose), str(channel), str(outcome)).inc()

    def dispatched(self, seconds: float) -> None:
        self.took.observe(seconds)

    def struck(self) -> None:
        self.strikes.inc()

    def quarantined(self) -> None:
        self.aside.inc()

    # --- the server ---

    def serve(self, settings: MetricsSettings) -> None:
        """Begin to answer. Raises ConfigurationError where the port is not to be had."""
        try:
            self.server, _ = start_http_server(settings.port, settings.host, self.registry)
        except OSError as error:
            taken = "another program has it" if error.errno == errno.EADDRINUSE else error.strerror
            raise ConfigurationError(f"metrics.port {settings.port} on {settings.host}: {taken}") from error
        log("metrics.listening", host=settings.host, port=self.server.server_port)

    def close(self) -> None:
        """Answer no more."""
        if self.server is not None:
            self.server.shutdown()
            self.server.server_close()


class Standing(Collector):
    """What is asked anew at each scrape."""

    def __init__(self, database: Database, clock: Clock, health: HealthBoard, mailboxes: Sequence[str]) -> None:
        self.database, self.clock, self.health, self.mailboxes = database, clock, health, mailboxes

    def collect(self) -> Iterator[Any]:
        yield build_info()
        yield self.looks()
        up = gauge("ingestd_store_up", "1 where the database answers", 1)
        try:
            with self.database.read() as connection:
                now = gauges(connection, self.clock.now())
        except (SQLAlchemyError, OSError):
            yield gauge("ingestd_store_up", "1 where the database answers", 0)
            return
        yield up
        yield from waiting(now, self.clock.now())

    def describe(self) -> Iterator[Any]:
        """Nothing in advance: registering asks no database."""
        return iter(())

    def looks(self) -> GaugeMetricFamily:
        """How long ago each mailbox was looked at without trouble."""
        looks = GaugeMetricFamily(
            "ingestd_mailbox_look_age_seconds", "Since the last look without trouble", labels=["mailbox"]
        )
        for part in self.mailboxes:
            looks.add_metric([part], self.health.age(part))
        return looks


def waiting(now: Gauges, at: datetime) -> Iterator[GaugeMetricFamily]:
    """The backlog, reviews and alarms."""
    yield gauge("ingestd_unread_messages", "Messages that were not decided on yet", now.unread)
    yield gauge("ingestd_oldest_unread_age_seconds", "Age of the oldest of them", age(now.oldest_unread_at, at))
    yield gauge("ingestd_due_sendings", "Sendings on their way", now.due)
    yield gauge("ingestd_oldest_due_age_seconds", "Age of the oldest of them", age(now.oldest_due_at, at))
    yield gauge("ingestd_open_reviews", "What waits for a person", now.reviews)
    yield gauge("ingestd_open_calls", "Calls that the desk has to make", now.calls)
    yield gauge("ingestd_quarantine_messages", "Messages in quarantine", now.alarms.get("quarantine", 0))
    yield gauge("ingestd_held", "1 where a person holds everything back", int(now.held))
    alarms = GaugeMetricFamily("ingestd_open_alarms", "Trouble that is not over", labels=["kind"])
    for kind, count in sorted(now.alarms.items()):
        alarms.add_metric([kind], count)
    yield alarms


def build_info() -> InfoMetricFamily:
    """The version."""
    value = {"version": metadata.version("ingestd"), "python": platform.python_version()}
    return InfoMetricFamily("ingestd_build", "The running version", value=value)


def gauge(name: str, meaning: str, value: float) -> GaugeMetricFamily:
    """One value."""
    return GaugeMetricFamily(name, meaning, value=value)


def age(oldest: datetime | None, now: datetime) -> float:
    """Seconds since then, 0 where nothing waits."""
    return max(0.0, (now - oldest).total_seconds()) if oldest else 0.0
