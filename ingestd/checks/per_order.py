"""Letters of follow-ups about one order alone: to its consignee, its shipper, or one of us. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from ingestd.checks.dispatch import view_of
from ingestd.checks.house import House
from ingestd.config.follow_up import DEADLINES, FollowUp
from ingestd.config.tables import Staff
from ingestd.domain.decision import CallDraft, KnownOrder, Language, Wanted
from ingestd.domain.order import Happening
from ingestd.domain.reading import Channel
from ingestd.domain.sending import Purpose

NO_TEXTS = re.compile(r"\+86(?!1[3-9]\d{9}$)")  # a fixed line in China; what foreign numbers are nobody can tell


@dataclass(frozen=True, slots=True)
class Told:
    """A follow-up that is due, about which order and for whom."""

    row: FollowUp
    who: Staff | None  # of us
    order: KnownOrder
    follow_up_id: int

    @property
    def cause(self) -> str:
        """What asks for its letter: what is told once goes to nobody twice, however often its follow-up begins."""
        repeated = self.row.every is not None or self.row.then
        return f"follow_up:{self.follow_up_id}" if repeated else f"duty:{self.order.serial}/{self.row.name}"


def told(told_of: Told, house: House, now: datetime) -> Wanted | CallDraft | None:
    """The letter, with `not_before` where quiet hours hold it back; a call where no letter reaches the consignee."""
    kind = told_of.row.letter.partition(":")[0]
    if kind == "announcement":
        return announcement(told_of, house, now)
    if kind == "progress":
        return progress(told_of, house, now)
    return notice(told_of, house, now) if kind == "notice" else None


def announcement(told_of: Told, house: House, now: datetime) -> Wanted | CallDraft | None:
    """The consignee is told that his goods are coming, by text message; by a call where he has a fixed line only."""
    consignee = told_of.order.content.consignee
    mobile = next((p for p in consignee.phones if not NO_TEXTS.match(p) and ";" not in p), None)
    if mobile and house.texts:
        return letter(told_of, Purpose.ANNOUNCEMENT, (Channel.SMS, mobile), house, now)
    if not consignee.phones:
        return None
    name = consignee.name or consignee.company or ""
    return CallDraft(told_of.order.serial, name, consignee.phones[0], told_of.row.reason)


def progress(told_of: Told, house: House, now: datetime) -> Wanted | None:
    """The shipper is told what he wants to be told of."""
    order = told_of.order
    customer = next((c for c in house.tables.customer if c.name == order.customer), None)
    if customer is None or told_of.row.word not in customer.told:
        return None
    if not house.answers(order.contact_channel, order.contact):
        return None
    return letter(told_of, Purpose.PROGRESS, (order.contact_channel, order.contact), house, now)


def notice(told_of: Told, house: House, now: datetime) -> Wanted | None:
    """One of us is told what to do about an order."""
    if told_of.who is None:
        return None
    return letter(told_of, Purpose.NOTICE, house.reach(told_of.who), house, now)


def letter(told_of: Told, purpose: Purpose, to: tuple[Channel, str], house: House, now: datetime) -> Wanted:
    """A letter about one order by a channel to somebody there."""
    row, order, who = told_of.row, told_of.order, told_of.who
    begun = next((start for start in row.after if start in (*Happening, *DEADLINES)), "")
    free_at = house.quiet_until(now) if who is None and to[0] is Channel.SMS else now
    return Wanted(
        purpose,
        *to,
        language=language_of(told_of, purpose, house),
        cause=told_of.cause,
        deadline=max(now, free_at) + house.promise,
        order=view_of(order, house),
        token=order.token,
        name=who.name if who else "",
        happening=row.word or begun,
        not_before=free_at if free_at > now else None,
    )


def language_of(told_of: Told, purpose: Purpose, house: House) -> Language:
    """The language of one of us, of the shipper, or of the site for people whom we do not know."""
    if told_of.who:
        return told_of.who.language
    return told_of.order.language if purpose is Purpose.PROGRESS else house.settings.site.language
