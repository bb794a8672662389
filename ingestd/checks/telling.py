"""Telling people what happens to an order: shippers what they want to hear, staff what they must do. Pure."""

from __future__ import annotations

from datetime import datetime

from ingestd.checks.deciding import Deciding
from ingestd.checks.dispatch import view_of
from ingestd.checks.house import House
from ingestd.checks.parts import Hands, person
from ingestd.config.tables import Customer, Staff
from ingestd.domain.decision import KnownOrder, Wanted
from ingestd.domain.order import TO_BE_PICKED_UP, Happening
from ingestd.domain.reading import Channel, Details
from ingestd.domain.sending import Purpose

URGED = "inquiry:urge"  # reason of the call to who has an order that its shipper presses for
ALWAYS_TOLD = (Happening.CANCELLED,)  # whatever a customer wants to hear of


def news(
    happening: Happening, order: KnownOrder, cause: str, deciding: Deciding, details: Details | None = None
) -> tuple[Wanted, ...]:
    """The letter about it to the order's shipper, where he wants to hear of it; a text message not in the night."""
    house, now = deciding.house, deciding.now
    customer = next((c for c in house.tables.customer if c.name == order.customer), None)
    if not (
        customer and wants(customer, happening, order, house) and house.answers(order.contact_channel, order.contact)
    ):
        return ()
    quiet = order.contact_channel is Channel.SMS
    letter = Wanted(
        Purpose.PROGRESS, order.contact_channel, order.contact, order.language, cause, now + 2 * house.promise,
        order=view_of(order, house), token=order.token, happening=str(happening), details=details,
        told_next=told_next(happening, order, customer),
        not_before=later(house.quiet_until(now), now) if quiet else None,
    )  # fmt: skip
    return (letter,)


WAY = (Happening.PICKED_UP, Happening.DEPARTED, Happening.ARRIVED, Happening.OUT_FOR_DELIVERY, Happening.DELIVERED)
TO_A_DEPOT = (Happening.DEPARTED, Happening.ARRIVED)


def told_next(happening: Happening, order: KnownOrder, customer: Customer) -> str:
    """What of the way ahead a shipper is told of next; "" where that is nothing."""
    since = Happening.ARRIVED if happening is Happening.RELEASED else happening
    if since not in WAY:
        return ""
    ahead = [step for step in WAY[WAY.index(since) + 1 :] if order.depot or step not in TO_A_DEPOT]
    return next((str(step) for step in ahead if str(step) in customer.told), "")


def wants(customer: Customer, happening: Happening, order: KnownOrder, house: House) -> bool:
    """Whether a customer is told of it: by what he subscribed to, and of plate and driver where his order asks."""
    if happening in ALWAYS_TOLD or str(happening) in customer.told:
        return True
    remarks = order.content.remarks or ""
    return happening is Happening.ASSIGNED and any(word in remarks for word in house.tables.words.plate_wanted)


def later(at: datetime, now: datetime) -> datetime | None:
    """A moment that is still to come, else none."""
    return at if at > now else None


# --- staff ------------------------------------------------------------------------------------------------------------


def notice(word: str, order: KnownOrder, who: Staff, cause: str, at: tuple[House, datetime]) -> Wanted:
    """What somebody of the house is to do about an order now, by the way that reaches him first."""
    house, now = at
    channel, recipient = house.reach(who)
    return Wanted(
        Purpose.NOTICE, channel, recipient, who.language, cause, now + house.promise, order=view_of(order, house),
        token=order.token, name=who.name, happening=word,
    )  # fmt: skip


def looks_after(order: KnownOrder, house: House, at: datetime) -> Staff | None:
    """Who has the goods, or is to fetch them, or stands in for him: from the pickup on the depot that delivers them."""
    depot = "" if order.state in TO_BE_PICKED_UP else order.depot
    return person("deliverer", Hands(order.dispatcher, order.area, depot), house, at)
