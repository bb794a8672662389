"""What a configuration allows and a careful administrator would not leave so: pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ingestd.calendar.desk import closed_days
from ingestd.calendar.working import NOTICE_MONTH, overrides_of, unknown_years
from ingestd.cli.words import term, word
from ingestd.config.peer import is_loopback
from ingestd.config.settings import Inlet, Settings, days_of
from ingestd.config.tables import Tables


def cautions(settings: Settings, tables: Tables, today: date) -> list[str]:
    """All warnings, in words."""
    areas = (*of_areas(tables), *of_absences(tables, today))
    return [*of_sources(settings), *of_people(settings, tables), *areas, *of_calendar(settings, today)]


def of_sources(settings: Settings) -> Iterator[str]:
    """Ways in that are missing, open to everybody, or can't tell who writes."""
    if not (settings.imap or settings.inlet.enabled or settings.sms.enabled):
        yield word("caution.no_source")
    for account in settings.imap:
        if account.authserv_id is None:
            yield word("caution.no_authserv_id", account=account.name)
    if settings.inlet.enabled:
        yield from of_inlet(settings.inlet)


def of_inlet(inlet: Inlet) -> Iterator[str]:
    """An inlet for other machines that believes whatever they say, or hides nothing from those between."""
    unchecked, others = inlet.authserv_id in (None, "none"), [n for n in inlet.trusted if not n.is_loopback]
    if inlet.authserv_id is None:
        yield word("caution.no_authserv_id", account=inlet.name)
    elif unchecked and others:
        yield word("caution.trusting_inlet", networks=", ".join(map(str, others)))
    if inlet.certificate is None and (inlet.socket == "systemd" or not is_loopback(inlet.host)):
        yield word("caution.open_inlet", host=inlet.host if inlet.socket == "own" else "systemd")


def of_people(settings: Settings, tables: Tables) -> Iterator[str]:
    """People who would not hear of what they must know."""
    if not tables.customer:
        yield word("caution.no_customers")
    if not settings.desk.notify:
        yield word("caution.no_notify")
    if not settings.alarms.destinations:
        yield word("caution.no_alarms")
    elif not settings.sms.enabled and all(d.channel == "sms" for d in settings.alarms.destinations):
        yield word("caution.alarms_by_sms")
    for staff in tables.staff:
        if not staff.email and not settings.sms.enabled:
            yield word("caution.unreachable", number=staff.number, name=staff.name)
    if tables.operations_manager is None:
        yield word("caution.no_manager")
    if not any(staff.role in settings.desk.roles for staff in tables.staff):
        yield word("caution.nobody_at_desk", roles=", ".join(term("role", role) for role in settings.desk.roles))


def of_areas(tables: Tables) -> Iterator[str]:
    """Pickups that nobody would be sent to."""
    if not any(area.default for area in tables.area):
        yield word("caution.no_default_area")
    for area in tables.area:
        if area.fallback is None:
            yield word("caution.no_fallback", area=area.name)


def of_absences(tables: Tables, today: date) -> Iterator[str]:
    """Days on which an area's dispatcher is away and nobody is named in his place."""
    names = {staff.number: staff.name for staff in tables.staff}
    alone = [area for area in tables.area if area.fallback is None]
    for absence in tables.absence:
        if absence.substitute is None and max(days_of((absence.days,))) >= today:
            who = {"number": absence.staff, "name": names[absence.staff], "days": absence.days}
            yield from (word("caution.absent", **who, area=a.name) for a in alone if a.dispatcher == absence.staff)


def of_calendar(settings: Settings, today: date) -> Iterator[str]:
    """Holidays and the next year's closures, without which deadlines over them are wrong."""
    for year in unknown_years(today, overrides_of(settings.calendar)):
        yield word("caution.no_holidays", year=year)
    if today.month >= NOTICE_MONTH:
        year = today.year + 1
        if not any(day.year == year for day in closed_days(settings.desk.closures)):
            yield word("caution.no_closures", year=year)
