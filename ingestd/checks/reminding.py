"""Reviews past their time: the desk and the operations manager are reminded of them (domain.md §3). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from ingestd.checks.house import House
from ingestd.domain.decision import OverdueReview, Wanted
from ingestd.domain.reading import Channel
from ingestd.domain.sending import Purpose


def reminders(overdue: Sequence[OverdueReview], house: House, now: datetime) -> list[Wanted]:
    """One message to each of the desk and to the operations manager, listing all that is overdue."""
    site, manager = house.settings.site, house.numbers.get(house.tables.operations_manager or "")
    first = overdue[0]
    letter = Wanted(
        Purpose.ESCALATION,
        Channel.EMAIL,
        recipient="",
        language=site.language,
        cause=f"review:{first.review_id}" if first.review_id else f"call:{first.call_id}",
        deadline=now + house.promise,
        overdue=tuple(overdue),
    )
    letters = {address: letter.to(address) for address in house.settings.desk.notify}
    if manager:
        channel, recipient = house.reach(manager)
        letters[recipient] = replace(
            letter, channel=channel, recipient=recipient, language=manager.language, name=manager.name
        )
    return list(letters.values())
