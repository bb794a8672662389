"""What letters to a shipper are told beside his order: what is asked, refused, answered, sent twice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ingestd.composing.facts import Facts, Teller
from ingestd.composing.figures import clean
from ingestd.composing.form import form_of
from ingestd.composing.rows import rows_of
from ingestd.domain.answer import Answer
from ingestd.domain.asked import open_fields
from ingestd.domain.assessment import Finding
from ingestd.domain.order import OrderView


@dataclass(frozen=True, slots=True)
class Told:
    """What an inquiry is answered: where an order is, or what the tariff says."""

    order: OrderView | None = None
    state: str = ""  # of the order
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class Repeat:
    """What was sent twice: the orders that stand, when their mail came, and the order called off for it, if any."""

    serials: tuple[str, ...]
    received_at: datetime | None = None
    called_off: str = ""


def asked(order: OrderView, teller: Teller) -> Facts:
    """What is missing or in doubt, and the form that asks for it."""
    return {
        **teller.facts(order),
        "problems": teller.problems(order.problems),
        "asks": teller.asks(order.assessment.hits),
        "form": [(line.label, line.value, line.open) for line in form_of(order, teller)],
        "to_fill": bool(open_fields(order)),
        "lacking": teller.lacking(order.problems),
        "short_asks": teller.asks(order.assessment.hits, "ask_sms"),
        "samples": teller.samples(order.problems),
        "brief": teller.brief(order.content),
    }


def refused(order: OrderView, teller: Teller) -> Facts:
    """Goods that can't be carried, each with its class."""
    blocks = [hit.saw.partition(":") for hit in order.assessment.hits if hit.finding is Finding.BLOCK]
    return {**teller.facts(order), "refused": [(clean(goods), teller.word(kind)) for goods, _, kind in blocks]}


def answered(told: Told, teller: Teller) -> Facts:
    """Where an order is and what is known of it by then, or what the tariff offers."""
    offered = teller.answer(told.answer) if told.answer else {"offers": [], "start": "", "load": "", "kind": ""}
    if told.order is None:
        return {"serial": "", **offered, "state": "", "rows": []}
    shown = teller.wording["state_shows"].get(told.state, ())
    state = teller.wording["state"].get(told.state, "")
    rows = rows_of(shown, told.order, None, teller)
    return {**teller.facts(told.order), **offered, "state": state, "rows": rows}


def repeated(repeat: Repeat, teller: Teller) -> Facts:
    """What was there already, and the order that is called off for it."""
    at = teller.times.written("full", repeat.received_at) if repeat.received_at else ""
    return {"serials": [clean(s) for s in repeat.serials], "received_at": at, "serial": clean(repeat.called_off)}


def declined(order: OrderView, reason: str, teller: Teller) -> Facts:
    """An order that an agent does not take, and why."""
    return {**teller.facts(order), "reason": clean(reason).rstrip("。.")}
