"""Days and hours as people say them, and the windows they mean for a message sent at a known time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from functools import lru_cache
from itertools import islice

from ingestd.parsing.definitions import Definitions
from ingestd.parsing.items import Item, Kind
from ingestd.parsing.numerals import number, spelt, values
from ingestd.parsing.purposes import Place, Purpose, purpose
from ingestd.parsing.spoken import Edge, Spoken, corrected, with_days
from ingestd.parsing.wording import alternation

ZONE = timezone(timedelta(hours=8))  # Asia/Shanghai, which knows no summer time since 1991
DAY_END = time(23, 59, 59)
HALVES = {"morning": (time(0), time(12)), "noon": (time(12), time(12)), "afternoon": (time(12), time(18)),
          "evening": (time(18), DAY_END)}  # fmt: skip
# lists of words that a day or a part of it opens with
SPOKEN = ("week_after_next", "next_week", "this_week", "weekday_heads", "english_weekdays", "english_short_weekdays",
          "english_months", *HALVES)  # fmt: skip
MAX_JOINT = 12  # characters between two words of one time
MAX_TOKENS = 1500  # words of time that are looked at in one text
NOON = 12
FIRST_WORKING_HOUR = 7  # a smaller hour without "morning" is meant for the afternoon


@dataclass(frozen=True, slots=True)
class Window:
    """A resolved wish; either bound may be open."""

    start: datetime | None
    end: datetime | None


DAY_WORDS = {
    "before_yesterday": -2, "yesterday": -1, "today": 0, "tomorrow": 1, "after_tomorrow": 2, "in_three_days": 3,
}  # fmt: skip
MERGED_WORDS = {
    "yesterday_evening": (-1, "evening"), "tomorrow_morning": (1, "morning"), "tomorrow_evening": (1, "evening"),
    "today_morning": (0, "morning"), "today_afternoon": (0, "afternoon"), "today_evening": (0, "evening"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Grammar:
    """The compiled patterns of time."""

    said: re.Pattern[str]
    hint: re.Pattern[str]
    token: re.Pattern[str]
    joint: re.Pattern[str]
    range_joint: re.Pattern[str]
    edge: re.Pattern[str]
    head: re.Pattern[str]
    denied: re.Pattern[str]
    words: dict[str, tuple[int, str | None]]
    halves: dict[str, str]
    weekdays: dict[str, int]
    afternoon: frozenset[str]


@lru_cache(maxsize=4)
def grammar(definitions: Definitions) -> Grammar:
    """The patterns made of the definitions' words."""
    of = definitions.of
    words: dict[str, tuple[int, str | None]] = {w: (n, None) for name, n in DAY_WORDS.items() for w in of(name)}
    words |= {w: pair for name, pair in MERGED_WORDS.items() for w in of(name)}
    weekdays = {w: min(i, 6) for i, w in enumerate(of("weekdays"))} | {
        w: i % 7 for name in ("english_weekdays", "english_short_weekdays") for i, w in enumerate(of(name))
    }
    before, after = ([w for w in of(n) if not w.isascii()] for n in ("before", "after"))
    heads = [alternation(of(name)) for name in ("head_before", "head_after")]
    spelt_heads = [alternation(of(name)) for name in ("english_before", "english_after")]
    behind_english = [alternation(of(name)) for name in ("english_before_behind", "english_after_behind")]
    linked = alternation([*of("possessive"), *of("closing_hours")])
    articles = rf"(?:{alternation(of('at_words'))}|the |on )?"
    return Grammar(
        said=re.compile(hint_words(definitions, list(words))),
        hint=re.compile(hint_pattern(definitions)),
        token=re.compile(token_pattern(definitions, list(words))),
        joint=re.compile(rf"(?:[ ,()]|{linked}|\b(?:{alternation(of('english_joints'))})\b){{0,5}}$"),
        range_joint=re.compile(rf"\s?(?:{alternation(of('until'))}|and)\s?$"),
        edge=re.compile(
            rf"\)?\s?(?!{alternation(of('about_behind'))})(?:(?P<before>{alternation(before)})|(?P<after>{alternation(after)}))"
            rf"|,?\s(?:(?P<before2>{behind_english[0]})|(?P<after2>{behind_english[1]}))\b"
        ),
        head=re.compile(
            rf"(?:(?:(?P<after>{heads[1]})|\b(?P<after2>{spelt_heads[1]}) )\s?{articles}"
            rf"|(?:(?P<before>{heads[0]})|\b(?P<before2>{spelt_heads[0]}) )\s?{articles})$"
        ),
        denied=re.compile(rf"[^,;。\n]{{0,2}}(?:{alternation(of('denials'))})"),
        words=words,
        halves={w: name for name in HALVES for w in of(name)},
        weekdays=weekdays,
        afternoon=frozenset((*of("afternoon"), *of("evening"))),
    )


def token_pattern(definitions: Definitions, words: list[str]) -> str:
    """Any way to say a day or an hour, behind a look ahead that passes quickly over other places."""
    named = (w for name in SPOKEN for w in definitions.of(name))
    openings = [*words, *named, *definitions.of("halves"), "on "]
    signs = re.escape("".join(sorted({word[0] for word in openings} | set(values(definitions)))))
    ways = "|".join([*day_patterns(definitions, words), *clock_patterns(definitions)])
    return rf"(?=[\d({signs}])(?:{ways})"


def day_patterns(definitions: Definitions, words: list[str]) -> list[str]:
    """The ways to say a day."""
    of = definitions.of
    year, month, day, weekdays = (alternation(of(n)) for n in ("year", "month", "day", "weekdays"))
    figure = rf"(?:\d{{1,2}}|(?:{spelt(definitions)}))"
    months, nth = alternation(of("english_months")), r"(?:st|nd|rd|th)?"
    halves = [w for n in HALVES for w in of(n)]
    return [
        rf"(?P<word>{alternation(words)})",
        rf"(?:{alternation(of('week_after_next'))})(?P<third_week>{weekdays})",
        rf"(?:{alternation(of('next_week'))})(?P<next_week>{weekdays})",
        rf"(?:{alternation(of('this_week'))})(?P<this_week>{weekdays})",
        rf"\((?:{alternation(of('weekday_heads'))})?(?P<aside>{weekdays})\)",
        rf"(?:{alternation(of('weekday_heads'))})(?P<weekday>{weekdays})",
        rf"\b(?:on )?(?P<english_day>{alternation(of('english_weekdays'))})\b",
        rf"(?<=\b(?:on|by) )(?P<short_day>{alternation(of('english_short_weekdays'))})(?![a-z])",
        rf"(?<![\d.])(?P<year>20\d\d)\s?(?:{year}|[-/.])\s?(?P<month>\d{{1,2}})\s?(?:{month}|[-/.])\s?(?P<mday>\d{{1,2}})(?:{day})?(?!\d)",
        rf"(?<![\d.])(?P<month2>{figure})\s?(?:{month})\s?(?P<mday2>{figure})(?:\s?(?:{day}))?",
        rf"(?<![\d./])(?P<month3>1[0-2]|0?[1-9])/(?P<mday3>3[01]|[12]\d|0?[1-9])(?![\d/.])"
        rf"(?=(?:\s?\([^()\n]{{1,5}}\))?[^\n]{{0,3}}(?:{follow_words(definitions)}|\d{{1,2}}:\d\d)"
        rf"|,?\s(?:(?:{alternation(of('english_joints'))})\s)?(?:\d{{1,2}}:\d\d|\d{{1,2}}\s?[ap]\.?m\b))",
        rf"(?:(?<![\d.\u4e00-\u9fff])|(?<=[{''.join(of('before_day'))}]))(?P<mday4>3[01]|[12]\d|[1-9]|(?:{spelt(definitions)}))\s?(?:{day})"
        rf"(?=\)?\s?(?:{follow_words(definitions)}|\((?:{alternation(of('weekday_heads'))})|\)?\s?\d{{1,2}}(?::|{alternation(of('hour'))})|(?:{alternation(of('until'))})\s?\d{{1,2}}(?:{day})))",
        r"(?<![\d.])(?P<mday7>[0-3]?\d)\.(?P<month7>1[0-2]|0?[1-9])\.(?P<year7>20\d\d)(?!\d)",
        rf"(?<![\d.])(?P<month8>1[0-2]|0?[1-9])\.(?P<mday8>3[01]|[12]\d|0?[1-9])(?:{day}|(?={alternation(halves)}))",
        rf"\b(?P<english_month>{months})[a-z]{{0,6}}\.? (?P<mday5>[0-3]?\d){nth}\b(?:,? (?P<year5>20\d\d))?",
        rf"\b(?P<mday6>[0-3]?\d){nth} (?:of )?(?P<english_month6>{months})[a-z]{{0,6}}\b(?:,? (?P<year6>20\d\d))?",
        rf"(?!{alternation(of('no_half'))})(?<![{''.join(of('not_before_half'))}])(?P<half>{alternation(halves)})",
    ]


def clock_patterns(definitions: Definitions) -> list[str]:
    """The ways to say an hour."""
    of = definitions.of
    figure = rf"(?:[01]?\d|2[0-4]|(?:{spelt(definitions)}))"
    signs = "".join(map(re.escape, values(definitions)))
    counted = alternation(word for unit in definitions.units for word in unit.words if word not in of("minute"))
    hour, minute, half, quarter = (alternation(of(n)) for n in ("hour", "minute", "half", "quarter"))
    return [
        rf"(?<![.:])(?P<hour>(?<!\d){figure}|{spelt(definitions)})\s?(?:{hour})(?:(?P<half_hour>{half})|(?P<quarter>{figure})(?:{quarter})"
        rf"|(?P<minute>[0-5]\d)(?:{minute})?(?![\d.])|(?P<minute1>\d)(?:{minute})"
        rf"|(?P<minute3>[{signs}]{{2,3}})(?:{minute})?(?![\d{signs}])(?!\s?(?:{counted})))?",
        r"(?<![\d.:])(?P<hour2>[01]?\d|2[0-4]):(?P<minute2>[0-5]\d)(?::[0-5]\d)?(?!\d)\s?(?P<ampm2>am|pm)?",
        r"(?<![\d.:])(?P<hour3>1[0-2]|[1-9])\s?(?P<ampm3>am|pm|a\.m\.|p\.m\.)",
        rf"(?<![\d.:])(?P<hour4>1[0-2]|[1-9])(?=\s?(?:{alternation(of('until'))}|and)\s?\d{{1,2}}(?::\d\d)?\s?(?:am|pm|a\.m|p\.m))",
        rf"(?<![\d.:/-])(?P<hour5>{figure})(?=\s?(?:{alternation(of('until'))})\s?{figure}\s?(?:{hour}))",
    ]


def hint_words(definitions: Definitions, words: list[str]) -> str:
    """The words of which one stands in every text that says a day or an hour in words."""
    named = (w for name in (*SPOKEN, "month", "hour") for w in definitions.of(name))
    return alternation([*words, *named, "am", "pm", "a.m.", "p.m."])


def hint_pattern(definitions: Definitions) -> str:
    """What stands in every text that says a day or an hour in figures."""
    of = definitions.of
    year, hour = alternation(of("year")), alternation(of("hour"))
    behind = rf"\s?(?:{follow_words(definitions)}|\d{{1,2}}(?::|{hour}))"
    days = [re.escape(word) + behind for word in of("day")]
    return "|".join(
        [rf"20\d\d\s?(?:{year}|[-/.])", r"/\d", r":[0-5]\d", r"\.\d{1,2}\.20\d\d", *days]
    )  # each begins with a sign: quick


def follow_words(definitions: Definitions) -> str:
    """Words behind a bare day of the month that show it is one, and no house number."""
    names = ("before", "after", "behind_day", "pickup_verbs", "deliver_verbs", *HALVES)
    return alternation(w for name in names for w in definitions.of(name) if not w.isascii())


def find(folded: str, definitions: Definitions) -> Iterator[Item]:
    """All times in a text as `Spoken`, each with what it is for; who says 20:00 means the morning by 6:00."""
    found = list(spoken_items(folded, definitions))
    by_day = any(i.value.clock and i.value.clock.hour > NOON and i.value.half is None for i in found)
    for item in with_days(corrected(found), folded):
        early = by_day and item.value.clock and item.value.clock.hour < FIRST_WORKING_HOUR and item.value.half is None
        yield item._replace(value=item.value._replace(half="morning")) if early else item


def spoken_items(folded: str, definitions: Definitions) -> Iterator[Item]:
    """The times of a text one by one."""
    g = grammar(definitions)
    if not (g.said.search(folded) or g.hint.search(folded)):
        return
    group: list[re.Match[str]] = []
    previous = 0
    for match in islice(g.token.finditer(folded), MAX_TOKENS):
        if group and not joins(group[-1], match, folded, g):
            yield from spoken_item(group, previous, folded, definitions)
            previous = group[-1].end()
            group = []
        group.append(match)
    if group:
        yield from spoken_item(group, previous, folded, definitions)


def joins(last: re.Match[str], match: re.Match[str], folded: str, g: Grammar) -> bool:
    """Whether two tokens of time belong to one expression."""
    between = folded[last.end() : match.start()]
    if last.lastgroup == "half" and match.lastgroup != "half" and "," in between:
        return False
    return bool(g.joint.match(between) or g.range_joint.match(between)) and len(between) <= MAX_JOINT


def spoken_item(group: list[re.Match[str]], previous: int, folded: str, definitions: Definitions) -> Iterator[Item]:
    """One expression of time, if it says a day or an hour; a half-day alone needs a verb or an edge."""
    g = grammar(definitions)
    start = group[0].start()
    edge, end = edge_at(folded, group, g)
    spoken = Spoken(edge=edge)
    for token in group:
        spoken = with_token(spoken, token, g, definitions)
    today = spoken._replace(offset=None) == Spoken() and spoken.offset == 0
    place = Place(start, end, previous, wide(spoken), edge is not Edge.AT, today)
    spoken = spoken._replace(purpose=purpose(folded, place, definitions))
    if definite(spoken) or (hinted(spoken) and len(group[0].group()) > 1):
        yield Item(Kind.TIME, start, end, spoken, "time")


def definite(spoken: Spoken) -> bool:
    """Whether a time names a day or an hour."""
    return (spoken.day, spoken.offset, spoken.weekday, spoken.clock) != (None,) * 4


def hinted(spoken: Spoken) -> bool:
    """Whether a half-day alone is a wish, by its verb or its edge."""
    return spoken.half is not None and (spoken.purpose is not Purpose.NONE or spoken.edge is not Edge.AT)


def wide(spoken: Spoken) -> bool:
    """Whether a time is definite enough to look for its verb beyond its own clause."""
    dated = spoken.day is not None or spoken.weekday is not None
    return dated or spoken.clock is not None or bool(spoken.offset) or (spoken.offset is not None and bool(spoken.half))


def edge_at(folded: str, group: list[re.Match[str]], g: Grammar) -> tuple[Edge, int]:
    """Whether "before" or "after" stands behind the expression, or a word of either before it; and the new end.

    "Do not come before three" means from three on.
    """
    end = group[-1].end()
    found = g.edge.match(folded, end)
    if found:
        early = bool(found["before"] or found["before2"])
        if early and g.denied.match(folded, found.end()):
            early = False
        return (Edge.BEFORE if early else Edge.AFTER), found.end()
    for token in group:
        head = g.head.search(folded, max(0, token.start() - 24), token.start())
        if head:
            return (Edge.BEFORE if head["before"] or head["before2"] else Edge.AFTER), end
    return Edge.AT, end


def with_token(spoken: Spoken, token: re.Match[str], g: Grammar, definitions: Definitions) -> Spoken:
    """The expression with one more token."""
    found = {k: v for k, v in token.groupdict().items() if v}
    if "aside" in found:
        return spoken  # the weekday of a date, in brackets
    if "half" in found:
        return spoken._replace(half=g.halves[found["half"]])
    day = day_said(found, g, definitions)
    if day is not None:
        return with_day(spoken, day)
    clock = clock_of(found, spoken.half, definitions)
    return spoken._replace(until=clock) if spoken.clock else spoken._replace(clock=clock)


def day_said(found: dict[str, str], g: Grammar, definitions: Definitions) -> Spoken | None:
    """The day that a token says, None for an hour."""
    if "word" in found:
        offset, half = g.words[found["word"]]
        return Spoken(offset=offset, half=half)
    weeks_ahead = (
        ("third_week", 2),
        ("next_week", 1),
        ("this_week", 0),
        ("weekday", -1),
        ("english_day", -1),
        ("short_day", -1),
    )
    for name, weeks in weeks_ahead:
        if name in found:
            return Spoken(weekday=(weeks, g.weekdays[found[name]]))
    if any(k.startswith("mday") for k in found):
        return Spoken(day=calendar_day(found, definitions))
    return None


def with_day(spoken: Spoken, day: Spoken) -> Spoken:
    """An expression with a day; a second one of the same sort is the end of a range."""
    half = day.half or spoken.half
    if (spoken.offset, day.offset) != (None, None) and spoken.offset is not None and day.offset is not None:
        return spoken._replace(until_day=day, half=half)
    if spoken.weekday and day.weekday:
        return spoken._replace(until_day=day)
    if spoken.day and day.day:
        year, month, _ = spoken.day
        return spoken._replace(until_day=Spoken(day=(day.day[0] or year, day.day[1] or month, day.day[2])))
    return spoken._replace(
        half=half,
        offset=day.offset if day.offset is not None else spoken.offset,
        weekday=day.weekday or spoken.weekday,
        day=day.day or spoken.day,
    )


def calendar_day(found: dict[str, str], definitions: Definitions) -> tuple[int | None, int | None, int | None]:
    """Year, month and day of the month as far as they are said."""

    def first(*names: str) -> int | None:
        for name in names:
            if name in found:
                value = number(found[name], definitions)
                return None if value is None else int(value)
        return None

    spelt = found.get("english_month") or found.get("english_month6")
    months = definitions.of("english_months")
    month = months.index(spelt) + 1 if spelt else first("month", "month2", "month3", "month7", "month8")
    mday = first("mday", "mday2", "mday3", "mday4", "mday5", "mday6", "mday7", "mday8")
    return first("year", "year5", "year6", "year7"), month, mday


def clock_of(found: dict[str, str], half: str | None, definitions: Definitions) -> time | None:
    """The hour of one token, moved to the half of the day said before it."""
    said = next((found[name] for name in ("hour", "hour2", "hour3", "hour4", "hour5") if name in found), "")
    raw = number(said, definitions)
    if raw is None or raw != int(raw) or not 0 <= raw <= 24:
        return None
    hour = int(raw)
    minutes = number(
        found.get("minute") or found.get("minute1") or found.get("minute2") or found.get("minute3") or "0", definitions
    )
    minute = int(minutes or 0)
    if "half_hour" in found:
        minute = 30
    if "quarter" in found:
        minute = 15 * int(number(found["quarter"], definitions) or 0)
    marker = found.get("ampm2") or found.get("ampm3") or ""
    if hour < 12 and (half in ("afternoon", "evening") or marker.startswith("p") or (half == "noon" and hour < 3)):
        hour += 12
    return time(23, 59, 59) if hour == 24 else time(hour, min(minute, 59))


def relative(spoken: Spoken) -> bool:
    """Whether a time means something only together with the day on which it was written."""
    return spoken.day is None or spoken.day[1] is None


def resolved(spoken: Spoken, sent_at: datetime, purpose: Purpose) -> Window | None:
    """The window a time means for a message sent at `sent_at`; None where there is no such day."""
    local = sent_at.astimezone(ZONE)
    day = day_of(spoken, local.date())
    if day is None:
        return None
    if spoken.until_day is not None:
        last = day_of(spoken.until_day, day)
        return None if last is None or last < day else days_window(spoken, day, last)
    if spoken.clock is not None:
        return clock_window(spoken, day)
    return day_window(spoken, day, local.date(), purpose)


def day_of(spoken: Spoken, today: date) -> date | None:
    """The calendar day of a time; the day sent where none is said."""
    if spoken.offset is not None:
        return today + timedelta(days=spoken.offset)
    if spoken.day is not None:
        return nearest_day(spoken.day, today)
    if spoken.weekday is not None:
        weeks, weekday = spoken.weekday
        monday = today - timedelta(days=today.weekday())
        if weeks >= 0:
            return monday + timedelta(days=7 * weeks + weekday)
        return today + timedelta(days=(weekday - today.weekday()) % 7 or 7)
    return today


def nearest_day(said: tuple[int | None, int | None, int | None], today: date) -> date | None:
    """The day nearest ahead for a date without year or month, at most half a year back."""
    year, month, mday = said
    years = [year] if year else [today.year - 1, today.year, today.year + 1]
    months = [month] if month else [today.month, today.month % 12 + 1]
    days = [d for y in years for m in months if (d := valid_date(y, m, mday)) is not None]
    if not days:
        return None
    if month is None:
        ahead = [d for d in days if d >= today]
        return min(ahead) if ahead else None
    return min(days, key=lambda d: abs((d - today).days - 60))


def valid_date(year: int, month: int | None, mday: int | None) -> date | None:
    """A date, None for the 31st of February."""
    try:
        return date(year, month or 0, mday or 0)
    except ValueError:
        return None


def clock_window(spoken: Spoken, day: date) -> Window:
    """The window of an hour or a range of hours."""
    said = spoken.clock or time(0)
    if spoken.half is None and 1 <= said.hour < FIRST_WORKING_HOUR:
        said = said.replace(hour=said.hour + 12)
    start = datetime.combine(day, said, ZONE)
    if spoken.until is not None:
        until = (
            spoken.until
            if spoken.until > said or spoken.until.hour >= 12
            else spoken.until.replace(hour=spoken.until.hour + 12)
        )
        return Window(start, datetime.combine(day, until, ZONE))
    if spoken.edge is Edge.BEFORE:
        return Window(None, start)
    return Window(start, None if spoken.edge is Edge.AFTER else start)


def day_window(spoken: Spoken, day: date, today: date, purpose: Purpose) -> Window:
    """The window of a day or half-day."""
    first, last = HALVES.get(spoken.half or "", (time(0), DAY_END))
    start, end = datetime.combine(day, first, ZONE), datetime.combine(day, last, ZONE)
    if spoken.edge is Edge.BEFORE:
        return Window(None, end)
    if spoken.edge is Edge.AFTER:
        return Window(start, None)
    if purpose is Purpose.PICKUP and spoken.half is None and day == today:
        return Window(None, end)
    return Window(start, end)


def days_window(spoken: Spoken, day: date, last: date) -> Window:
    """The window of several days; hours said with them count for the last."""
    end = clock_window(spoken, last).end if spoken.clock is not None else None
    return Window(datetime.combine(day, time(0), ZONE), end or datetime.combine(last, DAY_END, ZONE))


def event(spoken: Spoken, sent_at: datetime) -> datetime | None:
    """The moment of something that has happened: the last such hour before the message was sent."""
    local = sent_at.astimezone(ZONE)
    day = day_of(spoken, local.date())
    if day is None or spoken.clock is None:
        return None
    moment = datetime.combine(day, spoken.clock, ZONE)
    later = moment + timedelta(hours=12)
    if (
        spoken.half is None
        and spoken.clock.hour < 12
        and moment < later <= local
        and local - later < timedelta(hours=4)
    ):
        return later if local - moment > timedelta(hours=10) else moment
    return moment
