"""The words of one language that templates and text messages share: `templates/labels.LANGUAGE.toml` and its kin."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

Language = str  # one of LANGUAGES
LANGUAGES: tuple[Literal["zh", "en"], ...] = ("zh", "en")
LAST_SECOND = time(23, 59, 59)


class BrokenTemplateError(ValueError):
    """A template or wording file that can't be used: which file, which line, and why."""

    def __init__(self, file: str, line: int | None, reason: str) -> None:
        self.file, self.line, self.reason = file, line, reason
        super().__init__(f"{file}{f', line {line}' if line else ''}: {reason}")


def found(folders: Sequence[Path], name: str) -> Path:
    """The first file of that name in the folders; raises BrokenTemplateError where none has it."""
    for folder in folders:
        if (folder / name).is_file():
            return folder / name
    raise BrokenTemplateError(name, None, f"is in none of {', '.join(str(f) for f in folders)}")


def table(folders: Sequence[Path], name: str) -> dict[str, Any]:
    """A TOML file by name; a broken one raises BrokenTemplateError."""
    path = found(folders, name)
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BrokenTemplateError(str(path), None, str(error)) from error


@dataclass(frozen=True, slots=True)
class Times:
    """How moments, days and windows are written in one language, in the site's zone."""

    patterns: dict[str, str]
    months: tuple[str, ...]
    zone: ZoneInfo

    def written(self, pattern: str, at: datetime) -> str:
        """`at` by one of the patterns of the `[time]` table."""
        local = at.astimezone(self.zone)
        return self.patterns[pattern].format(
            y=local.year, m=local.month, d=local.day, H=local.hour, M=local.minute, month=self.months[local.month - 1]
        )

    def date(self, day: date) -> str:
        """A day without its year."""
        return self.written("date", datetime.combine(day, time(12), self.zone))

    def moment(self, at: datetime | None) -> str:
        """Day and hour; the last second of a day is its 24:00."""
        if at is None:
            return ""
        return self.written("end_of_day" if self.ends_day(at) else "moment", at)

    def window(self, start: datetime | None, by: datetime | None) -> str:
        """A window with its words: before, after, between, at, or on a day."""
        if start is None or by is None:
            pattern = "before" if by else "after" if start else ""
            return self.patterns[pattern].format(self.moment(by or start)) if pattern else ""
        if start == by:
            return self.moment(by)
        same_day = start.astimezone(self.zone).date() == by.astimezone(self.zone).date()
        if same_day and self.ends_day(by) and start.astimezone(self.zone).time() == time(0):
            return self.written("day", by)
        end = self.hour(by) if same_day else self.moment(by)
        return self.patterns["between"].format(self.moment(start), end)

    def hour(self, at: datetime) -> str:
        """Only the hour and minute."""
        return self.written("end_of_hour" if self.ends_day(at) else "hour", at)

    def ends_day(self, at: datetime) -> bool:
        return at.astimezone(self.zone).time() == LAST_SECOND

    def span(self, seconds: float) -> str:
        """A length of time in hours and minutes, at least one minute."""
        minutes = max(1, int(seconds // 60))
        hours, rest = divmod(minutes, 60)
        if hours and rest:
            return self.patterns["hours_minutes"].format(hours, rest)
        return self.patterns["hours"].format(hours) if hours else self.patterns["minutes"].format(rest)


class Wording:
    """The tables of `labels.LANGUAGE.toml`: words for codes, fields and times."""

    def __init__(self, folders: Sequence[Path], language: str, zone: ZoneInfo) -> None:
        self.file = f"labels.{language}.toml"
        self.tables = table(folders, self.file)
        section = self["time"]
        months, patterns = tuple(section["months"]), {k: v for k, v in section.items() if k != "months"}
        self.times = Times(patterns, months, zone)
        self.form_times = Times(patterns | self["form_time"], months, zone)  # in forms, which are read again

    def __getitem__(self, section: str) -> dict[str, Any]:
        try:
            return dict(self.tables[section])
        except (KeyError, TypeError) as error:
            raise BrokenTemplateError(self.file, None, f"has no table [{section}]") from error
