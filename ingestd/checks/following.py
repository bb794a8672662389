"""Follow-ups: which duties of the desk begin and end by what happens to an order, and when each is due. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from ingestd.checks.conditions import is_as_far, is_shown
from ingestd.checks.house import House
from ingestd.checks.parts import Hands, asked_at
from ingestd.config.follow_up import DEADLINES, DELIVER_BY, NOT_AT_ALL, PICKUP_BY, FollowUp
from ingestd.config.tables import Staff
from ingestd.domain.decision import FollowUpDraft
from ingestd.domain.order import AWAITING_PICKUP, TO_BE_PICKED_UP, Happening, OrderState, OrderView

BEGINS = {PICKUP_BY: Happening.CONFIRMED, DELIVER_BY: Happening.PICKED_UP}  # when a deadline is known
GIVEN_TO = ("dispatcher", "deliverer")  # whoever plays these is another once an order is in other hands
ENDING = (Happening.CANCELLED, Happening.CLOSED)  # of whatever is open


@dataclass(frozen=True, slots=True)
class Duties:
    """What a happening changes in the due table, each duty by its serial and name."""

    begin: tuple[FollowUpDraft, ...] = ()  # the first time of each; anew where there was one before
    end: tuple[tuple[str, str], ...] = ()
    retimed: tuple[FollowUpDraft, ...] = ()  # due at another time now


@dataclass(frozen=True, slots=True)
class Following:
    """An order as it stands, with who looks after it, and what happened to it when."""

    order: OrderView
    hands: Hands
    at: datetime
    house: House


def duties(happening: Happening, order: OrderView, dispatcher: str | None, at: datetime, house: House) -> Duties:
    """What begins and ends when this happens to an order that a dispatcher (by staff number) looks after.

    `order` is as it stands afterwards. What begins counts anew where it had begun before. An order that was confirmed
    before is in other hands now: its dispatcher is asked anew, and whatever concerns others goes on. That and `AMENDED`
    time anew what counts from a deadline, or waits for the shipper's window.
    """
    rows = house.tables.follow_up
    if happening in ENDING:
        return Duties(end=tuple((order.serial, row.name) for row in rows))
    following = Following(order, Hands(dispatcher, order.area, order.depot), at, house)
    handed_on = happening is Happening.CONFIRMED and order.confirmed_at is not None and order.confirmed_at < at
    begun = [row for row in rows if happening in starts(row) and (row.to in GIVEN_TO or not handed_on)]
    moved = [row for row in rows if row not in begun and is_timed(row, following)]
    begin = tuple(first_times(begun, following))
    timeless = {row.name for row in begun} - {draft.kind for draft in begin}  # what waited of these is over as well
    ended = (r.name for r in rows if r.name in timeless or (r not in begun and is_fulfilled(r, happening, order)))
    return Duties(
        begin=begin,
        end=tuple((order.serial, name) for name in ended),
        retimed=tuple(first_times(moved, following)) if handed_on or happening is Happening.AMENDED else (),
    )


def is_fulfilled(row: FollowUp, happening: Happening, order: OrderView) -> bool:
    """Whether what a follow-up waits for happens now, or is shown by how far the order is: who delivers has fetched."""
    return happening in row.until or any(is_shown(one, order.state) for one in row.until if order.state)


def starts(row: FollowUp) -> set[str]:
    """What begins a follow-up; a deadline does so as soon as it is known."""
    return {BEGINS.get(start, start) for start in row.after}


def is_timed(row: FollowUp, following: Following) -> bool:
    """Whether a follow-up that has begun counts from what an amendment may move: a deadline, the shipper's window."""
    order = following.order
    stands = order.state or (OrderState.PICKED_UP if order.deliver_by else OrderState.CONFIRMED)
    if DELIVER_BY in row.after:
        return order.deliver_by is not None and not is_as_far(stands, OrderState.DELIVERED)
    return (PICKUP_BY in row.after or row.window) and stands in AWAITING_PICKUP


def first_times(rows: list[FollowUp], following: Following) -> Iterator[FollowUpDraft]:
    """The first time of each, where there is one."""
    for row in rows:
        due_at = first_due(row, following)
        if due_at is not None:
            yield FollowUpDraft(following.order.serial, row.name, 1, due_at)


def first_due(row: FollowUp, following: Following) -> datetime | None:
    """When a follow-up is due for the first time; None where it counts from what is unknown, or back into the past."""
    order, house = following.order, following.house
    who, _ = asked_at(row, 1, following.hands, house, following.at)
    start, wait = start_of(row, following), wait_of(row, who)
    if start is None or (wait < NOT_AT_ALL and start + wait <= following.at):
        return None
    due_at = timed(row, who, (start, wait), house)
    if row.hours == "duty" and start < order.pickup_by <= due_at and is_open(order):
        due_at = start + wait  # he is off duty until after the deadline
    opens = order.content.pickup.start if row.window else None
    return timed(row, who, (opens, NOT_AT_ALL), house) if opens and opens > due_at else due_at


def is_open(order: OrderView) -> bool:
    """Whether the goods of an order are still to be picked up."""
    return order.deliver_by is None and (order.state is None or order.state in TO_BE_PICKED_UP)


def start_of(row: FollowUp, following: Following) -> datetime | None:
    """From when on a follow-up counts: a deadline, else what happened; of an order's confirmation the time of that."""
    order = following.order
    deadline = next((start for start in row.after if start in DEADLINES), None)
    if deadline:
        return order.pickup_by if deadline == PICKUP_BY else order.deliver_by
    return order.confirmed_at if row.window and order.confirmed_at else following.at


def wait_of(row: FollowUp, who: Staff | None) -> timedelta:
    """How long it waits, by the channel that reaches its recipient first."""
    by_sms = row.wait_by_sms is not None and who is not None and who.main_channel == "sms"
    return row.wait_by_sms if by_sms and row.wait_by_sms is not None else row.wait


def timed(row: FollowUp, who: Staff | None, span: tuple[datetime, timedelta], house: House) -> datetime:
    """The moment so long after a start by the hours of a follow-up: on duty only duty counts (domain.md §1, §5)."""
    start, wait = span
    if row.hours == "duty" and who and wait >= NOT_AT_ALL:
        return house.after_duty(who, start, wait)
    if row.hours == "desk":
        return house.desk_opens(start + wait)
    return house.rounds.next_after(start + wait) if row.hours == "rounds" else start + wait


def next_due(row: FollowUp, occurrence: int, who: Staff | None, now: datetime, house: House) -> datetime | None:
    """When a follow-up is due again after its nth time, which was now; None where it is not."""
    if row.every is not None and (row.times is None or occurrence <= row.times):
        return timed(row, who, (now, row.every), house)
    return house.rounds.next_after(now) if row.then == "rounds" else None
