"""A draft made into an order: doubles settled, doubts named, required fields asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from ingestd.domain.reading import (
    CargoLine,
    Charge,
    Code,
    Consignee,
    Delivery,
    OrderReading,
    Party,
    Payment,
    Pickup,
    Problem,
    Receipt,
)
from ingestd.parsing import cargo, contacts, damage, money, payers
from ingestd.parsing.draft import Draft, Found
from ingestd.parsing.items import Item, Kind

SUBJECT_TOLERANCE = Decimal("0.05")  # subjects are rounded
PAYING_SIDES = {
    Payment.PREPAID: ("shipper.name", "shipper.company", "pickup.address"),
    Payment.COLLECT: ("consignee.name", "consignee.company", "destination", "consignee.address"),
}
MAX_APART = 6  # characters between "collect" and the "me" that explains it
DELIVERY_RANK = (Delivery.UPSTAIRS, Delivery.WAREHOUSE, Delivery.SELF_COLLECT, Delivery.DOOR)


def settle(draft: Draft, *, whole: bool = True) -> tuple[OrderReading, list[Problem]]:
    """The order of a draft, or what changes of one, and what is in doubt; missing fields are added by `missing`."""
    lost: frozenset[str] = frozenset()
    if damage.LOST in draft.text.shown:
        draft, lost = damage.without_lost(draft)
    if whole:
        contacts.take_phone(draft)
        adopt_contact(draft)
    goods = cargo.fold([event for event, _ in draft.goods])
    lines = with_unit(goods.lines, one(draft, "unit"))
    doubts = set(draft.ambiguous) | set(goods.ambiguous)
    order = OrderReading(
        shipper=Party(one(draft, "shipper.name"), one(draft, "shipper.company"), every(draft, "shipper.phones")),
        pickup=pickup(draft, doubts),
        cargo=lines,
        destination=one(draft, "destination"),
        consignee=consignee(draft, doubts),
        delivery=delivery(draft),
        deliver_from=one(draft, "deliver_from"),
        deliver_by=one(draft, "deliver_by"),
        payment=payment(draft, doubts),
        freight=freight(draft, lines),
        charges=charges(draft, lines),
        cod=one(draft, "cod"),
        declared_value=one(draft, "declared"),
        vehicle=one(draft, "vehicle"),
        hold=draft.has("hold"),
        receipt=receipt(draft),
        references=tuple(dict.fromkeys(every(draft, "references"))),
        remarks=";".join(dict.fromkeys(r for r in draft.remarks if r)) or None,
    )
    spoilt = [Problem(Code.UNREADABLE, field) for field in sorted(lost - doubts)]
    return order, spoilt + [p for p in problems(draft, doubts) if p.field not in lost]


def against(figures: Sequence[Item], order: OrderReading, doubts: list[Problem]) -> tuple[OrderReading, list[Problem]]:
    """An order beside the figures of its subject: one total that contradicts the text's leaves both in doubt."""
    for kind, attribute in ((Kind.WEIGHT, "weight_kg"), (Kind.VOLUME, "volume_m3")):
        said = [i.value.amount for i in figures if i.kind is kind and i.value.per is None and i.value.amount]
        read = [value for line in order.cargo if (value := getattr(line, attribute)) is not None]
        if len(said) != 1 or len(read) != len(order.cargo) or not read:
            continue
        if not cargo.close(said[0], sum(read, Decimal(0)), SUBJECT_TOLERANCE):
            lines = tuple(replace(line, **{attribute: None}) for line in order.cargo)
            order, doubts = replace(order, cargo=lines), [*doubts, Problem(Code.AMBIGUOUS, "cargo.weight_kg")]
    return order, list(dict.fromkeys(doubts))


def one(draft: Draft, path: str) -> Any:
    """The first value found for a field."""
    found = draft.first(path)
    return found.value if found else None


def every(draft: Draft, path: str) -> tuple[Any, ...]:
    """All values found for a field, each once."""
    return tuple(dict.fromkeys(f.value for f in draft.all(path)))


ADOPTED = (
    ("pickup.contact", "shipper.name"),
    ("pickup.phones", "shipper.phones"),
    ("pickup.company", "shipper.company"),
)


def adopt_contact(draft: Draft) -> None:
    """Who is named at the pickup place is the shipper where no other is."""
    if draft.has("shipper.name") or draft.has("shipper.phones"):
        if not draft.has("shipper.company") and not draft.has("pickup.contact") and draft.has("pickup.company"):
            draft.finds["shipper.company"] = draft.finds.pop("pickup.company")
        return
    for contact, path in ADOPTED:
        if draft.has(contact) and not draft.has(path):
            draft.finds[path] = draft.finds.pop(contact)
            draft.adopted.add(path)
    draft.bad_phones = [("shipper" if role == "pickup" else role, found) for role, found in draft.bad_phones]


def with_unit(lines: tuple[CargoLine, ...], unit: str | None) -> tuple[CargoLine, ...]:
    """Lines whose unit stood in a field of its own."""
    if unit is None:
        return lines
    return tuple(CargoLine(c.name, c.quantity, c.unit or unit, c.weight_kg, c.volume_m3) for c in lines)


def pickup(draft: Draft, doubts: set[str]) -> Pickup:
    """The pickup; two different addresses are a doubt, and the shipper himself is no other contact."""
    contact = one(draft, "pickup.contact")
    contact = None if contact == one(draft, "shipper.name") else contact
    phones = tuple(p for p in every(draft, "pickup.phones") if p not in every(draft, "shipper.phones"))
    return Pickup(
        address(draft, "pickup.address", "pickup.address", doubts), contact, phones,
        one(draft, "pickup.from"), one(draft, "pickup.by"),
    )  # fmt: skip


def consignee(draft: Draft, doubts: set[str]) -> Consignee:
    """The consignee; two different addresses are a doubt, named on the destination."""
    return Consignee(
        one(draft, "consignee.name"), one(draft, "consignee.company"), every(draft, "consignee.phones"),
        address(draft, "consignee.address", "destination", doubts),
    )  # fmt: skip


def address(draft: Draft, path: str, field: str, doubts: set[str]) -> str | None:
    """The one address found; None and a doubt where there are two."""
    finds = draft.all(path)
    best = min((support(f) for f in finds), default=0)
    values = tuple(dict.fromkeys(f.value for f in finds if support(f) == best))
    if len(values) > 1:
        doubts.add(field)
        return None
    return values[0] if values else None


WEAK = ("town.pickup", "short.pickup", "frame.site")


def support(found: Found) -> int:
    """How well an address is supported, the best first: by a label, by its look, by its place in the text alone."""
    if found.rule.startswith("label."):
        return 0
    return 2 if found.rule in WEAK else 1


def payment(draft: Draft, doubts: set[str]) -> Payment | None:
    """Who pays; a word of the trade counts before who is said to pay. None and a doubt where they contradict."""
    values, bearers = every(draft, "payment"), tuple(dict.fromkeys([*every(draft, "payer"), *named_payers(draft)]))
    if len(values) > 1 or (not values and len(bearers) > 1) or contradicted(draft):
        doubts.add("payment")
        return None
    aside = every(draft, "fee_payment")
    said = values or bearers or (aside if len(aside) == 1 else ())
    return Payment(said[0]) if said else None


def named_payers(draft: Draft) -> Iterator[Payment]:
    """The side of each payer that is named, where one party or place of the order is called so."""
    for name in every(draft, payers.NAMED):
        sides = [side for side, paths in PAYING_SIDES.items() if any(called(name, one(draft, p)) for p in paths)]
        if len(sides) == 1:
            yield sides[0]


def called(name: str, value: str | None) -> bool:
    """Whether a name is part of a value, or the other way round."""
    return value is not None and (name in value or (len(value) > 1 and value in name))


def contradicted(draft: Draft) -> bool:
    """Whether somebody else is said to pay than a word of the trade says; a consignee who orders pays "collect, me"."""
    other = {Payment.PREPAID: Payment.COLLECT, Payment.COLLECT: Payment.PREPAID}
    for said in draft.all("payment"):
        for payer in draft.all("payer"):
            if other.get(said.value) != payer.value:
                continue
            explained = said.value == Payment.COLLECT and 0 <= payer.start - said.end <= MAX_APART
            if not explained:
                return True
    return False


def delivery(draft: Draft) -> Delivery | None:
    """The manner of delivery; the more demanding where several words stand."""
    found = {Delivery(v) for v in every(draft, "delivery")}
    return next((d for d in DELIVERY_RANK if d in found), None)


def receipt(draft: Draft) -> Receipt | None:
    """The proof of delivery wanted; the original where both are named, or where its form is not."""
    found = {Receipt(v) for v in every(draft, "receipt") or every(draft, "proof")}
    return next((kind for kind in (Receipt.ORIGINAL, Receipt.PHOTO) if kind in found), None)


def freight(draft: Draft, lines: Sequence[CargoLine]) -> Decimal | None:
    """The freight; one per piece is multiplied, as a fee is, and unknown where not all pieces are counted."""
    found = draft.first("freight")
    if found is None or found.rule != money.FREIGHT_EACH:
        value: Decimal | None = one(draft, "freight")
        return value
    counts = [line.quantity for line in lines if line.quantity is not None]
    each: Decimal = found.value
    return each * sum(counts, Decimal(0)) if counts and len(counts) == len(lines) else None


def charges(draft: Draft, lines: Iterable[CargoLine]) -> tuple[Charge, ...]:
    """Named charges; one per piece is multiplied (messages.md, ruling 9)."""
    quantity = sum((c.quantity for c in lines if c.quantity), Decimal(0))
    out: dict[str, Charge] = {}
    for fee in every(draft, "charges"):
        amount = fee.amount * quantity if fee.each and quantity else fee.amount
        out.setdefault(fee.name, Charge(fee.name, amount))
    return tuple(out.values())


def problems(draft: Draft, doubts: set[str]) -> list[Problem]:
    """What is in doubt, a field once, the more exact code first."""
    out = [Problem(Code.AMBIGUOUS, field) for field in sorted(doubts)]
    out += [Problem(Code.UNREADABLE, field) for field in sorted(draft.unreadable) if not draft.has(field)]
    roles = dict.fromkeys(role for role, _ in draft.bad_phones)
    return out + [Problem(Code.INVALID_PHONE, f"{role}.phones") for role in roles]


def missing(order: OrderReading, known: Iterable[Problem]) -> list[Problem]:
    """The required fields that an order lacks and that no other problem names."""
    named = {p.field for p in known}
    absent = [field for field, there in required(order).items() if not there and field not in named]
    return [Problem(Code.MISSING, field) for field in absent]


def required(order: OrderReading) -> dict[str, bool]:
    """The required fields of the contract, each with whether it is there."""
    lines = order.cargo
    return {
        "shipper.name": bool(order.shipper.name or order.shipper.company),
        "shipper.phones": bool(order.shipper.phones),
        "pickup.address": bool(order.pickup.address),
        "cargo.name": bool(lines) and all(c.name for c in lines),
        "cargo.quantity": bool(order.vehicle) or (bool(lines) and all(c.quantity is not None for c in lines)),
        "cargo.weight_kg": any(c.weight_kg is not None or c.volume_m3 is not None for c in lines),
        "destination": bool(order.destination or order.consignee.address),
        "consignee.name": bool(order.consignee.name or order.consignee.company),
        "consignee.phones": bool(order.consignee.phones),
        "payment": order.payment is not None,
    }
