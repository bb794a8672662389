"""Rules that set a message aside before its content counts; the first that has something to say decides. Pure."""

from __future__ import annotations

from dataclasses import replace

from ingestd.checks.deciding import Deciding, ignored, in_review, own
from ingestd.checks.senders import Who, believed
from ingestd.domain.decision import AlarmDraft, Case, Decision, EarlierMail, EventDraft, Wanted
from ingestd.domain.message import MessageState
from ingestd.domain.order import UNSETTLED, OrderState
from ingestd.domain.reading import Channel, Intent
from ingestd.domain.sending import Purpose

AWAITING_AN_ANSWER = (OrderState.ASKED, OrderState.REVIEW)
MOST_HOPS = 50  # Postfix's own bound for a loop
QUARANTINE = "quarantine"  # the kind of alarm


def own_mail(case: Case, who: Who, deciding: Deciding) -> Decision | None:
    """Our own mail coming back, by its Message-ID, our mark or our address: one of them outlives what relays rewrite.

    Another house's ingestd marks its mail, too, and may well order of us (faults B37).
    """
    mark, sender = case.reading.envelope.own_mark, case.reading.sender
    marked = mark == deciding.keys.mark() or sender == deciding.house.settings.site.address
    ours = (marked or case.own_key is not None) and case.reading.envelope.bounce is None
    return ignored("our own mail came back", case) if ours else None


def loop(case: Case, who: Who, deciding: Deciding) -> Decision | None:
    """A mail that has gone round too often is put aside, and a person looks for the loop (faults B39)."""
    if case.reading.envelope.hops <= MOST_HOPS:
        return None
    reason = f"more than {MOST_HOPS} hops"
    alarm = AlarmDraft(f"message {case.facts.message_id}", QUARANTINE, reason)
    return Decision(MessageState.QUARANTINED, reason, case.reading.sent_at, alarms=(alarm,))


def bounce(case: Case, who: Who, deciding: Deciding) -> Decision | None:
    """A returned mail: it moves something only where it names one of our unguessable ids (faults B32, B33)."""
    returned = case.reading.envelope.bounce
    if returned is None:
        return None
    if case.bounced_key is None:
        return ignored("a bounce of no mail of ours", case)
    if returned.action != "failed":
        return ignored(f"a delivery status: {returned.action}", case)
    return Decision(MessageState.APPLIED, "a bounce", case.reading.sent_at, bounced_key=case.bounced_key)


def automatic(case: Case, who: Who, deciding: Deciding) -> Decision | None:
    """A machine's mail is never answered; an order by a known customer's system is taken all the same (faults B34).

    What it answers is noted on the order: that somebody is away, or has opened our letter (faults B31).
    """
    reading, machine = case.reading, case.reading.envelope.machine
    by_words = reading.intent is Intent.AUTOMATIC and not reading.review
    if not by_words and not (machine and not (reading.intent is Intent.ORDER and who.customer)):
        return None
    noted = tuple(EventDraft("automatic", who.name, order.serial) for order in own(case.thread, who))
    return replace(ignored(f"automatic: {machine or 'by its words'}", case), events=noted)


def nothing_wanted(case: Case, who: Who, deciding: Deciding) -> Decision | None:
    """Newsletters, thanks, advertisements; but not what may answer a letter about an order not yet confirmed."""
    reading = case.reading
    idle = reading.intent is Intent.OTHER and not (reading.problems or reading.review or reading.orders)
    awaited = any(order.state in AWAITING_AN_ANSWER for order in case.thread)
    if reading.bare:  # which may be of any order that is not confirmed yet
        awaited = any(order.state in UNSETTLED for order in (*case.thread, *case.open))
    return ignored("asks for nothing", case) if idle and not (awaited or case.asked_which) else None


def stranger(case: Case, who: Who, deciding: Deciding) -> Decision | None:
    """A sender we don't know, or can't believe: review, without a reply (domain.md §3); the very same again is joined.

    Of a mail too big to be taken apart not even the sender is read; that is the trouble with it, then.
    """
    if who.doubt is None or (is_unreadable(case) and not case.reading.sender):
        return None
    others = (first for first in case.earlier if first.sender == case.reading.sender and not believed(first.reason))
    first = next((first for first in others if is_same(case, first, deciding)), None)
    return duplicate(case, first, who, deciding) if first else in_review(who.doubt, case, deciding)


def others_order(case: Case, who: Who, deciding: Deciding) -> Decision | None:
    """A customer who points at somebody else's order, by its token, a letter about it or its serial, moves nothing.

    Not his own orders either, which he did not mean. Staff point at orders of all customers; an inquiry moves nothing,
    and is told nothing of it either (faults B62).
    """
    if who.customer is None or (case.reading.intent is Intent.INQUIRY and case.reading.bare is None):
        return None
    others = [o for o in (*case.thread, *case.named) if o.customer != who.customer.name]
    return in_review("other_customers_order", case, deciding) if others else None


def same_mail(case: Case, who: Who, deciding: Deciding) -> Decision | None:
    """The same mail again is joined to the first and its sender told; another content under its Message-ID is not.

    A first one that nobody believed suppresses nothing: anybody can be quick with somebody's Message-ID (faults B44).
    """
    mail_id = case.reading.envelope.message_id
    firsts = [e for e in case.earlier if e.sender == case.reading.sender and believed(e.reason)]
    for first in firsts:
        if is_same(case, first, deciding):
            return duplicate(case, first, who, deciding)
    if mail_id and any(first.mail_id == mail_id for first in firsts):
        return in_review("same_id_other_content", case, deciding)
    return None


def is_same(case: Case, first: EarlierMail, deciding: Deciding) -> bool:
    """Whether a mail is another copy of an earlier one; without a Message-ID it is for as long as copies take."""
    soon = case.facts.arrived_at - first.arrived_at <= deciding.house.settings.orders.same_mail_within
    return first.core_hash == case.facts.core_hash and bool(case.reading.envelope.message_id or soon)


def duplicate(case: Case, first: EarlierMail, who: Who, deciding: Deciding) -> Decision:
    """Joined to the first; a sender who is no machine is told, once."""
    reading = case.reading
    told: tuple[Wanted, ...] = ()
    if first.serials and reading.sender and not reading.envelope.machine:
        notice = Wanted(
            Purpose.DUPLICATE_NOTICE,
            Channel.EMAIL,
            reading.sender,
            language=who.customer.language if who.customer else deciding.house.settings.site.language,
            cause=f"message:{first.message_id}",
            deadline=deciding.now + 2 * deciding.house.promise,
            answers=True,
            serials=first.serials,
            since=first.arrived_at,
        )
        told = (notice,)
    return Decision(
        MessageState.DUPLICATE,
        f"the same mail as message {first.message_id}",
        reading.sent_at,
        events=tuple(EventDraft("duplicate", who.name, serial) for serial in first.serials),
        wanted=told,
        duplicate_of=first.message_id,
    )


def unreadable(case: Case, who: Who, deciding: Deciding) -> Decision | None:
    """A message whose content could not be read."""
    return in_review("unreadable", case, deciding) if is_unreadable(case) else None


def is_unreadable(case: Case) -> bool:
    """Whether nothing of a message's content could be read."""
    return any(p.order is None and p.field == "message" for p in case.reading.problems)


RULES = (own_mail, loop, bounce, automatic, nothing_wanted, stranger, same_mail, others_order, unreadable)
