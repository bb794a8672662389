"""What a confirmed order sets going: the work order to its area's people, and the follow-ups of its pickup."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from ingestd.checks.house import House
from ingestd.config.tables import Staff
from ingestd.domain.decision import KnownOrder, Wanted
from ingestd.domain.order import OrderView
from ingestd.domain.reading import Attachment, Channel
from ingestd.domain.sending import Purpose


def work_order_cause(view: OrderView) -> str:
    """One work order a revision, whoever asks for it."""
    return f"order:{view.serial}/{view.revision}"


def work_orders(view: OrderView, token: str, first: Staff, deadline: datetime, house: House) -> Iterator[Wanted]:
    """The work order to its first recipient by mail and SMS, and its copies by mail to who watches his area."""
    yield from to_person(view, token, first, deadline, house)
    for number in house.areas[view.area].copies:
        copied = house.numbers[number]
        if copied.email:
            yield replace(work_order(view, token, copied, Channel.EMAIL, deadline), purpose=Purpose.WORK_ORDER_COPY)


def to_person(view: OrderView, token: str, who: Staff, deadline: datetime, house: House) -> Iterator[Wanted]:
    """The work order to one person by every channel that reaches him; his phone is quiet until his duty begins."""
    if who.email:
        yield work_order(view, token, who, Channel.EMAIL, deadline)
    if who.phone and house.texts:
        begins = duty_begins(view, who, house)
        text = work_order(view, token, who, Channel.SMS, max(deadline, begins + house.promise) if begins else deadline)
        yield replace(text, not_before=begins)


def duty_begins(view: OrderView, who: Staff, house: House) -> datetime | None:
    """When the duty of somebody begins who is off it now, unless the pickup is due before (domain.md §1)."""
    assert view.confirmed_at is not None
    begins = house.on_duty(who, view.confirmed_at)
    return begins if view.confirmed_at < begins < view.pickup_by else None


def work_order(view: OrderView, token: str, who: Staff, channel: Channel, deadline: datetime) -> Wanted:
    """One work order by one channel."""
    recipient = (who.email if channel is Channel.EMAIL else who.phone) or ""
    cause = work_order_cause(view)
    return Wanted(Purpose.WORK_ORDER, channel, recipient, who.language, cause, deadline, order=view, token=token)


def fitting(attachments: Iterable[Attachment], most: int) -> tuple[Attachment, ...]:
    """As many of the attachments, from the first one on, as a number of bytes allows."""
    kept = []
    for attachment in attachments:
        most -= attachment.size
        if most < 0:
            break
        kept.append(attachment)
    return tuple(kept)


def view_of(order: KnownOrder, house: House) -> OrderView:
    """A known order as letters show it."""
    return OrderView(
        serial=order.serial,
        revision=order.revision,
        content=order.content,
        order_time=order.order_time,
        customer=order.customer,
        area=order.area,
        pickup_by=order.pickup_by or order.order_time.at,
        confirmed_at=order.confirmed_at,
        agent=house.settings.site.agent,
        problems=order.problems,
        cargo_note="; ".join(order.assessment.hints),
        assessment=order.assessment,
        driver=order.driver,
        deliver_by=order.deliver_by,
        depot=order.depot,
        state=order.state,
    )
