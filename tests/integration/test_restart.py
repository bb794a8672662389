"""Kill -9 at every named point of the way: nothing is lost, and nothing goes out twice but what was in doubt.

Source: faults.md F01-F05, F12-F19, F40 and the invariants I1-I8, which `tests/daemon/oracle.py` checks.
"""

from __future__ import annotations

import smtplib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pytest
from _pytest.mark.structures import ParameterSet

from tests.daemon.oracle import complaints, evidence_of, id_in
from tests.daemon.orders import ShippedOrder, deliver, distinct_orders
from tests.daemon.process import KILLED, running
from tests.daemon.site import ORDERS, Site
from tests.servers.dovecot import Mailbox
from tests.servers.programs import free_port
from tests.servers.smtp_sink import SmtpSink

FAULTS = {
    "fetch.after_body": "F01",
    "store.before_commit": "F02",
    "store.after_commit": "F03",
    "smtp.before_250": "F04",
    "smtp.after_250": "F05",
    "parse.after_count": "F09",
    "decide.before_commit": "F12",
    "decide.after_commit": "F13",
    "out.after_claim": "F14",
    "out.after_rcpt": "F15",
    "out.mid_data": "F16",
    "out.after_dot": "F17",
    "out.after_250": "F18",
    "out.after_mark": "F19",
    "sms.after_write": "F40",
    "sms.after_reply": "F40",
}
# Each point with the passing at which the kill comes: in the middle of the traffic.
POINTS = (
    "fetch.after_body@2",
    "store.before_commit@3",
    "store.after_commit@3",
    "parse.after_count@5",
    "decide.before_commit@3",
    "decide.after_commit@3",
    "out.after_claim@4",
    "out.after_rcpt@9",
    "out.mid_data@9",
    "out.after_dot@9",
    "out.after_250@9",
    "out.after_mark@4",
    "sms.after_write@9",
    "sms.after_reply@9",
)
FOR_LONG = (  # other tests here play them as well, or all is written down by then
    "store.before_commit@3",
    "store.after_commit@3",
    "decide.after_commit@3",
    "out.after_claim@4",
    "out.after_rcpt@9",
    "out.after_250@9",
    "out.after_mark@4",
    "sms.after_reply@9",
)
ON_THE_WAY_TO_250 = ("store.before_commit@4", "store.after_commit@4", "smtp.before_250@4", "smtp.after_250@4")
AROUND_THE_COMMIT = ("store.before_commit@3", "store.after_commit@3")
LEAVE_A_DOUBT = ("out.after_dot@9", "out.after_250@9")  # the relay has the mail, nobody knows
ONE_AFTER_THE_OTHER = (  # a way in and a way out in turn; each run gets somewhere before it ends
    "fetch.after_body@12",
    "out.after_claim@30",
    "store.before_commit@2",
    "out.after_rcpt@15",
    "parse.after_count@12",
    "out.after_dot@15",
    "decide.before_commit@3",
    "out.after_250@15",
    "sms.after_write@15",
    "sms.after_reply@15",
)
SMALL, ARRIVING = 14, 4
GREAT, IN_EACH_ROUND = 200, 14


def by_fault(points: Sequence[str]) -> list[ParameterSet]:
    """Points, each with the number of its fault."""
    return [pytest.param(point, marks=pytest.mark.fault(FAULTS[point.partition("@")[0]])) for point in points]


def some_for_long(params: Sequence[ParameterSet], points: Sequence[str] = FOR_LONG) -> list[ParameterSet]:
    """The same, with some of them left to `make long`."""
    return [
        pytest.param(*param.values, marks=(*param.marks, pytest.mark.long)) if param.values[0] in points else param
        for param in params
    ]


def killed_at(site: Site, point: str, mailbox: Mailbox, arriving: Sequence[ShippedOrder]) -> None:
    """One run of the daemon that ends at a point while orders arrive."""
    with running(site, f"{point}:kill9") as daemon:
        daemon.wait_ready()
        deliver(mailbox, arriving)
        assert daemon.wait_end() == KILLED, daemon.said()[-2000:]


@pytest.mark.parametrize("point", some_for_long(by_fault(POINTS)))
def test_a_kill_at_this_point_loses_no_order_and_repeats_nothing_but_what_was_in_doubt(
    point: str, tmp_path: Path, mailbox: Mailbox, smtp_sink: SmtpSink
) -> None:
    site = Site(tmp_path)
    site.write(smtp_sink.port, mailbox)
    orders = distinct_orders(SMALL + ARRIVING, seed=2)
    deliver(mailbox, orders[:SMALL])
    killed_at(site, point, mailbox, orders[SMALL:])
    with running(site) as daemon:
        daemon.wait_quiet(len(orders))
    assert complaints(evidence_of(site, orders, smtp_sink.messages())) == []
    if point in LEAVE_A_DOUBT:
        assert any(row["repeated"] for row in site.records.sendings())


@pytest.mark.long
@pytest.mark.timeout(300)
def test_two_hundred_orders_survive_ten_kills_and_a_further_start_changes_nothing(
    database: str, tmp_path: Path, mailbox: Mailbox, smtp_sink: SmtpSink
) -> None:
    site = Site(tmp_path, database, bare=True)
    site.write(smtp_sink.port, mailbox)
    *orders, last = distinct_orders(GREAT + IN_EACH_ROUND * len(ONE_AFTER_THE_OTHER) + 1)
    deliver(mailbox, orders[:GREAT])
    for number, point in enumerate(ONE_AFTER_THE_OTHER):
        first = GREAT + number * IN_EACH_ROUND
        killed_at(site, point, mailbox, orders[first : first + IN_EACH_ROUND])
    with running(site) as daemon:
        daemon.wait_quiet(len(orders))
        daemon.stop()
    assert complaints(evidence_of(site, orders, smtp_sink.messages())) == []
    before = site.records.sendings()
    mailbox.deliver(last.raw)
    with running(site) as daemon:
        daemon.wait_quiet(len(orders) + 1)
    assert site.records.sendings()[: len(before)] == before
    assert complaints(evidence_of(site, [*orders, last], smtp_sink.messages())) == []


# --- the inlet --------------------------------------------------------------------------------------------------------

IN_A_SESSION = 8


def submit(port: int, orders: Sequence[ShippedOrder]) -> list[ShippedOrder]:
    """Send orders to the inlet, as a client that goes on until it is cut off; those that got their 250."""
    answered: list[ShippedOrder] = []
    with suppress(OSError), smtplib.SMTP("127.0.0.1", port, timeout=20) as client:
        for order in orders:
            client.sendmail(order.shipper, [ORDERS], order.raw)
            answered.append(order)
    return answered


def site_with_inlet(tmp_path: Path, smtp_sink: SmtpSink) -> tuple[Site, int]:
    """A site that takes orders by SMTP, and the port."""
    site, port = Site(tmp_path), free_port()
    site.write(smtp_sink.port, inlet={"enabled": True, "port": port, "addresses": [ORDERS]})
    return site, port


@pytest.mark.parametrize("point", some_for_long(by_fault(ON_THE_WAY_TO_250), ON_THE_WAY_TO_250[::2]))
def test_a_client_that_sends_again_what_was_not_answered_loses_nothing_by_a_kill(
    point: str, tmp_path: Path, smtp_sink: SmtpSink
) -> None:
    site, port = site_with_inlet(tmp_path, smtp_sink)
    orders = distinct_orders(IN_A_SESSION, seed=3)
    with running(site, f"{point}:kill9") as daemon:
        daemon.wait_ready()
        answered = submit(port, orders)
        assert daemon.wait_end() == KILLED
    again = orders[len(answered) :]
    with running(site) as daemon:
        daemon.wait_ready()
        assert submit(port, again) == again
        daemon.wait_quiet(len(orders))
    resent = frozenset(order.message_id for order in again)
    assert complaints(evidence_of(site, orders, smtp_sink.messages(), resent)) == []


@pytest.mark.parametrize("point", some_for_long(by_fault(AROUND_THE_COMMIT), AROUND_THE_COMMIT[:1]))
def test_mail_that_is_moved_away_once_it_is_stored_survives_a_kill(
    point: str, tmp_path: Path, mailbox: Mailbox, smtp_sink: SmtpSink
) -> None:
    site, orders = Site(tmp_path), distinct_orders(SMALL, seed=7)
    site.write(smtp_sink.port, mailbox, imap={"processed_folder": "Done"})
    mailbox.deliver(b"From: a@b.example\r\n\r\n", "Done")  # so that the folder is there
    deliver(mailbox, orders)
    with running(site, f"{point}:kill9") as daemon:
        assert daemon.wait_end() == KILLED
    with running(site) as daemon:
        daemon.wait_quiet(len(orders))
    assert complaints(evidence_of(site, orders, smtp_sink.messages())) == []
    assert len(mailbox.messages("Done")) > 1


# --- broken builds ----------------------------------------------------------------------------------------------------


def losses(lost: Sequence[ShippedOrder]) -> set[str]:
    """What the judge must say of orders that were never stored."""
    wanting = ("stored 0 times", "0 work orders by mail", "0 work orders by text message", "0 acknowledgements")
    return {f"{order.message_id}: {what}" for order in lost for what in wanting}


def missing_in(site: Site, orders: Sequence[ShippedOrder]) -> list[ShippedOrder]:
    """Those orders that are not stored."""
    stored = {id_in(row["bytes"]) for row in site.records.messages()}
    return [order for order in orders if order.message_id not in stored]


def test_the_judge_sees_what_a_build_loses_that_moves_mail_before_the_commit(
    tmp_path: Path, mailbox: Mailbox, smtp_sink: SmtpSink
) -> None:
    site, orders = Site(tmp_path), distinct_orders(SMALL, seed=4)
    site.write(smtp_sink.port, mailbox, imap={"processed_folder": "Done"})
    mailbox.deliver(b"From: a@b.example\r\n\r\n", "Done")  # so that the folder is there
    deliver(mailbox, orders)
    with running(site, "store.before_commit@3:kill9", broken="moves_before_commit") as daemon:
        assert daemon.wait_end() == KILLED
    still_there = {id_in(raw) for raw in mailbox.messages()}
    lost = [order for order in missing_in(site, orders) if order.message_id not in still_there]
    with running(site, broken="moves_before_commit") as daemon:
        daemon.wait_quiet(len(orders) - len(lost))
    assert lost
    assert set(complaints(evidence_of(site, orders, smtp_sink.messages()))) == losses(lost)


@pytest.mark.long
def test_the_judge_sees_what_a_build_loses_that_answers_before_the_commit(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    site, port = site_with_inlet(tmp_path, smtp_sink)
    orders = distinct_orders(IN_A_SESSION, seed=5)
    with running(site, "store.before_commit@3:kill9", broken="answers_before_commit") as daemon:
        daemon.wait_ready()
        answered = submit(port, orders)
        assert daemon.wait_end() == KILLED
    lost = missing_in(site, answered)
    with running(site, broken="answers_before_commit") as daemon:
        daemon.wait_ready()
        submit(port, orders[len(answered) :])
        daemon.wait_quiet(len(orders) - len(lost))
    assert lost
    assert set(complaints(evidence_of(site, orders, smtp_sink.messages()))) == losses(lost)


@pytest.mark.long
def test_the_judge_sees_what_a_build_loses_that_marks_a_sending_before_it_is_sent(
    tmp_path: Path, mailbox: Mailbox, smtp_sink: SmtpSink
) -> None:
    site, orders = Site(tmp_path), distinct_orders(SMALL, seed=6)
    site.write(smtp_sink.port, mailbox, relay={"senders": 1, "reply_timeout": 3})
    deliver(mailbox, orders)
    with running(site, "out.after_rcpt@7:kill9", broken="marks_before_sending") as daemon:
        assert daemon.wait_end() == KILLED
    with running(site, broken="marks_before_sending") as daemon:
        daemon.wait_quiet(len(orders))
    said = complaints(evidence_of(site, orders, smtp_sink.messages()))
    assert len(said) == 2, said
    assert said[0].endswith((": 0 work orders by mail", ": 0 acknowledgements"))
    assert said[1].endswith(": accepted and at no sink")
