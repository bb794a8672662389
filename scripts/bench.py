"""`make bench`: how fast, how late and how large ingestd is, beside others on the same mailbox and the same machine."""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from datetime import datetime
from pathlib import Path

from ingestd.channels.spool.names import key_of
from ingestd.config.load import load
from scripts.benchmark.budget import pieces
from scripts.benchmark.orders import order_mails
from scripts.benchmark.outcome import Outcome, faults
from scripts.benchmark.peers import PeerRun, peer_runs
from scripts.benchmark.processes import named, watching
from scripts.benchmark.reading import reader_run
from scripts.benchmark.report import Figures, missed, show
from scripts.benchmark.runs import as_they_come, full_mailbox, stream
from scripts.benchmark.servers import Surroundings, surroundings
from scripts.benchmark.site import BenchSite, FolderTakenError, MailServers, fresh_site
from scripts.demonstration.daemon import DaemonFailedError, running_daemon
from tests.servers.programs import ServerMissingError

LATER = 1_000_000  # the first number of the budget's orders, none of which is in the mailbox
ROOT = Path(__file__).resolve().parents[1]


def options(arguments: list[str]) -> argparse.Namespace:
    """What is asked for."""
    parser = argparse.ArgumentParser(prog="scripts/bench.py", description=__doc__)
    parser.add_argument("--orders", type=int, default=int(os.environ.get("N", "3000")), help="in the full mailbox")
    parser.add_argument("--pace", type=float, default=5.0, help="orders a second in the stream")
    parser.add_argument("--seconds", type=float, default=60.0, help="length of the stream")
    parser.add_argument("--pieces", type=int, default=320, help="orders for the budget, 20 of them to warm up")
    parser.add_argument("--folder", type=Path, default=ROOT / "bench-run", help="a folder for the run, emptied first")
    parser.add_argument("--strict", action="store_true", help="end with 3 where a target is missed")
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> int:
    """Measure and print; 1 where an order lacks a message or has one too many, 2 where it can't be run."""
    asked = options(arguments)
    try:
        with surroundings() as servers:
            figures = measured(asked, servers)
    except (ServerMissingError, FolderTakenError, DaemonFailedError) as error:
        sys.stderr.write(f"bench: {error}\n")
        return 2
    saved = asked.folder / "bench.json"
    saved.write_text(figures.as_json() + "\n", "utf-8")
    show(figures, saved)
    if figures.faults:
        return 1
    return 3 if asked.strict and any(missed(figures)) else 0


def measured(asked: argparse.Namespace, servers: Surroundings) -> Figures:
    """Everything, in one run."""
    load_before = os.getloadavg()[0]
    began = datetime.now().astimezone()
    site = fresh_site(asked.folder, mail_servers(servers))
    tell(f"filling a mailbox with {asked.orders} orders")
    servers.fill(order_mails(0, asked.orders, began))
    servers.index()
    peers = beside(servers)
    configuration = load(site.config)
    with running_daemon(site.config, site.log) as daemon:
        daemon.start()
        assert daemon.process is not None
        outcome = Outcome(configuration.settings.database_url)
        with watching(daemon.process.pid) as watch:
            tell("ingestd empties the mailbox")
            throughput = full_mailbox(outcome, asked.orders, site.log, watch)
            tell(f"{asked.pace:g} orders a second for {asked.seconds:g} s")
            coming = order_mails(asked.orders, int(asked.pace * asked.seconds), datetime.now().astimezone())
            latency = as_they_come(outcome, lambda: stream(servers, coming, asked.pace), asked.orders, asked.pace)
            watch.look(pss=True)
        usages = named(list(watch.last.values()))
    passages = outcome.passages()
    wrong = list(faults(passages, servers.sink.keys(), texts(site)))  # before the budget's own mail goes to the sink
    outcome.close()
    tell("the budget of an order, piece by piece")
    budget = pieces(configuration, list(order_mails(LATER, asked.pieces, datetime.now().astimezone())), servers.index())
    wrong += [f"{len(passages)} orders of {asked.orders + latency.orders}"] * (
        len(passages) != asked.orders + int(asked.pace * asked.seconds)
    )
    tell("the reader alone")
    return Figures(began, throughput, latency, usages, peers, budget, reader_run(), load_before, wrong)


def mail_servers(servers: Surroundings) -> MailServers:
    """Where the daemon finds its peers."""
    dovecot = servers.dovecot
    return MailServers(dovecot.ports.imap, servers.mailbox.user, dovecot.password, servers.sink.port)


def beside(servers: Surroundings) -> list[PeerRun]:
    """What others do with the same mailbox."""
    tell("mbsync, imapclient and mail-parser on the same mailbox")
    return peer_runs(servers)


def texts(site: BenchSite) -> Counter[str]:
    """How often each text message lies in the spool, by the key of its sending."""
    return Counter(key_of(path.name) or path.name for path in site.outbox.glob("OUT*"))


def tell(what: str) -> None:
    """Say what is going on; the figures alone go to standard output."""
    sys.stderr.write(f"bench: {what}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
