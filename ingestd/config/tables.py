"""The site's tables: who orders, who works here, and which areas are served by whom."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, field_validator, model_validator

from ingestd.config.follow_up import FollowUp, misnamed
from ingestd.config.section import Address, Phone, Section
from ingestd.config.settings import Role, dated, days_of, opening_of
from ingestd.config.trade import Depot, Fee, Goods, Lane
from ingestd.domain.address import canonical_domain
from ingestd.domain.reading import Payment

DAY = timedelta(days=1)
News = Literal[
    "acknowledged", "assigned", "picked_up", "departed", "arrived", "out_for_delivery", "delivered", "daily"
]  # of an order; daily: a note a day while it is under way
Domain = Annotated[str, AfterValidator(canonical_domain)]


class Customer(Section):
    """A contract party; mail from its addresses or domains, and messages from its phones, are its own."""

    name: str
    addresses: tuple[Address, ...] = ()
    domains: tuple[Domain, ...] = ()  # exact
    phones: tuple[Phone, ...] = ()
    language: Literal["zh", "en"] = "zh"
    confirmation: Literal["automatic", "first_orders", "agent", "shipper"] = "first_orders"
    payments: tuple[Payment, ...] = (Payment.PREPAID, Payment.COLLECT)  # that the contract allows
    credit_stop: bool = False  # an agent looks at each order
    told: tuple[News, ...] = ("acknowledged", "picked_up", "delivered")  # what they are written of
    entitled: tuple[Address | Phone, ...] = ()  # who may change an order from its pickup on, by a change letter
    home: str = ""  # division: of two places of one name the one near it is meant; default: the site's
    disabled: bool = False  # no customer any more: what comes from them goes to a person
    former: tuple[Address | Phone, ...] = ()  # who has left them, and so writes for them no more

    @model_validator(mode="after")
    def gone_or_there(self) -> Self:
        both = sorted({*self.former} & {*self.addresses, *self.phones})
        if both:
            raise ValueError(f"{self.name}: {', '.join(both)} stands in former, too; keep one of them")
        return self


class Staff(Section):
    """Somebody of the house: dispatcher, driver, agent, manager."""

    number: Annotated[str, Field(pattern=r"^[0-9]{2,8}$")]  # 工号
    name: str
    role: Role
    email: Address | None = None
    phone: Phone | None = None
    main_channel: Literal["email", "sms"] = "email"
    language: Literal["zh", "en"] = "zh"
    reports_to: str | None = None  # a driver's dispatcher, on whose orders he may report
    duty: str = ""  # hours of each desk day, "08:00-20:00" or over midnight "20:00-08:00"; none: at any hour

    @field_validator("duty")
    @classmethod
    def hours_of_a_day(cls, value: str) -> str:
        begins, ends = opening_of(value or "00:00-24:00")
        if begins == ends or begins >= DAY or ends > DAY:
            raise ValueError('write the hours of a day, like "08:00-20:00", or over midnight "20:00-08:00"')
        return value

    @model_validator(mode="after")
    def reachable(self) -> Self:
        if not (self.email or self.phone):
            raise ValueError(f"staff {self.number} has neither email nor phone")
        if self.main_channel == "sms" and not self.phone:
            raise ValueError(f'staff {self.number}: main_channel = "sms" needs a phone')
        return self


class Absence(Section):
    """Days on which somebody is not there, or not in some hours of them (`absences.toml`)."""

    staff: str  # staff number
    days: str  # a date, or "FIRST/LAST"
    hours: str = ""  # of each of these days, "13:00-18:00"; none: all day
    substitute: str | None = None  # staff number of who stands in; none: the area's fallback does

    @field_validator("days")
    @classmethod
    def are_days(cls, value: str) -> str:
        return dated((value,))[0]

    @field_validator("hours")
    @classmethod
    def hours_of_a_day(cls, value: str) -> str:
        begins, ends = opening_of(value or "00:00-24:00")
        if not begins < ends <= DAY:
            raise ValueError('write hours of one day, like "13:00-18:00"')
        return value

    def covers(self, at: datetime) -> bool:
        """Whether it holds at this moment, given in the site's zone."""
        begins, ends = opening_of(self.hours or "00:00-24:00")
        since_midnight = timedelta(hours=at.hour, minutes=at.minute, seconds=at.second)
        return at.date() in days_of((self.days,)) and begins <= since_midnight < ends


def circles(absences: Sequence[Absence]) -> Iterator[str]:
    """People who stand in for each other at the same time, so that nobody is there."""
    for first in absences:
        for day in sorted(days_of((first.days,))):
            there = {a.staff: a.substitute for a in absences if day in days_of((a.days,))}
            who, passed = first.substitute, [first.staff]
            while who and who not in passed:
                passed.append(who)
                who = there.get(who)
            if who == first.staff:
                yield f"absences.toml: on {day} {' and '.join(passed)} stand in for each other, so nobody is there"
                break


class Area(Section):
    """A service area; an order belongs to the area with the longest of `places` found in its pickup address."""

    name: str
    kind: Literal["urban", "suburban"]
    places: tuple[str, ...] = ()
    default: bool = False  # takes what no other area names
    dispatcher: str  # staff number of the first recipient
    fallback: str | None = None  # staff number of who gets it when the first cannot be reached
    copies: tuple[str, ...] = ()  # staff numbers


class Words(Section):
    """Words that checks look for (`checks.toml`)."""

    again: tuple[str, ...] = ()  # a mail of the same content with one of these is a second shipment
    too_general: tuple[str, ...] = ()  # cargo names that name nothing
    plate_wanted: tuple[str, ...] = ()  # in an order's remarks: its shipper is told plate and driver
    receipt_back: tuple[str, ...] = ()  # in a report: the signed receipt is on its way back
    titles: tuple[str, ...] = ()  # 先生, 经理: a surname with one of these is no full name
    familiar: tuple[str, ...] = ()  # 姐, 哥: neither is a given name, or a nickname, with one of these
    forms: tuple[str, ...] = ()  # mr, ms: the same in English, in lower case
    surnames: tuple[str, ...] = ()  # 欧阳: surnames of two signs
    nicknames: tuple[str, ...] = ()  # 小, 阿: what the name of somebody well known begins with


class Inquiries(Section):
    """The words by which questions about carrying are understood (`checks.toml`)."""

    start: tuple[str, ...] = ()  # before the place where goods would be fetched: 从, from
    end: tuple[str, ...] = ()  # before the place where they would go: 到, to
    beyond: tuple[str, ...] = ()  # what the tariff does not tell: 整车, 冷藏, 危险品; an agent answers


class Limits(Section):
    """Figures of goods beyond which a person looks (`checks.toml`)."""

    density_least: Annotated[Decimal, Field(gt=0)] = Decimal(10)  # kilograms in a cubic metre
    density_most: Annotated[Decimal, Field(gt=0)] = Decimal(8000)


class Tables(Section):
    """The site's tables together: customers, staff, areas, checks, and its trade: tariff, depots and goods."""

    customer: tuple[Customer, ...] = ()
    staff: tuple[Staff, ...] = ()
    area: tuple[Area, ...] = ()
    words: Words = Words()
    limits: Limits = Limits()
    inquiries: Inquiries = Inquiries()
    lane: tuple[Lane, ...] = ()
    pickup: tuple[Fee, ...] = ()
    delivery: tuple[Fee, ...] = ()
    depot: tuple[Depot, ...] = ()
    absence: tuple[Absence, ...] = ()
    follow_up: tuple[FollowUp, ...] = ()
    prohibited: tuple[Goods, ...] = ()
    sensitive: tuple[Goods, ...] = ()
    harmless: tuple[str, ...] = ()  # names of goods that hold a prohibited one and are none: 苯板
    findings: dict[str, Literal["block", "ask", "review", "charge", "note"]] = Field(default_factory=dict)  # by check
    operations_manager: str | None = None  # staff number told of missed deadlines

    @model_validator(mode="after")
    def consistent(self) -> Self:
        for what, values in (
            ("staff.toml: staff number", [s.number for s in self.staff]),
            ("areas.toml: area", [a.name for a in self.area]),
            ("customers.toml: customer address", [a for c in self.customer for a in c.addresses]),
            ("customers.toml: customer domain", [d for c in self.customer for d in c.domains]),
            ("customers.toml: customer phone", [p for c in self.customer for p in c.phones]),
            ("customers.toml: customer", [c.name for c in self.customer]),
            ("areas.toml: place", [p for a in self.area for p in a.places]),
            ("depots.toml: depot", [d.name for d in self.depot]),
            ("depots.toml: depot place", [p for d in self.depot for p in d.places]),
            ("tariff.toml: lane to", [p for lane in self.lane for p in lane.to]),
        ):
            twice = sorted({v for v in values if values.count(v) > 1})
            if twice:
                raise ValueError(f"{what} {', '.join(twice)} stands twice; once is right")
        numbers = {s.number for s in self.staff}
        named = [(f"area {a.name}", n) for a in self.area for n in (a.dispatcher, a.fallback, *a.copies) if n]
        named += [(f"staff {s.number} (reports_to)", s.reports_to) for s in self.staff if s.reports_to]
        named += [(f"depot {d.name} (contact)", d.contact) for d in self.depot if d.contact]
        named += [("absence", a.staff) for a in self.absence]
        named += [(f"absence of {a.staff} (substitute)", a.substitute) for a in self.absence if a.substitute]
        named += [("operations_manager", self.operations_manager)] if self.operations_manager else []
        for where, number in named:
            if number not in numbers:
                raise ValueError(f"{where} names staff {number}, who is not in staff.toml")
        if sum(a.default for a in self.area) > 1:
            raise ValueError("more than one area has default = true")
        idle = [a.name for a in self.area if not (a.places or a.default)]
        if idle:
            raise ValueError(f"area {', '.join(idle)} has no places, so no order is ever its; name some")
        self.goods_agree()
        faults = (*misnamed(self.follow_up), *circles(self.absence))
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def goods_agree(self) -> None:
        """Raise ValueError for a name of goods that the site both forbids and calls harmless, or is in doubt of."""
        sure = {name.lower() for goods in self.prohibited for name in goods.names}
        doubtful = {name.lower() for goods in self.prohibited for name in goods.doubtful}
        harmless = {name.lower() for name in self.harmless}
        for one, other, names in (
            ("prohibited", "harmless", (sure | doubtful) & harmless),
            ("names of what is prohibited", "doubtful", sure & doubtful),
        ):
            if names:
                raise ValueError(f"goods.toml: {', '.join(sorted(names))} are both {one} and {other}; keep one of them")
