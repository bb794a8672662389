"""The same site as ingestd's own configuration, and the messages that its people and shippers write."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from ingestd.checks.house import House, house_of
from ingestd.config.follow_up import FollowUp
from ingestd.config.load import Configuration
from ingestd.config.settings import Desk, Settings, SmsGateway
from ingestd.config.settings import Site as SiteSettings
from ingestd.config.shipped import shipped
from ingestd.config.tables import Absence, Area, Customer, Staff, Tables, Words
from ingestd.config.trade import Depot, Lane
from ingestd.domain.reading import (
    CargoLine,
    Channel,
    Consignee,
    Details,
    Driver,
    Envelope,
    Intent,
    OrderReading,
    Party,
    Payment,
    Pickup,
    Reading,
    Receipt,
)
from tests.month import site
from tests.month.script import GOODS, Said, Wanted
from tests.month.site import Calendar

BACK = "回单已寄回"
DESK = "desk@desk.example"
Rows = tuple[dict[str, Any], ...]


def shipped_rows() -> Rows:
    """The follow-ups that every site begins with."""
    return tuple(tomllib.loads((shipped("config") / "follow_ups.toml").read_text("utf-8"))["follow_up"])


def house(calendar: Calendar, rows: Rows | None = None) -> House:
    """The house of a calendar, perhaps with follow-ups of its own."""
    closures = tuple(sorted(day.isoformat() for day in calendar.closed))
    settings = Settings(
        site=SiteSettings(name="顺驰物流", signature="顺驰物流", domain="orders.desk.example", home="深圳市"),
        desk=Desk(notify=(DESK,), closures=closures),
        sms=SmsGateway(enabled=True),
    )
    return house_of(Configuration(settings, tables(calendar, rows or shipped_rows()), Path()))


def tables(calendar: Calendar, rows: Rows) -> Tables:
    """The site's tables."""
    return Tables(
        customer=tuple(customer(number, mode) for number, mode in enumerate(site.CUSTOMERS)),
        staff=tuple(staff(person) for person in site.PEOPLE),
        area=tuple(area(region) for region in site.REGIONS),
        lane=(
            Lane(to=("浙江省",), per_kg=Decimal(1), per_m3=Decimal(200), days=2, days_most=3),
            Lane(to=("广东省",), per_kg=Decimal(1), per_m3=Decimal(100), days=1),
            Lane(to=("四川省",), per_kg=Decimal(2), per_m3=Decimal(300), days=4, days_most=5),
        ),
        depot=(Depot(name="杭州萧山", places=("浙江省",), contact=site.DEPOT),),
        absence=tuple(absence(away) for away in calendar.away),
        follow_up=tuple(FollowUp.model_validate(row) for row in rows),
        words=Words(again=("再",), receipt_back=(BACK,)),
        operations_manager=site.MANAGER,
    )


def customer(number: int, mode: str) -> Customer:
    """One customer."""
    mail, phone = site.customer_mail(number), site.customer_phone(number)
    return Customer.model_validate(
        {"name": f"工厂{number}", "addresses": (mail, f"old{mail}"), "phones": (phone,), "confirmation": mode}
        | ({"entitled": (mail, phone)} if number == site.ENTITLED else {})
    )


def staff(person: site.Person) -> Staff:
    """One of us."""
    return Staff.model_validate(
        {"number": person.number, "name": person.name, "role": person.role, "email": person.mail}
        | {"phone": person.phone, "duty": person.duty, "main_channel": "sms" if person.by_sms else "email"}
    )


def area(region: site.Region) -> Area:
    """One area."""
    return Area.model_validate(
        {"name": region.name, "kind": region.kind, "places": region.places, "dispatcher": region.dispatcher}
        | {"fallback": region.fallback, "copies": region.copies}
    )


def absence(away: site.Away) -> Absence:
    """One absence."""
    hours = f"{away.begins:%H:%M}-{away.ends:%H:%M}" if away.begins and away.ends else ""
    return Absence(staff=away.number, days=f"{away.first}/{away.last}", hours=hours, substitute=away.substitute)


# --- what is written --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sender:
    """Who writes, by which way."""

    channel: Channel
    address: str


def shipper_of(order: Wanted, entitled: bool = True) -> Sender:
    """Its shipper, or another person of the same firm."""
    if order.by_sms and entitled:
        return Sender(Channel.SMS, site.customer_phone(order.customer))
    mail = site.customer_mail(order.customer)
    return Sender(Channel.EMAIL, mail if entitled else f"old{mail}")


def one_of_us(number: str) -> Sender:
    """One of the house, by the way that reaches him first."""
    person = site.STAFF[number]
    return Sender(Channel.SMS, person.phone or "") if person.by_sms else Sender(Channel.EMAIL, person.mail or "")


def content(order: Wanted) -> OrderReading:
    """What the shipper asks for."""
    begins, ends = order.window or (None, None)
    return OrderReading(
        shipper=Party(f"发货人{order.number}", None, (f"+86138{order.number:08d}",)),
        pickup=Pickup(order.place, start=begins, by=ends),
        cargo=(
            CargoLine(GOODS[order.number % len(GOODS)], Decimal(order.quantity), "件", Decimal(200), Decimal("1.5")),
        ),
        destination=order.goal.town,
        consignee=Consignee(
            f"收货人{order.number}", None, (order.consignee_phone,), f"{order.goal.street}{order.number}号"
        ),
        payment=Payment.PREPAID,
        deliver_by=order.deliver_by,
        hold=order.hold,
        receipt=Receipt.ORIGINAL if order.receipt else None,
    )


def change(order: Wanted, said: Said) -> OrderReading:
    """What a change says: only what is new."""
    if said.window:
        return OrderReading(pickup=Pickup(start=said.window[0], by=said.window[1]))
    if said.area:
        return OrderReading(pickup=Pickup(f"深圳{said.area.places[0]}新仓{order.number}号"))
    quantity = Decimal(said.quantity or 0)
    return OrderReading(cargo=(CargoLine(quantity=quantity, unit="件"),))


@dataclass(frozen=True)
class Post:
    """A message on its way in, beside what it says."""

    sender: Sender
    number: int  # counts messages
    at: datetime
    answers: str | None = None  # Message-ID of the sender's own mail that it follows

    def reading(self, intent: Intent, serials: tuple[str, ...] = (), **said: Any) -> Reading:
        """The message as it is read."""
        mail_id = f"{self.number}@mail.example" if self.sender.channel is Channel.EMAIL else None
        behind = (self.answers,) if self.answers else ()
        envelope = Envelope(mail_id, behind, behind, f"邮件{self.number}", (self.sender.address,))
        return Reading(
            self.sender.channel, self.sender.address, self.at, intent, refers_to=serials,
            envelope=envelope if mail_id else Envelope(), **said,
        )  # fmt: skip


def report(kind: str, said: Said) -> dict[str, Any]:
    """What a report says beside its serials."""
    if kind == "receipt_returned":
        return {"details": Details(report="other"), "text": BACK}
    if kind == "accepted_all":
        return {"details": Details(report="accepted"), "text": "收到"}
    driver = Driver("刘师傅", "+8613900000077", "粤B12345") if said.plate else None
    return {"details": Details(report=kind, at=said.at, next_try=said.next_try, driver=driver), "text": kind}
