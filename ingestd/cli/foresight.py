"""What would become of a message that came to the site now: decided on by itself, nothing written, nothing sent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import count
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from ingestd.cli.content import yuan
from ingestd.cli.output import Column, heading, line, moment, table
from ingestd.cli.reasons import told
from ingestd.cli.story import MONTH
from ingestd.cli.words import term, word
from ingestd.domain.assessment import Finding
from ingestd.domain.reading import as_json

if TYPE_CHECKING:
    from ingestd.checks.house import House
    from ingestd.domain.assessment import Assessment
    from ingestd.domain.decision import Decision, NewOrder
    from ingestd.domain.reading import Reading


def foreseen(reading: Reading, house: House, now: datetime) -> Decision:
    """The decision on a message that arrives now, before which nothing came: no thread, no twin, no earlier order."""
    from ingestd.checks.deciding import Deciding
    from ingestd.checks.decision import decide
    from ingestd.domain.decision import Case, MessageFacts
    from ingestd.domain.keys import Keys

    numbers = count(1)
    account = next(iter(house.authserv_ids), "")  # whose server's word on the sender would count
    facts = MessageFacts(0, account, reading.channel, now, 1, now, "")
    return decide(Case(facts, reading), Deciding(house, Keys(b"foresight"), now, lambda: str(next(numbers))))


def foreseen_object(decision: Decision) -> dict[str, Any]:
    """The same for programs."""
    return {
        "state": str(decision.state),
        "reason": decision.reason,
        "orders": [
            {"state": str(o.state), "area": o.area, "pickup_by": o.pickup_by, "assessment": as_json(o.assessment)}
            for o in decision.new_orders
        ],
        "reviews": [reason for _, reason in decision.reviews],
        "sendings": [
            {"purpose": str(w.purpose), "channel": str(w.channel), "recipient": w.recipient, "not_before": w.not_before}
            for w in decision.wanted
        ],
    }


def print_foreseen(decision: Decision, zone: ZoneInfo) -> None:
    """What the checks would find, what would become of it, and what would go out to whom."""
    heading(word("explain.foreseen"))
    table((Column(""), Column("", wraps=True)), list(fates(decision, zone)), 2)
    for number, order in enumerate(decision.new_orders, 1):
        rows = list(assessment_rows(order.assessment))
        if rows:
            line()
            if len(decision.new_orders) > 1:
                line("  " + word("parse.order", number=number, total=len(decision.new_orders)))
            table((Column(""), Column("", wraps=True)), rows, 2)
    if decision.wanted:
        heading(word("explain.would_go"))
        columns = [Column(word(f"column.{name}"), wraps=True) for name in ("what", "channel", "recipient", "when")]
        table(columns, [sending_row(w, zone) for w in decision.wanted], 2)


def fates(decision: Decision, zone: ZoneInfo) -> Iterator[tuple[str, str]]:
    """The state of each order, or of the message that makes none, with the reasons of a person's review."""
    for order in decision.new_orders:
        yield term("order_state", order.state), ", ".join(filter(None, (order.area, pickup_by(order, zone))))
    if not decision.new_orders:
        yield term("message_state", decision.state), "" if decision.reviews else told(decision.reason)
    for _, reason in decision.reviews:
        yield word("explain.decide"), told(reason)


def pickup_by(order: NewOrder, zone: ZoneInfo) -> str:
    """Until when an order would be picked up."""
    return word("explain.pickup_by", at=moment(order.pickup_by, zone)[MONTH:-3]) if order.pickup_by else ""


def assessment_rows(assessment: Assessment) -> Iterator[tuple[str, str]]:
    """What the checks saw: their hits, the places, the charges and the freight."""
    for hit in assessment.hits:
        if hit.finding is not Finding.CHARGE:  # told below
            yield term("finding", hit.finding), told(hit.reason)
    for name, place in (("pickup_place", assessment.pickup_place), ("delivery_place", assessment.delivery_place)):
        if place:
            yield word(f"explain.{name}"), place
    for due in assessment.dues:
        yield term("finding", Finding.CHARGE), f"{due.name} {yuan(due.amount)}: {term('delivery', due.because)}"
    quote = assessment.quote
    if quote and quote.freight is not None:
        by = f" ({term('basis', quote.basis)})" if quote.basis else ""
        yield word("column.freight"), f"{yuan(quote.freight)}{by}: {quote.to}"


def sending_row(wanted: Any, zone: ZoneInfo) -> tuple[str, str, str, str]:
    """One sending; at once where no hour is told."""
    at = moment(wanted.not_before, zone)[MONTH:-3] if wanted.not_before else word("explain.at_once")
    return term("purpose", wanted.purpose), term("channel", wanted.channel), wanted.recipient, at
