"""Reviews past their time: the desk and the operations manager are reminded of them (domain.md §3). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from ingestd.checks.house import House
from ingestd.config.tables import Staff
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
    others = tuple(one for one in overdue if not (manager and is_call_to(manager, one)))
    if manager and others:
        channel, recipient = house.reach(manager)
        letters[recipient] = replace(
            letter, channel=channel, recipient=recipient, language=manager.language, name=manager.name, overdue=others
        )
    return list(letters.values())


def is_call_to(who: Staff, one: OverdueReview) -> bool:
    """Whether it is himself whom the desk is to phone."""
    return one.call_id is not None and bool(who.phone) and one.sender.endswith(str(who.phone))
