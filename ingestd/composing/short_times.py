"""Windows of time in as few characters as a text message allows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

MIDNIGHT = time(0)
PARTS_OF_DAY = {  # as the reading contract resolves them
    (time(0), time(12)): "morning",
    (time(12), time(18)): "afternoon",
    (time(18), MIDNIGHT): "evening",
    (MIDNIGHT, MIDNIGHT): "",
}


@dataclass(frozen=True, slots=True)
class ShortTimes:
    """The `[time]` words of a text message, in the site's zone."""

    words: Mapping[str, str]
    zone: ZoneInfo

    def span(self, start: datetime | None, by: datetime | None, serial: str = "") -> str:
        """A window; a moment on the day that the serial starts with is told without its date."""
        first = start.astimezone(self.zone) if start else None
        last = by.astimezone(self.zone) if by else None
        if first is None and last is None:
            return ""
        if first is None and last is not None:
            return self.before(last, serial)
        if last is None and first is not None:
            return self.words["after"].format(self.moment(first, serial))
        assert first is not None
        assert last is not None
        return self.moment(last, serial) if first == last else self.between(first, last, serial)

    def before(self, last: datetime, serial: str) -> str:
        if self.midnight_after(last).time() == MIDNIGHT:
            return self.words["within_day"].format(self.date(last))
        return self.words["before"].format(self.moment(last, serial))

    def between(self, first: datetime, last: datetime, serial: str) -> str:
        end = self.midnight_after(last)
        same_day = last.date() == first.date()
        part = PARTS_OF_DAY.get((first.time(), end.time())) if same_day else None
        if part is not None:
            day = "" if part and self.known(first, serial) else self.date(first)
            return f"{day}{self.words[part] if part else ''}"
        if same_day and first.time() == MIDNIGHT:
            return self.before(last, serial)
        hour = self.hour(last) if same_day else self.moment(last, serial)
        return self.words["between"].format(self.moment(first, serial), hour)

    def moment(self, at: datetime, serial: str) -> str:
        return self.hour(at) if self.known(at, serial) else f"{self.date(at)}{self.hour(at)}"

    def hour(self, at: datetime) -> str:
        if at.time() == time(23, 59, 59):
            return self.words["hour"].format(H=24, M=0)
        return self.words["minute" if at.minute else "hour"].format(H=at.hour, M=at.minute)

    def date(self, at: datetime) -> str:
        return self.words["date"].format(m=at.month, d=at.day)

    def known(self, at: datetime, serial: str) -> bool:
        """Whether the serial says the day already."""
        return serial.startswith(f"{at:%y%m%d}")

    def midnight_after(self, last: datetime) -> datetime:
        """The end of a window, the last second of a day counting as the midnight after it."""
        return last + timedelta(seconds=1) if last.time() == time(23, 59, 59) else last
