"""What staff report on the orders entrusted to them. Pure."""

from __future__ import annotations

from ingestd.checks.deciding import Deciding, in_review
from ingestd.checks.dispatch import PICKUP_KINDS
from ingestd.checks.senders import Who
from ingestd.domain.decision import Case, Change, Decision, EventDraft, KnownOrder
from ingestd.domain.message import MessageState
from ingestd.domain.order import ORDER_MOVES, OrderState

MOVES = {"accepted": OrderState.TAKEN, "assigned": OrderState.TAKEN, "picked_up": OrderState.PICKED_UP}
QUIET = frozenset(MOVES) | {"picked_up_partly", "waiting", "departed", "arrived", "out_for_delivery", "delivered"}
AWAITING = (OrderState.CONFIRMED, OrderState.DISPATCHED)  # not yet taken


def reported(case: Case, who: Who, deciding: Deciding) -> Decision:
    """A report on the sender's orders: recorded, orders moved, a pickup's follow-ups ended; bad news to a person."""
    assert who.staff is not None
    kind = case.reading.details.report or "unknown"
    concerned = orders_meant(case, deciding.house.entrusted_to(who.staff))
    if not concerned:
        return in_review(f"report_without_order:{kind}", case, deciding)
    movable = (o for o in concerned if MOVES.get(kind) in ORDER_MOVES[o.state])
    return Decision(
        MessageState.APPLIED,
        f"report {kind}",
        case.reading.sent_at,
        changes=tuple(Change(o, MOVES[kind]) for o in movable),
        events=tuple(EventDraft(f"report.{kind}", who.name, o.serial) for o in concerned),
        ends=tuple((o.serial, duty) for o in concerned if kind == "picked_up" for duty in PICKUP_KINDS),
        reviews=tuple((o.serial, f"report:{kind}") for o in concerned if kind not in QUIET),
    )


def orders_meant(case: Case, dispatcher: str) -> tuple[KnownOrder, ...]:
    """The sender's orders that a report names, by serial or its last digits; a bare `accepted` means all not yet taken.

    Empty where a name fits none or several, or the letter answered is about somebody else's: then nobody guesses.
    """
    thread = tuple(o for o in case.thread if o.dispatcher == dispatcher)
    entrusted = tuple({o.serial: o for o in (*case.open, *thread)}.values())
    if case.reading.refers_to:
        found = [[o for o in entrusted if o.serial.endswith(name)] for name in case.reading.refers_to]
        return tuple(fits[0] for fits in found) if all(len(fits) == 1 for fits in found) else ()
    if case.thread:
        return thread
    if case.reading.details.report == "accepted":
        return tuple(o for o in entrusted if o.state in AWAITING)
    return entrusted if len(entrusted) == 1 else ()
