"""What a chase or an escalation is told: the orders of one person, what is asked of each, and what was tried."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ingestd.composing.facts import Facts, Teller
from ingestd.composing.figures import clean
from ingestd.domain.decision import Tried, Wanted
from ingestd.domain.order import OrderView

SHORT = 3  # digits of a serial that name it among those of some days
CALL = "call"  # kind of what was tried
OTHER = "other"  # words for a follow-up that has none of its own


@dataclass(frozen=True, slots=True)
class OpenOrder:
    """One order as a chase shows it; `late` is how long it is past its deadline, or empty."""

    serial: str
    side: str  # "pickup", "delivery" or "receipt": where what is asked happens
    place: str
    landmark: str  # the place in few words
    goods: str
    contact: str
    phones: str
    due: str
    late: str
    asks: tuple[str, ...]  # questions to who looks after it
    short_asks: tuple[str, ...]  # the same for a text message
    states: tuple[str, ...]  # the same as told to a manager
    tried: tuple[str, ...]
    by_serial: bool  # whether more is asked than one word answers


def open_orders(wanted: Wanted, teller: Teller, now: datetime) -> Facts:
    """All open orders of one person, those first that are due; a text message names the others by their last digits,
    and counts in `more` those that it has no room for."""
    orders = [open_order(wanted, number, teller, now) for number in range(len(wanted.orders))]
    due = wanted.due or len(orders)
    return {
        "name": clean(wanted.name),
        "orders": orders,
        "count": len(orders),
        "due": due,
        "others": last_digits([order.serial for order in orders], due),
        "more": 0,
        "by_serial": any(order.by_serial for order in orders[:due]),
    }


def last_digits(serials: Sequence[str], start: int) -> list[str]:
    """Serials from a place on as they are told in few words: by digits that none of the others ends with."""
    ends = Counter(serial[-SHORT:] for serial in serials)
    return [serial[-SHORT:] if ends[serial[-SHORT:]] == 1 else serial for serial in serials[start:]]


def open_order(wanted: Wanted, number: int, teller: Teller, now: datetime) -> OpenOrder:
    """One of the orders that a chase is about, by its place in the list."""
    order, told = wanted.orders[number], teller.facts(wanted.orders[number])
    asks = [words_of(name, teller) for name in asked_of(wanted, number, now)]
    side = asks[-1]["side"] if len({a["side"] for a in asks}) == 1 else "pickup"
    due = {"pickup": order.pickup_by, "delivery": order.deliver_by}.get(side)
    late = teller.times.span((now - due).total_seconds()) if due and now > due else ""
    place, contact, phones = PLACES[side == "pickup"]
    return OpenOrder(
        serial=told["serial"],
        side=side,
        place=told[place] or told["destination"],
        landmark=teller.landmark(told[place] or told["destination"]),
        goods=told["goods"],
        contact=told[contact],
        phones=told[phones],
        due=teller.times.moment(due),
        late=late,
        asks=tuple(dict.fromkeys(said("ask", a, late) for a in asks)),
        short_asks=tuple(dict.fromkeys(said("sms", a, late) for a in asks)),
        states=tuple(dict.fromkeys(said("state", a, late) for a in asks)),
        tried=tuple(attempt(one, teller, now) for one in tried_for(wanted.tried, number)),
        by_serial=any(not a.get("one_word") for a in asks),
    )


PLACES = {
    True: ("pickup_address", "pickup_contact", "pickup_phones"),
    False: ("consignee_address", "consignee", "consignee_phones"),
}


def asked_of(wanted: Wanted, number: int, now: datetime) -> Sequence[str]:
    """The follow-ups that are open for an order; where nobody says, what its deadlines let expect."""
    names = wanted.asks[number] if number < len(wanted.asks) else ()
    order = wanted.orders[number]
    if not names:
        return (usual(order, now),)
    beside = {"pickup_asked", "pickup_asked_again"} if "pickup_overdue" in names else set()
    return [name for name in names if name not in beside]


def usual(order: OrderView, now: datetime) -> str:
    """The follow-up that an order in its place would have."""
    if order.deliver_by is not None:
        return "delivery_overdue"
    return "pickup_overdue" if now > order.pickup_by else "pickup_asked"


def words_of(name: str, teller: Teller) -> dict[str, Any]:
    """The words of a follow-up, of a general question where it has none (sites add rows of their own)."""
    words = teller.wording["follow_up"]
    return dict(words.get(name, words[OTHER]))


def said(key: str, words: dict[str, Any], late: str) -> str:
    """A question or state in words, with how late it is where that is part of them."""
    pattern = words.get(f"{key}_late", words[key]) if late else words[key]
    return str(pattern).format(late)


def tried_for(tried: Sequence[Sequence[Tried]], number: int) -> Sequence[Tried]:
    """What was done about one of the orders."""
    return tried[number] if number < len(tried) else ()


def attempt(one: Tried, teller: Teller, now: datetime) -> str:
    """When what was tried with whom, and what came of it; the day only where it is another one."""
    words, times = teller.wording["tried"], teller.times
    today = times.date(now.astimezone(times.zone).date()) == times.date(one.at.astimezone(times.zone).date())
    kind = "call" if one.kind == CALL else "chase"
    about = words_of(one.kind, teller)["about"] if kind == "chase" else ""
    pattern = words[f"{kind}_outcome" if one.outcome else kind]
    at = times.hour(one.at) if today else times.moment(one.at)
    return str(pattern).format(at=at, who=clean(one.who), about=about, outcome=clean(one.outcome))
