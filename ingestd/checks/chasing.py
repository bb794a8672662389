"""Chasing pickups: who is asked, urged or told when duties fall due (domain.md §5). Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ingestd.checks.dispatch import PICKUP_ASKED, PICKUP_OVERDUE, view_of
from ingestd.checks.house import House
from ingestd.config.tables import Staff
from ingestd.domain.decision import EventDraft, FollowUpDraft, KnownOrder, Wanted
from ingestd.domain.order import OrderState
from ingestd.domain.sending import Purpose

AWAITING_PICKUP = frozenset({OrderState.CONFIRMED, OrderState.DISPATCHED, OrderState.TAKEN})
ASK_AGAIN_BEFORE = timedelta(minutes=30)  # the deadline
MOST_LISTED = 20  # orders in one message


@dataclass(frozen=True, slots=True)
class Duty:
    """A follow-up that is due."""

    follow_up_id: int
    kind: str
    occurrence: int
    due_at: datetime
    order: KnownOrder


@dataclass(frozen=True, slots=True)
class ChasePlan:
    """What one round of chasing comes to."""

    wanted: tuple[Wanted, ...]
    done: tuple[int, ...]  # duties fulfilled
    postponed: tuple[tuple[tuple[int, ...], datetime], ...]  # duties whose person was written to just now
    following: tuple[tuple[int, FollowUpDraft], ...]  # (order id, the next duty)
    events: tuple[tuple[int, EventDraft], ...]  # (order id, what was done)


def recipients(due: Sequence[Duty], house: House) -> list[str]:
    """Where the dispatchers of these duties are reached."""
    theirs = {d.order.dispatcher for d in due} & house.numbers.keys()
    return sorted({house.reach(house.numbers[number])[1] for number in theirs if number})


@dataclass(frozen=True, slots=True)
class Round:
    """One round of chasing: whose orders are under way, who was written to when, and the house's rules."""

    open_orders: Sequence[KnownOrder]
    last: Mapping[str, datetime]  # by recipient: when he was chased last
    house: House
    now: datetime

    def letter(self, purpose: Purpose, who: Staff, duty: Duty, orders: Sequence[KnownOrder]) -> Wanted:
        """One message to one person about orders of a dispatcher, named after the first duty it fulfils."""
        channel, recipient = self.house.reach(who)
        return Wanted(
            purpose,
            channel,
            recipient,
            who.language,
            cause=f"follow_up:{duty.follow_up_id}",
            deadline=self.now + self.house.promise,
            orders=tuple(view_of(order, self.house) for order in orders[:MOST_LISTED]),
            name=who.name,
        )


def chase_plan(due: Sequence[Duty], chasing: Round) -> ChasePlan:
    """One message a person for all that is due; who was written to within the half hour waits; overdue is told up."""
    house = chasing.house
    live = [d for d in due if d.order.state in AWAITING_PICKUP and d.order.dispatcher in house.numbers]
    over = tuple(d.follow_up_id for d in due if d not in live)
    plans = [plan_for(house.numbers[n], live, chasing) for n in sorted({d.order.dispatcher or "" for d in live})]
    return ChasePlan(
        wanted=tuple(w for p in plans for w in p.wanted),
        done=over + tuple(i for p in plans for i in p.done),
        postponed=tuple(x for p in plans for x in p.postponed),
        following=tuple(f for p in plans for f in p.following),
        events=tuple(e for p in plans for e in p.events),
    )


def plan_for(who: Staff, live: Sequence[Duty], chasing: Round) -> ChasePlan:
    """What is due for one dispatcher's orders."""
    duties = [d for d in live if d.order.dispatcher == who.number]
    asked = [d for d in duties if d.kind == PICKUP_ASKED]
    overdue = [d for d in duties if d.kind == PICKUP_OVERDUE]
    wanted = list(told_up(overdue, chasing))
    postponed: tuple[tuple[tuple[int, ...], datetime], ...] = ()
    free_at = free_again(who, chasing)
    if free_at <= chasing.now:
        mine = [o for o in chasing.open_orders if o.dispatcher == who.number]
        wanted.append(chasing.letter(Purpose.CHASE, who, duties[0], mine))
    elif asked:
        postponed = ((tuple(d.follow_up_id for d in asked), free_at),)
        duties = overdue
    return ChasePlan(
        wanted=tuple(wanted),
        done=tuple(d.follow_up_id for d in duties),
        postponed=postponed,
        following=tuple((d.order.order_id, f) for d in duties for f in next_duty(d, chasing)),
        events=tuple((d.order.order_id, EventDraft(f"chased.{d.kind}", "ingestd", d.order.serial)) for d in duties),
    )


def free_again(who: Staff, chasing: Round) -> datetime:
    """When a person may be written to again."""
    _, recipient = chasing.house.reach(who)
    before = chasing.last.get(recipient)
    return before + chasing.house.settings.pickup.one_message_within if before else chasing.now


def told_up(overdue: Sequence[Duty], chasing: Round) -> Iterator[Wanted]:
    """The operations manager learns of pickups past their deadline, one message for all of them."""
    manager = chasing.house.numbers.get(chasing.house.tables.operations_manager or "")
    if manager and overdue:
        yield chasing.letter(Purpose.ESCALATION, manager, overdue[0], [d.order for d in overdue])


def next_duty(duty: Duty, chasing: Round) -> Iterator[FollowUpDraft]:
    """What follows a duty: asked once more before the deadline; past it, reminded so often and no more."""
    policy, order = chasing.house.settings.pickup, duty.order
    again_at = order.pickup_by - ASK_AGAIN_BEFORE if order.pickup_by else chasing.now
    if duty.kind == PICKUP_ASKED and duty.occurrence == 1 and again_at > chasing.now:
        yield FollowUpDraft(order.serial, PICKUP_ASKED, 2, again_at)
    if duty.kind == PICKUP_OVERDUE and duty.occurrence <= policy.remind_times:
        yield FollowUpDraft(order.serial, PICKUP_OVERDUE, duty.occurrence + 1, chasing.now + policy.remind_every)
