"""`ingestd roster today`: who gets each area's work orders on a day, who stands in, and who is away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from ingestd.cli.output import Column, heading, json_line, line, table
from ingestd.cli.session import session_of
from ingestd.cli.trouble import FINE
from ingestd.cli.words import word

if TYPE_CHECKING:
    from ingestd.checks.house import House
    from ingestd.config.tables import Area, Staff


@dataclass(frozen=True, slots=True)
class AreaDuty:
    """Who gets an area's work orders; field names are JSON keys."""

    area: str
    first: str  # staff number
    name: str
    stands_in_for: str | None  # the area's dispatcher, where he is not there
    next: str | None  # staff number of who is told where the first does not answer
    duty: str  # hours; empty: at any hour
    on_duty: bool
    on_duty_from: datetime | None  # where he is off duty


@dataclass(frozen=True, slots=True)
class Away:
    """Somebody who is not there on the day."""

    staff: str
    name: str
    until: date
    hours: str
    substitute: str | None
    areas: tuple[str, ...]  # of which he is the dispatcher


def day_of(text: str) -> date:
    """A day as it is typed."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(word("roster.no_day", value=text)) from error


def roster_today(
    context: typer.Context,
    on: Annotated[date | None, typer.Option("--on", parser=day_of, metavar="DATE", help=word("help.roster_on"))] = None,
    as_json: Annotated[bool, typer.Option("--json", metavar="", help=word("help.json"))] = False,
) -> int:
    """Print the roster of now, or of the desk's opening on another day."""
    from ingestd.checks.house import house_of

    session = session_of(context)
    house = house_of(session.configuration)
    at = moment_of(on, house) if on else session.now()
    areas = [area_duty(area, house, at) for area in house.tables.area]
    away = list(absent_on(at.astimezone(session.zone).date(), house))
    if as_json:
        json_line({"at": at, "areas": areas, "absent": [{**plain(one)} for one in away]})
    else:
        print_roster(areas, away, at, session.zone)
    return FINE


def moment_of(day: date, house: House) -> datetime:
    """When the desk opens on a day."""
    return datetime.combine(day, time.min, house.settings.site.zone) + house.settings.desk.opening[0]


def area_duty(area: Area, house: House, at: datetime) -> AreaDuty:
    """Who gets an area's work orders at a moment."""
    from ingestd.checks.roster import first_recipient, next_on_duty

    who = first_recipient(area, house, at)
    following = next_on_duty(area, house, at, {who.number, area.dispatcher})
    begins = house.on_duty(who, at)
    return AreaDuty(
        area.name,
        who.number,
        who.name,
        area.dispatcher if area.dispatcher != who.number else None,
        following.number if following else None,
        who.duty,
        begins <= at,
        begins if begins > at else None,
    )


def absent_on(day: date, house: House) -> Iterator[Away]:
    """Who is not there on a day, or not in some hours of it."""
    from ingestd.config.settings import days_of

    for absence in house.tables.absence:
        days = days_of((absence.days,))
        if day in days:
            who: Staff = house.numbers[absence.staff]
            areas = tuple(a.name for a in house.tables.area if a.dispatcher == who.number)
            yield Away(who.number, who.name, max(days), absence.hours, absence.substitute, areas)


def plain(away: Away) -> dict[str, object]:
    """An absence as JSON has it."""
    return {
        "staff": away.staff, "name": away.name, "until": away.until.isoformat(), "hours": away.hours,
        "substitute": away.substitute, "areas": away.areas,
    }  # fmt: skip


def print_roster(areas: list[AreaDuty], away: list[Away], at: datetime, zone: ZoneInfo) -> None:
    """The roster as people read it."""
    local = at.astimezone(zone)
    line(word("roster.at", at=local.strftime("%Y-%m-%d %H:%M")))
    titles = ("area", "first", "stands_in_for", "next", "duty", "now")
    rows = [
        (
            a.area,
            f"{a.first} {a.name}",
            a.stands_in_for or "",
            a.next or "",
            a.duty or word("roster.any"),
            now_of(a, local),
        )
        for a in areas
    ]
    table([Column(word(f"column.{title}"), wraps=title == "area") for title in titles], rows)
    if away:
        heading(word("roster.absent", count=len(away)))
        columns = [Column(word(f"column.{title}")) for title in ("who", "until", "stands_in")]
        table(columns, [row(one) for one in away])


def now_of(duty: AreaDuty, local: datetime) -> str:
    """Whether somebody is on duty now, or when next."""
    if duty.on_duty_from is None:
        return word("roster.on_duty")
    begins = duty.on_duty_from.astimezone(local.tzinfo)
    return word("roster.from", at=begins.strftime("%H:%M" if begins.date() == local.date() else "%m-%d %H:%M"))


def row(away: Away) -> tuple[str, ...]:
    """One absence's line."""
    until = f"{away.until} {away.hours}".rstrip()
    return f"{away.staff} {away.name}", until, away.substitute or word("roster.nobody")
