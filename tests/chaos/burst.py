"""Many orders in a short time: how long each takes to its dispatcher (faults F64).

`python -m tests.chaos.burst [ORDERS [SECONDS]]` lets them loose on a site of its own and prints the latency.
"""

from __future__ import annotations

import smtplib
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles
from typing import Any

from tests.chaos.peers import OwnPeers
from tests.daemon.evidence import Captured, captured
from tests.daemon.oracle import complaints, evidence_of
from tests.daemon.orders import ShippedOrder, distinct_orders
from tests.daemon.process import running
from tests.daemon.site import DISPATCHER, ORDERS, Site
from tests.daemon.spool import Spool
from tests.servers.dovecot import Mailbox
from tests.servers.programs import free_port
from tests.servers.smtp_sink import SmtpSink


@dataclass
class Burst:
    """Orders that come evenly over so many seconds, by mailbox and inlet in turn."""

    orders: Sequence[ShippedOrder]
    seconds: float
    sent_at: dict[str, datetime] = field(default_factory=dict)  # by phone

    def let_loose(self, mailbox: Mailbox, inlet_port: int, spool: Spool) -> None:
        """Send them; returns when the last is handed over."""
        by_mailbox, by_inlet = self.orders[::2], self.orders[1::2]
        client = threading.Thread(target=self._submit, args=(by_inlet, inlet_port))
        client.start()
        for order in self._in_time(by_mailbox):
            mailbox.deliver(order.raw)
            spool.carry()
        client.join()

    def _submit(self, orders: Sequence[ShippedOrder], port: int) -> None:
        for order in self._in_time(orders):
            with smtplib.SMTP("127.0.0.1", port, timeout=60) as client:
                client.sendmail(order.shipper, [ORDERS], order.raw)

    def _in_time(self, orders: Sequence[ShippedOrder]) -> Iterator[ShippedOrder]:
        """Each at its moment."""
        began = time.monotonic()
        for number, order in enumerate(orders):
            time.sleep(max(0.0, began + number * self.seconds / len(orders) - time.monotonic()))
            self.sent_at[order.phone] = datetime.now(UTC)
            yield order


@dataclass(frozen=True)
class Latency:
    """From the handing over of an order to its work order at the relay."""

    orders: int
    p50_seconds: float
    p99_seconds: float
    longest_seconds: float


def measured(burst: Burst, mails: Sequence[Captured]) -> Latency:
    """The latency of the orders whose work order is at the relay."""
    took = [
        (mail.at - sent).total_seconds()
        for mail in mails
        for phone, sent in burst.sent_at.items()
        if mail.at and DISPATCHER in mail.recipients and phone in mail.words
    ]
    cuts = quantiles(took, n=100, method="inclusive")
    return Latency(len(took), cuts[49], cuts[98], max(took))


def main(arguments: Sequence[str]) -> int:
    """A burst on a site of its own; the exit code is 1 where something is to be complained of."""
    count, seconds = int([*arguments, "1000"][0]), float([*arguments, "", "60"][1] or 60)
    with OwnPeers() as peers, tempfile.TemporaryDirectory() as folder:
        sink, site, port = SmtpSink(), Site(Path(folder)), free_port()
        sink.start()
        mailbox = peers.dovecot.fresh_mailbox()
        outbox = {"lease": 90, "claim": 50, "retry_steps": [5, 10, 20, 30], "repeat_uncertain_after": 60}
        usual: dict[str, Mapping[str, Any]] = {
            "outbox": outbox,
            "reader": {"ahead": 100},
            "imap": {"batch": 50, "poll": 10},
        }
        site.write(sink.port, mailbox, inlet={"enabled": True, "port": port, "addresses": [ORDERS]}, **usual)
        with running(site) as daemon:
            daemon.wait_ready()
            burst = Burst(distinct_orders(count), seconds)
            burst.let_loose(mailbox, port, site.spool)
            daemon.wait_quiet(count)
        mails = sink.messages()
        wrong = complaints(evidence_of(site, burst.orders, mails))
        latency = measured(burst, [captured(mail) for mail in mails])
        sink.close()
    print(
        f"{latency.orders} orders in {seconds:g} s: p50 {latency.p50_seconds:.2f} s, p99 {latency.p99_seconds:.2f} s, "
        f"longest {latency.longest_seconds:.2f} s; {len(wrong)} complaints"
    )
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
