"""Chasing: who is asked, urged or told when duties fall due, and when each is due again (domain.md §4-6). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta

from ingestd.checks.conditions import has_happened, is_over
from ingestd.checks.dispatch import view_of
from ingestd.checks.following import next_due, timed
from ingestd.checks.house import House
from ingestd.checks.parts import Hands, asked_at
from ingestd.checks.per_order import Told, told
from ingestd.checks.roster import stands_in_for
from ingestd.config.follow_up import ESCALATION, FollowUp
from ingestd.config.tables import Staff
from ingestd.domain.decision import CallDraft, Change, EventDraft, FollowUpDraft, KnownOrder, Tried, Wanted
from ingestd.domain.order import AWAITING_PICKUP, OrderState
from ingestd.domain.sending import Purpose

MOST_LISTED = 20  # orders in one message; the others come half an hour later
LATE = timedelta(minutes=5)  # after its time, a duty that is done says so
ANEW = 1000  # occurrences of a duty that begins anew count on from the next thousand
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Duty:
    """A follow-up that is due."""

    follow_up_id: int
    kind: str  # its name
    occurrence: int
    due_at: datetime
    order: KnownOrder

    @property
    def time(self) -> int:
        """The how manyeth time it is since it began, or began anew, from 1 on."""
        return self.occurrence % ANEW

    @property
    def hands(self) -> Hands:
        """In whose hands its order is."""
        return Hands(self.order.dispatcher, self.order.area, self.order.depot)


@dataclass(frozen=True, slots=True)
class ChasePlan:
    """What one round of chasing comes to."""

    wanted: tuple[Wanted, ...] = ()  # one a person, about all that is asked of him
    letters: tuple[tuple[int, Wanted], ...] = ()  # (order id, a letter about this order alone)
    done: tuple[int, ...] = ()  # duties fulfilled
    over: tuple[int, ...] = ()  # duties of which nothing is to be asked any more
    postponed: tuple[tuple[tuple[int, ...], datetime], ...] = ()  # duties whose time has not come
    following: tuple[tuple[int, FollowUpDraft], ...] = ()  # (order id, the next duty)
    events: tuple[tuple[int, EventDraft], ...] = ()  # (order id, what was done)
    calls: tuple[tuple[int, CallDraft], ...] = ()  # (order id, whom the desk is to phone)
    closed: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Round:
    """One round of chasing: whose orders are under way, who was written to when, and the house's rules."""

    open_orders: Sequence[KnownOrder]
    last: Mapping[str, datetime]  # by recipient: when he was chased last
    house: House
    now: datetime
    asked: Mapping[int, Sequence[str]] = field(default_factory=dict)  # by order id: what was asked before and is open
    tried: Mapping[int, tuple[Tried, ...]] = field(default_factory=dict)  # by order id


@dataclass(frozen=True, slots=True)
class Turn:
    """A duty whose order still needs it: whom it goes to, and from when on that may be."""

    duty: Duty
    row: FollowUp
    who: Staff | None
    is_above: bool  # he is told instead of whoever was asked first
    at: datetime

    @property
    def escalates(self) -> bool:
        """Whether its letter tells the next person, instead of asking the first."""
        return self.is_above or self.row.letter == ESCALATION

    @property
    def grouped_with(self) -> str | None:
        """The staff number whose one message it is part of; None where it has none."""
        return self.who.number if self.who and self.row.is_grouped else None


def chase_plan(due: Sequence[Duty], chasing: Round) -> ChasePlan:
    """What is to be done about all that is due: one message a person, a letter an order, and what is due next."""
    turns = {d.follow_up_id: turn for d in due if (turn := turn_of(d, chasing))}
    ready = [turn for turn in turns.values() if turn.at <= chasing.now]
    people = dict.fromkeys(turn.grouped_with for turn in ready if turn.grouped_with)
    plans = [
        ChasePlan(over=tuple(d.follow_up_id for d in due if d.follow_up_id not in turns)),
        postponed([turn for turn in turns.values() if turn.at > chasing.now]),
        *(plan_for([t for t in ready if t.grouped_with == number], chasing) for number in people),
        *(plan_alone(turn, chasing) for turn in ready if turn.grouped_with is None),
    ]
    return one_call_each(together(plans))


def turn_of(duty: Duty, chasing: Round) -> Turn | None:
    """Whose turn a duty is and when; None where nothing is to be asked any more, or the site no longer does."""
    house, order = chasing.house, duty.order
    row = house.follow_ups.get(duty.kind)
    if row is None or is_over(row, order, house):
        return None
    who, is_above = asked_at(row, duty.time, duty.hands, house, chasing.now)
    if order.state in row.not_while:
        return Turn(duty, row, who, is_above, house.rounds.next_after(chasing.now))
    return Turn(duty, row, who, is_above, allowed_at(row, who, order, chasing))


def allowed_at(row: FollowUp, who: Staff | None, order: KnownOrder, chasing: Round) -> datetime:
    """From when on somebody may be asked: on duty, in desk hours, outside of the quiet ones.

    Off duty he is asked all the same where the pickup is due before his duty begins (domain.md §1).
    """
    house, now = chasing.house, chasing.now
    if row.hours == "desk":
        return house.desk_opens(now)
    if who is None:
        return now
    begins = house.on_duty(who, now) if row.hours == "duty" else now
    if order.pickup_by and now < order.pickup_by < begins and order.state in AWAITING_PICKUP:
        begins = now
    return begins if who.duty else house.quiet_until(begins)


def postponed(turns: Sequence[Turn]) -> ChasePlan:
    """Those whose time has not come, together where it is the same."""
    times = dict.fromkeys(turn.at for turn in turns)
    return together(waiting([turn for turn in turns if turn.at == at], at) for at in times)


# --- one message a person ---------------------------------------------------------------------------------------------


def plan_for(turns: Sequence[Turn], chasing: Round) -> ChasePlan:
    """One message to one person for all that is due; within half an hour of the last one it waits."""
    who = turns[0].who
    assert who is not None
    free_at = free_again(who, chasing)
    if free_at > chasing.now:
        return waiting(turns, free_at)
    listed = set(list(dict.fromkeys(t.duty.order.order_id for t in turns))[:MOST_LISTED])
    told_now = [t for t in turns if t.duty.order.order_id in listed]
    left = [t for t in turns if t.duty.order.order_id not in listed]
    letter = message(who, told_now, chasing)
    later = waiting(left, chasing.now + chasing.house.settings.chasing.one_message_within)
    return together([ChasePlan(wanted=(letter,)), later, *(done(t, str(letter.channel), chasing) for t in told_now)])


def waiting(turns: Sequence[Turn], until: datetime) -> ChasePlan:
    """Duties that wait together."""
    return ChasePlan(postponed=((tuple(t.duty.follow_up_id for t in turns), until),) if turns else ())


def free_again(who: Staff, chasing: Round) -> datetime:
    """When a person may be written to again."""
    _, recipient = chasing.house.reach(who)
    before = chasing.last.get(recipient)
    return before + chasing.house.settings.chasing.one_message_within if before else chasing.now


def message(who: Staff, turns: Sequence[Turn], chasing: Round) -> Wanted:
    """One message to one person about orders, named after the first duty that it fulfils."""
    house, is_escalation = chasing.house, any(turn.escalates for turn in turns)
    channel, recipient = house.reach(who)
    due = list({t.duty.order.order_id: t.duty.order for t in turns}.values())
    others = [] if is_escalation else others_of(who, due, chasing)
    orders = [*due, *others][:MOST_LISTED]
    return Wanted(
        Purpose.ESCALATION if is_escalation else Purpose.CHASE,
        channel,
        recipient,
        who.language,
        cause=f"follow_up:{turns[0].duty.follow_up_id}",
        deadline=chasing.now + house.promise,
        orders=tuple(view_of(order, house) for order in orders),
        name=who.name,
        due=len(due),
        asks=tuple(asked_of(order, who, turns, chasing) for order in orders),
        tried=tuple(chasing.tried.get(order.order_id, ()) for order in orders) if is_escalation else (),
    )


def others_of(who: Staff, listed: Sequence[KnownOrder], chasing: Round) -> list[KnownOrder]:
    """His other orders that are to be picked up, and those of whom he stands in for."""
    there = {order.order_id for order in listed}
    numbers = stands_in_for(who, chasing.house, chasing.now) | {who.number}
    return [o for o in chasing.open_orders if o.dispatcher in numbers and o.order_id not in there]


def asked_of(order: KnownOrder, who: Staff, turns: Sequence[Turn], chasing: Round) -> tuple[str, ...]:
    """The follow-ups of one order that are open for one person: due now, or asked before and not answered."""
    names = [t.row.name for t in turns if t.duty.order.order_id == order.order_id]
    hands = Hands(order.dispatcher, order.area, order.depot)
    for name in chasing.asked.get(order.order_id, ()):
        row = chasing.house.follow_ups.get(name)
        if row and row.is_grouped and not any(has_happened(one, order) for one in row.until):
            asked, _ = asked_at(row, 1, hands, chasing.house, chasing.now)
            names += [name] if asked and asked.number == who.number else []
    return tuple(dict.fromkeys(names))


# --- a duty alone -----------------------------------------------------------------------------------------------------


def plan_alone(turn: Turn, chasing: Round) -> ChasePlan:
    """A letter about one order, or an act without any."""
    house, now, order = chasing.house, chasing.now, turn.duty.order
    if turn.row.does == "close":
        return closing(turn)
    letter = told(Told(turn.row, turn.who, order, turn.duty.follow_up_id), house, now)
    if isinstance(letter, CallDraft):
        return together([ChasePlan(calls=((order.order_id, letter),)), done(turn, "call", chasing)])
    if letter is None:
        return done(turn, "call" if turn.row.call else "", chasing)
    if letter.not_before:
        return waiting([turn], letter.not_before)
    return together([ChasePlan(letters=((order.order_id, letter),)), done(turn, str(letter.channel), chasing)])


def closing(turn: Turn) -> ChasePlan:
    """The end of an order of which nothing more is to come; one that an agent looks after is not ended by the clock."""
    order, ids = turn.duty.order, (turn.duty.follow_up_id,)
    if order.state not in (OrderState.DELIVERED, OrderState.RECEIPT_RETURNED):
        return ChasePlan(over=ids)
    closed = EventDraft("closed", "ingestd", order.serial, {"follow_up": turn.row.name})
    return ChasePlan(done=ids, closed=(Change(order, OrderState.CLOSED),), events=((order.order_id, closed),))


def done(turn: Turn, channel: str, chasing: Round) -> ChasePlan:
    """What a duty leaves that is done: a line in the tracking record, a call to make, and what is due next."""
    order = turn.duty.order
    return ChasePlan(
        done=(turn.duty.follow_up_id,),
        following=tuple((order.order_id, draft) for draft in next_duties(turn, chasing)),
        events=((order.order_id, event_of(turn, channel, chasing.now)),),
        calls=tuple((order.order_id, call) for call in call_of(turn)),
    )


def event_of(turn: Turn, channel: str, now: datetime) -> EventDraft:
    """The line: what was asked or noted, of whom and by which channel, and how late."""
    order, late = turn.duty.order, now - turn.duty.due_at
    name = turn.who.name if turn.who else "" if turn.row.to == "nobody" else turn.row.to
    data: dict[str, object] = {"who": name} if name and channel else {}
    data |= {"channel": channel} if channel else {}
    data |= {"state": str(order.state)} if turn.row.does == "note" else {}
    data |= {"late": f"+{late // MINUTE} min"} if late >= LATE else {}
    kind = "status_note" if turn.row.does == "note" else f"chased.{turn.row.name}"
    return EventDraft(kind, "ingestd", order.serial, data)


def call_of(turn: Turn) -> Iterator[CallDraft]:
    """The call that goes with a duty, where its person has a phone."""
    if turn.row.call and turn.who and turn.who.phone:
        yield CallDraft(turn.duty.order.serial, turn.who.name, turn.who.phone, turn.row.reason)


def next_duties(turn: Turn, chasing: Round) -> Iterator[FollowUpDraft]:
    """The same duty again, and after its first time those that begin after its chase."""
    duty, house, now = turn.duty, chasing.house, chasing.now
    again_at = next_due(turn.row, duty.time, turn.who, now, house)
    if again_at:
        yield FollowUpDraft(duty.order.serial, duty.kind, duty.occurrence + 1, again_at)
    after = (row for row in house.tables.follow_up if duty.kind in row.after and duty.time == 1)
    for row in after:
        who, _ = asked_at(row, 1, duty.hands, house, now)
        yield FollowUpDraft(duty.order.serial, row.name, 1, timed(row, who, (now, row.wait), house))


# --- plans together ---------------------------------------------------------------------------------------------------


def together(plans: Iterable[ChasePlan]) -> ChasePlan:
    """All of them as one."""
    several = list(plans)
    return ChasePlan(*(tuple(x for plan in several for x in getattr(plan, f.name)) for f in fields(ChasePlan)))


def one_call_each(plan: ChasePlan) -> ChasePlan:
    """The same with one call to each phone, not one for each order (domain.md §4)."""
    first: dict[str, tuple[int, CallDraft]] = {}
    for order_id, call in plan.calls:
        first.setdefault(call.phone, (order_id, call))
    return replace(plan, calls=tuple(first.values()))


def people(due: Sequence[Duty], house: House, now: datetime) -> list[Staff]:
    """Those whom these duties go to in one message each."""
    rows = [(house.follow_ups[d.kind], d) for d in due if d.kind in house.follow_ups]
    asked = (asked_at(row, d.time, d.hands, house, now)[0] for row, d in rows if row.is_grouped)
    return list({who.number: who for who in asked if who}.values())
