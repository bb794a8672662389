"""The house as decisions see it: customers, staff and areas by what identifies them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal

from ingestd.calendar.checking import CheckingClock, checking_clock
from ingestd.calendar.delivery import DeliveryRules
from ingestd.calendar.desk import closed_days, closure_ahead
from ingestd.calendar.hours import Hours, after_open, opens_at
from ingestd.calendar.pickup import PickupRules
from ingestd.calendar.rounds import Rounds
from ingestd.charging.scope import Spot
from ingestd.checks.known_goods import KnownGoods, prohibited_of, sensitive_of
from ingestd.checks.site_places import place_faults
from ingestd.config.follow_up import FollowUp
from ingestd.config.load import Configuration, ConfigurationError
from ingestd.config.settings import Settings, opening_of
from ingestd.config.shipped import shipped
from ingestd.config.tables import Area, Customer, Staff, Tables
from ingestd.config.trade import Depot
from ingestd.domain.reading import Channel
from ingestd.places.atlas import Atlas, Division, load_atlas
from ingestd.places.latin import locate_latin
from ingestd.places.locating import Located, locate


@dataclass(frozen=True)
class House:
    """Policy and tables, indexed once."""

    settings: Settings
    tables: Tables
    customers: dict[str, Customer]  # by address, @domain or phone
    staff: dict[str, Staff]  # by address or phone
    numbers: dict[str, Staff]  # by staff number
    areas: dict[str, Area]
    authserv_ids: dict[str, str | None]  # by account
    pickup: PickupRules
    atlas: Atlas
    home: Division | None = None

    @property
    def promise(self) -> timedelta:
        return self.settings.outbox.promise

    @cached_property
    def checking(self) -> CheckingClock:
        """Until when a person is to decide on what."""
        return checking_clock(self.settings)

    @cached_property
    def prohibited(self) -> KnownGoods:
        """What must not be carried."""
        return prohibited_of(self.tables)

    @cached_property
    def sensitive(self) -> KnownGoods:
        """What a person or the driver looks at."""
        return sensitive_of(self.tables)

    def customer(self, channel: Channel, sender: str | None) -> Customer | None:
        """The customer whose address, domain or phone this is."""
        if not sender or not fits(channel, sender):
            return None
        domain = "@" + sender.rpartition("@")[2] if channel is Channel.EMAIL else ""
        return self.customers.get(sender) or self.customers.get(domain)

    def colleague(self, channel: Channel, sender: str | None) -> Staff | None:
        """The member of staff whose address or phone this is."""
        return self.staff.get(sender) if sender and fits(channel, sender) else None

    def area_at(self, spot: Spot) -> tuple[Area | None, str]:
        """The area with the narrowest place that holds a pickup, and that place; else the default area, if any."""
        held = [(area, place) for area in self.tables.area if area.places and (place := spot.reached(area.places))]
        if held:
            return max(held, key=lambda pair: (spot.depth(pair[1]), len(pair[1])))
        return next((a for a in self.tables.area if a.default), None), ""

    def depot_at(self, spot: Spot) -> Depot | None:
        """The depot that delivers to the narrowest place that holds a spot."""
        held = [(depot, place) for depot in self.tables.depot if (place := spot.reached(depot.places))]
        return max(held, key=lambda pair: spot.depth(pair[1]), default=(None, ""))[0]

    def located(
        self, text: str | None, customer: Customer | None = None, there: Division | None = None
    ) -> tuple[Spot, Located]:
        """Where a text of an order lies; of several of one name the one `there`, near the customer's home, or ours."""
        plain = self.atlas.simplified(text or "")
        near = there or (self.division(customer.home) if customer and customer.home else self.home)
        found = locate_latin(plain, self.atlas, near) if plain.isascii() else locate(plain, self.atlas, near)
        return Spot(plain, found.where, self.atlas), found

    def division(self, name: str) -> Division | None:
        """The one division of a name."""
        meant = self.atlas.names.get(name, ())
        return meant[0] if len(meant) == 1 else None

    def closure_ahead(self, now: datetime) -> tuple[date, date] | None:
        """The closure that shippers are told of now."""
        today = now.astimezone(self.settings.site.zone).date()
        return closure_ahead(today, self.pickup.closed, self.settings.desk.announce_closures)

    def on_duty(self, who: Staff, now: datetime) -> datetime:
        """This moment where somebody is on duty, else when he is next."""
        if not who.duty:
            return now
        return opens_at(now, self.duty(who), self.pickup.closed)

    def after_duty(self, who: Staff, start: datetime, wait: timedelta) -> datetime:
        """The moment when somebody has been on duty for so long since the start."""
        return after_open(start, wait, self.duty(who), self.pickup.closed) if who.duty else start + wait

    def duty(self, who: Staff) -> Hours:
        """The hours in which somebody is on duty on desk days."""
        return Hours(*opening_of(who.duty or "00:00-24:00"), self.settings.site.zone)

    def desk_opens(self, now: datetime) -> datetime:
        """This moment where the desk is open, else when it opens next."""
        return opens_at(now, self.checking.hours, self.pickup.closed)

    def quiet_until(self, now: datetime) -> datetime:
        """The end of the quiet hours that this moment lies in; this moment where it lies in none."""
        begins, ends = opening_of(self.settings.chasing.quiet)
        if not self.settings.chasing.quiet:
            return now
        return opens_at(now, Hours(ends, begins, self.settings.site.zone), frozenset())

    @cached_property
    def rounds(self) -> Rounds:
        """When what is overdue is asked about."""
        return Rounds(self.settings.chasing.rounds, self.pickup.closed, self.settings.site.zone)

    @cached_property
    def delivery(self) -> DeliveryRules:
        """How deadlines of deliveries are reckoned."""
        return DeliveryRules(self.settings.chasing.deliver_by, self.settings.site.zone)

    @cached_property
    def follow_ups(self) -> dict[str, FollowUp]:
        """The follow-ups by their names."""
        return {row.name: row for row in self.tables.follow_up}

    @property
    def texts(self) -> bool:
        """Whether the site sends text messages."""
        return self.settings.sms.enabled

    def reach(self, who: Staff) -> tuple[Channel, str]:
        """The channel that reaches a person first, and his address or number there."""
        if who.phone and self.texts and (who.main_channel == "sms" or not who.email):
            return Channel.SMS, who.phone
        return Channel.EMAIL, who.email or ""

    def language_of(self, recipient: str) -> Literal["zh", "en"]:
        """The language of who is reached there; the site's where nobody of ours is."""
        who = self.staff.get(recipient)
        return who.language if who else self.settings.site.language

    def answers(self, channel: Channel, contact: str) -> bool:
        """Whether a shipper can be written to; who ordered by phone may have left no address."""
        return bool(contact) and (channel is Channel.EMAIL or self.texts)


def fits(channel: Channel, sender: str) -> bool:
    """Whether a sender is one of its channel's: the letters that a text message may show as its sender prove nobody."""
    return ("@" in sender) if channel is Channel.EMAIL else sender.startswith("+")


def house_of(configuration: Configuration) -> House:
    """The house that a configuration describes. Raises ConfigurationError for places that its tables name wrongly."""
    settings, tables = configuration.settings, configuration.tables
    customers = {key: c for c in tables.customer for key in (*c.addresses, *(f"@{d}" for d in c.domains), *c.phones)}
    staff = {key: s for s in tables.staff for key in (s.email, s.phone) if key}
    accounts = {a.name: a.authserv_id for a in settings.imap} | {settings.inlet.name: settings.inlet.authserv_id}
    rules = PickupRules(settings.pickup.deadlines, closed_days(settings.desk.closures), settings.site.zone)
    numbers = {s.number: s for s in tables.staff}
    areas = {a.name: a for a in tables.area}
    atlas = atlas_of(shipped("config") / "places")
    house = House(settings, tables, customers, staff, numbers, areas, accounts, rules, atlas)
    faults = (*unreached(settings, tables), *place_faults(tables, atlas))
    if faults:
        raise ConfigurationError("\n".join(faults))
    return replace(house, home=at_home(house))


def unreached(settings: Settings, tables: Tables) -> Iterator[str]:
    """Those whom a work order or its chase could reach by text message only, where the site sends none."""
    needed = {n: f"area {a.name}" for a in tables.area for n in (a.dispatcher, a.fallback) if n}
    needed |= {tables.operations_manager: "operations_manager"} if tables.operations_manager else {}
    for who in tables.staff:
        if who.number in needed and not who.email and not settings.sms.enabled:
            yield (
                f"{needed[who.number]}: staff {who.number} has only a phone, and sms.enabled is false, so nothing "
                "would reach this person; an email or sms.enabled = true would be right"
            )


@lru_cache(maxsize=2)
def atlas_of(folder: Path) -> Atlas:
    """All places of the country, with the characters that traditional ones stand for."""
    written = tomllib.loads((shipped("parsers") / "traditional.toml").read_text("utf-8"))["traditional"]
    return load_atlas(folder, (written["from"], written["to"]))


def at_home(house: House) -> Division | None:
    """The division where the site is. Raises ConfigurationError for a name that none has, or several."""
    named = {"site.home": house.settings.site.home} | {
        f"customer {c.name}: home": c.home for c in house.tables.customer
    }
    for where, name in named.items():
        if name and house.division(name) is None:
            raise ConfigurationError(f"{where}: {name} is no one division of China; 深圳市 or 广东省 would be right")
    return house.division(house.settings.site.home)
