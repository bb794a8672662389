"""What attempts came to: in the outbox, in the tracking records, and in the orders that are dispatched by it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from ingestd.calendar.checking import CheckingClock
from ingestd.domain.decision import EventDraft, call_to_shipper
from ingestd.domain.retry import RetryPolicy
from ingestd.domain.sending import TO_SHIPPERS, Claim, Purpose, Result, SendingState
from ingestd.store.alarms import open_alarm
from ingestd.store.calls import write_call
from ingestd.store.known_orders import known_orders
from ingestd.store.orders import mark_dispatched, write_events
from ingestd.store.reviews import write_reviews
from ingestd.store.schema import orders
from ingestd.store.sendings import GIVEN_UP, Recorded, claimed_since, record

UNREACHED = "answer_refused"


def record_results(
    connection: Connection,
    results: Sequence[tuple[Claim, Result]],
    policy: RetryPolicy,
    now: datetime,
    checking: CheckingClock | None = None,
) -> list[timedelta]:
    """Write a group of results and what follows from them; of a sending that was claimed anew nothing follows.

    Gives the time from the start of its clock for each order that is dispatched by it.
    """
    recorded = [recorded_of(claim, result, policy, now) for claim, result in results]
    lost: set[int] = set()
    if record(connection, recorded) < len(recorded):
        lost = claimed_since(connection, [claim for claim, _ in results])
    states = [(claim, one) for (claim, _), one in zip(results, recorded, strict=True) if one.sending_id not in lost]
    accepted = [claim for claim, one in states if one.state is SendingState.ACCEPTED]  # they speak for themselves
    others = [(claim, one) for claim, one in states if one.state is not SendingState.ACCEPTED]
    write_events(connection, [(c.order_id, None, c.channel, happened(c, one)) for c, one in others if c.order_id], now)
    gone = mark_dispatched(
        connection, [c.order_id for c in accepted if c.order_id and c.purpose == Purpose.WORK_ORDER], now
    )
    for claim, one in others:
        if one.state in GIVEN_UP:
            tell_of_giving_up(connection, claim, one.detail, now, checking)
    return [now - order.clock_start for order in gone if order.clock_start]


def recorded_of(claim: Claim, result: Result, policy: RetryPolicy, now: datetime) -> Recorded:
    """A result with the state that follows."""
    state, next_at = policy.after(result.outcome, claim.attempts, claim.created_at, now)
    return Recorded(result.sending_id, result.token, state, next_at, result.detail, result.at)


def happened(claim: Claim, recorded: Recorded) -> EventDraft:
    """The line of the tracking record for an attempt that was not accepted."""
    data = {"purpose": claim.purpose, "sending": claim.sending_id}
    return EventDraft(f"sending.{recorded.state}", "ingestd", data=data)


def tell_of_giving_up(
    connection: Connection, claim: Claim, detail: str, now: datetime, checking: CheckingClock | None
) -> None:
    """A sending that nobody will get: the desk phones the shipper, the promise's sweep falls back, else an alarm."""
    due_at = checking.due(now) if checking else None
    if claim.purpose in TO_SHIPPERS and claim.order_id is not None:
        (order,) = known_orders(connection, orders.c.id == claim.order_id)
        write_call(connection, claim.order_id, call_to_shipper(order, UNREACHED), "ingestd", (now, due_at or now))
        said = EventDraft("call", "ingestd", order.serial, {"reason": UNREACHED})
        write_events(connection, [(claim.order_id, None, None, said)], now)
    elif claim.purpose in TO_SHIPPERS:
        write_reviews(connection, [(claim.message_id, None, UNREACHED)], now, due_at)
    elif claim.purpose != Purpose.WORK_ORDER:
        open_alarm(connection, f"sending {claim.sending_id}", "refused", detail, now)
