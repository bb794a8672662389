"""Who is told of an alarm, and in which words. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from ingestd.checks.house import House
from ingestd.domain.alarm import Alarm
from ingestd.domain.decision import Wanted
from ingestd.domain.reading import Channel
from ingestd.domain.sending import Purpose

SINGLE = ("message", "sending")  # parts that are one of many, named with its number
NAMED = 5  # in one letter; the terminal lists all
WORDS = {
    "channel email": "relay",
    "channel sms": "gateway",
    "work orders": "promise",
    "messages": "unread",
    "audit mailbox": "audit",
    "audit copy": "audit",
}  # tables of templates/labels.*.toml


def alike(alarms: Sequence[Alarm]) -> list[list[Alarm]]:
    """Alarms that one letter tells: of one trouble with many messages or sendings, else each for itself."""
    groups: defaultdict[tuple[str, ...], list[Alarm]] = defaultdict(list)
    for alarm in alarms:
        thing = alarm.part.split()[0]
        groups[(thing, alarm.kind, alarm.detail) if thing in SINGLE else (alarm.part, alarm.kind)].append(alarm)
    return list(groups.values())


def joined(alarms: Sequence[Alarm]) -> Alarm:
    """Alarms that are alike as one, which names the first of them and says how many they are."""
    first, *others = alarms
    numbers = [alarm.part.split()[1] for alarm in others]
    rest = f", ... ({len(alarms)})" if len(alarms) > NAMED else ""
    return replace(first, part=", ".join([first.part, *numbers[: NAMED - 1]]) + rest)


def alarm_letters(alarm: Alarm, house: House, now: datetime) -> list[Wanted]:
    """One message for each destination; those of the channel that failed are left out as long as another is there."""
    destinations = [d for d in house.settings.alarms.destinations if Channel(d.channel) is Channel.EMAIL or house.texts]
    others = [d for d in destinations if alarm.part != f"channel {d.channel}"]
    told = (alarm_words(alarm), f"{alarm.part}: {alarm.detail}")
    return [
        Wanted(
            Purpose.ALARM,
            Channel(d.channel),
            d.recipient,
            house.settings.site.language,
            alarm.cause,
            now + house.promise,
            notes=told,
            since=alarm.opened_at,
        )
        for d in others or destinations
    ]


def alarm_words(alarm: Alarm) -> str:
    """The table of words that fits an alarm; its own kind where there is no better one."""
    if alarm.part in WORDS:
        return WORDS[alarm.part]
    return "mailbox" if alarm.part.startswith("imap") or alarm.kind == "login" else alarm.kind
