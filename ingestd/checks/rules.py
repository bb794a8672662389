"""The checks of an order as a table: a small named rule each, what it saw, and what the site makes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ingestd.checks import goods, places, terms
from ingestd.checks.checked import Checked
from ingestd.checks.house import House
from ingestd.domain.assessment import Finding, Hit
from ingestd.domain.reading import Code

Rule = Callable[[Checked, House], Iterator[str]]


def missing_field(order: Checked, house: House) -> Iterator[str]:
    """A required field is missing, unreadable or ambiguous."""
    yield from (p.field for p in order.problems if p.code is not Code.INVALID_PHONE)


def invalid_phone(order: Checked, house: House) -> Iterator[str]:
    """A phone that cannot be one."""
    yield from (p.field for p in order.problems if p.code is Code.INVALID_PHONE)


def stale_message(order: Checked, house: House) -> Iterator[str]:
    """The order is too old to be dispatched unseen."""
    age = order.now - order.arrived_at
    if age > house.settings.orders.stale_after:
        yield f"{age.total_seconds() / 3600:.1f} h"


def doubtful_reading(order: Checked, house: House) -> Iterator[str]:
    """The reader itself has doubts."""
    yield from order.doubts


def second_shipment(order: Checked, house: House) -> Iterator[str]:
    """The same content in a new mail, without a word that says so: two identical shipments a day are normal."""
    if order.twin and not any(word in order.text for word in house.tables.words.again):
        yield order.twin


def same_reference(order: Checked, house: House) -> Iterator[str]:
    """Another content under a reference that the customer has given before: a change, or a second shipment under it."""
    if order.namesake and not any(word in order.text for word in house.tables.words.again):
        yield order.namesake


RULES: tuple[tuple[Rule, Finding], ...] = (
    (missing_field, Finding.ASK),
    (invalid_phone, Finding.ASK),
    (goods.prohibited_goods, Finding.BLOCK),
    (goods.prohibited_part, Finding.REVIEW),
    (goods.sensitive_goods, Finding.NOTE),
    (goods.too_general_goods, Finding.ASK),
    (goods.density, Finding.REVIEW),
    (goods.too_heavy_piece, Finding.REVIEW),
    (goods.too_big_shipment, Finding.REVIEW),
    (places.unknown_area, Finding.REVIEW),
    (places.outside_delivery, Finding.REVIEW),
    (places.ambiguous_place, Finding.ASK),
    (places.place_contradiction, Finding.ASK),
    (places.destination_differs, Finding.ASK),
    (terms.manner_not_offered, Finding.ASK),
    (terms.consignee_full_name, Finding.ASK),
    (terms.consignee_title, Finding.NOTE),
    (terms.payment_not_allowed, Finding.ASK),
    (terms.credit_stop, Finding.REVIEW),
    (terms.extra_charge, Finding.CHARGE),
    (stale_message, Finding.REVIEW),
    (doubtful_reading, Finding.REVIEW),
    (second_shipment, Finding.REVIEW),
    (same_reference, Finding.REVIEW),
)


def check(order: Checked, house: House) -> tuple[Hit, ...]:
    """All hits of all rules, with the site's findings where it names them (domain.md §3)."""
    hits = []
    for rule, default in RULES:
        finding = Finding(house.tables.findings.get(rule.__name__, default))
        hits += [Hit(rule.__name__, finding, saw) for saw in rule(order, house)]
    return tuple(hits)
