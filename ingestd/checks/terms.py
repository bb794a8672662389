"""Checks of what was agreed on: payment and credit of the customer, the manner of delivery, who signs."""

from __future__ import annotations

from collections.abc import Iterator

from ingestd.checks.checked import Checked
from ingestd.checks.house import House
from ingestd.domain.reading import Delivery

NEEDS_FULL_NAME = (Delivery.SELF_COLLECT,)
WHOLE = 2  # signs, or words in Latin letters, that a full name has at least


def payment_not_allowed(order: Checked, house: House) -> Iterator[str]:
    """A way to pay that the customer's contract does not have, such as monthly without an account."""
    if order.content.payment and order.content.payment not in order.customer.payments:
        yield order.content.payment.value


def extra_charge(order: Checked, house: House) -> Iterator[str]:
    """What the tariff charges for the place, the weight or the manner."""
    yield from (f"{due.name}:{due.amount}:{due.because}" for due in order.dues)


def credit_stop(order: Checked, house: House) -> Iterator[str]:
    """A customer to whom nothing goes out unseen."""
    if order.customer.credit_stop:
        yield order.customer.name


def manner_not_offered(order: Checked, house: House) -> Iterator[str]:
    """A manner of delivery that the arriving depot does not offer."""
    if order.depot and order.content.delivery and order.content.delivery not in order.depot.manners:
        yield f"{order.content.delivery.value}:{order.depot.name}"


def consignee_full_name(order: Checked, house: House) -> Iterator[str]:
    """A consignee of whom only surname and title are told, where who collects or pays must prove who he is."""
    content = order.content
    needed = content.delivery in NEEDS_FULL_NAME or content.cod is not None or content.hold
    if needed and titled(content.consignee.name, house):
        yield content.consignee.name or ""


def consignee_title(order: Checked, house: House) -> Iterator[str]:
    """The same where it is only good to know."""
    if titled(order.content.consignee.name, house) and not any(consignee_full_name(order, house)):
        yield order.content.consignee.name or ""


def titled(name: str | None, house: House) -> bool:
    """Whether a name is only a surname with a title (王先生, Ms Lin), a nickname (小龙哥), or one word (Jason)."""
    words, said = house.tables.words, house.atlas.simplified(name or "").strip()
    if said.isascii():
        return bool(said) and len([word for word in said.split() if word.strip(".").lower() not in words.forms]) < WHOLE
    title = max((t for t in words.titles if said.endswith(t)), key=len, default="")
    kept = said.removesuffix(title)
    if title in words.familiar and len(kept) <= WHOLE:
        return True
    if title and (len(kept) < WHOLE or kept in words.surnames):
        return True
    return (len(kept) <= WHOLE and kept.startswith(words.nicknames)) or len(said) == 1
