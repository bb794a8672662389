"""The pieces of a work order's text message: what each says, in long and in short."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from ingestd.composing.facts import pickup_contact, pickup_phones
from ingestd.composing.figures import clean, glued, number, phone, runs_together
from ingestd.composing.short_times import ShortTimes
from ingestd.composing.sms_words import SmsWords, Words
from ingestd.composing.text_message import BRACKETS
from ingestd.domain.order import OrderView
from ingestd.domain.reading import CargoLine, Charge, OrderReading, Payment

Pieces = dict[str, str]


def plain(text: str | None) -> str:
    """A value fit for a text message: one line, and no brackets that look like a signature."""
    cleaned = clean(text)
    return cleaned.translate(BRACKETS) if "【" in cleaned or "】" in cleaned else cleaned


@dataclass(frozen=True, slots=True)
class PieceMaker:
    """Makes the pieces of one language; pure."""

    words: SmsWords
    times: ShortTimes

    def pieces(self, said: Pieces, content: OrderReading, *, short: bool) -> Pieces:
        """Every piece by its name in the definition, from what `said` gives; empty where the order has none."""
        words = self.words.short if short else self.words.long
        pieces = {name: words[name].format(value) if value else "" for name, value in said.items()}
        pieces["amount"] = self.amount(content, words, short=short)
        return pieces

    def said(self, order: OrderView) -> Pieces:
        """The bare values of the pieces, without their words."""
        content = order.content
        phones = [phone(p, self.words.extension) for p in pickup_phones(content)]
        return {
            "place": plain(content.pickup.address),
            "contact": plain(pickup_contact(content)),
            "phone": phones[0] if phones else "",
            "more_phones": self.words.phone_joint.join(phones[1:]),
            "window": self.times.span(content.pickup.start, content.pickup.by, order.serial),
            "goods": self.goods(content.cargo),
            "vehicle": plain(content.vehicle),
            "destination": plain(content.destination or content.consignee.address),
            "entry": ",".join(plain(r.value) for r in content.references if r.kind == "entry"),
            "hold": self.words.hold if content.hold else "",
            "consignee": self.consignee(content),
            "consignee_address": plain(content.consignee.address) if content.destination else "",
            "delivery_money": self.delivery_money(content),
            "hints": self.hints(content),
        }

    def goods(self, lines: Sequence[CargoLine]) -> str:
        """Each kind with its figures."""
        return self.words.joint.join(self.line(line, plain(line.name)) for line in lines)

    def line(self, line: CargoLine, name: str) -> str:
        """A kind of goods: name, quantity, weight, volume."""
        return glued([name, "".join(self.measures(line))])

    def measures(self, line: CargoLine) -> list[str]:
        """The figures of a line, which are never cut."""
        unit = plain(line.unit) or self.words.default_unit
        unit = self.words.units.get(unit.lower(), unit)
        return [
            f"{number(line.quantity)}{unit}" if line.quantity is not None else "",
            self.words.weight.format(number(line.weight_kg)) if line.weight_kg is not None else "",
            self.words.volume.format(number(line.volume_m3)) if line.volume_m3 is not None else "",
        ]

    def in_site_units(self, content: OrderReading) -> OrderReading:
        """The same with its packages in the words that the site has for them."""
        cargo = (
            replace(c, unit=self.words.units.get(c.unit.lower(), c.unit) if c.unit else None) for c in content.cargo
        )
        return replace(content, cargo=tuple(cargo))

    def amount(self, content: OrderReading, words: Words, *, short: bool) -> str:
        """What the driver collects: prepaid freight and charges; a word of payment where it is nothing."""
        if content.payment is None:
            return ""
        if content.payment is not Payment.PREPAID:
            return self.words.payment[content.payment]
        charges = "+".join(self.charge(c, words, short=short) for c in content.charges)
        if content.freight is None:
            return words["only_charges"].format(charges) if charges else self.words.payment[content.payment]
        freight = words["freight"].format(number(content.freight))
        return f"{freight}+{charges}" if charges else freight

    def charge(self, charge: Charge, words: Words, *, short: bool) -> str:
        name = plain(charge.name)
        name = name.removesuffix(self.words.alias) or name if short else name
        name = f"{name} " if name and runs_together(name[-1], "0") else name
        return " ".join(words["charge"].format(name, number(charge.amount)).split())

    def summed(self, content: OrderReading, words: Words) -> str:
        """The amount to collect in one figure."""
        total = sum((c.amount for c in content.charges), content.freight or Decimal(0))
        if content.freight is None:
            return words["only_charges"].format(number(total))
        return words["freight"].format(number(total))

    def consignee(self, content: OrderReading) -> str:
        who = content.consignee
        phones = self.words.phone_joint.join(phone(p, self.words.extension) for p in who.phones)
        return glued([plain(who.name or who.company), phones])

    def delivery_money(self, content: OrderReading) -> str:
        """What is not collected at the pickup: COD, freight collect, charges at the delivery or on account."""
        words = self.words.delivery_side
        said = [words["cod"].format(number(content.cod))] if content.cod is not None else []
        if content.payment is not Payment.PREPAID:
            if content.freight is not None and content.payment is Payment.COLLECT:
                said.append(words["collect_freight"].format(number(content.freight)))
            charge = words["charge" if content.payment is Payment.COLLECT else "account"]
            said += [charge.format(plain(c.name), number(c.amount)) for c in content.charges]
        return words["joint"].join(said)

    def hints(self, content: OrderReading) -> str:
        """What is good to know: manner and time of the delivery, receipt, declared value, numbers, remarks."""
        words = self.words.hint
        window = self.times.span(content.deliver_from, content.deliver_by)
        said = [
            words["delivery"][content.delivery] if content.delivery else "",
            words["deliver_window"].format(window) if window else "",
            words["receipt"][content.receipt] if content.receipt else "",
            words["declared_value"].format(number(content.declared_value))
            if content.declared_value is not None
            else "",
            *(self.reference(r.kind, plain(r.value)) for r in content.references if r.kind != "entry"),
            plain(content.remarks),
        ]
        return str(words["joint"]).join(filter(None, said))

    def reference(self, kind: str, value: str) -> str:
        return str(self.words.hint["reference"]).format(self.words.hint["reference_kind"].get(kind, ""), value)
