"""Answers that only our question makes sense of: a bare phone, "2 tons", "another one". Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace

from ingestd.checks.deciding import Deciding, in_review, only, overtaken, own
from ingestd.checks.dispatch import view_of
from ingestd.checks.ordering import amended
from ingestd.checks.senders import Who
from ingestd.domain.asked import TWIN, open_fields, twin_of
from ingestd.domain.assessment import Finding
from ingestd.domain.decision import Case, Change, Decision, EventDraft, KnownOrder, Wanted
from ingestd.domain.message import MessageState
from ingestd.domain.order import OrderState
from ingestd.domain.reading import UNCLEAR, Bare, CargoLine, Intent, OrderReading, Reading
from ingestd.domain.sending import Purpose

PHONES = ("shipper.phones", "pickup.phones", "consignee.phones")


def answered(case: Case, who: Who, deciding: Deciding) -> Decision | None:
    """What a message comes to that says something to the one question its sender has to answer; else None."""
    order = asked_of(case, who)
    bare = case.reading.bare
    if order is None or case.reading.envelope.machine:
        return None
    if bare is not None and bare.again is False and asks_for_twin(order):
        if overtaken(case, order):
            return in_review(f"overtaken:{order.serial}", case, deciding, order)
        return called_off(case, order, deciding)
    said = (given(bare, order) if bare else None) or labelled(case.reading, order)
    if said is None:
        return None
    doubts = tuple(reason for reason in case.reading.review if reason != UNCLEAR)
    reading = replace(case.reading, intent=Intent.AMENDMENT, orders=(said,), problems=(), review=doubts)
    return amended(replace(case, reading=reading, thread=(order,)), who, deciding)


def asked_of(case: Case, who: Who) -> KnownOrder | None:
    """The one order that waits for the sender's answer."""
    concerned = own(case.thread, who) or own(case.named, who) or own(case.open, who)
    return only(tuple(order for order in concerned if order.state is OrderState.ASKED))


def labelled(reading: Reading, order: KnownOrder) -> OrderReading | None:
    """What an unclear message says with labels, where all of it was asked for."""
    if UNCLEAR not in reading.review or reading.intent is not Intent.AMENDMENT:
        return None
    if len(reading.orders) != 1 or reading.problems:
        return None
    said = set(told(reading.orders[0]))
    return reading.orders[0] if said and said <= {*open_fields(order), "cargo.unit"} else None


def told(value: object, path: str = "") -> Iterator[str]:
    """The paths of all that an order says, its goods as one line."""
    if is_dataclass(value):
        for field in fields(value):
            yield from told(getattr(value, field.name), f"{path}.{field.name}".removeprefix("."))
    elif path == "cargo" and isinstance(value, tuple):
        for line in value:
            yield from told(line, path)
    elif value not in (None, (), False):
        yield path


def given(bare: Bare, order: KnownOrder) -> OrderReading | None:
    """Bare values in the fields that were asked for; None where one of them has no such field, or several."""
    asked, content = open_fields(order), order.content
    wanted = [path for path in PHONES if path in asked]
    fits = (
        not bare.again or asks_for_twin(order),
        not bare.words or bare.words in names(content),
        not bare.phones or (len(wanted) == 1 and not set(bare.phones) & known_phones(content)),
        not bare.cargo or (len(content.cargo) <= 1 and figures(bare.cargo) <= asked),
        not bare.payment or "payment" in asked,
        not bare.delivery or "delivery" in asked,
    )
    if not all(fits):
        return None
    cargo = (bare.cargo,) if bare.cargo else ()
    said = OrderReading(cargo=cargo, payment=bare.payment, delivery=bare.delivery)
    if not bare.phones:
        return said
    party = wanted[0].removesuffix(".phones")
    return replace(said, **{party: replace(getattr(said, party), phones=bare.phones)})


def figures(line: CargoLine) -> set[str]:
    """The fields that a line of figures fills."""
    return {path for path in told(line, "cargo") if path != "cargo.unit"}


def known_phones(content: OrderReading) -> set[str]:
    """The phones that an order has already: one of them is no news."""
    return {*content.shipper.phones, *content.pickup.phones, *content.consignee.phones}


def names(content: OrderReading) -> set[str]:
    """The consignee's names, which may stand beside his phone."""
    return {name.lower() for name in (content.consignee.name, content.consignee.company) if name}


def asks_for_twin(order: KnownOrder) -> bool:
    """Whether we asked if an order is a second shipment."""
    return any(hit.rule == TWIN and hit.finding is Finding.ASK for hit in order.assessment.hits)


def called_off(case: Case, order: KnownOrder, deciding: Deciding) -> Decision:
    """The same shipment told twice: this order is called off, the other one stands, and the shipper is told so."""
    twin = twin_of(order) or ""
    notice = Wanted(
        Purpose.DUPLICATE_NOTICE, case.reading.channel, case.reading.sender or "", order.language,
        f"order:{order.serial}/{order.revision}/same", deciding.now + 2 * deciding.house.promise,
        order=view_of(order, deciding.house), token=order.token, answers=True, serials=(twin,),
    )  # fmt: skip
    return Decision(
        MessageState.APPLIED,
        f"order {order.serial} is the same as {twin}",
        case.reading.sent_at,
        changes=(Change(order, OrderState.CANCELLED, questions=order.questions),),
        events=(EventDraft("cancelled", f"customer {order.customer}", order.serial, {"order": twin}),),
        wanted=(notice,),
    )
