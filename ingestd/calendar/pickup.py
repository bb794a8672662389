"""When goods are to be picked up at the latest (domain.md §5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from ingestd.calendar.desk import desk_day_after
from ingestd.config.settings import DeadlineRow


@dataclass(frozen=True, slots=True)
class PickupRules:
    """The site's table of deadlines, its closed days and its zone."""

    rows: tuple[DeadlineRow, ...]
    closed: frozenset[date]
    zone: ZoneInfo


def pickup_deadline(
    confirmed_at: datetime, area_kind: str, window_end: datetime | None, rules: PickupRules
) -> datetime:
    """The latest pickup in UTC for an order confirmed in an area of this kind.

    The shipper's own later window replaces the table; an earlier wish does not (it is passed on). An order confirmed
    on a closed day counts from the start of the next desk day. Raises ValueError where the table has no row.
    """
    local = confirmed_at.astimezone(rules.zone)
    day, at = desk_day_after(local.date(), 0, rules.closed), local.time()
    if day != local.date():
        at = time.min
    row = row_for(at, area_kind, rules.rows)
    by = datetime.combine(desk_day_after(day, row.days, rules.closed), row.by, rules.zone)
    return (window_end if window_end is not None and window_end > by else by).astimezone(UTC)


def row_for(at: time, area_kind: str, rows: tuple[DeadlineRow, ...]) -> DeadlineRow:
    """The first row whose class the time falls in; 12:00:00 falls in the later one."""
    for row in rows:
        if row.area == area_kind and (row.before is None or at < row.before):
            return row
    raise ValueError(f"pickup.deadlines has no row for {area_kind} at {at}")
