"""What every decision shares: its means, and the plain outcomes "nothing to do" and "a person decides"."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from ingestd.checks.house import House
from ingestd.checks.senders import Who
from ingestd.domain.decision import About, Case, Decision, EventDraft, KnownOrder, Wanted
from ingestd.domain.keys import Keys
from ingestd.domain.message import MessageState, came_before
from ingestd.domain.order import OrderView
from ingestd.domain.reading import Channel
from ingestd.domain.sending import Purpose


@dataclass(frozen=True, slots=True)
class Deciding:
    """What a decision needs beside its case."""

    house: House
    keys: Keys
    now: datetime
    next_serial: Callable[[], str]


def ignored(reason: str, case: Case) -> Decision:
    """Nothing to do, by a named rule."""
    return Decision(MessageState.IGNORED, reason, case.reading.sent_at)


def in_review(reason: str, case: Case, deciding: Deciding, order: KnownOrder | None = None) -> Decision:
    """A person decides; the desk is told. `reason` is a code of the templates' `[review]` table, or `code:what`."""
    serial = order.serial if order else None
    return Decision(
        MessageState.REVIEW,
        reason,
        case.reading.sent_at,
        events=(EventDraft("review", "ingestd", serial, {"reason": reason}),),
        wanted=desk_notices((reason,), None, case, deciding),
        reviews=((serial, reason),),
    )


def desk_notices(
    reasons: tuple[str, ...], view: OrderView | None, case: Case, deciding: Deciding, *, settled: bool = False
) -> tuple[Wanted, ...]:
    """Tell the desk that a person must decide, until when, with what was read; of what is `settled`, that it is."""
    site, reading = deciding.house.settings.site, case.reading
    due_at = None if settled else deciding.house.checking.due_of(case.facts.arrived_at, deciding.now)
    notice = Wanted(
        Purpose.REVIEW_NOTICE,
        Channel.EMAIL,
        recipient="",
        language=site.language,
        cause=f"order:{view.serial}/{view.revision}" if view else f"message:{case.facts.message_id}",
        deadline=deciding.now + deciding.house.promise,
        order=view,
        notes=reasons,
        about=About(case.facts.message_id, reading.sender or "", case.facts.arrived_at, reading.text, due_at),
    )
    return tuple(notice.to(address) for address in deciding.house.settings.desk.notify)


def overtaken(case: Case, order: KnownOrder) -> bool:
    """Whether a later message than this one has changed the order already."""
    newest = order.last_message_arrived_at, order.last_message_position
    return came_before((case.facts.arrived_at, case.facts.position), newest)


def own(orders: tuple[KnownOrder, ...], who: Who) -> tuple[KnownOrder, ...]:
    """Those orders that belong to the sender."""
    return tuple(o for o in orders if who.customer and o.customer == who.customer.name)


def only(orders: tuple[KnownOrder, ...]) -> KnownOrder | None:
    """The one order, None where there are none or several."""
    return orders[0] if len(orders) == 1 else None
