"""What the daemon counts, and that a label can't tell of anybody."""

from __future__ import annotations

import pytest
from prometheus_client import generate_latest
from pydantic import ValidationError
from sqlalchemy.exc import OperationalError

from ingestd.config.settings import Metrics as MetricsSettings
from ingestd.daemon.health import HealthBoard
from ingestd.daemon.metrics import Metrics, Standing
from ingestd.domain.assessment import Assessment, Finding, Hit
from ingestd.domain.clock import SystemClock
from ingestd.domain.decision import Change, Decision
from ingestd.domain.message import MessageState
from ingestd.domain.order import OrderState
from ingestd.domain.reading import Channel, Intent
from ingestd.domain.sending import Outcome, Purpose
from ingestd.pipeline.tally import findings
from tests.unit.checks.cases import known


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.4", "desk.example"])
def test_only_this_machine_may_ask(host: str) -> None:
    with pytest.raises(ValidationError, match="no login"):
        MetricsSettings(host=host)


def test_metrics_are_off_by_default() -> None:
    assert not MetricsSettings().enabled


def test_a_finding_is_counted_by_its_check_once_and_without_what_it_saw() -> None:
    hits = (
        Hit("missing_field", Finding.ASK, "payment"), Hit("missing_field", Finding.ASK, "destination"),
        Hit("extra_charge", Finding.CHARGE, "提货费"),
        Hit("doubtful_reading", Finding.REVIEW, "outvoted:pickup.address"),
    )  # fmt: skip
    order = known("26031001", OrderState.REVIEW)
    change = Change(order, OrderState.REVIEW, order.content, assessment=Assessment(hits))
    moved = Change(order, OrderState.TAKEN, assessment=Assessment(hits[:1]))
    reviews = (("26031001", "outvoted:pickup.address; density:9 kg/m³"), (None, "请致电 13800138000"))
    decision = Decision(MessageState.REVIEW, "x", changes=(change,), reviews=reviews)
    counted = [("density", "review"), ("extra_charge", "charge"), ("missing_field", "ask"), ("other", "review")]
    assert list(findings(decision)) == [*counted, ("outvoted", "review")]
    assert list(findings(Decision(MessageState.APPLIED, "x", changes=(moved,)))) == []  # judged before


def test_what_was_told_is_shown() -> None:
    metrics = Metrics()
    metrics.decided(Intent.ORDER, Decision(MessageState.REVIEW, "x", reviews=((None, "unknown_area"),)))
    metrics.sent(Purpose.WORK_ORDER, Channel.SMS, Outcome.ACCEPTED)
    metrics.dispatched(121.0)
    metrics.struck()
    metrics.quarantined()
    shown = generate_latest(metrics.registry).decode()
    for sample in (
        'ingestd_readings_total{intent="order",state="review"} 1.0',
        'ingestd_findings_total{check="unknown_area",finding="review"} 1.0',
        'ingestd_sendings_total{channel="sms",outcome="accepted",purpose="work_order"} 1.0',
        'ingestd_dispatch_seconds_bucket{le="120.0"} 0.0',
        'ingestd_dispatch_seconds_bucket{le="150.0"} 1.0',
        "ingestd_strikes_total 1.0",
        "ingestd_quarantined_total 1.0",
    ):
        assert sample in shown.splitlines()


class NoDatabase:
    """A database that does not answer."""

    def read(self) -> None:
        raise OperationalError("", None, Exception("gone"))


def test_a_scrape_is_answered_while_the_database_is_not() -> None:
    metrics, board = Metrics(), HealthBoard(lambda: 7.0)
    metrics.registry.register(Standing(NoDatabase(), SystemClock(), board, ["imap/orders"]))  # type: ignore[arg-type]
    shown = generate_latest(metrics.registry).decode().splitlines()
    assert "ingestd_store_up 0.0" in shown
    assert 'ingestd_mailbox_look_age_seconds{mailbox="imap/orders"} 0.0' in shown


def test_a_mailbox_is_as_old_as_its_last_look_and_at_first_as_the_daemon() -> None:
    now = [100.0]
    board = HealthBoard(lambda: now[0])
    now[0] = 130.0
    assert board.age("imap/orders") == 30.0
    board.well("imap/orders")
    now[0] = 134.0
    assert board.age("imap/orders") == 4.0
