"""What an order says as plain texts in one language: the names that every template may use."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from ingestd.composing.figures import clean, glued, number, phone
from ingestd.composing.places import Places
from ingestd.composing.wording import Wording
from ingestd.domain.answer import Answer, Offer
from ingestd.domain.assessment import Finding, Hit, Quote
from ingestd.domain.order import AWAITING_PICKUP, UNDER_WAY, OrderView
from ingestd.domain.reading import CargoLine, OrderReading, Payment, Problem

Facts = dict[str, Any]  # the variables of a template


def pickup_phones(content: OrderReading) -> tuple[str, ...]:
    """The phones to ring at the pickup: its own where given, else the shipper's."""
    return content.pickup.phones or content.shipper.phones


def pickup_contact(content: OrderReading) -> str:
    """Whom to ask for at the pickup: its own contact where named, else the shipper."""
    return clean(content.pickup.contact or content.shipper.name or content.shipper.company)


ASKED_ABOUT = 3  # parts of what a check saw that a sentence may name


def parts_of(saw: str) -> tuple[str, ...]:
    """The parts of what a check saw, as many as a sentence may name."""
    parts = saw.replace("|", ":").split(":")[:ASKED_ABOUT]
    return (*parts, *[""] * (ASKED_ABOUT - len(parts)))


class Teller:
    """Tells orders in one language; built once, pure after."""

    def __init__(self, wording: Wording, places: Places | None = None) -> None:
        self.wording, self.places = wording, places
        self.times, self.form_times = wording.times, wording.form_times
        self.extension: str = wording["phone"]["extension"]
        self.phone_joint: str = wording["phone"]["joint"]
        self.unit, self.money, self.goods = wording["unit"], wording["money"], wording["goods"]
        self.with_company = wording["person"]["with_company"]
        self.codes = {name: wording[name] for name in ("payment", "delivery", "receipt", "reference")}
        self.field, self.problem, self.hint = wording["field"], wording["problem"], wording["hint"]
        self.latest: tuple[OrderView, Facts] | None = None  # one order's letters follow each other

    def facts(self, order: OrderView) -> Facts:
        """All that a letter or text message may say of an order, not to be changed; what is not given is empty."""
        latest = self.latest
        if latest is None or latest[0] is not order:
            self.latest = latest = (order, self.all_of(order))
        return latest[1]

    def all_of(self, order: OrderView) -> Facts:
        content = order.content
        return {
            "serial": clean(order.serial),
            "revision": order.revision,
            "customer": clean(order.customer),
            "area": clean(order.area),
            "agent": clean(order.agent),
            "order_time": self.times.written("full", order.order_time.at),
            "confirmed_at": self.times.written("full", order.confirmed_at) if order.confirmed_at else "",
            "pickup_by": self.times.moment(order.pickup_by),
            "is_fetched": order.state in UNDER_WAY and order.state not in AWAITING_PICKUP,
            **self.closure(order),
            "attachments": [clean(a.name) for a in order.attachments],
            "cargo_note": clean(order.cargo_note),
            **self.parties(content),
            **self.cargo(content.cargo),
            **self.payment(content),
            **self.tariff(order),
            "fees": [(self.word(c.name), self.yuan(c.amount)) for c in order.priced.charges],
            **self.conditions(content),
            "collect_now": self.collect_now(order.priced),
        }

    def closure(self, order: OrderView) -> Facts:
        """The days on which nobody works soon, from the first to the last; both empty where there are none."""
        first, last = (self.times.date(day) for day in order.closure) if order.closure else ("", "")
        return {"closed_from": first, "closed_to": last}

    def parties(self, content: OrderReading) -> Facts:
        shipper, pickup, consignee = content.shipper, content.pickup, content.consignee
        return {
            "shipper": self.person(shipper.name, shipper.company),
            "shipper_phones": self.phones(shipper.phones),
            "pickup_address": clean(pickup.address),
            "pickup_contact": pickup_contact(content),
            "pickup_phones": self.phones(pickup_phones(content)),
            "window": self.times.window(pickup.start, pickup.by),
            "destination": clean(content.destination),
            "consignee": self.person(consignee.name, consignee.company),
            "consignee_phones": self.phones(consignee.phones),
            "consignee_address": clean(consignee.address),
        }

    def cargo(self, lines: Sequence[CargoLine]) -> Facts:
        told = [
            (
                clean(line.name),
                self.quantity(line),
                self.measure(line.weight_kg, "weight"),
                self.measure(line.volume_m3, "volume"),
            )
            for line in lines
        ]
        return {"cargo": told, "goods": self.goods["joint"].join(map(self.goods_line, lines))}

    def goods_line(self, line: CargoLine) -> str:
        """Goods of one kind with their figures in one text."""
        figures = (self.quantity(line), self.measure(line.weight_kg, "weight"), self.measure(line.volume_m3, "volume"))
        return self.named(line, " ".join(filter(None, figures)))

    def named(self, line: CargoLine, figures: str) -> str:
        """Goods by their name with figures behind it, which a model number does not run into."""
        before, _, behind = str(self.goods["line"]).partition("{}")
        return glued([before + clean(line.name), behind.format(figures)]).strip()

    def payment(self, content: OrderReading) -> Facts:
        yuan = self.money["yuan"]
        return {
            "payment": self.code("payment", content.payment),
            "freight": yuan.format(number(content.freight)) if content.freight is not None else "",
            "charges": [(self.word(c.name), yuan.format(number(c.amount))) for c in content.charges],
            "cod": yuan.format(number(content.cod)) if content.cod is not None else "",
            "declared_value": yuan.format(number(content.declared_value)) if content.declared_value is not None else "",
        }

    def tariff(self, order: OrderView) -> Facts:
        """What the tariff adds to what was agreed on: charges with their reasons, the freight, the days on the way."""
        yuan, quote = self.money["yuan"], order.assessment.quote
        quoted = quote is not None and order.content.freight is None and quote.freight is not None
        manners = self.codes["delivery"]
        return {
            "dues": [
                (self.word(due.name), yuan.format(number(due.amount)), manners.get(due.because, clean(due.because)))
                for due in order.assessment.dues
            ],
            "quoted_freight": yuan.format(number(quote.freight)) if quote and quoted and quote.freight else "",
            "quoted_by": self.wording["basis"][quote.basis] if quote and quoted and quote.basis else "",
            "transit": self.transit(quote) if quote else "",
        }

    def answer(self, answer: Answer) -> Facts:
        """The tariff's offers: place, freight, what it is counted by, rates and days; empty where we don't go."""
        load = [self.measure(answer.kg, "weight"), self.measure(answer.m3, "volume")]
        return {
            "kind": answer.kind,
            "start": clean(answer.start),
            "load": " ".join(filter(None, load)),
            "offers": [self.offer(one) for one in answer.offers],
            "dues": [
                (self.word(d.name), self.yuan(d.amount), self.codes["delivery"].get(d.because, clean(d.because)))
                for d in answer.dues
            ],
        }

    def offer(self, offer: Offer) -> tuple[str, str, str, str, str]:
        """Place, freight, what it is counted by, rates, days."""
        if offer.quote is None:
            return clean(offer.to), "", "", "", ""
        quote = offer.quote
        rates = self.wording["rates"]["all"].format(number(offer.per_kg), number(offer.per_m3), number(offer.minimum))
        freight = self.yuan(quote.freight) if quote.freight is not None else ""
        return clean(offer.to), freight, self.wording["basis"].get(quote.basis or "", ""), rates, self.transit(quote)

    def yuan(self, amount: Decimal) -> str:
        return str(self.money["yuan"]).format(number(amount))

    def transit(self, quote: Quote) -> str:
        """The days on the way."""
        words: str = self.wording["transit"]["one" if quote.days == quote.days_most else "range"]
        return words.format(quote.days, quote.days_most)

    def asks(self, hits: Iterable[Hit], table: str = "ask") -> list[str]:
        """What the shipper is asked beside the fields that are missing or not clear, each as a sentence."""
        words = self.wording[table]
        told = (hit for hit in hits if hit.finding is Finding.ASK and hit.rule in words)
        return list(dict.fromkeys(words[hit.rule].format(*map(self.seen, parts_of(hit.saw))) for hit in told))

    def seen(self, words: str) -> str:
        """What a check saw, in words: codes of payment and delivery as they are told."""
        return str(self.codes["payment"].get(words) or self.codes["delivery"].get(words) or self.word(words))

    def word(self, name: str) -> str:
        """A word of the site's tables as this language has it."""
        return str(self.wording["site_word"].get(name, clean(name)))

    def conditions(self, content: OrderReading) -> Facts:
        return {
            "delivery": self.code("delivery", content.delivery),
            "deliver_window": self.times.window(content.deliver_from, content.deliver_by),
            "vehicle": clean(content.vehicle),
            "hold": content.hold,
            "receipt": self.code("receipt", content.receipt),
            "references": [
                (self.codes["reference"].get(r.kind, clean(r.kind)), clean(r.value)) for r in content.references
            ],
            "remarks": clean(content.remarks),
        }

    def problems(self, problems: Iterable[Problem]) -> list[tuple[str, str, str, str]]:
        """Each field in doubt once, in the shipper's words: name, code, what is wrong with it, how to write it."""
        told: dict[str, tuple[str, str, str, str]] = {}
        for item in problems:
            name = self.field.get(item.field, clean(item.field))
            told.setdefault(name, (name, item.code.value, self.problem[item.code], self.hint.get(item.field, "")))
        return list(told.values())

    def lacking(self, problems: Iterable[Problem]) -> list[tuple[str, str]]:
        """The same for a text message: name, and what is wrong with it where it is there."""
        names, words = self.wording["sms_field"], self.wording["sms_problem"]
        told = {p.field: words[p.code] for p in problems}
        return [(names.get(field) or self.field.get(field, clean(field)), what) for field, what in told.items()]

    def samples(self, problems: Iterable[Problem]) -> list[str]:
        """How each field in doubt may be answered by text message."""
        words = self.wording["sms_sample"]
        return list(dict.fromkeys(words[p.field] for p in problems if p.field in words))

    def brief(self, content: OrderReading) -> str:
        """Which shipment it is, in few words: the first of the goods and where they go."""
        words, goods = self.wording["brief"], ""
        if content.cargo:
            first = content.cargo[0]
            goods = self.named(first, self.quantity(first))
            goods = words["many"].format(goods) if len(content.cargo) > 1 else goods
        town = clean(content.destination)
        return str(words["both"]).format(goods, town) if goods and town else goods or town

    def landmark(self, address: str) -> str:
        """An address in as few words as still lead there."""
        shorter = list(self.places.towards_landmark(address)) if self.places else []
        return shorter[-1] if shorter else address

    def person(self, name: str | None, company: str | None) -> str:
        who, house = clean(name), clean(company)
        return str(self.with_company).format(who, house) if who and house else who or house

    def phones(self, phones: Iterable[str]) -> str:
        return self.phone_joint.join([phone(p, self.extension) for p in phones])

    def quantity(self, line: CargoLine) -> str:
        if line.quantity is None:
            return ""
        return f"{number(line.quantity)}{self.unit_of(line)}"

    def unit_of(self, line: CargoLine) -> str:
        unit = clean(line.unit)
        if not unit:
            return str(self.unit["quantity"])
        return f" {unit}" if unit.isascii() else unit

    def measure(self, value: Decimal | None, unit: str) -> str:
        return "" if value is None else f"{number(value)}{self.unit[unit]}"

    def collect_now(self, content: OrderReading) -> str:
        """What the driver collects at the pickup: prepaid freight and charges, or nothing (domain.md §5)."""
        if content.payment is not Payment.PREPAID:
            return str(self.money["nothing" if content.payment else "unsaid"])
        charges = [self.amount(self.word(c.name), c.amount) for c in content.charges]
        plus: str = self.money["plus"]
        if content.freight is None:
            return plus.join([self.money["unknown_freight"], *charges])
        text = plus.join([self.amount(self.money["freight"], content.freight), *charges])
        total = sum((c.amount for c in content.charges), content.freight)
        return str(self.money["total"]).format(text, number(total)) if charges else text

    def amount(self, name: str, yuan: Decimal) -> str:
        return f"{name} {self.money['yuan'].format(number(yuan))}"

    def code(self, kind: str, value: str | None) -> str:
        return str(self.codes[kind][value]) if value else ""
