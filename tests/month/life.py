"""The life of one order by the rules: where it stands after what was heard of it, and what is to be asked when."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.month import site
from tests.month.rules import ASKS, BY_NAME, HALF_HOUR, NOTHING, SMS_ASKED_AFTER, Ask, Rules
from tests.month.script import Wanted
from tests.month.site import AREAS, STAFF, Person, Region
from tests.month.world import Heard

STALE = timedelta(hours=12)  # what is older is looked at by a person first
HEARD_OF_FOR = timedelta(days=3)  # after its confirmation a report on a cancelled order is still understood
WAY = (
    "untaken",
    "taken",
    "partly",
    "picked_up",
    "in_transit",
    "arrived",
    "held",
    "out",
    "delivered",
    "receipt",
    "closed",
)
BEFORE_PICKUP, AWAITING = ("untaken", "taken"), ("untaken", "taken", "partly")
OVER = ("cancelled", "closed")
BY_REPORT = {
    "accepted": "taken",
    "accepted_all": "taken",
    "assigned": "taken",
    "picked_up_partly": "partly",
    "picked_up": "picked_up",
    "departed": "in_transit",
    "arrived": "arrived",
    "out_for_delivery": "out",
    "delivered": "delivered",
    "receipt_returned": "receipt",
}
ACCEPTING = ("accepted", "accepted_all")
UNTIL = {"taken": "taken", "picked_up": "picked_up", "delivered": "delivered", "receipt_returned": "receipt"}
ON_THE_ROAD = ("departed", "arrived", "out_for_delivery")  # before the pickup: on the way to it
REPORTED = (*BY_REPORT, "delivery_failed", "pickup_failed")
COUNTED_ON = ("pickup_escalated", "daily_note")  # an order in other hands is overdue, and under way, as it was before


@dataclass
class Duty:
    """Something to be asked: the how manyeth time, and the earliest moment."""

    ask: Ask
    time: int
    due: datetime
    on_hold: bool = False  # when it began: it may be let go, or come after the release
    looked_at: datetime | None = None  # while the goods were held it waited for the first round after this


@dataclass(frozen=True)
class Move:
    """When an order went into another state."""

    at: datetime
    after: str


@dataclass(frozen=True)
class Given:
    """An order given to somebody, or changed with him: his work order is to be accepted within the promise."""

    at: datetime
    since: datetime  # when the three minutes began
    dispatcher: str
    quantity: int
    amends: bool
    pickup_by: datetime


@dataclass
class Life:
    """One order as it stands by the rules."""

    wanted: Wanted
    rules: Rules
    had_by: Callable[[datetime], set[str]]  # staff numbers of those who have its work order
    state: str = "nothing"
    dispatcher: str = ""
    duties: dict[str, Duty] = field(default_factory=dict)
    begun: set[str] = field(default_factory=set)
    moves: list[Move] = field(default_factory=list)
    given: list[Given] = field(default_factory=list)
    noticed: list[tuple[datetime, Person, bool]] = field(default_factory=list)  # told at once, perhaps phoned
    called_off: datetime | None = None
    vehicle: bool = False
    released: bool = False
    with_depot: bool = False
    confirmed_at: datetime | None = None
    deliver_by: datetime | None = None

    def __post_init__(self) -> None:
        self.area, self.window, self.quantity = self.wanted.area, self.wanted.window, self.wanted.quantity
        self.pickup_by = self.wanted.at
        self.place: Region | None = None  # to which it was moved

    # --- what happens ---

    def hear(self, one: Heard) -> None:
        """What this does to the order, and to what is to be asked about it."""
        for happening in self.happenings(one):
            self.begin(happening, one.happened if one.kind in REPORTED else one.at, one.at)
        self.duties = {name: duty for name, duty in self.duties.items() if not self.is_over(duty)}

    def happenings(self, one: Heard) -> Iterator[str]:
        """What happens by it."""
        if one.kind in ("placed", "confirmed_by_agent", "yes"):
            yield from self.settle(one)
        elif one.kind in ("amended", "change_letter"):
            yield from self.amend(one)
        elif one.kind == "cancelled":
            if self.state in ("review", "offered", *BEFORE_PICKUP):
                self.called_off = one.at if self.confirmed_at else None
                self.move(one.at, "cancelled")
        elif one.kind == "released":
            yield from self.release(one)
        elif one.kind == "declined":
            yield from self.hand_on(one)
        elif one.kind == "urged":
            self.urge(one)
        else:
            yield from self.report(one)

    def move(self, at: datetime, after: str) -> None:
        """Put it into another state."""
        if after != self.state:
            self.moves.append(Move(at, after))
            self.state = after

    def settle(self, one: Heard) -> Iterator[str]:
        """Placed, or said yes to."""
        if one.kind == "yes" and self.state != "offered":
            return
        if one.kind == "confirmed_by_agent" and self.state not in ("review", "offered"):
            return
        mode = "automatic" if one.kind in ("confirmed_by_agent", "yes") else site.CUSTOMERS[self.wanted.customer]
        stale = one.kind == "placed" and one.at - one.arrived > STALE
        if mode != "automatic" or stale:
            self.move(one.at, "offered" if mode == "shipper" and not stale else "review")
            return
        self.confirmed_at = one.at
        end = self.window[1] if self.window else None
        self.pickup_by = self.rules.pickup_by(one.at, self.area.kind, end)
        self.give(one, self.rules.first_recipient(self.area, one.at))
        yield "confirmed"

    def give(self, one: Heard, number: str, amends: bool = False) -> None:
        """Into somebody's hands."""
        if number != self.dispatcher:
            self.vehicle = False  # whose vehicle it was is not to come any more
        self.dispatcher = number
        self.given.append(Given(one.at, one.arrived, number, self.quantity, amends, self.pickup_by))
        self.move(one.at, "untaken")

    def amend(self, one: Heard) -> Iterator[str]:
        """Changed: at once before the pickup; from then on by a person only (§4)."""
        if self.state in ("review", "offered"):
            self.put_in(one)
            if one.by == "agent":
                self.move(one.at, "review")
            else:
                yield from self.settle(one)
        elif self.state in BEFORE_PICKUP:
            yield from self.amended(one)
        elif one.by == "agent" and self.state in (*WAY[2:8], "problem") and self.put_in(one):
            yield "amended_on_the_way"

    def put_in(self, one: Heard) -> bool:
        """The new content; whether it is another than before. On the way the goods have no other area of pickup."""
        before = self.quantity, self.window, self.place
        if one.said.window:
            self.window = one.said.window
        elif one.said.area:
            self.place = one.said.area
            self.area = self.area if self.state in (*WAY[2:], "problem") else one.said.area
        else:
            self.quantity = one.said.quantity or 0
        return before != (self.quantity, self.window, self.place)

    def amended(self, one: Heard) -> Iterator[str]:
        """A change before the pickup: another revision for who has it, or for who is to have it now."""
        area, window = self.area, self.window
        if not self.put_in(one):
            return
        end, was = self.window[1] if self.window else None, self.dispatcher
        assert self.confirmed_at is not None
        if self.area is not area:
            self.pickup_by = self.rules.pickup_by(one.at, self.area.kind, end)
        elif self.window != window:
            self.pickup_by = self.rules.pickup_by(self.confirmed_at, self.area.kind, end)
        number = was if self.area is area else self.rules.first_recipient(self.area, one.at)
        self.give(one, number, amends=True)
        yield "amended" if number == was else "confirmed"

    def release(self, one: Heard) -> Iterator[str]:
        """Held goods are let go by who may say so (§6)."""
        entitled = one.by == "agent" or one.said.entitled or self.wanted.customer != site.ENTITLED
        if self.wanted.hold and entitled and self.state in (*WAY[:8], "problem"):
            self.released = True
            self.notice(one.at)
            if self.state == "held":
                self.move(one.at, "arrived")
            yield "released"

    def urge(self, one: Heard) -> None:
        """A shipper presses: who has the goods, or is to fetch them, hears of it at once and is phoned (§6)."""
        if self.state in (*WAY[:8], "problem"):
            self.notice(one.at, phoned=True)

    def notice(self, at: datetime, *, phoned: bool = False) -> None:
        """Something to be told at once to who looks after it."""
        self.noticed.append((at, STAFF[self.part("deliverer", [], at) or self.dispatcher], phoned))

    def hand_on(self, one: Heard) -> Iterator[str]:
        """Who does not take it: the next on duty has it then (§4)."""
        if self.state not in BEFORE_PICKUP or self.in_place_of(one) != self.dispatcher:
            return
        following = self.rules.next_on_duty(self.area, one.at, {*self.had_by(one.at), self.dispatcher, one.by})
        if following:
            self.give(one, following)
            yield "confirmed"

    def in_place_of(self, one: Heard) -> str:
        """Whose word it is: of the dispatcher where who reports stands in for him."""
        return self.dispatcher if self.rules.stand_in(self.dispatcher, one.arrived) == one.by else one.by

    def is_his(self, one: Heard) -> bool:
        """Whether who reports may do so on this order, and it is still reported on."""
        if one.by == "agent":
            return self.state in (*WAY[:10], "problem")
        if self.state not in (*WAY[:9], "problem"):
            return self.was_called_off_lately(one) and self.in_place_of(one) == self.dispatcher
        depot = self.with_depot and one.by in (site.DEPOT, self.rules.stand_in(site.DEPOT, one.arrived))
        above = STAFF[one.by].role in ("fleet_manager", "operations_manager") and one.kind != "accepted_all"
        return depot or above or self.in_place_of(one) == self.dispatcher

    def was_called_off_lately(self, one: Heard) -> bool:
        """Whether somebody may not have heard of it."""
        return self.state == "cancelled" and self.confirmed_at is not None and one.at - self.confirmed_at < HEARD_OF_FOR

    def report(self, one: Heard) -> Iterator[str]:
        """A report moves an order on and never back: what comes late is recorded and moves nothing."""
        before, after, knew = self.state, self.reported(one), self.vehicle
        if before not in (*WAY, "problem"):
            return
        if one.said.plate and one.kind == "assigned" and before in BEFORE_PICKUP:
            self.vehicle = True
        if before in AWAITING and after not in AWAITING:
            self.deliver_by = self.rules.deliver_by(one.happened, self.wanted.goal.days, self.wanted.deliver_by)
            self.with_depot = self.wanted.goal.contact is not None
            self.move(one.at, after)
            if one.kind != "picked_up":
                yield "picked_up"  # whoever says so: the goods are with us
        self.move(one.at, after)
        if after != before or knew != self.vehicle:
            yield "taken" if one.kind in ACCEPTING or (one.kind == "assigned" and not self.vehicle) else one.kind
        if before == "held" and after != "held":
            self.look_again(one.at)

    def reported(self, one: Heard) -> str:
        """Where a report puts it."""
        if one.kind == "delivery_failed":
            return self.failed(one)
        if one.kind in ON_THE_ROAD and self.state in AWAITING and one.by != "agent":
            return self.state
        after = BY_REPORT.get(one.kind, self.state)
        after = "held" if after == "arrived" and self.is_held else after
        if self.state == "problem":
            return after if after in ("in_transit", "arrived", "held", "out", "delivered") else "problem"
        if self.state not in WAY or WAY.index(after) <= WAY.index(self.state):
            return self.state
        return self.state if after == "receipt" and self.state != "delivered" else after

    def failed(self, one: Heard) -> str:
        """A delivery that failed: tried again from the depot, or a person's."""
        if one.said.next_try and self.state in (*WAY[:8], "problem"):
            return "held" if self.is_held else "arrived"
        return "problem" if self.state in WAY[3:8] else self.state

    @property
    def is_held(self) -> bool:
        """Whether nothing may be handed out yet."""
        return self.wanted.hold and not self.released

    # --- what is asked ---

    def begin(self, happening: str, at: datetime, now: datetime) -> None:
        """What is to be asked since something happened; what counts from a deadline or a window a change times anew."""
        for ask in ASKS:
            if self.begins(ask, happening):
                counts_on = ask.name in COUNTED_ON and ask.name in self.begun
                self.retime(ask, at) if counts_on else self.start(ask, at, now)
            elif happening.startswith("amended") and self.is_timed(ask):
                self.retime(ask, at)
        if happening == "released":
            self.look_again(now)

    def begins(self, ask: Ask, happening: str) -> bool:
        """Whether something is asked because of what happens."""
        starts = {{"pickup_by": "confirmed", "deliver_by": "picked_up"}.get(after, after) for after in ask.after}
        return happening in starts and not (happening == "released" and self.state in AWAITING)

    def is_timed(self, ask: Ask) -> bool:
        """Whether it counts from what a change may move."""
        if "deliver_by" in ask.after:
            return self.deliver_by is not None and self.state in (*WAY[3:8], "problem")
        return ("pickup_by" in ask.after or ask.windowed) and self.state in AWAITING

    def start(self, ask: Ask, at: datetime, now: datetime) -> None:
        """The first time of it, whatever was asked before."""
        due = self.first_due(ask, at)
        self.duties.pop(ask.name, None)
        self.begun.add(ask.name)
        if due:
            self.duties[ask.name] = Duty(ask, 1, max(due, now), self.is_held and ask.name == "depot_asked")

    def retime(self, ask: Ask, at: datetime) -> None:
        """What waits for its first time waits for another; what was asked is asked anew where that lies ahead."""
        due, waits = self.first_due(ask, at), self.duties.get(ask.name)
        if ask.name == "daily_note" or due is None:
            return
        if waits and waits.time == 1:
            waits.due = max(due, at)
        elif due > at:
            self.start(ask, at, at)

    def first_due(self, ask: Ask, at: datetime) -> datetime | None:
        """When it is asked for the first time."""
        who, start, wait = self.person(ask, 1, at), self.counts_from(ask, at), ask.wait
        if start is None or (wait < NOTHING and start + wait <= at):
            return None
        if ask.name == "pickup_asked" and who and who.by_sms:
            wait = SMS_ASKED_AFTER
        due = self.timed(ask, who, start, wait)
        if ask.hours == "duty" and start < self.pickup_by <= due and self.state in BEFORE_PICKUP:
            due = start + wait  # due before his duty begins (§1)
        if ask.windowed and self.window and self.window[0] > due:
            due = self.timed(ask, who, self.window[0], NOTHING)
        return due

    def counts_from(self, ask: Ask, at: datetime) -> datetime | None:
        """From when on."""
        if "pickup_by" in ask.after:
            return self.pickup_by
        if "deliver_by" in ask.after:
            return self.deliver_by
        return self.confirmed_at if ask.windowed else at

    def timed(self, ask: Ask, who: Person | None, start: datetime, wait: timedelta) -> datetime:
        """So long after a moment by its hours."""
        if ask.hours == "duty" and who and wait >= NOTHING:
            return self.rules.after_duty(who, start, wait)
        if ask.hours == "desk":
            return self.rules.desk_opens(start + wait)
        return self.rules.next_round(start + wait) if ask.hours == "rounds" else start + wait

    def asked(self, duty: Duty, at: datetime) -> None:
        """It was asked now: when it is again, and what begins by it."""
        ask, who = duty.ask, self.person(duty.ask, duty.time, at)
        self.duties.pop(ask.name, None)
        if ask.every is not None and (ask.times is None or duty.time <= ask.times):
            self.duties[ask.name] = Duty(ask, duty.time + 1, self.timed(ask, who, at, ask.every))
        elif ask.then_rounds:
            self.duties[ask.name] = Duty(ask, duty.time + 1, self.rules.next_round(at))
        for other in ASKS:
            if ask.name in other.after and duty.time == 1:
                due = self.timed(other, self.person(other, 1, at), at, other.wait)
                self.duties[other.name] = Duty(other, 1, due)

    def look_again(self, at: datetime) -> None:
        """What waited while the goods were held is asked in the next round."""
        for duty in self.duties.values():
            duty.looked_at = at

    def is_over(self, duty: Duty) -> bool:
        """Whether nothing of it is to be asked any more."""
        ask = duty.ask
        if self.state in (*OVER, "review", "offered"):
            return True
        if ask.until == "assigned":
            return self.vehicle or self.state not in BEFORE_PICKUP
        if ask.until and self.is_as_far(UNTIL[ask.until]):
            return True
        return not all(self.holds(condition) or (duty.on_hold and condition == "no_hold") for condition in ask.only)

    def is_as_far(self, state: str) -> bool:
        """Whether it has come so far."""
        here = "picked_up" if self.state == "problem" else self.state
        return WAY.index(here) >= WAY.index(state)

    def holds(self, condition: str) -> bool:
        """Whether a condition of what is asked holds."""
        return {
            "city": self.wanted.goal.city,
            "out_of_town": not self.wanted.goal.city,
            "receipt": self.wanted.receipt,
            "no_receipt": not self.wanted.receipt,
            "no_hold": not self.is_held,
            "with_us": self.state not in AWAITING,
        }[condition]

    # --- whom ---

    def person(self, ask: Ask, time: int, at: datetime) -> Person | None:
        """Whom the nth time goes to: each in turn once, the last one stays."""
        chain: list[str] = []
        for part in ask.to:
            number = self.part(part, chain, at)
            if number and number not in chain:
                chain.append(number)
        return STAFF[chain[min(time, len(chain)) - 1]] if chain else None

    def part(self, part: str, beside: list[str], at: datetime) -> str | None:
        """Who plays a part."""
        keeper = self.rules.keeper(self.dispatcher, self.area.name, at)
        depot = (self.rules.stand_in(site.DEPOT, at) or site.DEPOT) if self.with_depot else None
        if part == "next":
            return self.rules.next_on_duty(AREAS[self.area.name], at, {*beside, self.dispatcher})
        if part == "fleet":
            return self.rules.fleet_manager(at, beside)
        return {
            "dispatcher": keeper, "depot": depot, "deliverer": depot or keeper, "manager": self.rules.manager(at),
        }.get(part)  # fmt: skip

    def may_be_asked(self, duty: Duty, who: Person | None, at: datetime) -> datetime:
        """From when on, by duty, desk or quiet hours; at once where the pickup is due before his duty begins (§1)."""
        if duty.ask.hours == "desk":
            return self.rules.desk_opens(at)
        if who is None:
            return at
        begins = self.rules.may_write_to(who, at)
        if duty.ask.hours == "rounds" and who.begins:
            return at
        urgent = who.begins and at < self.pickup_by < begins and self.state in AWAITING
        return at if urgent else begins

    def first_moment(self, duty: Duty) -> datetime:
        """From when on the latest moment is reckoned."""
        if duty.looked_at and duty.due <= duty.looked_at and duty.ask.name.startswith("delivery_"):
            return self.rules.next_round(duty.looked_at)
        return duty.due


assert BY_NAME["vehicle_asked"].wait == HALF_HOUR
