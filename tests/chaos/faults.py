"""How each fault of a schedule is provoked on a stage, and how it ends."""

from __future__ import annotations

import random
import signal
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

from tests.chaos.schedule import Kind, Strike
from tests.chaos.stage import Stage
from tests.daemon.process import RunningDaemon
from tests.daemon.site import Site
from tests.servers import proxy
from tests.servers.proxy import NO_FAULT, Fault, FaultProxy, Way
from tests.servers.relay import DROP_KEEPING, DROP_LOSING, Relay

DOT = b"\r\n.\r\n"
DELAY_SECONDS, PIECE_BYTES = 0.05, 40
End = Callable[[], None]


def nothing() -> None:
    """What ends by itself."""


def begin(strike: Strike, stage: Stage) -> End:
    """Let it strike; gives what ends it."""
    return BEGINNINGS[strike.kind](strike, stage)


# --- the daemon -------------------------------------------------------------------------------------------------------


def kill(strike: Strike, stage: Stage) -> End:
    """-9 for all of it; it is started again after a while."""
    stage.end("kill")
    stage.down_until = stage.now_seconds + strike.seconds
    return nothing


def kill_at(strike: Strike, stage: Stage) -> End:
    """-9, and the next start is armed."""
    stage.end("kill at")
    stage.start(strike.how)
    return nothing


def kill_worker(strike: Strike, stage: Stage) -> End:
    """-9 for one of the processes that read messages, or for what starts them."""
    children = stage.daemon.children if stage.daemon else []
    if children:
        victim = random.Random(f"{stage.schedule.seed}/{strike.at}").choice(children)
        stage.kill(victim)
    return nothing


def freeze(strike: Strike, stage: Stage) -> End:
    """All of it stands still, then goes on as if nothing had been."""
    if stage.daemon is None:
        return nothing
    stage.daemon.tell_all(signal.SIGSTOP)
    stage.frozen = True
    frozen = stage.daemon

    def thaw() -> None:
        frozen.tell_all(signal.SIGCONT)
        stage.frozen = False

    return thaw


def second(strike: Strike, stage: Stage) -> End:
    """Another daemon on the same database: SQLite's refuses, PostgreSQL's works beside the first."""
    other = stage.site
    if stage.schedule.database == "postgresql":
        other = Site(stage.folder / "second", stage.site.url, stage.site.spool)
        other.folder.mkdir(exist_ok=True)
        stage.write(other)
    stage.second = RunningDaemon(other, broken=stage.broken, environment=stage.clock.environment)
    started = stage.second

    def end() -> None:
        if strike.how == "stop" and started.running and started.ready:
            started.stop()
        started.close()
        stage.second = None

    return end


# --- its peers --------------------------------------------------------------------------------------------------------


def on_wire(strike: Strike, wire: FaultProxy) -> End:
    """What networks do, until it ends."""
    fault = WIRES[strike.how]
    if fault.after is not None:
        fault = replace(fault, after=strike.amount, way=Way.UP if strike.amount % 2 else Way.DOWN)
    wire.fault = fault

    def end() -> None:
        if wire.fault is fault:
            wire.fault = NO_FAULT
        wire.drop()  # what was stalled stays so otherwise

    return end


WIRES: Mapping[str, Fault] = {
    "cut": Fault(proxy.Act.CUT),
    "reset": Fault(proxy.Act.RESET),
    "stall": Fault(proxy.Act.STALL),
    "delay": Fault(proxy.Act.NONE, delay=DELAY_SECONDS),
    "drip": Fault(proxy.Act.NONE, piece=PIECE_BYTES),
    "cut after": Fault(proxy.Act.CUT, after=0),
    "stall after": Fault(proxy.Act.STALL, after=0),
    "cut behind dot": Fault(proxy.Act.CUT, Way.UP, behind=DOT),
    "reset behind dot": Fault(proxy.Act.RESET, Way.UP, behind=DOT),
    "stall behind dot": Fault(proxy.Act.STALL, Way.UP, behind=DOT),
}


def mailbox_down(strike: Strike, stage: Stage) -> End:
    """Dovecot is gone, and comes again."""
    stage.peers.dovecot.stop()
    stage.mailbox_wire.drop()
    return stage.peers.dovecot.start


def mark_read(strike: Strike, stage: Stage) -> End:
    """Somebody reads all mail in the mailbox, where it is there."""
    server, user = stage.peers.dovecot, stage.mailbox.user
    if server.running:
        server.doveadm("flags", "add", "-u", user, "\\Seen", "mailbox", "INBOX", "all")
    return nothing


def relay_down(strike: Strike, stage: Stage) -> End:
    """The relay is gone, and comes again."""
    stage.sink.stop()
    stage.relay_wire.drop()
    return stage.sink.start


def relay_later(strike: Strike, stage: Stage) -> End:
    """Some mails are to come later."""
    assert isinstance(stage.sink, Relay)
    stage.sink.refuse_senders("451 4.7.1 Later", strike.amount)
    return nothing


def relay_drops(strike: Strike, stage: Stage) -> End:
    """It hangs up at the dot; what it has is kept or lost."""
    assert isinstance(stage.sink, Relay)
    stage.sink.at_dot(DROP_KEEPING, strike.amount)
    stage.sink.at_dot(DROP_LOSING, 1)
    return nothing


def gateway_stands(strike: Strike, stage: Stage) -> End:
    """Text messages stay where they were put."""
    stage.site.spool.stands_still = True

    def go_on() -> None:
        stage.site.spool.stands_still = False

    return go_on


# --- the machine ------------------------------------------------------------------------------------------------------


def clock(strike: Strike, stage: Stage) -> End:
    """It is put on or back."""
    stage.clock.set_by(timedelta(seconds=strike.amount))
    return nothing


def disk_full(strike: Strike, stage: Stage) -> End:
    """No room for the database; where it has no disk of its own, the store is told so."""
    if stage.fill_disk():
        return stage.free_disk
    stage.end("disk full")
    stage.start("store.before_commit@2:enospc,decide.before_commit@2:enospc")

    def end() -> None:
        stage.end("disk free")

    return end


BEGINNINGS: Mapping[Kind, Callable[[Strike, Stage], End]] = {
    Kind.KILL: kill,
    Kind.KILL_WORKER: kill_worker,
    Kind.KILL_AT: kill_at,
    Kind.FREEZE: freeze,
    Kind.MAILBOX_WIRE: lambda strike, stage: on_wire(strike, stage.mailbox_wire),
    Kind.RELAY_WIRE: lambda strike, stage: on_wire(strike, stage.relay_wire),
    Kind.MAILBOX_DOWN: mailbox_down,
    Kind.RELAY_DOWN: relay_down,
    Kind.RELAY_LATER: relay_later,
    Kind.RELAY_DROPS: relay_drops,
    Kind.GATEWAY_STANDS: gateway_stands,
    Kind.CLOCK: clock,
    Kind.DISK_FULL: disk_full,
    Kind.SECOND: second,
    Kind.MARK_READ: mark_read,
}
