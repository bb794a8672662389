"""What a report adds to its kind: when, who signed, why, what next, which truck, what was really there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import lru_cache

from ingestd.domain.reading import Details
from ingestd.parsing import actuals, drivers, durations, signers, times
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.items import Item, Kind
from ingestd.parsing.purposes import Purpose
from ingestd.parsing.spoken import Spoken
from ingestd.parsing.text import Text
from ingestd.parsing.wording import alternation, phrases

REASONED = {"declined", "picked_up_partly", "pickup_failed", "waiting", "delivery_failed", "problem"}
TRIED_AGAIN = {"picked_up_partly", "pickup_failed", "delivery_failed", "declined"}
COMING = {"accepted", "assigned"}  # nobody has been there yet
UNDONE = {*REASONED, *TRIED_AGAIN}
CHAINED = re.compile(r"\s?[,/&和及跟\u3001]\s?(\d{3})(?![\d.:\-])")
SHORT = re.compile(r"(?<![\d.\-+a-z])(?<!\d:)(\d{3})(?![\d.:\-])")
JOINT = re.compile(r"\s?[,/&和及跟与同\u3001\s]\s?")
NOON = 12
JUST_PAST = 7  # days
NEAR_HOURS = timedelta(hours=6)


@lru_cache(maxsize=4)
def patterns(definitions: Definitions) -> dict[str, re.Pattern[str]]:
    """The patterns made of the definitions' words."""
    of = definitions.of
    return {
        "eta": re.compile(alternation(of("eta_words"))),
        "ahead": re.compile(rf"\s?(?:{phrases(of('ahead_words'))})"),
        "next": re.compile(alternation(of("next_words"))),
        "arrives": re.compile(rf"[\s\u4e00-\u9fff]{{0,2}}(?:{alternation(of('arrival_words'))})"),
        "order": re.compile(rf"\s?(?:{alternation(of('this_order'))})"),
        "stop": re.compile(alternation(of("short_not_behind"))),
        "status": re.compile(phrases(of("status_words"))),
    }  # fmt: skip


def short_serials(folded: str, report: bool, definitions: Definitions) -> tuple[str, ...]:
    """Orders named by their last three digits only; outside a report only at the beginning or before "this order"."""
    found = patterns(definitions)
    out = dict[str, None]()
    for listed in lists(folded):
        named = [m for m in listed if not found["stop"].match(folded, m.end())]
        begins = not folded[: listed[0].start()].strip()
        if report or begins or any(found["order"].match(folded, m.end()) for m in named):
            out |= dict.fromkeys(m[1] for m in named)
    return tuple(out)


def places_of_short_serials(folded: str, definitions: Definitions) -> list[tuple[int, int]]:
    """Where the last digits of orders stand in a report."""
    stop = patterns(definitions)["stop"]
    return [m.span(1) for m in SHORT.finditer(folded) if not stop.match(folded, m.end())]


def lists(folded: str) -> Iterator[list[re.Match[str]]]:
    """The runs of three digits in a text, those that belong together in one list: 221、222 and 225."""
    listed: list[re.Match[str]] = []
    for match in SHORT.finditer(folded):
        if listed and not JOINT.fullmatch(folded, listed[-1].end(), match.start()):
            yield listed
            listed = []
        listed.append(match)
    if listed:
        yield listed


def chained_serials(folded: str, behind: Iterable[int], definitions: Definitions) -> tuple[str, ...]:
    """The last digits of further orders, in a list that a whole number begins; `behind` is where such numbers end."""
    stop, found = patterns(definitions)["stop"], dict[str, None]()
    for end in behind:
        position = end
        while (match := CHAINED.match(folded, position)) and not stop.match(folded, match.end()):
            found[match[1]] = None
            position = match.end()
    return tuple(found)


def details(
    text: Text, items: Sequence[Item], kind: str, sent_at: datetime | None, definitions: Definitions
) -> Details:
    """All that a report says beside its kind."""
    moments = told_times(text, items, sent_at, definitions, kind)
    told = drivers.told(text, items, definitions)
    if kind == "accepted" and told:
        kind = "assigned"
    elif kind == "out_for_delivery" and is_for_later(text, items, sent_at, definitions):
        kind = "waiting"
    return Details(
        report=kind,
        at=moments["at"],
        signed_by=signers.told(text, definitions) if kind == "delivered" else None,
        reason=reason(text, items, definitions) if kind in REASONED else None,
        eta=moments["eta"],
        next_try=moments["next"],
        driver=told,
        actual=None if told_apart(items) else actuals.told(text, items, definitions),
    )


def told_apart(items: Sequence[Item]) -> bool:
    """Whether several orders have figures of their own, which are none of them all."""
    counted, serial = set(), None
    for item in items:
        if item.kind is Kind.SERIAL:
            serial = item.value
        elif item.kind is Kind.COUNT and serial is not None:
            counted.add(serial)
    return len(counted) > 1


def told_times(
    text: Text, items: Sequence[Item], sent_at: datetime | None, definitions: Definitions, kind: str
) -> dict[str, datetime | None]:
    """The times of a report by what they are: the event, an expected arrival, the next try."""
    out: dict[str, datetime | None] = {"at": None, "eta": None, "next": None}
    if sent_at is None:
        return out
    again, undone = kind in TRIED_AGAIN, kind in UNDONE
    for item in items:
        if item.kind is not Kind.TIME:
            continue
        spoken = of_event(item.value, sent_at)
        name = time_role(text.folded, item._replace(value=spoken), sent_at, definitions)
        ahead = (name == "next" and not undone) or (name == "at" and kind in COMING)
        if ahead and arrives(text.folded, item, definitions):
            name = "eta"
        name = "next" if again and name == "eta" else name
        if out[name] is None:
            out[name] = times.event(spoken, sent_at) if name == "at" else planned(spoken, sent_at)
    soon_there = durations.until_arrival(text.folded, definitions)
    if soon_there is not None and out["eta"] is None:
        out["eta"] = sent_at + soon_there
    if kind == "accepted" and out["eta"] is None:
        out["eta"] = out["next"]  # what is agreed on with the consignee, or when somebody goes to fetch it
    if not undone:
        out["next"] = None  # the next step of what goes well is no new try
    return out


def is_for_later(text: Text, items: Sequence[Item], sent_at: datetime | None, definitions: Definitions) -> bool:
    """Whether what is to be done is named with a later day: it has not begun."""
    if sent_at is None:
        return False
    days = (i for i in items if i.kind is Kind.TIME and (i.value.offset or 0) > 0)
    return any(time_role(text.folded, day, sent_at, definitions) == "next" for day in days)


def arrives(folded: str, item: Item, definitions: Definitions) -> bool:
    """Whether words of arriving stand right behind a time."""
    return patterns(definitions)["arrives"].match(folded, item.end) is not None


def of_event(spoken: Spoken, sent_at: datetime) -> Spoken:
    """A bare day of the month as the last such day, where that is just past and the next one far ahead."""
    if spoken.day is None or spoken.day[0] is not None or spoken.day[1] is not None or spoken.day[2] is None:
        return spoken
    for back in range(1, JUST_PAST + 1):
        day = sent_at.astimezone(times.ZONE) - timedelta(days=back)
        if day.day == spoken.day[2]:
            return spoken._replace(day=(day.year, day.month, day.day))
    return spoken


def time_role(folded: str, item: Item, sent_at: datetime, definitions: Definitions) -> str:
    """What one time of a report is: by the words in its clause, and by whether it is past."""
    start = max(folded.rfind(sign, 0, item.start) for sign in ",;。\n") + 1
    ends = [e for e in (folded.find(sign, item.end) for sign in ",;。\n") if e >= 0]
    before, behind = folded[start : item.start], folded[item.end : min(ends, default=len(folded))]
    found = patterns(definitions)
    if found["eta"].search(before):
        return "eta"
    if lies_ahead(item.value, sent_at) or (soon(item.value, sent_at) and found["ahead"].match(behind)):
        return "next" if found["next"].search(behind + before) else "eta"
    return "at"


def lies_ahead(spoken: Spoken, sent_at: datetime) -> bool:
    """Whether a time is still to come; a day without an hour is, where it begins later."""
    if spoken.offset and spoken.offset > 0:
        return True
    moment = times.event(spoken, sent_at)
    if moment is not None:
        return moment > sent_at
    window = times.resolved(spoken, sent_at, Purpose.NONE)
    return window is not None and window.start is not None and window.start > sent_at


def soon(spoken: Spoken, sent_at: datetime) -> bool:
    """Whether an hour that names no half of the day can be one of the next hours: half past two, said at one."""
    moment = times.event(spoken, sent_at)
    if moment is None or spoken.half is not None or (spoken.offset or 0) or moment.hour >= NOON:
        return False
    return sent_at < moment + timedelta(hours=NOON) <= sent_at + NEAR_HOURS


def planned(spoken: Spoken, sent_at: datetime) -> datetime | None:
    """The hour or the end of the day that a plan names; a date is told with the hours of a timetable."""
    if spoken.day is not None and spoken.day[1] is not None and spoken.clock and spoken.half is None:
        spoken = spoken._replace(half="morning")
    window = times.resolved(spoken, sent_at, Purpose.NONE)
    return None if window is None else window.end or window.start


def reason(text: Text, items: Sequence[Item], definitions: Definitions) -> str | None:
    """The sender's words for why, without the serial, the time and the bare statement."""
    spans = [(i.start, i.end) for i in items if i.kind in (Kind.SERIAL, Kind.TIME)]
    shown = list(text.shown)
    for start, end in spans:
        shown[start:end] = " " * (end - start)
    clauses = [c.strip() for c in re.split(r"[,，。;；\n]| {2,}", "".join(shown)) if c.strip()]
    kept = [c for c in clauses if not patterns(definitions)["status"].fullmatch(c)]
    return ",".join(kept) or None
