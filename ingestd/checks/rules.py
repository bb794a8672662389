"""The checks of an order as a table: a small named rule each, what it saw, and what the site makes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from ingestd.checks.house import House
from ingestd.config.tables import Area
from ingestd.domain.decision import Finding
from ingestd.domain.reading import Code, OrderReading, Problem


@dataclass(frozen=True, slots=True)
class Checked:
    """What a rule looks at."""

    content: OrderReading
    problems: tuple[Problem, ...]
    doubts: tuple[str, ...]  # the reader's own reasons for review
    area: Area | None
    twin: str | None  # serial of a recent order of the same content
    text: str
    arrived_at: datetime
    now: datetime


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that found something: its name, the finding, and what it saw."""

    rule: str
    finding: Finding
    saw: str

    @property
    def reason(self) -> str:
        """A code of the templates' `[review]` table with what was seen; the reader's doubts are such codes already."""
        return self.saw if self.rule == doubtful_reading.__name__ else f"{self.rule}:{self.saw}"


Rule = Callable[[Checked, House], Iterator[str]]


def missing_field(order: Checked, house: House) -> Iterator[str]:
    """A required field is missing, unreadable or ambiguous."""
    yield from (p.field for p in order.problems if p.code is not Code.INVALID_PHONE)


def invalid_phone(order: Checked, house: House) -> Iterator[str]:
    """A phone that cannot be one."""
    yield from (p.field for p in order.problems if p.code is Code.INVALID_PHONE)


def too_general_goods(order: Checked, house: House) -> Iterator[str]:
    """A cargo name that names nothing."""
    yield from (
        line.name for line in order.content.cargo if line.name and line.name.lower() in house.tables.words.too_general
    )


def unknown_area(order: Checked, house: House) -> Iterator[str]:
    """The pickup lies in no area of ours."""
    if order.area is None and order.content.pickup.address:
        yield "pickup.address"


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


RULES: tuple[tuple[Rule, Finding], ...] = (
    (missing_field, Finding.ASK),
    (invalid_phone, Finding.ASK),
    (too_general_goods, Finding.ASK),
    (unknown_area, Finding.REVIEW),
    (stale_message, Finding.REVIEW),
    (doubtful_reading, Finding.REVIEW),
    (second_shipment, Finding.REVIEW),
)


def check(order: Checked, house: House) -> tuple[Hit, ...]:
    """All hits of all rules, with the site's findings where it names them (domain.md §3)."""
    hits = []
    for rule, default in RULES:
        finding = Finding(house.tables.findings.get(rule.__name__, default))
        hits += [Hit(rule.__name__, finding, saw) for saw in rule(order, house)]
    return tuple(hits)
