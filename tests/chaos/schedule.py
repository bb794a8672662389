"""What happens in a run, drawn from its seed beforehand, as data: what is sent when, and what strikes when. Pure."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

LENGTH_SECONDS = 5.0  # of the traffic and of the faults, in the time of the stage
POSTGRES_EACH = 4  # every fourth run is on PostgreSQL
FURTHER_START_EACH = 3  # every third run is started once more at its end, which must change nothing


class Way(StrEnum):
    """How an order gets to us."""

    MAILBOX = "mailbox"
    INLET = "inlet"
    TEXT = "text"


class Act(StrEnum):
    """What somebody does."""

    ORDER = "order"
    RESEND = "resend"  # the same mail once more, by either way
    CORRECT = "correct"  # a change of an order that is dispatched already
    CANCEL = "cancel"  # an order that is dispatched already is called off
    TAKE = "take"  # the dispatcher's 收到, with the serial
    STRANGER = "stranger"  # an order by somebody whom nobody knows
    SAME_ID = "same id"  # another order under the Message-ID of one that was sent


class Kind(StrEnum):
    """What may strike."""

    KILL = "kill"  # -9, the daemon and its workers; it is started again after a while
    KILL_WORKER = "kill worker"  # -9, one process that the daemon has started
    KILL_AT = "kill at"  # -9, and the next start kills itself at a failpoint
    FREEZE = "freeze"  # SIGSTOP, then SIGCONT
    MAILBOX_WIRE = "mailbox wire"  # the connection to Dovecot
    RELAY_WIRE = "relay wire"  # the connection to the relay
    MAILBOX_DOWN = "mailbox down"
    RELAY_DOWN = "relay down"
    RELAY_LATER = "relay later"  # it says 4xx
    RELAY_DROPS = "relay drops"  # it takes a mail and hangs up without a word
    GATEWAY_STANDS = "gateway stands"  # text messages stay in the outbox
    CLOCK = "clock"  # is set
    DISK_FULL = "disk full"
    SECOND = "second daemon"  # on the same database
    MARK_READ = "mark read"  # somebody reads all mail in the mailbox


@dataclass(frozen=True)
class Step:
    """Somebody does something with the order of a number."""

    at: float  # seconds
    act: Act
    number: int
    way: Way = Way.MAILBOX


@dataclass(frozen=True)
class Strike:
    """A fault: when, for how long, and its particulars."""

    at: float  # seconds
    kind: Kind
    seconds: float = 0.0
    how: str = ""  # an act of the proxy, or a failpoint
    amount: int = 0  # bytes, seconds that the clock is put on, or how many


@dataclass(frozen=True)
class Schedule:
    """A whole run."""

    seed: int
    database: str  # sqlite or postgresql
    relay: str  # sink (smtp-sink) or scripted
    put_away: bool  # mail that is stored is moved to another folder
    starts: tuple[str, ...]  # the failpoints that the first starts are armed with; later ones are plain
    further_start: bool
    steps: tuple[Step, ...]
    strikes: tuple[Strike, ...]

    def only(self, numbers: Iterable[int]) -> Schedule:
        """The same run with these of its strikes; 0 stands for what the first starts are armed with."""
        wanted = set(numbers)
        kept = tuple(strike for number, strike in enumerate(self.strikes, 1) if number in wanted)
        return replace(self, strikes=kept, starts=self.starts if 0 in wanted else ())

    def lines(self) -> list[str]:
        """The run for a person to read."""
        moved = ", mail is put away" if self.put_away else ""
        head = f"seed {self.seed}: {self.database}, relay {self.relay}, {len(self.steps)} steps{moved}"
        armed = [f"  0. from the start    {', then '.join(self.starts)}"] if self.starts else []
        told = [f"  {number}. {strike_line(strike)}" for number, strike in enumerate(self.strikes, 1)]
        return [head, *armed, *told]


def strike_line(strike: Strike) -> str:
    """A strike for a person to read."""
    particulars = " ".join(str(part) for part in (strike.how, strike.amount or "") if part)
    return f"{strike.at:4.1f} s for {strike.seconds:3.1f} s  {strike.kind} {particulars}".rstrip()


# --- drawing ----------------------------------------------------------------------------------------------------------

ORDERS: Mapping[Way, int] = {Way.MAILBOX: 24, Way.INLET: 11, Way.TEXT: 6}
BESIDE: Mapping[Act, int] = {Act.RESEND: 4, Act.CORRECT: 3, Act.CANCEL: 2, Act.TAKE: 3, Act.STRANGER: 1, Act.SAME_ID: 1}
ANOTHER = dict.fromkeys(Act, 0) | {Act.STRANGER: 1000, Act.SAME_ID: 2000}  # these are orders of their own
POINTS = (
    "fetch.after_body",
    "store.before_commit",
    "store.after_commit",
    "smtp.before_250",
    "smtp.after_250",
    "parse.after_count",
    "decide.before_commit",
    "decide.after_commit",
    "out.after_claim",
    "out.after_rcpt",
    "out.mid_data",
    "out.after_dot",
    "out.after_250",
    "out.after_mark",
    "sms.after_write",
    "sms.after_reply",
)
WIRE = ("cut", "reset", "stall", "delay", "drip", "cut after", "stall after")


def draw(seed: int) -> Schedule:
    """The run of a seed."""
    chance = random.Random(seed)
    database = "postgresql" if seed % POSTGRES_EACH == 0 else "sqlite"
    relay = chance.choice(("sink", "scripted"))
    steps = sorted(steps_drawn(chance), key=lambda step: (step.at, step.number))
    strikes = strikes_drawn(chance, kinds_for(database, relay))
    starts = tuple(armed(chance) for _ in range(chance.choice((0, 0, 0, 1, 1, 2))))
    further_start, put_away = seed % FURTHER_START_EACH == 0, chance.random() < 0.3
    return Schedule(seed, database, relay, put_away, starts, further_start, tuple(steps), strikes)


def armed(chance: random.Random) -> str:
    """A failpoint at which the daemon kills itself."""
    return f"{chance.choice(POINTS)}@{chance.randint(1, 10)}:kill9"


def steps_drawn(chance: random.Random) -> list[Step]:
    """Every order, each by its way at its moment, and what is done beside them."""
    ways = [way for way, count in ORDERS.items() for _ in range(count)]
    ordered = [Step(round(chance.uniform(0, 0.7 * LENGTH_SECONDS), 2), Act.ORDER, n, way) for n, way in enumerate(ways)]
    by_mail = [step for step in ordered if step.way is not Way.TEXT]
    beside = []
    once = chance.sample(by_mail, BESIDE[Act.CORRECT] + BESIDE[Act.CANCEL])  # an order is changed or called off
    whose = {Act.CORRECT: once[: BESIDE[Act.CORRECT]], Act.CANCEL: once[BESIDE[Act.CORRECT] :]}
    for act, count in BESIDE.items():
        for step in whose.get(act) or chance.sample(by_mail, count):
            way = chance.choice((Way.MAILBOX, Way.INLET)) if act is Act.RESEND else step.way
            later = min(LENGTH_SECONDS, step.at + chance.uniform(0.05, 2.5))
            number = ANOTHER[act] + step.number
            beside.append(Step(round(later, 2), act, number, way))
    return ordered + beside


def kinds_for(database: str, relay: str) -> list[Kind]:
    """What may strike a run on this database with this relay."""
    scripted_only = {Kind.RELAY_LATER, Kind.RELAY_DROPS}
    without = {Kind.DISK_FULL} if database == "postgresql" else set[Kind]()
    without |= scripted_only if relay == "sink" else set()
    return [kind for kind in Kind if kind not in without]


def strikes_drawn(chance: random.Random, kinds: list[Kind]) -> tuple[Strike, ...]:
    """Between two and five strikes, at most three of which end the daemon: each start takes its time."""
    wanted = chance.sample(kinds, chance.randint(2, 5))
    strikes = [STRIKES[kind](chance, round(chance.uniform(0.1, LENGTH_SECONDS), 2)) for kind in wanted]
    return tuple(sorted(strikes, key=lambda strike: strike.at))


def plain(kind: Kind, least: float, most: float) -> Callable[[random.Random, float], Strike]:
    """A fault of which only the length is drawn."""
    return lambda chance, at: Strike(at, kind, round(chance.uniform(least, most), 2))


def killed_at(chance: random.Random, at: float) -> Strike:
    """A kill whose next start ends at one of the points."""
    return Strike(at, Kind.KILL_AT, 0.1, armed(chance))


def wire(kind: Kind) -> Callable[[random.Random, float], Strike]:
    """What networks do to a connection; at the relay also right behind the dot."""

    def struck(chance: random.Random, at: float) -> Strike:
        behind = ("cut behind dot", "reset behind dot", "stall behind dot") if kind is Kind.RELAY_WIRE else ()
        length = round(chance.uniform(0.3, 2.5), 2)
        return Strike(at, kind, length, chance.choice((*WIRE, *behind)), chance.randint(1, 20_000))

    return struck


def clock(chance: random.Random, at: float) -> Strike:
    """An hour or some seconds on or back."""
    return Strike(at, Kind.CLOCK, amount=chance.choice((3600, -3600, 30, -30, 3, -3)))


def few(kind: Kind) -> Callable[[random.Random, float], Strike]:
    """A fault that strikes a number of times."""
    return lambda chance, at: Strike(at, kind, amount=chance.randint(1, 6))


def second(chance: random.Random, at: float) -> Strike:
    """A second daemon, which is stopped, or killed with all that it holds."""
    return Strike(at, Kind.SECOND, round(chance.uniform(1.0, 3.0), 2), chance.choice(("stop", "stop", "stop", "kill")))


STRIKES: Mapping[Kind, Callable[[random.Random, float], Strike]] = {
    Kind.KILL: plain(Kind.KILL, 0.0, 1.0),
    Kind.KILL_WORKER: plain(Kind.KILL_WORKER, 0.0, 0.0),
    Kind.KILL_AT: killed_at,
    Kind.FREEZE: plain(Kind.FREEZE, 0.3, 4.0),
    Kind.MAILBOX_WIRE: wire(Kind.MAILBOX_WIRE),
    Kind.RELAY_WIRE: wire(Kind.RELAY_WIRE),
    Kind.MAILBOX_DOWN: plain(Kind.MAILBOX_DOWN, 0.1, 2.0),
    Kind.RELAY_DOWN: plain(Kind.RELAY_DOWN, 0.1, 2.5),
    Kind.RELAY_LATER: few(Kind.RELAY_LATER),
    Kind.RELAY_DROPS: few(Kind.RELAY_DROPS),
    Kind.GATEWAY_STANDS: plain(Kind.GATEWAY_STANDS, 0.3, 3.0),
    Kind.CLOCK: clock,
    Kind.DISK_FULL: plain(Kind.DISK_FULL, 0.3, 2.5),
    Kind.SECOND: second,
    Kind.MARK_READ: plain(Kind.MARK_READ, 0.0, 0.0),
}
