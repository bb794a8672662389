"""What staff report on the orders entrusted to them: recorded, orders moved, people told. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from ingestd.calendar.delivery import delivery_deadline
from ingestd.checks.deciding import Deciding, desk_notices, in_review, total
from ingestd.checks.delivering import depot_for
from ingestd.checks.dispatch import view_of
from ingestd.checks.following import Duties, duties
from ingestd.checks.handing_on import handed_on
from ingestd.checks.house import House
from ingestd.checks.naming import Named, orders_meant, serials_alone
from ingestd.checks.roster import reports_for
from ingestd.checks.senders import Who
from ingestd.checks.telling import URGED, news
from ingestd.domain.decision import Case, Change, Decision, EventDraft, KnownOrder, Wanted
from ingestd.domain.message import MessageState
from ingestd.domain.order import AWAITING_PICKUP, CARRIED, UNDER_WAY, UNTAKEN, Happening, OrderState, may_move
from ingestd.domain.reading import UNCLEAR, Actual, Details, Driver, Intent
from ingestd.domain.sending import Purpose

RECEIPT = "receipt_returned"  # a report beside those of the reading contract
REASSIGNED = "reassigned"  # word of the letters about progress: another vehicle than was told
CLOSED = "closed"  # of agents only
MOVES: Mapping[str, OrderState] = {
    "accepted": OrderState.TAKEN,
    "assigned": OrderState.TAKEN,
    "picked_up": OrderState.PICKED_UP,
    "picked_up_partly": OrderState.PICKED_UP_PARTLY,
    "departed": OrderState.IN_TRANSIT,
    "arrived": OrderState.ARRIVED,
    "out_for_delivery": OrderState.OUT_FOR_DELIVERY,
    "delivered": OrderState.DELIVERED,
    "delivery_failed": OrderState.PROBLEM,
    "problem": OrderState.PROBLEM,
    RECEIPT: OrderState.RECEIPT_RETURNED,
    CLOSED: OrderState.CLOSED,
}
HAPPENED: Mapping[str, Happening] = {
    "accepted": Happening.TAKEN,
    "assigned": Happening.ASSIGNED,
    "picked_up": Happening.PICKED_UP,
    "picked_up_partly": Happening.PICKED_UP_PARTLY,
    "pickup_failed": Happening.PICKUP_FAILED,
    "departed": Happening.DEPARTED,
    "arrived": Happening.ARRIVED,
    "out_for_delivery": Happening.OUT_FOR_DELIVERY,
    "delivered": Happening.DELIVERED,
    "delivery_failed": Happening.DELIVERY_FAILED,
    RECEIPT: Happening.RECEIPT_RETURNED,
    CLOSED: Happening.CLOSED,
}
QUIET = frozenset({*MOVES, "waiting"}) - {"delivery_failed", "problem"}  # nobody need look at these
PAST_IT = ("report:pickup_failed", "report:delivery_failed")  # reviews that an order which gets on needs no more
ON_THE_ROAD = ("departed", "arrived", "out_for_delivery")  # before the pickup: on the way to it
FETCHED_BY = (Happening.TAKEN, Happening.ASSIGNED)  # letters of these name all that is known of who fetches it


@dataclass(frozen=True, slots=True)
class Heard:
    """One report: its kind and details, by whom it is told, as what cause letters about it go out, and when it came."""

    kind: str
    details: Details
    who: str
    numbers: frozenset[str]  # staff numbers on whose orders it is
    cause: str
    at: datetime
    is_plain: bool = False  # chosen by an agent, not read in somebody's words


def reported(case: Case, who: Who, deciding: Deciding) -> Decision:
    """A report on the sender's orders; where nobody can tell on which, he is asked back and nothing moves."""
    assert who.staff is not None
    house, made = deciding.house, []
    for part in parts_of(case):
        kind = kind_of(part, house)
        named = orders_meant(part, who.staff, kind, deciding)
        if not named.orders:
            return asked_back(part, who, kind, named, deciding)
        heard = Heard(
            kind, part.reading.details, who.name, reports_for(who.staff, house, case.facts.arrived_at),
            f"message:{case.facts.message_id}", case.facts.arrived_at,
        )  # fmt: skip
        made += [told_of(order, heard_of(order, heard, part, house), deciding) for order in named.orders]
    whole = total(made, case)
    reasons = tuple(dict.fromkeys(reason for _, reason in whole.reviews))
    told = desk_notices(reasons, None, case, deciding) if reasons else ()
    return replace(whole, wanted=(*whole.wanted, *told))


def with_what_was_asked(case: Case) -> Case:
    """The report that its sender made when he was asked which order he meant, with the serials that he answers."""
    if case.asked_which is None or case.asked_which.parts:
        return case
    details, serials = case.asked_which.details, serials_alone(case.reading)
    reading = replace(case.reading, intent=Intent.REPORT, details=details, refers_to=serials, review=())
    return replace(case, reading=reading)


def parts_of(case: Case) -> list[Case]:
    """The report by what it tells of which orders: of all of them the same, or of each something else."""
    apart = [replace(case.reading, refers_to=p.refers_to, details=p.details, text=p.text) for p in case.reading.parts]
    return [replace(case, reading=reading) for reading in apart] or [case]


def kind_of(case: Case, house: House) -> str:
    """What is reported: that a signed receipt goes back only where nothing else is said clearly (已签收，回单已拍)."""
    said = case.reading.details.report or "unknown"
    is_clear = said in HAPPENED and UNCLEAR not in case.reading.review
    return RECEIPT if not is_clear and tells_of_receipt(case, house) else said


def heard_of(order: KnownOrder, heard: Heard, case: Case, house: House) -> Heard:
    """What is heard of one order: of one that is delivered words about its signed receipt are about that."""
    of_receipt = order.state is OrderState.DELIVERED and heard.kind in QUIET and names_receipt(case, house)
    return replace(heard, kind=RECEIPT) if of_receipt else heard


def tells_of_receipt(case: Case, house: House) -> bool:
    """Whether a signed receipt goes back: the site's words say so, and there are orders of which all else is done."""
    orders = (*case.thread, *case.named, *case.open)
    return names_receipt(case, house) and any(o.state is OrderState.DELIVERED for o in orders)


def names_receipt(case: Case, house: House) -> bool:
    """Whether a message has one of the site's words for a signed receipt that goes back."""
    return any(word in case.reading.text for word in house.tables.words.receipt_back)


def asked_back(case: Case, who: Who, kind: str, named: Named, deciding: Deciding) -> Decision:
    """Nobody guesses: who reports is asked which order he means; bad news goes to a person as well.

    A bare 收到 of somebody for whom nothing is outstanding says that he has read our letter, and asks for nothing.
    """
    assert who.staff is not None
    sender, house = case.reading.sender, deciding.house
    if kind == "accepted" and not (case.reading.refers_to or case.thread):
        read = EventDraft("report.accepted", who.name)
        return Decision(MessageState.APPLIED, "report accepted: nothing was outstanding", events=(read,))
    reason = f"report_without_order:{kind}"
    if (
        not named.choices
        or sender is None
        or case.reading.envelope.machine
        or not house.answers(case.reading.channel, sender)
    ):
        return in_review(reason, case, deciding)
    letter = Wanted(
        Purpose.WHICH_ORDER, case.reading.channel, sender, who.staff.language, f"message:{case.facts.message_id}",
        deciding.now + house.promise, orders=tuple(view_of(o, house) for o in named.choices), name=who.staff.name,
        answers=True, happening=kind,
    )  # fmt: skip
    said = EventDraft("asked_back", who.name, None, {"report": kind})
    if kind not in QUIET:
        held = in_review(reason, case, deciding)
        return replace(held, wanted=(*held.wanted, letter), events=(*held.events, said))
    return Decision(
        MessageState.APPLIED,
        f"report {kind}: asked which order",
        case.reading.sent_at,
        events=(said,),
        wanted=(letter,),
    )


def told_of(order: KnownOrder, heard: Heard, deciding: Deciding) -> Decision:
    """What a report does to one order."""
    if order.state is OrderState.CANCELLED:
        return on_cancelled(order, heard)
    if heard.kind == "declined":
        return handed_on(order, heard.numbers, (heard.who, heard.details.reason, heard.at), deciding)
    after = reported_order(order, heard, deciding)
    due = Duties()
    told: tuple[Wanted, ...] = ()
    if (happening := happening_of(after, heard.kind)) and is_news(order, after, heard.kind):
        due = duties_of(happening, (order, after), moment(heard), deciding.house)
        details = heard.details if happening not in FETCHED_BY else replace(heard.details, driver=after.driver)
        told = news(happening, after, f"{heard.cause}/{order.serial}", deciding, details)
        if happening is Happening.ASSIGNED and is_another_vehicle(order.driver, after.driver):
            told = tuple(replace(letter, happening=REASSIGNED) for letter in told)
    return Decision(
        MessageState.APPLIED,
        f"report {heard.kind}",
        changes=changes(order, after),
        events=(EventDraft(f"report.{heard.kind}", heard.who, order.serial, data_of(heard.details)),),
        wanted=told,
        follow_ups=due.begin,
        ends=due.end,
        retimed=due.retimed,
        reviews=tuple((order.serial, reason) for reason in doubts(order, heard.kind, heard.details)),
        settles=tuple((order.serial, reason) for reason in needless(order, after, heard.kind)),
    )


def needless(order: KnownOrder, after: KnownOrder, kind: str) -> tuple[str, ...]:
    """What nobody need look at or phone about any more: who was urged has answered, what went wrong is past."""
    gets_on = after.state is not order.state and kind in QUIET
    return (URGED, *PAST_IT) if gets_on else (URGED,)


def is_another_vehicle(before: Driver | None, after: Driver | None) -> bool:
    """Whether another plate comes than was told."""
    return bool(before and after and before.plate and before.plate != after.plate)


def duties_of(happening: Happening, by: tuple[KnownOrder, KnownOrder], at: datetime, house: House) -> Duties:
    """What begins and ends by a report: goods that are further on were picked up, also where nobody has said so."""
    before, after = by
    happened = {Happening.PICKED_UP, happening} if is_fetched(before.state, after.state) else {happening}
    view = view_of(after, house)
    found = [duties(one, view, after.dispatcher, at, house) for one in Happening if one in happened]
    return Duties(*(tuple(x for one in found for x in getattr(one, name)) for name in ("begin", "end", "retimed")))


def is_fetched(before: OrderState, after: OrderState) -> bool:
    """Whether a move says that the goods are with us now."""
    return before in AWAITING_PICKUP and after not in AWAITING_PICKUP


def happening_of(after: KnownOrder, kind: str) -> Happening | None:
    """What a report is for follow-ups and shippers: a vehicle without plate and driver is not assigned yet."""
    happening = HAPPENED.get(kind)
    return Happening.TAKEN if happening is Happening.ASSIGNED and after.driver is None else happening


def is_news(order: KnownOrder, after: KnownOrder, kind: str) -> bool:
    """Whether a report tells something new of an order: what it is past already begins, ends and tells nothing."""
    return after != order or (kind in ("pickup_failed", "delivery_failed") and order.state in UNDER_WAY)


def reported_order(order: KnownOrder, heard: Heard, deciding: Deciding) -> KnownOrder:
    """The order after a report: further on where it was not as far, never back."""
    kind, details = heard.kind, heard.details
    state = state_after(order, heard)
    after = replace(order, state=state)
    if details.driver and kind in ("accepted", "assigned"):
        after = replace(after, driver=known_driver(order.driver, details.driver))
    if is_fetched(order.state, state):
        after = on_its_way(after, moment(heard), deciding.house)
    return after


def state_after(order: KnownOrder, heard: Heard) -> OrderState:
    """Where a report puts an order."""
    kind, details = heard.kind, heard.details
    state = MOVES.get(kind, order.state)
    if kind == "delivery_failed" and details.next_try:
        state = OrderState.ARRIVED
    if state is OrderState.ARRIVED and order.content.hold and order.released_at is None:
        state = OrderState.HELD
    on_the_road = kind in ON_THE_ROAD and not heard.is_plain
    if order.state in AWAITING_PICKUP and (state is OrderState.PROBLEM or on_the_road):
        return order.state  # it is not with us yet: its pickup goes on
    if kind == "delivery_failed" and order.state is OrderState.DELIVERED:
        return order.state  # of an earlier try, told late; a person looks all the same
    if kind != "delivery_failed" and is_back(order.state, state):
        return order.state
    return state if may_move(order.state, state) else order.state


def is_back(before: OrderState, after: OrderState) -> bool:
    """Whether a report would lead an order back, where the table of moves has that for others: a late report.

    A problem is one of goods that were picked up.
    """
    if after is OrderState.TAKEN:
        return before not in UNTAKEN
    if before is OrderState.PROBLEM:
        return after in (OrderState.PICKED_UP_PARTLY, OrderState.PICKED_UP)
    return before in CARRIED and after in CARRIED and CARRIED.index(after) < CARRIED.index(before)


def on_its_way(order: KnownOrder, at: datetime, house: House) -> KnownOrder:
    """The order whose goods are with us: who delivers it, and until when."""
    quote = order.assessment.quote
    by = delivery_deadline(at, order.content, quote.days_most if quote else None, house.delivery)
    return replace(order, depot=depot_for(order, house), deliver_by=by)


def known_driver(before: Driver | None, told: Driver) -> Driver:
    """What is known of who fetches it: what is told now, else what was, but no phone of another driver."""
    old = before or Driver()
    phone = None if told.name and old.name and told.name != old.name else old.phone
    return Driver(told.name or old.name, told.phone or phone, told.plate or old.plate)


def changes(order: KnownOrder, after: KnownOrder) -> tuple[Change, ...]:
    """The change that a report makes, none where it makes none."""
    if after == order:
        return ()
    driver = after.driver if after.driver != order.driver else None
    return (Change(order, after.state, deliver_by=after.deliver_by, depot=after.depot, driver=driver),)


def moment(heard: Heard) -> datetime:
    """When what is reported happened: as it says, else when the report came; never later than that."""
    at = heard.details.at
    return at if at is not None and at <= heard.at else heard.at


def doubts(order: KnownOrder, kind: str, details: Details) -> tuple[str, ...]:
    """Why a person looks at what is reported."""
    out = [] if kind in QUIET else [f"report:{kind}"]
    if kind != "picked_up_partly" and differs(order, details.actual):
        out.append("figures_differ")
    if kind in ("out_for_delivery", "delivered") and order.content.hold and order.released_at is None:
        out.append("handed_out_unreleased")
    return tuple(out)


def differs(order: KnownOrder, actual: Actual | None) -> bool:
    """Whether other figures were there than the order has."""
    if actual is None:
        return False
    lines = order.content.cargo
    said = (
        (actual.quantity, [line.quantity for line in lines]),
        (actual.weight_kg, [line.weight_kg for line in lines]),
        (actual.volume_m3, [line.volume_m3 for line in lines]),
    )
    return any(
        found is not None and None not in stated and found != sum(filter(None, stated)) for found, stated in said
    )


def data_of(details: Details) -> Mapping[str, object] | None:
    """What a report says beside its kind, for the tracking record; no phone."""
    driver, actual = details.driver, details.actual
    told = {
        "at": details.at.isoformat() if details.at else None,
        "signed_by": details.signed_by,
        "note": details.reason,
        "eta": details.eta.isoformat() if details.eta else None,
        "next_try": details.next_try.isoformat() if details.next_try else None,
        "plate": driver.plate if driver else None,
        "driver": driver.name if driver else None,
        "quantity": str(actual.quantity) if actual and actual.quantity is not None else None,
        "weight_kg": str(actual.weight_kg) if actual and actual.weight_kg is not None else None,
        "volume_m3": str(actual.volume_m3) if actual and actual.volume_m3 is not None else None,
    }
    return {name: value for name, value in told.items() if value is not None} or None


def on_cancelled(order: KnownOrder, heard: Heard) -> Decision:
    """A report on an order that was called off: that it is known is fine; that it was fetched is a person's at once."""
    said = EventDraft(f"report.{heard.kind}", heard.who, order.serial)
    fine = heard.kind in ("accepted", "declined", "pickup_failed")
    reviews = () if fine else ((order.serial, f"reported_though_cancelled:{heard.kind}"),)
    state = MessageState.APPLIED if fine else MessageState.REVIEW
    return Decision(state, f"report {heard.kind}", events=(said,), reviews=reviews)
