"""The trade's rules once more, written from its own page (domain.md) and sharing nothing with the code on trial."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from tests.month.site import AREAS, LOCAL, MANAGER, PEOPLE, STAFF, Calendar, Person, Region

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
HALF_HOUR = 30 * MINUTE
PROMISE = 3 * MINUTE  # §4
ROUNDS = (time(9, 30), time(14, 30))  # §6
DESK = (time(8, 30), time(17, 30))  # §3
NIGHT = (time(22), time(7))  # nobody without duty hours is written to
DELIVERED_BY = time(18)  # of a day that is only a day
NOTHING = timedelta(0)
Hours = tuple[time, time]
Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Rules:
    """The rules in one calendar."""

    calendar: Calendar

    # --- days and hours ---

    def is_desk_day(self, day: date) -> bool:
        """Every day but the closures (§3)."""
        return day not in self.calendar.closed

    def desk_day_from(self, day: date) -> date:
        """This day, or the first after it on which the desk is open."""
        while not self.is_desk_day(day):
            day += DAY
        return day

    def pickup_by(self, confirmed: datetime, kind: str, window_end: datetime | None) -> datetime:
        """§5: the table by area and class of the confirmation; the shipper's own later window replaces it."""
        local = confirmed.astimezone(LOCAL)
        day, clock = local.date(), local.time()
        if not self.is_desk_day(day):
            day, clock = self.desk_day_from(day), time.min
        tomorrow = self.desk_day_from(day + DAY)
        if kind == "urban":
            due = (day, time(15)) if clock < time(12) else (day, time(18)) if clock < time(15) else (tomorrow, time(12))
        else:
            due = (day, time(18)) if clock < time(12) else (tomorrow, time(18))
        by = datetime.combine(*due, LOCAL)
        return max(by, window_end) if window_end else by

    def deliver_by(self, picked_up: datetime, days: int, own: datetime | None) -> datetime:
        """§6: the customer's own deadline, else the transit time."""
        return own or datetime.combine(picked_up.astimezone(LOCAL).date() + days * DAY, DELIVERED_BY, LOCAL)

    def spans(self, hours: Hours, start: datetime, always: bool = False) -> Iterator[Span]:
        """The spans of daily hours that end after a moment; of each desk day, or of each day."""
        day = start.astimezone(LOCAL).date() - DAY
        for number in range(120):
            one = day + number * DAY
            begins, ends = (datetime.combine(one, clock, LOCAL) for clock in hours)
            ends += DAY if hours[1] <= hours[0] else NOTHING
            if ends > start and (always or self.is_desk_day(one)):
                yield begins, ends

    def opens(self, hours: Hours, at: datetime, always: bool = False) -> datetime:
        """This moment within the hours, else their next beginning."""
        return max(at, next(self.spans(hours, at, always))[0])

    def desk_opens(self, at: datetime) -> datetime:
        """When the desk is open next."""
        return self.opens(DESK, at)

    def awake(self, at: datetime) -> datetime:
        """The end of the quiet hours, where this moment lies in them."""
        return self.opens((NIGHT[1], NIGHT[0]), at, always=True)

    def next_round(self, at: datetime) -> datetime:
        """The first round later than this moment (§6)."""
        day = at.astimezone(LOCAL).date()
        while True:
            if self.is_desk_day(day):
                for clock in ROUNDS:
                    if (begins := datetime.combine(day, clock, LOCAL)) > at:
                        return begins
            day += DAY

    # --- people ---

    def begins_duty(self, who: Person, at: datetime) -> datetime:
        """This moment where he is on duty, else when that begins."""
        return self.opens((who.begins, who.ends), at) if who.begins and who.ends else at

    def is_on_duty(self, who: Person, at: datetime) -> bool:
        """Whether he is on duty."""
        return self.begins_duty(who, at) == at

    def after_duty(self, who: Person, start: datetime, wait: timedelta) -> datetime:
        """When he has been on duty for so long."""
        if not (who.begins and who.ends):
            return start + wait
        for begins, ends in self.spans((who.begins, who.ends), start):
            here = max(begins, start)
            if wait <= ends - here:
                return here + wait
            wait -= ends - here
        raise AssertionError("no end of waiting for a duty")

    def may_write_to(self, who: Person, at: datetime) -> datetime:
        """From when on he may be asked: on duty; who has no hours, not in the night."""
        return self.begins_duty(who, at) if who.begins else self.awake(at)

    def is_away(self, number: str, at: datetime) -> tuple[bool, str | None]:
        """Whether somebody is away, and who stands in for him then."""
        local = at.astimezone(LOCAL)
        held = [
            away
            for away in self.calendar.away
            if away.number == number
            and away.first <= local.date() <= away.last
            and (away.begins or time.min) <= local.time().replace(microsecond=0)
            and (away.ends is None or local.time() < away.ends)
        ]
        named = [away.substitute for away in held if away.substitute]
        return bool(held), named[0] if named else None

    def stand_in(self, number: str, at: datetime) -> str | None:
        """He himself, or who stands in for him, if anybody does."""
        found: str | None = number
        for _ in range(len(PEOPLE)):
            if found is None:
                return None
            away, substitute = self.is_away(found, at)
            if not away:
                return found
            found = substitute
        return None

    def in_turn(self, area: Region, at: datetime) -> list[str]:
        """Who may get an area's orders: its dispatcher, its fallback, fleet managers, the operations manager (§4)."""
        fleet = [person.number for person in PEOPLE if person.role == "fleet_manager"]
        there = [self.stand_in(number, at) for number in (area.dispatcher, area.fallback, *fleet, MANAGER)]
        return list(dict.fromkeys(number for number in there if number))

    def first_recipient(self, area: Region, at: datetime) -> str:
        """Who gets its work orders: its dispatcher or who stands in; a fleet manager only on duty (§4)."""
        for number in self.in_turn(area, at):
            if STAFF[number].role != "fleet_manager" or self.is_on_duty(STAFF[number], at):
                return number
        return area.dispatcher

    def next_on_duty(self, area: Region, at: datetime, beside: Collection[str]) -> str | None:
        """Who is next: on duty, else at all."""
        left = [number for number in self.in_turn(area, at) if number not in beside]
        return next((n for n in left if self.is_on_duty(STAFF[n], at)), left[0] if left else None)

    def fleet_manager(self, at: datetime, beside: Collection[str]) -> str | None:
        """A fleet manager who is there, first one on duty."""
        fleet = [self.stand_in(person.number, at) for person in PEOPLE if person.role == "fleet_manager"]
        there = [number for number in fleet if number and number not in beside]
        return next((n for n in there if self.is_on_duty(STAFF[n], at)), there[0] if there else None)

    def manager(self, at: datetime) -> str:
        """The operations manager, or who stands in."""
        return self.stand_in(MANAGER, at) or MANAGER

    def keeper(self, number: str, area: str, at: datetime) -> str:
        """Who is asked about an order of a dispatcher: he, who stands in for him, else who gets the area's orders."""
        return self.stand_in(number, at) or self.first_recipient(AREAS[area], at)


# --- what is asked when ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ask:
    """One thing that the desk sees to: from when on, to whom in turn, how often, until which state is reached."""

    name: str
    after: tuple[str, ...]  # happenings, "pickup_by" or "deliver_by"
    to: tuple[str, ...]
    wait: timedelta = NOTHING
    hours: str = "duty"  # duty, desk, rounds, any
    until: str = ""
    every: timedelta | None = None
    times: int | None = None
    then_rounds: bool = False
    windowed: bool = False
    together: bool = True  # one message a person in half an hour
    only: tuple[str, ...] = ()


ASKS = (
    Ask("not_accepted", ("confirmed", "amended"), ("dispatcher", "next", "fleet", "manager"), 5 * MINUTE,
        until="taken", every=5 * MINUTE, times=3),
    Ask("vehicle_asked", ("confirmed",), ("dispatcher",), HALF_HOUR, until="assigned", windowed=True),
    Ask("pickup_asked", ("confirmed",), ("dispatcher",), HOUR, until="picked_up", windowed=True),
    Ask("pickup_asked_again", ("pickup_by",), ("dispatcher",), -HALF_HOUR, until="picked_up"),
    Ask("pickup_overdue", ("pickup_by",), ("dispatcher",), until="picked_up", every=HALF_HOUR, times=3,
        then_rounds=True),
    Ask("pickup_escalated", ("pickup_by",), ("manager",), until="picked_up", every=HALF_HOUR, times=3,
        then_rounds=True),
    Ask("consignee_told", ("picked_up", "released"), ("consignee",), hours="desk", until="delivered", together=False,
        only=("city", "no_hold", "with_us")),
    Ask("depot_asked", ("arrived",), ("depot", "dispatcher"), until="delivered", together=False,
        only=("out_of_town", "no_hold")),
    Ask("delivery_overdue", ("deliver_by",), ("deliverer",), hours="rounds", until="delivered", then_rounds=True),
    Ask("delivery_escalated", ("delivery_overdue",), ("manager",), 2 * HOUR, until="delivered", then_rounds=True),
    Ask("receipt_asked", ("delivered",), ("deliverer",), 2 * DAY, hours="rounds", until="receipt_returned",
        every=2 * DAY, only=("receipt",)),
    Ask("receipt_escalated", ("receipt_asked",), ("manager",), 7 * DAY, hours="rounds", until="receipt_returned",
        every=7 * DAY, only=("receipt",)),
    Ask("daily_note", ("confirmed",), ("shipper",), DAY, hours="desk", until="delivered", every=DAY, together=False),
    Ask("closing", ("delivered",), ("nobody",), 7 * DAY, hours="any", until="receipt_returned", together=False,
        only=("no_receipt",)),
    Ask("closing_after_receipt", ("receipt_returned",), ("nobody",), 3 * DAY, hours="any", together=False),
)  # fmt: skip
BY_NAME = {ask.name: ask for ask in ASKS}
SMS_ASKED_AFTER = HALF_HOUR  # "are the goods picked up?" where text messages are his main channel (§5)
