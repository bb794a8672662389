"""Which orders a report is about: by serial or last digits, by the letter answered, by what is outstanding. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from ingestd.checks.deciding import Deciding
from ingestd.checks.house import House
from ingestd.checks.roster import depots_of, reports_for
from ingestd.config.tables import Staff
from ingestd.domain.decision import Case, KnownOrder
from ingestd.domain.order import AWAITING_PICKUP, CARRIED, TO_BE_PICKED_UP, UNTAKEN, OrderState
from ingestd.domain.reading import Reading
from ingestd.domain.sending import Purpose

OVER_ALL = ("fleet_manager", "operations_manager")  # roles that report on any order that they name
MOST_CHOICES = 8  # that somebody is asked back about
ROAD = (*CARRIED, OrderState.PROBLEM)
CONCERNED: dict[str, tuple[OrderState, ...]] = {  # states that an order is in of which this is news
    "accepted": UNTAKEN,
    "declined": TO_BE_PICKED_UP,
    "assigned": TO_BE_PICKED_UP,
    "picked_up": AWAITING_PICKUP,
    "picked_up_partly": AWAITING_PICKUP,
    "pickup_failed": AWAITING_PICKUP,
    "waiting": AWAITING_PICKUP,
    "departed": ROAD,
    "arrived": ROAD,
    "out_for_delivery": ROAD,
    "delivered": ROAD,
    "delivery_failed": ROAD,
    "receipt_returned": (OrderState.DELIVERED,),
}


SERIAL = re.compile(r"\d{3,}")
ALONE = re.compile(r"(?:\d{3,}[\s,，、。.和及&]*)+")


@dataclass(frozen=True, slots=True)
class Named:
    """The orders that a report is about; where nobody can tell, those that it may be about."""

    orders: tuple[KnownOrder, ...] = ()
    choices: tuple[KnownOrder, ...] = ()


def serials_alone(reading: Reading) -> tuple[str, ...]:
    """The serials, or their last digits, of a message that is nothing else; none of any other."""
    text = reading.text.strip()
    return tuple(dict.fromkeys(SERIAL.findall(text))) if ALONE.fullmatch(text) else ()


def orders_meant(case: Case, who: Staff, kind: str, deciding: Deciding) -> Named:
    """The sender's orders that a report names; a bare `accepted` means all that nobody has taken yet, else those called
    off of which he was told.

    None where a name fits none or several, or the letter answered is about somebody else's: then nobody guesses.
    """
    house, today = deciding.house, deciding.now.astimezone(deciding.house.settings.site.zone).strftime("%y%m%d")
    is_own = has_it if kind == "accepted" else is_his
    thread = tuple(o for o in case.thread if is_own(o, who, house, case.facts.arrived_at))
    others = () if kind == "accepted" else entitled_to(case, who)
    his = tuple({o.serial: o for o in (*case.open, *thread, *others)}.values())
    awaiting = tuple(o for o in his if o.state in CONCERNED.get(kind, ()))
    if case.reading.refers_to:
        found = [fitting(name, his, awaiting, today) for name in case.reading.refers_to]
        if all(len(fits) == 1 for fits in found):
            return Named(orders=tuple({fits[0].serial: fits[0] for fits in found}.values()))
        return Named(choices=several(tuple(o for fits in found for o in fits) or awaiting))
    if case.thread:
        return Named(orders=alive(thread)) if thread else Named()
    if kind == "accepted":
        return Named(orders=awaiting or tuple(o for o in his if o.state is OrderState.CANCELLED))
    live = awaiting or alive(his)
    return Named(orders=live) if len(live) == 1 else Named(choices=several(live))


def fitting(
    name: str, his: tuple[KnownOrder, ...], awaiting: tuple[KnownOrder, ...], today: str
) -> tuple[KnownOrder, ...]:
    """The orders that a serial or its last digits may name: those of which it is news, and of these today's, first."""
    fits = tuple(o for o in his if o.serial.endswith(name))
    if len(fits) < 2:
        return fits
    news = tuple(o for o in fits if o in awaiting) or fits
    of_today = tuple(o for o in news if o.serial.startswith(today))
    return of_today if len(of_today) == 1 else news


def is_his(order: KnownOrder, who: Staff, house: House, at: datetime) -> bool:
    """Whether somebody may report on an order: it was given to him, is at his depot, or he is over all."""
    numbers = reports_for(who, house, at)
    return order.dispatcher in numbers or order.depot in depots_of(numbers, house) or who.role in OVER_ALL


def has_it(order: KnownOrder, who: Staff, house: House, at: datetime) -> bool:
    """Whether somebody can say 收到: an order was given to him, is at his depot, or came to him in another's place.

    A manager does not take what others have.
    """
    got = {one.recipient for one in order.handed if one.purpose is Purpose.WORK_ORDER}
    numbers = reports_for(who, house, at)
    return order.dispatcher in numbers or order.depot in depots_of(numbers, house) or bool({who.email, who.phone} & got)


def entitled_to(case: Case, who: Staff) -> tuple[KnownOrder, ...]:
    """The orders of others that a manager names by their whole serials."""
    return case.named if who.role in OVER_ALL else ()


def alive(orders: tuple[KnownOrder, ...]) -> tuple[KnownOrder, ...]:
    """Those that were not called off, or all where every one was."""
    return tuple(o for o in orders if o.state is not OrderState.CANCELLED) or orders


def several(orders: tuple[KnownOrder, ...]) -> tuple[KnownOrder, ...]:
    """As many as somebody can choose from, the newest ones."""
    return tuple({o.serial: o for o in orders}.values())[-MOST_CHOICES:]
