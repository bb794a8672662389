"""A random month, drawn from its seed before it begins: who orders what, and everything that happens to each order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from tests.month.site import CUSTOMERS, GOALS, LOCAL, REGIONS, Calendar, Goal, Region

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ORDERS_END = 4  # days before the month ends, so that something still happens to the last ones
GOODS = ("配件", "轴承", "灯饰", "五金", "轮胎", "电机")
QUANTITIES = range(11, 90)


@dataclass(frozen=True)
class Wanted:
    """An order as its shipper places it."""

    number: int
    at: datetime
    customer: int
    by_sms: bool
    area: Region
    goal: Goal
    quantity: int
    window: tuple[datetime, datetime] | None = None
    deliver_by: datetime | None = None
    hold: bool = False
    receipt: bool = False

    @property
    def place(self) -> str:
        """Where it is fetched."""
        return f"深圳{self.area.places[0]}汽配城A{self.number}栋"

    @property
    def consignee_phone(self) -> str:
        """By which its consignee is told."""
        return f"+86137{self.number:08d}"


@dataclass(frozen=True)
class Said:
    """What goes with a happening."""

    at: datetime | None = None  # when it happened, by who reports it
    next_try: datetime | None = None
    plate: bool = False
    quantity: int | None = None  # a change to so many
    window: tuple[datetime, datetime] | None = None  # a change to this window
    area: Region | None = None  # a change to this area
    entitled: bool = True


NOTHING_SAID = Said()


@dataclass(frozen=True)
class Scripted:
    """Something that happens, and to which orders; who does it is found when it does."""

    at: datetime
    kind: str
    orders: tuple[int, ...]
    by: str = "holder"  # holder, deliverer, fleet, shipper, agent
    said: Said = NOTHING_SAID


@dataclass(frozen=True)
class Script:
    """A month."""

    seed: int
    calendar: Calendar
    orders: tuple[Wanted, ...]
    happenings: tuple[Scripted, ...]
    down: tuple[tuple[datetime, datetime], ...] = ()

    def up_at(self, at: datetime) -> datetime:
        """This moment where the daemon is up, else when it is started again."""
        return next((ends for begins, ends in self.down if begins <= at < ends), at)


@dataclass
class Writer:
    """Draws one month."""

    chance: Random
    calendar: Calendar
    written: list[Scripted] = field(default_factory=list)

    def often(self, share: float) -> bool:
        """Yes in this share of cases."""
        return self.chance.random() < share

    def later(self, at: datetime, least: timedelta, most: timedelta) -> datetime:
        """A moment so long after another."""
        return at + least + (most - least) * self.chance.random()

    def tell(self, at: datetime, kind: str, order: Wanted, by: str = "holder", said: Said = NOTHING_SAID) -> None:
        """Write something down; now and then it is told twice, the second time late."""
        self.written.append(Scripted(at, kind, (order.number,), by, said))
        if by in ("holder", "deliverer") and self.often(0.04):
            self.written.append(Scripted(self.later(at, MINUTE, DAY), kind, (order.number,), by, said))

    # --- an order ---

    def order(self, number: int) -> Wanted:
        """One order of the month; nobody stops ordering for a closure, or for the night."""
        last_day = self.calendar.days - ORDERS_END
        day = self.calendar.begins + self.chance.randrange(last_day) * DAY
        hour = self.chance.choice((*range(24), *range(8, 20), *range(8, 20), 11, 14, 23))
        at = day + hour * HOUR + timedelta(seconds=self.chance.randrange(3600), microseconds=number)
        if self.often(0.06):  # on the stroke of a class of the pickup table
            at = day + self.chance.choice((12, 15)) * HOUR + timedelta(seconds=self.chance.choice((-1, 0, 0, 1)))
        window = self.window(at) if self.often(0.15) else None
        own = day + self.chance.randint(2, 6) * DAY + 11 * HOUR if self.often(0.1) else None
        return Wanted(
            number, at, self.chance.randrange(len(CUSTOMERS)), self.often(0.2), self.chance.choice(REGIONS),
            self.chance.choice(GOALS), self.chance.choice(QUANTITIES), window, own, self.often(0.12), self.often(0.25),
        )  # fmt: skip

    def window(self, at: datetime) -> tuple[datetime, datetime]:
        """A pickup that the shipper wants later."""
        day = datetime.combine(at.astimezone(LOCAL).date(), datetime.min.time(), LOCAL)
        begins = day + self.chance.randint(1, 3) * DAY + self.chance.randint(8, 16) * HOUR
        return begins, begins + self.chance.choice((1, 2, 4)) * HOUR

    def live(self, order: Wanted) -> None:
        """Everything that happens to it."""
        self.change(order)
        taken = self.take(order)
        if self.often(0.07):
            self.call_off(order, taken)
        picked_up = self.pick_up(order, taken)
        if picked_up:
            self.carry(order, picked_up)

    def take(self, order: Wanted) -> datetime:
        """Said 收到 soon, late, never, or declined; perhaps the vehicle is told."""
        at = self.later(order.at, MINUTE, 20 * MINUTE if self.often(0.7) else 5 * HOUR)
        fate = self.chance.random()
        if fate < 0.08:
            self.tell(at, "declined", order)
            if self.often(0.2):
                self.tell(self.later(at, MINUTE, HOUR), "declined", order)
            at = self.later(at, 2 * MINUTE, 2 * HOUR)
        if fate < 0.85:
            kind = "accepted_all" if self.often(0.2) else "accepted"
            self.tell(at, kind, order, "agent" if kind == "accepted" and self.often(0.05) else "holder")
        if self.often(0.6):
            at = self.later(at, MINUTE, 90 * MINUTE)
            self.tell(at, "assigned", order, said=Said(plate=self.often(0.8)))
        return at

    def pick_up(self, order: Wanted, taken: datetime) -> datetime | None:
        """When the goods are fetched: in time, late, at the second try, in two parts, or never reported."""
        begins = order.window[0] if order.window else taken
        at = self.later(max(begins, taken), 10 * MINUTE, 5 * HOUR if self.often(0.6) else 60 * HOUR)
        if self.often(0.1):
            self.tell(at, "pickup_failed", order)
            at = self.later(at, HOUR, DAY)
        if self.often(0.1):
            self.tell(at, "picked_up_partly", order)
            at = self.later(at, 30 * MINUTE, 30 * HOUR)
        if self.often(0.04):
            return None
        if self.often(0.06):  # nobody says so before the goods are on their way
            return at
        by = "agent" if self.often(0.08) else "fleet" if self.often(0.05) else "holder"
        told = self.later(at, MINUTE, HOUR) if self.often(0.8) else self.later(at, HOUR, 30 * HOUR)
        self.tell(told, "picked_up", order, by, Said(at=at if self.often(0.4) else None))
        return at

    def carry(self, order: Wanted, picked_up: datetime) -> None:
        """On the way and to the door, some of it told late, in another order, or not at all."""
        at = picked_up
        for kind in ("departed", "arrived", "out_for_delivery"):
            at = self.later(at, HOUR, 14 * HOUR)
            if self.often(0.75):
                told = at if self.often(0.85) else self.later(at, HOUR, 20 * HOUR)
                self.tell(told, kind, order, "deliverer", Said(at=at if self.often(0.3) else None))
        if order.hold and self.often(0.85):
            by = "agent" if self.often(0.15) else "shipper"
            self.tell(self.later(order.at, HOUR, 5 * DAY), "released", order, by, Said(entitled=self.often(0.8)))
        at = self.later(at, HOUR, 20 * HOUR if self.often(0.7) else 4 * DAY)
        if self.often(0.12):
            again = self.later(at, 2 * HOUR, DAY)
            self.tell(at, "delivery_failed", order, "deliverer", Said(next_try=again if self.often(0.6) else None))
            at = again
        if self.often(0.94):
            self.tell(at, "delivered", order, "agent" if self.often(0.05) else "deliverer")
            if order.receipt and self.often(0.6):
                self.tell(self.later(at, HOUR, 9 * DAY), "receipt_returned", order, "deliverer")

    def change(self, order: Wanted) -> None:
        """Changed by its shipper or an agent, before or after it is fetched; pressed for."""
        for _ in range(2 if self.often(0.05) else self.often(0.25)):
            at = self.later(order.at, timedelta(seconds=2), 4 * MINUTE if self.often(0.4) else 8 * HOUR)
            fate = self.chance.random()
            said = Said(quantity=order.quantity + self.chance.randint(100, 199))
            if fate < 0.25:
                said = Said(window=self.window(at))
            elif fate < 0.35:
                said = Said(area=self.chance.choice([r for r in REGIONS if r is not order.area]))
            self.tell(at, "amended", order, "agent" if self.often(0.15) else "shipper", said)
        if self.often(0.05):
            self.tell(self.later(order.at, 5 * HOUR, 3 * DAY), "change_letter", order, "shipper", Said(quantity=777))
        if self.often(0.08):
            self.tell(self.later(order.at, HOUR, 4 * DAY), "urged", order, "shipper")

    def call_off(self, order: Wanted, taken: datetime) -> None:
        """Called off at once, or at any time until it is fetched, or in the very minute in which it is."""
        at = self.later(order.at, timedelta(seconds=2), 3 * MINUTE if self.often(0.4) else 6 * HOUR)
        if self.often(0.3):
            self.tell(at + timedelta(seconds=self.chance.choice((-1, 1))), "picked_up", order)
        self.tell(at, "cancelled", order, "agent" if self.often(0.2) else "shipper")
        if self.often(0.2):
            self.tell(self.later(at, MINUTE, HOUR), "cancelled", order, "shipper")

    def together(self) -> Iterator[Scripted]:
        """The happenings; some reports of one hour are told in one message."""
        by_hour: dict[tuple[str, datetime], list[Scripted]] = {}
        for one in self.written:
            if one.kind in ("picked_up", "delivered", "accepted") and one.by != "agent" and one.said == NOTHING_SAID:
                hour = one.at.replace(minute=0, second=0, microsecond=0)
                by_hour.setdefault((one.kind + one.by, hour), []).append(one)
            else:
                yield one
        for several in by_hour.values():
            if len(several) > 1 and self.often(0.5):
                last = max(several, key=lambda one: one.at)
                yield Scripted(last.at, last.kind, tuple({n: 0 for s in several for n in s.orders}), last.by)
            else:
                yield from several


def outages(chance: Random, calendar: Calendar) -> Iterator[tuple[datetime, datetime]]:
    """When the daemon is stopped: minutes to hours, over midnight, rounds and deadlines."""
    at = calendar.begins + 10 * HOUR * chance.random()
    while at < calendar.ends - 2 * DAY:
        length = MINUTE * chance.choice((3, 10, 40, 120, 300, 640))
        yield at, at + length
        at += length + DAY * (0.3 + 1.5 * chance.random())


def scripted(seed: int, orders: int, calendar: Calendar, *, stops: bool = False) -> Script:
    """The month of a seed."""
    writer = Writer(Random(f"{seed}/{calendar.name}"), calendar)
    placed = sorted((writer.order(number) for number in range(orders)), key=lambda order: order.number)
    for order in placed:
        writer.live(order)
    happenings: Sequence[Scripted] = sorted(writer.together(), key=lambda one: one.at)
    within = tuple(one for one in happenings if one.at < calendar.ends)
    down = tuple(outages(Random(f"{seed}/down"), calendar)) if stops else ()
    return Script(seed, calendar, tuple(placed), within, down)
