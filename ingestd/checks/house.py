"""The house as decisions see it: customers, staff and areas by what identifies them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from ingestd.calendar.desk import closed_days
from ingestd.calendar.pickup import PickupRules
from ingestd.config.load import Configuration
from ingestd.config.settings import Settings
from ingestd.config.tables import Area, Customer, Staff, Tables
from ingestd.domain.reading import Channel


@dataclass(frozen=True)
class House:
    """Policy and tables, indexed once."""

    settings: Settings
    tables: Tables
    customers: dict[str, Customer]  # by address, @domain or phone
    staff: dict[str, Staff]  # by address or phone
    numbers: dict[str, Staff]  # by staff number
    areas: dict[str, Area]
    places: tuple[tuple[str, Area], ...]  # the longest first
    authserv_ids: dict[str, str | None]  # by account
    pickup: PickupRules

    @property
    def promise(self) -> timedelta:
        return self.settings.outbox.promise

    def customer(self, channel: Channel, sender: str | None) -> Customer | None:
        """The customer whose address, domain or phone this is."""
        if not sender:
            return None
        domain = "@" + sender.rpartition("@")[2] if channel is Channel.EMAIL else ""
        return self.customers.get(sender) or self.customers.get(domain)

    def area_of(self, place: str | None) -> Area | None:
        """The area with the longest of its places in the text, else the default one, if any."""
        for name, area in self.places:
            if place and name in place:
                return area
        return next((a for a in self.tables.area if a.default), None)

    def entrusted_to(self, who: Staff) -> str:
        """The staff number whose orders this person may report on."""
        return who.reports_to or who.number


def house_of(configuration: Configuration) -> House:
    """The house that a configuration describes."""
    settings, tables = configuration.settings, configuration.tables
    customers = {
        key: c for c in tables.customer for key in (*c.addresses, *(f"@{d.lower()}" for d in c.domains), *c.phones)
    }
    staff = {key: s for s in tables.staff for key in (s.email, s.phone) if key}
    places = sorted(((p, a) for a in tables.area for p in a.places), key=lambda pair: -len(pair[0]))
    accounts = {a.name: a.authserv_id for a in settings.imap} | {settings.inlet.name: settings.inlet.authserv_id}
    rules = PickupRules(settings.pickup.deadlines, closed_days(settings.desk.closures), settings.site.zone)
    numbers = {s.number: s for s in tables.staff}
    areas = {a.name: a for a in tables.area}
    return House(settings, tables, customers, staff, numbers, areas, tuple(places), accounts, rules)
